"""The day as the board reads it: jobs, crews, outages, promises, the curve.

Everything is plain data; times are whole seconds since 1970 (UTC), so that the
browser needs no date parsing, and coordinates are lon, lat with five decimals
(about a metre). Customers are counted, never listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.ground.case import CrewShift
from dispatch.ground.day import DayPlan, JobCard, Outage, Promise, WorkOrder
from dispatch.ground.plan import Route, Visit
from dispatch.outages import InferenceSettings
from dispatch.outages.doubt.looks import looks
from dispatch.planning.summary import blocks_back, expected_promises

Data = dict[str, Any]
# The grid knows no mains, and calls a fault there one of a service; people call it what it is.
MAIN = "lv_main"


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit with the crew that makes it and where it stands in the route."""

    crew: str
    number: int
    visit: Visit


@dataclass(frozen=True)
class Timetable:
    """A day's plan with its times as seconds since 1970.

    `back_s` is by block, `restored_s` by outage: when the last of its blocks is back. What the plan
    leaves out is in neither.
    """

    day: DayPlan
    origin_s: int
    stops: Mapping[str, tuple[Stop, ...]]
    back_s: Mapping[str, int]
    restored_s: Mapping[str, int]
    jobs_of: Mapping[str, tuple[str, ...]]
    left_out: frozenset[str]
    met_s: Mapping[tuple[str, str], int]

    def at(self, seconds: int) -> int:
        """Plan seconds as seconds since 1970."""
        return self.origin_s + int(seconds)


def timetable(day: DayPlan) -> Timetable:
    """Index a plan by job and by outage."""
    stops: dict[str, list[Stop]] = {}
    for route in day.plan.routes:
        for number, visit in enumerate(route.visits, start=1):
            stops.setdefault(visit.job, []).append(Stop(route.crew, number, visit))
    origin_s = int(day.origin.timestamp())
    back = {id_: origin_s + back_s for id_, back_s in blocks_back(day, day.plan).items()}
    jobs: dict[str, list[str]] = {}
    for card in day.cards.values():
        jobs.setdefault(card.order, []).append(card.id)
    return Timetable(
        day=day,
        origin_s=origin_s,
        stops={job: tuple(each) for job, each in stops.items()},
        back_s=back,
        restored_s=_restored(day, back),
        jobs_of={order: tuple(each) for order, each in jobs.items()},
        left_out=frozenset(each.job for each in day.plan.dropped),
        met_s={
            (each.order, each.promise.what): each.met_s
            for each in expected_promises(day, day.plan)
            if each.met_s is not None
        },
    )


