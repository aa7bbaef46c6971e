"""Far more crews than jobs, and one crew with more than a day's jobs: within the limit, in little room."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from dispatch.bench.generate import outage_plain, outage_shift
from dispatch.ground.problem import Crew, Job, Previous, Problem, Travel
from dispatch.judge.check import judge
from dispatch.solver import solve
from dispatch.solver.starts.spare import without_spare_crews


def scattered(jobs: int, crews: int, seed: int, ends: bool = False) -> Problem:
    draw = random.Random(seed)
    points = np.array([[draw.randint(0, 3000), draw.randint(0, 3000)] for _ in range(jobs + crews)], float)
    return Problem(
        travel=Travel(xy=points, metric="manhattan"),
        jobs=tuple(
            Job(id=f"J{at}", location=at, service_s=draw.randint(600, 6000), cost_per_s=draw.randint(1, 90))
            for at in range(jobs)
        ),
        crews=tuple(
            Crew(id=f"C{at}", start=(jobs + at,), end=jobs + at if ends else None) for at in range(crews)
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_best_plan_needs_none_of_the_crews_that_are_put_aside(seed: int) -> None:
    problem = scattered(3, 300, seed)
    few = without_spare_crews(problem)
    assert len(few.crews) <= 9
    plan, whole = solve(problem, time_limit_s=3), solve(problem, work=2000, processes=1, start=[[]] * 300)
    assert plan.status == "optimal"
    assert plan.cost <= whole.cost
    assert judge(problem, plan).feasible
    assert [route.crew for route in plan.routes] == [crew.id for crew in problem.crews]


def test_crews_that_differ_or_have_something_to_do_are_kept() -> None:
    problem = scattered(2, 400, 1)
    crews = list(problem.crews)
    crews[7] = replace(crews[7], committed=("J0",))
    crews[9] = replace(crews[9], skills=frozenset({"cable"}))
    problem = replace(problem, crews=tuple(crews), previous=(Previous(crew="C11", jobs=("J1",)),))
    kept = {crew.id for crew in without_spare_crews(problem).crews}
    assert {"C7", "C9", "C11"} <= kept
    assert judge(problem, solve(problem, time_limit_s=2)).feasible


def test_crews_that_drive_home_each_to_its_own_place_are_all_kept() -> None:
    problem = scattered(2, 300, 1, ends=True)
    assert len(without_spare_crews(problem).crews) == 300


@pytest.mark.parametrize("day", [outage_plain(60, 10, 1), outage_shift(60, 10, 1)])
def test_a_usual_day_is_left_as_it_is(day: Problem) -> None:
    assert without_spare_crews(day) is day


def test_a_route_too_long_to_be_searched_in_time_is_planned_by_the_rule() -> None:
    problem = scattered(4000, 1, 5)
    plan = solve(problem, time_limit_s=1, processes=1)
    assert plan.dropped == ()
    assert judge(problem, plan).feasible
