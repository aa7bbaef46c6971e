"""Fairness at a glance: who waits how long under the plan in force, by grade, area and class."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, Response, render_template

from dispatch.files.spreadsheets import table_csv
from dispatch.ground.day import DayPlan
from dispatch.triage.waiting import shares, waiting

from ..day.current import current_day, derived
from ..entrance.access import OFFICE, allow
from ..server.transfer import named

fairness = Blueprint("fairness", __name__)

BAR = 100


@fairness.get("/fairness")
@allow(*OFFICE)
def page() -> str:
    """Show the tables with bars."""
    day = current_day()
    return render_template(
        "fairness.html",
        page="fairness",
        policy=day.case.policy,
        origin=day.origin,
        tables=derived().get("fairness", _tables),
    )


@fairness.get("/fairness.csv")
@allow(*OFFICE)
def lines() -> Response:
    """The groups of customers who wait alike, for `gridcrew rules fairness` and for spreadsheets."""
    text = derived().get("fairness.csv", lambda day: table_csv(waiting(day)))
    answer = Response(text, mimetype="text/csv")
    return named(answer, "waiting.csv")


def _tables(day: DayPlan) -> list[dict[str, Any]]:
    """By label its rows; bars are shares of the longest of their column, 0 to 100."""
    found = []
    for label, table in shares(day).items():
        found_rows = table.to_dict("index")
        order = day.case.policy.facts[label].values
        names = sorted(
            found_rows, key=lambda name: (order.index(name) if name in order else len(order), name)
        )
        rows = [{"name": name, **found_rows[name]} for name in names]
        for row in rows:
            row["mean_bar"] = _bar(row["mean_min"], max(each["mean_min"] for each in rows))
            row["share_bar"], row["minutes_bar"] = BAR * row["share_customers"], BAR * row["share_minutes"]
            row["kept"] = None if math.isnan(row["kept"]) else row["kept"]
        found.append({"label": label, "rows": rows})
    return found


def _bar(value: float, most: float) -> float:
    return BAR * value / most if most > 0 else 0.0
