"""Files in, two tables out: nodes (id, lon, lat) and directed edges (u, v, length_m, ...).

What stands in the tables is not judged here (`road_checks` does); only whether a file can
be read at all. Lines of GeoPackage, GeoJSON, GeoParquet and shapefile become edges in both directions
unless a column `oneway` says otherwise. `osm` reads extracts of OpenStreetMap, `osmnx` what osmnx saves.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import GeoError, GeoFault
from ..projection import LocalPlane
from ..readers.tables import read_csv
from ..vector_files import layer_names, read_features
from .osm import SUFFIXES, is_extract, read_extract
from .osmnx import as_drawn, driven, notes_of, read_graphml
from .splitting import split, steps_m
from .tags import Vehicle

NODE_COLUMNS = ("id", "lon", "lat")
NODE_KNOWN = (*NODE_COLUMNS, "through")
BUCKET_TRUCK = Vehicle()
EDGE_COLUMNS = ("u", "v", "length_m", "highway", "maxspeed_kmh", "name", "shape")
EDGE_REQUIRED = ("u", "v", "length_m")
LINE_FILES = (".gpkg", ".geojson", ".json", ".parquet", ".shp")
BIGGEST_FILE_BYTES = 2_000_000_000

# Degrees to which the ends of two lines must agree to be one node: 1e-7 is a centimetre.
_NODE_DECIMALS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadTables:
    """Nodes and edges as read, with the names of the files they came from."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    nodes_file: str
    edges_file: str
    notes: tuple[GeoFault, ...] = ()


def read_road_tables(path: Path, vehicle: Vehicle = BUCKET_TRUCK) -> RoadTables:
    """Read the roads of a case folder, or one file of road lines.

    Parameters
    ----------
    path : folder with `roads_nodes.csv[.gz]` and `roads_edges.csv[.gz]`, with `roads.gpkg`,
        `roads.geojson`, `roads.parquet`, `roads.shp`, `roads.graphml` or `roads.osm.pbf`; or such a file.
    vehicle : what drives; streets of an extract of OpenStreetMap that it does not fit are left out.

    Returns
    -------
    RoadTables
        Nodes and edges, not yet checked.

    Raises
    ------
    GeoError
        When nothing is there or a file cannot be read.
    """
    if path.is_dir():
        return _read_folder(path, vehicle)
    if not path.exists():
        raise GeoError([GeoFault(file=str(path), place="", text="no such file or folder")])
    if is_extract(path) or path.suffix.lower() in (".graphml", *LINE_FILES):
        return _read_file(path, vehicle)
    known = ", ".join((*LINE_FILES, ".graphml", ".osm.pbf", ".osm"))
    text = f"not a road file; expected a folder or one of {known}"
    raise GeoError([GeoFault(file=str(path), place="", text=text)])


def _read_file(path: Path, vehicle: Vehicle) -> RoadTables:
    """Read one file, by its name: an extract of OpenStreetMap, a graph of osmnx, a layer of lines."""
    refuse_unreadable(path)
    if is_extract(path):
        nodes, edges, notes = read_extract(path, vehicle)
    elif path.suffix.lower() == ".graphml":
        nodes, edges, notes = read_graphml(path, vehicle)
    else:
        return _read_lines(path, vehicle)
    return RoadTables(nodes=nodes, edges=edges, nodes_file=path.name, edges_file=path.name, notes=notes)


def _read_folder(folder: Path, vehicle: Vehicle) -> RoadTables:
    nodes, edges = (
        _one_of(folder, f"roads_{what}.csv", f"roads_{what}.csv.gz") for what in ("nodes", "edges")
    )
    if nodes and edges:
        return RoadTables(
            nodes=_read_table(nodes), edges=_read_table(edges), nodes_file=nodes.name, edges_file=edges.name
        )
    lines = _one_of(folder, *(f"roads{suffix}" for suffix in (*LINE_FILES, ".graphml", *SUFFIXES)))
    if lines:
        return _read_file(lines, vehicle)
    if nodes or edges:
        missing = "roads_edges.csv" if nodes else "roads_nodes.csv"
        raise GeoError([GeoFault(file=str(folder / missing), place="", text="missing; its partner is there")])
    text = (
        "no roads; expected roads_nodes.csv and roads_edges.csv (or .csv.gz), roads.gpkg, "
        "roads.geojson, roads.graphml or roads.osm.pbf"
    )
    raise GeoError([GeoFault(file=str(folder), place="", text=text)])


