"""The road network that crews drive on: one immutable graph of seconds and metres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from ..errors import GeoError, GeoFault
from ..projection import Floats, LocalPlane
from .checks import Gathering, nearest_known
from .fields import checked_fields
from .readers import BUCKET_TRUCK, read_road_tables
from .snapping import Snap, Snapper
from .tags import Vehicle
from .travel import Progress, TravelTable, drives_of, quickest_paths, travel_table

LEAST_MAIN_SHARE = 0.8
"""Share of the nodes that the largest strongly connected part must hold."""

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

_NAME_STEP_M = 40.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Roads:
    """A road network with `n` nodes and `m` directed edges.

    Parameters
    ----------
    ids : (n,) node ids, str.
    lon, lat : (n,) float64, degrees (WGS 84).
    tail, head : (m,) int64, positions of an edge's end nodes.
    length_m, speed_kmh : (m,) float64, > 0; the speed is the one driven, not the limit.
    highway, name : (m,) str, road class and street name; ``""`` where unknown.
    shape : (m,) str, bends between the end nodes as ``"lon lat,lon lat"``; ``""`` where straight.
    through : (n,) nodes that are only driven through, for a turn there is forbidden: nobody stops at them.
    warnings : what is odd but can be lived with, e.g. parts that cannot be reached.
    """

    ids: Texts
    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    length_m: Floats
    speed_kmh: Floats
    highway: Texts
    name: Texts
    shape: Texts
    through: NDArray[np.bool_]
    warnings: tuple[GeoFault, ...] = ()

    @classmethod
    def from_tables(
        cls,
        nodes: pd.DataFrame,
        edges: pd.DataFrame,
        *,
        nodes_file: str = "roads_nodes.csv",
        edges_file: str = "roads_edges.csv",
        speeds: Mapping[str, float] | None = None,
    ) -> Roads:
        """Build a network from a node and an edge table.

        Parameters
        ----------
        nodes : columns id, lon, lat; optional through.
        edges : columns u, v (node ids), length_m; optional highway, maxspeed_kmh, name, shape.
            Every row is one direction.
        speeds : driving speed in km/h by road class, over the defaults of `geo.roads.speeds`.

        Raises
        ------
        GeoError
            With every fault of both tables.
        """
        node_faults, edge_faults = Gathering(nodes_file), Gathering(edges_file)
        fields = checked_fields(nodes, edges, node_faults, edge_faults, speeds)
        faults = node_faults.faults + edge_faults.faults
        if faults or fields is None:
            raise GeoError(faults)
        roads = cls(**fields)
        warning, is_fault = _pieces(roads, nodes_file)
        if warning and is_fault:
            raise GeoError([warning])
        return replace(roads, warnings=(warning,)) if warning else roads

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def seconds(self) -> Floats:
        """Driving time of each edge, (m,) seconds."""
        return self.length_m / (self.speed_kmh / 3.6)

    @cached_property
    def quickest_edges(self) -> Ints:
        """Positions of the edges that matter, ordered by (tail, head).

        Of several edges from one node to another only the quickest; no edge from a node to itself.
        """
        order = np.lexsort((self.length_m, self.seconds, self.head, self.tail))
        order = order[self.tail[order] != self.head[order]]
        tail, head = self.tail[order], self.head[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        return np.asarray(order[first], dtype=np.int64)

    def graph(self, weight: Floats) -> Any:
        """Return the CSR matrix (n, n) of a weight per edge, the k-th entry being `quickest_edges[k]`."""
        kept = self.quickest_edges
        starts = np.searchsorted(self.tail[kept], np.arange(len(self) + 1))
        return csr_matrix((weight[kept], self.head[kept], starts), shape=(len(self), len(self)))

    @cached_property
    def component(self) -> NDArray[np.int32]:
        """Label of each node's strongly connected part, (n,)."""
        _, labels = connected_components(self.graph(self.seconds), directed=True, connection="strong")
        return np.asarray(labels, dtype=np.int32)

    @cached_property
    def main_nodes(self) -> Ints:
        """Positions of the nodes in the largest strongly connected part."""
        largest = int(np.argmax(np.bincount(self.component)))
        return np.flatnonzero(self.component == largest)

    @cached_property
    def plane(self) -> LocalPlane:
        """The plane in which distances are taken."""
        return LocalPlane.around(self.lon, self.lat)

    @cached_property
    def _snapper(self) -> Snapper:
        main = self.main_nodes
        stops = main[~self.through[main]]
        main = stops if len(stops) else main
        return Snapper(self.plane, self.lon[main], self.lat[main], main)

    @cached_property
    def _name_snapper(self) -> Snapper:
        return _points_along_named_edges(self)

    @cached_property
    def _has_names(self) -> bool:
        return bool((self.name != "").any())

    @cached_property
    def _position(self) -> dict[str, int]:
        return {str(name): position for position, name in enumerate(self.ids)}

    def snap(self, lon: ArrayLike, lat: ArrayLike) -> Snap:
        """Return the nearest node from which every other can be reached and left again.

        Parameters
        ----------
        lon, lat : degrees, one number or (k,) each.
        """
        return self._snapper.nearest(lon, lat)

    def travel(self, node_idx: ArrayLike, progress: Progress | None = None) -> TravelTable:
        """Return driving times and distances between all pairs of some nodes.

        Parameters
        ----------
        node_idx : (k,) positions of nodes in the largest part, as `snap` gives them; may repeat.
        progress : called with (sources done, sources in all).

        Raises
        ------
        GeoError
            When one of the nodes cannot be reached from another.
        """
        return travel_table(self, np.asarray(node_idx, dtype=np.int64), progress)

    def travel_of(self, node_idx: int, others_idx: ArrayLike) -> tuple[TravelTable, TravelTable]:
        """Return the drives from one node to others and back: (1, k) tables, out and home.

        Raises
        ------
        GeoError
            When one of them cannot be reached from another.
        """
        return drives_of(self, int(node_idx), np.asarray(others_idx, dtype=np.int64))

    def path(self, a_idx: int, b_idx: int) -> list[tuple[float, float]]:
        """Return the quickest path between two nodes as (lon, lat) points, bends included."""
        return self.paths([(a_idx, b_idx)])[0]

    def paths(self, pairs: Sequence[tuple[int, int]]) -> list[list[tuple[float, float]]]:
        """Return the quickest paths of many pairs of nodes; see `path`."""
        return [
            self.line_of(edges, pair[0]) for edges, pair in zip(self.edge_paths(pairs), pairs, strict=True)
        ]

    def edge_paths(self, pairs: Sequence[tuple[int, int]]) -> list[Ints]:
        """Return the quickest paths of many pairs of nodes as positions of edges in driving order.

        Raises
        ------
        GeoError
            When there is no way from the first to the second node of a pair.
        """
        return quickest_paths(self, pairs)

    def line_of(self, edges: Ints, start_idx: int) -> list[tuple[float, float]]:
        """Return the (lon, lat) points of consecutive edges from a start node on."""
        points = [(float(self.lon[start_idx]), float(self.lat[start_idx]))]
        for edge in edges:
            points.extend(self.bends(int(edge)))
            points.append((float(self.lon[self.head[edge]]), float(self.lat[self.head[edge]])))
        return points

    def bends(self, edge: int) -> list[tuple[float, float]]:
        """Return the (lon, lat) points between the two ends of an edge."""
        pairs = (point.split() for point in self.shape[edge].split(",") if point)
        return [(float(lon), float(lat)) for lon, lat in pairs]

    def length_of(self, edges: Ints) -> float:
        """Return the length of some edges together, in metres."""
        return float(self.length_m[edges].sum())

    def nearest_name(self, lon: float, lat: float) -> str:
        """Return the name of the nearest street that has one; ``""`` when none has."""
        return self.nearest_names([lon], [lat])[0]

    def nearest_names(self, lon: ArrayLike, lat: ArrayLike) -> list[str]:
        """Return the name of the nearest named street for each of many points."""
        if not self._has_names:
            return [""] * len(np.atleast_1d(np.asarray(lon)))
        return [str(name) for name in self.name[self._name_snapper.nearest(lon, lat).node_idx]]

    def nearest_edge(self, lon: float, lat: float) -> int | None:
        """Return the position of the edge that passes nearest to a place; None without edges."""
        if not len(self.tail):
            return None
        here = self.plane.metres(lon, lat)
        start = self.plane.metres(self.lon[self.tail], self.lat[self.tail]) - here
        along = self.plane.metres(self.lon[self.head], self.lat[self.head]) - here - start
        length = np.maximum((along**2).sum(axis=-1), 1e-9)
        share = np.clip(-(start * along).sum(axis=-1) / length, 0, 1)
        return int(np.argmin(((start + share[:, None] * along) ** 2).sum(axis=-1)))

    def closed(self, edges: Iterable[tuple[str, str]], *, both_ways: bool = True) -> Roads:
        """Return a copy in which some edges cannot be driven.

        Parameters
        ----------
        edges : pairs of node ids (u, v).
        both_ways : whether the way back is closed as well.

        Raises
        ------
        GeoError
            For a node or an edge that is not there, and when too little of the network stays connected.
        """
        shut = self._edges_between(list(edges), both_ways)
        fields = {
            name: getattr(self, name)[~shut]
            for name in ("tail", "head", "length_m", "speed_kmh", "highway", "name", "shape")
        }
        left = replace(self, **fields, warnings=())
        warning, is_fault = _pieces(left, "closed roads")
        if warning and is_fault:
            raise GeoError([warning])
        return replace(left, warnings=(warning,)) if warning else left

    def _edges_between(self, pairs: list[tuple[str, str]], both_ways: bool) -> NDArray[np.bool_]:
        faults = Gathering("closed roads")
        wanted = set()
        for u, v in pairs:
            for node in (u, v):
                if node not in self._position:
                    faults.add(
                        f"edge {u} - {v}", f"no node '{node}'{nearest_known(node, list(self._position))}"
                    )
            wanted.add((self._position.get(u, -1), self._position.get(v, -1)))
        if faults.faults:
            raise GeoError(faults.faults)
        turned = {(b, a) for a, b in wanted} if both_ways else set()
        keys = np.array([a * len(self) + b for a, b in sorted(wanted | turned)], dtype=np.int64)
        edge_keys = self.tail * len(self) + self.head
        for u, v in pairs:
            key = self._position[u] * len(self) + self._position[v]
            if key not in edge_keys:
                faults.add(f"edge {u} - {v}", "no such edge")
        if faults.faults:
            raise GeoError(faults.faults)
        return np.isin(edge_keys, keys)


