"""The same tables over many requests at once: a column per fact instead of a value.

Numbers are float64 with NaN for missing; everything else is kept as codes into
a list of the values that occur, so that a condition is tested once per value
and then looked up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .conditions import Condition
from .errors import FactError
from .facts import Fact, range_text
from .tables import OTHERWISE, Row, Setting, Table

Array = np.ndarray[Any, np.dtype[Any]]
NONE_FIRED = -2


@dataclass(slots=True)
class Column:
    """One fact of many requests.

    Parameters
    ----------
    fact : whose values these are.
    numbers : (n,) float64, NaN = missing, for number facts; else None.
    codes : (n,) int64 positions in `values`, -1 = missing, for the other facts.
    values : the values that occur.
    """

    fact: Fact
    numbers: Array | None = None
    codes: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    values: list[Any] = field(default_factory=list)

    def value(self, at: int) -> Any:
        """One request's value, as a single decision holds it."""
        if self.numbers is not None:
            number = float(self.numbers[at])
            if math.isnan(number):
                return None
            return int(number) if self.fact.type == "integer" else number
        code = int(self.codes[at])
        return None if code < 0 else self.values[code]

    def array(self) -> Array:
        """All values: float64 with NaN for number facts, else objects with None."""
        if self.numbers is not None:
            return self.numbers
        return _objects([*self.values, None])[self.codes]


def _objects(values: Sequence[Any]) -> Array:
    array = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        array[at] = value
    return array


def read_column(fact: Fact, given: Any, count: int) -> Column:
    """Check a column of values.

    Raises
    ------
    FactError : another length, or a value that the fact does not allow.
    """
    if len(given) != count:
        raise FactError(
            f"column '{fact.name}' has {len(given)} values; the others have {count}",
            f"列“{fact.name}”有{len(given)}个值，其他列有{count}个",
        )
    if fact.is_number:
        return Column(fact, numbers=_numbers(fact, given))
    codes, values = _coded(fact, given)
    return Column(fact, codes=codes, values=values)


def empty_column(fact: Fact, count: int) -> Column:
    """A column in which every value is missing."""
    if fact.is_number:
        return Column(fact, numbers=np.full(count, np.nan))
    return Column(fact, codes=np.full(count, -1), values=[])


def _numbers(fact: Fact, given: Any) -> Array:
    array = np.asarray(given)
    if array.dtype.kind not in "iuf":
        array = np.array([fact.checked(value) for value in given], dtype=float)
    numbers = array.astype(float)
    known = numbers[~np.isnan(numbers)]
    low = -np.inf if fact.low is None else fact.low
    high = np.inf if fact.high is None else fact.high
    wrong = known[(known < low) | (known > high)]
    if wrong.size:
        raise FactError(
            f"fact '{fact.name}' is {wrong[0]:g}; must be {range_text(fact)}",
            f"事实“{fact.name}”的值为“{wrong[0]:g}”，须为{range_text(fact, 'zh')}的数",
        )
    if fact.type == "integer":
        wrong = known[known != np.floor(known)]
        if wrong.size:
            raise FactError(
                f"fact '{fact.name}' is {wrong[0]:g}; must be a whole number",
                f"事实“{fact.name}”的值为“{wrong[0]:g}”，须为整数",
            )
    return numbers


def _coded(fact: Fact, given: Any) -> tuple[Array, list[Any]]:
    plain = list(given) if not isinstance(given, np.ndarray) else given
    if fact.type in ("list", "amounts", "texts"):
        return _coded_one_by_one(fact, plain)
    try:
        codes, uniques = pd.factorize(_objects(list(plain)))
    except TypeError:
        return _coded_one_by_one(fact, plain)
    return np.asarray(codes, dtype=np.int64), [fact.checked(value) for value in uniques]


def _coded_one_by_one(fact: Fact, given: Iterable[Any]) -> tuple[Array, list[Any]]:
    values: list[Any] = []
    places: dict[Any, int] = {}
    codes: list[int] = []
    for item in given:
        value = fact.checked(item)
        key = tuple(sorted(value.items())) if isinstance(value, dict) else value
        if value is not None and key not in places:
            places[key] = len(values)
            values.append(value)
        codes.append(-1 if value is None else places[key])
    return np.array(codes, dtype=np.int64), values


