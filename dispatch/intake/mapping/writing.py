"""Tables of values as files of a case folder: plain CSV that is read back as it is."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np

from ...ground.brought import Brought
from ..cells import Parsed


def write_table(folder: Path, parsed: Parsed) -> None:
    """Write the columns that a table has, as the schema names them."""
    names = [column.name for column in parsed.table.columns if column.name in parsed.texts]
    lists = [texts_of(parsed, name) for name in names]
    with (folder / f"{parsed.table.name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(zip(*lists, strict=True))


def texts_of(parsed: Parsed, name: str) -> Iterable[str]:
    """A column as a file of a case folder has it."""
    values, column = parsed.values[name], parsed.table.column_by_name[name]
    if values.dtype == np.float64:
        return ["" if math.isnan(value) else repr(value).removesuffix(".0") for value in values.tolist()]
    to: Callable[[Any], str] = _list_text if column.kind == "list" else _text
    return map(to, values.tolist())


def _list_text(value: Any) -> str:
    return ";".join(value or ())


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() | date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case dict():
            return ";".join(f"{what}:{count:g}" for what, count in value.items()) or "nothing"
    return str(value)


def write_set_aside(folder: Path, brought: Iterable[Brought]) -> list[Path]:
    """Write the rows that are set aside, each file's apart, with what is wrong with them.

    Returns
    -------
    list of Path
        What was written; mended, each can be brought in again.
    """
    written = []
    for each in brought:
        if not each.aside:
            continue
        path = folder / f"{Path(each.file).stem}-set-aside.csv"
        names = list(dict.fromkeys(name for row in each.aside for name in row.cells))
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*names, "source_row", "what_is_wrong"])
            for row in each.aside:
                cells = [_safe(row.cells.get(name, "")) for name in names]
                writer.writerow([*cells, row.row, _safe("; ".join(row.reasons))])
        written.append(path)
    return written


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "@", "\t", "\r") else cell
