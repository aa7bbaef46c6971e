"""OpenStreetMap extracts (`.osm.pbf`, `.osm`, and these packed) read directly, with osmium.

Streets are split where they meet. One-way streets and roundabouts are driven one way, posted limits
and surfaces slow, gates and bollards stop. Left out, and counted: ferries, streets that are private or
closed to vehicles, whose direction changes by the hour, or too low, narrow or weak for the vehicle. Turn
restrictions are kept (`turns`), at a node and over a way in between; those for times of day are counted
and not kept.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..errors import GeoError, GeoFault
from .speeds import LIMIT_SHARE, OTHER_KMH, SPEED_KMH
from .splitting import Pieces, split, steps_m
from .tags import (
    ACCESS_KEYS,
    Tags,
    Vehicle,
    blocks,
    directions,
    limit_kmh,
    refusal,
    restriction_of,
    surface_kmh,
)
from .turns import Restriction, restrict

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
KEPT_TAGS = (
    *("highway", "name", "ref", "junction", "surface", "oneway", "oneway:motor_vehicle"),
    *("maxspeed", "maxspeed:forward", "maxspeed:backward"),
    *(f"{key}:{side}" for key in ("hgv", *ACCESS_KEYS) for side in ("forward", "backward")),
)
RESTRICTIONS = (
    "restriction",
    *(f"restriction:{of}" for of in ("hgv", "goods", "motorcar", "motor_vehicle", "vehicle")),
)
KEYS = ("highway", "route", "barrier", *RESTRICTIONS, "restriction:conditional")
EDGE_COLUMNS = ("u", "v", "length_m", "highway", "maxspeed_kmh", "name", "shape")
LEAST_POINTS = 2

Texts = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Extract:
    """What an extract holds of roads."""

    ways: list[int] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    refs: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    shut: set[int] = field(default_factory=set)
    restrictions: list[Restriction] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def is_extract(path: Path) -> bool:
    """Whether a file is an extract of OpenStreetMap, by its name."""
    return path.name.lower().endswith(SUFFIXES)


def read_extract(path: Path, vehicle: Vehicle) -> tuple[pd.DataFrame, pd.DataFrame, tuple[GeoFault, ...]]:
    """Read the roads of an extract.

    Parameters
    ----------
    path : an `.osm`, `.osm.gz`, `.osm.bz2` or `.osm.pbf` file.
    vehicle : height and width in m, weight in t, above which streets and turns are closed.

    Returns
    -------
    tuple
        Nodes, directed edges, and what was left out.

    Raises
    ------
    GeoError
        If the file is torn or holds no street that can be driven.
    """
    extract = _taken(path, vehicle)
    if not extract.ways:
        text = "holds no street that can be driven; is it an extract of another kind?"
        raise GeoError([GeoFault(file=path.name, place="", text=text)])
    nodes, edges, ways = _tables(extract, vehicle)
    nodes, edges, kept = restrict(nodes, edges, ways, extract.restrictions)
    extract.left_out["turn restriction without its ways here"] += len(extract.restrictions) - kept
    nodes, edges = _largest_piece(nodes, edges, extract)
    return nodes, edges, _notes(path, extract, kept)


def _taken(path: Path, vehicle: Vehicle) -> Extract:
    import osmium  # noqa: PLC0415  # few cases bring an extract

    extract = Extract()
    wanted = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION
    try:
        objects: Any = osmium.FileProcessor(str(path), wanted).with_locations()
        objects = objects.with_filter(osmium.filter.KeyFilter(*KEYS))
        for item in objects:
            tags = {tag.k: tag.v for tag in item.tags}
            if item.is_way():
                _take_way(extract, item, tags, vehicle)
            elif item.is_node():
                if blocks(tags, vehicle):
                    extract.shut.add(item.id)
            elif tags.get("type", "").startswith("restriction"):
                _take_restriction(extract, item, tags, vehicle)
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        text = f"is cut short or no extract of OpenStreetMap: {str(error)[:200]}"
        raise GeoError([GeoFault(file=path.name, place="", text=text)]) from error
    return extract


def _take_way(extract: Extract, way: Any, tags: Tags, vehicle: Vehicle) -> None:
    if why := refusal(tags, vehicle):
        if why != "no road for vehicles":
            extract.left_out[why] += 1
        return
    points = [(n.ref, n.lon, n.lat) for n in way.nodes if n.location.valid()]
    if len(points) < len(way.nodes):
        extract.left_out["point outside the extract"] += len(way.nodes) - len(points)
    if len(points) < LEAST_POINTS:
        return
    for ref, lon, lat in points:
        extract.refs.append(ref)
        extract.lon.append(lon)
        extract.lat.append(lat)
    extract.starts.append(len(extract.refs))
    extract.ways.append(way.id)
    extract.tags.append({key: tags[key] for key in KEPT_TAGS if key in tags})


def _take_restriction(extract: Extract, relation: Any, tags: Tags, vehicle: Vehicle) -> None:
    kind = restriction_of(tags, vehicle)
    if not kind:
        extract.left_out["turn restriction for times of day"] += "restriction:conditional" in tags
        return
    members: dict[tuple[str, str], list[int]] = {}
    for member in relation.members:
        members.setdefault((member.role, member.type), []).append(member.ref)
    via, between = members.get(("via", "n"), []), members.get(("via", "w"), [])
    if len(via) != 1 and not between:
        extract.left_out["turn restriction without a place"] += 1
        return
    extract.restrictions.append(
        Restriction(
            via="" if between else str(via[0]),
            from_ways=frozenset(members.get(("from", "w"), [])),
            to_ways=frozenset(members.get(("to", "w"), [])),
            only=kind.startswith("only_"),
            via_ways=frozenset(between),
            turns_back=kind == "no_u_turn" and not between,
        )
    )


def _tables(extract: Extract, vehicle: Vehicle) -> tuple[pd.DataFrame, pd.DataFrame, list[int]]:
    refs, starts = np.array(extract.refs, dtype=np.int64), np.array(extract.starts, dtype=np.int64)
    lon, lat = np.array(extract.lon), np.array(extract.lat)
    _, node, times = np.unique(refs, return_inverse=True, return_counts=True)
    ids = _names(refs, extract.shut)
    ends = np.zeros(len(refs), dtype=bool)
    ends[starts[:-1]] = ends[starts[1:] - 1] = True
    shared = (times[node] > 1) | ends | np.isin(refs, list(extract.shut))
    step = steps_m(lon, lat)
    pieces = split(starts, node, shared, step)
    ends_of = _side(ids[pieces.first], ">"), _side(ids[pieces.last], "<")
    edges, ways = _edges(extract, vehicle, pieces, ends_of, _texts(lon, lat))
    used = np.concatenate([pieces.first, pieces.last])
    places = {"id": np.concatenate(ends_of), "lon": lon[used].round(7), "lat": lat[used].round(7)}
    return pd.DataFrame(places).drop_duplicates("id", ignore_index=True), edges, ways


def _side(names: Texts, side: str) -> Texts:
    """Names of nodes at one side of a stretch: a barrier has a node on each side of it."""
    return np.array([f"{name}{side}" if "|" in name else name for name in names], dtype=object)


def _texts(lon: Floats, lat: Floats) -> list[str]:
    return [f"{x:.6f} {y:.6f}" for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]


def _names(refs: NDArray[np.int64], shut: set[int]) -> Texts:
    """Names of the nodes at points: the map's ids; at a barrier one for each way and side of it."""
    ids = refs.astype(str).astype(object)
    for at in np.flatnonzero(np.isin(refs, list(shut))).tolist():
        ids[at] = f"{refs[at]}|{at}"
    return ids


