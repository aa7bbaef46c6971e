"""What an insertion costs, and where one is cheapest."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._compile import compiled, inlined
from ..kernels.blocks import job_gain, restored
from ..kernels.clock import (
    INFEASIBLE,
    change_cost,
    drive_cost,
    home_cost,
    leg_into,
    place_before,
    step,
    visit_cost,
)
from ..kernels.flat import EPS, NEVER, Arrays, Floats, Ints, Records
from ..kernels.state import State

SPARSE = 320  # routes + jobs above which only places beside near jobs are tried
GUIDE = 0.02  # share of a block's cost that a job counts by itself while it restores nothing alone
BLINK = 0.01  # share of places overlooked, after Christiaens and Vanden Berghe (2020)


@inlined
def uniform(random: NDArray[np.uint64]) -> float:
    """Next number in [0, 1) (xorshift64, Marsaglia 2003)."""
    x = random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    random[0] = x
    return float(x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(random: NDArray[np.uint64], n: int) -> int:
    """Next whole number in [0, n)."""
    return int(uniform(random) * n)


@inlined
def next_blink(random: NDArray[np.uint64]) -> int:
    """How many places to look at before one is overlooked."""
    return int(math.log(1.0 - uniform(random)) / math.log(1.0 - BLINK))


@compiled
def sort_by_key(key: Floats, jobs: Ints, count: int) -> None:
    """Order the first `count` jobs and their keys by key: few enough for sorting by insertion."""
    for q in range(1, count):
        least, j = key[q], jobs[q]
        p = q - 1
        while p >= 0 and key[p] > least:
            key[p + 1] = key[p]
            jobs[p + 1] = jobs[p]
            p -= 1
        key[p + 1] = least
        jobs[p + 1] = j


@compiled
def ripple(
    a: Arrays, s: State, c: int, row: int, i: int, clock: int, leg: int, brk: int, limit: float
) -> float:
    """Change of cost from visit i on when the crew leaves for it at `clock`, `leg` seconds away."""
    visits: Records = s.visit[row]
    count = s.row[row].count
    cost = 0.0
    for q in range(i, count):
        v: Any = visits[q]
        if q > i:
            leg = v.raw - visits[q - 1].finish
            late = clock - visits[q - 1].finish
            if brk == visits[q - 1].brk and late >= 0 and late <= v.slack:
                return cost + v.slope * late
        arrive, start, finish, brk = step(a, s, c, v.job, clock, leg, brk)
        if start >= NEVER:
            return INFEASIBLE
        cost += visit_cost(a, v.job, arrive, finish) - visit_cost(a, v.job, v.arrive, v.finish)
        if finish == v.finish and brk == v.brk:
            return cost
        if cost > limit and finish > v.finish:
            return INFEASIBLE
        clock = finish
    last: Any = visits[count - 1]
    place = a.job[last.job].place
    home = home_cost(a, c, place, clock)
    if home >= INFEASIBLE:
        return INFEASIBLE
    return cost + home - home_cost(a, c, place, last.finish)


@compiled
def ripple_blocks(
    a: Arrays,
    s: State,
    c: int,
    row: int,
    i: int,
    clock: int,
    leg: int,
    brk: int,
    limit: float,
    j: int,
    finish_j: int,
) -> float:
    """Like `ripple`, with job j finished at `finish_j` and the blocks of all that is delayed."""
    visits: Records = s.visit[row]
    count = s.row[row].count
    changed = 1
    s.changed[0] = j
    s.old_done[0] = s.done[j]
    s.done[j] = finish_j
    cost = 0.0
    for q in range(i, count):
        v: Any = visits[q]
        if q > i:
            leg = v.raw - visits[q - 1].finish
        arrive, start, finish, brk = step(a, s, c, v.job, clock, leg, brk)
        if start >= NEVER:
            cost = INFEASIBLE
            break
        cost += visit_cost(a, v.job, arrive, finish) - visit_cost(a, v.job, v.arrive, v.finish)
        if finish == v.finish and brk == v.brk:
            clock = visits[count - 1].finish
            break
        s.changed[changed] = v.job
        s.old_done[changed] = v.finish
        changed += 1
        s.done[v.job] = finish
        clock = finish
    if cost < INFEASIBLE and count > 0 and i < count:
        place = a.job[visits[count - 1].job].place
        cost += home_cost(a, c, place, clock) - home_cost(a, c, place, visits[count - 1].finish)
    if cost < INFEASIBLE:
        cost += _changed_blocks(a, s, changed, limit - cost)
    for q in range(changed):
        s.done[s.changed[q]] = s.old_done[q]
    return cost


@inlined
def _changed_blocks(a: Arrays, s: State, changed: int, limit: float) -> float:
    """Change of block cost for the jobs in `s.changed`; stops once above `limit`."""
    cost = 0.0
    stamp = s.stamp[len(s.stamp) - 1] + 1
    s.stamp[len(s.stamp) - 1] = stamp
    for q in range(changed):
        j = s.changed[q]
        for k in range(a.of_ptr[j], a.of_ptr[j + 1]):
            b = a.of_block[k]
            if s.stamp[b] != stamp:
                s.stamp[b] = stamp
                cost += a.block_rate[b] * (restored(a, s, b) - s.block_now[b])
        if q > 0 and cost >= limit:
            break
    return cost


@inlined
def priced(a: Arrays, s: State, c: int, row: int, i: int, j: int, limit: float) -> float:  # noqa: PLR0912 (hot: one body)
    """Change of cost when job j becomes visit i of a row; INFEASIBLE where it cannot, or is above `limit`."""
    visits: Records = s.visit[row]
    count = s.row[row].count
    rules = a.rules[0]
    crew = a.crew[c]
    before, clock, taken = -1, crew.shift_from, crew.brk_from
    if i > 0:
        before, clock, taken = visits[i - 1].job, visits[i - 1].finish, visits[i - 1].brk
    leg = leg_into(a, c, before, j)
    free = rules.travel_rate == 0.0 and rules.has_distance == 0 and rules.has_blocks == 0
    cost = a.job[j].weight * (clock + leg + a.job[j].service)
    if free and cost >= limit:
        cost = INFEASIBLE
    else:
        arrive, start, finish, brk = step(a, s, c, j, clock, leg, taken)
        if start >= NEVER:
            cost = INFEASIBLE
        else:
            place = a.job[j].place
            cost = visit_cost(a, j, arrive, finish) + change_cost(a, c, j)
            if count == 0:
                cost += crew.fixed_cost
            onward = 0
            if not free:
                cost += drive_cost(a, place_before(a, c, before, j), place, leg)
            if i == count:
                cost += home_cost(a, c, place, finish)
                if count > 0:
                    cost -= home_cost(a, c, a.job[before].place, clock)
            else:
                x = visits[i].job
                onward = a.legs[crew.speed, place, a.job[x].place]
                if not free:
                    cost += drive_cost(a, place, a.job[x].place, onward)
                    cost -= drive_cost(
                        a, place_before(a, c, before, x), a.job[x].place, leg_into(a, c, before, x)
                    )
            if rules.has_blocks:
                cost += GUIDE * a.job[j].share * finish
                cost += ripple_blocks(a, s, c, row, i, finish, onward, brk, limit - cost, j, finish)
            elif i < count:
                late = finish + onward - visits[i].raw
                if brk == taken and late >= 0 and late <= visits[i].slack:
                    cost += visits[i].slope * late
                else:
                    cost += ripple(a, s, c, row, i, finish, onward, brk, limit - cost)
    return cost


@compiled
def insertion(a: Arrays, s: State, c: int, row: int, i: int, j: int, limit: float) -> float:
    """`priced`, as a function that can be called."""
    return priced(a, s, c, row, i, j, limit)


@inlined
def carries(a: Arrays, s: State, c: int, row: int, j: int) -> bool:
    """Whether crew c has skill and stock left for job j."""
    fits = a.able[a.crew[c].skill, j]
    if fits and a.job[j].loaded:
        for g in range(a.load.shape[1]):
            if s.load[row, g] + a.load[j, g] > a.capacity[c, g] + EPS:
                fits = False
    return fits


@inlined
def floor_cost(a: Arrays, s: State, c: int, j: int, clock: int) -> float:
    """A cost that inserting j after `clock` cannot be below."""
    earliest = clock + a.job[j].service
    cost = a.job[j].weight * earliest
    if a.rules[0].has_blocks:
        cost += job_gain(a, s, j, earliest) + GUIDE * a.job[j].share * earliest
    return cost


@inlined
def may_open(a: Arrays, s: State, c: int, row: int) -> bool:
    """Whether crew c may get a (first) visit: `max_crews`, and one crew of a kind is enough to try."""
    if s.row[row].count > 0:
        return True
    if s.total[0].used >= a.rules[0].max_crews:
        return False
    kind = a.crew[c].kind
    fresh = s.row[kind].mark != s.total[0].changed
    s.row[kind].mark = s.total[0].changed
    return fresh


@compiled
def best_place(a: Arrays, s: State, j: int, bound: float) -> tuple[float, int, int]:
    """Cheapest (cost, crew, position) for job j over all places; crew -1 where none is below `bound`."""
    best, best_c, best_i = bound, -1, 0
    blink = next_blink(s.random)
    s.total[0].changed += 1
    crews = len(a.crew)
    for c in range(crews):
        row = c + s.side[c] * crews
        if not carries(a, s, c, row, j) or not may_open(a, s, c, row):
            continue
        clock = a.crew[c].shift_from
        for i in range(s.row[row].count + 1):
            if i > 0:
                clock = s.visit[row, i - 1].finish
            if clock > a.job[j].last_start or floor_cost(a, s, c, j, clock) >= best:
                break
            if i < a.crew[c].committed:
                continue
            blink -= 1
            if blink < 0:
                blink = next_blink(s.random)
                continue
            cost = priced(a, s, c, row, i, j, best)
            if cost < best:
                best, best_c, best_i = cost, c, i
    return best, best_c, best_i


@compiled
def near_place(a: Arrays, s: State, j: int, bound: float) -> tuple[float, int, int]:
    """Like `best_place`, but only at the head of routes and beside the jobs nearest to j."""
    best, best_c, best_i = bound, -1, 0
    blink = next_blink(s.random)
    s.total[0].changed += 1
    crews = len(a.crew)
    nearest = a.near.shape[1]
    for q in range(2 * nearest + crews):
        if q < 2 * nearest:
            x = a.near[j, q // 2]
            c = s.own[x]
            if c < 0:
                continue
            i = s.pos[x] + q % 2
        else:
            c = q - 2 * nearest
            i = a.crew[c].committed
        row = c + s.side[c] * crews
        if i > s.row[row].count or i < a.crew[c].committed:
            continue
        clock = a.crew[c].shift_from if i == 0 else s.visit[row, i - 1].finish
        if clock > a.job[j].last_start or floor_cost(a, s, c, j, clock) >= best:
            continue
        if not carries(a, s, c, row, j) or not may_open(a, s, c, row):
            continue
        blink -= 1
        if blink < 0:
            blink = next_blink(s.random)
            continue
        cost = priced(a, s, c, row, i, j, best)
        if cost < best:
            best, best_c, best_i = cost, c, i
    return best, best_c, best_i
