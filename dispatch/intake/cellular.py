"""A column while its cells are read: where it stands, and where its faults and repairs go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ground.errors import MOST_SHOWN
from .gathering import EXAMPLES, Gathering
from .reading import Cells
from .schema import Column
from .times import Zone

Values = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Cellular:
    """What a parser of cells needs to know besides the cells.

    Parameters
    ----------
    factor : what numbers are multiplied by, because the heading states another unit.
    """

    column: Column
    file: str
    rows: NDArray[np.int64]
    zone: Zone | None
    faults: Gathering
    factor: float = 1.0

    def bad(self, where: NDArray[np.bool_], text: Callable[[int], str]) -> None:
        """Note a fault for each cell that is marked."""
        found = np.flatnonzero(where)
        if len(found) == len(self.rows) > MOST_SHOWN:
            place = f"all {len(found)} rows, column '{self.column.name}'"
            self.faults.add(self.file, place, f"{text(0)} (first row)")
        elif len(found):
            texts = (text(int(position)) for position in found)
            self.faults.add_cells(self.file, self.column.name, self.rows[found].tolist(), texts)

    def repaired(self, what: str, places: Sequence[int], text: Callable[[int], str]) -> None:
        """Note cells that were read otherwise than they are written."""
        name = self.column.name
        shown = [f"row {self.rows[at]}, column '{name}': {text(at)}" for at in places[:EXAMPLES]]
        self.faults.repaired(self.file, what, shown, len(places))

    def read_as(self, cells: Cells, cell: str, meant: str, word: str | None = None) -> None:
        """Note a word of another system that was taken for one of ours."""
        count = int((cells == cell).sum())
        example = f"column '{self.column.name}': '{cell if word is None else word}' is {meant}"
        self.faults.repaired(self.file, "words read by their meaning", [example], count)


def filled(column: Column, count: int) -> Values:
    """Return a column that is not in the file: its default in every row."""
    match column.kind:
        case "number":
            return np.full(count, np.nan if column.default is None else column.default, dtype=np.float64)
        case "integer":
            return np.full(count, 0 if column.default is None else column.default, dtype=np.int64)
        case "yes/no":
            return np.full(count, bool(column.default), dtype=np.bool_)
    filled = np.empty(count, dtype=object)
    filled[:] = [column.default] * count
    return filled
