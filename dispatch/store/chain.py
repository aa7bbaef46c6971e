"""The journal's chain: every event is sealed over the one before, so that what is taken out or changed shows.

An event keeps three texts. `salt` is random. `content` is a digest of what the event says, keyed with its
salt. `seal` is a digest of the seal before, both numbers and `content`. When customers are forgotten, their
events are rewritten and lose their salt, so that nobody can find out by guessing what was there; `content`
stays, and with it the chain. The event that records the purge names the digest of what is left of each, and
is in the chain itself.

The digests are fixed: another form of them would break every journal that is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from .tables import events, keepsakes

HEAD = "journal head"
AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Number and seal of the newest event."""

    seq: int = 0
    seal: str = ""

    def __str__(self) -> str:
        return f"{self.seq}:{self.seal}"

    @classmethod
    def of(cls, text: str) -> Head:
        """Read what `str` wrote.

        Raises
        ------
        ValueError
            It is not of this form.
        """
        seq, _, seal = text.partition(":")
        return cls(seq=int(seq), seal=seal)


def content_of(
    at: datetime,
    actor: str,
    source: str,
    kind: str,
    subject: str,
    data: Mapping[str, Any],
    key: str | None,
    salt: str | None,
) -> str:
    """The digest of what an event says."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    said = json.dumps([when, actor, source, kind, subject, data, key], separators=(",", ":"))
    return hashlib.blake2b(said.encode(), key=(salt or "").encode(), digest_size=32).hexdigest()


def seal_of(before: Head, seq: int, content: str) -> str:
    """The seal of an event that follows another."""
    said = f"{before.seal}:{before.seq}:{seq}:{content}"
    return hashlib.blake2b(said.encode(), digest_size=32).hexdigest()


def head(connection: Connection) -> Head:
    """The newest event, as the last writer left it."""
    found = connection.scalar(select(keepsakes.c.value).where(keepsakes.c.name == HEAD))
    return Head() if found is None else Head.of(found)


def put_head(connection: Connection, before: Head, new: Head) -> None:
    """Remember the newest event, inside the transaction that writes it."""
    if before.seq:
        connection.execute(update(keepsakes).where(keepsakes.c.name == HEAD).values(value=str(new)))
    else:
        connection.execute(insert(keepsakes).values(name=HEAD, value=str(new)))


def faults(connection: Connection, kept: Head | None = None) -> Iterator[str]:
    """Every break of the chain as a sentence, in the order of the journal.

    Parameters
    ----------
    kept : a head that somebody has noted down earlier, outside of the database.
    """
    left = _left(connection)
    before, passed = Head(), kept is None
    for row in _rows(connection):
        yield from _faults_of(row, before, left)
        before = Head(seq=row.seq, seal=row.seal or "")
        passed = passed or before == kept
    newest = head(connection)
    if newest.seq != before.seq:
        yield f"the journal ends with event {before.seq}, though event {newest.seq} was written"
    if not passed:
        yield f"event {kept.seq if kept else 0} does not bear the seal that was noted down"


def _faults_of(row: Row[Any], before: Head, left: Mapping[int, str]) -> Iterator[str]:
    if row.seal is None or row.content is None:
        yield f"event {row.seq} ({row.kind}, {row.subject}) bears no seal"
        return
    if row.prior != before.seq:
        yield _missing(before.seq, row)
    elif row.seal != seal_of(before, row.seq, row.content):
        yield f"event {row.seq} ({row.kind}, {row.subject}) does not follow from event {before.seq}: resealed"
    said = content_of(row.at, row.actor, row.source, row.kind, row.subject, row.data, row.key, row.salt)
    if said != (row.content if row.salt is not None else left.get(row.seq)):
        yield f"event {row.seq} ({row.kind}, {row.subject}) was altered"


def _missing(before: int, row: Row[Any]) -> str:
    first, last = before + 1, row.prior
    if last is None or last < first:
        return f"event {row.seq} ({row.kind}, {row.subject}) stands in the wrong place"
    named = f"event {last} is" if first == last else f"events {first} to {last} are"
    return f"{named} missing before event {row.seq} ({row.kind}, {row.subject})"


def _left(connection: Connection) -> dict[int, str]:
    """What purges have left of events: the digest by number, the newest purge's word."""
    wanted = select(events.c.data).where(events.c.kind == "purged").order_by(events.c.seq)
    found: dict[int, str] = {}
    for data in connection.scalars(wanted):
        found |= {int(seq): content for seq, content in data.get("left", {}).items()}
    return found


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    after = 0
    while True:
        wanted = select(events).where(events.c.seq > after).order_by(events.c.seq).limit(AT_ONCE)
        rows = connection.execute(wanted).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].seq
