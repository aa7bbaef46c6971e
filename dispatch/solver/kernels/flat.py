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
        ("place", np.int64),
        ("service", np.int64),
        ("weight", np.float64),
        ("arrive_by", np.int64),
        ("arrive_rate", np.float64),
        ("finish_by", np.int64),
        ("finish_rate", np.float64),
        ("absent", np.float64),
        ("must", np.int64),
        ("need", np.int64),
        ("win_from", np.int64),
        ("win_to", np.int64),
        ("last_start", np.int64),
        ("before", np.int64),
        ("fixed", np.int64),
        ("share", np.float64),
        ("depth", np.int64),
        ("loaded", np.int64),
    ],
    align=True,
)
CREW = np.dtype(
    [
        ("speed", np.int64),
        ("starts", np.int64),
        ("end", np.int64),
        ("shift_from", np.int64),
        ("shift_to", np.int64),
        ("overtime", np.int64),
        ("overtime_rate", np.float64),
        ("fixed_cost", np.float64),
        ("skill", np.int64),
        ("brk_from", np.int64),
        ("brk_to", np.int64),
        ("committed", np.int64),
        ("kind", np.int64),
    ],
    align=True,
)
RULES = np.dtype(
    [
        ("travel_rate", np.float64),
        ("max_crews", np.int64),
        ("change_cost", np.float64),
        ("unserved", np.int64),
        ("has_distance", np.int64),
        ("has_blocks", np.int64),
        ("coupled", np.int64),
        ("has_load", np.int64),
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
    able: NDArray[np.bool_]  # (skill kinds, n)
    windows: Ints  # (w, 2)
    breaks: Ints  # (b, 3): from, to, duration
    load: Floats  # (n, goods)
    capacity: Floats  # (crews, goods)
    near: NDArray[np.int32]  # (n, m) nearest jobs first
    pred_ptr: Ints
    pred_job: Ints
    pred_lag: Ints
    succ_ptr: Ints
    succ_job: Ints
    block_rate: Floats
    block_ptr: Ints  # ways of a block
    way_ptr: Ints  # jobs of a way
    way_job: Ints
    way_floor: Ints  # a way is not complete before
    of_ptr: Ints  # blocks of a job
    of_block: Ints
    committed: NDArray[np.int32]  # (crews, longest) job positions, -1 padded
