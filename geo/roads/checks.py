"""Is a road network fit to drive on? Every fault of its tables, found before it is built."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import GeoFault
from ..projection import Floats, LocalPlane

MOST_PER_KIND = 200
"""Faults of one kind that are spelt out; the rest are counted in one line."""

_SLACK_SHARE = 1.05
_SLACK_M = 5.0


class Gathering:
    """Faults of one file as they are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[GeoFault] = []

    def add(self, place: str, text: str) -> None:
        """Note one fault."""
        self.faults.append(GeoFault(file=self.file, place=place, text=text))

    def rows(self, rows: Iterable[int], column: str, text: Callable[[int], str]) -> None:
        """Note a fault for each row (0-based), named as a spreadsheet shows it (the header is row 1)."""
        found = list(rows)
        for row in found[:MOST_PER_KIND]:
            self.add(f"row {row + 2}, column '{column}'", text(row))
        if len(found) > MOST_PER_KIND:
            self.add(f"column '{column}'", f"and {len(found) - MOST_PER_KIND} more rows like these")


def nearest_known(name: str, known: Sequence[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known name, or ``""``."""
    # difflib over a whole city's node ids would take seconds: near names are alike in length.
    alike = [other for other in known if abs(len(other) - len(name)) <= 1]
    found = difflib.get_close_matches(name, alike[:20_000], n=1, cutoff=0.6)
    return f"; did you mean '{found[0]}'?" if found else ""


def check_columns(
    table: pd.DataFrame, required: Sequence[str], known: Sequence[str], gathering: Gathering
) -> bool:
    """Note missing and unknown columns and an empty table; say whether reading can go on."""
    for name in required:
        if name not in table.columns:
            hint = nearest_known(name, [str(column) for column in table.columns])
            gathering.add("header", f"column '{name}' is missing{hint}")
    for name in table.columns:
        if name not in known:
            gathering.add("header", f"unknown column '{name}'{nearest_known(str(name), known)}")
    if len(table) == 0:
        gathering.add("", "has no rows")
    return len(table) > 0 and all(name in table.columns for name in required)


def numbers(
    table: pd.DataFrame, column: str, gathering: Gathering, *, low: float, high: float, optional: bool = False
) -> Floats:
    """Return a column as float64; cells that are empty, no numbers or out of range are noted and NaN."""
    cells = table[column]
    values = np.asarray(pd.to_numeric(cells, errors="coerce"), dtype=np.float64)
    empty = np.asarray(
        cells.isna() | cells.astype(str).str.strip().isin(["", "nan", "NaN", "None"]), dtype=bool
    )
    if not optional:
        gathering.rows(np.flatnonzero(empty), column, lambda row: "is empty; expected a number")
    wrong = np.isnan(values) & ~empty
    gathering.rows(np.flatnonzero(wrong), column, lambda row: f"'{cells.iloc[row]}' is not a number")
    outside = ~np.isnan(values) & ((values < low) | (values > high))
    expected = f"must be between {low:g} and {high:g}" if np.isfinite(high) else f"must be >= {low:g}"
    gathering.rows(np.flatnonzero(outside), column, lambda row: f"is {values[row]:g}; {expected}")
    return np.where(outside, np.nan, values)


def names(
    table: pd.DataFrame, column: str, gathering: Gathering, *, unique: bool = False
) -> NDArray[np.object_]:
    """Return a column of ids as text; empty and (with `unique`) repeated ones are noted."""
    ids = table[column].astype(object).where(table[column].notna(), "").astype(str).str.strip()
    gathering.rows(np.flatnonzero(ids == ""), column, lambda row: "is empty; expected an id")
    if unique:
        again = np.flatnonzero(ids.duplicated() & (ids != ""))
        first = {str(name): row for row, name in reversed(list(enumerate(ids)))} if len(again) else {}
        gathering.rows(
            again, column, lambda row: f"id '{ids.iloc[row]}' is already in row {first[ids.iloc[row]] + 2}"
        )
    return np.asarray(ids, dtype=object)


def node_positions(
    ends: NDArray[np.object_], node_ids: NDArray[np.object_], column: str, gathering: Gathering
) -> NDArray[np.int64]:
    """Return the position of each named node, -1 (and a fault with the nearest name) where unknown."""
    index = pd.Index(pd.unique(node_ids))
    found = np.asarray(index.get_indexer(pd.Index(ends)), dtype=np.int64)
    known = [str(name) for name in index]
    unknown = np.flatnonzero((found < 0) & (ends != ""))
    gathering.rows(
        unknown, column, lambda row: f"no node '{ends[row]}'{nearest_known(str(ends[row]), known)}"
    )
    return found


def check_places(
    plane_of: tuple[Floats, Floats],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    length_m: Floats,
    gathering: Gathering,
) -> None:
    """Compare the length of edges with where their ends lie: swapped or misplaced coordinates show."""
    tail, head = ends
    rows = np.flatnonzero((tail >= 0) & (head >= 0) & ~np.isnan(length_m))
    straight = _straight_m(plane_of, tail[rows], head[rows])
    sound = ~np.isnan(straight)
    rows, straight = rows[sound], straight[sound]
    short = length_m[rows] * _SLACK_SHARE + _SLACK_M < straight
    if not short.any():
        return
    share = float(short.mean())
    if share > 0.1 and _fits_swapped(plane_of, (tail[rows], head[rows]), length_m[rows], share):
        text = f"{share:.0%} of the edges are shorter than the straight line between their ends"
        gathering.add("columns 'lon' and 'lat'", f"{text}, and fit when swapped: are lon and lat swapped?")
        return
    far = rows[(straight > 3 * length_m[rows] + 1000)]
    apart = dict(zip(rows.tolist(), straight.tolist(), strict=True))
    gathering.rows(
        far,
        "length_m",
        lambda row: (
            f"is {length_m[row]:g}, but the ends lie {apart[row]:,.0f} m apart: "
            "is a node misplaced, or are its lon and lat swapped?"
        ),
    )


def _straight_m(places: tuple[Floats, Floats], tail: NDArray[np.int64], head: NDArray[np.int64]) -> Floats:
    lon, lat = places
    known = ~np.isnan(lat)
    # The median, so that one misplaced node does not move the plane.
    plane = LocalPlane(lon0=0.0, lat0=float(np.median(lat[known])) if known.any() else 0.0)
    return plane.apart_m(lon[tail], lat[tail], lon[head], lat[head])


def _fits_swapped(
    places: tuple[Floats, Floats],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    length_m: Floats,
    share: float,
) -> bool:
    lon, lat = places
    if np.nanmax(np.abs(lon)) > 90:
        return False
    straight = _straight_m((lat, lon), *ends)
    return bool(np.mean(length_m * _SLACK_SHARE + _SLACK_M < straight) < share / 10)
