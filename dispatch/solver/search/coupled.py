"""Search where routes wait for one another: `after`, and jobs that several crews do together.

A change is kept only when the whole solution can be timed with it (`timetable`).
"""

from __future__ import annotations

from .._compile import compiled
from ..kernels.blocks import all_blocks
from ..kernels.clock import INFEASIBLE, leg_into, step
from ..kernels.flat import NEVER, Arrays
from ..kernels.state import State
from .moves import GUIDE, SPARSE, below, best_place, carries, insertion, near_place, uniform
from .recreate import recall_some, sort_removed
from .timetable import ready_time, retime_all

SECOND_TRIES = 5
ALONE = 0.15  # share of steps in which a job has to be worth its time by itself


@compiled
def take_out(a: Arrays, s: State, j: int) -> None:
    """Remove job j from all its routes (times are left as they are)."""
    for h in range(a.job[j].need):
        c = s.own[j]
        if a.job[j].need > 1:
            c = s.helpers[j, h]
            s.helpers[j, h] = -1
        if c < 0:
            continue
        free = 0
        for i in range(s.row[c].count):
            x = s.visit[c, i].job
            if x != j:
                s.visit[c, free].job = x
                s.pos[x] = free
                free += 1
        s.row[c].count = free
        for g in range(a.load.shape[1]):
            s.load[c, g] -= a.load[j, g]
    s.own[j] = -1


@compiled
def put_in(a: Arrays, s: State, c: int, i: int, j: int) -> None:
    """Make job j visit i of crew c (times are left as they are)."""
    count = s.row[c].count
    for q in range(count, i, -1):
        s.visit[c, q].job = s.visit[c, q - 1].job
    s.visit[c, i].job = j
    s.row[c].count = count + 1
    for g in range(a.load.shape[1]):
        s.load[c, g] += a.load[j, g]
    s.own[j] = c


@compiled
def remove_with_followers(a: Arrays, s: State, j: int) -> None:
    """Remove j and all that must come after it."""
    total = s.total[0]
    first = total.removed
    if s.own[j] < 0 or a.job[j].fixed > 0:
        return
    take_out(a, s, j)
    s.removed[total.removed] = j
    s.timed[j] = total.step
    total.removed += 1
    while first < total.removed:
        p = s.removed[first]
        first += 1
        for q in range(a.succ_ptr[p], a.succ_ptr[p + 1]):
            x = a.succ_job[q]
            if s.own[x] >= 0:
                take_out(a, s, x)
                s.removed[total.removed] = x
                s.timed[x] = total.step
                total.removed += 1


@compiled
def ruin_coupled(a: Arrays, s: State) -> None:
    """Remove a random job, short strings beside it, and its neighbours, with all that follows them."""
    n = len(a.job)
    wanted = 1 + below(s.random, int(min(s.total[0].string * 2.0, 1.0 + 0.4 * n)))
    seed = below(s.random, n)
    for q in range(a.near.shape[1]):
        j = a.near[seed, q]
        c = s.own[j]
        if c < 0:
            continue
        i = s.pos[j]
        remove_with_followers(a, s, j)
        if uniform(s.random) < 0.5 and i < s.row[c].count:
            remove_with_followers(a, s, s.visit[c, i].job)
        if s.total[0].removed >= wanted:
            break


@compiled
def best_in_crew(a: Arrays, s: State, c: int, j: int) -> tuple[float, int, int]:
    """Cheapest (cost, position, start) of job j in the route of crew c."""
    best, best_i, best_start = INFEASIBLE, -1, NEVER
    if not carries(a, s, c, c, j) or (s.row[c].count == 0 and s.total[0].used >= a.rules[0].max_crews):
        return best, best_i, best_start
    for i in range(a.crew[c].committed, s.row[c].count + 1):
        cost = insertion(a, s, c, c, i, j, best)
        if cost < best and uniform(s.random) > 0.02:
            before, clock, brk = -1, a.crew[c].shift_from, a.crew[c].brk_from
            if i > 0:
                before, clock, brk = s.visit[c, i - 1].job, s.visit[c, i - 1].finish, s.visit[c, i - 1].brk
            _, start, _, _ = step(a, s, c, j, clock, leg_into(a, c, before, j), brk)
            best, best_i, best_start = cost, i, start
    return best, best_i, best_start


