"""Accounts out of the store, as the pages ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from dispatch.store.accounts import Account, Accounts
from dispatch.store.security import SecurityLog, What
from dispatch.store.sessions import Sessions

from .access import Identity


@dataclass(frozen=True)
class Directory:
    """An account book over the store's accounts and tokens."""

    accounts: Accounts

    def verify(self, name: str, password: str, now_s: float, address: str) -> Identity | None:
        """Return the identity, or None for a wrong pair; TooSoon when the next try has to wait."""
        return _identity(self.accounts.verify(name, password, _at(now_s), address))

    def find(self, name: str) -> Identity | None:
        """Return an account that may still sign in."""
        return _identity(self.accounts.find(name))

    def bearer(self, token: str, now_s: float) -> Identity | None:
        """Return whose token this is."""
        return _identity(self.accounts.bearer(token, _at(now_s)))

    def set_password(self, name: str, password: str) -> None:
        """Change a password; StoreError when it is too short."""
        self.accounts.set_password(name, password)

    def begin_session(self, name: str, now_s: float, address: str) -> str:
        """Somebody has signed in; returns the mark of the session."""
        return self.sessions.begin(name, address, _at(now_s))

    def signed_in(self, name: str, mark: str) -> Identity | None:
        """Return the account whose session this is, None for one that was ended."""
        return _identity(self.accounts.signed_in(name, mark))

    def holds_session(self, name: str, mark: str) -> bool:
        """Whether the session of somebody without an account here goes on."""
        return self.sessions.is_open(name, mark)

    def end_session(self, mark: str, now_s: float) -> None:
        """Somebody has signed out here."""
        self.sessions.end(mark, _at(now_s))

    def end_sessions(self, name: str, now_s: float, but: str | None = None) -> int:
        """End every session of somebody, but one; returns how many there were."""
        return self.sessions.end_all(name, _at(now_s), but=but)

    def log(self, what: What, name: str, now_s: float, address: str, note: str = "") -> None:
        """Write down in the security log what happened."""
        self.security.write(what, name, address, _at(now_s), note)

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return Sessions(self.accounts.store)

    @property
    def security(self) -> SecurityLog:
        """What happened at the door."""
        return SecurityLog(self.accounts.store)


def _at(now_s: float) -> datetime:
    return datetime.fromtimestamp(now_s, UTC)


def _identity(account: Account | None) -> Identity | None:
    if account is None:
        return None
    return Identity(
        name=account.name,
        roles=frozenset({account.role}),
        crew=account.crew,
        must_change=account.must_change,
        stamp=account.stamp,
    )
