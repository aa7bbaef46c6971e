"""The main road from a case folder to files, run as its users run it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.ground.day import DayPlan
from dispatch.intake import load_case
from dispatch.judge.timing import plan_of
from dispatch.planning.main_road import UncheckedPlan, open_day, plan_day, with_plan
from tests.small_case import write_small_case


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_case(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def day(folder: Path) -> DayPlan:
    return plan_day(load_case(folder), work=500, processes=1)


def run(*words: str | Path) -> int:
    return main([str(word) for word in words])


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_request_is_answered_by_an_order_or_an_outage(day: DayPlan) -> None:
    asked = {request.id for request in day.case.requests}
    assert {each for order in day.orders for each in order.requests} == asked


def test_everybody_who_is_out_is_in_exactly_one_block(day: DayPlan) -> None:
    assert sum(block.customers for block in day.blocks) == day.summary.customers_out


def test_the_hazard_comes_before_everything_else(day: DayPlan) -> None:
    hazard = next(card for card in day.cards.values() if card.title == "hazard")
    assert hazard.tier == 0
    route = next(r for r in day.plan.routes if hazard.id in [visit.job for visit in r.visits])
    assert route.visits[0].job == hazard.id


def test_requests_of_the_future_are_not_known_yet(folder: Path) -> None:
    case = load_case(folder)
    early = replace(case, settings=replace(case.settings, now=case.requests[0].received_at))
    known = {each for order in open_day(early).orders for each in order.requests}
    assert known == {r.id for r in case.requests if r.received_at <= early.settings.now}


def test_a_plan_that_breaks_a_rule_is_never_returned(folder: Path) -> None:
    opened = open_day(load_case(folder))
    repair = next(job.id for job in opened.problem.jobs if "metering" in job.skills)
    with pytest.raises(UncheckedPlan, match="metering"):
        with_plan(opened, plan_of(opened.problem, {"crew-1": [repair]}))


def test_the_same_work_and_seed_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        assert run("plan", folder, "--out", tmp_path / out, "--work", "400", "--seed", "3", "--quiet") == 0
    names = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert names == sorted(
        p.relative_to(tmp_path / "two") for p in (tmp_path / "two").rglob("*") if p.is_file()
    )
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_plan_leaves_every_file_behind(
    folder: Path, tmp_path: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("plan", folder, "--out", tmp_path, "--work", "400", "--quiet") == 0
    shown = capsys.readouterr().out
    assert "customer-minutes" in shown
    assert "everything in this case is made up" in shown
    plan = json.loads((tmp_path / "plan.json").read_text())
    crews = {r["crew"] for r in plan["routes"] if r["visits"]} - {"control-room"}
    for crew in crews:
        assert (tmp_path / "sheets" / f"{crew}.pdf").read_bytes().startswith(b"%PDF")
        assert "<html" in (tmp_path / "sheets" / f"{crew}.html").read_text()
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["saidi_min"] == pytest.approx(summary["customer_minutes"] / summary["customers"])
    with (tmp_path / "etrs.csv").open() as rows:
        assert [row["outage"] for row in csv.DictReader(rows)]
    assert json.loads((tmp_path / "plan.geojson").read_text())["type"] == "FeatureCollection"
    scorer = [
        sys.executable,
        shared / "bench" / "score.py",
        tmp_path / "problem.json",
        tmp_path / "plan.json",
    ]
    scored = subprocess.run(scorer, capture_output=True, text=True, check=True)
    assert json.loads(scored.stdout)["cost"] == pytest.approx(plan["cost"], abs=1e-3)


def test_an_output_folder_that_is_a_file_is_refused_before_any_work(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("mine")
    assert run("plan", folder, "--out", tmp_path / "out") == 2
    assert "expected a folder to write into" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_folder_that_cannot_be_written_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o500)
    assert run("plan", folder, "--out", tmp_path / "out") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_skill_that_nobody_has_is_a_warning_and_with_strict_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_small_case(tmp_path / "case")
    rewrite(folder, "crews.csv", "switching;metering", "switching")
    assert run("plan", folder, "--out", tmp_path / "out", "--work", "50", "--quiet") == 0
    assert "no crew on shift has metering" in capsys.readouterr().err
    assert run("plan", folder, "--out", tmp_path / "strict", "--work", "50", "--quiet", "--strict") == 2
    assert not (tmp_path / "strict").exists()


def test_all_faults_of_a_case_are_listed_at_once_with_exit_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_small_case(tmp_path / "case")
    rewrite(folder, "crews.csv", "crew-1,Crew 1,D1", "crew-1,Crew 1,D9")
    rewrite(folder, "crews.csv", "crew-2,Crew 2,D2", "crew-2,Crew 2,D8")
    assert run("plan", folder, "--out", tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert "D9" in said
    assert "D8" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plam") == 2
    assert "did you mean 'plan'" in capsys.readouterr().err


def test_the_program_without_words_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "usage: gridcrew" in capsys.readouterr().out
    assert run("--help") == 0
