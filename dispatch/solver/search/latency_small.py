"""Small moves of the plain latency problem: drawn, priced in constant time, and made where they pay."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from .._compile import compiled
from ..kernels.latency import Latency, tell
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
from .moves import below, uniform

# ruff: noqa: E741 (l is the latency problem everywhere here, like a and s elsewhere)

NEAR = 20  # neighbours that a small move may join a job to
ANYWHERE = 0.1  # share of small moves that join a job to any other
DROPS, SEGMENTS, SWAPS = 0.05, 0.45, 0.65  # small moves by kind, as upper ends of what is drawn
LONGEST = 40  # stops of a segment that is moved


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
