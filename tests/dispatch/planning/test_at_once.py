"""Where nothing is compiled yet, a day is planned by the rule, and nobody waits for the compiling."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dispatch.bench.mixed import mixed_problem
from dispatch.ground.problem import Crew, Job, Problem, Travel
from dispatch.judge.timing import plan_of
from dispatch.planning.at_once import plan_at_once, with_new_work
from dispatch.solver.ready import is_compiled_for_replans, ready_to_replan

SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from dispatch import load_case
from dispatch.judge.check import judge
from dispatch.planning import at_once
from dispatch.planning.main_road import plan_day
from dispatch.planning.running import Running

begun = []
at_once.compile_beside = lambda: begun.append(1)
case = load_case(sys.argv[1])
day = plan_day(case, at_once=True, reasons=False)
assert judge(day.problem, day.plan).feasible
assert any(route.visits for route in day.plan.routes)
# Nobody at the control room's desk is sent out, and no crew to the desk: no road leads there or back.
for route in day.plan.routes:
    here = day.nodes[route.start] < 0
    assert all((day.nodes[day.problem.job_by_id[visit.job].location] < 0) == here for visit in route.visits)
again = at_once.plan_at_once(day.problem, [
    [visit.job for route in day.plan.routes if route.crew == crew.id for visit in route.visits]
    for crew in day.problem.crews
])
assert again is not None and judge(day.problem, again).feasible
routes = {route.crew: [visit.job for visit in route.visits] for route in day.plan.routes}
one = replace(
    case.requests[0], id="NEW", words="only my flat has no power", customer=case.customers.table.index[100],
    received_at=case.settings.now, kind=None, lon=None, lat=None, address=None, phone=None,
)
called = replace(case, requests=(*case.requests, one))
after = plan_day(called, running=Running(previous=routes), at_once=True, reasons=False)
crew_of = {visit.job: route.crew for route in after.plan.routes for visit in route.visits}
moved = [job for crew, jobs in routes.items() for job in jobs if crew_of.get(job) != crew]
assert moved == [], moved
assert any("NEW" in order.requests and f"{order.id}/repair" in crew_of for order in after.orders)
print(len(begun), len(list(Path(sys.argv[2]).rglob("*.nbi"))))
"""


@pytest.mark.parametrize("case", ["oberrhein", "coquimbo"])
def test_a_first_plan_compiles_nothing_and_keeps_every_rule(root: Path, tmp_path: Path, case: str) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root / "data" / case), str(cache)],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", "0"]


def test_new_work_is_put_where_it_costs_least_and_moves_nothing() -> None:
    travel = Travel(xy=np.array([[0, 0], [10, 0], [20, 0], [0, 10]]), scale=60)
    jobs = tuple(Job(id=f"J{at}", location=at, service_s=60, drop_cost=1e6, cost_per_s=1) for at in (1, 2, 3))
    crews = (Crew(id="A", start=(0,)), Crew(id="B", start=(0,)))
    day = Problem(travel=travel, jobs=jobs, crews=crews)
    found = with_new_work(day, plan_of(day, {"A": ["J1"], "B": ["J3"]}))
    assert {route.crew: [visit.job for visit in route.visits] for route in found.routes} == {
        "A": ["J1", "J2"],
        "B": ["J3"],
    }


def test_what_costs_more_than_it_is_worth_or_what_nobody_can_do_stays_out() -> None:
    travel = Travel(xy=np.array([[0, 0], [10, 0]]), scale=60)
    jobs = (
        Job(id="far", location=1, service_s=60, drop_cost=1, cost_per_s=1),
        Job(id="hard", location=1, service_s=60, drop_cost=1e6, skills=frozenset({"cable"})),
    )
    day = Problem(travel=travel, jobs=jobs, crews=(Crew(id="A", start=(0,)),))
    found = with_new_work(day, plan_of(day, {"A": []}))
    assert not any(route.visits for route in found.routes)


def test_where_all_is_compiled_the_search_is_not_passed_over() -> None:
    ready_to_replan()
    assert is_compiled_for_replans()
    assert plan_at_once(mixed_problem(1), None) is None
