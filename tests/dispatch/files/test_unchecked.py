"""A plan that fails its check names the file in which its problem is found."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from dispatch.files.problem_files import problem_to_dict, read_problem
from dispatch.files.unchecked import told
from dispatch.ground.errors import DispatchError
from dispatch.judge.timing import plan_of
from dispatch.planning.main_road import UncheckedPlan, open_day, with_plan
from tests.prepared import small_case


@pytest.fixture
def failed(tmp_path: Path) -> UncheckedPlan:
    opened = open_day(small_case())
    repair = next(job.id for job in opened.problem.jobs if "metering" in job.skills)
    with pytest.raises(UncheckedPlan) as caught:
        with_plan(opened, plan_of(opened.problem, {"crew-1": [repair]}))
    return caught.value


def test_the_problem_of_a_plan_that_failed_its_check_is_in_the_file_named(
    failed: UncheckedPlan,
) -> None:
    said = told(failed)
    path = re.search(r"The problem is in (\S+)\.$", said)
    assert path is not None
    assert problem_to_dict(read_problem(Path(path[1]))) == problem_to_dict(failed.problem)
    assert Path(path[1]).parent.stat().st_mode & 0o077 == 0
    assert told(failed) == said


def test_such_a_fault_travels_between_processes_with_its_problem(failed: UncheckedPlan) -> None:
    again = pickle.loads(pickle.dumps(failed))
    assert str(again) == str(failed)
    assert problem_to_dict(again.problem) == problem_to_dict(failed.problem)


def test_other_errors_are_told_as_they_are() -> None:
    assert told(DispatchError("no such crew")) == "no such crew"
