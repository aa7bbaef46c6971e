"""From columns of text to columns of values, with a fault for every cell that is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..ground.errors import MOST_SHOWN, nearest
from ..ground.texts import control_character
from .gathering import Gathering
from .reading import Cells, Raw
from .schema import Column, Table
from .times import WALL, Zone, parse_time

Values = NDArray[Any]

YES_NO: Mapping[str, bool] = {
    "yes": True, "true": True, "y": True, "1": True, "是": True,
    "no": False, "false": False, "n": False, "0": False, "否": False,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A file's columns as values.

    Parameters
    ----------
    values : every column of the schema, (n,) each: float64, int64, bool, or objects with None.
    texts : the cells as written, for columns that are in the file.
    rows : (n,) row numbers for messages.
    """

    file: str
    table: Table
    values: dict[str, Values]
    texts: dict[str, Cells] = field(default_factory=dict)
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def ids(self) -> list[str]:
        """What stands in the column `id`."""
        return [str(value) for value in self.values["id"].tolist()]

    def records(self) -> list[dict[str, Any]]:
        """One mapping per row, from column name to value; NaN is None."""
        lists = {name: _plain(values) for name, values in self.values.items()}
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _plain(values: Values) -> list[Any]:
    if values.dtype == np.float64:
        return [None if math.isnan(value) else value for value in values.tolist()]
    return list(values.tolist())


@dataclass(frozen=True, kw_only=True)
class _Cellular:
    """What a parser of cells needs to know besides the cells."""

    column: Column
    file: str
    rows: NDArray[np.int64]
    zone: Zone | None
    faults: Gathering

    def bad(self, where: NDArray[np.bool_], text: Callable[[int], str]) -> None:
        """Note a fault for each cell that is marked."""
        found = np.flatnonzero(where)
        if len(found) == len(self.rows) > MOST_SHOWN:
            place = f"all {len(found)} rows, column '{self.column.name}'"
            self.faults.add(self.file, place, f"{text(0)} (first row)")
        elif len(found):
            texts = (text(int(position)) for position in found)
            self.faults.add_cells(self.file, self.column.name, self.rows[found].tolist(), texts)


def parse(raw: Raw, table: Table, faults: Gathering, *, zone: Zone | None = None) -> Parsed:
    """Turn a file's text into values by its schema; what is wrong goes to `faults`."""
    values: dict[str, Values] = {}
    for column in table.columns:
        about = _Cellular(column=column, file=raw.file, rows=raw.rows, zone=zone, faults=faults)
        cells = raw.columns.get(column.name)
        if cells is None:
            values[column.name] = _filled(column, len(raw.rows))
            continue
        if column.required:
            about.bad(cells == "", lambda _: "is empty; a value is required")
        if control_character("".join(cells)) is not None:
            found = [control_character(cell) for cell in cells]
            about.bad(np.array([each is not None for each in found]), partial(_no_text, found))
        values[column.name] = _PARSERS[column.kind](cells, about)
    parsed = Parsed(file=raw.file, table=table, values=values, texts=raw.columns, rows=raw.rows)
    if "id" in raw.columns and table.unique:
        _check_unique(parsed, faults)
    return parsed


def _no_text(found: Sequence[str | None], at: int) -> str:
    return f"holds {found[at]}, which no text does"


def _filled(column: Column, count: int) -> Values:
    """Return a column that is not in the file: its default in every row."""
    match column.kind:
        case "number":
            return np.full(count, np.nan if column.default is None else column.default, dtype=np.float64)
        case "integer":
            return np.full(count, 0 if column.default is None else column.default, dtype=np.int64)
        case "yes/no":
            return np.full(count, bool(column.default), dtype=np.bool_)
    filled = np.empty(count, dtype=object)
    filled[:] = [column.default] * count
    return filled


def _texts(cells: Cells, about: _Cellular) -> Values:
    return np.where(cells == "", about.column.default, cells)


def _numbers(cells: Cells, about: _Cellular) -> Values:
    column = about.column
    values = np.asarray(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=np.float64)
    given = cells != ""
    wrong = given & ~np.isfinite(values)
    about.bad(wrong, lambda at: _not_a_number(cells[at]))
    given &= ~wrong
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


def _out_of_bounds(cells: Cells, said: str, at: int) -> str:
    return f"is {cells[at]}; {said}"


def _not_a_number(text: str) -> str:
    if text.lower() in ("nan", "na", "n/a", "null", "none"):
        return f"'{text}' is not a number; leave the cell empty where the value is unknown"
    if text.count(",") == 1 and text.replace(",", "").lstrip("+-").isdigit():
        return f"'{text}' is not a number; write the decimals after a point"
    return f"'{text}' is not a number"


def _integers(cells: Cells, about: _Cellular) -> Values:
    values = _numbers(cells, about)
    broken = np.isfinite(values) & (values != np.floor(values))
    about.bad(broken, lambda at: f"is {cells[at]}; must be a whole number")
    return np.nan_to_num(values, nan=0, posinf=0, neginf=0).astype(np.int64)


