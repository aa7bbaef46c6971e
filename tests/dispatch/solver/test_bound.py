from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem
from dispatch.files.problem_files import read_problem
from dispatch.ground.problem import Block, Crew, Job, Problem, Travel
from dispatch.solver.bound.data import _cheapest_between_points, relax
from dispatch.solver.bound.limit import lower_bound
from dispatch.solver.exact.proof import solve_exact


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_bound_never_exceeds_the_optimum(seed: int):
    rng = random.Random(seed)
    problem = mixed_problem(seed, jobs=rng.randint(1, 6), crews=rng.randint(1, 3), hard=rng.random() < 0.5)
    best = solve_exact(problem, 20)
    bound = lower_bound(problem, 0.03)
    assert best is not None
    if best.status == "optimal":
        assert bound is not None
        assert bound <= best.cost + 1e-6 * abs(best.cost)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_plan_in_hand_and_a_coarse_grid_leave_the_bound_sound(seed: int):
    rng = random.Random(seed)
    problem = mixed_problem(seed, jobs=5, crews=2, hard=False)
    slow = tuple(replace(job, service_s=job.service_s * rng.choice([0, 1, 40])) for job in problem.jobs)
    problem = replace(problem, jobs=slow)
    best = solve_exact(problem, 20)
    assert best is not None
    if best.status == "optimal":
        bound = lower_bound(problem, 0.1, plan=best)
        assert bound is not None
        assert bound <= best.cost + 1e-6 * abs(best.cost)


def one_crew(jobs: list[Job], **more: object) -> Problem:
    travel = Travel(xy=np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]]))
    return Problem(travel=travel, jobs=tuple(jobs), crews=(Crew(id="K", start=(0,)),), **more)  # type: ignore[arg-type]


def test_one_job_is_bounded_by_its_cost():
    problem = one_crew([Job(id="A", location=1, service_s=50, cost_per_s=2, cost_from_s=-10)])
    assert lower_bound(problem, 0.2) == pytest.approx(2 * 160, rel=0.01)


def test_a_job_that_is_cheaper_left_out_is_bounded_by_its_drop_cost():
    problem = one_crew([Job(id="A", location=1, cost_per_s=2, drop_cost=30)])
    assert lower_bound(problem, 0.2) == pytest.approx(30, rel=0.01)


def test_a_block_is_bounded_through_the_jobs_it_needs():
    jobs = [Job(id="A", location=1, service_s=50), Job(id="B", location=2, service_s=70)]
    block = Block(id="X", cost_per_s=3, since_s=0, restored_by=(("A", "B"),))
    bound = lower_bound(one_crew(jobs, blocks=(block,), unserved_at_s=9999), 0.5)
    assert bound is not None
    assert 3 * 200 <= bound <= 3 * 320


def test_no_crews_and_no_jobs_prove_little():
    problem = one_crew([Job(id="A", location=1)])
    assert lower_bound(replace(problem, crews=()), 0.1) is None
    assert lower_bound(replace(problem, jobs=()), 0.1) == 0


def test_merging_crews_only_makes_them_abler():
    problem = mixed_problem(5, jobs=5, crews=3)
    (kind,) = relax(problem, 1).kinds
    assert len(kind.crews) == 3
    for crew in problem.crews:
        able = [job.skills <= crew.skills for job in problem.jobs]
        assert all(kind.able[np.array(able)])


def test_costs_up_to_1e15_do_not_overflow():
    problem = one_crew([Job(id="A", location=1, service_s=50, cost_per_s=1e15, drop_cost=1e15)])
    bound = lower_bound(problem, 0.2)
    assert bound is not None
    assert math.isfinite(bound)
    assert bound <= 1e15


def test_sixty_outages_are_proven_to_a_few_percent(shared: Path):
    problem = read_problem(shared / "bench" / "problems" / "outage-plain-60-10.json")
    bound = lower_bound(problem, 2)
    assert bound is not None
    assert 0.9 * 43201109 <= bound <= 43201109


@pytest.mark.parametrize("metric", ["manhattan", "euclid"])
@pytest.mark.parametrize("rounding", ["round", "floor", "ceil"])
def test_cheapest_drives_from_points_are_never_above_those_of_the_table(metric: str, rounding: str) -> None:
    xy = np.random.default_rng(3).integers(0, 60, (80, 2)).astype(float)
    travel = Travel(xy=xy, metric=metric, rounding=rounding, scale=0.7)  # type: ignore[arg-type]
    place, starts = np.arange(2, 80), np.array([0, 1])
    table = travel.matrix_s.copy()
    np.fill_diagonal(table, 10**9)
    exact = table[:, place].min(axis=0)
    found = _cheapest_between_points(travel, place, starts)
    assert (found <= exact).all()
    assert (found >= exact - 1).all()
