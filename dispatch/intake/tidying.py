"""Cells before they are read: what keyboards and programs put in that nobody meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .gathering import EXAMPLES, Gathering
from .schema import Column
from .spelling.ids import (
    NOTHING,
    NOTHING_BUT_A_MARK,
    are_floats,
    as_typed,
    is_forced,
    is_nothing,
    is_shortened,
    is_wide,
    narrow,
    without_point,
)

Cells = NDArray[np.object_]
BROKEN = "\ufffd"
_NOTHING = re.compile(rf"^(?:{'|'.join(map(re.escape, NOTHING))})$", re.IGNORECASE | re.MULTILINE)
_MARK = re.compile(rf"^(?:{'|'.join(map(re.escape, NOTHING_BUT_A_MARK))})$", re.IGNORECASE | re.MULTILINE)


def tidied(cells: Cells, column: Column, file: str, rows: NDArray[np.int64], faults: Gathering) -> Cells:
    """Cells of one column as they were meant; each kind of change is noted.

    Full-width characters of ids and numbers become ordinary ones, what programs write for nothing (nan, NULL)
    is nothing, and ids that went through a table of numbers lose their decimals.
    """
    joined = "\n".join(cells)
    changed = partial(_changed, column, file, rows, faults)
    if "'" in joined or '="' in joined:
        forced = _where(cells, is_forced)
        # One name may begin with a quote; a column in which most cells do was forced to be text.
        if forced.any() and (column.kind != "text" or forced.sum() * 2 > (cells != "").sum()):
            cells = changed(cells, "marks that force a cell to be text taken off", forced, as_typed)
    if BROKEN in joined:
        broken = _where(cells, lambda cell: BROKEN in cell)
        changed(cells, "cells with characters that nobody can read", broken, lambda cell: cell)
    if column.kind != "text" and is_wide(joined):
        wide = _where(cells, is_wide)
        cells = changed(cells, "full-width characters read as ordinary ones", wide, narrow)
    if _NOTHING.search(joined):
        cells = changed(cells, "cells taken as empty", _where(cells, is_nothing), lambda _: "")
    if column.kind not in ("text", "amounts") and not column.required and _MARK.search(joined):
        cells = changed(cells, "cells taken as empty", _where(cells, _is_mark), lambda _: "")
    if column.kind == "id" and "." in joined and are_floats(cells):
        floats = _where(cells, lambda cell: "." in cell)
        cells = changed(cells, "decimals of ids taken off", floats, without_point)
    return cells


def _changed(
    column: Column,
    file: str,
    rows: NDArray[np.int64],
    faults: Gathering,
    cells: Cells,
    what: str,
    where: NDArray[np.bool_],
    to: Callable[[str], str],
) -> Cells:
    """Cells of which some are read otherwise, which is noted."""
    found = np.flatnonzero(where)
    new = cells.copy()
    new[found] = [to(str(cell)) for cell in cells[found]]
    shown = [
        f"row {rows[at]}, column '{column.name}': '{cells[at]}'" + (f" is {new[at]}" if new[at] else "")
        for at in found[:EXAMPLES].tolist()
    ]
    faults.repaired(file, what, shown, len(found))
    return new


def shortened(cells: Cells) -> NDArray[np.bool_]:
    """Mark ids whose last digits a spreadsheet has lost."""
    return _where(cells, is_shortened)


def _is_mark(cell: str) -> bool:
    return cell.lower() in NOTHING_BUT_A_MARK


def _where(cells: Cells, test: Callable[[str], bool]) -> NDArray[np.bool_]:
    return np.fromiter((test(cell) for cell in cells), dtype=bool, count=len(cells))
