"""The journal as it was: a store in memory with its events up to a number and nothing later."""

from __future__ import annotations

from sqlalchemy import insert, select

from . import chain
from .columns import metadata
from .connection import connect
from .store import Store
from .tables import events

AT_ONCE = 1000


def upto(store: Store, seq: int) -> Store:
    """Copy the events up to a number; the tables of the day stay empty."""
    scratch = connect("sqlite://")
    metadata.create_all(scratch)
    before = chain.Head()
    with store.reading() as connection, scratch.begin() as fresh:
        wanted = select(events).where(events.c.seq <= seq).order_by(events.c.seq)
        newest = None
        for part in connection.execute(wanted).mappings().partitions(AT_ONCE):
            rows = [dict(row) for row in part]
            fresh.execute(insert(events), rows)
            newest = rows[-1]
        if newest is not None:
            chain.put_head(fresh, before, chain.Head(seq=newest["seq"], seal=newest["seal"] or ""))
    return Store(scratch)
