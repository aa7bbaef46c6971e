"""Areas on the map: a flood, a quake's zone, a cordon; read from WKT or GeoJSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from .errors import GeoError, GeoFault


@dataclass(frozen=True)
class Area:
    """One or several polygons in lon, lat."""

    shape: BaseGeometry

    def covers(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
        """(n,) whether each place lies inside or on the edge."""
        return np.asarray(shapely.intersects_xy(self.shape, np.asarray(lon), np.asarray(lat)), dtype=bool)

    def meets(
        self, lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike
    ) -> NDArray[np.bool_]:
        """(n,) whether each straight line from a place to another touches the area."""
        ends = np.stack([np.stack([lon, lat], axis=-1), np.stack([to_lon, to_lat], axis=-1)], axis=1)
        shapely.prepare(self.shape)
        return np.asarray(shapely.intersects(self.shape, shapely.linestrings(ends)), dtype=bool)

    @property
    def rings(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        """Outer edges, for drawing."""
        parts = getattr(self.shape, "geoms", [self.shape])
        return tuple(tuple((float(x), float(y)) for x, y, *_ in part.exterior.coords) for part in parts)


def read_area(text: str, file: str = "area") -> Area:
    """Read polygons from WKT or GeoJSON text.

    Raises
    ------
    GeoError
        When it is neither, holds no polygon, or its polygons cross themselves.
    """
    try:
        found = _from_geojson(json.loads(text)) if text.lstrip().startswith("{") else shapely.from_wkt(text)
    except (shapely.errors.ShapelyError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong(file, f"neither WKT nor GeoJSON: {error}") from None
    if found is None or found.is_empty or found.geom_type not in ("Polygon", "MultiPolygon"):
        kind = "nothing" if found is None or found.is_empty else found.geom_type
        raise _wrong(file, f"holds {kind}; expected a polygon or several")
    if not found.is_valid:
        raise _wrong(file, f"the polygon is not sound: {shapely.is_valid_reason(found)}")
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _wrong(
            file, f"reaches from {west:g}, {south:g} to {east:g}, {north:g}; expected lon, lat in degrees"
        )
    return Area(found)


def _from_geojson(data: Any) -> BaseGeometry:
    if data["type"] == "FeatureCollection":
        return shapely.union_all([shape(each["geometry"]) for each in data["features"]])
    return shape(data["geometry"] if data["type"] == "Feature" else data)


def _wrong(file: str, text: str) -> GeoError:
    return GeoError([GeoFault(file=file, place="", text=text)])
