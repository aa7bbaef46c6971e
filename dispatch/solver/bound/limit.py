"""Proven lower bounds: no plan, found or not, can cost less.

Two bounds, the better counts:

- parallel machines: each job takes at least its cheapest leg plus its work, and
  all crews are alike (Eastman, Even and Isaacs, Management Science 11, 1964);
- routes priced by duals: every job has a price for being served, every crew
  drives the cheapest relaxed route against these prices (`pricing`). For
  any prices that is a bound; the prices are improved by subgradient steps
  (Held, Wolfe and Crowder, Mathematical Programming 6, 1974).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ...ground.drive import all_driven_s
from ...ground.plan import Plan
from ...ground.problem import Problem
from ..exact.child import Stop
from .data import (
    Floats,
    Ints,
    Kind,
    Relaxed,
    cheapest_into_s,
    earliest_finish_s,
    relax,
    shift_start,
    with_blocks,
)
from .pricing import Walks, best_route, ways_on
from .start import first_prices

MOST_JOBS_PRICED = 2000
MOST_JOBS = 8000  # beyond, a table of all drives would not fit
STEPS_PER_S = 1.0e8  # transitions a core prices in a second, roughly
STRIDE = 0.5  # of the Polyak step
TILT = 0.5  # of the blocks' shares, for the stride
PROGRESS = 3e-5  # relative, that counts as such
ENOUGH = 1e-6  # relative distance from the plan's cost at which there is nothing left to prove
PATIENCE = 6  # rounds without progress before the stride is cut
ROUNDS = 100  # that a good price needs, at least
MOST_GRID_STEPS = 1500
SAFETY = 1e-9  # relative, taken off for rounding in floating point


def lower_bound(
    problem: Problem, time_limit_s: float = 10, *, plan: Plan | None = None, stop: Stop | None = None
) -> float | None:
    """Prove that no plan costs less than the returned value.

    Parameters
    ----------
    problem : any problem.
    time_limit_s : wall clock for improving the bound; at least one round is made.
    plan : a good plan, if there is one: better first prices, never needed for the proof.
    stop : asked between rounds; True ends them with the best bound so far.

    Returns
    -------
    float or None
        A bound on the cost of every feasible plan, rounded down safely; None
        where nothing could be proven (a problem without crews or too large).
    """
    ends = time.perf_counter() + time_limit_s
    if not problem.jobs:
        return _static(problem)
    if not problem.crews or (problem.travel.xy is None and len(problem.jobs) > MOST_JOBS):
        return None
    found = [_parallel_machines(problem)]
    if len(problem.jobs) <= MOST_JOBS_PRICED:
        found.append(_Prices(problem, ends, plan, stop).improve())
    proven = [value for value in found if value is not None and math.isfinite(value)]
    return max(proven, default=None)


def _static(problem: Problem) -> float | None:
    """Cost of the only plan of a problem without jobs."""
    if any(not way for block in problem.blocks for way in block.restored_by):
        return None
    unserved_s = max(0, problem.unserved_at_s or 0)
    return float(sum(block.cost_per_s * (unserved_s - block.since_s) for block in problem.blocks))


def _parallel_machines(problem: Problem) -> float | None:
    """Eastman, Even and Isaacs on the jobs that must be served, the rest at its cheapest.

    With m machines and weights w, times p in Smith's order:
    sum w C >= C1 / m + (m - 1) / (2 m) * sum w p, C1 the cost on one machine.
    """
    begin = min(shift_start(crew) for crew in problem.crews)
    factor = min(crew.speed_factor for crew in problem.crews)
    crews = len(problem.crews) if problem.max_crews is None else min(problem.max_crews, len(problem.crews))
    if crews == 0:
        return None
    legs = all_driven_s(cheapest_into_s(problem), factor)
    times = legs + np.array([job.service_s for job in problem.jobs])
    weight = np.array([job.cost_per_s for job in problem.jobs], dtype=np.float64)
    since = np.array([job.cost_from_s for job in problem.jobs], dtype=np.float64)
    must = np.array([job.drop_cost is None for job in problem.jobs])
    constant, weight_of = _blocks_on_one_job(problem, must)
    optional = [
        min(job.drop_cost, job.cost_per_s * (begin + took - job.cost_from_s))
        for job, took in zip(problem.jobs, times, strict=True)
        if job.drop_cost is not None
    ]
    weight, times, since = weight[must], times[must], since[must]
    own = weight_of[must] + weight
    order = np.argsort(-own / np.maximum(times, 1e-9), kind="stable")
    alone = float((own[order] * np.cumsum(times[order])).sum())
    shared = alone / crews + (crews - 1) / (2 * crews) * float((own * times).sum())
    total = shared + begin * float(own.sum()) - float((weight * since).sum()) + sum(optional) + constant
    return float(total - SAFETY * (abs(total) + shared))


def _blocks_on_one_job(problem: Problem, must: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Put each block's cost on one job that all its ways need; else on the clock alone."""
    at = {job.id: idx for idx, job in enumerate(problem.jobs)}
    weight, constant = np.zeros(len(problem.jobs)), 0.0
    earliest = earliest_finish_s(problem) if problem.blocks else np.zeros(0)
    for block in problem.blocks:
        constant -= block.cost_per_s * block.since_s
        common = set.intersection(*(set(way) for way in block.restored_by)) if block.restored_by else set()
        certain = [at[name] for name in common if must[at[name]]]
        always = any(all(must[at[name]] for name in way) for way in block.restored_by)
        if certain and always:
            weight[max(certain, key=lambda idx: float(earliest[idx]))] += block.cost_per_s
            continue
        ways = [max([float(earliest[at[name]]) for name in way], default=0.0) for way in block.restored_by]
        back_s = min([*ways, *([] if always else [float(max(0, problem.unserved_at_s or 0))])])
        constant += block.cost_per_s * max(0.0, back_s)
    return constant, weight


