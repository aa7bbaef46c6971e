"""Who writes: the utility's name and number under each text, and the hours in which nobody is woken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..ground.errors import Fault, InputFaults, nearest

FILE = "house.yaml"
NAMES = ("utility", "number", "quiet_from", "quiet_to")
MOST_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The utility as its customers read it.

    Parameters
    ----------
    utility, number : stand in every text to a customer, where they are given.
    quiet_from, quiet_to : by the clock of the case; what is no danger waits until the end.
    """

    utility: str | None = None
    number: str | None = None
    quiet_from: time = time(22, 0)
    quiet_to: time = time(7, 0)

    def signed(self, text: str, language: str) -> str:
        """A text with who writes it, as each language has it."""
        if self.utility is None:
            return text
        if language == "zh":
            return f"【{self.utility}】{text}" + (f"客服电话{self.number}。" if self.number else "")
        return f"{text} {self.utility}{', ' + self.number if self.number else ''}."

    def awake(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The moment itself, or the end of the night that it lies in."""
        local = moment.astimezone(zone)
        at, begins, ends = local.time(), self.quiet_from, self.quiet_to
        if begins == ends:
            return moment
        asleep = begins <= at < ends if begins < ends else at >= begins or at < ends
        if not asleep:
            return moment
        morning = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
        return morning if morning > local else morning + timedelta(days=1)


def load_house(folder: Path | None) -> House:
    """Read `house.yaml` of a folder of messages; nobody's name without the file.

    Raises
    ------
    InputFaults
        A name is unknown, a text too long, or a time is none.
    """
    path = None if folder is None else folder / FILE
    if path is None or not path.is_file():
        return House()
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise InputFaults([Fault(file=FILE, place="", text=f"is not YAML: {error}")]) from error
    given: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    faults = [
        _fault(str(name), f"is unknown{nearest(str(name), NAMES)}") for name in given if name not in NAMES
    ]
    read = {name: _text(name, given[name], faults) for name in ("utility", "number") if name in given}
    times = {name: _time(name, given[name], faults) for name in ("quiet_from", "quiet_to") if name in given}
    if faults:
        raise InputFaults(faults)
    usual = House()
    return House(
        utility=read.get("utility"),
        number=read.get("number"),
        quiet_from=times.get("quiet_from") or usual.quiet_from,
        quiet_to=times.get("quiet_to") or usual.quiet_to,
    )


def _text(name: str, value: Any, faults: list[Fault]) -> str:
    text = str(value).strip()
    if not text or len(text) > MOST_LENGTH or not text.isprintable():
        faults.append(_fault(name, f"is empty or longer than {MOST_LENGTH}"))
    return text


def _time(name: str, value: Any, faults: list[Fault]) -> time | None:
    text = f"{value // 60:02d}:{value % 60:02d}" if isinstance(value, int) else str(value)
    try:
        return time.fromisoformat(text)
    except ValueError:
        faults.append(_fault(name, f"is '{text[:20]}'; must be a time like 22:00"))
        return None


def _fault(place: str, text: str) -> Fault:
    return Fault(file=FILE, place=place, text=text)
