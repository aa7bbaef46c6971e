from __future__ import annotations

import importlib.util
import random
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem, random_sequences
from dispatch.files.plan_files import plan_to_dict
from dispatch.files.problem_files import problem_to_dict
from dispatch.ground.plan import Plan, Rest, Route, Visit
from dispatch.ground.problem import After, Block, Break, Costs, Crew, Job, Previous, Problem, Travel
from dispatch.judge.check import CODES, judge
from dispatch.judge.timing import plan_of

LINE = Travel(xy=np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [30.0, 0.0]]))


def visit(job: str, arrival: int, start: int | None = None, finish: int | None = None) -> Visit:
    start = arrival if start is None else start
    return Visit(job=job, arrival_s=arrival, start_s=start, finish_s=start if finish is None else finish)


def plan(*routes: Route) -> Plan:
    return Plan(status="feasible", cost=0, routes=routes)


def problem(jobs: list[Job] | None = None, crews: list[Crew] | None = None, **more: object) -> Problem:
    jobs = [Job(id="A", location=1, cost_per_s=2)] if jobs is None else jobs
    crews = [Crew(id="K", start=(0,))] if crews is None else crews
    return Problem(travel=LINE, jobs=tuple(jobs), crews=tuple(crews), **more)  # type: ignore[arg-type]


def codes(given_problem: Problem, given_plan: Plan) -> list[str]:
    return [violation.code for violation in judge(given_problem, given_plan).violations]


def only(job_visit: Visit, *more: Visit, breaks: tuple[Rest, ...] = ()) -> Plan:
    return plan(Route(crew="K", start=0, visits=(job_visit, *more), breaks=breaks))


def test_a_sound_plan_has_no_violations_and_its_cost():
    verdict = judge(problem(), only(visit("A", 10)))
    assert verdict.feasible
    assert verdict.cost == 20
    assert verdict.parts["job_time"] == 20


@pytest.mark.parametrize(
    ("given_problem", "given_plan", "code", "amount"),
    [
        (problem(), plan(Route(crew="X", start=0)), "unknown_crew", 1),
        (problem(), only(visit("A", 10), visit("Q", 20)), "unknown_job", 1),
        (problem(), plan(Route(crew="K", start=0), Route(crew="K", start=0)), "two_routes", 1),
        (problem(), plan(Route(crew="K", start=2, visits=(visit("A", 10),))), "start_place", 1),
        (problem(), only(visit("A", 7)), "too_early", 3),
        (problem([Job(id="A", location=1, windows=((15, 20),))]), only(visit("A", 25)), "window", 5),
        (problem([Job(id="A", location=1, service_s=9)]), only(visit("A", 10)), "service_short", 9),
        (problem([Job(id="A", location=1, skills=frozenset({"hv"}))]), only(visit("A", 10)), "skills", 1),
        (
            problem(
                [Job(id="A", location=1, load={"fuse": 3})], [Crew(id="K", start=(0,), capacity={"fuse": 1})]
            ),
            only(visit("A", 10)),
            "capacity",
            2,
        ),
        (problem(crews=[Crew(id="K", start=(0,), end=0, shift=(0, 15))]), only(visit("A", 10)), "shift", 5),
        (problem(max_crews=0), only(visit("A", 10)), "max_crews", 1),
        (problem(), plan(), "not_served", 1),
        (problem([Job(id="A", location=1, crews_needed=2)]), only(visit("A", 10)), "crew_count", 1),
        (
            problem([Job(id="A", location=1), Job(id="B", location=2, after=(After(job="A", lag_s=30),))]),
            only(visit("A", 10), visit("B", 20)),
            "after",
            20,
        ),
        (
            problem(
                [Job(id="A", location=1, drop_cost=5), Job(id="B", location=2, after=(After(job="A"),))],
            ),
            only(visit("B", 20)),
            "after",
            1,
        ),
        (problem(crews=[Crew(id="K", start=(0,), committed=("A",))]), plan(), "committed", 1),
    ],
)
def test_every_broken_rule_is_named_with_its_amount(given_problem, given_plan, code, amount):
    found = [v for v in judge(given_problem, given_plan).violations if v.code == code]
    assert found
    assert found[0].amount == amount
    assert found[0].text
    assert code in CODES


def test_crews_of_one_job_must_start_together():
    two = problem(
        [Job(id="A", location=1, crews_needed=2)], [Crew(id="K", start=(0,)), Crew(id="L", start=(0,))]
    )
    apart = plan(
        Route(crew="K", start=0, visits=(visit("A", 10),)),
        Route(crew="L", start=0, visits=(visit("A", 10, 14, 14),)),
    )
    assert codes(two, apart) == ["not_together"]


