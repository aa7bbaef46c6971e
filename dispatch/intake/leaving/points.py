"""Tables whose rows have a place, as points: GeoJSON and GeoPackage."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from ..cells import Parsed
from ..mapping.writing import texts_of

PLACE = ("lon", "lat")


def write_points(path: Path, parsed: Parsed) -> None:
    """Write a table as points in WGS 84; numbers are numbers, everything else text as in the CSV form.

    Parameters
    ----------
    path : its suffix says the form, `.geojson` or `.gpkg`.
    """
    names = [
        each.name for each in parsed.table.columns if each.name in parsed.texts and each.name not in PLACE
    ]
    columns = {name: _values(parsed, name) for name in names}
    lon, lat = (parsed.values[name].astype(np.float64) for name in PLACE)
    if path.suffix == ".geojson":
        _write_geojson(path, columns, lon.tolist(), lat.tolist())
    else:
        _write_geopackage(path, parsed.table.name, columns, lon.tolist(), lat.tolist())


def _values(parsed: Parsed, name: str) -> list[Any]:
    values = parsed.values[name]
    if values.dtype == np.float64:
        return [None if math.isnan(value) else value for value in values.tolist()]
    if values.dtype == np.int64:
        return list(values.tolist())
    return [text or None for text in texts_of(parsed, name)]


def _write_geojson(path: Path, columns: dict[str, list[Any]], lon: list[float], lat: list[float]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(columns, row, strict=True)),
            "geometry": {"type": "Point", "coordinates": [east, north]},
        }
        for east, north, *row in zip(lon, lat, *columns.values(), strict=True)
    ]
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _write_geopackage(
    path: Path, layer: str, columns: dict[str, list[Any]], lon: list[float], lat: list[float]
) -> None:
    # GDAL takes a moment to load, and most cases never need it.
    from pyogrio.raw import write  # noqa: PLC0415

    points = np.empty(len(lon), dtype=object)
    points[:] = [struct.pack("<BIdd", 1, 1, east, north) for east, north in zip(lon, lat, strict=True)]
    data = [_column(values) for values in columns.values()]
    write(
        path,
        points,
        data,
        list(columns),
        layer=layer,
        driver="GPKG",
        geometry_type="Point",
        crs="EPSG:4326",
    )


def _column(values: list[Any]) -> np.ndarray:
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    if all(value is None or isinstance(value, float) for value in values) and any(
        isinstance(value, float) for value in values
    ):
        return np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    texts = np.empty(len(values), dtype=object)
    texts[:] = [None if value is None else str(value) for value in values]
    return texts
