"""The streets as an undirected graph, with the people who live along them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from .spatialite import City
from .tables import shared_out

PEOPLE_PER_CUSTOMER = 3.5
"""People behind one meter; about the size of a household (the case's own assumption)."""

# How densely a street is lived on, beside a residential street of the same length.
LIVED_ON = {
    "residential": 1.0,
    "living_street": 1.0,
    "unclassified": 0.25,
    "tertiary": 0.6,
    "secondary": 0.45,
    "primary": 0.3,
}
LIVED_ON_M = 600.0
"""Of a longer street only so much, next to one of its ends, is lived on."""

LEAST_M_PER_CUSTOMER = 6.0
"""Street, both sides together, that a customer takes up at the densest."""

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, kw_only=True)
class Streets:
    """Undirected graph; `a`, `b` are positions of nodes, one entry per street link.

    `customers` is the count of ordinary customers along each link; x, y are metres.
    """

    node_id: list[int]
    lon: np.ndarray
    lat: np.ndarray
    x: np.ndarray
    y: np.ndarray
    a: np.ndarray
    b: np.ndarray
    length_m: np.ndarray
    highway: list[str]
    name: list[str]
    points: list[tuple[tuple[float, float], ...]]
    customers: np.ndarray
    density: np.ndarray

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Return a place in the metres of x, y."""
        lat0, lon0 = float(self.lat.mean()), float(self.lon.mean())
        scale = math.radians(1) * EARTH_RADIUS_M
        return (lon - lon0) * scale * math.cos(math.radians(lat0)), (lat - lat0) * scale


def make_streets(city: City) -> Streets:
    """Keep the largest connected part and share the zones' people out along its streets."""
    node_id = sorted(city.nodes)
    position = {node: i for i, node in enumerate(node_id)}
    lon = np.array([city.nodes[node][0] for node in node_id])
    lat = np.array([city.nodes[node][1] for node in node_id])
    a = np.array([position[link.a] for link in city.links])
    b = np.array([position[link.b] for link in city.links])
    kept = _largest_part(len(node_id), a, b)
    links = [link for link, keep in zip(city.links, kept, strict=True) if keep]
    scale = math.radians(1) * EARTH_RADIUS_M
    x = (lon - lon.mean()) * scale * math.cos(math.radians(float(lat.mean())))
    y = (lat - lat.mean()) * scale
    a, b = a[kept], b[kept]
    customers = _customers_along(city, links, (lon[a] + lon[b]) / 2, (lat[a] + lat[b]) / 2)
    return Streets(
        node_id=node_id,
        lon=lon,
        lat=lat,
        x=x,
        y=y,
        a=a,
        b=b,
        length_m=np.array([max(link.length_m, 1.0) for link in links]),
        highway=[link.highway for link in links],
        name=[link.name for link in links],
        points=[link.points for link in links],
        customers=customers,
        density=_density(x, y, a, b, customers),
    )


def _largest_part(size: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    graph = coo_matrix((np.ones(len(a)), (a, b)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    return (label[a] == np.argmax(np.bincount(label))) & (a != b)


def _customers_along(city: City, links: list, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    weight = np.array([min(link.length_m, LIVED_ON_M) * LIVED_ON.get(link.highway, 0.0) for link in links])
    points = shapely.points(lon, lat)
    customers = np.zeros(len(links), dtype=int)
    for zone in city.zones:
        outline = shapely.MultiPolygon([(rings[0], list(rings[1:])) for rings in zone.polygons])
        shapely.prepare(outline)
        inside = np.flatnonzero(shapely.contains(outline, points) & (weight > 0))
        count = round(zone.population / PEOPLE_PER_CUSTOMER)
        if weight[inside].sum() < count * LEAST_M_PER_CUSTOMER:
            # Few streets of this zone are in the model: its people live along the nearest as well.
            away = np.where(weight > 0, shapely.distance(outline, points), np.inf)
            order = np.argsort(away, kind="stable")
            enough = int(np.searchsorted(np.cumsum(weight[order]), count * LEAST_M_PER_CUSTOMER)) + 1
            inside = np.sort(order[:enough])
        customers[inside] += shared_out(count, weight[inside].tolist())
    return customers


def _density(x: np.ndarray, y: np.ndarray, a: np.ndarray, b: np.ndarray, customers: np.ndarray) -> np.ndarray:
    """Return customers per square kilometre around each node (circle of 400 m)."""
    from scipy.spatial import KDTree  # noqa: PLC0415

    radius = 400.0
    middle = np.column_stack([(x[a] + x[b]) / 2, (y[a] + y[b]) / 2])
    near = KDTree(middle).query_ball_point(np.column_stack([x, y]), radius, return_sorted=True)
    return np.array([customers[rows].sum() for rows in near]) / (math.pi * radius**2 / 1e6)
