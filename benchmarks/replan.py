"""One urgent job in a running plan of 1,000 jobs and 100 crews: who takes it, and what planning anew moves.

Run: python benchmarks/replan.py [JOBS CREWS]

The plan is running: every crew is committed to its first job, and a job that another crew does
than in the plan in force costs a tenth of what a mean job costs. The three crews that can take the
urgent job at the least added cost are asked for twice: as it comes in (a problem that this process
has not seen; its tables are made) and once more (a warm process that knows the problem). Times are
wall clock, medians of five urgent jobs; run it on a quiet machine. Then the whole day is planned anew.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dispatch.bench.generate import outage_plain, outage_shift
from dispatch.check import judge
from dispatch.plan import Plan
from dispatch.problem import Previous, Problem
from dispatch.replan import replan
from dispatch.solver import solve
from dispatch.solver.changes import moved
from dispatch.solver.insertion import Candidate, best_crews
from dispatch.solver.ready import ready_to_replan

FIRST_S = 20.0
REPLAN_S = 5.0
URGENT = 5
CHANGE = 0.1  # price of a change of crew, in costs of a mean job


def main(jobs: int, crews: int) -> None:
    """Print the crews that can take an urgent job, and what planning anew does."""
    ready_to_replan()
    print("| day | jobs / crews | three best crews, new problem ms | known problem ms |", end="")
    print(" planned anew in s | cost % | other crew | other order | kept |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, make in (("outage-plain", outage_plain), ("outage-shift", outage_shift)):
        day = make(jobs, crews, 1)
        plan = solve(day, time_limit_s=FIRST_S, seed=1)
        running = [with_urgent(day, plan, at) for at in range(URGENT)]
        best_crews(running[0], plan, "urgent")
        new_ms, known_ms = [], []
        for problem in running[1:]:
            new_ms.append(asked(problem, plan)[0])
            known_ms.append(asked(problem, plan)[0])
        found = asked(running[0], plan)[1]
        times = f"{statistics.median(new_ms):.0f} | {statistics.median(known_ms):.0f}"
        print(f"| {name} | {jobs} / {crews} | {times} | {again(running[0], plan, found)} |", flush=True)
        for crew in found:
            late = ", ".join(f"{job} by {late_s} s" for job, late_s in crew.delayed) or "none"
            print(
                f"    {crew.crew}, visit {crew.position}: + {crew.added_cost:,.0f}; promises delayed: {late}"
            )


def with_urgent(day: Problem, plan: Plan, at: int) -> Problem:
    """The day with each crew's first job under way and one more at the place of job `at`."""
    first = {route.crew: (route.visits[0].job,) for route in plan.routes if route.visits}
    rate = 2 * max(job.cost_per_s for job in day.jobs)
    job = replace(day.jobs[at], id="urgent", cost_per_s=rate, windows=(), drop_cost=None)
    in_force = (
        Previous(crew=route.crew, jobs=tuple(visit.job for visit in route.visits)) for route in plan.routes
    )
    return replace(
        day,
        jobs=(*day.jobs, job),
        crews=tuple(replace(crew, committed=first.get(crew.id, ())) for crew in day.crews),
        previous=tuple(in_force),
        change_cost=CHANGE * plan.cost / len(day.jobs),
    )


def asked(problem: Problem, plan: Plan) -> tuple[float, tuple[Candidate, ...]]:
    """Milliseconds and the answer."""
    began_s = time.perf_counter()
    found = best_crews(problem, plan, "urgent")
    return 1000 * (time.perf_counter() - began_s), found


def again(problem: Problem, plan: Plan, found: tuple[Candidate, ...]) -> str:
    """Plan the whole day anew; seconds, cost against the best insertion, jobs moved."""
    routes = [[visit.job for visit in route.visits] for route in plan.routes]
    began_s = time.perf_counter()
    new = replan(problem, routes, time_limit_s=REPLAN_S, processes=2, move_price=0)
    took_s = time.perf_counter() - began_s
    assert not judge(problem, new).violations
    inserted = plan.cost + found[0].added_cost
    change = moved(plan, new)
    cost = f"{100 * (new.cost / inserted - 1):+.2f} against the best insertion"
    return f"{took_s:.1f} | {cost} | {len(change.crew)} | {len(change.order)} | {change.kept}"


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3] or ("1000", "100")))
