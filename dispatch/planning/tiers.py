"""Tiers: what is minimised first, said to the solver in weights.

A problem file knows one cost. A tier is a factor so large that one minute of
its cheapest item outweighs everything that lies below it; the factors come out
of the problem's own sums, so they are as small as they can be and do not
overflow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..ground.problem import Block, Job, Problem

# Doubles count integers exactly up to 9e15; a plan's cost stays below this.
MOST_COST = 1e14


def tier_factors(
    problem: Problem, job_tier: Mapping[str, int], block_tier: Mapping[str, int]
) -> dict[int, float]:
    """Factor of each tier in use; the lowest tier (the largest number) has 1.

    Parameters
    ----------
    problem : without factors.
    job_tier, block_tier : tier of each job and block, 0 the most urgent.

    Returns
    -------
    dict of int to float
        Factors at least 1; cut off where the sum of costs would pass `MOST_COST`.
    """
    horizon_s = _horizon_s(problem)
    factors: dict[int, float] = {}
    below = _shared_cost(problem, horizon_s)
    for tier in sorted({*job_tier.values(), *block_tier.values()}, reverse=True):
        jobs = [job for job in problem.jobs if job_tier.get(job.id) == tier]
        blocks = [block for block in problem.blocks if block_tier.get(block.id) == tier]
        own = _most(jobs, blocks, horizon_s)
        factors[tier] = _factor(below, own, _cheapest_minute(jobs, blocks)) if factors else 1.0
        below += own * factors[tier]
    return factors


def lift_tiers(
    problem: Problem,
    factors: Mapping[int, float],
    job_tier: Mapping[str, int],
    block_tier: Mapping[str, int],
) -> Problem:
    """The same problem with every cost of a tier multiplied by its factor."""
    return replace(
        problem,
        jobs=tuple(_lift_job(job, factors[job_tier[job.id]]) for job in problem.jobs),
        blocks=tuple(
            replace(block, cost_per_s=block.cost_per_s * factors[block_tier[block.id]])
            for block in problem.blocks
        ),
    )


def _lift_job(job: Job, factor: float) -> Job:
    if factor == 1:
        return job
    return replace(
        job,
        cost_per_s=job.cost_per_s * factor,
        late_arrival_cost_per_s=job.late_arrival_cost_per_s * factor,
        late_finish_cost_per_s=job.late_finish_cost_per_s * factor,
        drop_cost=None if job.drop_cost is None else job.drop_cost * factor,
    )


def _horizon_s(problem: Problem) -> int:
    ends = [crew.shift[1] + crew.overtime_s for crew in problem.crews if crew.shift]
    return max([problem.unserved_at_s or 0, *ends])


def _shared_cost(problem: Problem, horizon_s: int) -> float:
    """An upper bound on what belongs to no tier: driving, overtime, crews, changes."""
    crews = sum(
        crew.fixed_cost + crew.overtime_s * crew.overtime_cost_per_s + horizon_s * problem.costs.travel_per_s
        for crew in problem.crews
    )
    return crews + problem.change_cost * sum(len(each.jobs) for each in problem.previous)


def _most(jobs: Iterable[Job], blocks: Iterable[Block], horizon_s: int) -> float:
    cost = sum(block.cost_per_s * max(0, horizon_s - block.since_s) for block in blocks)
    for job in jobs:
        served = job.cost_per_s * max(0, horizon_s - job.cost_from_s)
        if job.arrive_by_s is not None:
            served += job.late_arrival_cost_per_s * max(0, horizon_s - job.arrive_by_s)
        if job.finish_by_s is not None:
            served += job.late_finish_cost_per_s * max(0, horizon_s - job.finish_by_s)
        cost += max(served, job.drop_cost or 0)
    return cost


def _cheapest_minute(jobs: Iterable[Job], blocks: Iterable[Block]) -> float:
    rates = [job.cost_per_s for job in jobs] + [block.cost_per_s for block in blocks]
    return 60 * min((rate for rate in rates if rate > 0), default=0.0)


def _factor(below: float, own: float, minute: float) -> float:
    if not minute:
        return 1.0
    wanted = max(1.0, math.ceil(below / minute))
    return max(1.0, min(wanted, math.floor((MOST_COST - below) / own))) if own else wanted
