"""Who plans, when several servers share a database; and who may use a SQLite file at all.

Every server answers boards and phones. Exactly one plans, escalates and forgets: the one that
holds a lock in the database. The lock hangs on a connection, so it is free the moment its
holder ends, is killed or loses the database, and another server takes it by itself.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, make_url

from .connection import StoreError, shown_url
from .store import NEWS, Store

log = logging.getLogger("gridcrew.leader")
# Any number that no other program locks in the same database ("lead" in ASCII).
LEAD = 0x6C656164
LOOK_S = 1.0
GOODBYE_S = 5.0
# A machine that is gone without a word is noticed by the database after some eight seconds.
PATIENCE = {"tcp_keepalives_idle": 3, "tcp_keepalives_interval": 1, "tcp_keepalives_count": 5}


class Leader(threading.Thread):
    """Says whether this process leads, and wakes its boards when another process has written.

    On SQLite there is one server, and it leads.

    Parameters
    ----------
    look_s : seconds between two looks at the lock.
    """

    def __init__(self, store: Store, look_s: float = LOOK_S) -> None:
        super().__init__(name="leader", daemon=True)
        self._store, self._look_s = store, look_s
        self._shared = store.engine.dialect.name == "postgresql"
        self._ended = threading.Event()
        self._leads = not self._shared

    @property
    def leads(self) -> bool:
        """Whether this process is the one that plans now."""
        return self._leads

    @property
    def alone(self) -> bool:
        """Whether no other server can share the database."""
        return not self._shared

    def start(self) -> None:
        """Stand for election from now on."""
        if self._shared:
            super().start()

    def hurry(self) -> None:
        """Let another server lead, without waiting."""
        self._ended.set()

    def end(self) -> None:
        """Let another server lead."""
        self.hurry()
        if self.ident is not None:
            self.join(GOODBYE_S)

    def run(self) -> None:
        """Hold the lock, or wait for it, until `end` is called."""
        while not self._ended.is_set():
            try:
                self._stand()
            # Whatever a driver raises when its server restarts: this thread outlives it.
            except Exception as error:
                log.warning("no word from the database: %s", (str(error) or repr(error)).splitlines()[0])
            if self._leads:
                log.warning("this server no longer leads")
            self._leads = False
            self._ended.wait(self._look_s)

    def _stand(self) -> None:
        """One connection's life: the lock hangs on it, and news come over it."""
        with self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # Out of the pool: closing it frees the lock.
            connection.detach()
            for name, value in PATIENCE.items():
                connection.exec_driver_sql(f"SET {name} = {value}")
            connection.exec_driver_sql(f"LISTEN {NEWS}")
            # What was written before it listened.
            self._store.told()
            while not self._ended.is_set():
                self._look(connection)
                self._hear(connection)

    def _look(self, connection: Connection) -> None:
        if self._leads:
            connection.exec_driver_sql("SELECT 1")
        elif connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LEAD})").scalar():
            self._leads = True
            log.warning("this server leads: it plans from now on")

    def _hear(self, connection: Connection) -> None:
        wire: Any = connection.connection.dbapi_connection
        for _ in wire.notifies(timeout=self._look_s, stop_after=1):
            self._store.told()


class Alone:
    """A SQLite file's lock, held for life: a second server is refused.

    Held by the system, so that it is free after `kill -9` too; it is not inherited by
    processes that the server starts.
    """

    def __init__(self, url: str) -> None:
        """Take the lock of the file that `url` names; nothing to take on another database.

        Raises
        ------
        StoreError
            Another server holds it.
        """
        self._file: int | None = None
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
            return
        path = Path(f"{Path(str(parsed.database)).resolve()}.lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            text = f"database {shown_url(url)}: {path} cannot be written: {error.strerror}"
            raise StoreError(text) from error
        self._take(url)

    def _take(self, url: str) -> None:
        assert self._file is not None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 100).decode(errors="replace").strip()
            self.release()
            by = f" (process {holder})" if holder.isdecimal() else ""
            raise StoreError(
                f"database {shown_url(url)}: another gridcrew server uses it{by}; "
                "stop that one first, or share a PostgreSQL database between several servers"
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Let another server use the file."""
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
            self._file = None
