"""Where the equipment of a CIM file lies: its points, in the coordinate system that they state."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import numpy as np

from ...placing import Point
from ..circuit.elements import Circuit
from .objects import INFEEDS, LOADS, SWITCHES, Model, number

LON_LAT = ("EPSG:4326", "OGC:CRS84", "WGS84", "WGS 84")
_EPSG = re.compile(r"EPSG:(?:[0-9.]*:)?(\d{3,6})$", re.I)


def places_of_locations(model: Model, circuit: Circuit) -> dict[str, list[Point]]:
    """Points of every location, lon and lat; a local plan stays as it is, and the circuit is marked drawn."""
    points: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for _, _, item in model.of("PositionPoint"):
        x, y = number(item.get("PositionPoint.xPosition")), number(item.get("PositionPoint.yPosition"))
        if np.isfinite(x) and np.isfinite(y):
            order = number(item.get("PositionPoint.sequenceNumber"), 1)
            points[item.get("PositionPoint.Location", "")].append((order, x, y))
    by_system: dict[str, list[str]] = defaultdict(list)
    for location in points:
        by_system[_system_of(model, location)].append(location)
    found: dict[str, list[Point]] = {}
    for system, locations in by_system.items():
        line = {location: [(x, y) for _, x, y in sorted(points[location])] for location in locations}
        found |= _on_the_globe(system, line, circuit)
    return found


def _system_of(model: Model, location: str) -> str:
    """Coordinate system of a location; that of the only one of the file where it does not say."""
    systems = model.objects["CoordinateSystem"]
    own = ""
    for kind in ("Location", "ServiceLocation", "UsagePointLocation"):
        own = own or model.objects[kind].get(location, {}).get("Location.CoordinateSystem", "")
    if own not in systems and len(systems) == 1:
        own = next(iter(systems))
    return systems.get(own, {}).get("CoordinateSystem.crsUrn", "").strip()


def _on_the_globe(system: str, lines: dict[str, list[Point]], circuit: Circuit) -> dict[str, list[Point]]:
    if not system or system.upper() in LON_LAT or system.upper().endswith(("CRS84", "EPSG::4326")):
        return lines
    transformer = _projection(system)
    if transformer is None:
        circuit.drawn = True
        if "local" not in system.lower():
            text = f"'{system[:60]}' is no known coordinate system, as EPSG:32719 is; taken as a plan"
            circuit.note("drawing", "CoordinateSystem", text)
        return lines
    owners = [name for name, line in lines.items() for _ in line]
    x, y = np.array([point for line in lines.values() for point in line], dtype=np.float64).T
    lon, lat = transformer.transform(x, y)
    found: dict[str, list[Point]] = {name: [] for name in lines}
    lost = 0
    for name, east, north in zip(owners, lon.tolist(), lat.tolist(), strict=True):
        if np.isfinite(east) and np.isfinite(north):
            found[name].append((east, north))
        else:
            lost += 1
    if lost:
        circuit.note("projection", "PositionPoint", f"{lost} outside the area of {system}; left out")
    return found


def _projection(system: str) -> Any:
    # pyproj takes a moment to import and few grids come in a projection
    from pyproj import CRS, Transformer  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    number_of = _EPSG.search(system)
    try:
        crs = CRS.from_user_input(f"EPSG:{number_of[1]}" if number_of else system)
    except CRSError:
        return None
    return Transformer.from_crs(crs, 4326, always_xy=True)


def places_of_nodes(model: Model, locations: dict[str, list[Point]]) -> dict[str, Point]:
    """Places of nodes by the points of the equipment that ends there."""
    found: dict[str, Point] = {}
    for _, key, item in model.of(*INFEEDS, *LOADS, "ACLineSegment", *SWITCHES, "PowerTransformer"):
        line = locations.get(item.get("PowerSystemResource.Location", ""), [])
        nodes = [node for _, node, _ in model.known_ends(key)]
        if line and nodes:
            found.setdefault(nodes[0], line[0])
            found.setdefault(nodes[-1], line[-1])
    return found
