"""Grow a distribution grid on streets: where transformers, substations and feeders come to lie.

Everything hangs on one forest: the shortest ways, along streets, from the substations to every
corner, with main roads made shorter so that trunks follow them. From its leaves inwards,
customers gather until they fill a transformer; from the leaves inwards again, transformers gather
until they fill a feeder, which a cable of its own then joins to the substation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from .streets import Streets

SUBSTATIONS = 7
TRANSFORMER_CUSTOMERS = 40
"""A transformer is placed once so many customers have gathered."""
TRANSFORMER_MOST = 72
LV_REACH_M = 320.0
"""Length of street that low voltage may run from its transformer."""
FEEDER_CUSTOMERS = 2300
FEEDER_MOST = 3500

# Length of a street as a trunk feels it: main roads draw the lines to themselves.
PULL = {
    "primary": 0.65,
    "secondary": 0.7,
    "tertiary": 0.8,
    "residential": 1.0,
    "living_street": 1.1,
    "unclassified": 1.1,
    "trunk": 2.0,
    "motorway": 3.0,
}


@dataclass(slots=True)
class Served:
    """Customers of one link, to be fed from the end node; `branch` tells the street it comes in by."""

    link: int
    count: int
    first: int
    reach_m: float
    branch: int


@dataclass(slots=True)
class Transformer:
    """A transformer at a node, with what it serves."""

    node: int
    served: list[Served]
    feeder: int = -1

    @property
    def customers(self) -> int:
        return sum(part.count for part in self.served)


@dataclass(slots=True)
class FeederArea:
    """A connected piece of the forest fed through one breaker."""

    substation: int
    root: int
    nodes: set[int] = field(default_factory=set)
    customers: int = 0


@dataclass(frozen=True, slots=True)
class Forest:
    """Parents (-1 at a substation), the link to the parent, the substation and nodes leaf to root."""

    parent: np.ndarray
    link: np.ndarray
    substation: np.ndarray
    inwards: list[int]
    children: list[list[int]]


def place_substations(streets: Streets, seed: int) -> list[int]:
    """Return nodes on main roads in the middle of equal shares of the customers."""
    middle = np.column_stack(
        [(streets.x[streets.a] + streets.x[streets.b]) / 2, (streets.y[streets.a] + streets.y[streets.b]) / 2]
    )
    homes = np.repeat(middle, streets.customers, axis=0)
    random = np.random.default_rng(seed)
    start = homes[random.choice(len(homes), SUBSTATIONS, replace=False)]
    centres, _ = kmeans2(homes, start, iter=30, minit="matrix")
    main = sorted(
        {
            int(node)
            for link, kind in enumerate(streets.highway)
            if kind in ("primary", "secondary", "tertiary")
            for node in (streets.a[link], streets.b[link])
        }
    )
    found = []
    for x, y in centres[np.lexsort((centres[:, 0], -centres[:, 1]))]:
        away = np.hypot(streets.x[main] - x, streets.y[main] - y)
        found.append(main[int(np.argmin(away))])
    return found


def grow_forest(streets: Streets, substations: Sequence[int]) -> Forest:
    """Return the shortest ways from the substations to every node."""
    size = len(streets.node_id)
    cost = streets.length_m * np.array([PULL[kind] for kind in streets.highway])
    best: dict[tuple[int, int], int] = {}
    for link in np.argsort(cost, kind="stable").tolist():
        best.setdefault(tuple(sorted((int(streets.a[link]), int(streets.b[link])))), link)
    links = np.array(sorted(best.values()))
    a, b = streets.a[links], streets.b[links]
    graph = csr_matrix(
        (np.tile(cost[links], 2), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(size, size)
    )
    away, parent, origin = dijkstra(graph, indices=list(substations), min_only=True, return_predecessors=True)
    parent = np.where(np.isfinite(away), parent, -9999)
    reached = np.flatnonzero(np.isfinite(away))
    inwards = reached[np.argsort(-away[reached], kind="stable")].tolist()
    children: list[list[int]] = [[] for _ in range(size)]
    link_up = np.full(size, -1)
    for node in reversed(inwards):
        if parent[node] >= 0:
            children[parent[node]].append(node)
            link_up[node] = best[tuple(sorted((int(node), int(parent[node]))))]
    index = {node: i for i, node in enumerate(substations)}
    home = np.array([index.get(int(node), -1) for node in origin])
    return Forest(
        parent=np.where(parent >= 0, parent, -1),
        link=link_up,
        substation=home,
        inwards=inwards,
        children=children,
    )


def place_transformers(streets: Streets, forest: Forest) -> list[Transformer]:
    """Gather customers from the leaves inwards; place transformers where enough have met."""
    waiting: dict[int, list[Served]] = _customers_at_nodes(streets, forest)
    placed: list[Transformer] = []
    for node in forest.inwards:
        served = waiting.pop(node, [])
        if not served:
            continue
        parent = int(forest.parent[node])
        step_m = float(streets.length_m[forest.link[node]]) if parent >= 0 else np.inf
        total = sum(part.count for part in served)
        too_far = max(part.reach_m for part in served) + step_m > LV_REACH_M
        if total >= TRANSFORMER_CUSTOMERS or too_far:
            placed += [Transformer(node, group) for group in _groups(served)]
            continue
        for part in served:
            part.reach_m += step_m
            part.branch = node
        waiting.setdefault(parent, []).extend(served)
    return placed


def _customers_at_nodes(streets: Streets, forest: Forest) -> dict[int, list[Served]]:
    """Hang each link's customers on its end farther from the substation."""
    rank = {node: i for i, node in enumerate(forest.inwards)}
    at: dict[int, list[Served]] = {}
    for link in np.flatnonzero(streets.customers).tolist():
        a, b = int(streets.a[link]), int(streets.b[link])
        node = a if rank[a] < rank[b] else b
        count = int(streets.customers[link])
        # A long, full street is shared by several transformers.
        for first in range(0, count, TRANSFORMER_MOST):
            part = min(TRANSFORMER_MOST, count - first)
            at.setdefault(node, []).append(Served(link, part, first, float(streets.length_m[link]) / 2, node))
    return at


