"""Whether coordinates are places on the globe or a drawing, judged by drawn against stated length."""

from __future__ import annotations

from statistics import median

import numpy as np

from ...placing import NOWHERE, Point, on_globe
from ...projection import LocalPlane
from ...units import FOOT_M
from .elements import Circuit

# A line is never shorter than the straight way between its ends; schemes are off by far more than this.
MOST_TIMES_DRAWN = 3.0
# Metres and feet, and how long straight ways are for the lines along them.
UNITS_M = (1.0, FOOT_M)
STRAIGHT = (0.6, 1.1)
TYPICAL_LINE_M = 100.0


def places_of(circuit: Circuit, origin: Point | None) -> dict[str, Point]:
    """Give nodes their places on the globe; a drawing is laid out at `origin`, to the scale of its lines."""
    points = {key: node.place for key, node in circuit.nodes.items() if node.place is not None}
    if not points:
        return {}
    ends = [
        (points[each.here], points[each.there], each.length_m)
        for each in circuit.branches
        if each.here in points and each.there in points and points[each.here] != points[each.there]
    ]
    if circuit.drawn:
        return on_globe(points, origin or NOWHERE, _metres_per_unit(ends))
    if all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in points.values()):
        straight = _on_globe_m(ends)
        times = [drawn / length for drawn, (_, _, length) in zip(straight, ends, strict=True) if length > 0]
        if not times or median(times) <= MOST_TIMES_DRAWN:
            return points
        text = f"are a drawing: lines lie {median(times):,.0f} times as long as they are"
    else:
        text = "are no longitudes and latitudes"
    scale = _metres_per_unit(ends)
    where = "0, 0" if origin is None else f"{origin[0]:g}, {origin[1]:g}"
    circuit.note(
        "drawing",
        "coordinates",
        f"{text}; laid out around {where} with 1 unit as {scale:.4g} m (--origin LON,LAT says where)",
    )
    return on_globe(points, origin or NOWHERE, scale)


def _on_globe_m(ends: list[tuple[Point, Point, float]]) -> list[float]:
    found = []
    for (lon, lat), (lon2, lat2), _ in ends:
        plane = LocalPlane(lon0=lon, lat0=(lat + lat2) / 2)
        apart = plane.apart_m(np.array([lon]), np.array([lat]), np.array([lon2]), np.array([lat2]))
        found.append(float(apart[0]))
    return found


def _metres_per_unit(ends: list[tuple[Point, Point, float]]) -> float:
    drawn = [(float(np.hypot(a[0] - b[0], a[1] - b[1])), length) for a, b, length in ends]
    times = [apart / length for apart, length in drawn if length > 0]
    for unit_m in UNITS_M:
        if times and STRAIGHT[0] <= median(times) * unit_m <= STRAIGHT[1]:
            return unit_m
    if times:
        return 1 / median(times)
    return TYPICAL_LINE_M / median(apart for apart, _ in drawn) if drawn else 1.0
