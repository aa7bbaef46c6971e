"""Which coordinates a table holds: degrees, the metres of some projection, or a shifted map of China.

A table rarely says so, but its things are known to lie near others: customers near their
transformers, everything near a road. The reading that brings them there is the one; where
none does, that is said, with where they seem to lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .datum import Places, bd09_to_gcj02, gcj02_to_wgs84, in_china, wgs84_to_gcj02
from .projection import LocalPlane

Floats = NDArray[np.float64]
Reading = Callable[[Floats, Floats], Places]

SAMPLE = 2000
NEAR_M = 5_000.0
"""A reading that brings half of the things so near to where they belong is the one."""
LEAST_SHIFT_M = 150.0
LEAST_THINGS = 20
ONE_WAY = 3.0
"""A shift is one of the map when things lie so many times as far off as they are apart in it."""
MUCH_NEARER = 0.35
WORLD_ZONES = range(1, 61)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A reading of coordinates.

    Parameters
    ----------
    name : as people say it, such as ``CGCS2000 / 3-degree Gauss-Kruger CM 120E (EPSG:4549)``.
    read : turns them into degrees, WGS 84.
    off_m : half of the things lie nearer than this to where they belong.
    """

    name: str
    read: Reading
    off_m: float


def are_degrees(x: Floats, y: Floats) -> bool:
    """Whether most pairs can be longitude and latitude."""
    return bool(np.median((np.abs(x) <= 180) & (np.abs(y) <= 90)) > 0.5)


def as_stated(name: str) -> Reading:
    """How to read coordinates whose system is stated: WGS84, GCJ-02, BD-09 or an EPSG code.

    Raises
    ------
    ValueError
        Nobody knows the name.
    """
    short = name.upper().replace(" ", "").replace("-", "").replace("_", "")
    if short in ("WGS84", "EPSG:4326", "CGCS2000", "EPSG:4490"):
        return Places
    if short in ("GCJ02", "GCJ"):
        return gcj02_to_wgs84
    if short in ("BD09", "BD09LL"):
        return _from_baidu
    from pyproj.exceptions import CRSError  # noqa: PLC0415 - half a second that most cases never need

    try:
        return _projected(name)
    except CRSError:
        text = f"'{name}' is no coordinate system; expected WGS84, GCJ-02, BD-09 or a code such as EPSG:4549"
        raise ValueError(text) from None