@dataclass(slots=True)
class _Round:
    """What one set of prices proves, and where it serves jobs too often or too rarely."""

    bound: float
    excess: Floats  # visits wanted minus visits made
    finish_s: Floats  # mean capped finish of each job in the relaxed routes, NaN where it has none


class _Prices:
    """Subgradient ascent over the jobs' prices and the blocks' shares."""

    def __init__(self, problem: Problem, ends: float, plan: Plan | None, stop: Stop | None) -> None:
        self.ends, self.stop = ends, stop
        self.problem = problem
        left_s = max(0.5, ends - time.perf_counter())
        count = len(problem.jobs)
        budget = left_s * STEPS_PER_S / ROUNDS / count**2
        most_kinds = int(max(1, min(len(problem.crews), budget / 150)))
        self.relaxed = relax(problem, most_kinds)
        layers = sum(int(kind.terms[0]["layers"]) for kind in self.relaxed.kinds)
        self.most_steps = int(min(MOST_GRID_STEPS, max(60, budget / max(1, layers))))
        start = first_prices(self.relaxed, plan)
        self.price, self.target, self.horizon_s = start.price, start.cost, start.horizon_s
        self.enough = self.target - ENOUGH * abs(self.target) if plan is not None else math.inf
        self.share = self.relaxed.shares.share.copy()
        self.best_price, self.best_share = self.price, self.share
        self.best = -math.inf
        self.mean_finish_s: Floats = start.finish_s

    def improve(self) -> float | None:
        """Climb on a coarse grid, then on finer ones while there is time; the best bound proven."""
        proven, steps, stride, share_of_time = -math.inf, self.most_steps // 3, STRIDE, 0.35
        while True:
            self._set_grid(max(60, min(MOST_GRID_STEPS, steps)))
            begun = time.perf_counter()
            self.price, self.share, self.best = self.best_price, self.best_share, -math.inf
            until = begun + share_of_time * max(0.0, self.ends - begun)
            rounds = self._climb(until, stride)
            proven = max(proven, self.best)
            round_s = (time.perf_counter() - begun) / max(1, rounds)
            left_s = self.ends - time.perf_counter()
            steps = int(len(self.value[0]) * min(6.0, max(1.0, left_s / max(1e-6, round_s) / ROUNDS)))
            stride, share_of_time = STRIDE / 3, 1.0
            if left_s < 3 * round_s or proven >= self.enough or self._stopped():
                return proven if math.isfinite(proven) else None

    def _stopped(self) -> bool:
        return self.stop is not None and self.stop()

    def _climb(self, until: float, stride: float) -> int:
        direction: Floats | None = None
        stalled = rounds = 0
        while True:
            rounds += 1
            found = self._round()
            stalled = 0 if found.bound > self.best + PROGRESS * abs(self.best) else stalled + 1
            if found.bound > self.best or not math.isfinite(self.best):
                self.best, self.best_price, self.best_share = found.bound, self.price, self.share
            if time.perf_counter() > until or stride < 2e-3 or self._stopped():
                return rounds
            if stalled >= PATIENCE:
                stalled, stride, direction = 0, stride * 0.6, None
                self.price, self.share = self.best_price, self.best_share
                continue
            direction = found.excess if direction is None else 0.7 * direction + 0.3 * found.excess
            self._step(found, direction, stride)

    def _step(self, found: _Round, direction: Floats, stride: float) -> None:
        length = float(direction @ direction)
        gap = max(self.target - found.bound, 0.01 * abs(found.bound), 1e-9)
        if length > 1e-12:
            self.price = self.price + stride * gap / length * direction
        shares = self.relaxed.shares
        if not len(shares.block):
            return
        seen = np.isfinite(found.finish_s)
        self.mean_finish_s = np.where(
            seen, 0.9 * self.mean_finish_s + 0.1 * np.nan_to_num(found.finish_s), self.mean_finish_s
        )
        share = _tilted(self.share, shares.block, self.mean_finish_s[shares.job], stride)
        # a job that bears more of a block's cost is worth as much more, or it would drop out of all routes
        dearer = (share - self.share) * shares.rate * self.mean_finish_s[shares.job]
        np.add.at(self.price, shares.job, dearer / self.relaxed.visits[shares.job])
        self.share = share

    def _set_grid(self, steps: int) -> None:
        """Lay a grid over the horizon, finer where legs are so short that they would vanish in it."""
        grid = max(1, math.ceil(self.horizon_s / steps))
        shortest = min(_shortest_step_s(kind, self.relaxed) for kind in self.relaxed.kinds)
        if shortest < grid and self.horizon_s / shortest <= 2 * MOST_GRID_STEPS:
            grid = shortest
        count = math.ceil(self.horizon_s / grid)
        self.edge_s = self.relaxed.origin + grid * count
        for kind in self.relaxed.kinds:
            term = kind.terms[0]
            term["origin"], term["grid"], term["steps"] = self.relaxed.origin, grid, count
            term["cap"], term["chain"] = self.relaxed.unserved_s, _longest_chain(kind, self.relaxed, grid)
        layers = max(int(kind.terms[0]["layers"]) for kind in self.relaxed.kinds)
        shape = (layers, count, len(self.problem.jobs), 2)
        self.value, self.onward = np.empty(shape), np.empty(shape, dtype=np.int64)

    def _round(self) -> _Round:
        tasks, drop = with_blocks(self.relaxed, self.share)
        self.price = np.minimum(self.price, self._ceiling(tasks))
        self.price = np.minimum(self.price, drop / self.relaxed.visits)
        return self._tally(sorted(self._routes(tasks), key=lambda squad: squad[0]), drop)

    def _routes(self, tasks: NDArray[np.void]) -> list[tuple[float, int, Floats]]:
        """For each squad: reduced cost of its cheapest relaxed route, crews, and what it serves."""
        relaxed, found = self.relaxed, []
        for kind in relaxed.kinds:
            dual = np.where(kind.able, self.price, -np.inf)
            walks = self._walks(kind, tasks, dual)
            ways_on(walks)
            for squad in kind.squads:
                times = np.zeros((len(tasks), 2))
                cost = best_route(walks, squad.first_s, squad.first_price, squad.shift_start, times)
                found.append((cost + squad.fixed_cost, squad.count, times))
        return found

    def _tally(self, routes: list[tuple[float, int, Floats]], drop: Floats) -> _Round:
        """Add up the prices and the crews' cheapest routes, the cheapest crews first."""
        visits = self.relaxed.visits
        worth = visits * self.price
        bound = float(worth.sum()) + self.relaxed.constant
        size = float(np.abs(worth).sum()) + abs(self.relaxed.constant)
        made, finish_sum = np.zeros(len(worth)), np.zeros(len(worth))
        left = len(self.problem.crews) if self.problem.max_crews is None else self.problem.max_crews
        for cost, alike, times in routes:
            crews = min(alike, left)
            left -= crews
            if cost < 0:
                bound += crews * cost
                size += crews * abs(cost)
                made += crews * times[:, 0]
                finish_sum += crews * times[:, 1]
        free = np.where(worth < drop * (1 - 1e-12), visits, 0)
        excess = np.where(free > 0, visits - made, np.minimum(0, visits - made))
        with np.errstate(invalid="ignore", divide="ignore"):
            finish_s = finish_sum / made
        return _Round(bound - SAFETY * size, excess, finish_s)

    def _walks(self, kind: Kind, tasks: NDArray[np.void], dual: Floats) -> Walks:
        term = kind.terms[0]
        steady = term["layers"] == 1 and not any(job.windows for job in self.problem.jobs)
        timed = ("capped_rate", "arrive_rate", "finish_rate")
        linear = steady and not any(tasks[rate].any() for rate in timed)
        term["steady"], term["linear"] = steady, linear
        took = kind.legs + tasks["service"]
        base = kind.prices - dual
        if linear:
            base = base + tasks["rate"] * took + tasks["constant"]
        return Walks(
            tasks=tasks,
            windows=self.relaxed.windows,
            terms=kind.terms,
            legs=kind.legs,
            hops=took // term["grid"],
            base=base,
            home_s=kind.home_s,
            home_cost=kind.home_cost,
            dual=dual,
            worth=np.empty(len(tasks), dtype=np.int64),
            value=self.value,
            onward=self.onward,
        )

    def _ceiling(self, tasks: NDArray[np.void]) -> Floats:
        """Prices at which no visit past the grid's edge pays: so routes may end there."""
        opens = np.full(len(tasks), float(self.edge_s))
        for idx, job in enumerate(self.problem.jobs):
            if job.windows:
                fits = [
                    max(self.edge_s, first) for first, last in job.windows if max(self.edge_s, first) <= last
                ]
                opens[idx] = min(fits, default=np.inf)
        finish = opens + tasks["service"]
        known = np.isfinite(finish)
        at = np.where(known, finish, 0)
        cost = (
            tasks["rate"] * at
            + tasks["constant"]
            + tasks["capped_rate"] * np.clip(at, 0, self.relaxed.unserved_s)
            + tasks["arrive_rate"] * np.maximum(0, self.edge_s - tasks["arrive_by"])
            + tasks["finish_rate"] * np.maximum(0, at - tasks["finish_by"])
        )
        ceiling: Floats = np.where(known, cost, np.inf)
        return ceiling


