"""Make routes of an earlier moment fit a later one: give up what no longer fits, put in what is new."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._compile import compiled
from ..kernels.clock import INFEASIBLE, home_cost
from ..kernels.flat import Arrays, Ints
from ..kernels.state import State
from ..search.coupled import insert_coupled, remove_with_followers, take_out
from ..search.coupled_search import anneal_coupled
from ..search.moves import carries
from ..search.plain import is_best, keep_best
from ..search.timetable import count_absent, find_helpers, retime_all, settle_coupled
from ..search.ways import drop_way, try_way

Table = NDArray[np.int32]


@compiled
def load(a: Arrays, s: State, table: Table, count: Ints) -> None:
    """Write routes without times: what each crew is committed to, then its row of the table."""
    for c in range(len(a.crew)):
        s.side[c] = 0
        at = 0
        for g in range(a.load.shape[1]):
            s.load[c, g] = 0.0
        for k in range(a.crew[c].committed):
            s.visit[c, at].job = a.committed[c, k]
            at += 1
            for g in range(a.load.shape[1]):
                s.load[c, g] += a.load[a.committed[c, k], g]
        for k in range(count[c]):
            j = table[c, k]
            if a.job[j].fixed != 1 and carries(a, s, c, c, j):
                s.visit[c, at].job = j
                at += 1
                for g in range(a.load.shape[1]):
                    s.load[c, g] += a.load[j, g]
        s.row[c].count = at


@compiled
def drop_lame(a: Arrays, s: State) -> None:
    """Take out jobs that lack a crew or one of the jobs they wait for."""
    again = True
    while again:
        again = False
        for j in range(len(a.job)):
            if s.own[j] < 0 or a.job[j].fixed == 1:
                continue
            lame = False
            for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):
                lame = lame or s.own[a.pred_job[q]] < 0
            if a.job[j].need > 1:
                for h in range(a.job[j].need):
                    lame = lame or s.helpers[j, h] < 0
            if lame:
                take_out(a, s, j)
                again = True


@compiled
def fit_in(a: Arrays, s: State) -> bool:
    """Settle the routes; what no longer fits is taken out. False where the committed jobs do not fit."""
    fine = settle_coupled(a, s)
    drop_lame(a, s)
    fine = settle_coupled(a, s)
    while not fine:
        s.total[0].removed = 0
        s.total[0].step += 1
        for c in range(len(a.crew)):
            count = s.row[c].count
            at = s.ahead[c]
            if count == 0:
                continue
            if at == count:
                last = s.visit[c, count - 1]
                late = home_cost(a, c, a.job[last.job].place, last.finish) >= INFEASIBLE
                if late and a.job[last.job].fixed == 0:
                    remove_with_followers(a, s, last.job)
        if s.total[0].removed == 0:
            # Nobody comes home late: somebody waits in vain, or comes too late for a window.
            for c in range(len(a.crew)):
                at = s.ahead[c]
                if s.total[0].removed == 0 and at < s.row[c].count and a.job[s.visit[c, at].job].fixed == 0:
                    remove_with_followers(a, s, s.visit[c, at].job)
        if s.total[0].removed == 0:
            return False
        fine = settle_coupled(a, s)
    return True


@compiled
def fill_fresh(a: Arrays, s: State, fresh: NDArray[np.bool_]) -> None:
    """Put in what is left out and worth something by itself, then the ways that have something new."""
    deepest = 0
    for j in range(len(a.job)):
        deepest = max(deepest, a.job[j].depth)
    for depth in range(deepest + 1):
        for j in range(len(a.job)):
            wanted = a.job[j].absent > 0.0 or a.job[j].must or a.succ_ptr[j] < a.succ_ptr[j + 1]
            if s.own[j] < 0 and a.job[j].depth == depth and (fresh[j] or wanted):
                insert_coupled(a, s, j, False)
    retime_all(a, s)
    count_absent(a, s)
    for way in range(len(a.way_floor)):
        news = False
        for q in range(a.way_ptr[way], a.way_ptr[way + 1]):
            news = news or (fresh[a.way_job[q]] and s.own[a.way_job[q]] < 0)
        if news:
            fill_way(a, s, way)


@compiled
def fill_way(a: Arrays, s: State, way: int) -> None:
    """Try a way as a whole; keep it where that lowers the cost."""
    was, missing = s.total[0].cost, s.total[0].missing
    tried = try_way(a, s, way)
    retime_all(a, s)
    count_absent(a, s)
    if tried and (s.total[0].cost >= was and s.total[0].missing >= missing):
        drop_way(a, s, way)
        count_absent(a, s)


@compiled
def begin_from(a: Arrays, s: State, table: Table, count: Ints, fresh: NDArray[np.bool_]) -> bool:
    """Settle a start, as much of it as fits, fill in the rest, and note it where it is the best."""
    load(a, s, table, count)
    find_helpers(a, s)
    if not fit_in(a, s):
        return False
    if is_best(s):
        keep_best(a, s)
    fill_fresh(a, s, fresh)
    if settle_coupled(a, s) and is_best(s):
        keep_best(a, s)
    return True


@compiled
def go_back(a: Arrays, s: State) -> None:
    """Return to the best solution."""
    load(a, s, s.best, s.best_count)
    find_helpers(a, s)
    settle_coupled(a, s)


@compiled
def open_cost(a: Arrays, s: State, most: float) -> float:
    """What is still to be lost until the visits are over, by jobs that cost at most so much per second."""
    cost = 0.0
    for j in range(len(a.job)):
        if s.own[j] >= 0 and a.job[j].share <= most:
            cost += a.job[j].share * max(0, s.done[j])
    return cost


@compiled
def mean_cost(a: Arrays, s: State, most: float) -> float:
    """The mean cost of what is served, but for jobs that cost more than `most` per second.

    A danger counts a million times as much as a repair. On the scale of a mean with it every change
    of the others would look small, and the search would keep them all.
    """
    out, served, lifted = 0.0, 0, 0
    for j in range(len(a.job)):
        if s.own[j] < 0:
            out += a.job[j].absent
            continue
        served += 1
        if a.job[j].share > most:
            lifted += 1
    if 0 < lifted < served:
        return max(open_cost(a, s, most) / (served - lifted), 1e-9)
    return max(abs(s.total[0].cost - out) / max(1, served), 1e-9)


@compiled
def search_on(
    a: Arrays,
    s: State,
    table: Table,
    count: Ints,
    listed: Table,
    listed_count: Ints,
    fresh: NDArray[np.bool_],
    most: float,
    steps: int,
    hot: float,
    cold: float,
    penalty: float,
) -> bool:
    """Search on from the better of two starts; False where neither holds what crews must do.

    One call for the whole of a re-plan: handing the arrays over to compiled code costs as
    much as a few steps of the search.

    Parameters
    ----------
    most : what costs more per second was lifted by a tier.
    hot, cold, penalty : in mean costs of a job.
    """
    found = False
    if count.sum() > 0:
        found = begin_from(a, s, table, count, fresh)
    found = begin_from(a, s, listed, listed_count, fresh) or found
    if not found:
        return False
    go_back(a, s)
    if steps > 0:
        mean = mean_cost(a, s, most)
        s.total[0].penalty = penalty * mean
        anneal_coupled(a, s, steps, hot * mean, cold * mean)
        go_back(a, s)
    return True
