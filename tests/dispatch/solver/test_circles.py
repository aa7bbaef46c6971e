"""Commitments that block each other are named together, with their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dispatch.ground.problem import After, Crew, Job, Problem, Travel
from dispatch.solver import solve


def waiting(after: dict[str, str], **committed: tuple[str, ...]) -> Problem:
    names = sorted({job for jobs in committed.values() for job in jobs} | set(after))
    jobs = tuple(
        Job(id=name, location=0, service_s=60, after=(After(job=after[name]),) if name in after else ())
        for name in names
    )
    crews = tuple(Crew(id=name, start=(0,), committed=jobs) for name, jobs in committed.items())
    return Problem(travel=Travel(durations_s=np.zeros((1, 1), np.int64)), jobs=jobs, crews=crews)


@pytest.mark.parametrize("limit", [{"work": 50, "processes": 1}, {"time_limit_s": 1}])
def test_two_crews_that_wait_for_each_other_are_named_with_their_orders(limit: dict[str, Any]) -> None:
    plan = solve(waiting({"a": "d", "c": "b"}, k1=("a", "b"), k2=("c", "d")), **limit)
    (conflict,) = plan.conflicts
    assert (plan.status, conflict.crews) == ("infeasible", ("k1", "k2"))
    assert conflict.text == (
        "Commitments of crews 'k1' and 'k2' block each other: "
        "k1 does a before b, c waits for b, k2 does c before d, a waits for d."
    )


def test_a_circle_of_three_crews_names_all_three() -> None:
    problem = waiting({"a": "f", "c": "b", "e": "d"}, k1=("a", "b"), k2=("c", "d"), k3=("e", "f"))
    (conflict,) = solve(problem, work=50, processes=1).conflicts
    assert conflict.crews == ("k1", "k2", "k3")


def test_one_crew_against_what_waits_is_named_alone() -> None:
    (conflict,) = solve(waiting({"a": "b"}, k1=("a", "b")), work=50, processes=1).conflicts
    assert conflict.text == "Commitments of crew 'k1' block each other: k1 does a before b, a waits for b."


def test_a_circle_that_runs_through_a_job_nobody_is_committed_to_is_found() -> None:
    problem = waiting({"a": "x", "x": "b"}, k1=("a", "b"), k2=())
    (conflict,) = solve(problem, work=50, processes=1).conflicts
    assert set(conflict.jobs) == {"a", "b", "x"}
