"""From a file to columns of text cells: CSV, Excel, GeoJSON, GeoPackage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import GeoError
from geo.readers.points import read_layer

from .decoding import Sizes, Unreadable, check_file, read_text
from .excel import excel_lines
from .gathering import EXAMPLES, Gathering
from .headers import LINES_ABOVE, header_line, is_below, names_of, not_rows, say_title, understood
from .layout.columns import in_columns_of_ours
from .layout.quotes import lines_of
from .layout.sheets import cell_text
from .layout.units import factors_of, is_no_row, without_unit_row
from .schema import Table
from .spelling.ids import is_nothing
from .times import Zone

Cells = NDArray[np.object_]
GEOGRAPHIC = (".geojson", ".gpkg")
WORKBOOKS = (".xlsx", ".xlsm")
CASE_SIZES = Sizes()
LINES_IN_A_ROW = 20
BLANK_LINES = 1000
TOP = 64 * 1024
"""The header is looked for in so much text."""
MARKS = ",;\t|"
MOST_SURE = 2
"""A first line that names so many columns is the header."""


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A file's columns as text, empty where a cell is empty.

    Parameters
    ----------
    columns : by the column's name in the schema, (n,) each.
    rows : (n,) row numbers as a spreadsheet shows them (the header is row 1); features count from 1.
    factors : by column, what its numbers are multiplied by, because its heading states another unit.
    """

    file: str
    columns: dict[str, Cells]
    rows: NDArray[np.int64]
    factors: Mapping[str, float] = field(default_factory=dict)


class Cut(NamedTuple):
    """A file cut into columns of text.

    Parameters
    ----------
    header : its headings. columns : below them, as many.
    first : number of the first row.
    """

    header: list[str]
    columns: list[list[str]]
    first: int


def read_raw(
    path: Path, table: Table, faults: Gathering, *, zone: Zone | None = None, sizes: Sizes = CASE_SIZES
) -> Raw | None:
    """Read one file of a case; None, and at least one fault, when it cannot be read."""
    try:
        header, columns, first = cut(path, table, faults, zone, sizes)
    except Unreadable as error:
        faults.add(path.name, "", str(error))
        return None
    names = names_of(path.name, table, header, faults)
    arrays = {name: _cells(column) for name, column in zip(names, columns, strict=True) if name}
    count = len(columns[0]) if columns else 0
    rows = np.arange(first, first + count, dtype=np.int64)
    kept = _not_blank(arrays, count)
    kept &= ~no_rows(path.name, table, arrays, header, names, columns, rows, faults)
    if not faults.strict:
        empty = _nothing_but_words_for_it(arrays, kept)
        if empty.any():
            shown = [f"row {row}" for row in rows[empty][:EXAMPLES].tolist()]
            faults.repaired(path.name, "rows in which every cell is empty left out", shown, int(empty.sum()))
            kept &= ~empty
    if not kept.all():
        arrays, rows = {name: cells[kept] for name, cells in arrays.items()}, rows[kept]
    faults.was_read(path.name, len(rows))
    factors = {} if faults.strict else factors_of(table, dict(zip(names, header, strict=True)))
    return Raw(file=path.name, columns=arrays, rows=rows, factors=factors)


def no_rows(
    file: str,
    table: Table,
    arrays: dict[str, Cells],
    header: list[str],
    names: list[str],
    columns: list[list[str]],
    rows: NDArray[np.int64],
    faults: Gathering,
) -> NDArray[np.bool_]:
    """Mark totals, footers and repeated headers of a file that somebody laid out as a report."""
    if file.lower().endswith(GEOGRAPHIC) or faults.strict or not columns:
        return np.zeros(len(rows), dtype=bool)
    first = _cells(columns[0])
    for column in columns[1:4]:
        if not (first == "").any():
            break
        first = np.where(first == "", _cells(column), first)
    return not_rows(file, table, arrays, header, names, rows, first, faults)


def cut(path: Path, table: Table, faults: Gathering, zone: Zone | None, sizes: Sizes) -> Cut:
    """Cut a file into its headings and the columns below them; what we hold in one column is joined.

    Raises
    ------
    Unreadable
        It is no such file, damaged or too large.
    """
    return joined(path.name, _cut(path, table, faults, zone, sizes), table, faults)


def joined(file: str, found: Cut, table: Table, faults: Gathering) -> Cut:
    """A table with a day and its time in one column, and coordinates in two."""
    return Cut(*in_columns_of_ours(file, found.header, found.columns, table, faults), found.first)


def _cut(path: Path, table: Table, faults: Gathering, zone: Zone | None, sizes: Sizes) -> Cut:
    suffix = path.suffix.lower()
    if suffix in GEOGRAPHIC:
        return Cut(*_layer_columns(path, table, sizes.bytes_), 1)
    if suffix in WORKBOOKS:
        return cut_lines(path.name, excel_lines(path, table, faults, zone, sizes), table, faults)
    text = read_text(path, sizes.bytes_)
    delimiter = _checked_mark(text, table, sizes)
    even = _even_csv(text, delimiter)
    if even is not None and understood(even[0], table) >= MOST_SURE:
        top = [column[0] for column in even[1] if column]
        if faults.strict or not is_no_row(top, even[0], table):
            return Cut(*even, 2)
    return cut_lines(path.name, _any_csv(path.name, text, delimiter, faults), table, faults)


def csv_lines(
    path: Path, table: Table, sizes: Sizes, faults: Gathering, text: str | None = None, delimiter: str = ""
) -> list[list[str]]:
    """The lines of a CSV file, cut into cells.

    Parameters
    ----------
    text : of the file where its encoding is stated.
    delimiter : what parts its cells; empty: found out.

    Raises
    ------
    Unreadable
        It is damaged or too large.
    """
    text = read_text(path, sizes.bytes_) if text is None else text
    found = _checked_mark(text, table, sizes)
    return _any_csv(path.name, text, delimiter or found, faults)


