"""First prices for the bound: what serving each job costs in a plan by Smith's rule."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from ..check import judge
from ..plan import Plan
from .bound_data import Floats, Relaxed, shift_start, with_blocks


@dataclass(frozen=True, slots=True)
class Start:
    """A price and finish time for each job, the plan's cost, and how long routes may take."""

    price: Floats
    finish_s: Floats
    cost: float
    horizon_s: int


def first_prices(relaxed: Relaxed, plan: Plan | None) -> Start:
    """Price jobs by what they cost and what they delay in a plan, given or made up."""
    routes = _routes_of(relaxed, plan) if plan is not None else _by_smiths_rule(relaxed)
    tasks, drop = with_blocks(relaxed, relaxed.shares.share)
    rate = tasks["rate"] + tasks["capped_rate"] + tasks["finish_rate"] * 0
    price = np.where(np.isfinite(drop), drop, 0) / relaxed.visits
    finish_s = np.full(len(tasks), float(relaxed.origin))
    latest, total = relaxed.origin, float(np.where(np.isfinite(drop), drop, 0).sum())
    for begins, stops in routes:
        before, waiting = begins, float(sum(rate[job] for job, _ in stops))
        for job, finish in stops:
            waiting -= rate[job]
            own = float(_costs(tasks[job], relaxed.unserved_s, finish))
            total += own - (float(drop[job]) if math.isfinite(drop[job]) else 0)
            price[job] = own + (finish - before) * waiting
            finish_s[job], before, latest = finish, finish, max(latest, finish)
    cost = judge(relaxed.problem, plan).cost if plan is not None else total + relaxed.constant
    span = max(latest - relaxed.origin, 1)
    return Start(price, finish_s, cost, int(1.3 * span) + int(tasks["service"].max(initial=0)) + 1)


def _costs(task: np.void, cap: int, finish: float) -> float:
    late = max(0, finish - int(task["finish_by"])), max(0, finish - task["service"] - int(task["arrive_by"]))
    return float(
        task["rate"] * finish
        + task["constant"]
        + task["capped_rate"] * min(max(finish, 0), cap)
        + task["finish_rate"] * late[0]
        + task["arrive_rate"] * late[1]
    )


def _routes_of(relaxed: Relaxed, plan: Plan) -> list[tuple[int, list[tuple[int, int]]]]:
    at = {job.id: idx for idx, job in enumerate(relaxed.problem.jobs)}
    crews = relaxed.problem.crew_by_id
    return [
        (
            shift_start(crews[route.crew]),
            [(at[visit.job], visit.finish_s) for visit in route.visits if visit.job in at],
        )
        for route in plan.routes
        if route.crew in crews
    ]


def _by_smiths_rule(relaxed: Relaxed) -> list[tuple[int, list[tuple[int, int]]]]:
    """Send whoever is free to the able job of the best cost rate for its time."""
    tasks, _ = with_blocks(relaxed, relaxed.shares.share)
    rate = tasks["rate"] + tasks["capped_rate"] + 1e-6
    left = np.ones(len(tasks), dtype=bool)
    routes: list[tuple[int, list[tuple[int, int]]]] = []
    free = []
    for kind in relaxed.kinds:
        for squad in kind.squads:
            for _ in range(squad.count):
                free.append((squad.shift_start, len(routes), kind, squad))
                routes.append((squad.shift_start, []))
    heap = [(clock, number) for clock, number, _, _ in free]
    heapq.heapify(heap)
    while heap and left.any():
        clock, number = heapq.heappop(heap)
        _, _, kind, squad = free[number]
        stops = routes[number][1]
        legs = kind.legs[stops[-1][0]] if stops else squad.first_s.min(axis=0)
        took = legs + tasks["service"]
        end = clock + took + kind.home_s
        fits = left & (kind.able > 0) & (end <= kind.terms[0]["shift_end"] + kind.terms[0]["overtime"])
        if not fits.any():
            continue
        job = int(np.argmax(np.where(fits, rate / np.maximum(took, 1), -1)))
        left[job] = False
        stops.append((job, clock + int(took[job])))
        heapq.heappush(heap, (clock + int(took[job]), number))
    return routes
