"""A wrong problem, plan or option out of a Python program is named; what is meant is taken as it stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dispatch import (
    After,
    Block,
    Break,
    Costs,
    Crew,
    Job,
    Plan,
    Previous,
    Problem,
    ProblemFaults,
    Route,
    Travel,
    Visit,
    check,
    explain,
    problem_from_dict,
    problem_to_dict,
    solve,
)
from dispatch.bench.mixed import mixed_problem
from dispatch.ground.errors import InputFaults
from dispatch.soundness.door import sound_problem
from dispatch.soundness.problem_keys import KEYS

TABLE = ((0, 60, 90), (60, 0, 60), (90, 60, 0))


def job(**given: Any) -> Job:
    return Job(**{"id": "a", "location": 1, "service_s": 60, "cost_per_s": 1, **given})


def crew(**given: Any) -> Crew:
    return Crew(**{"id": "c", "start": (0,), **given})


def travel(**given: Any) -> Travel:
    return Travel(**({"durations_s": np.array(TABLE)} | given))


def problem(**given: Any) -> Problem:
    sound: dict[str, Any] = {
        "travel": travel(),
        "jobs": (job(), job(id="b", location=2, after=(After(job="a"),))),
        "crews": (crew(),),
        "blocks": (Block(id="B", cost_per_s=1, restored_by=(("a",),)),),
        "unserved_at_s": 9000,
    }
    return Problem(**{**sound, **given})


def points(**given: Any) -> Problem:
    return problem(travel=Travel(**({"xy": np.array([[0, 0], [3, 4], [6, 8]])} | given)))


# For each field what it must not be: every one of these is answered with the field's name.
WRONG_JOB: dict[str, list[Any]] = {
    "id": ["", None, 7],
    "location": [-1, 3, 1.5, "1", None, math.nan, True],
    "service_s": [-1, 60.7, math.nan, "60", None],
    "windows": [((9, 3),), (9, 3), "9-3", ((1, 2, 3),), ((math.nan, 3),), None],
    "skills": ["hv", (7,), None],
    "load": [{"pole": -1}, {"pole": math.nan}, {7: 1}, ("pole",)],
    "cost_per_s": [-1, math.nan, math.inf, "1", None],
    "cost_from_s": [1.5, math.nan],
    "arrive_by_s": [1.5, math.nan, "soon"],
    "late_arrival_cost_per_s": [-1, math.nan],
    "finish_by_s": [1.5, math.nan],
    "late_finish_cost_per_s": [-1, math.nan],
    "drop_cost": [-1, math.inf, math.nan],
    "after": ["b", ("b",), (After(job="zz"),), (After(job="b", lag_s=1.5),)],
    "crews_needed": [0, -1, 1.5, None],
}
WRONG_CREW: dict[str, list[Any]] = {
    "id": ["", None, 7],
    "start": [-1, (0, 9), (), None, "0", (0.5,)],
    "end": [-1, 3, 0.5],
    "shift": [(500, 100), (1,), "8-16", (math.nan, 9)],
    "overtime_s": [-1, math.nan],
    "overtime_cost_per_s": [-1, math.nan],
    "skills": ["hv", (7,)],
    "capacity": [{"pole": -2}, {"pole": math.inf}],
    "speed_factor": [0, -1, math.nan],
    "fixed_cost": [-1, math.nan],
    "breaks": [(Break(window=(900, 100), duration_s=60),), (Break(window=(1, 2), duration_s=-1),), "noon"],
    "committed": [("nope",), "a", ("a", "a")],
}
WRONG_BLOCK: dict[str, list[Any]] = {
    "id": ["", 7],
    "cost_per_s": [-1, math.nan],
    "since_s": [0.5, math.nan],
    "restored_by": [(("zz9",),), ("a",), "a", None],
}
WRONG_TRAVEL: dict[str, list[Any]] = {
    "durations_s": [
        *([], [[0, 1]], [[0, -60, 1], [1, 0, 1], [1, 1, 0]], [[0.5] * 3] * 3, [["far"] * 3] * 3, "far"),
        *(np.full((3, 3), math.nan), np.zeros((3, 3, 1)), np.zeros((2, 3)), np.ones((3, 3), dtype=bool)),
    ],
    "distances_m": [[[0]], np.full((3, 3), -1.0), np.full((3, 3), math.nan)],
    "metric": ["manhattan", "euclidean"],
    "scale": [2, math.nan],
    "rounding": ["ceil", "up"],
}
WRONG_POINTS: dict[str, list[Any]] = {
    "xy": [
        [[0, 0, 0]] * 3,
        [0, 1, 2],
        [[math.nan, 0]] * 3,
        np.full((3, 2), math.inf),
        "here",
        [["x", "y"]] * 3,
    ],
    "metric": ["euclidean", None, 7],
    "scale": [0, -1, math.nan, math.inf],
    "rounding": ["up", None],
}
WRONG_COSTS: dict[str, list[Any]] = {"travel_per_s": [-1, math.nan], "distance_per_m": [-1, math.inf]}
WRONG_PROBLEM: dict[str, list[Any]] = {
    "travel": [Travel(), None, Travel(durations_s=np.array(TABLE), xy=np.zeros((3, 2)))],
    "jobs": [(job(), job()), None, 7, "ab", (None,)],
    "crews": [(crew(), crew()), None, (7,)],
    "blocks": [(Block(id="B", cost_per_s=1, restored_by=()),) * 2, None],
    "unserved_at_s": [None, math.nan, 1.5],
    "max_crews": [-1, 1.5],
    "costs": [None, 5, Costs(travel_per_s=-1)],
    "previous": [
        (Previous(crew="ghost", jobs=("a",)),),
        (Previous(crew="c", jobs=("zz",)),),
        {"ghost": ("a",)},
    ],
    "change_cost": [-1, math.nan],
    "name": ["", 7],
    "time_origin": ["", 7],
}
MADE: dict[str, tuple[type, dict[str, list[Any]], Callable[..., Problem]]] = {
    "job": (Job, WRONG_JOB, lambda **wrong: problem(jobs=(job(**wrong), job(id="b", location=2)))),
    "crew": (Crew, WRONG_CREW, lambda **wrong: problem(crews=(crew(**wrong),))),
    "block": (
        *(Block, WRONG_BLOCK),
        lambda **wrong: problem(blocks=(Block(**{"id": "B", "cost_per_s": 1, "restored_by": (), **wrong}),)),
    ),
    "travel": (Travel, WRONG_TRAVEL | {"xy": []}, lambda **wrong: problem(travel=travel(**wrong))),
    "points": (Travel, WRONG_POINTS | {"durations_s": [], "distances_m": []}, points),
    "costs": (Costs, WRONG_COSTS, lambda **wrong: problem(costs=Costs(**wrong))),
    "problem": (Problem, WRONG_PROBLEM, problem),
}
CASES = [
    pytest.param(make, name, value, id=f"{kind}-{name}-{at}")
    for kind, (_, wrong, make) in MADE.items()
    for name, values in wrong.items()
    for at, value in enumerate(values)
]


@pytest.mark.parametrize(("make", "name", "value"), CASES)
def test_a_wrong_field_is_named_by_solve_check_and_explain(
    make: Callable[..., Problem], name: str, value: Any
) -> None:
    nobody = Plan(status="feasible", cost=0)
    for ask in (
        lambda wrong: solve(wrong, work=5, processes=1),
        lambda wrong: check(wrong, nobody),
        lambda wrong: explain(wrong, nobody, "a"),
    ):
        with pytest.raises(ProblemFaults, match=rf"\b{name}\b"):
            ask(make(**{name: value}))


def test_no_field_of_a_problem_is_without_a_wrong_value_here() -> None:
    for kind, (record, wrong, _) in MADE.items():
        assert set(wrong) == {each.name for each in fields(record)}, kind
        assert set(wrong) <= set(KEYS[record])


def test_an_error_of_a_problem_is_a_value_error_and_lists_all_faults() -> None:
    with pytest.raises(ValueError, match="4 faults") as caught:
        solve(problem(jobs=(job(service_s=-1), job(location=9)), blocks=()), seed=-1)
    assert isinstance(caught.value, InputFaults)
    places = [fault.place for fault in caught.value.faults]
    assert places == ["jobs[0].service_s", "jobs[1].id", "jobs[1].location", "seed"]


def test_the_words_are_those_of_the_file_reader() -> None:
    wrong = problem(jobs=(job(service_s=-1, windows=((9, 3),)), job(id="b", location=9)))
    said = problem_to_dict(wrong)
    with pytest.raises(InputFaults) as read:
        problem_from_dict(said)
    with pytest.raises(ProblemFaults) as called:
        check(wrong, Plan(status="feasible", cost=0))
    assert str(called.value) == str(read.value)


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ProblemFaults, match="did you mean 'pump'"):
        solve(problem(jobs=(job(id="pump"), job(id="b", after=(After(job="pmup"),))), blocks=()))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *[("time_limit_s", value) for value in (math.nan, math.inf, -1, "5", True)],
        *[("work", value) for value in (-1, 1.5, math.nan, "5")],
        *[("seed", value) for value in (2**70, -1, 1.5, None, "1")],
        *[("processes", value) for value in (0, -1, 1.5, None, 10**6)],
        *[("without", value) for value in ("bound", {"bond"}, 7, None)],
        *[("start", value) for value in ([["nope"]], [["a"], []], [], [["a", "a"]], "a", [[7]], 7)],
        *[("on_progress", 7), ("stop", True)],
    ],
)
def test_a_wrong_option_of_solve_is_named(option: str, value: Any) -> None:
    with pytest.raises(ProblemFaults, match=rf"solve: {option}"):
        solve(problem(), **{"work": 5, "processes": 1, option: value})


@pytest.mark.parametrize(
    ("visit", "says"),
    [
        ({"start_s": math.nan}, "start_s"),
        ({"finish_s": "12"}, "finish_s"),
        ({"job": None}, "job"),
        ({"arrival_s": 1.5}, "arrival_s"),
    ],
)
def test_a_plan_with_a_wrong_visit_is_named(visit: dict[str, Any], says: str) -> None:
    made = Visit(**{"job": "a", "arrival_s": 60, "start_s": 60, "finish_s": 120, **visit})
    plan = Plan(status="feasible", cost=0, routes=(Route(crew="c", start=0, visits=(made,)),))
    with pytest.raises(ProblemFaults, match=rf"plan: routes\[0\]\.visits\[0\]\.{says}"):
        check(problem(), plan)


@pytest.mark.parametrize("start", [9, -1, "0", None])
def test_a_plan_that_starts_nowhere_is_named(start: Any) -> None:
    visit = Visit(job="a", arrival_s=60, start_s=60, finish_s=120)
    plan = Plan(status="feasible", cost=0, routes=(Route(crew="c", start=start, visits=(visit,)),))
    with pytest.raises(ProblemFaults, match=r"routes\[0\]\.start"):
        check(problem(), plan)
    with pytest.raises(ProblemFaults, match=r"routes\[0\]\.start"):
        explain(problem(), plan, "a")


def test_what_is_no_problem_and_no_plan_is_said() -> None:
    with pytest.raises(ProblemFaults, match="must be a Problem"):
        solve({"jobs": []})  # type: ignore[arg-type]
    with pytest.raises(ProblemFaults, match="must be a Plan"):
        check(problem(), None)  # type: ignore[arg-type]


def test_a_job_that_is_not_there_is_a_key_error_and_a_value_error_with_the_nearest_name() -> None:
    nobody = Plan(status="feasible", cost=0)
    with pytest.raises(KeyError, match="did you mean 'pump'"):
        explain(problem(jobs=(job(id="pump"),), blocks=()), nobody, "pmup")
    with pytest.raises(ValueError, match="other"):
        explain(problem(), nobody, "a", "zz")


def same(given: Problem) -> None:
    assert solve(given, work=20, processes=1).cost == solve(problem(), work=20, processes=1).cost


def test_a_start_and_tables_and_lists_are_taken_as_they_stand() -> None:
    same(problem(crews=[Crew(id="c", start=0)]))
    same(problem(travel=Travel(durations_s=[list(row) for row in TABLE])))
    same(problem(jobs=[job(), job(id="b", location=2, after=[After(job="a")])]))
    same(problem(jobs=(job(windows=[[0, 9000]], skills=set()), *problem().jobs[1:])))


def test_numpy_and_pandas_are_taken_as_they_stand() -> None:
    same(problem(travel=Travel(durations_s=pd.DataFrame(TABLE))))
    same(problem(travel=Travel(durations_s=np.array(TABLE, dtype=np.float32))))
    rows = pd.DataFrame({"id": ["a", "b"], "location": [1, 2], "service_s": [60, 60], "cost_per_s": [1, 1]})
    made = [Job(**row) for row in rows.to_dict("records")]
    same(problem(jobs=(made[0], replace(made[1], after=(After(job="a"),)))))
    numbers = job(location=np.int64(1), service_s=np.int32(60), cost_per_s=np.float32(1))
    same(problem(jobs=(numbers, problem().jobs[1]), crews=(crew(start=np.array([0])),)))
    same(problem(crews=(crew(start=np.int64(0)),)))
    listed = Travel(xy=[[0, 0], [3, 4]], scale=60)
    assert solve(Problem(travel=listed, jobs=(job(),), crews=(crew(),)), work=5, processes=1).cost == 360


def test_none_in_a_table_is_no_road() -> None:
    rows: Any = [[0, 60, None], [60, 0, None], [None, None, 0]]
    given = Problem(
        travel=Travel(durations_s=rows), jobs=(job(), job(id="b", location=2, drop_cost=9)), crews=(crew(),)
    )
    assert [left.job for left in solve(given, work=20, processes=1).dropped] == ["b"]


@pytest.mark.parametrize("seed", range(30))
def test_a_sound_problem_comes_through_the_door_unchanged(seed: int) -> None:
    given = mixed_problem(seed, jobs=6, crews=3)
    assert problem_to_dict(sound_problem(given)) == problem_to_dict(given)
