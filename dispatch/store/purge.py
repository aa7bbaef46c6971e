"""Forget who called: customers and their words are taken out of what ended long ago.

What is left can still be counted: that there was a request, when it came, what
kind it was, which order it joined, how long each step took and who of the staff
took it. The journal says that a purge was made, of what, and by whom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from .chain import content_of
from .connection import StoreError
from .journal import Event
from .lifecycle import ENDED
from .naming import in_parts
from .projection import FORGOTTEN
from .service_tables import matters
from .store import Store, record
from .tables import callbacks, claims, events, orders, outbox, photos, requests, security, signs

AT_ONCE = 500
# Cybersecurity Law of the PRC, article 21: logs of a network are kept for six months at least.
LOG_KEPT = timedelta(days=183)
# What staff write by hand may speak of customers too.
WRITTEN = frozenset({"note", "words", "reason", "said", "text"})
# Of a matter, what is its kind's own, and what whoever was urged says.
OWN = frozenset({"answer", "data", "put"})
# What the field and the office write down beside an order: of damage, who signed, why.
NOTED = WRITTEN | {"what_broke", "signer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How much was forgotten."""

    requests: int = 0
    orders: int = 0
    photos: int = 0
    messages: int = 0


def purge(store: Store, before: datetime, now: datetime, by: str) -> Purged:
    """Forget the customers of closed requests received before a time, and what was written of ended orders.

    A few hundred at a time, each lot in one transaction, so that a running day
    hardly notices. What is still open is kept, however old.

    Raises
    ------
    StoreError
        The database cannot be used.
    """
    try:
        return _purge(store, before, now, by)
    except SQLAlchemyError as error:
        raise StoreError(f"customers cannot be forgotten: {error}") from error


def _purge(store: Store, before: datetime, now: datetime, by: str) -> Purged:
    asked = forgotten = 0
    while ids := _requests(store, before):
        _forget(store, now, by, requests=ids)
        asked += len(ids)
    while ids := _orders(store, before):
        _forget(store, now, by, orders=ids)
        forgotten += len(ids)
    with store.writing() as connection:
        pictures = connection.execute(delete(photos).where(photos.c.at < before)).rowcount
        emptied = {"recipient": "", "subject": "", "text": "", "error": None}
        old = (outbox.c.due_at < before) & outbox.c.state.in_(("sent", "failed")) & (outbox.c.recipient != "")
        letters = connection.execute(update(outbox).where(old).values(emptied)).rowcount
        # Who was asked, and whose meter spoke; what is that old tells nobody anything.
        connection.execute(delete(signs).where(signs.c.at < before))
        # What an answer held, its key's body tells no longer.
        connection.execute(update(claims).where(claims.c.at < before).values(answer=None))
        connection.execute(delete(security).where(security.c.at < min(before, now - LOG_KEPT)))
    while _forget_signs(store, before, now, by):
        pass
    while matters_gone := _matters(store, before):
        _forget(store, now, by, matters=matters_gone)
    while _forget_places(store, before, now, by):
        pass
    while _forget_notes(store, before, now, by):
        pass
    return Purged(requests=asked, orders=forgotten, photos=pictures, messages=letters)


def count_old(store: Store, before: datetime) -> Purged:
    """What `purge` would forget, as far as one look tells: at most a few hundred of each."""
    return Purged(requests=len(_requests(store, before)), orders=len(_orders(store, before)))


def _requests(store: Store, before: datetime) -> list[str]:
    known = or_(requests.c.words != "", *(requests.c[name].is_not(None) for name in FORGOTTEN))
    wanted = select(requests.c.id).where(requests.c.open == 0, requests.c.received_at < before, known)
    with store.reading() as connection:
        return list(connection.scalars(wanted.order_by(requests.c.received_at).limit(AT_ONCE)))


def _orders(store: Store, before: datetime) -> list[str]:
    """Ended orders with something written: of the order, of its callbacks, or in its events."""
    noted = (
        select(callbacks.c.order_id)
        .where(callbacks.c.order_id == orders.c.id, callbacks.c.note.is_not(None))
        .exists()
    )
    old = orders.c.state.in_(ENDED) & (orders.c.since < before)
    wanted = select(orders.c.id).where(old, or_(orders.c.note.is_not(None), noted))
    with store.reading() as connection:
        return list(connection.scalars(wanted.limit(AT_ONCE)))


def _matters(store: Store, before: datetime) -> list[str]:
    """Matters that ended long ago and still say whose they were."""
    known = or_(matters.c.words != "", matters.c.customer.is_not(None))
    wanted = select(matters.c.id).where(matters.c.ended_at < before, known)
    with store.reading() as connection:
        return list(connection.scalars(wanted.order_by(matters.c.ended_at).limit(AT_ONCE)))


def _forget_signs(store: Store, before: datetime, now: datetime, by: str) -> bool:
    """Empty a few hundred events of meters and neighbours; False when none is left."""
    spoken = (events.c.kind == "signs_heard") & (events.c.at < before) & events.c.salt.is_not(None)
    wanted = select(events.c.seq).where(spoken).order_by(events.c.seq).limit(AT_ONCE)
    with store.writing() as connection:
        numbers = list(connection.scalars(wanted))
        if numbers:
            left = _rewrite(connection, events.c.seq.in_(numbers), lambda _data, _kind: {"signs": []})
            record(connection, _purged(now, by, "signs", {"left": left}))
    return bool(numbers)


