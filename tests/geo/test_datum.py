"""Places cross between WGS 84 and the shifted maps of China, checked on published points."""

from __future__ import annotations

import numpy as np
import pytest

from geo.datum import bd09_to_gcj02, gcj02_to_bd09, gcj02_to_wgs84, in_china, wgs84_to_gcj02
from geo.projection import LocalPlane

# (lat, lon) in WGS 84 and in GCJ-02; the points of github.com/googollee/eviltransform.
GCJ02 = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]
# What Baidu's own conversion service answers for the place in its manual (lon, lat): WGS 84 and BD-09.
BAIDU_MANUAL = ((114.21892734521, 29.575429778924), (114.2307519546763, 29.57908428837437))
# (lon, lat) in GCJ-02 and in BD-09; the point of github.com/wandergis/coordtransform.
BAIDU_STEP = ((116.404, 39.915), (116.41036949371029, 39.92133699351021))


def _apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    (lat_a, lon_a), (lat_b, lon_b) = a, b
    plane = LocalPlane(lon0=lon_a, lat0=lat_a)
    return float(np.hypot(*plane.metres(lon_b, lat_b)[0]))


@pytest.mark.parametrize(("wgs", "gcj"), GCJ02)
def test_published_points_are_met_both_ways(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    there = wgs84_to_gcj02(wgs[1], wgs[0])
    assert _apart_m(gcj, (float(there.lat), float(there.lon))) < 0.01
    back = gcj02_to_wgs84(gcj[1], gcj[0])
    assert _apart_m(wgs, (float(back.lat), float(back.lon))) < 0.01


def test_baidus_own_answer_is_met_within_a_metre_both_ways() -> None:
    (lon, lat), (lon_bd, lat_bd) = BAIDU_MANUAL
    there = gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    assert _apart_m((lat_bd, lon_bd), (float(there.lat), float(there.lon))) < 1
    back = gcj02_to_wgs84(*bd09_to_gcj02(lon_bd, lat_bd))
    assert _apart_m((lat, lon), (float(back.lat), float(back.lon))) < 1


def test_the_step_between_gcj02_and_bd09_is_the_published_one() -> None:
    gcj, baidu = BAIDU_STEP
    assert gcj02_to_bd09(*gcj) == pytest.approx(baidu, abs=1e-12)
    assert bd09_to_gcj02(*baidu) == pytest.approx(gcj, abs=1e-9)


def test_there_and_back_moves_no_place_in_china_by_a_millimetre() -> None:
    made = np.random.default_rng(3)
    lon, lat = made.uniform(74, 134, 20_000), made.uniform(18, 53, 20_000)
    # Within a kilometre of the outline a place and its shifted twin can lie on either side of it.
    far = [in_china(lon + dx, lat + dy) for dx in (-0.02, 0, 0.02) for dy in (-0.02, 0, 0.02)]
    inside = np.logical_and.reduce(far)
    lon, lat = lon[inside], lat[inside]
    assert len(lon) > 5_000
    there = wgs84_to_gcj02(lon, lat)
    back = gcj02_to_wgs84(*there)
    assert np.max(np.abs(back.lon - lon)) < 1e-8
    assert np.max(np.abs(back.lat - lat)) < 1e-8
    again = bd09_to_gcj02(*gcj02_to_bd09(*there))
    assert np.max(np.abs(again.lon - there.lon)) < 1e-8
    shift_m = LocalPlane(lon0=105, lat0=35).apart_m(lon, lat, there.lon, there.lat)
    assert 100 < np.median(shift_m) < 1_000
    assert np.max(shift_m) < 1_500


@pytest.mark.parametrize(
    ("name", "lon", "lat", "shifted"),
    [
        ("Beijing", 116.39, 39.91, True),
        ("Harbin", 126.64, 45.76, True),
        ("Urumqi", 87.62, 43.83, True),
        ("Lhasa", 91.12, 29.65, True),
        ("Kashgar", 75.99, 39.47, True),
        ("Kunming", 102.83, 24.88, True),
        ("Sanya", 109.51, 18.25, True),
        ("Haikou", 110.32, 20.04, True),
        ("Xiamen", 118.09, 24.48, True),
        ("Dandong", 124.35, 40.13, True),
        ("Shenzhen", 114.06, 22.54, True),
        ("Hong Kong", 114.17, 22.30, False),
        ("Macau", 113.55, 22.19, False),
        ("Taipei", 121.56, 25.03, False),
        ("Hanoi", 105.85, 21.03, False),
        ("Kathmandu", 85.32, 27.71, False),
        ("Delhi", 77.21, 28.61, False),
        ("Ulaanbaatar", 106.92, 47.92, False),
        ("Almaty", 76.95, 43.24, False),
        ("Seoul", 126.98, 37.57, False),
        ("Pyongyang", 125.75, 39.03, False),
        ("Vladivostok", 131.89, 43.12, False),
        ("Tokyo", 139.69, 35.69, False),
        ("Coquimbo", -71.34, -29.95, False),
    ],
)
def test_only_mainland_china_is_shifted(name: str, lon: float, lat: float, shifted: bool) -> None:
    assert bool(in_china(lon, lat)) is shifted, name
    assert (wgs84_to_gcj02(lon, lat) != (lon, lat)) is shifted
    assert (gcj02_to_wgs84(lon, lat) != (lon, lat)) is shifted


def test_no_place_and_a_place_that_is_not_a_number_pass_through() -> None:
    assert len(wgs84_to_gcj02([], []).lon) == 0
    there = gcj02_to_wgs84([np.nan, 116.4], [39.9, 39.9])
    assert np.isnan(there.lon[0])
    assert 116.39 < there.lon[1] < 116.4
