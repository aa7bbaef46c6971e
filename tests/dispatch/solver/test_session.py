"""Moments of a day, cut out of the day's arrays, against the same moments as problems of their own."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from dispatch.ground.problem import After, Block, Crew, Job, Problem, Travel
from dispatch.judge.check import judge
from dispatch.planning.replan import Moment, priced
from dispatch.solver import session
from dispatch.solver.budget import Budget
from dispatch.solver.kernels.arrays import build
from dispatch.solver.kernels.listing import list_routes
from dispatch.solver.search import timetable
from dispatch.solver.session import Session, better_start, few_moves
from dispatch.solver.starts import repair


def random_day(seed: int) -> Problem:
    """Twelve repairs, some behind a patrol, some spared by a switching; three crews of two trades."""
    random = np.random.default_rng(seed)
    jobs, blocks = [], []
    for n in range(12):
        skills = frozenset({"cable"} if n % 4 == 0 else {"line"})
        patrol = n % 3 == 0
        if patrol:
            jobs.append(Job(id=f"F{n}/patrol", location=n, service_s=900, drop_cost=0))
        after = (After(job=f"F{n}/patrol"),) if patrol else ()
        repair = Job(
            id=f"F{n}/repair",
            location=n,
            service_s=int(random.integers(600, 9000)),
            skills=skills,
            after=after,
            drop_cost=500,
            finish_by_s=14_400,
            late_finish_cost_per_s=0.01,
        )
        jobs.append(repair)
        ways = [(repair.id,)]
        if n % 5 == 0:
            jobs.append(Job(id=f"S{n}/switching", location=(n + 1) % 12, service_s=600, drop_cost=0))
            ways.append((f"S{n}/switching",))
        blocks.append(
            Block(id=f"B{n}", cost_per_s=float(random.integers(1, 300)) / 60, restored_by=tuple(ways))
        )
    crews = tuple(
        Crew(id=f"C{n}", start=(12,), end=12, shift=(0, 36_000), overtime_s=3600, skills=frozenset(trades))
        for n, trades in enumerate(({"line"}, {"line"}, {"line", "cable"}))
    )
    return Problem(
        travel=Travel(xy=random.random((13, 2)) * 2000),
        jobs=tuple(jobs),
        crews=crews,
        blocks=tuple(blocks),
        unserved_at_s=86_400,
    )


def moment_of(day: Problem, open_jobs: list[int], blocks: list[int]) -> Moment:
    count = len(day.crews)
    return Moment(
        jobs=np.array(open_jobs, np.int64),
        service_s=np.array([job.service_s for job in day.jobs], np.int64),
        moved_s=np.zeros(len(day.jobs), np.int64),
        blocks=np.array(blocks, np.int64),
        crews=np.arange(count),
        place=np.full(count, 12),
        shift_from_s=np.zeros(count, np.int64),
        shift_to_s=np.full(count, 36_000),
        overtime_s=np.full(count, 3600),
        committed=[[] for _ in range(count)],
        unserved_s=86_400,
    )


def named(day: Problem, routes: dict[int, list[int]]) -> dict[str, list[str]]:
    return {day.crews[c].id: [day.jobs[j].id for j in route] for c, route in routes.items()}


@pytest.mark.parametrize("seed", range(6))
def test_a_session_finds_a_plan_without_faults_no_worse_than_the_list(seed: int) -> None:
    day = random_day(seed)
    everything = moment_of(day, list(range(len(day.jobs))), list(range(len(day.blocks))))
    found = Session(day).plan(everything, {}, work=30, seed=1)
    assert found is not None
    plan = priced(day, named(day, found))
    assert judge(day, plan).violations == ()
    table, count = list_routes(build(day)[0])
    listed = {c: table[c, : count[c]].tolist() for c in range(len(day.crews))}
    assert plan.cost <= priced(day, named(day, listed)).cost + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_a_moment_with_half_of_the_day_is_planned_as_that_half(seed: int) -> None:
    day = random_day(seed)
    mine = [n for n, job in enumerate(day.jobs) if int(job.id.split("/")[0][1:]) < 6]
    half = Problem(
        travel=day.travel,
        jobs=tuple(day.jobs[n] for n in mine),
        crews=day.crews,
        blocks=day.blocks[:6],
        unserved_at_s=86_400,
    )
    kept = Session(day)
    found = kept.plan(moment_of(day, mine, list(range(6))), {}, work=30, seed=1)
    assert found is not None
    plan = priced(half, named(day, found))
    assert judge(half, plan).violations == ()
    told = {day.jobs[job].id: finish for job, finish in kept.finish_s.items()}
    for route in plan.routes:
        for visit in route.visits:
            assert told[visit.job] == visit.finish_s


def test_the_same_calls_give_the_same_plans() -> None:
    day = random_day(3)
    moment = moment_of(day, list(range(len(day.jobs))), list(range(len(day.blocks))))
    first = Session(day).plan(moment, {}, work=50, seed=7)
    assert first == Session(day).plan(moment, {}, work=50, seed=7)


def test_a_plan_in_force_that_is_better_than_the_list_is_gone_on_from() -> None:
    day = random_day(1)
    moment = moment_of(day, list(range(len(day.jobs))), list(range(len(day.blocks))))
    found = Session(day).plan(moment, {}, work=400, seed=1)
    assert found is not None
    routes = [named(day, found)[crew.id] for crew in day.crews]
    start = better_start(day, routes)
    kept = priced(day, dict(zip((crew.id for crew in day.crews), start, strict=True)))
    assert kept.cost <= priced(day, named(day, found)).cost + 1e-6


def crews_changed(before: list[list[str]], after: list[list[str]]) -> int:
    """How many jobs of a plan have another crew now, or none."""
    crew_of = {job: at for at, jobs in enumerate(after) for job in jobs}
    return sum(crew_of.get(job) != at for at, jobs in enumerate(before) for job in jobs)


def dealt_out(day: Problem, but: str) -> list[list[str]]:
    """A poor plan: every outage to the crew whose turn it is, in the order of their numbers."""
    routes: list[list[str]] = [[] for _ in day.crews]
    for job in day.jobs:
        if not job.id.startswith(("S", but)):
            routes[-1 if "cable" in job.skills else int(job.id[1 : job.id.index("/")]) % 3].append(job.id)
    return routes


@pytest.mark.parametrize("seed", range(3))
def test_the_dearer_a_move_the_fewer_visits_move_and_what_is_new_is_served(seed: int) -> None:
    day = random_day(seed)
    planned = dealt_out(day, but="F11/")
    moved, costs = [], []
    for price in (1e-6, 0.02, 1e6):
        budget = Budget(began=0.0, seconds=None, work=300)
        found = few_moves(day, planned, budget, seed=1, move_price=price, given_up=math.inf)
        assert found is not None
        plan = priced(day, {crew.id: jobs for crew, jobs in zip(day.crews, found, strict=True)})
        assert not judge(day, plan).violations
        assert any("F11/repair" in jobs for jobs in found)
        moved.append(crews_changed(planned, found))
        costs.append(plan.cost)
    assert moved[0] > moved[2] == 0
    assert moved[0] >= moved[1]
    assert costs[0] < costs[2]


def test_a_plan_in_force_that_costs_too_much_is_given_up_whatever_moves_cost() -> None:
    day = random_day(0)
    planned = dealt_out(day, but="F11/")
    budget = Budget(began=0.0, seconds=None, work=300)
    kept = few_moves(day, planned, budget, seed=1, move_price=1e6, given_up=math.inf)
    budget = Budget(began=0.0, seconds=None, work=300)
    given_up = few_moves(day, planned, budget, seed=1, move_price=1e6)
    assert crews_changed(planned, kept) == 0 < crews_changed(planned, given_up)
    cost = [
        priced(day, {crew.id: jobs for crew, jobs in zip(day.crews, routes, strict=True)}).cost
        for routes in (kept, given_up)
    ]
    assert cost[1] < 0.99 * cost[0]


def test_who_waits_ends_the_search_for_a_free_plan_as_well() -> None:
    day = random_day(0)
    budget = Budget(began=time.monotonic(), seconds=40.0, work=None)
    assert few_moves(day, dealt_out(day, but="F11/"), budget, seed=1, move_price=1e-6, stop=lambda: True)
    # A quarter of the time is the free plan's; nothing of it is waited for.
    assert budget.share < 0.2


def test_a_plan_that_is_nearly_as_good_as_the_free_one_stays() -> None:
    day = random_day(2)
    best = better_start(day, None)
    budget = Budget(began=0.0, seconds=None, work=20)
    found = few_moves(day, best, budget, seed=1, move_price=1e6)
    assert found == best


def test_the_same_work_and_seed_move_the_same_visits() -> None:
    day = random_day(4)
    planned = dealt_out(day, but="F11/")
    first, second = (
        few_moves(day, planned, Budget(began=0.0, seconds=None, work=200), seed=5, move_price=0.001)
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("seed", range(3))
def test_a_danger_does_not_heat_the_search_for_all_that_lies_below_it(seed: int) -> None:
    day = random_day(seed)
    rate = 1e6 * max(job.cost_per_s + 1 for job in day.jobs)
    danger = Job(id="danger", location=0, service_s=60, cost_per_s=rate, drop_cost=rate * 1e6)
    planned = dealt_out(day, but="F11/")
    with_danger = [[*planned[0], "danger"], *planned[1:]]
    means = []
    for problem, routes in ((day, planned), (replace(day, jobs=(*day.jobs, danger)), with_danger)):
        arrays, start = session._of_problem(problem, routes)
        state = session._empty(arrays, seed=1)
        repair.load(arrays, state, *session._table(arrays, start))
        timetable.find_helpers(arrays, state)
        timetable.settle_coupled(arrays, state)
        means.append(repair.mean_cost(arrays, state, session._most_rate(arrays)))
    assert means[1] == pytest.approx(means[0], rel=0.5)


def test_no_work_at_all_ends_at_once() -> None:
    day = random_day(0)
    planned = dealt_out(day, but="F11/")
    assert few_moves(day, planned, Budget(began=0.0, seconds=None, work=0), seed=1, move_price=0.002)
