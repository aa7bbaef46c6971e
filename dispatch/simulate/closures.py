"""Roads that are closed or slow for a time: drives by period, each table computed once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo import Roads
from geo.areas import read_area
from geo.roads.travel import network_hash

from .drives import NO_ROAD_S, DriveBook, cache_folder, keep_table
from .scenario import Closure, Scenario

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
CHUNK = 256
Period = tuple[int, tuple[Closure, ...]]


def closures_of(scenario: Scenario) -> tuple[Closure, ...]:
    """Roads closed by name, and those under water."""
    flooded = tuple(
        Closure(name=f"flood {number}", area=region.area, from_h=max(0.0, region.from_h), to_h=region.to_h)
        for number, region in enumerate(scenario.damage.flood, start=1)
        if region.closes_roads and (region.to_h is None or region.to_h > 0)
    )
    return (*scenario.roads, *flooded)


def periods(scenario: Scenario) -> tuple[Period, ...]:
    """Each second at which roads change, with the closures in force from then on; the first is 0."""
    closures = closures_of(scenario)
    edges = {
        0.0,
        *(each.from_h for each in closures),
        *(each.to_h for each in closures if each.to_h is not None),
    }
    found: list[Period] = []
    for hour in sorted(hour for hour in edges if hour < scenario.hours):
        now = tuple(c for c in closures if c.from_h <= hour and (c.to_h is None or hour < c.to_h))
        if not found or found[-1][1] != now:
            found.append((round(hour * 3600), now))
    return tuple(found)


def slowness(roads: Roads, closures: Sequence[Closure]) -> Floats:
    """(m,) what each edge's driving time is multiplied with; infinite where it is closed."""
    factor = np.ones(len(roads.tail))
    for closure in closures:
        factor[edges_of(roads, closure)] *= closure.slower or np.inf
    return factor


def edges_of(roads: Roads, closure: Closure) -> Flags:
    """(m,) edges that a closure means."""
    meant = np.zeros(len(roads.tail), dtype=bool)
    if closure.edges:
        at = {name: number for number, name in enumerate(np.asarray(roads.ids).astype(str).tolist())}
        for one, other in closure.edges:
            a, b = at.get(one, -1), at.get(other, -1)
            meant |= ((roads.tail == a) & (roads.head == b)) | ((roads.tail == b) & (roads.head == a))
    if closure.area is not None or closure.street is not None:
        chosen = np.ones(len(roads.tail), dtype=bool)
        if closure.street is not None:
            chosen &= np.asarray(roads.name).astype(str) == closure.street
        if closure.area is not None:
            lon, lat = roads.lon, roads.lat
            chosen &= read_area(closure.area).meets(
                lon[roads.tail], lat[roads.tail], lon[roads.head], lat[roads.head]
            )
        meant |= chosen
    return meant


def closed_book(
    book: DriveBook, roads: Roads, closures: Sequence[Closure], folder: Path | None = None
) -> DriveBook:
    """The drives of a period; without closures the book itself."""
    if not closures:
        return book
    factor = slowness(roads, closures)
    digest = hashlib.sha256(network_hash(roads, book.nodes).encode() + factor.tobytes()).hexdigest()
    path = (folder or cache_folder()) / f"drives-{digest[:32]}.npy"
    if not path.exists():
        keep_table(path, _durations(roads, book, factor))
    return DriveBook(nodes=book.nodes, lon=book.lon, lat=book.lat, durations_s=np.load(path, mmap_mode="r"))


def weighted(roads: Roads, factor: Floats) -> Any:
    """The road graph in seconds without the closed edges."""
    graph = roads.graph(roads.seconds * factor).tocoo()
    kept = np.isfinite(graph.data)
    return csr_matrix((graph.data[kept], (graph.row[kept], graph.col[kept])), shape=graph.shape)


def _durations(roads: Roads, book: DriveBook, factor: Floats) -> NDArray[np.int32]:
    graph = weighted(roads, factor)
    table = np.empty((len(book.nodes), len(book.nodes)), dtype=np.int32)
    for first in range(0, len(book.nodes), CHUNK):
        rows = slice(first, first + CHUNK)
        found = dijkstra(graph, directed=True, indices=book.nodes[rows])[:, book.nodes]
        table[rows] = np.where(np.isfinite(found), np.rint(np.minimum(found, NO_ROAD_S)), NO_ROAD_S)
    return table