class Columns:
    """All facts of many requests, and the tables run over them."""

    def __init__(self, facts: Mapping[str, Fact], count: int) -> None:
        self.facts = facts
        self.count = count
        self.by_name: dict[str, Column] = {}
        self._masks: dict[tuple[str, str], Array] = {}

    def put(self, column: Column) -> None:
        """Set or replace a column."""
        self.by_name[column.fact.name] = column
        self._masks = {key: mask for key, mask in self._masks.items() if key[0] != column.fact.name}

    def get(self, name: str) -> Column:
        """A column by the fact's name; all missing when nobody gave it."""
        found = self.by_name.get(name)
        if found is None:
            found = self.by_name[name] = empty_column(self.facts[name], self.count)
        return found

    def facts_at(self, at: int, names: Iterable[str]) -> dict[str, Any]:
        """Some facts of one request."""
        return {name: self.get(name).value(at) for name in names}

    def mask(self, condition: Condition) -> Array:
        """(n,) bool: for which requests the condition holds."""
        key = (condition.fact.name, condition.text)
        found = self._masks.get(key)
        if found is None:
            found = self._masks[key] = _mask(condition, self.get(condition.fact.name))
        return found

    def row_mask(self, row: Row, among: Array | None) -> Array:
        """(n,) bool: for which requests (of those in `among`) the row holds."""
        mask = among
        for condition in row.conditions:
            holds = self.mask(condition)
            mask = holds if mask is None else mask & holds
        if mask is None:
            mask = np.ones(self.count, dtype=bool)
        if row.expression is not None:
            mask = mask.copy()
            for at in np.flatnonzero(mask):
                mask[at] = row.expression.value(self.facts_at(int(at), row.expression.names)) is True
        return mask

    def run(self, table: Table) -> Array:
        """Run one table and set what it sets.

        Returns
        -------
        first, unique : (n,) int32, the position of the row that decided.
        collect : (n, rows) bool, which rows held.
        In both, a request without a row has OTHERWISE (-1) or NONE_FIRED (-2), or no true cell.
        """
        if table.hit.startswith("collect"):
            return self._collect(table)
        fired = np.full(self.count, OTHERWISE if table.otherwise else NONE_FIRED, dtype=np.int32)
        left: Array | None = None
        for position, row in enumerate(table.rows):
            mask = self.row_mask(row, left)
            fired[mask] = position
            left = ~mask if left is None else left & ~mask
            if not left.any():
                break
        for column in [self._chosen(table, name, fired) for name in table.sets]:
            self.put(column)
        return fired

    def _chosen(self, table: Table, name: str, fired: Array) -> Column:
        """The column of one fact after the fired rows have set it."""
        rows = [*table.rows, None, table.otherwise]
        settings = [_setting(row, name) for row in rows]
        before = self.get(name)
        if before.numbers is not None:
            chosen = np.array([np.nan if s is None or s.expression else float(s.value) for s in settings])
            keeps = np.array([setting is None for setting in settings])
            numbers = np.where(keeps[fired], before.numbers, chosen[fired])
            for at, value in self._expressed(settings, fired):
                numbers[at] = np.nan if value is None else value
            return Column(before.fact, numbers=numbers)
        values = list(before.values)
        chosen = np.full(len(settings), -1, dtype=np.int64)
        for position, setting in enumerate(settings):
            if setting is not None and not setting.expression:
                chosen[position] = len(values)
                values.append(setting.value)
        keeps = np.array([setting is None for setting in settings])
        codes = np.where(keeps[fired], before.codes, chosen[fired])
        for at, value in self._expressed(settings, fired):
            codes[at] = -1 if value is None else len(values)
            values.extend([] if value is None else [value])
        return Column(before.fact, codes=codes, values=values)

    def _expressed(self, settings: Sequence[Setting | None], fired: Array) -> Iterable[tuple[int, Any]]:
        for position, setting in enumerate(settings):
            if setting is not None and setting.expression is not None:
                wanted = position if position < len(settings) - 2 else position - len(settings)
                for at in np.flatnonzero(fired == wanted):
                    yield int(at), setting.of(self.facts_at(int(at), setting.expression.names))

    def _collect(self, table: Table) -> Array:
        held = np.zeros((self.count, len(table.rows)), dtype=bool)
        for position, row in enumerate(table.rows):
            held[:, position] = self.row_mask(row, None)
        none = np.asarray(~held.any(axis=1))
        columns = [self._gathered(table, name, held, none) for name in table.sets]
        for column in columns:
            self.put(column)
        return held

    def _gathered(self, table: Table, name: str, held: Array, none: Array) -> Column:
        before = self.get(name)
        if before.numbers is not None:
            return Column(before.fact, numbers=self._gathered_numbers(table, name, held, none))
        patterns, places = np.unique(held, axis=0, return_inverse=True)
        places = np.asarray(places).reshape(-1)
        values = list(before.values)
        chosen = np.full(len(patterns), -1, dtype=np.int64)
        for at, pattern in enumerate(patterns):
            found = _listed(table, name, pattern)
            if found is not None:
                chosen[at] = len(values)
                values.append(found)
        codes = np.where(chosen[places] >= 0, chosen[places], before.codes)
        return Column(before.fact, codes=codes, values=values)

    def _gathered_numbers(self, table: Table, name: str, held: Array, none: Array) -> Array:
        start = {"collect sum": 0.0, "collect max": -np.inf, "collect min": np.inf}[table.hit]
        join = {"collect sum": np.add, "collect max": np.maximum, "collect min": np.minimum}[table.hit]
        found = np.full(self.count, start)
        any_set = np.zeros(self.count, dtype=bool)
        for position, row in enumerate(table.rows):
            setting = _setting(row, name)
            if setting is not None:
                values = self._setting_numbers(setting, held[:, position])
                sets = held[:, position] & ~np.isnan(values)
                found[sets] = join(found[sets], values[sets])
                any_set |= sets
        otherwise = _setting(table.otherwise, name)
        if otherwise is not None:
            values = self._setting_numbers(otherwise, none)
            found[none] = values[none]
            any_set |= none
        return np.where(any_set, found, self.get(name).array())

    def _setting_numbers(self, setting: Setting, where: Array) -> Array:
        if setting.expression is None:
            return np.full(self.count, float(setting.value))
        values = np.full(self.count, np.nan)
        for at in np.flatnonzero(where):
            found = setting.of(self.facts_at(int(at), setting.expression.names))
            values[at] = np.nan if found is None else found
        return values


