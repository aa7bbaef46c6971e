"""Simulated annealing of the plain latency problem: many small moves between two of ruin and recreate."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

import math
from typing import Any

from .._compile import compiled
from ..kernels.latency import Latency, count_cost, note_best, tell
from .latency_moves import (
    insert_change,
    move_segment,
    put_in,
    remove_change,
    replace_change,
    segment_change,
    serves,
    swap_change,
    swap_tails,
    tails_change,
    take_out,
    turn,
    turn_change,
)
from .moves import below, next_blink, sort_by_key, uniform

# ruff: noqa: E741 (l is the latency problem everywhere here, like a and s elsewhere)

NEAR = 20  # neighbours that a small move may join a job to
ANYWHERE = 0.1  # share of small moves that join a job to any other
DROPS, SEGMENTS, SWAPS = 0.05, 0.45, 0.65  # small moves by kind, as upper ends of what is drawn
LONGEST = 40  # stops of a segment that is moved
WIDE = 320  # routes + jobs up to which every place is tried for a job that is put back
RECALLED_NEAR = 4
RECALLED = 3
SPLIT = 0.5
KEEP_ON = 0.5
IMPOSSIBLE = 1e299
AGAIN = 2000  # steps after which the cost is summed up afresh


@compiled
def partner(l: Latency, j: int) -> int:
    """A job to join job j to: mostly one near it."""
    if uniform(l.random) < ANYWHERE:
        return below(l.random, len(l.absent))
    return l.near[j, below(l.random, min(NEAR, l.near.shape[1]))]


@compiled
def by_segment(l: Latency, j: int, x: int, limit: float) -> float:
    """Move a stretch that begins or ends with job j beside job x, if its change is below `limit`."""
    c, d = l.own[j], l.own[x]
    length = 1
    draw = uniform(l.random)
    if draw < 0.5:
        length = 1 + int(min(float(LONGEST), 1.0 / (2.0 * draw + 0.02)))
    flip = length > 1 and uniform(l.random) < 0.5
    behind = uniform(l.random) < 0.5
    i = k = l.pos[j]
    if behind == flip:
        i -= length - 1
    else:
        k += length - 1
    q = l.pos[x] if behind else l.pos[x] - 1
    if i <= l.head[c] or k > l.visits[c] or q < l.head[d] or (c == d and i - 1 <= q <= k):
        return 0.0
    change = segment_change(l, c, i, k, d, q, flip)
    if change >= limit or (c != d and not serves(l, d, c, i, k)):
        return 0.0
    if c != d:
        l.tally[0].used -= l.visits[c] == k - i + 1
    move_segment(l, c, i, k, d, q, flip)
    return change


@compiled
def by_swap(l: Latency, j: int, x: int, limit: float) -> float:
    """Let jobs j and x change places, if the change of cost is below `limit`."""
    c, d, i, k = l.own[j], l.own[x], l.pos[j], l.pos[x]
    if c == d and i > k:
        i, k = k, i
    if i <= l.head[c] or k <= l.head[d] or (c == d and k - i < 2):
        return 0.0
    if c == d:
        change = swap_change(l, c, i, k)
    else:
        change = replace_change(l, c, i, x) + replace_change(l, d, k, j)
    if change >= limit or (c != d and not (serves(l, d, c, i, i) and serves(l, c, d, k, k))):
        return 0.0
    job = l.stop[c, i].job
    l.stop[c, i].job = l.stop[d, k].job
    l.stop[d, k].job = job
    tell(l, c, i)
    if c != d:
        tell(l, d, k)
    return change


@compiled
def by_turn(l: Latency, j: int, x: int, limit: float) -> float:
    """Turn a stretch around so that jobs j and x of one route become neighbours."""
    c = l.own[j]
    i, k = min(l.pos[j], l.pos[x]) + 1, max(l.pos[j], l.pos[x])
    if uniform(l.random) < 0.5:
        i, k = i - 1, k - 1
    if i >= k or i <= l.head[c]:
        return 0.0
    change = turn_change(l, c, i, k)
    if change >= limit:
        return 0.0
    turn(l, c, i, k)
    return change


@compiled
def by_tails(l: Latency, j: int, x: int, limit: float) -> float:
    """Go from job j on to job x of another route, and swap what follows."""
    c, d, p, q = l.own[j], l.own[x], l.pos[j], l.pos[x]
    if uniform(l.random) < 0.1:
        p -= 1
    if p < l.head[c] or q <= l.head[d]:
        return 0.0
    change = tails_change(l, c, p, d, q)
    if change >= limit or not serves(l, d, c, p + 1, l.visits[c]) or not serves(l, c, d, q, l.visits[d]):
        return 0.0
    swap_tails(l, c, p, d, q)
    # Both had a visit before.
    l.tally[0].used -= (l.visits[c] == 0) + (l.visits[d] == 0)
    return change


@compiled
def by_adding(l: Latency, j: int, x: int, limit: float) -> float:
    """Put job j, left out so far, beside job x, if the change of cost is below `limit`."""
    d, q = l.own[x], l.pos[x]
    if uniform(l.random) < 0.5:
        q -= 1
    if q < l.head[d] or not l.able[l.skill[d], j]:
        return 0.0
    change = insert_change(l, d, q, j) - l.absent[j]
    if change >= limit:
        return 0.0
    l.tally[0].absent -= 1
    put_in(l, d, q, j)
    return change


@compiled
def by_replacing(l: Latency, j: int, x: int, limit: float) -> float:
    """Do job j, left out so far, in the stead of job x, if the change of cost is below `limit`."""
    d, q = l.own[x], l.pos[x]
    if q <= l.head[d] or l.must[x] or not l.able[l.skill[d], j]:
        return 0.0
    change = replace_change(l, d, q, j) - l.absent[j] + l.absent[x]
    if change >= limit:
        return 0.0
    l.own[x] = -1
    l.stop[d, q].job = j
    tell(l, d, q)
    return change


@compiled
def by_dropping(l: Latency, j: int, limit: float) -> float:
    """Leave job j out."""
    c, i = l.own[j], l.pos[j]
    if i <= l.head[c]:
        return 0.0
    change = remove_change(l, c, i) + l.absent[j]
    if change >= limit:
        return 0.0
    l.tally[0].absent += 1
    l.tally[0].used -= l.visits[c] == 1
    take_out(l, c, i)
    return change


@compiled
def small_move(l: Latency, limit: float) -> float:
    """One small move, made if its change of cost is below `limit`; that change."""
    j = below(l.random, len(l.absent))
    x = partner(l, j)
    draw = uniform(l.random)
    change = 0.0
    if l.own[j] >= 0 and not l.must[j] and draw < DROPS:
        change = by_dropping(l, j, limit)
    elif x == j or l.own[x] < 0:
        pass
    elif l.own[j] < 0:
        change = by_replacing(l, j, x, limit) if draw < 0.4 else by_adding(l, j, x, limit)
    elif draw < SEGMENTS:
        change = by_segment(l, j, x, limit)
    elif draw < SWAPS:
        change = by_swap(l, j, x, limit)
    elif l.own[j] == l.own[x]:
        change = by_turn(l, j, x, limit)
    else:
        change = by_tails(l, j, x, limit)
    return change


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
    length = min(count, int(uniform(l.random) * min(float(count), longest)) + 1)
    stay = 0
    if length > 1 and length < count and uniform(l.random) < SPLIT:
        stay = 1
        while length + stay < count and uniform(l.random) < KEEP_ON:
            stay += 1
    whole = length + stay
    lowest, highest = max(0, pos - whole + 1), min(pos, count - whole)
    start = head + 1 + lowest + below(l.random, highest - lowest + 1)
    stay_from = start + 1 + below(l.random, max(1, length - 1))
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
    strings = int(uniform(l.random) * (4.0 * tally.string / (1.0 + longest) - 1.0) + 1.0)
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
        key = uniform(l.random)
        if draw < 0.3:
            pass
        elif draw < 0.55:
            key = -l.weight[j]
        elif draw < 0.8:
            key = -l.weight[j] / (l.service[j] + 1.0)
        elif draw < 0.9:
            key = float(l.drive[len(l.absent), j])
        else:
            key = -l.fails[j]
        l.key[q] = key
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
