"""Features of a layer: their rows in our words and units, their shapes in degrees and in metres."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ...errors import GeoError, GeoFault, nearest
from ...projection import LocalPlane
from ...vector_files import layer_names, read_features
from .description import Drawing, Layer

NUMBERS = frozenset({"length_m", "voltage_kv", "rating_kw", "rating_a", "rating_kva"})
_OPEN = """open o opened n.o. n/o normally_open abierto abierta aberto aberta offen ouvert
开 断 断开 分 分闸 常开"""
_CLOSED = """closed c close nc n.c. n/c normally_closed cerrado cerrada fechado fechada geschlossen fermé
合 闭 闭合 合闸 常闭"""
OPEN, CLOSED = frozenset(_OPEN.split()), frozenset(_CLOSED.split())
# "NO" is normally open only where the same column says "NC", too; else it may be the answer no.
OPEN_OR_NOT = frozenset({"no", "nc"})
STATES = ("normal", "present")
KINDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "lines": {
        "cable": ("cable", "under", "ug", "subt", "soterr", "kabel", "erdk", "电缆", "地下"),
        "overhead": ("over", "oh", "aer", "aér", "frei", "架空", "导线"),
    },
    "switches": {
        "fuse": ("fuse", "fus", "sicher", "熔断", "跌落"),
        "recloser": ("reclos", "reconec", "relig", "重合"),
        "breaker": ("break", "interruptor", "disjuntor", "leistungss", "cb", "断路器", "出线"),
        "switch": ("switch", "sectional", "secc", "chave", "trenn", "lbs", "isol", "disc", "开关", "刀闸"),
    },
}
REMOTE = ("remote", "tele", "auto", "scada", "yes", "true", "远", "自动", "三遥")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One line, device, transformer or source.

    Parameters
    ----------
    key : its id in the file, else its kind and row.
    row : our columns with text; empty cells are not in it.
    shape : in metres on the grid's plane; None where it has none.
    """

    kind: str
    key: str
    file: str
    number: int
    row: Mapping[str, str]
    shape: BaseGeometry | None

    @property
    def title(self) -> str:
        """What it is known by among all features."""
        return f"{self.kind} {self.key}"

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"row {self.number}, '{self.key}'"

    def figure(self, name: str) -> float:
        """A number of it; NaN where it has none."""
        try:
            return float(self.row[name])
        except (KeyError, ValueError):
            return math.nan


def read_layers(drawing: Drawing) -> tuple[list[Feature], LocalPlane]:
    """Read all features of a grid: lines cut into their parts, all on one plane in metres.

    Raises
    ------
    GeoError
        With every layer and cell that cannot be read.
    """
    faults: list[GeoFault] = []
    found: list[Feature] = []
    for layer in drawing.layers:
        try:
            found += _features(drawing.path.parent, layer)
        except GeoError as error:
            faults += error.faults
    found = _named_once(found)
    faults += [fault for each in found for fault in (*_wrong_cells(each), *_wrong_place(each))]
    if faults:
        raise GeoError(faults)
    boxes = np.array(
        [each.shape.bounds for each in found if each.shape is not None and not each.shape.is_empty]
    )
    plane = (
        LocalPlane.around(*(boxes[:, [0, 2]].ravel(), boxes[:, [1, 3]].ravel()))
        if len(boxes)
        else LocalPlane(lon0=0, lat0=0)
    )
    return [replace(each, shape=_in_metres(each.shape, plane)) for each in found], plane


def _in_metres(shape: BaseGeometry | None, plane: LocalPlane) -> BaseGeometry | None:
    if shape is None or shape.is_empty:
        return None
    flat = shapely.force_2d(shape)
    return shapely.transform(flat, lambda xy: plane.metres(xy[:, 0], xy[:, 1]))


def _features(folder: Path, layer: Layer) -> Iterator[Feature]:
    path = folder / layer.file
    frame = _frame(path, layer)
    names = [str(name) for name in frame.columns if name != "geometry"]
    for ours, theirs in (*layer.columns.items(), *((name, name) for name in layer.where)):
        if theirs not in names:
            text = f"has no column '{theirs}' for '{ours}'{nearest(theirs, names)}"
            raise _refused(path, layer, f"{text}; it has {', '.join(names[:12])}")
    shapes = frame.geometry if "geometry" in frame.columns else [None] * len(frame)
    cells = {name: [_text(cell) for cell in frame[name]] for name in {*layer.columns.values(), *layer.where}}
    for name in {layer.columns[each] for each in STATES if each in layer.columns}:
        if {cell.lower() for cell in cells[name]} >= OPEN_OR_NOT:
            cells[name] = ["open" if cell.lower() == "no" else cell for cell in cells[name]]
    for at, shape in enumerate(shapes):
        if all(cells[name][at] in words for name, words in layer.where.items()):
            row = _row(layer, {name: values[at] for name, values in cells.items()})
            key = row.get("id") or f"{layer.kind.removesuffix('s')} {at + 1}"
            yield Feature(
                kind=layer.kind, key=key, file=_file(path, layer), number=at + 1, row=row, shape=shape
            )


