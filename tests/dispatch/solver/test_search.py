"""The search: every rule of the format kept, every cost the scorer's, never above the dispatcher's rule."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem
from dispatch.files.plan_files import plan_to_dict
from dispatch.files.problem_files import problem_from_dict, read_problem
from dispatch.ground.plan import Plan
from dispatch.judge.check import judge
from dispatch.solver import Progress, solve

POINTS = [[0, 0], [100, 0], [0, 100], [300, 0], [0, 300], [200, 200]]


def problem_of(**parts: Any) -> dict[str, Any]:
    """A problem on six points with crew C0 at the first, unless told otherwise."""
    base: dict[str, Any] = {
        "format": "dispatch-problem/1",
        "travel": {"xy": POINTS},
        "jobs": [{"id": f"J{i}", "location": i, "service_s": 60, "cost_per_s": 1} for i in (1, 2, 3)],
        "crews": [{"id": "C0", "start": 0}],
    }
    return base | parts


def solved(data: dict[str, Any], **options: Any) -> Plan:
    """A checked plan for a problem given as in its file."""
    problem = problem_from_dict(data)
    plan = solve(problem, **({"work": 300, "processes": 1} | options))
    verdict = judge(problem, plan)
    if plan.status != "infeasible":
        assert verdict.violations == ()
        assert plan.cost == pytest.approx(verdict.cost, rel=1e-12)
    return plan


def visits_of(plan: Plan) -> dict[str, list[str]]:
    return {route.crew: [visit.job for visit in route.visits] for route in plan.routes}


def start_of(plan: Plan, job: str) -> int:
    return next(visit.start_s for route in plan.routes for visit in route.visits if visit.job == job)


def test_a_start_that_no_longer_fits_loses_only_what_is_late() -> None:
    """A repair that takes longer than thought must not cost the other crews their routes."""
    jobs = [
        {"id": "long", "location": 1, "service_s": 5000, "cost_per_s": 9},
        {
            "id": "late",
            "location": 2,
            "service_s": 60,
            "cost_per_s": 1,
            "windows": [[0, 900]],
            "drop_cost": 5,
        },
        {"id": "first", "location": 3, "service_s": 60, "cost_per_s": 1},
        {"id": "second", "location": 4, "service_s": 60, "cost_per_s": 1, "after": [{"job": "first"}]},
    ]
    crews = [{"id": "C0", "start": 0}, {"id": "C1", "start": 0}]
    problem = problem_from_dict(problem_of(jobs=jobs, crews=crews))
    plan = solve(problem, work=0, processes=1, start=[["long", "late"], ["first", "second"]])
    assert judge(problem, plan).violations == ()
    routes = visits_of(plan)
    assert routes["C0"][0] == "long"
    assert [job for job in routes["C1"] if job != "late"] == ["first", "second"]


def test_heavier_job_is_served_first() -> None:
    jobs = [{"id": "light", "location": 1, "cost_per_s": 1}, {"id": "heavy", "location": 2, "cost_per_s": 50}]
    assert visits_of(solved(problem_of(jobs=jobs)))["C0"] == ["heavy", "light"]


def test_problem_without_jobs_is_optimal_at_no_cost() -> None:
    plan = solved(problem_of(jobs=[]))
    assert (plan.status, plan.cost, plan.bound) == ("optimal", 0, 0)


def test_small_problem_is_proven_optimal_within_its_time() -> None:
    plan = solved(problem_of(), work=None, time_limit_s=4)
    assert plan.status == "optimal"
    assert plan.bound == plan.cost
    assert plan.seconds <= 4.2


def test_crew_without_skill_is_never_assigned() -> None:
    jobs = [{"id": "J", "location": 1, "skills": ["hv"], "drop_cost": 5}]
    assert solved(problem_of(jobs=jobs)).dropped[0].job == "J"


def test_appointment_is_waited_for() -> None:
    jobs = [{"id": "J", "location": 1, "windows": [[0, 50], [500, 600]]}]
    assert start_of(solved(problem_of(jobs=jobs)), "J") == 500


def test_stock_limits_what_one_crew_takes() -> None:
    jobs = [{"id": f"J{i}", "location": i, "load": {"pole": 1}, "cost_per_s": 1} for i in (1, 2)]
    crews = [
        {"id": "C0", "start": 0, "capacity": {"pole": 1}},
        {"id": "C1", "start": 0, "capacity": {"pole": 1}},
    ]
    plan = solved(problem_of(jobs=jobs, crews=crews))
    assert sorted(map(len, visits_of(plan).values())) == [1, 1]


def test_break_that_falls_due_is_taken_in_its_window() -> None:
    jobs = [{"id": f"J{i}", "location": i, "service_s": 600, "cost_per_s": 1} for i in (1, 2)]
    crews = [{"id": "C0", "start": 0, "breaks": [{"window": [100, 800], "duration_s": 300}]}]
    plan = solved(problem_of(jobs=jobs, crews=crews))
    (rest,) = plan.routes[0].breaks
    assert 100 <= rest.start_s <= 800


def test_break_after_the_last_visit_is_not_taken() -> None:
    crews = [{"id": "C0", "start": 0, "breaks": [{"window": [5000, 6000], "duration_s": 300}]}]
    assert solved(problem_of(crews=crews)).routes[0].breaks == ()


def test_overtime_is_paid_and_never_exceeded() -> None:
    crew = {"id": "C0", "start": 0, "end": 0, "shift": [0, 250], "overtime_s": 20, "overtime_cost_per_s": 3}
    jobs = [{"id": f"J{i}", "location": 1, "service_s": 30, "drop_cost": 1000} for i in range(3)]
    plan = solved(problem_of(jobs=jobs, crews=[crew]))
    assert len(plan.dropped) == 1
    assert plan.parts["overtime"] == 30


def test_job_waits_for_the_one_it_comes_after_on_another_crew() -> None:
    jobs = [
        {"id": "open", "location": 1, "service_s": 60, "skills": ["switching"]},
        {
            "id": "repair",
            "location": 2,
            "service_s": 60,
            "cost_per_s": 5,
            "after": [{"job": "open", "lag_s": 30}],
        },
    ]
    crews = [{"id": "C0", "start": 0, "skills": ["switching"]}, {"id": "C1", "start": 0}]
    plan = solved(problem_of(jobs=jobs, crews=crews))
    assert start_of(plan, "repair") >= 100 + 60 + 30


def test_two_crews_start_a_shared_job_together() -> None:
    jobs = [{"id": "pole", "location": 3, "service_s": 60, "crews_needed": 2, "cost_per_s": 1}]
    crews = [{"id": "C0", "start": 0}, {"id": "C1", "start": 4}]
    plan = solved(problem_of(jobs=jobs, crews=crews))
    assert [route.visits[0].start_s for route in plan.routes] == [424, 424]


def test_second_crew_of_a_committed_job_comes_when_it_is_done_with_its_own() -> None:
    """One crew is on its way to the pole; the other one still repairs."""
    jobs = [
        {"id": "pole", "location": 3, "service_s": 60, "crews_needed": 2, "drop_cost": 10},
        {"id": "repair", "location": 1, "service_s": 60, "cost_per_s": 1},
    ]
    crews = [
        {"id": "C0", "start": 0, "committed": ["pole"]},
        {"id": "C1", "start": 0, "committed": ["repair"]},
    ]
    assert visits_of(solved(problem_of(jobs=jobs, crews=crews))) == {"C0": ["pole"], "C1": ["repair", "pole"]}


def test_helper_of_a_committed_job_is_who_was_to_help_in_the_plan_in_force() -> None:
    pole = {"id": "pole", "location": 3, "service_s": 60, "crews_needed": 2, "drop_cost": 10}
    crews = [{"id": f"C{i}", "start": 0} for i in range(3)]
    crews[0]["committed"] = ["pole"]
    problem = problem_from_dict(problem_of(jobs=[pole], crews=crews))
    plan = solve(problem, work=0, processes=1, start=[["pole"], [], ["pole"]])
    assert visits_of(plan) == {"C0": ["pole"], "C1": [], "C2": ["pole"]}


@pytest.mark.parametrize("waits", [False, True])
def test_start_that_asks_too_much_of_a_crew_is_not_followed(waits: bool) -> None:
    jobs: list[dict[str, Any]] = [
        {"id": f"J{i}", "location": i, "load": {"pole": 1}, "drop_cost": 9} for i in (1, 2, 3)
    ]
    jobs.append({"id": "hv", "location": 4, "skills": ["hv"], "drop_cost": 9})
    if waits:
        jobs.append({"id": "last", "location": 5, "after": [{"job": "J1"}], "drop_cost": 9})
    problem = problem_from_dict(
        problem_of(jobs=jobs, crews=[{"id": "C0", "start": 0, "capacity": {"pole": 2}}])
    )
    plan = solve(problem, work=0, processes=1, start=[["J1", "hv", "J2", "J3"]])
    assert judge(problem, plan).violations == ()
    assert visits_of(plan)["C0"][:2] == ["J1", "J2"]


@pytest.mark.parametrize("waits", [False, True])
def test_crew_that_cannot_keep_to_its_commitment_is_named_as_the_conflict(waits: bool) -> None:
    jobs: list[dict[str, Any]] = [
        {"id": "late", "location": 1, "windows": [[0, 50]], "drop_cost": 10},
        {"id": "other", "location": 2, "cost_per_s": 1, "drop_cost": 900},
    ]
    if waits:
        jobs.append({"id": "third", "location": 4, "after": [{"job": "other"}], "drop_cost": 5})
    crews = [{"id": "C0", "start": 0, "committed": ["late"]}, {"id": "C1", "start": 0}]
    plan = solved(problem_of(jobs=jobs, crews=crews))
    assert plan.status == "infeasible"
    (conflict,) = plan.conflicts
    assert (conflict.jobs, conflict.crews) == (("late",), ("C0",))
    assert "'late' it arrives at 100 s" in conflict.text
    assert visits_of(plan)["C1"][0] == "other"


def test_committed_jobs_stay_first_and_in_order() -> None:
    crews = [{"id": "C0", "start": 0, "committed": ["J3", "J1"]}, {"id": "C1", "start": 0}]
    assert visits_of(solved(problem_of(crews=crews)))["C0"][:2] == ["J3", "J1"]


def test_block_is_restored_by_its_shorter_way() -> None:
    jobs = [{"id": "repair", "location": 3, "service_s": 9000, "drop_cost": 0}]
    jobs.append({"id": "tie", "location": 1, "service_s": 100, "drop_cost": 0})
    blocks = [{"id": "B", "cost_per_s": 2, "restored_by": [["repair"], ["tie"]]}]
    plan = solved(problem_of(jobs=jobs, blocks=blocks, unserved_at_s=86400))
    assert plan.blocks[0].restored_s == 200


def test_way_of_several_jobs_is_found_though_none_restores_anything_alone() -> None:
    jobs = [{"id": f"J{i}", "location": i, "service_s": 60, "drop_cost": 0} for i in (1, 2, 3)]
    blocks = [{"id": "B", "cost_per_s": 1, "restored_by": [["J1", "J2", "J3"]]}]
    plan = solved(problem_of(jobs=jobs, blocks=blocks, unserved_at_s=86400))
    assert plan.blocks[0].restored_s < 2000


def test_slow_crew_drives_its_factor_rounded_up() -> None:
    crews = [{"id": "C0", "start": 0, "speed_factor": 1.237}]
    jobs = [{"id": "J", "location": 5, "cost_per_s": 1}]
    assert start_of(solved(problem_of(jobs=jobs, crews=crews)), "J") == 351


def test_start_place_nearest_to_the_first_job_is_chosen() -> None:
    jobs = [{"id": "J", "location": 3, "cost_per_s": 1}]
    plan = solved(problem_of(jobs=jobs, crews=[{"id": "C0", "start": [0, 1, 4]}]))
    assert plan.routes[0].start == 1


def test_no_more_crews_than_allowed_are_used() -> None:
    crews = [{"id": f"C{i}", "start": 0} for i in range(3)]
    plan = solved(problem_of(crews=crews, max_crews=1))
    assert sum(bool(route.visits) for route in plan.routes) == 1


def test_plan_in_force_is_kept_where_a_change_costs_more_than_it_saves() -> None:
    crews = [{"id": "C0", "start": 0}, {"id": "C1", "start": 0}]
    previous = [{"crew": "C0", "jobs": ["J1", "J2", "J3"]}]
    plan = solved(problem_of(crews=crews, previous=previous, change_cost=1e6))
    assert len(visits_of(plan)["C0"]) == 3


def test_driving_is_priced_by_second_and_metre() -> None:
    metres = [[0, 500], [500, 0]]
    travel = {"durations_s": [[0, 60], [60, 0]], "distances_m": metres}
    costs = {"travel_per_s": 2, "distance_per_m": 0.5}
    jobs = [{"id": "J", "location": 1}]
    plan = solved(
        problem_of(travel=travel, jobs=jobs, crews=[{"id": "C0", "start": 0, "end": 0}], costs=costs)
    )
    assert plan.cost == 2 * 120 + 0.5 * 1000


def test_costs_of_1e15_stay_exact() -> None:
    jobs = [{"id": f"J{i}", "location": i, "service_s": 7, "cost_per_s": 10**12} for i in (1, 2, 3)]
    plan = solved(problem_of(jobs=jobs))
    assert plan.cost == 10**12 * (107 + (107 + 142 + 7) + (107 + 142 + 7 + 316 + 7) - 0) or plan.cost > 1e14
    assert plan.cost == int(plan.cost)


def test_job_that_no_crew_can_do_is_named_as_the_conflict() -> None:
    jobs = [{"id": "J1", "location": 1}, {"id": "live", "location": 2, "skills": ["live_line"]}]
    plan = solved(problem_of(jobs=jobs))
    assert plan.status == "infeasible"
    assert [conflict.jobs for conflict in plan.conflicts] == [("live",)]
    assert "live_line" in plan.conflicts[0].text
    assert visits_of(plan)["C0"] == ["J1"]


def test_smallest_set_of_jobs_in_conflict_leaves_out_the_bystanders() -> None:
    clash = [
        {"id": x, "location": 1 + i, "service_s": 50, "windows": [[350, 360]]} for i, x in enumerate("ab")
    ]
    others = [{"id": f"o{i}", "location": 1, "service_s": 5} for i in range(4)]
    plan = solved(problem_of(jobs=clash + others))
    assert plan.status == "infeasible"
    assert sorted(plan.conflicts[0].jobs) == ["a", "b"]


def test_what_a_job_that_must_be_served_waits_for_is_named_when_it_cannot_be_done() -> None:
    jobs = [
        {"id": "patrol", "location": 1, "service_s": 5, "windows": [[0, 0]], "drop_cost": 5},
        {"id": "repair", "location": 1, "service_s": 5, "after": [{"job": "patrol"}]},
    ]
    plan = solved(problem_of(jobs=jobs))
    assert plan.status == "infeasible"
    named = {job for conflict in plan.conflicts for job in conflict.jobs}
    assert "patrol" in named
    assert any("after the last window" in conflict.text for conflict in plan.conflicts)


def test_a_small_problem_that_few_steps_find_no_plan_for_is_settled_the_same_each_time() -> None:
    problem = mixed_problem(2000, jobs=6, crews=1, hard=True)
    first, second = (solve(problem, work=200, seed=1, processes=1) for _ in range(2))
    assert first.status == "optimal"
    assert judge(problem, first).violations == ()
    assert first.routes == second.routes
    without = solve(problem, work=200, seed=1, processes=1, without=frozenset({"exact"}))
    assert without.status == "infeasible"


def test_many_conflicts_are_told_soon_after_the_time_limit() -> None:
    data = random_problem_data(120)
    jobs = [job | {"service_s": 10**11} for job in data["jobs"]]
    travel = data["travel"] | {"scale": 1e8}
    parts = {"jobs": jobs, "travel": travel, "crews": data["crews"][:2]}
    plan = solved(data | parts, work=None, time_limit_s=0.5)
    assert plan.status == "infeasible"
    assert plan.conflicts
    # All the sets there are take most of a minute.
    assert plan.seconds < 10


def test_same_seed_and_work_give_the_same_plan() -> None:
    data = random_problem_data(60)
    first, second = (solved(data, work=400, seed=7) for _ in range(2))
    assert first.routes == second.routes


def test_stopping_returns_the_best_plan_so_far() -> None:
    calls: list[Progress] = []
    plan = solved(random_problem_data(40), work=10**9, on_progress=calls.append, stop=lambda: len(calls) >= 3)
    assert plan.status == "feasible"
    assert len(calls) == 3


def test_interrupt_returns_the_best_plan_so_far() -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    assert solved(random_problem_data(40), work=10**9, on_progress=interrupt).status == "feasible"


def test_two_processes_keep_the_time_limit_and_prove_a_bound() -> None:
    plan = solved(random_problem_data(60), work=None, time_limit_s=3, processes=2)
    assert plan.seconds <= 3.3
    assert plan.bound is None or plan.bound <= plan.cost


def test_search_from_the_plan_in_force_is_never_worse_than_it() -> None:
    data = random_problem_data(60)
    before = solved(data, work=500)
    routes = [list(visits_of(before)[crew["id"]]) for crew in data["crews"]]
    assert solved(data, work=5, start=routes).cost <= before.cost


ABSURD: dict[str, dict[str, Any]] = {
    "more crews wanted than any memory holds": {
        "jobs": [{"id": "J", "location": 1, "crews_needed": 10**9, "drop_cost": 3}]
    },
    "no crew allowed": {"jobs": [{"id": "J", "location": 1, "drop_cost": 3}], "max_crews": 0},
    "no time at all": {
        "travel": {"xy": [[0, 0]] * 6},
        "jobs": [{"id": f"J{i}", "location": i, "drop_cost": 3} for i in range(6)],
    },
    "places farther apart than whole numbers go": {
        "travel": {"xy": [[x * 1e14, 0] for x in range(6)], "scale": 1e14},
        "jobs": [{"id": f"J{i}", "location": i, "drop_cost": 3} for i in range(1, 6)],
    },
    "crews slower than whole numbers go": {
        "travel": {"durations_s": [[0, 10**14], [10**14, 0]]},
        "jobs": [{"id": "J", "location": 1, "drop_cost": 3}],
        "crews": [{"id": "C0", "start": 0, "speed_factor": 1e14}],
    },
    "work longer than any shift": {
        "jobs": [{"id": f"J{i}", "location": i, "service_s": 10**15, "drop_cost": 3} for i in range(6)]
    },
}


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@pytest.mark.parametrize("name", ABSURD)
def test_absurd_numbers_are_planned_around(name: str) -> None:
    plan = solved(problem_of(**ABSURD[name]), work=50)
    assert plan.status != "infeasible"
    assert 0 <= plan.cost <= 18


def random_problem_data(n: int) -> dict[str, Any]:
    """Jobs on a grid with uneven weights, five crews."""
    points = [[(i * 37) % 101 * 10, (i * 53) % 97 * 10] for i in range(n + 1)]
    jobs = [
        {"id": f"J{i}", "location": i + 1, "service_s": 60 + (i * 29) % 300, "cost_per_s": 1 + (i * 17) % 13}
        for i in range(n)
    ]
    crews = [{"id": f"C{i}", "start": 0} for i in range(5)]
    return {"format": "dispatch-problem/1", "travel": {"xy": points}, "jobs": jobs, "crews": crews}


@pytest.fixture(scope="module")
def scorer(shared: Path) -> ModuleType:
    return _module(shared / "bench" / "score.py")


@pytest.fixture(scope="module")
def greedy(shared: Path, scorer: ModuleType) -> ModuleType:
    return _module(shared / "bench" / "greedy.py")


def _module(path: Path) -> ModuleType:
    import sys

    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@st.composite
def mixed_problems(draw: st.DrawFn) -> dict[str, Any]:
    """Small problems with any mix of the format's features."""
    small = st.integers(0, 300)
    n = draw(st.integers(1, 7))
    jobs = [_job(draw, i) for i in range(n)]
    crews = [_crew(draw, i) for i in range(draw(st.integers(1, 3)))]
    data: dict[str, Any] = {"format": "dispatch-problem/1", "jobs": jobs, "crews": crews}
    data["travel"] = {"xy": draw(st.lists(st.tuples(small, small).map(list), min_size=9, max_size=9))}
    data["costs"] = {"travel_per_s": draw(st.sampled_from([0, 1, 0.5]))}
    if draw(st.booleans()):
        names = st.sampled_from([job["id"] for job in jobs])
        ways = st.lists(st.lists(names, min_size=1, max_size=3, unique=True), min_size=1, max_size=2)
        data["blocks"] = [
            {"id": f"B{k}", "cost_per_s": draw(st.integers(0, 20)), "since_s": -50, "restored_by": draw(ways)}
            for k in range(3)
        ]
        data["unserved_at_s"] = 20000
    if draw(st.booleans()):
        data["max_crews"] = draw(st.integers(1, 3))
    return data


