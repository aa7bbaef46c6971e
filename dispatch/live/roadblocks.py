"""A closed road, out of a place on it."""

from __future__ import annotations

import numpy as np

from ..ground.case import Case
from .handmade import Edit
from .refusals import Refused


def closed_road(case: Case, lon: float, lat: float) -> Edit:
    """The stretch of road nearest to a place, closed in both directions.

    Raises
    ------
    Refused
        There is no road.
    """
    roads, edge = case.roads, case.roads.nearest_edge(lon, lat)
    if edge is None:
        raise Refused("unknown_road")
    u, v = sorted((str(roads.ids[roads.tail[edge]]), str(roads.ids[roads.head[edge]])))
    line = [[round(x, 5), round(y, 5)] for x, y in roads.line_of(np.array([edge]), int(roads.tail[edge]))]
    name = roads.nearest_name(lon, lat)
    return Edit(subject=f"{u} - {v}", what="closed", data={"u": u, "v": v, "line": line, "name": name})
