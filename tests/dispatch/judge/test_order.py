from __future__ import annotations

import numpy as np
import pytest

from dispatch.ground.problem import After, Crew, Job, Problem, Travel
from dispatch.judge.order import put_earlier
from dispatch.judge.timing import plan_of, score_routes

LINE = Travel(xy=np.array([[600.0 * at, 0.0] for at in range(6)]))
KIND = {"A": "one", "A2": "one", "B": "two", "B2": "two", "C": "three"}


def problem(*jobs: Job) -> Problem:
    return Problem(travel=LINE, jobs=jobs, crews=(Crew(id="K", start=(0,), shift=(0, 100_000)),))


def belongs(job: str) -> str:
    return KIND[job]


def test_what_an_earlier_place_costs_is_what_the_judge_says() -> None:
    given = problem(
        Job(id="A", location=1, service_s=600, cost_per_s=5),
        Job(id="B", location=2, service_s=600, cost_per_s=1),
    )
    plan = plan_of(given, {"K": ["A", "B"]})
    (found,) = put_earlier(given, plan, "B", belongs)
    other = score_routes(given, {"K": ["B", "A"]})
    assert (found.crew, found.before) == ("K", "A")
    assert found.more == pytest.approx(other.cost - plan.cost)
    assert sum(found.parts.values()) == pytest.approx(found.more)
    assert found.gained_s == 600


def test_the_first_work_of_a_crew_has_nothing_before_it() -> None:
    given = problem(Job(id="A", location=1), Job(id="B", location=2))
    assert put_earlier(given, plan_of(given, {"K": ["A", "B"]}), "A", belongs) == ()


def test_the_work_of_an_order_moves_as_one_and_before_all_of_the_other() -> None:
    given = problem(
        Job(id="B", location=1, service_s=60, cost_per_s=1),
        Job(id="B2", location=1, service_s=60, cost_per_s=1),
        Job(id="A", location=2, service_s=60, cost_per_s=1),
        Job(id="A2", location=2, service_s=60, cost_per_s=1, after=(After(job="A"),)),
        Job(id="C", location=3, service_s=60, cost_per_s=1),
    )
    plan = plan_of(given, {"K": ["B", "B2", "A", "A2", "C"]})
    (found,) = put_earlier(given, plan, "A2", belongs)
    assert found.before == "B2"
    assert found.broken == ()
    other = score_routes(given, {"K": ["A", "A2", "B", "B2", "C"]})
    assert found.more == pytest.approx(other.cost - plan.cost)


def test_work_that_waits_for_the_other_cannot_come_first() -> None:
    given = problem(Job(id="A", location=1), Job(id="B", location=2, after=(After(job="A"),)))
    (found,) = put_earlier(given, plan_of(given, {"K": ["A", "B"]}), "B", belongs)
    assert found.broken == ("after",)


def test_a_promise_that_the_turn_would_break_is_named() -> None:
    given = problem(
        Job(id="A", location=1, service_s=600, finish_by_s=1300, late_finish_cost_per_s=1),
        Job(id="B", location=2, service_s=600, cost_per_s=1),
    )
    (found,) = put_earlier(given, plan_of(given, {"K": ["A", "B"]}), "B", belongs)
    assert found.late == ("A",)
