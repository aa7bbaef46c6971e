"""The map as pictures: streets once, areas without supply whenever they change. No script draws anything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from geo import Roads

from .areas import Area, Box

WIDTH = 1000
MOST_EDGES = 9000
# The larger the street, the sooner it is drawn; what is unknown comes last.
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential")
MARGIN = 0.03


@dataclass(frozen=True, slots=True)
class Frame:
    """Where degrees lie on the picture."""

    west: float
    north: float
    per_lon: float
    per_lat: float
    height: int

    @classmethod
    def of(cls, box: Box) -> Frame:
        """A frame around a rectangle of the map."""
        west, south, east, north = box
        side = max(east - west, north - south) * MARGIN
        west, south, east, north = west - side, south - side, east + side, north + side
        per_lon = WIDTH / (east - west)
        per_lat = per_lon / math.cos(math.radians((south + north) / 2))
        return cls(west, north, per_lon, per_lat, round((north - south) * per_lat))

    def point(self, lon: float, lat: float) -> tuple[int, int]:
        """Where a place is, in the picture's units."""
        return round((lon - self.west) * self.per_lon), round((self.north - lat) * self.per_lat)


@dataclass(frozen=True, slots=True)
class Mark:
    """An area without supply on the picture; it leads to its outage's line of the list."""

    outage: str
    left: int
    top: int
    width: int
    height: int
    name: str

    @classmethod
    def of(cls, outage: str, area: Area, frame: Frame) -> Mark:
        """The mark of an area."""
        west, south, east, north = area.box
        left, top = frame.point(west, north)
        right, bottom = frame.point(east, south)
        name = ", ".join(area.streets) or area.id
        return cls(outage, left, top, right - left, bottom - top, name)


def streets_svg(roads: Roads, frame: Frame) -> str:
    """The larger streets of the area as one line."""
    lines = [
        "M{} {}L{} {}".format(*frame.point(*start), *frame.point(*end)) for start, end in _streets(roads)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {frame.height}">'
        f'<path d="{"".join(dict.fromkeys(lines))}" fill="none" stroke="#9aa5b1" stroke-width="1.2"/></svg>\n'
    )


def marks(marked: Iterable[tuple[str, Area]], frame: Frame) -> list[Mark]:
    """Where areas without supply lie on the picture, the largest first.

    Parameters
    ----------
    marked : the id of an outage and one of its areas.
    """
    return [Mark.of(id_, area, frame) for id_, area in sorted(marked, key=lambda each: -_size(each[1].box))]


def _size(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _streets(roads: Roads) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    rank = {name: at for at, name in enumerate(CLASSES)}
    of_class = {
        name: rank.get(str(name).removesuffix("_link"), len(CLASSES)) for name in np.unique(roads.highway)
    }
    ranks = np.array([of_class[name] for name in roads.highway])
    chosen = np.argsort(ranks, kind="stable")[:MOST_EDGES]
    ends = zip(roads.tail[chosen].tolist(), roads.head[chosen].tolist(), strict=True)
    # Both directions of a street are one line.
    pairs = dict.fromkeys((min(pair), max(pair)) for pair in ends)
    place = [(float(lon), float(lat)) for lon, lat in zip(roads.lon, roads.lat, strict=True)]
    return [(place[start], place[end]) for start, end in pairs]
