"""The hours of a crew's shift: signed on and off, driving and on site at each job, as its own reports say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..store import Event
from ..store.history import events_between
from .desk import Desk

EARLY = timedelta(hours=6)  # a crew may begin before its shift
LATE = timedelta(hours=14)  # and go on after it
AT_WORK = frozenset({"on_site", "safe", "restored"})
ENDED = frozenset({"done", "cannot"})


@dataclass(slots=True, kw_only=True)
class _Stay:
    """One job's times; a job that is left and taken up again has two."""

    job: str
    left: datetime | None = None
    arrived: datetime | None = None
    ended: datetime | None = None
    how: str | None = None


@dataclass(slots=True)
class _Sheet:
    """What is written while the journal is read."""

    on: datetime | None = None
    off: datetime | None = None
    stays: list[_Stay] = field(default_factory=list)

    def open_stay(self, job: str) -> _Stay:
        for stay in self.stays:
            if stay.job == job and stay.ended is None:
                return stay
        self.stays.append(_Stay(job=job))
        return self.stays[-1]


def time_sheet(desk: Desk, crew: str) -> dict[str, Any]:
    """Return a crew's hours of the shift: when it signed on and off, and each job with its minutes.

    What is still going on counts until now. Minutes that were not reported are None, never guessed.
    """
    shift, now = desk.case.crew_by_id[crew], desk.clock()
    since, until = shift.shift_start - EARLY, shift.shift_end + LATE
    sheet = _Sheet()
    for event in events_between(desk.store, since, until, ("job_moved", "crew_changed")):
        _read(sheet, event, crew)
    rows = [_row(desk, stay, now) for stay in sheet.stays]
    ends = sheet.off or now
    return {
        "on": sheet.on.isoformat() if sheet.on else None,
        "off": sheet.off.isoformat() if sheet.off else None,
        "jobs": rows,
        "drive_min": sum(row["drive_min"] or 0 for row in rows),
        "work_min": sum(row["work_min"] or 0 for row in rows),
        "minutes": _minutes(sheet.on, ends) if sheet.on else None,
    }


def _read(sheet: _Sheet, event: Event, crew: str) -> None:
    if event.kind == "crew_changed":
        if event.subject == crew and event.data.get("state") == "on_shift":
            sheet.on, sheet.off = sheet.on or event.at, None
        elif event.subject == crew and event.data.get("state") == "off":
            sheet.off = event.at
        return
    if event.data.get("crew") != crew:
        return
    to, stay = event.data["to"], sheet.open_stay(event.subject)
    if event.data.get("undone"):
        stay.ended = stay.how = None
    elif to == "on_the_way":
        stay.left = stay.left or event.at
    elif to in AT_WORK:
        stay.arrived = stay.arrived or event.at
    elif to in ENDED:
        stay.ended, stay.how = event.at, to


def _row(desk: Desk, stay: _Stay, now: datetime) -> dict[str, Any]:
    card = desk.day().cards.get(stay.job)
    over = stay.ended or now
    return {
        "job": stay.job,
        "kind": card.kind if card else None,
        "title": card.title if card else None,
        "address": card.address if card else None,
        "from": (stay.left or stay.arrived or over).isoformat(),
        "to": stay.ended.isoformat() if stay.ended else None,
        "how": stay.how,
        "drive_min": _minutes(stay.left, stay.arrived or over) if stay.left else None,
        "work_min": _minutes(stay.arrived, over) if stay.arrived else None,
    }


def _minutes(begins: datetime, ends: datetime) -> int:
    return max(0, round((ends - begins).total_seconds() / 60))
