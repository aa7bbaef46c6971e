"""Cells before they are read: what keyboards and programs put in that nobody meant."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .gathering import EXAMPLES, Gathering
from .schema import Column
from .spelling.ids import (
    NOTHING,
    NOTHING_BUT_A_MARK,
    are_floats,
    is_shortened,
    is_wide,
    narrow,
    without_point,
)

Cells = NDArray[np.object_]
_NOTHING = re.compile(rf"^(?:{'|'.join(map(re.escape, NOTHING))})$", re.IGNORECASE | re.MULTILINE)
_MARK = re.compile(rf"^(?:{'|'.join(map(re.escape, NOTHING_BUT_A_MARK))})$", re.IGNORECASE | re.MULTILINE)


def tidied(cells: Cells, column: Column, file: str, rows: NDArray[np.int64], faults: Gathering) -> Cells:
    """Cells of one column as they were meant; each kind of change is noted.

    Full-width characters of ids and numbers become ordinary ones, what programs write for nothing (nan, NULL)
    is nothing, and ids that went through a table of numbers lose their decimals.
    """
    joined = "\n".join(cells)

    def changed(what: str, where: NDArray[np.bool_], to: Callable[[str], str]) -> Cells:
        found = np.flatnonzero(where)
        new = cells.copy()
        new[found] = [to(str(cell)) for cell in cells[found]]
        shown = [
            f"row {rows[at]}, column '{column.name}': '{cells[at]}'" + (f" is {new[at]}" if new[at] else "")
            for at in found[:EXAMPLES].tolist()
        ]
        faults.repaired(file, what, shown, len(found))
        return new

    if column.kind != "text" and is_wide(joined):
        cells = changed("full-width characters read as ordinary ones", _where(cells, is_wide), narrow)
    if _NOTHING.search(joined):
        cells = changed("cells taken as empty", _where(cells, _is_nothing), lambda _: "")
    if column.kind not in ("text", "amounts") and not column.required and _MARK.search(joined):
        cells = changed("cells taken as empty", _where(cells, _is_mark), lambda _: "")
    if column.kind == "id" and "." in joined and are_floats(cells):
        cells = changed("decimals of ids taken off", _where(cells, lambda cell: "." in cell), without_point)
    return cells


def shortened(cells: Cells) -> NDArray[np.bool_]:
    """Mark ids whose last digits a spreadsheet has lost."""
    return _where(cells, is_shortened)


def _is_nothing(cell: str) -> bool:
    return cell.lower() in NOTHING


def _is_mark(cell: str) -> bool:
    return cell.lower() in NOTHING_BUT_A_MARK


def _where(cells: Cells, test: Callable[[str], bool]) -> NDArray[np.bool_]:
    return np.fromiter((test(cell) for cell in cells), dtype=bool, count=len(cells))
