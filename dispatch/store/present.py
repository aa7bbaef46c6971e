"""What the running day is made of now: what is open and what ended lately, kept between events.

The store holds months; a board, a phone and the planner want today. Each table
is read again only after an event that may have touched it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from .lifecycle import ENDED
from .store import Store
from .tables import callbacks, events, jobs, metadata, orders, plans, requests, steps, ticks

# How long a closed order stays in sight: long enough to see what a colleague has just done.
IN_SIGHT = timedelta(hours=4)
ASKED_AGAIN = ("due", "unreached")
# Which tables an event of a kind may touch; one that is not named here touches all.
TOUCHES: Mapping[str, frozenset[str]] = {
    "request_logged": frozenset({"requests"}),
    "request_joined": frozenset({"requests"}),
    "order_told": frozenset({"orders"}),
    "job_moved": frozenset({"jobs"}),
    "job_wished": frozenset({"wishes"}),
    "step_ticked": frozenset({"ticks"}),
    "callback_answered": frozenset({"callbacks"}),
    "crew_changed": frozenset({"crews"}),
    "plan_acknowledged": frozenset({"crews"}),
    "plan_made": frozenset({"plans"}),
    "plan_published": frozenset({"plans"}),
    "plan_declined": frozenset({"plans"}),
    "noted": frozenset(),
}
Row = dict[str, Any]


class Present:
    """The rows of the running day.

    Parameters
    ----------
    clock : says what time it is.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], Any] = {}
        self._seq = -1

    def rows(self, table: str) -> list[Row]:
        """What is open, and what ended within the last hours, of one table, in the order of its key.

        Requests, steps, jobs, ticks and callbacks go with their order; an
        order whose callers are still to be asked stays. The rows are shared:
        do not change them.
        """
        found: list[Row] = self._get(table, "rows", lambda connection: self._read(connection, table))
        return found

    def plan_number(self, state: str | None = None) -> int | None:
        """Number of the newest plan in a state, or of all; None when there is none."""
        numbers: Mapping[str, int] = self._get("plans", "numbers", _plan_numbers)
        return max(numbers.values(), default=None) if state is None else numbers.get(state)

    def _get(self, table: str, what: str, make: Callable[[Connection], Any]) -> Any:
        with self._lock, self._store.reading() as connection:
            self._forget(connection)
            if (table, what) not in self._kept:
                self._kept[(table, what)] = make(connection)
            return self._kept[(table, what)]

    def _forget(self, connection: Connection) -> None:
        """Drop what was touched since it was read."""
        seq = int(connection.scalar(select(func.max(events.c.seq))) or 0)
        if seq == self._seq:
            return
        if self._kept:
            kinds = connection.scalars(select(events.c.kind).where(events.c.seq > self._seq).distinct()).all()
            self._kept = {
                key: value
                for key, value in self._kept.items()
                if all(key[0] not in TOUCHES.get(kind, key) for kind in kinds)
            }
        self._seq = seq

    def _read(self, connection: Connection, table: str) -> list[Row]:
        return [dict(row) for row in connection.execute(self._wanted(table)).mappings()]

    def _wanted(self, name: str) -> Select[Any]:
        table = metadata.tables[name]
        wanted = select(table).order_by(*table.primary_key.columns)
        now = self._clock()
        if table is orders:
            return wanted.where(_in_sight(now))
        if table is requests:
            return wanted.where(or_(requests.c.open == 1, requests.c.order_id.in_(_orders(now))))
        if table in (steps, jobs, ticks, callbacks):
            return wanted.where(table.c.order_id.in_(_orders(now)))
        return wanted


def _in_sight(now: datetime) -> ColumnElement[bool]:
    asked = exists().where(callbacks.c.order_id == orders.c.id, callbacks.c.state.in_(ASKED_AGAIN))
    return or_(orders.c.state.not_in(ENDED), orders.c.since >= now - IN_SIGHT, asked)


def _orders(now: datetime) -> Select[Any]:
    return select(orders.c.id).where(_in_sight(now))


def _plan_numbers(connection: Connection) -> Mapping[str, int]:
    wanted = select(plans.c.state, func.max(plans.c.id)).group_by(plans.c.state)
    return {state: int(number) for state, number in connection.execute(wanted)}
