"""Small problems in fresh processes, as `gridcrew solve` is typed: how many of them die?

Run: python benchmarks/small_solves.py [--runs 500] [--first 0] [--time-limit 2]

Mixed problems of 5 to 12 jobs, some with shifts and storms, each solved with the default options by a
process of its own. A run has died when it ends by a signal or with a status other than 0 (a
plan) or 1 (infeasible). Beside it: how many plans were proven best.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dispatch.bench.generate import outage_shift, outage_storm
from dispatch.bench.mixed import mixed_problem
from dispatch.files.problem_files import write_problem
from dispatch.ground.problem import Problem
from dispatch.solver import ready

TOLD_EVERY = 50
WELL = (0, 1)  # exit status of a plan, and of a problem that has none
COMMAND = "import sys; from dispatch.cli import main; sys.exit(main(sys.argv[1:]))"


def main() -> int:
    """Solve, count, print; 0 where none died."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=500)
    options.add_argument(
        "--first", type=int, default=0, help="seed of the first problem, to go on where a run ended"
    )
    options.add_argument("--time-limit", type=float, default=2.0)
    given = options.parse_args()
    ready()
    ends, statuses = Counter[int](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for done, seed in enumerate(range(given.first, given.first + given.runs), 1):
            status, plan = solved(small_problem(seed), Path(folder), given.time_limit)
            ends[status] += 1
            statuses[plan] += 1
            if status not in WELL:
                print(f"seed {seed}: exit status {status}", flush=True)
            if done % TOLD_EVERY == 0:
                print(f"{done} runs so far: exit statuses {dict(ends)}", flush=True)
    died = sum(count for status, count in ends.items() if status not in WELL)
    print(f"{given.runs} runs, {died} died; {dict(statuses)}")
    return 1 if died else 0


def small_problem(seed: int) -> Problem:
    """5 to 12 jobs of every kind."""
    jobs, crews = 5 + seed % 8, 2 + seed % 3
    if seed % 5 == 3:
        return outage_shift(jobs, crews, seed)
    if seed % 5 == 4:
        return outage_storm(jobs, crews, seed)
    return mixed_problem(seed, jobs=jobs, crews=crews)


def solved(problem: Problem, folder: Path, time_limit_s: float) -> tuple[int, str]:
    """Exit status and the plan's status, "none" where no plan was written."""
    file, out = folder / "problem.json", folder / "plan.json"
    write_problem(file, problem)
    out.unlink(missing_ok=True)
    command = [sys.executable, "-c", COMMAND, "solve", str(file), "-o", str(out), "--quiet"]
    done = subprocess.run(
        [*command, "--time-limit", str(time_limit_s)], capture_output=True, check=False, timeout=600
    )
    return done.returncode, json.loads(out.read_text())["status"] if out.exists() else "none"


if __name__ == "__main__":
    sys.exit(main())
