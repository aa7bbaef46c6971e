from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.mixed import mixed_problem, random_sequences
from dispatch.files.plan_files import plan_from_dict, plan_to_dict, read_plan, write_plan
from dispatch.files.problem_files import problem_from_dict, problem_to_dict, read_problem, write_problem
from dispatch.ground.errors import InputFaults
from dispatch.judge.check import judge
from dispatch.judge.timing import plan_of

SOUND: dict[str, Any] = {
    "format": "dispatch-problem/1",
    "travel": {"durations_s": [[0, 10, 20], [10, 0, 10], [20, 10, 0]]},
    "jobs": [
        {"id": "A", "location": 1, "service_s": 60, "windows": [[0, 100]]},
        {"id": "B", "location": 2, "after": [{"job": "A"}]},
    ],
    "crews": [{"id": "K", "start": 0, "breaks": [{"window": [0, 50], "duration_s": 10}]}],
    "blocks": [{"id": "X", "cost_per_s": 1, "restored_by": [["A"]]}],
    "unserved_at_s": 1000,
}


def faults_of(data: Any) -> dict[str, str]:
    with pytest.raises(InputFaults) as caught:
        problem_from_dict(data, "p.json")
    return {fault.place: fault.text for fault in caught.value.faults}


def test_a_sound_problem_is_read():
    problem = problem_from_dict(SOUND)
    assert problem.crews[0].start == (0,)
    assert problem.jobs[1].after[0].job == "A"
    assert problem.travel.between(0, 2) == 20


def put(path: str, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(SOUND)
    *inner, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    at: Any = data
    for step in inner:
        at = at[step]
    if value is KeyError:
        del at[last]
    else:
        at[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "place", "says"),
    [
        ("jobs.0.service_s", -300, "jobs[0].service_s", "is -300; must be >= 0"),
        ("jobs.0.service_s", 1.5, "jobs[0].service_s", "whole number"),
        ("jobs.0.service_s", "5", "jobs[0].service_s", 'is "5"; must be a whole number'),
        ("jobs.0.service_s", True, "jobs[0].service_s", "must be a whole number"),
        ("jobs.0.cost_per_s", float("nan"), "jobs[0].cost_per_s", "is nan"),
        ("jobs.0.cost_per_s", float("inf"), "jobs[0].cost_per_s", "is inf"),
        ("jobs.0.cost_per_s", -1, "jobs[0].cost_per_s", ">= 0"),
        ("jobs.0.cost_per_s", 1e16, "jobs[0].cost_per_s", "1e15"),
        ("jobs.0.windows", [[5, 3]], "jobs[0].windows[0]", "closes before it opens"),
        ("jobs.0.windows", [5, 3], "jobs[0].windows[0]", "[earliest, latest]"),
        ("jobs.0.sevice_s", 5, "jobs[0].sevice_s", "did you mean 'service_s'?"),
        ("jobs.0.location", KeyError, "jobs[0].location", "is missing"),
        ("jobs.0.location", 7, "jobs[0].location", "3 locations (0 to 2)"),
        ("jobs.0.id", "B", "jobs[1].id", "jobs[0] has the same id"),
        ("jobs.0.skills", ["hv", "hv"], "jobs[0].skills[1]", "already"),
        ("jobs.0.load", {"fuse": -1}, "jobs[0].load.fuse", ">= 0"),
        ("jobs.0.crews_needed", 0, "jobs[0].crews_needed", ">= 1"),
        ("jobs.0.after", [{"job": "B"}], "jobs", "wait for each other in a circle"),
        ("jobs.1.after", [{"job": "AA"}], "jobs[1].after[0].job", "did you mean 'A'?"),
        ("crews.0.start", [], "crews[0].start", "at least one"),
        ("crews.0.start", [0, 9], "crews[0].start", "is 9"),
        ("crews.0.end", 9, "crews[0].end", "is 9"),
        ("crews.0.shift", [9, 3], "crews[0].shift", "closes before"),
        ("crews.0.speed_factor", 0, "crews[0].speed_factor", "> 0"),
        ("crews.0.committed", ["Z"], "crews[0].committed[0]", "no such job"),
        ("crews.0.breaks.0.window", [50, 0], "crews[0].breaks[0].window", "closes before"),
        ("blocks.0.restored_by", [["A", "Q"]], "blocks[0].restored_by[0][1]", "no such job"),
        ("unserved_at_s", KeyError, "unserved_at_s", "blocks need it"),
        ("travel", {}, "travel", "neither is given"),
        ("travel.xy", [[0, 0]], "travel", "both are given"),
        ("travel.durations_s", [[0, 1], [1]], "travel.durations_s[1]", "square"),
        *(("travel.durations_s", each, "travel.durations_s", "") for each in (20, True, "far", {"a": 1})),
        ("travel.durations_s", [[0, -1], [1, 0]], "travel.durations_s[0][1]", "is -1"),
        ("travel.durations_s", [[0, 1.5], [1, 0]], "travel.durations_s[0][1]", "whole"),
        ("travel.durations_s", [[0, "far"], [1, 0]], "travel.durations_s[0][1]", "far"),
        ("travel", {"xy": [[0, 0], [1, None]]}, "travel.xy[1][1]", "is null"),
        ("travel", {"xy": [[0, 0]], "metric": "euclidean"}, "travel.metric", "did you mean 'euclid'?"),
        ("travel.distances_m", [[0]], "travel.distances_m", "1 rows"),
        ("previous", [{"crew": "Z", "jobs": ["A"]}], "previous[0].crew", "no such crew"),
        ("format", "dispatch-problem/2", "format", "dispatch-problem/1"),
        ("max_crews", -1, "max_crews", ">= 0"),
        ("blobs", 1, "blobs", "did you mean 'blocks'?"),
    ],
)
def test_each_fault_has_its_place_and_says_what_is_wrong(path, value, place, says):
    found = faults_of(put(path, value))
    assert place in found
    assert says in found[place]


