"""What the journal says of weather warnings: the newest word on each, and how often it was told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from .journal import Event, read
from .tables import events

TOLD = events.c.kind == "weather_told"


def newest_of(connection: Connection, name: str) -> Event | None:
    """The last word on a warning, None where there is none of that name."""
    seq = connection.scalar(select(func.max(events.c.seq)).where(TOLD, events.c.subject == name))
    return None if seq is None else next(read(connection, only=[int(seq)]))


def first_by(connection: Connection, name: str) -> str | None:
    """Who told a warning first, None where there is none of that name."""
    wanted = select(events.c.actor).where(TOLD, events.c.subject == name).order_by(events.c.seq).limit(1)
    return connection.scalar(wanted)


def versions_of(connection: Connection, name: str) -> int:
    """How often a warning was told."""
    return int(
        connection.scalar(select(func.count()).select_from(events).where(TOLD, events.c.subject == name)) or 0
    )


def next_warning(connection: Connection) -> int:
    """The number of the next warning, inside a transaction."""
    return 1 + int(connection.scalar(select(func.count(events.c.subject.distinct())).where(TOLD)) or 0)


def warnings_told(connection: Connection, since: datetime) -> list[tuple[Event, int]]:
    """The newest word on each warning that was told since a time, with how often it was told in all."""
    newest = func.max(events.c.seq)
    wanted = (
        select(newest, func.count())
        .where(TOLD)
        .group_by(events.c.subject)
        .having(func.max(events.c.at) >= since)
    )
    counts = {int(seq): int(count) for seq, count in connection.execute(wanted)}
    return [(event, counts[event.seq or 0]) for event in read(connection, only=list(counts))]