def _file(path: Path, layer: Layer) -> str:
    return f"{path.name} ({layer.layer})" if layer.layer else path.name


def _refused(path: Path, layer: Layer, text: str) -> GeoError:
    return GeoError(GeoFault(file=_file(path, layer), place="", text=text, code="file"))


def _frame(path: Path, layer: Layer) -> Any:
    """A layer in degrees."""
    try:
        names = layer_names(path)
        if layer.layer and layer.layer not in names:
            text = (
                f"has no layer '{layer.layer}'{nearest(layer.layer, names)}; it has {', '.join(names[:12])}"
            )
            raise _refused(path, layer, text)
        frame = read_features(path, layer.layer or None)
        if "geometry" not in frame.columns:
            return frame
        if frame.crs is None and layer.coordinates:
            frame = frame.set_crs(layer.coordinates)
        if frame.crs is None:
            text = "does not say its projection (a shapefile's .prj); say it: coordinates: EPSG:..."
            raise _refused(path, layer, text)
        return frame.to_crs(4326)
    except GeoError:
        raise
    except Exception as error:  # GDAL and PROJ have errors of their own
        raise _refused(path, layer, f"cannot be read: {str(error)[:200]}") from error


def _text(cell: Any) -> str:
    if cell is None or cell != cell:  # noqa: PLR0124
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _row(layer: Layer, cells: Mapping[str, str]) -> dict[str, str]:
    found = dict(layer.fixed)
    for ours, theirs in layer.columns.items():
        if text := cells[theirs]:
            found[ours] = layer.values.get(ours, {}).get(text, text)
    for ours, times in layer.units.items():
        try:
            found[ours] = repr(float(found[ours].replace(",", ".")) * times)
        except (KeyError, ValueError):
            continue
    return found


def _named_once(found: list[Feature]) -> list[Feature]:
    """Lines in several parts are several lines; ids that are there twice get their row's number."""
    parts = [part for each in found for part in _parts(each)]
    count = Counter((each.kind, each.key) for each in parts)
    seen: Counter[tuple[str, str]] = Counter()
    named = []
    for each in parts:
        at = (each.kind, each.key)
        seen[at] += 1
        named.append(each if count[at] == 1 else replace(each, key=f"{each.key} / {seen[at]}"))
    return named


def _parts(feature: Feature) -> list[Feature]:
    shape = feature.shape
    if shape is None or shape.geom_type not in ("MultiLineString", "MultiPoint", "GeometryCollection"):
        return [feature]
    if shape.geom_type == "MultiLineString":
        shape = shapely.line_merge(shape)
    pieces = list(shape.geoms) if hasattr(shape, "geoms") else [shape]
    return [replace(feature, shape=piece) for piece in pieces if not piece.is_empty]


def _wrong_place(feature: Feature) -> Iterator[GeoFault]:
    """A shape that lies nowhere on the globe: its coordinates are not in the system that the file states."""
    if feature.shape is None or feature.shape.is_empty:
        return
    west, south, east, north = feature.shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        text = "lies nowhere on the globe: its coordinates are not in the system that the file states"
        yield GeoFault(file=feature.file, place=feature.place, text=text, code="file")


def _wrong_cells(feature: Feature) -> Iterator[GeoFault]:
    def fault(name: str, text: str) -> GeoFault:
        return GeoFault(file=feature.file, place=f"{feature.place}, column '{name}'", text=text, code="file")

    for name in NUMBERS & feature.row.keys():
        if not math.isfinite(feature.figure(name)):
            yield fault(name, f"'{feature.row[name][:60]}' is no number")
    for name in STATES:
        if (word := feature.row.get(name, "")) and is_open(word) is None:
            text = f"'{word[:60]}' is neither open nor closed; say which it is under 'values'"
            yield fault(name, text)


def is_open(word: str) -> bool | None:
    """Whether a word says open; None for a word that nobody knows."""
    bare = word.strip().lower().replace(" ", "_")
    if bare in OPEN or bare in CLOSED:
        return bare in OPEN
    return None


def kind_of(feature: Feature) -> str:
    """The kind of a line or device by its word; overhead line and switch where it has none that is known."""
    word = feature.row.get("kind", "").lower()
    for kind, starts in KINDS[feature.kind].items():
        if word and any(
            each in word if len(each) > 2 or not each.isascii() else word == each for each in starts
        ):
            return kind
    return "overhead" if feature.kind == "lines" else "switch"


def is_remote(feature: Feature) -> bool:
    """Whether somebody far away operates a device: breakers and reclosers, unless the file says otherwise."""
    if word := feature.row.get("control", "").lower():
        return any(each in word for each in REMOTE)
    return kind_of(feature) in ("breaker", "recloser")
