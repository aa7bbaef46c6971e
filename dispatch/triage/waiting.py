"""Who waits how long under a plan: the lines that `rules.fairness` tabulates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rules.fairness import fairness

from ..ground.day import DayPlan
from .orders import customer_rows, grade_customers

COLUMNS = ("grade", "area", "class", "customers", "wait_min", "promised_min")


def waiting(day: DayPlan) -> pd.DataFrame:
    """A line per group of customers who wait alike.

    Returns
    -------
    DataFrame
        `grade`, `area`, `class`; `customers` in the group; `wait_min` without supply, or until a
        service is done; `promised_min` until restoration, NaN where nothing was promised. What the
        plan leaves out waits until the case's horizon.
    """
    lines = [*_off_supply(day), *_for_service(day)]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _off_supply(day: DayPlan) -> list[tuple[object, ...]]:
    grades = grade_customers(day.case).grade
    areas = day.case.customers.table["area"].to_numpy()
    order_of = {order.outage: order for order in day.orders if order.outage}
    restored_s = {each.id: each.restored_s for each in day.verdict.blocks}
    lines: list[tuple[object, ...]] = []
    for card in day.blocks:
        first = next((order_of[each] for each in card.outages if each in order_of), None)
        wait_min = restored_s[card.id] / 60 - (card.since - day.origin).total_seconds() / 60
        promised = _promised_min(first.decision.outcome) if first else float("nan")
        rows = customer_rows(day.case, card.transformers)
        if card.customers < len(rows):
            below = [day.outage_by_id[each] for each in card.outages if day.outage_by_id[each].customers]
            rows = np.concatenate(
                [customer_rows(day.case, each.transformers, each) for each in below] or [rows]
            )
        groups = pd.Series(1, index=[grades[rows], areas[rows]]).groupby(level=[0, 1]).size()
        share = card.customers / max(1, int(groups.sum()))
        for (grade, area), count in groups.items():
            class_ = first.class_ if first else ""
            lines.append((grade, area, class_, count * share, max(0.0, wait_min), promised))
    return lines


def _for_service(day: DayPlan) -> list[tuple[object, ...]]:
    done_s = {
        day.cards[visit.job].order: visit.finish_s for route in day.plan.routes for visit in route.visits
    }
    horizon_s = day.problem.unserved_at_s or 0
    jobs = {card.order for card in day.cards.values()}
    lines: list[tuple[object, ...]] = []
    for order in day.orders:
        if order.outage is None and order.id in jobs:
            since_s = (order.received_at - day.origin).total_seconds()
            wait_min = (done_s.get(order.id, horizon_s) - since_s) / 60
            area = day.case.customers.fact(order.customer, "area") if order.customer else None
            promised = _promised_min(order.decision.outcome)
            lines.append((order.grade, area, order.class_, 1, max(0.0, wait_min), promised))
    return lines


def _promised_min(outcome: Mapping[str, object]) -> float:
    value = outcome.get("promise_restore_min")
    return float(value) if isinstance(value, int | float) else float("nan")


def shares(day: DayPlan) -> Mapping[str, pd.DataFrame]:
    """Who waits how long, by grade, area and class, as `rules.fairness` tabulates it."""
    lines = waiting(day)
    return fairness({name: lines[name] for name in lines.columns})
