"""Places that no road leads to: null, or a number that routing engines write for it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from dispatch.files.problem_files import problem_from_dict, problem_to_dict
from dispatch.ground.drive import IMPASSABLE_S, all_driven_s, driven_s
from dispatch.ground.plan import Plan
from dispatch.ground.problem import Problem
from dispatch.judge.check import judge
from dispatch.judge.explain import reasons_for_dropped
from dispatch.judge.timing import plan_of, score_routes
from dispatch.solver import solve
from dispatch.solver.exact.proof import solve_exact
from dispatch.solver.starts.by_rule import rule_plan

SAID = (None, 2147483647, 2147483648, 10**12)


def problem_with(rows: list[list[Any]], jobs: list[dict[str, Any]], **crew: Any) -> Problem:
    crews = [{"id": "c", "start": 0, **crew}]
    named = [
        {"id": f"j{place}", "location": place, "service_s": 10, "cost_per_s": 1}
        for place in range(1, len(rows))
    ]
    merged = [{**job, **more} for job, more in itertools.zip_longest(named, jobs, fillvalue={})]
    return problem_from_dict(
        {"format": "dispatch-problem/1", "travel": {"durations_s": rows}, "jobs": merged, "crews": crews}
    )


@pytest.mark.parametrize("no", SAID)
@pytest.mark.parametrize("limit", [{"work": 200, "processes": 1}, {"time_limit_s": 2}])
def test_a_job_without_a_road_is_left_out(no: Any, limit: dict[str, Any]) -> None:
    problem = problem_with([[0, 60, no], [60, 0, no], [no, no, 0]], [{}, {"drop_cost": 5000}])
    plan = solve(problem, **limit)
    assert (plan.cost, [left.job for left in plan.dropped]) == (5070, ["j2"])
    assert judge(problem, plan).feasible
    (dropped,) = reasons_for_dropped(problem, plan)
    assert [reason.code for reason in dropped.reasons] == ["no_road"]


@pytest.mark.parametrize("no", SAID)
@pytest.mark.parametrize("crew", [{}, {"end": 0}, {"speed_factor": 3}, {"shift": [-500, 9_000_000_000]}])
def test_a_job_that_must_be_served_without_a_road_is_named(no: Any, crew: dict[str, Any]) -> None:
    plan = solve(problem_with([[0, 60, no], [60, 0, no], [no, no, 0]], [], **crew), work=100, processes=1)
    assert plan.status == "infeasible"
    assert "no road" in " ".join(conflict.text for conflict in plan.conflicts)


@pytest.mark.parametrize("no", SAID)
def test_a_way_round_is_found_where_only_some_roads_are_missing(no: Any) -> None:
    rows = [[0, 1, no, no], [no, 0, no, 1], [no, no, 0, no], [1, 1, 1, 0]]
    problem = problem_with(rows, [])
    for plan in (
        solve(problem, work=100, processes=1),
        solve(problem, time_limit_s=2),
        solve_exact(problem, 20),
    ):
        assert plan is not None
        assert plan.cost == 11 + 22 + 33
        assert [visit.job for visit in plan.routes[0].visits] == ["j1", "j3", "j2"]


@pytest.mark.parametrize("no", SAID)
def test_the_rule_sends_nobody_where_no_road_leads_or_none_leads_home(no: Any) -> None:
    there = problem_with([[0, 60, no], [60, 0, 5], [no, 5, 0]], [], end=1)
    (route,) = rule_plan(there).routes
    assert [visit.job for visit in route.visits] == ["j1", "j2"]
    alone = problem_with([[0, 60, no], [60, 0, no], [no, no, 0]], [{}, {"drop_cost": 5000}])
    assert [left.job for left in rule_plan(alone).dropped] == ["j2"]
    back = problem_with([[0, 60, 60], [60, 0, 60], [no, no, 0]], [{}, {"drop_cost": 5000}], end=0)
    assert [left.job for left in rule_plan(back).dropped] == ["j2"]


def test_the_judge_names_a_drive_without_a_road() -> None:
    problem = problem_with([[0, None], [None, 0]], [])
    verdict = score_routes(problem, {"c": ["j1"]})
    assert [violation.code for violation in verdict.violations] == ["no_road"]
    assert isinstance(plan_of(problem, {"c": ["j1"]}), Plan)


def test_no_road_stays_no_road_at_any_speed_and_through_a_file() -> None:
    assert driven_s(IMPASSABLE_S, 0.1) == driven_s(10**9, 5) == IMPASSABLE_S
    assert all_driven_s(np.array([IMPASSABLE_S, 10**9, 10]), 5).tolist() == [IMPASSABLE_S, IMPASSABLE_S, 50]
    problem = problem_with([[0, None], [10**13, 0]], [])
    again = problem_from_dict(problem_to_dict(problem))
    assert again.travel.durations_s is not None
    assert again.travel.durations_s.tolist() == [[0, IMPASSABLE_S], [IMPASSABLE_S, 0]]
