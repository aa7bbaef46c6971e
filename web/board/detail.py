"""What stands behind one job, one outage or one crew: every figure with its cause."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import NotFound

from dispatch.briefing import briefing_row
from dispatch.ground.day import DayPlan, WorkOrder

from ..day.board import Data, Timetable, crew_row, crews_with_routes, job_row, outage_row, stamp, timetable
from ..entrance.discretion import texts_shown
from .reasons import trace_data

MOST_LISTED = 200


def job_detail(day: DayPlan, job_id: str) -> Data:
    """Return a job with its requests, its rule trace and the ways it is part of.

    Raises
    ------
    NotFound
        For a job that the day does not hold.
    """
    card = day.cards.get(job_id)
    if card is None:
        raise NotFound
    table = timetable(day)
    order = day.order_by_id.get(card.order)
    needs = day.problem.job_by_id.get(job_id)
    return {
        "job": job_row(table, card),
        "skills": sorted(card.skills),
        "stock": dict(card.stock),
        "access": card.access,
        "customer": card.customer_name,
        "phone": card.phone,
        "switching": [_action(action) for action in card.switching],
        "crews_needed": needs.crews_needed if needs else 1,
        "after": [each.job for each in needs.after] if needs else [],
        "siblings": list(table.jobs_of.get(card.order, ())),
        "requests": _requests(day, order),
        "trace": texts_shown(trace_data(order)) if order else None,
        "blocks": [block_row(table, name) for name in _blocks_of(day, job_id)],
    }


def outage_detail(day: DayPlan, outage_id: str) -> Data:
    """Return an outage with its calls, its trace and the blocks that its repair restores."""
    if outage_id not in day.outage_by_id:
        raise NotFound
    table = timetable(day)
    order = day.order_of_outage.get(outage_id)
    return {
        "outage": outage_row(table, outage_id),
        "requests": _requests(day, order),
        "trace": texts_shown(trace_data(order)) if order else None,
        "blocks": [block_row(table, block.id) for block in day.blocks if outage_id in block.outages],
    }


def crew_detail(day: DayPlan, crew_id: str) -> Data:
    """Return a crew's shift and route."""
    for crew, route in crews_with_routes(day):
        if crew_id == (crew if isinstance(crew, str) else crew.id):
            row = crew_row(timetable(day), crew, route)
            return row | {"stops": [_briefed(day, stop) for stop in row["stops"]]}
    raise NotFound


def _briefed(day: DayPlan, stop: Data) -> Data:
    """A stop with what it is about, as the crew's phone and sheet say it."""
    return stop | {"brief": briefing_row(day, stop["job"])} if stop["job"] in day.cards else stop


def block_row(table: Timetable, block_id: str) -> Data:
    """Return who is restored together, by which ways, and which way comes first."""
    day = table.day
    card = next(block for block in day.blocks if block.id == block_id)
    block = next((each for each in day.problem.blocks if each.id == block_id), None)
    back = table.back_s.get(block_id)
    return {
        "id": block_id,
        "customers": card.customers,
        "weight": round(card.weight, 2),
        "since": stamp(card.since),
        "restored": back,
        "transformers": list(card.transformers[:MOST_LISTED]),
        "outages": list(card.outages),
        "ways": [_way(table, way, back) for way in block.restored_by] if block else [],
    }


def _way(table: Timetable, way: tuple[str, ...], back: int | None) -> Data:
    finishes = [max(stop.visit.finish_s for stop in table.stops[job]) for job in way if job in table.stops]
    complete = len(finishes) == len(way)
    ready = max(finishes) if complete and finishes else None
    return {
        "jobs": list(way),
        "ready": None if ready is None else table.at(ready),
        "used": ready is not None and table.at(ready) == back,
    }


def _blocks_of(day: DayPlan, job_id: str) -> list[str]:
    return [block.id for block in day.problem.blocks if any(job_id in way for way in block.restored_by)]


def _action(action: Any) -> Data:
    return {"device": action.device, "name": action.name, "action": action.action, "remote": action.remote}


def _requests(day: DayPlan, order: WorkOrder | None) -> list[Data]:
    known = day.case.request_by_id
    found = [known[each] for each in (order.requests if order else ()) if each in known]
    return [
        {"id": each.id, "at": stamp(each.received_at), "words": each.words, "channel": each.channel}
        for each in found[:MOST_LISTED]
    ]
