"""Coordinates of a table in degrees of WGS 84, whatever it holds them in.

What the settings state counts. Else the things of the case tell: a customer lies near its
transformer, everything near a road.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import Grid, Roads
from geo.frames import Frame, Reading, Shift, are_degrees, as_stated, one_way, recognised

from .gathering import Gathering
from .reading import Raw
from .spelling.ids import joined_as

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
    found : the system in which a table of the case was found to lie where it belongs, for tables that are
        too short to show it.
    shifted : the shifted map that a table of the case was found to be on.
    """

    roads: Roads | None
    grid: Grid | None
    stated: str = ""
    found: list[Frame] = field(default_factory=list)
    shifted: list[str] = field(default_factory=list)

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
        by_id = dict(zip(map(str, of.ids), zip(of.lon.tolist(), of.lat.tolist(), strict=True), strict=True))
        named = {joined_as(name): by_id[each] for name, each in names_of_transformers(self.grid).items()}
        return named | {joined_as(each): place for each, place in by_id.items()} | by_id


def names_of_transformers(grid: Grid) -> dict[str, str]:
    """Ids of transformers by the names that only one of them has."""
    of = grid.transformers
    found: dict[str, set[str]] = {}
    for each, name in zip(map(str, of.ids), map(str, of.name), strict=True):
        if name and name != each:
            found.setdefault(name, set()).add(each)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


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
        if len(given) and are_degrees(x[given], y[given]):
            _say_shift_of_others(raw, given, ground, faults)
        return _like_the_others(raw, x, y, given, ground, faults) if len(given) else raw
    lon, lat, paired = _belongs(raw, given, ground)
    if not are_degrees(x[given], y[given]):
        return _projected(raw, x, y, given, (lon, lat), ground, faults)
    if not paired:
        _say_shift_of_others(raw, given, ground, faults)
        return raw
    return _shifted(raw, x, y, given, (lon, lat), ground, faults)


def _say_shift_of_others(raw: Raw, given: NDArray[np.intp], ground: Ground, faults: Gathering) -> None:
    """Say that places which nothing can be compared with may lie off like those of another table."""
    if ground.shifted:
        what = (
            f"places taken as they stand, though those of another table were {ground.shifted[0]}; "
            f"if these are too, state coordinates in a mapping"
        )
        faults.repaired(raw.file, what, [], len(given))


def _numbers(cells: NDArray[np.object_]) -> Floats:
    values = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
    return np.array(values, dtype=np.float64)


def _belongs(raw: Raw, given: NDArray[np.intp], ground: Ground) -> tuple[Floats, Floats, bool]:
    """Where each thing belongs, and whether each has a place of its own; NaN where nobody knows."""
    feeds = raw.columns.get("transformer")
    known = ground.transformers
    nowhere = (np.nan, np.nan)
    if feeds is not None and known:
        written = pd.unique(feeds[given])
        means = {cell: known.get(cell, known.get(joined_as(str(cell)), nowhere)) for cell in written}
        places = np.array([means[feeds[at]] for at in given.tolist()], dtype=np.float64)
        if np.isfinite(places[:, 0]).mean() > 0.5:
            return places[:, 0], places[:, 1], True
    lon, lat = ground.middle or (np.array([np.nan]), np.array([np.nan]))
    return lon, lat, False


def _like_the_others(
    raw: Raw, x: Floats, y: Floats, given: NDArray[np.intp], ground: Ground, faults: Gathering
) -> Raw | None:
    """Read a few places in the system of the case's other tables where they are no degrees."""
    if are_degrees(x[given], y[given]) or faults.strict or ground.middle is None:
        return raw
    if ground.found:
        frame = ground.found[0]
        return _converted(
            raw, x, y, frame.read, f"coordinates read as {frame.name}, as the other tables are", faults
        )
    if are_degrees(y[given], x[given]):
        found = recognised(x[given], y[given], *ground.middle)
        what = "coordinates read as longitude and latitude swapped, in which they lie near the roads"
        return raw if found is None else _converted(raw, x, y, found.read, what, faults)
    # Several projections would bring a few places near the roads, a kilometre or two apart.
    example = f"row {raw.rows[given[0]]}: {x[given[0]]:,.2f} and {y[given[0]]:,.2f}"
    text = (
        f"are no degrees ({example}) but metres of a projection, and too few to tell which; "
        f"state it in settings.yaml, such as coordinates: EPSG:4549"
    )
    faults.add(raw.file, "columns 'lon' and 'lat'", text)
    return None


def _projected(
    raw: Raw,
    x: Floats,
    y: Floats,
    given: NDArray[np.intp],
    there: tuple[Floats, Floats],
    ground: Ground,
    faults: Gathering,
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
        ground.found.append(frame)
        what = f"coordinates read as {frame.name}, in which they lie where they belong"
        return _converted(raw, x, y, frame.read, what, faults)
    faults.add(raw.file, "columns 'lon' and 'lat'", text)
    return None


def _shifted(
    raw: Raw,
    x: Floats,
    y: Floats,
    given: NDArray[np.intp],
    there: tuple[Floats, Floats],
    ground: Ground,
    faults: Gathering,
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
    ground.shifted.append(shift.frame.name)
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