def _tilted(share: Floats, block: Ints, finish_s: Floats, stride: float) -> Floats:
    """Move each block's shares towards the jobs that finish last."""
    scale = max(1.0, float(finish_s.mean()))
    tilted = share * np.exp(np.clip(TILT * stride * finish_s / scale, -20, 20)) + 1e-12
    totals = np.bincount(block, weights=tilted, minlength=int(block.max()) + 1)
    return np.asarray(tilted / totals[block])


def _steps_s(kind: Kind, relaxed: Relaxed) -> Ints:
    steps: Ints = kind.legs + relaxed.tasks["service"][None, :]
    np.fill_diagonal(steps, 1 << 60)
    return steps


def _shortest_step_s(kind: Kind, relaxed: Relaxed) -> int:
    """Seconds of the shortest leg with its work that takes any time at all."""
    steps = _steps_s(kind, relaxed)
    return int(steps[steps > 0].min(initial=1 << 60))


def _longest_chain(kind: Kind, relaxed: Relaxed, grid: int) -> int:
    """Most legs that a route may drive within one step of the grid (0 = none)."""
    short = _steps_s(kind, relaxed) < grid
    if not short.any():
        return 0
    _, label = connected_components(csr_array(short), directed=False)
    return int(np.bincount(label).max()) - 1