def _setting(row: Row | None, name: str) -> Setting | None:
    if row is None:
        return None
    return next((setting for setting in row.settings if setting.fact.name == name), None)


def _listed(table: Table, name: str, pattern: Array) -> tuple[str, ...] | None:
    if not pattern.any():
        setting = _setting(table.otherwise, name)
        return setting.value if setting else None
    settings = [_setting(table.rows[int(at)], name) for at in np.flatnonzero(pattern)]
    found = [setting.value for setting in settings if setting]
    return tuple(dict.fromkeys(item for value in found for item in value)) if found else None


def _mask(condition: Condition, column: Column) -> Array:
    if column.numbers is not None:
        return number_mask(condition, column.numbers)
    holds = np.array([condition.holds(value) for value in [*column.values, None]], dtype=bool)
    return holds[column.codes]


def number_mask(condition: Condition, numbers: Array) -> Array:
    """(n,) bool: which numbers (NaN = missing) satisfy a condition on a number fact."""
    missing = np.isnan(numbers)
    if condition.given:
        positive = ~missing
    else:
        positive = np.zeros(len(numbers), dtype=bool)
        for part in condition.intervals:
            above = numbers > part.low if part.low_open else numbers >= part.low
            positive |= above & (numbers < part.high if part.high_open else numbers <= part.high)
        if condition.negated:
            positive = ~positive & ~missing
    return positive | missing if condition.missing else positive
