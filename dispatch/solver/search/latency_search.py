"""Simulated annealing of the plain latency problem: many small moves between two of ruin and recreate."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

import math
from typing import Any

from .._compile import compiled
from ..kernels.latency import Latency, count_cost, note_best, tell
from .latency_moves import insert_change, put_in
from .latency_small import small_move
from .moves import below, next_blink, sort_by_key, uniform
from .strings import RECALLED, RECALLED_NEAR, draw_string, how_many_strings, order_key

# ruff: noqa: E741 (l is the latency problem everywhere here, like a and s elsewhere)

WIDE = 320  # routes + jobs up to which every place is tried for a job that is put back
IMPOSSIBLE = 1e299
AGAIN = 2000  # steps after which the cost is summed up afresh


@compiled
def keep(l: Latency, c: int) -> None:
    """Remember route c as it was before this step."""
    tally: Any = l.tally[0]
    if l.mark[c] == tally.step:
        return
    l.mark[c] = tally.step
    l.touched[tally.touched] = c
    tally.touched += 1
    l.kept_count[c] = l.visits[c]
    for i in range(l.visits[c] + 2):
        l.kept[c, i] = l.stop[c, i]


@compiled
def give_up(l: Latency) -> None:
    """Put every touched route back to what it was before the step."""
    tally: Any = l.tally[0]
    for q in range(tally.removed):
        l.own[l.removed[q]] = -1
    for q in range(tally.touched):
        c = l.touched[q]
        l.visits[c] = l.kept_count[c]
        for i in range(1, l.visits[c] + 2):
            l.stop[c, i] = l.kept[c, i]
            l.own[l.stop[c, i].job] = c
            l.pos[l.stop[c, i].job] = i


@compiled
def cut_string(l: Latency, j: int, longest: float) -> float:
    """Take a random string that holds job j out of its route; the change of the route's cost."""
    tally: Any = l.tally[0]
    c = l.own[j]
    keep(l, c)
    head = l.head[c]
    count = l.visits[c] - head
    pos = l.pos[j] - head - 1
    start, whole, stay_from, stay = draw_string(l.random, count, pos, longest)
    start, stay_from = head + 1 + start, head + 1 + stay_from
    was = l.stop[c, l.visits[c]].price
    free = start
    for i in range(start, l.visits[c] + 1):
        job = l.stop[c, i].job
        if i < start + whole and not (stay_from <= i < stay_from + stay):
            l.removed[tally.removed] = job
            l.seen[job] = tally.step
            tally.removed += 1
            l.own[job] = -1
        else:
            l.stop[c, free].job = job
            free += 1
    l.visits[c] = free - 1
    tally.used -= free == 1
    tell(l, c, start)
    return l.stop[c, l.visits[c]].price - was


@compiled
def recall(l: Latency, j: int) -> float:
    """Add job j, left out before this step, to those that are tried; what leaving it out costs, negative."""
    tally: Any = l.tally[0]
    l.removed[tally.removed] = j
    l.seen[j] = -tally.step
    tally.removed += 1
    tally.absent -= 1
    return -l.absent[j]


@compiled
def ruin(l: Latency) -> float:
    """Take strings out of some routes near a random job; the change of cost."""
    tally: Any = l.tally[0]
    n = len(l.absent)
    mean = (n - tally.absent) / max(1, tally.used)
    longest = min(tally.longest, mean)
    strings = how_many_strings(l.random, tally.string, longest)
    seed = below(l.random, n)
    change = 0.0
    cuts, recalled = 0, 0
    for q in range(l.near.shape[1]):
        j = l.near[seed, q]
        c = l.own[j]
        if c < 0 and abs(l.seen[j]) != tally.step and recalled < RECALLED_NEAR:
            change += recall(l, j)
            recalled += 1
        if c < 0 or l.pos[j] <= l.head[c] or l.mark[c] == tally.step:
            continue
        change += cut_string(l, j, longest)
        cuts += 1
        if cuts >= strings:
            break
    if tally.absent > 0:
        at = below(l.random, n)
        found = 0
        for _ in range(n):
            at = at + 1 if at + 1 < n else 0
            if l.own[at] < 0 and abs(l.seen[at]) != tally.step:
                change += recall(l, at)
                found += 1
                if found >= RECALLED:
                    break
    return change


@compiled
def sort_removed(l: Latency) -> None:
    """Order the jobs to put back by one of several keys, drawn at random."""
    count = l.tally[0].removed
    draw = uniform(l.random)
    for q in range(count):
        j = l.removed[q]
        chance = uniform(l.random)
        far = float(l.drive[len(l.absent), j])
        l.key[q] = order_key(draw, chance, l.weight[j], l.service[j], far, l.fails[j])
    sort_by_key(l.key, l.removed, count)


