"""What another policy would do to a day: to its requests at once, to its plan when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rules import Decision, Policy
from rules.checks.comparing import Change, counted, differing
from rules.showing import value_text

from ..ground.case import Case
from ..ground.day import DayPlan, WorkOrder
from ..planning.main_road import plan_day
from ..triage.locating import Locator
from ..triage.orders import Grades, classify, grade_customers, order_outages, order_services
from ..triage.waiting import shares

DEFAULT_WORK = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageEffect:
    """What changes before anybody is sent anywhere.

    Parameters
    ----------
    requests, orders : how many were looked at.
    changes : a record per request or work order whose outcome differs.
    regraded : how many customers get another grade or weight.
    """

    requests: int
    orders: int
    changes: tuple[Change, ...]
    regraded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeEffect:
    """One grade under two plans: mean minutes that a customer waits, and the share of promises kept.

    NaN where nobody of that grade waits, or nothing was promised.
    """

    grade: str
    mean_min: tuple[float, float]
    kept: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEffect:
    """A day's plan under two policies: figures as (before, after)."""

    figures: dict[str, tuple[float, float]]
    grades: tuple[GradeEffect, ...]


def triage_effect(day: DayPlan, new: Policy) -> TriageEffect:
    """Decide a day's requests and outages again under another policy; the outages stay as they were found."""
    before, after = _Decided.under(day, day.case.policy), _Decided.under(day, new)
    old, other = before.grades, after.grades
    regraded = (old.grade != other.grade) | (old.weight != other.weight)
    return TriageEffect(
        requests=len(before.calls),
        orders=len(before.orders),
        changes=tuple(_changes(before, after)),
        regraded=int(np.count_nonzero(regraded)),
    )


@dataclass(frozen=True, slots=True)
class _Decided:
    grades: Grades
    calls: dict[str, Decision]
    orders: dict[str, WorkOrder]

    @classmethod
    def under(cls, day: DayPlan, policy: Policy) -> _Decided:
        case = replace(day.case, policy=policy)
        grades = grade_customers(case)
        known = [request for request in case.requests if request.received_at <= day.origin]
        calls = classify(case, grades, known, Locator(case))
        orders = (*order_outages(case, grades, day.outages, calls), *order_services(calls, case))
        return cls(
            grades, {call.request.id: call.decision for call in calls}, {order.id: order for order in orders}
        )


def _changes(before: _Decided, after: _Decided) -> Iterator[Change]:
    for id_, decision in before.calls.items():
        found = differing("request", decision.outcome, after.calls[id_].outcome)
        if found:
            yield Change(request=id_, changes=found)
    for id_, order in before.orders.items():
        if id_ in after.orders:
            found = differing("order", order.decision.outcome, after.orders[id_].decision.outcome)
            if found:
                yield Change(request=id_, changes=found)


def change_rows(effect: TriageEffect, policy: Policy, language: str) -> list[dict[str, Any]]:
    """The changes as words: an id, and per outcome its name, before and after; `language` is en or zh."""
    return [
        {
            "id": change.request,
            "changes": [
                (
                    policy.facts[name].label(language),
                    *(value_text(v, policy.facts[name].unit, language) for v in pair),
                )
                for (_, name), pair in change.changes.items()
                if name in policy.facts
            ],
        }
        for change in effect.changes
    ]


def change_counts(effect: TriageEffect, policy: Policy, language: str) -> list[tuple[str, int]]:
    """How many requests and orders change, by outcome."""
    counts = counted(effect.changes)
    return [(policy.facts[name].label(language), n) for name, n in counts.items() if name in policy.facts]


def plan_effect(case: Case, old: Policy, new: Policy, work: int = DEFAULT_WORK) -> PlanEffect:
    """Plan a case's day afresh under both policies with the same work.

    The same work and seed are spent on both, so what differs comes from the policies (and from
    where the search happens to end: small differences mean nothing).
    """
    days = [plan_day(replace(case, policy=each), work=work, processes=1) for each in (old, new)]
    return effect_of(*days)


def effect_of(before: DayPlan, after: DayPlan) -> PlanEffect:
    """Two plans of a day beside one another."""
    one, two = before.summary, after.summary
    figures = {
        "customer_minutes": (one.customer_minutes, two.customer_minutes),
        "promises_kept": (one.promises_kept, two.promises_kept),
        "promises_missed": (one.promises_missed, two.promises_missed),
        "jobs_left_out": (one.jobs_left_out, two.jobs_left_out),
    }
    found = [_by_grade(day) for day in (before, after)]
    nothing = (float("nan"), float("nan"))
    grades = []
    for grade in sorted(set(found[0]) | set(found[1])):
        pairs = [each.get(grade, nothing) for each in found]
        grades.append(
            GradeEffect(grade=grade, mean_min=(pairs[0][0], pairs[1][0]), kept=(pairs[0][1], pairs[1][1]))
        )
    return PlanEffect(figures=figures, grades=tuple(grades))


def _by_grade(day: DayPlan) -> dict[str, tuple[float, float]]:
    rows = shares(day)["grade"].reset_index().to_dict("records")
    return {str(row["grade"]): (float(row["mean_min"]), float(row["kept"])) for row in rows if "grade" in row}