def _one_of(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).exists()), None)


def _read_table(path: Path) -> pd.DataFrame:
    refuse_unreadable(path)
    return read_csv(path)


def refuse_unreadable(path: Path) -> None:
    """Raise GeoError for a directory where a file should be, and for a file past 2 GB."""
    if path.is_dir():
        raise GeoError([GeoFault(file=path.name, place="", text="is a directory; expected a file")])
    size = path.stat().st_size
    if size > BIGGEST_FILE_BYTES:
        raise GeoError(
            [
                GeoFault(
                    file=path.name,
                    place="",
                    text=f"has {size:,} bytes; at most {BIGGEST_FILE_BYTES:,} are read",
                )
            ]
        )


def _read_lines(path: Path, vehicle: Vehicle) -> RoadTables:
    lines = read_line_layer(path)
    open_to, left_out = driven(lines, vehicle)
    if not open_to.any():
        raise GeoError([GeoFault(file=path.name, place="", text="holds no street that can be driven")])
    nodes, edges = tables_from_lines(lines[open_to].reset_index(drop=True), _node_layer(path))
    notes = notes_of(path.name, left_out)
    return RoadTables(nodes=nodes, edges=edges, nodes_file=path.name, edges_file=path.name, notes=notes)


def _node_layer(path: Path) -> Any:
    """Points of the nodes where a GeoPackage has a layer of them, in WGS 84; else None."""
    if path.suffix != ".gpkg":
        return None
    names = layer_names(path)
    layer = next((name for name in ("roads_nodes", "nodes") if name in names), None)
    if layer is None:
        return None
    nodes = read_features(path, layer)
    if "geometry" not in nodes:
        return None
    return nodes.to_crs(4326) if nodes.crs is not None else nodes


def read_line_layer(path: Path) -> Any:
    """Return the line features of a geographic file as a GeoDataFrame in WGS 84.

    Raises
    ------
    GeoError
        When the file is torn, holds no lines, or does not say its projection.
    """
    # geopandas takes half a second to import; most cases never need it.
    import geopandas  # noqa: PLC0415

    refuse_unreadable(path)
    try:
        frame = geopandas.read_parquet(path) if path.suffix == ".parquet" else _read_vector(path)
    except GeoError:
        raise
    except Exception as fault:  # each driver of GDAL and pyarrow has errors of its own
        text = f"cannot be read ({type(fault).__name__}): {fault}"
        raise GeoError([GeoFault(file=path.name, place="", text=text)]) from fault
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise GeoError([GeoFault(file=path.name, place="", text="holds no lines: its rows have no geometry")])
    frame = frame[frame.geometry.notna()].explode(ignore_index=True)
    frame = frame[frame.geom_type == "LineString"].reset_index(drop=True)
    if len(frame) == 0:
        raise GeoError(
            [GeoFault(file=path.name, place="", text="holds no lines; expected a layer of road lines")]
        )
    if frame.crs is None:
        raise GeoError(
            [GeoFault(file=path.name, place="", text="does not say its projection; expected e.g. EPSG:4326")]
        )
    return frame.to_crs(4326)


def _read_vector(path: Path) -> Any:
    names = layer_names(path)
    wanted = [name for name in ("roads_edges", "edges", "roads", "links") if name in names]
    return read_features(path, (wanted or names)[0])


