"""What a new export changes: customers new, gone, moved, otherwise changed; switches; the rest of a grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import Grid
from geo.projection import LocalPlane

from ..ground.case import Case, Customers

MOVED_M = 1.0
"""A place that is written with fewer digits has not moved."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How one kind of thing differs.

    Parameters
    ----------
    new, gone : ids that only one of the two has.
    moved : ids that lie elsewhere, whatever else of them changed.
    changed : ids of which something else changed.
    before : how many there were.
    """

    kind: str
    before: int
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def count(self) -> int:
        """How many things differ."""
        return len(self.new) + len(self.gone) + len(self.moved) + len(self.changed)

    def lines(self) -> Iterator[str]:
        """What differs, a line each, the first of them by name."""
        for what in ("new", "gone", "moved", "changed"):
            ids: tuple[str, ...] = getattr(self, what)
            if ids:
                more = ", ..." if len(ids) > MOST_NAMED else ""
                yield f"{self.kind}: {len(ids):,} {what} ({', '.join(ids[:MOST_NAMED])}{more})"


def differences(before: Case, after: Case) -> tuple[Difference, ...]:
    """Hold a case against the one in force; kinds that do not differ are left out."""
    found = (
        _customers(before.customers, after.customers),
        _things("depots", _by_id(before.depots), _by_id(after.depots)),
        _things("crews", _by_id(before.shifts), _by_id(after.shifts)),
        _things("roster", _by_id(before.rules), _by_id(after.rules)),
        _things("switches", _rows(before.grid, "switches"), _rows(after.grid, "switches")),
        _things("transformers", _rows(before.grid, "transformers"), _rows(after.grid, "transformers")),
        _things("lines", _rows(before.grid, "lines"), _rows(after.grid, "lines")),
    )
    return tuple(each for each in found if each)


def _by_id(things: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in things:
        found.setdefault(each.id, []).append(asdict(each))
    return found


def _things(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    return Difference(
        kind=kind,
        before=len(before),
        new=tuple(each for each in after if each not in before),
        gone=tuple(each for each in before if each not in after),
        changed=tuple(each for each, row in after.items() if each in before and before[each] != row),
    )


def _rows(grid: Grid, part: str) -> dict[str, Any]:
    """What people state of each device: its ends and how a switch stands; where it lies is derived."""
    table = getattr(grid, part)
    names = {
        "switches": ("kind", "normal_closed", "closed"),
        "transformers": ("rating_kva", "name"),
        "lines": ("kind", "rating_kw"),
    }[part]
    columns = [getattr(table, name).tolist() for name in names if getattr(table, name, None) is not None]
    return {str(id_): tuple(map(str, row)) for id_, *row in zip(table.ids.tolist(), *columns, strict=True)}


def _customers(before: Customers, after: Customers) -> Difference:
    old, new = before.table, after.table
    both = new.index[new.index.isin(old.index)]
    one, other = old.loc[both], new.loc[both]
    moved = _moved(one, other)
    changed = _changed(one, other) & ~moved
    return Difference(
        kind="customers",
        before=len(old),
        new=_ids(new.index[~new.index.isin(old.index)]),
        gone=_ids(old.index[~old.index.isin(new.index)]),
        moved=_ids(both[moved]),
        changed=_ids(both[changed]),
    )


def _ids(index: pd.Index[Any]) -> tuple[str, ...]:
    return tuple(map(str, index))


def _moved(one: pd.DataFrame, other: pd.DataFrame) -> NDArray[np.bool_]:
    places = [table[name].to_numpy(dtype=np.float64) for table in (one, other) for name in ("lon", "lat")]
    plane = LocalPlane.around(places[0], places[1])
    far: NDArray[np.bool_] = plane.apart_m(*places) > MOVED_M
    return far


def _changed(one: pd.DataFrame, other: pd.DataFrame) -> NDArray[np.bool_]:
    found = np.zeros(len(one), dtype=bool)
    for name in other.columns:
        if name in ("lon", "lat") or name not in one:
            continue
        left, right = one[name].to_numpy(), other[name].to_numpy()
        found |= ~(pd.isna(left) & pd.isna(right)) & (left != right)
    return found
