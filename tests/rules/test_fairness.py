"""Waiting by grade, area and class, worked by hand."""

from __future__ import annotations

import math

import pytest

from rules.errors import RulesError
from rules.fairness import fairness, fairness_text

DAY = {
    "customers": [1, 9, 10],
    "wait_min": [30, 60, 120],
    "grade": ["first", "ordinary", "ordinary"],
    "area": ["urban", "urban", None],
    "class": ["P2", "P3", "P3"],
    "promised_min": [45, 45, float("nan")],
}


def test_figures_are_those_worked_by_hand() -> None:
    tables = fairness(DAY)
    ordinary = tables["grade"].loc["ordinary"]
    assert ordinary["customers"] == 19
    assert ordinary["customer_minutes"] == 9 * 60 + 10 * 120
    assert ordinary["mean_min"] == pytest.approx(1740 / 19)
    assert ordinary["median_min"] == 120
    assert ordinary["share_minutes"] == pytest.approx(1740 / 1770)
    assert ordinary["ratio"] == pytest.approx((1740 / 19) / (1770 / 20))
    assert ordinary["kept"] == 0
    assert tables["grade"].loc["first", "kept"] == 1
    assert math.isnan(tables["area"].loc["(unknown)", "kept"])
    assert "by class" in fairness_text(tables)


def test_missing_columns_and_negative_minutes_are_refused() -> None:
    with pytest.raises(RulesError, match="needs the columns wait_min"):
        fairness({"customers": [1], "grade": ["x"]}, by=("grade",))
    with pytest.raises(RulesError, match="'wait_min' must hold numbers of 0 and more"):
        fairness({"customers": [1], "wait_min": [-1], "grade": ["x"]}, by=("grade",))
