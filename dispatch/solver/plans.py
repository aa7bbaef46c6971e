"""From routes to a priced plan. The price follows the format line by line and knows nothing of the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..ground.plan import BlockTime, Dropped, Plan, Rest, Route, Status, Visit
from ..ground.problem import Crew, Problem

PARTS = (
    "job_time",
    "block_time",
    "late_arrival",
    "late_finish",
    "dropped",
    "travel",
    "distance",
    "overtime",
    "crew_fixed",
    "changes",
)


class Price(NamedTuple):
    """Cost of a plan and its parts."""

    cost: float
    parts: Mapping[str, float]
    blocks: tuple[BlockTime, ...]


def price(problem: Problem, routes: Sequence[Route]) -> Price:
    """Cost of routes as they are timed."""
    parts = dict.fromkeys(PARTS, 0.0)
    served: dict[str, list[tuple[str, Visit]]] = {}
    for route in routes:
        if route.visits:
            _price_route(problem, route, parts)
        for visit in route.visits:
            served.setdefault(visit.job, []).append((route.crew, visit))
    _price_jobs(problem, served, parts)
    done = {job: max(v.finish_s for _, v in visits) for job, visits in served.items()}
    blocks = _price_blocks(problem, done, parts)
    before = {job: p.crew for p in problem.previous for job in p.jobs}
    for job, crew in before.items():
        if job in served and crew not in {c for c, _ in served[job]}:
            parts["changes"] += problem.change_cost
    return Price(sum(parts.values()), {k: v for k, v in parts.items() if v}, blocks)


def _price_route(problem: Problem, route: Route, parts: dict[str, float]) -> None:
    crew = problem.crew_by_id[route.crew]
    stops = [problem.job_by_id[v.job].location for v in route.visits]
    path = [route.start, *stops] + ([] if crew.end is None else [crew.end])
    legs = [drive_s(problem, crew, a, b) for a, b in pairwise(path)]
    for leg in legs:
        parts["travel"] += leg * problem.costs.travel_per_s
    table = problem.travel.distances_m
    if table is not None and problem.costs.distance_per_m:
        metres = sum(float(table[a, b]) for a, b in pairwise(path))
        parts["distance"] += metres * problem.costs.distance_per_m
    home = route.visits[-1].finish_s + (0 if crew.end is None else legs[-1])
    if crew.shift is not None:
        parts["overtime"] += max(0, home - crew.shift[1]) * crew.overtime_cost_per_s
    parts["crew_fixed"] += crew.fixed_cost


def _price_jobs(
    problem: Problem, served: Mapping[str, Sequence[tuple[str, Visit]]], parts: dict[str, float]
) -> None:
    for job in problem.jobs:
        visits = served.get(job.id)
        if not visits:
            parts["dropped"] += job.drop_cost or 0
            continue
        arrival = max(v.arrival_s for _, v in visits)
        finish = max(v.finish_s for _, v in visits)
        parts["job_time"] += job.cost_per_s * (finish - job.cost_from_s)
        if job.arrive_by_s is not None:
            parts["late_arrival"] += job.late_arrival_cost_per_s * max(0, arrival - job.arrive_by_s)
        if job.finish_by_s is not None:
            parts["late_finish"] += job.late_finish_cost_per_s * max(0, finish - job.finish_by_s)


def _price_blocks(
    problem: Problem, done: Mapping[str, int], parts: dict[str, float]
) -> tuple[BlockTime, ...]:
    times = []
    for block in problem.blocks:
        ways = [
            max((done[x] for x in way), default=0) for way in block.restored_by if all(x in done for x in way)
        ]
        back = max(0, min(ways, default=problem.unserved_at_s or 0))
        parts["block_time"] += block.cost_per_s * (back - block.since_s)
        times.append(BlockTime(id=block.id, restored_s=back))
    return tuple(times)


def drive_s(problem: Problem, crew: Crew, start: int, end: int) -> int:
    """One drive of a crew in whole seconds: travel x speed factor, rounded up."""
    return crew.drive_s(problem.travel.between(start, end))


def make_plan(
    problem: Problem,
    routes: Sequence[Route],
    *,
    status: Status,
    bound: float | None = None,
    seconds: float = 0,
    seed: int = 0,
) -> Plan:
    """A plan with its price; what no route serves is listed as dropped."""
    cost, parts, blocks = price(problem, routes)
    served = {v.job for route in routes for v in route.visits}
    return Plan(
        status=status,
        cost=cost,
        bound=bound,
        seconds=seconds,
        seed=seed,
        routes=tuple(routes),
        dropped=tuple(Dropped(job=job.id) for job in problem.jobs if job.id not in served),
        blocks=blocks,
        parts=parts,
    )


def start_of(problem: Problem, crew: Crew, first: int | None) -> int:
    """Start place of a route whose first job is at location `first`: the shortest drive."""
    if first is None or len(crew.start) == 1:
        return crew.start[0]
    legs = [(drive_s(problem, crew, s, first), s) for s in sorted(crew.start)]
    return min(legs, key=lambda pair: pair[0])[1]


def rests_of(starts_s: np.ndarray, crew: Crew, taken: int) -> tuple[Rest, ...]:
    """The first `taken` breaks of a crew, with when they begin."""
    breaks = sorted((b.window[0], b.window[1], b.duration_s) for b in crew.breaks)[:taken]
    return tuple(Rest(start_s=int(s), duration_s=b[2]) for s, b in zip(starts_s, breaks, strict=False))
