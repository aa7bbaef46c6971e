"""Made-up faults and the calls about them: for measuring inference and for scenarios.

Everything is a function of the supply tree and a seeded generator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..evidence import Call
from ..tree import NodeKind, SupplyTree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DEVICE_KINDS: frozenset[NodeKind] = frozenset({"breaker", "recloser", "fuse", "transformer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFault:
    """A fault that opens a node of the supply tree.

    Parameters
    ----------
    node : position of the device, transformer or main that opens; -1 for a single service.
    place : its id, the customer's for a service.
    at_min : minutes after the start of the made-up time.
    """

    id: str
    node: int
    place: str
    kind: NodeKind
    at_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHabit:
    """How customers who lose supply call.

    Delays are log-normal, on purpose another law than inference assumes.

    Parameters
    ----------
    share_first_hour : customers who call within an hour of losing supply, 0 to 1.
    median_min, sigma : of a caller's delay; placeholders, not taken from a source.
    repeat_share : callers who call once more.
    false_per_hour : calls per hour and 10,000 customers of people who have supply.
    """

    share_first_hour: float = 0.3
    median_min: float = 15.0
    sigma: float = 1.0
    repeat_share: float = 0.05
    false_per_hour: float = 0.1

    @property
    def share(self) -> float:
        """Customers who call at all; at most 1."""
        within = NormalDist().cdf(math.log(60 / self.median_min) / self.sigma)
        return min(1.0, self.share_first_hour / within)


def sample_faults(
    tree: SupplyTree,
    count: int,
    random: np.random.Generator,
    *,
    span_min: float = 0.0,
    kinds: frozenset[NodeKind] = DEVICE_KINDS,
    nested_share: float = 0.0,
    weights: Floats | None = None,
) -> tuple[MadeFault, ...]:
    """Draw faults on different nodes, evenly over a span of time.

    Parameters
    ----------
    nested_share : share of the faults drawn above or beneath an earlier one, as far as there are such nodes.
    weights : (n,) how likely each node is; its rate of faults without it.
    """
    weights = tree.faults_per_year if weights is None else weights
    able = np.array([kind in kinds for kind in tree.kinds]) & (tree.customers > 0)
    chance = np.where(able, weights, 0.0)
    times = np.sort(random.uniform(0, span_min, count)) if span_min else np.zeros(count)
    nested = random.random(count) < nested_share
    taken: list[int] = []
    for position in range(min(count, int(np.count_nonzero(chance)))):
        near = _related(tree, taken, chance) if nested[position] and taken else chance
        taken.append(_draw(near if near.any() else chance, random))
        chance[taken[-1]] = 0.0
    # In which order an upper and a lower fault come is left to chance.
    order = random.permutation(len(taken))
    return tuple(
        MadeFault(
            id=f"D{number + 1}",
            node=taken[at],
            place=tree.ids[taken[at]],
            kind=tree.kinds[taken[at]],
            at_min=float(times[number]),
        )
        for number, at in enumerate(order)
    )


def _draw(chance: Floats, random: np.random.Generator) -> int:
    total = np.cumsum(chance)
    return int(np.searchsorted(total, random.uniform(0, total[-1]), side="right"))


def _related(tree: SupplyTree, taken: Sequence[int], chance: Floats) -> Floats:
    near = np.zeros(len(tree), dtype=bool)
    for node in taken:
        near[list(tree.above(node))] = True
        near[list(tree.beneath(node))] = True
    return np.where(near, chance, 0.0)


def service_fault(tree: SupplyTree, random: np.random.Generator, at_min: float = 0.0) -> MadeFault:
    """Draw a fault of one customer's own connection."""
    customer = str(tree.customer_ids[int(random.integers(len(tree.customer_ids)))])
    return MadeFault(id=f"S-{customer}", node=-1, place=customer, kind="service", at_min=at_min)


@dataclass(frozen=True, kw_only=True)
class MadeDay:
    """Faults with who lost supply by which.

    Parameters
    ----------
    lost_by : fault id -> rows of the customers that had supply until then. A fault with none happened
        where all was dark already, and nobody can tell.
    calls : in order of time.
    """

    faults: tuple[MadeFault, ...]
    lost_by: Mapping[str, Ints]
    calls: tuple[Call, ...]


def make_day(
    tree: SupplyTree,
    faults: Sequence[MadeFault],
    start: datetime,
    until_min: float,
    random: np.random.Generator,
    habit: CallHabit | None = None,
) -> MadeDay:
    """Let faults happen and customers call until `until_min` after `start`; nothing is repaired."""
    habit = habit or CallHabit()
    lost_by = who_loses(tree, faults)
    heard: list[tuple[float, int]] = []
    for fault in sorted(faults, key=lambda each: each.at_min):
        heard += _calls_about(lost_by[fault.id], fault.at_min, random, habit)
    heard += _false_calls(tree, until_min, random, habit)
    heard = sorted(each for each in heard if each[0] <= until_min)
    calls = tuple(
        Call(id=f"R{number + 1}", at=start + timedelta(minutes=minute), place=str(tree.customer_ids[row]))
        for number, (minute, row) in enumerate(heard)
    )
    return MadeDay(faults=tuple(faults), lost_by=lost_by, calls=calls)


def who_loses(tree: SupplyTree, faults: Sequence[MadeFault]) -> Mapping[str, Ints]:
    """Rows of the customers whom each fault takes out, who had supply until then."""
    supplied = np.ones(len(tree.customer_ids), dtype=bool)
    lost: dict[str, Ints] = {}
    for fault in sorted(faults, key=lambda each: (each.at_min, each.id)):
        if fault.node >= 0:
            rows = tree.customer_rows_beneath(fault.node)
        else:
            rows = np.array([tree.row_of_customer(fault.place)], dtype=np.int64)
        lost[fault.id] = rows[supplied[rows]]
        supplied[rows] = False
    return lost


def _calls_about(
    rows: Ints, at_min: float, random: np.random.Generator, habit: CallHabit
) -> list[tuple[float, int]]:
    callers = rows[random.random(len(rows)) < habit.share]
    delays = habit.median_min * np.exp(habit.sigma * random.standard_normal(len(callers)))
    calls = list(zip((at_min + delays).tolist(), callers.tolist(), strict=True))
    again = random.random(len(callers)) < habit.repeat_share
    more = (at_min + delays + random.exponential(30.0, len(callers)))[again]
    return calls + list(zip(more.tolist(), callers[again].tolist(), strict=True))


def _false_calls(
    tree: SupplyTree, until_min: float, random: np.random.Generator, habit: CallHabit
) -> list[tuple[float, int]]:
    customers = len(tree.customer_ids)
    count = int(random.poisson(habit.false_per_hour * until_min / 60 * customers / 10_000))
    rows = random.integers(customers, size=count).tolist() if count else []
    return list(zip(random.uniform(0, until_min, count).tolist(), rows, strict=True))
