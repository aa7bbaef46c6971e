from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem
from dispatch.files.problem_files import read_problem
from dispatch.ground.problem import Crew, Job, Problem, Travel
from dispatch.judge.check import judge
from dispatch.judge.timing import score_routes
from dispatch.solver import solve
from dispatch.solver.exact.model import Model
from dispatch.solver.exact.proof import solve_exact
from dispatch.solver.exact.subsets import fits_subsets, solve_subsets


def every_deal(problem: Problem) -> Iterator[dict[str, list[str]]]:
    """All ways to put all jobs, or some, on the crews' routes, each on as many as it needs."""
    deals: list[dict[str, list[str]]] = [{crew.id: [] for crew in problem.crews}]
    for job in problem.jobs:
        deals = [more for deal in deals for more in with_job(problem, deal, job)]
    yield from deals


def with_job(problem: Problem, deal: dict[str, list[str]], job: Job) -> Iterator[dict[str, list[str]]]:
    if job.drop_cost is not None:
        yield deal
    layers = [(deal, 0)]
    for _ in range(job.crews_needed):
        layers = [
            ({**old, crew.id: [*old[crew.id][:at], job.id, *old[crew.id][at:]]}, crew_idx + 1)
            for old, first in layers
            for crew_idx, crew in enumerate(problem.crews)
            if crew_idx >= first and job.skills <= crew.skills
            for at in range(len(old[crew.id]) + 1)
        ]
    yield from (new for new, _ in layers)


def by_brute_force(problem: Problem) -> float:
    verdicts = (score_routes(problem, deal) for deal in every_deal(problem))
    return min((verdict.cost for verdict in verdicts if verdict.feasible), default=math.inf)


def plain(problem: Problem) -> Problem:
    """The same problem without breaks, so that the earliest times are the best times."""
    return replace(problem, crews=tuple(replace(crew, breaks=()) for crew in problem.crews))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_model_finds_what_brute_force_finds(seed: int):
    problem = plain(mixed_problem(seed, jobs=random.Random(seed).randint(1, 4), crews=2))
    plan = solve_exact(problem, 20)
    assert plan is not None
    best = by_brute_force(problem)
    if math.isinf(best):
        assert plan.status == "infeasible"
        return
    assert plan.status == "optimal"
    assert plan.cost == pytest.approx(best)
    assert judge(problem, plan).feasible


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_with_breaks_the_model_is_never_worse_than_hand_timed_plans(seed: int):
    problem = mixed_problem(seed, jobs=3, crews=2)
    plan = solve_exact(problem, 20)
    assert plan is not None
    best = by_brute_force(problem)
    if plan.status == "infeasible":
        assert math.isinf(best)
        return
    assert judge(problem, plan).feasible
    assert plan.cost <= best + 1e-6


def linear_problem(seed: int, jobs: int, crews: int) -> Problem:
    """Of the kind that the subset method takes, with all that may vary in it."""
    problem = mixed_problem(seed, jobs=jobs, crews=crews)
    rng = random.Random(seed)
    simple = tuple(
        Job(
            id=job.id,
            location=job.location,
            service_s=job.service_s,
            skills=job.skills,
            load=job.load,
            cost_per_s=job.cost_per_s,
            cost_from_s=job.cost_from_s,
            drop_cost=job.drop_cost,
        )
        for job in problem.jobs
    )
    free = tuple(replace(crew, breaks=(), shift=None) for crew in problem.crews)
    if rng.random() < 0.4:
        free = tuple(replace(free[0], id=crew.id) for crew in free)
    return replace(problem, jobs=simple, crews=free, blocks=(), unserved_at_s=None)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_subsets_and_model_agree(seed: int):
    problem = linear_problem(seed, jobs=5, crews=3)
    assert fits_subsets(problem)
    found, model = solve_subsets(problem), Model(problem).solve(20, None, seed=1)
    assert model is not None
    if found is None:
        assert model.status == "infeasible"
        return
    assert found.cost == pytest.approx(model.cost)
    assert judge(problem, found).feasible


def test_what_cannot_be_served_is_infeasible():
    problem = Problem(
        travel=Travel(durations_s=np.zeros((1, 1), np.int64)),
        jobs=(Job(id="A", location=0, windows=((-10, -5),)),),
        crews=(Crew(id="K", start=(0,)),),
    )
    plan = solve_exact(problem, 5)
    assert plan is not None
    assert plan.status == "infeasible"


def test_jobs_at_one_place_do_not_make_a_circle_of_their_own():
    jobs = tuple(Job(id=name, location=1, cost_per_s=1, windows=((0, 50),)) for name in "AB")
    problem = Problem(
        travel=Travel(durations_s=np.array([[0, 30], [30, 0]])),
        jobs=jobs,
        crews=(Crew(id="K", start=(0,), fixed_cost=9),),
    )
    plan = solve_exact(problem, 5)
    assert plan is not None
    assert plan.cost == 69


def test_large_problems_are_refused():
    assert solve_exact(replace(mixed_problem(1, jobs=40, crews=4), max_crews=None), 0.1) is None


@pytest.mark.parametrize("name", ["mtrp-10-01-k3-weighted", "mtrp-10-05-k2-weighted"])
def test_published_small_problems_are_proven(shared: Path, name: str):
    problem = read_problem(shared / "bench" / "problems" / f"{name}.json")
    plan = solve_exact(problem, 1.5)
    assert plan is not None
    assert plan.status == "optimal"
    assert plan.cost == {"mtrp-10-01-k3-weighted": 270680, "mtrp-10-05-k2-weighted": 176299}[name]


@pytest.mark.parametrize("seed", [1000012, 1000094])
def test_a_plan_of_small_coupled_routes_is_proven_by_finding_none_that_is_cheaper(seed: int) -> None:
    problem = mixed_problem(seed, jobs=5 + seed % 8, crews=2 + seed % 3, hard=seed % 3 == 0)
    plan = solve(problem, work=20_000, processes=1)
    answer = solve_exact(problem, upper=plan.cost, work=2.0)
    assert answer is not None
    assert (answer.bound, answer.routes) == (plan.cost, ())
    dearer = solve_exact(problem, upper=plan.cost + 1, work=2.0)
    assert dearer is not None
    assert dearer.bound == plan.cost
