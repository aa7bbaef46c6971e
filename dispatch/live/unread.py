"""A crew whose route has changed and that has not read it: told by a text message, once per route."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..ground.case import CrewShift
from ..store import queries
from .book import Who
from .desk import Desk
from .reminding import note_new

MOST_PLANS = 60
TIMER = Who(name="route not read", source="timer")


def remind_unread(desk: Desk) -> int:
    """Write down every crew that has not read its changed route in time; returns how many are new.

    The outbox makes a text message of each, if the crew's number is known.
    """
    after = timedelta(minutes=desk.case.settings.unread_text_after_min)
    number = desk.plan_number("published")
    if not after or number is None:
        return 0
    read = {row["id"]: row["acknowledged"] for row in desk.rows("crews")}
    due = {
        f"unread/{shift.id}/{read.get(shift.id, 0)}/{since:%Y%m%dT%H%M%S}": (
            shift.id,
            {"what": "route_unread", "crew": shift.id, "plan": number, "since": since.isoformat()},
        )
        for shift, since in _unread(desk, read)
        if desk.clock() - since >= after
    }
    return note_new(desk, due, TIMER)


def _unread(desk: Desk, read: dict[str, int]) -> Iterator[tuple[CrewShift, datetime]]:
    """Crews on shift with a route that they have not read, and since when it is another one."""
    now = desk.clock()
    published = {
        int(event.subject): event.at
        for event in queries.newest_events(desk.store, "plan_published", MOST_PLANS)
    }
    off = {row["id"] for row in desk.rows("crews") if row["state"] != "on_shift"}
    for shift in desk.case.crews:
        over = shift.shift_end + timedelta(minutes=shift.overtime_min)
        if shift.id in off or not shift.shift_start <= now <= over:
            continue
        since = _changed_at(desk, shift.id, read.get(shift.id, 0), published)
        if since is not None:
            yield shift, max(since, shift.shift_start)


def _changed_at(desk: Desk, crew: str, acknowledged: int, published: dict[int, datetime]) -> datetime | None:
    """When the crew's route became another than the one that it has read; None while it is the same."""
    known = tuple(desk.archive.published_routes(acknowledged).get(crew, ()))
    newer = sorted(number for number in published if number > acknowledged)
    routes = [tuple(desk.archive.published_routes(number).get(crew, ())) for number in newer]
    if not routes or routes[-1] == known:
        return None
    # Since it last was what the crew knows.
    same = [at for at, route in enumerate(routes) if route == known]
    return published[newer[same[-1] + 1 if same else 0]]
