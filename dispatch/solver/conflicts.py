"""Which jobs and crews cannot be brought together, for problems without a feasible plan."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ..ground.drive import IMPASSABLE_S
from ..ground.plan import Conflict, Plan, Route
from ..ground.problem import Crew, Job, Problem
from .circles import circle_of
from .kernels.arrays import build
from .kernels.flat import EPS
from .plans import drive_s
from .search.engine import Engine

MOST_EXPLAINED = 20
MOST_RIVALS = 40
MOST_TESTS = 60  # for one job
MOST_TESTS_IN_ALL = 600
TEST_STEPS = 300
TEST_HEAT = 0.05

OUT_OF_ORDER = "not in this order in time, with the other crews that some of it needs"


class _Tests:
    """How many more short searches there is time for.

    Parameters
    ----------
    ends : clock (time.monotonic) after which there is none.
    stop : asked before each; True: there is none.
    """

    def __init__(self, ends: float, stop: Callable[[], bool] | None) -> None:
        self.ends, self.stop, self.left = ends, stop, MOST_TESTS_IN_ALL
        self.hurried = stop is not None and stop()

    def one_more(self) -> bool:
        """Whether another one may be made; it counts as made."""
        self.left -= 1
        if self.stop is not None and not self.hurried and self.stop():
            return False
        return self.left >= 0 and time.monotonic() < self.ends


def find_conflicts(
    problem: Problem, plan: Plan, ends: float = math.inf, stop: Callable[[], bool] | None = None
) -> tuple[Conflict, ...]:
    """For each job that must be served and is not, the smallest conflict found.

    Either no crew can serve the job even by itself, and why; or a set of jobs
    from which none can be taken away without the rest becoming possible, as far
    as a short search can tell.

    Parameters
    ----------
    ends : clock (time.monotonic) after which sets are not made any smaller.
    stop : once it turns True, sets are not made any smaller either.
    """
    tests = _Tests(ends, stop)
    served = {visit.job for route in plan.routes for visit in route.visits}
    wanted = _wanted(problem)
    missing = [job for job in problem.jobs if job.id not in served and job.id in wanted]
    found = list(dict.fromkeys(_commitment(problem, crew) for crew in unkept(problem, plan.routes)))
    for job in missing[:MOST_EXPLAINED]:
        if any(job.id in conflict.jobs for conflict in found):
            continue
        found.append(_conflict(problem, job, tests))
    return tuple(found)


def unkept(problem: Problem, routes: Sequence[Route]) -> list[Crew]:
    """Crews whose routes do not begin with what they are committed to.

    Parameters
    ----------
    problem : the problem.
    routes : a route for each crew.

    Returns
    -------
    list of Crew
        Empty where all keep their commitments.
    """
    begun = {route.crew: [visit.job for visit in route.visits] for route in routes}
    return [
        crew
        for crew in problem.crews
        if begun.get(crew.id, [])[: len(crew.committed)] != list(crew.committed)
    ]


def _commitment(problem: Problem, crew: Crew) -> Conflict:
    circle = circle_of(problem, crew.committed)
    if circle is not None:
        return circle
    jobs = [problem.job_by_id[name] for name in crew.committed]
    reasons = [f"for '{job.id}' it {why}" for job in jobs if (why := _why_not(problem, crew, job))]
    why = "; ".join(reasons) or _too_many(problem) or OUT_OF_ORDER
    text = f"Crew '{crew.id}' cannot do what it is committed to ({', '.join(crew.committed)}): {why}."
    return Conflict(jobs=crew.committed, crews=(crew.id,), text=text)


def _too_many(problem: Problem) -> str:
    """That more crews are committed than may be used; empty where they are not."""
    most, committed = problem.max_crews, sum(bool(crew.committed) for crew in problem.crews)
    if most is None or committed <= most:
        return ""
    return f"{committed} crews are committed to jobs, and only {most} may be used"


def _wanted(problem: Problem) -> set[str]:
    """What may not be left out: by itself, by a crew's commitment, or because such a job comes after it."""
    wanted = {job.id for job in problem.jobs if job.drop_cost is None}
    return _with_committed(problem, wanted)


def _conflict(problem: Problem, job: Job, tests: _Tests) -> Conflict:
    reasons = {crew.id: _why_not(problem, crew, job) for crew in problem.crews}
    able = [crew for crew, why in reasons.items() if why is None]
    if len(able) < job.crews_needed:
        return Conflict(jobs=(job.id,), crews=tuple(reasons), text=_alone_text(job, reasons))
    if circle := circle_of(problem, (job.id,)):
        return circle
    rivals = _smallest_rivals(problem, job, tests)
    if rivals is None:
        text = f"Job '{job.id}' found no place; by itself {', '.join(able[:5])} could serve it."
        return Conflict(jobs=(job.id,), crews=tuple(able), text=text)
    jobs = (job.id, *rivals)
    others = (
        f" together with {', '.join(rivals)}"
        if rivals
        else " by itself, with what its crews are committed to"
    )
    text = f"Job '{job.id}' cannot be served{others}: no crew has the time, stock and skills for all of it."
    return Conflict(jobs=jobs, crews=tuple(able), text=text)