REST = Break(window=(5, 30), duration_s=10)


@pytest.mark.parametrize(
    ("rests", "start", "code"),
    [
        ((), 40, "break_missing"),
        ((Rest(start_s=10, duration_s=10),), 40, None),
        ((Rest(start_s=10, duration_s=5),), 40, "break_window"),
        ((Rest(start_s=31, duration_s=10),), 45, "break_window"),
        ((Rest(start_s=5, duration_s=10),), 20, "break_overlap"),
        ((Rest(start_s=15, duration_s=10),), 20, "break_overlap"),
    ],
)
def test_breaks_are_taken_in_their_window_and_not_on_the_road(rests, start, code):
    given_problem = problem(
        [Job(id="A", location=1, service_s=20)], [Crew(id="K", start=(0,), breaks=(REST,))]
    )
    found = codes(given_problem, only(visit("A", 10, start, start + 20), breaks=rests))
    assert found == ([code] if code else [])


def test_distance_is_charged_by_the_metre():
    travel = Travel(
        durations_s=np.zeros((2, 2), np.int64), distances_m=np.array([[0.0, 700.0], [900.0, 0.0]])
    )
    given_problem = Problem(
        travel=travel,
        jobs=(Job(id="A", location=1),),
        crews=(Crew(id="K", start=(0,), end=0),),
        costs=Costs(distance_per_m=0.5),
    )
    assert judge(given_problem, only(visit("A", 0))).parts["distance"] == 800


def test_a_block_is_back_by_its_earliest_way():
    blocks = (Block(id="B", cost_per_s=3, since_s=-10, restored_by=(("A", "C"), ("D",), ("E",))),)
    jobs = [Job(id=name, location=1, drop_cost=0) for name in "ACDE"]
    given_problem = problem(jobs, blocks=blocks, unserved_at_s=500)
    verdict = judge(given_problem, only(visit("A", 10), visit("D", 10, 60, 60), visit("C", 60)))
    assert verdict.blocks[0].restored_s == 60
    assert verdict.parts["block_time"] == 210
    assert judge(given_problem, only(visit("A", 10))).blocks[0].restored_s == 500


def test_a_job_that_changes_its_crew_costs_the_change():
    given_problem = problem(
        crews=[Crew(id="K", start=(0,)), Crew(id="L", start=(0,))],
        previous=(Previous(crew="L", jobs=("A",)),),
        change_cost=70,
    )
    assert judge(given_problem, only(visit("A", 10))).parts["changes"] == 70


@pytest.fixture(scope="module")
def score(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", shared / "bench" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def broken(sound: Plan, rng: random.Random) -> Plan:
    """Shift a visit, swap two, move a break, or lose one."""
    routes = list(sound.routes)
    at = rng.randrange(len(routes))
    visits, rests = list(routes[at].visits), list(routes[at].breaks)
    if visits:
        spoilt = rng.randrange(len(visits))
        shift = rng.choice([-30, -1, 1, 25])
        visits[spoilt] = replace(visits[spoilt], start_s=visits[spoilt].start_s + shift)
    if rng.random() < 0.3:
        rng.shuffle(visits)
    if rests and rng.random() < 0.5:
        rests[0] = replace(rests[0], start_s=rests[0].start_s + rng.randint(-40, 40))
    if rests and rng.random() < 0.2:
        rests.pop()
    routes[at] = replace(routes[at], visits=tuple(visits), breaks=tuple(rests))
    return replace(sound, routes=tuple(routes))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_judge_agrees_with_the_independent_scorer(score: ModuleType, seed: int):
    rng = random.Random(seed)
    given_problem = mixed_problem(seed, jobs=rng.randint(1, 9), crews=rng.randint(1, 3))
    given_plan = plan_of(given_problem, random_sequences(given_problem, seed))
    if rng.random() < 0.5:
        given_plan = broken(given_plan, rng)
    verdict = judge(given_problem, given_plan)
    cost, parts, bad = score.score(problem_to_dict(given_problem), plan_to_dict(given_plan))
    assert verdict.cost == pytest.approx(cost, abs=1e-6)
    # A scorer may leave out what its problems do not price.
    assert {name: value for name, value in verdict.parts.items() if name in parts} == pytest.approx(parts)
    assert set(verdict.parts) - set(parts) <= {"distance"}
    stricter = {"break_overlap", "committed"}
    mine = [violation for violation in verdict.violations if violation.code not in stricter]
    assert bool(mine) == bool(bad), (mine, bad)
