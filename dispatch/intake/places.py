"""Coordinates of a table in degrees of WGS 84, whatever it holds them in.

What the settings state counts. Else the things of the case tell: a customer lies near its
transformer, everything near a road.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import Grid, Roads
from geo.frames import Reading, Shift, are_degrees, as_stated, one_way, recognised

from .gathering import Gathering
from .reading import Raw

Floats = NDArray[np.float64]
LEAST = 3
"""So few places show nothing."""
LEAST_BELONGING = 5
"""A shift shows only where things belong to so many places."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is known of where things lie.

    Parameters
    ----------
    stated : the coordinate system of the case's tables; empty: to be found out.
    """

    roads: Roads | None
    grid: Grid | None
    stated: str = ""

    @cached_property
    def middle(self) -> tuple[Floats, Floats] | None:
        """One place in the middle of the case."""
        of = self.roads if self.roads is not None else self.grid.buses if self.grid is not None else None
        if of is None or len(of.lon) == 0:
            return None
        return np.array([np.median(of.lon)]), np.array([np.median(of.lat)])

    @cached_property
    def transformers(self) -> dict[str, tuple[float, float]]:
        """Places of the transformers."""
        if self.grid is None:
            return {}
        of = self.grid.transformers
        places = zip(of.lon.tolist(), of.lat.tolist(), strict=True)
        return dict(zip(map(str, of.ids), places, strict=True))


def in_degrees(raw: Raw, ground: Ground, faults: Gathering) -> Raw | None:
    """A table with its coordinates as longitude and latitude, WGS 84.

    Returns
    -------
    Raw or None
        As it is where nothing speaks against it; None, and one fault, where nobody can tell what it holds.
    """
    if "lon" not in raw.columns or "lat" not in raw.columns:
        return raw
    x, y = (_numbers(raw.columns[name]) for name in ("lon", "lat"))
    given = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if ground.stated and len(given):
        return _converted(raw, x, y, as_stated(ground.stated), f"coordinates read as {ground.stated}", faults)
    if len(given) < LEAST:
        return raw
    lon, lat, paired = _belongs(raw, given, ground)
    if not are_degrees(x[given], y[given]):
        return _projected(raw, x, y, given, (lon, lat), faults)
    return _shifted(raw, x, y, given, (lon, lat), faults) if paired else raw


def _numbers(cells: NDArray[np.object_]) -> Floats:
    values = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
    return np.array(values, dtype=np.float64)


def _belongs(raw: Raw, given: NDArray[np.intp], ground: Ground) -> tuple[Floats, Floats, bool]:
    """Where each thing belongs, and whether each has a place of its own; NaN where nobody knows."""
    feeds = raw.columns.get("transformer")
    known = ground.transformers
    nowhere = (np.nan, np.nan)
    if feeds is not None and known:
        places = np.array([known.get(feeds[at], nowhere) for at in given.tolist()], dtype=np.float64)
        if np.isfinite(places[:, 0]).mean() > 0.5:
            return places[:, 0], places[:, 1], True
    lon, lat = ground.middle or (np.array([np.nan]), np.array([np.nan]))
    return lon, lat, False


def _projected(
    raw: Raw, x: Floats, y: Floats, given: NDArray[np.intp], there: tuple[Floats, Floats], faults: Gathering
) -> Raw | None:
    example = f"row {raw.rows[given[0]]}: {x[given[0]]:,.2f} and {y[given[0]]:,.2f}"
    known = np.isfinite(there[0])
    frame = None
    if known.any():
        at = given[known] if len(known) == len(given) else given
        frame = recognised(x[at], y[at], there[0][known], there[1][known])
    if frame is None:
        text = (
            f"are no degrees ({example}) but metres of a projection, and none that is known brings them near "
            f"the grid and the roads; state it in settings.yaml, such as coordinates: EPSG:4549"
        )
    elif faults.strict:
        text = f"are no degrees ({example}); they look like {frame.name}"
    else:
        what = f"coordinates read as {frame.name}, in which they lie where they belong"
        return _converted(raw, x, y, frame.read, what, faults)
    faults.add(raw.file, "columns 'lon' and 'lat'", text)
    return None


def _shifted(
    raw: Raw, x: Floats, y: Floats, given: NDArray[np.intp], there: tuple[Floats, Floats], faults: Gathering
) -> Raw:
    known = np.isfinite(there[0])
    at = given[known]
    if len(np.unique(there[0][known] + 1j * there[1][known])) < LEAST_BELONGING:
        return raw
    shift = one_way(x[at], y[at], there[0][known], there[1][known])
    if shift is None:
        return raw
    away = _away(shift, len(at))
    if shift.frame is None or shift.frame.name.startswith("WGS") or faults.strict:
        doubt = f"; they look like {shift.frame.name}" if shift.frame is not None else ""
        faults.repaired(raw.file, f"{away}; nothing was moved{doubt}", [], len(at))
        return raw
    what = f"{away}, as the map shift of {shift.frame.name} does it: coordinates read as {shift.frame.name}"
    return _converted(raw, x, y, shift.frame.read, what, faults)


def _away(shift: Shift, count: int) -> str:
    return (
        f"all {count:,} places lie about {shift.metres:,.0f} m {shift.direction} of where they belong, "
        f"in one direction"
    )


def _converted(raw: Raw, x: Floats, y: Floats, read: Reading, what: str, faults: Gathering) -> Raw:
    """A table with other coordinates; cells that are no numbers stay as they are, to be found wrong."""
    given = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    lon, lat = read(x[given], y[given])
    columns = dict(raw.columns)
    for name, values in (("lon", lon), ("lat", lat)):
        cells = raw.columns[name].copy()
        cells[given] = [f"{value:.7f}" for value in np.asarray(values).tolist()]
        columns[name] = cells
    first = given[0]
    was = f"{raw.columns['lon'][first]}, {raw.columns['lat'][first]}"
    shown = f"row {raw.rows[first]}: {was} is {columns['lon'][first]}, {columns['lat'][first]}"
    faults.repaired(raw.file, what, [shown], len(given))
    return replace(raw, columns=columns)
