"""Why work is not done earlier on its crew's route: what it would cost to do it before what comes first.

Work that belongs together (the switching and the repair of one order) moves as one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..ground.plan import Plan, Visit
from ..ground.problem import Problem
from .check import judge
from .timing import timed
from .trials import Scene

Belongs = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A crew's work done before the work that now comes first.

    Parameters
    ----------
    before : job of the other work that is now done first: of several the last.
    gained_s : seconds by which the work would begin earlier; of the whole cost nothing is said by it.
    more : what it would cost more; less than 0 where it would save.
    parts : the same by part, as the judge names them; only what changes.
    late : jobs of others that would miss a promise which they keep now, or miss it by more.
    broken : codes of rules that it would break.
    """

    crew: str
    job: str
    before: str
    gained_s: int
    more: float
    parts: Mapping[str, float]
    late: tuple[str, ...]
    broken: tuple[str, ...]


def put_earlier(problem: Problem, plan: Plan, job: str, belongs: Belongs) -> tuple[Earlier, ...]:
    """Try a job before the work that each of its crews does first; none where nothing comes before it.

    Parameters
    ----------
    belongs : the work order that a job belongs to.
    """
    scene = Scene(problem, plan)
    found = []
    for crew, sequence in scene.routes.items():
        if job in sequence:
            turned = _turned(sequence, job, belongs)
            if turned is not None:
                found.append(_tried(scene, crew, job, *turned))
    return tuple(found)


def _turned(sequence: Sequence[str], job: str, belongs: Belongs) -> tuple[str, list[str]] | None:
    """The job that now comes before a job's work, and the route with the two kinds of work exchanged."""
    own = belongs(job)
    at = sequence.index(job)
    first = at
    while first > 0 and belongs(sequence[first - 1]) == own:
        first -= 1
    if first == 0:
        return None
    other = belongs(sequence[first - 1])
    begin = first - 1
    while begin > 0 and belongs(sequence[begin - 1]) == other:
        begin -= 1
    turned = [*sequence[:begin], *sequence[first : at + 1], *sequence[begin:first], *sequence[at + 1 :]]
    return sequence[first - 1], turned


def _tried(scene: Scene, crew: str, job: str, before: str, sequence: list[str]) -> Earlier:
    problem = scene.problem
    routes = {**scene.routes, crew: sequence}
    now = Plan(status="feasible", cost=0, routes=tuple(scene.timed.values()))
    then = Plan(status="feasible", cost=0, routes=timed(problem, routes, scene.starts))
    was, would = judge(problem, now), judge(problem, then)
    known = {(each.code, each.job, each.crew) for each in was.violations}
    parts = {name: would.parts[name] - was.parts[name] for name in would.parts}
    return Earlier(
        crew=crew,
        job=job,
        before=before,
        gained_s=_visit(now, crew, job).start_s - _visit(then, crew, job).start_s,
        more=would.cost - was.cost,
        parts={name: value for name, value in parts.items() if round(value)},
        late=_later(problem, now, then),
        broken=tuple(each.code for each in would.violations if (each.code, each.job, each.crew) not in known),
    )


def _visit(plan: Plan, crew: str, job: str) -> Visit:
    return next(
        visit for route in plan.routes if route.crew == crew for visit in route.visits if visit.job == job
    )


def _later(problem: Problem, now: Plan, then: Plan) -> tuple[str, ...]:
    """Jobs whose promise is missed, or missed by more, in the second plan."""
    was, would = _lateness(problem, now), _lateness(problem, then)
    return tuple(job for job, late_s in would.items() if late_s > was.get(job, 0))


def _lateness(problem: Problem, plan: Plan) -> dict[str, int]:
    found: dict[str, int] = {}
    for route in plan.routes:
        for visit in route.visits:
            job = problem.job_by_id[visit.job]
            late = [0]
            if job.arrive_by_s is not None:
                late.append(visit.arrival_s - job.arrive_by_s)
            if job.finish_by_s is not None:
                late.append(visit.finish_s - job.finish_by_s)
            found[visit.job] = max(found.get(visit.job, 0), *late)
    return found
