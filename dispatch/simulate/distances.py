"""Great-circle distances, for places that may lie anywhere on Earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0
Floats = NDArray[np.float64]


def apart_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two places (lon, lat)."""
    lon, lat = (np.asarray([value]) for value in other)
    return float(all_apart_km(one, lon, lat)[0])


def all_apart_km(place: tuple[float, float], lon: Floats, lat: Floats) -> Floats:
    """(n,) kilometres from one place (lon, lat) to others (haversine)."""
    east, north = np.deg2rad(lon - place[0]), np.deg2rad(lat - place[1])
    along = np.cos(np.deg2rad(place[1])) * np.cos(np.deg2rad(lat))
    half = np.sin(north / 2) ** 2 + along * np.sin(east / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half))))
