"""What the database knows of the versions of standing data: crews, rosters, depots, customers, switches.

A version holds what it changes, not the whole: rows that are put, by key, and keys that are gone.
`turn` counts the versions in the order in which they came into force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, update

from .journal import Event
from .tables import standing

if TYPE_CHECKING:
    from .store import Store

SHOWN = tuple(column for column in standing.c if column.name not in ("put", "gone"))


def standing_sent(connection: Connection, event: Event) -> None:
    """A version, checked and waiting for somebody to put it in force."""
    data = event.data
    row = {name: data[name] for name in ("kind", "base", "file", "note", "put", "gone")}
    made = {"made_by": event.actor, "made_at": event.at}
    connection.execute(insert(standing).values(id=int(event.subject), state="waiting", **row, **made))


def standing_decided(connection: Connection, event: Event) -> None:
    """Somebody put a version in force, or said no to it."""
    number, state = int(event.subject), "active" if event.kind == "standing_activated" else "declined"
    changed: dict[str, Any] = {"state": state, "decided_by": event.actor, "decided_at": event.at}
    if state == "active":
        kind = connection.scalar(select(standing.c.kind).where(standing.c.id == number))
        former = (standing.c.kind == kind) & (standing.c.state == "active")
        connection.execute(update(standing).where(former).values(state="former"))
        changed["turn"] = 1 + int(connection.scalar(select(func.max(standing.c.turn))) or 0)
    connection.execute(update(standing).where(standing.c.id == number).values(changed))


def standing_rows(store: Store) -> list[dict[str, Any]]:
    """Every version without its rows, the newest first."""
    with store.reading() as connection:
        rows = connection.execute(select(*SHOWN).order_by(standing.c.id.desc())).mappings()
        return [dict(row) for row in rows]


def standing_row(connection: Connection, number: int) -> dict[str, Any]:
    """One version with its rows, inside a transaction.

    Raises
    ------
    KeyError
        There is none of that number.
    """
    row = connection.execute(select(standing).where(standing.c.id == number)).mappings().one_or_none()
    if row is None:
        raise KeyError(number)
    return dict(row)


def standing_bodies(store: Store, kind: str, after: int, until: int) -> list[Mapping[str, Any]]:
    """What the versions of a kind put and take away, from one turn to another, in order."""
    columns = (standing.c.turn, standing.c.put, standing.c.gone)
    wanted = select(*columns).where(standing.c.kind == kind, standing.c.turn > after)
    with store.reading() as connection:
        found = connection.execute(wanted.where(standing.c.turn <= until).order_by(standing.c.turn))
        return [dict(row) for row in found.mappings()]


def standing_turns(store: Store) -> dict[str, list[int]]:
    """The turns of each kind, in order."""
    wanted = select(standing.c.kind, standing.c.turn).where(standing.c.turn.is_not(None))
    turns: dict[str, list[int]] = {}
    with store.reading() as connection:
        for kind, turn in connection.execute(wanted.order_by(standing.c.turn)):
            turns.setdefault(str(kind), []).append(int(turn))
    return turns


def next_standing(connection: Connection) -> int:
    """The number of the next version, inside a transaction."""
    return 1 + int(connection.scalar(select(func.max(standing.c.id))) or 0)


def touched_since(connection: Connection, kind: str, turn: int) -> Sequence[Mapping[str, Any]]:
    """What came into force of a kind after a turn, inside a transaction."""
    columns = (standing.c.id, standing.c.put, standing.c.gone)
    wanted = select(*columns).where(standing.c.kind == kind, standing.c.turn > turn)
    return [dict(row) for row in connection.execute(wanted).mappings()]


def case_standing(store: Store, kind: str) -> dict[str, Any]:
    """The rows that the case's own versions of a kind add up to."""
    wanted = select(standing.c.put, standing.c.gone).where(standing.c.kind == kind)
    rows: dict[str, Any] = {}
    with store.reading() as connection:
        own = wanted.where(standing.c.made_by == "case", standing.c.turn.is_not(None))
        for put, gone in connection.execute(own.order_by(standing.c.turn)):
            for key in gone:
                rows.pop(key, None)
            rows.update(put)
    return rows
