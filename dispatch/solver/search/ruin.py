"""Taking jobs out: strings of neighbouring visits around a random job.

What is drawn is drawn in `strings`, as in the search for plain latency.
"""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from .._compile import compiled, inlined
from ..kernels.blocks import refresh_job, refresh_row
from ..kernels.clock import retime
from ..kernels.flat import Arrays
from ..kernels.state import State
from .moves import below
from .strings import RECALLED_NEAR, draw_string, how_many_strings


@inlined
def row_of(a: Arrays, s: State, c: int) -> int:
    """Row in force of crew c."""
    return c + s.side[c] * len(a.crew)


@compiled
def touch(a: Arrays, s: State, c: int) -> int:
    """Give crew c a fresh row with the same jobs; the old row stays as it was."""
    crews = len(a.crew)
    total = s.total[0]
    if s.row[crews + c].mark == total.step:
        return row_of(a, s, c)
    s.row[crews + c].mark = total.step
    s.touched[total.touched] = c
    total.touched += 1
    old = row_of(a, s, c)
    s.side[c] = 1 - s.side[c]
    new = row_of(a, s, c)
    count = s.row[old].count
    s.row[new].count = count
    for i in range(count):
        s.visit[new, i] = s.visit[old, i]
    for g in range(s.load.shape[1]):
        s.load[new, g] = s.load[old, g]
    return new


@compiled
def cut(a: Arrays, s: State, c: int, start: int, length: int, keep_from: int, keep: int) -> None:
    """Take visits start .. start+length out of crew c's route, but for `keep` from `keep_from` on."""
    row = touch(a, s, c)
    total = s.total[0]
    count = s.row[row].count
    free = start
    for i in range(start, count):
        j = s.visit[row, i].job
        inside = i < start + length and not (keep_from <= i < keep_from + keep)
        if inside:
            s.removed[total.removed] = j
            s.timed[j] = total.step
            total.removed += 1
            s.own[j] = -1
            if a.job[j].loaded:
                for g in range(s.load.shape[1]):
                    s.load[row, g] -= a.load[j, g]
        else:
            s.visit[row, free].job = j
            free += 1
    s.row[row].count = free
    if free == 0 and count > 0:
        total.used -= 1


@compiled
def cut_string(a: Arrays, s: State, j: int, longest: float) -> bool:
    """Take a random string that holds job j out of its route."""
    c = s.own[j]
    head = a.crew[c].committed
    count = s.row[row_of(a, s, c)].count - head
    pos = s.pos[j] - head
    start, whole, keep_from, keep = draw_string(s.random, count, pos, longest)
    cut(a, s, c, head + start, whole, head + keep_from, keep)
    if not retime(a, s, c, head + start):
        return False
    if a.rules[0].has_blocks:
        refresh_row(a, s, row_of(a, s, c))
    return True


@compiled
def recall(a: Arrays, s: State, j: int) -> None:
    """Add job j, left out before this step, to those that are tried."""
    total = s.total[0]
    s.removed[total.removed] = j
    s.timed[j] = -total.step
    total.removed += 1
    if a.rules[0].has_blocks:
        s.done[j] = total.horizon
        refresh_job(a, s, j)


@compiled
def ruin(a: Arrays, s: State) -> bool:
    """Take strings out of some routes near a random job; False where a route became infeasible."""
    total = s.total[0]
    n = len(a.job)
    mean = (n - total.absent) / max(1, total.used)
    longest = min(total.longest, mean)
    strings = how_many_strings(s.random, total.string, longest)
    seed = below(s.random, n)
    cuts = 0
    recalled = 0
    for q in range(a.near.shape[1]):
        j = a.near[seed, q]
        c = s.own[j]
        if c < 0 and abs(s.timed[j]) != total.step and recalled < RECALLED_NEAR:
            recall(a, s, j)
            recalled += 1
        if c < 0 or a.job[j].fixed > 0 or s.row[len(a.crew) + c].mark == total.step:
            continue
        if not cut_string(a, s, j, longest):
            return False
        cuts += 1
        if cuts >= strings:
            break
    return True