def _job(draw: st.DrawFn, i: int) -> dict[str, Any]:
    job: dict[str, Any] = {"id": f"J{i}", "location": i + 2, "service_s": draw(st.integers(0, 200))}
    job["cost_per_s"] = draw(st.sampled_from([0, 1, 7, 0.3]))
    job["cost_from_s"] = draw(st.integers(-500, 100))
    if draw(st.integers(0, 2)) == 0:
        start = draw(st.integers(0, 1500))
        job["windows"] = [[start, start + 200], [start + 900, start + 2000]]
    if draw(st.integers(0, 2)) == 0:
        job |= {"arrive_by_s": draw(st.integers(0, 900)), "late_arrival_cost_per_s": 3}
        job |= {"finish_by_s": draw(st.integers(0, 900)), "late_finish_cost_per_s": 0.5}
    if draw(st.integers(0, 3)) == 0:
        job["skills"] = ["hv"]
    if draw(st.integers(0, 3)) == 0:
        job["load"] = {"pole": draw(st.integers(0, 3))}
    if draw(st.integers(0, 1)) == 0:
        job["drop_cost"] = draw(st.integers(0, 5000))
    if i and draw(st.integers(0, 5)) == 0:
        job["after"] = [{"job": f"J{draw(st.integers(0, i - 1))}", "lag_s": draw(st.integers(0, 60))}]
    if draw(st.integers(0, 9)) == 0:
        job["crews_needed"] = 2
    return job


