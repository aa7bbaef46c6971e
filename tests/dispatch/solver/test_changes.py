"""What a new plan changes in the one in force."""

from __future__ import annotations

from dataclasses import replace

from dispatch.bench.generate import outage_plain
from dispatch.plan import Plan, Route, Visit
from dispatch.problem import Job, Previous, Problem
from dispatch.solver import solve
from dispatch.solver.changes import moved


def plan_of(**routes: str) -> Plan:
    visits = {
        crew: tuple(Visit(job=job, arrival_s=0, start_s=0, finish_s=0) for job in jobs)
        for crew, jobs in routes.items()
    }
    some = tuple(Route(crew=crew, start=0, visits=stops) for crew, stops in visits.items())
    return Plan(status="feasible", cost=0, bound=None, seconds=0, seed=1, routes=some)


def test_the_same_plan_moves_nothing() -> None:
    plan = plan_of(A="abc", B="de")
    assert moved(plan, plan).kept == 5
    assert moved(plan, plan).crew == moved(plan, plan).order == ()


def test_a_job_with_another_crew_is_counted_once() -> None:
    found = moved(plan_of(A="abc", B="de"), plan_of(A="ac", B="dbe"))
    assert (found.crew, found.order, found.kept) == (("b",), (), 4)


def test_one_job_that_goes_to_the_front_is_one_job_out_of_order() -> None:
    found = moved(plan_of(A="abcd"), plan_of(A="dabc"))
    assert (found.order, found.kept) == (("d",), 3)


def test_new_jobs_and_those_left_out_are_told_apart() -> None:
    found = moved({"A": ["a", "b"]}, plan_of(A="bc"))
    assert (found.added, found.dropped, found.kept) == (("c",), ("a",), 1)


def with_urgent(problem: Problem, plan: Plan, change_cost: float) -> Problem:
    """The problem with each crew's first job under way and one more job, the heaviest of all."""
    first = {route.crew: route.visits[0].job for route in plan.routes if route.visits}
    urgent = replace(problem.jobs[0], id="urgent", cost_per_s=2 * max(job.cost_per_s for job in problem.jobs))
    jobs: tuple[Job, ...] = (*problem.jobs, urgent)
    return replace(
        problem,
        jobs=jobs,
        crews=tuple(
            replace(crew, committed=(first[crew.id],) if crew.id in first else ()) for crew in problem.crews
        ),
        previous=tuple(
            Previous(crew=route.crew, jobs=tuple(v.job for v in route.visits)) for route in plan.routes
        ),
        change_cost=change_cost,
    )


def test_a_new_urgent_job_moves_few_others_where_changes_have_a_price() -> None:
    problem = outage_plain(60, 8, 3)
    plan = solve(problem, work=3000, processes=1)
    mean = plan.cost / len(problem.jobs)
    again = with_urgent(problem, plan, change_cost=mean / 10)
    routes = [[visit.job for visit in route.visits] for route in plan.routes]
    new = solve(again, work=1500, processes=1, start=routes)
    found = moved(plan, new)
    assert found.added == ("urgent",)
    assert len(found.crew) + len(found.order) <= 12
    assert [r.visits[0].job for r in new.routes if r.visits] == [
        r.visits[0].job for r in plan.routes if r.visits
    ]
