"""Accounts and tokens: who may sign in, and with what."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from .connection import StoreError
from .sessions import digest as session_digest
from .store import Store
from .tables import accounts, keepsakes, sessions, tokens
from .tries import begin_try, end_try, forget_tries

ROLES = ("dispatcher", "supervisor", "planner", "service", "manager", "crew", "viewer", "administrator")
# Two roles that no person has: "intake" brings requests, "site" asks for the supply of its group of sites.
TOKEN_ROLES = ("intake", "site", *ROLES)
LEAST_LENGTH = 10
# scrypt at RFC 7914's interactive setting: 16 MiB and about 50 ms a guess.
COST, BLOCK, PARALLEL = 2**14, 8, 1


class TooSoon(StoreError):
    """A try that comes before its time.

    Parameters
    ----------
    left : how long to wait.
    """

    def __init__(self, left: timedelta) -> None:
        self.left = left
        super().__init__(f"too many wrong tries; wait {left.total_seconds():.0f} s")


# Every request of a phone or a system asks it.
BEARER = select(tokens).where(tokens.c.digest == bindparam("mark"), tokens.c.revoked == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in; a crew's account sees its own route only."""

    name: str
    role: str
    crew: str | None
    must_change: bool
    enabled: bool
    language: str | None
    stamp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A system's token as the administrator sees it: never the token itself."""

    name: str
    role: str
    until: datetime | None


