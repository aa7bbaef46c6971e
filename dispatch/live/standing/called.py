"""Crews that somebody brought in beside their roster: what the next shift has to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ...ground.case import CrewShift
from ..desk import Desk
from .parts import shift_of
from .versions import CASE, StandingVersion

# A call that was made longer ago is known to everybody.
SINCE = timedelta(days=1)
MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A shift that runs or comes, and that the roster did not have before somebody called.

    Parameters
    ----------
    instead : when the crew would have begun without; None where it gets a shift of its own.
    by, at, note : who called it in, when, and why.
    """

    shift: CrewShift
    instead: datetime | None
    by: str
    at: datetime
    note: str


def called_in(desk: Desk) -> tuple[Called, ...]:
    """The crews called in within a day whose shift has not ended, by when they begin; none taken back."""
    now = desk.clock()
    found: dict[tuple[str, datetime], Called] = {}
    recent = [each for each in desk.standing.versions("crews") if _by_hand(each, now)]
    for version in reversed(recent[:MOST_VERSIONS]):
        for call in _of(desk, version):
            found[call.shift.id, call.shift.shift_start] = call
    return tuple(sorted(found.values(), key=lambda each: (each.shift.shift_start, each.shift.id)))


def _by_hand(version: StandingVersion, now: datetime) -> bool:
    """Whether a version is one small change that a person put in force, and not a file."""
    is_small = version.turn is not None and version.made_by != CASE and not version.file
    return is_small and version.decided_at is not None and version.decided_at > now - SINCE


def _of(desk: Desk, version: StandingVersion) -> list[Called]:
    now, roster = desk.clock(), desk.standing.shifts()
    before = desk.standing.shifts((version.turn or 1) - 1)
    found = []
    for row in desk.standing.change_of(version.id).put.values():
        dated = shift_of(row)
        shift = dated.shift
        still = roster.of(shift.id, shift.shift_start, shift.shift_end)
        if dated.cancelled or not any(each.shift_start == shift.shift_start for each in still):
            continue
        had = before.of(shift.id, shift.shift_start, shift.shift_end)
        if shift.shift_end <= now or any(each.shift_start <= shift.shift_start for each in had):
            continue
        found.append(
            Called(
                shift=next(each for each in still if each.shift_start == shift.shift_start),
                instead=had[0].shift_start if had else None,
                by=version.made_by,
                at=version.made_at,
                note=version.note,
            )
        )
    return found
