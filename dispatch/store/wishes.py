"""How people want to be told, by the mark of their number or address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, select

from .service_tables import preferences
from .store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How somebody wants to be told.

    Parameters
    ----------
    language : en or zh; the utility's own without it.
    way : text or voice; text without it.
    stopped : nothing any more, but what warns of danger or must be announced.
    """

    language: str | None = None
    way: str | None = None
    stopped: bool = False


USUAL = Wish()


def mark_of(contact: str) -> str:
    """What stands for a number or address in the journal: the same however a number is spelt."""
    digits = "".join(each for each in contact if each.isdigit())[-9:]
    plain = contact.strip().casefold() if "@" in contact else digits
    return hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()


def all_wishes(connection: Connection) -> dict[str, Wish]:
    """Every wish by its mark."""
    return {
        row.mark: Wish(language=row.language, way=row.way, stopped=bool(row.stopped))
        for row in connection.execute(select(preferences))
    }


def wish_of(store: Store, contact: str) -> Wish:
    """How one contact wants to be told."""
    with store.reading() as connection:
        row = connection.execute(select(preferences).where(preferences.c.mark == mark_of(contact))).first()
    return USUAL if row is None else Wish(language=row.language, way=row.way, stopped=bool(row.stopped))
