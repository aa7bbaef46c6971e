"""Urging (催办) and supervision (督办): whom it goes to, by when, and how it rises while nobody answers.

    level 1   whoever answers for it; where nobody does, the supervisor
    level 2   the supervisor
    level 3   the manager on duty

Each level has the policy's time to say what was done (`urge_answer_min`); then the next one is urged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, get_args

Way = Literal["hand", "supervision", "call", "rise", "fast_lane"]
WAYS: tuple[Way, ...] = get_args(Way)
SUPERVISOR, MANAGER = "supervisor", "duty_manager"
HIGHEST = 3
Row = Mapping[str, Any]


def whom_of(level: int, owner: str | None) -> str:
    """Who is urged at a level."""
    if level >= HIGHEST:
        return MANAGER
    return owner if level == 1 and owner else SUPERVISOR


def first_level(owner: str | None) -> int:
    """The level that urging begins at: with nobody to answer it goes to the supervisor at once."""
    return 1 if owner else 2


def rising(waiting: Iterable[Row], now: datetime) -> list[tuple[str, int]]:
    """Subjects whose newest urging nobody answered in time, with the level that comes next."""
    top: dict[str, Row] = {}
    for row in waiting:
        known = top.get(row["subject"])
        if known is None or (row["level"], row["at"]) > (known["level"], known["at"]):
            top[row["subject"]] = row
    return [
        (subject, int(row["level"]) + 1)
        for subject, row in sorted(top.items())
        if row["due_at"] <= now and row["level"] < HIGHEST
    ]
