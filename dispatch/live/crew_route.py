"""One crew's own day: its stops, what has become of them, and what a new plan changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, NamedTuple

from ..briefing import briefing_row
from ..briefing.handing_over import shifted_place
from ..briefing.safety import safety_steps
from ..ground.day import DayPlan, JobCard
from ..ground.plan import Visit
from ..permits import Ticket, allowed_acts
from ..planning.running import vehicle_of
from ..store import queries
from .desk import Desk
from .field_calls import own_calls
from .job_history import job_history
from .ownership import planned_crews
from .phone import signed_on, vehicles_out
from .stock import parts_used, vehicle_now
from .tickets import TICKETS_REST_ON, all_tickets

MOST_WORDS = 4
ENDED_JOBS = ("done", "cannot")
Row = Mapping[str, Any]


def crew_route(desk: Desk, crew: str) -> dict[str, Any]:
    """What a crew's phone shows; nothing of other crews and no customer but those it visits."""
    day = desk.day()
    shift = desk.case.crew_by_id[crew]
    stops = _stops(desk, day, crew)
    load: Counter[str] = Counter()
    for stop in stops:
        load.update(stop["stock"])
    row = desk.row("crews", crew)
    acknowledged = row["acknowledged"] if row else 0
    return {
        "crew": {"id": crew, "name": shift.name, "vehicle": shift.vehicle, "people": shift.people},
        "shift": [shift.shift_start.isoformat(), shift.shift_end.isoformat()],
        "zone": desk.case.settings.time_zone,
        "on_shift": row is not None and signed_on(desk, row),
        "duty_phone": desk.case.settings.duty_phone,
        "calls": own_calls(desk, crew),
        "stock": _stock(desk, crew),
        "vehicle": (row["vehicle"] if row else None) or shift.vehicle,
        "vehicles": _vehicles(desk, crew),
        "plan": desk.plan_number("published") or 0,
        "acknowledged": acknowledged,
        "changes": _changes(desk, day, crew, acknowledged),
        "load": dict(load),
        "stops": stops,
    }


def _stops(desk: Desk, day: DayPlan, crew: str) -> list[dict[str, Any]]:
    """The crew's visits in order, with what has been reported of them."""
    known = [visit for visit in _visits(day, crew) if visit.job in day.cards]
    before = job_history(desk, day, [visit.job for visit in known], crew)
    found = _found(desk)
    # Of a plan in force these never change.
    planned: _PlannedStops = desk.kept("planned stops", ("plans",), dict)
    return [
        _planned_stop(planned, day, visit, crew)
        | _reported(day, visit, crew, found)
        | {"history": before.get(visit.job, [])}
        for visit in known
    ]


def _stock(desk: Desk, crew: str) -> dict[str, float]:
    """What is left on the vehicle that the crew has out."""
    vehicle = vehicle_now(desk, crew)
    owner = next((each for each in desk.case.crews if vehicle_of(each) == vehicle), None)
    gone = parts_used(desk.book, desk.clock()).get(vehicle, {})
    held = (owner.stock if owner else None) or {}
    return {name: max(0.0, count - gone.get(name, 0)) for name, count in sorted(held.items())}


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    """A ticket as its crew's phone shows it."""
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "form": ticket.form,
        "state": ticket.state,
        "crew": ticket.crew,
        "steps": [step.to_data() | {"done": step.id in ticket.done} for step in ticket.steps],
        "acts": list(allowed_acts(ticket)),
    }


def _vehicles(desk: Desk, crew: str) -> list[dict[str, Any]]:
    """The vehicles that a crew may choose from, its own first; one that another crew has out names it."""
    own, out = desk.case.crew_by_id[crew].vehicle, vehicles_out(desk, but=crew)
    known = sorted({each.vehicle for each in desk.case.crews if each.vehicle} - {own})
    return [{"id": each, "taken": out.get(each)} for each in ([own, *known] if own else known)]


def _visits(day: DayPlan, crew: str) -> Sequence[Visit]:
    return next((route.visits for route in day.plan.routes if route.crew == crew), ())


class _Found(NamedTuple):
    """What has become of the day's work, to look a stop up in."""

    jobs: Mapping[str, Row]
    orders: Mapping[str, Row]
    ticked: Mapping[str, Sequence[str]]
    tickets: Mapping[str, Sequence[Ticket]]  # by job


def _found(desk: Desk) -> _Found:
    """The same for every crew, so that hundreds of phones that ask find it made."""
    return _Found(
        desk.kept("jobs by id", ("jobs",), lambda: {row["id"]: row for row in desk.rows("jobs")}),
        desk.kept("orders by id", ("orders",), lambda: {row["id"]: row for row in desk.rows("orders")}),
        desk.kept("ticks by job", ("ticks",), lambda: _ticked(desk.rows("ticks"))),
        desk.kept("tickets by job", TICKETS_REST_ON, lambda: _tickets(desk)),
    )


def _ticked(rows: Sequence[Row]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["job"]].append(row["step"])
    return dict(found)


