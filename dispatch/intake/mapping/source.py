"""A table of a mapping as columns of ours: renamed, filtered, and its words and units turned into ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Items
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..decoding import Unreadable, read_bytes
from ..excel import excel_lines
from ..gathering import EXAMPLES, Gathering
from ..layout.units import factors_of
from ..reading import (
    CASE_SIZES,
    GEOGRAPHIC,
    WORKBOOKS,
    Cells,
    Cut,
    Raw,
    csv_lines,
    cut,
    cut_lines,
    joined,
    no_rows,
)
from ..schema import Table
from ..times import Zone
from .mapping import TableSource


def read_source(
    path: Path, table: Table, source: TableSource, faults: Gathering, zone: Zone | None
) -> Raw | None:
    """Read a table of a mapping; None, and at least one fault, when it cannot be read."""
    try:
        found = cut_as_stated(path, table, source, faults, zone)
    except Unreadable as error:
        faults.add(path.name, "", str(error))
        return None
    headings = {title.strip(): position for position, title in reversed(list(enumerate(found.header)))}
    if _lacks(path.name, (*source.columns.values(), *source.where), found.header, headings, faults):
        return None
    columns = {ours: _cells(found.columns[headings[theirs]]) for ours, theirs in source.columns.items()}
    count = len(found.columns[0]) if found.columns else 0
    rows = np.arange(found.first, found.first + count, dtype=np.int64)
    wanted = {heading: _cells(found.columns[headings[heading]]) for heading in source.where}
    columns, rows, wanted = _rows_only(path, table, source, found, columns, rows, wanted, faults)
    columns, rows = _filtered(path.name, columns, rows, wanted, source, faults)
    for ours, text in source.fixed.items():
        columns[ours] = _cells([text] * len(rows))
    _turned(path.name, columns, rows, source, faults)
    for column in table.columns:
        if column.required and column.name not in columns:
            faults.add(path.name, f"column '{column.name}'", "is not in the mapping; a value is required")
    stated = {ours: theirs for ours, theirs in source.columns.items() if ours not in source.units}
    return Raw(file=path.name, columns=columns, rows=rows, factors=factors_of(table, stated))


def _lacks(
    file: str, wanted: Iterable[str], header: list[str], headings: Items[str, int], faults: Gathering
) -> bool:
    """Note the headings of the mapping that tonight's file does not have."""
    missing = [each for each in wanted if each not in headings]
    for heading in missing:
        text = f"is not in the file; it has {', '.join(filter(None, header))[:300]}"
        faults.add(file, f"column '{heading}'", text)
    return bool(missing)


def _rows_only(
    path: Path,
    table: Table,
    source: TableSource,
    found: Cut,
    columns: dict[str, Cells],
    rows: NDArray[np.int64],
    wanted: dict[str, Cells],
    faults: Gathering,
) -> tuple[dict[str, Cells], NDArray[np.int64], dict[str, Cells]]:
    """Leave out totals, footers and repeated headers."""
    ours = {theirs: name for name, theirs in source.columns.items()}
    names = [ours.get(title.strip(), "") for title in found.header]
    none = no_rows(path.name, table, columns, found.header, names, found.columns, rows, faults)
    if not none.any():
        return columns, rows, wanted
    kept = [{name: cells[~none] for name, cells in each.items()} for each in (columns, wanted)]
    return kept[0], rows[~none], kept[1]


def cut_as_stated(path: Path, table: Table, source: TableSource, faults: Gathering, zone: Zone | None) -> Cut:
    """A file's headings and columns, read as the mapping states it.

    Raises
    ------
    Unreadable
        It cannot be read, or not so.
    """
    stated = source.encoding or source.header_row or source.delimiter or source.sheet
    suffix = path.suffix.lower()
    if not stated or suffix in GEOGRAPHIC:
        return cut(path, table, faults, zone, CASE_SIZES)
    if suffix in WORKBOOKS:
        lines = excel_lines(
            path, table, faults, zone, CASE_SIZES, sheet=source.sheet, header_row=source.header_row
        )
    else:
        lines = csv_lines(path, table, CASE_SIZES, faults, _text(path, source.encoding), source.delimiter)
    found = cut_lines(path.name, lines, table, faults, header_row=source.header_row)
    return joined(path.name, found, table, faults)


def _text(path: Path, encoding: str) -> str | None:
    if not encoding:
        return None
    try:
        return read_bytes(path).decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is no text in {encoding}: byte {error.start}") from error


def _filtered(
    file: str,
    columns: dict[str, Cells],
    rows: NDArray[np.int64],
    wanted: dict[str, Cells],
    source: TableSource,
    faults: Gathering,
) -> tuple[dict[str, Cells], NDArray[np.int64]]:
    """Leave out empty rows and those that the mapping does not take."""
    kept = np.logical_or.reduce(
        [cells != "" for cells in columns.values()] or [np.zeros(len(rows), dtype=bool)]
    )
    for heading, cells in wanted.items():
        taken = np.isin(cells.astype(str), list(source.where[heading]))
        gone = int((kept & ~taken).sum())
        kept &= taken
        if gone:
            words = ", ".join(source.where[heading])
            faults.repaired(file, f"rows not taken, because '{heading}' is not {words}", [], gone)
    return {name: cells[kept] for name, cells in columns.items()}, rows[kept]


def _turned(
    file: str, columns: dict[str, Cells], rows: NDArray[np.int64], source: TableSource, faults: Gathering
) -> None:
    """Turn words, units, times and ids into ours, in place."""
    for ours, words in source.values.items():
        _change(file, columns, rows, ours, "words read as the mapping says", words.get, faults)
    for ours, factor in source.units.items():
        _change(file, columns, rows, ours, "units read as the mapping says", _times(factor), faults)
    for ours, written in source.formats.items():
        _change(file, columns, rows, ours, "times read as the mapping says", _as_iso(written), faults)
    for ours, digits in source.digits.items():
        _change(
            file, columns, rows, ours, "leading zeros put back, as the mapping says", _padded(digits), faults
        )


def _change(
    file: str,
    columns: dict[str, Cells],
    rows: NDArray[np.int64],
    ours: str,
    what: str,
    to: Callable[[str], str | None],
    faults: Gathering,
) -> None:
    cells = columns.get(ours)
    if cells is None:
        return
    codes, words = pd.factorize(cells)
    new = np.array([given if (given := to(str(word))) is not None else word for word in words], dtype=object)
    differs = np.array([one != other for one, other in zip(words, new, strict=True)], dtype=bool)
    changed = np.flatnonzero(differs[codes]) if len(words) else np.zeros(0, dtype=np.intp)
    if len(changed):
        columns[ours] = new[codes]
        shown = [
            f"row {rows[at]}, column '{ours}': '{cells[at]}' is {columns[ours][at]}"
            for at in changed[:EXAMPLES].tolist()
        ]
        faults.repaired(file, what, shown, len(changed))


def _times(factor: float) -> Callable[[str], str | None]:
    def to(cell: str) -> str | None:
        try:
            return f"{float(cell) * factor:.10g}"
        except ValueError:
            return None

    return to


def _as_iso(written: str) -> Callable[[str], str | None]:
    def to(cell: str) -> str | None:
        try:
            return datetime.strptime(cell, written).isoformat()
        except ValueError:
            return None

    return to


def _padded(digits: int) -> Callable[[str], str | None]:
    return lambda cell: cell.zfill(digits) if cell.isdecimal() else None


def _cells(values: list[str]) -> Cells:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells
