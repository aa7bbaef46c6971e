"""From the cells of two road tables to checked arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..projection import Floats
from .checks import Gathering, check_columns, check_places, names, node_positions, numbers
from .readers import EDGE_COLUMNS, EDGE_REQUIRED, NODE_COLUMNS, NODE_KNOWN
from .speeds import driving_speed_kmh

Texts = NDArray[np.object_]

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_SHAPE = re.compile(rf"{_NUMBER} {_NUMBER}(?:,{_NUMBER} {_NUMBER})*")


def checked_fields(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    node_faults: Gathering,
    edge_faults: Gathering,
    speeds: Mapping[str, float] | None,
) -> dict[str, Any] | None:
    """Return the fields of `Roads` from its two tables, noting every fault; None if a column is missing."""
    nodes_fit = check_columns(nodes, NODE_COLUMNS, NODE_KNOWN, node_faults)
    edges_fit = check_columns(edges, EDGE_REQUIRED, EDGE_COLUMNS, edge_faults)
    if not (nodes_fit and edges_fit):
        return None
    ids = names(nodes, "id", node_faults, unique=True)
    lon, lat = _places(nodes, node_faults)
    ends = [names(edges, column, edge_faults) for column in ("u", "v")]
    tail, head = (
        node_positions(end, ids, column, edge_faults) for end, column in zip(ends, "uv", strict=True)
    )
    # The least length keeps an edge between two nodes at one place from counting as "no edge".
    length_m = np.maximum(numbers(edges, "length_m", edge_faults, low=0, high=np.inf), 0.01)
    limit_kmh = _optional_numbers(edges, "maxspeed_kmh", edge_faults)
    highway = _texts(edges, "highway")
    check_places((lon, lat), (tail, head), length_m, edge_faults)
    speed_kmh = driving_speed_kmh(list(highway), limit_kmh, speeds)
    return {
        "ids": ids,
        "lon": lon,
        "lat": lat,
        "tail": tail,
        "head": head,
        "length_m": length_m,
        "speed_kmh": speed_kmh,
        "highway": highway,
        "name": _texts(edges, "name"),
        "shape": _shapes(edges, edge_faults),
        "through": _through(nodes),
    }


def _places(nodes: pd.DataFrame, faults: Gathering) -> tuple[Floats, Floats]:
    lat = np.asarray(pd.to_numeric(nodes["lat"], errors="coerce"), dtype=np.float64)
    outside = np.abs(lat) > 90
    if outside.mean() > 0.5:
        row = int(np.flatnonzero(outside)[0])
        faults.add(
            "columns 'lon' and 'lat'", f"lat is {lat[row]:g} in row {row + 2}: are lon and lat swapped?"
        )
        return np.full(len(lat), np.nan), np.full(len(lat), np.nan)
    lon = numbers(nodes, "lon", faults, low=-180, high=180)
    return lon, numbers(nodes, "lat", faults, low=-90, high=90)


def _optional_numbers(edges: pd.DataFrame, column: str, faults: Gathering) -> Floats:
    if column not in edges.columns:
        return np.full(len(edges), np.nan)
    # A limit of 0 would make the street endless; nobody drives at 400 km/h.
    return numbers(edges, column, faults, low=1, high=400, optional=True)


def _texts(edges: pd.DataFrame, column: str) -> Texts:
    if column not in edges.columns:
        return np.full(len(edges), "", dtype=object)
    cells = edges[column].astype(object)
    return np.asarray(cells.where(cells.notna(), "").astype(str), dtype=object)


def _through(nodes: pd.DataFrame) -> NDArray[np.bool_]:
    """Nodes that are only driven through; no column says that of none."""
    said = [text.strip().lower() in ("yes", "true", "1") for text in _texts(nodes, "through")]
    return np.array(said, dtype=bool)


def _shapes(edges: pd.DataFrame, faults: Gathering) -> Texts:
    shapes = _texts(edges, "shape")
    bent = np.flatnonzero(shapes != "")
    wrong = [int(row) for row in bent if not _SHAPE.fullmatch(shapes[row])]
    faults.rows(
        wrong,
        "shape",
        lambda row: f"'{shapes[row][:40]}' is not a list of bends; expected 'lon lat,lon lat'",
    )
    return shapes
