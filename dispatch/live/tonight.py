"""Tonight: who is on, when each crew is free, how long it must rest, from when it may be called in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ..ground.case import CrewShift
from ..ground.shifts import Shifts
from .desk import Desk
from .forecast import forecast_of
from .refusals import Refused
from .standing.duty import duty
from .standing.edits import CallIn, try_call_in

State = Literal["on", "absent", "coming", "off"]
BACK = timedelta(hours=4)
AHEAD = timedelta(hours=20)
# So long a crew without a shift of its own is called in for, where nobody says otherwise.
CALL = timedelta(hours=8)
STEP = timedelta(minutes=15)
REST_KNOWN = timedelta(days=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewTonight:
    """A crew in the hours around now.

    Parameters
    ----------
    shifts : those that run at some time in the hours that are shown.
    rested_at : until when it rests after the shift that ended last, or that runs; None where none is known.
    jobs : what the plan in force still has for it.
    free_at : when it is done with that; None where it is off, or nobody can say.
    call : the earliest call that keeps every term; None where there is none in the hours shown.
    """

    crew: CrewShift
    state: State
    shifts: tuple[CrewShift, ...]
    rested_at: datetime | None
    jobs: int
    free_at: datetime | None
    call: CallIn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonight:
    """The hours around now, crew by crew: those that can be called in, the soonest first, then the others."""

    at: datetime
    begins: datetime
    ends: datetime
    crews: tuple[CrewTonight, ...]


def tonight(desk: Desk) -> Tonight:
    """Who is on and who can be had, from some hours ago until tomorrow."""
    now = desk.clock()
    begins, ends = now - BACK, now + AHEAD
    told = duty(desk)
    on, free = {each.id for each in told.on}, _free(desk, now)
    roster = desk.standing.shifts()
    rows = []
    for crew in desk.case.crews:
        shifts = tuple(roster.of(crew.id, begins, ends))
        state = _state(crew.id, shifts, now, on, told.absent)
        jobs, free_at = free.get(crew.id, (0, now))
        rows.append(
            CrewTonight(
                crew=crew,
                state=state,
                shifts=shifts,
                rested_at=_rested_at(desk, roster, crew.id, now),
                jobs=jobs,
                free_at=free_at if state == "on" else None,
                call=None if state in ("on", "absent") else earliest_call(desk, crew.id, now, ends),
            )
        )
    order: tuple[State, ...] = ("on", "absent", "coming", "off")
    rows.sort(key=lambda row: (*_soonest(row), order.index(row.state), _begin(row), row.crew.id))
    return Tonight(at=now, begins=begins, ends=ends, crews=tuple(rows))


def earliest_call(desk: Desk, crew: str, now: datetime, ends: datetime) -> CallIn | None:
    """The earliest call-in of a crew that keeps every term, on a quarter of an hour; None before `ends`."""
    rested = _rested_at(desk, desk.standing.shifts(), crew, now)
    at = quarter(max(now, rested) if rested is not None else now)
    while at < ends:
        try:
            found = called_for(desk, crew, at)
        except Refused:
            return None
        if not found.broken:
            return found
        at += 4 * STEP
    return None


def called_for(desk: Desk, crew: str, at: datetime, until: datetime | None = None) -> CallIn:
    """Calling a crew in at a time: its next shift begins then, or it gets one of the usual length.

    Raises
    ------
    Refused
        There is no such crew, or it is on then.
    """
    try:
        return try_call_in(desk, crew, at, until)
    except Refused as error:
        if error.code != "call_until":
            raise
        return try_call_in(desk, crew, at, at + CALL)


def quarter(at: datetime) -> datetime:
    """The next full quarter of an hour."""
    over = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at if not over else at - over + STEP


# -- inside --------------------------------------------------------------------


def _state(
    crew: str, shifts: tuple[CrewShift, ...], now: datetime, on: set[str], absent: frozenset[str]
) -> State:
    if crew in on:
        return "on"
    if crew in absent:
        return "absent"
    return "coming" if any(each.shift_start > now for each in shifts) else "off"


def _soonest(row: CrewTonight) -> tuple[bool, float]:
    """Whom a supervisor looks for comes first: who can be had, and how soon."""
    return row.call is None, 0.0 if row.call is None else row.call.shift.shift_start.timestamp()


def _begin(row: CrewTonight) -> float:
    coming = [each.shift_start.timestamp() for each in row.shifts]
    return min(coming, default=float("inf"))


def _rested_at(desk: Desk, roster: Shifts, crew: str, now: datetime) -> datetime | None:
    began = [each for each in roster.of(crew, now - REST_KNOWN, now) if each.shift_start <= now]
    return began[-1].shift_end + timedelta(hours=desk.case.settings.rest_h) if began else None


def _free(desk: Desk, now: datetime) -> Mapping[str, tuple[int, datetime | None]]:
    """By crew how many visits it still has, and when it is done with them."""
    found = forecast_of(desk)
    free: dict[str, tuple[int, datetime | None]] = {}
    for crew, stays in (found.stays if found is not None else {}).items():
        left = [stay for stay in stays if not stay.done]
        ends = [stay.finish for stay in left]
        known = [at for at in ends if at is not None]
        at = max(known, default=now.timestamp())
        unknown = len(known) < len(ends)
        free[crew] = (
            len(left),
            None if unknown else datetime.fromtimestamp(max(at, now.timestamp()), now.tzinfo),
        )
    return free
