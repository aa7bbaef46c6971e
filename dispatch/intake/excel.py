"""From a workbook to lines of text cells: which sheet, and what a cell says."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from .decoding import Sizes, Unreadable, check_file
from .gathering import Gathering
from .headers import LINES_ABOVE, header_line
from .layout.sheets import Sheet, cell_text, rows_of
from .schema import Table
from .times import Zone
from .workbooks import Written, check_workbook

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
        written = check_workbook(path, sizes)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        if stated and stated not in book.sheetnames:
            raise Unreadable(f"has no sheet '{stated}'; it has {', '.join(book.sheetnames)[:200]}")
        name = stated or table.name
        sheets = [book[name]] if name in book.sheetnames else list(book.worksheets)
        found = [_sheet(each, written) for each in sheets]
        book.close()
    except Unreadable:
        raise
    # A damaged workbook surfaces as almost any error of the zip, XML and cell layers below.
    except (zipfile.BadZipFile, InvalidFileException, OSError, EOFError, KeyError, ValueError) as error:
        raise Unreadable("is cut short or not an Excel workbook") from error
    except Exception as error:
        raise Unreadable(f"is not a sound Excel workbook ({type(error).__name__})") from error
    return rows_of(path.name, found, table, faults)


def _sheet(sheet: Any, written: Mapping[str, Written]) -> Sheet:
    sheet.reset_dimensions()
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    return Sheet(
        name=str(sheet.title),
        rows=rows,
        hidden=sheet.sheet_state != "visible",
        written=written.get(part, Written()),
    )


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
