"""A drawn layout for grids without coordinates: every line at its length, nothing crossing.

A tree is drawn from each source outwards. What hangs behind a bus gets a wedge of directions by
its number of ends, and each line is drawn down the middle of its wedge; wedges lie inside that of
the bus before, so that no two lines cross. The same grid gives the same drawing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import networkx as nx
import numpy as np

from ..placing import METRES_PER_DEGREE, NOWHERE, Point, on_globe
from .elements import Flags
from .network import Grid

PlaceKind = Literal["globe", "plan", "nowhere"]

# Readers lay out a grid without a place here, and rows 100 m apart where it has no plan either.
NEAR_NOWHERE_DEGREES = 2.0
SCHEMATIC_STEP = 100 / METRES_PER_DEGREE
DEVICE_M = 30.0
LEAST_LINE_M = 10.0
BETWEEN_SOURCES_M = 500.0
WIDEST_WEDGE = math.radians(120)


def place_kind(grid: Grid) -> PlaceKind:
    """Say where a grid's coordinates come from.

    Returns
    -------
    str
        ``globe``: they are real; ``plan``: a local plan laid out at 0, 0; ``nowhere``: the file
        had none and they mean nothing.
    """
    lon, lat = grid.buses.lon - NOWHERE[0], grid.buses.lat - NOWHERE[1]
    if max(np.abs(lon).max(initial=0), np.abs(lat).max(initial=0)) > NEAR_NOWHERE_DEGREES:
        return "globe"
    on_lattice = _whole(lon / SCHEMATIC_STEP) & _whole(lat / SCHEMATIC_STEP)
    return "nowhere" if bool(on_lattice.all()) else "plan"


def drawn(grid: Grid) -> Grid:
    """Return the grid with places out of a drawing, its middle at 0, 0."""
    graph = _closed(grid)
    points: dict[str, Point] = {}
    east_m = 0.0
    for root in _roots(grid, graph):
        if root in points:
            continue
        tree = _places(graph, root)
        west, east = min(x for x, _ in tree.values()), max(x for x, _ in tree.values())
        points |= {bus: (x - west + east_m, y) for bus, (x, y) in tree.items()}
        east_m += east - west + BETWEEN_SOURCES_M
    on_map = on_globe(points, NOWHERE, 1.0)
    places = np.array([on_map[bus] for bus in grid.buses.ids.tolist()], dtype=np.float64).round(7)
    at = grid.transformers.bus_idx
    return replace(
        grid,
        buses=replace(grid.buses, lon=places[:, 0], lat=places[:, 1]),
        transformers=replace(grid.transformers, lon=places[at, 0], lat=places[at, 1]),
    )


def _whole(values: np.ndarray) -> Flags:
    return np.asarray(np.abs(values - np.round(values)) < 1e-3, dtype=bool)


def _closed(grid: Grid) -> nx.Graph:
    """Buses joined by lines and normally closed devices, with the length that each is drawn at."""
    graph = nx.Graph()
    graph.add_nodes_from(grid.buses.ids.tolist())
    for table, lengths, shown in (
        (grid.lines, np.maximum(grid.lines.length_m, LEAST_LINE_M), np.ones(len(grid.lines), dtype=bool)),
        (grid.switches, np.full(len(grid.switches), DEVICE_M), grid.switches.normal_closed),
    ):
        ends = np.column_stack([grid.buses.ids[table.from_idx], grid.buses.ids[table.to_idx]])[shown]
        for (here, there), length_m in zip(ends.tolist(), lengths[shown].tolist(), strict=True):
            if here != there and not graph.has_edge(here, there):
                graph.add_edge(here, there, length_m=length_m)
    return graph


def _roots(grid: Grid, graph: nx.Graph) -> Iterator[str]:
    """Sources first, then the first bus of every part that no source reaches."""
    yield from grid.buses.ids[grid.buses.source].tolist()
    yield from graph.nodes


def _places(graph: nx.Graph, root: str) -> dict[str, Point]:
    """Draw one tree, metres east and north of its root."""
    behind: dict[str, list[str]] = {root: []}
    for bus, before in nx.bfs_predecessors(graph, root):
        behind[before].append(bus)
        behind[bus] = []
    ends: dict[str, int] = {}
    for bus in reversed(behind):
        ends[bus] = sum(ends[each] for each in behind[bus]) or 1
    points: dict[str, Point] = {root: (0.0, 0.0)}
    wedges = {root: (0.0, 2 * math.pi)}
    for bus, nexts in behind.items():
        begin, width = wedges[bus]
        for each in nexts:
            share = width * ends[each] / ends[bus]
            middle, kept = begin + share / 2, min(share, WIDEST_WEDGE)
            wedges[each] = (middle - kept / 2, kept)
            length_m = graph.edges[bus, each]["length_m"]
            x, y = points[bus]
            points[each] = (x + length_m * math.cos(middle), y + length_m * math.sin(middle))
            begin += share
    return points
