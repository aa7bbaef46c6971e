"""Search on from a plan in force, where every visit that moves has a price.

People have read the plan and work by it. What is new is put where it is cheapest; a visit that is
planned already moves to another crew, or by a quarter of an hour, only where that gains more than
its price. Last, what has moved is put back wherever that costs no more than the price saved.
"""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compile import compiled
from ..kernels.flat import NEVER, Arrays, Floats, Ints
from ..kernels.state import State
from ..search.coupled import put_in, take_out
from ..search.coupled_search import change_some, is_worth
from ..search.moves import carries
from ..search.plain import is_best, keep_best
from ..search.timetable import count_absent, find_helpers, restore, retime_all, settle_coupled, store
from .repair import Table, fill_fresh, fit_in, go_back, load, mean_cost, open_cost

MINUTE_S = 60
MOVED_S = 900  # a visit that begins later or earlier by less is where it was
PAIRS = 24  # visits that have moved, up to which they are put back two by two as well
EASY, MANY = 3, 8  # visits that have moved, up to which each of them costs little, or not yet much
SETTLED = 1e-9  # of the cost: less is no gain


class Kept(NamedTuple):
    """The plan in force."""

    table: Table  # (crews, n) job positions
    count: Ints  # (crews,)
    fresh: NDArray[np.bool_]  # (n,) jobs that it does not know
    was: Ints  # (n,) when it begins them, NEVER those that it does not
    price: Floats  # (3,) of a visit that moves: of the first, after `EASY`, after `MANY`
    most: Floats  # (1,) what costs more per second was lifted by a tier
    found: Ints  # (n,) scratch


@compiled
def note_in_force(a: Arrays, s: State, k: Kept, open_s: float) -> None:
    """Remember who is to do each job and when; from now on a change of that costs the price."""
    for q in range(3):
        k.price[q] *= open_s
    price = k.price[0]
    a.rules[0].change_cost += price
    for j in range(len(a.job)):
        k.was[j] = NEVER
        if s.own[j] >= 0:
            a.job[j].before = s.own[j]
            k.was[j] = s.done[j] - a.job[j].service
            a.job[j].absent += price


@compiled
def has_shifted(a: Arrays, s: State, k: Kept, j: int) -> bool:
    """Whether a job begins a quarter of an hour later or earlier than in the plan in force."""
    if k.was[j] >= NEVER or s.own[j] < 0:
        return False
    return abs(s.done[j] - a.job[j].service - k.was[j]) >= MOVED_S


@compiled
def has_moved(a: Arrays, s: State, k: Kept, j: int) -> bool:
    """Whether a job that was planned is at another crew or another time now, or left out."""
    if k.was[j] >= NEVER:
        return False
    if s.own[j] < 0 or (a.job[j].need == 1 and s.own[j] != a.job[j].before):
        return True
    return has_shifted(a, s, k, j)


@compiled
def price_shifts(a: Arrays, s: State, k: Kept) -> None:
    """Add the price of visits that the crew of the plan in force begins at another time, and of many moves.

    Of a danger whole minutes count, as in its tier: a few seconds less are no reason to move anybody.
    """
    moved = 0
    for j in range(len(a.job)):
        if a.job[j].weight > k.most[0] and s.own[j] >= 0:
            s.total[0].cost -= a.job[j].weight * (s.done[j] % MINUTE_S)
        if has_moved(a, s, k, j):
            moved += 1
        if (a.job[j].need > 1 or s.own[j] == a.job[j].before) and has_shifted(a, s, k, j):
            s.total[0].cost += k.price[0]
    s.total[0].cost += (k.price[1] - k.price[0]) * max(0, moved - EASY)
    s.total[0].cost += (k.price[2] - k.price[1]) * max(0, moved - MANY)


@compiled
def price_all(a: Arrays, s: State, k: Kept) -> bool:
    """Time and price the present routes; False where they cannot be done."""
    fine = retime_all(a, s)
    if fine:
        count_absent(a, s)
        price_shifts(a, s, k)
    return fine


@compiled
def bring_back(a: Arrays, s: State, k: Kept) -> None:
    """The routes that were stored, with their times and price."""
    restore(a, s)
    price_shifts(a, s, k)


@compiled
def go_back_near(a: Arrays, s: State, k: Kept) -> None:
    """The same for the best routes."""
    go_back(a, s)
    price_shifts(a, s, k)


@compiled
def begin_near(a: Arrays, s: State, k: Kept, listed: Table, listed_count: Ints) -> bool:
    """Settle the plan in force, set the price, put in what is new; False where it cannot be settled.

    Where even the sorted list is better by more than the price of all that it moves, it is the begin.

    The prices are given as shares of what is still to be lost.
    """
    load(a, s, k.table, k.count)
    find_helpers(a, s)
    if not fit_in(a, s):
        return False
    note_in_force(a, s, k, open_cost(a, s, k.most[0]))
    price_shifts(a, s, k)
    if is_best(s):
        keep_best(a, s)
    fill_fresh(a, s, k.fresh)
    if settle_coupled(a, s):
        # Filled in where it is cheapest by itself, it may make others begin later: that is looked at now.
        price_shifts(a, s, k)
        reseat_fresh(a, s, k)
        if is_best(s):
            keep_best(a, s)
    load(a, s, listed, listed_count)
    find_helpers(a, s)
    if fit_in(a, s):
        fill_fresh(a, s, k.fresh)
        if settle_coupled(a, s):
            price_shifts(a, s, k)
            if is_best(s):
                keep_best(a, s)
    go_back_near(a, s, k)
    reseat_fresh(a, s, k)
    if is_best(s):
        keep_best(a, s)
    return True


