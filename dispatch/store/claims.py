"""A sender's mark belongs to one body: the same body again gets the first answer, another body none.

What a sender calls its `Idempotency-Key` is claimed before anything is done with the body, and the answer is
kept with it. A mark of any length is kept by its digest, so that no two run together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from .store import Store
from .tables import claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What became of claiming a mark.

    Parameters
    ----------
    theirs : whether it was free, or had been claimed for the same body.
    answer : the first answer, as far as there was one.
    """

    theirs: bool
    answer: Any | None = None


def mark(*parts: str) -> str:
    """The digest of a sender and what it calls its message: no part runs into the next."""
    return _digest(json.dumps(parts).encode())


def claim(store: Store, key: str, body: bytes, now: datetime) -> Claim:
    """Claim a mark for a body, or find what was answered to it."""
    with store.aside() as connection:
        return _claimed(connection, key, _digest(body), now)


def claim_all(store: Store, bodies: Mapping[str, bytes], now: datetime) -> frozenset[str]:
    """Claim many marks at once; returns those that had been claimed for another body."""
    with store.aside() as connection:
        found = {key: _claimed(connection, key, _digest(body), now) for key, body in bodies.items()}
    return frozenset(key for key, each in found.items() if not each.theirs)


def keep_answer(store: Store, key: str, answer: Any) -> None:
    """Keep the first answer to a mark."""
    text = json.dumps(answer, ensure_ascii=False)
    with store.aside() as connection:
        connection.execute(update(claims).where(claims.c.key == key).values(answer=text))


def release(store: Store, key: str) -> None:
    """Nothing was done: the sender may send something better under the same mark."""
    with store.aside() as connection:
        connection.execute(delete(claims).where(claims.c.key == key, claims.c.answer.is_(None)))


def _claimed(connection: Connection, key: str, body: str, now: datetime) -> Claim:
    found = connection.execute(select(claims).where(claims.c.key == key)).one_or_none()
    if found is None:
        try:
            connection.execute(insert(claims).values(key=key, body=body, at=now))
        except IntegrityError:
            return Claim(theirs=False)
        return Claim(theirs=True)
    if found.body != body:
        return Claim(theirs=False)
    return Claim(theirs=True, answer=None if found.answer is None else json.loads(found.answer))


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=32).hexdigest()
