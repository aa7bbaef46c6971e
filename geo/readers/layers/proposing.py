"""Which layers among a utility's files are a drawn grid, and what their columns mean: a first proposal.

Layers go by their names in four languages and by their shapes; columns by their headings, and by what
stands in them where that can be held against the drawing: a length is in metres, kilometres or feet
as the drawn lines say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import GeoError
from ...units import FOOT_M
from ...vector_files import layer_names, read_features
from .features import OPEN_OR_NOT, is_open

LAYER_FILES = (".shp", ".gdb", ".gpkg", ".geojson", ".fgb")
NAME = "grid.yaml"
ROAD_COLUMNS = frozenset({"highway", "maxspeed", "oneway", "lanes", "osm_id"})
OWN_LAYERS = frozenset({"buses", "lines", "switches", "transformers"})
WORDS: dict[str, tuple[str, ...]] = {
    "switches": (
        *("switch", "fuse", "breaker", "recloser", "section", "seccion", "interruptor", "fusible"),
        *("reconect", "chave", "disjuntor", "religador", "开关", "刀闸", "断路器", "熔断"),
    ),
    "sources": ("source", "substation", "subest", "se_at", "feeder_head", "变电站", "电源"),
    "transformers": ("transf", "trafo", "xfmr", "配变", "变压器", "台区"),
    "lines": (
        *("line", "cable", "conduct", "segment", "tramo", "red", "linha", "cabo", "trecho", "span"),
        *("wire", "leitung", "kabel", "mv", "lv", "hv", "线路", "电缆", "导线", "架空"),
    ),
}
SHAPES = {
    "lines": ("LineString",),
    "switches": ("Point", "LineString"),
    "transformers": ("Point",),
    "sources": ("Point", "Polygon"),
}
HEADINGS: dict[str, tuple[str, ...]] = {
    "id": (
        "id",
        "code",
        "codigo",
        "cod",
        "asset",
        "name",
        "nombre",
        "nome",
        "number",
        "编号",
        "编码",
        "名称",
    ),
    "from_bus": ("from_bus", "from_node", "from", "desde", "nodo_ini", "de_barra", "pac_1", "起点"),
    "to_bus": ("to_bus", "to_node", "to", "hasta", "nodo_fin", "para_barra", "pac_2", "终点"),
    "bus": ("bus", "node", "nodo", "barra"),
    "length_m": ("length_m", "length", "len", "longitud", "comprimento", "comp", "长度"),
    "kind": ("kind", "type", "tipo", "subtype", "class", "clase", "类型", "型号"),
    "voltage_kv": ("voltage_kv", "voltage", "kv", "volt", "tension", "tensao", "nom_kv", "电压"),
    "normal": (
        "normal",
        "normal_state",
        "normalpos",
        "status",
        "state",
        "estado",
        "posicion",
        "p_n_ope",
        "situacao",
        "常态",
        "状态",
    ),
    "rating_kva": ("rating_kva", "kva", "rated_kva", "capacity", "potencia", "pot_nom", "容量"),
    "phases": ("phases", "phase", "fases", "fas_con", "相"),
}
OF_KIND: dict[str, tuple[str, ...]] = {
    "lines": ("id", "from_bus", "to_bus", "length_m", "kind", "voltage_kv", "phases"),
    "switches": ("id", "from_bus", "to_bus", "kind", "normal"),
    "transformers": ("id", "bus", "rating_kva"),
    "sources": ("id", "bus"),
}
UNITS_M = ((1.0, ""), (1000.0, "kilometres"), (FOOT_M, "feet"))
AS_DRAWN = (0.7, 1.4)
LOWEST_VOLTS = 100.0
SAMPLE = 2000


@dataclass(slots=True, kw_only=True)
class _Found:
    """A layer that was taken for a part of the grid."""

    kind: str
    path: Path
    layer: str
    columns: dict[str, str]
    units: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def propose_drawing(paths: Sequence[Path], folder: Path) -> tuple[Path, list[Path]] | None:
    """Look for a grid that is drawn in layers; write what they are taken for as a file to look through.

    Parameters
    ----------
    paths : a utility's files.
    folder : where the file is written; a `grid.yaml` that is there already is kept as it is.

    Returns
    -------
    tuple, optional
        The file, and the files of its layers; None where there are no lines, or they lie elsewhere.
    """
    found = [each for path in paths for each in _of_file(path, folder)]
    if not any(each.kind == "lines" for each in found) or not any(each.kind != "lines" for each in found):
        return None
    path = folder / NAME
    if not path.exists():
        path.write_text(_written(found, folder), encoding="utf-8")
    return path, list(dict.fromkeys(each.path for each in found))


def _of_file(path: Path, folder: Path) -> list[_Found]:
    if path.suffix.lower() not in LAYER_FILES or not path.resolve().is_relative_to(folder.resolve()):
        return []
    try:
        names = layer_names(path)
        if len(OWN_LAYERS & set(names)) >= 2:
            return []
        several = len(names) > 1
        looked = [
            _of_layer(path, name, f"{name} {path.stem if not several else ''}", several=several)
            for name in names
        ]
    except (GeoError, ValueError, RuntimeError, OSError):
        return []
    return [each for each in looked if each is not None]


def _of_layer(path: Path, layer: str, title: str, *, several: bool) -> _Found | None:
    frame = read_features(path, layer)
    if "geometry" not in frame.columns or not len(frame):
        return None
    shape = str(frame.geometry.geom_type.mode().iloc[0]).removeprefix("Multi")
    kind = _kind(title.lower(), shape)
    if kind is None or ROAD_COLUMNS & {str(name).lower() for name in frame.columns}:
        return None
    found = _Found(kind=kind, path=path, layer=layer if several else "", columns=_columns(kind, frame))
    _check(found, frame)
    return found


def _kind(title: str, shape: str) -> str | None:
    for kind, words in WORDS.items():
        if shape in SHAPES[kind] and any(word in title for word in words):
            return kind
    return None


def _columns(kind: str, frame: Any) -> dict[str, str]:
    names = {_bare(str(name)): str(name) for name in frame.columns if name != "geometry"}
    found: dict[str, str] = {}
    for ours in OF_KIND[kind]:
        exact = [names[word] for word in HEADINGS[ours] if word in names]
        begins = [
            name
            for word in HEADINGS[ours]
            if len(word) > 3 or not word.isascii()
            for bare, name in names.items()
            if word in bare
        ]
        free = [name for name in (*exact, *begins) if name not in found.values() and not _of_gis(name)]
        if free:
            found[ours] = free[0]
    return found


def _bare(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _of_gis(name: str) -> bool:
    """Columns that a GIS keeps for itself."""
    return name.lower() in ("objectid", "fid", "globalid", "shape_length", "shape_leng", "shape_area")


def _check(found: _Found, frame: Any) -> None:
    """Hold columns against what stands in them; what does not fit is left out and said."""
    columns = found.columns
    if "id" in columns and frame[columns["id"]].duplicated().any():
        found.notes.append(f"{columns['id']} is not different in every row; rows with the same get a number")
    if "normal" in columns:
        words = {str(each).strip().lower() for each in frame[columns["normal"]].dropna().head(SAMPLE)}
        unknown = sorted(word for word in words if is_open(word) is None and not words >= OPEN_OR_NOT)
        if unknown:
            words_said = ", ".join(unknown[:4])
            found.notes.append(f"{columns['normal']} holds {words_said}: say under 'values' which is open")
    if "voltage_kv" in columns:
        _volts(found, frame[columns["voltage_kv"]])
    if "length_m" in columns:
        _length(found, frame)


def _numbers(column: Any) -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


def _volts(found: _Found, column: Any) -> None:
    values = _numbers(column)
    if np.isnan(values).mean() > 0.5:
        name = found.columns.pop("voltage_kv")
        found.notes.append(
            f"{name} holds no numbers: say the voltages under 'fixed', or 'columns' and 'values'"
        )
    elif np.nanmedian(values) >= LOWEST_VOLTS:
        found.units["voltage_kv"] = 0.001


def _length(found: _Found, frame: Any) -> None:
    """Which unit lengths are in, by the drawn lines; a column that fits none is left out."""
    stated = _numbers(frame[found.columns["length_m"]])
    if frame.crs is None:
        drawn = np.full(len(frame), np.nan)
    else:
        drawn = frame.geometry.to_crs(frame.estimate_utm_crs()).length.to_numpy()
    known = (stated > 0) & (drawn > 0)
    if known.any():
        for times, name in UNITS_M:
            if AS_DRAWN[0] <= float(np.median(stated[known] * times / drawn[known])) <= AS_DRAWN[1]:
                if name:
                    found.units["length_m"] = times
                    found.notes.append(f"{found.columns['length_m']} is in {name}, by the drawn lines")
                return
    name = found.columns.pop("length_m")
    found.notes.append(f"{name} does not fit the drawn lines; lengths are those of the drawing")


def _written(found: Iterable[_Found], folder: Path) -> str:
    """The proposal as YAML; a JSON string is a YAML string, whatever is in it."""
    import json  # noqa: PLC0415

    lines = [
        "# The layers that the grid is drawn in; look it through. Columns: ours, and the file's.",
        "tolerance_m: 1.0",
    ]
    of_kind: dict[str, list[_Found]] = {kind: [] for kind in OF_KIND}
    for each in found:
        of_kind[each.kind].append(each)
    for kind, layers in of_kind.items():
        if not layers:
            lines.append(
                f"# ? {kind}: no layer was taken for them"
                + (": the import needs one" if kind == "sources" else "")
            )
            continue
        lines.append(f"{kind}:")
        for each in layers:
            name = str(each.path.resolve().relative_to(folder.resolve()))
            lines += [f"  # ? {note}" for note in each.notes]
            lines.append(f"  - file: {json.dumps(name, ensure_ascii=False)}")
            if each.layer:
                lines.append(f"    layer: {json.dumps(each.layer, ensure_ascii=False)}")
            lines.append(f"    columns: {json.dumps(each.columns, ensure_ascii=False)}")
            if each.units:
                lines.append(f"    units: {json.dumps(each.units)}")
    return "\n".join(lines) + "\n"
