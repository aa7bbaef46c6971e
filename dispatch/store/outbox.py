"""Messages that are to be sent: written with the event they tell of, claimed by one sender at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from .naming import in_parts
from .store import Store
from .tables import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one recipient.

    Parameters
    ----------
    key : what it is known by everywhere; a second one with the same key is not written.
    channel : smtp, webhook or voice.
    kind : which words it has; empty once it has been written down.
    due_at : not before; at once without it.
    replaces : takes the place of what waits for its time under keys that begin so.
    """

    key: str
    channel: str
    recipient: str
    subject: str
    text: str
    kind: str = ""
    due_at: datetime | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that one sender has for itself until its lease ends."""

    id: int
    letter: Letter
    tries: int


def put(connection: Connection, event: int, letters: Iterable[Letter], due_at: datetime) -> int:
    """Write messages of an event, inside its transaction; returns how many were new."""
    letters = list(letters)
    _drop_overtaken(connection, letters, due_at)
    new = 0
    for part in in_parts({letter.key: letter for letter in letters}.values()):
        keys = [letter.key for letter in part]
        there = set(connection.scalars(select(outbox.c.key).where(outbox.c.key.in_(keys))))
        rows = [
            {
                "event": event,
                "channel": letter.channel,
                "recipient": letter.recipient,
                "subject": letter.subject,
                "text": letter.text,
                "state": "waiting",
                "tries": 0,
                "due_at": letter.due_at or due_at,
                "key": letter.key,
            }
            for letter in part
            if letter.key not in there
        ]
        if rows:
            connection.execute(insert(outbox), rows)
        new += len(rows)
    return new


def _drop_overtaken(connection: Connection, letters: Sequence[Letter], now: datetime) -> None:
    """What waits for the morning and has been overtaken is never sent."""
    for letter in letters:
        if letter.replaces:
            old = outbox.c.key.startswith(letter.replaces, autoescape=True) & (outbox.c.key != letter.key)
            asleep = (outbox.c.state == "waiting") & (outbox.c.tries == 0) & (outbox.c.due_at > now)
            connection.execute(delete(outbox).where(old, asleep))


def told_to(store: Store, recipient: str, most: int = 50) -> list[dict[str, object]]:
    """What somebody was told, the newest first."""
    names = (outbox.c.id, outbox.c.channel, outbox.c.subject, outbox.c.text, outbox.c.state, outbox.c.due_at)
    wanted = select(*names).where(outbox.c.recipient == recipient).order_by(outbox.c.id.desc()).limit(most)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def keys_under(connection: Connection, prefix: str) -> list[str]:
    """Keys that begin with `prefix`, oldest first."""
    wanted = select(outbox.c.key).where(outbox.c.key.startswith(prefix, autoescape=True))
    return list(connection.scalars(wanted.order_by(outbox.c.id)))


def states_of(store: Store, keys: Collection[str]) -> dict[str, tuple[str, str, datetime]]:
    """Channel, state and moment of the messages under some keys."""
    names = (outbox.c.key, outbox.c.channel, outbox.c.state, outbox.c.due_at)
    with store.reading() as connection:
        return {
            key: (channel, state, at)
            for part in in_parts(keys)
            for key, channel, state, at in connection.execute(select(*names).where(outbox.c.key.in_(part)))
        }


def claim(
    store: Store, channels: Collection[str], most: int, now: datetime, lease: timedelta
) -> list[Claimed]:
    """Take up to `most` messages that are due, for as long as the lease lasts.

    A message whose sender died is due again when its lease ends.
    """
    wanted = (
        select(outbox)
        .where(outbox.c.state.in_(("waiting", "claimed")), outbox.c.due_at <= now)
        .where(outbox.c.channel.in_(channels))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    with store.writing() as connection:
        rows = connection.execute(wanted).mappings().all()
        ids = [row["id"] for row in rows]
        taken = {"state": "claimed", "due_at": now + lease}
        connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(taken))
    names = ("key", "channel", "recipient", "subject", "text")
    return [
        Claimed(id=row["id"], letter=Letter(**{name: row[name] for name in names}), tries=row["tries"])
        for row in rows
    ]


def sent(store: Store, claimed: Claimed, now: datetime) -> None:
    """The receiver has it."""
    changed = {"state": "sent", "tries": claimed.tries + 1, "due_at": now, "error": None}
    _change(store, claimed, changed)


def put_off(store: Store, claimed: Claimed, until: datetime, error: str) -> None:
    """It did not work; try again later."""
    changed = {"state": "waiting", "tries": claimed.tries + 1, "due_at": until, "error": error[:500]}
    _change(store, claimed, changed)


def give_up(store: Store, claimed: Claimed, now: datetime, error: str) -> None:
    """It will never work: kept with the reason."""
    changed = {"state": "failed", "tries": claimed.tries + 1, "due_at": now, "error": error[:500]}
    _change(store, claimed, changed)


def counts(store: Store) -> dict[str, int]:
    """How many messages are in each state."""
    wanted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    with store.reading() as connection:
        return {state: int(count) for state, count in connection.execute(wanted)}


def letters(store: Store) -> list[Letter]:
    """Every message, oldest first."""
    names = (outbox.c.key, outbox.c.channel, outbox.c.recipient, outbox.c.subject, outbox.c.text)
    with store.reading() as connection:
        rows = connection.execute(select(*names).order_by(outbox.c.id)).mappings().all()
    return [Letter(**row) for row in rows]


def _change(store: Store, claimed: Claimed, changed: dict[str, object]) -> None:
    # A message that another sender finished after our lease ended stays finished.
    where = (outbox.c.id == claimed.id) & (outbox.c.state == "claimed")
    with store.writing() as connection:
        connection.execute(update(outbox).where(where).values(changed))
