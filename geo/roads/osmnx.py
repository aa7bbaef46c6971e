"""Roads as osmnx and common downloads write them: columns renamed, lists opened, ends set right.

osmnx writes graphs as a GeoPackage (layers `nodes` and `edges`, directed or not), as GraphML, and as
tables. In an undirected export `u` and `v` need not be the ends that the line begins and ends at; the
line runs the way that a one-way street is driven. Shapefiles of OpenStreetMap call the class `fclass`.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import GeoError, GeoFault
from ..readers.rdf import refuse_entities
from .splitting import steps_m
from .tags import SHUT, UNDRIVABLE, Vehicle, access_of, barred, speed_kmh

NODE_IDS = ("osmid", "id", "node_id", "node")
ONE_WAY = {
    **dict.fromkeys(("yes", "true", "1", "f", "ft"), "yes"),
    **dict.fromkeys(("-1", "reverse", "t", "tf"), "-1"),
}
Point = tuple[float, float]


TAGS = (
    *(
        "highway",
        "fclass",
        "access",
        "motor_vehicle",
        "motorcar",
        "vehicle",
        "hgv",
        "area",
        "oneway",
        "route",
    ),
    *("maxheight", "maxwidth", "maxweight", "maxheight:physical", "maxweightrating"),
)
"""Columns that say whether a vehicle may drive a street."""


def driven(table: pd.DataFrame, vehicle: Vehicle) -> tuple[NDArray[np.bool_], Counter[str]]:
    """Which streets of a table a vehicle drives, and why it does not drive the others.

    A class that nobody knows is driven: tables of other origin have classes of their own.
    """
    names = [name for name in TAGS if name in table.columns]
    if not names:
        return np.ones(len(table), dtype=bool), Counter()
    cells = pd.DataFrame({name: [several(cell) for cell in table[name]] for name in names})
    code = cells.groupby(names, sort=False, dropna=False).ngroup().to_numpy()
    why = [
        _refusal(dict(zip(names, row, strict=True)), vehicle) for row in cells.drop_duplicates().to_numpy()
    ]
    refused = np.array(why, dtype=object)[code] if len(code) else np.zeros(0, dtype=object)
    return refused == "", Counter(refused[refused != ""].tolist())


def _refusal(tags: Mapping[str, str], vehicle: Vehicle) -> str:
    """Why a street is not driven; one joined of several is driven where all of them are."""
    kinds = tags.get("highway") or tags.get("fclass", "")
    if tags.get("route") == "ferry" or kinds == "ferry":
        return "ferry"
    if kinds and all(kind in UNDRIVABLE for kind in kinds.split(";")):
        return "foot"
    if any(word in SHUT for word in access_of(tags, vehicle).split(";")):
        return "access"
    rest = {key: text for key, text in tags.items() if key.startswith("max") or key == "oneway"}
    return barred(rest, vehicle)


def _values(cell: Any) -> list[str]:
    """The values of a cell: of a list, of a list as text, or the one that it is; nothing for none."""
    if isinstance(cell, str) and cell.startswith("[") and cell.endswith("]"):
        try:
            cell = ast.literal_eval(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return [str(cell).strip("[]")]
    if isinstance(cell, (list, tuple, np.ndarray)):
        return [str(each) for each in cell]
    return [] if cell is None or cell != cell else [str(cell)]  # noqa: PLR0124


def several(cell: Any) -> str:
    """All values of a cell, a list or one, with semicolons between."""
    return ";".join(_values(cell))


WORDS = {
    "ferry": "ferries",
    "foot": "ways for walking and cycling, or not built yet",
    "access": "ways that are private or closed to vehicles",
    "reversible": "ways whose direction changes by the hour",
    "height": "ways too low for the vehicle",
    "width": "ways too narrow for the vehicle",
    "weight": "ways too weak for the vehicle",
}


def notes_of(file: str, left_out: Counter[str]) -> tuple[GeoFault, ...]:
    """What was left out, as one warning."""
    if not left_out:
        return ()
    text = "left out: " + ", ".join(f"{count:,} {WORDS[why]}" for why, count in left_out.items())
    return (GeoFault(file=file, place="", text=text, severity="warning"),)


def as_drawn(lines: Any, nodes: Any | None) -> Any:
    """Lines with the columns that are read here, `u` and `v` as the ends that each begins and ends at.

    Parameters
    ----------
    lines : GeoDataFrame in WGS 84, as it was read.
    nodes : points of the nodes in WGS 84, where the file has them.
    """
    found = lines.copy()
    for ours, theirs in (("highway", ("fclass", "type")), ("length_m", ("length",))):
        known = next((name for name in theirs if name in found.columns), None)
        if ours not in found.columns and known and (ours != "length_m" or "u" in found.columns):
            found[ours] = found[known]
    for column, to in (("highway", class_of), ("name", first_of)):
        if column in found.columns:
            found[column] = [to(cell) for cell in found[column]]
    if "maxspeed_kmh" not in found.columns:
        found["maxspeed_kmh"] = limits(found)
    if "oneway" in found.columns:
        said = found["oneway"].astype(str).str.strip().str.lower()
        found["oneway"] = [ONE_WAY.get(text, "no") for text in said]
    if "u" in found.columns and "v" in found.columns:
        found["u"], found["v"] = _ends_as_drawn(found, nodes)
    return found


def class_of(cell: Any) -> str:
    """The class of a street: of several, the first that is driven."""
    kinds = several(cell).split(";")
    return next((kind for kind in kinds if kind not in UNDRIVABLE), kinds[0])


def first_of(cell: Any) -> str:
    """The first of several values of a cell: a list, or a list as text; "" for none."""
    return next(iter(_values(cell)), "")


def limits(table: pd.DataFrame) -> list[float]:
    """Posted limits in km/h by `maxspeed`, else by `speed_kph`; NaN where neither says any."""
    count = len(table)
    posted = table["maxspeed"].tolist() if "maxspeed" in table.columns else [None] * count
    known = table["speed_kph"].tolist() if "speed_kph" in table.columns else [None] * count
    return [_limit(cell, other) for cell, other in zip(posted, known, strict=True)]


def _limit(cell: Any, other: Any) -> float:
    if isinstance(cell, (list, tuple, np.ndarray)):
        cell = ";".join(str(each) for each in cell)
    text = "" if cell is None or cell != cell else str(cell).strip("[]").replace("'", "")  # noqa: PLR0124
    found = speed_kmh(text)
    return speed_kmh(str(other)) if math.isnan(found) else found


def _ends_as_drawn(lines: Any, nodes: Any | None) -> tuple[list[str], list[str]]:
    ends = [(line.coords[0][:2], line.coords[-1][:2]) for line in lines.geometry]
    u, v = lines["u"].astype(str).tolist(), lines["v"].astype(str).tolist()
    places = _places(nodes) if nodes is not None else _voted(u, v, ends)
    for at, (first, last) in enumerate(ends):
        one, other = places.get(u[at]), places.get(v[at])
        as_said = _far(one, first) + _far(other, last)
        turned = _far(one, last) + _far(other, first)
        if turned < as_said:
            u[at], v[at] = v[at], u[at]
    return u, v


def _far(one: Point | None, other: Point) -> float:
    return 0.0 if one is None else math.hypot(one[0] - other[0], one[1] - other[1])


def _places(nodes: Any) -> dict[str, Point]:
    column = next((name for name in NODE_IDS if name in nodes.columns), None)
    if column is None:
        return {}
    return {
        str(key): (p.x, p.y) for key, p in zip(nodes[column], nodes.geometry, strict=True) if p is not None
    }


def _voted(u: list[str], v: list[str], ends: list[tuple[Point, Point]]) -> dict[str, Point]:
    """Places of nodes where the file has none: the end that a node's lines have in common."""
    votes: dict[str, dict[Point, int]] = {}
    for one, other, pair in zip(u, v, ends, strict=True):
        for node in {one, other}:
            for place in set(pair):
                at = votes.setdefault(node, {})
                at[place] = at.get(place, 0) + 1
    sure = {}
    for node, at in votes.items():
        most = max(at.values())
        best = [place for place, count in at.items() if count == most]
        if len(best) == 1:
            sure[node] = best[0]
    return sure


