"""From a workbook to lines of text cells: which sheet, and what a cell says."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from .decoding import Sizes, Unreadable, check_file
from .gathering import Gathering
from .headers import LINES_ABOVE, header_line, understood
from .schema import Table
from .times import Zone
from .workbooks import check_workbook

EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})


def excel_lines(
    path: Path,
    table: Table,
    faults: Gathering,
    zone: Zone | None,
    sizes: Sizes,
    *,
    sheet: str = "",
    header_row: int = 0,
) -> list[list[str]]:
    """Every line of the sheet that holds the table, as text.

    Parameters
    ----------
    sheet, header_row : where they are stated; else found out.

    Raises
    ------
    Unreadable
        The workbook is damaged, too large or empty.
    """
    check_file(path, sizes.bytes_)
    values = _values(path, table, faults, sizes, sheet)
    if not values:
        raise Unreadable("is empty")
    top = [[cell_text(value) for value in row] for row in values[:LINES_ABOVE]]
    at = min(header_row - 1, len(top) - 1) if header_row else header_line(top, table)
    header = top[at]
    lines = [
        _excel_row(path.name, header, number, row, faults, zone)
        for number, row in enumerate(values[at + 1 :], at + 2)
    ]
    return [*top[: at + 1], *lines]


def _values(path: Path, table: Table, faults: Gathering, sizes: Sizes, stated: str) -> list[list[Any]]:
    try:
        check_workbook(path, sizes)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        if stated and stated not in book.sheetnames:
            raise Unreadable(f"has no sheet '{stated}'; it has {', '.join(book.sheetnames)[:200]}")
        name = stated or table.name
        sheets = [book[name]] if name in book.sheetnames else book.worksheets
        found = [_rows(sheet) for sheet in sheets]
        names = [str(sheet.title) for sheet in sheets]
        book.close()
    except Unreadable:
        raise
    # A damaged workbook surfaces as almost any error of the zip, XML and cell layers below.
    except (zipfile.BadZipFile, InvalidFileException, OSError, EOFError, KeyError, ValueError) as error:
        raise Unreadable("is cut short or not an Excel workbook") from error
    except Exception as error:
        raise Unreadable(f"is not a sound Excel workbook ({type(error).__name__})") from error
    at = _best(found, table)
    if at:
        faults.repaired(path.name, "another sheet than the first read", [f"'{names[at]}'"])
    return found[at] if found else []


def _rows(sheet: Any) -> list[list[Any]]:
    sheet.reset_dimensions()
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _best(sheets: list[list[list[Any]]], table: Table) -> int:
    """The first sheet, unless it does not look like the table and another does."""

    def looks(rows: list[list[Any]]) -> int:
        top = [[cell_text(value) for value in row] for row in rows[:LINES_ABOVE]]
        return understood(top[header_line(top, table)], table) if top else 0

    if len(sheets) < 2 or looks(sheets[0]) >= 2:
        return 0
    counts = [looks(rows) for rows in sheets]
    return counts.index(max(counts))


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
            text, problem = cell_text(value), ""
        if problem:
            name = header[position] if position < len(header) else ""
            faults.add(file, f"row {number}, column '{name}'", problem)
        texts.append(text)
    return texts


def cell_text(value: Any) -> str:
    """A cell of a workbook or a layer as text; whole numbers without decimals."""
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
