"""The best lived day that a search in hindsight finds: an upper bound on what anybody could have reached.

Somebody who knows every true stay decides again and again how the day is lived through; the engine is the
same, crews set out to a fault no earlier than it is called in. The days of the list and of the planner, with
and without the true stays, give the first orders of jobs; then jobs that many customers waited for are moved
forward in the order, and what lives to fewer customer-minutes stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from .dispatchers import Dispatcher, ListDispatcher, PlannerDispatcher, Routes, View, may_do
from .engine import Outcome, play
from .measures import MOMENTARY_S
from .outlook import Glance
from .stage import Stage

# Purpose of the random numbers, apart from those of the storms.
MOVED = 11
PLANNED_STEPS = (5, 20)


@dataclass(frozen=True, kw_only=True)
class Hindsight:
    """The best day found.

    Parameters
    ----------
    customer_minutes : of all interruptions.
    tried : how many days were lived through.
    """

    outcome: Outcome
    customer_minutes: float
    tried: int


def hindsight(stage: Stage, *, tries: int, seed: int = 1) -> Hindsight:
    """Search for the day of fewest customer-minutes.

    Parameters
    ----------
    tries : orders of jobs that are lived through after the first ones.
    """
    told = _all_told(stage)
    first: list[Dispatcher] = [ListDispatcher(), *map(PlannerDispatcher, PLANNED_STEPS)]
    days = [play(told, dispatcher, seed=seed) for dispatcher in first]
    days += [play(stage, dispatcher, seed=seed) for dispatcher in first[:2]]
    ordered = [(_order(day), play(told, OrderDispatcher(told, _order(day)), seed=seed)) for day in days]
    # A day lived again by its order alone is a little worse; the search begins from the best of those.
    order, best = min(ordered, key=lambda each: lost_min(told, each[1]))
    random = np.random.default_rng([seed, MOVED])
    for _ in range(tries):
        tried = _moved(told, best, order, random)
        day = play(told, OrderDispatcher(told, tried), seed=seed)
        if lost_min(told, day) < lost_min(told, best):
            best, order = day, tried
    best = min([best, *days], key=lambda day: lost_min(told, day))
    return Hindsight(outcome=best, customer_minutes=lost_min(told, best), tried=2 * len(days) + tries)


def lost_min(stage: Stage, outcome: Outcome) -> float:
    """Customer-minutes of a lived day, without those of momentary interruptions."""
    lost_s = sum(
        stage.block_customers[each.block] * (each.to_s - each.from_s)
        for each in outcome.interruptions
        if each.to_s - each.from_s > MOMENTARY_S
    )
    return lost_s / 60


def _all_told(stage: Stage) -> Stage:
    """The same day with everybody knowing how long each repair will take."""
    true_s = {fault.jobs[-1]: fault.repair_s for fault in stage.faults}
    jobs = tuple(replace(job, service_s=true_s.get(job.id, job.service_s)) for job in stage.jobs)
    return replace(stage, jobs=jobs)


def _order(day: Outcome) -> list[str]:
    """Jobs as they were set out to."""
    works = sorted(day.works, key=lambda work: (work.left_s, work.job))
    return list(dict.fromkeys(work.job for work in works))


def _moved(stage: Stage, day: Outcome, order: list[str], random: np.random.Generator) -> list[str]:
    """Jobs of a block that waits long for many are moved forward; a block comes by what it lost."""
    lost: dict[int, float] = {}
    for each in day.interruptions:
        lost[each.block] = lost.get(each.block, 0.0) + stage.block_customers[each.block] * (
            each.to_s - each.from_s
        )
    blocks = sorted(lost)
    weight = np.asarray([lost[block] for block in blocks])
    block = stage.blocks[blocks[int(random.choice(len(blocks), p=weight / weight.sum()))]]
    way = block.restored_by[int(random.integers(len(block.restored_by)))]
    job_by_id = {job.id: job for job in stage.jobs}
    jobs: dict[str, None] = {}
    stack = [*way]
    while stack:
        name = stack.pop()
        if name not in jobs:
            jobs[name] = None
            stack += [each.job for each in job_by_id[name].after]
    place = {job: at for at, job in enumerate(order)}
    key = {job: float(place.get(job, len(order))) for job in [*order, *jobs]}
    share = float(random.random())
    for job in jobs:
        key[job] *= share
    return sorted(key, key=lambda job: (key[job], job))


class OrderDispatcher:
    """A free crew takes the first job of a fixed order that it can do now; the desk does what it can.

    Parameters
    ----------
    order : job ids; those that it does not name come last.
    """

    asks_when_free = True
    expected_s: Mapping[str, int] = MappingProxyType({})

    def __init__(self, stage: Stage, order: Sequence[str]) -> None:
        self._stage = stage
        place = {job: at for at, job in enumerate(order)}
        jobs = enumerate(stage.jobs)
        self._order = sorted(jobs, key=lambda each: (place.get(each[1].id, len(place)), each[1].id))

    def routes(self, view: View, before: Routes, idle: Sequence[str], seed: int) -> Routes:
        """One job for each idle crew."""
        assert isinstance(view, Glance)
        _, _, wanted = view.outlook.asked(view.now_s)
        busy = {team.job for team in view.teams}
        names = {job.id for at, job in self._order if wanted[at]}
        free = [
            job
            for at, job in self._order
            if wanted[at] and job.id not in busy and names.isdisjoint(each.job for each in job.after)
        ]
        found: dict[str, list[str]] = {}
        teams = {team.crew.id: team for team in view.teams}
        travel = self._stage.travel_at(view.now_s)
        for name in idle:
            team = teams[name]
            crew = replace(team.crew, start=(team.at,)) if team.crew.start != (team.at,) else team.crew
            best = next((job for job in free if may_do(travel, crew, job, view.now_s)), None)
            if best is not None:
                free.remove(best)
                found[name] = [best.id]
        return found
