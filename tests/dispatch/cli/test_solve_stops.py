"""SIGTERM ends `gridcrew solve` as Ctrl-C does: soon, with the best plan so far written."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.bench.generate import outage_plain, outage_shift, outage_storm
from dispatch.files.plan_files import read_plan
from dispatch.files.problem_files import write_problem
from dispatch.ground.problem import Problem, Travel
from dispatch.judge.check import judge
from dispatch.judge.explain import reasons_for_dropped
from dispatch.solver.starts.by_rule import rule_plan

SOLVE = "import sys; from dispatch.cli import main; sys.exit(main(sys.argv[1:]))"
OBEYED_S = 20.0  # two seconds on a quiet machine; the tests run beside others on a busy one
INTERRUPTED = 130


PROBLEMS = {
    "a search in two processes": outage_storm(150, 15, 1),
    "a proof": outage_shift(14, 4, 1),
    "districts": outage_plain(3000, 250, 1),
    "subsets": Problem(
        travel=Travel(durations_s=outage_plain(20, 3, 1).travel.matrix_s),
        jobs=outage_plain(20, 3, 1).jobs,
        crews=outage_plain(20, 3, 1).crews,
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_obeyed_with_the_best_plan_so_far(
    name: str, number: signal.Signals, tmp_path: Path
) -> None:
    problem, plan = tmp_path / "problem.json", tmp_path / "plan.json"
    write_problem(problem, PROBLEMS[name])
    command = [sys.executable, "-c", SOLVE, "solve", str(problem), "-o", str(plan), "--time-limit", "120"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        running.stderr.readline()  # the first plan is told
        running.send_signal(number)
        began = time.monotonic()
        running.communicate(timeout=60)
        took_s = time.monotonic() - began
    assert running.returncode == INTERRUPTED
    assert took_s < OBEYED_S
    assert judge(PROBLEMS[name], read_plan(plan)).feasible


def test_reasons_are_cut_short_where_there_is_no_time_for_all() -> None:
    problem = outage_storm(60, 4, 1)
    plan = rule_plan(problem)
    nothing = replace(plan, routes=tuple(replace(route, visits=(), breaks=()) for route in plan.routes))
    asked = iter([False, False])
    dropped = reasons_for_dropped(problem, nothing, lambda: next(asked, True))
    assert len(dropped) == 60
    assert [reason.code for entry in dropped[2:] for reason in entry.reasons] == ["no_time"] * 58
    assert "no_time" not in {reason.code for entry in dropped[:2] for reason in entry.reasons}
