"""From columns of text to columns of values, with a fault for every cell that is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..ground.errors import nearest
from ..ground.texts import control_character
from .cellular import Cellular, Values, filled
from .gathering import Gathering
from .number_cells import integers, numbers
from .reading import Cells, Raw
from .schema import Column, Table
from .spelling.moments import day_order, read_clock, read_moment
from .spelling.values import word_of_ours
from .tidying import shortened, tidied
from .times import Zone, read_time

YES_NO: Mapping[str, bool] = {
    "yes": True, "true": True, "y": True, "1": True, "是": True, "有": True, "√": True, "✓": True,
    "sí": True, "si": True, "sim": True, "s": True, "t": True,
    "no": False, "false": False, "n": False, "0": False, "否": False, "无": False, "没有": False, "×": False,
    "não": False, "nao": False, "f": False,
}  # fmt: skip
YES_NO_OF: Mapping[str, Mapping[str, bool]] = {
    "planned": {
        "计划停电": True, "计划": True, "计划检修": True, "预安排停电": True, "预安排": True, "planned": True,
        "scheduled": True, "programada": True, "programado": True, "故障停电": False, "故障": False,
        "非计划": False, "非计划停电": False, "unplanned": False, "fault": False, "forced": False,
        "no programada": False, "não programada": False, "nao programada": False,
    },
}  # fmt: skip
"""Words that are a yes or a no in one column only."""


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

    def without(self, rows: Collection[int]) -> Parsed:
        """The rows that are left when some, by their numbers, are set aside."""
        kept = ~np.isin(self.rows, list(rows))
        return replace(
            self,
            values={name: values[kept] for name, values in self.values.items()},
            texts={name: cells[kept] for name, cells in self.texts.items()},
            rows=self.rows[kept],
        )

    def emptied(self, at: int, names: Iterable[str]) -> None:
        """Take the cells of a row that cannot be read as empty."""
        for name in names:
            # What pandas answers may not be written into.
            self.values[name] = self.values[name].copy()
            self.values[name][at] = filled(self.table.column_by_name[name], 1)[0]

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


def parse(raw: Raw, table: Table, faults: Gathering, *, zone: Zone | None = None) -> Parsed:
    """Turn a file's text into values by its schema; what is wrong goes to `faults`."""
    values: dict[str, Values] = {}
    for column in table.columns:
        factor = raw.factors.get(column.name, 1.0)
        about = Cellular(column=column, file=raw.file, rows=raw.rows, zone=zone, faults=faults, factor=factor)
        cells = raw.columns.get(column.name)
        if cells is None:
            values[column.name] = filled(column, len(raw.rows))
            continue
        cells = cells if faults.strict else tidied(cells, column, raw.file, raw.rows, faults)
        if column.required:
            about.bad(cells == "", lambda _: "is empty; a value is required")
        if column.kind == "id":
            about.bad(shortened(cells), lambda at, cells=cells: _shortened(cells[at]))  # type: ignore[misc]
        if control_character("".join(cells)) is not None:
            found = [control_character(cell) for cell in cells]
            about.bad(np.array([each is not None for each in found]), partial(_no_text, found))
        values[column.name] = _PARSERS[column.kind](cells, about)
    parsed = Parsed(file=raw.file, table=table, values=values, texts=raw.columns, rows=raw.rows)
    if "id" in raw.columns and table.unique:
        _check_unique(parsed, faults)
    return parsed


def _shortened(cell: str) -> str:
    return f"'{cell}' was shortened by a spreadsheet, and its last digits are lost; export it as text"


def _no_text(found: Sequence[str | None], at: int) -> str:
    return f"holds {found[at]}, which no text does"


def _texts(cells: Cells, about: Cellular) -> Values:
    return np.where(cells == "", about.column.default, cells)


def _by_word(cells: Cells, about: Cellular, meaning: Callable[[str], Any]) -> Values:
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


def _yes_no(cells: Cells, about: Cellular) -> Values:
    def meaning(word: str) -> bool | _Wrong:
        if word == "":
            return bool(about.column.default)
        own = YES_NO_OF.get(about.column.name, {})
        return own.get(word.lower(), YES_NO.get(word.lower(), _Wrong(f"'{word}' is neither yes nor no")))

    values = _by_word(cells, about, meaning)
    return np.array([value is True for value in values], dtype=np.bool_)


def _choices(cells: Cells, about: Cellular) -> Values:
    column = about.column

    def of(word: str) -> Any:
        if word == "":
            return column.default
        if word in column.allowed:
            return word
        meant = word_of_ours(column.name, word, column.allowed)
        if meant is None:
            return _Wrong(_not_allowed(word, column))
        about.read_as(cells, word, meant)
        return meant

    return _by_word(cells, about, of)


def _not_allowed(word: str, column: Column) -> str:
    hint = nearest(word, column.allowed) or f"; expected one of {', '.join(column.allowed)}"
    return f"'{word}' is unknown{hint}"


