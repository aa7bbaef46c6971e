"""One day planned again and again: what is flattened once is kept, and the search goes on from there.

A re-plan begins from the routes in force with what is new put where it is cheapest, and searches on,
coldly. What the sorted list would do from now on is a second start, and the search goes on from
whichever costs less, so that a plan is never worse than the list by its own reckoning. Where a visit
that moves has a price (`in_force`), few move, as long as little is lost by it: each such plan is held
against the free one. A storm asks for another plan at every turn; kept as it was, it would soon be
worse than the list.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..ground.problem import Problem
from .budget import Budget
from .kernels.arrays import build
from .kernels.flat import NEVER, Arrays
from .kernels.listing import list_routes
from .kernels.moments import Moment, Whole, cut_out, whole_day
from .kernels.state import State, best_routes, new_state
from .starts.in_force import MINUTE_S, Kept, begin_near, search_near
from .starts.repair import open_cost, search_on

# Heat at the begin and at the end, as shares of a mean job's cost; mean number of jobs moved in a step.
# Measured from the list's plan, 20 to 300 steps: the customary heat (0.5) undoes a good start.
HOT, COLD, STRING = 0.01, 0.0005, 5.0
PENALTY = 25.0  # of a missing job, in costs of a mean job
FIRST_STEPS = 20
# Prices of a move: of each of the first, of those after `in_force.EASY`, of those after `in_force.MANY`. A
# person reads three moves at a glance and eight with patience: benchmarks/tradeoff.py.
STEEPER = (1.0, 4.0, 16.0)
COOLING_S = 0.4
# A plan of few moves is given up where the free one loses less by more than this share of all that is still
# to be lost: benchmarks/tradeoff.py on quiet days, benchmarks/simulation.py in storms.
GIVEN_UP = 0.01
FREE_SHARE = 0.25  # of the time goes into the free plan
LIFTED = 1000.0  # times the median rate, from which on a job counts as lifted by a tier

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

    def plan(
        self, moment: Moment, before: Routes, *, work: int, seed: int, move_price: float = 0.0
    ) -> dict[int, list[int]] | None:
        """Routes for a moment, by crew; positions as in the day.

        Parameters
        ----------
        before : the routes in force.
        work : search steps.
        move_price : as in `replan`.

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
        seed = seed * 1_000_003 + self._plans
        found = improved(arrays, start, fresh, work=work, seed=seed)
        if found is not None and move_price > 0 and any(start):
            budget = Budget(began=0.0, seconds=None, work=work)
            near = kept_close(arrays, start, fresh, budget, seed, move_price)
            found = _fewest_worth(arrays, near, found)
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
    """Search on from the better of two starts; None where the committed jobs do not fit.

    Parameters
    ----------
    arrays : the flat problem, coupled.
    start : job positions by crew: the routes in force.
    fresh : (n,) jobs that they do not know.
    work : search steps.
    seed : of the random numbers.

    Returns
    -------
    Found or None
        Routes and finish times in seconds.
    """
    state = _empty(arrays, seed)
    listed = list_routes(arrays)
    heat = HOT, COLD, PENALTY
    most = _most_rate(arrays)
    if not search_on(arrays, state, *_table(arrays, start), *listed, fresh, most, work, *heat):
        return None
    return Found(best_routes(state), state.done.tolist())


def _improved_in_time(
    arrays: Arrays,
    start: Sequence[Sequence[int]],
    fresh: np.ndarray,
    budget: Budget,
    seed: int,
    stop: Callable[[], bool] | None = None,
) -> Found | None:
    """The same with a clock: cooled down again and again until the budget is used, or somebody ends it."""
    found, steps = None, FIRST_STEPS
    while True:
        began_s = time.monotonic()
        better = improved(arrays, found.routes if found else start, fresh, work=steps, seed=seed)
        found = better or found
        budget.did(steps, time.monotonic() - began_s)
        if better is None or budget.share >= 1 or (stop is not None and stop()):
            return found
        steps, seed = _next_steps(budget, steps, time.monotonic() - began_s), seed + 1


def _fewest_worth(arrays: Arrays, near: Found | None, free: Found, given_up: float = GIVEN_UP) -> Found:
    """The plan of few moves, or the free one where few moves cost too much."""
    if near is None:
        return free
    near_cost, _ = _loss(arrays, near)
    free_cost, open_cost = _loss(arrays, free)
    return free if near_cost - free_cost > given_up * open_cost else near


def _loss(arrays: Arrays, found: Found) -> tuple[float, float]:
    """What routes cost, and what is still to be lost by them but for dangers.

    Of a danger whole minutes count, as in its tier.
    """
    state, most = _empty(arrays, 1), _most_rate(arrays)
    table, none = _table(arrays, found.routes), np.zeros(len(arrays.job), bool)
    search_on(arrays, state, *table, *table, none, most, 0, HOT, COLD, PENALTY)
    lifted = (state.own >= 0) & (arrays.job["weight"] > most)
    seconds = float((arrays.job["weight"] * (state.done % MINUTE_S))[lifted].sum())
    total = state.total[0]
    cost = np.inf if total["missing"] else float(total["cost"]) - seconds
    return cost, open_cost(arrays, state, most)


