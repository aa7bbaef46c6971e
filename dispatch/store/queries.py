"""Questions that the running day asks its database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from .journal import Event, read
from .lifecycle import ENDED
from .naming import in_parts
from .store import Store
from .tables import callbacks, events, orders, photos, plans, requests, steps


def count_requests(connection: Connection) -> int:
    """How many requests were ever logged."""
    return int(connection.scalar(select(func.count()).select_from(requests)) or 0)


def request_rows(store: Store, only: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The open requests that speak for themselves, or those with the ids in `only`, by time of receipt.

    What a person has linked to an order or joined to another request is spoken for.
    """
    own = (requests.c.open == 1) & (requests.c.linked == 0) & requests.c.same_as.is_(None)
    where = [own] if only is None else [requests.c.id.in_(part) for part in in_parts(only)]
    with store.reading() as connection:
        found = [
            dict(row) for each in where for row in connection.execute(select(requests).where(each)).mappings()
        ]
    return sorted(found, key=lambda row: (row["received_at"], row["id"]))


def kinds_said(store: Store, since: datetime) -> list[tuple[str, str, datetime]]:
    """Words, kind and time of the requests since a time whose kind a person gave, oldest first."""
    wanted = (
        select(requests.c.words, requests.c.kind, requests.c.received_at)
        .where(requests.c.received_at >= since, requests.c.kind.is_not(None), requests.c.words != "")
        .order_by(requests.c.received_at, requests.c.id)
    )
    with store.reading() as connection:
        return [(row.words, row.kind, row.received_at) for row in connection.execute(wanted)]


def open_requests_of(store: Store, customer: str) -> list[str]:
    """Ids of a customer's requests that are still open."""
    wanted = select(requests.c.id).where(requests.c.customer == customer, requests.c.open == 1)
    with store.reading() as connection:
        return list(connection.scalars(wanted.order_by(requests.c.id)))


def ended_orders(store: Store, among: Collection[str]) -> set[str]:
    """Those of some work orders that have ended."""
    ended = select(orders.c.id).where(orders.c.state.in_(ENDED))
    with store.reading() as connection:
        return {
            id_ for part in in_parts(among) for id_ in connection.scalars(ended.where(orders.c.id.in_(part)))
        }


def restored_orders(store: Store, since: datetime) -> list[dict[str, Any]]:
    """Work orders whose supply was brought back since a time: id, place, at and who said so; also
    those put away."""
    wanted = (
        select(orders.c.id, orders.c.place, steps.c.at, steps.c.actor)
        .join(steps, steps.c.order_id == orders.c.id)
        .where(steps.c.state == "restored", steps.c.at >= since, orders.c.place.is_not(None))
        .order_by(steps.c.at, orders.c.id)
    )
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def still_out(store: Store) -> dict[str, datetime]:
    """When callers of open requests said, asked whether supply is back, that it is not; by request."""
    wanted = (
        select(callbacks.c.request, callbacks.c.since)
        .join(requests, requests.c.id == callbacks.c.request)
        .where(callbacks.c.state == "no", requests.c.open == 1)
    )
    with store.reading() as connection:
        return {row.request: row.since for row in connection.execute(wanted)}


def calls_of_orders(store: Store, ids: Collection[str]) -> list[dict[str, Any]]:
    """Calls of known customers about some work orders: id, order, customer and when."""
    columns = (requests.c.id, requests.c.order_id, requests.c.customer, requests.c.received_at)
    wanted = select(*columns).where(requests.c.customer.is_not(None))
    with store.reading() as connection:
        found = [
            dict(row)
            for part in in_parts(ids)
            for row in connection.execute(wanted.where(requests.c.order_id.in_(part))).mappings()
        ]
    return sorted(found, key=lambda row: (row["received_at"], row["id"]))


def plan_made_last(store: Store) -> int | None:
    """Number of the plan, in any state, that was made for the latest moment; None when there is none."""
    wanted = select(plans.c.id).order_by(plans.c.made_for.desc(), plans.c.id.desc()).limit(1)
    with store.reading() as connection:
        found = connection.scalar(wanted)
    return None if found is None else int(found)


def plan_row(store: Store, number: int) -> dict[str, Any]:
    """A plan's row.

    Raises
    ------
    KeyError
        There is none of that number.
    """
    with store.reading() as connection:
        row = connection.execute(select(plans).where(plans.c.id == number)).mappings().one_or_none()
    if row is None:
        raise KeyError(number)
    return dict(row)


def event_with_key(store: Store, key: str) -> Event | None:
    """The event that was written under a sender's mark."""
    with store.reading() as connection:
        seq = connection.scalar(select(events.c.seq).where(events.c.key == key))
        return None if seq is None else next(read(connection, int(seq) - 1, 1))


def event_at(connection: Connection, seq: int) -> Event:
    """The event of a number, inside a transaction."""
    return next(read(connection, seq - 1, 1))


def newest_events(
    store: Store, kind: str, most: int, subject: str | None = None, *, before: int | None = None
) -> list[Event]:
    """The newest events of a kind, newest first; with `before` those before the event of that number."""
    wanted = select(events.c.seq).where(events.c.kind == kind).order_by(events.c.seq.desc()).limit(most)
    if subject is not None:
        wanted = wanted.where(events.c.subject == subject)
    if before is not None:
        wanted = wanted.where(events.c.seq < before)
    with store.reading() as connection:
        return _newest_first(connection, connection.scalars(wanted).all())


def journal_page(
    store: Store, *, most: int, before: int | None = None, subject: str = "", actor: str = ""
) -> list[Event]:
    """Events, newest first: those before number `before`, of whoever contains `actor`, about `subject`."""
    wanted = select(events.c.seq).order_by(events.c.seq.desc()).limit(most)
    if before is not None:
        wanted = wanted.where(events.c.seq < before)
    if subject:
        wanted = wanted.where(events.c.subject.icontains(subject, autoescape=True))
    if actor:
        wanted = wanted.where(events.c.actor.icontains(actor, autoescape=True))
    with store.reading() as connection:
        return _newest_first(connection, connection.scalars(wanted).all())


def _newest_first(connection: Connection, numbers: Collection[int]) -> list[Event]:
    return list(read(connection, only=numbers))[::-1] if numbers else []


def keep_photo(connection: Connection, **row: Any) -> None:
    """Keep a picture, inside the transaction of its event."""
    connection.execute(insert(photos).values(row))


def order_of_photo(store: Store, id_: str) -> str | None:
    """The order that a picture belongs to; None where there is no such picture."""
    with store.reading() as connection:
        return connection.scalar(select(photos.c.order_id).where(photos.c.id == id_))


def photo(store: Store, id_: str) -> bytes | None:
    """A picture."""
    with store.reading() as connection:
        found = connection.scalar(select(photos.c.body).where(photos.c.id == id_))
    return None if found is None else bytes(found)
