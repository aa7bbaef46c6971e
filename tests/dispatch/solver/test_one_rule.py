"""What is reckoned in more than one place for speed's or for independence's sake is held equal here."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem
from dispatch.ground.drive import IMPASSABLE_S, all_driven_s, driven_s
from dispatch.ground.plan import PARTS
from dispatch.ground.problem import Problem
from dispatch.judge.check import judge
from dispatch.judge.timing import timed
from dispatch.solver.kernels.arrays import build
from dispatch.solver.kernels.sharing import even_rates
from dispatch.solver.plans import make_plan
from dispatch.solver.search.engine import Engine
from dispatch.solver.starts.construct import Drives, _drive, rule_routes

SECONDS = st.integers(0, 200_000)
FACTORS = st.one_of(st.integers(1, 400).map(lambda percent: percent / 100), st.floats(0.2, 5.0))


@settings(max_examples=300, deadline=None)
@given(seconds=SECONDS, factor=FACTORS)
def test_a_drive_takes_as_long_for_one_for_a_table_and_in_the_kernel(seconds: int, factor: float) -> None:
    table = np.array([[0, seconds], [seconds, 0]], np.int64)
    drives = Drives(table, np.zeros((0, 2)), False, 1.0, 0)
    expected = driven_s(seconds, factor)
    assert all_driven_s(table, factor)[0, 1] == expected
    assert _drive(drives, 0, 1, factor) == expected


@settings(max_examples=100, deadline=None)
@given(tens=st.integers(0, 20_000), percent=st.integers(1, 400))
def test_a_product_that_is_a_whole_number_of_seconds_is_not_rounded_up(tens: int, percent: int) -> None:
    assert driven_s(100 * tens, percent / 100) == tens * percent


def test_no_factor_makes_a_road_where_there_is_none() -> None:
    assert driven_s(IMPASSABLE_S, 0.1) == all_driven_s(np.array([IMPASSABLE_S]), 0.1)[0] == IMPASSABLE_S


def searched(problem: Problem, seed: int) -> tuple[Engine, float]:
    """A search of a few steps, and what no plan can change of its cost."""
    arrays, lookup = build(problem)
    engine = Engine(arrays, seed)
    engine.start(rule_routes(problem, arrays, lookup.place, None))
    engine.run(20, 0.5, 0.01)
    return engine, lookup.constant


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), hard=st.booleans())
def test_the_search_and_the_judge_price_a_plan_alike(seed: int, hard: bool) -> None:
    problem = mixed_problem(seed, jobs=7, crews=3, hard=hard)
    engine, constant = searched(problem, seed)
    if engine.score.missing:
        return
    routes = engine.timed(problem, build(problem)[1])
    plan = make_plan(problem, routes, status="feasible")
    assert plan.cost == pytest.approx(engine.score.cost + constant, rel=1e-9, abs=1e-6)
    verdict = judge(problem, plan)
    assert verdict.cost == plan.cost
    assert list(verdict.parts) == list(PARTS)
    assert list(plan.parts) == [part for part in PARTS if verdict.parts[part]]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_search_and_the_hand_time_the_same_routes_alike(seed: int) -> None:
    problem = mixed_problem(seed, jobs=7, crews=3, hard=False)
    engine, _ = searched(problem, seed)
    if engine.score.missing:
        return
    routes = engine.timed(problem, build(problem)[1])
    by_hand = timed(problem, {route.crew: [visit.job for visit in route.visits] for route in routes})
    for one, other in zip(routes, by_hand, strict=True):
        assert [visit.finish_s for visit in one.visits] == [visit.finish_s for visit in other.visits]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_blocks_are_shared_evenly_alike_from_the_problem_and_from_its_arrays(seed: int) -> None:
    problem = mixed_problem(seed, jobs=7, crews=3)
    for block in problem.blocks:
        lengths = sorted(map(len, block.restored_by))
        if len(lengths) > 1 and lengths[0] == lengths[1]:
            return  # two shortest ways: which of them counts is the order's to say
    arrays, _ = build(problem)
    assert arrays.job["share"] == pytest.approx(even_rates(problem))
