"""Accounts out of the store, as the pages ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from dispatch.store.accounts import Account, Accounts

from .access import Identity


@dataclass(frozen=True)
class Directory:
    """An account book over the store's accounts and tokens."""

    accounts: Accounts

    def verify(self, name: str, password: str, now_s: float) -> Identity | None:
        """Return the identity, or None for a wrong pair or a locked account."""
        return _identity(self.accounts.verify(name, password, datetime.fromtimestamp(now_s, UTC)))

    def find(self, name: str) -> Identity | None:
        """Return an account that may still sign in."""
        return _identity(self.accounts.find(name))

    def bearer(self, token: str, now_s: float) -> Identity | None:
        """Return whose token this is."""
        return _identity(self.accounts.bearer(token, datetime.fromtimestamp(now_s, UTC)))

    def set_password(self, name: str, password: str) -> None:
        """Change a password; StoreError when it is too short."""
        self.accounts.set_password(name, password)


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
