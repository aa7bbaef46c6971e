"""Settings of the server: the command line over the environment over a file over what is built in."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dispatch.ground.errors import Fault, InputFaults, nearest

PREFIX = "GRIDCREW_"
FILE = f"{PREFIX}SETTINGS"
# In the environment alone: secrets, which a command line or a file would show to others, and what is
# read elsewhere in the program.
ELSEWHERE = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "SECRET_KEY",
        "OIDC_SECRET",
        "REPLY_SECRET",
        "METERS_TOKEN",
        "SMTP_PASSWORD",
        "WEBHOOK_SECRET",
        "FONT",
        "DEBUG",
        "SHARED",
        "SCREENSHOTS",
        "PANDAPOWER",
        "AEQUILIBRAE",
        "SETTINGS",
    )
)
TRUE, FALSE = frozenset({"yes", "true", "1", "on"}), frozenset({"no", "false", "0", "off"})
UNSETTABLE = frozenset({"help", "settings"})


class Settings:
    """The options of a command, from wherever they are set.

    Parameters
    ----------
    parser : with every option declared. From here on it leaves out what was not given, so that an
        option that is given with its built-in value still counts as given.
    """

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._actions = {each.dest: each for each in parser._actions if each.dest not in UNSETTABLE}
        self._built_in = {name: each.default for name, each in self._actions.items()}
        for each in self._actions.values():
            each.default = argparse.SUPPRESS

    @property
    def names(self) -> tuple[str, ...]:
        """Every setting, as a file names it."""
        return tuple(self._actions)

    def filled(self, given: argparse.Namespace, environment: Mapping[str, str]) -> argparse.Namespace:
        """Every option with its value.

        Raises
        ------
        InputFaults
            With every unknown name and every value that is none, of file and environment.
        """
        faults: list[Fault] = []
        path = getattr(given, "settings", None) or environment.get(FILE)
        of_file = dict(self._of_file(Path(path), faults)) if path else {}
        of_environment = dict(self._of_environment(environment, faults))
        if faults:
            raise InputFaults(faults)
        # Of a positional argument that was left out, the mark itself comes through as a value of its type.
        told = {name: value for name, value in vars(given).items() if str(value) != argparse.SUPPRESS}
        return argparse.Namespace(**self._built_in | of_file | of_environment | told)

    def _of_file(self, path: Path, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            faults.append(Fault(file=str(path), place="", text=f"cannot be read: {error.strerror or error}"))
            return
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(Fault(file=str(path), place="", text=f"is not TOML: {error}"))
            return
        for key, value in told.items():
            name = key.replace("-", "_")
            if name not in self._actions:
                hint = nearest(name, self._actions)
                faults.append(Fault(file=str(path), place=key, text=f"unknown setting{hint}"))
            else:
                yield from self._read(name, value, str(path), key, faults)

    def _of_environment(
        self, environment: Mapping[str, str], faults: list[Fault]
    ) -> Iterator[tuple[str, Any]]:
        known = {f"{PREFIX}{name.upper()}": name for name in self._actions}
        for key, text in environment.items():
            if not key.startswith(PREFIX) or key in ELSEWHERE:
                continue
            if key not in known:
                hint = nearest(key, [*known, *ELSEWHERE])
                faults.append(Fault(file="environment", place=key, text=f"unknown setting{hint}"))
            else:
                yield from self._read(known[key], text, "environment", key, faults)

    def _read(
        self, name: str, value: Any, file: str, key: str, faults: list[Fault]
    ) -> Iterator[tuple[str, Any]]:
        try:
            yield name, _value(self._actions[name], value)
        except (argparse.ArgumentTypeError, ValueError, TypeError) as error:
            faults.append(Fault(file=file, place=key, text=f"is {str(value)[:60]!r}: {error}"))


def _value(action: argparse.Action, value: Any) -> Any:
    """What an option makes of a value of a file or of the environment."""
    if action.nargs == 0:
        return _switched(value)
    if isinstance(action, argparse._AppendAction):
        parts = value if isinstance(value, list) else str(value).split(",")
        return [_typed(action, str(part).strip()) for part in parts if str(part).strip()]
    if isinstance(value, (bool, list, dict)):
        raise ValueError("one text or number is expected")
    return _typed(action, str(value))


def _switched(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError("yes or no is expected")
    return word in TRUE


def _typed(action: argparse.Action, text: str) -> Any:
    found: Any = action.type(text) if callable(action.type) else text
    if action.choices is not None and found not in action.choices:
        raise ValueError(f"one of {', '.join(map(str, action.choices))} is expected")
    return found
