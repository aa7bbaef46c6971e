"""Reminders of what is due, each written down once however often somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..store.history import keys_known
from .book import Who
from .desk import Desk

Due = Mapping[str, tuple[str, Mapping[str, Any]]]
"""By the mark under which it is written: the subject, and what is to be noted of it."""


def note_new(desk: Desk, due: Due, who: Who) -> int:
    """Note what is due and was not noted under its mark; returns how many are new.

    The journal is asked first: a write that changes nothing takes the writer's turn all the same, and
    thousands of reminders may wait for an answer.
    """
    known = keys_known(desk.store, due)
    return sum(
        desk.note("noted", subject, data, who, key=key)
        for key, (subject, data) in due.items()
        if key not in known
    )