@compiled
def insert_together(a: Arrays, s: State, j: int, ready: int, bound: float, last: bool) -> bool:
    """Give job j to as many crews as it needs, one after the other; `last`: at the ends of routes."""
    together = ready
    retime_all(a, s)
    before = s.total[0].cost
    for h in range(a.job[j].need):
        s.release[j] = together
        best, best_c, best_i, best_start = bound, -1, -1, NEVER
        for c in range(len(a.crew)):
            taken = False
            for k in range(h):
                taken = taken or s.helpers[j, k] == c
            if taken:
                continue
            cost, i, start = best_in_crew(a, s, c, j)
            if i >= 0 and last:
                i = s.row[c].count
                cost = insertion(a, s, c, c, i, j, INFEASIBLE)
            if i >= 0 and cost < best:
                best, best_c, best_i, best_start = cost, c, i, start
        if best_c < 0:
            take_out(a, s, j)
            return False
        if s.row[best_c].count == 0:
            s.total[0].used += 1
        s.helpers[j, h] = best_c
        # Put in at once: the times of this row are set only when all crews are found.
        put_in(a, s, best_c, best_i, j)
        together = max(together, best_start)
    if retime_all(a, s) and s.total[0].cost - before < bound:
        return True
    take_out(a, s, j)
    retime_all(a, s)
    return False


@compiled
def insert_alone(a: Arrays, s: State, j: int, bound: float) -> bool:
    """Give job j to one crew where it is cheapest, or else at the end of some route."""
    c, i = -1, 0
    sparse = len(a.job) + len(a.crew) > SPARSE
    if sparse:
        _, c, i = near_place(a, s, j, bound)
    if not sparse or (c < 0 and a.job[j].must):
        _, c, i = best_place(a, s, j, bound)
    if c < 0:
        return False
    for attempt in range(SECOND_TRIES):
        if attempt > 0:
            c = below(s.random, len(a.crew))
            i = s.row[c].count
            able = carries(a, s, c, c, j) and i >= a.crew[c].committed
            if not able or (i == 0 and s.total[0].used >= a.rules[0].max_crews):
                continue
        put_in(a, s, c, i, j)
        if retime_all(a, s):
            return True
        take_out(a, s, j)
        retime_all(a, s)
    return False


@compiled
def pull(a: Arrays, s: State, j: int, alone: bool) -> float:
    """Cost saved by serving j, and unless `alone` what it may save with those that are still out."""
    worth: float = 1e290 if a.job[j].must else a.job[j].absent
    if alone:
        worth += GUIDE * a.job[j].share * a.rules[0].unserved
        return min(worth, 1e299)
    if a.rules[0].has_blocks:
        worth += (a.job[j].share - a.job[j].weight) * a.rules[0].unserved
    for q in range(a.succ_ptr[j], a.succ_ptr[j + 1]):
        x = a.succ_job[q]
        if s.own[x] < 0:
            worth += 1e290 if a.job[x].must else a.job[x].absent
            for k in range(a.succ_ptr[x], a.succ_ptr[x + 1]):
                if s.own[a.succ_job[k]] < 0:
                    worth += 1e290 if a.job[a.succ_job[k]].must else a.job[a.succ_job[k]].absent
    return min(worth, 1e299)


@compiled
def insert_coupled(a: Arrays, s: State, j: int, alone: bool) -> bool:
    """Insert job j if all that it comes after is served; `alone`: only where it pays by itself."""
    for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):
        if s.own[a.pred_job[q]] < 0:
            return False
    was = s.done[j]
    s.done[j] = NEVER
    if a.rules[0].has_blocks:
        all_blocks(a, s)
    ready = ready_time(a, s, j)
    s.release[j] = ready
    bound = pull(a, s, j, alone)
    done = False
    if ready < NEVER:
        if a.job[j].need > 1:
            done = insert_together(a, s, j, ready, bound, False)
            if not done and uniform(s.random) < 0.5:
                s.release[j] = ready
                done = insert_together(a, s, j, ready, bound, True)
        else:
            done = insert_alone(a, s, j, bound)
    if not done:
        s.done[j] = was
        s.fails[j] += 1.0
    return done


@compiled
def recreate_coupled(a: Arrays, s: State) -> None:
    """Insert removed and left-out jobs, those that others wait for first."""
    total = s.total[0]
    recall_some(a, s)
    sort_removed(a, s)
    alone = uniform(s.random) < ALONE
    deepest = 0
    for q in range(total.removed):
        deepest = max(deepest, a.job[s.removed[q]].depth)
    for depth in range(deepest + 1):
        for q in range(total.removed):
            j = s.removed[q]
            if a.job[j].depth == depth and s.own[j] < 0:
                insert_coupled(a, s, j, alone)
