"""The road tables of a case folder."""

from __future__ import annotations

from pathlib import Path

from .spatialite import City, Link
from .tables import write_table


def write_roads(city: City, folder: Path) -> dict[str, int]:
    """Write nodes and directed edges; bends are kept in `shape`."""
    nodes = write_table(
        folder / "roads_nodes.csv.gz",
        ["id", "lon", "lat"],
        ((node, f"{lon:.6f}", f"{lat:.6f}") for node, (lon, lat) in sorted(city.nodes.items())),
    )
    edges = write_table(
        folder / "roads_edges.csv.gz",
        ["u", "v", "length_m", "highway", "maxspeed_kmh", "name", "shape"],
        (edge for link in city.links for edge in _edges(link)),
    )
    return {"road nodes": nodes, "road edges (directed)": edges, "zones": len(city.zones)}


def _edges(link: Link) -> list[list[object]]:
    bends = [f"{lon:.6f} {lat:.6f}" for lon, lat in link.points[1:-1]]
    there = [
        link.a,
        link.b,
        f"{link.length_m:.2f}",
        link.highway,
        _limit(link.maxspeed_ab),
        link.name,
        ",".join(bends),
    ]
    if link.oneway:
        return [there]
    back = [*there[:4], _limit(link.maxspeed_ba or link.maxspeed_ab), link.name, ",".join(reversed(bends))]
    back[0], back[1] = link.b, link.a
    return [there, back]


def _limit(speed: float | None) -> str:
    return "" if speed is None else f"{speed:g}"