def recognised(x: Floats, y: Floats, lon: Floats, lat: Floats) -> Frame | None:
    """The projection in which things lie where they belong, or their axes swapped.

    Parameters
    ----------
    x, y : (n,) numbers that are no degrees as they stand, or that lie far off as degrees.
    lon, lat : (n,) where each belongs, degrees; or one place for all.
    """
    pick = _sample(len(x))
    here, there = (x[pick], y[pick]), _belongs(lon, lat, pick)
    best: Frame | None = None
    for name, read in _readings(*here, there):
        off_m = _median_off_m(read(*here), there)
        if off_m < min(NEAR_M if len(lon) > 1 else 20 * NEAR_M, best.off_m if best else np.inf):
            best = Frame(name=name, read=read, off_m=off_m)
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far and where to things lie off, all in one direction.

    Parameters
    ----------
    east_m, north_m : the middle of them.
    frame : the map on which they lie so; None where none is known.
    """

    east_m: float
    north_m: float
    frame: Frame | None

    @property
    def metres(self) -> float:
        """How far."""
        return float(np.hypot(self.east_m, self.north_m))

    @property
    def direction(self) -> str:
        """Where to, as a compass says it."""
        names = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
        return names[round(float(np.degrees(np.arctan2(self.east_m, self.north_m))) / 45) % 8]


def one_way(x: Floats, y: Floats, lon: Floats, lat: Floats) -> Shift | None:
    """Tell whether things lie off in one direction, as those of a shifted map do.

    Parameters
    ----------
    x, y : (n,) longitudes and latitudes as they stand.
    lon, lat : (n,) where each belongs, near but not there.
    """
    if len(x) < LEAST_THINGS:
        return None
    pick = _sample(len(x))
    plane = LocalPlane.around(lon[pick], lat[pick])
    there = plane.metres(lon[pick], lat[pick])
    off = plane.metres(x[pick], y[pick]) - there
    middle = np.median(off, axis=0)
    far = float(np.hypot(*middle))
    apart = float(np.median(np.hypot(*(off - middle).T)))
    if not LEAST_SHIFT_M <= far <= NEAR_M or far < ONE_WAY * apart:
        return None
    best: Frame | None = None
    for name, read in _shifted(x[pick], y[pick]):
        left = float(np.hypot(*np.median(plane.metres(*read(x[pick], y[pick])) - there, axis=0)))
        if left < min(MUCH_NEARER * far, best.off_m if best else np.inf):
            best = Frame(name=name, read=read, off_m=left)
    return Shift(east_m=float(middle[0]), north_m=float(middle[1]), frame=best)


def _shifted(x: Floats, y: Floats) -> Iterator[tuple[str, Reading]]:
    if np.median(in_china(x, y)) < 1:
        return
    yield "GCJ-02", gcj02_to_wgs84
    yield "BD-09", _from_baidu
    yield "WGS 84, and where they belong is GCJ-02", wgs84_to_gcj02


def _from_baidu(x: Floats, y: Floats) -> Places:
    return gcj02_to_wgs84(*bd09_to_gcj02(x, y))


def _sample(count: int) -> NDArray[np.intp]:
    """Positions of some things, spread evenly over all."""
    return np.unique(np.linspace(0, count - 1, min(count, SAMPLE)).astype(np.intp))


def _belongs(lon: Floats, lat: Floats, pick: NDArray[np.intp]) -> Places:
    return Places(lon[pick], lat[pick]) if len(lon) > 1 else Places(lon, lat)


def _median_off_m(found: Places, there: Places) -> float:
    plane = LocalPlane.around(there.lon, there.lat)
    with np.errstate(invalid="ignore"):
        step = plane.metres(found.lon, found.lat) - plane.metres(there.lon, there.lat)
        off_m = np.hypot(step[:, 0], step[:, 1])
    off_m = np.where(np.isfinite(off_m), off_m, np.inf)
    return float(np.median(off_m))


def _readings(x: Floats, y: Floats, there: Places) -> Iterator[tuple[str, Reading]]:
    """Readings that are worth trying, each with its axes in both orders."""
    if are_degrees(y, x):
        yield "longitude and latitude swapped", lambda one, other: Places(other, one)
    if are_degrees(x, y):
        return
    yield from _both_ways("Web Mercator (EPSG:3857)", "EPSG:3857")
    middle = float(np.median(there.lon))
    zone = int((middle + 180) // 6) + 1
    south = float(np.median(there.lat)) < 0
    for each in (zone - 1, zone, zone + 1):
        if each in WORLD_ZONES:
            code = (32700 if south else 32600) + each
            yield from _both_ways(f"UTM zone {each}{'S' if south else 'N'} (EPSG:{code})", f"EPSG:{code}")
            if south:
                # Brazil and Chile often leave out the ten million metres of the south.
                code = 32600 + each
                yield from _both_ways(f"UTM zone {each} from the equator (EPSG:{code})", f"EPSG:{code}")
    if 70 <= middle <= 140:
        yield from _gauss_krueger(middle)


def _gauss_krueger(middle: float) -> Iterator[tuple[str, Reading]]:
    """Zones of CGCS2000 around a longitude, their number before the easting or not."""
    for meridian in range(75, 136, 3):
        if abs(meridian - middle) <= 6:
            for code, how in ((4534, ""), (4513, ", zone before the easting")):
                epsg = code + (meridian - 75) // 3
                name = f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E{how} (EPSG:{epsg})"
                yield from _both_ways(name, f"EPSG:{epsg}")
    for meridian in range(75, 136, 6):
        if abs(meridian - middle) <= 9:
            epsg = 4491 + (meridian - 75) // 6
            name = f"CGCS2000 / 6-degree Gauss-Kruger CM {meridian}E, zone before the easting (EPSG:{epsg})"
            yield from _both_ways(name, f"EPSG:{epsg}")


def _both_ways(name: str, code: str) -> Iterator[tuple[str, Reading]]:
    read = _projected(code)
    yield name, read
    yield f"{name}, northing first", lambda one, other: read(other, one)


def _projected(code: str) -> Reading:
    from pyproj import Transformer  # noqa: PLC0415 - half a second that most cases never need

    turn = Transformer.from_crs(code, "EPSG:4326", always_xy=True)

    def read(x: Floats, y: Floats) -> Places:
        lon, lat = turn.transform(np.asarray(x), np.asarray(y))
        return Places(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))

    return read
