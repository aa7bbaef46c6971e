from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem, random_sequences
from dispatch.ground.plan import Plan
from dispatch.ground.problem import After, Crew, Job, Problem, Travel
from dispatch.ground.verdict import Verdict
from dispatch.judge.check import judge
from dispatch.judge.explain import explain
from dispatch.judge.findings import Change, Help
from dispatch.judge.helps import changed, what_would_help
from dispatch.judge.timing import plan_of, score_routes

LINE = Travel(xy=np.array([[600.0 * at, 0.0] for at in range(6)]))
SHIFT = (0, 3600)
B = Job(id="B", location=2, service_s=600, cost_per_s=1)


def helps(
    job: Job, *crews: Crew, routes: dict[str, list[str]] | None = None, **more: int
) -> tuple[Help, ...]:
    problem = Problem(travel=LINE, jobs=(job, B), crews=crews, max_crews=more.get("max_crews"))
    return what_would_help(problem, plan_of(problem, routes or {"K": ["B"]}), job.id)


@pytest.mark.parametrize(
    ("job", "crew", "change"),
    [
        (
            Job(id="A", location=1, skills=frozenset({"hv"})),
            Crew(id="K", start=(0,)),
            Change(kind="skill", crew="K", amount=1, what="hv"),
        ),
        (
            Job(id="A", location=1, load={"pole": 3}),
            Crew(id="K", start=(0,), capacity={"pole": 1}),
            Change(kind="stock", crew="K", amount=2, what="pole"),
        ),
        (
            Job(id="A", location=5, service_s=600),
            Crew(id="K", start=(0,), shift=SHIFT),
            Change(kind="overtime", crew="K", amount=600),
        ),
        (
            Job(id="A", location=5, windows=((0, 2910),)),
            Crew(id="K", start=(0,)),
            Change(kind="window_later", crew=None, amount=720),  # behind B at 3600, in whole minutes
        ),
        (
            Job(id="A", location=5, windows=((4000, 4100),)),
            Crew(id="K", start=(0,), shift=SHIFT),
            Change(kind="overtime", crew="K", amount=420),  # 4000 less 3600, in whole minutes
        ),
    ],
)
def test_the_one_thing_that_is_in_the_way_is_named_with_how_much(
    job: Job, crew: Crew, change: Change
) -> None:
    job = replace(job, drop_cost=10)
    found = helps(job, crew)
    assert found[0].changes == (change,)


def test_a_window_that_opens_after_the_shift_could_open_earlier() -> None:
    job = Job(id="A", location=5, windows=((4000, 4100),), drop_cost=10)
    found = helps(job, Crew(id="K", start=(0,), shift=SHIFT))
    assert Change(kind="window_earlier", crew=None, amount=420) in {each.changes[0] for each in found}


def test_a_job_that_is_only_dearer_needs_no_change_and_has_its_price() -> None:
    job = Job(id="A", location=4, service_s=600, cost_per_s=1, drop_cost=1000)
    (found,) = helps(job, Crew(id="K", start=(0,)))
    assert (found.changes, found.price) == ((), 2600)
    assert "Nothing has to change for crew K" in found.text.en


def test_one_more_crew_is_asked_for_where_only_so_many_may_be_used() -> None:
    job = Job(id="A", location=1, service_s=2400, drop_cost=5)
    crews = (Crew(id="K", start=(0,), shift=SHIFT), Crew(id="L", start=(0,), shift=SHIFT))
    found = helps(job, *crews, max_crews=1)
    assert {each.changes for each in found} >= {(Change(kind="crews", crew=None, amount=1),)}


def test_nothing_helps_a_job_whose_forerunner_is_left_out() -> None:
    job = Job(id="A", location=1, drop_cost=5, after=(After(job="B"),))
    assert helps(job, Crew(id="K", start=(0,)), routes={"K": []}) == ()


def test_a_job_for_two_crews_names_both() -> None:
    job = Job(id="A", location=1, skills=frozenset({"hv"}), crews_needed=2, drop_cost=5)
    found = helps(job, Crew(id="K", start=(0,)), Crew(id="L", start=(0,), skills=frozenset({"hv"})))
    assert found[0].changes == (Change(kind="skill", crew="K", amount=1, what="hv"),)
    assert sorted(found[0].crews) == ["K", "L"]


def test_the_answer_is_told_in_both_languages_and_as_data() -> None:
    job = Job(id="A", location=5, service_s=600, drop_cost=10)
    problem = Problem(travel=LINE, jobs=(job, B), crews=(Crew(id="K", start=(0,), shift=SHIFT),))
    told = explain(problem, plan_of(problem, {"K": ["B"]}), "A")
    assert "crew K could work 10 min longer" in told.text()
    assert "班组 K 可多工作 10" in told.text("zh")
    assert json.loads(json.dumps(told.to_dict()))["helps"][0]["changes"][0]["kind"] == "overtime"


