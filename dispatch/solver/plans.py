"""From the solver's routes to a plan with its price, and where and when routes begin and rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..ground.plan import Plan, Rest, Route, Status
from ..ground.problem import Crew, Problem
from ..judge.timing import plan_with, timed


def make_plan(
    problem: Problem,
    routes: Sequence[Route],
    *,
    status: Status,
    bound: float | None = None,
    seconds: float = 0,
    seed: int = 0,
) -> Plan:
    """A plan of timed routes, priced as the judge prices it; what no route serves is listed as dropped.

    The search reckons its own cost (`kernels`); there is no third reckoning that could differ from both.
    """
    plan = plan_with(problem, tuple(routes))
    told = {part: cost for part, cost in plan.parts.items() if cost}
    return replace(plan, status=status, bound=bound, seconds=seconds, seed=seed, parts=told)


def without_vain_waits(problem: Problem, routes: Sequence[Route]) -> list[Route]:
    """Routes without the jobs that wait for one which nobody serves.

    A crew may be committed to such a job; done all the same, it would begin before what it waits for.

    Parameters
    ----------
    problem : the problem.
    routes : timed.

    Returns
    -------
    list of Route
        The same where no job waits in vain; else timed anew.
    """
    kept = {route.crew: [visit.job for visit in route.visits] for route in routes}
    while True:
        served = {job for jobs in kept.values() for job in jobs}
        vain = {
            job.id for job in problem.jobs if job.id in served and any(w.job not in served for w in job.after)
        }
        if not vain:
            break
        kept = {crew: [job for job in jobs if job not in vain] for crew, jobs in kept.items()}
    if sum(map(len, kept.values())) == sum(len(route.visits) for route in routes):
        return list(routes)
    return list(timed(problem, kept))


def drive_s(problem: Problem, crew: Crew, start: int, end: int) -> int:
    """One drive of a crew in whole seconds: travel x speed factor, rounded up.

    Parameters
    ----------
    problem : whose drives count.
    crew : whose speed factor counts.
    start, end : location indices.

    Returns
    -------
    int
        Seconds.
    """
    return crew.drive_s(problem.travel.between(start, end))


def start_of(problem: Problem, crew: Crew, first: int | None) -> int:
    """Start place of a route whose first job is at location `first`: the shortest drive.

    Parameters
    ----------
    problem : whose drives count.
    crew : with one start or several.
    first : location index of the first job; None where there is none.

    Returns
    -------
    int
        A location index out of `crew.start`.
    """
    if first is None or len(crew.start) == 1:
        return crew.start[0]
    legs = [(drive_s(problem, crew, s, first), s) for s in sorted(crew.start)]
    return min(legs, key=lambda pair: pair[0])[1]


def rests_of(starts_s: np.ndarray, crew: Crew, taken: int) -> tuple[Rest, ...]:
    """The first `taken` breaks of a crew, with when they begin.

    Parameters
    ----------
    starts_s : (taken,) seconds.
    crew : whose breaks they are.
    taken : how many.

    Returns
    -------
    tuple of Rest
        In the order of their windows.
    """
    breaks = sorted((b.window[0], b.window[1], b.duration_s) for b in crew.breaks)[:taken]
    return tuple(Rest(start_s=int(s), duration_s=b[2]) for s, b in zip(starts_s, breaks, strict=False))