def _tickets(desk: Desk) -> dict[str, list[Ticket]]:
    found: defaultdict[str, list[Ticket]] = defaultdict(list)
    for each in all_tickets(desk).values():
        found[each.job].append(each)
    return dict(found)


# By crew and job: the visit, and what its plan says of it.
_PlannedStops = dict[tuple[str, str], tuple[Visit, dict[str, Any]]]


def _planned_stop(planned: _PlannedStops, day: DayPlan, visit: Visit, crew: str) -> dict[str, Any]:
    """What the plan says of a stop, made once for the crew's phones."""
    made = planned.get((crew, visit.job))
    # Another plan may have come into force since this one was asked for.
    if made is None or made[0] is not visit:
        card = day.cards[visit.job]
        told = {
            **_told_of(card),
            "brief": briefing_row(day, card.id),
            "arrive": (day.origin + timedelta(seconds=visit.arrival_s)).isoformat(),
            "start": (day.origin + timedelta(seconds=visit.start_s)).isoformat(),
            "finish": (day.origin + timedelta(seconds=visit.finish_s)).isoformat(),
            "steps": [asdict(step) for step in safety_steps(card)],
        }
        made = planned[crew, visit.job] = visit, told
    return made[1]


def _reported(day: DayPlan, visit: Visit, crew: str, found: _Found) -> dict[str, Any]:
    """What has become of a stop."""
    card = day.cards[visit.job]
    # What another crew came to is its history, not where this crew stands.
    job, order = found.jobs.get(card.id), found.orders.get(card.order)
    if job is not None and job["crew"] != crew:
        job = None
    return {
        "tickets": [ticket_row(each) for each in found.tickets.get(card.id, ())],
        "state": job["state"] if job else None,
        "since": job["since"].isoformat() if job else None,
        "minutes": job["minutes"] if job else None,
        "cause": order["cause"] if order else None,
        "note": order["note"] if order else None,
        "ticked": list(found.ticked.get(card.id, ())),
    }


def _told_of(card: JobCard) -> dict[str, Any]:
    said = list(dict.fromkeys(card.words))
    return {
        "job": card.id,
        "order": card.order,
        "kind": card.kind,
        "title": card.title,
        "class": card.class_,
        "lon": card.lon,
        "lat": card.lat,
        "shifted": shifted_place(card.lon, card.lat),
        "address": card.address,
        "access": card.access,
        "hazard": card.hazard,
        "customer": card.customer_name,
        "phone": card.phone,
        "grade": card.grade,
        "customers_out": card.customers_out,
        "looks_at": card.place if card.is_look else None,
        "saves": card.saves,
        "duration_min": card.duration_min,
        "skills": sorted(card.skills),
        "stock": dict(card.stock),
        "words": said[:MOST_WORDS],
    }


def _changes(desk: Desk, day: DayPlan, crew: str, acknowledged: int) -> dict[str, Any] | None:
    """What changed since the plan that the crew acknowledged, and the words of whoever changed it."""
    number = desk.plan_number("published")
    if number is None or acknowledged >= number:
        return None
    now = [visit.job for visit in _visits(day, crew)]
    before = list(desk.archive.published_routes(acknowledged).get(crew, ()))
    reason = desk.kept(f"reason of plan {number}", ("plans",), lambda: _reason(desk, number))
    found = {"reason": reason, "first": not acknowledged}
    if not acknowledged:
        return {**found, "added": [], "removed": [], "reordered": False}
    stayed = [job for job in before if job in now]
    return {
        **found,
        "added": [_named(day.cards.get(job), job) for job in now if job not in before],
        "removed": _removed(desk, day, [job for job in before if job not in now], acknowledged),
        "reordered": stayed != [job for job in now if job in before],
    }


def _reason(desk: Desk, number: int) -> str | None:
    made = queries.newest_events(desk.store, "plan_made", 1, str(number))
    return made[0].data.get("reason") if made else None


def _removed(desk: Desk, day: DayPlan, jobs: Sequence[str], acknowledged: int) -> list[dict[str, Any]]:
    """Jobs that were taken away, with where they went; what the crew ended itself is no news."""
    ended = {row["id"] for row in desk.rows("jobs") if row["state"] in ENDED_JOBS}
    left = [job for job in jobs if job not in ended]
    if not left:
        return []
    return [
        _named(desk.archive.last_card(job, acknowledged), job) | {"crew": _other(desk, day, job)}
        for job in left
    ]


def _other(desk: Desk, day: DayPlan, job: str) -> str | None:
    crews = sorted(planned_crews(day, job))
    return desk.case.crew_by_id[crews[0]].name if crews and crews[0] in desk.case.crew_by_id else None


def _named(card: JobCard | None, job: str) -> dict[str, Any]:
    if card is None:
        return {"job": job, "kind": "", "title": "", "class": "", "address": ""}
    return {
        "job": job,
        "kind": card.kind,
        "title": card.title,
        "class": card.class_,
        "address": card.address,
    }
