"""Phones that want to be rung: where, with which keys, and up to where they were told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from .store import Store
from .tables import ringing as table
from .tables import tokens

MOST_OF_A_CREW = 6
Row = Mapping[str, Any]


def subscribe(store: Store, token: str, crew: str, where: Mapping[str, str], now: datetime) -> None:
    """Note down where a phone is rung; it is told of what happens from now on.

    A phone has one such place. Of a crew's phones the newest are kept.

    Parameters
    ----------
    token : what the phone is signed in with.
    where : `endpoint`, `p256dh` and `auth` of the phone.
    """
    id_, held = _digest(where["endpoint"]), _digest(token)
    told = store.last_seq()
    with store.aside() as connection:
        again = (table.c.id == id_) & (table.c.token == held) & (table.c.crew == crew)
        known = connection.scalar(select(table.c.told).where(again))
        connection.execute(delete(table).where(or_(table.c.id == id_, table.c.token == held)))
        row = {"id": id_, "token": held, "crew": crew, **where, "made_at": now, "failures": 0}
        connection.execute(insert(table).values(**row, told=told if known is None else known))
        mine = select(table.c.id).where(table.c.crew == crew).order_by(table.c.made_at.desc(), table.c.id)
        old = connection.scalars(mine).all()[MOST_OF_A_CREW:]
        if old:
            connection.execute(delete(table).where(table.c.id.in_(old)))


def unsubscribe(store: Store, token: str) -> None:
    """Forget where the phone with this token is rung."""
    with store.aside() as connection:
        connection.execute(delete(table).where(table.c.token == _digest(token)))


def ringing(store: Store, now: datetime) -> list[Row]:
    """Phones that may be rung now: signed in for the same crew, and not left alone for a while."""
    good = (tokens.c.revoked == 0) & or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now)
    due = or_(table.c.due_at.is_(None), table.c.due_at <= now)
    held = table.join(tokens, (tokens.c.digest == table.c.token) & (tokens.c.crew == table.c.crew))
    with store.reading() as connection:
        wanted = select(table).select_from(held).where(good, due).order_by(table.c.id)
        return [dict(row) for row in connection.execute(wanted).mappings()]


def change(store: Store, id_: str, **values: Any) -> None:
    """Note what became of a message."""
    with store.aside() as connection:
        connection.execute(update(table).where(table.c.id == id_).values(**values))


def drop(store: Store, id_: str) -> None:
    """Forget a phone that its push service does not know any more."""
    with store.aside() as connection:
        connection.execute(delete(table).where(table.c.id == id_))


def count(store: Store) -> int:
    """How many phones are kept."""
    with store.reading() as connection:
        return len(connection.scalars(select(table.c.id)).all())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
