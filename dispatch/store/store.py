"""The store: write events, read the day, rebuild it, back it up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from . import chain, journal, migrate
from .columns import metadata
from .connection import DATABASE_ERRORS, StoreError, connect, reader, settle, shown_url
from .feed import Feed
from .journal import Event, Known
from .projection import apply
from .tables import PROJECTIONS, events, orders


class Conflict(StoreError):
    """Somebody else changed it in between."""

    def __init__(self, subject: str, expected: int, found: int, by: str) -> None:
        self.subject, self.expected, self.found, self.by = subject, expected, found, by
        super().__init__(
            f"{subject} was changed by {by} in the meantime (version {found}, you saw {expected})"
        )


log = logging.getLogger("gridcrew.store")
Hearer = Callable[[Connection, Event], None]
# Rows by the table's name.
Tables = dict[str, list[dict[str, Any]]]
# Another process may write to the same store (a purge, a command): it is looked at so often.
LOOK_S = 1.0
LAST = select(func.max(events.c.seq))
# The channel on which servers on one PostgreSQL database tell each other that something was written.
NEWS = "gridcrew_news"


class Store:
    """A database of the running day.

    One writing transaction holds an event and everything it changes: either
    both are there after a crash, or neither is. Whoever is among `hearers` is
    told of each new event at the end of that transaction, when all of it has been
    applied. A hearer that fails takes back what it wrote and nothing else: the change
    holds, and the journal says what was not told.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.hearers: list[Hearer] = []
        self.feed = Feed(self)
        self._writer = engine.execution_options(writing=True)
        self._reader = reader(engine)
        self._written = object()
        self._newest: tuple[object, int, float] = (None, 0, 0.0)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction."""
        with self._writer.begin() as connection:
            unheard: list[Event] = []
            connection.execution_options(unheard=unheard)
            yield connection
            self._tell(connection, unheard)
            if self.engine.dialect.name == "postgresql":
                # Other servers on this database hear of it at the commit.
                connection.exec_driver_sql(f"NOTIFY {NEWS}")
        self.told()

    def told(self) -> None:
        """Something was written, here or by another process: whoever waits for events looks."""
        self.look_again()
        self.feed.tell()

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """One writing transaction that changes nothing of the day: nobody is told of it."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One reading transaction: a view that does not move while it is read."""
        with self._reader.begin() as connection:
            yield connection

    def record(self, *happened: Event) -> list[int]:
        """Write events and what they change, all or none.

        Returns
        -------
        list of int
            Their numbers; for an event whose key is known, the number it was first written under.
        """
        with self.writing() as connection:
            return [record(connection, event) for event in happened]

    def order_version(self, connection: Connection, order: str) -> int:
        """The version of a work order, 0 when there is none."""
        found = connection.scalar(select(orders.c.version).where(orders.c.id == order))
        return int(found or 0)

    def order_state(self, connection: Connection, order: str) -> str:
        """The state of a work order, "received" when it has not been opened yet."""
        found = connection.scalar(select(orders.c.state).where(orders.c.id == order))
        return str(found or "received")

    def newest(self, connection: Connection) -> int:
        """Number of the newest event, inside a transaction."""
        return int(connection.scalar(select(func.max(events.c.seq))) or 0)

    def expect(self, connection: Connection, order: str, version: int) -> None:
        """Refuse to go on when a work order is not at the version its reader saw.

        Raises
        ------
        Conflict
            With who changed it.
        """
        found = self.order_version(connection, order)
        if found != version:
            last = select(events.c.actor).where(events.c.subject == order).order_by(events.c.seq.desc())
            by = connection.scalar(last.limit(1)) or "somebody"
            raise Conflict(order, version, found, str(by))

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """A whole projection table, in the order of its key."""
        with self.reading() as connection:
            return _rows(connection, table)

    def last_seq(self) -> int:
        """Number of the newest event, 0 in an empty journal."""
        with self.reading() as connection:
            return int(connection.scalar(LAST) or 0)

    def recent_seq(self) -> int:
        """Number of the newest event, without asking the database again while nothing was written.

        What this process wrote is known at once, what another wrote after a second at most.
        """
        written, seq, at_s = self._newest
        if written is not self._written or time.monotonic() - at_s >= LOOK_S:
            # Marked before the reading: who writes meanwhile makes it out of date again.
            written, at_s = self._written, time.monotonic()
            seq = self.last_seq()
            self._newest = (written, seq, at_s)
        return seq

    def look_again(self) -> None:
        """Something was written: `recent_seq` asks the database the next time."""
        self._written = object()

    def events_after(self, seq: int, most: int | None = None) -> list[Event]:
        """Events after `seq`, oldest first."""
        with self.reading() as connection:
            return list(journal.read(connection, seq, most))

    def rebuilt(self) -> Tables:
        """The projection tables as the journal alone makes them, by table name.

        Raises
        ------
        StoreError
            An event does not follow from those before it.
        """
        with self.reading() as connection:
            return _rebuilt(connection)

    def stored(self) -> Tables:
        """The projection tables as they are, by table name."""
        with self.reading() as connection:
            return _stored(connection)

    def both(self) -> tuple[Tables, Tables]:
        """The tables as stored and as the journal makes them, of one moment: equal while people write.

        Raises
        ------
        StoreError
            An event does not follow from those before it.
        """
        with self.reading() as connection:
            return _stored(connection), _rebuilt(connection)

    def differing(self) -> list[str]:
        """Every row that is stored otherwise than the journal makes it, as sentences."""
        stored, rebuilt = self.both()
        return [
            f"{name}: {row} is {where}"
            for name in stored
            if stored[name] != rebuilt[name]
            for here, there, where in (
                (stored[name], rebuilt[name], "stored, and the journal does not make it"),
                (rebuilt[name], stored[name], "made by the journal, and not stored"),
            )
            for row in here
            if row not in there
        ]

    def head(self) -> chain.Head:
        """Number and seal of the newest event: worth noting down elsewhere."""
        with self.reading() as connection:
            return chain.head(connection)

    def chain_faults(self, kept: chain.Head | None = None) -> list[str]:
        """Every event that is missing, was altered or is out of place, as sentences.

        Parameters
        ----------
        kept : a head that was noted down earlier, outside of the database.
        """
        with self.reading() as connection:
            return list(chain.faults(connection, kept))

    def close(self) -> None:
        """Leave nothing in a log beside the database, and give the connections back."""
        with suppress(SQLAlchemyError):
            # Where the database is gone already, there is nothing to settle.
            settle(self.engine)
        self.engine.dispose()

    def _tell(self, connection: Connection, unheard: list[Event]) -> None:
        """Let every hearer hear what was written, each for itself."""
        for event in list(unheard):
            for hear in self.hearers:
                try:
                    with connection.begin_nested():
                        hear(connection, event)
                except Exception as error:
                    # Not told is better than not done: the change itself is sound.
                    log.exception("nobody was told of event %s (%s)", event.seq, event.kind)
                    self._say_untold(connection, event, error)

    def _say_untold(self, connection: Connection, event: Event, error: Exception) -> None:
        """Write down that nobody was told; where the database itself is away, the change does not hold."""
        try:
            record(connection, _untold(event, error))
        except SQLAlchemyError:
            if isinstance(error, DATABASE_ERRORS):
                raise error from None
            raise


