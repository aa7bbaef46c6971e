from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem, random_sequences
from dispatch.ground.problem import After, Break, Crew, Job, Problem, Travel
from dispatch.judge.check import judge
from dispatch.judge.timing import plan_of, score_routes, timed

LINE = Travel(xy=np.array([[10.0 * at, 0.0] for at in range(6)]))
# what no timing can put right: it is the sequence, not the times, that breaks these rules
OF_SEQUENCE = {
    "unknown_crew",
    "unknown_job",
    "committed",
    "skills",
    "capacity",
    "not_served",
    "crew_count",
    "max_crews",
    "after",
    "not_together",
    "shift",
    "window",
    "break_window",
}


def problem(jobs: list[Job], crews: list[Crew] | None = None) -> Problem:
    return Problem(travel=LINE, jobs=tuple(jobs), crews=tuple(crews or [Crew(id="K", start=(0,))]))


def starts(given_problem: Problem, routes: dict[str, list[str]]) -> dict[str, int]:
    return {v.job: v.start_s for route in timed(given_problem, routes) for v in route.visits}


def test_a_crew_drives_on_as_soon_as_it_is_free():
    given_problem = problem([Job(id="A", location=1, service_s=5), Job(id="B", location=3)])
    assert starts(given_problem, {"K": ["A", "B"]}) == {"A": 10, "B": 35}


def test_work_waits_for_its_window():
    given_problem = problem([Job(id="A", location=1, windows=((0, 5), (40, 50)))])
    assert starts(given_problem, {"K": ["A"]}) == {"A": 40}


def test_a_window_that_is_missed_is_not_waited_for():
    given_problem = problem([Job(id="A", location=1, windows=((0, 5),))])
    assert starts(given_problem, {"K": ["A"]}) == {"A": 10}


def test_a_job_waits_for_the_one_it_comes_after_on_another_route():
    jobs = [Job(id="A", location=5, service_s=7), Job(id="B", location=1, after=(After(job="A", lag_s=3),))]
    crews = [Crew(id="K", start=(0,)), Crew(id="L", start=(0,))]
    assert starts(problem(jobs, crews), {"K": ["B"], "L": ["A"]})["B"] == 60


def test_crews_of_one_job_meet():
    jobs = [Job(id="A", location=1, crews_needed=2), Job(id="B", location=3)]
    crews = [Crew(id="K", start=(0,)), Crew(id="L", start=(5,))]
    routes = timed(problem(jobs, crews), {"K": ["A"], "L": ["B", "A"]})
    assert [v.start_s for route in routes for v in route.visits if v.job == "A"] == [40, 40]


def test_waits_that_block_each_other_end():
    jobs = [Job(id="A", location=1, crews_needed=2), Job(id="B", location=3, crews_needed=2)]
    crews = [Crew(id="K", start=(0,)), Crew(id="L", start=(5,))]
    verdict = score_routes(problem(jobs, crews), {"K": ["A", "B"], "L": ["B", "A"]})
    assert {violation.code for violation in verdict.violations} == {"not_together"}


@pytest.mark.parametrize(
    ("window", "at", "rest_at"),
    [((0, 30), 20, 10), ((12, 30), 22, 12), ((0, 8), 20, 0), ((500, 600), 10, None)],
)
def test_a_due_break_is_taken_on_site_or_before_the_drive(window, at, rest_at):
    crew = Crew(id="K", start=(0,), breaks=(Break(window=window, duration_s=10),))
    given_problem = problem([Job(id="A", location=1, service_s=40)], [crew])
    (route,) = timed(given_problem, {"K": ["A"]})
    assert route.visits[0].start_s == at
    assert [rest.start_s for rest in route.breaks] == ([] if rest_at is None else [rest_at])
    assert judge(given_problem, plan_of(given_problem, {"K": ["A"]})).feasible


def test_a_break_that_costs_no_time_is_taken_while_waiting():
    crew = Crew(id="K", start=(0,), breaks=(Break(window=(0, 300), duration_s=20),))
    jobs = [Job(id="A", location=1, windows=((50, 60),)), Job(id="B", location=2, service_s=400)]
    (route,) = timed(problem(jobs, [crew]), {"K": ["A", "B"]})
    assert [visit.start_s for visit in route.visits] == [50, 60]
    assert route.breaks[0].start_s == 10


def test_the_nearest_start_is_taken_unless_one_is_given():
    given_problem = problem([Job(id="A", location=4)], [Crew(id="K", start=(0, 5))])
    assert timed(given_problem, {"K": ["A"]})[0].start == 5
    assert timed(given_problem, {"K": ["A"]}, {"K": 0})[0].visits[0].start_s == 40


def test_unknown_jobs_and_crews_are_kept_for_the_judge_to_name():
    given_problem = problem([Job(id="A", location=1)])
    found = score_routes(given_problem, {"K": ["A", "Q"], "X": ["A"]}).violations
    assert {violation.code for violation in found} == {"unknown_job", "unknown_crew"}


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_timing_itself_never_breaks_a_rule(seed: int):
    given_problem = mixed_problem(seed, jobs=7, crews=3)
    plan = plan_of(given_problem, random_sequences(given_problem, seed))
    assert {violation.code for violation in judge(given_problem, plan).violations} <= OF_SEQUENCE


def test_a_thousand_jobs_are_timed_and_judged_quickly():
    rng = np.random.default_rng(1)
    jobs = tuple(Job(id=f"J{at}", location=at, service_s=600, cost_per_s=1) for at in range(1000))
    crews = tuple(Crew(id=f"C{at}", start=(0,)) for at in range(100))
    given_problem = Problem(travel=Travel(xy=rng.uniform(0, 3600, (1000, 2))), jobs=jobs, crews=crews)
    routes = {crew.id: [job.id for job in jobs[at::100]] for at, crew in enumerate(crews)}
    began = time.process_time()
    assert score_routes(given_problem, routes).feasible
    assert time.process_time() - began < 0.2
