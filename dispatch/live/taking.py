"""Many requests at once, out of a file or another system: all written down in one piece, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..ground.case import Request
from ..store import Event, queries, record
from .book import Who
from .desk import Desk
from .entries import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one of them; `known` when its key had been written down before.

    With `differs` the key was another message's then: what is sent now was not written down.
    """

    key: str
    id: str
    known: bool
    differs: bool = False


def take(desk: Desk, entries: Iterable[tuple[str, Entry]], who: Who) -> tuple[Taken, ...]:
    """Write requests down in one transaction: all or none.

    Parameters
    ----------
    entries : each with its sender's key; a key that is known is the request it was then.
    """
    taken = []
    with desk.store.writing() as connection:
        number = queries.count_requests(connection)
        for key, entry in entries:
            newest = desk.store.newest(connection)
            id_ = f"R{number + 1:06d}"
            happened = Event(
                at=desk.clock(),
                actor=who.name,
                source=who.source,
                kind="request_logged",
                subject=id_,
                data=entry.to_data(),
                key=key,
            )
            seq = record(connection, happened)
            if seq <= newest:
                known = queries.event_at(connection, seq)
                differs = _differs(known.data, happened.data)
                taken.append(Taken(key=key, id=known.subject, known=True, differs=differs))
                continue
            number += 1
            taken.append(Taken(key=key, id=id_, known=False))
    return tuple(taken)


def _differs(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether something else was said; what has been forgotten since tells nothing."""
    return bool(before.get("words")) and any(before.get(name) != now.get(name) for name in ("words", "kind"))


def entry_of(request: Request) -> Entry:
    """A request of a file without the id that it has there."""
    names = Entry.__dataclass_fields__
    return Entry(**{name: getattr(request, name) for name in names})