def as_changed(problem: Problem, job: str, routes: dict[str, list[str]], answer: Help) -> Verdict:
    other = changed(problem, job, answer.changes)
    return score_routes(other, {**routes, **{crew: list(jobs) for crew, jobs in answer.routes.items()}})


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), hard=st.booleans())
def test_each_answer_gets_the_job_in_at_its_price_and_breaks_nothing(seed: int, hard: bool) -> None:
    problem = replace(mixed_problem(seed, jobs=7, crews=3, hard=hard), previous=(), change_cost=0)
    routes = random_sequences(problem, seed)
    plan = plan_of(problem, routes)
    before = judge(problem, plan)
    known = {(v.code, v.job, v.crew) for v in before.violations}
    for left in plan.dropped:
        found = what_would_help(problem, plan, left.job)
        assert [(len(each.changes), each.price) for each in found] == sorted(
            (len(each.changes), each.price) for each in found
        )
        for answer in found:
            after = as_changed(problem, left.job, routes, answer)
            assert all(left.job in jobs for jobs in answer.routes.values())
            assert {(v.code, v.job, v.crew) for v in after.violations} <= known
            assert after.cost - before.cost == pytest.approx(answer.price)


def single_changes(problem: Problem, job: Job, crew: Crew) -> Iterator[Change]:
    if missing := sorted(job.skills - crew.skills):
        yield Change(kind="skill", crew=crew.id, amount=len(missing), what=", ".join(missing))
    for what in job.load:
        if what in crew.capacity:
            yield from (Change(kind="stock", crew=crew.id, amount=more, what=what) for more in range(1, 13))
    for minutes in range(1, 40):
        if crew.shift:
            yield Change(kind="overtime", crew=crew.id, amount=60 * minutes)
        if job.windows:
            yield Change(kind="window_later", crew=None, amount=60 * minutes)
            yield Change(kind="window_earlier", crew=None, amount=60 * minutes)
    if problem.max_crews is not None:
        yield Change(kind="crews", crew=None, amount=1)


def tried_all(problem: Problem, plan: Plan, job: Job, routes: dict[str, list[str]]) -> dict[str, float]:
    """The least price of each single change, by trying every amount at every place."""
    before = judge(problem, plan)
    best: dict[str, float] = {}
    for crew in problem.crews:
        for change in (None, *single_changes(problem, job, crew)):
            other = problem if change is None else changed(problem, job.id, [change])
            for at in range(len(crew.committed), len(routes[crew.id]) + 1):
                sequence = [*routes[crew.id][:at], job.id, *routes[crew.id][at:]]
                after = score_routes(other, {**routes, crew.id: sequence})
                if after.feasible:
                    kind = "none" if change is None else change.kind
                    best[kind] = min(best.get(kind, np.inf), after.cost - before.cost)
    return best


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_no_single_change_at_any_place_is_cheaper_than_the_first_answer(seed: int) -> None:
    problem = mixed_problem(seed, jobs=5, crews=2, hard=False)
    jobs = tuple(replace(job, crews_needed=1, drop_cost=50) for job in problem.jobs)
    problem = replace(problem, jobs=jobs, previous=(), change_cost=0)
    routes = random_sequences(problem, seed)
    plan = plan_of(problem, routes)
    if judge(problem, plan).violations:
        return
    for left in plan.dropped:
        least = tried_all(problem, plan, problem.job_by_id[left.job], routes)
        found = what_would_help(problem, plan, left.job)
        if "none" in least:
            assert found[0].changes == ()
            assert found[0].price == pytest.approx(least["none"])
        elif least:
            assert len(found[0].changes) == 1
            assert found[0].price == pytest.approx(min(least.values()))


def test_a_left_out_job_of_a_large_plan_is_answered_within_a_second() -> None:
    rng = np.random.default_rng(1)
    places = Travel(xy=rng.integers(0, 9000, (460, 2)).astype(float))
    jobs = [Job(id=f"J{at}", location=at, service_s=1800, cost_per_s=1, drop_cost=1e6) for at in range(420)]
    jobs[0] = replace(jobs[0], skills=frozenset({"hv"}), windows=((0, 600),))
    crews = tuple(Crew(id=f"C{at}", start=(420 + at,), shift=(0, 36000)) for at in range(40))
    problem = Problem(travel=places, jobs=tuple(jobs), crews=crews)
    routes = {f"C{at}": [f"J{job}" for job in range(1 + at, 420, 40)] for at in range(40)}
    plan = plan_of(problem, routes)
    began_s = time.process_time()
    assert what_would_help(problem, plan, "J0")
    assert time.process_time() - began_s < 1
