from __future__ import annotations

import argparse
import csv
import math
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bench.generate import FAMILIES
from dispatch.bench.mixed import mixed_problem
from dispatch.bench.peers import PEERS, Peer
from dispatch.bench.report import (
    parts_table,
    peers_table,
    problems_table,
    runs_csv,
    runs_from_csv,
    runs_table,
    scaling_svg,
)
from dispatch.bench.runs import Run, all_tasks, best_known
from dispatch.cli.bench import add_arguments, run
from dispatch.files.problem_files import problem_from_dict, problem_to_dict, read_problem
from dispatch.judge.check import judge
from dispatch.solver.starts.by_rule import rule_plan


@pytest.mark.parametrize("family", FAMILIES)
def test_a_generated_day_is_sound_repeatable_and_planned_by_the_rule(family: str):
    problem = FAMILIES[family](60, 8, 3)
    assert problem_to_dict(problem) == problem_to_dict(FAMILIES[family](60, 8, 3))
    assert problem_to_dict(problem) != problem_to_dict(FAMILIES[family](60, 8, 4))
    problem_from_dict(problem_to_dict(problem))
    verdict = judge(problem, rule_plan(problem))
    assert verdict.feasible, verdict.violations[:3]


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_rule_breaks_nothing_but_what_it_cannot_serve(seed: int):
    problem = mixed_problem(seed, jobs=7, crews=3)
    found = {violation.code for violation in judge(problem, rule_plan(problem)).violations}
    assert found <= {"not_served", "after", "committed"}


def test_the_rule_costs_what_the_published_rule_costs(shared: Path):
    bench = shared / "bench"
    with (bench / "best_known.csv").open(encoding="utf-8") as lines:
        published = {row["problem"]: row["dispatcher_rule_cost"] for row in csv.DictReader(lines)}
    for name in ("outage-plain-60-10", "outage-plain-200-20", "mtrp-20-01-k2-weighted", "outage-storm-60-10"):
        problem = read_problem(bench / "problems" / f"{name}.json")
        cost = judge(problem, rule_plan(problem)).cost
        assert math.isclose(cost, float(published[name]), rel_tol=0.02), name


def a_run(name: str, seed: int, cost: float, best: float | None, jobs: int = 60) -> Run:
    return Run(
        family="mtrp",
        name=name,
        jobs=jobs,
        crews=3,
        limit_s=2,
        seed=seed,
        cost=cost,
        bound=90,
        status="feasible",
        seconds=2.0,
        violations=0,
        rule=200,
        early=150,
        best_known=best,
        progress=((0.1, 150), (0.5, cost)),
    )


def test_the_tables_tell_medians_and_spread():
    runs = [a_run("p", 1, 100, 100), a_run("p", 2, 102, 100), a_run("p", 3, 110, 100), a_run("q", 1, 5, None)]
    (row,) = runs_table(runs)[2:]
    assert "| 2 x 3 | 2 | 2.0 | 4.00 | 2.00 (0.00 .. 10.00) |" in row
    rows = problems_table(runs)[2:]
    assert rows[0].startswith("| p | 2 | 102 | 100 | 2.00 (0.00 .. 10.00) | 90 |")
    assert rows[1].startswith("| q | 2 | 5 | - | - |")
    lines = list(csv.DictReader(runs_csv(runs).splitlines()))
    assert [line["best_known"] for line in lines] == ["100", "100", "100", ""]
    assert runs_from_csv(runs_csv(runs)) == [replace(run, progress=()) for run in runs]
    assert runs_from_csv("family,name\nmtrp,p\n") == []


