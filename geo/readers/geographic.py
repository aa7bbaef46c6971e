"""The grid's own tables as layers of one GeoPackage or GeoJSON file.

A GeoPackage has the layers `buses`, `lines`, `switches`, `transformers`. A GeoJSON file is one
FeatureCollection whose features say their table in a property `layer`. Coordinates are lon, lat
(WGS 84); a GeoPackage in another projection is projected. Points give `lon` and `lat`; the
geometry of lines and devices is for maps and is not read.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import GeoError, GeoFault, nearest
from ..schema import TABLES
from ..vector_files import layer_names, read_features
from .tables import FIRST_ROW, decoded, read_bytes

POINTS = ("buses", "transformers")
# How files of before RFC 7946 name what every GeoJSON file is in.
LON_LAT = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG:4979", "EPSG::4979")
MOST_QUOTED = 60


def read_geographic(path: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Read the four tables from a `.gpkg`, `.geojson` or `.json` file: tables, and the name of each.

    Raises
    ------
    GeoError
        If the file cannot be read, is no grid, or lacks a layer.
    """
    if path.is_dir():
        raise _refused(path, "is a folder; expected a file")
    tables = _read_gpkg(path) if path.suffix.lower() == ".gpkg" else _read_geojson(path)
    for table in tables.values():
        table.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(table))
    return tables, {name: f"{path.name} ({name})" for name in tables}


def _refused(path: Path, text: str, place: str = "") -> GeoError:
    return GeoError(GeoFault(file=path.name, place=place, text=text, code="file"))


def _missing(path: Path, found: list[str]) -> None:
    faults = [
        GeoFault(
            file=path.name, place=f"layer '{name}'", text=f"is missing{nearest(name, found)}", code="file"
        )
        for name in TABLES
        if name not in found
    ]
    if faults:
        raise GeoError(faults)


def _read_gpkg(path: Path) -> dict[str, pd.DataFrame]:
    try:
        _missing(path, layer_names(path))
        frames = {name: read_features(path, name) for name in TABLES}
    except GeoError:
        raise
    except Exception as error:  # GDAL has an error class for each of its drivers
        raise _refused(path, f"is cut short or not a GeoPackage: {error}") from error
    return {name: _flattened(path, name, frame) for name, frame in frames.items()}


def _flattened(path: Path, name: str, frame: Any) -> pd.DataFrame:
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if "geometry" not in frame.columns or name not in POINTS:
        return table
    if frame.crs is None:
        raise _refused(path, "does not say its projection; expected e.g. EPSG:4326", f"layer '{name}'")
    try:
        points = frame.geometry.to_crs(4326).representative_point()
    except Exception as error:  # GEOS and PROJ have errors of their own
        raise _refused(path, f"has places that cannot be projected: {error}", f"layer '{name}'") from error
    return table.assign(lon=points.x.to_numpy(), lat=points.y.to_numpy())


def _read_geojson(path: Path) -> dict[str, pd.DataFrame]:
    try:
        data = json.loads(decoded(read_bytes(path)))
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(path, f"is not JSON: {error}") from error
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        raise _refused(path, "is not a GeoJSON FeatureCollection", "features")
    if (said := _other_projection(data.get("crs"))) is not None:
        raise _refused(path, f"says its projection is {said}; GeoJSON is lon, lat (WGS 84)", "crs")
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    faults: list[GeoFault] = []
    for at, feature in enumerate(features):
        if wrong := _wrong_feature(feature):
            faults.append(GeoFault(file=path.name, place=f"features[{at}]", text=wrong, code="file"))
            continue
        row = dict(feature["properties"])
        layer = row.pop("layer")
        rows[layer].append(row | (_point(feature.get("geometry")) if layer in POINTS else {}))
    if faults:
        raise GeoError(faults)
    _missing(path, [name for name in rows if rows[name]] + [name for name in TABLES if name != "buses"])
    return {name: _framed(name, rows[name]) for name in TABLES}


def _wrong_feature(feature: Any) -> str:
    """What is wrong with a feature; empty for nothing."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or "layer" not in properties:
        return "has no property 'layer'"
    layer = properties["layer"]
    if not isinstance(layer, str) or layer not in TABLES:
        return f"unknown layer '{str(layer)[:MOST_QUOTED]}'{nearest(str(layer)[:MOST_QUOTED], TABLES)}"
    return ""


def _other_projection(crs: Any) -> str | None:
    """The projection that a file says it is in, where that is not lon, lat."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    said = str(properties.get("name") if isinstance(properties, dict) else crs)[:MOST_QUOTED]
    return None if said.upper().endswith(LON_LAT) else f"'{said}'"


def _framed(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    names = list(dict.fromkeys(key for row in rows for key in row)) or [c.name for c in TABLES[name]]
    return pd.DataFrame([[row.get(key) for key in names] for row in rows], columns=names, dtype=object)


def _point(geometry: Any) -> dict[str, Any]:
    place = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    if isinstance(place, list) and geometry.get("type") == "Point":
        return dict(zip(("lon", "lat"), place, strict=False))
    return {}


def write_geographic(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write the four tables as layers of a `.gpkg` or features of a `.geojson` file, whole or not at all."""
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        if path.suffix.lower() == ".gpkg":
            _write_gpkg(tables, part)
        else:
            part.write_text(json.dumps(_collection(tables), ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _write_gpkg(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    import geopandas  # noqa: PLC0415
    from shapely.geometry import shape  # noqa: PLC0415

    for name, table in tables.items():
        shapes = [shape(geometry) for geometry in _geometries(tables, name)]
        frame = geopandas.GeoDataFrame(
            table.drop(columns=["lon", "lat"], errors="ignore"), geometry=shapes, crs=4326
        )
        frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")


def _collection(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    features = []
    for name, table in tables.items():
        plain = table.drop(columns=["lon", "lat"], errors="ignore")
        for row, geometry in zip(plain.to_dict("records"), _geometries(tables, name), strict=True):
            kept = {key: value for key, value in row.items() if value != "" and not _unknown(value)}
            features.append({"type": "Feature", "properties": {"layer": name, **kept}, "geometry": geometry})
    return {"type": "FeatureCollection", "name": "grid", "features": features}


def _unknown(value: Any) -> bool:
    return isinstance(value, float) and bool(np.isnan(value))


def _geometries(tables: Mapping[str, pd.DataFrame], name: str) -> list[dict[str, Any]]:
    table = tables[name]
    if name in POINTS:
        places = zip(table["lon"].tolist(), table["lat"].tolist(), strict=True)
        return [{"type": "Point", "coordinates": [lon, lat]} for lon, lat in places]
    buses = tables["buses"]
    places_of = dict(
        zip(buses["id"], zip(buses["lon"].tolist(), buses["lat"].tolist(), strict=True), strict=True)
    )
    return [
        {"type": "LineString", "coordinates": [list(places_of[here]), list(places_of[there])]}
        for here, there in zip(table["from_bus"], table["to_bus"], strict=True)
    ]