def load_roads(
    path: Path | str, *, speeds: Mapping[str, float] | None = None, vehicle: Vehicle = BUCKET_TRUCK
) -> Roads:
    """Read a road network.

    Parameters
    ----------
    path : folder with `roads_nodes.csv[.gz]` and `roads_edges.csv[.gz]`, or with `roads.gpkg`,
        `roads.geojson`, `roads.parquet`, `roads.shp`, `roads.graphml` or `roads.osm.pbf`; or such a
        file itself.
    speeds : driving speed in km/h by road class, over the defaults of `geo.roads.speeds`.
    vehicle : what drives; streets of an extract of OpenStreetMap that it does not fit are left out.

    Returns
    -------
    Roads
        Checked.

    Raises
    ------
    GeoError
        With every fault found.
    """
    tables = read_road_tables(Path(path), vehicle)
    roads = Roads.from_tables(
        tables.nodes, tables.edges, nodes_file=tables.nodes_file, edges_file=tables.edges_file, speeds=speeds
    )
    return replace(roads, warnings=(*tables.notes, *roads.warnings)) if tables.notes else roads


def _pieces(roads: Roads, file: str) -> tuple[GeoFault | None, bool]:
    """Say which parts of a network cannot be reached and left again, and whether they are too many."""
    sizes = np.sort(np.bincount(roads.component))[::-1]
    if len(sizes) == 1:
        return None, False
    share = float(sizes[0] / len(roads))
    shown = ", ".join(str(size) for size in sizes[:5]) + (", ..." if len(sizes) > 5 else "")
    text = (
        f"{len(sizes)} parts cannot be reached from one another and back (nodes: {shown}); "
        f"the largest holds {share:.1%} of {len(roads):,} nodes"
    )
    if share < LEAST_MAIN_SHARE:
        return GeoFault(file=file, place="", text=f"{text}; must be >= {LEAST_MAIN_SHARE:.0%}"), True
    return GeoFault(file=file, place="", text=f"{text}; only that part is driven on"), False


def _points_along_named_edges(roads: Roads) -> Snapper:
    named = np.flatnonzero((roads.name != "") & (roads.tail != roads.head))
    count = np.maximum(np.ceil(roads.length_m[named] / _NAME_STEP_M).astype(np.int64), 1) + 1
    mark = np.repeat(named, count)
    step = np.arange(len(mark)) - np.repeat(np.cumsum(count) - count, count)
    # Ends are left out by half a step: at a crossing they would lie on both streets.
    share = (step + 0.5) / np.repeat(count, count)
    tail, head = roads.tail[mark], roads.head[mark]
    lon = roads.lon[tail] + share * (roads.lon[head] - roads.lon[tail])
    lat = roads.lat[tail] + share * (roads.lat[head] - roads.lat[tail])
    return Snapper(roads.plane, lon, lat, mark)
