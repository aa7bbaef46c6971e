"""Rules that bind no plan: a far end of a shift, an open window, a promise that nobody can miss.

Real data are full of them, and each costs the search the constant-time moves that plain problems have. What
takes them away is a moment by which every plan without needless waiting is over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..ground.drive import IMPASSABLE_S
from ..ground.problem import Costs, Crew, Job, Problem
from .kernels.flat import NO_SHIFT_END_S

MOST_POINTS = 1200  # of which every drive is looked at
NEGLIGIBLE = 1e-6  # of the cost: what driving may come to, all told, and still not count in the search


def without_idle_rules(problem: Problem) -> Problem:
    """The problem without the rules and prices that cannot make one plan better than another.

    Parameters
    ----------
    problem : the problem.

    Returns
    -------
    Problem
        The same object where every rule may bind. A plan keeps the rules of the one exactly where it
        keeps those of the other, and costs the same, but for a price of driving that is next to nothing.
    """
    begins_s = min((_begins_s(crew) for crew in problem.crews), default=0)
    over_s = _over_s(problem)
    goods = _short_goods(problem)
    freed = replace(
        problem,
        jobs=tuple(_freed_job(job, begins_s, over_s, goods) for job in problem.jobs),
        crews=tuple(_freed_crew(crew, over_s, goods) for crew in problem.crews),
        costs=Costs() if _is_negligible(problem) else problem.costs,
    )
    same = (freed.jobs, freed.crews, freed.costs) == (problem.jobs, problem.crews, problem.costs)
    return problem if same else freed


def _begins_s(crew: Crew) -> int:
    return crew.shift[0] if crew.shift else 0


def _over_s(problem: Problem) -> float:
    """When every plan is over: the last moment anybody waits for, and then everything one after another.

    A visit begins as soon as its crew, the other crews of it and the jobs before it let it: the chain of what
    it has waited for goes back to the begin of a shift, a window or a break, and holds no job twice. A break
    counts where it can be due before all is over.
    """
    legs = _legs(problem)
    work_s = sum(job.service_s + sum(max(0, wait.lag_s) for wait in job.after) for job in problem.jobs)
    opens = (opens for job in problem.jobs for opens, _ in job.windows)
    begins_s = max(0, *(_begins_s(crew) for crew in problem.crews), *opens, 0)
    rests = [rest for crew in problem.crews for rest in crew.breaks]
    over_s, due = -1, -1
    while due < (due := sum(rest.window[1] < over_s for rest in rests)) or over_s < 0:
        taken = [rest for rest in rests if rest.window[1] < over_s]
        waited_s = max((begins_s, *(rest.window[0] for rest in taken)))
        over_s = waited_s + legs.all_s + work_s + sum(rest.duration_s for rest in taken) + legs.longest_s
    return over_s


class _Legs(NamedTuple):
    """The longest drive, the longest ones into each job together, the shortest one into each."""

    longest_s: int
    all_s: int
    least_s: Sequence[int]


def _legs(problem: Problem) -> _Legs:
    factors = [crew.speed_factor for crew in problem.crews] or [1]
    travel, jobs = problem.travel, problem.jobs
    if travel.durations_s is None and travel.size > MOST_POINTS:
        longest_s = math.ceil(travel.longest_s * max(factors))
        return _Legs(longest_s, longest_s * len(jobs), [0] * len(jobs))
    table = travel.matrix_s
    most = np.where(table < IMPASSABLE_S, table, 0).max(axis=0, initial=0)
    least = table + np.diag(np.full(len(table), IMPASSABLE_S))
    places = [job.location for job in jobs]
    return _Legs(
        math.ceil(float(most.max(initial=0)) * max(factors)),
        sum(math.ceil(float(into_s) * max(factors)) for into_s in most[places]),
        [int(float(into_s) * min(factors)) for into_s in least.min(axis=0, initial=IMPASSABLE_S)[places]],
    )


def _short_goods(problem: Problem) -> frozenset[str]:
    """Goods of which some crew has less than all jobs take together."""
    taken: dict[str, float] = {}
    for job in problem.jobs:
        for what, quantity in job.load.items():
            taken[what] = taken.get(what, 0) + quantity
    return frozenset(
        what for crew in problem.crews for what, limit in crew.capacity.items() if taken.get(what, 0) > limit
    )


def _kept(goods: frozenset[str], quantities: Mapping[str, float]) -> Mapping[str, float]:
    return {what: quantity for what, quantity in quantities.items() if what in goods}


def _freed_job(job: Job, begins_s: int, over_s: float, goods: frozenset[str]) -> Job:
    freed = job
    if any(opens <= begins_s and closes >= over_s for opens, closes in job.windows):
        freed = replace(freed, windows=())
    if job.arrive_by_s is not None and (job.arrive_by_s >= over_s or not job.late_arrival_cost_per_s):
        freed = replace(freed, arrive_by_s=None, late_arrival_cost_per_s=0)
    if job.finish_by_s is not None and (job.finish_by_s >= over_s or not job.late_finish_cost_per_s):
        freed = replace(freed, finish_by_s=None, late_finish_cost_per_s=0)
    return freed if goods.issuperset(job.load) else replace(freed, load=_kept(goods, job.load))


def _freed_crew(crew: Crew, over_s: float, goods: frozenset[str]) -> Crew:
    freed = crew
    if crew.shift is not None and over_s <= crew.shift[1] < NO_SHIFT_END_S:
        shift = (crew.shift[0], NO_SHIFT_END_S)
        freed = replace(freed, shift=shift, overtime_s=0, overtime_cost_per_s=0)
    if any(rest.window[1] >= over_s for rest in crew.breaks):
        freed = replace(freed, breaks=tuple(rest for rest in crew.breaks if rest.window[1] < over_s))
    return freed if goods.issuperset(crew.capacity) else replace(freed, capacity=_kept(goods, crew.capacity))


def _is_negligible(problem: Problem) -> bool:
    """Whether all driving together costs less than `NEGLIGIBLE` of what the jobs must cost."""
    price, jobs = problem.costs.travel_per_s, problem.jobs
    if not price or problem.costs.distance_per_m or problem.blocks:
        return False
    legs, begins_s = _legs(problem), min((_begins_s(crew) for crew in problem.crews), default=0)
    places = {job.location for job in jobs}
    starts = {start for crew in problem.crews for start in crew.start}
    apart = len(places) == len(jobs) and not places & starts  # else some job may take no drive
    served = (
        job.cost_per_s * (job.service_s + begins_s - job.cost_from_s + (least_s if apart else 0))
        for job, least_s in zip(jobs, legs.least_s, strict=True)
    )
    dropped = (math.inf if job.drop_cost is None else job.drop_cost for job in jobs)
    least = math.fsum(min(pair) for pair in zip(served, dropped, strict=True))
    paid = price * (legs.all_s * max(job.crews_needed for job in jobs) + legs.longest_s * len(problem.crews))
    return paid <= NEGLIGIBLE * least
