"""What came again, what was visited last, what has ended lately: counted for the customer desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ..ground.case import OWN_CHANNEL
from .lifecycle import ENDED
from .service_tables import matters, urgings
from .store import Store
from .tables import orders, requests

Row = dict[str, Any]
ROLES = frozenset({"supervisor", "duty_manager"})


def last_ended(store: Store, kind: str) -> dict[str, datetime]:
    """When a matter of a kind last ended, by customer."""
    wanted = select(matters.c.customer, func.max(matters.c.ended_at)).where(
        matters.c.kind == kind, matters.c.ended_at.is_not(None), matters.c.customer.is_not(None)
    )
    with store.reading() as connection:
        found = connection.execute(wanted.group_by(matters.c.customer))
        return {str(customer): at for customer, at in found}


def levels_told(store: Store, kind: str) -> list[tuple[int, Row]]:
    """Level and own data of every matter of a kind; of one that was forgotten the data are empty."""
    wanted = select(matters.c.level, matters.c.data).where(matters.c.kind == kind).order_by(matters.c.id)
    with store.reading() as connection:
        return [(int(level), dict(data)) for level, data in connection.execute(wanted)]


def matters_since(store: Store, since: datetime) -> list[Row]:
    """Matters of all kinds that were opened since a time and are not forgotten."""
    wanted = select(matters).where(matters.c.opened_at >= since).order_by(matters.c.id)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings() if row["data"]]


def answered_urgings(store: Store, since: datetime) -> list[Row]:
    """Urgings since a time that a person was urged by and somebody answered."""
    wanted = select(urgings).where(urgings.c.at >= since, urgings.c.answered_at.is_not(None))
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(wanted.order_by(urgings.c.id)).mappings()]
    return [row for row in rows if row["answer"] != "ended" and row["whom"] not in ROLES]


def callers_again(store: Store, since: datetime, least: int) -> list[tuple[str, list[str]]]:
    """Customers who called for so many different orders since a time, with the requests (重复报修)."""
    first = func.min(requests.c.id)
    wanted = (
        select(requests.c.customer, first)
        .where(
            requests.c.customer.is_not(None),
            requests.c.received_at >= since,
            requests.c.channel != OWN_CHANNEL,
            requests.c.withdrawn == 0,
        )
        .group_by(requests.c.customer, func.coalesce(requests.c.order_id, requests.c.id))
    )
    return _again(store, wanted, least)


def ended_orders(store: Store, since: datetime) -> list[Row]:
    """Orders that have ended since a time, with the request where there is one."""
    asked = select(func.min(requests.c.id)).where(requests.c.order_id == orders.c.id).scalar_subquery()
    wanted = select(orders, asked.label("request")).where(orders.c.state.in_(ENDED), orders.c.since >= since)
    wanted = wanted.order_by(orders.c.since)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def places_again(store: Store, since: datetime, least: int) -> list[tuple[str, list[str]]]:
    """Places that were without supply so often since a time, with their orders."""
    wanted = select(orders.c.place, orders.c.id).where(orders.c.place.is_not(None), orders.c.since >= since)
    return _again(store, wanted, least)


def complainers_again(store: Store, since: datetime, least: int) -> list[tuple[str, list[str]]]:
    """Customers with so many complaints since a time, with the complaints."""
    wanted = select(matters.c.customer, matters.c.id).where(
        matters.c.kind == "complaint", matters.c.customer.is_not(None), matters.c.opened_at >= since
    )
    return _again(store, wanted, least)


def _again(store: Store, wanted: Any, least: int) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    with store.reading() as connection:
        for whose, id_ in connection.execute(wanted):
            found.setdefault(str(whose), []).append(str(id_))
    many = [(whose, sorted(ids)) for whose, ids in found.items() if len(ids) >= least]
    return sorted(many, key=lambda each: (-len(each[1]), each[0]))
