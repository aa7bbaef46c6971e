"""Who is on shift now, who comes next, and from when nobody is: what board, shift page and handover say.

The end of a shift is nobody's doing, so that a clock of its own writes it down: then boards and the
planner hear of it like of anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...ground.case import CrewShift
from ...ground.shifts import Shifts
from ...store import queries
from ..book import Who
from ..desk import Desk
from ..workers import Worker

# So far ahead a gap is looked for, and a next shift.
AHEAD = timedelta(days=14)
# So far back the end of the last shift is looked for.
BACK = timedelta(days=31)
# The end of a shift that lies further back is not named by its hour.
LONG_AGO = timedelta(days=2)
LOOK_S = 2.0
ROSTER = Who(name="roster", source="timer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is on at a moment.

    Parameters
    ----------
    on : shifts that run, without crews that are absent.
    absent : ids of crews whose shift runs though they cannot work, or have ended it.
    next : the shifts that begin next, all at the same time.
    nobody_from : since when nobody is on, or from when nobody will be; None where no end is in sight.
        Far in the past where no shift is known at all.
    back_at : when somebody is on again after that; None where nobody knows.
    """

    at: datetime
    on: tuple[CrewShift, ...]
    absent: frozenset[str]
    next: tuple[CrewShift, ...]
    nobody_from: datetime | None
    back_at: datetime | None

    @property
    def known(self) -> bool:
        """Whether it is worth naming the hour since when nobody is on."""
        return self.nobody_from is None or self.nobody_from > self.at - LONG_AGO

    @property
    def nobody(self) -> bool:
        """Whether no shift runs now."""
        return self.nobody_from is not None and self.nobody_from <= self.at


def duty(desk: Desk) -> Duty:
    """Who is on now."""
    now = desk.clock()
    shifts = desk.standing.shifts().around(now, BACK, AHEAD)
    running = [each for each in shifts if each.shift_start <= now < each.shift_end]
    away = _away(desk, running)
    coming = [each for each in shifts if each.shift_start > now]
    first = coming[0].shift_start if coming else None
    nobody_from, back_at = _gap(shifts, now)
    return Duty(
        at=now,
        on=tuple(each for each in running if each.id not in away),
        absent=frozenset(each.id for each in running) & away,
        next=tuple(each for each in coming if each.shift_start == first),
        nobody_from=nobody_from,
        back_at=back_at,
    )


def _away(desk: Desk, running: Iterable[CrewShift]) -> frozenset[str]:
    """Crews that are absent, or have ended the shift that runs; yesterday's word says nothing of today."""
    states = {row["id"]: row["state"] for row in desk.rows("crews")}
    began = {each.id: each.shift_start for each in running if states.get(each.id) == "off"}
    off = {crew for crew, start in began.items() if _last_said(desk, crew) >= start}
    return frozenset(crew for crew, state in states.items() if state == "absent") | off


def _last_said(desk: Desk, crew: str) -> datetime:
    said: dict[str, datetime] = desk.kept("last said of crews", ("crew_changed",), dict)
    if crew not in said:
        said[crew] = queries.newest_events(desk.store, "crew_changed", 1, crew)[0].at
    return said[crew]


def gap(roster: Shifts, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Since when or from when nobody is on by a roster, and when somebody is again; None: not in sight."""
    return _gap(roster.between(now - BACK, now + AHEAD), now)


def _gap(shifts: Iterable[CrewShift], now: datetime) -> tuple[datetime | None, datetime | None]:
    """When the stretch of shifts that runs now, or the last that ran, ends; and when the next begins."""
    end = None
    for each in shifts:
        if end is not None and each.shift_start > max(end, now):
            return end, each.shift_start
        if end is None and each.shift_start > now:
            return now - BACK, each.shift_start
        end = each.shift_end if end is None else max(end, each.shift_end)
    return (now - BACK, None) if end is None else (end, None) if end < now + AHEAD else (None, None)


def shift_changes(desk: Desk, since: datetime, until: datetime) -> list[datetime]:
    """Moments after one and up to another at which a shift begins or ends."""
    shifts = desk.standing.shifts().between(since - timedelta(seconds=1), until + timedelta(seconds=1))
    moments = {moment for each in shifts for moment in (each.shift_start, each.shift_end)}
    return sorted(moment for moment in moments if since < moment <= until)


def tell_changes(desk: Desk, since: datetime) -> datetime:
    """Write down the last change of shift since a moment; returns the moment of now."""
    now = desk.clock()
    changes = shift_changes(desk, since, now) if now > since else []
    if changes:
        at = changes[-1]
        told = duty(desk)
        data = {
            "on": len(told.on),
            "began": [each.id for each in told.on if each.shift_start == at],
            "nobody": told.nobody,
        }
        desk.note("shift_changed", "roster", data, ROSTER, key=f"shift_changed/{at.isoformat()}")
    return now


class ShiftClock(Worker):
    """Calls `tell_changes` while the room is open."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("shift_clock", desk.clock)
        self.desk = desk
        self._seen = desk.clock()

    def turn(self) -> float:
        """Look once; after a failure the next look begins at the same moment."""
        self._seen = tell_changes(self.desk, self._seen)
        return LOOK_S
