"""From a point to the place on the road network that a vehicle would drive to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from ..projection import Floats, LocalPlane


@dataclass(frozen=True, slots=True, kw_only=True)
class Snap:
    """Where points came to lie on the network.

    Parameters
    ----------
    node_idx : (n,) int64, position of the nearest node in `Roads.ids`.
    distance_m : (n,) float64, how far away that node is.
    """

    node_idx: NDArray[np.int64]
    distance_m: Floats


class Snapper:
    """Nearest of some marked points, by straight distance in metres.

    Parameters
    ----------
    lon, lat : (k,) float64, degrees.
    mark : (k,) int64, what is returned for a point, e.g. its node's or edge's position.
    """

    def __init__(self, plane: LocalPlane, lon: Floats, lat: Floats, mark: NDArray[np.int64]) -> None:
        self._plane = plane
        self._mark = mark
        self._tree = KDTree(plane.metres(lon, lat))

    def nearest(self, lon: ArrayLike, lat: ArrayLike) -> Snap:
        """Return the mark nearest to each point, and its distance."""
        points = self._plane.metres(lon, lat)
        if len(points) == 0:
            return Snap(node_idx=np.zeros(0, np.int64), distance_m=np.zeros(0))
        distance_m, row = self._tree.query(points)
        return Snap(node_idx=self._mark[row], distance_m=distance_m)
