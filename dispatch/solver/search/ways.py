"""Whole ways of blocks: jobs that bring customers back only together, such as opening one device and
closing another. Put in one by one, the first of them would never be worth its time.
"""

from __future__ import annotations

from .._compile import compiled
from ..kernels.flat import ALWAYS, NEVER, Arrays
from ..kernels.state import State
from .coupled import insert_coupled, take_out
from .moves import below, uniform
from .timetable import count_absent, retime_all


@compiled
def try_way(a: Arrays, s: State, way: int) -> bool:
    """Insert what a way still lacks, each job as if the others were done; all of it or nothing.

    A switch that is opened brings nobody back by itself: only a whole way has a worth. What was
    inserted is marked in `timed` for `drop_way`.
    """
    deepest, missing = 0, 0
    for q in range(a.way_ptr[way], a.way_ptr[way + 1]):
        j = a.way_job[q]
        s.timed[j] = 0
        if s.own[j] < 0:
            missing += 1
            s.timed[j] = NEVER
            s.done[j] = ALWAYS
            deepest = max(deepest, a.job[j].depth)
    fine = missing > 0
    for depth in range(deepest + 1):
        for q in range(a.way_ptr[way], a.way_ptr[way + 1]):
            j = a.way_job[q]
            if fine and s.timed[j] == NEVER and a.job[j].depth == depth:
                fine = insert_coupled(a, s, j, False)
    if missing > 0 and not fine:
        drop_way(a, s, way)
    return fine


@compiled
def drop_way(a: Arrays, s: State, way: int) -> None:
    """Take out what `try_way` has put in."""
    for q in range(a.way_ptr[way], a.way_ptr[way + 1]):
        j = a.way_job[q]
        if s.timed[j] == NEVER:
            if s.own[j] >= 0:
                take_out(a, s, j)
            s.timed[j] = 0
            s.done[j] = NEVER
    retime_all(a, s)


@compiled
def absent_never_done(a: Arrays, s: State) -> None:
    """Forget the times of what is not served, so that blocks do not count on it."""
    for j in range(len(a.job)):
        if s.own[j] < 0:
            s.done[j] = NEVER


@compiled
def way_of_removed(a: Arrays, s: State) -> int:
    """A random way of a job that was removed and is still out; -1 where there is none."""
    total = s.total[0]
    if total.removed == 0:
        return -1
    at = below(s.random, total.removed)
    for k in range(total.removed):
        j = s.removed[(at + k) % total.removed]
        if s.own[j] < 0 and a.of_ptr[j] < a.of_ptr[j + 1]:
            b = a.of_block[a.of_ptr[j] + below(s.random, a.of_ptr[j + 1] - a.of_ptr[j])]
            count = a.block_ptr[b + 1] - a.block_ptr[b]
            first = below(s.random, count)
            for w in range(count):
                way = a.block_ptr[b] + (first + w) % count
                for q in range(a.way_ptr[way], a.way_ptr[way + 1]):
                    if a.way_job[q] == j:
                        return int(way)
    return -1


@compiled
def complete_some_way(a: Arrays, s: State) -> None:
    """Try a way of a removed job, or else any way of any block."""
    absent_never_done(a, s)
    way = way_of_removed(a, s) if uniform(s.random) < 0.7 else -1
    if way < 0:
        b = below(s.random, len(a.block_rate))
        way = a.block_ptr[b] + below(s.random, a.block_ptr[b + 1] - a.block_ptr[b])
    try_way(a, s, way)


@compiled
def fill_ways(a: Arrays, s: State) -> None:
    """Try every way of every block once; keep what lowers the cost."""
    retime_all(a, s)
    count_absent(a, s)
    for way in range(len(a.way_floor)):
        was, missing = s.total[0].cost, s.total[0].missing
        tried = try_way(a, s, way)
        retime_all(a, s)
        count_absent(a, s)
        if tried and (s.total[0].cost >= was and s.total[0].missing >= missing):
            drop_way(a, s, way)
            count_absent(a, s)
