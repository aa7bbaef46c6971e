# ruff: noqa: E501 (records a line or two)
"""A day made by hand on the small case: every kind of stop that a sheet must show."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from dispatch.ground.case import Case
from dispatch.ground.day import BlockCard, DayPlan, Etr, JobCard, Outage, Promise, Summary, WorkOrder
from dispatch.ground.plan import BlockTime, Plan, Rest, Route, Visit
from dispatch.ground.problem import Crew, Job, Problem, Travel
from dispatch.ground.verdict import Verdict
from geo import Fault, SwitchAction
from rules import Decision

STEPS = (
    SwitchAction(device="RC-1", action="open", remote=False, lon=-71.2548, lat=-29.91, name="Elm recloser"),
    SwitchAction(
        device="TIE-1", action="close", remote=True, lon=-71.257, lat=-29.905, name="Fourth Street tie"
    ),
)


def made_day(case: Case, *, jobs: int = 2, **changes: Any) -> DayPlan:
    """Return a day with two routes: crew-1 repairs and serves, crew-2 has nothing to do.

    Parameters
    ----------
    jobs : how many of the two jobs there are.
    changes : fields of the first job's card in place of the usual ones.
    """
    cards = _cards(changes)[:jobs]
    roads, depot = case.roads, case.depots[0]
    lon = [depot.lon, *(card.lon for card in cards)]
    lat = [depot.lat, *(card.lat for card in cards)]
    nodes = roads.snap(lon, lat).node_idx
    table = roads.travel(nodes)
    problem = Problem(
        travel=Travel(durations_s=table.durations_s, distances_m=table.distances_m.astype(np.float64)),
        jobs=tuple(Job(id=card.id, location=place) for place, card in enumerate(cards, 1)),
        crews=(Crew(id="crew-1", start=(0,), end=0), Crew(id="crew-2", start=(0,), end=0)),
    )
    visits = tuple(
        Visit(job=card.id, arrival_s=3600 * place, start_s=3600 * place + 60, finish_s=3600 * place + 1860)
        for place, card in enumerate(cards)
    )
    rests = (Rest(start_s=2400, duration_s=1200),)
    routes = (Route(crew="crew-1", start=0, visits=visits, breaks=rests), Route(crew="crew-2", start=0))
    return _day(
        case, cards, problem, routes, tuple(int(node) for node in nodes), tuple(zip(lon, lat, strict=True))
    )


def _cards(changes: dict[str, Any]) -> tuple[JobCard, ...]:
    first: dict[str, Any] = {
        "id": "J1", "order": "O1", "kind": "repair", "title": "outage", "class_": "P2", "tier": 1,
        "lon": -71.253772, "lat": -29.906390, "address": "Third Street 40", "duration_min": 30,
        "skills": frozenset({"hv"}), "stock": {"fuse": 2}, "customer": "C06", "customer_name": "South Clinic",
        "phone": "+56 51 200 0006", "grade": "first", "access": "gate code 4711", "hazard": "wire on the road",
        "words": ("No power since six", "家里停电了"), "switching": STEPS, "customers_out": 7,
    }  # fmt: skip
    second = JobCard(
        id="J2", order="O2", kind="service", title="metering", class_="P4", tier=1, lon=-71.26, lat=-29.90639,
        address="Alder Avenue 8", duration_min=30, stock={"fuse": 1, "meter": 1}, customer="C03", customer_name="李明",
    )  # fmt: skip
    return JobCard(**first | changes), second


def _day(
    case: Case,
    cards: tuple[JobCard, ...],
    problem: Problem,
    routes: tuple[Route, ...],
    nodes: tuple[int, ...],
    lonlat: tuple[tuple[float, float], ...],
) -> DayPlan:
    now = case.settings.now
    decision = cast(Decision, SimpleNamespace(outcome={}, trace=()))
    outage = Outage(
        id="OUT-1", fault=Fault(id="F1", kind="line", place="L2"), since=now - timedelta(minutes=28), requests=("R1",),
        transformers=("T3", "T4"), customers_out=7, component="line", device="RC-1",
    )  # fmt: skip
    promises = (
        Promise(what="arrive", due=now - timedelta(minutes=90)),
        Promise(what="restore", due=now + timedelta(hours=5)),
    )
    base: dict[str, Any] = {"weight": 1, "grade": "first", "decision": decision, "received_at": now}
    orders = (
        WorkOrder(
            id="O1",
            kind="outage",
            class_="P2",
            tier=1,
            requests=("R1",),
            outage="OUT-1",
            promises=promises,
            **base,
        ),
        WorkOrder(id="O2", kind="metering", class_="P4", tier=1, requests=("R5",), customer="C03", **base),
    )
    figures = dict.fromkeys(Summary.__dataclass_fields__, 0) | {"bound": None, "parts": {}}
    etr = Etr(
        outage="OUT-1", median=now + timedelta(hours=1), p90=now + timedelta(hours=2), status="assessed"
    )
    block = BlockCard(
        id="B1", outages=("OUT-1",), transformers=("T3", "T4"), customers=7, weight=9, since=outage.since
    )
    times = (BlockTime(id="B1", restored_s=1860),)
    return DayPlan(
        case=case,
        outages=(outage,),
        orders=orders,
        cards={card.id: card for card in cards},
        blocks=(block,),
        problem=problem,
        plain=problem,
        plan=Plan(status="feasible", cost=0, routes=routes, blocks=times),
        verdict=Verdict(cost=0, parts={}, violations=(), blocks=times),
        etrs=(etr,),
        summary=Summary(**figures),
        origin=now,
        tier_factors={1: 1.0},
        dead_lines=frozenset(),
        warnings=(),
        locations=lonlat,
        nodes=nodes,
    )
