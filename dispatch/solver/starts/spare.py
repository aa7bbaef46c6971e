"""Crews that no best plan needs: where there are far more crews than jobs, only the near ones count.

Of crews alike in all but their start, a plan uses at most as many as there are visits. A route that
begins with some job is never dearer for the crew nearest to that job that is still free; so of each kind
the nearest ones to every job, as many as there are visits, are enough for the best plan and for its proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...ground.plan import Plan, Route
from ...ground.problem import Crew, Problem
from .districts import cut

MANY = 200  # crews up to which there is nothing to gain
TIMES = 4  # as many crews as could be of use


def without_spare_crews(problem: Problem) -> Problem:
    """The problem with the crews that may be of use, or the same one where that is most of them.

    Parameters
    ----------
    problem : the problem.

    Returns
    -------
    Problem
        The same object where no crew is spare.
    """
    visits = sum(job.crews_needed for job in problem.jobs)
    if len(problem.crews) <= MANY or problem.costs.distance_per_m:
        return problem
    kinds: dict[object, list[int]] = {}
    kept: set[int] = set()
    bound = {entry.crew for entry in problem.previous}
    for at, crew in enumerate(problem.crews):
        if crew.committed or crew.id in bound or len(crew.start) > 1:
            kept.add(at)
        else:
            kinds.setdefault(replace(crew, id="", start=(0,)).__repr__(), []).append(at)
    if len(kept) + TIMES * visits * len(problem.jobs) * len(kinds) > len(problem.crews):
        return problem
    for alike in kinds.values():
        kept.update(_near(problem, alike, visits))
    return cut(problem, range(len(problem.jobs)), sorted(kept), problem.max_crews)


def _near(problem: Problem, alike: Sequence[int], visits: int) -> set[int]:
    """Of crews that are alike, the nearest ones to each job."""
    starts = np.array([problem.crews[at].start[0] for at in alike], np.int64)
    found: set[int] = set()
    for location in {job.location for job in problem.jobs}:
        drives = _drives_to(problem, starts, location)
        found.update(int(alike[k]) for k in np.argsort(drives, kind="stable")[:visits])
    return found


def _drives_to(problem: Problem, starts: np.ndarray, location: int) -> np.ndarray:
    between = problem.travel.between
    known = {start: between(start, location) for start in set(starts.tolist())}
    return np.array([known[start] for start in starts.tolist()], np.int64)


def with_spare_crews(plan: Plan, needed: Problem, crews: Sequence[Crew]) -> Plan:
    """The plan of the needed crews with a route for every crew again, each from its own place.

    Parameters
    ----------
    plan : of the needed crews.
    needed : the problem that it was made for.
    crews : all crews.

    Returns
    -------
    Plan
        The same cost, a route for each crew.
    """
    known = {route.crew: route for route in plan.routes}
    routes = tuple(_whole_route(known.get(crew.id), needed, crew) for crew in crews)
    return replace(plan, routes=routes)


def _whole_route(route: Route | None, needed: Problem, crew: Crew) -> Route:
    if route is None:
        return Route(crew=crew.id, start=crew.start[0])
    return replace(route, start=crew.start[needed.crew_by_id[crew.id].start.index(route.start)])