@compiled
def is_free(a: Arrays, s: State, j: int) -> bool:
    """Whether one crew does the job and may do it elsewhere, or could do what is left out."""
    if a.job[j].need > 1 or a.job[j].fixed == 1:
        return False
    for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):  # noqa: SIM110 (no generators in kernels)
        if s.own[a.pred_job[q]] < 0:
            return False
    return True


@compiled
def reseat(a: Arrays, s: State, k: Kept, j: int) -> None:
    """Put a job where it is cheapest, with the price of whom it makes begin later.

    The search puts a job where its own cost is lowest and does not see that others begin later.
    """
    if not is_free(a, s, j):
        return
    store(a, s)
    best, best_c, best_i = s.total[0].cost, -1, -1
    if s.own[j] >= 0:
        take_out(a, s, j)
    for c in range(len(a.crew)):
        if not carries(a, s, c, c, j) or (s.row[c].count == 0 and s.total[0].used >= a.rules[0].max_crews):
            continue
        for i in range(a.crew[c].committed, s.row[c].count + 1):
            put_in(a, s, c, i, j)
            if price_all(a, s, k) and s.total[0].cost < best - SETTLED * abs(best):
                best, best_c, best_i = s.total[0].cost, c, i
            take_out(a, s, j)
    bring_back(a, s, k)
    if best_c >= 0:
        if s.own[j] >= 0:
            take_out(a, s, j)
        put_in(a, s, best_c, best_i, j)
        settle_coupled(a, s)
        price_shifts(a, s, k)


@compiled
def reseat_fresh(a: Arrays, s: State, k: Kept) -> None:
    """The same for every job that is new."""
    for j in range(len(a.job)):
        if k.fresh[j]:
            reseat(a, s, k, j)


@compiled
def go_home(a: Arrays, s: State, k: Kept, j: int) -> bool:
    """Put a job back behind what came before it in the plan in force; times are left as they are."""
    c = a.job[j].before
    take_out(a, s, j)
    if c < 0 or not carries(a, s, c, c, j):
        return False
    at = a.crew[c].committed
    for q in range(k.count[c]):
        if k.table[c, q] == j:
            break
        for i in range(s.row[c].count):
            if s.visit[c, i].job == k.table[c, q]:
                at = max(at, i + 1)
    put_in(a, s, c, at, j)
    return True


@compiled
def try_home(a: Arrays, s: State, k: Kept, one: int, two: int) -> bool:
    """Put one or two jobs back; keep that where it costs no more than it saves."""
    store(a, s)
    was, missing = s.total[0].cost, s.total[0].missing
    fine = go_home(a, s, k, one)
    if fine and two >= 0:
        fine = go_home(a, s, k, two)
    fine = fine and price_all(a, s, k)
    if fine and s.total[0].missing <= missing and s.total[0].cost < was - SETTLED * abs(was):
        settle_coupled(a, s)
        price_shifts(a, s, k)
        return True
    bring_back(a, s, k)
    return False


@compiled
def moved_jobs(a: Arrays, s: State, k: Kept) -> int:
    """Write which free jobs have moved; return how many."""
    number = 0
    for j in range(len(a.job)):
        if is_free(a, s, j) and s.own[j] >= 0 and a.job[j].before >= 0 and has_moved(a, s, k, j):
            k.found[number] = j
            number += 1
    return number


@compiled
def put_back(a: Arrays, s: State, k: Kept) -> None:
    """Take back what is not worth its price, one by one and two by two, until nothing is left."""
    again = True
    while again:
        again = False
        number = moved_jobs(a, s, k)
        for q in range(number):
            if has_moved(a, s, k, k.found[q]):
                again = try_home(a, s, k, k.found[q], -1) or again
        number = moved_jobs(a, s, k)
        if again or number > PAIRS:
            continue
        for q in range(number):
            for r in range(number):
                one, two = k.found[q], k.found[r]
                if q != r and has_moved(a, s, k, one) and has_moved(a, s, k, two):
                    again = try_home(a, s, k, one, two) or again
    reseat_fresh(a, s, k)


@compiled
def anneal_near(a: Arrays, s: State, k: Kept, steps: int, hot: float, cold: float) -> None:
    """Like `coupled_search.anneal_coupled`, with the price of whom a change makes begin later."""
    cooling = (cold / hot) ** (1.0 / steps)
    heat, total = hot, s.total[0]
    for _ in range(steps):
        cost, missing = total.cost, total.missing
        kept = change_some(a, s) and price_all(a, s, k) and is_worth(s, cost, missing, heat)
        if not kept:
            bring_back(a, s, k)
        elif is_best(s):
            keep_best(a, s)
        heat *= cooling


@compiled
def search_near(a: Arrays, s: State, k: Kept, steps: int, hot: float, cold: float, penalty: float) -> None:
    """Search on from the best, and take back what is not worth its price.

    Parameters
    ----------
    hot, cold, penalty : in mean costs of a job.
    """
    go_back_near(a, s, k)
    if steps > 0:
        mean = mean_cost(a, s, k.most[0])
        s.total[0].penalty = penalty * mean
        anneal_near(a, s, k, steps, hot * mean, cold * mean)
        go_back_near(a, s, k)
    put_back(a, s, k)
    if is_best(s):
        keep_best(a, s)
    go_back_near(a, s, k)