def read_graphml(path: Path, vehicle: Vehicle) -> tuple[pd.DataFrame, pd.DataFrame, tuple[GeoFault, ...]]:
    """Read a graph that osmnx saved as GraphML: nodes, directed edges, what was left out.

    Raises
    ------
    GeoError
        If the file is no GraphML, or its nodes have no places.
    """
    import networkx as nx  # noqa: PLC0415  # takes a moment to import

    refuse_entities(path.open("rb"), path.name, "")
    try:
        graph = nx.read_graphml(path)
        nodes = _graph_nodes(graph)
    except Exception as error:  # networkx and its parser let errors of many kinds through
        text = f"is no GraphML of roads: {type(error).__name__}: {str(error)[:200]}"
        raise GeoError([GeoFault(file=path.name, place="", text=text)]) from error
    places = {str(key): (float(data["x"]), float(data["y"])) for key, data in graph.nodes(data=True)}
    fixed = graph.is_directed()
    listed = list(graph.edges(data=True))
    open_to, left_out = driven(pd.DataFrame([data for _, _, data in listed]), vehicle)
    taken = [each for each, is_open in zip(listed, open_to.tolist(), strict=True) if is_open]
    if not taken:
        text = "holds no street that can be driven"
        raise GeoError([GeoFault(file=path.name, place="", text=text)])
    found = [_graph_edge(str(u), str(v), data, places, fixed) for u, v, data in taken]
    rows = [row for row, _ in found]
    if not graph.is_directed():
        rows += [_turned(row) for row, one in found if not one]
    edges = pd.DataFrame(rows)
    if (nodes[["lon", "lat"]].to_numpy() != np.array(list(places.values()))).any():
        edges["shape"] = ""  # bends are in the projection of the graph
    return nodes, _measured(edges, nodes), notes_of(path.name, left_out)


