"""Lines cut into edges where they meet, with lengths on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Longer edges are cut at one of their bends, so that a place in the country has a node near it.
LONGEST_EDGE_M = 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Stretches of lines between two nodes.

    Parameters
    ----------
    line : (k,) the line that each stretch is of.
    first, last : (k,) positions of its end points among all points.
    length_m : (k,).
    """

    line: Ints
    first: Ints
    last: Ints
    length_m: Floats


def steps_m(lon: Floats, lat: Floats) -> Floats:
    """Distance of each point to the next, (n,) metres; 0 after the last."""
    # pyproj takes a moment to import, and tables of edges never need it
    from pyproj import Geod  # noqa: PLC0415

    if len(lon) < 2:
        return np.zeros(len(lon))
    _, _, apart = Geod(ellps="WGS84").inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return np.append(np.asarray(apart, dtype=np.float64), 0.0)


def split(
    starts: Ints, node: Ints, shared: NDArray[np.bool_], step: Floats, longest_m: float = LONGEST_EDGE_M
) -> Pieces:
    """Cut lines at their shared points, and long ones between.

    Parameters
    ----------
    starts : (m + 1,) where the points of each line begin.
    node : (n,) the node at each point.
    shared : (n,) points at which lines meet.
    step : (n,) metres from each point to the next.
    longest_m : longer stretches are cut at a bend.
    """
    line: list[int] = []
    first: list[int] = []
    last: list[int] = []
    length: list[float] = []
    bounds, steps, met, nodes = starts.tolist(), step.tolist(), shared.tolist(), node.tolist()
    for at in range(len(bounds) - 1):
        begin, end = bounds[at], bounds[at + 1] - 1
        # a line that ends where it begins, at one node, needs another one on the way round
        middle = (begin + end) // 2 if nodes[begin] == nodes[end] else -1
        here, run = begin, 0.0
        for point in range(begin + 1, end + 1):
            run += steps[point - 1]
            if point in (end, middle) or met[point] or run > longest_m:
                line.append(at)
                first.append(here)
                last.append(point)
                length.append(run)
                here, run = point, 0.0
    return Pieces(
        line=np.array(line, dtype=np.int64),
        first=np.array(first, dtype=np.int64),
        last=np.array(last, dtype=np.int64),
        length_m=np.array(length, dtype=np.float64),
    )
