"""Who is signed in: a session is known here, so that it can be ended from anywhere."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from .store import Store
from .tables import sessions

# Addresses where an account has signed in are remembered so long; see `tries`.
KEPT = timedelta(days=90)
MOST_ADDRESS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as an administrator sees it: never what a browser holds of it."""

    name: str
    began_at: datetime
    address: str


class Sessions:
    """The sessions of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, name: str, address: str, now: datetime) -> str:
        """Somebody has signed in; returns what the browser shows from now on. Its digest alone is kept."""
        mark = secrets.token_urlsafe(24)
        row = {"digest": digest(mark), "name": name, "began_at": now, "address": address[:MOST_ADDRESS]}
        with self.store.aside() as connection:
            connection.execute(delete(sessions).where(sessions.c.began_at < now - KEPT))
            connection.execute(insert(sessions).values(row))
        return mark

    def is_open(self, name: str, mark: str) -> bool:
        """Whether a session was begun for somebody and not ended since."""
        wanted = select(sessions.c.name).where(
            sessions.c.digest == digest(mark), sessions.c.ended_at.is_(None)
        )
        with self.store.reading() as connection:
            return connection.scalar(wanted) == name

    def end(self, mark: str, now: datetime) -> None:
        """Somebody has signed out: a copy of the cookie opens nothing any more."""
        mine = (sessions.c.digest == digest(mark)) & sessions.c.ended_at.is_(None)
        with self.store.aside() as connection:
            connection.execute(update(sessions).where(mine).values(ended_at=now))

    def end_all(self, name: str, now: datetime, *, but: str | None = None) -> int:
        """End every session of somebody, but the one with the mark `but`; returns how many there were."""
        theirs = (sessions.c.name == name) & sessions.c.ended_at.is_(None)
        if but is not None:
            theirs &= sessions.c.digest != digest(but)
        with self.store.aside() as connection:
            return int(connection.execute(update(sessions).where(theirs).values(ended_at=now)).rowcount)

    def open_since(self, since: datetime) -> list[Session]:
        """Sessions begun since a time and not ended, by name, the newest first."""
        wanted = select(sessions).where(sessions.c.ended_at.is_(None), sessions.c.began_at >= since)
        with self.store.reading() as connection:
            rows = connection.execute(wanted.order_by(sessions.c.name, sessions.c.began_at.desc())).all()
        return [Session(name=row.name, began_at=row.began_at, address=row.address) for row in rows]


def digest(mark: str) -> str:
    """What is kept of something that only its holder knows."""
    return hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest()