def tables_from_lines(lines: Any, nodes: Any | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn lines in WGS 84 into nodes and directed edges with their bends.

    Columns `u`, `v` (node ids), `length_m`, `highway`, `maxspeed_kmh`, `name` and `oneway` are
    used when they are there, and what `osmnx.as_drawn` knows. Lines without node ids are cut where
    they share a point.

    Parameters
    ----------
    nodes : points of the nodes, where the file has them.
    """
    lines = as_drawn(lines, nodes)
    if "u" not in lines.columns or "v" not in lines.columns:
        lines = _cut(lines)
    return _tables_of(lines)


def _cut(lines: Any) -> Any:
    """Lines cut where one passes through a point of another."""
    import shapely  # noqa: PLC0415

    points, starts = _coordinates(lines)
    _, node, times = np.unique(points.round(_NODE_DECIMALS), axis=0, return_inverse=True, return_counts=True)
    node = node.ravel()
    ends = np.zeros(len(points), dtype=bool)
    ends[starts[:-1]] = ends[starts[1:] - 1] = True
    pieces = split(starts, node, (times[node] > 1) | ends, steps_m(points[:, 0], points[:, 1]), np.inf)
    if len(pieces.line) == len(lines):
        return lines
    spans = zip(pieces.first.tolist(), pieces.last.tolist(), strict=True)
    shapes = [shapely.LineString(points[first : last + 1]) for first, last in spans]
    cut = lines.iloc[pieces.line].reset_index(drop=True).drop(columns="length_m", errors="ignore")
    return cut.set_geometry(shapes)


def _tables_of(lines: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes at the ends of lines, and an edge for each way that a line is driven."""
    points, starts = _coordinates(lines)
    first, last = starts[:-1], starts[1:] - 1
    nodes, tail, head = _nodes_at_ends(lines, points, first, last)
    plane = LocalPlane.around(points[:, 0], points[:, 1])
    length_m = _column(lines, "length_m", _line_lengths_m(plane, points, starts))
    columns = {"u": tail, "v": head, "length_m": length_m, "shape": _shapes(points, starts)}
    for name, missing in (("highway", ""), ("maxspeed_kmh", np.nan), ("name", "")):
        columns[name] = _column(lines, name, missing)
    forward = pd.DataFrame(columns)
    return nodes, _both_ways(forward, _column(lines, "oneway", "no"))


def _coordinates(lines: Any) -> tuple[np.ndarray, np.ndarray]:
    import shapely  # noqa: PLC0415

    points, owner = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(lines)))])
    return points, starts


def _nodes_at_ends(
    lines: Any, points: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[pd.DataFrame, Sequence[str], Sequence[str]]:
    ends = np.concatenate([points[first], points[last]])
    if "u" in lines.columns and "v" in lines.columns:
        ids = pd.Series(np.concatenate([lines["u"].to_numpy(), lines["v"].to_numpy()])).astype(str)
    else:
        keys = pd.DataFrame(ends.round(_NODE_DECIMALS), columns=["lon", "lat"])
        ids = keys.groupby(["lon", "lat"], sort=False).ngroup().astype(str)
    nodes = pd.DataFrame({"id": ids, "lon": ends[:, 0], "lat": ends[:, 1]}).drop_duplicates("id")
    return nodes.reset_index(drop=True), list(ids[: len(first)]), list(ids[len(first) :])


def _line_lengths_m(plane: LocalPlane, points: np.ndarray, starts: np.ndarray) -> np.ndarray:
    metres = plane.metres(points[:, 0], points[:, 1])
    step = np.hypot(*np.diff(metres, axis=0).T)
    step = np.append(step, 0.0)
    # The step from one line's last point to the next line's first is no part of either.
    step[starts[1:] - 1] = 0.0
    return np.add.reduceat(step, starts[:-1]).round(2)


def _column(lines: Any, name: str, missing: Any) -> Any:
    if name not in lines.columns:
        return missing
    return lines[name].to_numpy()


def _shapes(points: np.ndarray, starts: np.ndarray) -> list[str]:
    text = [f"{lon:.6f} {lat:.6f}" for lon, lat in points]
    return [",".join(text[a + 1 : b - 1]) for a, b in itertools.pairwise(starts)]


def _both_ways(forward: pd.DataFrame, oneway: Any) -> pd.DataFrame:
    says = pd.Series(oneway, index=forward.index).astype(str).str.lower()
    backward = forward.rename(columns={"u": "v", "v": "u"})
    backward["shape"] = [",".join(reversed(text.split(","))) for text in forward["shape"]]
    only_forward = says.isin(["yes", "true", "1"])
    only_backward = says.isin(["-1", "reverse"])
    both = pd.concat([forward[~only_backward], backward[~only_forward]], ignore_index=True)
    if says.nunique() > 1:
        # a directed export has each way of a two-way street as a line of its own
        both = both.drop_duplicates(["u", "v", "length_m"], ignore_index=True)
    return both[list(EDGE_COLUMNS)]