def test_all_faults_come_at_once_and_the_message_counts_them():
    data = put("jobs.0.service_s", -1)
    data["jobs"] += [{"id": f"N{at}", "location": 1, "service_s": "x"} for at in range(60)]
    with pytest.raises(InputFaults) as caught:
        problem_from_dict(data, "p.json")
    assert len(caught.value.faults) == 61
    assert "... and 11 more" in str(caught.value)
    assert "p.json: jobs[0].service_s: is -1" in str(caught.value)


@pytest.mark.parametrize("data", [None, 3, [], {}, {"jobs": 1}, {"travel": [], "jobs": {}, "crews": [None]}])
def test_what_is_no_problem_at_all_is_refused_with_reasons(data):
    assert faults_of(data)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not JSON"),
        (b'{"format": ', "line 1 column"),
        (b"\xff\xfe{\x00}\x00", "is not UTF-8"),
        (b'{"format": 1, "format": 2}', "stands twice"),
        (b"[" * 100_000, "nested"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "is not JSON"),
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes, says: str):
    path = tmp_path / "p.json"
    path.write_bytes(content)
    with pytest.raises(InputFaults, match=says):
        read_problem(path)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path):
    with pytest.raises(InputFaults, match="No such file"):
        read_problem(tmp_path / "none.json")
    with pytest.raises(InputFaults, match="directory"):
        read_problem(tmp_path)


def test_a_file_too_large_is_refused_unread(tmp_path: Path):
    path = tmp_path / "huge.json"
    with path.open("wb") as out:
        out.truncate(2 << 30)
    with pytest.raises(InputFaults, match=r"2\.0 GiB"):
        read_problem(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(SOUND), encoding="utf-8-sig")
    assert len(read_problem(path).jobs) == 2


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_problem_and_plan_come_back_as_they_were_written(seed: int):
    problem = mixed_problem(seed, jobs=5, crews=2)
    again = problem_from_dict(json.loads(json.dumps(problem_to_dict(problem))))
    assert (again.jobs, again.crews, again.blocks) == (problem.jobs, problem.crews, problem.blocks)
    assert (again.travel.matrix_s == problem.travel.matrix_s).all()
    assert (again.previous, again.costs, again.max_crews) == (
        problem.previous,
        problem.costs,
        problem.max_crews,
    )
    plan = plan_of(problem, random_sequences(problem, seed))
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(plan)))) == plan


def test_files_are_written_whole_or_not_at_all(tmp_path: Path):
    problem = problem_from_dict(SOUND)
    path = tmp_path / "p.json"
    write_problem(path, problem)
    assert read_problem(path).jobs == problem.jobs
    plan = plan_of(problem, {"K": ["A", "B"]})
    write_plan(tmp_path / "plan.json", plan)
    assert read_plan(tmp_path / "plan.json") == plan
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["p.json", "plan.json"]
    with pytest.raises(InputFaults, match="cannot be written"):
        write_plan(tmp_path / "no" / "plan.json", plan)


def test_a_plan_of_bare_job_ids_is_timed_beside_its_problem():
    problem = problem_from_dict(SOUND)
    data = {"format": "dispatch-plan/1", "routes": [{"crew": "K", "visits": ["A", {"job": "B"}]}]}
    plan = plan_from_dict(data, problem=problem)
    assert [visit.job for visit in plan.routes[0].visits] == ["A", "B"]
    assert judge(problem, plan).feasible
    with pytest.raises(InputFaults, match="state no times"):
        plan_from_dict(data)


def test_a_plan_with_faults_lists_them_all():
    data = {
        "format": "dispatch-plan/1",
        "routes": [{"crew": "K", "visits": [{"job": "A", "start_s": 1}], "brakes": []}],
        "dropped": [{"reasons": []}],
    }
    with pytest.raises(InputFaults) as caught:
        plan_from_dict(data)
    places = {fault.place for fault in caught.value.faults}
    assert places == {"routes[0].visits[0]", "routes[0].brakes", "dropped[0].job"}


def test_points_and_tables_give_the_same_drives():
    points = [[0, 0], [3, 4], [6, 8]]
    data = put("travel", {"xy": points, "scale": 2, "rounding": "ceil"})
    problem = problem_from_dict(data)
    assert problem.travel.between(0, 2) == 20
    assert np.array_equal(problem.travel.matrix_s[0], [0, 10, 20])
