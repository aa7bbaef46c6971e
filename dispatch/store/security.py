"""The security log: who signed in or failed to, what was opened to whom, and who looked customers up.

It holds no password, no token, no code and no link: names, addresses and what happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import insert, select

from .store import Store
from .tables import security

What = Literal[
    "signed_in",
    "sign_in_failed",
    "sign_in_delayed",
    "signed_out",
    "signed_out_everywhere",
    "sessions_ended",
    "password_changed",
    "password_reset",
    "account_added",
    "account_disabled",
    "account_enabled",
    "token_issued",
    "token_revoked",
    "token_refused",
    "phone_link_made",
    "phone_link_revoked",
    "phone_signed_in",
    "phone_refused",
    "customer_search",
    "customer_opened",
    "access_refused",
]
WHATS: tuple[str, ...] = get_args(What)
MOST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An entry: when, what, whose doing, from where, and about what."""

    id: int
    at: datetime
    what: str
    name: str
    address: str
    note: str


class SecurityLog:
    """The log of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def write(self, what: What, name: str, address: str, now: datetime, note: str = "") -> None:
        """Write an entry."""
        row = {"what": what, "name": name[:120], "address": address[:60], "note": note[:MOST_NOTE]}
        with self.store.aside() as connection:
            connection.execute(insert(security).values(at=now, **row))

    def page(self, most: int, *, before: int | None = None, name: str = "", what: str = "") -> list[Noted]:
        """Entries, the newest first.

        Parameters
        ----------
        before : only those with a smaller number.
        name, what : only those of somebody, or of a kind; all when empty.
        """
        wanted = select(security).order_by(security.c.id.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(security.c.id < before)
        if name:
            wanted = wanted.where(security.c.name == name)
        if what:
            wanted = wanted.where(security.c.what == what)
        with self.store.reading() as connection:
            rows = connection.execute(wanted).all()
        return [
            Noted(id=row.id, at=row.at, what=row.what, name=row.name, address=row.address, note=row.note)
            for row in rows
        ]
