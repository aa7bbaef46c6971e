"""What the running day is made of now: what is open and what ended lately, kept between events.

The store holds months; a board, a phone and the planner want today. After an event only
the rows that it may have touched are read again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Select, Table, case, exists, func, or_, select

from .columns import metadata
from .lifecycle import ENDED
from .service_tables import matters, urgings
from .store import Store
from .tables import callbacks, events, jobs, orders, plans, requests, steps, ticks

# How long a closed order stays in sight: long enough to see what a colleague has just done.
IN_SIGHT = timedelta(hours=4)
# What left sight by its age alone is noticed so often.
ANEW = timedelta(minutes=10)
# After more news than this, reading all is quicker than reading what changed.
MOST_NEWS = 400
ASKED_AGAIN = ("due", "unreached")
OF_ORDER = dict.fromkeys(("steps", "jobs", "ticks", "callbacks", "requests"), "order_id")
# Which rows an event of a kind may touch: by table, the column that holds the event's subject, or
# None for the whole table. A kind that is not named here touches everything.
TOUCHES: Mapping[str, Mapping[str, str | None]] = {
    "request_logged": {"requests": "id"},
    "request_joined": {"requests": "id"},
    "request_changed": {"requests": "id"},
    "order_opened": {"orders": "id", **OF_ORDER},
    "order_moved": {"orders": "id", **OF_ORDER},
    "order_told": {"orders": "id"},
    "job_moved": {"jobs": "id"},
    "job_wished": {"wishes": "job"},
    "changed": {"changes": "subject"},
    "step_ticked": {"ticks": "job"},
    "callback_answered": {"callbacks": "request"},
    "crew_changed": {"crews": "id"},
    "etrs_stated": {},
    "restocked": {},
    "signs_heard": {"signs": None},
    "owned": {"orders": None, "requests": None},
    "owner_changed": {"requests": "id", "orders": None},
    "manager_changed": {"managers": "customer"},
    "matter_opened": {"matters": "id"},
    "matter_changed": {"matters": "id"},
    "urged": {"urgings": "subject"},
    "urging_answered": {"urgings": "subject"},
    "preference_changed": {},
    "plan_acknowledged": {"crews": "id"},
    "plan_made": {"plans": None},
    "plan_published": {"plans": None},
    "plan_declined": {"plans": None},
    "policy_uploaded": {"policies": None},
    "policy_activated": {"policies": None},
    "policy_declined": {"policies": None},
    "standing_sent": {"standing": None},
    "standing_activated": {"standing": None},
    "standing_declined": {"standing": None},
    "shift_changed": {},
    "weather_told": {},
    "noted": {},
}
# What a note is about; of other events nothing is read here, a plan's are long.
WHAT = case((events.c.kind == "noted", events.c.data["what"].as_string()))
Row = dict[str, Any]
Made = TypeVar("Made")


def noted(what: str) -> str:
    """How `Present.kept` names notes about one thing: help, a ticket."""
    return f"noted {what}"


class Present:
    """The rows of the running day.

    Parameters
    ----------
    clock : says what time it is.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._tables: dict[str, dict[tuple[Any, ...], Row]] = {}
        self._lists: dict[str, list[Row]] = {}
        self._keys: dict[str, list[tuple[Any, ...]]] = {}
        self._made: dict[str, tuple[tuple[Any, ...], Any]] = {}
        # How often each table was touched, each kind of event happened and each thing was noted;
        # and how often all was forgotten.
        self._versions: Counter[str] = Counter()
        self._anew = 0
        # How often events have named a subject, since all was forgotten.
        self._named: Counter[str] = Counter()
        self._seq: int | None = None
        self._read_at: datetime | None = None

    def rows(self, table: str) -> list[Row]:
        """What is open, and what ended within the last hours, of one table, in the order of its key.

        Requests, steps, jobs, ticks and callbacks go with their order; an
        order whose callers are still to be asked stays. The rows are shared:
        do not change them.
        """
        with self._lock:
            self._take_news()
            if table not in self._lists:
                found = self._table(table)
                keys = self._keys.get(table)
                if keys is None:
                    keys = self._keys[table] = sorted(found)
                self._lists[table] = [found[key] for key in keys]
            return self._lists[table]

    def row(self, table: str, key: str) -> Row | None:
        """The row of a key that is one text, as `rows` has it; None where there is none in sight."""
        with self._lock:
            self._take_news()
            return self._table(table).get((key,))

    def plan_number(self, state: str | None = None) -> int | None:
        """Number of the newest plan in a state, or of all; None when there is none."""
        numbers = self.kept("plan numbers", ("plans",), self._plan_numbers)
        return max(numbers.values(), default=None) if state is None else numbers.get(state)

    def kept(
        self, name: str, on: Collection[str], make: Callable[[], Made], about: Collection[str] = ()
    ) -> Made:
        """What was made of the day, kept until something that it depends on happens.

        Parameters
        ----------
        on : names of tables, or kinds of events; of what is noted alone by `noted`.
        about : subjects; an event that names one of them is what it depends on, whatever its kind.
        """
        with self._lock:
            self._take_news()
            versions: tuple[Any, ...] = (self._anew, *(self._versions[each] for each in on))
            versions += tuple((each, self._named[each]) for each in about)
            found = self._made.get(name)
            if found is not None and found[0] == versions:
                return cast(Made, found[1])
        # Not under the lock: it may ask for rows itself. What happens meanwhile makes it again.
        value = make()
        self._made[name] = (versions, value)
        return value

    # -- inside ----------------------------------------------------------------

    def _table(self, table: str) -> dict[tuple[Any, ...], Row]:
        if table not in self._tables:
            self._tables[table] = self._read(metadata.tables[table])
        return self._tables[table]

    def _take_news(self) -> None:
        """Read again what was touched since the last look."""
        now = self._clock()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < ANEW:
            self._forget_all()
            self._read_at = now
        seq = self._store.recent_seq()
        if seq == self._seq:
            return
        if self._seq is not None:
            wanted = select(events.c.kind, events.c.subject, WHAT).where(events.c.seq > self._seq)
            with self._store.reading() as connection:
                news = [tuple(row) for row in connection.execute(wanted.limit(MOST_NEWS))]
                self._apply(connection, news)
        self._seq = seq

    def _apply(self, connection: Connection, news: Collection[tuple[Any, ...]]) -> None:
        if len(news) == MOST_NEWS or any(self._is_far_reaching(*each[:2]) for each in news):
            self._forget_all()
            return
        touched: dict[tuple[str, str | None], set[str]] = {}
        for kind, subject, what in news:
            self._versions[kind] += 1
            if what is not None:
                self._versions[noted(what)] += 1
            self._named[subject] += 1
            for table, column in TOUCHES[kind].items():
                touched.setdefault((table, column), set()).add(subject)
        for (table, column), subjects in touched.items():
            self._versions[table] += 1
            self._lists.pop(table, None)
            if column is None:
                self._tables.pop(table, None)
                self._keys.pop(table, None)
            elif table in self._tables:
                self._replace(connection, metadata.tables[table], column, subjects)

    def _is_far_reaching(self, kind: str, subject: str) -> bool:
        """Whether an event may touch anything: an ended order whose place is out again gives up its name."""
        if kind == "order_opened":
            return (subject,) in self._tables.get("orders", {(subject,): {}})
        return kind not in TOUCHES

    def _forget_all(self) -> None:
        self._tables.clear()
        self._keys.clear()
        self._lists.clear()
        self._made.clear()
        self._named.clear()
        self._anew += 1

    def _replace(self, connection: Connection, table: Table, column: str, subjects: set[str]) -> None:
        rows = self._tables[table.name]
        if [each.name for each in table.primary_key.columns] == [column]:
            gone = {key for each in subjects if (key := (each,)) in rows}
        else:
            gone = {key for key, row in rows.items() if row[column] in subjects}
        wanted = self._wanted(table, few=True).where(table.c[column].in_(subjects))
        found = _by_key(table, connection.execute(wanted).mappings())
        for key in gone - found.keys():
            del rows[key]
        if found.keys() != gone:
            self._keys.pop(table.name, None)
        # A row takes the place of the one before, which whoever reads it keeps as it was.
        rows.update(found)

    def _read(self, table: Table) -> dict[tuple[Any, ...], Row]:
        with self._store.reading() as connection:
            return _by_key(table, connection.execute(self._wanted(table, few=False)).mappings())

    def _wanted(self, table: Table, *, few: bool) -> Select[Any]:
        """Rows in sight; of `few` rows each looks its order up, so that a month of others is not read."""
        wanted, seen = select(table), _in_sight(self._clock())
        if table is orders:
            return wanted.where(seen)
        if table is matters:
            return wanted.where(matters.c.ended_at.is_(None))
        if table is urgings:
            return wanted.where(urgings.c.answered_at.is_(None))
        if table not in (requests, steps, jobs, ticks, callbacks):
            return wanted
        ordered: ColumnElement[bool]
        if few:
            ordered = exists().where(orders.c.id == table.c.order_id, seen)
        else:
            ordered = table.c.order_id.in_(select(orders.c.id).where(seen))
        return wanted.where(or_(requests.c.open == 1, ordered) if table is requests else ordered)

    def _plan_numbers(self) -> Mapping[str, int]:
        wanted = select(plans.c.state, func.max(plans.c.id)).group_by(plans.c.state)
        with self._store.reading() as connection:
            return {state: int(number) for state, number in connection.execute(wanted)}


def _by_key(table: Table, found: Iterable[Mapping[Any, Any]]) -> dict[tuple[Any, ...], Row]:
    names = [column.name for column in table.primary_key.columns]
    rows = [dict(row) for row in found]
    return {tuple(row[name] for name in names): row for row in rows}


def _in_sight(now: datetime) -> ColumnElement[bool]:
    # Under another name: the rows that are looked for may be callbacks themselves.
    again = callbacks.alias("again")
    asked = exists().where(again.c.order_id == orders.c.id, again.c.state.in_(ASKED_AGAIN))
    return or_(orders.c.state.not_in(ENDED), orders.c.since >= now - IN_SIGHT, asked)
