"""A flat plane in metres around a place, for distances within one utility's area."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG, Moritz 2000, Geodetic Reference System 1980)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPlane:
    """Equirectangular plane that is true to scale at one place.

    Within 100 km of `lon0`, `lat0` lengths are right to about 1 %, which is finer than
    the choice of the street that a point belongs to.
    """

    lon0: float
    lat0: float

    @classmethod
    def around(cls, lon: Floats, lat: Floats) -> LocalPlane:
        """Return the plane at the middle of some points."""
        if len(lon) == 0:
            return cls(lon0=0.0, lat0=0.0)
        return cls(lon0=float((np.min(lon) + np.max(lon)) / 2), lat0=float((np.min(lat) + np.max(lat)) / 2))

    def metres(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Return points in metres east and north of the plane's origin, shape (n, 2)."""
        scale = math.radians(1) * EARTH_RADIUS_M
        east = (np.atleast_1d(np.asarray(lon, dtype=np.float64)) - self.lon0) * scale
        north = (np.atleast_1d(np.asarray(lat, dtype=np.float64)) - self.lat0) * scale
        return np.column_stack([east * math.cos(math.radians(self.lat0)), north])

    def apart_m(self, lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
        """Return straight distances between pairs of points, (n,) metres."""
        step = self.metres(lon_a, lat_a) - self.metres(lon_b, lat_b)
        return np.hypot(step[:, 0], step[:, 1])
