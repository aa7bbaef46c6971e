"""What a demo city has promised beside repairs at the first start: appointments and more; all made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from ...store import Event
from ..desk import Desk

STAFF = ("王敏", "陈洁")
SYSTEM = "case"


class Agreed(NamedTuple):
    """An appointment: days from today, hour of the day, where it stands."""

    days: int
    hour: int
    state: str


AGREED = (
    Agreed(1, 8, "agreed"),
    Agreed(1, 10, "agreed"),
    Agreed(1, 14, "agreed"),
    Agreed(2, 8, "agreed"),
    Agreed(2, 12, "agreed"),
    Agreed(3, 10, "agreed"),
    Agreed(-1, 10, "missed"),
    Agreed(-1, 14, "kept"),
    Agreed(-2, 8, "kept"),
    Agreed(-2, 12, "cancelled"),
)
VISITED = ("metering", "new_connection", "power_quality")


def made_up_matters(desk: Desk) -> Iterator[Event]:
    """Everything that the pages of the customer desk show at a first start."""
    yield from _appointments(desk)


def _appointments(desk: Desk) -> Iterator[Event]:
    rows = [
        row
        for row in desk.rows("requests")
        if row["open"] and not row["same_as"] and desk.calls.classified(row).kind in VISITED
    ]
    crews = [crew.id for crew in desk.case.crews if "metering" in crew.skills] or [desk.case.crews[0].id]
    for at, (agreed, row) in enumerate(zip(AGREED, rows, strict=False)):
        yield from _appointment(desk, at, agreed, row, crews[at % len(crews)])


def _appointment(desk: Desk, at: int, agreed: Agreed, row: Mapping[str, Any], crew: str) -> Iterator[Event]:
    now, id_ = desk.clock(), f"A-{row['id']}"
    begins = at_hour(desk, agreed.days, agreed.hour)
    ends = begins + timedelta(hours=2)
    promised = min(now, begins) - timedelta(hours=30 + at)
    data: dict[str, Any] = {
        "kind": "appointment",
        "state": "agreed",
        "request": row["id"],
        "customer": row["customer"],
        "owner": STAFF[at % len(STAFF)],
        "words": row["words"],
        "opened_at": promised.isoformat(),
        "place": f"{begins.isoformat(timespec='minutes')}/{crew}/1",
        "due_at": ends.isoformat(),
        "data": {
            **{"begins": begins.isoformat(), "ends": ends.isoformat(), "crew": crew, "agreed": 1},
            **{"cost": 40.0 + 35 * at, "agreed_at": promised.isoformat()},
        },
    }
    yield happened(id_, "matter_opened", STAFF[at % len(STAFF)], promised, data)
    if agreed.state == "agreed":
        to = {"appointment_from": begins.isoformat(), "appointment_to": ends.isoformat()}
        was = {name: row[name] and row[name].isoformat() for name in to}
        yield happened(row["id"], "request_changed", SYSTEM, now, {"what": "edited", "to": to, "was": was})
    elif agreed.state == "missed":
        to = {"state": "missed", "due_at": None}
        yield changed(id_, SYSTEM, ends, "missed", to, {"missed": 1})
    else:
        to = {"state": agreed.state, "ended_at": ends.isoformat()}
        yield changed(id_, SYSTEM, ends, agreed.state, to, {})


def at_hour(desk: Desk, days: int, hour: int) -> datetime:
    """An hour of a day counted from today."""
    zone = desk.case.settings.zone
    day = desk.clock().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), zone)


def changed(
    id_: str, actor: str, at: datetime, act: str, to: Mapping[str, Any], put: Mapping[str, Any], **said: Any
) -> Event:
    """An act on a matter."""
    return happened(id_, "matter_changed", actor, at, {"act": act, "to": dict(to), "put": dict(put), **said})


def happened(id_: str, kind: str, actor: str, at: datetime, data: Mapping[str, Any]) -> Event:
    """Something that happened before the first start."""
    return Event(at=at, actor=actor, source="file", kind=kind, subject=id_, data=dict(data))