def _by_word(cells: Cells, about: _Cellular, meaning: Callable[[str], Any]) -> Values:
    """Read each different word once; `meaning` returns a `_Wrong` for what is wrong."""
    codes, words = pd.factorize(cells)
    found = np.empty(len(words), dtype=object)
    found[:] = [meaning(str(word)) for word in words]
    wrong = np.fromiter((isinstance(value, _Wrong) for value in found), dtype=bool, count=len(words))
    if wrong.any():
        about.bad(wrong[codes], lambda at: str(found[codes[at]]))
    values: Values = found[codes]
    return values


class _Wrong(str):
    """Text of a fault in place of a value."""

    __slots__ = ()


def _yes_no(cells: Cells, about: _Cellular) -> Values:
    def meaning(word: str) -> bool | _Wrong:
        if word == "":
            return bool(about.column.default)
        return YES_NO.get(word.lower(), _Wrong(f"'{word}' is neither yes nor no"))

    values = _by_word(cells, about, meaning)
    return np.array([value is True for value in values], dtype=np.bool_)


def _choices(cells: Cells, about: _Cellular) -> Values:
    column = about.column

    def meaning(word: str) -> Any:
        if word == "":
            return column.default
        return word if word in column.allowed else _Wrong(_not_allowed(word, column))

    return _by_word(cells, about, meaning)


def _not_allowed(word: str, column: Column) -> str:
    hint = nearest(word, column.allowed) or f"; expected one of {', '.join(column.allowed)}"
    return f"'{word}' is unknown{hint}"


def _lists(cells: Cells, about: _Cellular) -> Values:
    column = about.column

    def meaning(cell: str) -> Any:
        items = tuple(item.strip() for item in cell.replace("；", ";").split(";") if item.strip())
        unknown = [item for item in items if column.allowed and item not in column.allowed]
        if unknown:
            return _Wrong("; ".join(_not_allowed(item, column) for item in unknown))
        return items or column.default or ()

    return _by_word(cells, about, meaning)


def _amounts(cells: Cells, about: _Cellular) -> Values:
    return _by_word(cells, about, _amount)


def _amount(cell: str) -> dict[str, float] | _Wrong:
    """Read ``fuse:4;pole``."""
    amounts: dict[str, float] = {}
    for item in filter(
        None, (part.strip() for part in cell.replace("；", ";").replace("：", ":").split(";"))
    ):
        what, colon, quantity = (part.strip() for part in item.partition(":"))
        number = pd.to_numeric(quantity, errors="coerce") if colon else 1.0
        if not what or not np.isfinite(number):
            return _Wrong(f"'{item}' is no stock; expected what:quantity, such as fuse:4")
        if number < 0:
            return _Wrong(f"'{item}': quantity is {quantity}; must be at least 0")
        if what in amounts:
            return _Wrong(f"'{what}' stands here twice")
        amounts[what] = float(number)
    return amounts


def _times(cells: Cells, about: _Cellular) -> Values:
    def meaning(cell: str) -> Any:
        if cell == "":
            return about.column.default
        moment = parse_time(cell, about.zone)
        return _Wrong(moment) if isinstance(moment, str) else moment

    return _by_word(cells, about, meaning)


def _clocks(cells: Cells, about: _Cellular) -> Values:
    def meaning(cell: str) -> Any:
        if cell == "":
            return about.column.default
        # Excel writes a time of day with its seconds.
        found = WALL.match(cell.removesuffix(":00") if cell.count(":") == 2 else cell)
        return time(int(found[1]), int(found[2])) if found else _Wrong(f"'{cell}' is no time; expected HH:MM")

    return _by_word(cells, about, meaning)


def _days(cells: Cells, about: _Cellular) -> Values:
    def meaning(cell: str) -> Any:
        if cell == "":
            return about.column.default
        try:
            day = date.fromisoformat(cell[:10] if MIDNIGHT.search(cell) else cell)
        except ValueError:
            return _Wrong(f"'{cell}' is no day; expected YYYY-MM-DD, such as 2026-07-14")
        return day if 1900 <= day.year <= 2200 else _Wrong(f"'{cell}' is not a likely year")

    return _by_word(cells, about, meaning)


# A day out of Excel comes with the midnight that it begins at.
MIDNIGHT = re.compile(r"T00:00:00([+-]\d\d:\d\d|Z)?$")
_PARSERS: Mapping[str, Callable[[Cells, _Cellular], Values]] = {
    "text": _texts,
    "id": _texts,
    "integer": _integers,
    "number": _numbers,
    "yes/no": _yes_no,
    "time": _times,
    "clock": _clocks,
    "day": _days,
    "choice": _choices,
    "list": _lists,
    "amounts": _amounts,
    "breaks": _texts,
}


def _check_unique(parsed: Parsed, faults: Gathering) -> None:
    ids = pd.Series(parsed.values["id"], dtype=object)
    repeated = (ids.duplicated() & ids.notna()).to_numpy()
    if not repeated.any():
        return
    first = {name: int(row) for name, row in zip(ids[::-1], parsed.rows[::-1], strict=True)}
    positions = np.flatnonzero(repeated)
    texts = (f"'{ids.iloc[at]}' is already the id of row {first[ids.iloc[at]]}" for at in positions)
    faults.add_cells(parsed.file, "id", parsed.rows[positions].tolist(), texts)
