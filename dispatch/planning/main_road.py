"""The main road: from a case to a checked plan, top to bottom.

The live board and the command line plan through `plan_day`. Scenarios prepare a whole day at
once out of the same parts and share its last step, `dispatch.planning.replan`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

from geo import Fault, restore, trace

from ..etr.estimates import EtrSettings, etrs
from ..ground.case import Case
from ..ground.day import DayPlan, OpenDay, Outage
from ..ground.plan import Plan
from ..judge.explain import reasons_for_dropped
from ..outages import calls_from, infer_outages, kept_tree
from ..solver import Progress
from ..triage.cautions import calendar_warnings, unclassified_warnings, vocabulary_warnings
from ..triage.locating import Locator
from ..triage.orders import (
    ClassifiedRequest,
    classify,
    generator_places,
    grade_customers,
    order_outages,
    order_services,
)
from .at_once import plan_at_once
from .building import build_problem
from .looking import looks_in_time
from .reaiming import re_aimed, skills_of
from .replan import MOVE_PRICE, UncheckedPlan, checked, replan
from .running import Running, in_hand, in_their_vehicles, with_stock_left
from .summary import summarize

__all__ = ["UncheckedPlan", "checked", "open_day", "plan_day", "with_plan"]


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
    shape: Callable[[OpenDay], OpenDay] | None = None,
    reasons: bool = True,
    move_price: float = MOVE_PRICE,
    at_once: bool = False,
) -> DayPlan:
    """Plan everything that is open in a case at its `now`.

    Parameters
    ----------
    case : a validated case (`dispatch.intake.load_case`).
    time_limit_s : wall-clock seconds for the solver.
    work : search steps instead of time; with one process the plan is then a
        function of the case, the work and the seed alone.
    running : what is under way already, when the day is planned again.
    shape : what people changed of the work by hand, done to the open day before it is solved.
    reasons : as in `with_plan`.
    move_price : as in `replan`.
    at_once : where the solver is not compiled yet, plan by the dispatcher's rule meanwhile.

    Returns
    -------
    DayPlan
        Always checked: a plan that fails the checker raises instead.

    Raises
    ------
    UncheckedPlan
        The solver's plan breaks a rule (a bug).
    """
    day = open_day(case, running) if shape is None else shape(open_day(case, running))
    start = _start(day, _aimed(running, day))
    plan = (plan_at_once(day.problem, start) if at_once else None) or replan(
        day.problem,
        start,
        time_limit_s=time_limit_s,
        work=work,
        seed=seed,
        processes=processes,
        on_progress=on_progress,
        stop=stop,
        move_price=move_price,
    )
    return with_plan(day, looks_in_time(day, _timeless(plan, work)), running, reasons=reasons)


def _timeless(plan: Plan, work: int | None) -> Plan:
    """Equal bytes for equal work: how long it took is not part of such a plan."""
    return plan if work is None else replace(plan, seconds=0)


def open_day(case: Case, running: Running | None = None) -> OpenDay:
    """Everything up to the solver: classify, find the outages, decide, build the problem."""
    running = running or Running()
    if running.vehicles or running.used:
        crews = in_their_vehicles(case.crews, running)
        case = replace(case, crews=with_stock_left(crews, running.used or {}))
    grades = grade_customers(case)
    now = case.settings.now
    known = [each for each in case.requests if each.received_at <= now or each.id in running.said_at]
    calls = classify(case, grades, known, Locator(case))
    signs = (*case.signs, *running.signs)
    outages = infer_outages(
        case,
        calls,
        now,
        signs=signs,
        findings=running.findings,
        said_at=running.said_at,
    )
    orders = (*order_outages(case, grades, outages, calls), *order_services(calls, case))
    restoration = restore(
        case.grid,
        _grid_faults(outages),
        load_kw=case.load_kw,
        generators_at=generator_places(case, grades, orders, outages),
    )
    built = build_problem(case, grades, orders, outages, calls, restoration, running)
    return OpenDay(
        case=case,
        outages=outages,
        orders=orders,
        cards=built.cards,
        blocks=built.blocks,
        problem=built.problem,
        plain=built.plain,
        origin=case.settings.now,
        tier_factors=built.tier_factors,
        dead_lines=_dead_lines(case, outages),
        warnings=(
            *unclassified_warnings(calls),
            *vocabulary_warnings(case),
            *built.warnings,
            *calendar_warnings(case, orders),
        ),
        locations=built.sites.lonlat,
        nodes=built.sites.nodes,
        answered=_answered(calls, outages),
    )


def _answered(calls: Sequence[ClassifiedRequest], outages: Sequence[Outage]) -> frozenset[str]:
    """Calls without supply that no outage holds any more: a crew or a meter has said that it is back."""
    held = {request for outage in outages for request in outage.requests}
    return frozenset(call.id for call in calls_from(calls)) - held


def with_plan(
    day: OpenDay,
    plan: Plan,
    running: Running | None = None,
    allowed: frozenset[str] = frozenset(),
    *,
    reasons: bool = True,
) -> DayPlan:
    """A day with a plan for it, checked: whoever made the plan, the solver or a person.

    Parameters
    ----------
    running : what crews are at and have said, for the estimates of when supply is back.
    allowed : codes of violations that a person has answered for; they stay in the verdict.
    reasons : say of each job that is left out why; takes seconds where much is left out.

    Raises
    ------
    UncheckedPlan
        The plan breaks a rule.
    """
    verdict = checked(day.problem, plan, allowed)
    running = running or Running()
    if reasons:
        plan = replace(plan, dropped=reasons_for_dropped(day.problem, plan))
    opened = {each.name: getattr(day, each.name) for each in fields(OpenDay)}
    return DayPlan(
        **opened,
        plan=plan,
        verdict=verdict,
        etrs=etrs(
            day.case,
            day.outages,
            day.orders,
            day.blocks,
            day.problem,
            plan,
            words=running.words,
            in_hand=in_hand(running, day.origin),
            settings=EtrSettings(stretch=running.etr_stretch),
        ),
        summary=summarize(day, plan),
    )


def _aimed(running: Running | None, day: OpenDay) -> Running | None:
    """What is under way, with crews on their way to where evidence points by now."""
    if running is None:
        return None
    skills = skills_of(day.case.crews)
    return re_aimed(running, day.problem.job_by_id, day.outages, kept_tree(day.case), skills)


def _start(day: OpenDay, running: Running | None) -> list[list[str]] | None:
    """The running plan's routes in the order of the problem's crews."""
    if running is None or not running.previous:
        return None
    known = day.problem.job_by_id
    return [
        [
            job
            for job in running.previous.get(crew.id, ())
            if job in known and known[job].skills <= crew.skills
        ]
        for crew in day.problem.crews
    ]


def _grid_faults(outages: Sequence[Outage]) -> list[Fault]:
    """The faults that the grid's switching can do something about: at a transformer or above."""
    return [outage.fault for outage in outages if outage.customers is None]


def _dead_lines(case: Case, outages: Sequence[Outage]) -> frozenset[str]:
    dead = set(trace(case.grid, faults=_grid_faults(outages)).dead_sections)
    return frozenset(line for section in case.grid.sections if section.id in dead for line in section.lines)
