"""What planned outages do, before anybody announces them: for the command and for the planner's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..ground.case import Case
from ..ground.day import Outage
from ..ground.errors import Fault, InputFaults
from ..outages.planned import EVERYBODY, PlannedEffect, PlannedOutage, checked_places, plan_outage
from ..outages.planned_ways import PlannedWay, planned_ways
from ..triage.orders import ORDINARY, Grades, grade_customers
from .main_road import open_day

Studied = tuple[PlannedEffect, tuple[PlannedWay, ...]]


def studied(
    case: Case,
    plans: Sequence[PlannedOutage],
    *,
    running: Sequence[Outage] | None = None,
    announced: Sequence[PlannedOutage] = (),
) -> list[Studied]:
    """What each plan does beside the others and the outages under way, and how else it could be done.

    Parameters
    ----------
    running : outages under way; without it those that the case's calls tell of.
    announced : plans that customers have been told of already.

    Raises
    ------
    InputFaults
        With what is wrong with any plan.
    """
    grades = grade_customers(case)
    running = open_day(case).outages if running is None else running
    important = _important(case, grades)
    own = {plan.id for plan in plans}
    found, wrong = [], list[Fault]()
    for plan in plans:
        try:
            checked_places(case.grid, plan)
        except InputFaults as error:
            wrong += error.faults
    if wrong:
        raise InputFaults(wrong)
    for plan in plans:
        effect = plan_outage(
            case.grid,
            case.customers.table,
            grades.grade,
            plan,
            notice_hours(case, grades, urgent=plan.urgent),
            case.settings.now,
            running=running,
            others=(*plans, *(each for each in announced if each.id not in own)),
        )
        found.append((effect, planned_ways(case.grid, plan, load_kw=case.load_kw, important=important)))
    return found


def notice_hours(case: Case, grades: Grades, *, urgent: bool) -> Mapping[str, float]:
    """Hours of notice that the policy asks for, by grade; `everybody` is the ordinary customer."""
    facts = {"kind": "planned_work", "urgency": "urgent" if urgent else "general"}
    found: dict[str, float] = {}
    for grade in {ORDINARY, *np.unique(grades.grade.astype(str)).tolist()}:
        hours = case.policy.decide("order", {**facts, "grade": grade}).outcome.get("notice_h")
        if hours is not None:
            found[EVERYBODY if grade == ORDINARY else grade] = float(hours)
    return found


def _important(case: Case, grades: Grades) -> frozenset[str]:
    rows = np.flatnonzero(grades.weight > 1)
    return frozenset(case.customers.table["transformer"].iloc[rows].astype(str))


def customers_behind(case: Case, transformers: Iterable[str]) -> int:
    """How many customers some transformers feed."""
    known = case.customers.rows_by_transformer
    return sum(len(known.get(name, ())) for name in transformers)


def ties_closed(plan: PlannedOutage, way: PlannedWay) -> tuple[str, ...]:
    """The ties that a way closes beside those that the plan closes itself."""
    return tuple(device for device in way.plan.close_devices if device not in plan.close_devices)
