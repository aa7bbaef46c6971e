"""Corridors along a grid: something to drive on where no roads are to be had. NOT roads."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from ..placing import METRES_PER_DEGREE
from ..projection import Floats
from .network import Grid

# About a metre: buses of one station share a node.
DECIMALS = 5
LEAST_EDGE_M = 1.0
ASIDE = 50 / METRES_PER_DEGREE


def corridor_tables(grid: Grid) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay a road network along lines, devices and transformers, in one piece.

    Returns
    -------
    nodes, edges
        As `roads_nodes` and `roads_edges` of a case folder, both directions of every edge. The
        class ``corridor_grid`` runs along a line or device, no shorter than the line itself;
        ``corridor_joined`` is the straight way between parts that no line joins.
    """
    graph = _along(grid)
    _join_parts(graph)
    numbers = {place: number for number, place in enumerate(graph.nodes)}
    nodes = pd.DataFrame(
        [(number, *place) for place, number in numbers.items()], columns=["id", "lon", "lat"]
    )
    rows = [
        (numbers[u], numbers[v], round(length_m, 1), highway)
        for a, b, (length_m, highway) in graph.edges(data="corridor")
        for u, v in ((a, b), (b, a))
    ]
    return nodes, pd.DataFrame(rows, columns=["u", "v", "length_m", "highway"])


def _along(grid: Grid) -> nx.Graph:
    lon, lat = grid.buses.lon.round(DECIMALS), grid.buses.lat.round(DECIMALS)
    bus_places = list(zip(lon.tolist(), lat.tolist(), strict=True))
    graph = nx.Graph()
    graph.add_nodes_from(bus_places)
    for table, lengths in ((grid.lines, grid.lines.length_m), (grid.switches, np.zeros(len(grid.switches)))):
        ends = zip(table.from_idx.tolist(), table.to_idx.tolist(), strict=True)
        for (here, there), length_m in zip(ends, lengths.tolist(), strict=True):
            _add(graph, bus_places[here], bus_places[there], length_m, "corridor_grid")
    stations = grid.transformers
    own = zip(stations.lon.round(DECIMALS).tolist(), stations.lat.round(DECIMALS).tolist(), strict=True)
    for bus, place in zip(stations.bus_idx.tolist(), own, strict=True):
        _add(graph, bus_places[bus], place, 0.0, "corridor_grid")
    if graph.number_of_edges() == 0:
        only = next(iter(graph.nodes))
        _add(graph, only, (only[0], round(only[1] + ASIDE, DECIMALS)), 0.0, "corridor_joined")
    return graph


def _add(
    graph: nx.Graph, a: tuple[float, float], b: tuple[float, float], length_m: float, highway: str
) -> None:
    length_m = max(length_m, _apart_m(a, b), LEAST_EDGE_M)
    if a != b and (not graph.has_edge(a, b) or graph.edges[a, b]["corridor"][0] > length_m):
        graph.add_edge(a, b, corridor=(length_m, highway))


def _join_parts(graph: nx.Graph) -> None:
    """Join each part to the nearest other one until there is one part."""
    places = list(graph.nodes)
    middle_lat = sum(lat for _, lat in places) / len(places)
    plane: Floats = np.array(places, dtype=np.float64) * [math.cos(math.radians(middle_lat)), 1.0]
    number = {place: at for at, place in enumerate(places)}
    parts = sorted(
        (sorted(number[each] for each in part) for part in nx.connected_components(graph)), key=len
    )
    while len(parts) > 1:
        part = parts.pop(0)
        inside = np.zeros(len(places), dtype=bool)
        inside[part] = True
        others = np.flatnonzero(~inside)
        apart, nearest = KDTree(plane[others]).query(plane[part])
        here = int(np.argmin(apart))
        there = int(others[nearest[here]])
        _add(graph, places[part[here]], places[there], 0.0, "corridor_joined")
        into = next(at for at, other in enumerate(parts) if there in other)
        parts[into] = sorted(parts[into] + part)
        parts.sort(key=len)


def _apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[0] - b[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(east, a[1] - b[1]) * METRES_PER_DEGREE