def _graph_nodes(graph: Any) -> pd.DataFrame:
    rows = [(str(key), float(data["x"]), float(data["y"])) for key, data in graph.nodes(data=True)]
    nodes = pd.DataFrame(rows, columns=["id", "lon", "lat"])
    crs = str(graph.graph.get("crs", "epsg:4326"))
    if crs.lower() not in ("epsg:4326", "wgs84"):
        from pyproj import Transformer  # noqa: PLC0415

        there = Transformer.from_crs(crs, 4326, always_xy=True)
        nodes["lon"], nodes["lat"] = there.transform(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    return nodes


def _graph_edge(
    u: str, v: str, data: Mapping[str, Any], places: Mapping[str, Point], fixed: bool
) -> tuple[dict[str, Any], bool]:
    """Row of an edge, as its line runs (`fixed`: as the graph has it), and whether it is driven one way."""
    points = _points(data.get("geometry"))
    if points and _far(places[v], points[0]) < _far(places[u], points[0]):
        points = points[::-1] if fixed else points
        u, v = (u, v) if fixed else (v, u)
    elif not points and not fixed and str(data.get("from", "")) == v:
        u, v = v, u
    one = ONE_WAY.get(str(data.get("oneway", "no")).lower(), "no") != "no"
    row = {
        "u": u,
        "v": v,
        "length_m": data.get("length", math.nan),
        "highway": class_of(data.get("highway")),
        "maxspeed_kmh": _limit(data.get("maxspeed"), data.get("speed_kph")),
        "name": first_of(data.get("name")),
        "shape": ",".join(f"{x:.6f} {y:.6f}" for x, y in points[1:-1]),
    }
    return row, one


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    back = {"u": row["v"], "v": row["u"], "shape": ",".join(reversed(row["shape"].split(",")))}
    return row | back


def _points(text: Any) -> list[Point]:
    """Points of a line in WKT; none where there is no line."""
    if not isinstance(text, str) or not text.upper().startswith("LINESTRING"):
        return []
    pairs = (point.split() for point in text.partition("(")[2].rstrip(") ").split(","))
    return [(float(pair[0]), float(pair[1])) for pair in pairs]


def _measured(edges: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Edges with a length each: where the file has none, the straight way."""
    length = pd.to_numeric(edges["length_m"], errors="coerce")
    if length.isna().any():
        at = nodes.set_index("id")
        one, other = at.loc[edges["u"]], at.loc[edges["v"]]
        lon = np.column_stack([one["lon"], other["lon"]]).ravel()
        lat = np.column_stack([one["lat"], other["lat"]]).ravel()
        length = length.fillna(pd.Series(steps_m(lon, lat)[::2], index=edges.index))
    return edges.assign(length_m=length)
