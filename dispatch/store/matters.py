"""Matters by what is asked of them: a page of a list, one, counts; urgings of a subject."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from .naming import in_parts
from .request_list import tells_number
from .service_tables import matters, urgings
from .store import Store

MOST = 200
Row = dict[str, Any]


def matter_row(store: Store, id_: str) -> Row | None:
    """One matter."""
    with store.reading() as connection:
        return one_matter(connection, id_)


def one_matter(connection: Connection, id_: str) -> Row | None:
    """The same, inside a transaction."""
    found = connection.execute(select(matters).where(matters.c.id == id_)).mappings().one_or_none()
    return None if found is None else dict(found)


def matter_list(
    store: Store,
    kind: str,
    *,
    state: str | None = None,
    owner: str | None = None,
    level: int | None = None,
    customer: str | None = None,
    words: Sequence[tuple[str, Collection[str]]] = (),
    personal: bool = True,
    late_at: datetime | None = None,
    most: int = 50,
    after: str | None = None,
) -> list[Row]:
    """Matters of a kind: open ones first, those due soonest on top; then what has ended, the newest first.

    Parameters
    ----------
    state : only these; "ended" or "current" for all that have or have not ended.
    owner : only this person's; "" for nobody's.
    words : each must be found in number, request or words, or the customer be among those named beside it.
    personal : whether customers and telephone numbers may be searched too.
    late_at : only what was due by then and has not ended.
    after : id of the last one of the part before.
    """
    wanted = select(matters).where(matters.c.kind == kind, *_narrowed(state, owner, level, customer, late_at))
    for word, customers in words:
        wanted = wanted.where(_holds(word, customers, personal))
    with store.reading() as connection:
        found = list(connection.execute(wanted.order_by(*_order()).limit(5000)).mappings())
    rows = [dict(row) for row in found]
    ids = [row["id"] for row in rows]
    start = ids.index(after) + 1 if after in ids else 0
    return rows[start : start + max(1, min(most, MOST))]


def matter_counts(store: Store, kind: str, owner: str | None = None) -> dict[str, int]:
    """How many matters of a kind stand in each state."""
    wanted = select(matters.c.state, func.count()).where(
        matters.c.kind == kind, *_narrowed(None, owner, None, None, None)
    )
    with store.reading() as connection:
        return {state: int(count) for state, count in connection.execute(wanted.group_by(matters.c.state))}


def known_matters(store: Store, requests: Collection[str]) -> set[str]:
    """Those of some requests that a matter stands for."""
    with store.reading() as connection:
        return {
            str(each)
            for part in in_parts(requests)
            for each in connection.scalars(select(matters.c.request).where(matters.c.request.in_(part)))
        }


def matters_of_request(store: Store, request: str) -> list[Row]:
    """The matters that stand for a request, those that have not ended first."""
    wanted = select(matters).where(matters.c.request == request).order_by(*_order()).limit(MOST)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def open_by_customer(store: Store, kind: str) -> dict[str, int]:
    """How many matters of a kind that have not ended each customer has."""
    wanted = select(matters.c.customer, func.count()).where(
        matters.c.kind == kind, matters.c.ended_at.is_(None), matters.c.customer.is_not(None)
    )
    with store.reading() as connection:
        found = connection.execute(wanted.group_by(matters.c.customer))
        return {customer: int(count) for customer, count in found}


def open_matters(store: Store, kind: str) -> list[Row]:
    """Every matter of a kind that has not ended, those due soonest first."""
    with store.reading() as connection:
        return matters_under_way(connection, kind)


def every_open_matter(store: Store) -> list[Row]:
    """Every matter that has not ended, of all kinds, those due soonest first."""
    wanted = select(matters).where(matters.c.ended_at.is_(None)).order_by(*_order())
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def matters_under_way(connection: Connection, kind: str) -> list[Row]:
    """The same, inside a transaction."""
    wanted = select(matters).where(matters.c.kind == kind, matters.c.ended_at.is_(None))
    return [dict(row) for row in connection.execute(wanted.order_by(*_order())).mappings()]


def count_matters(connection: Connection, kind: str) -> int:
    """How many matters of a kind there have ever been, inside a transaction."""
    wanted = select(func.count()).select_from(matters).where(matters.c.kind == kind)
    return int(connection.scalar(wanted) or 0)


def urgings_of(store: Store, subject: str) -> list[Row]:
    """Who was urged about a subject, oldest first."""
    wanted = select(urgings).where(urgings.c.subject == subject).order_by(urgings.c.at, urgings.c.id)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def count_urgings(connection: Connection, subject: str) -> int:
    """How often somebody was urged about a subject, inside a transaction."""
    wanted = select(func.count()).select_from(urgings).where(urgings.c.subject == subject)
    return int(connection.scalar(wanted) or 0)


def urging_list(store: Store, *, whom: str | None = None, most: int = MOST) -> list[Row]:
    """Urgings that nobody has answered, those due first on top; then the newest answered ones."""
    waits = urgings.c.answered_at.is_(None)
    only = [] if whom is None else [urgings.c.whom == whom]
    first = select(urgings).where(waits, *only).order_by(urgings.c.due_at, urgings.c.id).limit(most)
    then = select(urgings).where(~waits, *only).order_by(urgings.c.at.desc(), urgings.c.id).limit(most)
    with store.reading() as connection:
        return [dict(row) for each in (first, then) for row in connection.execute(each).mappings()][:most]


def _order() -> tuple[ColumnElement[Any], ...]:
    ended = matters.c.ended_at
    return (ended.is_not(None), ended.desc(), matters.c.due_at.is_(None), matters.c.due_at, matters.c.id)


def _narrowed(
    state: str | None, owner: str | None, level: int | None, customer: str | None, late_at: datetime | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if state in ("ended", "current"):
        found.append(matters.c.ended_at.is_not(None) if state == "ended" else matters.c.ended_at.is_(None))
    elif state:
        found.append(matters.c.state == state)
    if owner is not None:
        found.append(matters.c.owner == owner if owner else matters.c.owner.is_(None))
    if level is not None:
        found.append(matters.c.level == level)
    if customer is not None:
        found.append(matters.c.customer == customer)
    if late_at is not None:
        found.append(and_(matters.c.ended_at.is_(None), matters.c.due_at < late_at))
    return found


def _holds(word: str, customers: Collection[str], personal: bool) -> ColumnElement[bool]:
    columns = [matters.c.id, matters.c.request]
    columns += [matters.c.words] if personal or not tells_number(word) else []
    columns += [matters.c.customer] if personal else []
    ways = [func.coalesce(each, "").icontains(word, autoescape=True) for each in columns]
    return or_(*ways, *([matters.c.customer.in_(list(customers)[:5000])] if customers else []))
