"""Coordinates for grids that have none on the globe: local plans and bare schematics."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence

Point = tuple[float, float]

METRES_PER_DEGREE = 111_320.0
# grids without a place are laid out here: in the Gulf of Guinea, where nobody takes them for real
NOWHERE: Point = (0.0, 0.0)


def on_globe(points: Mapping[str, Point], origin: Point, metres_per_unit: float) -> dict[str, Point]:
    """Lay a plan (x to the east, y to the north) on the globe with its middle at `origin` (lon, lat)."""
    if not points:
        return {}
    xs, ys = [x for x, _ in points.values()], [y for _, y in points.values()]
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    north = metres_per_unit / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(origin[1])), 0.01)
    return {
        name: (origin[0] + (x - middle[0]) * east, origin[1] + (y - middle[1]) * north)
        for name, (x, y) in points.items()
    }


def spread(
    names: Sequence[str], links: Sequence[tuple[str, str]], known: Mapping[str, Point], origin: Point
) -> dict[str, Point]:
    """Give every node a place: its own, else that of the nearest node (by links) that has one.

    Where no node of a part has a place, the part is laid out as a schematic: each node's row is
    its distance from the part's first node, 100 m apart.
    """
    near: dict[str, list[str]] = {name: [] for name in names}
    for here, there in links:
        near[here].append(there)
        near[there].append(here)
    found = {name: known[name] for name in names if name in known}
    queue = deque(found)
    while queue:
        here = queue.popleft()
        for there in near[here]:
            if there not in found:
                found[there] = found[here]
                queue.append(there)
    return found | _schematic([name for name in names if name not in found], near, origin)


def _schematic(names: Sequence[str], near: Mapping[str, Sequence[str]], origin: Point) -> dict[str, Point]:
    step = 100 / METRES_PER_DEGREE
    found: dict[str, Point] = {}
    columns: dict[int, int] = {}
    for first in names:
        queue = deque([(first, 0)])
        while queue:
            here, row = queue.popleft()
            if here in found:
                continue
            column = columns[row] = columns.get(row, -1) + 1
            found[here] = (origin[0] + column * step, origin[1] - row * step)
            queue.extend((there, row + 1) for there in near[here] if there not in found)
    return found
