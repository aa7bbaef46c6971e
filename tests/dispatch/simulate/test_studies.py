"""Studies beside the program: a real process, found after a restart, ended early, and what is refused."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.ground.errors import InputFaults
from dispatch.simulate.expected import newest_expected
from dispatch.simulate.studies import Busy, NoStudy, Studies
from dispatch.simulate.variations import Order

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SCENARIO = """\
name: Small storm
base: list
case: {case}
start: 2026-07-14T06:00:00-04:00
hours: 30
damage: {{faults: 4}}
crews:
  - {{name: all, count: 2, skills: [hv, lv, cable, switching, tree], turns: [[0, 28]]}}
plan: {{dispatcher: list}}
"""


@pytest.fixture
def studies(small_folder: Path, tmp_path: Path) -> Studies:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "small.yaml").write_text(SCENARIO.format(case=small_folder / "case"))
    return Studies(folder=tmp_path / "studies", scenarios=scenarios)


def order(**changes: object) -> Order:
    alternatives = [
        {"name": "as it is", "of": "list", "dispatcher": "list"},
        {"name": "one crew", "of": "list", "dispatcher": "list", "counts": {"all": 1}},
    ]
    given = {"scenario": "small", "replications": 2, "seed": 3, "alternatives": alternatives}
    return Order.model_validate({**given, **changes})


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_study_runs_in_its_own_process_and_another_desk_finds_what_it_found(studies: Studies) -> None:
    id_ = studies.start(order(), NOW, "ann")
    with pytest.raises(Busy):
        studies.start(order(), NOW, "ann")
    later = Studies(folder=studies.folder, scenarios=studies.scenarios)
    assert later.running() is not None
    until(lambda: studies.get(id_).state != "running")
    assert later.get(id_).state == "done", (studies.folder / id_ / "log.txt").read_text()
    report = later.report(id_, "en")
    assert report is not None
    assert list(report.records) == ["as it is", "one crew"]
    assert report.count == 2
    assert len(report.content) == 64
    expected = newest_expected(later)
    assert expected is not None
    assert (expected.study, expected.days, expected.made_by, expected.made_at) == (id_, 2, "ann", NOW)
    assert expected.faults == sum(record["faults"] for record in report.records["as it is"]) / 2
    assert expected.within(24) == pytest.approx(expected.faults)
    assert expected.low <= expected.faults <= expected.high
    assert len(later.films(id_)) == 2
    assert json.loads(later.file(id_, later.films(id_)[0]).read_text())["seed"] == 3
    later.remove(id_)
    assert later.all() == []
    assert newest_expected(later) is None


def test_a_study_ended_early_says_so(studies: Studies) -> None:
    id_ = studies.start(order(replications=500), NOW, "ann")
    until(lambda: studies.get(id_).status["done"] > 0 or studies.get(id_).state != "running")
    studies.cancel(id_)
    until(lambda: studies.get(id_).state != "running")
    assert studies.get(id_).state == "cancelled"


def test_a_process_that_dies_is_a_failed_study_not_one_that_runs_for_ever(studies: Studies) -> None:
    id_ = studies.start(order(replications=500), NOW, "ann")
    os.kill(int((studies.folder / id_ / "pid").read_text()), signal.SIGKILL)
    until(lambda: studies.get(id_).state == "failed")
    assert studies.running() is None


def test_what_cannot_be_run_is_refused_before_anything_starts(studies: Studies) -> None:
    with pytest.raises(NoStudy, match="did you mean 'small'"):
        studies.start(order(scenario="smal"), NOW, "ann")
    with pytest.raises(InputFaults, match="two are called"):
        studies.start(order(alternatives=[{"name": "a", "of": "list"}] * 2), NOW, "ann")
    with pytest.raises(InputFaults, match="did you mean 'list'"):
        studies.start(order(alternatives=[{"name": "a", "of": "lst"}]), NOW, "ann")
    with pytest.raises(InputFaults, match="no policy"):
        studies.start(order(alternatives=[{"name": "a", "of": "list", "policy": "xx"}]), NOW, "ann")
    assert studies.all() == []


@pytest.mark.parametrize("name", ["../order.json", "order.json", "pid", "log.txt", "film-0-../x-1.json"])
def test_only_what_may_be_handed_out_is(studies: Studies, name: str) -> None:
    home = studies.folder / "20260701-120000-abcd"
    home.mkdir(parents=True)
    (home / "order.json").write_text("{}")
    with pytest.raises(NoStudy):
        studies.file(home.name, name)
    with pytest.raises(NoStudy):
        studies.file("../studies", "order.json")