def test_a_bench_that_goes_on_makes_only_the_missing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder, out = tmp_path / "problems", tmp_path / "out"
    command("--generate", "outage-plain", "20", "3", "1", "--out", str(folder))
    (folder / "outage-plain-20-3-seed1.json").rename(folder / "outage-plain-60-10.json")
    out.mkdir()
    kept = replace(a_run("outage-plain-60-10", 1, 100, None), family="outage")
    (out / "results.csv").write_text(runs_csv([kept]), encoding="utf-8")
    words = ("--quick", "--resume", "--no-peers", "--no-scaling", "--processes", "1", "--seeds", "1", "2")
    capsys.readouterr()
    assert command("--problems", str(folder), "--out", str(out), *words) == 0
    assert "seed 2" in capsys.readouterr().out.splitlines()[0]
    found = runs_from_csv((out / "results.csv").read_text(encoding="utf-8"))
    assert [(run.seed, run.cost == 100) for run in found] == [(1, True), (2, False)]


def test_the_parts_table_sets_each_part_against_the_whole():
    whole = a_run("p", 1, 100, None)
    rows = parts_table([whole, replace(whole, cost=103, without="exchange", bound=None)])[2:]
    assert rows == ["| p | 2 | 100, proven within 10.00 % | +3.00 %, nothing proven |"]


def test_a_peer_that_is_not_installed_is_skipped_with_the_reason():
    peer = Peer(name="x", minimises="y", module="pyvrp", run=lambda problem, seconds: None)
    outcome = peer.outcome(mixed_problem(1), 1)
    assert outcome.cost is None
    assert outcome.note
    rows = peers_table([(a_run("p", 1, 100, None), [outcome])])
    assert outcome.note in rows[-1]


def test_plain_ortools_routing_is_judged_like_us():
    problem = FAMILIES["outage-plain"](20, 3, 1)
    outcome = next(peer for peer in PEERS if peer.name == "ortools").outcome(problem, 1)
    assert outcome.cost is not None
    assert outcome.cost < judge(problem, rule_plan(problem)).cost * 1.5


def test_the_plot_is_well_formed():
    runs = [a_run("p", 1, 100, 100, jobs) for jobs in (50, 500)]
    svg = scaling_svg(runs, "Title", "%", lambda run: run.below_rule)
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "500" in svg


def test_every_problem_of_the_table_gets_its_limit(tmp_path: Path):
    for name in (
        "outage-shift-60-10",
        "outage-shift-600-60",
        "mtrpp-avci-50-01-k2",
        "mtrpp-avci-750-01-k100",
    ):
        (tmp_path / f"{name}.json").write_text("{}")
    (tmp_path / "best_known.csv").write_text("problem,best_known_cost\nx,5\ny,\n")
    found = {(task.name, task.limit_s) for task in all_tasks(tmp_path)}
    assert found == {
        ("outage-shift-60-10", 10),
        ("outage-shift-60-10", 60),
        ("outage-shift-600-60", 60),
        ("mtrpp-avci-50-01-k2", 10),
        ("mtrpp-avci-750-01-k100", 60),
    }
    assert best_known(tmp_path) == {"x": 5.0}


def command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(words))


def test_the_command_writes_all_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dispatch.cli.bench.QUICK_SCALING_JOBS", (20, 30))
    folder = tmp_path / "problems"
    assert command("--generate", "outage-plain", "20", "3", "1", "--out", str(folder)) == 0
    (folder / "outage-plain-20-3-seed1.json").rename(folder / "outage-plain-60-10.json")
    out = tmp_path / "out"
    words = ("--quick", "--scale-limit", "0.3", "--no-peers", "--processes", "1")
    assert command("--problems", str(folder), "--out", str(out), *words) == 0
    assert {path.name for path in out.iterdir()} == {
        *("results.md", "results.csv", "scaling.csv", "scaling-cost.svg", "scaling-time.svg"),
    }
    assert "outage-plain-60-10" in (out / "results.md").read_text(encoding="utf-8")


def test_bad_words_on_the_command_line_end_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert command("--problems", str(tmp_path / "none")) == 2
    assert "no folder of problems" in capsys.readouterr().err
    assert command("--generate", "outage", "20", "3", "1", "--out", str(tmp_path)) == 2
    assert "outage-plain" in capsys.readouterr().err
