"""Areas that tell nothing of a single house: each holds at least so many customers.

The supply area is halved again and again, across its longer side and where about half of the customers
live on either side, as long as both halves hold enough of them and are no smaller than a quarter of a town.
The areas follow from the list of customers alone, never from an outage: whoever compares two moments sees
the same areas at both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo import Roads

Box = tuple[float, float, float, float]
NONE = -1
# Below this an area is not halved, however many live there.
LEAST_SIDE_M = 900.0
M_PER_DEGREE = 111_320.0
# Borders lie on this grid, so that no border tells where somebody lives.
GRID_DEGREES = 0.001
MOST_STREETS = 3
MOST_LETTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle on the map.

    Parameters
    ----------
    box : west, south, east, north in degrees.
    customers : who live there.
    streets : the longest named ones in it, out of the road network and not out of anybody's address.
    """

    id: str
    box: Box
    customers: int
    streets: tuple[str, ...] = ()


@dataclass(slots=True)
class _Node:
    parent: int
    box: Box
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AreaMap:
    """All areas, from the whole supply area (the first) to the smallest; a parent stands before its halves.

    Parameters
    ----------
    areas : by number.
    parent : of each, -1 for the first.
    leaf : (n,) smallest area of each customer's row, -1 without a place.
    least : customers in every area.
    """

    areas: tuple[Area, ...]
    parent: tuple[int, ...]
    leaf: NDArray[np.int64]
    least: int

    def placed(self, rows: NDArray[np.int64]) -> list[tuple[Area, int]]:
        """Areas with customers of some rows in them, at least `least` in each; the rest has no place.

        What an area has too few of is counted in the larger one around it, and so on.
        """
        leaves = self.leaf[rows]
        count = np.bincount(leaves[leaves != NONE], minlength=len(self.areas))
        found = []
        for at in range(len(self.areas) - 1, -1, -1):
            if count[at] >= self.least:
                found.append((self.areas[at], int(count[at])))
            elif self.parent[at] != NONE:
                count[self.parent[at]] += count[at]
        return found[::-1]


def area_map(lonlat: NDArray[np.float64], least: int, roads: Roads | None = None) -> AreaMap:
    """Divide the supply area.

    Parameters
    ----------
    lonlat : (n, 2) degrees of each customer, NaN where nobody knows.
    least : customers in every area; with fewer in all there is no area.
    roads : names the areas.
    """
    known = np.flatnonzero(~np.isnan(lonlat).any(axis=1))
    leaf = np.full(len(lonlat), NONE, dtype=np.int64)
    if least < 1 or len(known) < least:
        return AreaMap((), (), leaf, max(least, 1))
    nodes = _halved(lonlat, known, least)
    for at, node in enumerate(nodes):
        leaf[node.rows] = at
    named = _Named(roads)
    areas = tuple(
        Area(id=f"A{at + 1}", box=node.box, customers=len(node.rows), streets=named.inside(node.box))
        for at, node in enumerate(nodes)
    )
    return AreaMap(areas, tuple(node.parent for node in nodes), leaf, least)


def _halved(lonlat: NDArray[np.float64], known: NDArray[np.int64], least: int) -> list[_Node]:
    """Every node of the tree, a parent before its halves."""
    nodes: list[_Node] = []
    waiting = [_Node(NONE, _box(lonlat[known]), known)]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        halves = _halves(lonlat, node, least)
        waiting += [_Node(len(nodes) - 1, box, rows) for box, rows in halves]
    return nodes


def _box(points: NDArray[np.float64]) -> Box:
    west, south = np.floor(points.min(axis=0) / GRID_DEGREES) * GRID_DEGREES - GRID_DEGREES
    east, north = np.ceil(points.max(axis=0) / GRID_DEGREES) * GRID_DEGREES + GRID_DEGREES
    return _rounded(west, south, east, north)


def _rounded(*sides: float) -> Box:
    west, south, east, north = (round(float(each), 4) for each in sides)
    return west, south, east, north


def _halves(lonlat: NDArray[np.float64], node: _Node, least: int) -> Sequence[tuple[Box, NDArray[np.int64]]]:
    """The halves of a node across its longer side that is worth halving; none where it stays whole."""
    west, south, east, north = node.box
    wide = (east - west) * M_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    sides = sorted(((wide, 0), ((north - south) * M_PER_DEGREE, 1)), reverse=True)
    for length, axis in sides:
        if length < 2 * LEAST_SIDE_M:
            continue
        values = lonlat[node.rows, axis]
        low, high = (west, east) if axis == 0 else (south, north)
        # Neither half is a strip: the border stays away from the sides.
        room = (high - low) * LEAST_SIDE_M / length
        at = round(float(np.clip(np.median(values), low + room, high - room)) / GRID_DEGREES) * GRID_DEGREES
        first, second = node.rows[values < at], node.rows[values >= at]
        if min(len(first), len(second)) >= least:
            boxes = (
                ((west, south, at, north), (at, south, east, north))
                if axis == 0
                else ((west, south, east, at), (west, at, east, north))
            )
            return [(_rounded(*boxes[0]), first), (_rounded(*boxes[1]), second)]
    return []


@dataclass
class _Named:
    """The named streets, looked up by rectangle."""

    roads: Roads | None
    _lon: NDArray[np.float64] = field(init=False)
    _lat: NDArray[np.float64] = field(init=False)
    _rows: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        roads = self.roads
        if roads is None:
            self._rows = np.empty(0, dtype=np.int64)
            return
        self._rows = np.flatnonzero(roads.name != "")
        self._lon = (roads.lon[roads.tail[self._rows]] + roads.lon[roads.head[self._rows]]) / 2
        self._lat = (roads.lat[roads.tail[self._rows]] + roads.lat[roads.head[self._rows]]) / 2

    def inside(self, box: Box) -> tuple[str, ...]:
        if self.roads is None or not len(self._rows):
            return ()
        west, south, east, north = box
        inside = (self._lon >= west) & (self._lon < east) & (self._lat >= south) & (self._lat < north)
        rows = self._rows[inside]
        names, which = np.unique(self.roads.name[rows].astype(str), return_inverse=True)
        length = np.bincount(which, weights=self.roads.length_m[rows], minlength=len(names))
        longest = np.argsort(-length, kind="stable")[:MOST_STREETS]
        return tuple(_plain(str(names[at])) for at in longest)


def _plain(name: str) -> str:
    """A name without what no text holds, and not longer than a line."""
    return "".join(sign for sign in name if sign.isprintable())[:MOST_LETTERS]


def corners(box: Box) -> Iterator[tuple[float, float]]:
    """The outline of a rectangle, closed, anticlockwise, lon and lat."""
    west, south, east, north = box
    yield from ((west, south), (east, south), (east, north), (west, north), (west, south))
