"""The search over coupled routes: fill, then ruin and recreate, a change kept as annealing has it."""

from __future__ import annotations

import math

from .._compile import compiled
from ..kernels.flat import Arrays
from ..kernels.state import State
from .coupled import (
    count_absent,
    insert_coupled,
    recreate_coupled,
    restore,
    retime_all,
    ruin_coupled,
    store,
)
from .moves import uniform
from .plain import is_best, keep_best
from .ways import complete_some_way, fill_ways

WHOLE_WAYS = 0.3  # share of steps that try a whole way of a block


@compiled
def fill_coupled(a: Arrays, s: State) -> None:
    """Try every job that is left out, those that others wait for first."""
    deepest = 0
    for j in range(len(a.job)):
        deepest = max(deepest, a.job[j].depth)
    for depth in range(deepest + 1):
        for j in range(len(a.job)):
            if a.job[j].depth == depth and s.own[j] < 0:
                insert_coupled(a, s, j, False)
    if a.rules[0].has_blocks:
        fill_ways(a, s)


@compiled
def anneal_coupled(a: Arrays, s: State, steps: int, hot: float, cold: float) -> None:
    """Like `search.anneal`, for coupled routes."""
    cooling = (cold / hot) ** (1.0 / max(1, steps))
    heat = hot
    total = s.total[0]
    for _ in range(steps):
        total.step += 1
        total.removed = 0
        store(a, s)
        cost, missing = total.cost, total.missing
        ruin_coupled(a, s)
        kept = False
        if retime_all(a, s):
            recreate_coupled(a, s)
            if a.rules[0].has_blocks and uniform(s.random) < WHOLE_WAYS:
                complete_some_way(a, s)
            if retime_all(a, s):
                count_absent(a, s)
                worth = total.cost - cost + total.penalty * (total.missing - missing)
                kept = worth < -heat * math.log(1.0 - uniform(s.random))
        if not kept:
            restore(a, s)
        elif is_best(s):
            keep_best(a, s)
        heat *= cooling
