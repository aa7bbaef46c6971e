"""The shifted coordinates of maps in mainland China, from and to WGS 84.

Maps there are drawn in GCJ-02 (Amap, Tencent; Google and Apple inside mainland China) or in BD-09 (Baidu),
mostly 300 to 700 m away from WGS 84. Neither has a published standard. The formula for GCJ-02 is the one in
general use since 2013; its author found it by comparing map services. The inverses are solved by iteration:
there and back moves a place by less than a millimetre. How well the formulas agree with the map services
themselves is known by such comparisons alone: Baidu's answer for the place in its manual differs by 0.7 m.

References
----------
- coolypf (2013), "Earth coordinates to Mars coordinates", on4wp7.codeplex.com (closed; kept with its points
  in github.com/googollee/eviltransform).
- Baidu's shift on top of GCJ-02: the constants of github.com/wandergis/coordtransform.
- The ellipsoid of Krasovsky 1940, on which GCJ-02 computes: a = 6378245 m, e2 = 0.00669342162296594323.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

KRASOVSKY_A_M = 6_378_245.0
KRASOVSKY_E2 = 0.00669342162296594323
BAIDU_TURN = np.pi * 3000.0 / 180.0
BAIDU_OFF_DEG = (0.0065, 0.006)
STILL_DEG = 1e-10
"""An inverse is found when a further step moves it by less than this (0.01 mm)."""

MOST_STEPS = 30


class Places(NamedTuple):
    """Longitudes and latitudes, (n,) degrees each; plain numbers come back as arrays without dimensions."""

    lon: Floats
    lat: Floats


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Places:
    """Return places of WGS 84 as maps in mainland China draw them; elsewhere they stay as they are.

    Parameters
    ----------
    lon, lat
        Degrees, (n,) or plain numbers.

    Returns
    -------
    Places
        Degrees, of the same shape.
    """
    here = _places(lon, lat)
    return _where_shifted(here, _gcj02(here))


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Places:
    """Return places of GCJ-02 in WGS 84; outside mainland China they stay as they are.

    Parameters
    ----------
    lon, lat
        Degrees, (n,) or plain numbers.

    Returns
    -------
    Places
        Degrees, of the same shape.
    """
    here = _places(lon, lat)
    return _where_shifted(here, _inverse(_gcj02, here))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Places:
    """Return places of GCJ-02 as Baidu's maps draw them. Baidu shifts everywhere, outside China too.

    Parameters
    ----------
    lon, lat
        Degrees, (n,) or plain numbers.

    Returns
    -------
    Places
        Degrees, of the same shape.
    """
    return _bd09(_places(lon, lat))


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Places:
    """Return places of Baidu's maps in GCJ-02.

    Parameters
    ----------
    lon, lat
        Degrees, (n,) or plain numbers.

    Returns
    -------
    Places
        Degrees, of the same shape.
    """
    return _inverse(_bd09, _places(lon, lat))


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether maps shift these places: mainland China, by an outline good to about 30 km.

    It says where map services shift, and nothing about any border. Hong Kong, Macau and Taiwan are not
    shifted. Whoever works close to the line says which datum a file is in.

    Parameters
    ----------
    lon, lat : degrees WGS 84, of one shape.

    Returns
    -------
    NDArray
        bool, of the same shape.
    """
    x, y = _places(lon, lat)
    crossings = np.zeros(np.broadcast(x, y).shape, dtype=np.int64)
    corners = np.array(SHIFTED_AREA, dtype=np.float64)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        spans = (y1 > y) != (y2 > y)
        crossings += spans & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return np.asarray(crossings % 2 == 1)


def _places(lon: ArrayLike, lat: ArrayLike) -> Places:
    return Places(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))


def _where_shifted(here: Places, there: Places) -> Places:
    """The other places where maps are shifted, elsewhere these."""
    inside = in_china(*here)
    return Places(np.where(inside, there.lon, here.lon), np.where(inside, there.lat, here.lat))


def _gcj02(wgs: Places) -> Places:
    """The shift by itself, wherever the place is."""
    x, y = wgs.lon - 105.0, wgs.lat - 35.0
    east_m, north_m = _waves(x, y)
    radians = np.radians(wgs.lat)
    flat = 1 - KRASOVSKY_E2 * np.sin(radians) ** 2
    north = np.degrees(north_m * flat * np.sqrt(flat) / (KRASOVSKY_A_M * (1 - KRASOVSKY_E2)))
    east = np.degrees(east_m * np.sqrt(flat) / (KRASOVSKY_A_M * np.cos(radians)))
    return Places(wgs.lon + east, wgs.lat + north)


