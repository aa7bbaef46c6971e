"""From rows of `roster` to rules by which shifts come again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from ..ground.case import ShiftRule
from .cells import Parsed
from .crews import minutes_of
from .gathering import Gathering
from .schema import WEEKDAYS
from .times import WALL

Say = Callable[[str, str], None]


def shift_rules(parsed: Parsed, faults: Gathering) -> tuple[ShiftRule, ...]:
    """Build the rules; what is wrong with one goes to `faults`."""
    found = []
    for row, record in zip(parsed.rows.tolist(), parsed.records(), strict=True):

        def say(column: str, text: str, row: int = row) -> None:
            faults.add(parsed.file, f"row {row}, column '{column}'", text)

        rule = _rule(record, say)
        if rule is not None:
            found.append(rule)
    return tuple(found)


def _rule(record: dict[str, Any], say: Say) -> ShiftRule | None:
    if not isinstance(record["start"], time) or not isinstance(record["end"], time):
        return None
    first, last = record.pop("from"), record.pop("until")
    if first is None or isinstance(first, str) or isinstance(last, str):
        return None
    if last is not None and last < first:
        say("until", f"{last} is before the first day, {first}")
        return None
    # Of a column that is not in the file there is nothing, and that is no fault.
    days_on = _days_on(record["days_on"] or (), record["cycle_days"], say)
    breaks = _breaks(record["breaks"] or "", say)
    weekdays = record["weekdays"] or ()
    if not isinstance(weekdays, tuple) or days_on is None or breaks is None:
        return None
    if weekdays and record["cycle_days"] > 1:
        say("weekdays", "stands beside a rotation; keep one of weekdays and cycle_days")
        return None
    told = record | {"first": first, "last": last, "days_on": days_on, "breaks": breaks}
    return ShiftRule(**(told | {"weekdays": frozenset(WEEKDAYS.index(each) for each in weekdays)}))


def _days_on(items: Any, cycle_days: int, say: Say) -> frozenset[int] | None:
    if not isinstance(items, tuple):
        return None
    days = set()
    for item in items or ("1",):
        if not item.isascii() or not item.isdigit() or not 1 <= int(item[:4]) <= cycle_days:
            say("days_on", f"'{item}' is no day of the rotation; expected 1 to {cycle_days}")
            return None
        days.add(int(item))
    return frozenset(days)


def _breaks(text: Any, say: Say) -> tuple[tuple[time, time, float], ...] | None:
    if not isinstance(text, str):
        return None
    found = []
    for item in filter(None, (part.strip() for part in text.replace("；", ";").split(";"))):
        span, _, lasting = item.partition("/")
        first, _, last = span.partition("-")
        clocks = [WALL.match(each.strip()) for each in (first, last)]
        duration_min = minutes_of(lasting.strip())
        if not clocks[0] or not clocks[1] or duration_min is None:
            say("breaks", f"'{item}' is no break; expected FROM-TO/MINUTES, such as 12:00-13:30/30")
            return None
        earliest, latest = (time(int(each[1]), int(each[2])) for each in clocks if each)
        found.append((earliest, latest, duration_min))
    return tuple(found)
