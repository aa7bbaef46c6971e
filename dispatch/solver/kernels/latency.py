"""The plain latency problem: every cost is weight times finish, and delays pass on unchanged.

Where no window, promise, break, shift, block or stock bends the cost, the change that a
move makes is known in constant time from sums along each route (Silva, Subramanian,
Vidal and Ochi, "A simple and effective metaheuristic for the Minimum Latency Problem",
European Journal of Operational Research, 2012). This module holds those sums.
"""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compile import compiled
from .flat import NO_SHIFT_END_S, Arrays, Floats, Ints, Records
from .state import State, scatter

STOP = np.dtype(
    [
        ("job", np.int64),
        ("finish", np.float64),
        ("heavy", np.float64),  # weights up to and with this stop
        ("price", np.float64),  # weight x finish up to and with this stop
        ("back", np.float64),  # work and drives up to here, were each drive made backwards
        ("turned", np.float64),  # weight x (work - back) up to and with this stop
    ],
    align=True,
)
TALLY = np.dtype(
    [
        ("cost", np.float64),
        ("best_cost", np.float64),
        ("absent", np.int64),
        ("used", np.int64),
        ("step", np.int64),
        ("touched", np.int64),
        ("removed", np.int64),
        ("optional", np.int64),
        ("skilled", np.int64),
        ("string", np.float64),
        ("longest", np.float64),
        ("moves", np.int64),
    ],
    align=True,
)


class Latency(NamedTuple):
    """A plain latency problem and a solution of it.

    Stop 0 of a route is the crew's start, the stop after the last is a job n without weight or
    drive: no move needs to ask where a route begins or ends.
    """

    drive: NDArray[np.int32]  # (n + starts, n + 1) seconds; rows from n on are start places
    service: Floats  # (n + 1,)
    weight: Floats  # (n + 1,)
    absent: Floats  # (n,) cost of leaving a job out
    must: Ints  # (n,)
    able: NDArray[np.bool_]  # (skill kinds, n)
    skill: Ints  # (crews,)
    head: Ints  # (crews,) committed stops
    near: NDArray[np.int32]  # (n, m)
    stop: Records  # (crews, n + 2) STOP
    visits: Ints  # (crews,)
    kept: Records  # (crews, n + 2) STOP before this step
    kept_count: Ints  # (crews,)
    own: Ints  # (n + 1,) crew of a job, -1 absent
    pos: Ints  # (n + 1,) stop of a job, 1 first
    mark: Ints  # (crews,) step in which a route was last touched
    touched: Ints  # (crews,)
    removed: Ints  # (n + 1,)
    seen: Ints  # (n + 1,) step in which a job was removed, negative where it was recalled
    key: Floats  # (n + 1,)
    fails: Floats  # (n + 1,)
    buffer: Ints  # (n + 2,) scratch
    best: NDArray[np.int32]  # (crews, n)
    best_count: Ints  # (crews,)
    tally: Records  # (1,) TALLY
    random: NDArray[np.uint64]  # (1,)


def is_plain(a: Arrays) -> bool:
    """Whether all costs of a problem are linear in the finish of its jobs."""
    job, crew, rules = a.job, a.crew, a.rules[0]
    bends = (
        rules["has_blocks"]
        or rules["coupled"]
        or rules["has_load"]
        or rules["has_distance"]
        or rules["travel_rate"] > 0
        or rules["max_crews"] < len(crew)
        or (rules["change_cost"] > 0 and (job["before"] >= 0).any())
    )
    bent = (job["win_from"] < job["win_to"]) | (job["arrive_rate"] > 0) | (job["finish_rate"] > 0)
    bound = (crew["shift_to"] < NO_SHIFT_END_S) | (crew["brk_from"] < crew["brk_to"])
    bound |= crew["fixed_cost"] > 0
    small = len(a.legs) == 1 and a.legs.dtype == np.int32 and len(job) > 0
    return small and not bends and not bent.any() and not bound.any()


