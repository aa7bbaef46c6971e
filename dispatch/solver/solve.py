"""Solve a problem: from the dispatcher's rule through the search to a priced plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..plan import Plan
from ..problem import Problem
from .arrays import build
from .construct import rule_routes
from .engine import COLD, HOT, Engine
from .plans import make_plan
from .progress import Progress

DEFAULT_SECONDS = 10.0
CHUNK_S = 0.05
FIRST_STEPS = 20
WORK_CHUNK = 500


def solve(
    problem: Problem,
    *,
    time_limit_s: float | None = None,
    work: int | None = None,
    seed: int = 1,
    processes: int = 2,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    start: Sequence[Sequence[str]] | None = None,
) -> Plan:
    """Find a plan of low cost."""
    began = time.monotonic()
    limit = time_limit_s if time_limit_s is not None or work is not None else DEFAULT_SECONDS
    arrays, lookup = build(problem)
    engine = Engine(arrays, seed)
    idx = {job.id: i for i, job in enumerate(problem.jobs)}
    if start is not None:
        routes = [[idx[job] for job in jobs] for jobs in start]
    else:
        routes = rule_routes(problem, arrays, lookup.place, None)
    engine.start(routes)
    steps = 0
    chunk = FIRST_STEPS
    t0 = time.monotonic()
    while len(problem.jobs):
        if work is not None:
            fraction, size = steps / work, min(WORK_CHUNK, work - steps)
            if size <= 0:
                break
            ahead = (steps + size) / work
        else:
            assert limit is not None
            now = time.monotonic()
            fraction = (now - t0) / max(1e-9, began + limit - t0)
            if fraction >= 1:
                break
            size, ahead = chunk, min(1.0, fraction + CHUNK_S / limit)
        hot = HOT * (COLD / HOT) ** fraction
        cold = HOT * (COLD / HOT) ** ahead
        before = time.monotonic()
        engine.run(size, hot, cold)
        steps += size
        took = time.monotonic() - before
        chunk = max(1, int(chunk * min(4.0, CHUNK_S / max(took, 1e-6))))
        if on_progress is not None:
            on_progress(
                Progress(
                    seconds=time.monotonic() - began,
                    cost=engine.score.cost + lookup.constant,
                    bound=None,
                    work=steps,
                )
            )
        if stop is not None and stop():
            break
    timed = engine.timed(problem, lookup)
    status = "feasible" if engine.score.missing == 0 else "infeasible"
    plan = make_plan(problem, timed, status=status, seconds=time.monotonic() - began, seed=seed)
    return plan
