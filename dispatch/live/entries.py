"""A request as it comes in, and what the call-taker is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from ..ground.case import Request
from ..store import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody reports or asks for; the store gives it its id."""

    words: str
    received_at: datetime
    channel: str = "phone"
    customer: str | None = None
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    phone: str | None = None
    kind: str | None = None
    appointment_from: datetime | None = None
    appointment_to: datetime | None = None

    def to_data(self) -> dict[str, Any]:
        """As an event holds it."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }

    def request(self, id_: str) -> Request:
        """As the planning road takes it."""
        return Request(id=id_, **asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What is known the moment a request is written down.

    Parameters
    ----------
    order : the work order it joined, when the loss of supply is known already.
    customer : the customer's columns, empty for somebody unknown.
    earlier : ids of the customer's requests that are still open.
    still_out : the work order that was said to have brought supply back there.
    """

    id: str
    kind: str
    order: str | None
    customer: Mapping[str, Any]
    earlier: tuple[str, ...]
    known: bool = False
    still_out: str | None = None


def request_of(row: Mapping[str, Any]) -> Request:
    """A request out of its row in the store."""
    return Request(**{each.name: row[each.name] for each in fields(Request)})


def as_heard(rows: Iterable[Mapping[str, Any]], later: Iterable[Event]) -> list[dict[str, Any]]:
    """Rows of requests as they were before some changes.

    Parameters
    ----------
    later : what people changed since, the newest first.
    """
    known = {row["id"]: dict(row) for row in rows}
    for event in later:
        row = known[event.subject]
        for name, value in event.data["was"].items():
            is_time = value is not None and name in TIMES
            row[name] = datetime.fromisoformat(value) if is_time else value
    return list(known.values())


TIMES = frozenset({"received_at", "appointment_from", "appointment_to"})