def new_latency(a: Arrays, seed: int) -> Latency:
    """Empty routes for a problem that `is_plain`."""
    n, crews = len(a.job), len(a.crew)
    starts = len(a.first_leg)
    place = a.job["place"]
    drive = np.zeros((n + starts, n + 1), np.int32)
    drive[:n, :n] = a.legs[0][np.ix_(place, place)]
    drive[n:, :n] = a.first_leg
    stop = np.zeros((crews, n + 2), STOP)
    stop["job"][:, 0] = n + a.crew["starts"]
    stop["finish"][:, 0] = a.crew["shift_from"]
    tally = np.zeros(1, TALLY)
    tally[0]["optional"] = (a.job["must"] == 0).any()
    tally[0]["skilled"] = not a.able.all()
    return Latency(
        drive=drive,
        service=np.append(a.job["service"], 0).astype(float),
        weight=np.append(a.job["weight"], 0.0),
        absent=a.job["absent"].copy(),
        must=a.job["must"].astype(np.int64),
        able=a.able,
        skill=a.crew["skill"].astype(np.int64),
        head=a.crew["committed"].astype(np.int64),
        near=a.near,
        stop=stop,
        visits=np.zeros(crews, np.int64),
        kept=stop.copy(),
        kept_count=np.zeros(crews, np.int64),
        own=np.full(n + 1, -1, np.int64),
        pos=np.zeros(n + 1, np.int64),
        mark=np.zeros(crews, np.int64),
        touched=np.zeros(crews, np.int64),
        removed=np.zeros(n + 1, np.int64),
        seen=np.zeros(n + 1, np.int64),
        key=np.zeros(n + 1),
        fails=np.zeros(n + 1),
        buffer=np.zeros(n + 2, np.int64),
        best=np.zeros((crews, n), np.int32),
        best_count=np.zeros(crews, np.int64),
        tally=tally,
        random=np.array([scatter(seed)], np.uint64),
    )


@compiled
def tell(l: Latency, c: int, first: int) -> None:  # noqa: E741 (one letter, like a and s)
    """Bring the sums of route c up to date from stop `first` (>= 1) on."""
    n = len(l.absent)
    count = l.visits[c]
    for i in range(first, count + 2):
        before: Any = l.stop[c, i - 1]
        now: Any = l.stop[c, i]
        if i > count:
            now.job = n
        j = now.job
        weight, work = l.weight[j], l.service[j]
        now.finish = before.finish + l.drive[before.job, j] + work
        now.heavy = before.heavy + weight
        now.price = before.price + weight * now.finish
        now.back = work
        if 1 < i <= count:
            now.back += before.back + l.drive[j, before.job]
        now.turned = before.turned + weight * (work - now.back)
        l.own[j] = c
        l.pos[j] = i


@compiled
def count_cost(l: Latency) -> None:  # noqa: E741
    """Cost and counts of the whole solution."""
    tally: Any = l.tally[0]
    tally.cost = 0.0
    tally.used = 0
    tally.absent = 0
    for c in range(len(l.visits)):
        tally.cost += l.stop[c, l.visits[c]].price
        tally.used += l.visits[c] > 0
    for j in range(len(l.absent)):
        if l.own[j] < 0:
            tally.absent += 1
            tally.cost += l.absent[j]


@compiled
def note_best(l: Latency) -> None:  # noqa: E741
    """Note the present solution as the best."""
    l.tally[0].best_cost = l.tally[0].cost
    for c in range(len(l.visits)):
        l.best_count[c] = l.visits[c]
        for i in range(l.visits[c]):
            l.best[c, i] = l.stop[c, i + 1].job


@compiled
def take_over(a: Arrays, s: State, l: Latency) -> None:  # noqa: E741
    """Go on from the routes in force in the general state."""
    crews = len(a.crew)
    for j in range(len(l.absent)):
        l.own[j] = -1
    for c in range(crews):
        row = c + s.side[c] * crews
        l.visits[c] = s.row[row].count
        for i in range(l.visits[c]):
            l.stop[c, i + 1].job = s.visit[row, i].job
        tell(l, c, 1)
    count_cost(l)
    note_best(l)


@compiled
def give_back(a: Arrays, s: State, l: Latency) -> None:  # noqa: E741
    """Write the best routes into the general state, untimed."""
    crews = len(a.crew)
    for c in range(crews):
        row = c + s.side[c] * crews
        s.row[row].count = l.best_count[c]
        for i in range(l.best_count[c]):
            s.visit[row, i].job = l.best[c, i]
