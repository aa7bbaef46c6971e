"""Tables of drives and lists of points, out of a file or out of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ground.drive import IMPASSABLE_S
from .parsing import LARGEST, Gatherer, listing, real, whole

MOST_CELLS = 50  # of a table that are named one by one


def seconds(value: Any, place: str, faults: Gatherer) -> NDArray[np.int64] | None:
    """A table of whole seconds >= 0, as (n, n) int64; null is no road.

    Parameters
    ----------
    value : a list of rows, or an array.
    place : where, for messages.
    faults : gathers what is wrong.

    Returns
    -------
    ndarray or None
        (n, n) int64, seconds; None where it is faulty.
    """
    table = _table(_with_roads(value), place, faults)
    if table is None or not _cells_sound(table, place, faults, integral=True):
        return None
    found: NDArray[np.int64] = np.minimum(table, IMPASSABLE_S).astype(np.int64, copy=False)
    return found


def metres(value: Any, place: str, faults: Gatherer) -> NDArray[np.float64] | None:
    """A table of metres >= 0, as (n, n) float64.

    Parameters
    ----------
    value, place, faults : as in `seconds`.

    Returns
    -------
    ndarray or None
        (n, n) float64, metres; None where it is faulty.
    """
    table = _table(value, place, faults)
    if table is None or not _cells_sound(table, place, faults, integral=False):
        return None
    return table.astype(np.float64, copy=False)


def points(value: Any, place: str, faults: Gatherer) -> NDArray[np.float64] | None:
    """A list of points [x, y], as (n, 2) float64.

    Parameters
    ----------
    value, place, faults : as in `seconds`.

    Returns
    -------
    ndarray or None
        (n, 2) float64, in the units of the points; None where it is faulty.
    """
    if _is_numbers(value) and value.ndim == 2 and value.shape[1] == 2 and _most(value) <= LARGEST:
        return np.asarray(value, dtype=np.float64)
    before = len(faults.faults)
    found = listing(_point)(_listed(value), place, faults)
    if found is None or len(faults.faults) > before:
        return None
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _point(entry: Any, place: str, faults: Gatherer) -> Any:
    if not isinstance(entry, list) or len(entry) != 2:
        faults.add(place, "must be a point [x, y]")
        return None
    return listing(real(None))(entry, place, faults)


def _is_numbers(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iuf"


def _most(table: NDArray[Any]) -> float:
    """The largest size of a cell; infinite where one is no number."""
    most = float(np.max(np.abs(table.astype(np.float64, copy=False)), initial=0.0))
    return np.inf if np.isnan(most) else most


def _listed(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _with_roads(value: Any) -> Any:
    """The rows with `IMPASSABLE_S` in place of every null."""
    if _is_numbers(value):
        return value
    rows = _listed(value)
    if not isinstance(rows, list) or not any(isinstance(row, list) and None in row for row in rows):
        return rows
    return [
        [IMPASSABLE_S if cell is None else cell for cell in row] if isinstance(row, list) else row
        for row in rows
    ]


def _table(value: Any, place: str, faults: Gatherer) -> NDArray[Any] | None:
    if _is_numbers(value) and value.ndim == 2 and value.shape[0] == value.shape[1] > 0:
        square: NDArray[Any] = value
        return square
    value = _listed(value)
    if not isinstance(value, list) or not value:
        faults.add(place, f"must be a list of rows, one for each location, not {type(value).__name__}")
        return None
    sound = True
    for at, row in enumerate(value):
        if not isinstance(row, list) or len(row) != len(value):
            count = len(row) if isinstance(row, list) else "no"
            faults.add(
                f"{place}[{at}]", f"has {count} entries; the table has {len(value)} rows and is square"
            )
            sound = False
        elif any(isinstance(cell, bool) or not isinstance(cell, int | float) for cell in row):
            listing(real())(row, f"{place}[{at}]", faults)
            sound = False
    return np.array(value, dtype=np.float64) if sound else None


def _cells_sound(table: NDArray[Any], place: str, faults: Gatherer, *, integral: bool) -> bool:
    with np.errstate(invalid="ignore"):
        wrong = ~(np.isfinite(table) & (table >= 0) & (table <= LARGEST))
        if integral and table.dtype.kind == "f":
            wrong |= table != np.floor(table)
    if not wrong.any():
        return True
    parse = whole(0) if integral else real()
    cells = np.argwhere(wrong)
    for i, j in cells[:MOST_CELLS].tolist():
        parse(table[i, j].item(), f"{place}[{i}][{j}]", faults)
    if len(cells) > MOST_CELLS:
        faults.add(place, f"has {len(cells) - MOST_CELLS:,} more such cells")
    return False