def _lists(cells: Cells, about: Cellular) -> Values:
    column = about.column

    def of(cell: str) -> Any:
        marks = ITEMS_APART if column.allowed else ITEMS_END
        items = [item.strip() for item in marks.split(cell) if item.strip()]
        found, unknown = [], []
        for item in items:
            known = not column.allowed or item in column.allowed
            meant = item if known else word_of_ours(column.name, item, column.allowed)
            if meant is None:
                unknown.append(item)
            elif meant != item:
                about.read_as(cells, cell, meant, item)
            found.append(meant or item)
        if unknown:
            return _Wrong("; ".join(_not_allowed(item, column) for item in unknown))
        return tuple(dict.fromkeys(found)) or column.default or ()

    return _by_word(cells, about, of)


ITEMS_END = re.compile("[;；]")
ITEMS = re.compile("[;；,，、]")
ITEMS_APART = re.compile("[;；,，、/|+]")


def _amounts(cells: Cells, about: Cellular) -> Values:
    """Amounts of goods; None where nobody said."""
    default = about.column.default
    return _by_word(cells, about, lambda cell: default if cell == "" else _amount(cell))


EMPTY_VEHICLE = frozenset({"nothing", "nada", "vacío", "vazio", "空车"})


def _amount(cell: str) -> dict[str, float] | _Wrong:
    """Read ``fuse:4;pole``."""
    amounts: dict[str, float] = {}
    if cell.lower() in EMPTY_VEHICLE:
        return amounts
    for item in filter(None, (part.strip() for part in ITEMS.split(cell.replace("：", ":")))):
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


def _times(cells: Cells, about: Cellular) -> Values:
    codes, words = pd.factorize(cells)
    order = day_order(words)
    by_how: dict[str, list[int]] = {}
    values = np.empty(len(words), dtype=object)
    for position, word in enumerate(words):
        if word == "":
            values[position] = about.column.default
            continue
        moment, how = read_time(word, about.zone, order)
        values[position] = _Wrong(moment) if isinstance(moment, str) else moment
        if how:
            by_how.setdefault(how, []).append(position)
    wrong = np.fromiter((isinstance(value, _Wrong) for value in values), dtype=bool, count=len(words))
    if wrong.any():
        about.bad(wrong[codes], lambda at: str(values[codes[at]]))
    for how, positions in by_how.items():
        places = np.flatnonzero(np.isin(codes, positions)).tolist()
        about.repaired(how, places, lambda at: f"'{cells[at]}' is {values[codes[at]].isoformat()}")
    found: Values = values[codes]
    return found


def _clocks(cells: Cells, about: Cellular) -> Values:
    def meaning(cell: str) -> Any:
        if cell == "":
            return about.column.default
        return read_clock(cell) or _Wrong(f"'{cell}' is no time; expected HH:MM")

    return _by_word(cells, about, meaning)


def _days(cells: Cells, about: Cellular) -> Values:
    order = day_order(map(str, pd.unique(cells)))

    def meaning(cell: str) -> Any:
        if cell == "":
            return about.column.default
        moment = read_moment(cell, order)
        if isinstance(moment, str):
            return _Wrong(moment)
        # A day out of Excel comes with the midnight that it begins at.
        if moment is None or moment.at.time() != time(0):
            return _Wrong(f"'{cell}' is no day; expected YYYY-MM-DD, such as 2026-07-14")
        day = moment.at.date()
        return day if 1900 <= day.year <= 2200 else _Wrong(f"'{cell}' is not a likely year")

    return _by_word(cells, about, meaning)


_PARSERS: Mapping[str, Callable[[Cells, Cellular], Values]] = {
    "text": _texts,
    "id": _texts,
    "integer": integers,
    "number": numbers,
    "yes/no": _yes_no,
    "time": _times,
    "clock": _clocks,
    "day": _days,
    "choice": _choices,
    "list": _lists,
    "amounts": _amounts,
    "breaks": _texts,
}


REPEATS = "is the same in every cell as row "


def _check_unique(parsed: Parsed, faults: Gathering) -> None:
    ids = pd.Series(parsed.values["id"], dtype=object)
    repeated = (ids.duplicated() & ids.notna()).to_numpy()
    if not repeated.any():
        return
    first = {name: at for at, name in zip(range(len(ids) - 1, -1, -1), ids[::-1], strict=True)}
    for at in np.flatnonzero(repeated).tolist():
        row, before = int(parsed.rows[at]), first[ids.iloc[at]]
        if all(cells[at] == cells[before] for cells in parsed.texts.values()):
            faults.add(parsed.file, f"row {row}", f"{REPEATS}{parsed.rows[before]}")
        else:
            text = f"'{ids.iloc[at]}' is already the id of row {parsed.rows[before]}"
            faults.add(parsed.file, f"row {row}, column 'id'", text)