def _waves(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres east and north that GCJ-02 moves a place, by degrees from 105° E, 35° N."""
    root = np.sqrt(np.abs(x))
    common = _wave(20.0, 6.0, x) + _wave(20.0, 2.0, x)
    east = (
        common
        + _wave(20.0, 1.0, x)
        + _wave(40.0, 1 / 3, x)
        + _wave(150.0, 1 / 12, x)
        + _wave(300.0, 1 / 30, x)
    )
    north = (
        common
        + _wave(20.0, 1.0, y)
        + _wave(40.0, 1 / 3, y)
        + _wave(160.0, 1 / 12, y)
        + _wave(320.0, 1 / 30, y)
    )
    return (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + east * 2 / 3,
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + north * 2 / 3,
    )


def _wave(height_m: float, frequency: float, of: Floats) -> Floats:
    return np.asarray(height_m * np.sin(frequency * of * np.pi))


def _bd09(gcj: Places) -> Places:
    far = np.hypot(gcj.lon, gcj.lat) + 0.00002 * np.sin(gcj.lat * BAIDU_TURN)
    angle = np.arctan2(gcj.lat, gcj.lon) + 0.000003 * np.cos(gcj.lon * BAIDU_TURN)
    return Places(far * np.cos(angle) + BAIDU_OFF_DEG[0], far * np.sin(angle) + BAIDU_OFF_DEG[1])


def _inverse(shift: Callable[[Places], Places], shifted: Places) -> Places:
    """The places that a shift brings to these: take off what it adds, until nothing moves any more."""
    found = shifted
    for _ in range(MOST_STEPS):
        lands = shift(found)
        off = Places(lands.lon - shifted.lon, lands.lat - shifted.lat)
        found = Places(found.lon - off.lon, found.lat - off.lat)
        if max(np.max(np.abs(off.lon), initial=0.0), np.max(np.abs(off.lat), initial=0.0)) < STILL_DEG:
            break
    return found


# fmt: off
SHIFTED_AREA: tuple[tuple[float, float], ...] = (
    (73.5, 39.4), (74.9, 40.4), (76.4, 40.4), (78.2, 41.1), (80.2, 42.1), (80.3, 43.2),
    (80.4, 45.0), (82.5, 45.1), (82.3, 45.6), (83.0, 47.2), (85.5, 47.1), (85.7, 48.3),
    (87.3, 49.1), (88.0, 48.6), (90.0, 47.8), (91.0, 46.6), (90.9, 45.2), (93.5, 44.9),
    (95.4, 44.3), (96.4, 42.7), (101.8, 42.5), (105.0, 41.6), (107.5, 42.4), (109.5, 42.4),
    (111.9, 43.75), (111.4, 44.4), (112.0, 45.1), (113.6, 44.75), (114.5, 45.4), (116.2, 46.3),
    (117.4, 46.6), (119.7, 46.7), (119.9, 46.9), (118.5, 47.9), (117.4, 47.7), (115.9, 47.7),
    (115.6, 47.95), (116.1, 48.9), (116.7, 49.85), (119.2, 50.1), (119.3, 50.6), (121.4, 53.3),
    (123.6, 53.55), (125.6, 53.0), (127.0, 51.3), (127.5, 50.27), (128.8, 49.6), (130.5, 48.9),
    (130.9, 47.8), (132.5, 47.75), (134.7, 48.4), (134.4, 47.4), (133.9, 46.3), (133.1, 45.1),
    (131.9, 45.3), (131.0, 44.8), (131.3, 43.5), (130.6, 42.5), (129.9, 43.0), (129.4, 42.4),
    (128.0, 42.0), (128.1, 41.4), (126.9, 41.8), (126.0, 40.9), (124.4, 40.05), (124.2, 39.6),
    (122.0, 38.5), (123.2, 37.3), (122.5, 36.0), (121.5, 34.5), (123.0, 31.5), (123.0, 29.5),
    (121.5, 27.0), (120.2, 25.3), (118.8, 24.2), (117.0, 23.0), (114.6, 22.45), (114.2, 22.55),
    (114.05, 22.5), (113.93, 22.45), (113.8, 22.2), (113.6, 22.22), (113.53, 22.21), (113.5, 22.0),
    (113.0, 21.4), (111.0, 21.1), (111.3, 19.8), (110.8, 18.3), (109.5, 17.9), (108.4, 18.6),
    (108.5, 19.6), (109.2, 20.4), (108.9, 21.2), (108.0, 21.45), (107.0, 21.85), (106.65, 22.1),
    (106.7, 22.85), (105.4, 23.3), (103.96, 22.5), (103.0, 22.5), (102.2, 22.4), (101.7, 22.4),
    (101.8, 21.2), (101.1, 21.6), (100.1, 21.5), (99.2, 22.1), (99.5, 23.0), (98.8, 23.3),
    (98.9, 24.1), (97.5, 23.95), (97.6, 24.8), (98.7, 25.9), (98.7, 27.5), (97.4, 28.2),
    (96.3, 29.0), (94.6, 29.2), (92.1, 27.9), (90.3, 28.2), (89.0, 27.4), (88.8, 28.0),
    (86.0, 27.97), (85.2, 28.4), (84.2, 28.9), (82.2, 30.2), (81.1, 30.1), (78.9, 31.3),
    (78.7, 32.6), (79.5, 33.0), (78.9, 34.3), (78.0, 35.5), (76.0, 36.2), (74.8, 37.1),
    (74.9, 38.4), (73.8, 38.6),
)
"""Corners (longitude, latitude) of the area where maps are shifted, drawn by hand, out into the sea."""
# fmt: on
