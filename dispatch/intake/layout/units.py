"""Units that a heading states, 电压(V) or annual energy [MWh], or a row of units below the headings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..gathering import Gathering
from ..headers import understood
from ..schema import Table
from ..spelling.ids import narrow
from ..spelling.numbers import UNITS

_STATED = re.compile(r"[(\[【]\s*([^)\]】]+?)\s*[)\]】]\s*$")
_BRACKETED = re.compile(r"^[(\[【（].*[)\]】）]$")
_OF_A_YEAR = re.compile(r"(?:/|每|per\s*)?(?:年|a|year|yr|annum|año|ano)$")
VOLTS_FROM = 100.0
"""A table of customers in which nobody has less is no table of kilovolts."""


def factors_of(table: Table, titles: Mapping[str, str]) -> dict[str, float]:
    """By column, what its numbers are multiplied by to be in our unit; only where that is not one.

    Parameters
    ----------
    titles : headings of the file by our names.
    """
    found = {}
    for name, title in titles.items():
        column = table.column_by_name.get(name)
        stated = _STATED.search(narrow(title).translate({0x3010: "[", 0x3011: "]"}))
        if column is None or stated is None or column.kind not in ("number", "integer"):
            continue
        factor = _factor(column.unit, stated[1])
        if factor not in (None, 1):
            found[name] = factor
    return found


def _factor(ours: str, theirs: str) -> float | None:
    known = UNITS.get(ours, {})
    small = theirs.casefold().replace(" ", "")
    return known.get(small, known.get(_OF_A_YEAR.sub("", small)))


def are_volts(values: NDArray[np.float64], unit: str) -> bool:
    """Whether voltages of a column of kilovolts are volts: nobody has less than 100 of them."""
    given = values[np.isfinite(values) & (values > 0)]
    return unit == "kV" and len(given) > 0 and bool(given.min() >= VOLTS_FROM)


def without_unit_row(
    file: str, header: list[str], lines: list[list[str]], first: int, table: Table, faults: Gathering
) -> tuple[list[str], list[list[str]], int]:
    """Take a row of units, or the headings in another language, below the headings for what it is.

    Returns
    -------
    tuple
        The headings with their units, the lines below, and the number of the first of them.
    """
    if faults.strict or not lines:
        return header, lines, first
    cells = [cell.strip() for cell in lines[0]]
    given = [cell for cell in cells if cell]
    if not is_no_row(cells, header, table):
        return header, lines, first
    if all(map(_is_unit, given)):
        faults.repaired(
            file, "row of units read with the headings", [f"row {first}: {', '.join(given)[:60]}"]
        )
        units = [*cells, *[""] * len(header)]
        titles = [
            f"{title}({unit.strip('()（）[]')})" if unit else title
            for title, unit in zip(header, units, strict=False)
        ]
        return titles, lines[1:], first + 1
    faults.repaired(file, "repeated header left out", [f"row {first}: {', '.join(given)[:60]}"])
    return header, lines[1:], first + 1


def is_no_row(cells: Sequence[str], header: Sequence[str], table: Table) -> bool:
    """Whether the line below the headings holds their units, or the headings once more."""
    given = [cell.strip() for cell in cells if cell.strip()]
    if not given or understood(header, table) < 2:
        return False
    return all(map(_is_unit, given)) or understood(given, table) >= max(2, len(given) - 1)


def _is_unit(cell: str) -> bool:
    bare = cell.strip("()（）[]【】 ").casefold()
    return bool(_BRACKETED.match(cell)) or any(bare in known for known in UNITS.values())