def _edges(
    extract: Extract, vehicle: Vehicle, pieces: Pieces, ends: tuple[Texts, Texts], points: list[str]
) -> tuple[pd.DataFrame, list[int]]:
    """Directed edges, and the way of the map that each is of."""
    rows, ways = [], []
    first, last = pieces.first.tolist(), pieces.last.tolist()
    for at, (line, length) in enumerate(zip(pieces.line.tolist(), pieces.length_m.tolist(), strict=True)):
        tags = extract.tags[line]
        bends = points[first[at] + 1 : last[at]]
        name = tags.get("name") or tags.get("ref", "")
        for forward, driven in zip((True, False), directions(tags, vehicle), strict=True):
            if driven:
                here, there = (ends[0][at], ends[1][at]) if forward else (ends[1][at], ends[0][at])
                shape = ",".join(bends if forward else reversed(bends))
                limit = _limit(tags, forward=forward)
                rows.append((here, there, round(length, 2), tags["highway"], limit, name, shape))
                ways.append(extract.ways[line])
    return pd.DataFrame(rows, columns=list(EDGE_COLUMNS)), ways


def _limit(tags: Tags, *, forward: bool) -> float:
    """Posted limit; where the surface is worse than the limit or the class, what comes to the same."""
    posted = limit_kmh(tags, forward=forward)
    driven = SPEED_KMH.get(tags["highway"], OTHER_KMH) if math.isnan(posted) else posted * LIMIT_SHARE
    surface = surface_kmh(tags)
    return surface / LIMIT_SHARE if surface < driven else posted


def _largest_piece(
    nodes: pd.DataFrame, edges: pd.DataFrame, extract: Extract
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the piece of the network with most nodes; the others are counted."""
    index = pd.Index(nodes["id"])
    tail, head = index.get_indexer(edges["u"]), index.get_indexer(edges["v"])
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(len(nodes), len(nodes)))
    count, label = connected_components(links, directed=False)
    if count > 1:
        largest = int(np.argmax(np.bincount(label)))
        extract.left_out["node in pieces of their own"] += int((label != largest).sum())
        extract.left_out["piece that no street joins to the rest"] += count - 1
        nodes, edges = nodes[label == largest], edges[label[tail] == largest]
    return nodes.reset_index(drop=True), edges.reset_index(drop=True)


_WORDS = {
    "ferry": "ferries",
    "access": "ways that are private or closed to vehicles",
    "height": "ways too low for the vehicle",
    "width": "ways too narrow for the vehicle",
    "weight": "ways too weak for the vehicle",
    "point outside the extract": "points of ways outside the extract",
    "reversible": "ways whose direction changes by the hour",
    "turn restriction for times of day": "turn restrictions for times of day",
    "turn restriction without a place": "turn restrictions that name no place",
    "turn restriction without its ways here": "turn restrictions whose ways are not driven here",
    "node in pieces of their own": "nodes in pieces that no street joins to the rest",
    "piece that no street joins to the rest": "such pieces",
}


def _notes(path: Path, extract: Extract, kept: int) -> tuple[GeoFault, ...]:
    found = [f"{count:,} {_WORDS[why]}" for why, count in extract.left_out.items() if count]
    notes = []
    if found:
        notes.append(f"left out: {', '.join(found)}")
    if kept:
        notes.append(f"{kept:,} turn restrictions are kept" if kept > 1 else "1 turn restriction is kept")
    return tuple(GeoFault(file=path.name, place="", text=text, severity="warning") for text in notes)
