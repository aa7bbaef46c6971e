"""First prices for the bound: what serving each job costs in a plan by Smith's rule."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from ...ground.plan import Plan
from ...judge.check import judge
from .data import Floats, Relaxed, shift_start, with_blocks


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
    rate = tasks["rate"] + tasks["capped_rate"]
    price = np.where(np.isfinite(drop), drop, 0) / relaxed.visits
    finish_s = np.full(len(tasks), float(relaxed.origin))
    latest, total = relaxed.origin, float(np.where(np.isfinite(drop), drop, 0).sum())
    leg_price = _mean_leg_price(relaxed)
    took = np.zeros(len(tasks))
    for begins, stops in routes:
        before = begins
        for job, finish in stops:
            total += float(_costs(tasks[job], relaxed.unserved_s, finish)) + leg_price[job]
            total -= float(drop[job]) if math.isfinite(drop[job]) else 0
            took[job], finish_s[job] = max(1, finish - before), finish
            before, latest = finish, max(latest, finish)
    served = took > 0
    if served.any():
        least = np.maximum(1, np.minimum(took, _least_s(relaxed)))
        flow = _flow_prices(rate[served], least[served], len(routes))
        extra = np.array([_costs(task, relaxed.unserved_s, relaxed.origin) for task in tasks[served]])
        price[served] = np.minimum(flow + extra + leg_price[served], (drop / relaxed.visits)[served])
    cost = judge(relaxed.problem, plan).cost if plan is not None else total + relaxed.constant
    return Start(price, finish_s, cost, _horizon_s(relaxed, latest))


def _least_s(relaxed: Relaxed) -> Floats:
    """Seconds of each job's work with the cheapest drive to it."""
    least = np.full(len(relaxed.tasks), np.inf)
    for kind in relaxed.kinds:
        between = kind.legs + np.diag(np.full(len(least), 1 << 60))
        least = np.minimum(least, between.min(axis=0))
        for squad in kind.squads:
            least = np.minimum(least, squad.first_s.min(axis=0))
    return np.asarray(least + relaxed.tasks["service"])


def _flow_prices(rate: Floats, took: Floats, crews: int) -> Floats:
    """Prices of jobs on like machines when work flows through them in Smith's order.

    At time t a machine is worth the cost rate per second of work still to come,
    integrated: v(t). A job is worth its cheapest place in that flow: the least
    of rate x (t + p) + integral of v over [t, t + p].
    """
    ratio = rate / took
    order = np.argsort(-ratio, kind="stable")
    ends = np.cumsum(took[order]) / crews
    clock = np.linspace(0, ends[-1] + float(took.max()), 1200)
    step = clock[1] - clock[0]
    at = np.minimum(np.searchsorted(ends, clock), len(order) - 1)
    falls = np.where(clock <= ends[-1], ratio[order][at], 0)
    worth = np.cumsum(falls[::-1])[::-1] * step
    until = np.concatenate([[0], np.cumsum(worth) * step])
    grid = np.append(clock, clock[-1] + step)
    prices = np.empty(len(rate))
    for job in range(len(rate)):
        paid = np.interp(clock + took[job], grid, until) - until[:-1]
        prices[job] = float((rate[job] * (clock + took[job]) + paid).min())
    return prices


def _horizon_s(relaxed: Relaxed, latest: float) -> int:
    """How long routes may reasonably take; past it the bound is weaker, never wrong."""
    longest = int(relaxed.tasks["service"].max(initial=0))
    span = 1.3 * max(1.0, latest - relaxed.origin) + longest
    closes = [last for job in relaxed.problem.jobs for _, last in job.windows]
    over = max(int(kind.terms[0]["shift_end"] + kind.terms[0]["overtime"]) for kind in relaxed.kinds)
    span = max(span, max(closes, default=relaxed.origin) - relaxed.origin + longest)
    return max(1, int(min(span, over - relaxed.origin + 1)))


def _mean_leg_price(relaxed: Relaxed) -> Floats:
    """Price of a usual drive into each job: the mean over its few nearest neighbours."""
    prices = np.sort(np.min([kind.prices for kind in relaxed.kinds], axis=0), axis=0)
    near: Floats = prices[1:4].mean(axis=0) if len(prices) > 1 else np.zeros(len(prices))
    return near


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
