"""The stock on vehicles: what finished jobs took off, and what the depot put on again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..planning.running import vehicle_of
from ..store.stock import FINISHED, STOCK_KINDS, taken_since
from .book import Book

# A depot fills every vehicle once a day, whether anybody reports it or not.
FILLED_WITHIN = timedelta(hours=24)


def parts_used(book: Book, now: datetime) -> Mapping[str, Mapping[str, float]]:
    """By vehicle, what was taken off it since it was last filled."""
    since = now - FILLED_WITHIN
    # Kept between events for all of the hours; those that have passed meanwhile are left out here.
    taken = book.kept("parts taken", STOCK_KINDS, lambda: taken_since(book.store, since))
    found: dict[str, Counter[str]] = {}
    for each in taken:
        if since <= each.at <= now:
            found.setdefault(each.vehicle, Counter()).update(each.goods)
    return found


def taken_for(
    desk: Any, job: str, to: str, crew: str, parts: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """What the journal is to say of the parts that a finished job took, by vehicle.

    Parameters
    ----------
    parts : what the crew has counted; without it, what the plan thought that the job needs.
    """
    if to in FINISHED and parts is not None:
        return {"taken": {vehicle_now(desk, crew): dict(parts)}}
    day = desk.day()
    known = day.problem.job_by_id.get(job)
    if to not in FINISHED or known is None or not any(known.load.values()):
        return {}
    crews = {route.crew for route in day.plan.routes if any(visit.job == job for visit in route.visits)}
    load = dict(known.load)
    return {"taken": {vehicle_now(desk, each): load for each in sorted(crews | {crew})}}


def vehicle_now(desk: Any, crew: str) -> str:
    """The vehicle that a crew has out: the one it signed on with, else the one of its row."""
    row = desk.row("crews", crew)
    if row is not None and row["vehicle"] and row["state"] == "on_shift":
        return str(row["vehicle"])
    shift = desk.case.crew_by_id.get(crew)
    return vehicle_of(shift) if shift is not None else crew
