"""Putting jobs back, each where it is cheapest, in an order drawn anew each time."""

from __future__ import annotations

from .._compile import compiled
from ..kernels.blocks import refresh_job, refresh_row
from ..kernels.clock import retime
from ..kernels.flat import NEVER, Arrays
from ..kernels.state import State
from .moves import GUIDE, SPARSE, below, best_place, near_place, sort_by_key, uniform
from .ruin import recall, touch
from .strings import RECALLED, order_key


@compiled
def recall_some(a: Arrays, s: State) -> None:
    """Add a few random jobs of those left out to those that are tried."""
    total = s.total[0]
    n = len(a.job)
    if total.absent == 0:
        return
    found = 0
    at = below(s.random, n)
    for _ in range(n):
        at = at + 1 if at + 1 < n else 0
        if s.own[at] < 0 and abs(s.timed[at]) != total.step:
            recall(a, s, at)
            found += 1
            if found >= RECALLED:
                break


@compiled
def sort_removed(a: Arrays, s: State) -> None:
    """Order the jobs to insert by one of several keys, drawn at random."""
    count = s.total[0].removed
    draw = uniform(s.random)
    for q in range(count):
        job = a.job[s.removed[q]]
        chance = uniform(s.random)
        fails = s.fails[s.removed[q]]
        key = order_key(draw, chance, job.share, float(job.service), float(job.last_start), fails)
        if job.share == 0.0 and draw >= 0.3 and draw < 0.8:
            key = float(a.first_leg[0, s.removed[q]]) * (1.0 if draw < 0.4 else -1.0)
        s.key[q] = key
    sort_by_key(s.key, s.removed, count)


@compiled
def place(a: Arrays, s: State, c: int, i: int, j: int) -> bool:
    """Make job j visit i of crew c; False where the times do not allow it after all."""
    row = touch(a, s, c)
    count = s.row[row].count
    if count == 0:
        s.total[0].used += 1
    for q in range(count, i, -1):
        s.visit[row, q].job = s.visit[row, q - 1].job
    s.visit[row, i].job = j
    s.row[row].count = count + 1
    if a.job[j].loaded:
        for g in range(s.load.shape[1]):
            s.load[row, g] += a.load[j, g]
    if not retime(a, s, c, i):
        return False
    if a.rules[0].has_blocks:
        refresh_row(a, s, row)
    return True


@compiled
def insert(a: Arrays, s: State, j: int) -> bool:
    """Insert job j where it is cheapest, unless leaving it out is cheaper; False on a fault."""
    job = a.job[j]
    bound = 1e299
    if job.must == 0:
        bound = job.absent
        if a.rules[0].has_blocks:
            bound += GUIDE * job.share * a.rules[0].unserved
    was = s.done[j]
    if a.rules[0].has_blocks:
        s.done[j] = NEVER
        refresh_job(a, s, j)
    if len(a.job) + len(a.crew) > SPARSE:
        _, c, i = near_place(a, s, j, bound)
        if c < 0 and job.must:
            _, c, i = best_place(a, s, j, bound)
    else:
        _, c, i = best_place(a, s, j, bound)
    if c < 0:
        s.fails[j] += 1.0
        return True
    if was < NEVER:
        s.done[j] = was
    return place(a, s, c, i, j)


@compiled
def recreate(a: Arrays, s: State) -> bool:
    """Insert all removed jobs and some of those left out."""
    total = s.total[0]
    recall_some(a, s)
    sort_removed(a, s)
    for q in range(total.removed):  # noqa: SIM110 (no generators in kernels)
        if not insert(a, s, s.removed[q]):
            return False
    return True
