"""One minute of an upper tier outweighs everything below it, and nothing overflows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.ground.problem import Block, Crew, Job, Problem, Travel
from dispatch.planning.tiers import MOST_COST, lift_tiers, tier_factors


def problem(jobs: list[Job], blocks: tuple[Block, ...] = ()) -> Problem:
    return Problem(
        travel=Travel(durations_s=np.zeros((1, 1), dtype=np.int64)),
        jobs=tuple(jobs),
        blocks=blocks,
        crews=(Crew(id="C", start=(0,), shift=(0, 36_000)),),
        unserved_at_s=172_800,
    )


def test_a_single_tier_is_left_as_it_is() -> None:
    plain = problem([Job(id="a", location=0, cost_per_s=2, drop_cost=10)])
    factors = tier_factors(plain, {"a": 1}, {})
    assert factors == {1: 1.0}
    assert lift_tiers(plain, factors, {"a": 1}, {}) == plain


def test_a_minute_of_the_first_tier_outweighs_all_of_the_second() -> None:
    jobs = [
        Job(id="wire", location=0, cost_per_s=0.5, drop_cost=1),
        Job(id="meter", location=0, cost_per_s=3, drop_cost=7),
    ]
    block = Block(id="b", cost_per_s=4, restored_by=(("meter",),))
    tiers = {"wire": 0, "meter": 1}
    factors = tier_factors(problem(jobs, (block,)), tiers, {"b": 1})
    lifted = lift_tiers(problem(jobs, (block,)), factors, tiers, {"b": 1})
    most_below = 172_800 * 3 + 172_800 * 4
    assert lifted.jobs[0].cost_per_s * 60 >= most_below
    assert lifted.jobs[0].drop_cost == pytest.approx(factors[0])
    assert lifted.jobs[1] == jobs[1]
    assert lifted.blocks == (block,)


def test_a_tier_without_any_rate_is_not_lifted() -> None:
    jobs = [Job(id="a", location=0, drop_cost=5), Job(id="b", location=0, cost_per_s=1, drop_cost=5)]
    assert tier_factors(problem(jobs), {"a": 0, "b": 1}, {})[0] == 1.0


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0.001, 1e5), st.floats(0, 1e7)), min_size=1, max_size=12)
)
def test_the_sum_of_all_lifted_costs_stays_exact_in_doubles(rows: list[tuple[int, float, float]]) -> None:
    jobs = [
        Job(id=str(k), location=0, cost_per_s=rate, drop_cost=drop) for k, (_, rate, drop) in enumerate(rows)
    ]
    tiers = {str(k): tier for k, (tier, _, _) in enumerate(rows)}
    lifted = lift_tiers(problem(jobs), tier_factors(problem(jobs), tiers, {}), tiers, {})
    assert most(lifted) <= MOST_COST + most(problem(jobs))


def most(problem: Problem) -> float:
    return sum(max(job.cost_per_s * 172_800, job.drop_cost or 0) for job in problem.jobs)
