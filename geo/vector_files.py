"""Layers of geographic files: the one door to GDAL, which only opens what a file says it is.

GDAL goes by what stands in a file, whatever its name. A text called `grid.gpkg` may be a description
that reads other files of the machine, or fetches pages; a file that somebody sends is opened only
where its content fits its name.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import GeoError, GeoFault

STARTS = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".fgb": (b"fgb",),
    ".geojson": (b"{",),
    ".json": (b"{",),
}
HEAD_BYTES = 4096
# Files of these words are orders to GDAL, whatever stands around them.
ORDERS = (b"gdal_streamed_alg",)
CHUNK_BYTES = 2**20
# Nothing of ours is read by these: they fetch pages, start programs, or read what a file names. GDAL looks at
# this once, when it is loaded.
DRIVERS_LEFT_OUT = (
    *("GDALG", "OGR_VRT", "VRT", "HTTP", "WFS", "OAPIF", "OGCAPI", "CSW", "WMS", "WMTS", "WCS", "Carto"),
    *("AmigoCloud", "EEDA", "EEDAI", "Elasticsearch", "NGW", "PLSCENES", "PLMOSAIC", "ADBC", "GPSBabel"),
    *("STACTA", "STACIT", "DAAS", "AIVector"),
)
os.environ["GDAL_SKIP"] = " ".join(
    dict.fromkeys([*os.environ.get("GDAL_SKIP", "").split(), *DRIVERS_LEFT_OUT])
)


def layer_names(path: Path) -> list[str]:
    """Names of the layers of a file; GeoError where it is not what its name says."""
    with _let_in(path):
        import pyogrio  # noqa: PLC0415

        return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def read_features(path: Path, layer: str | None = None) -> Any:
    """Read a layer as a GeoDataFrame, as it is.

    Parameters
    ----------
    layer : the first one without it.

    Raises
    ------
    GeoError
        If the file is none that is read, or is not what its name says.
    """
    with _let_in(path):
        # geopandas takes half a second to import; most cases never need it
        import geopandas  # noqa: PLC0415

        return _read(geopandas, path, layer)


@contextlib.contextmanager
def _let_in(path: Path) -> Iterator[None]:
    """Let GDAL at a file that is what its name says; what GDAL only wonders about is read in silence."""
    refuse_disguised(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _read(geopandas: Any, path: Path, layer: str | None) -> Any:
    from pyogrio.errors import FeatureError  # noqa: PLC0415 - comes with geopandas

    try:
        return geopandas.read_file(path, layer=layer) if layer is not None else geopandas.read_file(path)
    except FeatureError as error:
        # A column or a row that the file itself says it has, and has not.
        raise _refused(path, f"is damaged: {str(error)[:200]}") from error


def refuse_disguised(path: Path) -> None:
    """Refuse a file whose content is of another kind than its name says.

    Raises
    ------
    GeoError
        Naming the file and what was expected.
    """
    suffix = path.suffix.lower()
    if suffix == ".gdb" and path.is_dir():
        if not any(path.glob("*.gdbtable")):
            raise _refused(path, "is no File Geodatabase: it has no .gdbtable in it")
        return
    starts = STARTS.get(suffix)
    if starts is None:
        known = ", ".join((*STARTS, ".gdb"))
        raise _refused(path, f"is no geographic file that is read; expected one of {known}")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if suffix in (".geojson", ".json"):
        head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(starts):
        what = {".gpkg": "GeoPackage", ".shp": "shapefile", ".fgb": "FlatGeobuf"}.get(suffix, "GeoJSON")
        raise _refused(path, f"is cut short or not a {what}: it does not begin like one")
    if starts == (b"{",) and any(_holds(path, order) for order in ORDERS):
        raise _refused(path, "is not GeoJSON: it tells what to do with other files")


def _holds(path: Path, word: bytes) -> bool:
    """Whether a file holds a word anywhere."""
    with path.open("rb") as file:
        end = b""
        while chunk := file.read(CHUNK_BYTES):
            if word in end + chunk:
                return True
            end = chunk[-len(word) :]
    return False


def _refused(path: Path, text: str) -> GeoError:
    return GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
