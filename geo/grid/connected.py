"""Customers of a grid, as far as a grid can be asked about them: how many, and who hangs on nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import GeoError, GeoFault, nearest
from .network import Grid

NAMES = ("customers.csv", "customers.csv.gz")


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
        table = pd.read_csv(file, dtype=str, usecols=["id", "transformer"], encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        text = f"is no table with the columns id and transformer: {error}"
        raise GeoError(GeoFault(file=file.name, place="", text=text, code="file")) from error
    known = set(grid.transformers.ids.tolist())
    lost = np.flatnonzero(~table["transformer"].isin(known).to_numpy())
    return len(table), tuple(_lost(file.name, row, table, known) for row in lost.tolist())


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
