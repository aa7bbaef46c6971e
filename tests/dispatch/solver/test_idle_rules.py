"""Rules that bind no plan are taken away before the search, and change no cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.generate import outage_plain
from dispatch.bench.mixed import mixed_problem, random_sequences, wild_problem
from dispatch.ground.problem import Break, Costs, Problem
from dispatch.judge.check import judge
from dispatch.judge.timing import score_routes
from dispatch.solver import solve
from dispatch.solver.idle_rules import without_idle_rules
from dispatch.solver.kernels.arrays import build
from dispatch.solver.kernels.latency import is_plain

FAR_S = 10_000_000


def with_shift(problem: Problem) -> Problem:
    return replace(problem, crews=tuple(replace(crew, shift=(0, FAR_S)) for crew in problem.crews))


def with_window(problem: Problem) -> Problem:
    return replace(problem, jobs=tuple(replace(job, windows=((0, FAR_S),)) for job in problem.jobs))


def with_promise(problem: Problem) -> Problem:
    return replace(
        problem,
        jobs=tuple(
            replace(job, arrive_by_s=FAR_S, late_arrival_cost_per_s=50, finish_by_s=0) for job in problem.jobs
        ),
    )


def with_break(problem: Problem) -> Problem:
    rest = Break(window=(0, FAR_S), duration_s=1800)
    return replace(problem, crews=tuple(replace(crew, breaks=(rest,)) for crew in problem.crews))


def with_stock(problem: Problem) -> Problem:
    return replace(
        problem,
        jobs=tuple(replace(job, load={"pole": 1}) for job in problem.jobs),
        crews=tuple(replace(crew, capacity={"pole": 1000}) for crew in problem.crews),
    )


def with_price(problem: Problem) -> Problem:
    return replace(problem, costs=Costs(travel_per_s=1e-6))


FEATURES = (with_shift, with_window, with_promise, with_break, with_stock, with_price)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_that_never_binds_leaves_the_search_of_a_plain_problem(
    feature: Callable[[Problem], Problem],
) -> None:
    problem = outage_plain(30, 4, 1)
    other = feature(problem)
    assert is_plain(build(without_idle_rules(other))[0])
    plain, plan = solve(problem, work=2000, processes=1), solve(other, work=2000, processes=1)
    assert [route.visits for route in plan.routes] == [route.visits for route in plain.routes]
    assert plan.cost == pytest.approx(plain.cost, rel=1e-6)
    verdict = judge(other, plan)
    assert verdict.feasible
    assert verdict.cost == pytest.approx(plan.cost)


def test_a_rule_that_may_bind_stays() -> None:
    problem = outage_plain(30, 4, 1)
    work_s = sum(job.service_s for job in problem.jobs)
    near = replace(problem, crews=tuple(replace(crew, shift=(0, work_s)) for crew in problem.crews))
    assert without_idle_rules(near) is near
    assert without_idle_rules(problem) is problem


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), hard=st.booleans(), far=st.sampled_from([0, 300, 3000, FAR_S]))
def test_every_plan_costs_the_same_and_breaks_the_same_without_them(seed: int, hard: bool, far: int) -> None:
    problem = (wild_problem if seed % 2 else mixed_problem)(seed, jobs=7, crews=3, hard=hard)
    crews = tuple(
        replace(crew, shift=(crew.shift[0], crew.shift[1] + far) if crew.shift else (0, 1000 + far))
        for crew in problem.crews
    )
    problem = replace(problem, crews=crews)
    free, routes = without_idle_rules(problem), random_sequences(problem, seed)
    now, then = score_routes(problem, routes), score_routes(free, routes)
    impossible = {"after", "not_together", "no_road"}  # such plans are timed with what cannot be waited for
    if not impossible & {violation.code for violation in now.violations}:
        assert then.cost == pytest.approx(now.cost, rel=1e-6)
        assert [v.code for v in then.violations] == [v.code for v in now.violations]
