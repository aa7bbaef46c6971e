"""What concerns several files: references that lead nowhere, places away from the roads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import Grid, Roads

from .cells import Parsed
from .gathering import Gathering, suggestions
from .spelling.ids import joined_as


def check_references(
    parsed: Parsed,
    column: str,
    known: Collection[str],
    what: str,
    faults: Gathering,
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Note every cell that names something that `known` does not hold.

    An id that lost its leading zeros, or that differs in spaces and big letters only, is joined to the one
    it can mean, and that is said; so is a name that only one of them has.

    Parameters
    ----------
    names : ids by the names that people give them.
    """
    values = pd.Series(parsed.values[column], dtype=object)
    lost = np.flatnonzero((values.notna() & ~values.isin(set(known))).to_numpy())
    if len(lost) and not faults.strict:
        by_id = {(joined_as(name), name) for name in known}
        lost = _joined(parsed, column, lost, by_id, JOINED, faults)
        by_name = {(joined_as(name), each) for name, each in names.items()}
        lost = _joined(parsed, column, lost, by_name, "named by its name, not its id", faults)
    if len(lost) == 0:
        return
    written = [str(values.iloc[at]) for at in lost]
    texts = [
        f"there is no {what} '{name}'{hint}"
        for name, hint in zip(written, suggestions(written, known), strict=True)
    ]
    faults.add_cells(parsed.file, column, parsed.rows[lost].tolist(), texts)


JOINED = "ids joined without regard to zeros, spaces and capitals"


def _joined(
    parsed: Parsed,
    column: str,
    lost: NDArray[np.intp],
    known: Collection[tuple[str, str]],
    what: str,
    faults: Gathering,
) -> NDArray[np.intp]:
    """Join what can mean one thing only; return what stays lost.

    Parameters
    ----------
    known : what stays of a name, and the id that it means.
    """
    cells = parsed.values[column]
    wanted = {joined_as(str(cells[at])) for at in lost}
    means: dict[str, set[str]] = {}
    for key, name in known:
        if key in wanted:
            means.setdefault(key, set()).add(name)
    stays, shown = [], []
    for at in lost.tolist():
        found = means.get(joined_as(str(cells[at])), set())
        if len(found) != 1:
            stays.append(at)
            continue
        shown.append(f"row {parsed.rows[at]}, column '{column}': '{cells[at]}' is {next(iter(found))}")
        cells[at] = next(iter(found))
    if shown:
        faults.repaired(parsed.file, what, shown)
    return np.asarray(stays, dtype=np.intp)


def check_signs(signs: Parsed, customers: Parsed, grid: Grid, faults: Gathering) -> None:
    """Note every sign from a meter or device that nobody knows."""
    mains = pd.Series(customers.values["lv_main"], dtype=object).dropna().astype(str)
    known = {*customers.ids, *map(str, grid.transformers.ids), *mains, *map(str, grid.switches.ids)}
    check_references(signs, "place", known, "customer, transformer, main or device", faults)


def check_places(parsed: Parsed, roads: Roads, max_snap_m: float, faults: Gathering) -> None:
    """Note every place farther than `max_snap_m` from the roads; say so when lon and lat look swapped."""
    lon, lat = parsed.values["lon"], parsed.values["lat"]
    given = np.flatnonzero(_on_earth(lon, lat))
    if len(given) == 0:
        return
    distance_m = roads.snap(lon[given], lat[given]).distance_m
    far = distance_m > max_snap_m
    if not far.any():
        return
    positions, distances_m = given[far], distance_m[far]
    swapped = _near_when_swapped(lon[positions], lat[positions], roads, max_snap_m)
    rows = parsed.rows[positions].tolist()
    if swapped.all() and len(positions) == len(given) > 1:
        faults.add(
            parsed.file, "columns 'lon' and 'lat'", f"look swapped in all {len(rows)} rows that have them"
        )
        return
    for row, at, away_m, turned in zip(rows, positions, distances_m, swapped, strict=True):
        point = f"{lon[at]:g}, {lat[at]:g}"
        if turned:
            text = f"{point} is far from the roads; lon and lat look swapped"
        else:
            text = (
                f"{point} is {_length(away_m)} from the nearest road; at most {_length(max_snap_m)} allowed"
            )
        faults.add(parsed.file, f"row {row}, columns 'lon' and 'lat'", text)


def _on_earth(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)


def _near_when_swapped(
    lon: NDArray[np.float64], lat: NDArray[np.float64], roads: Roads, max_snap_m: float
) -> NDArray[np.bool_]:
    near = np.zeros(len(lon), dtype=bool)
    possible = np.flatnonzero(np.abs(lon) <= 90)
    if len(possible):
        near[possible] = roads.snap(lat[possible], lon[possible]).distance_m <= max_snap_m
    return near


def _length(length_m: float) -> str:
    return f"{length_m:,.0f} m" if length_m < 10_000 else f"{length_m / 1000:,.0f} km"
