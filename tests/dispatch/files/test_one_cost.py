"""One plan has one cost: in the summary, in its file and for whoever checks the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dispatch import check, load_case, plan_day
from dispatch.files.output import day_files, write_files
from dispatch.files.plan_files import read_plan
from dispatch.files.problem_files import read_problem


def test_the_cost_of_a_day_with_danger_is_the_same_wherever_it_is_told(root: Path, tmp_path: Path) -> None:
    day = plan_day(load_case(root / "data" / "oberrhein"), work=20, processes=1, reasons=False)
    assert max(day.tier_factors.values()) > 1, "no danger, nothing lifted: another case is needed"
    files = {name: content for name, content in day_files(day, "en").items() if name.endswith(".json")}
    write_files(tmp_path, files)
    problem, plan = read_problem(tmp_path / "problem.json"), read_plan(tmp_path / "plan.json")
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    verdict = check(problem, plan)
    assert verdict.feasible
    assert verdict.cost == pytest.approx(summary["cost"])
    assert plan.cost == pytest.approx(summary["cost"])
    assert sum(plan.parts.values()) == pytest.approx(plan.cost)
    assert plan.bound is None
    assert read_problem(tmp_path / "problem-by-tiers.json").jobs == day.problem.jobs
