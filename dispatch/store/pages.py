"""Pages of the day's tables: some rows at a time, newest first, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, func, or_, select

from .journal import Event, read
from .lifecycle import ENDED
from .store import Store
from .tables import callbacks, events, jobs, orders, plans, requests, steps

MOST_ROWS = 500
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and what to ask for next: None when there is no more."""

    rows: list[Row]
    next: str | None


def requests_page(
    store: Store,
    *,
    most: int = 100,
    before: str | None = None,
    open_: bool | None = True,
    since: datetime | None = None,
    until: datetime | None = None,
    equal: Mapping[str, Any] | None = None,
    words: str = "",
    logged_by: str | None = None,
) -> Page:
    """Requests by time of receipt, newest first.

    Parameters
    ----------
    most : 1 to 500 rows.
    before : id of the last row of the page before.
    open_ : only open ones (True), only closed ones (False), all (None).
    since, until : received from, and before.
    equal : wanted values by column: customer, order_id, channel, kind.
    words : a part of what was said, or of the address.
    logged_by : only those that this account or system wrote down.
    """
    where = _equal(requests, equal)
    if open_ is not None:
        where.append(requests.c.open == int(open_))
    if since is not None:
        where.append(requests.c.received_at >= since)
    if until is not None:
        where.append(requests.c.received_at < until)
    if logged_by is not None:
        where.append(_logged_by(logged_by))
    if words:
        where.append(_contains(words, requests.c.words, requests.c.address))
    return _page(store, requests, requests.c.received_at, where, most, before)


def orders_page(
    store: Store,
    *,
    most: int = 100,
    before: str | None = None,
    open_: bool | None = True,
    equal: Mapping[str, Any] | None = None,
) -> Page:
    """Work orders by their last change of state, newest first, each with the time of its steps."""
    where = _equal(orders, equal)
    if open_ is not None:
        ended = orders.c.state.in_(ENDED)
        where.append(~ended if open_ else ended)
    page = _page(store, orders, orders.c.since, where, most, before)
    with store.reading() as connection:
        reached = _steps(connection, [row["id"] for row in page.rows])
    return Page([row | {"steps": reached.get(row["id"], {})} for row in page.rows], page.next)


def plans_page(store: Store, *, most: int = 50, before: int | None = None) -> Page:
    """Plans, newest first, without what they were made from."""
    columns = [column for column in plans.c if column.name not in ("basis", "routes")]
    wanted = select(*columns).order_by(plans.c.id.desc()).limit(_bounded(most) + 1)
    if before is not None:
        wanted = wanted.where(plans.c.id < before)
    with store.reading() as connection:
        return _cut(_rows(connection, wanted), most)


def request_row(store: Store, id_: str, logged_by: str | None = None) -> Row | None:
    """One request, if it is there and, when that is asked, was written down by `logged_by`."""
    wanted = select(requests).where(requests.c.id == id_)
    if logged_by is not None:
        wanted = wanted.where(_logged_by(logged_by))
    with store.reading() as connection:
        return next(iter(_rows(connection, wanted)), None)


def order_whole(store: Store, id_: str) -> Row | None:
    """One work order with its steps, its jobs, its requests and its callbacks."""
    with store.reading() as connection:
        found = _rows(connection, select(orders).where(orders.c.id == id_))
        if not found:
            return None
        parts = {
            table.name: _rows(connection, select(table).where(table.c.order_id == id_))
            for table in (jobs, requests, callbacks)
        }
        return found[0] | {"steps": _steps(connection, [id_]).get(id_, {}), **parts}


def events_page(
    store: Store,
    *,
    after: int = 0,
    most: int = 100,
    kinds: Collection[str] = (),
    subject: str | None = None,
) -> list[Event]:
    """Events after number `after`, oldest first, of some kinds, about one subject."""
    wanted = select(events.c.seq).where(events.c.seq > after).order_by(events.c.seq)
    if kinds:
        wanted = wanted.where(events.c.kind.in_(kinds))
    if subject is not None:
        wanted = wanted.where(events.c.subject == subject)
    with store.reading() as connection:
        numbers = list(connection.scalars(wanted.limit(_bounded(most))))
        return list(read(connection, only=numbers)) if numbers else []


def _page(
    store: Store,
    table: Table,
    time: ColumnElement[datetime],
    where: list[ColumnElement[bool]],
    most: int,
    before: str | None,
) -> Page:
    wanted = select(table).where(*where).order_by(time.desc(), table.c.id.desc())
    with store.reading() as connection:
        if before is not None:
            last = connection.scalar(select(time).where(table.c.id == before))
            if last is None:
                return Page([], None)
            wanted = wanted.where(or_(time < last, and_(time == last, table.c.id < before)))
        return _cut(_rows(connection, wanted.limit(_bounded(most) + 1)), most)


def _cut(rows: list[Row], most: int) -> Page:
    kept = rows[: _bounded(most)]
    return Page(kept, str(kept[-1]["id"]) if len(rows) > len(kept) else None)


def _bounded(most: int) -> int:
    return max(1, min(most, MOST_ROWS))


def _equal(table: Table, equal: Mapping[str, Any] | None) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in (equal or {}).items()]


def _logged_by(actor: str) -> ColumnElement[bool]:
    own = (events.c.kind == "request_logged") & (events.c.actor == actor)
    return exists().where(own, events.c.subject == requests.c.id)


def _contains(text: str, *columns: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(func.coalesce(column, "").icontains(text, autoescape=True) for column in columns))


def _steps(connection: Connection, ids: Collection[str]) -> dict[str, dict[str, datetime]]:
    reached: dict[str, dict[str, datetime]] = {}
    wanted = select(steps.c.order_id, steps.c.state, steps.c.at).where(steps.c.order_id.in_(ids))
    for order, state, at in connection.execute(wanted.order_by(steps.c.at)):
        reached.setdefault(order, {})[state] = at
    return reached


def _rows(connection: Connection, wanted: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(wanted).mappings()]
