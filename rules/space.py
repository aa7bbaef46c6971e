"""All requests that a table can tell apart, as finitely many cells per fact.

Between two bounds that a table names, all numbers look alike to it; so one
number stands for all of them. Texts are told apart by made-up texts that hold
one or two of the table's words: what is found with them is real, but what is
not found with them is no proof (`rules.checks.lint` proves with CP-SAT instead).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import Array, number_mask
from .conditions import Condition
from .facts import Fact
from .tables import Row, Table

if TYPE_CHECKING:
    pass

NEUTRAL = "qq"
MOST_TEXTS = 400


class Possible:
    """What facts can be when a table's turn comes: given, or set by tables above it."""

    def __init__(self, given: frozenset[str]) -> None:
        self.given = given
        self.always: set[str] = set()
        self.values: dict[str, list[Any] | None] = {}

    def after(self, table: Table, gapless: bool) -> None:
        """Take in what a table sets; `gapless` when every request meets a row of it."""
        for name in table.sets:
            rows = list(table.every_row())
            settings = [next((s for s in row.settings if s.fact.name == name), None) for row in rows]
            if gapless and all(setting and not setting.expression for setting in settings):
                self.always.add(name)
            found = [setting.value for setting in settings if setting]
            known = self.values.get(name, [])
            open_end = any(s and s.expression for s in settings) or table.hit.startswith("collect")
            self.values[name] = None if known is None or open_end else [*known, *found]

    def may_miss(self, name: str) -> bool:
        """Whether the fact can be missing."""
        return name not in self.always

    def only(self, name: str) -> list[Any] | None:
        """The only values that the fact can have, or None when it can have any."""
        if name in self.given and name not in self.always:
            return None
        return self.values.get(name)


class Axis:
    """One fact cut into cells; `cells` holds a value for each, None for missing."""

    def __init__(self, fact: Fact, conditions: Sequence[Condition], possible: Possible) -> None:
        self.fact = fact
        only = possible.only(fact.name)
        cells = _cells(fact, conditions) if only is None else _distinct(only)
        self.cells: list[Any] = [*cells, None] if possible.may_miss(fact.name) or not cells else cells
        self.holds: dict[str, Array] = {each.text: self._holds(each) for each in conditions}

    def _holds(self, condition: Condition) -> Array:
        if self.fact.is_number:
            numbers = np.array([np.nan if cell is None else cell for cell in self.cells], dtype=float)
            return number_mask(condition, numbers)
        return np.array([condition.holds(cell) for cell in self.cells], dtype=bool)

    @property
    def is_exact(self) -> bool:
        """Whether the cells are all there is (so that absence proves)."""
        return self.fact.type not in ("text", "list")


class Space:
    """The cells of all facts that a table asks about."""

    def __init__(self, table: Table, possible: Possible) -> None:
        conditions: dict[str, dict[str, Condition]] = {}
        for row in table.rows:
            for condition in row.conditions:
                conditions.setdefault(condition.fact.name, {})[condition.text] = condition
        self.table = table
        self.conditions = conditions
        self.axes = {
            name: Axis(next(iter(found.values())).fact, list(found.values()), possible)
            for name, found in conditions.items()
        }
        self.names = tuple(self.axes)

    def allowed(self, row: Row, name: str) -> Array:
        """Which cells of a fact satisfy a row."""
        condition = row.condition_on(name)
        axis = self.axes[name]
        return axis.holds[condition.text] if condition else np.ones(len(axis.cells), dtype=bool)

    def point(self, cells: Mapping[str, int]) -> dict[str, Any]:
        """Facts of one combination of cells; missing ones are left out."""
        found = {name: self.axes[name].cells[at] for name, at in cells.items()}
        return {name: value for name, value in found.items() if value is not None}

    def samples(self, row: Row, count: int, seed: int) -> list[dict[str, Any]]:
        """Some requests that satisfy a row's conditions (not its expression)."""
        generator = np.random.default_rng(seed)
        drawn: dict[str, list[Any]] = {}
        for name in self.names:
            values = self._fitting(row, name)
            if not values:
                return []
            drawn[name] = [values[int(at)] for at in generator.integers(len(values), size=count)]
        points = ({name: values[at] for name, values in drawn.items()} for at in range(count))
        return [{name: value for name, value in point.items() if value is not None} for point in points]

    def _fitting(self, row: Row, name: str) -> list[Any]:
        """Values of a fact that satisfy a row: its own words where it asks for words, else its cells."""
        axis, own = self.axes[name], row.condition_on(name)
        if own is not None and own.words and not own.negated:
            return list(own.words)
        return [axis.cells[int(at)] for at in np.flatnonzero(self.allowed(row, name))]


def _distinct(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _cells(fact: Fact, conditions: Sequence[Condition]) -> list[Any]:
    if fact.is_number:
        return number_cells(fact, conditions)
    if fact.type == "yes/no":
        return [False, True]
    if fact.type == "choice":
        named = sorted({value for condition in conditions for value in condition.values})
        rest = [value for value in fact.values if value not in named]
        return [*named, *rest[:1], *(["(other)"] if fact.open or not fact.values else [])]
    if fact.type == "list":
        return [(), *((word,) for word in sorted({w for condition in conditions for w in condition.values}))]
    return _texts(conditions)


def number_cells(fact: Fact, conditions: Sequence[Condition]) -> list[float]:
    """Every bound and one number between each two, within what the fact can be."""
    bounds = sorted({end for c in conditions for part in c.intervals for end in (part.low, part.high)})
    bounds = [bound for bound in bounds if math.isfinite(bound)]
    low = fact.low if fact.low is not None else (min(bounds, default=0) - 10)
    high = fact.high if fact.high is not None else max(bounds, default=0) + 10
    if fact.type == "integer":
        near = {bound + step for bound in bounds for step in (-1, 0, 1)} | {low, high}
        return [int(value) for value in sorted(near) if low <= value <= high and float(value).is_integer()]
    points = sorted({low, *(bound for bound in bounds if low <= bound <= high), high})
    between = [(a + b) / 2 for a, b in itertools.pairwise(points)]
    return sorted({*points, *between})


def _texts(conditions: Sequence[Condition]) -> list[str]:
    examples = [text for condition in conditions for text in _examples(condition)]
    pairs = (f"{a} {b}" for a, b in itertools.combinations(examples, 2))
    return list(dict.fromkeys([NEUTRAL, *examples, *pairs]))[:MOST_TEXTS]


def _examples(condition: Condition) -> list[str]:
    if condition.words:
        return [condition.words[0], condition.words[-1]]
    if condition.pattern is not None:
        return [condition.pattern.example() or NEUTRAL]
    return [str(value) for value in sorted(condition.values)[:2]]
