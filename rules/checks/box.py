"""A row's share of a table's space, looked through cell by cell while it is small enough.

This only suggests: what it calls hidden is proven by CP-SAT afterwards, and
what is too big for it, or asks texts or expressions, goes to CP-SAT at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..columns import Array
from ..space import Space
from ..tables import Row

MOST_CELLS = 400_000


def merged(space: Space, name: str, row: Row | None, texts: Sequence[str]) -> tuple[Array, Array]:
    """Cells of a fact that a row allows, those that some conditions do not tell apart made one.

    Returns
    -------
    kinds : (conditions, kinds) bool, which condition holds for which kind of cell.
    kept : (kinds,) int64, a cell of each kind; empty when the row allows none.
    """
    axis = space.axes[name]
    allowed = np.flatnonzero(space.allowed(row, name)) if row else np.arange(len(axis.cells))
    table = np.array([axis.holds[text][allowed] for text in texts], dtype=bool)
    table = table.reshape(len(texts), len(allowed))
    if not len(allowed):
        return table, allowed
    _, first = np.unique(table, axis=1, return_index=True)
    return table[:, first], allowed[first]


def rows_hiding(space: Space, row: Row, above: Sequence[Row]) -> list[Row] | None:
    """Few rows above that seem to hide a row; ``[]`` when it can match; None when this cannot tell."""
    if row.expression is not None or any(not space.axes[name].is_exact for name in _asked(above)):
        return None
    plain = [other for other in above if other.expression is None]
    grid = _Grid(space, row, plain)
    if grid.size > MOST_CELLS or len(plain) < len(above):
        return None
    return grid.cover()


def _asked(rows: Sequence[Row]) -> set[str]:
    return {condition.fact.name for row in rows for condition in row.conditions}


class _Grid:
    """All combinations of merged cells that satisfy a row, and which rows above take each."""

    def __init__(self, space: Space, row: Row, above: Sequence[Row]) -> None:
        self.above = above
        self.names = sorted(_asked(above))
        self.kinds: list[dict[str, Array]] = []
        shape: list[int] = []
        for name in self.names:
            texts = list(dict.fromkeys(c.text for other in above if (c := other.condition_on(name))))
            kinds, kept = merged(space, name, row, texts)
            self.kinds.append(dict(zip(texts, kinds, strict=True)))
            shape.append(len(kept))
        self.shape = tuple(shape)
        self.size = int(np.prod([float(each) for each in shape])) if shape else 1

    def cover(self) -> list[Row]:
        """Rows that together take every cell, none of them needless; ``[]`` when a cell is left."""
        taken = np.zeros(self.shape, dtype=np.int32)
        each = [self._taken(other) for other in self.above]
        for mine in each:
            taken += mine
        if not taken.all():
            return []
        kept: list[Row] = []
        for other, mine in zip(self.above, each, strict=True):
            if ((taken - mine) > 0).all():
                taken -= mine
            else:
                kept.append(other)
        return kept

    def _taken(self, other: Row) -> Any:
        found: Any = np.ones((1,) * len(self.shape), dtype=bool)
        for at, (name, kinds) in enumerate(zip(self.names, self.kinds, strict=True)):
            condition = other.condition_on(name)
            if condition is not None:
                shape = [1] * len(self.shape)
                shape[at] = self.shape[at]
                found = found & kinds[condition.text].reshape(shape)
        return np.broadcast_to(found, self.shape)
