"""What customers are told of matters that are no repair: which words an act on a matter has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..store import Event

Row = Mapping[str, Any]
# The key of a letter, its words, and what they name.
Told = tuple[str, str, Mapping[str, object]]
APPOINTMENT: Mapping[str, str] = {
    "opened": "appointment_agreed",
    "agree": "appointment_agreed",
    "remind": "appointment_reminder",
    "missed": "appointment_missed",
    "cancelled": "appointment_cancelled",
}


def told_of(row: Row, event: Event, zone: ZoneInfo) -> Iterator[Told]:
    """What the customer of a matter is told of an act on it."""
    act = "opened" if event.kind == "matter_opened" else str(event.data.get("act"))
    tell = TELLERS.get(row["kind"])
    if tell is not None:
        yield from tell(row, act, event, zone)


def _appointment(row: Row, act: str, event: Event, zone: ZoneInfo) -> Iterator[Told]:
    kind, begins = APPOINTMENT.get(act), row["data"].get("begins")
    if kind is None or begins is None:
        return
    first = datetime.fromisoformat(begins).astimezone(zone)
    last = datetime.fromisoformat(row["data"]["ends"]).astimezone(zone)
    values = {
        "request": row["request"],
        "date": f"{first:%Y-%m-%d}",
        "from": f"{first:%H:%M}",
        "to": f"{last:%H:%M}",
    }
    yield f"{kind}/{row['id']}/{event.seq}", kind, values


TELLERS: Mapping[str, Callable[[Row, str, Event, ZoneInfo], Iterator[Told]]] = {"appointment": _appointment}