def _rebuilt(connection: Connection) -> Tables:
    scratch = connect("sqlite://")
    metadata.create_all(scratch)
    with scratch.begin() as fresh:
        for event in journal.read(connection, 0, None):
            try:
                apply(fresh, event)
            except (SQLAlchemyError, KeyError, ValueError) as error:
                text = f"event {event.seq} ({event.kind}, {event.subject}) cannot be carried out"
                raise StoreError(f"{text}: {type(error).__name__}") from error
        return {table.name: _rows(fresh, table) for table in PROJECTIONS}


def _stored(connection: Connection) -> Tables:
    return {table.name: _rows(connection, table) for table in PROJECTIONS}


def record(connection: Connection, event: Event) -> int:
    """Write one event and what it changes, inside a writing transaction."""
    try:
        seq = journal.append(connection, event)
    except Known as known:
        return known.seq
    apply(connection, event)
    unheard = connection.get_execution_options().get("unheard")
    if unheard is not None:
        unheard.append(replace(event, seq=seq))
    return seq


def _untold(event: Event, error: Exception) -> Event:
    """What the journal says of an event that a hearer failed at."""
    data = {"what": "untold", "event": event.seq, "kind": event.kind, "why": type(error).__name__}
    return Event(
        at=event.at,
        actor="messages",
        source="store",
        kind="noted",
        subject=event.subject,
        data=data,
        key=f"untold/{event.seq}",
    )


def open_store(url: str) -> Store:
    """Open a database and bring its tables up to date.

    Raises
    ------
    StoreError
        It cannot be opened, or was written by a newer version of the program.
    """
    engine = connect(url)
    try:
        migrate.upgrade(engine)
        with engine.begin() as connection:
            # A file that may only be read opens without a word, and fails at the first call.
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
    except DatabaseError as error:
        engine.dispose()
        raise _unopened(url, error) from error
    return Store(engine)


def open_existing(url: str) -> Store:
    """Open a database that holds a day; one that does not is left as it is.

    Raises
    ------
    StoreError
        There is none under this name, it holds no tables of ours, or it cannot be reached.
    """
    engine = connect(url, existing=True)
    try:
        with engine.connect() as connection:
            found = migrate.revision_of(connection)
    except SQLAlchemyError as error:
        raise _unopened(url, error) from error
    if not found:
        engine.dispose()
        raise StoreError(f"database {shown_url(url)!r} holds no day; is its name right?")
    try:
        migrate.upgrade(engine)
    except DatabaseError as error:
        engine.dispose()
        raise _unopened(url, error) from error
    return Store(engine)


def _unopened(url: str, error: SQLAlchemyError) -> StoreError:
    """Why a database cannot be used: away, not to be written, no database at all."""
    return StoreError(f"database {shown_url(url)!r} cannot be opened: {error.__cause__ or error}")


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    keys: Sequence[Any] = list(table.primary_key.columns)
    return [dict(row) for row in connection.execute(select(table).order_by(*keys)).mappings()]
