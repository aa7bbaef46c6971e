"""The search for plain latency: its sums agree with the format's price, whatever it does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.bench.generate import outage_plain
from dispatch.ground.problem import Crew, Job, Problem, Travel
from dispatch.judge.check import judge
from dispatch.solver import solve
from dispatch.solver.kernels.arrays import build
from dispatch.solver.kernels.latency import is_plain
from dispatch.solver.search.engine import Engine


def prizes(seed: int, jobs: int = 40, crews: int = 3) -> Problem:
    """Jobs worth a visit or not, on one-way streets, with skills and committed heads."""
    random = np.random.default_rng(seed)
    table = random.integers(1, 100, (jobs + 2, jobs + 2))
    np.fill_diagonal(table, 0)
    some = [
        Job(
            id=f"J{k}",
            location=k,
            service_s=int(random.integers(0, 50)),
            cost_per_s=float(random.integers(0, 9)),
            cost_from_s=int(random.integers(0, 20)),
            drop_cost=None if random.random() < 0.3 else float(random.integers(0, 9000)),
            skills=frozenset({"hv"} if random.random() < 0.3 else ()),
        )
        for k in range(jobs)
    ]
    teams = [
        Crew(
            id=f"C{c}",
            start=(jobs, jobs + 1) if c % 2 else (jobs,),
            skills=frozenset({"hv"} if c < 2 else ()),
            committed=(f"J{c}",) if c < 2 else (),
        )
        for c in range(crews)
    ]
    return Problem(travel=Travel(durations_s=table), jobs=tuple(some), crews=tuple(teams))


@pytest.mark.parametrize("seed", range(6))
def test_plans_by_sums_keep_every_rule_and_cost_what_the_judge_says(seed: int) -> None:
    problem = prizes(seed)
    assert is_plain(build(problem)[0])
    plan = solve(problem, work=400, processes=1, seed=seed)
    verdict = judge(problem, plan)
    assert verdict.violations == ()
    assert plan.cost == pytest.approx(verdict.cost, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_cost_carried_along_is_the_cost_summed_afresh(seed: int) -> None:
    arrays, _ = build(prizes(seed, jobs=60, crews=4))
    engine = Engine(arrays, seed)
    engine.start([[] for _ in arrays.crew])
    engine.run(1500, 2.0, 0.5)
    carried = engine.latency
    assert carried is not None
    routes = [carried.stop[c]["job"][1 : carried.visits[c] + 1].tolist() for c in range(len(arrays.crew))]
    assert sorted(j for route in routes for j in route) == sorted(np.flatnonzero(carried.own[:-1] >= 0))
    cost, used = float(carried.tally[0]["cost"]), int(carried.tally[0]["used"])
    assert used == sum(bool(route) for route in routes)
    engine.go_to(routes)
    assert engine.feasible
    assert engine.present.cost == pytest.approx(cost, rel=1e-9)


def test_a_window_or_a_shift_takes_the_general_search() -> None:
    plain = outage_plain(20, 3, 1)
    assert is_plain(build(plain)[0])
    windowed = replace(plain, jobs=(replace(plain.jobs[0], windows=((0, 10**6),)), *plain.jobs[1:]))
    assert not is_plain(build(windowed)[0])
    shifts = replace(plain, crews=(replace(plain.crews[0], shift=(0, 10**6)), *plain.crews[1:]))
    assert not is_plain(build(shifts)[0])


def test_it_is_far_below_the_general_search_at_equal_work() -> None:
    problem = outage_plain(80, 4, 2)
    swift = solve(problem, work=1500, processes=1)
    general = solve(problem, work=1500, processes=1, without=frozenset({"latency"}))
    assert swift.cost < 1.002 * general.cost