@compiled
def place_near(l: Latency, j: int, bound: float) -> tuple[float, int, int]:
    """Cheapest (change, crew, stop before) for job j beside the jobs nearest to it; crew -1 for none."""
    best, best_c, best_q = bound, -1, 0
    blink = next_blink(l.random)
    for k in range(2 * l.near.shape[1]):
        x = l.near[j, k // 2]
        c = l.own[x]
        q = l.pos[x] - k % 2
        if c < 0 or q < l.head[c] or l.weight[j] * l.stop[c, q].finish >= best:
            continue
        if not l.able[l.skill[c], j]:
            continue
        blink -= 1
        if blink < 0:
            blink = next_blink(l.random)
            continue
        change = insert_change(l, c, q, j)
        if change < best:
            best, best_c, best_q = change, c, q
    return best, best_c, best_q


@compiled
def place_any(l: Latency, j: int, bound: float, heads: bool) -> tuple[float, int, int]:
    """Cheapest (change, crew, stop before) for job j over all places, or only the heads of routes."""
    best, best_c, best_q = bound, -1, 0
    blink = next_blink(l.random)
    opened = -1
    for c in range(len(l.visits)):
        if not l.able[l.skill[c], j]:
            continue
        if l.visits[c] == 0:
            if opened >= 0 and same_while_empty(l, c, opened):
                continue
            opened = c
        last = l.head[c] if heads else l.visits[c]
        for q in range(l.head[c], last + 1):
            if l.weight[j] * l.stop[c, q].finish >= best:
                break
            blink -= 1
            if blink < 0:
                blink = next_blink(l.random)
                continue
            change = insert_change(l, c, q, j)
            if change < best:
                best, best_c, best_q = change, c, q
    return best, best_c, best_q


@compiled
def same_while_empty(l: Latency, c: int, d: int) -> bool:
    """Whether two crews without a visit are interchangeable."""
    mine: Any = l.stop[c, 0]
    other: Any = l.stop[d, 0]
    return mine.job == other.job and mine.finish == other.finish and l.skill[c] == l.skill[d]


@compiled
def put_back(l: Latency, j: int) -> float:
    """Insert job j where it is cheapest, unless leaving it out is cheaper; the change of cost."""
    tally: Any = l.tally[0]
    best, c, q = IMPOSSIBLE if l.must[j] else l.absent[j], -1, 0
    wide = len(l.absent) + len(l.visits) <= WIDE
    if not wide:
        best, c, q = place_near(l, j, best)
    found, other, at = place_any(l, j, best, not wide)
    if other >= 0:
        best, c, q = found, other, at
    if c < 0:
        l.fails[j] += 1.0
        tally.absent += 1
        return IMPOSSIBLE if l.must[j] else l.absent[j]
    keep(l, c)
    tally.used += l.visits[c] == 0
    put_in(l, c, q, j)
    return best


@compiled
def ruin_and_recreate(l: Latency, limit: float) -> None:
    """One step of ruin and recreate, given up where its change of cost is not below `limit`."""
    tally: Any = l.tally[0]
    tally.step += 1
    tally.touched = 0
    tally.removed = 0
    absent, used = tally.absent, tally.used
    change = ruin(l)
    sort_removed(l)
    for q in range(tally.removed):
        change += put_back(l, l.removed[q])
        if change >= IMPOSSIBLE:
            break
    if change < limit:
        tally.cost += change
    else:
        give_up(l)
        tally.absent, tally.used = absent, used


@compiled
def note_if_best(l: Latency) -> None:
    """Note the present solution where it beats the best."""
    if l.tally[0].cost < l.tally[0].best_cost - 1e-9 * (1.0 + abs(l.tally[0].best_cost)):
        note_best(l)


@compiled
def anneal_latency(l: Latency, steps: int, hot: float, cold: float) -> None:
    """Run `steps` steps while the temperature falls geometrically from `hot` to `cold`."""
    cooling = (cold / hot) ** (1.0 / max(1, steps))
    heat = hot
    tally: Any = l.tally[0]
    for step in range(steps):
        for _ in range(tally.moves):
            change = small_move(l, -heat * math.log(1.0 - uniform(l.random)))
            if change != 0.0:
                tally.cost += change
                note_if_best(l)
        ruin_and_recreate(l, -heat * math.log(1.0 - uniform(l.random)))
        note_if_best(l)
        if step % AGAIN == AGAIN - 1:
            count_cost(l)
        heat *= cooling
