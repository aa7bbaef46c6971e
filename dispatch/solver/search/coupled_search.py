"""The search over coupled routes: fill, then ruin and recreate, a change kept as annealing has it."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

import math

from .._compile import compiled
from ..kernels.flat import Arrays
from ..kernels.state import State
from .coupled import insert_coupled, recreate_coupled, ruin_coupled
from .moves import uniform
from .plain import is_best, keep_best
from .timetable import count_absent, restore, retime_all, store
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
def change_some(a: Arrays, s: State) -> bool:
    """Ruin and recreate, and now and then complete a way; False where the rest cannot be timed.

    What was there is stored before, so that `restore` gives it back. The new routes are not priced yet.
    """
    s.total[0].step += 1
    s.total[0].removed = 0
    store(a, s)
    ruin_coupled(a, s)
    if not retime_all(a, s):
        return False
    recreate_coupled(a, s)
    if a.rules[0].has_blocks and uniform(s.random) < WHOLE_WAYS:
        complete_some_way(a, s)
    return True


@compiled
def is_worth(s: State, cost: float, missing: int, heat: float) -> bool:
    """Whether annealing takes the present routes for ones of `cost` that miss `missing` jobs."""
    total = s.total[0]
    worth = total.cost - cost + total.penalty * (total.missing - missing)
    return worth < -heat * math.log(1.0 - uniform(s.random))


@compiled
def anneal_coupled(a: Arrays, s: State, steps: int, hot: float, cold: float) -> None:
    """Like `plain.anneal`, for coupled routes."""
    cooling = (cold / hot) ** (1.0 / max(1, steps))
    heat = hot
    total = s.total[0]
    for _ in range(steps):
        cost, missing = total.cost, total.missing
        kept = False
        if change_some(a, s) and retime_all(a, s):
            count_absent(a, s)
            kept = is_worth(s, cost, missing, heat)
        if not kept:
            restore(a, s)
        elif is_best(s):
            keep_best(a, s)
        heat *= cooling
