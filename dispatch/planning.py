"""The main road: from a case to a checked plan, top to bottom.

The live board, the command line and the scenarios all plan through `plan_day`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from geo import Fault, restore, trace

from .building import Built, Running, build_problem
from .check import Verdict, judge
from .day import DayPlan, Outage, WorkOrder
from .errors import DispatchError
from .etr import etrs
from .explain import reasons_for_dropped
from .locating import Locator
from .model import Case
from .outages import infer_outages
from .plan import Plan
from .problem import Problem
from .solver import Progress, solve
from .summary import summarize
from .triage import classify, grade_customers, order_outages, order_services

log = logging.getLogger(__name__)


class UncheckedPlan(DispatchError):
    """The solver's plan breaks a rule that the checker knows: a bug, never a plan."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        first = "; ".join(violation.text for violation in verdict.violations[:5])
        super().__init__(
            f"the plan failed its check with {len(verdict.violations)} violations ({first}). "
            "Nothing was written. This is a bug in gridcrew: please report it with the problem file."
        )


def plan_day(
    case: Case,
    *,
    time_limit_s: float | None = None,
    work: int | None = None,
    seed: int = 1,
    processes: int = 2,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    running: Running | None = None,
) -> DayPlan:
    """Plan everything that is open in a case at its `now`.

    Parameters
    ----------
    case : a validated case (`dispatch.intake.load_case`).
    time_limit_s : wall-clock seconds for the solver.
    work : search steps instead of time; with one process the plan is then a
        function of the case, the work and the seed alone.
    running : what is under way already, when the day is planned again.

    Returns
    -------
    DayPlan
        Always checked: a plan that fails the checker raises instead.

    Raises
    ------
    UncheckedPlan
        The solver's plan breaks a rule (a bug).
    """
    grades = grade_customers(case)
    known = [request for request in case.requests if request.received_at <= case.settings.now]
    calls = classify(case, grades, known, Locator(case))
    outages = infer_outages(case, calls, case.settings.now)
    orders = (*order_outages(case, grades, outages, calls), *order_services(calls, case))
    restoration = restore(case.grid, _grid_faults(outages), load_kw=case.load_kw)
    built = build_problem(case, grades, orders, outages, calls, restoration, running or Running())
    plan = solve(
        built.problem,
        time_limit_s=time_limit_s,
        work=work,
        seed=seed,
        processes=processes,
        on_progress=on_progress,
        stop=stop,
        start=_start(running),
    )
    verdict = checked(built.problem, plan)
    plan = replace(plan, dropped=reasons_for_dropped(built.problem, plan))
    return _day(case, outages, orders, built, plan, verdict)


def checked(problem: Problem, plan: Plan) -> Verdict:
    """Judge a plan and refuse one that breaks a rule.

    Raises
    ------
    UncheckedPlan
        With the violations.
    """
    verdict = judge(problem, plan)
    if verdict.violations and plan.status != "infeasible":
        raise UncheckedPlan(verdict)
    return verdict


def _grid_faults(outages: Sequence[Outage]) -> list[Fault]:
    """The faults that the grid's switching can do something about: at a transformer or above."""
    return [outage.fault for outage in outages if outage.customers is None]


def _dead_lines(case: Case, outages: Sequence[Outage]) -> frozenset[str]:
    dead = set(trace(case.grid, faults=_grid_faults(outages)).dead_sections)
    return frozenset(line for section in case.grid.sections if section.id in dead for line in section.lines)


def _start(running: Running | None) -> Sequence[tuple[str, Sequence[str]]] | None:
    return tuple(running.previous.items()) if running and running.previous else None


def _day(
    case: Case,
    outages: tuple[Outage, ...],
    orders: tuple[WorkOrder, ...],
    built: Built,
    plan: Plan,
    verdict: Verdict,
) -> DayPlan:
    day = DayPlan(
        case=case,
        outages=outages,
        orders=orders,
        cards=built.cards,
        blocks=built.blocks,
        problem=built.problem,
        plan=plan,
        verdict=verdict,
        etrs=etrs(case, outages, orders, built.blocks, built.problem, plan),
        summary=summarize(case, built, outages, orders, plan),
        origin=case.settings.now,
        tier_factors=built.tier_factors,
        dead_lines=_dead_lines(case, outages),
        warnings=built.warnings,
        locations=built.sites.lonlat,
        nodes=built.sites.nodes,
    )
    return day
