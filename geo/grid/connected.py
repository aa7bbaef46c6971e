"""Customers of a grid, as far as a grid can be asked about them: how many, and who hangs on nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import GeoError, GeoFault, nearest
from ..frames import are_degrees, one_way, recognised
from ..projection import LocalPlane
from .network import Grid

NAMES = ("customers.csv", "customers.csv.gz")
FAR_M = 20_000.0
Floats = NDArray[np.float64]


def find_customers(grid: Path) -> Path | None:
    """The table of customers in the grid's folder or, where that is a case's `grid`, beside it.

    Parameters
    ----------
    grid : the grid's folder or file.

    Returns
    -------
    Path or None
        The file of customers beside it.
    """
    folder = grid if grid.is_dir() else grid.parent
    places = [folder, folder.parent] if folder.name == "grid" else [folder]
    return next((place / name for place in places for name in NAMES if (place / name).exists()), None)


def count_customers(grid: Grid, file: Path) -> tuple[int, tuple[GeoFault, ...]]:
    """Count the customers of a table and name those without a transformer of the grid.

    Parameters
    ----------
    file : CSV with the columns `id` and `transformer`, UTF-8.

    Raises
    ------
    GeoError
        If the file cannot be read or lacks a column.
    """
    try:
        wanted = {"id", "transformer", "lon", "lat"}
        table = pd.read_csv(file, dtype=str, usecols=wanted.__contains__, encoding="utf-8-sig")
        table = table[["id", "transformer", *(name for name in ("lon", "lat") if name in table)]]
    except (OSError, ValueError, KeyError) as error:
        text = f"is no table with the columns id and transformer: {error}"
        raise GeoError(GeoFault(file=file.name, place="", text=text, code="file")) from error
    known = set(grid.transformers.ids.tolist())
    lost = np.flatnonzero(~table["transformer"].isin(known).to_numpy())
    missed = tuple(_lost(file.name, row, table, known) for row in lost.tolist())
    return len(table), (*missed, *_far_off(grid, file.name, table))


def _far_off(grid: Grid, file: str, table: pd.DataFrame) -> Iterator[GeoFault]:
    """Say that customers lie far from their transformers, all of them, and why that may be."""
    if "lon" not in table or "lat" not in table:
        return
    at = {name: row for row, name in enumerate(grid.transformers.ids.tolist())}
    rows = np.array([at.get(name, -1) for name in table["transformer"]], dtype=np.int64)
    x, y = (pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    known = (rows >= 0) & np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return
    x, y, rows = x[known], y[known], rows[known]
    lon, lat = grid.transformers.lon[rows], grid.transformers.lat[rows]
    off_m = float(np.median(LocalPlane.around(lon, lat).apart_m(x, y, lon, lat)))
    if off_m > FAR_M or not are_degrees(x, y):
        yield GeoFault(file=file, place="", text=_why_far(x, y, lon, lat, off_m), code="far-from-grid")
    elif (shift := one_way(x, y, lon, lat)) is not None:
        which = f", as in {shift.frame.name}" if shift.frame is not None else ""
        text = (
            f"customers lie about {shift.metres:,.0f} m {shift.direction} of their transformers, all{which}"
        )
        yield GeoFault(file=file, place="", text=text, code="shifted", severity="warning")


def _why_far(x: Floats, y: Floats, lon: Floats, lat: Floats, off_m: float) -> str:
    if not are_degrees(x, y):
        frame = recognised(x, y, lon, lat)
        which = f"; they look like {frame.name}" if frame is not None else ""
        return f"lon and lat are no degrees but metres of a projection{which}"
    apart = LocalPlane.around(lat, lon).apart_m(x, y, lat, lon)
    why = ""
    if float(np.median(apart)) <= FAR_M:
        # The customers lie where nobody is unless the grid's pair is the wrong way round, or theirs.
        why = "; longitude and latitude look swapped in the grid or in the customers"
    return f"half of the customers lie more than {off_m / 1000:,.0f} km from their transformers{why}"


def _lost(file: str, row: int, table: pd.DataFrame, known: set[str]) -> GeoFault:
    customer, transformer = table["id"].iloc[row], table["transformer"].iloc[row]
    if pd.isna(transformer):
        text = "has no transformer"
    else:
        text = f"there is no transformer '{transformer}'{nearest(transformer, known)}"
    return GeoFault(
        file=file,
        place=f"row {row + 2}, customer '{customer}'",
        text=text,
        code="customer-without-transformer",
    )
