"""Who could take this job? The best crews for one more job in a running plan."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from ..plan import Plan
from ..problem import Problem
from ._compile import compiled
from .arrays import build
from .blocks import all_blocks
from .clock import INFEASIBLE
from .engine import Engine
from .flat import ALWAYS, NEVER, Arrays, Floats, Ints
from .moves import carries, insertion
from .state import State

LOOKED_AT = 3  # candidates priced exactly for each one asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One crew that could take the job.

    Parameters
    ----------
    position : of the job in the crew's route, 0 first.
    added_cost : of the plan with the job there, less the plan without the job (and
        without the price of leaving it out).
    delayed : jobs whose promise is missed by more than before, with the seconds late.
    """

    crew: str
    position: int
    added_cost: float
    delayed: tuple[tuple[str, int], ...] = ()


def best_crews(problem: Problem, plan: Plan, job_id: str, count: int = 3) -> tuple[Candidate, ...]:
    """Find the crews that can take a job at the least added cost, best first.

    Parameters
    ----------
    problem : holds the job; its tables are kept for the next call with the same problem.
    plan : the running plan; where it serves the job already, that visit is taken out first.
    count : most crews to return, >= 1.

    Raises
    ------
    KeyError
        if the problem has no such job.
    """
    j = next((i for i, job in enumerate(problem.jobs) if job.id == job_id), None)
    if j is None:
        raise KeyError(job_id)
    engine = _engine(problem)
    routes = _routes(problem, plan, job_id)
    engine.go_to(routes)
    before = _late_s(engine)
    # The search counts a job's cost from time 0, and one that is left out as well.
    since = problem.jobs[j].cost_per_s * problem.jobs[j].cost_from_s
    cost = engine.present.cost - _left_out(engine, j) + since
    found = []
    for c, i in _places(engine, j, count * LOOKED_AT):
        engine.reroute(c, [*routes[c][:i], j, *routes[c][i:]])
        if engine.state.own[j] >= 0 and engine.feasible:
            late = _late_s(engine)
            delayed = tuple((problem.jobs[k].id, int(late[k])) for k in np.flatnonzero(late > before))
            added = engine.present.cost - cost
            found.append(Candidate(crew=problem.crews[c].id, position=i, added_cost=added, delayed=delayed))
        engine.reroute(c, routes[c])
    return tuple(sorted(found, key=lambda candidate: candidate.added_cost)[:count])


_engines: dict[int, tuple[weakref.ref[Problem], Engine]] = {}


def _engine(problem: Problem) -> Engine:
    """The engine of this very problem, made at the first call."""
    known = _engines.get(id(problem))
    if known is not None and known[0]() is problem:
        return known[1]
    for key in [key for key, (ref, _) in _engines.items() if ref() is None]:
        del _engines[key]
    engine = Engine(build(problem, nearest=1)[0], 1)
    _engines[id(problem)] = (weakref.ref(problem), engine)
    return engine


def _routes(problem: Problem, plan: Plan, without: str) -> list[list[int]]:
    idx = {job.id: i for i, job in enumerate(problem.jobs)}
    visits = {
        route.crew: [idx[v.job] for v in route.visits if v.job in idx and v.job != without]
        for route in plan.routes
    }
    return [visits.get(crew.id, []) for crew in problem.crews]


def _left_out(engine: Engine, j: int) -> float:
    job = engine.arrays.job[j]
    return 0.0 if job["must"] else float(job["absent"])


def _places(engine: Engine, j: int, count: int) -> list[tuple[int, int]]:
    """The cheapest place in each crew's route, the cheapest crews first."""
    a, s = engine.arrays, engine.state
    s.done[j] = NEVER
    cost, position = np.full(len(a.crew), INFEASIBLE), np.full(len(a.crew), -1, np.int64)
    _cheapest(a, s, j, cost, position)
    order = np.argsort(cost, kind="stable")[:count]
    return [(int(c), int(position[c])) for c in order if position[c] >= 0]


@compiled
def _cheapest(a: Arrays, s: State, j: int, cost: Floats, position: Ints) -> None:
    """Cheapest place of job j in each route."""
    crews = len(a.crew)
    all_blocks(a, s)
    s.release[j] = ALWAYS
    for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):
        s.release[j] = max(s.release[j], s.done[a.pred_job[q]] + a.pred_lag[q])
    if s.release[j] >= NEVER:
        return
    for c in range(crews):
        row = c + s.side[c] * crews
        count = s.row[row].count
        if not carries(a, s, c, row, j) or (count == 0 and s.total[0].used >= a.rules[0].max_crews):
            continue
        for i in range(a.crew[c].committed, count + 1):
            added = insertion(a, s, c, row, i, j, cost[c])
            if added < cost[c]:
                cost[c] = added
                position[c] = i


def _late_s(engine: Engine) -> Ints:
    """Seconds past its promise (arrival or finish, the later) for each job, 0 where it is kept."""
    a, s = engine.arrays, engine.state
    late = np.zeros(len(a.job), np.int64)
    for c, count in enumerate(s.row["count"][: len(a.crew)].tolist()):
        visits = s.visit[c, :count]
        jobs = visits["job"]
        over = np.maximum(
            visits["arrive"] - a.job["arrive_by"][jobs], visits["finish"] - a.job["finish_by"][jobs]
        )
        np.maximum.at(late, jobs, over)
    return late
