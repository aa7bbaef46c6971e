"""The dispatcher's rule as a start: a free crew goes to the job with the best saving per second.

Smith's rule (`sharing`, evenly) with the drive counted as work. Nothing is ever put back, so one
pass over the open jobs per visit.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...ground.drive import TOLERANCE_S
from ...ground.problem import Problem
from .._compile import compiled, inlined
from ..kernels.flat import NEVER, Arrays, Floats, Ints
from ..kernels.sharing import even_rates

ROUNDINGS = ("round", "floor", "ceil")


class Drives(NamedTuple):
    """Drives without a speed factor: a table, or points to compute them from (no N x N memory)."""

    table: NDArray[Any]  # (places, places) or (0, 0)
    points: Floats  # (places, 2) or (0, 2)
    manhattan: bool
    scale: float
    rounding: int


class _Scratch(NamedTuple):
    """How far the rule has got: crews' clocks, places and stock, finished jobs."""

    clock: Ints
    here: Ints
    rests: Ints
    visits: Ints
    load: Floats
    done: Ints
    after: Ints  # linked list of open jobs in the problem's order; position n is its head


def rates(problem: Problem) -> Floats:
    """Cost per second that finishing each job stops; without blocks, leaving it out costs as much a day."""
    rate = even_rates(problem)
    if not problem.blocks:
        for i, job in enumerate(problem.jobs):
            if not rate[i]:
                rate[i] = (job.drop_cost or 1) / 86400
    return rate


def drives(problem: Problem, places: Ints, table: NDArray[Any] | None) -> Drives:
    """Drives between places; from points where there is no table."""
    travel = problem.travel
    none = np.zeros((0, 2))
    if table is not None:
        return Drives(table, none, False, 1.0, 0)
    if travel.durations_s is not None:
        return Drives(np.asarray(travel.durations_s)[np.ix_(places, places)], none, False, 1.0, 0)
    assert travel.xy is not None
    points = np.ascontiguousarray(np.asarray(travel.xy, float)[places])
    rounding = ROUNDINGS.index(travel.rounding)
    return Drives(
        np.zeros((0, 0), np.int32), points, travel.metric == "manhattan", float(travel.scale), rounding
    )


def rule_routes(
    problem: Problem, arrays: Arrays, places: Ints, table: NDArray[Any] | None
) -> list[list[int]]:
    """Routes of the dispatcher's rule: job positions, crew by crew."""
    return rule_plan(problem, arrays, places, table)[0]


def rule_plan(
    problem: Problem, arrays: Arrays, places: Ints, table: NDArray[Any] | None
) -> tuple[list[list[int]], Ints]:
    """Routes of the dispatcher's rule, and the finish of each job (NEVER where it is left out)."""
    at = {int(location): i for i, location in enumerate(places)}
    start = np.array([at[crew.start[0]] for crew in problem.crews], np.int64)
    factor = np.array([crew.speed_factor for crew in problem.crews], float)
    from_s = np.array([crew.shift[0] if crew.shift else 0 for crew in problem.crews], np.int64)
    order = np.full(len(problem.jobs), -1, np.int64)
    who = np.full(len(problem.jobs), -1, np.int64)
    scratch = _Scratch(
        clock=from_s,
        here=start,
        rests=np.zeros(len(start), np.int64),
        visits=np.zeros(len(start), np.int64),
        load=np.zeros(arrays.capacity.shape),
        done=np.full(len(order), NEVER, np.int64),
        after=np.append(np.arange(1, len(order) + 1), 0),
    )
    count = _rule(arrays, drives(problem, places, table), rates(problem), factor, scratch, order, who)
    routes: list[list[int]] = [[] for _ in problem.crews]
    for q in range(count):
        routes[who[q]].append(int(order[q]))
    return routes, scratch.done


@inlined
def _drive(d: Drives, start: int, end: int, factor: float) -> int:
    seconds = 0
    if len(d.points) == 0:
        seconds = int(d.table[start, end])
    elif start != end:
        dx, dy = abs(d.points[start, 0] - d.points[end, 0]), abs(d.points[start, 1] - d.points[end, 1])
        length = (dx + dy if d.manhattan else math.hypot(dx, dy)) * d.scale
        if d.rounding == 0:
            seconds = math.floor(length + 0.5)
        elif d.rounding == 1:
            seconds = math.floor(length)
        else:
            seconds = math.ceil(length)
    if factor != 1.0:
        seconds = math.ceil(seconds * factor - TOLERANCE_S)
    return seconds


