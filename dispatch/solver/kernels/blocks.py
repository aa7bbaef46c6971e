"""Blocks: when customers are back, given when jobs are finished."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from .._compile import compiled
from .flat import NEVER, Arrays
from .state import State


@compiled
def restored(a: Arrays, s: State, b: int) -> int:
    """When block b is back: the earliest way, each as late as its last job."""
    best = NEVER
    for way in range(a.block_ptr[b], a.block_ptr[b + 1]):
        last = a.way_floor[way]
        for q in range(a.way_ptr[way], a.way_ptr[way + 1]):
            last = max(last, s.done[a.way_job[q]])
            if last >= best:
                break
        best = min(best, last)
    if best >= NEVER:
        return a.rules[0].unserved
    return max(0, best)


@compiled
def all_blocks(a: Arrays, s: State) -> None:
    """Recompute every block."""
    cost = 0.0
    for b in range(len(a.block_rate)):
        s.block_now[b] = restored(a, s, b)
        cost += a.block_rate[b] * s.block_now[b]
    s.total[0].block_cost = cost


@compiled
def refresh_job(a: Arrays, s: State, j: int) -> None:
    """Bring the blocks of job j up to date after its finish has changed."""
    for q in range(a.of_ptr[j], a.of_ptr[j + 1]):
        b = a.of_block[q]
        now = restored(a, s, b)
        s.total[0].block_cost += a.block_rate[b] * (now - s.block_now[b])
        s.block_now[b] = now


@compiled
def refresh_row(a: Arrays, s: State, row: int) -> None:
    """Bring the blocks of all jobs of a row up to date."""
    for i in range(s.row[row].count):
        refresh_job(a, s, s.visit[row, i].job)


@compiled
def job_gain(a: Arrays, s: State, j: int, finish: int) -> float:
    """Change of block cost when job j alone finishes at `finish`."""
    was = s.done[j]
    s.done[j] = finish
    cost = 0.0
    for q in range(a.of_ptr[j], a.of_ptr[j + 1]):
        b = a.of_block[q]
        cost += a.block_rate[b] * (restored(a, s, b) - s.block_now[b])
    s.done[j] = was
    return cost
