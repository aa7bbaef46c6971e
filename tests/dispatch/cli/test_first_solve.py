"""The first `gridcrew solve` on a machine: a plan by the rule at once, the kernels compiled beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from dispatch.bench.generate import outage_storm
from dispatch.files.plan_files import read_plan
from dispatch.files.problem_files import write_problem
from dispatch.judge.check import judge

SOLVE = "import sys; from dispatch.cli import main; sys.exit(main(sys.argv[1:]))"
PATIENCE_S = 120.0


def test_a_plan_by_the_rule_is_written_before_anything_is_compiled(tmp_path: Path) -> None:
    problem, out = outage_storm(60, 6, 1), tmp_path / "plan.json"
    write_problem(tmp_path / "problem.json", problem)
    command = [sys.executable, "-c", SOLVE, "solve", str(tmp_path / "problem.json"), "-o", str(out)]
    fresh = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    with subprocess.Popen(command, env=fresh, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert "first plan by the rule" in running.stderr.readline()
        assert judge(problem, read_plan(out)).feasible
        assert "Compiling" in running.stderr.readline()
        running.send_signal(signal.SIGTERM)
        began = time.monotonic()
        running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130
    assert time.monotonic() - began < 20
    assert judge(problem, read_plan(out)).feasible
