"""Points of a GeoJSON file or a GeoPackage as a plain table with lon and lat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import GeoError, GeoFault
from ..vector_files import layer_names, read_features


def read_layer(path: Path, layer: str) -> pd.DataFrame:
    """Read one layer as a table: its attributes, and `lon`, `lat` from its points.

    Parameters
    ----------
    layer : name of the layer; a file with a single layer needs no such name.

    Returns
    -------
    pandas.DataFrame
        A row per feature. `lon`, `lat` in degrees (WGS 84), whatever the projection of the
        file; NaN where a feature has no geometry. Surfaces and lines count at their middle.

    Raises
    ------
    GeoError
        When the file is damaged, has no such layer, or does not say its projection.
    """
    frame = _read(path, layer)
    if "geometry" not in frame:
        raise _fault(path, f"layer '{layer}' has no geometry")
    if frame.crs is None:
        raise _fault(path, "does not say its projection; expected e.g. EPSG:4326")
    places = frame.geometry.to_crs(4326).representative_point()
    table = pd.DataFrame(frame.drop(columns="geometry"))
    return table.assign(lon=places.x.to_numpy(), lat=places.y.to_numpy())


def _read(path: Path, layer: str) -> Any:
    try:
        names = layer_names(path)
        if layer not in names and len(names) > 1:
            text = f"has no layer '{layer}'; it has {', '.join(names[:10])}"
            raise _fault(path, text)
        return read_features(path, layer if layer in names else names[0])
    except GeoError:
        raise
    except Exception as error:  # each driver of GDAL has errors of its own
        raise _fault(path, "is cut short or not a sound geographic file") from error


def _fault(path: Path, text: str) -> GeoError:
    return GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