def _forget_places(store: Store, before: datetime, now: datetime, by: str) -> bool:
    """Take where crews were out of a few hundred events of their phones; False when none is left."""
    placed = (events.c.kind == "crew_changed") & events.c.data["lon"].as_float().is_not(None)
    wanted = select(events.c.seq, events.c.subject).where(placed, events.c.at < before)
    with store.writing() as connection:
        found = connection.execute(wanted.order_by(events.c.seq).limit(AT_ONCE)).all()
        if found:
            # The table holds what was written last of a crew: where that goes, its place there goes too.
            last = select(func.max(events.c.seq)).where(placed).group_by(events.c.subject)
            newest = set(connection.scalars(last))
            gone = sorted(row.subject for row in found if row.seq in newest)
            left = _rewrite(connection, events.c.seq.in_([row.seq for row in found]), _without_place)
            record(connection, _purged(now, by, "places", {"left": left, "crews": gone}))
    return bool(found)


def _forget_notes(store: Store, before: datetime, now: datetime, by: str) -> bool:
    """Empty a few hundred notes of field and office, of tickets too; False when none is left."""
    told = [events.c.data[name].as_string().is_not(None) for name in sorted(NOTED)]
    told.append(events.c.data["ticket", "note"].as_string().is_not(None))
    old = (events.c.kind == "noted") & (events.c.at < before) & events.c.salt.is_not(None)
    wanted = select(events.c.seq).where(old, or_(*told)).order_by(events.c.seq).limit(AT_ONCE)
    with store.writing() as connection:
        numbers = list(connection.scalars(wanted))
        if numbers:
            left = _rewrite(connection, events.c.seq.in_(numbers), _without_notes)
            record(connection, _purged(now, by, "notes", {"left": left}))
    return bool(numbers)


def _without_notes(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {
        name: _without_notes(value, kind) if isinstance(value, Mapping) else value
        for name, value in data.items()
        if name not in NOTED
    }


def _without_place(data: Mapping[str, Any], _kind: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("lon", "lat")}


def _purged(now: datetime, by: str, subject: str, data: Mapping[str, Any]) -> Event:
    return Event(at=now, actor=by, source="purge", kind="purged", subject=subject, data=data)


def _forget(store: Store, now: datetime, by: str, **ids: list[str]) -> None:
    with store.writing() as connection:
        left: dict[str, str] = {}
        for request in in_parts(ids.get("requests", [])):
            left |= _redact(connection, events.c.subject.in_(request), FORGOTTEN | WRITTEN)
        for part in in_parts(ids.get("matters", [])):
            left |= _redact(connection, events.c.subject.in_(part), FORGOTTEN | WRITTEN | OWN)
        for order in ids.get("orders", []):
            left |= _redact_order(connection, order)
        record(connection, _purged(now, by, "customers", ids | {"left": left}))


def _redact_order(connection: Connection, order: str) -> dict[str, str]:
    """Empty what was written in the events of one of the orders that a place has had."""
    place, _, number = order.partition("#")
    opened = select(events.c.seq).where(events.c.kind == "order_opened", events.c.subject == place)
    begins = [int(seq) for seq in connection.scalars(opened.order_by(events.c.seq))]
    spans = list(pairwise([*begins, 2**62]))
    if not spans:
        return {}
    first, end = spans[int(number) - 1] if number else spans[-1]
    asked = select(callbacks.c.request).where(callbacks.c.order_id == order)
    about = or_(
        events.c.subject == place,
        events.c.subject.startswith(f"{place}/", autoescape=True),
        events.c.subject.in_(asked) & (events.c.kind == "callback_answered"),
    )
    return _redact(connection, about & (events.c.seq >= first) & (events.c.seq < end), WRITTEN)


def _redact(connection: Connection, where: Any, names: frozenset[str]) -> dict[str, str]:
    return _rewrite(connection, where, lambda data, kind: _without(data, names, kind))


def _rewrite(
    connection: Connection, where: Any, change: Callable[[Mapping[str, Any], str], dict[str, Any]]
) -> dict[str, str]:
    """Rewrite what events hold; returns the digest of what is left of each, by number.

    With its salt goes the last thing by which somebody could find out what was there: the digest of the
    whole event stays in the chain, and fits no guess any more.
    """
    left = {}
    for row in connection.execute(select(events).where(where)).all():
        changed = change(row.data, row.kind)
        if changed == row.data:
            continue
        connection.execute(update(events).where(events.c.seq == row.seq).values(data=changed, salt=None))
        left[str(row.seq)] = content_of(
            row.at, row.actor, row.source, row.kind, row.subject, changed, row.key, None
        )
    return left


def _without(data: Mapping[str, Any], names: frozenset[str], kind: str) -> dict[str, Any]:
    kept = {name: None if name in names else value for name, value in data.items()}
    if kind == "request_logged":
        kept["words"] = ""
    if kind == "urging_answered":
        kept["answer"] = None
    if kind == "request_changed":
        for side in ("to", "was"):
            kept[side] = _emptied(data.get(side) or {}, names)
    gone = WRITTEN | (OWN if OWN & names or kind == "urging_answered" else frozenset())
    return {name: value for name, value in kept.items() if value is not None or name not in gone}


def _emptied(columns: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Columns of a request that was corrected, each kept and empty: that it was corrected stays known."""
    empty = {name: "" if name == "words" else None for name in names}
    return {name: empty.get(name, value) for name, value in columns.items()}
