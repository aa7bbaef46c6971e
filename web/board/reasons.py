"""Traces of rules and the planner's own reasons, as data for the screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import NotFound

from dispatch.ground.day import DayPlan, WorkOrder
from dispatch.judge.explain import explain
from dispatch.judge.findings import Finding
from dispatch.judge.order import Earlier, put_earlier

from ..day.screens import clock_at
from ..rulebook.data import own

Data = dict[str, Any]
SECONDS = re.compile(r"\b(\d+) (?:s\b|秒)")
COSTS = frozenset({"costs_more", "costs_less", "cheaper_left_out", "cheaper_served"})


def trace_data(order: WorkOrder) -> Data:
    """Return what each rule looked at, set and is based on, in both languages."""
    return dict(order.decision.trace.to_dict())


def why_data(day: DayPlan, job: str, language: str) -> Data:
    """Return why a crew does a job, or why nobody does and what would help, and what other places would cost.

    Raises
    ------
    NotFound
        For a job that the problem does not hold.
    """
    if job not in day.problem.job_by_id:
        raise NotFound
    code = own(language)
    # The plain problem: costs without the factors that put danger first, as the figures are told everywhere.
    answer = explain(day.plain, day.plan, job)
    return {
        "status": answer.status,
        "summary": _in_words(day, getattr(answer.summary, code)),
        "others": [_finding(day, each, code) for each in answer.findings if each.code in COSTS],
        "unable": [_finding(day, each, code) for each in answer.findings if each.code not in COSTS],
        "helps": [
            {"crews": list(each.crews), "text": _in_words(day, getattr(each.text, code))}
            for each in answer.helps
        ],
        "earlier": [_earlier(day, each) for each in put_earlier(day.plain, day.plan, job, _order_of(day))],
    }


def _order_of(day: DayPlan) -> Callable[[str], str]:
    def order_of(job: str) -> str:
        return day.cards[job].order if job in day.cards else job

    return order_of


def _earlier(day: DayPlan, tried: Earlier) -> Data:
    """What doing the job before the work that now comes first would mean."""
    order_of = _order_of(day)
    return {
        "crew": tried.crew,
        "before": tried.before,
        "gained_min": round(tried.gained_s / 60),
        "more": round(tried.more),
        "parts": {name: round(value) for name, value in tried.parts.items()},
        "late": sorted({order_of(job) for job in tried.late}),
        "broken": list(dict.fromkeys(tried.broken)),
    }


def _finding(day: DayPlan, finding: Finding, code: str) -> Data:
    change = getattr(finding.change, code) if finding.change is not None else None
    return {
        "crew": finding.crew,
        "code": finding.code,
        "text": _in_words(day, getattr(finding.text, code)),
        "change": None if change is None else _in_words(day, change),
    }


def _in_words(day: DayPlan, text: str) -> str:
    """Put the clock for the plan's seconds and names for the crews' ids."""
    text = SECONDS.sub(lambda found: clock_at(day, int(found[1])), text)
    for crew in sorted(day.case.crews, key=lambda each: -len(each.id)):
        text = re.sub(rf"(?:\b[Cc]rew |班组 ?)?(?<![\w-]){re.escape(crew.id)}(?![\w-])", crew.name, text)
    return text
