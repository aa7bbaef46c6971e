"""Simulated annealing over ruin and recreate, for problems whose routes do not wait for one another."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

import math

from .._compile import compiled
from ..kernels.blocks import all_blocks, refresh_job, refresh_row
from ..kernels.clock import retime
from ..kernels.flat import NEVER, Arrays, Ints
from ..kernels.state import State
from .exchange import exchange
from .moves import carries, insertion, uniform
from .recreate import insert, place, recreate
from .ruin import row_of, ruin


@compiled
def settle(a: Arrays, s: State) -> bool:
    """Time all routes and take stock of the whole solution; False where a route is infeasible."""
    total = s.total[0]
    n, crews = len(a.job), len(a.crew)
    for j in range(n):
        s.own[j] = -1
        s.done[j] = NEVER
    total.used = 0
    cost = 0.0
    fine = True
    for c in range(crews):
        row = row_of(a, s, c)
        for g in range(a.load.shape[1]):
            s.load[row, g] = 0.0
        count = s.row[row].count
        if count > 0:
            total.used += 1
        for i in range(count):
            for g in range(a.load.shape[1]):
                s.load[row, g] += a.load[s.visit[row, i].job, g]
        fine = retime(a, s, c, 0) and fine
        cost += s.row[row].cost
    total.absent = 0
    total.missing = 0
    total.horizon = 0
    for j in range(n):
        if s.own[j] < 0:
            total.absent += 1
            total.missing += a.job[j].must
            cost += 0.0 if a.job[j].must else a.job[j].absent
        else:
            total.horizon = max(total.horizon, s.done[j])
    all_blocks(a, s)
    total.cost = cost + total.block_cost
    return fine


@compiled
def keep_best(a: Arrays, s: State) -> None:
    """Note the present solution as the best."""
    total = s.total[0]
    total.best_cost = total.cost
    total.best_missing = total.missing
    for c in range(len(a.crew)):
        row = row_of(a, s, c)
        s.best_count[c] = s.row[row].count
        for i in range(s.row[row].count):
            s.best[c, i] = s.visit[row, i].job


@compiled
def is_best(s: State) -> bool:
    """Whether the present solution beats the best: first by jobs missing, then by cost."""
    total = s.total[0]
    if total.missing != total.best_missing:
        return total.missing < total.best_missing
    return total.cost < total.best_cost - 1e-9 * (1.0 + abs(total.best_cost))


@compiled
def undo(a: Arrays, s: State) -> None:
    """Flip every touched route back to what it was before the step."""
    total = s.total[0]
    crews = len(a.crew)
    for q in range(total.removed):
        s.own[s.removed[q]] = -1
        s.done[s.removed[q]] = NEVER
    for q in range(total.touched):
        c = s.touched[q]
        s.side[c] = 1 - s.side[c]
        row = c + s.side[c] * crews
        for i in range(s.row[row].count):
            j = s.visit[row, i].job
            s.own[j] = c
            s.pos[j] = i
            s.done[j] = s.visit[row, i].finish
    if a.rules[0].has_blocks:
        for q in range(total.removed):
            refresh_job(a, s, s.removed[q])
        for q in range(total.touched):
            refresh_row(a, s, row_of(a, s, s.touched[q]))


@compiled
def settle_absent(a: Arrays, s: State, missing: int, absent: int) -> float:
    """After a recreate: the change of cost by jobs left out, with the counts brought up to date.

    `missing` and `absent` count as if every removed or recalled job were out already.
    """
    total = s.total[0]
    cost = 0.0
    for q in range(total.removed):
        j = s.removed[q]
        if s.own[j] >= 0:
            continue
        absent += 1
        missing += a.job[j].must
        cost += 0.0 if a.job[j].must else a.job[j].absent
        if a.rules[0].has_blocks:
            s.done[j] = NEVER
            refresh_job(a, s, j)
    total.missing = missing
    total.absent = absent
    return cost


@compiled
def touched_cost(a: Arrays, s: State) -> float:
    """Cost of the touched rows now less before."""
    crews = len(a.crew)
    cost = 0.0
    for q in range(s.total[0].touched):
        c = s.touched[q]
        cost += s.row[c + s.side[c] * crews].cost - s.row[c + (1 - s.side[c]) * crews].cost
    return cost


@compiled
def recalled_cost(a: Arrays, s: State) -> tuple[float, int, int]:
    """(cost, missing, absent) that recalled jobs stood for before the step."""
    cost, missing, absent = 0.0, 0, 0
    for q in range(s.total[0].removed):
        j = s.removed[q]
        if s.timed[j] == -s.total[0].step:
            absent += 1
            missing += a.job[j].must
            cost += 0.0 if a.job[j].must else a.job[j].absent
    return cost, missing, absent


@compiled
def step(a: Arrays, s: State, heat: float, small: bool) -> None:
    """One ruin and recreate, or one small move, kept or undone."""
    total = s.total[0]
    total.step += 1
    total.touched = 0
    total.removed = 0
    cost, missing, absent, used, blocks = (
        total.cost,
        total.missing,
        total.absent,
        total.used,
        total.block_cost,
    )
    fine = exchange(a, s) if small else ruin(a, s) and recreate(a, s)
    if fine:
        # Jobs recalled were counted as out before; those among them that stay out are counted again.
        out_cost, out_missing, out = recalled_cost(a, s)
        change = touched_cost(a, s) + settle_absent(a, s, missing - out_missing, absent - out) - out_cost
        total.cost = cost + change + total.block_cost - blocks
        worth = total.cost - cost + total.penalty * (total.missing - missing)
        if worth < -heat * math.log(1.0 - uniform(s.random)):
            if is_best(s):
                keep_best(a, s)
            return
    undo(a, s)
    total.cost, total.missing, total.absent, total.used, total.block_cost = (
        cost,
        missing,
        absent,
        used,
        blocks,
    )


@compiled
def anneal(a: Arrays, s: State, steps: int, hot: float, cold: float) -> None:
    """Run `steps` steps while the temperature falls geometrically from `hot` to `cold`."""
    cooling = (cold / hot) ** (1.0 / max(1, steps))
    heat = hot
    for _ in range(steps):
        for _ in range(s.total[0].exchanges):
            step(a, s, heat, True)
        step(a, s, heat, False)
        heat *= cooling


@compiled
def append(a: Arrays, s: State, c: int, j: int) -> bool:
    """Put job j at the end of crew c's route if it fits there; False (and nothing changed) if not."""
    row = row_of(a, s, c)
    count = s.row[row].count
    if s.own[j] >= 0 or not carries(a, s, c, row, j):
        return False
    if count == 0 and s.total[0].used >= a.rules[0].max_crews:
        return False
    if insertion(a, s, c, row, count, j, 1e299) >= 1e299:
        return False
    s.total[0].step += 1
    s.total[0].touched = 0
    return place(a, s, c, count, j)


@compiled
def fill(a: Arrays, s: State, order: Ints) -> None:
    """Try every job that is left out once, in this order."""
    for j in order:
        if s.own[j] < 0:
            s.total[0].step += 1
            s.total[0].touched = 0
            insert(a, s, j)
