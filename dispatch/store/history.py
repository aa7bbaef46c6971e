"""What the journal says of some subjects, or of a stretch of time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from ..ground.case import OWN_CHANNEL
from .journal import Event
from .naming import in_parts
from .store import Store
from .tables import events, requests


def events_of(store: Store, subjects: Collection[str], kinds: Collection[str]) -> list[Event]:
    """Events of some kinds about some subjects, in the order they were written."""
    found = []
    with store.reading() as connection:
        for part in in_parts(sorted(subjects)):
            wanted = select(events).where(events.c.subject.in_(part), events.c.kind.in_(kinds))
            found += [_event(row) for row in connection.execute(wanted)]
    return sorted(found, key=lambda event: event.seq or 0)


def events_between(
    store: Store,
    begins: datetime,
    ends: datetime,
    kinds: Collection[str],
    source: str | None = None,
    about: Collection[str] | None = None,
) -> Iterator[Event]:
    """Events of some kinds that happened from `begins` to before `ends`, in the order they were written.

    Parameters
    ----------
    source : only what came from there.
    about : only notes that say one of these under `what`.
    """
    wanted = select(events).where(events.c.at >= begins, events.c.at < ends, events.c.kind.in_(kinds))
    if source is not None:
        wanted = wanted.where(events.c.source == source)
    if about is not None:
        wanted = wanted.where(events.c.data["what"].as_string().in_(about))
    with store.reading() as connection:
        for row in connection.execute(wanted.order_by(events.c.seq)):
            yield _event(row)


def span_of(store: Store) -> tuple[datetime, datetime] | None:
    """When the first and the last event of the journal happened; None of an empty one."""
    with store.reading() as connection:
        first, last = connection.execute(select(func.min(events.c.at), func.max(events.c.at))).one()
    return None if first is None else (first, last)


def events_after(store: Store, seq: int, kinds: Collection[str], since: datetime) -> Iterator[Event]:
    """Events of some kinds that were written after number `seq` and happened since a time, oldest first."""
    wanted = select(events).where(events.c.seq > seq, events.c.at >= since, events.c.kind.in_(kinds))
    with store.reading() as connection:
        for row in connection.execute(wanted.order_by(events.c.seq)):
            yield _event(row)


def keys_known(store: Store, keys: Collection[str]) -> set[str]:
    """Those of some senders' marks under which an event was written."""
    with store.reading() as connection:
        return {
            key
            for part in in_parts(keys)
            for key in connection.scalars(select(events.c.key).where(events.c.key.in_(part)))
        }


def events_keyed(store: Store, prefix: str) -> list[Event]:
    """Events whose sender's mark begins with a text, in the order they were written."""
    wanted = select(events).where(events.c.key.startswith(prefix, autoescape=True))
    with store.reading() as connection:
        return [_event(row) for row in connection.execute(wanted.order_by(events.c.seq))]


def calls_since(connection: Connection, customer: str, since: datetime, *, but: str) -> int:
    """How often a customer called after `since`, beside the request `but`."""
    wanted = select(func.count()).where(
        requests.c.customer == customer,
        requests.c.received_at > since,
        requests.c.id != but,
        requests.c.channel != OWN_CHANNEL,
    )
    return int(connection.scalar(wanted) or 0)


def words_of_order(connection: Connection, order: str) -> list[str]:
    """What was said in the requests of an order, oldest first."""
    wanted = select(requests.c.words).where(requests.c.order_id == order)
    return list(connection.scalars(wanted.order_by(requests.c.received_at, requests.c.id)))


def words_in(store: Store, order: str) -> list[str]:
    """The same, in a look of its own; empty words have been forgotten."""
    with store.reading() as connection:
        return words_of_order(connection, order)


def _event(row: Row[tuple[object, ...]]) -> Event:
    return Event(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        source=row.source,
        kind=row.kind,
        subject=row.subject,
        data=row.data,
        key=row.key,
    )