def _restored(day: DayPlan, back: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    dark = {outage for block in day.blocks if block.id not in back for outage in block.outages}
    for block in day.blocks:
        for outage in set(block.outages) - dark:
            found[outage] = max(found.get(outage, 0), back[block.id])
    return found


def board_data(day: DayPlan) -> Data:
    """Return all that the board draws apart from roads, grid and drives along roads."""
    table = timetable(day)
    settings = day.case.settings
    return {
        "case": {
            "name": settings.name,
            "zone": settings.time_zone,
            "now": stamp(settings.now),
            "customers": len(day.case.customers),
        },
        "jobs": [job_row(table, card) for card in day.cards.values()],
        "crews": [crew_row(table, crew, route) for crew, route in crews_with_routes(day)],
        "outages": [outage_row(table, outage.id) for outage in day.outages],
        "depots": [{"id": d.id, "name": d.name, "at": point(d.lon, d.lat)} for d in day.case.depots],
        "curve": curve(table),
        "figures": figures(day),
    }


def stamp(moment: datetime | None) -> int | None:
    """Return a moment as whole seconds since 1970."""
    return None if moment is None else int(moment.timestamp())


def point(lon: float, lat: float) -> tuple[float, float]:
    """Return a place with five decimals."""
    return round(float(lon), 5), round(float(lat), 5)


def job_row(table: Timetable, card: JobCard) -> Data:
    """Return one line of the job list."""
    day = table.day
    order = day.order_by_id.get(card.order)
    stops = table.stops.get(card.id, ())
    left_out, may_be_left = card.id in table.left_out, card.kind == "switching" or card.is_look
    etr = etr_row(table, order.outage) if order and order.outage else None
    row: Data = {
        "id": card.id,
        "order": card.order,
        "outage": order.outage if order else None,
        "kind": card.kind,
        "title": card.title,
        "cls": card.class_,
        "tier": card.tier,
        "at": point(card.lon, card.lat),
        "address": card.address,
        "min": round(card.duration_min),
        "grade": card.grade,
        "hazard": card.hazard,
        "remote": card.remote,
        "out": int(card.customers_out),
        "crews": [stop.crew for stop in stops],
        "dropped": left_out and not may_be_left,
        # A switching step that no way of the plan uses is an alternative, not work left undone; so is a look
        # that costs more than it saves.
        "unused": left_out and may_be_left,
        "saves": card.saves,
        "looks_at": card.place if card.is_look else None,
        "etr": etr,
        "promises": promise_rows(table, order) if order else [],
        **place_row(day, order),
    }
    if stops:
        row["arrive"] = table.at(min(stop.visit.arrival_s for stop in stops))
        row["start"] = table.at(min(stop.visit.start_s for stop in stops))
        row["finish"] = table.at(max(stop.visit.finish_s for stop in stops))
    return row


def place_row(day: DayPlan, order: WorkOrder | None) -> Data:
    """Return where in the grid and in which area an order lies, as far as is known."""
    customers, transformer, area = day.case.customers, None, None
    if order is not None and order.outage:
        transformer = next(iter(day.outage_by_id[order.outage].transformers), None)
        rows = customers.rows_by_transformer.get(str(transformer))
        area = None if rows is None else customers.table["area"].iloc[int(rows[0])]
    elif order is not None and order.customer:
        facts = customers.facts(order.customer)
        transformer, area = facts.get("transformer"), facts.get("area")
    feeder = day.case.grid.feeder_of_transformer.get(str(transformer))
    return {"feeder": feeder, "area": area if isinstance(area, str) else None}


def promise_rows(table: Timetable, order: WorkOrder) -> list[Data]:
    """Return an order's promises with what the plan makes of each."""
    return [_promise_row(table, order, promise) for promise in order.promises]


def _in_chinese(day: DayPlan, source: str | None) -> str | None:
    """A source of the policy, in Chinese."""
    sources = day.case.policy.sources.values()
    return next((each.text("zh") for each in sources if each.text() == source), None)


def _promise_row(table: Timetable, order: WorkOrder, promise: Promise) -> Data:
    due, expected = int(promise.due.timestamp()), _expected(table, order, promise.what)
    row: Data = {"what": promise.what, "due": due, "source": promise.source}
    row["source_zh"] = _in_chinese(table.day, promise.source)
    if expected is not None:
        row |= {"expected": expected, "slack_min": round((due - expected) / 60)}
    return row


def _expected(table: Timetable, order: WorkOrder, what: str) -> int | None:
    """When the plan meets a promise, by the definition that the day's figures count by."""
    met_s = table.met_s.get((order.id, what))
    return None if met_s is None else table.at(met_s)


def etr_row(table: Timetable, outage: str) -> Data | None:
    """Return when an outage's supply is expected back."""
    etr = table.day.etr_of_outage.get(outage)
    if etr is None:
        return None
    return {"status": etr.status, "median": stamp(etr.median), "p90": stamp(etr.p90)}


def outage_row(table: Timetable, outage_id: str) -> Data:
    """Return one outage: what is thought to be broken, who is off, until when."""
    outage = table.day.outage_by_id[outage_id]
    order = table.day.order_of_outage.get(outage_id)
    cards = [table.day.cards[job] for job in table.jobs_of.get(order.id, ())] if order else []
    return {
        "id": outage.id,
        "place": outage.fault.place,
        "kind": MAIN if outage.component == MAIN else outage.fault.kind,
        "since": stamp(outage.since),
        "out": int(outage.customers_out),
        "calls": len(outage.requests),
        "score": round(outage.score, 3),
        "confirmed": outage.confirmed,
        "cause": outage.cause,
        "still_out": stamp(outage.still_out),
        "expected": round(outage.expected_out) if outage.in_doubt else None,
        "fewest": outage.fewest if outage.in_doubt else None,
        "most": outage.most if outage.in_doubt else None,
        "looks": _looks(table.day, outage),
        "etr": etr_row(table, outage_id),
        "restored": table.restored_s.get(outage_id),
        "order": order.id if order else None,
        "cls": order.class_ if order else None,
        "grade": order.grade if order else None,
        "jobs": [card.id for card in cards],
        "at": point(cards[0].lon, cards[0].lat) if cards else None,
        "others": _others(outage),
    }


def _looks(day: DayPlan, outage: Outage) -> list[Data]:
    found = looks(outage, day.origin, InferenceSettings.of(day.case.beliefs))
    return [
        {"kind": each.kind, "minutes": each.minutes, "saves": round(each.saves), "place": each.place}
        for each in found
    ]


def _others(outage: Outage) -> list[Data]:
    return [
        {
            "place": each.place,
            "kind": each.kind,
            "score": round(each.score, 3),
            "out": int(each.customers_out),
        }
        for each in outage.alternatives
    ]


def crews_with_routes(day: DayPlan) -> Iterable[tuple[CrewShift | str, Route | None]]:
    """Yield every crew of the case with its route, then routes of nobody's shift (the control room)."""
    routes = {route.crew: route for route in day.plan.routes}
    for crew in day.case.crews:
        yield crew, routes.pop(crew.id, None)
    yield from ((route.crew, route) for route in routes.values() if route.visits)


def crew_row(table: Timetable, crew: CrewShift | str, route: Route | None) -> Data:
    """Return one row of the time board."""
    row = _desk_row(table, crew) if isinstance(crew, str) else _shift_row(table, crew)
    if route is None:
        return row | {"stops": [], "breaks": [], "from": None}
    stops = [
        {
            "job": visit.job,
            "arrive": table.at(visit.arrival_s),
            "start": table.at(visit.start_s),
            "finish": table.at(visit.finish_s),
            "leave": leave,
        }
        for visit, leave in zip(route.visits, _departures(table, row["id"], route), strict=True)
    ]
    breaks = [[table.at(rest.start_s), table.at(rest.start_s + rest.duration_s)] for rest in route.breaks]
    place = table.day.locations[route.start]
    return row | {
        "stops": stops,
        "breaks": breaks,
        "from": point(*place),
        "end": _back_s(table, row["id"], route),
    }


def _shift_row(table: Timetable, crew: CrewShift) -> Data:
    return {
        "id": crew.id,
        "name": crew.name,
        "depot": crew.depot,
        "shift": [stamp(crew.shift_start), stamp(crew.shift_end)],
        "people": crew.people,
        "vehicle": crew.vehicle,
        "skills": sorted(crew.skills),
        "stock": dict(crew.stock or {}),
        "phone": crew.phone,
        "desk": False,
    }


def _desk_row(table: Timetable, crew: str) -> Data:
    return {
        "id": crew,
        "name": crew,
        "depot": None,
        "shift": None,
        "people": None,
        "vehicle": None,
        "skills": [],
        "stock": {},
        "phone": None,
        "desk": True,
    }


def _departures(table: Timetable, crew_id: str, route: Route) -> list[int]:
    """When the crew leaves for each visit: a drive ends at the visit's arrival."""
    problem = table.day.problem
    factor = problem.crew_by_id[crew_id].speed_factor if crew_id in problem.crew_by_id else 1
    here, leaves = route.start, []
    for visit in route.visits:
        there = problem.job_by_id[visit.job].location
        drive_s = problem.travel.between(here, there) * factor
        leaves.append(table.at(visit.arrival_s) - round(drive_s))
        here = there
    return leaves


def _back_s(table: Timetable, crew_id: str, route: Route) -> int | None:
    """When the crew is back, where it ends at a depot."""
    problem = table.day.problem
    crew = problem.crew_by_id.get(crew_id)
    if crew is None or crew.end is None or not route.visits:
        return None
    last = route.visits[-1]
    drive_s = problem.travel.between(problem.job_by_id[last.job].location, crew.end) * crew.speed_factor
    return table.at(last.finish_s) + round(drive_s)


def curve(table: Timetable) -> list[tuple[int, int]]:
    """Customers off supply over time, as the plan expects it: (second, customers) where it changes."""
    back = table.back_s
    out = sum(block.customers for block in table.day.blocks)
    points = [(stamp(table.day.case.settings.now) or 0, out)]
    for block in sorted(table.day.blocks, key=lambda each: back.get(each.id, 1 << 40)):
        if block.id in back and block.customers:
            out -= block.customers
            points.append((back[block.id], out))
    return points


def figures(day: DayPlan) -> Data:
    """Return the day's summary as plain numbers."""
    summary = day.summary
    return {
        "customers_out": summary.customers_out,
        "customer_minutes": round(summary.customer_minutes),
        "weighted_customer_minutes": round(summary.weighted_customer_minutes),
        "minutes_ahead_of_repair": round(summary.minutes_ahead_of_repair),
        "saidi_min": round(summary.saidi_min, 2),
        "saifi": round(summary.saifi, 4),
        "promises_kept": summary.promises_kept,
        "promises_missed": summary.promises_missed,
        "jobs_planned": summary.jobs_planned,
        "jobs_left_out": summary.jobs_left_out,
        "drive_min": round(summary.drive_min),
        "overtime_min": round(summary.overtime_min),
        "cost": summary.cost,
        "bound": summary.bound,
        "parts": dict(summary.parts),
    }
