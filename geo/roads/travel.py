"""How long every drive takes, and along which streets.

Times and metres come out of one run of Dijkstra's algorithm: an edge's weight is its time in
milliseconds shifted left, plus its length in decimetres. Both stay whole numbers below 2**53,
so sums in float64 are exact, equal times prefer the shorter way, and results are the same on
every machine.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from ..errors import GeoError, GeoFault

if TYPE_CHECKING:
    from .network import Roads

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

CHUNK_SOURCES = 50
"""Sources per call of Dijkstra: enough to be quick, few enough to stay small and to report progress."""

_LENGTH_UNIT = 2.0**24


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelTable:
    """Driving between `k` places.

    Parameters
    ----------
    durations_s : (k, k) int64, seconds by the quickest way, rounded to the nearest.
    distances_m : (k, k) int64, metres along that way.
    """

    durations_s: Ints
    distances_m: Ints


def travel_table(roads: Roads, node_idx: Ints, progress: Progress | None = None) -> TravelTable:
    """Return driving times and distances between all pairs of nodes; see `Roads.travel`.

    Parameters
    ----------
    roads : the network.
    node_idx : the nodes.
    progress : told how far it is.

    Returns
    -------
    TravelTable
        Seconds and metres between all of them.
    """
    places, back = np.unique(node_idx, return_inverse=True)
    durations_s = np.zeros((len(places), len(places)), dtype=np.int64)
    distances_m = np.zeros_like(durations_s)
    weights = _time_and_length(roads)
    for first in range(0, len(places), CHUNK_SOURCES):
        rows = slice(first, first + CHUNK_SOURCES)
        total = dijkstra(weights, directed=True, indices=places[rows])[:, places]
        _refuse_unreachable(roads, places[rows], places, total)
        durations_s[rows], distances_m[rows] = _taken_apart(total)
        if progress:
            progress(min(first + CHUNK_SOURCES, len(places)), len(places))
    return TravelTable(
        durations_s=durations_s[np.ix_(back, back)], distances_m=distances_m[np.ix_(back, back)]
    )


def drives_of(roads: Roads, node_idx: int, others_idx: Ints) -> tuple[TravelTable, TravelTable]:
    """Return the drives between one node and others: (1, k) from it and (1, k) to it.

    Parameters
    ----------
    roads : the network.
    node_idx : the node.
    others_idx : the other nodes.

    Returns
    -------
    tuple of TravelTable
        Drives from the node, and drives to it.

    Raises
    ------
    GeoError
        When one of them cannot be reached from another.
    """
    weights = _time_and_length(roads)
    here = np.array([node_idx], dtype=np.int64)
    tables = []
    for matrix in (weights, weights.T.tocsr()):
        total = dijkstra(matrix, directed=True, indices=here)[:, others_idx]
        _refuse_unreachable(roads, here, others_idx, total)
        durations_s, distances_m = _taken_apart(total)
        tables.append(TravelTable(durations_s=durations_s, distances_m=distances_m))
    return tables[0], tables[1]


def _time_and_length(roads: Roads) -> Any:
    """Return the CSR matrix of milliseconds and decimetres in one number."""
    length_dm = np.maximum(np.rint(roads.length_m * 10), 1)
    return roads.graph(np.rint(roads.seconds * 1000) * _LENGTH_UNIT + length_dm)


def _taken_apart(total: Floats) -> tuple[Ints, Ints]:
    milliseconds = np.floor(total / _LENGTH_UNIT)
    length_dm = total - milliseconds * _LENGTH_UNIT
    return np.rint(milliseconds / 1000).astype(np.int64), np.rint(length_dm / 10).astype(np.int64)


def _refuse_unreachable(roads: Roads, sources: Ints, targets: Ints, total: Floats) -> None:
    if np.isfinite(total).all():
        return
    rows, columns = np.nonzero(~np.isfinite(total))
    faults = [
        GeoFault(
            file="roads",
            place=f"node '{roads.ids[sources[row]]}'",
            text=f"no way to node '{roads.ids[targets[column]]}'",
        )
        for row, column in zip(rows, columns, strict=True)
    ]
    raise GeoError(faults)


def quickest_paths(roads: Roads, pairs: Sequence[tuple[int, int]]) -> list[Ints]:
    """Return the edges of the quickest way of each pair; see `Roads.edge_paths`.

    Parameters
    ----------
    roads : the network.
    pairs : nodes to drive from and to.

    Returns
    -------
    list of ndarray
        Edge indices of each way.
    """
    found: dict[tuple[int, int], Ints] = {}
    wanted = {(int(a), int(b)) for a, b in pairs}
    sources = np.array(sorted({a for a, _ in wanted}), dtype=np.int64)
    targets: dict[int, list[int]] = {}
    for a, b in sorted(wanted):
        targets.setdefault(a, []).append(b)
    weights = _time_and_length(roads)
    for first in range(0, len(sources), CHUNK_SOURCES):
        chunk = sources[first : first + CHUNK_SOURCES]
        _, before = dijkstra(weights, directed=True, indices=chunk, return_predecessors=True)
        for row, a in enumerate(chunk.tolist()):
            for b in targets[a]:
                found[a, b] = _edges_along(roads, weights, before[row], a, b)
    return [found[int(a), int(b)] for a, b in pairs]


def _edges_along(roads: Roads, weights: Any, before: NDArray[np.int32], a: int, b: int) -> Ints:
    nodes = [b]
    while nodes[-1] != a:
        previous = int(before[nodes[-1]])
        if previous < 0:
            raise GeoError(
                [
                    GeoFault(
                        file="roads", place=f"node '{roads.ids[a]}'", text=f"no way to node '{roads.ids[b]}'"
                    )
                ]
            )
        nodes.append(previous)
    nodes.reverse()
    return np.array([_edge_of(roads, weights, u, v) for u, v in itertools.pairwise(nodes)], np.int64)


def _edge_of(roads: Roads, weights: Any, u: int, v: int) -> int:
    start, stop = int(weights.indptr[u]), int(weights.indptr[u + 1])
    place = start + int(np.searchsorted(weights.indices[start:stop], v))
    return int(roads.quickest_edges[place])


def network_hash(roads: Roads, node_idx: Ints) -> str:
    """Return a hash of everything a travel table depends on.

    Parameters
    ----------
    roads : the network.
    node_idx : the nodes of a table.

    Returns
    -------
    str
        Hexadecimal; equal for equal drives.
    """
    digest = hashlib.sha256(b"gridcrew travel 1")
    for array in (roads.tail, roads.head, roads.length_m, roads.speed_kmh, node_idx):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
