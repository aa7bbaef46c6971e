"""Where switches, transformers and sources stand in a net: at its nodes, else on the lines they lie on."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

import shapely
from scipy.spatial import KDTree

from .features import Feature
from .joining import Net

SAME_PLACE_M = 0.01


@dataclass(slots=True, kw_only=True)
class Stand:
    """Where something came to stand.

    Parameters
    ----------
    nodes : those within reach, nearest first; none where every line is too far.
    apart_m : how far the nearest node or line is.
    """

    nodes: list[str] = field(default_factory=list)
    apart_m: float = math.inf


def stand_in(net: Net, features: list[Feature], tolerance_m: float) -> dict[str, Stand]:
    """Find where features stand; a line that one lies on is cut there.

    Parameters
    ----------
    net : its lines are cut where something stands on them.
    features : points and areas; what a column `bus` says goes before where they lie.
    tolerance_m : how near a node or line must be.

    Returns
    -------
    dict
        By the titles of the features.
    """
    standing = _Standing(net, tolerance_m)
    found = {each.title: standing.of(each) for each in features}
    net.divide(standing.cuts)
    return found


class _Standing:
    """Nodes and lines of a net, to be asked what is near."""

    def __init__(self, net: Net, tolerance_m: float) -> None:
        self.net, self.tolerance_m = net, tolerance_m
        self.known = [(name, place) for name, place in net.places.items() if place is not None]
        self.tree = KDTree([place.coords[0] for _, place in self.known]) if self.known else None
        self.drawn = [at for at, each in enumerate(net.pieces) if each.shape is not None]
        self.lines = shapely.STRtree([net.pieces[at].shape for at in self.drawn])
        self.cuts: dict[int, list[tuple[float, str]]] = defaultdict(list)

    def of(self, each: Feature) -> Stand:
        """Where one feature stands."""
        if (bus := each.row.get("bus", "")) in self.net.places:
            return Stand(nodes=[bus], apart_m=0.0)
        if each.shape is None or self.tree is None:
            return Stand()
        near = self._nodes(each.shape, self.tree)
        if near:
            return Stand(nodes=[name for _, name in near], apart_m=near[0][0])
        return self._on_line(each, each.shape)

    def _nodes(self, shape: shapely.Geometry, tree: KDTree) -> list[tuple[float, str]]:
        middle = shape.centroid
        reach = self.tolerance_m + float(shapely.hausdorff_distance(shape, middle))
        found = [self.known[at] for at in tree.query_ball_point(middle.coords[0], reach)]
        apart = sorted((float(shape.distance(place)), name) for name, place in found)
        return [each for each in apart if each[0] <= self.tolerance_m]

    def _on_line(self, each: Feature, shape: shapely.Geometry) -> Stand:
        found, apart = self.lines.query_nearest(shape, return_distance=True, all_matches=False)
        if not len(found):
            return Stand()
        if apart[0] > self.tolerance_m:
            return Stand(apart_m=float(apart[0]))
        at = self.drawn[int(found[0])]
        piece = self.net.pieces[at].shape
        assert piece is not None
        along = float(piece.project(shape.centroid))
        node = next((name for far, name in self.cuts[at] if abs(far - along) < SAME_PLACE_M), "")
        if not node:
            node = f"{self.net.prefix} at {each.key}"
            self.net.places[node] = piece.interpolate(along)
            self.cuts[at].append((along, node))
        return Stand(nodes=[node], apart_m=float(apart[0]))
