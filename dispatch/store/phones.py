"""Links by which a crew's phone signs in: a code on paper, a PIN, and an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from .accounts import Accounts, hashed, matches
from .connection import StoreError
from .store import Store
from .tables import phones, ringing, tokens

FAILURES_TO_LOCK = 5
FAILURES_TO_REVOKE = 10
LOCKED = timedelta(minutes=15)
PIN_LENGTHS = (4, 6)
PROLONGED_BY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A phone that has signed in: its token is good until `until`."""

    crew: str
    token: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What the office sees of a link."""

    crew: str
    made_by: str
    made_at: datetime
    until: datetime
    used: bool
    locked: bool


def account_of(crew: str) -> str:
    """The name under which a crew's phone appears in the journal."""
    return f"phone {crew}"


class Phones:
    """The links of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def make_link(self, crew: str, pin: str, *, until: datetime, by: str, now: datetime) -> str:
        """Make a one-time code for a crew; the crew's earlier codes no longer open anything.

        Raises
        ------
        StoreError
            The PIN is not four to six digits, or the shift is over.
        """
        least, most = PIN_LENGTHS
        if not (pin.isascii() and pin.isdigit() and least <= len(pin) <= most):
            raise StoreError(f"a PIN has {least} to {most} digits")
        if until <= now:
            raise StoreError(f"the shift of {crew} is over")
        token = secrets.token_urlsafe(24)
        row = {"digest": _digest(token), "crew": crew, "pin": hashed(pin), "failures": 0, "revoked": 0}
        with self.store.writing() as connection:
            connection.execute(update(phones).where(phones.c.crew == crew).values(revoked=1))
            connection.execute(insert(phones).values(expires_at=until, made_by=by, made_at=now, **row))
        return token

    def enter(self, token: str, pin: str, device: str, now: datetime) -> Entered | None:
        """Sign a phone in; None when the code, the PIN or the phone is wrong, without saying which.

        The first phone to get in has the code for itself. It may ask again with
        the same `device` secret: its first answer may have been lost on the way.
        """
        wanted = select(phones).where(phones.c.digest == _digest(token))
        with self.store.reading() as connection:
            found = connection.execute(wanted).mappings().one_or_none()
        row = None if found is None else dict(found)
        # Compared outside of any transaction: that takes a moment on purpose.
        right = row is not None and _open(row, now) and pin.isascii() and matches(pin, row["pin"])
        if row is None or not self._let_in(row["digest"], right, device, now):
            return None
        crew, until = row["crew"], row["expires_at"]
        issued = Accounts(self.store).issue_token(account_of(crew), "crew", crew=crew, until=until)
        return Entered(crew=crew, token=issued, until=until)

    def _let_in(self, digest: str, right: bool, device: str, now: datetime) -> bool:
        """Count a wrong PIN, or give the code to the phone that was right first."""
        with self.store.writing() as connection:
            wanted = select(phones).where(phones.c.digest == digest)
            row = dict(connection.execute(wanted).mappings().one())
            if not _open(row, now):
                return False
            if not right:
                _fail(connection, row, now)
                return False
            if row["device"] not in (None, _digest(device)):
                return False
            changed = {"failures": 0, "locked_until": None, "device": _digest(device)}
            connection.execute(update(phones).where(phones.c.digest == digest).values(changed))
        return True

    def revoke(self, crew: str) -> None:
        """Close a crew's codes and sign its phones out."""
        with self.store.writing() as connection:
            connection.execute(update(phones).where(phones.c.crew == crew).values(revoked=1))
            connection.execute(delete(ringing).where(ringing.c.crew == crew))
        Accounts(self.store).revoke(account_of(crew))

    def prolong(self, token: str, crew: str, until: datetime) -> datetime | None:
        """Let a phone's token be good until then; written when that is half an hour more at least.

        Returns
        -------
        datetime or None
            Until when it is good now; None for a token that is none of the crew's phones', or has no end.
        """
        mine = (tokens.c.digest == _digest(token)) & (tokens.c.name == account_of(crew))
        good = mine & (tokens.c.revoked == 0)
        with self.store.reading() as connection:
            ends: datetime | None = connection.scalar(select(tokens.c.expires_at).where(good))
        if ends is not None and ends < until - PROLONGED_BY:
            with self.store.writing() as connection:
                connection.execute(update(tokens).where(good).values(expires_at=until))
            return until
        return ends

    def in_order(self, token: str, times: Sequence[datetime], now: datetime) -> list[datetime]:
        """When a phone's taps happened, so that none lies before what it said earlier, nor after `now`.

        A clock that is far off is put right message by message, and no two messages take
        equally long: without this a phone's own order could be turned round.

        Parameters
        ----------
        times : of its taps, in the order they were made, already put right.
        """
        if not times:
            return []
        mine = tokens.c.digest == _digest(token)
        past = [min(time, now) for time in times]
        with self.store.writing() as connection:
            heard: datetime | None = connection.scalar(select(tokens.c.heard_at).where(mine))
            found = list(accumulate(past, max, initial=heard or past[0]))[1:]
            connection.execute(update(tokens).where(mine).values(heard_at=found[-1]))
        return found

    def links(self, now: datetime) -> list[Link]:
        """The codes that are good now, by crew."""
        wanted = (
            select(phones).where(phones.c.revoked == 0, phones.c.expires_at > now).order_by(phones.c.crew)
        )
        with self.store.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [
            Link(
                crew=row["crew"],
                made_by=row["made_by"],
                made_at=row["made_at"],
                until=row["expires_at"],
                used=row["device"] is not None,
                locked=row["locked_until"] is not None and row["locked_until"] > now,
            )
            for row in rows
        ]


def _open(row: Mapping[str, Any], now: datetime) -> bool:
    locked = row["locked_until"] is not None and row["locked_until"] > now
    return not row["revoked"] and row["expires_at"] > now and not locked


def _fail(connection: Connection, row: Mapping[str, Any], now: datetime) -> None:
    failures = row["failures"] + 1
    changed: dict[str, Any] = {"failures": failures}
    if failures % FAILURES_TO_LOCK == 0:
        changed["locked_until"] = now + LOCKED
    if failures >= FAILURES_TO_REVOKE:
        changed["revoked"] = 1
    connection.execute(update(phones).where(phones.c.digest == row["digest"]).values(changed))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
