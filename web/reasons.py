"""Traces of rules and the planner's alternatives, as data for the screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dispatch.day import DayPlan, WorkOrder

Data = dict[str, Any]


def trace_data(order: WorkOrder) -> Data:
    """Return what each rule looked at, set and is based on, in both languages."""
    return dict(order.decision.trace.to_dict())


def alternatives(day: DayPlan, job_id: str, language: str) -> Sequence[Data]:
    """Return the next best crews for a job, where the planner can say."""
    return ()
