"""The rules by which the crews of a demo case come to work after its own day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from .tables import write_table

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HEADER = ["id", "crew", "start", "end", "from", "weekdays", "breaks", "overtime_min"]
MOST_WEEK_H = 46.0


def write_roster(folder: Path, day: date, shifts: Iterable[tuple[str, str, str, str, int]]) -> int:
    """Write `roster.csv`: every crew again at its hours, with days off that differ from crew to crew.

    Parameters
    ----------
    day : of the case; a shift of that day stands in `crews.csv`, its rule begins on the next.
    shifts : crew, begin, end, breaks, overtime in minutes.
    """
    rows = [_rule(number, day, *shift) for number, shift in enumerate(shifts)]
    return write_table(folder / "roster.csv", HEADER, rows)


def _rule(
    number: int, day: date, crew: str, start: str, end: str, breaks: str, overtime_min: int
) -> list[object]:
    begins, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    worked = min(5, int(MOST_WEEK_H // ((ends - begins) / timedelta(hours=1))))
    # The case's own day is one of the days of work: no week holds more.
    first_day = begins.weekday() - number % worked
    days = sorted((first_day + each) % 7 for each in range(worked))
    first = begins.date() + timedelta(days=1)
    return [
        f"{crew}-again",
        crew,
        f"{begins:%H:%M}",
        f"{ends:%H:%M}",
        max(first, day).isoformat(),
        ";".join(WEEKDAYS[each] for each in days),
        breaks,
        overtime_min,
    ]
