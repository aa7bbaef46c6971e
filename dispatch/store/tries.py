"""Guesses at passwords: each wrong one makes the next wait longer, for whoever guesses and for nobody else.

Nothing is locked. A wrong password makes the same address wait before it may try the same account again, a
little longer each time. An account that many addresses guess at makes strangers wait a few seconds; somebody
at an address where the account has signed in before does not notice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from .store import Store
from .tables import sessions, tries

FORGOTTEN_AFTER = timedelta(hours=1)
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """How waits grow: the first `free` failures cost nothing, then a second that doubles up to `longest`."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long to wait after so many failures."""
        if failures <= self.free:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2 ** min(failures - self.free - 1, 20)))


# An account from one address; an account from anywhere, for strangers.
PAIR = Slope(free=3, longest=timedelta(minutes=15))
ACCOUNT = Slope(free=20, longest=timedelta(seconds=5))


def begin_try(store: Store, name: str, address: str, now: datetime) -> timedelta:
    """Count a try as a failure before it is looked at; returns how long to wait instead, or zero.

    Counting first keeps a hundred guesses at the same moment from all being the first.
    """
    with store.aside() as connection:
        rules = [(_key(name, address), PAIR)]
        if not _knows(connection, name, address):
            rules.append((_key(name), ACCOUNT))
        rows = {key: _row(connection, key, now) for key, _ in rules}
        left = max((until - now for _, until in rows.values()), default=timedelta(0))
        if left > timedelta(0):
            return left
        for key, slope in rules:
            failures = rows[key][0] + 1
            _put(connection, key, failures, now + slope.wait(failures), now)
    return timedelta(0)


def end_try(store: Store, name: str, address: str) -> None:
    """The try was right: what was counted is forgotten."""
    with store.aside() as connection:
        keys = (_key(name, address), _key(name))
        connection.execute(delete(tries).where(tries.c.key.in_(keys)))


def forget_tries(connection: Connection, name: str) -> None:
    """Somebody has given the account a new password: strangers wait no longer."""
    connection.execute(delete(tries).where(tries.c.key == _key(name)))


def _key(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=32).hexdigest()


def _knows(connection: Connection, name: str, address: str) -> bool:
    wanted = select(sessions.c.digest).where(sessions.c.name == name, sessions.c.address == address)
    return connection.scalar(wanted.limit(1)) is not None


def _row(connection: Connection, key: str, now: datetime) -> tuple[int, datetime]:
    found = connection.execute(select(tries).where(tries.c.key == key)).one_or_none()
    if found is None or now - max(found.at, found.until) > FORGOTTEN_AFTER:
        return 0, now
    return found.failures, found.until


def _put(connection: Connection, key: str, failures: int, until: datetime, now: datetime) -> None:
    told = {"failures": failures, "until": until, "at": now}
    if not connection.execute(update(tries).where(tries.c.key == key).values(told)).rowcount:
        connection.execute(delete(tries).where(tries.c.at < now - KEPT))
        connection.execute(insert(tries).values(key=key, **told))
