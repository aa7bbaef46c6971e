"""Which line of a table is its header, what each column is, and which rows are none.

Reports have a title above the header, a total below the rows, and headings of their own. What
was understood otherwise than it is written is said; a heading that is nearly one of ours is a
fault, for it may be a slip of the pen.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..ground.errors import nearest
from .gathering import Gathering
from .schema import Table
from .spelling.headings import bare, columns_by_heading, is_row_number

Cells = NDArray[np.object_]
MOST_COLUMNS = 20
LINES_ABOVE = 20
"""A header is looked for in so many lines from the top."""
SLIP = 0.74
"""How much alike a heading and a name of ours are when it may be a slip of the pen."""
TOTAL = re.compile(
    r"^(?:本页|本月|全部)?(?:合计|总计|小计|共计|累计|总数|汇总)|^(?:grand |sub-?)?total(?:es|s)?\b"
    r"|^suma?\b|^soma\b|^somatório",
    re.IGNORECASE,
)
FOOT = re.compile(
    r"^(制表|审核|打印|导出|统计时间|填报|备注|说明|注[：:]|共\s*\d+|单位[：:]|printed|exported|generated|source:|fuente|fonte"
    r"|\(?\d[\d,. ]* (?:rows?|records?|filas|registros|linhas)\b|-{3,}\s*$|={3,}\s*$)",
    re.IGNORECASE,
)


def understood(cells: Iterable[str], table: Table) -> int:
    """How many columns of a table a line names."""
    known = columns_by_heading(table.name)
    found: set[str] = set()
    for cell in cells:
        text = cell.strip()
        column = table.column_by_header.get(text.lower())
        meant = (column.name,) if column is not None else known.get(bare(text), ()) if text else ()
        found.update(meant[:1])
    return len(found & set(table.column_by_name))


def header_line(lines: Sequence[Sequence[str]], table: Table) -> int:
    """Position of the header: the first line, unless one below it names more columns, and two at least."""
    if not lines or understood(lines[0], table) >= 2:
        return 0
    counts = [understood(line, table) for line in lines[:LINES_ABOVE]]
    best = max(counts)
    return counts.index(best) if best >= 2 else 0


def say_title(file: str, above: Sequence[Sequence[str]], faults: Gathering) -> None:
    """Note the lines above the header."""
    texts = [" ".join(cell.strip() for cell in line if cell.strip()) for line in above]
    shown = [f"row {row}: '{text[:60]}'" for row, text in enumerate(texts, 1) if text]
    if shown:
        faults.repaired(file, "lines above the header left out", shown)


def names_of(file: str, table: Table, header: Sequence[str], faults: Gathering) -> list[str]:
    """Name each column of the file by the schema; "" for what is not used.

    Names of ours go first, then headings that mean one; what stays is said, or a fault where it may be a
    slip of the pen.
    """
    names = _own_names(file, table, header, faults)
    if not faults.strict:
        _by_meaning(file, table, header, names, faults)
    rest = [name for name in _headers_of(table) if table.column_by_header[name].name not in names]
    # Where one of ours is missing, it may be any of those that nobody knows.
    missing = any(column.required and column.name not in names for column in table.columns)
    for position, title in enumerate(header):
        if not names[position]:
            _unused(file, table, title.strip(), position + 1, rest, missing, faults)
    found = [title.strip() for title in header]
    for column in table.columns:
        if column.required and column.name not in names:
            only = f"; the only column found is '{found[0]}'" if len(found) == 1 else ""
            faults.add(file, f"column '{column.name}'", f"missing column{only}")
    return [name if name != TWICE else "" for name in names]


TWICE = "\0"


def is_below(line: Sequence[str]) -> bool:
    """Whether a line is a total or a footer."""
    first = next((cell.strip() for cell in line if cell.strip()), "")
    return bool(TOTAL.match(first) or FOOT.match(first))


def _headers_of(table: Table) -> Iterable[str]:
    return table.column_by_header.keys()


def _own_names(file: str, table: Table, header: Sequence[str], faults: Gathering) -> list[str]:
    names: list[str] = []
    for title in header:
        column = table.column_by_header.get(title.strip().lower())
        if column is not None and column.name in names:
            faults.add(file, f"column '{column.name}'", "stands here twice")
            names.append(TWICE)
            continue
        names.append(column.name if column is not None else "")
    return names


def _by_meaning(file: str, table: Table, header: Sequence[str], names: list[str], faults: Gathering) -> None:
    """Name what has a heading that means one of our columns which no other column has."""
    known = columns_by_heading(table.name)
    for position, title in enumerate(header):
        if names[position] or not title.strip():
            continue
        meant = [each for each in known.get(bare(title), ()) if each in table.column_by_name]
        free = [each for each in meant if each not in names]
        if free:
            names[position] = free[0]
            shown = [f"'{title.strip()}' is {free[0]}"]
            faults.repaired(file, "headings read by their meaning", shown, most=MOST_COLUMNS)


def _unused(
    file: str,
    table: Table,
    text: str,
    position: int,
    rest: Sequence[str],
    missing: bool,
    faults: Gathering,
) -> None:
    """Say that a column is not used, or that it is a fault."""
    slip = difflib.get_close_matches(text.lower(), rest, n=1, cutoff=SLIP) if text else []
    if faults.strict and not text:
        faults.add(file, f"column {position}", "has no name")
    elif text and (faults.strict or ((slip or missing) and not is_row_number(text))):
        hint = nearest(text.lower(), table.column_by_header)
        faults.add(file, f"column '{text}'", f"unknown column{hint}")
    else:
        shown = [f"'{text}'" if text else f"column {position} has no name"]
        faults.repaired(file, "columns not used", shown, most=MOST_COLUMNS)


def not_rows(
    file: str,
    table: Table,
    columns: Mapping[str, Cells],
    header: Sequence[str],
    names: Sequence[str],
    rows: NDArray[np.int64],
    first: Cells,
    faults: Gathering,
) -> NDArray[np.bool_]:
    """Mark what is no row: totals, footers, the header once more.

    Parameters
    ----------
    header, names : headings of the file and what they are.
    first : the first cell of each row that holds something.
    """
    none = np.zeros(len(rows), dtype=bool)
    needed = [columns[column.name] for column in table.columns if column.required and column.name in columns]
    titles = {name: title.strip() for name, title in zip(names, header, strict=True) if name}
    again = np.logical_and.reduce([columns[name] == title for name, title in titles.items()] or [none])
    lacking = np.logical_or.reduce([cells == "" for cells in needed] or [none])
    for at in np.flatnonzero(lacking | again).tolist():
        text = str(first[at])
        if again[at]:
            what = "repeated header"
        elif TOTAL.match(text):
            what = "row of totals"
        elif FOOT.match(text):
            what = "line below the table"
        else:
            continue
        none[at] = True
        faults.repaired(file, f"{what} left out", [f"row {rows[at]}: '{text[:60]}'"])
    return none
