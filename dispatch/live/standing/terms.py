"""What a shift must keep, by the settings of the case: rest, its own hours, hours of a week, days on end."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from ...ground.case import CrewShift, Settings
from ...ground.shifts import DAY, Shifts

Term = Literal["rest", "shift", "week", "days"]
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A term that a shift breaks: what would be, and what must be, in hours or days."""

    term: Term
    found: float
    limit: float


def broken_terms(
    roster: Shifts, shift: CrewShift, instead: Iterable[CrewShift], terms: Settings
) -> list[Broken]:
    """What of the terms a shift breaks, the rest first.

    Parameters
    ----------
    instead : shifts that it takes the place of.
    """
    away = {each.shift_start for each in instead}
    known = roster.of(shift.id, shift.shift_start - 2 * WEEK, shift.shift_end + 2 * WEEK)
    others = [each for each in known if each.shift_start not in away]
    row = sorted([*others, shift], key=lambda each: each.shift_start)
    return [
        *_rest(row, shift, terms),
        *_length(shift, terms),
        *_week(row, shift, terms),
        *_days(row, shift, terms),
    ]


def _rest(row: list[CrewShift], shift: CrewShift, terms: Settings) -> list[Broken]:
    rests = [
        (later.shift_start - one.shift_end) / HOUR for one, later in pairwise(row) if shift in (one, later)
    ]
    short = [hours for hours in rests if hours < terms.rest_h]
    return [Broken(term="rest", found=math.floor(10 * min(short)) / 10, limit=terms.rest_h)] if short else []


def _length(shift: CrewShift, terms: Settings) -> list[Broken]:
    hours = (shift.shift_end - shift.shift_start) / HOUR
    return (
        [Broken(term="shift", found=math.ceil(10 * hours) / 10, limit=terms.shift_h)]
        if hours > terms.shift_h
        else []
    )


def _week(row: list[CrewShift], shift: CrewShift, terms: Settings) -> list[Broken]:
    """Hours of any seven days that hold the shift."""
    worst = 0.0
    for last in row:
        ends = last.shift_end
        if not shift.shift_start < ends <= shift.shift_end + WEEK:
            continue
        begins = ends - WEEK
        hours = sum(
            max(0.0, (min(each.shift_end, ends) - max(each.shift_start, begins)) / HOUR) for each in row
        )
        worst = max(worst, hours)
    return (
        [Broken(term="week", found=math.ceil(10 * worst) / 10, limit=terms.week_h)]
        if worst > terms.week_h
        else []
    )


def _days(row: list[CrewShift], shift: CrewShift, terms: Settings) -> list[Broken]:
    days = {each.shift_start.date() for each in row}
    day = shift.shift_start.date()
    first = last = day
    while first - DAY in days:
        first -= DAY
    while last + DAY in days:
        last += DAY
    count = (last - first).days + 1
    return [Broken(term="days", found=count, limit=terms.days_in_row)] if count > terms.days_in_row else []
