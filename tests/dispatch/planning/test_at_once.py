"""Where nothing is compiled yet, a day is planned by the rule, and nobody waits for the compiling."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.bench.mixed import mixed_problem
from dispatch.planning.at_once import plan_at_once
from dispatch.solver.ready import is_compiled_for_replans, ready_to_replan

SCRIPT = """
import sys
from pathlib import Path
from dispatch import load_case
from dispatch.judge.check import judge
from dispatch.planning import at_once
from dispatch.planning.main_road import plan_day

begun = []
at_once.compile_beside = lambda: begun.append(1)
case = load_case(sys.argv[1])
day = plan_day(case, at_once=True, reasons=False)
assert judge(day.problem, day.plan).feasible
assert any(route.visits for route in day.plan.routes)
# Nobody at the control room's desk is sent out, and no crew to the desk: no road leads there or back.
for route in day.plan.routes:
    here = day.nodes[route.start] < 0
    assert all((day.nodes[day.problem.job_by_id[visit.job].location] < 0) == here for visit in route.visits)
again = at_once.plan_at_once(day.problem, [
    [visit.job for route in day.plan.routes if route.crew == crew.id for visit in route.visits]
    for crew in day.problem.crews
])
assert again is not None and again.cost <= judge(day.problem, day.plan).cost
print(len(begun), len(list(Path(sys.argv[2]).rglob("*.nbi"))))
"""


@pytest.mark.parametrize("case", ["oberrhein", "coquimbo"])
def test_a_first_plan_compiles_nothing_and_keeps_every_rule(root: Path, tmp_path: Path, case: str) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root / "data" / case), str(cache)],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2", "0"]


def test_where_all_is_compiled_the_search_is_not_passed_over() -> None:
    ready_to_replan()
    assert is_compiled_for_replans()
    assert plan_at_once(mixed_problem(1), None) is None
