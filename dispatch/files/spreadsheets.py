"""Tables for spreadsheets: what people typed stays text, whatever a spreadsheet would make of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, Protocol

import pandas as pd

# What Excel, LibreOffice or Numbers take for the beginning of a formula; the wide forms too, as a
# Chinese or Japanese Excel does. OWASP, "CSV Injection".
BEGINS = frozenset("=+-@\t\r\n|%＝＋－＠")


class Sink(Protocol):
    """Where a table is written to."""

    def write(self, text: str, /) -> Any:
        """Take some text."""


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers are left as they are.

    Parameters
    ----------
    cell : any value.

    Returns
    -------
    object
        Text that would start a formula has an apostrophe in front.
    """
    if not isinstance(cell, str) or cell.lstrip(" ")[:1] not in BEGINS or not cell or _is_number(cell):
        return cell
    return f"'{cell}"


def unguarded(cell: str) -> str:
    """Return a cell as it was before `harmless`.

    Parameters
    ----------
    cell : a text of a table.

    Returns
    -------
    str
        Without the guarding apostrophe.
    """
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell


def write_rows(out: Sink, rows: Iterable[Iterable[Any]], *, lineterminator: str = "\n") -> None:
    """Write rows as CSV, every cell harmless.

    Parameters
    ----------
    out : where to; anything with `write`.
    rows : cells of any type.
    lineterminator : ends each row.
    """
    writer = csv.writer(out, lineterminator=lineterminator)
    writer.writerows([harmless(cell) for cell in row] for row in rows)


def table_csv(table: pd.DataFrame) -> str:
    """A table as CSV without its index, every cell and heading harmless.

    Parameters
    ----------
    table : any table.

    Returns
    -------
    str
        Lines end with a line feed.
    """
    safe = table.copy()
    for name in safe.columns[[kind.kind not in "biuf" for kind in safe.dtypes]]:
        safe[name] = safe[name].astype(object).map(harmless)
    safe.columns = pd.Index([harmless(name) for name in safe.columns])
    text: str = safe.to_csv(index=False, lineterminator="\n")
    return text


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
