"""A place for the phone's own navigation, in the datum that each map service draws in."""

from __future__ import annotations

from functools import lru_cache

from geo.datum import gcj02_to_bd09, in_china, wgs84_to_gcj02

DECIMALS = 6  # 0.1 m
PLACES_KEPT = 20_000  # phones ask for the same stops again and again


def shifted_place(lon: float, lat: float) -> dict[str, list[float]] | None:
    """Return a place of WGS 84 in GCJ-02 and BD-09; None where maps are not shifted.

    Parameters
    ----------
    lon, lat
        Degrees in WGS 84.

    Returns
    -------
    dict or None
        Longitude and latitude under `gcj02` and `bd09`.
    """
    found = _shifted(lon, lat)
    return None if found is None else {datum: list(there) for datum, there in found.items()}


@lru_cache(maxsize=PLACES_KEPT)
def _shifted(lon: float, lat: float) -> dict[str, tuple[float, float]] | None:
    if not in_china(lon, lat):
        return None
    gcj02 = wgs84_to_gcj02(lon, lat)
    found = {"gcj02": gcj02, "bd09": gcj02_to_bd09(*gcj02)}
    return {
        datum: (round(float(there.lon), DECIMALS), round(float(there.lat), DECIMALS))
        for datum, there in found.items()
    }
