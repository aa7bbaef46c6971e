"""What the compiled search writes: routes with their times, twice.

Each crew has two rows; `side` says which one is in force. A step that changes
a route writes the other row, so that giving the step up is a flip back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .flat import ALWAYS, NEVER, Arrays, Floats, Ints, Records

VISIT = np.dtype(
    [
        ("job", np.int32),
        ("brk", np.int32),  # breaks taken once this visit is finished
        ("raw", np.int64),  # finish before + drive, without breaks
        ("arrive", np.int64),  # seconds, as all times
        ("start", np.int64),
        ("finish", np.int64),
        ("cost", np.float64),  # of the route up to and with this visit
        ("slope", np.float64),  # cost per second of delay of `raw` ...
        ("slack", np.int64),  # ... which holds for so many seconds
    ],
    align=True,
)
ROW = np.dtype([("count", np.int64), ("cost", np.float64), ("mark", np.int64)], align=True)
TOTAL = np.dtype(
    [
        ("cost", np.float64),  # all but the penalty
        ("missing", np.int64),  # jobs that must be served and are not
        ("used", np.int64),  # crews with a visit
        ("block_cost", np.float64),  # cost of all blocks
        ("step", np.int64),  # number of this step
        ("touched", np.int64),  # how many of `touched` count
        ("removed", np.int64),  # how many of `removed` count
        ("changed", np.int64),  # stamp of the last look at empty crews
        ("best_cost", np.float64),  # of `best`
        ("best_missing", np.int64),  # of `best`
        ("penalty", np.float64),  # cost of a missing job while annealing
        ("string", np.float64),  # mean number of jobs removed in a step
        ("longest", np.float64),  # most jobs of one string
        ("exchanges", np.int64),  # small moves for each ruin and recreate
        ("absent", np.int64),  # jobs left out
        ("horizon", np.int64),  # seconds: the latest finish
        ("timing", np.int64),  # number of the last timing of coupled routes
    ],
    align=True,
)


class State(NamedTuple):
    """A solution and its scratch space."""

    visit: Records  # (2 crews, cap + 1) VISIT
    row: Records  # (2 crews,) ROW
    load: Floats  # (2 crews, goods)
    total: Records  # (1,) TOTAL
    side: Ints  # (crews,)
    own: Ints  # (n,) crew of a job, -1 absent
    pos: Ints  # (n,) visit of a job in its row
    release: Ints  # (n,) no start before
    done: Ints  # (n,) finish, NEVER while absent: what blocks see
    block_now: Ints  # (blocks,) restored at
    rests: Ints  # (breaks,) scratch: when each break begins
    touched: Ints  # (crews,) rows changed in this step
    removed: Ints  # (n + 1,) jobs taken out in this step
    key: Floats  # (n + 1,) what `removed` is sorted by
    old_done: Ints  # (n,) scratch
    changed: Ints  # (n + 1,) scratch
    stamp: Ints  # (max(n, blocks, crews),) scratch
    fails: Floats  # (n,) how often a job found no place
    random: NDArray[np.uint64]  # (1,)
    best: NDArray[np.int32]  # (crews, cap) routes of the best solution
    best_count: Ints  # (crews,)
    helpers: Ints  # (n, most crews needed) crews of a job done together
    kept_helpers: Ints  # the same before this step
    timed: Ints  # (n,) step in which a job was removed, negative where it was recalled
    settled: Ints  # (n,) timing in which a job was last timed
    ahead: Ints  # (crews,) scratch: visits timed so far


def new_state(arrays: Arrays, seed: int) -> State:
    """Empty routes; capacity for all jobs in each."""
    n, crews = len(arrays.job), len(arrays.crew)
    blocks = len(arrays.block_rate)
    most = int(arrays.job["need"].max()) if n else 1
    total = np.zeros(1, TOTAL)
    return State(
        visit=np.empty((2 * crews, n + 1), VISIT),
        row=np.zeros(2 * crews, ROW),
        load=np.zeros((2 * crews, arrays.load.shape[1])),
        total=total,
        side=np.zeros(crews, np.int64),
        own=np.full(n, -1, np.int64),
        pos=np.zeros(n, np.int64),
        release=np.full(n, ALWAYS, np.int64),
        done=np.full(n, NEVER, np.int64),
        block_now=np.zeros(blocks, np.int64),
        rests=np.zeros(max(1, len(arrays.breaks)), np.int64),
        touched=np.zeros(max(1, crews), np.int64),
        removed=np.zeros(n + 1, np.int64),
        key=np.zeros(n + 1),
        old_done=np.full(n + 1, NEVER, np.int64),
        changed=np.zeros(n + 1, np.int64),
        stamp=np.zeros(max(n, blocks, crews) + 1, np.int64),
        fails=np.zeros(n),
        random=np.array([scatter(seed)], np.uint64),
        best=np.empty((crews, n), np.int32),
        best_count=np.zeros(crews, np.int64),
        helpers=np.full((n, most), -1, np.int64),
        kept_helpers=np.full((n, most), -1, np.int64),
        timed=np.zeros(n, np.int64),
        settled=np.zeros(n, np.int64),
        ahead=np.zeros(max(1, crews), np.int64),
    )


def scatter(seed: int) -> int:
    """A well mixed non-zero start for the generator (splitmix64, Steele et al. 2014)."""
    mask = (1 << 64) - 1
    z = (seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return (z ^ (z >> 31)) or 1


def best_routes(state: State) -> list[list[int]]:
    """Job positions of the best solution, crew by crew."""
    return [state.best[c, : state.best_count[c]].tolist() for c in range(len(state.best_count))]


def put_routes(state: State, routes: Sequence[Sequence[int]]) -> None:
    """Write routes without times; `search.settle` times them."""
    state.side[:] = 0
    for c, jobs in enumerate(routes):
        state.row[c]["count"] = len(jobs)
        for i, j in enumerate(jobs):
            state.visit[c, i]["job"] = j
