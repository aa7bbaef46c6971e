"""Small moves between strings: reverse a stretch of a route, or swap the tails of two routes.

2-opt (Croes, Operations Research 1958) and 2-opt* (Potvin and Rousseau, Journal
of the Operational Research Society 1995), each from a random job to one near it.
Long routes need them: ruin and recreate rarely turns a long stretch around.
"""

from __future__ import annotations

from .._compile import compiled
from ..kernels.blocks import refresh_row
from ..kernels.clock import retime
from ..kernels.flat import EPS, Arrays
from ..kernels.state import State
from .moves import below, uniform
from .ruin import row_of, touch

NEAR = 20  # neighbours that a move may join a job to


@compiled
def reverse(a: Arrays, s: State, c: int, first: int, last: int) -> bool:
    """Reverse visits first .. last of crew c."""
    row = touch(a, s, c)
    while first < last:
        j = s.visit[row, first].job
        s.visit[row, first].job = s.visit[row, last].job
        s.visit[row, last].job = j
        first += 1
        last -= 1
    return True


@compiled
def may_swap(a: Arrays, s: State, c: int, i: int, d: int, k: int) -> bool:
    """Whether crew c may take visits k.. of crew d for its own visits i.. as far as skill and stock go."""
    mine, other = row_of(a, s, c), row_of(a, s, d)
    for q in range(k, s.row[other].count):
        if not a.able[a.crew[c].skill, s.visit[other, q].job]:
            return False
    for g in range(a.load.shape[1]):
        sum_load = s.load[mine, g]
        for q in range(i, s.row[mine].count):
            sum_load -= a.load[s.visit[mine, q].job, g]
        for q in range(k, s.row[other].count):
            sum_load += a.load[s.visit[other, q].job, g]
        if sum_load > a.capacity[c, g] + EPS:
            return False
    return True


@compiled
def swap_tails(a: Arrays, s: State, c: int, i: int, d: int, k: int) -> bool:
    """Give crew c the visits k.. of crew d, and d the visits i.. of c."""
    if not may_swap(a, s, c, i, d, k) or not may_swap(a, s, d, k, c, i):
        return False
    crews = len(a.crew)
    row, other = touch(a, s, c), touch(a, s, d)
    old, old_other = c + (1 - s.side[c]) * crews, d + (1 - s.side[d]) * crews
    tail, other_tail = s.row[old].count - i, s.row[old_other].count - k
    for q in range(other_tail):
        s.visit[row, i + q].job = s.visit[old_other, k + q].job
    for q in range(tail):
        s.visit[other, k + q].job = s.visit[old, i + q].job
    s.row[row].count = i + other_tail
    s.row[other].count = k + tail
    if i + other_tail == 0 or k + tail == 0:
        s.total[0].used -= 1
    for g in range(a.load.shape[1]):
        moved = 0.0
        for q in range(tail):
            moved += a.load[s.visit[old, i + q].job, g]
        for q in range(other_tail):
            moved -= a.load[s.visit[old_other, k + q].job, g]
        s.load[row, g] -= moved
        s.load[other, g] += moved
    return True


@compiled
def exchange(a: Arrays, s: State) -> bool:
    """Bring a random job next to one near it by a reversal or a swap of tails; False where that cannot be."""
    n = len(a.job)
    j = below(s.random, n)
    x = a.near[j, below(s.random, min(NEAR, a.near.shape[1]))]
    c, d = s.own[j], s.own[x]
    if c < 0 or d < 0 or j == x:
        return False
    p, q = s.pos[j], s.pos[x]
    if c == d:
        first, last = min(p, q) + 1, max(p, q)
        if uniform(s.random) < 0.5:
            first, last = first - 1, last - 1
        if first >= last or first < a.crew[c].committed:
            return False
        reverse(a, s, c, first, last)
        fine = retime(a, s, c, first)
        if fine and a.rules[0].has_blocks:
            refresh_row(a, s, row_of(a, s, c))
        return fine
    i = p + 1
    if i < a.crew[c].committed or q < a.crew[d].committed or not swap_tails(a, s, c, i, d, q):
        return False
    fine = retime(a, s, c, i) and retime(a, s, d, q)
    if fine and a.rules[0].has_blocks:
        refresh_row(a, s, row_of(a, s, c))
        refresh_row(a, s, row_of(a, s, d))
    return fine
