from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem, random_sequences
from dispatch.ground.plan import Plan
from dispatch.ground.problem import After, Block, Crew, Job, Problem, Travel
from dispatch.judge.check import judge
from dispatch.judge.explain import explain, reasons_for_dropped, who_could_take
from dispatch.judge.findings import CODES
from dispatch.judge.timing import plan_of, score_routes
from dispatch.judge.trials import Scene

LINE = Travel(xy=np.array([[600.0 * at, 0.0] for at in range(6)]))
SHIFT = (0, 3600)


def problem(job: Job, *crews: Crew, **more: object) -> Problem:
    others = (Job(id="B", location=2, service_s=600, cost_per_s=1, finish_by_s=1900),)
    return Problem(travel=LINE, jobs=(job, *others), crews=crews, **more)  # type: ignore[arg-type]


def reason(
    job: Job, crew: Crew, routes: dict[str, list[str]] | None = None, **more: object
) -> tuple[str, float]:
    given_problem = problem(job, crew, **more)
    answer = explain(given_problem, plan_of(given_problem, routes or {"K": ["B"]}), job.id)
    assert answer.status == "left_out"
    (finding,) = answer.findings
    assert finding.code in CODES
    return finding.code, finding.amount


@pytest.mark.parametrize(
    ("job", "crew", "code", "amount"),
    [
        (Job(id="A", location=1, skills=frozenset({"hv"})), Crew(id="K", start=(0,)), "skill", 1),
        (
            Job(id="A", location=1, load={"pole": 3}),
            Crew(id="K", start=(0,), capacity={"pole": 1}),
            "stock",
            2,
        ),
        (Job(id="A", location=5), Crew(id="K", start=(0,), shift=(0, 2000)), "unreachable", 1000),
        (Job(id="A", location=5, service_s=700), Crew(id="K", start=(0,), shift=SHIFT), "shift", 100),
        (Job(id="A", location=5, windows=((0, 2900),)), Crew(id="K", start=(0,), shift=SHIFT), "window", 100),
        (Job(id="A", location=4, service_s=700), Crew(id="K", start=(0,), shift=SHIFT), "shift", 100),
        (
            Job(id="A", location=4, service_s=600, cost_per_s=1, drop_cost=1000),
            Crew(id="K", start=(0,)),
            "cheaper_left_out",
            2600,
        ),
        (
            Job(id="A", location=1, cost_per_s=1, drop_cost=9000),
            Crew(id="K", start=(0,)),
            "cheaper_served",
            8400,
        ),
    ],
)
def test_each_reason_for_leaving_a_job_out_is_named_with_its_amount(job, crew, code, amount):
    job = replace(job, drop_cost=job.drop_cost if job.drop_cost is not None else 10)
    assert reason(job, crew) == (code, amount)


def test_a_job_whose_forerunner_is_left_out_says_so():
    job = Job(id="A", location=1, drop_cost=5, after=(After(job="B"),))
    given_problem = problem(job, Crew(id="K", start=(0,)))
    answer = explain(given_problem, plan_of(given_problem, {}), "A")
    assert answer.findings[0].code == "after"


def test_crews_that_may_not_be_used_are_named():
    job = Job(id="A", location=1, drop_cost=5)
    crews = (Crew(id="K", start=(0,), shift=(0, 1800)), Crew(id="L", start=(0,)))
    given_problem = problem(replace(job, service_s=900), *crews, max_crews=1)
    answer = explain(given_problem, plan_of(given_problem, {"K": ["B"]}), "A")
    assert {finding.crew: finding.code for finding in answer.findings} == {"K": "shift", "L": "max_crews"}


def test_a_served_job_names_the_next_best_crew_and_its_price():
    job = Job(id="A", location=1, cost_per_s=2)
    crews = (Crew(id="K", start=(0,)), Crew(id="L", start=(5,)), Crew(id="M", start=(3,)))
    given_problem = problem(job, *crews)
    answer = explain(given_problem, plan_of(given_problem, {"K": ["A"], "L": ["B"]}), "A")
    assert answer.status == "served"
    assert [(finding.crew, finding.code) for finding in answer.findings] == [
        ("M", "costs_more"),
        ("L", "costs_more"),
    ]
    assert answer.findings[0].amount == 2 * 1200 - 2 * 600
    assert "next best is crew M" in answer.text()
    assert "班组 M" in answer.text("zh")


