"""CP-SAT in a process of its own: what becomes of the plan when that process dies."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ortools.sat.python import cp_model

from dispatch.bench.generate import outage_shift
from dispatch.bench.mixed import mixed_problem
from dispatch.judge.check import judge
from dispatch.solver import solve
from dispatch.solver.exact import child as proofs
from dispatch.solver.exact.proof import solve_exact

DIES = """
import json, os, signal, sys
asked = json.loads(sys.stdin.readline())
{before}
os.kill(os.getpid(), signal.{signal})
"""
RAISES = "raise SystemExit('no solver here')"
SPEAKS_NONSENSE = "import sys; sys.stdin.readline(); print('{\"values\": [1, 2', flush=True)"
HANGS = "import sys, time; sys.stdin.readline(); time.sleep(600)"
ENDS = {
    "killed": DIES.format(before="", signal="SIGKILL"),
    "segmentation fault": DIES.format(before="", signal="SIGSEGV"),
    "raises": RAISES,
    "nonsense": SPEAKS_NONSENSE,
    "hangs": HANGS,
}


def largest_of_three() -> tuple[cp_model.CpModel, cp_model.IntVar]:
    model = cp_model.CpModel()
    x = model.new_int_var(0, 3, "x")
    model.minimize(-x)
    return model, x


@pytest.mark.parametrize("end", ENDS)
def test_a_proof_that_dies_costs_the_proof_but_not_the_plan(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prover = tmp_path / "prover.py"
    prover.write_text(ENDS[end], encoding="utf-8")
    monkeypatch.setattr(proofs, "PROVER", prover)
    problem = outage_shift(8, 3, 1)
    plan = solve(problem, time_limit_s=2)
    assert plan.status == "feasible"
    assert judge(problem, plan).feasible
    assert plan.seconds < 6


def test_what_was_told_before_the_end_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prover = tmp_path / "prover.py"
    said = 'print(\'{"values": [2], "bound": -3.0}\', flush=True)'
    prover.write_text(DIES.format(before=said, signal="SIGSEGV"), encoding="utf-8")
    monkeypatch.setattr(proofs, "PROVER", prover)
    model, x = largest_of_three()
    answer = proofs.solve_model(model, seconds=20)
    assert (answer.status, answer.value(x), answer.bound) == ("FEASIBLE", 2, -3)


def test_a_process_that_ends_before_it_is_asked_gives_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "PROVER", Path("/nowhere/prover.py"))
    assert not proofs.solve_model(largest_of_three()[0], seconds=20).found


def test_a_model_is_solved_in_another_process_and_its_answer_read() -> None:
    model, x = largest_of_three()
    answer = proofs.solve_model(model, seconds=20)
    assert (answer.optimal, answer.value(x), answer.bound) == (True, 3, -3)


def test_a_model_without_a_solution_is_said_to_have_none() -> None:
    model, x = largest_of_three()
    model.add(x >= 4)
    answer = proofs.solve_model(model, seconds=20)
    assert (answer.infeasible, answer.found) == (True, False)


def test_asking_to_stop_ends_the_proof_at_once_with_what_it_has() -> None:
    began = time.monotonic()
    solve_exact(outage_shift(14, 4, 1), 300, stop=lambda: time.monotonic() - began > 1)
    assert time.monotonic() - began < 4


def test_a_proof_runs_beside_other_threads() -> None:
    problem, ready = mixed_problem(3, jobs=4, crews=2), threading.Event()
    waiting = threading.Thread(target=ready.wait, daemon=True)
    waiting.start()
    plan = solve_exact(problem, 20)
    ready.set()
    assert plan is not None
    assert plan.status in ("optimal", "infeasible")


ASKS_AND_IS_KILLED = """
from dispatch.bench.generate import outage_shift
from dispatch.solver.exact.proof import solve_exact
solve_exact(outage_shift(14, 4, 1), 300)
"""


def children_of(pid: int) -> list[int]:
    """Processes that a process has started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_proof_ends_with_the_process_that_asked() -> None:
    ends = time.monotonic() + 60
    with subprocess.Popen([sys.executable, "-c", ASKS_AND_IS_KILLED]) as asking:
        while not (children := children_of(asking.pid)) and time.monotonic() < ends:
            time.sleep(0.05)
        asking.kill()
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < ends:
        time.sleep(0.05)
    assert children
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
