"""One re-plan: search onwards from the plan in force, and let nobody see it unchecked.

The board and the scenarios both plan again through `replan`, so that what a
study finds is what the planning of the day would have done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ..ground.errors import DispatchError
from ..ground.plan import Plan
from ..ground.problem import Problem
from ..ground.verdict import Verdict
from ..judge.check import judge
from ..judge.timing import timed
from ..solver import Progress, solve_sound
from ..solver.budget import Budget
from ..solver.kernels.moments import Moment
from ..solver.plans import make_plan
from ..solver.ready import ready_to_replan
from ..solver.session import Session, better_start, few_moves
from ..solver.solve import DEFAULT_SECONDS

__all__ = ["MOVE_PRICE", "DayPlanner", "Moment", "UncheckedPlan", "checked", "replan"]

# The knee of the curve of customer-minutes against visits moved: benchmarks/tradeoff.py.
MOVE_PRICE = 0.0005


log = logging.getLogger("gridcrew.replan")


class UncheckedPlan(DispatchError):
    """The solver's plan breaks a rule that the checker knows: a bug, never a plan.

    Parameters
    ----------
    problem : what was planned; `dispatch.files.unchecked.told` writes it to a file.
    """

    def __init__(self, problem: Problem, verdict: Verdict) -> None:
        self.problem, self.verdict = problem, verdict
        first = "; ".join(violation.text for violation in verdict.violations[:5])
        super().__init__(
            f"the plan failed its check with {len(verdict.violations)} violations ({first}). "
            "No plan was written. This is a bug in gridcrew: please report it with the problem."
        )

    def __reduce__(self) -> tuple[type[UncheckedPlan], tuple[Problem, Verdict]]:
        """Travel between processes whole; an exception's own way knows the text alone."""
        return UncheckedPlan, (self.problem, self.verdict)


def _holds(problem: Problem, plan: Plan) -> bool:
    """Whether a plan of few moves breaks no rule; one that does is planned freely instead."""
    broken = judge(problem, plan).violations
    if broken:
        log.warning("a plan of few moves broke a rule (%s): planned freely", broken[0].code)
    return not broken


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
    move_price: float = MOVE_PRICE,
) -> Plan:
    """Plan what is open, starting from the routes in force.

    Parameters
    ----------
    routes : job ids crew by crew, in the problem's order of crews; None to start afresh.
    move_price : what a planned visit has to gain where it moves to another crew or by a quarter of
        an hour, as a share of what is still to be lost in all; four times as much from the fourth
        visit on, sixteen times from the ninth on; 0 plans freely.

    Raises
    ------
    UncheckedPlan
        The plan breaks a rule (a bug).
    """
    start = None
    if routes is not None:
        ready_to_replan()
        few = bool(move_price) and problem.max_crews is None
        plan = _few_moves(problem, routes, time_limit_s, work, seed, move_price, stop) if few else None
        if plan is not None and _holds(problem, plan):
            return plan
        start = better_start(problem, routes)
    plan = solve_sound(
        problem,
        time_limit_s=time_limit_s,
        work=work,
        seed=seed,
        processes=processes,
        on_progress=on_progress,
        stop=stop,
        start=start,
    )
    checked(problem, plan)
    return plan


def _few_moves(
    problem: Problem,
    routes: Sequence[Sequence[str]],
    time_limit_s: float | None,
    work: int | None,
    seed: int,
    move_price: float,
    stop: Callable[[], bool] | None,
) -> Plan | None:
    """The plan in force with what is new, and moves that are worth their price; None where it cannot be."""
    began_s = time.monotonic()
    if time_limit_s is None and work is None:
        time_limit_s = DEFAULT_SECONDS
    budget = Budget(began=began_s, seconds=time_limit_s, work=work)
    found = few_moves(problem, routes, budget, seed=seed, move_price=move_price, stop=stop)
    if found is None:
        return None
    plan = priced(problem, {crew.id: jobs for crew, jobs in zip(problem.crews, found, strict=True)})
    return replace(plan, seed=seed, seconds=time.monotonic() - began_s)


class DayPlanner:
    """Re-plans of one day at given work, as quick as thousands of made-up days ask for.

    Does what `replan` does (the better of the routes in force and the sorted list, searched on)
    with what the day has in all flattened once. Every `check_every`-th plan is timed and judged.

    Parameters
    ----------
    day : all jobs, crews and blocks that may count at some moment.
    """

    def __init__(self, day: Problem, check_every: int = 50) -> None:
        self.day, self.check_every = day, check_every
        self.plans = 0
        self.finish_s: dict[str, int] = {}
        """When the last plan has each job finished, seconds from its moment."""
        self._session = Session(day)
        self._crew_at = {crew.id: at for at, crew in enumerate(day.crews)}
        self._job_at = {job.id: at for at, job in enumerate(day.jobs)}

    def plan(
        self,
        moment: Moment,
        problem: Callable[[], Problem],
        before: Mapping[str, Sequence[str]],
        *,
        work: int,
        seed: int,
        move_price: float = MOVE_PRICE,
    ) -> dict[str, list[str]]:
        """Job ids by crew id, planned anew at a moment.

        Parameters
        ----------
        problem : makes the moment's problem, for the check.
        before : the routes in force.
        move_price : as in `replan`.

        Raises
        ------
        UncheckedPlan
            The plan breaks a rule (a bug).
        """
        start = {self._crew_at[crew]: [self._job_at[job] for job in jobs] for crew, jobs in before.items()}
        found = self._session.plan(moment, start, work=work, seed=seed, move_price=move_price)
        if found is None:
            # What crews are bound to does not fit into their turns: the longer road sorts it out.
            whole = problem()
            known = whole.job_by_id
            routes = [[job for job in before.get(crew.id, ()) if job in known] for crew in whole.crews]
            plan = replan(whole, routes, work=work, seed=seed, move_price=move_price)
            self.finish_s = {visit.job: visit.finish_s for route in plan.routes for visit in route.visits}
            return {route.crew: [visit.job for visit in route.visits] for route in plan.routes}
        jobs, crews = self.day.jobs, self.day.crews
        self.finish_s = {jobs[job].id: at for job, at in self._session.finish_s.items()}
        named = {crews[crew].id: [jobs[job].id for job in route] for crew, route in found.items()}
        if self.plans % self.check_every == 0:
            whole = problem()
            checked(whole, priced(whole, named))
        self.plans += 1
        return named


def priced(problem: Problem, routes: Mapping[str, Sequence[str]]) -> Plan:
    """A plan out of sequences: earliest times and their price."""
    return make_plan(problem, timed(problem, routes), status="feasible")


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
        raise UncheckedPlan(problem, verdict)
    return verdict
