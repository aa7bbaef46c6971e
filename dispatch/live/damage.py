"""Damage that a crew has looked over: what it takes to mend it, until the office makes work of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from ..ground.day import DayPlan
from ..store import queries
from ..store.history import events_between, events_of
from .book import Who
from .desk import Desk
from .refusals import Refused

WAITS = timedelta(hours=36)
TOLD = ("crew", "job", "what_broke", "parts", "people", "plant", "minutes")
MOST_CREWS = 6


def assessed_damage(desk: Desk) -> list[dict[str, Any]]:
    """What crews have assessed and nobody in the office has decided yet, the oldest first."""
    begins, ends = desk.clock() - WAITS, desk.clock() + WAITS
    said = list(events_between(desk.store, begins, ends, ("noted",), about=("damage",)))
    decided = {event.subject for event in events_of(desk.store, [_mark(e.seq) for e in said], ("noted",))}
    return [
        {"seq": event.seq, "at": event.at, "order": event.subject, "crews": crews_for(desk, event.data)}
        | {name: event.data.get(name) for name in TOLD}
        for event in said
        if _mark(event.seq) not in decided
    ]


def crews_for(desk: Desk, told: Mapping[str, Any]) -> int:
    """How many crews the people asked for make, counted in crews as large as the one that asks."""
    shift = desk.case.crew_by_id.get(str(told.get("crew")))
    size = max(1, (shift.people if shift else None) or 1)
    return min(MOST_CREWS, max(1, ceil(int(told.get("people") or 1) / size)))


def confirm_damage(desk: Desk, seq: int, who: Who, *, minutes: float, crews: int = 1) -> str:
    """Make work of an assessment: the job that mends it takes that long, and that many crews together.

    Parameters
    ----------
    seq : number of the assessment's event.
    minutes : what the office takes the work to last.
    crews : how many crews are to work on it together, 1 to 6.

    Returns
    -------
    str
        The job that was changed; the planner answers with a proposal.

    Raises
    ------
    Refused
        There is no such assessment waiting (`gone`), or its work is not in the plan any more (`unknown_job`).
    """
    told = _waiting(desk, seq)
    job = mending_job(desk.day(), str(told["job"]))
    if job is None:
        raise Refused("unknown_job", job=told["job"])
    data = {"minutes": minutes, "crews": max(1, min(MOST_CREWS, crews)), "parts": told.get("parts") or {}}
    reason = str(told.get("what_broke") or "")
    desk.note(
        "changed", job, {"what": "assessed", "data": data, "reason": reason}, who, key=f"{_mark(seq)}/job"
    )
    _decide(desk, seq, who, {"decided": "confirmed", "job": job, "minutes": minutes})
    return job


def decline_damage(desk: Desk, seq: int, who: Who, note: str = "") -> None:
    """Write down that nothing comes of an assessment.

    Raises
    ------
    Refused
        There is no such assessment waiting (`gone`).
    """
    _waiting(desk, seq)
    _decide(desk, seq, who, {"decided": "declined", "note": note})


def mending_job(day: DayPlan, job: str) -> str | None:
    """The job that mends what was seen on a job: the repair of the same order, else the job itself."""
    card = day.cards.get(job)
    if card is not None and card.kind != "repair":
        repairs = [
            each.id for each in day.cards.values() if each.order == card.order and each.kind == "repair"
        ]
        if repairs:
            return repairs[0]
    return job if job in day.problem.job_by_id else None


def _waiting(desk: Desk, seq: int) -> dict[str, Any]:
    found = next((each for each in assessed_damage(desk) if each["seq"] == seq), None)
    if found is None:
        raise Refused("gone", job=str(seq))
    return found


def _decide(desk: Desk, seq: int, who: Who, told: Mapping[str, Any]) -> None:
    mark = _mark(seq)
    if queries.event_with_key(desk.store, mark) is None:
        desk.note("noted", mark, {"what": "damage_decided", **told}, who, key=mark)


def _mark(seq: int | None) -> str:
    return f"damage {seq}"
