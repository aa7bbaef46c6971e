"""From a file to columns of text cells: CSV, Excel, GeoJSON, GeoPackage."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from numpy.typing import NDArray
from openpyxl.utils.exceptions import InvalidFileException

from geo import GeoError
from geo.readers.points import read_layer

from ..ground.errors import nearest
from .decoding import Sizes, Unreadable, check_file, read_text
from .gathering import Gathering
from .schema import Table
from .times import Zone
from .workbooks import check_workbook

Cells = NDArray[np.object_]
GEOGRAPHIC = (".geojson", ".gpkg")
CASE_SIZES = Sizes()
LINES_IN_A_ROW = 20
BLANK_LINES = 1000


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A file's columns as text, empty where a cell is empty.

    Parameters
    ----------
    columns : by the column's name in the schema, (n,) each.
    rows : (n,) row numbers as a spreadsheet shows them (the header is row 1); features count from 1.
    """

    file: str
    columns: dict[str, Cells]
    rows: NDArray[np.int64]


def read_raw(
    path: Path, table: Table, faults: Gathering, *, zone: Zone | None = None, sizes: Sizes = CASE_SIZES
) -> Raw | None:
    """Read one file of a case; None, and at least one fault, when it cannot be read."""
    try:
        header, columns = _header_and_columns(path, table, faults, zone, sizes)
    except Unreadable as error:
        faults.add(path.name, "", str(error))
        return None
    names = _names(path.name, table, header, faults)
    arrays = {name: _cells(column) for name, column in zip(names, columns, strict=True) if name}
    count = len(columns[0]) if columns else 0
    first = 1 if path.suffix in GEOGRAPHIC else 2
    rows = np.arange(first, first + count, dtype=np.int64)
    kept = _not_blank(arrays, count)
    if not kept.all():
        arrays, rows = {name: cells[kept] for name, cells in arrays.items()}, rows[kept]
    return Raw(file=path.name, columns=arrays, rows=rows)


def _header_and_columns(
    path: Path, table: Table, faults: Gathering, zone: Zone | None, sizes: Sizes
) -> tuple[list[str], list[list[str]]]:
    if path.suffix in GEOGRAPHIC:
        return _layer_columns(path, table, sizes.bytes_)
    if path.suffix == ".xlsx":
        header, lines = _excel_lines(path, table, faults, zone, sizes)
        return _turned(path.name, header, lines, faults)
    text = read_text(path, sizes.bytes_)
    first_line = text[: text.find("\n") + 1] or text
    delimiter = max(",;\t", key=first_line.count)
    _check_text(text, first_line.count(delimiter) + 1, sizes)
    even = _even_csv(text, delimiter)
    return even if even is not None else _turned(path.name, *_any_csv(text, delimiter), faults)


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


def _any_csv(text: str, delimiter: str) -> tuple[list[str], list[list[str]]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise Unreadable(f"is not a sound CSV file: {error}") from error
    if not lines:
        raise Unreadable("is empty")
    return lines[0], lines[1:]


def _turned(
    file: str, header: list[str], lines: list[list[str]], faults: Gathering
) -> tuple[list[str], list[list[str]]]:
    """Turn lines into columns, one per name of the header."""
    while len(header) > 1 and not header[-1].strip():
        header.pop()
    if any(len(line) != len(header) for line in lines):
        lines = _even(file, lines, len(header), faults)
    if not lines:
        return header, [[] for _ in header]
    return header, [list(map(str.strip, column)) for column in zip(*lines, strict=True)]


def _excel_lines(
    path: Path, table: Table, faults: Gathering, zone: Zone | None, sizes: Sizes
) -> tuple[list[str], list[list[str]]]:
    check_file(path, sizes.bytes_)
    try:
        check_workbook(path, sizes)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book[table.name] if table.name in book.sheetnames else book.worksheets[0]
        sheet.reset_dimensions()
        values = [list(row) for row in sheet.iter_rows(values_only=True)]
        book.close()
    except Unreadable:
        raise
    # A damaged workbook surfaces as almost any error of the zip, XML and cell layers below.
    except (zipfile.BadZipFile, InvalidFileException, OSError, EOFError, KeyError, ValueError) as error:
        raise Unreadable("is cut short or not an Excel workbook") from error
    except Exception as error:
        raise Unreadable(f"is not a sound Excel workbook ({type(error).__name__})") from error
    if not values:
        raise Unreadable("is empty")
    header = [_cell_text(value) for value in values[0]]
    lines = [
        _excel_row(path.name, header, number, row, faults, zone) for number, row in enumerate(values[1:], 2)
    ]
    return header, lines


def _excel_row(
    file: str, header: list[str], number: int, row: list[Any], faults: Gathering, zone: Zone | None
) -> list[str]:
    texts = []
    for position, value in enumerate(row):
        if isinstance(value, datetime) and zone is not None:
            text, problem = zone.attach(value)
        elif isinstance(value, str) and value in EXCEL_ERRORS:
            text, problem = "", f"holds the Excel error {value}"
        else:
            text, problem = _cell_text(value), ""
        if problem:
            name = header[position] if position < len(header) else ""
            faults.add(file, f"row {number}, column '{name}'", problem)
        texts.append(text)
    return texts


EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})


def _cell_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _layer_columns(path: Path, table: Table, max_bytes: int) -> tuple[list[str], list[list[str]]]:
    check_file(path, max_bytes)
    try:
        frame = read_layer(path, table.name)
    except GeoError as error:
        raise Unreadable(error.faults[0].text) from error
    missing = frame.isna()
    texts = [
        [
            "" if gone else _cell_text(value)
            for value, gone in zip(frame[name].tolist(), missing[name], strict=True)
        ]
        for name in frame.columns
    ]
    return [str(name) for name in frame.columns], texts


def _names(file: str, table: Table, header: Sequence[str], faults: Gathering) -> list[str]:
    """Name each column of the file by the schema; "" for the unknown, which are faults."""
    names: list[str] = []
    for position, title in enumerate(header, 1):
        text = title.strip()
        column = table.column_by_header.get(text.lower())
        if column is None and text:
            hint = nearest(text.lower(), table.column_by_header)
            faults.add(file, f"column '{text}'", f"unknown column{hint}")
        elif column is None and not text:
            faults.add(file, f"column {position}", "has no name")
        elif column is not None and column.name in names:
            faults.add(file, f"column '{column.name}'", "stands here twice")
            column = None
        names.append(column.name if column is not None else "")
    found = [title.strip() for title in header]
    for column in table.columns:
        if column.required and column.name not in names:
            only = f"; the only column found is '{found[0]}'" if len(found) == 1 else ""
            faults.add(file, f"column '{column.name}'", f"missing column{only}")
    return names


def _even(file: str, lines: list[list[str]], width: int, faults: Gathering) -> list[list[str]]:
    """Pad short lines (spreadsheets leave out empty cells at the end); over-long ones are faults."""
    even = []
    for number, line in enumerate(lines, 2):
        if any(cell.strip() for cell in line[width:]):
            faults.add(file, f"row {number}", f"has {len(line)} cells; the header has {width}")
        elif 1 < len(line) < width and not file.endswith(".xlsx"):
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
            break
    return kept
