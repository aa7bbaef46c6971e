"""A study from its file to its report, on the small case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.ground.errors import InputFaults
from dispatch.simulate.answers import difference, estimate, more_needed
from dispatch.simulate.scenario_file import read_study, write_study
from dispatch.simulate.storms import first_call_s
from dispatch.simulate.study import run_study


def test_all_faults_of_a_scenario_are_named_at_once(small_study: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        small_study.read_text(encoding="utf-8")
        .replace("hours: 30", "hour: 30")
        .replace("faults: 4", "faults: -4")
        .replace("[[0, 28]]", "[[9, 3]]", 1)
        .replace("dispatcher: list", "dispatcher: lists")
    )
    with pytest.raises(InputFaults) as caught:
        read_study(path)
    said = str(caught.value)
    for expected in (
        "hour: unknown setting; did you mean 'hours'?",
        "damage.faults",
        "turns",
        "plan.dispatcher",
    ):
        assert expected in said


def test_a_scenario_that_is_no_yaml_is_a_fault_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: [one\ncase: x\n")
    with pytest.raises(InputFaults, match="line"):
        read_study(path)


def test_an_alternative_changes_what_it_names_and_nothing_else(small_study: Path) -> None:
    study = read_study(small_study)
    base, other = (study.alternatives[name] for name in ("list", "one crew fewer"))
    assert other.crews[0].count == 1
    assert other.model_copy(update={"crews": base.crews}) == base


def test_a_study_is_the_same_once_written_down_in_one_file(small_study: Path, tmp_path: Path) -> None:
    causes = "{overhead: {wire down: 1, tree: 2}, cable: {cable: 1}}"
    text = small_study.read_text(encoding="utf-8").replace("{faults: 4", f"{{causes: {causes}, faults: 4")
    given = tmp_path / "given.yaml"
    given.write_text(text.replace("case: case", f"case: {small_study.parent / 'case'}"), encoding="utf-8")
    study = read_study(given)
    write_study(tmp_path / "again.yaml", study)
    again = read_study(tmp_path / "again.yaml")
    bare = [
        {name: each.model_copy(update={"case": ""}) for name, each in asked.alternatives.items()}
        for asked in (again, study)
    ]
    assert bare[0] == bare[1]
    assert again.case_folder.samefile(study.case_folder)
    assert list(again.alternatives) == list(study.alternatives)
    assert list(again.alternatives["list"].damage.causes["overhead"]) == ["wire down", "tree"]


def test_records_are_the_same_in_one_process_and_in_two(small_study: Path, tmp_path: Path) -> None:
    study = read_study(small_study)
    one = run_study(study, replications=3, seed=1, out=tmp_path / "one")
    two = run_study(study, replications=3, seed=1, out=tmp_path / "two", processes=2)
    assert one == two
    assert one["list"][0] != one["list"][1]


def test_nothing_is_computed_twice(small_study: Path, tmp_path: Path) -> None:
    study = read_study(small_study)
    seen: list[int] = []
    run_study(study, replications=2, seed=1, out=tmp_path)
    run_study(
        study, replications=3, seed=1, out=tmp_path, on_progress=lambda done, total, _: seen.append(total)
    )
    assert seen == [2, 2]


def test_the_command_writes_a_report_with_settings_and_seed(
    small_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["simulate", small_study, "--replications", "3", "--seed", "7", "--out", tmp_path, "--quiet"]
    assert main([str(word) for word in words]) == 0
    assert "one crew fewer less list" in capsys.readouterr().out
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for expected in ("<svg", "SAIDI", "seed 7", "&quot;replications&quot;: 3", "one crew fewer"):
        assert expected in page
    again = read_study(tmp_path / "scenario.yaml")
    assert again.alternatives.keys() == read_study(small_study).alternatives.keys()
    assert again.case_folder == small_study.parent / "case"
    assert str(again.alternatives["one crew fewer"].crews) == str(
        read_study(small_study).alternatives["one crew fewer"].crews
    )
    answers = json.loads((tmp_path / "answers.json").read_text())
    assert answers["list"]["customer_minutes"]["mean"] >= 0


def test_a_broken_scenario_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: x\n")
    assert main(["simulate", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "crews" in capsys.readouterr().err


def test_more_customers_call_sooner(small_study: Path) -> None:
    habit = read_study(small_study).alternatives["list"].discovery
    delays = [first_call_s(customers, 0.5, habit) for customers in (1, 10, 100, 1000)]
    assert delays == sorted(delays, reverse=True)
    assert first_call_s(1, 0.9999, habit) == habit.unnoticed_h * 3600


def test_a_difference_is_taken_replication_by_replication() -> None:
    base = [{"x": value} for value in (10.0, 200.0, 3000.0)]
    other = [{"x": value} for value in (9.0, 199.0, 2998.9)]
    found = difference(base, other, "x")
    assert found.estimate.high < 0
    assert found.more == 0


def test_an_undecided_difference_says_how_many_more_replications_it_needs() -> None:
    assert (more_needed(estimate([1.0, -1.0, 2.0, -1.0, 1.5, -0.5])) or 0) > 10
    assert more_needed(estimate([0.0, 0.0])) is None
