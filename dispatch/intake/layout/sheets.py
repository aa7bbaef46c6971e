"""Which sheets of a workbook hold the table, and what their merged cells mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from ..gathering import EXAMPLES, Gathering
from ..headers import LINES_ABOVE, header_line, understood
from ..schema import Table
from ..workbooks import Written

LOOKS = 2
"""A line that names so many columns is a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet with the values of its cells."""

    name: str
    rows: list[list[Any]]
    hidden: bool
    written: Written


def rows_of(file: str, sheets: Sequence[Sheet], table: Table, faults: Gathering) -> list[list[Any]]:
    """The rows of the table: of the sheet that looks like it, and of others with the same headings.

    Hidden sheets are left alone where a visible one looks like the table.
    """
    shown = [each for each in sheets if not each.hidden]
    if not shown or not any(_looks(each.rows, table) >= LOOKS for each in shown):
        shown = list(sheets)
    if not shown:
        return []
    at = _best(shown, table)
    if at:
        faults.repaired(file, "another sheet than the first read", [f"'{shown[at].name}'"])
    rows = _as_seen(file, shown[at], faults)
    header = _header(rows, table)
    for other in shown[:at] + shown[at + 1 :]:
        if header is None or _header(other.rows, table) != header or faults.strict:
            continue
        more = _below(_as_seen(file, other, faults), table)
        text = f"'{other.name}': {len(more)} rows, counted from row {len(rows) + 1} on"
        faults.repaired(file, "sheets with the same headings read as one table", [text])
        rows = [*rows, *more]
    left = [f"'{each.name}'" for each in sheets if each not in shown and _looks(each.rows, table) >= LOOKS]
    if left:
        faults.repaired(file, "hidden sheets not read", left)
    return rows


def _best(sheets: Sequence[Sheet], table: Table) -> int:
    """The first sheet, unless it does not look like the table and another does."""
    counts = [_looks(each.rows, table) for each in sheets]
    return 0 if counts[0] >= LOOKS else counts.index(max(counts))


def _looks(rows: list[list[Any]], table: Table) -> int:
    top = _top(rows)
    return understood(top[header_line(top, table)], table) if top else 0


def _top(rows: list[list[Any]]) -> list[list[str]]:
    return [[cell_text(value) for value in row] for row in rows[:LINES_ABOVE]]


def _header(rows: list[list[Any]], table: Table) -> list[str] | None:
    """The headings where they are sure."""
    if _looks(rows, table) < LOOKS:
        return None
    top = _top(rows)
    return [title.strip() for title in top[header_line(top, table)] if title.strip()]


def _below(rows: list[list[Any]], table: Table) -> list[list[Any]]:
    return rows[header_line(_top(rows), table) + 1 :]


def _as_seen(file: str, sheet: Sheet, faults: Gathering) -> list[list[Any]]:
    """The rows as a person sees them: a merged cell stands for each row that it spans."""
    written = sheet.written
    if written.formulas:
        shown = [f"'{sheet.name}' {place}" for place in written.first_formulas]
        what = "formulas that were never reckoned taken as empty; open the file in a spreadsheet and save it"
        faults.repaired(file, what, shown, written.formulas)
    rows, filled, shown = sheet.rows, 0, []
    for top, left, bottom, right in written.merged if not faults.strict else ():
        value = _value(rows, top, left)
        if left != right or value is None:
            continue
        for row in range(top + 1, min(bottom, len(rows)) + 1):
            if _value(rows, row, left) is None:
                line = rows[row - 1]
                line += [None] * (left - len(line))
                line[left - 1] = value
                filled += 1
                shown += [f"row {row}: '{cell_text(value)[:60]}'"] if len(shown) < EXAMPLES else []
    if filled:
        faults.repaired(file, "merged cells read in each of their rows", shown, filled)
    return rows


def _value(rows: list[list[Any]], row: int, column: int) -> Any:
    line = rows[row - 1] if 0 < row <= len(rows) else []
    return line[column - 1] if 0 < column <= len(line) else None


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
