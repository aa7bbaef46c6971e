"""Cells that hold numbers, as people write them."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .cellular import Cellular, Values
from .layout.units import are_volts
from .reading import Cells
from .spelling.numbers import comma_of, read_number


def numbers(cells: Cells, about: Cellular) -> Values:
    """Read a column of numbers; NaN where there is none."""
    column = about.column
    values = np.array(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=np.float64)
    given = cells != ""
    wrong = given & ~np.isfinite(values)
    own_unit = np.zeros(len(cells), dtype=bool)
    if wrong.any():
        wrong = _read_again(cells, values, wrong, own_unit, about)
    given &= ~wrong
    _in_our_unit(cells, values, given & ~own_unit, about)
    for limit, outside, words in (
        (column.above, np.less_equal, "above"),
        (column.least, np.less, "at least"),
        (column.most, np.greater, "at most"),
    ):
        if limit is not None:
            said = f"must be {words} {limit:g}{' ' + column.unit if column.unit else ''}"
            if column.name == "lat":
                said += "; are lon and lat swapped?"
            about.bad(given & outside(values, limit), partial(_out_of_bounds, cells, said))
    if column.default is not None:
        values = np.where(given, values, column.default)
    return values


def _in_our_unit(cells: Cells, values: Values, where: NDArray[np.bool_], about: Cellular) -> None:
    """Turn numbers of another unit, which the heading or they themselves tell, into ours, in place."""
    factor, how = about.factor, "read in the unit of the heading"
    if factor == 1 and not about.faults.strict and are_volts(values[where], about.column.unit):
        factor, how = 0.001, "all of 100 and more taken for volts"
    places = np.flatnonzero(where).tolist() if factor != 1 else []
    if places:
        values[where] = np.round(values[where] * factor, 9)
        about.repaired(
            how, places, lambda at: f"'{cells[at]}' is {values[at]:g} {about.column.unit}".rstrip()
        )


def _read_again(
    cells: Cells, values: Values, wrong: NDArray[np.bool_], own_unit: NDArray[np.bool_], about: Cellular
) -> NDArray[np.bool_]:
    """Read numbers that are not written plainly into `values`; what stays wrong is noted and returned.

    Parameters
    ----------
    own_unit : is marked where a cell states its unit itself.
    """
    column = about.column
    comma = comma_of(cells[wrong], most=column.most, whole=column.kind == "integer")
    if comma == "decimal":
        # Where a comma parts the decimals, a point parts the thousands.
        wrong = wrong | _where_grouped(cells, wrong)
    still = np.zeros(len(cells), dtype=bool)
    texts: dict[int, str] = {}
    by_how: dict[str, list[int]] = {}
    for at in np.flatnonzero(wrong).tolist():
        found = read_number(cells[at], comma, column.unit)
        if isinstance(found, tuple):
            values[at] = found[0]
            own_unit[at] = found[1].startswith("units")
            by_how.setdefault(found[1], []).append(at)
        else:
            still[at], texts[at] = True, found or _not_a_number(cells[at])
    for how, places in by_how.items():
        about.repaired(how, places, lambda at: f"'{cells[at]}' is {values[at]:g}")
    about.bad(still, lambda at: texts[at])
    return still


GROUPED = re.compile(r"^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$")


def _where_grouped(cells: Cells, wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if not any("." in cell for cell in cells[wrong]):
        return np.zeros(len(cells), dtype=bool)
    return np.fromiter((GROUPED.match(cell) is not None for cell in cells), dtype=bool, count=len(cells))


def _out_of_bounds(cells: Cells, said: str, at: int) -> str:
    return f"is {cells[at]}; {said}"


def _not_a_number(text: str) -> str:
    if text.lower() in ("nan", "na", "n/a", "null", "none"):
        return f"'{text}' is not a number; leave the cell empty where the value is unknown"
    if text.count(",") == 1 and text.replace(",", "").lstrip("+-").isdigit():
        return f"'{text}' is not a number; write the decimals after a point"
    return f"'{text}' is not a number"


def integers(cells: Cells, about: Cellular) -> Values:
    """Read a column of whole numbers."""
    values = numbers(cells, about)
    broken = np.isfinite(values) & (values != np.floor(values))
    about.bad(broken, lambda at: f"is {cells[at]}; must be a whole number")
    return np.nan_to_num(values, nan=0, posinf=0, neginf=0).astype(np.int64)
