"""Thousands of small problems with every feature of the format mixed: does the solver keep its word?

Run: GRIDCREW_SHARED=folder python benchmarks/mixed.py [FROM TO] [--wild] [--prove]

For every seed: a plan, or where a job that must be served cannot be, the set in conflict.
Each plan is judged twice, by `dispatch.judge.check` and by the independent scorer in
`$GRIDCREW_SHARED/bench/score.py`, which have to agree on the cost and find nothing broken, and
never costs more than the dispatcher's rule. Every second problem is planned again with its first
jobs under way, one of them taking longer than thought. With `--wild`, what real data bring besides
is mixed in: no roads, metres, tiers, odd costs, late origins, nobody at work. With `--prove`, CP-SAT says
whether what came back infeasible has no plan at all, and of every fifth small one the least cost.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dispatch.bench.mixed import mixed_problem, wild_problem
from dispatch.files.plan_files import plan_to_dict
from dispatch.files.problem_files import problem_to_dict
from dispatch.ground.plan import Plan
from dispatch.ground.problem import Previous, Problem
from dispatch.judge.check import judge
from dispatch.solver import ready, solve
from dispatch.solver.exact.proof import solve_exact
from dispatch.solver.starts.by_rule import rule_plan

WORK = 200  # search steps
ROUNDING = 1e-9  # relative, of sums in floating point
LONGER_S = 40  # that the first job under way takes more than thought
PROOF_S = 10.0
PROVEN_EVERY = 5
PROVEN_JOBS = 8
INFEASIBLE = ("is not served", "are not first")  # in the scorer's words all that such a plan may break

Score = Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[float, Any, list[str]]]


def main() -> int:
    """Plan all seeds, tell what was wrong with each, count."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("seeds", nargs="*", type=int, default=[0, 10_000])
    options.add_argument("--wild", action="store_true")
    options.add_argument("--prove", action="store_true")
    given = options.parse_args()
    score = scorer()
    ready()
    began_s, counts = time.process_time(), Counter[str]()
    for seed in range(*given.seeds):
        for problem in problems(seed, wild=given.wild):
            plan = solve(problem, work=WORK, seed=1, processes=1)
            counts[plan.status] += 1
            beside = [verdict(problem)] if plan.status == "infeasible" and given.prove else []
            if given.prove and seed % PROVEN_EVERY == 0 and len(problem.jobs) <= PROVEN_JOBS:
                beside.append(compared(problem, plan))
            counts.update(beside)
            wrong = [told for told in beside if "WRONG" in told]
            for fault in faults(problem, plan, score) + wrong:
                counts["fault"] += 1
                print(f"seed {seed}: {fault}", flush=True)
    print(", ".join(f"{what}: {count}" for what, count in sorted(counts.items())))
    print(f"{time.process_time() - began_s:.0f} CPU-s")
    return min(1, counts["fault"])


def problems(seed: int, *, wild: bool = False) -> list[Problem]:
    """The problem of a seed, and for every second one the same day a little later."""
    make = wild_problem if wild else mixed_problem
    problem = make(seed, jobs=4 + seed % 9, crews=1 + seed % 4, hard=seed % 3 != 0)
    return [problem] if seed % 2 else [problem, later(problem)]


def later(problem: Problem) -> Problem:
    """Every crew's first job under way, one of them longer than thought; a change of crew costs."""
    plan = solve(problem, work=WORK, seed=1, processes=1)
    first = {route.crew: (route.visits[0].job,) for route in plan.routes if route.visits}
    late = next(iter(first.values()), ("",))[0]
    return replace(
        problem,
        jobs=tuple(
            replace(job, service_s=job.service_s + LONGER_S) if job.id == late else job
            for job in problem.jobs
        ),
        crews=tuple(replace(crew, committed=first.get(crew.id, ())) for crew in problem.crews),
        previous=tuple(
            Previous(crew=route.crew, jobs=tuple(visit.job for visit in route.visits))
            for route in plan.routes
        ),
        change_cost=100,
    )


def faults(problem: Problem, plan: Plan, score: Score) -> list[str]:
    """Whatever is wrong with a plan."""
    own = judge(problem, plan)
    as_files = (json.loads(json.dumps(to)) for to in (problem_to_dict(problem), plan_to_dict(plan)))
    cost, _, broken = score(*as_files)
    if plan.status == "infeasible":
        other = [text for text in broken if not any(part in text for part in INFEASIBLE)]
        return [*other, *([] if plan.conflicts else ["infeasible without a conflict"])]
    found = [violation.text for violation in own.violations] + broken
    slack = ROUNDING * max(1.0, abs(cost))
    if abs(cost - plan.cost) > slack or abs(own.cost - plan.cost) > slack:
        found.append(f"cost {plan.cost}, judged {own.cost}, by the scorer {cost}")
    if plan.bound is not None and plan.bound > plan.cost + slack:
        found.append(f"bound {plan.bound} above the cost {plan.cost}")
    rule = rule_plan(problem)
    by_rule = judge(problem, rule)
    if not by_rule.violations and by_rule.cost < plan.cost - slack:
        found.append(f"cost {plan.cost}, by the rule {by_rule.cost}")
    return found


def verdict(problem: Problem) -> str:
    """What CP-SAT says of a problem that the search found no plan for."""
    exact = solve_exact(problem, PROOF_S)
    if exact is None:
        return "infeasible, not proven"
    return "infeasible, proven" if exact.status == "infeasible" else "infeasible, WRONGLY"


def compared(problem: Problem, plan: Plan) -> str:
    """What CP-SAT says of a plan's cost: no plan may cost less than the least."""
    exact = solve_exact(problem, PROOF_S)
    if exact is None or exact.status == "feasible":
        return "least cost not known"
    if exact.status == "infeasible":
        return (
            "no plan, as CP-SAT says"
            if plan.status == "infeasible"
            else "a plan where CP-SAT says none, WRONG"
        )
    if plan.status == "infeasible":
        return "no plan where CP-SAT has one, WRONG"
    slack = ROUNDING * max(1.0, abs(exact.cost))
    if plan.cost < exact.cost - slack:
        return f"cost {plan.cost} below the proven least {exact.cost}, WRONG"
    return "the least cost" if plan.cost <= exact.cost + slack else "above the least cost"


def scorer() -> Score:
    """The independent scorer's function."""
    path = Path(os.environ.get("GRIDCREW_SHARED", "../shared")) / "bench" / "score.py"
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score"] = module
    spec.loader.exec_module(module)
    found: Score = module.score
    return found


if __name__ == "__main__":
    raise SystemExit(main())
