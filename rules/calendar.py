"""Working days and hours: weekends, public holidays, and weekends worked instead of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from .errors import PolicyError, PolicyFault, RulesError, nearest
from .nodes import Node
from .yamlfile import read_text, read_yaml

CALENDARS = Path(__file__).parent / "calendars"
MOST_DAYS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days and hours count as working.

    Parameters
    ----------
    holidays : days off that are not weekends (or are, it makes no difference).
    make_up : weekend days on which people work (China's make-up working days).
    hours : stretches of a working day, in order, local time.
    years : years whose holidays are known; in others only weekends are off.
    marks : verified or unverified, per year.
    """

    name: str
    holidays: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    hours: tuple[tuple[time, time], ...] = ((time(9), time(17)),)
    years: frozenset[int] = frozenset()
    marks: tuple[tuple[int, str], ...] = ()
    source: str = field(default="", compare=False)

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day."""
        if day in self.make_up:
            return True
        return day not in self.holidays and day.weekday() not in self.weekend

    def covers(self, day: date) -> bool:
        """Whether the holidays of that day's year are in the data."""
        return not self.years or day.year in self.years

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The end of the `days`-th working day after `start`'s own day.

        The day on which something is reported does not count; the promise runs
        to the end of working hours of the last day. Zero days: the end of that
        day itself, or of the next working day.

        Parameters
        ----------
        start : aware, in the utility's local time zone.
        """
        day = start.date()
        left = days
        for _ in range(MOST_DAYS):
            if left <= 0 and self.is_working_day(day):
                return datetime.combine(day, self.hours[-1][1], start.tzinfo)
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        raise RulesError(f"calendar '{self.name}' has no {days} working days after {start.date()}")

    def add_working_minutes(self, start: datetime, minutes: float) -> datetime:
        """The moment at which `minutes` of working hours have passed since `start`.

        Parameters
        ----------
        start : aware, in the utility's local time zone.
        """
        left = timedelta(minutes=minutes)
        day = start.date()
        for _ in range(MOST_DAYS):
            if self.is_working_day(day):
                for opens, closes in self.hours:
                    begin = max(start, datetime.combine(day, opens, start.tzinfo))
                    end = datetime.combine(day, closes, start.tzinfo)
                    if begin < end and left <= end - begin:
                        return begin + left
                    left -= max(end - begin, timedelta(0))
            day += timedelta(days=1)
        raise RulesError(f"calendar '{self.name}' has no {minutes:g} working minutes after {start.date()}")


@lru_cache(maxsize=32)
def load_calendar(name: str) -> Calendar:
    """Load a calendar: a built-in name (``cn``, ``gb``, ``us``, ``plain``) or a YAML file.

    Raises
    ------
    RulesError : no such calendar.
    PolicyError : the file has faults.
    """
    path = CALENDARS / f"{name}.yaml" if name.isidentifier() else Path(name)
    if not path.is_file():
        known = sorted(file.stem for file in CALENDARS.glob("*.yaml"))
        raise RulesError(f"unknown calendar '{name}'{nearest(name, known)}")
    return calendar_from_node(read_yaml(read_text(path), path.name), path.name)


def calendar_from_node(root: Node, file: str) -> Calendar:
    """Make a calendar of a file's nodes.

    Raises
    ------
    PolicyError : every fault, with its place.
    """
    faults: list[PolicyFault] = []
    off: set[date] = set()
    worked: set[date] = set()
    marks: list[tuple[int, str]] = []
    years = root.get("years")
    for name, year in (years.value if years and years.is_map else {}).items():
        marks.append((int(name) if name.isdigit() else 0, str((year.get("mark") or year).value)))
        off |= _days(year.get("holidays"), name, file, faults)
        worked |= _days(year.get("make_up"), name, file, faults)
    hours = _hours(root.get("hours"), file, faults)
    if faults:
        raise PolicyError(faults)
    return Calendar(
        name=str((root.get("calendar") or root).value),
        holidays=frozenset(off),
        make_up=frozenset(worked),
        hours=hours,
        years=frozenset(year for year, _ in marks),
        marks=tuple(marks),
    )


def _days(node: Node | None, year: str, file: str, faults: list[PolicyFault]) -> set[date]:
    """Days written ``01-28..02-04: Spring Festival`` or ``06-19``."""
    found: set[date] = set()
    for name in node.value if node and node.is_map else {}:
        first, _, last = name.partition("..")
        try:
            day = date.fromisoformat(f"{year}-{first.strip()}")
            end = date.fromisoformat(f"{year}-{(last or first).strip()}")
        except ValueError:
            place = node.keys[name] if node else ""
            faults.append(
                PolicyFault(file=file, place=place, text=f"'{name}' is no day; write 01-28 or 01-28..02-04")
            )
            continue
        while day <= end:
            found.add(day)
            day += timedelta(days=1)
    return found


def _hours(node: Node | None, file: str, faults: list[PolicyFault]) -> tuple[tuple[time, time], ...]:
    """Hours written as a list of ``09:00-17:00``."""
    if node is None:
        return ((time(9), time(17)),)
    found: list[tuple[time, time]] = []
    for item in node.value if node.is_list else [node]:
        try:
            opens, closes = (time.fromisoformat(part.strip()) for part in str(item.value).split("-"))
            if closes <= opens or (found and opens < found[-1][1]):
                raise ValueError
            found.append((opens, closes))
        except ValueError:
            text = f"'{item.value}' are no working hours; write 09:00-17:00, in order"
            faults.append(PolicyFault(file=file, place=item.place, text=text))
    return tuple(found) or ((time(9), time(17)),)
