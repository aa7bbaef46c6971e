"""A report that was tapped by mistake, taken back within a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..store import Event, queries, record
from ..store.history import events_of
from .book import Who
from .desk import Desk
from .ownership import expect_open
from .refusals import Refused

UNDO_WITHIN = timedelta(minutes=1)
UNDONE = frozenset({"done", "restored", "cannot"})


def undo_report(
    desk: Desk, crew: str, mark: str, who: Who, *, key: str, job: str, at: datetime | None = None
) -> bool:
    """Take back that a job is done, restored or cannot be done; job and orders stand as before.

    Parameters
    ----------
    mark : of the tap that reported it.
    at : when the crew took it back, by the same clock as the report.

    Raises
    ------
    Refused
        There was no such report (`gone`), it is more than a minute ago (`too_late`), or something
        else has happened to the job since (`ended`).
    """
    said = queries.event_with_key(desk.store, f"phone/{crew}/{mark}"[:200])
    if said is None or said.kind != "job_moved" or said.subject != job or said.data["to"] not in UNDONE:
        raise Refused("gone", job=job)
    if (at or desk.clock()) - said.at > UNDO_WITHIN:
        raise Refused("too_late", job=job)
    before = _before(desk, said)
    with desk.book.lock, desk.store.writing() as connection:
        _expect_unchanged(desk, said)
        newest = desk.store.newest(connection)
        moved = {"order": said.data["order"], "crew": crew, "to": before, "undone": said.data["to"]}
        if record(connection, desk.book.event(who, "job_moved", job, moved, key, at)) <= newest:
            return False
        for event in _orders_back(desk, said, who, at):
            record(connection, event)
    return True


def _before(desk: Desk, said: Event) -> str:
    """The state of the job before the report; empty where nobody had said anything of it."""
    told = [
        each
        for each in events_of(desk.store, [said.subject], ["job_moved"])
        if (each.seq or 0) < (said.seq or 0)
    ]
    own = [each.data["to"] for each in told if each.data["crew"] == said.data["crew"]]
    return str(own[-1]) if own and own[-1] not in UNDONE - {"restored"} else ""


def _expect_unchanged(desk: Desk, said: Event) -> None:
    later = [
        each
        for each in events_of(desk.store, [said.subject], ["job_moved"])
        if (each.seq or 0) > (said.seq or 0)
    ]
    if later:
        raise Refused("gone", job=said.subject)
    for order in desk.work.orders_of(said.subject):
        expect_open(desk, order)


def _orders_back(desk: Desk, said: Event, who: Who, at: datetime | None) -> list[Event]:
    """The orders that the report moved go back, the ticks of theirs with them."""
    found: list[Event] = []
    for order in desk.work.orders_of(said.subject):
        moves = events_of(desk.store, [order], ["order_moved"])
        # The report wrote its own moves right behind itself.
        last = moves[-1] if moves else None
        if last is None or (last.seq or 0) < (said.seq or 0) or last.source != said.source:
            continue
        before = [each.data["to"] for each in moves if (each.seq or 0) < (said.seq or 0)]
        back = before[-1] if before else "accepted"
        told = {"to": back, "crew": said.data["crew"], "undone": last.data["to"]}
        found.append(desk.book.event(who, "order_moved", order, told, at=at))
        if last.data["to"] == "accepted":
            found += [
                desk.book.event(who, "step_ticked", each.subject, dict(each.data), at=each.at)
                for each in events_of(desk.store, [said.subject], ["step_ticked"])
                if (each.seq or 0) < (said.seq or 0) and each.data.get("order") == order
            ]
    return found
