"""A small map of one drive: the streets around it, the way, north and a scale, all as lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import Roads

METRES_PER_DEGREE = 111_195.0
"""Length of a degree of latitude on a sphere of 6,371 km."""
LEAST_SPAN_M = 350.0
MOST_STREETS = 1500
"""Street segments in one sketch; beyond that small streets are left out, it would only be grey."""
MARGIN = 0.14
MAIN_CLASSES = (
    ("motorway", "trunk", "primary"),
    ("motorway", "trunk", "primary", "secondary"),
    ("motorway", "trunk", "primary", "secondary", "tertiary"),
)

Points = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """Lines in a frame of 1 by `height`; x to the east, y downwards.

    Parameters
    ----------
    streets : (k, 4) from x, y to x, y, inside the frame.
    way : (m, 2) the drive; empty where there is none.
    marks : x, y and text of each place that is marked, the last one is the target.
    scale_m, scale : length of the scale bar in metres and as part of the width.
    """

    height: float
    streets: Points
    way: Points
    marks: tuple[tuple[float, float, str], ...]
    scale_m: int
    scale: float


@dataclass(frozen=True, kw_only=True)
class StreetLines:
    """All streets of a town once, in both directions one line: for many sketches."""

    lon_from: Points
    lat_from: Points
    lon_to: Points
    lat_to: Points
    rank: NDArray[np.int64]

    @classmethod
    def of(cls, roads: Roads) -> StreetLines:
        """Take the streets out of a road network."""
        low, high = np.minimum(roads.tail, roads.head), np.maximum(roads.tail, roads.head)
        _, once = np.unique(low * (len(roads.ids) + 1) + high, return_index=True)
        tail, head = roads.tail[once], roads.head[once]
        classes = np.char.replace(roads.highway[once].astype(str), "_link", "")
        rank = np.full(len(once), len(MAIN_CLASSES), dtype=np.int64)
        for level in reversed(range(len(MAIN_CLASSES))):
            rank[np.isin(classes, MAIN_CLASSES[level])] = level
        lon, lat = roads.lon, roads.lat
        return cls(lon_from=lon[tail], lat_from=lat[tail], lon_to=lon[head], lat_to=lat[head], rank=rank)


def draw(
    streets: StreetLines,
    way: Sequence[tuple[float, float]],
    marks: Sequence[tuple[float, float, str]],
    *,
    height: float = 0.66,
) -> Sketch:
    """Draw the streets around a way and its marks.

    Parameters
    ----------
    way : (lon, lat) points of the drive.
    marks : lon, lat and text of each place to mark; at least one.
    height : of the frame, as part of its width.
    """
    places = np.array([*way, *((lon, lat) for lon, lat, _ in marks)], dtype=np.float64)
    frame = _Frame.around(places, height)
    scale_m = _round_length(frame.width_m * 0.3)
    return Sketch(
        height=height,
        streets=_streets_inside(streets, frame),
        way=frame.place(np.array(way, dtype=np.float64).reshape(-1, 2)),
        marks=tuple((*frame.place(np.array([[lon, lat]]))[0].tolist(), text) for lon, lat, text in marks),
        scale_m=scale_m,
        scale=scale_m / frame.width_m,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    west: float
    north: float
    width_m: float
    height: float
    metres_per_lon: float

    @classmethod
    def around(cls, places: Points, height: float) -> _Frame:
        low, high = places.min(axis=0), places.max(axis=0)
        middle = (low + high) / 2
        metres_per_lon = METRES_PER_DEGREE * max(0.05, math.cos(math.radians(middle[1])))
        span_x = float(high[0] - low[0]) * metres_per_lon
        span_y = float(high[1] - low[1]) * METRES_PER_DEGREE
        width_m = max(span_x, span_y / height, LEAST_SPAN_M) * (1 + 2 * MARGIN)
        return cls(
            west=float(middle[0]) - width_m / 2 / metres_per_lon,
            north=float(middle[1]) + width_m * height / 2 / METRES_PER_DEGREE,
            width_m=width_m,
            height=height,
            metres_per_lon=metres_per_lon,
        )

    def place(self, lonlat: Points) -> Points:
        x = (lonlat[:, 0] - self.west) * (self.metres_per_lon / self.width_m)
        y = (self.north - lonlat[:, 1]) * (METRES_PER_DEGREE / self.width_m)
        return np.column_stack([x, y])


def _streets_inside(streets: StreetLines, frame: _Frame) -> Points:
    east = frame.west + frame.width_m / frame.metres_per_lon
    south = frame.north - frame.width_m * frame.height / METRES_PER_DEGREE
    near = (
        (np.maximum(streets.lon_from, streets.lon_to) > frame.west)
        & (np.minimum(streets.lon_from, streets.lon_to) < east)
        & (np.maximum(streets.lat_from, streets.lat_to) > south)
        & (np.minimum(streets.lat_from, streets.lat_to) < frame.north)
    )
    found = np.flatnonzero(near)
    rank = streets.rank[found]
    for level in (3, 2, 1, 0):
        if len(found) <= MOST_STREETS:
            break
        found = found[rank < level] if level else found[:MOST_STREETS]
        rank = streets.rank[found]
    start = frame.place(np.column_stack([streets.lon_from[found], streets.lat_from[found]]))
    end = frame.place(np.column_stack([streets.lon_to[found], streets.lat_to[found]]))
    return _clipped(np.hstack([start, end]), frame.height)


def _clipped(lines: Points, height: float) -> Points:
    """Cut lines at the frame (Liang and Barsky, ACM Transactions on Graphics 3(1), 1984)."""
    x, y = lines[:, 0], lines[:, 1]
    dx, dy = lines[:, 2] - x, lines[:, 3] - y
    first, last = np.zeros(len(lines)), np.ones(len(lines))
    outside = np.zeros(len(lines), dtype=bool)
    for step, room in ((-dx, x), (dx, 1 - x), (-dy, y), (dy, height - y)):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            cut = room / step
        outside |= (step == 0) & (room < 0)
        first = np.where(step < 0, np.maximum(first, cut), first)
        last = np.where(step > 0, np.minimum(last, cut), last)
    kept = ~outside & (first < last)
    cuts = [x + first * dx, y + first * dy, x + last * dx, y + last * dy]
    return np.column_stack(cuts)[kept]


def _round_length(length_m: float) -> int:
    """Return the longest of 1, 2, 5, 10 ... metres that is not above a length."""
    power = 10 ** math.floor(math.log10(max(length_m, 1)))
    return int(max(step * power for step in (1, 2, 5) if step * power <= max(length_m, 1)))
