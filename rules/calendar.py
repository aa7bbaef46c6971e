"""Working days and hours: weekends, public holidays, and weekends worked instead of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from .errors import PolicyError, PolicyFault, RulesError, nearest, nearest_zh
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
    """

    name: str
    holidays: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    hours: tuple[tuple[time, time], ...] = ((time(9), time(17)),)
    years: frozenset[int] = frozenset()

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
        raise RulesError(
            f"calendar '{self.name}' has no {days} working days after {start.date()}",
            f"日历“{self.name}”在{start.date()}之后不足{days}个工作日",
        )

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
        raise RulesError(
            f"calendar '{self.name}' has no {minutes:g} working minutes after {start.date()}",
            f"日历“{self.name}”在{start.date()}之后的工作时间不足{minutes:g}分钟",
        )

    def without_year(self, day: date) -> str | None:
        """What to say when the public holidays of that day's year are not known; None when they are."""
        if self.covers(day):
            return None
        return (
            f"calendar '{self.name}' has no public holidays of {day.year}: working days in it leave out "
            f"weekends only; once they are announced write into the policy: calendar: {{from: {self.name}, "
            f"years: {{{day.year}: {{mark: verified, source: ..., holidays: {{...}}}}}}}}"
        )


@lru_cache(maxsize=32)
def load_calendar(name: str, folder: Path | None = None) -> Calendar:
    """Load a calendar: a built-in name (``cn``, ``gb``, ``us``, ``plain``) or a YAML file.

    Parameters
    ----------
    folder : where files of calendars lie; None allows built-in names alone.

    Returns
    -------
    Calendar
        Holidays and working weekends.

    Raises
    ------
    RulesError : no such calendar.
    PolicyError : the file has faults.
    """
    path = calendar_file(name, folder)
    if path is None:
        known = sorted(file.stem for file in CALENDARS.glob("*.yaml"))
        raise RulesError(
            f"unknown calendar '{name}'{nearest(name, known)}", f"未知的日历“{name}”{nearest_zh(name, known)}"
        )
    return calendar_from_node(read_yaml(read_text(path), path.name), path.name)


def calendar_file(name: str, folder: Path | None) -> Path | None:
    """The file of a calendar, or None when there is none of that name."""
    own = CALENDARS / f"{name}.yaml"
    if name.isidentifier() and own.is_file():
        return own
    # A name alone: a policy may not look into other folders.
    path = folder / name if folder is not None and Path(name).name == name else None
    return path if path is not None and path.is_file() else None


def calendar_from_node(root: Node, file: str) -> Calendar:
    """Make a calendar of a file's nodes.

    `from` names a built-in calendar whose years and hours hold where this one says nothing.

    Parameters
    ----------
    root : the parsed file.
    file : its name, for messages.

    Returns
    -------
    Calendar
        Holidays and working weekends.

    Raises
    ------
    PolicyError : every fault, with its place.
    """
    faults: list[PolicyFault] = []
    if not root.is_map:
        text, zh = "a calendar is a mapping", "日历须由键值对组成"
        raise PolicyError([PolicyFault(file=file, place=root.place, text=text, zh=zh)])
    base = _base(root.get("from"), file, faults)
    years = root.get("years")
    own: dict[str, Node] = years.value if years and years.is_map else {}
    numbers = {int(name) for name in own if name.isdigit()}
    off = {day for day in base.holidays if day.year not in numbers}
    worked = {day for day in base.make_up if day.year not in numbers}
    for name, year in own.items():
        off |= _days(year.get("holidays"), name, file, faults)
        worked |= _days(year.get("make_up"), name, file, faults)
    hours = _hours(root.get("hours"), base.hours, file, faults)
    if faults:
        raise PolicyError(faults)
    name_node = root.get("calendar")
    return Calendar(
        name=str(name_node.value) if name_node is not None else base.name,
        holidays=frozenset(off),
        make_up=frozenset(worked),
        hours=hours,
        years=base.years | numbers,
    )


def _base(node: Node | None, file: str, faults: list[PolicyFault]) -> Calendar:
    """The built-in calendar that another begins from; an empty one without it."""
    if node is None:
        return Calendar(name="calendar")
    try:
        return load_calendar(str(node.value))
    except RulesError as error:
        faults.append(PolicyFault(file=file, place=node.place, text=error.text, zh=error.zh))
        return Calendar(name="calendar")


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
            text = f"'{name}' is no day; write 01-28 or 01-28..02-04"
            zh = f"“{name}”不是日期，请写成01-28或01-28..02-04"
            faults.append(PolicyFault(file=file, place=place, text=text, zh=zh))
            continue
        while day <= end:
            found.add(day)
            day += timedelta(days=1)
    return found


def _hours(
    node: Node | None, base: tuple[tuple[time, time], ...], file: str, faults: list[PolicyFault]
) -> tuple[tuple[time, time], ...]:
    """Hours written as a list of ``09:00-17:00``."""
    if node is None:
        return base
    found: list[tuple[time, time]] = []
    for item in node.value if node.is_list else [node]:
        try:
            opens, closes = (time.fromisoformat(part.strip()) for part in str(item.value).split("-"))
            if closes <= opens or (found and opens < found[-1][1]):
                raise ValueError
            found.append((opens, closes))
        except ValueError:
            text = f"'{item.value}' are no working hours; write 09:00-17:00, in order"
            zh = f"“{item.value}”不是工作时间，请按先后顺序写成09:00-17:00"
            faults.append(PolicyFault(file=file, place=item.place, text=text, zh=zh))
    return tuple(found) or base
