"""What is under way at a moment: crews at work, what is done, what was used, what is back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..ground.day import DayPlan
from ..outages import Finding, kept_tree
from ..planning.running import Running
from ..store import ENDED, queries
from .book import Book
from .changes import Change
from .field import earliest_counting, restored_findings, running_of
from .proposals import routes_of
from .stock import parts_used


def running_at(book: Book, day: DayPlan | None, now: datetime, changes: Sequence[Change]) -> Running:
    """What is under way at a moment.

    Parameters
    ----------
    day : the plan in force; None before the first.
    changes : what people changed of the work.
    """
    running = _field(book, day, now)
    # A job of several parts is open until the last part is done.
    split = {each.subject: len(each.data["minutes"]) for each in changes if each.what == "split"}
    unfinished = {
        job
        for job, parts in split.items()
        if not {f"{job}.{part}" for part in range(1, parts)} <= running.done
    }
    return replace(
        running, done=running.done - unfinished, used=parts_used(book, now), said_at=_said_at(book, now)
    )


def _said_at(book: Book, now: datetime) -> dict[str, datetime]:
    """When callers said it last, where that is not when their request was received.

    Nothing was said later than now: a clock has been put back since. The requests of the case itself may
    be meant to come.
    """
    later = [row["id"] for row in book.rows("requests") if row["open"] and row["received_at"] > now]
    ahead = {id_: now for id_ in later if id_ not in book.case.request_by_id}
    return {id_: min(at, now) for id_, at in queries.still_out(book.store).items()} | ahead


def _field(book: Book, day: DayPlan | None, now: datetime) -> Running:
    restored = _restored(book, now)
    if day is None:
        return running_of(_open_rows(book, ()), {}, {}, now, timedelta(0), restored)
    planned = {day.cards[visit.job].order for route in day.plan.routes for visit in route.visits}
    ended = queries.ended_orders(book.store, planned)
    starts = {
        visit.job: day.origin + timedelta(seconds=visit.start_s)
        for route in day.plan.routes
        for visit in route.visits
    }
    routes = {
        crew: [job for job in jobs if day.cards[job].order not in ended]
        for crew, jobs in routes_of(day.plan).items()
    }
    freeze = timedelta(minutes=book.budget.freeze_min)
    waiting = frozenset(crew.id for crew in book.case.crews if crew.shift_start > now + freeze)
    return running_of(_open_rows(book, ended), routes, starts, now, freeze, restored, waiting)


def _restored(book: Book, now: datetime) -> tuple[Finding, ...]:
    """Where supply was brought back, as far as that still tells who is out."""
    still_open = [row for row in book.rows("orders") if row["state"] not in (*ENDED, "restored")]
    rows = queries.restored_orders(book.store, earliest_counting(still_open, now))
    tree = kept_tree(book.case)
    return restored_findings(rows, still_open, tree, now) if rows else ()


def _open_rows(book: Book, ended: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """What concerns open orders: an ended one may come again under its name, as new work."""
    rows = {name: book.rows(name) for name in ("jobs", "crews", "wishes", "orders", "signs")}
    over = {row["id"] for row in rows["orders"] if row["state"] in ENDED} | set(ended)
    return rows | {"jobs": [row for row in rows["jobs"] if row["order_id"] not in over]}
