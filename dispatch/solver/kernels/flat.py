"""The shapes of the flat problem: what every kernel reads.

Jobs, crews and visits are record arrays, so that a kernel takes few arguments
and the fields of one job lie side by side in memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Records = NDArray[Any]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEVER = 1 << 60  # later than every time
ALWAYS = -NEVER
NO_SHIFT_END_S = 10**12  # as in the format: no limit
EPS = 1e-6

JOB = np.dtype(
    [
        ("place", np.int64),  # index into the places
        ("service", np.int64),  # seconds
        ("weight", np.float64),  # cost per second of its finish
        ("arrive_by", np.int64),  # seconds, NEVER without a promise
        ("arrive_rate", np.float64),  # cost per second of late arrival
        ("finish_by", np.int64),  # seconds, NEVER without a promise
        ("finish_rate", np.float64),  # cost per second of late finish
        ("absent", np.float64),  # cost of leaving it out
        ("must", np.int64),  # 1: may not be left out
        ("need", np.int64),  # crews that do it together
        ("win_from", np.int64),  # first row in `windows`
        ("win_to", np.int64),  # row behind the last
        ("last_start", np.int64),  # seconds, NEVER without a window
        ("before", np.int64),  # crew in the plan in force, -1 none
        ("fixed", np.int64),  # 1: committed, 2: a committed job waits for it
        ("share", np.float64),  # weight and part of blocks, cost per second (`sharing`)
        ("depth", np.int64),  # jobs in the longest chain of waits before it
        ("loaded", np.int64),  # 1: takes stock
    ],
    align=True,
)
CREW = np.dtype(
    [
        ("speed", np.int64),  # first index into `legs`
        ("starts", np.int64),  # row of `first_leg`
        ("end", np.int64),  # index into the places, -1: ends anywhere
        ("shift_from", np.int64),  # seconds
        ("shift_to", np.int64),  # seconds
        ("overtime", np.int64),  # seconds allowed after it
        ("overtime_rate", np.float64),  # cost per second
        ("fixed_cost", np.float64),  # cost of using the crew
        ("skill", np.int64),  # row of `able`
        ("brk_from", np.int64),  # first row in `breaks`
        ("brk_to", np.int64),  # row behind the last
        ("committed", np.int64),  # how many jobs it must do first
        ("kind", np.int64),  # crews of one kind are alike while empty
    ],
    align=True,
)
RULES = np.dtype(
    [
        ("travel_rate", np.float64),  # cost per second of driving
        ("max_crews", np.int64),  # crews that may be used
        ("change_cost", np.float64),  # cost of a job at another crew than before
        ("unserved", np.int64),  # seconds: when what is left out counts as restored
        ("has_distance", np.int64),  # 1: metres cost something
        ("has_blocks", np.int64),  # 1: some block is open
        ("coupled", np.int64),  # 1: routes wait for one another
        ("has_load", np.int64),  # 1: some job takes stock
    ],
    align=True,
)


class Arrays(NamedTuple):
    """The flat problem. Times int64 seconds, costs float64, `_idx` implied for all references."""

    job: Records  # (n,) JOB
    crew: Records  # (crews,) CREW
    rules: Records  # (1,) RULES
    legs: NDArray[Any]  # (speeds, places, places) int32 or int64, seconds
    first_leg: NDArray[Any]  # (starts, n) seconds from the best start place
    first_place: Ints  # (starts, n) the place it starts from, index into places
    distance: Floats  # (places, places) cost, or (1, 1) where driving has no price per metre
    able: NDArray[np.bool_]  # (skill kinds, n) whether it may do the job
    windows: Ints  # (w, 2) seconds: earliest and latest start
    breaks: Ints  # (b, 3) seconds: earliest and latest begin, duration
    load: Floats  # (n, goods) quantity taken
    capacity: Floats  # (crews, goods) quantity carried
    near: NDArray[np.int32]  # (n, m) nearest jobs first
    pred_ptr: Ints  # (n + 1,) into `pred_job`
    pred_job: Ints  # jobs that a job waits for
    pred_lag: Ints  # seconds it waits after each
    succ_ptr: Ints  # (n + 1,) into `succ_job`
    succ_job: Ints  # jobs that wait for a job
    block_rate: Floats  # (blocks,) cost per second
    block_ptr: Ints  # (blocks + 1,) ways of a block
    way_ptr: Ints  # (ways + 1,) jobs of a way
    way_job: Ints  # job positions
    way_floor: Ints  # (ways,) seconds: a way is not complete before
    of_ptr: Ints  # (n + 1,) blocks of a job
    of_block: Ints  # block positions
    committed: NDArray[np.int32]  # (crews, longest) job positions, -1 padded