def _checked_mark(text: str, table: Table, sizes: Sizes) -> str:
    first_line = text[: text.find("\n") + 1] or text
    _check_text(text, max(map(first_line.count, MARKS)) + 1, sizes)
    return _mark_of(text[:TOP].split("\n")[:LINES_ABOVE], table)


def _mark_of(top: list[str], table: Table) -> str:
    """What parts the cells. Words hold commas too: the header, not a long sentence, tells."""

    def sure(mark: str) -> tuple[int, int]:
        return understood(_best_split(top, mark, table), table), max(line.count(mark) for line in top)

    return max(MARKS, key=sure)


def _best_split(top: list[str], mark: str, table: Table) -> list[str]:
    lines = [[cell.strip(' "\r') for cell in line.split(mark)] for line in top]
    return lines[header_line(lines, table)]


def cut_lines(file: str, lines: list[list[str]], table: Table, faults: Gathering, header_row: int = 0) -> Cut:
    """Cut a table where its header is.

    Parameters
    ----------
    header_row : as a spreadsheet numbers it; 0: found out.

    Raises
    ------
    Unreadable
        It has no such row.
    """
    if header_row > len(lines):
        raise Unreadable(f"has no row {header_row}")
    at = header_row - 1 if header_row else header_line(lines, table)
    say_title(file, lines[:at], faults)
    header, below, first = without_unit_row(file, lines[at], lines[at + 1 :], at + 2, table, faults)
    return Cut(*_turned(file, header, below, first, faults), first)


def _check_text(text: str, columns: int, sizes: Sizes) -> None:
    """Refuse a CSV text that is too wide or too long before it is cut into cells."""
    if columns > sizes.columns:
        raise Unreadable(f"has {columns} columns; the limit is {sizes.columns}")
    # Words may hold line ends of their own: so many lines are no row each.
    lines = text.count("\n")
    if lines > (1 if '"' not in text else LINES_IN_A_ROW) * (sizes.rows + BLANK_LINES):
        raise Unreadable(f"has {lines} lines; the limit is {sizes.rows} rows")


def _even_csv(text: str, delimiter: str) -> tuple[list[str], list[list[str]]] | None:
    """Cut a CSV text in which no cell is quoted and every line has as many cells; None for others.

    Most large files are so, and this takes a third of the time of the `csv` module.
    """
    if '"' in text:
        return None
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    width = lines[0].count(delimiter)
    if "\r" in lines[0] or any(line.count(delimiter) != width for line in lines):
        return None
    cells = list(map(str.strip, delimiter.join(lines).split(delimiter)))
    header, step = cells[: width + 1], width + 1
    if not all(header):
        return None
    return header, [cells[step + position :: step] for position in range(step)]


def _any_csv(file: str, text: str, delimiter: str, faults: Gathering) -> list[list[str]]:
    lines = lines_of(file, text, delimiter, faults)
    if not lines:
        raise Unreadable("is empty")
    return lines


def _turned(
    file: str, header: list[str], lines: list[list[str]], first: int, faults: Gathering
) -> tuple[list[str], list[list[str]]]:
    """Turn lines into columns, one per name of the header."""
    while len(header) > 1 and not header[-1].strip():
        header.pop()
    if any(len(line) != len(header) for line in lines):
        lines = _even(file, lines, len(header), first, faults)
    if not lines:
        return header, [[] for _ in header]
    return header, [list(map(str.strip, column)) for column in zip(*lines, strict=True)]


def _layer_columns(path: Path, table: Table, max_bytes: int) -> tuple[list[str], list[list[str]]]:
    check_file(path, max_bytes)
    try:
        frame = read_layer(path, table.name)
    except GeoError as error:
        raise Unreadable(error.faults[0].text) from error
    missing = frame.isna()
    texts = [
        [
            "" if gone else cell_text(value)
            for value, gone in zip(frame[name].tolist(), missing[name], strict=True)
        ]
        for name in frame.columns
    ]
    return [str(name) for name in frame.columns], texts


def _even(file: str, lines: list[list[str]], width: int, first: int, faults: Gathering) -> list[list[str]]:
    """Pad short lines (spreadsheets leave out empty cells at the end); over-long ones are faults."""
    even = []
    for number, line in enumerate(lines, first):
        if any(cell.strip() for cell in line[width:]):
            faults.add(file, f"row {number}", f"has {len(line)} cells; the header has {width}")
        elif 1 < len(line) < width and not file.lower().endswith(WORKBOOKS) and not is_below(line):
            faults.add(file, f"row {number}", f"has only {len(line)} of {width} cells")
        even.append(line[:width] + [""] * (width - len(line)))
    return even


def _cells(values: list[str]) -> Cells:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


def _not_blank(arrays: dict[str, Cells], count: int) -> NDArray[np.bool_]:
    kept = np.zeros(count, dtype=bool)
    for cells in arrays.values():
        kept |= cells != ""
        if kept.all():
            return kept
    return kept


def _nothing_but_words_for_it(arrays: dict[str, Cells], kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark rows in which every cell says NULL, nan or nothing."""
    some = np.zeros(len(kept), dtype=bool)
    first = next(iter(arrays.values()), None)
    if first is None or not any(is_nothing(cell) for cell in pd.unique(first)):
        return some
    for cells in arrays.values():
        codes, words = pd.factorize(cells)
        some |= np.array([bool(word) and not is_nothing(word) for word in words], dtype=bool)[codes]
    return kept & ~some
