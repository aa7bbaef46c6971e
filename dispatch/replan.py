"""One re-plan: search onwards from the plan in force, and let nobody see it unchecked.

The board and the scenarios both plan again through `replan`, so that what a
study finds is what the planning of the day would have done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .check import Verdict, judge
from .errors import DispatchError
from .plan import Plan
from .problem import Problem
from .solver import Progress, solve


class UncheckedPlan(DispatchError):
    """The solver's plan breaks a rule that the checker knows: a bug, never a plan."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        first = "; ".join(violation.text for violation in verdict.violations[:5])
        super().__init__(
            f"the plan failed its check with {len(verdict.violations)} violations ({first}). "
            "Nothing was written. This is a bug in gridcrew: please report it with the problem file."
        )


def replan(
    problem: Problem,
    routes: Sequence[Sequence[str]] | None,
    *,
    time_limit_s: float | None = None,
    work: int | None = None,
    seed: int = 1,
    processes: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Plan:
    """Plan what is open, starting from the routes in force.

    Parameters
    ----------
    routes : job ids crew by crew, in the problem's order of crews; None to start afresh.

    Raises
    ------
    UncheckedPlan
        The plan breaks a rule (a bug).
    """
    plan = solve(
        problem,
        time_limit_s=time_limit_s,
        work=work,
        seed=seed,
        processes=processes,
        on_progress=on_progress,
        stop=stop,
        start=routes if routes is None else offer_ways(problem, routes),
    )
    checked(problem, plan)
    return plan


def offer_ways(problem: Problem, routes: Sequence[Sequence[str]]) -> list[list[str]]:
    """Routes with the switching added that would bring blocks back, whole ways at a time.

    The jobs of such a way are worth nothing one by one, so that a search that
    adds them one by one does not see what they are worth together. Those that
    are not worth it are soon dropped by it.
    """
    offered = [list(jobs) for jobs in routes]
    planned = {job for jobs in offered for job in jobs}
    first = [crew.start[0] for crew in problem.crews]
    for block in sorted(problem.blocks, key=lambda each: (-each.cost_per_s, each.id)):
        ways = [_in_order(problem, way) for way in block.restored_by]
        if len(ways) < 2 or any(planned.issuperset(way) for way in ways[1:]):
            continue
        way = min(ways[1:], key=lambda each: (sum(problem.job_by_id[job].service_s for job in each), each))
        for job in way:
            if job not in planned and (crew := _nearest_crew(problem, first, offered, job)) is not None:
                done = len(problem.crews[crew].committed)
                # Before what else the crew does, but behind what of this way it has been given already.
                own = [at for at, each in enumerate(offered[crew]) if each in way]
                offered[crew].insert(max(done, max(own, default=-1) + 1), job)
                planned.add(job)
    return offered


def _in_order(problem: Problem, way: Sequence[str]) -> tuple[str, ...]:
    """A way with all that must precede its jobs, in an order in which they can be done."""
    found: dict[str, None] = {}

    def add(job: str) -> None:
        if job in problem.job_by_id and job not in found:
            for each in problem.job_by_id[job].after:
                add(each.job)
            found[job] = None

    for job in way:
        add(job)
    return tuple(found)


def _nearest_crew(
    problem: Problem, first: Sequence[int], routes: Sequence[Sequence[str]], job: str
) -> int | None:
    """The crew that can be there soonest if it goes there before all else it is not committed to."""
    spec, best = problem.job_by_id[job], None
    for at, crew in enumerate(problem.crews):
        if spec.skills <= crew.skills:
            drive_s = crew.drive_s(problem.travel.between(first[at], spec.location))
            busy_s = sum(problem.job_by_id[each].service_s for each in crew.committed)
            when = (max(0, crew.shift[0] if crew.shift else 0) + busy_s + drive_s, len(routes[at]), at)
            best = when if best is None or when < best else best
    return None if best is None else best[2]


def checked(problem: Problem, plan: Plan, allowed: frozenset[str] = frozenset()) -> Verdict:
    """Judge a plan and refuse one that breaks a rule whose code is not in `allowed`.

    Raises
    ------
    UncheckedPlan
        With the violations.
    """
    verdict = judge(problem, plan)
    broken = [violation for violation in verdict.violations if violation.code not in allowed]
    if broken and plan.status != "infeasible":
        raise UncheckedPlan(verdict)
    return verdict