def _groups(served: list[Served]) -> list[list[Served]]:
    """Share what has met at a node among as few transformers as can carry it, branch by branch."""
    total = sum(part.count for part in served)
    count = -(-total // TRANSFORMER_MOST)
    target = total / count
    groups: list[list[Served]] = [[]]
    filled = 0
    for part in sorted(served, key=lambda part: (part.branch, part.link, part.first)):
        full = filled + part.count > TRANSFORMER_MOST or filled + part.count / 2 > target
        if groups[-1] and full:
            groups.append([])
            filled = 0
        groups[-1].append(part)
        filled += part.count
    return groups


def divide_into_feeders(forest: Forest, transformers: list[Transformer]) -> list[FeederArea]:
    """Cut the forest into connected pieces of about equally many customers."""
    own = np.zeros(len(forest.parent), dtype=int)
    for transformer in transformers:
        own[transformer.node] += transformer.customers
    open_nodes: dict[int, set[int]] = {}
    open_count: dict[int, int] = {}
    areas: list[FeederArea] = []
    for node in forest.inwards:
        parts = [(open_count.pop(c), c) for c in forest.children[node] if c in open_count]
        parts.sort(reverse=True)
        total = own[node] + sum(count for count, _ in parts)
        home = int(forest.substation[node])
        while total > FEEDER_MOST and parts:
            # Too much has met here: take branches off, largest first, into areas of their own.
            area = FeederArea(home, node)
            while parts and area.customers < FEEDER_CUSTOMERS * 0.8:
                count, child = parts.pop(0)
                area.nodes |= open_nodes.pop(child)
                area.customers += count
            total -= area.customers
            areas.append(area)
        nodes = {node}
        for _, child in parts:
            nodes |= open_nodes.pop(child)
        if total >= FEEDER_CUSTOMERS or (forest.parent[node] < 0 and total > 0):
            areas.append(FeederArea(home, node, nodes, int(total)))
        elif total > 0 or forest.parent[node] >= 0:
            open_nodes[node], open_count[node] = nodes, int(total)
    areas.sort(key=lambda area: (area.substation, area.root, -area.customers))
    feeder_of = {node: i for i, area in enumerate(areas) for node in area.nodes}
    for transformer in transformers:
        transformer.feeder = feeder_of[transformer.node]
    return areas
