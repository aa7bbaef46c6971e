"""What is wrong with a policy, with its place, said all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

MOST_SHOWN = 50


class RulesError(Exception):
    """Base of every error that `rules` raises on purpose.

    Parameters
    ----------
    text : what is wrong, in English.
    zh : the same in Chinese.
    """

    def __init__(self, text: str, zh: str) -> None:
        self.text, self.zh = text, zh
        super().__init__(text, zh)

    def said(self, language: str) -> str:
        """What is wrong, in a language."""
        return self.zh if language.startswith("zh") else self.text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFault:
    """One thing wrong with a policy.

    Parameters
    ----------
    file : name of the file, as the user gave it.
    place : ``line:column`` in YAML, ``sheet!cell`` in Excel; empty for the whole file.
    text : what is wrong, with the value and what was expected.
    zh : the same in Chinese.
    level : an error stops a policy from being used; a warning asks to be read.
    """

    file: str
    place: str
    text: str
    zh: str
    level: Literal["error", "warning"] = "error"

    def said(self, language: str) -> str:
        """What is wrong, in a language."""
        return self.zh if language.startswith("zh") else self.text

    def line(self, language: str = "en") -> str:
        """Place, level and what is wrong, in one line."""
        where = f"{self.file} {self.place}" if self.place else self.file
        warning = "警告：" if language.startswith("zh") else "warning: "
        kind = "" if self.level == "error" else warning
        return f"{where}: {kind}{self.said(language)}"

    def __str__(self) -> str:
        return self.line()


class PolicyError(RulesError):
    """All faults of a policy; the message lists the first fifty and the count."""

    def __init__(self, faults: Sequence[PolicyFault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        more = count - MOST_SHOWN
        lines = [fault.line() for fault in self.faults[:MOST_SHOWN]]
        lines_zh = [fault.line("zh") for fault in self.faults[:MOST_SHOWN]]
        if more > 0:
            lines.append(f"... and {more} more")
            lines_zh.append(f"……另有{more}项")
        lines.append(f"{count} fault{'s' if count != 1 else ''}")
        lines_zh.append(f"共{count}项问题")
        super().__init__("\n".join(lines), "\n".join(lines_zh))

    def __reduce__(self) -> tuple[type[PolicyError], tuple[tuple[PolicyFault, ...]]]:
        return PolicyError, (self.faults,)


def by_place(fault: PolicyFault) -> tuple[int, int, str]:
    """A fault's place for sorting: in the order of a YAML file; places in Excel by name."""
    line, _, column = fault.place.partition(":")
    return (int(line), int(column), "") if line.isdigit() and column.isdigit() else (0, 0, fault.place)


class FactError(RulesError):
    """A fact that was handed to a decision has a value that its type does not allow."""


class CellError(RulesError):
    """A cell of a table that cannot be read; the loader adds file and place."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name nearest to `name`, or ``""``.

    A name behind a dot is tried alone too: ``outage.custmers`` is near ``customers``.
    """
    found = _nearest(name, tuple(sorted(known)))
    return f"; did you mean '{found}'?" if found else ""


def nearest_zh(name: str, known: Iterable[str]) -> str:
    """Return what `nearest` returns, in Chinese."""
    found = _nearest(name, tuple(sorted(known)))
    return f"；是否应为“{found}”？" if found else ""


@lru_cache(maxsize=1000)
def _nearest(name: str, names: tuple[str, ...]) -> str:
    for tried in (name, name.rsplit(".", 1)[-1]):
        found = difflib.get_close_matches(tried, names, n=1, cutoff=0.6)
        if found:
            return found[0]
    return ""