def kept_close(
    arrays: Arrays,
    start: Sequence[Sequence[int]],
    fresh: np.ndarray,
    budget: Budget,
    seed: int,
    move_price: float,
    stop: Callable[[], bool] | None = None,
) -> Found | None:
    """Search on from the routes in force for moves that are worth their price.

    None where the committed jobs do not fit, or something that must be served is not.

    Parameters
    ----------
    stop : asked after each part of the search; True ends it.
    """
    # What a move costs is written into the jobs and the rules: into copies, for the caller goes on with his.
    arrays = arrays._replace(job=arrays.job.copy(), rules=arrays.rules.copy())
    state = _empty(arrays, seed)
    size = len(arrays.job)
    kept = Kept(
        *_table(arrays, start),
        fresh,
        np.zeros(size, np.int64),
        move_price * np.array(STEEPER),
        np.array([_most_rate(arrays)]),
        np.zeros(size, np.int64),
    )
    if not begin_near(arrays, state, kept, *list_routes(arrays)):
        return None
    budget.open()
    steps = FIRST_STEPS if budget.work is None else budget.next_steps()
    while True:
        began_s = time.monotonic()
        search_near(arrays, state, kept, steps, HOT, COLD, PENALTY)
        budget.did(steps, time.monotonic() - began_s)
        if steps == 0 or budget.share >= 1 or (stop is not None and stop()):
            break
        steps = _next_steps(budget, steps, time.monotonic() - began_s)
    return None if state.total[0]["missing"] else Found(best_routes(state), state.done.tolist())


def _most_rate(arrays: Arrays) -> float:
    """What costs more per second was lifted by a tier."""
    share: np.ndarray = arrays.job["share"]
    worth = share[share > 0]
    return LIFTED * float(np.median(worth)) if len(worth) else 0.0


def _next_steps(budget: Budget, steps: int, took_s: float) -> int:
    """With a clock, as many steps as take `COOLING_S`: in each part the search cools down once."""
    if budget.work is not None:
        return budget.next_steps()
    return max(FIRST_STEPS, int(steps * min(3.0, COOLING_S / max(took_s, 1e-6))))


def better_start(problem: Problem, routes: Sequence[Sequence[str]] | None) -> list[list[str]]:
    """The routes in force, or those of the sorted list where they cost less: what a search may begin from.

    Parameters
    ----------
    problem : the problem.
    routes : job ids crew by crew in force; None where nothing is in force.

    Returns
    -------
    list of list of str
        Job ids crew by crew.
    """
    arrays, start = _of_problem(problem, routes)
    found = improved(arrays, start, np.ones(len(problem.jobs), bool), work=0, seed=1)
    if found is None:
        return [list(jobs) for jobs in routes] if routes is not None else [[] for _ in problem.crews]
    return _named(problem, found)


def few_moves(
    problem: Problem,
    routes: Sequence[Sequence[str]],
    budget: Budget,
    *,
    seed: int,
    move_price: float,
    stop: Callable[[], bool] | None = None,
    given_up: float = GIVEN_UP,
) -> list[list[str]] | None:
    """The routes in force with what is new in them, and the moves that are worth their price.

    Parameters
    ----------
    problem : the problem.
    routes : job ids crew by crew in force.
    budget : time or work.
    seed : of the random numbers.
    move_price : as in `replan`.
    stop : asked after each part of the search; True ends it.
    given_up : the free plan is taken where it loses less by more than this share of what is still to be lost.

    Returns
    -------
    list of list of str, or None
        Job ids crew by crew; None where what crews must do cannot be done.
    """
    arrays, start = _of_problem(problem, routes)
    planned = {j for route in start for j in route}
    fresh = np.array([j not in planned for j in range(len(problem.jobs))], bool)
    budget.open()
    if budget.work is None and budget.seconds is not None:
        part = Budget(began=budget.began, seconds=FREE_SHARE * budget.seconds, work=None)
        part.open()
        free = _improved_in_time(arrays, start, fresh, part, seed, stop)
    else:
        free = improved(arrays, start, fresh, work=budget.work or 0, seed=seed)
    near = kept_close(arrays, start, fresh, budget, seed, move_price, stop)
    found = near if free is None else _fewest_worth(arrays, near, free, given_up)
    return None if found is None else _named(problem, found)


def _of_problem(problem: Problem, routes: Sequence[Sequence[str]] | None) -> tuple[Arrays, list[list[int]]]:
    arrays, _ = build(problem)
    arrays.rules[0]["coupled"] = 1
    idx = {job.id: i for i, job in enumerate(problem.jobs)}
    return arrays, [[idx[job] for job in jobs if job in idx] for jobs in routes or ()]


def _named(problem: Problem, found: Found) -> list[list[str]]:
    return [[problem.jobs[j].id for j in route] for route in found.routes]


def _empty(arrays: Arrays, seed: int) -> State:
    state = new_state(arrays, seed)
    total = state.total[0]
    total["best_cost"], total["best_missing"] = np.inf, len(arrays.job) + 1
    total["string"] = total["longest"] = STRING
    return state


def _table(arrays: Arrays, routes: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    count = np.zeros(len(arrays.crew), np.int64)
    table = np.zeros((len(arrays.crew), len(arrays.job)), np.int32)
    for c, route in enumerate(routes):
        count[c] = len(route)
        table[c, : len(route)] = route
    return table, count
