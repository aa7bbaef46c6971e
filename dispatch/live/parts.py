"""A part of a proposal: the jobs that were accepted, with what they cannot do without."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..ground.day import DayPlan
from ..ground.plan import Plan
from ..ground.problem import Problem
from ..ground.verdict import Violation
from ..judge.check import judge
from ..judge.timing import timed
from .proposals import Routes, merged, routes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a proposal comes into force.

    Parameters
    ----------
    routes : job ids by crew: those in force with the accepted jobs where the proposal has them.
    jobs : the accepted jobs and those that came along.
    broken : rules that it breaks all the same and that no reason can answer for.
    """

    routes: Routes
    jobs: frozenset[str]
    broken: tuple[Violation, ...]


def part_of(
    proposed: DayPlan, current: Routes, accepted: Collection[str], answerable: Collection[str]
) -> Part:
    """Take some jobs of a proposal, and what belongs to them where they cannot be done without it.

    A repair whose patrol was not accepted gets it; where one of two jobs that wait for each
    other stays behind, it comes along. Jobs that can stay where they are do.

    Parameters
    ----------
    current : the routes in force, carried over onto the proposal's day.
    answerable : codes of violations that a plan may have when somebody answers for them.
    """
    offered = routes_of(proposed.plan)
    groups = bound_together(proposed.problem, {job for jobs in offered.values() for job in jobs})
    taken = frozenset(accepted)
    while True:
        routes = merged(current, offered, taken)
        broken = _broken(proposed.problem, routes, answerable)
        more = _needed(proposed.problem, broken, groups) - taken
        if not broken or not more:
            return Part(routes=routes, jobs=taken, broken=broken)
        taken |= more


def bound_together(problem: Problem, among: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Jobs that wait for one another, directly or through others, by each job; itself included.

    Parameters
    ----------
    among : jobs outside are passed over: they bind nobody.
    """
    group = {job: {job} for job in among if job in problem.job_by_id}
    waits = [(job, wait.job) for job in group for wait in problem.job_by_id[job].after if wait.job in group]
    for job, other in waits:
        joined = group[job] | group[other]
        group.update(dict.fromkeys(joined, joined))
    return {job: frozenset(jobs) for job, jobs in group.items()}


def _broken(problem: Problem, routes: Routes, answerable: Collection[str]) -> tuple[Violation, ...]:
    verdict = judge(problem, Plan(status="feasible", cost=0, routes=timed(problem, routes)))
    return tuple(each for each in verdict.violations if each.code not in answerable)


def _needed(
    problem: Problem, broken: Iterable[Violation], groups: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """What the jobs of some violations are bound to, as the proposal has it."""
    found: set[str] = set()
    for each in broken:
        job = problem.job_by_id.get(each.job or "")
        for name in (job.id, *(wait.job for wait in job.after)) if job else ():
            found |= groups.get(name, frozenset())
    return frozenset(found)
