"""Drawn layouts and corridors: lengths kept, nothing crossing, one network in one piece."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import Grid, Roads
from geo.grid.corridors import corridor_tables
from geo.grid.layout import DEVICE_M, drawn, place_kind
from geo.placing import METRES_PER_DEGREE, spread


def grid_of(parents: list[int], *, sources: int = 1, places: list[tuple[float, float]] | None = None) -> Grid:
    """Grow a tree of lines, a device at every fourth; buses beyond the sources hang on a parent each."""
    names = [f"B{at}" for at in range(sources + len(parents))]
    links = [(names[parent], names[sources + at]) for at, parent in enumerate(parents)]
    found = spread(names, links, {}, (0.0, 0.0))
    points = places or [found[name] for name in names]
    rows = [(f"E{at}", *link, 50.0 + at) for at, link in enumerate(links)]
    lines = [row for at, row in enumerate(rows) if at % 4]
    devices = [row[:3] for at, row in enumerate(rows) if at % 4 == 0]
    return Grid.from_tables(
        buses=pd.DataFrame(
            {
                "id": names,
                "lon": [lon for lon, _ in points],
                "lat": [lat for _, lat in points],
                "kind": ["source" if at < sources else "bus" for at in range(len(names))],
            }
        ),
        lines=pd.DataFrame(lines, columns=["id", "from_bus", "to_bus", "length_m"]),
        switches=pd.DataFrame(devices, columns=["id", "from_bus", "to_bus"]),
        transformers=pd.DataFrame({"id": [f"T{at}" for at in range(len(names))], "bus": names}),
    )


def parents_of_trees(most: int, sources: int) -> st.SearchStrategy[list[int]]:
    return st.integers(1, most).flatmap(
        lambda n: st.tuples(*(st.integers(0, sources + at - 1) for at in range(n))).map(list)
    )


def metres(grid: Grid) -> np.ndarray:
    return np.column_stack([grid.buses.lon, grid.buses.lat]) * METRES_PER_DEGREE


@given(parents_of_trees(40, 2))
@settings(max_examples=60, deadline=None)
def test_lines_and_devices_are_drawn_at_their_length(parents: list[int]) -> None:
    grid = drawn(grid_of(parents, sources=2))
    at = metres(grid)
    drawn_m = np.hypot(*(at[grid.lines.from_idx] - at[grid.lines.to_idx]).T)
    assert drawn_m == pytest.approx(grid.lines.length_m, abs=0.1)
    devices_m = np.hypot(*(at[grid.switches.from_idx] - at[grid.switches.to_idx]).T)
    assert devices_m == pytest.approx(np.full(len(grid.switches), DEVICE_M), abs=0.1)


@given(parents_of_trees(30, 2))
@settings(max_examples=60, deadline=None)
def test_no_two_lines_cross(parents: list[int]) -> None:
    grid = drawn(grid_of(parents, sources=2))
    at = metres(grid)
    ends = np.vstack(
        [
            np.column_stack([grid.lines.from_idx, grid.lines.to_idx]),
            np.column_stack([grid.switches.from_idx, grid.switches.to_idx]),
        ]
    )
    segments = [shapely.LineString(at[pair]) for pair in ends]
    for here, first in enumerate(segments):
        for there in range(here):
            if not set(ends[here]) & set(ends[there]):
                assert first.distance(segments[there]) > 0


def test_the_drawing_is_the_same_every_time() -> None:
    parents = [0, 0, 1, 2, 2, 3, 1, 0, 5]
    assert np.array_equal(metres(drawn(grid_of(parents))), metres(drawn(grid_of(parents))))


def test_coordinates_are_known_for_what_they_are() -> None:
    parents = [0, 1, 1]
    assert place_kind(grid_of(parents)) == "nowhere"
    plan = [(0.0013, 0.0), (0.001, 0.0002), (0.0, 0.0005), (-0.0007, 0.0)]
    assert place_kind(grid_of(parents, places=plan)) == "plan"
    globe = [(8.0, 48.0), (8.001, 48.0), (8.002, 48.0), (8.001, 48.001)]
    assert place_kind(grid_of(parents, places=globe)) == "globe"


@given(parents_of_trees(30, 3))
@settings(max_examples=40, deadline=None)
def test_corridors_are_one_network_that_no_line_is_longer_than(parents: list[int]) -> None:
    grid = drawn(grid_of(parents, sources=3))
    nodes, edges = corridor_tables(grid)
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes["id"])
    graph.add_weighted_edges_from(edges[["u", "v", "length_m"]].itertuples(index=False))
    assert nx.is_strongly_connected(graph)
    at = {(lon, lat): name for name, lon, lat in nodes.itertuples(index=False)}
    rounded = np.column_stack([grid.buses.lon, grid.buses.lat]).round(5).tolist()
    for a, b, length_m in zip(
        grid.lines.from_idx.tolist(), grid.lines.to_idx.tolist(), grid.lines.length_m.tolist(), strict=True
    ):
        u, v = at[tuple(rounded[a])], at[tuple(rounded[b])]
        assert u == v or nx.shortest_path_length(graph, u, v, weight="weight") <= length_m + 2


def test_a_grid_at_one_place_still_has_a_way_to_drive() -> None:
    grid = grid_of([0], places=[(8.0, 48.0), (8.0, 48.0)])
    nodes, edges = corridor_tables(grid)
    roads = Roads.from_tables(nodes, edges)
    assert len(roads) == 2
    assert float(edges["length_m"].iloc[0]) == pytest.approx(50, abs=1)


def test_parts_that_no_line_joins_are_joined_where_they_are_nearest() -> None:
    places = [(8.0, 48.0), (8.1, 48.0), (8.01, 48.0), (8.09, 48.0)]
    _, edges = corridor_tables(grid_of([0, 1], sources=2, places=places))
    joined = edges[edges["highway"] == "corridor_joined"]
    assert len(joined) == 2
    expected_m = 0.08 * METRES_PER_DEGREE * math.cos(math.radians(48))
    assert float(joined["length_m"].iloc[0]) == pytest.approx(expected_m, rel=0.01)
