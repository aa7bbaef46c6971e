"""Who decides where free crews go: the planner of the board, or a peer to compare it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import Protocol

from ..ground.problem import Crew, Job, Problem, Travel
from ..planning.replan import DayPlanner, Moment
from .drives import NO_ROAD_S
from .scenario import Planning

Routes = Mapping[str, Sequence[str]]


class View(Protocol):
    """What a dispatcher sees of a moment."""

    now_s: int

    @property
    def problem(self) -> Problem:
        """All that is open, with the crews as they stand."""

    @property
    def day(self) -> Problem:
        """All that may be open at some moment of the day."""

    @property
    def moment(self) -> Moment:
        """The same as `problem`, as positions in `day`."""


class Dispatcher(Protocol):
    """Gives every crew the jobs it is to do next.

    `asks_when_free` tells that it wants to be asked whenever a crew becomes
    free, not only when something new is known.
    """

    asks_when_free: bool
    expected_s: Mapping[str, int]
    """When each job should be finished by the last answer, seconds from it; nothing where he does not say."""

    def routes(self, view: View, before: Routes, idle: Sequence[str], seed: int) -> Routes:
        """Jobs by crew; `before` are the routes in force."""


class PlannerDispatcher:
    """Plans again as the board does.

    Parameters
    ----------
    work : search steps per re-plan.
    """

    asks_when_free = False

    def __init__(self, work: int) -> None:
        self.work = work
        self.expected_s: Mapping[str, int] = {}
        self._planner: DayPlanner | None = None

    def routes(self, view: View, before: Routes, idle: Sequence[str], seed: int) -> Routes:
        """Search on from the routes in force."""
        if self._planner is None or self._planner.day is not view.day:
            self._planner = DayPlanner(view.day)
        routes = self._planner.plan(view.moment, lambda: view.problem, before, work=self.work, seed=seed)
        self.expected_s = self._planner.finish_s
        return routes


class ListDispatcher:
    """A sorted list: a free crew takes the job with the best weight per minute of driving and work.

    A block's weight is shared among the jobs of its shortest way in proportion
    to their length, so that the rate of each is that of the whole way.
    """

    asks_when_free = True
    expected_s: Mapping[str, int] = MappingProxyType({})

    def routes(self, view: View, before: Routes, idle: Sequence[str], seed: int) -> Routes:
        """One job for each idle crew."""
        problem = view.problem
        rate = job_rates(problem)
        # Nobody drives out to a switch that brings nobody back.
        worth = {name for name, value in rate.items() if value > 0}
        return _picked(problem, idle, worth, lambda crew, job: -rate[job.id] / _minutes(problem, crew, job))


class FirstComeDispatcher:
    """A free crew takes the job that has been known longest."""

    asks_when_free = True
    expected_s: Mapping[str, int] = MappingProxyType({})

    def routes(self, view: View, before: Routes, idle: Sequence[str], seed: int) -> Routes:
        """One job for each idle crew."""
        problem = view.problem
        place = {job.id: at for at, job in enumerate(problem.jobs)}
        worth = {name for name, value in job_rates(problem).items() if value > 0}
        return _picked(problem, idle, worth, lambda _, job: place[job.id])


def dispatcher_of(plan: Planning) -> Dispatcher:
    """The dispatcher that a scenario names."""
    match plan.dispatcher:
        case "list":
            return ListDispatcher()
        case "first_come":
            return FirstComeDispatcher()
        case _:
            return PlannerDispatcher(plan.work)


def job_rates(problem: Problem) -> dict[str, float]:
    """What finishing each job is worth per second; a repair nobody waits for, its drop cost over a day."""
    rate = {job.id: job.cost_per_s for job in problem.jobs}
    for block in problem.blocks:
        ways = [_with_before(problem, way) for way in block.restored_by]
        way = min(ways, key=lambda each: (sum(problem.job_by_id[j].service_s for j in each), each))
        total = sum(problem.job_by_id[job].service_s for job in way) or 1
        for job in way:
            rate[job] += block.cost_per_s * problem.job_by_id[job].service_s / total
    return {name: rate[name] or (problem.job_by_id[name].drop_cost or 0) / 86_400 for name in rate}


def _with_before(problem: Problem, way: Sequence[str]) -> tuple[str, ...]:
    """A way with all that must be done before its jobs."""
    found: dict[str, None] = {}
    stack = list(way)
    while stack:
        job = stack.pop()
        if job not in found and job in problem.job_by_id:
            found[job] = None
            stack.extend(each.job for each in problem.job_by_id[job].after)
    return tuple(sorted(found))


def _minutes(problem: Problem, crew: Crew, job: Job) -> float:
    return max(1, crew.drive_s(problem.travel.between(crew.start[0], job.location)) + job.service_s) / 60


def _picked(
    problem: Problem, idle: Sequence[str], worth: set[str], price: Callable[[Crew, Job], float]
) -> Routes:
    """Give idle crews, one after the other, the job of the lowest price that they can and may do."""
    taken = {job for crew in problem.crews for job in crew.committed}
    free = {job.id for job in problem.jobs if job.crews_needed == 1 and not job.after}
    free = (free & worth) - taken
    found: dict[str, list[str]] = {crew.id: list(crew.committed) for crew in problem.crews}
    for name in idle:
        crew = problem.crew_by_id[name]
        able = [job for job in problem.jobs if job.id in free and may_do(problem.travel, crew, job)]
        if able:
            best = min(able, key=lambda job: (price(crew, job), job.id))
            free.discard(best.id)
            found[name].append(best.id)
    return found


def may_do(travel: Travel, crew: Crew, job: Job, now_s: int = 0) -> bool:
    """Whether a crew gets to a job, has what it asks for, and would be home within its turn and the overtime.

    Parameters
    ----------
    now_s : the moment, by the clock of the crew's turn.
    """
    stocked = all(count <= crew.capacity.get(what, inf) for what, count in job.load.items())
    return stocked and job.skills <= crew.skills and _in_time(travel, crew, job, now_s)


def _in_time(travel: Travel, crew: Crew, job: Job, now_s: int) -> bool:
    if crew.shift is None:
        return travel.between(crew.start[0], job.location) < NO_ROAD_S
    home = 0 if crew.end is None else crew.drive_s(travel.between(job.location, crew.end))
    there = max(now_s, crew.shift[0]) + crew.drive_s(travel.between(crew.start[0], job.location))
    return there + job.service_s + home <= crew.shift[1] + crew.overtime_s
