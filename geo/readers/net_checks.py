"""Whether a pandapower net has what is read of it: columns, and cells that are what they should be."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pandas as pd

from ..errors import GeoFault, nearest

Kind = Literal["place", "number", "word"]
# What a table must have as soon as it has a row; all else is optional.
NEEDS: Mapping[str, Mapping[str, Kind]] = {
    "bus": {"vn_kv": "number"},
    "line": {"from_bus": "place", "to_bus": "place"},
    "impedance": {"from_bus": "place", "to_bus": "place"},
    "switch": {"bus": "place", "element": "place", "et": "word", "closed": "word"},
    "dcline": {"from_bus": "place", "to_bus": "place"},
    "load": {"bus": "place"},
    "asymmetric_load": {"bus": "place"},
    "motor": {"bus": "place"},
    "ext_grid": {"bus": "place"},
    "gen": {"bus": "place"},
    "trafo": {"hv_bus": "place", "lv_bus": "place"},
    "trafo3w": {"hv_bus": "place", "mv_bus": "place", "lv_bus": "place"},
}
EXPECTED: Mapping[Kind, str] = {
    "place": "the index of a bus, line or transformer",
    "number": "a number",
    "word": "text, true or false",
}
MOST_SHOWN = 60


def net_faults(frames: Mapping[str, pd.DataFrame], file: str) -> tuple[GeoFault, ...]:
    """Every column that is missing and every cell that cannot be what it should be."""
    return tuple(
        GeoFault(file=file, place=place, text=text, code="file")
        for table, needs in NEEDS.items()
        for place, text in _of_table(table, frames[table], needs)
    )


def _of_table(table: str, frame: pd.DataFrame, needs: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    if frame.index.has_duplicates:
        again = frame.index[frame.index.duplicated()][0]
        yield f"{table}[{_short(again)}]", "is there more than once"
    if not len(frame):
        return
    for name, kind in needs.items():
        if name not in frame.columns:
            yield table, f"has no column '{name}'{nearest(name, map(str, frame.columns))}"
            continue
        column = frame[name]
        if column.dtype != object and kind != "place" and not column.isna().any():
            continue
        for at, cell in column.items():
            if not _fits(cell, kind):
                yield f"{table}[{at}].{name}", f"is '{_short(cell)}'; must be {EXPECTED[kind]}"


def _fits(cell: Any, kind: Kind) -> bool:
    if kind == "word":
        return isinstance(cell, (str, bool, numbers.Number)) or type(cell).__name__ in ("bool", "bool_")
    if kind == "place" and isinstance(cell, str):
        return True
    if isinstance(cell, bool) or not isinstance(cell, numbers.Number):
        return False
    return not isinstance(cell, float) or math.isfinite(cell)


def _short(cell: object) -> str:
    text = str(cell)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
