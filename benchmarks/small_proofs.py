"""Small coupled problems: is every plan the best one, and proven so, within two seconds?

Run: python benchmarks/small_proofs.py [--runs 250] [--first 0] [--time-limit 2] [--settle 0]

Problems of 5 to 12 jobs in which crews wait for one another: jobs after others, jobs for two crews,
breaks, blocks. What is not proven within the limit is told, and with `--settle S` CP-SAT gets S
seconds more to say by how much the plan is off. On a machine that has other work, give a longer limit:
the CPU seconds of each solve (search, proof and the start of its process) are told beside.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dispatch.bench.mixed import mixed_problem
from dispatch.ground.plan import Plan
from dispatch.ground.problem import Problem
from dispatch.judge.check import judge
from dispatch.solver import ready, solve
from dispatch.solver.exact.proof import solve_exact

OFF = 1e-9  # relative, from which on a plan is not the best one


def main() -> int:
    """Solve all, tell which were not proven or off, count; 0 where all were proven."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=250)
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--time-limit", type=float, default=2.0)
    options.add_argument("--settle", type=float, default=0.0, help="seconds of CP-SAT for what is not proven")
    given = options.parse_args()
    ready()
    used: list[float] = []
    counts, seed, done = Counter[str](), given.first, 0
    while done < given.runs:
        problem, seed = coupled_problem(seed), seed + 1
        if problem is None:
            continue
        done += 1
        began_s, began_cpu_s = time.monotonic(), cpu_s()
        plan = solve(problem, time_limit_s=given.time_limit, seed=1, processes=2)
        took_s, used_s = time.monotonic() - began_s, cpu_s() - began_cpu_s
        used.append(used_s)
        counts[plan.status] += 1
        counts["late"] += took_s > given.time_limit + 1
        if judge(problem, plan).violations and plan.status != "infeasible":
            counts["broken"] += 1
        if plan.status == "optimal":
            continue
        about = f"{len(problem.jobs)} jobs, {len(problem.crews)} crews"
        told = f"seed {seed - 1} ({about}, {used_s:.1f} CPU-s)"
        said = f"{told}: {plan.status}, cost {plan.cost:,.0f}, bound {plan.bound}"
        if given.settle:
            exact = solve_exact(problem, given.settle, any_size=True)
            verdict, what = off(plan.cost if plan.status != "infeasible" else math.inf, exact)
            counts[verdict] += 1
            said += f"; {what}"
        print(said, flush=True)
    spread = ", ".join(f"{np.quantile(used, share):.2f}" for share in (0.5, 0.9, 1.0))
    print(f"CPU seconds, median, of nine in ten, most: {spread}")
    print(", ".join(f"{what}: {count}" for what, count in sorted(counts.items())))
    return 0 if counts["optimal"] + counts["right, no plan"] == given.runs else 1


def cpu_s() -> float:
    """CPU seconds of this process and of those that it has started and that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def off(cost: float, exact: Plan | None) -> tuple[str, str]:
    """What CP-SAT says of a cost, in a word and in a sentence."""
    if exact is None:
        return "not settled", "not settled"
    if exact.status == "infeasible":
        return ("right, no plan", "there is none") if math.isinf(cost) else ("wrong", "there is NONE")
    best: float = exact.cost
    gap = (cost - best) / max(1.0, abs(best))
    proven = "proven" if exact.status == "optimal" else f"bound {exact.bound}"
    return ("off" if gap > OFF else "best, not proven"), f"off by {100 * gap:.2f} % of {best:,.0f} ({proven})"


def coupled_problem(seed: int) -> Problem | None:
    """A small problem whose crews wait for one another; None where this seed's do not."""
    problem = mixed_problem(seed, jobs=5 + seed % 8, crews=2 + seed % 3, hard=seed % 3 == 0)
    waits = any(job.after or job.crews_needed > 1 for job in problem.jobs)
    also = problem.blocks or any(crew.breaks for crew in problem.crews)
    return problem if waits and also else None


if __name__ == "__main__":
    sys.exit(main())
