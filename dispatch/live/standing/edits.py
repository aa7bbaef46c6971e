"""Small changes of what a day stands on: one shift, one crew, one switch, one customer; in force at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ...ground.case import CrewShift
from ...ground.shifts import LONGEST, Dated
from ..book import Who
from ..desk import Desk
from ..refusals import Refused, expect_crew
from .parts import shift_data, shift_key, switch_rows
from .terms import Broken, broken_terms
from .upload import grid_faults
from .versions import CASE, Change, StandingRefused
from .view import rows_touched

LONGEST_CALL_H = 16.0
# "Now" may have been typed some minutes ago.
CALLED_NOW = timedelta(minutes=30)
CREW_COLUMNS = (
    "name",
    "people",
    "vehicle",
    "phone",
    "speed_factor",
    "overtime_min",
    "stock",
    "skills",
    "depot",
)


def add_shift(desk: Desk, crew: str, start: datetime, end: datetime, who: Who, note: str) -> int:
    """Give a crew a shift; returns the version.

    Raises
    ------
    Refused
        The crew is unknown, or has a shift then; the times make no shift.
    """
    shift = _timed(desk, _whole(desk, crew), start, end)
    _expect_free(desk, shift, ())
    return _put(desk, [Dated(shift=shift)], (), who, note)


def change_shift(
    desk: Desk, crew: str, start: datetime, to: tuple[datetime, datetime], who: Who, note: str
) -> int:
    """Move the begin or the end of a shift; what of its breaks lies outside then is dropped.

    Raises
    ------
    Refused
        There is no such shift, or the new times make none.
    """
    old = shift_that_begins(desk, crew, start)
    if old.shift_end <= desk.clock():
        raise Refused("shift_over", crew=crew)
    breaks = tuple(each for each in old.breaks if each.earliest >= to[0] and each.latest <= to[1])
    new = replace(_timed(desk, old, *to), breaks=breaks)
    _expect_free(desk, new, (old,))
    return _put(desk, [Dated(shift=new)], (old,), who, note)


def cancel_shift(desk: Desk, crew: str, start: datetime, who: Who, note: str) -> int:
    """Take a shift away that has not ended.

    Raises
    ------
    Refused
        There is no such shift, or it is over.
    """
    old = shift_that_begins(desk, crew, start)
    if old.shift_end <= desk.clock():
        raise Refused("shift_over", crew=crew)
    return _put(desk, [Dated(shift=old, cancelled=True)], (), who, note)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallIn:
    """A crew brought in early, as it would be.

    Parameters
    ----------
    instead : the shift that begins earlier, None where the crew gets one of its own.
    broken : terms that it would break.
    """

    shift: CrewShift
    instead: CrewShift | None
    broken: tuple[Broken, ...]


def try_call_in(desk: Desk, crew: str, at: datetime, until: datetime | None = None) -> CallIn:
    """What calling a crew in would make of its shifts, and which terms it would break; nothing is changed.

    Raises
    ------
    Refused
        There is no such crew, it is on then, or nobody said until when it is needed.
    """
    roster = desk.standing.shifts()
    expect_crew(desk.case.crew_by_id, crew)
    near = roster.of(crew, at, at + timedelta(hours=LONGEST_CALL_H))
    if near and near[0].shift_start <= at:
        raise Refused("shift_meets", crew=crew)
    following = near[0] if near and until is None else None
    if following is None and until is None:
        raise Refused("call_until", crew=crew)
    if following is not None:
        shift = replace(following, shift_start=at)
    else:
        shift = _timed(desk, _whole(desk, crew), at, until or at)
        _expect_free(desk, shift, ())
    old = (following,) if following is not None else ()
    broken = broken_terms(roster, shift, old, desk.case.settings)
    return CallIn(shift=shift, instead=following, broken=tuple(broken))


def call_in(
    desk: Desk,
    crew: str,
    at: datetime,
    who: Who,
    note: str,
    *,
    until: datetime | None = None,
    anyway: bool = False,
) -> int:
    """Bring a crew in early: its next shift begins at `at`, or it gets one from `at` until `until`.

    Parameters
    ----------
    anyway : somebody who may answers for breaking the terms of the roster.

    Raises
    ------
    Refused
        The crew is on then, that time has passed, or the terms forbid it (``terms``).
    """
    if at < desk.clock() - CALLED_NOW:
        raise Refused("time_past")
    call = try_call_in(desk, crew, at, until)
    if call.broken and not anyway:
        raise Refused("terms", crew=crew, **asdict(call.broken[0]))
    old = (call.instead,) if call.instead is not None else ()
    return _put(desk, [Dated(shift=call.shift)], old, who, note)


def edit_crew(desk: Desk, crew: str, told: Mapping[str, Any], who: Who, note: str) -> int:
    """Change who a crew is or what it drives, from the shift that runs on; returns the version.

    Parameters
    ----------
    told : some of `CREW_COLUMNS`.

    Raises
    ------
    Refused
        The crew or its depot is unknown, or nothing would change.
    """
    if told.get("depot", None) is not None and told["depot"] not in desk.case.depot_by_id:
        raise Refused("unknown_depot", depot=told["depot"])
    _whole(desk, crew)
    now, known = desk.clock(), desk.standing.part("crews")
    own = {key: each for key, each in known.items() if each.shift.id == crew}
    # What comes by rule takes after the newest row, which may lie in the past.
    newest = max(own, key=lambda key: own[key].shift.shift_start)
    put = {}
    for key, each in own.items():
        changed = replace(each, shift=replace(each.shift, **told))
        if (key == newest or each.shift.shift_end > now) and changed != each:
            put[key] = shift_data(changed.shift, cancelled=changed.cancelled)
    return _edit(desk, "crews", Change(put=put), who, note)


def set_switch(
    desk: Desk, switch: str, who: Who, note: str, *, normal: str | None = None, present: str | None = None
) -> int:
    """Say how a switch stands, or what its normal state is; returns the version.

    Raises
    ------
    Refused
        There is no such switch, nothing would change, or the grid could not be run so.
    """
    grid = desk.standing.part("switches")
    before = switch_rows(grid).get(switch)
    if before is None:
        raise Refused("unknown_device", device=switch)
    told = {name: value for name, value in (("normal", normal), ("present", present)) if value is not None}
    put = {switch: before | told}
    if put[switch] == before:
        raise Refused("nothing_changes")
    faults = grid_faults(grid, put)
    if faults:
        raise Refused("grid", device=switch, why=str(faults[0].text))
    return _edit(desk, "switches", Change(put=put), who, note)


def edit_customer(desk: Desk, customer: str, told: Mapping[str, Any], who: Who, note: str) -> int:
    """Change some columns of a customer; returns the version.

    Raises
    ------
    Refused
        The customer or the transformer is unknown, or nothing would change.
    """
    known = desk.standing.part("customers")
    if customer not in known:
        raise Refused("unknown_customer", customer=customer)
    if "transformer" in told and told["transformer"] not in desk.case.grid.transformer_at:
        raise Refused("unknown_transformer", transformer=told["transformer"])
    before = known.facts(customer)
    after = before | {name: value for name, value in told.items() if name in before}
    if after == before:
        raise Refused("nothing_changes")
    return _edit(desk, "customers", Change(put={customer: after}), who, note)


def take_back(desk: Desk, number: int, who: Who, note: str) -> int:
    """Make what a version changed as it was before; returns the number of the version that does so.

    Raises
    ------
    StandingRefused
        It is not in force, came with the case, or what it changed was changed again since.
    KeyError
        There is none of that number.
    """
    known = desk.standing.version(number)
    if known.turn is None or known.made_by == CASE:
        code = CASE if known.turn else known.state
        raise StandingRefused(code, f"version {number} cannot be taken back")
    change = desk.standing.change_of(number)
    before = rows_touched(desk, known.kind, change, known.turn - 1)
    if rows_touched(desk, known.kind, change) != rows_touched(desk, known.kind, change, known.turn):
        raise StandingRefused("conflict", f"what version {number} changed was changed again since")
    gone = tuple(key for key in change.put if key not in before)
    told = note or f"#{number}"
    return _edit(desk, known.kind, Change(put=before, gone=gone), who, told)


def shift_that_begins(desk: Desk, crew: str, start: datetime) -> CrewShift:
    """A crew's shift by the moment at which it begins.

    Raises
    ------
    Refused
        There is none.
    """
    for each in desk.standing.shifts().of(crew, start - LONGEST, start + LONGEST):
        if each.shift_start == start:
            return each
    raise Refused("unknown_shift", crew=crew)


# -- inside ------------------------------------------------------------------------


def _whole(desk: Desk, crew: str) -> CrewShift:
    expect_crew(desk.case.crew_by_id, crew)
    return desk.standing.shifts().whole(crew)


def _timed(desk: Desk, crew: CrewShift, start: datetime, end: datetime) -> CrewShift:
    """A crew on a shift that has not ended, its breaks still to be agreed on."""
    if end <= start or end - start > LONGEST:
        raise Refused("no_shift")
    if end <= desk.clock():
        raise Refused("time_past")
    return replace(crew, shift_start=start, shift_end=end, breaks=())


def _expect_free(desk: Desk, shift: CrewShift, instead: Iterable[CrewShift]) -> None:
    away = {each.shift_start for each in instead}
    there = desk.standing.shifts().of(shift.id, shift.shift_start, shift.shift_end)
    if any(each.shift_start not in away for each in there):
        raise Refused("shift_meets", crew=shift.id)


def _put(desk: Desk, new: Iterable[Dated], old: Iterable[CrewShift], who: Who, note: str) -> int:
    """Put shifts in the place of others; where a rule makes one of those, it is kept away."""
    known: Mapping[str, Dated] = desk.standing.part("crews")
    put = {shift_key(each.shift.id, each.shift.shift_start): each for each in new}
    gone = []
    for each in old:
        key = shift_key(each.id, each.shift_start)
        if key in put:
            continue
        if key in known:
            gone.append(key)
        elif not any(_meet(each, other.shift) for other in put.values()):
            put[key] = Dated(shift=each, cancelled=True)
    rows = {key: shift_data(each.shift, cancelled=each.cancelled) for key, each in put.items()}
    return _edit(desk, "crews", Change(put=rows, gone=tuple(gone)), who, note)


def _meet(one: CrewShift, other: CrewShift) -> bool:
    return one.shift_start < other.shift_end and other.shift_start < one.shift_end


def _edit(desk: Desk, kind: str, change: Change, who: Who, note: str) -> int:
    if not change:
        raise Refused("nothing_changes")
    return desk.standing.edit(kind, change, note, who.name, desk.clock(), source=who.source)