def test_a_promise_that_another_crew_would_delay_is_named():
    job = Job(id="A", location=1, service_s=300)
    given_problem = problem(job, Crew(id="K", start=(0,)), Crew(id="L", start=(0,)))
    answer = explain(given_problem, plan_of(given_problem, {"K": ["A"], "L": ["B"]}), "A")
    assert "A" not in answer.findings[0].text.en.split("delayed")[-1]
    (finding,) = answer.findings
    assert finding.crew == "L"


def test_exchanging_two_jobs_costs_what_the_judge_says():
    job = Job(id="A", location=1, cost_per_s=5)
    given_problem = problem(job, Crew(id="K", start=(0,)))
    plan = plan_of(given_problem, {"K": ["A", "B"]})
    answer = explain(given_problem, plan, "A", "B")
    assert answer.status == "exchange"
    other = score_routes(given_problem, {"K": ["B", "A"]})
    assert answer.findings[0].amount == pytest.approx(other.cost - plan.cost)


def test_an_unknown_job_is_an_error():
    given_problem = problem(Job(id="A", location=1), Crew(id="K", start=(0,)))
    with pytest.raises(KeyError):
        explain(given_problem, plan_of(given_problem, {}), "Q")


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_trials_cost_what_the_judge_says_and_answers_are_json(seed: int):
    given_problem = mixed_problem(seed, jobs=6, crews=3)
    plan = plan_of(given_problem, random_sequences(given_problem, seed))
    for job in given_problem.jobs:
        answer = explain(given_problem, plan, job.id)
        assert json.loads(json.dumps(answer.to_dict(), allow_nan=False))["job"] == job.id
        assert answer.text("en")
        assert answer.text("zh")
        assert all(finding.code in CODES for finding in answer.findings)
    scene = Scene(given_problem, plan)
    sound = Plan(status="feasible", cost=0, routes=tuple(scene.timed.values()))
    before = judge(given_problem, sound).cost
    for job in given_problem.jobs:
        if job.id in scene.crew_of:
            continue
        for crew in given_problem.crews:
            for trial in scene.insertions(job, crew):
                routes = {name: list(jobs) for name, jobs in scene.routes.items()}
                routes[crew.id].insert(trial.position, job.id)
                after = score_routes(given_problem, routes, scene.starts)
                assert trial.added_cost == pytest.approx(after.cost - before + (job.drop_cost or 0))


def test_every_dropped_job_has_a_reason():
    given_problem = mixed_problem(3, jobs=8, crews=2)
    plan = plan_of(given_problem, {})
    dropped = reasons_for_dropped(given_problem, plan)
    assert [entry.job for entry in dropped] == [job.id for job in given_problem.jobs]
    assert all(entry.reasons for entry in dropped)


def big_day() -> tuple[Problem, Plan]:
    rng = np.random.default_rng(1)
    jobs = tuple(
        Job(id=f"J{at}", location=at, service_s=600, cost_per_s=1, finish_by_s=20000) for at in range(1001)
    )
    crews = tuple(Crew(id=f"C{at}", start=(at,)) for at in range(100))
    blocks = (Block(id="X", cost_per_s=5, restored_by=(("J1000", "J3"),)),)
    travel = Travel(durations_s=rng.integers(60, 3600, (1001, 1001)))
    given_problem = Problem(travel=travel, jobs=jobs, crews=crews, blocks=blocks, unserved_at_s=99999)
    routes = {crew.id: [job.id for job in jobs[at:1000:100]] for at, crew in enumerate(crews)}
    return given_problem, plan_of(given_problem, routes)


def test_the_best_three_crews_for_an_urgent_job_are_found_quickly():
    given_problem, plan = big_day()
    who_could_take(given_problem, plan, "J1000")
    began = time.process_time()
    found = who_could_take(given_problem, plan, "J1000")
    assert time.process_time() - began < 1
    assert len(found) == 3
    assert found[0].added_cost <= found[1].added_cost <= found[2].added_cost
