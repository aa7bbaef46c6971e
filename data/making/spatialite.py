"""Read the street model of La Serena-Coquimbo out of the AequilibraE wheel, without AequilibraE.

SpatiaLite keeps a geometry as a blob: 1 byte start, 1 byte order, 4 bytes SRID, 32 bytes
envelope, 1 byte mark (43 in all with the 4 of the geometry's type), then counts and points as
little-endian uint32 and float64.
"""

from __future__ import annotations

import io
import sqlite3
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HEADER_BYTES = 43
MODEL = "aequilibrae/reference_files/coquimbo.zip"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A stretch of street: driven from `a` to `b`, and back unless `oneway`."""

    a: int
    b: int
    oneway: bool
    length_m: float
    highway: str
    name: str
    maxspeed_ab: float | None
    maxspeed_ba: float | None
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A traffic zone: its people and its outlines (outer ring first)."""

    id: int
    population: float
    polygons: tuple[tuple[tuple[Point, ...], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What the model holds of streets and people."""

    nodes: dict[int, Point]
    links: tuple[Link, ...]
    zones: tuple[Zone, ...]


def read_city(model_zip: bytes) -> City:
    """Read links for cars (no centroid connectors), their nodes, and the zones."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.sqlite"
        with zipfile.ZipFile(io.BytesIO(model_zip)) as archive:
            name = next(n for n in archive.namelist() if n.endswith("project_database.sqlite"))
            path.write_bytes(archive.read(name))
        with sqlite3.connect(path) as database:
            links = _links(database)
            used = {node for link in links for node in (link.a, link.b)}
            rows = database.execute("select node_id, geometry from nodes order by node_id")
            nodes = {node: _points(blob, HEADER_BYTES, 1)[0] for node, blob in rows if node in used}
            zones = _zones(database)
        database.close()
    return City(nodes=nodes, links=links, zones=zones)


def _links(database: sqlite3.Connection) -> tuple[Link, ...]:
    rows = database.execute(
        "select a_node, b_node, direction, distance, link_type, name, speed_ab, speed_ba, geometry "
        "from links "
        "where link_type <> 'centroid_connector' and modes like '%c%' order by link_id"
    )
    links = []
    for start, end, direction, length_m, highway, name, speed_there, speed_back, blob in rows:
        a, b, speed_ab, speed_ba = start, end, speed_there, speed_back
        count = struct.unpack_from("<I", blob, HEADER_BYTES)[0]
        points = _points(blob, HEADER_BYTES + 4, count)
        if direction == -1:
            a, b, speed_ab, speed_ba, points = end, start, speed_back, speed_there, points[::-1]
        links.append(
            Link(
                a=a,
                b=b,
                oneway=direction != 0,
                length_m=round(float(length_m), 2),
                highway=highway,
                name=(name or "").strip(),
                maxspeed_ab=speed_ab or None,
                maxspeed_ba=speed_ba or None,
                points=points,
            )
        )
    return tuple(links)


def _points(blob: bytes, start: int, count: int) -> tuple[Point, ...]:
    flat = np.frombuffer(blob, dtype="<f8", count=2 * count, offset=start).reshape(-1, 2).round(6)
    return tuple((float(lon), float(lat)) for lon, lat in flat)


def _zones(database: sqlite3.Connection) -> tuple[Zone, ...]:
    zones = []
    rows = database.execute("select zone_id, population, geometry from zones order by zone_id")
    for zone, population, blob in rows:
        zones.append(Zone(id=zone, population=float(population), polygons=_polygons(blob)))
    return tuple(zones)


def _polygons(blob: bytes) -> tuple[tuple[tuple[Point, ...], ...], ...]:
    place = HEADER_BYTES
    (count,) = struct.unpack_from("<I", blob, place)
    place += 4
    polygons = []
    for _ in range(count):
        # Each polygon of a collection starts with a mark (0x69) and its own type.
        place += 5
        (rings,) = struct.unpack_from("<I", blob, place)
        place += 4
        outline = []
        for _ in range(rings):
            (size,) = struct.unpack_from("<I", blob, place)
            outline.append(_points(blob, place + 4, size))
            place += 4 + 16 * size
        polygons.append(tuple(outline))
    return tuple(polygons)