@inlined
def _first_start(a: Arrays, j: int, t: int) -> int:
    best = t
    if a.job[j].win_from < a.job[j].win_to:
        best = NEVER
        for q in range(a.job[j].win_from, a.job[j].win_to):
            s = max(t, a.windows[q, 0])
            if s <= a.windows[q, 1] and s < best:
                best = s
    return best


@compiled
def _try(a: Arrays, d: Drives, w: _Scratch, c: int, j: int, factor: float) -> tuple[int, int]:
    """(finish or NEVER, breaks taken) when crew c goes to j now."""
    crew: Any = a.crew[c]
    clock, rests = w.clock[c], w.rests[c]
    for g in range(a.load.shape[1]):
        if w.load[c, g] + a.load[j, g] > a.capacity[c, g]:
            return NEVER, rests
    leg = _drive(d, w.here[c], a.job[j].place, factor)
    start = clock + leg
    if crew.brk_from + rests < crew.brk_to:
        b = crew.brk_from + rests
        if start + a.job[j].service > a.breaks[b, 1]:
            at = max(clock, a.breaks[b, 0])
            if at > a.breaks[b, 1]:
                return NEVER, rests
            start = at + a.breaks[b, 2] + leg
            rests += 1
    for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):
        if w.done[a.pred_job[q]] >= NEVER:
            return NEVER, rests
        start = max(start, w.done[a.pred_job[q]] + a.pred_lag[q])
    start = _first_start(a, j, start)
    if start >= NEVER:
        return NEVER, rests
    finish = start + a.job[j].service
    home = 0 if crew.end < 0 else _drive(d, a.job[j].place, crew.end, factor)
    return (NEVER if finish + home > crew.shift_to else finish), rests


@compiled
def _choose(
    a: Arrays, d: Drives, rate: Floats, factor: float, w: _Scratch, c: int
) -> tuple[int, int, int, int]:
    """(job or -1, job before it in the list of open jobs, finish, breaks taken) of crew c's next visit."""
    n = len(a.job)
    best_value, best, best_before, best_finish, best_rests = -1.0, -1, n, NEVER, 0
    todo = -1
    if w.visits[c] < a.crew[c].committed:
        todo = a.committed[c, w.visits[c]]
        if w.done[todo] < NEVER:
            todo = -1
    before = n
    j = w.after[n]
    while j < n:
        able = (todo < 0 or todo == j) and a.job[j].need == 1 and a.able[a.crew[c].skill, j]
        if able:  # noqa: SIM102 (the bound is worth testing for able crews only)
            if best < 0 or rate[j] / max(1, a.job[j].service) > best_value:
                finish, taken = _try(a, d, w, c, j, factor)
                if finish < NEVER:
                    value = rate[j] / max(1, finish - w.clock[c])
                    if best < 0 or value > best_value:
                        best_value, best, best_before, best_finish, best_rests = (
                            value,
                            j,
                            before,
                            finish,
                            taken,
                        )
        before = j
        j = w.after[j]
    if best >= 0 and best_value <= 0.0 and a.job[best].must == 0 and a.job[best].absent == 0.0:
        best = -1
    return best, best_before, best_finish, best_rests


@compiled
def _rule(a: Arrays, d: Drives, rate: Floats, factor: Floats, w: _Scratch, order: Ints, who: Ints) -> int:
    """Fill `order` and `who` with the visits in the order of their choice; return how many."""
    n, crews = len(a.job), len(a.crew)
    count = 0
    while count < n and crews > 0:
        c = 0
        for k in range(1, crews):
            if w.clock[k] < w.clock[c]:
                c = k
        if w.clock[c] >= NEVER:
            break
        j, before, finish, rests = _choose(a, d, rate, factor[c], w, c)
        if j < 0:
            w.clock[c] = NEVER
            continue
        w.after[before] = w.after[j]
        order[count], who[count] = j, c
        count += 1
        w.clock[c], w.here[c], w.rests[c] = finish, a.job[j].place, rests
        w.visits[c] += 1
        w.done[j] = finish
        for g in range(a.load.shape[1]):
            w.load[c, g] += a.load[j, g]
    return count
