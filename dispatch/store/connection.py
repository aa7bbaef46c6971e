"""Open a database: SQLite by default, PostgreSQL by its URL."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..ground.errors import DispatchError

WAIT_MS = 10_000
# While another process makes ready what readers and writers of a SQLite file share, or is starved at it,
# nobody else can begin; SQLite itself gives up after ten seconds ("locking protocol").
OPENING_S = 60.0
AGAIN_S = 0.05
NOT_YET = frozenset({sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_BUSY})
# Every thread of a server may hold a connection for a moment.
POOL: dict[str, Any] = {"pool_size": 20, "max_overflow": 80, "pool_pre_ping": False}
# PostgreSQL has 100 connections unless told otherwise, and two servers share them; a connection that
# was lost with a restart of the database is noticed before it is used.
SERVED_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 30, "pool_pre_ping": True}
# Any number that no other program locks in the same database ("grid" in ASCII).
WRITERS = 0x67726964


# The database is away, locked, full or out of connections: nothing was written, and it may pass.
DATABASE_ERRORS = (OperationalError, InterfaceError, InternalError, PoolTimeout)


# What was sent fits no column: a text that is too long, a number that is too large. SQLite keeps either.
UNFIT = DataError


class StoreError(DispatchError):
    """The database cannot be used as it is."""


def connect(url: str, *, existing: bool = False) -> Engine:
    """Return an engine for `url`.

    Parameters
    ----------
    existing : refuse a SQLite file that is not there, which would be made otherwise.

    Notes
    -----
    SQLite runs in WAL mode with full synchronisation, so an acknowledged
    change survives a crash, and every writing transaction begins IMMEDIATE:
    a deferred one fails when two writers meet.

    Raises
    ------
    StoreError
        The URL is not one, its driver is not installed, or the file is not there.
    """
    try:
        name = make_url(url).get_backend_name()
        file = make_url(url).database
        in_memory = name == "sqlite" and file in (None, "", ":memory:")
        pool = SERVED_POOL if name == "postgresql" else POOL
        engine = create_engine(url, **({} if in_memory else pool))
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreError(f"database {shown_url(url)!r}: {error}") from error
    if existing and name == "sqlite" and not in_memory and not Path(str(file)).is_file():
        raise StoreError(f"database {url!r}: there is no file {file}")
    if name == "sqlite":
        _tune_sqlite(engine)
    elif name == "postgresql":
        _line_up_writers(engine)
    return engine


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        # Hand BEGIN over to the listener below.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={WAIT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            _patiently(connection, f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        if connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Every question begins with it, and it locks nothing: it need not go through SQLAlchemy.
            connection.connection.driver_connection.execute("BEGIN")


def _patiently(connection: Any, words: str) -> None:
    """Carry out what a connection begins with, and wait while another process makes the file ready."""
    ends_s = time.monotonic() + OPENING_S
    while True:
        try:
            connection.execute(words).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in NOT_YET or time.monotonic() > ends_s:
                raise
            time.sleep(AGAIN_S)
        else:
            return


def reader(engine: Engine) -> Engine:
    """The engine for transactions that only read, each of which sees one moment.

    SQLite's do by themselves; PostgreSQL would let every statement see its own moment.
    """
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def settle(engine: Engine) -> None:
    """Write SQLite's log into the database file, so that a copy of that file alone is whole."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection, suppress(sqlite3.Error):
        # Past SQLAlchemy, which would begin a transaction, and inside one this does nothing.
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _line_up_writers(engine: Engine) -> None:
    """Let one writer in at a time, as SQLite does by itself.

    Numbers of events are then in the order in which they become visible, so
    nobody who reads "what is new since 41" misses a 42 that was committed after a 43.
    """

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        if connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


def shown_url(url: str) -> str:
    """A database's URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(unreadable)"
