"""The sorted list as a start: whoever is free takes the ready job with the best saving per second.

Smith's rule (`sharing`, by work) with the drive counted as work, for days with blocks: the jobs of
a block's quickest way, with all that must be done before them, share what the whole way saves; a job
that waits is nobody's next job until it is ready; and overtime may be used.
"""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compile import compiled
from .clock import INFEASIBLE, fit, home_cost, leg_into
from .flat import NEVER, Arrays, Floats, Ints

DAY_S = 86_400.0


class Sheet(NamedTuple):
    """What the list works with: which jobs share a block, and how far it has got."""

    way: Ints  # (blocks,) the quickest way of each
    ptr: Ints  # (blocks + 1,) into `job`
    job: Ints  # jobs of each block's quickest way with all before them
    in_ptr: Ints  # (n + 1,) into `block`
    block: Ints  # blocks that a job is shared by
    left: Floats  # (blocks,) seconds of work left in the way
    rate: Floats  # (n,) cost per second that a job's share stops
    done: Ints  # (n,) finish, NEVER while not chosen
    clock: Ints  # (crews,)
    visits: Ints  # (crews,)
    route: NDArray[np.int32]  # (crews, n)
    scratch: Ints  # (n,)
    stamp: Ints  # (n,)


def list_routes(a: Arrays) -> tuple[NDArray[np.int32], Ints]:
    """Routes of the list: ((crews, n) job positions, (crews,) how many of each row count)."""
    n, crews, blocks = len(a.job), len(a.crew), len(a.block_rate)
    way, ptr = np.zeros(blocks, np.int64), np.zeros(blocks + 1, np.int64)
    scratch, stamp = np.zeros(n, np.int64), np.zeros(n, np.int64)
    size = _quickest(a, way, ptr, scratch, stamp)
    sheet = Sheet(
        way=way,
        ptr=ptr,
        job=np.zeros(size, np.int64),
        in_ptr=np.zeros(n + 1, np.int64),
        block=np.zeros(size, np.int64),
        left=np.zeros(blocks),
        rate=np.zeros(n),
        done=np.full(n, NEVER, np.int64),
        clock=a.crew["shift_from"].astype(np.int64),
        visits=np.zeros(crews, np.int64),
        route=np.zeros((crews, n), np.int32),
        scratch=scratch,
        stamp=stamp,
    )
    _list(a, sheet)
    return sheet.route, sheet.visits


@compiled
def _list(a: Arrays, x: Sheet) -> None:
    """Share the savings out and work them off."""
    _share(a, x)
    _work_off(a, x)


@compiled
def _closure(a: Arrays, way: int, stamp: Ints, mark: int, out: Ints, at: int) -> int:
    """Write the jobs of a way, and all that must be done before them, to `out` from `at` on."""
    count = 0
    for q in range(a.way_ptr[way], a.way_ptr[way + 1]):
        j = a.way_job[q]
        if stamp[j] != mark:
            stamp[j] = mark
            out[at + count] = j
            count += 1
    k = 0
    while k < count:
        j = out[at + k]
        k += 1
        for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):
            p = a.pred_job[q]
            if stamp[p] != mark:
                stamp[p] = mark
                out[at + count] = p
                count += 1
    return count


@compiled
def _quickest(a: Arrays, way: Ints, ptr: Ints, scratch: Ints, stamp: Ints) -> int:
    """Find the way of least work of each block; return how many entries all of them have."""
    mark = 0
    for b in range(len(a.block_rate)):
        least = NEVER
        ptr[b + 1] = ptr[b]
        way[b] = -1
        for w in range(a.block_ptr[b], a.block_ptr[b + 1]):
            mark += 1
            count = _closure(a, w, stamp, mark, scratch, 0)
            work = 0
            for k in range(count):
                work += a.job[scratch[k]].service
            if work < least:
                least, way[b], ptr[b + 1] = work, w, ptr[b] + count
    for j in range(len(stamp)):
        stamp[j] = 0
    return ptr[len(a.block_rate)]


