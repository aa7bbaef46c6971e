"""What the pages and the API show of standing data: values as people write them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
from openpyxl.cell import WriteOnlyCell

from dispatch.files.spreadsheets import write_rows
from dispatch.intake.schema import Column
from dispatch.live import Desk
from dispatch.live.standing.upload import TABLES
from dispatch.live.standing.view import RowChange, Warned, file_rows

from ..entrance.discretion import change_shown
from ..words.language import current_language, translate, word

KINDS = tuple(TABLES)
# Of a long table a spreadsheet is made by hand out of the CSV.
MOST_SHEET_ROWS = 20_000
# A row of a rule calls these by other names than its file does.
AS_IN_FILE = {"first": "from", "last": "until"}


def column_title(kind: str, name: str) -> str:
    """What people call a column: in Chinese its header, in English its name."""
    column = TABLES[kind].column_by_name.get(AS_IN_FILE.get(name, name))
    return name if column is None else title_of(column)


def title_of(column: Column) -> str:
    """The same of a column itself."""
    if current_language() == "zh-CN" and column.header_zh:
        return column.header_zh
    return column.name.replace("_", " ")


def shown(kind: str, name: str, value: Any, zone: ZoneInfo) -> str:
    """A value of a row as people write it."""
    if value is None or value in ("", [], {}):
        return "–"
    if name in ("shift_start", "shift_end"):
        return f"{datetime.fromisoformat(value).astimezone(zone):%m-%d %H:%M}"
    if name == "breaks":
        return "; ".join(_break(each, zone) for each in value)
    if name == "weekdays":
        return ", ".join(word(current_language(), "weekday", each) for each in value)
    if name == "skills":
        return ", ".join(word(current_language(), "skill", each) for each in value)
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case bool():
            return translate("standing.yes" if value else "standing.no")
        case float():
            return f"{value:.8g}"
        case list():
            return ", ".join(_plain(each) for each in value)
        case Mapping():
            return ", ".join(f"{name} {amount:g}" for name, amount in value.items())
    return word(current_language(), "standing_value", value)


def _break(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, Mapping):
        first, last = (
            datetime.fromisoformat(value[each]).astimezone(zone) for each in ("earliest", "latest")
        )
        return f"{first:%H:%M}–{last:%H:%M} / {value['duration_min']:g} min"
    return f"{value[0][:5]}–{value[1][:5]} / {value[2]:g} min"


def change_row(kind: str, found: RowChange, zone: ZoneInfo) -> dict[str, Any]:
    """One row of a difference for a page."""
    found = change_shown(kind, found)
    fields = [
        (column_title(kind, name), shown(kind, name, before, zone), shown(kind, name, after, zone))
        for name, before, after in found.fields
    ]
    name = word(current_language(), "belief_name", found.name) if kind == "beliefs" else found.name
    return {"id": found.id, "name": name, "what": found.what, "fields": fields}


def warning_text(warned: Warned, zone: ZoneInfo) -> str:
    """A warning as a sentence."""
    values = {
        name: f"{value.astimezone(zone):%m-%d %H:%M}" if isinstance(value, datetime) else value
        for name, value in warned.values.items()
        if value is not None
    }
    code = warned.code if warned.code != "gap" or "back" in values else "gap_open"
    return translate(f"standing.warned.{code}", **values)


def counts(changes: Sequence[RowChange]) -> dict[str, int]:
    """How many rows are added, changed and taken away."""
    return {what: sum(each.what == what for each in changes) for what in ("added", "changed", "removed")}


def csv_file(desk: Desk, kind: str, zone: ZoneInfo) -> bytes:
    """What is in force of a kind as CSV, to be edited and sent back."""
    header, rows = file_rows(desk, kind, zone)
    text = io.StringIO(newline="")
    write_rows(text, [header, *rows])
    return text.getvalue().encode("utf-8-sig")


def excel_file(desk: Desk, kind: str, zone: ZoneInfo) -> bytes:
    """The same as an Excel workbook, every cell a text; the first rows of a table that is too long."""
    header, rows = file_rows(desk, kind, zone)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    for row in [header, *islice(rows, MOST_SHEET_ROWS)]:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=text)
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
