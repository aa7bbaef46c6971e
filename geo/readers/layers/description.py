"""The file that says which layers a grid is drawn in, and which of their columns is which of ours."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ...errors import GeoError, GeoFault, nearest
from ..tables import decoded, read_bytes

# Per kind of layer, what its columns may be.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "lines": (
        "id",
        "from_bus",
        "to_bus",
        "length_m",
        "kind",
        "voltage_kv",
        "phases",
        "rating_kw",
        "rating_a",
    ),
    "switches": (
        "id",
        "from_bus",
        "to_bus",
        "line",
        "kind",
        "control",
        "normal",
        "present",
        "name",
        "voltage_kv",
    ),
    "transformers": ("id", "bus", "rating_kva", "name"),
    "sources": ("id", "bus", "voltage_kv"),
}
TOLERANCE_M = 1.0
MOST_TOLERANCE_M = 100.0
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer, and how it is read.

    Parameters
    ----------
    kind : lines, switches, transformers or sources.
    layer : its name in a file of several; the only or first one without it.
    columns : ours, and what they are called in the file.
    values : by our column, words of the file and ours.
    units : by our column, what one of the file's is in ours.
    fixed : by our column, what holds of every row.
    where : columns of the file and the words of the rows that are used.
    coordinates : where the file does not say it, such as EPSG:31370.
    """

    kind: str
    file: str
    layer: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    coordinates: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All layers of a grid, and how near ends must be to be one."""

    path: Path
    layers: tuple[Layer, ...]
    tolerance_m: float = TOLERANCE_M


def read_drawing(path: Path) -> Drawing:
    """Read the file that names the layers of a grid.

    Parameters
    ----------
    path : the YAML file; its layers lie in its folder or below.

    Returns
    -------
    Drawing
        Checked: every file is there.

    Raises
    ------
    GeoError
        With everything that is wrong.
    """
    reader = _Reader(path)
    content = reader.content()
    layers = tuple(
        reader.layer(kind, each, f"{kind}[{at}]")
        for kind in COLUMNS
        for at, each in enumerate(reader.listed(content.get(kind), kind))
    )
    for key in content:
        if key not in (*COLUMNS, "tolerance_m"):
            reader.fault(str(key), f"is unknown{nearest(str(key), COLUMNS)}")
    tolerance = reader.number(content.get("tolerance_m", TOLERANCE_M), "tolerance_m")
    if not 0 <= tolerance <= MOST_TOLERANCE_M:
        reader.fault("tolerance_m", f"is {tolerance:g}; expected 0 to {MOST_TOLERANCE_M:g} m")
    for kind in ("lines", "sources"):
        if not any(each.kind == kind for each in layers):
            what = "where supply comes in" if kind == "sources" else "what the grid is made of"
            reader.fault(kind, f"is missing; expected at least one layer: {what}")
    if reader.faults:
        raise GeoError(reader.faults)
    return Drawing(path=path, layers=layers, tolerance_m=tolerance)


class _Reader:
    """The content of the file on its way to layers; faults are gathered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[GeoFault] = []

    def fault(self, place: str, text: str) -> None:
        self.faults.append(GeoFault(file=self.path.name, place=place, text=text, code="file"))

    def content(self) -> dict[Any, Any]:
        try:
            text = decoded(read_bytes(self.path, MOST_BYTES))
            found = YAML(typ="safe", pure=True).load(io.StringIO(text))
        except (YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            place = f"line {mark.line + 1}" if mark is not None else ""
            text = f"is not sound YAML: {getattr(error, 'problem', None) or error}"
            raise GeoError(GeoFault(file=self.path.name, place=place, text=text, code="file")) from error
        if not isinstance(found, dict) or not found.keys() & COLUMNS.keys():
            text = f"names no layers of a grid; expected the keys {', '.join(COLUMNS)} (docs/bring/gis.md)"
            raise GeoError(GeoFault(file=self.path.name, place="", text=text, code="file"))
        return found

    def listed(self, value: Any, place: str) -> list[Any]:
        """A layer, or a list of them."""
        if isinstance(value, list | dict):
            return value if isinstance(value, list) else [value]
        if value is not None:
            self.fault(place, "is no list of layers; expected e.g. '- file: lines.shp'")
        return []

    def number(self, value: Any, place: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self.fault(place, f"is '{str(value)[:60]}'; expected a number")
        return 0.0

    def layer(self, kind: str, value: Any, place: str) -> Layer:
        items = self.items(value, place)
        known = [each.name for each in fields(Layer) if each.name != "kind"]
        for key in items:
            if key not in known:
                self.fault(f"{place}.{key}", f"is unknown{nearest(key, known)}")
        found = Layer(
            kind=kind,
            file=str(items.get("file") or ""),
            layer=str(items.get("layer") or ""),
            coordinates=str(items.get("coordinates") or ""),
            columns=self.texts(items.get("columns"), f"{place}.columns"),
            fixed=self.texts(items.get("fixed"), f"{place}.fixed"),
            values={
                key: self.texts(each, f"{place}.values.{key}")
                for key, each in self.items(items.get("values"), f"{place}.values").items()
            },
            units={
                key: self.number(each, f"{place}.units.{key}")
                for key, each in self.items(items.get("units"), f"{place}.units").items()
            },
            where={
                key: [str(each) for each in (words if isinstance(words, list) else [words])]
                for key, words in self.items(items.get("where"), f"{place}.where").items()
            },
        )
        self._check(found, place)
        return found

    def items(self, value: Any, place: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return {str(key): each for key, each in value.items()}
        if value is not None:
            self.fault(place, "holds no 'key: value' lines")
        return {}

    def texts(self, value: Any, place: str) -> dict[str, str]:
        return {key: str(each) for key, each in self.items(value, place).items()}

    def _check(self, layer: Layer, place: str) -> None:
        for name in (*layer.columns, *layer.fixed, *layer.values, *layer.units):
            if name not in COLUMNS[layer.kind]:
                expected = (
                    nearest(name, COLUMNS[layer.kind])
                    or f"; expected one of {', '.join(COLUMNS[layer.kind])}"
                )
                self.fault(f"{place}.columns", f"'{name}' is unknown{expected}")
        if not layer.file:
            self.fault(f"{place}.file", "is missing")
            return
        found = (self.path.parent / layer.file).resolve()
        if not found.is_relative_to(self.path.parent.resolve()):
            self.fault(
                f"{place}.file", f"'{layer.file[:80]}' lies outside the folder of this file; bring it in"
            )
        elif not found.exists():
            near = nearest(layer.file, (each.name for each in self.path.parent.iterdir()))
            self.fault(f"{place}.file", f"'{layer.file[:80]}' is not there{near}")