@compiled
def _share(a: Arrays, x: Sheet) -> None:
    """Spread each block over the jobs of its way, in proportion to their length."""
    blocks = len(a.block_rate)
    for b in range(blocks):
        if x.way[b] >= 0:
            _closure(a, x.way[b], x.stamp, b + 1, x.job, x.ptr[b])
        for q in range(x.ptr[b], x.ptr[b + 1]):
            x.left[b] += a.job[x.job[q]].service
            x.in_ptr[x.job[q] + 1] += 1
    for j in range(len(a.job)):
        x.in_ptr[j + 1] += x.in_ptr[j]
        x.scratch[j] = x.in_ptr[j]
        x.rate[j] = a.job[j].weight
    for b in range(blocks):
        for q in range(x.ptr[b], x.ptr[b + 1]):
            j = x.job[q]
            x.block[x.scratch[j]] = b
            x.scratch[j] += 1
            x.rate[j] += a.block_rate[b] * a.job[j].service / max(1.0, x.left[b])


@compiled
def _choose(a: Arrays, x: Sheet, c: int) -> tuple[int, int, bool]:
    """(job or -1, its finish, whether a job may become ready later) for crew c at its clock."""
    now = x.clock[c]
    before = -1
    if x.visits[c] > 0:
        before = x.route[c, x.visits[c] - 1]
    todo = -1
    if x.visits[c] < a.crew[c].committed:
        todo = a.committed[c, x.visits[c]]
    best, best_finish, best_value, later = -1, NEVER, -1.0, False
    for j in range(len(a.job)):
        job = a.job[j]
        if x.done[j] < NEVER or (todo >= 0 and j != todo) or (todo < 0 and (job.fixed == 1 or job.need > 1)):
            continue
        rate = max(x.rate[j], job.absent / DAY_S)
        if todo < 0 and (rate <= 0.0 or not a.able[a.crew[c].skill, j]):
            continue
        ready = True
        for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):
            p = a.pred_job[q]
            ready = ready and x.done[p] < NEVER and x.done[p] + a.pred_lag[q] <= now
        if not ready and todo < 0:
            later = True
            continue
        start = fit(a, j, now + leg_into(a, c, before, j))
        if start >= NEVER:
            continue
        finish = start + job.service
        if todo < 0 and home_cost(a, c, job.place, finish) >= INFEASIBLE:
            continue
        value = rate / max(1, finish - now)
        if value > best_value:
            best, best_finish, best_value = j, finish, value
    return best, best_finish, later


@compiled
def _work_off(a: Arrays, x: Sheet) -> None:
    """Let the crew that is free first choose, until nobody finds anything."""
    crews = len(a.crew)
    while crews > 0:
        c = 0
        for k in range(1, crews):
            if x.clock[k] < x.clock[c]:
                c = k
        now = x.clock[c]
        if now >= NEVER:
            break
        j, finish, later = _choose(a, x, c)
        if j < 0:
            # What it could do waits for another crew's job: look again when that crew is free.
            x.clock[c] = NEVER
            if later:
                for k in range(crews):
                    if k != c and x.clock[k] > now:
                        x.clock[c] = min(x.clock[c], x.clock[k])
            continue
        x.route[c, x.visits[c]] = j
        x.visits[c] += 1
        x.clock[c] = finish
        x.done[j] = finish
        for q in range(x.in_ptr[j], x.in_ptr[j + 1]):
            b = x.block[q]
            was = max(1.0, x.left[b])
            x.left[b] -= a.job[j].service
            now_left = max(1.0, x.left[b])
            for k in range(x.ptr[b], x.ptr[b + 1]):
                other = x.job[k]
                x.rate[other] += a.block_rate[b] * a.job[other].service * (1.0 / now_left - 1.0 / was)
