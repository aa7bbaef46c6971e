"""Writes examples to start from: headers and one row each, as CSV and as Excel."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .schema import KINDS, SETTINGS, TABLES, Column, Table


def write_template(folder: Path) -> tuple[Path, ...]:
    """Write the settings and an example row per table into a folder; existing files stay.

    Roads and grid come from the utility's own maps; they are not among the examples.

    Returns
    -------
    tuple of Path
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"settings.yaml": settings_text()}
    contents |= {f"{table.name}.csv": csv_text(table) for table in TABLES}
    written = []
    for name, text in contents.items():
        path = folder / name
        if not path.exists():
            path.write_text(text, encoding="utf-8", newline="")
            written.append(path)
    return tuple(written)


def settings_text() -> str:
    """Return an example of `settings.yaml` with the meaning of each key beside it."""
    lines = []
    for column in SETTINGS.columns:
        value = f"\n  - {column.example}" if column.kind == "list" else f" {column.example}"
        mark = "" if column.required else "# "
        entry = f"{column.name}:{value}".replace("\n", f"\n{mark}")
        lines.append(f"# {column.meaning}\n{mark}{entry}\n")
    return "".join(lines)


def csv_text(table: Table, *, rows: bool = True) -> str:
    """Return a table's header and, unless told otherwise, its example row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    if rows:
        writer.writerow([column.example for column in table.columns])
    return text.getvalue()


def write_excel_template(path: Path, table: Table, *, chinese: bool = False) -> None:
    """Write an Excel workbook to fill in: bold headers with their meaning as a note, and one example row."""
    if table not in TABLES:
        raise ValueError(f"there is no table '{table.name}'")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = table.name
    for position, column in enumerate(table.columns, 1):
        header = sheet.cell(row=1, column=position, value=column.header_zh if chinese else column.name)
        header.font = Font(bold=column.required)
        header.comment = Comment(_note(column), "gridcrew")
        sheet.cell(row=2, column=position, value=column.example).number_format = "@"
        sheet.column_dimensions[get_column_letter(position)].width = max(12, len(column.example) + 2)
    sheet.freeze_panes = "A2"
    book.save(path)


def _note(column: Column) -> str:
    needed = "required" if column.required else "may be empty"
    unit = f", {column.unit}" if column.unit else ""
    allowed = f"\nOne of {', '.join(column.allowed)}" if column.allowed else ""
    return f"{column.meaning}\n{column.kind}{unit}; {needed}\n{KINDS[column.kind]}{allowed}"