def _crew(draw: st.DrawFn, i: int) -> dict[str, Any]:
    crew: dict[str, Any] = {"id": f"C{i}", "start": draw(st.sampled_from([0, 1, [0, 1]]))}
    crew["end"] = draw(st.sampled_from([None, 0]))
    crew["skills"] = draw(st.sampled_from([[], ["hv"]]))
    crew["speed_factor"] = draw(st.sampled_from([1, 1.3, 0.77]))
    crew["fixed_cost"] = draw(st.sampled_from([0, 100]))
    crew["capacity"] = {"pole": draw(st.integers(0, 5))}
    if draw(st.booleans()):
        begin = draw(st.integers(0, 600))
        crew |= {"shift": [begin, begin + 3000], "overtime_s": 600, "overtime_cost_per_s": 2}
    if draw(st.booleans()):
        first = draw(st.integers(0, 1500))
        crew["breaks"] = [{"window": [first, first + 600], "duration_s": 120}]
        if draw(st.booleans()):
            crew["breaks"].append({"window": [first + 1200, first + 1900], "duration_s": 60})
    return crew


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=mixed_problems())
def test_random_mixed_problems_are_planned_as_the_scorer_prices_them(
    data: dict[str, Any], scorer: ModuleType, greedy: ModuleType
) -> None:
    problem = problem_from_dict(data)
    plan = solve(problem, work=150, processes=1)
    cost, _, violations = scorer.score(data, plan_to_dict(plan))
    rule_cost, _, rule_violations = scorer.score(data, greedy.plan(data))
    if plan.status == "infeasible":
        assert rule_violations
        assert plan.conflicts
        assert all(text.endswith("is not served") for text in violations)
        return
    assert violations == []
    assert judge(problem, plan).violations == ()
    assert cost == pytest.approx(plan.cost, rel=1e-12, abs=1e-6)
    if not rule_violations:
        assert cost <= rule_cost + 1e-6


@pytest.mark.parametrize(
    "name", ["outage-plain-60-10", "outage-shift-60-10", "outage-storm-60-10", "vrptw-RC106"]
)
def test_benchmark_days_beat_the_rule_quickly(name: str, shared: Path) -> None:
    problem = read_problem(shared / "bench" / "problems" / f"{name}.json")
    rule = solve(problem, work=0, processes=1)
    plan = solve(problem, work=1500, processes=1)
    assert plan.status == "feasible"
    assert judge(problem, plan).violations == ()
    assert plan.cost < rule.cost or rule.status == "infeasible"