def _alone_text(job: Job, reasons: dict[str, str | None]) -> str:
    groups: dict[str, list[str]] = {}
    for crew, why in reasons.items():
        if why is not None:
            groups.setdefault(why, []).append(crew)
    parts = [
        f"{why} ({', '.join(crews[:5])}{', ...' if len(crews) > 5 else ''})" for why, crews in groups.items()
    ]
    able = len(reasons) - sum(map(len, groups.values()))
    need = (
        f"needs {job.crews_needed} crews, {able} can come"
        if job.crews_needed > 1
        else "can be served by no crew"
    )
    if not parts and not reasons:
        parts = ["there are no crews"]
    return f"Job '{job.id}' {need}{': ' if parts else ''}{'; '.join(parts)}."


def _why_not(problem: Problem, crew: Crew, job: Job) -> str | None:
    """Why a crew could not serve the job even as its only one; None where it could."""
    lacking = sorted(job.skills - crew.skills)
    if lacking:
        return f"lacks skill {', '.join(lacking)}"
    for what, quantity in sorted(job.load.items()):
        if quantity > crew.capacity.get(what, float("inf")) + EPS:
            return f"cannot carry {quantity:g} {what}"
    return _no_way(problem, crew, job) or _no_time(problem, crew, job)


def _no_way(problem: Problem, crew: Crew, job: Job) -> str | None:
    if min(drive_s(problem, crew, start, job.location) for start in crew.start) >= IMPASSABLE_S:
        return "finds no road to it"
    if crew.end is not None and drive_s(problem, crew, job.location, crew.end) >= IMPASSABLE_S:
        return "finds no road home from it"
    return None


def _no_time(problem: Problem, crew: Crew, job: Job) -> str | None:
    begin, end = crew.shift or (0, 10**12)
    drive = min(drive_s(problem, crew, start, job.location) for start in crew.start)
    arrive = begin + drive
    starts = [max(arrive, a) for a, b in job.windows if max(arrive, a) <= b] if job.windows else [arrive]
    if not starts:
        return f"arrives at {arrive} s at the earliest, after the last window"
    home = 0 if crew.end is None else drive_s(problem, crew, job.location, crew.end)
    back = min(starts) + job.service_s + home
    if back > end + crew.overtime_s:
        return f"would be done at {back} s, past its shift's end {end} s and overtime"
    return None


def _smallest_rivals(problem: Problem, job: Job, tests: _Tests) -> tuple[str, ...] | None:
    """Other jobs that keep this one out; None where the search cannot reproduce the conflict."""
    able = {crew.id for crew in problem.crews if job.skills <= crew.skills}
    skills = {crew.skills for crew in problem.crews if crew.id in able}
    rivals = [
        other.id
        for other in problem.jobs
        if other.id != job.id and other.drop_cost is None and any(other.skills <= skill for skill in skills)
    ]
    before = _before(problem, job)
    rivals = (before + [x for x in rivals if x not in before])[:MOST_RIVALS]
    if not tests.one_more() or _servable(problem, {job.id, *rivals}):
        return None
    size, made = max(1, len(rivals) // 2), 0
    while made < MOST_TESTS:
        shrunk = False
        for first in range(0, len(rivals), size):
            fewer = rivals[:first] + rivals[first + size :]
            made += 1
            if made < MOST_TESTS and tests.one_more() and not _servable(problem, {job.id, *fewer}):
                rivals, shrunk = fewer, True
                break
        if not shrunk and size == 1:
            break
        size = size if shrunk else max(1, size // 2)
    return tuple(rivals)


def _with_committed(problem: Problem, names: Collection[str]) -> set[str]:
    """These jobs and what crews are committed to, with all that any of them comes after."""
    bound = {*names, *(job for crew in problem.crews for job in crew.committed)}
    return bound.union(*(_before(problem, problem.job_by_id[name]) for name in bound))


def _before(problem: Problem, job: Job) -> list[str]:
    """All that the job comes after, directly or not."""
    found: list[str] = []
    queue = [after.job for after in job.after]
    while queue:
        name = queue.pop()
        if name not in found and name != job.id and name in problem.job_by_id:
            found.append(name)
            queue.extend(after.job for after in problem.job_by_id[name].after)
    return found


def _servable(problem: Problem, names: Collection[str]) -> bool:
    """Whether a short search serves all of these jobs and what the crews are committed to."""
    sub = part_of(problem, names)
    arrays, _ = build(sub)
    engine = Engine(arrays, 1)
    engine.start([[] for _ in sub.crews])
    if engine.score.missing:
        engine.run(TEST_STEPS, TEST_HEAT, TEST_HEAT)
    return engine.score.missing == 0


def part_of(problem: Problem, names: Collection[str]) -> Problem:
    """The problem with these jobs only, all of which must be served, and nothing that costs.

    Parameters
    ----------
    problem : the whole.
    names : ids of the jobs to keep.

    Returns
    -------
    Problem
        All crews and these jobs.
    """
    kept = _with_committed(problem, names)
    jobs: Sequence[Job] = [replace(job, drop_cost=None) for job in problem.jobs if job.id in kept]
    return replace(problem, jobs=tuple(jobs), blocks=(), previous=())
