"""What waits for an answer of the office: calls for help, refused routes, old orders, silent crews."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from ..store import Event, queries
from ..store.history import events_between, events_of
from ..store.present import noted
from .book import Who
from .desk import Desk
from .refusals import Refused

MOST_NOTED = 200
CALLS_FOR = timedelta(hours=18)
# What waits for an answer of the office, by where it comes from.
CALLING = {"phone": frozenset({"help", "refused"}), "timer": frozenset({"escalated", "silent"})}
# Whoever keeps `open_calls` makes them anew after such a note.
CALLS_REST_ON = (*(noted(what) for kinds in CALLING.values() for what in sorted(kinds)), noted("seen"))
CALL_TELLS = ("what", "crew", "job", "reason", "note", "plan", "kind", "role", "after_min", "lon", "lat")
# How long a crew sees its own calls and what became of them.
OWN_FOR = timedelta(hours=4)
# How long the office looks back at what came out of the field.
SHOWN_FOR = timedelta(hours=48)
NOTES = frozenset({"help", "refused", "conflict", "photo", "damage"})


def own_calls(desk: Desk, crew: str) -> list[dict[str, Any]]:
    """A crew's calls for help, newest first, each with the office's answer where there is one."""
    since = desk.clock() - OWN_FOR
    said = [event for event in _calls_for_help(desk).get(crew, ()) if event.at >= since]
    if not said:
        return []
    answers = {
        event.subject: event for event in events_of(desk.store, [_call(e.seq) for e in said], ("noted",))
    }
    found = []
    for event in reversed(said):
        answer = answers.get(_call(event.seq))
        row: dict[str, Any] = {
            "seq": event.seq,
            "at": event.at.isoformat(),
            "reason": event.data.get("reason"),
        }
        if answer is not None:
            told = {"at": answer.at.isoformat(), "by": answer.actor, "note": answer.data.get("note") or ""}
            row["answer"] = told
        found.append(row)
    return found


def _calls_for_help(desk: Desk) -> dict[str, list[Event]]:
    """By crew, oldest first; those of the last hours are among them."""

    def read() -> dict[str, list[Event]]:
        since, until = desk.clock() - OWN_FOR, desk.clock() + CALLS_FOR
        found: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events_between(desk.store, since, until, ("noted",), "phone", ("help",)):
            found[str(event.data.get("crew"))].append(event)
        return dict(found)

    return desk.kept("calls for help", (noted("help"),), read)


def open_calls(desk: Desk) -> list[dict[str, Any]]:
    """Calls for help, refused routes and orders that went up a level, as far as nobody in the office has
    seen to them, newest first."""
    since, until = desk.clock() - CALLS_FOR, desk.clock() + CALLS_FOR
    said = [
        event
        for source, kinds in CALLING.items()
        for event in events_between(desk.store, since, until, ("noted",), source, kinds)
    ]
    answered = {event.subject for event in events_of(desk.store, [_call(e.seq) for e in said], ("noted",))}
    return [
        {
            "seq": event.seq,
            "at": event.at,
            "order": event.subject if event.data.get("job") or event.data["what"] == "escalated" else None,
            **{name: event.data.get(name) for name in CALL_TELLS},
        }
        for event in sorted(said, key=lambda event: event.seq or 0, reverse=True)
        if _call(event.seq) not in answered
    ]


def answer_call(desk: Desk, seq: int, who: Who, note: str = "") -> None:
    """Write down that somebody has seen to a call out of the field; twice is once.

    Raises
    ------
    Refused
        There was no such call.
    """
    key = f"seen/{seq}"
    if queries.event_with_key(desk.store, key) is None and not _is_call(desk, seq):
        raise Refused("unknown_call", call=seq)
    desk.note("noted", _call(seq), {"what": "seen", "note": note}, who, key=key)


def _is_call(desk: Desk, seq: int) -> bool:
    """Whether an event is a call that waits for the office, however old."""
    event = next(iter(desk.store.events_after(seq - 1, 1)), None)
    return (
        event is not None
        and event.seq == seq
        and event.kind == "noted"
        and event.data.get("what") in CALLING.get(event.source, ())
    )


def _call(seq: int | None) -> str:
    return f"call {seq}"


def field_notes(desk: Desk) -> list[dict[str, Any]]:
    """Calls for help, refusals, conflicts and pictures out of the field of two days, newest first.

    However much else is noted meanwhile, none of the newest is left out.
    """
    since, until = desk.clock() - SHOWN_FOR, desk.clock() + SHOWN_FOR
    said = list(events_between(desk.store, since, until, ("noted",), "phone", NOTES))
    return [
        {"at": event.at, "actor": event.actor, "subject": event.subject, **event.data}
        for event in reversed(said[-MOST_NOTED:])
    ]


def is_signature(desk: Desk, photo: str) -> bool:
    """Whether a picture is a customer's signature."""
    order = queries.order_of_photo(desk.store, photo)
    told = [] if order is None else events_of(desk.store, [order], ("noted",))
    return any(event.data.get("photo") == photo and event.data.get("moment") == "signature" for event in told)
