"""Which ends of drawn lines are one node: those that touch, those within a tolerance, and T joints.

Each join over a gap is listed with its place and distance; so is each end that hangs free though
another line is near. Ends that lines name by the buses of their columns need no drawing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from scipy.cluster.hierarchy import DisjointSet
from scipy.spatial import KDTree
from shapely.geometry import LineString
from shapely.geometry import Point as Spot

from ...projection import Floats
from .features import Feature

TOUCHING_M = 0.02
# How much further than the tolerance a free end is told of what is near.
NEAR_TIMES = 10.0

Known = list[tuple[str, Spot]]


@dataclass(slots=True, kw_only=True)
class Piece:
    """A part of a line between two nodes."""

    feature: Feature
    here: str
    there: str
    shape: LineString | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """Something that was joined over a gap, or was not though it is near."""

    what: str
    to: str
    apart_m: float
    place: Spot
    joined: bool = True


@dataclass(slots=True, kw_only=True)
class Net:
    """Nodes of one level of voltage and the pieces of lines between them."""

    prefix: str
    places: dict[str, Spot | None] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)

    def ends_at(self) -> dict[str, list[Piece]]:
        """Pieces by the nodes that they end at."""
        found: dict[str, list[Piece]] = defaultdict(list)
        for each in self.pieces:
            for node in dict.fromkeys((each.here, each.there)):
                found[node].append(each)
        return found

    def divide(self, cuts: dict[int, list[tuple[float, str]]]) -> None:
        """Cut pieces, given by their position, at distances along them."""
        whole, self.pieces = self.pieces, []
        for at, piece in enumerate(whole):
            self.pieces += divided(piece, sorted(cuts[at])) if at in cuts else [piece]


def joined_net(lines: Iterable[Feature], prefix: str, tolerance_m: float) -> Net:
    """Join lines at their ends.

    Parameters
    ----------
    lines : lines, and switches drawn as lines; all of one level of voltage.
    prefix : what its nodes' names begin with.
    tolerance_m : how near ends must be.

    Returns
    -------
    Net
        Its nodes have the names that lines give them, else numbers.
    """
    return _Joining(list(lines), prefix, tolerance_m).net


class _Joining:
    """Lines on their way to a net."""

    def __init__(self, lines: list[Feature], prefix: str, tolerance_m: float) -> None:
        self.net = Net(prefix=prefix)
        self.tolerance_m = tolerance_m
        drawn = [each for each in lines if not _is_named(each) and isinstance(each.shape, LineString)]
        self._named([each for each in lines if _is_named(each)])
        self._cluster(drawn)
        self._cut()

    def _named(self, lines: list[Feature]) -> None:
        for each in lines:
            ends = (each.row["from_bus"], each.row["to_bus"])
            shape = each.shape if isinstance(each.shape, LineString) else None
            for name, at in zip(ends, (0, -1), strict=True):
                place = Spot(shape.coords[at]) if shape is not None else None
                if self.net.places.get(name) is None:
                    self.net.places[name] = place
            self.net.pieces.append(
                Piece(feature=each, here=ends[0], there=ends[1], shape=shape, name=each.key)
            )

    def _cluster(self, lines: list[Feature]) -> None:
        """Make nodes of ends that touch, or lie within the tolerance."""
        if not lines:
            return
        known = [(name, place) for name, place in self.net.places.items() if place is not None]
        ends = np.array([line.shape.coords[at][:2] for line in lines for at in (0, -1)])  # type: ignore[union-attr]
        points = np.vstack([ends, *(place.coords[0][:2] for _, place in known)])
        groups = self._groups(lines, points, known)
        names: dict[int, str] = {}
        for at, (name, _) in enumerate(known, start=len(ends)):
            names.setdefault(groups[at], name)
        for at, line in enumerate(lines):
            here, there = (self._node(names, groups[end], ends[end]) for end in (2 * at, 2 * at + 1))
            assert isinstance(line.shape, LineString)
            self.net.pieces.append(
                Piece(feature=line, here=here, there=there, shape=line.shape, name=line.key)
            )

    def _groups(self, lines: list[Feature], points: Floats, known: Known) -> DisjointSet:
        """Which ends are one node; a line that is shorter than the tolerance keeps its two apart."""
        groups = DisjointSet(range(len(points)))
        for one, other in sorted(KDTree(points).query_pairs(self.tolerance_m)):
            same = one // 2 == other // 2 and other < 2 * len(lines)
            if not (same and _is_short(lines[one // 2], self)) and not groups.connected(one, other):
                groups.merge(one, other)
                self._tell(lines, points, one, other, known)
        return groups

    def _node(self, names: dict[int, str], group: int, place: Floats) -> str:
        if group not in names:
            names[group] = f"{self.net.prefix}{len(names) + 1}"
            self.net.places[names[group]] = Spot(place)
        return names[group]

    def _tell(self, lines: list[Feature], points: Floats, one: int, other: int, known: Known) -> None:
        apart = float(np.hypot(*(points[one] - points[other])))
        if apart > TOUCHING_M:
            to = lines[other // 2].key if other < 2 * len(lines) else known[other - 2 * len(lines)][0]
            self.net.joins.append(Join(lines[one // 2].key, to, apart, Spot(points[one])))

    def _cut(self) -> None:
        """Cut lines where a node lies on them: exactly, or a free end within the tolerance."""
        drawn = [at for at, each in enumerate(self.net.pieces) if each.shape is not None]
        if not drawn:
            return
        tree = shapely.STRtree([self.net.pieces[at].shape for at in drawn])
        ends = self.net.ends_at()
        cuts: dict[int, list[tuple[float, str]]] = defaultdict(list)
        for node, place in self.net.places.items():
            if place is None:
                continue
            free = len(ends[node]) == 1
            reach = self.tolerance_m * NEAR_TIMES if free else TOUCHING_M
            near = sorted(
                (float(shapely.distance(place, self.net.pieces[drawn[at]].shape)), drawn[at])
                for at in tree.query(place, predicate="dwithin", distance=reach)
            )
            others = [
                (apart, at)
                for apart, at in near
                if node not in (self.net.pieces[at].here, self.net.pieces[at].there)
            ]
            for apart, at in others[:1] if free else others:
                self._cut_at(ends[node][0], node, apart, at, cuts)
        self.net.divide(cuts)

    def _cut_at(
        self, own: Piece, node: str, apart: float, at: int, cuts: dict[int, list[tuple[float, str]]]
    ) -> None:
        piece, place = self.net.pieces[at], self.net.places[node]
        assert piece.shape is not None
        assert place is not None
        if apart > TOUCHING_M:
            joined = apart <= self.tolerance_m
            self.net.joins.append(Join(own.name, piece.name, apart, place, joined=joined))
        if apart <= self.tolerance_m:
            cuts[at].append((float(piece.shape.project(place)), node))


def divided(piece: Piece, cuts: list[tuple[float, str]]) -> list[Piece]:
    """Cut a piece at some distances along it, each at a node.

    Parameters
    ----------
    piece : with a shape.
    cuts : metres from its beginning, and the node there; in order.

    Returns
    -------
    list of Piece
        In order; a line cut into parts has the parts' numbers in its names.
    """
    assert piece.shape is not None
    stops = [(0.0, piece.here), *cuts, (piece.shape.length, piece.there)]
    found = []
    for (begin, here), (end, there) in pairwise(stops):
        if here == there:
            continue
        shape = shapely.ops.substring(piece.shape, begin, end)
        part = shape if isinstance(shape, LineString) else LineString([shape, shape])
        found.append(Piece(feature=piece.feature, here=here, there=there, shape=part, name=piece.name))
    if len(found) > 1:
        for number, each in enumerate(found, start=1):
            each.name = f"{piece.name} / {number}"
    return found or [piece]


def _is_named(line: Feature) -> bool:
    return bool(line.row.get("from_bus") and line.row.get("to_bus"))


def _is_short(line: Feature, joining: _Joining) -> bool:
    """A line shorter than the tolerance keeps its two ends apart: a drawn switch is such a line."""
    return line.shape is not None and line.shape.length <= joining.tolerance_m
