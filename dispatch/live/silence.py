"""A crew at work that has said nothing for too long: the office is warned, once per silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..store.history import events_after
from .book import Who
from .desk import Desk
from .field import UNDER_WAY
from .field_calls import answer_call, open_calls
from .reminding import note_new

TIMER = Who(name="silence", source="timer")
SPEAKING = (
    "job_moved",
    "step_ticked",
    "plan_acknowledged",
    "order_told",
    "crew_changed",
    "noted",
    "restocked",
)
HEARD_WITHIN = timedelta(hours=18)


def last_words(desk: Desk) -> Mapping[str, datetime]:
    """When each crew was last heard of, by its phone or by what the office wrote down for it."""
    heard, now = desk.kept("last words", (), _Heard), desk.clock()
    for event in events_after(desk.store, heard.seq, SPEAKING, now - HEARD_WITHIN):
        heard.seq = max(heard.seq, event.seq or 0)
        crew = _speaker(event.kind, event.source, event.subject, event.data)
        if crew is not None and event.at < now + HEARD_WITHIN:
            heard.at[crew] = max(event.at, heard.at.get(crew, event.at))
    return {crew: at for crew, at in heard.at.items() if at >= now - HEARD_WITHIN}


@dataclass(slots=True)
class _Heard:
    """When each crew spoke last, up to an event; crews say a lot, and each word is read once."""

    seq: int = 0
    at: dict[str, datetime] = field(default_factory=dict)


def _speaker(kind: str, source: str, subject: str, data: Mapping[str, object]) -> str | None:
    if kind in ("crew_changed", "plan_acknowledged", "restocked"):
        return subject
    if kind == "noted" and source != "phone":
        return None
    crew = data.get("crew")
    return None if crew is None else str(crew)


def warn_of_silence(desk: Desk) -> int:
    """Write down every crew at work that has been silent too long; returns how many are new.

    A warning is taken away as soon as the crew is heard of again.
    """
    after = timedelta(minutes=desk.case.settings.silent_after_min)
    if not after:
        return 0
    words, now = last_words(desk), desk.clock()
    for call in open_calls(desk):
        if call["what"] == "silent" and call["crew"] in words and words[call["crew"]] >= call["at"]:
            answer_call(desk, call["seq"], TIMER, "heard")
    at_work = {row["crew"] for row in desk.rows("jobs") if row["state"] in UNDER_WAY}
    off = {row["id"] for row in desk.rows("crews") if row["state"] != "on_shift"}
    silent = {
        f"silent/{crew}/{last:%Y%m%dT%H%M%S}": (crew, _silence(crew, now - last))
        for crew, last in sorted(words.items())
        if crew in at_work and crew not in off and now - last >= after
    }
    return note_new(desk, silent, TIMER)


def _silence(crew: str, since: timedelta) -> dict[str, Any]:
    return {"what": "silent", "crew": crew, "after_min": round(since.total_seconds() / 60)}
