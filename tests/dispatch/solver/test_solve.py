"""One call of `solve`: its parts, its limits, and what is left of it when it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from dispatch.bench.generate import outage_plain, outage_shift, outage_storm
from dispatch.bench.mixed import mixed_problem, wild_problem
from dispatch.judge.check import judge
from dispatch.solver import METHODS, Progress, solve
from dispatch.solver.exact.proof import solve_exact
from dispatch.solver.starts.by_rule import rule_plan


@pytest.mark.parametrize("part", METHODS)
def test_every_part_can_be_left_out_and_the_plan_still_keeps_the_rules(part: str) -> None:
    problem = outage_storm(30, 4, 1)
    plan = solve(problem, work=200, processes=1, without=frozenset({part}))
    assert judge(problem, plan).violations == ()


def test_two_processes_with_a_work_limit_wait_for_one_another() -> None:
    problem = outage_plain(30, 3, 1)
    assert judge(problem, solve(problem, work=300, processes=2)).violations == ()


def test_a_part_that_does_not_exist_is_an_error_that_names_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"magic.*exchange"):
        solve(outage_storm(5, 2, 1), work=1, without=frozenset({"magic"}))


def test_districts_are_told_early_and_stop_in_time() -> None:
    problem = outage_plain(2600, 200, 1)
    told: list[Progress] = []
    plan = solve(problem, time_limit_s=4, processes=1, on_progress=told.append)
    assert judge(problem, plan).violations == ()
    assert plan.bound is not None
    costs = [progress.cost for progress in told]
    assert costs == sorted(costs, reverse=True)


INTERRUPTED = """
import signal
from dispatch.bench.generate import outage_storm
from dispatch.judge.check import judge
from dispatch.solver import solve

def tell(progress):
    if not told:
        told.append(progress)
        print("running", flush=True)

# Whoever started the tests in the background may have it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
told = []
problem = outage_storm(150, 15, 1)
plan = solve(problem, time_limit_s=300, on_progress=tell)
assert judge(problem, plan).violations == ()
print("plan", plan.seconds < 200, len(plan.routes))
"""


def test_an_interrupt_from_the_keyboard_leaves_the_best_plan_so_far() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "running\n"
        os.killpg(running.pid, signal.SIGINT)
        assert running.stdout.read() == "plan True 15\n"
    assert running.returncode == 0


def test_running_out_of_memory_in_the_search_leaves_the_best_plan_so_far() -> None:
    problem = outage_plain(40, 4, 1)

    def exhaust(progress: Progress) -> None:
        raise MemoryError

    plan = solve(problem, work=5000, processes=1, on_progress=exhaust)
    assert judge(problem, plan).violations == ()


@pytest.mark.parametrize("seed", [3369, 4838])
def test_the_rule_is_never_better_where_few_crews_may_be_used(seed: int) -> None:
    problem = mixed_problem(seed, jobs=4 + seed % 9, crews=1 + seed % 4, hard=seed % 3 != 0)
    assert solve(problem, work=60, processes=1).cost <= rule_plan(problem).cost


@pytest.mark.parametrize("seed", [44, 84, 101])
def test_jobs_that_wait_for_others_are_left_out_where_that_is_cheaper(seed: int) -> None:
    problem = mixed_problem(seed, jobs=5 + seed % 5, crews=2 + seed % 2, hard=False)
    best = solve_exact(problem, 20)
    assert best is not None
    assert best.status == "optimal"
    assert solve(problem, work=1500, processes=1).cost <= 1.001 * best.cost


@pytest.mark.parametrize("seed", [200009, 200082, 200108, 200165, 200466, 200514])
def test_commitments_that_cannot_be_kept_break_no_other_rule(seed: int) -> None:
    problem = wild_problem(seed, jobs=4 + seed % 9, crews=1 + seed % 4, hard=seed % 3 != 0)
    plan = solve(problem, work=200, processes=1)
    broken = {violation.code for violation in judge(problem, plan).violations}
    assert plan.status == "infeasible"
    assert plan.conflicts
    assert broken <= {"not_served", "committed"}


@pytest.mark.parametrize("by_keyboard", [False, True])
def test_stopping_in_the_middle_of_a_proof_leaves_the_best_plan_so_far(by_keyboard: bool) -> None:
    problem = outage_shift(12, 4, 1)
    began = time.monotonic()

    def stop() -> bool:
        late = time.monotonic() - began > 1.5
        if late and by_keyboard:
            raise KeyboardInterrupt
        return late

    plan = solve(problem, time_limit_s=6, processes=1, stop=stop)
    assert judge(problem, plan).violations == ()
    assert plan.seconds < 4


def test_no_bound_is_proven_once_it_was_stopped() -> None:
    plan = solve(outage_plain(200, 20, 1), time_limit_s=60, processes=1, stop=lambda: True)
    assert plan.bound is None
    assert plan.seconds < 5


AFTER_A_PROOF = """
import os
import signal
from dispatch.bench.generate import outage_plain
from dispatch.solver import solve

signal.signal(signal.SIGINT, signal.default_int_handler)
assert solve(outage_plain(4, 2, 1), time_limit_s=2).status == "optimal"
try:
    os.kill(os.getpid(), signal.SIGINT)
    signal.pause()
except KeyboardInterrupt:
    print("heard")
"""


def test_a_proof_leaves_the_keyboard_interrupt_as_it_was() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_A_PROOF], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("heard\n", 0)


KILLED = """
import os
import signal
from dispatch.bench.generate import outage_storm
from dispatch.solver import solve

solve(outage_storm(60, 6, 1), time_limit_s=300, on_progress=lambda _: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_killed_solve_leaves_no_process_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        # The end of the output is there when the last process that holds it has ended.
        assert running.stdout.read() == b""
    assert running.returncode == -signal.SIGKILL
