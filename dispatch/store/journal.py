"""The journal: every change is an event with who, when and from what, and nothing else is truth."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from . import chain
from .tables import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    Parameters
    ----------
    at : when it happened (not when it was written; a phone may report late).
    actor : who did it: an account's name, a crew, a system.
    source : from what: board, phone, api, file, solver.
    kind : what, one of `dispatch.store.projection.HANDLERS`.
    subject : whom it concerns: the id of a request, an order, a crew or a plan.
    key : the sender's own mark; an event with a known key is not written twice.
    """

    at: datetime
    actor: str
    source: str
    kind: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    seq: int | None = None


class Known(Exception):
    """An event with this key has been written before."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        super().__init__(f"known as event {seq}")


def append(connection: Connection, event: Event) -> int:
    """Write an event; returns its number.

    Raises
    ------
    Known
        Its key is there already.
    """
    if event.key is not None:
        seq = connection.scalar(select(events.c.seq).where(events.c.key == event.key))
        if seq is not None:
            raise Known(int(seq))
    # One writer is in at a time, so nobody else can follow the same event.
    before = chain.head(connection)
    data, salt, seq = dict(event.data), secrets.token_hex(16), before.seq + 1
    content = chain.content_of(
        event.at, event.actor, event.source, event.kind, event.subject, data, event.key, salt
    )
    new = chain.Head(seq=seq, seal=chain.seal_of(before, seq, content))
    said = {
        "at": event.at,
        "actor": event.actor,
        "source": event.source,
        "kind": event.kind,
        "subject": event.subject,
        "data": data,
        "key": event.key,
    }
    sealed = {"seq": seq, "prior": before.seq, "salt": salt, "content": content, "seal": new.seal}
    try:
        connection.execute(insert(events).values(said | sealed))
    except IntegrityError as error:
        raise Known(-1) from error
    chain.put_head(connection, before, new)
    return seq


def read(
    connection: Connection,
    after: int = 0,
    most: int | None = None,
    only: Collection[int] | None = None,
) -> Iterator[Event]:
    """Events in the order they were written, from the one after `after`, or those with the numbers `only`."""
    wanted = select(events).where(events.c.seq > after).order_by(events.c.seq).limit(most)
    if only is not None:
        wanted = wanted.where(events.c.seq.in_(only))
    for row in connection.execute(wanted):
        yield Event(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            source=row.source,
            kind=row.kind,
            subject=row.subject,
            data=row.data,
            key=row.key,
        )