class Accounts:
    """The accounts of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(
        self, name: str, role: str, password: str, *, crew: str | None = None, once: bool = False
    ) -> None:
        """Add an account; with `once` its password must be changed at the first sign-in.

        Raises
        ------
        StoreError
            The name is taken, the role unknown, or the password too short.
        """
        if role not in ROLES:
            raise StoreError(f"no role '{role}'; expected one of {', '.join(ROLES)}")
        if (role == "crew") != (crew is not None):
            raise StoreError("an account of role crew belongs to one crew, and no other does")
        row = {
            "name": name,
            "role": role,
            "crew": crew,
            "password": hashed(checked_length(password)),
            "must_change": int(once),
            "enabled": 1,
        }
        try:
            with self.store.writing() as connection:
                connection.execute(insert(accounts).values(row))
        except IntegrityError as error:
            raise StoreError(f"there is an account '{name}' already") from error

    def first_administrator(self) -> tuple[str, str] | None:
        """On an empty database, add one administrator; returns its name and one-time password."""
        with self.store.reading() as connection:
            if connection.scalar(select(func.count()).select_from(accounts)):
                return None
        password = secrets.token_urlsafe(15)
        self.add("administrator", "administrator", password, once=True)
        return "administrator", password

    def verify(self, name: str, password: str, now: datetime, address: str = "") -> Account | None:
        """Check a name and password; an unknown name takes as long as a known one.

        The password is compared outside of any transaction: that takes a moment on purpose, and nobody
        else has to wait for it.

        Parameters
        ----------
        address : where it comes from; wrong passwords make that address wait, see `tries`.

        Raises
        ------
        TooSoon
            After wrong passwords the next try has to wait.
        """
        if (left := begin_try(self.store, name, address, now)) > timedelta(0):
            raise TooSoon(left)
        with self.store.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).mappings().one_or_none()
        right = matches(password, row["password"] if row is not None else NOBODY)
        if row is None or not right or not row["enabled"]:
            return None
        end_try(self.store, name, address)
        return self.find(name)

    def signed_in(self, name: str, mark: str) -> Account | None:
        """Whose session a browser shows: None where it was ended, or the account may sign in no longer."""
        wanted = (
            select(accounts)
            .join(sessions, sessions.c.name == accounts.c.name)
            .where(sessions.c.digest == session_digest(mark), sessions.c.ended_at.is_(None))
            .where(accounts.c.name == name, accounts.c.enabled == 1)
        )
        with self.store.reading() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else _account(row)

    def find(self, name: str) -> Account | None:
        """An account that may still sign in."""
        wanted = select(accounts).where(accounts.c.name == name, accounts.c.enabled == 1)
        with self.store.reading() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else _account(row)

    def everybody(self) -> tuple[str, ...]:
        """Names of all accounts."""
        with self.store.reading() as connection:
            return tuple(connection.scalars(select(accounts.c.name).order_by(accounts.c.name)))

    def overview(self) -> tuple[Account, ...]:
        """All accounts by name, those that are disabled too."""
        with self.store.reading() as connection:
            rows = connection.execute(select(accounts).order_by(accounts.c.name)).mappings().all()
        return tuple(_account(row) for row in rows)

    def set_password(self, name: str, password: str, *, once: bool = False) -> None:
        """Change a password; with `once` it must be changed again at the next sign-in."""
        changed = {"password": hashed(checked_length(password)), "must_change": int(once)}
        with self.store.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.name == name).values(changed))
            forget_tries(connection, name)

    def disable(self, name: str) -> None:
        """Keep an account from signing in; what it did stays in the journal under its name."""
        with self.store.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.name == name).values(enabled=0))

    def enable(self, name: str) -> None:
        """Let an account sign in again."""
        with self.store.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.name == name).values(enabled=1))

    def issue_token(
        self, name: str, role: str, *, crew: str | None = None, until: datetime | None = None
    ) -> str:
        """Make a token for a system or a crew's phone; only its digest is kept.

        Raises
        ------
        StoreError
            The role is unknown, or a crew's token names no crew.
        """
        if role not in TOKEN_ROLES:
            raise StoreError(f"no role '{role}'; expected one of {', '.join(TOKEN_ROLES)}")
        if (role == "crew") != (crew is not None):
            raise StoreError("a token of role crew belongs to one crew, and no other does")
        token = secrets.token_urlsafe(24)
        row = {"digest": _digest(token), "name": name, "role": role, "crew": crew, "expires_at": until}
        with self.store.writing() as connection:
            connection.execute(insert(tokens).values(revoked=0, **row))
        return token

    def bearer(self, token: str, now: datetime) -> Account | None:
        """Whose token this is, None where it is unknown, revoked or out of date."""
        with self.store.reading() as connection:
            row = connection.execute(BEARER, {"mark": _digest(token)}).mappings().one_or_none()
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= now):
            return None
        return Account(
            name=row["name"],
            role=row["role"],
            crew=row["crew"],
            must_change=False,
            enabled=True,
            language=None,
        )

    def tokens(self, now: datetime) -> tuple[Token, ...]:
        """The tokens of systems that are good now, by name; those of phones end with their shift."""
        wanted = select(tokens).where(tokens.c.revoked == 0, tokens.c.crew.is_(None)).order_by(tokens.c.name)
        with self.store.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(
            Token(name=row["name"], role=row["role"], until=row["expires_at"])
            for row in rows
            if row["expires_at"] is None or row["expires_at"] > now
        )

    def keepsake(self, name: str, made: str | None = None) -> str:
        """What this installation keeps under a name from when it is first asked for; by default a secret."""
        with self.store.writing() as connection:
            found = connection.scalar(select(keepsakes.c.value).where(keepsakes.c.name == name))
            if found is None:
                found = made or secrets.token_hex(32)
                connection.execute(insert(keepsakes).values(name=name, value=found))
        return str(found)

    def revoke(self, name: str) -> None:
        """Revoke every token of a name."""
        with self.store.writing() as connection:
            connection.execute(update(tokens).where(tokens.c.name == name).values(revoked=1))


def _account(row: RowMapping) -> Account:
    return Account(
        name=row["name"],
        role=row["role"],
        crew=row["crew"],
        must_change=bool(row["must_change"]),
        enabled=bool(row["enabled"]),
        language=row["language"],
        # A session holds it: a changed password ends the sessions that were begun with the old one.
        stamp=_digest(row["password"])[:16],
    )


def checked_length(password: str) -> str:
    """Return a password that is long enough.

    Raises
    ------
    StoreError
        It is not.
    """
    if len(password) < LEAST_LENGTH:
        raise StoreError(f"a password needs at least {LEAST_LENGTH} characters")
    return password


def hashed(password: str) -> str:
    """A salted scrypt hash, with its settings."""
    salt = secrets.token_bytes(16)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${_text(salt)}${_text(_scrypt(password, salt))}"


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed."""
    _, cost, block, parallel, salt, digest = kept.split("$")
    found = hashlib.scrypt(
        password.encode(), salt=base64.b64decode(salt), n=int(cost), r=int(block), p=int(parallel)
    )
    return hmac.compare_digest(found, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=PARALLEL)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


NOBODY = hashed(secrets.token_urlsafe(12))
