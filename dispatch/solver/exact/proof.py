"""Proven optima of small problems: subsets where cost is linear, CP-SAT for every rule."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace

from ...ground.plan import Plan
from ...ground.problem import Problem
from ...judge.check import judge
from .child import LOOK_S, Stop
from .model import Model
from .subsets import solve_subsets

MOST_JOBS = 14  # beyond, CP-SAT rarely proves anything within seconds
MOST_STAYS = 60  # jobs times crews


def solve_exact(
    problem: Problem,
    time_limit_s: float = 10,
    upper: float | None = None,
    *,
    seed: int = 1,
    any_size: bool = False,
    stop: Stop | None = None,
    work: float | None = None,
) -> Plan | None:
    """Find a plan that is proven to cost the least; CP-SAT runs in a process of its own, with one worker.

    Parameters
    ----------
    problem : any problem; large ones are refused unless `any_size`.
    time_limit_s : wall clock, > 0. The subset method takes up to some 3 s for 20 jobs.
    upper : cost of a plan in hand; where CP-SAT is needed, only cheaper plans are looked for.
    stop : asked 20 times a second; True ends the proof with what it has.
    work : CP-SAT's own measure of what it does, about a second each, > 0, instead of time: the
        same on any machine.

    Returns
    -------
    Plan or None
        `status` "optimal" with `bound` equal to `cost`; "feasible" with a proven `bound` where
        time ran out, and where no plan below `upper` was found without routes and of infinite
        cost (the `bound` is `upper` where there is none); "infeasible" (cost infinite) where no
        plan exists; None where nothing was found or the problem is too large.
    """
    began = time.perf_counter()
    plan = _by_subsets(problem, stop)
    if plan is None and stop is not None and stop():
        return None
    if plan is None:
        large = len(problem.jobs) > MOST_JOBS or len(problem.jobs) * len(problem.crews) > MOST_STAYS
        if large and not any_size:
            return None
        plan = Model(problem).solve(time_limit_s, upper, seed=seed, stop=stop, work=work)
    if plan is None:
        return None
    if math.isinf(plan.cost):
        return replace(plan, seed=seed)
    verdict = judge(problem, plan)
    if verdict.violations:
        return None
    seconds = time.perf_counter() - began
    return replace(plan, parts=verdict.parts, blocks=verdict.blocks, seed=seed, seconds=seconds)


def _by_subsets(problem: Problem, stop: Stop | None) -> Plan | None:
    """`solve_subsets`, given up on once `stop` turns True: its steps cannot be ended, only left alone."""
    if stop is None:
        return solve_subsets(problem)
    found: list[Plan | None] = []
    working = threading.Thread(target=lambda: found.append(solve_subsets(problem)), daemon=True)
    working.start()
    while working.is_alive() and not stop():
        working.join(LOOK_S)
    return found[0] if found else None
