"""Where feeders can be joined by normally open ties: near in the streets, far from their substations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from .streets import Streets

TIE_REACH_M = 1100.0
"""Longest way along streets that a tie may take."""
TIES_PER_SECTION = 2
AT_THE_HEAD_M = 350.0
"""A tie at the first section of a feeder helps little: it counts as so much longer."""


@dataclass(frozen=True, slots=True)
class TrunkEnd:
    """A bus on the trunk: its feeder, its section, and how many trunk devices lie before it."""

    bus: str
    feeder: str
    section: int
    depth: int


@dataclass(frozen=True, slots=True)
class TieWay:
    """A possible tie: along the streets' nodes from one trunk bus to another."""

    length_m: float
    nodes: tuple[int, ...]
    a: TrunkEnd
    b: TrunkEnd

    @property
    def worth(self) -> tuple[float, tuple[int, ...], str, str]:
        """Sort key: short ones first, those at heads of feeders last."""
        heads = (self.a.depth == 0) + (self.b.depth == 0)
        return self.length_m + AT_THE_HEAD_M * heads, self.nodes, self.a.bus, self.b.bus


def choose_ties(ways: Sequence[TieWay]) -> list[TieWay]:
    """Return ties so that each section gets up to two, to different feeders, as far as there are any."""
    joined: dict[int, set[str]] = {}
    pairs: set[frozenset[int]] = set()
    chosen = []
    for way in sorted(ways, key=lambda way: way.worth):
        pair = frozenset((way.a.section, way.b.section))
        wanted = [
            len(joined.get(here.section, ())) < TIES_PER_SECTION
            and there.feeder not in joined.get(here.section, ())
            for here, there in ((way.a, way.b), (way.b, way.a))
        ]
        if pair in pairs or not any(wanted):
            continue
        pairs.add(pair)
        joined.setdefault(way.a.section, set()).add(way.b.feeder)
        joined.setdefault(way.b.section, set()).add(way.a.feeder)
        chosen.append(way)
    return chosen


def tie_ways(streets: Streets, trunk: Mapping[int, Sequence[TrunkEnd]]) -> list[TieWay]:
    """Return every way between trunks of two feeders along streets that have none.

    Each corner belongs to its nearest trunk; a street between corners of different trunks is
    the middle of a way.
    """
    found = _at_one_corner(trunk)
    tail, head, length_m = _shortest_streets(streets)
    size = len(streets.node_id)
    graph = csr_matrix((length_m, (tail, head)), shape=(size, size))
    away, before, origin = dijkstra(graph, indices=sorted(trunk), min_only=True, return_predecessors=True)
    for u, v, step in zip(tail.tolist(), head.tolist(), length_m.tolist(), strict=True):
        if u > v or min(origin[u], origin[v]) < 0 or origin[u] == origin[v]:
            continue
        length = float(away[u] + step + away[v])
        if length <= TIE_REACH_M:
            nodes = (*reversed(_back(before, u)), *_back(before, v))
            ends = ((a, b) for a in trunk[int(origin[u])] for b in trunk[int(origin[v])])
            found += [TieWay(length, nodes, a, b) for a, b in ends if a.feeder != b.feeder]
    return found


def _at_one_corner(trunk: Mapping[int, Sequence[TrunkEnd]]) -> list[TieWay]:
    return [
        TieWay(0.0, (node,), a, b)
        for node, ends in sorted(trunk.items())
        for i, a in enumerate(ends)
        for b in ends[i + 1 :]
        if a.feeder != b.feeder
    ]


def _shortest_streets(streets: Streets) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return streets both ways, of several between two corners the shortest; motorways count fivefold."""
    cost = np.tile(streets.length_m * np.where([kind == "motorway" for kind in streets.highway], 5.0, 1.0), 2)
    tail, head = np.concatenate([streets.a, streets.b]), np.concatenate([streets.b, streets.a])
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    first = np.append(True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1]))
    return tail[first], head[first], cost[first]


def _back(before: np.ndarray, node: int) -> list[int]:
    way = [node]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return way
