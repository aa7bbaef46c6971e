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
        start=routes,
    )
    checked(problem, plan)
    return plan


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
