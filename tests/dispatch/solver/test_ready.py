from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.solver.ready import _alone

# The package gives a function of the module's name.
READY = sys.modules["dispatch.solver.ready"]

SCRIPT = """
import importlib
from dispatch.bench.mixed import mixed_problem
from dispatch.solver import solve
from dispatch.planning.replan import replan
from dispatch.solver._compile import KERNELS
from dispatch.solver.ready import ready_to_replan

def compiled():
    modules = [importlib.import_module(f"dispatch.solver.{name.replace('/', '.')}") for name in KERNELS]
    kernels = [value for each in modules for value in vars(each).values() if hasattr(value, "signatures")]
    return {(kernel.__name__, str(signature)) for kernel in kernels for signature in kernel.signatures}

ready_to_replan()
before = compiled()
for seed in range(12):
    problem = mixed_problem(seed)
    plan = solve(problem, work=30, seed=1, processes=1)
    routes = {route.crew: [visit.job for visit in route.visits] for route in plan.routes}
    replan(problem, [routes.get(crew.id, []) for crew in problem.crews], work=30)
assert before, "nothing was compiled"
print(sorted(compiled() - before))
"""


def test_after_getting_ready_nothing_is_left_to_compile():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_whether_the_kernels_are_compiled_is_known_without_compiling_them(tmp_path: Path):
    script = "from dispatch.solver import is_compiled; print(is_compiled())"
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "False"


def test_of_all_processes_one_at_a_time_compiles_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(READY, "_caches", lambda: {tmp_path / "new", tmp_path / "other"})
    with (
        _alone("part.lock"),
        (tmp_path / "new" / "part.lock").open("ab") as another,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / "new" / "part.lock").open("ab") as another:
        fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_where_nothing_can_be_written_a_part_is_compiled_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setattr(READY, "_caches", lambda: {tmp_path / "file"})
    with _alone("part.lock"):
        pass
