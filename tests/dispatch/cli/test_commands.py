"""The commands on problem and plan files, as a user types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.cli import main

PROBLEM = {
    "format": "dispatch-problem/1",
    "travel": {"xy": [[0, 0], [100, 0], [0, 300], [400, 400]]},
    "jobs": [
        {"id": "wire", "location": 1, "service_s": 600, "cost_per_s": 5},
        {"id": "fuse", "location": 2, "service_s": 300, "cost_per_s": 1},
        {"id": "pole", "location": 3, "service_s": 900, "cost_per_s": 2, "skills": ["hv"], "drop_cost": 10},
    ],
    "crews": [{"id": "A", "start": 0}, {"id": "B", "start": 0}],
}


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM))
    return path


@pytest.fixture
def plan(problem: Path, tmp_path: Path) -> Path:
    assert main(["solve", str(problem), "-o", str(tmp_path / "plan.json"), "--work", "50", "--quiet"]) == 0
    return tmp_path / "plan.json"


def test_solve_check_and_score_agree(problem: Path, plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(problem), str(plan)]) == 0
    assert "0 violations" in capsys.readouterr().out
    assert main(["score", str(problem), str(plan)]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert scored["cost"] == pytest.approx(json.loads(plan.read_text())["cost"])


def test_a_left_out_job_has_its_reasons_in_the_plan(plan: Path) -> None:
    dropped = json.loads(plan.read_text())["dropped"]
    assert [each["job"] for each in dropped] == ["pole"]
    assert "hv" in " ".join(reason["text"] for reason in dropped[0]["reasons"])


def test_explain_names_what_is_missing_in_both_languages(
    problem: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(problem), str(plan), "--job", "pole"]) == 0
    assert "lacks the skill hv" in capsys.readouterr().out
    assert main(["explain", str(problem), str(plan), "--job", "pole", "--lang", "zh"]) == 0
    assert "hv" in capsys.readouterr().out


def test_explain_of_an_unknown_job_names_the_nearest(
    problem: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(problem), str(plan), "--job", "poles"]) == 2
    assert "did you mean 'pole'" in capsys.readouterr().err


def test_a_broken_plan_is_named_with_its_codes(
    problem: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = json.loads(plan.read_text())
    route = next(route for route in broken["routes"] if route["visits"])
    route["visits"][0]["start_s"] -= 50
    plan.write_text(json.dumps(broken))
    assert main(["check", str(problem), str(plan), "--json"]) == 1
    codes = {each["code"] for each in json.loads(capsys.readouterr().out)["violations"]}
    assert "too_early" in codes


def test_every_fault_of_a_problem_is_listed_with_exit_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = json.loads(json.dumps(PROBLEM))
    wrong["jobs"][0]["service_s"] = -5
    wrong["jobs"][1]["servce_s"] = 5
    wrong["crews"][0]["start"] = 9
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(wrong))
    assert main(["solve", str(path), "-o", str(tmp_path / "plan.json")]) == 2
    said = capsys.readouterr().err
    for word in ("-5", "did you mean 'service_s'", "3 faults"):
        assert word in said
    assert not (tmp_path / "plan.json").exists()


def test_a_problem_that_nobody_can_serve_comes_back_with_its_conflict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = json.loads(json.dumps(PROBLEM))
    del wrong["jobs"][2]["drop_cost"]
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(wrong))
    assert main(["solve", str(path), "-o", str(tmp_path / "plan.json"), "--work", "50", "--quiet"]) == 1
    told = json.loads((tmp_path / "plan.json").read_text())
    assert told["status"] == "infeasible"
    assert any("pole" in conflict["jobs"] for conflict in told["conflicts"])
    assert "pole" in capsys.readouterr().out


def test_an_interrupted_solve_writes_the_best_plan_so_far(problem: Path, tmp_path: Path) -> None:
    jobs = [
        {"id": f"J{k}", "location": k % 4, "service_s": 60 + 7 * k, "cost_per_s": 1 + k % 5}
        for k in range(40)
    ]
    problem.write_text(json.dumps({**PROBLEM, "jobs": jobs}))
    words = ["solve", str(problem), "-o", str(tmp_path / "plan.json"), "--time-limit", "300"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    running = subprocess.Popen(
        [sys.executable, "-m", "dispatch.cli", *words], stderr=subprocess.PIPE, text=True, env=env
    )
    assert running.stderr is not None
    assert "cost" in running.stderr.readline()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=120)
    assert running.returncode == 130
    assert len(json.loads((tmp_path / "plan.json").read_text())["routes"]) == 2


@pytest.mark.parametrize("command", ["check", "score", "explain"])
def test_a_plan_that_starts_at_no_place_is_refused_by_name(
    problem: Path, plan: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(plan.read_text(encoding="utf-8"))
    data["routes"][0]["start"] = 77_777
    plan.write_text(json.dumps(data), encoding="utf-8")
    job = json.loads(problem.read_text(encoding="utf-8"))["jobs"][0]["id"]
    more = ["--job", job] if command == "explain" else []
    assert main([command, str(problem), str(plan), *more]) == 2
    assert "routes[0].start: is 77777" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["--help", "--version", "check --help", "score --help", "explain --help"])
def test_what_needs_no_planner_does_not_wait_for_one_to_be_read_in(command: str) -> None:
    """Two seconds for each call in a script otherwise, for roads, grids, rules and solver."""
    look = (
        "import sys; from dispatch.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(' '.join(set(sys.modules) & {'geo', 'rules', 'pandas', 'numba', 'ortools'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, *command.split()], capture_output=True, text=True, check=True
    )
    assert done.stdout
    assert done.stderr == ""
