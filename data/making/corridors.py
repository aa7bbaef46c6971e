"""Corridors along a grid: a network to travel on where no roads are to be had. NOT roads."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx

Point = tuple[float, float]
SNAP_M = 10.0
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Corridors:
    """Nodes (lon, lat) and undirected edges (u, v, length_m, kind) of the largest connected part."""

    nodes: list[Point]
    edges: list[tuple[int, int, float, str]]

    def count(self) -> Counter[str]:
        """Count edges by kind."""
        return Counter(kind for *_, kind in self.edges)


def make_corridors(lines: Iterable[tuple[str, list[Point]]]) -> Corridors:
    """Join lines (kind, points) to a network: points within the same 10 m square are one node."""
    lines = list(lines)
    lat0 = lines[0][1][0][1]
    east_m = METRES_PER_DEGREE * math.cos(math.radians(lat0))
    node_of: dict[tuple[int, int], int] = {}
    places: list[Point] = []
    graph = nx.Graph()
    for kind, points in lines:
        before = -1
        for lon, lat in points:
            square = (round(lon * east_m / SNAP_M), round(lat * METRES_PER_DEGREE / SNAP_M))
            if square not in node_of:
                node_of[square] = len(places)
                places.append((lon, lat))
            node = node_of[square]
            if before not in (-1, node) and not graph.has_edge(before, node):
                graph.add_edge(before, node, kind=kind)
            before = node
    kept = sorted(max(nx.connected_components(graph), key=len))
    number = {node: i for i, node in enumerate(kept)}
    edges = [
        (number[min(u, v)], number[max(u, v)], round(apart_m(places[u], places[v]), 2), kind)
        for u, v, kind in graph.edges(data="kind")
        if u in number
    ]
    return Corridors([places[node] for node in kept], sorted(edges))


def apart_m(a: Point, b: Point) -> float:
    """Return the straight distance of two places in metres."""
    east = (a[0] - b[0]) * METRES_PER_DEGREE * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(east, (a[1] - b[1]) * METRES_PER_DEGREE)
