"""One day planned again and again: what is flattened once is kept, and the search goes on from there.

A re-plan has two starts: the routes in force with what is new put where it is cheapest, and what
the sorted list would do from now on. It searches on, coldly, from whichever costs less, so
that few steps are enough and a plan is never worse than the list by its own reckoning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..problem import Problem
from .arrays import build
from .flat import NEVER, Arrays
from .listing import list_routes
from .moments import Moment, Whole, cut_out, whole_day
from .repair import search_on
from .state import best_routes, new_state

# Heat at the begin and at the end, as shares of a mean job's cost; mean number of jobs moved in a step.
# Measured from the list's plan, 20 to 300 steps: the customary heat (0.5) undoes a good start.
HOT, COLD, STRING = 0.01, 0.0005, 5.0
PENALTY = 25.0  # of a missing job, in costs of a mean job

Routes = Mapping[int, Sequence[int]]


class Session:
    """Plans moments of one day.

    Parameters
    ----------
    day : all jobs, blocks and crews that may count at some moment of the day.
    """

    def __init__(self, day: Problem) -> None:
        self.whole: Whole = whole_day(day)
        self._seen: frozenset[int] = frozenset()
        self._plans = 0
        self.finish_s: dict[int, int] = {}
        """When the last plan has each of its jobs finished, by position, seconds from its moment."""

    def plan(self, moment: Moment, before: Routes, *, work: int, seed: int) -> dict[int, list[int]] | None:
        """Routes for a moment, by crew; positions as in the day.

        Parameters
        ----------
        before : the routes in force.
        work : search steps.

        Returns
        -------
        dict or None
            None where what the crews must do cannot be done.
        """
        arrays = cut_out(self.whole, moment)
        jobs = moment.jobs.tolist()
        new = {job: at for at, job in enumerate(jobs)}
        start = [[new[job] for job in before.get(crew, ()) if job in new] for crew in moment.crews.tolist()]
        fresh = np.array([job not in self._seen for job in jobs], bool)
        self._seen, self._plans = frozenset(jobs), self._plans + 1
        found = improved(arrays, start, fresh, work=work, seed=seed * 1_000_003 + self._plans)
        if found is None:
            return None
        self.finish_s = {jobs[j]: at for j, at in enumerate(found.finish_s) if at < NEVER}
        crews = moment.crews.tolist()
        return {crew: [jobs[j] for j in route] for crew, route in zip(crews, found.routes, strict=True)}


class Found(NamedTuple):
    """Routes and when they have each job finished."""

    routes: list[list[int]]
    finish_s: list[int]


def improved(
    arrays: Arrays, start: Sequence[Sequence[int]], fresh: np.ndarray, *, work: int, seed: int
) -> Found | None:
    """Search on from the better of two starts; None where the committed jobs do not fit."""
    state = new_state(arrays, seed)
    total = state.total[0]
    total["best_cost"], total["best_missing"] = np.inf, len(arrays.job) + 1
    total["string"] = total["longest"] = STRING
    listed = list_routes(arrays)
    if not search_on(arrays, state, *_table(arrays, start), *listed, fresh, work, HOT, COLD, PENALTY):
        return None
    return Found(best_routes(state), state.done.tolist())


def better_start(problem: Problem, routes: Sequence[Sequence[str]] | None) -> list[list[str]]:
    """The routes in force, or those of the sorted list where they cost less: what a search may begin from."""
    arrays, _ = build(problem)
    arrays.rules[0]["coupled"] = 1
    idx = {job.id: i for i, job in enumerate(problem.jobs)}
    start = [[idx[job] for job in jobs if job in idx] for jobs in routes or ()]
    fresh = np.ones(len(problem.jobs), bool)
    found = improved(arrays, start, fresh, work=0, seed=1)
    if found is None:
        return [list(jobs) for jobs in routes] if routes is not None else [[] for _ in problem.crews]
    return [[problem.jobs[j].id for j in route] for route in found.routes]


def _table(arrays: Arrays, routes: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    count = np.zeros(len(arrays.crew), np.int64)
    table = np.zeros((len(arrays.crew), len(arrays.job)), np.int32)
    for c, route in enumerate(routes):
        count[c] = len(route)
        table[c, : len(route)] = route
    return table, count
