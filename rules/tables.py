"""Decision tables as they are after loading: typed, checked, ready to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from .conditions import Condition, test_of
from .expressions import Expression
from .facts import Fact

Hit = Literal["first", "unique", "collect sum", "collect max", "collect min", "collect list"]
HITS: tuple[str, ...] = ("first", "unique", "collect sum", "collect max", "collect min", "collect list")
OTHERWISE = -1
MARKS_ZH = {"verified": "已核实", "unverified": "未核实"}
# The name of a fact, and what its value must satisfy.
Test = tuple[str, Callable[[Any], bool]]


def in_language(texts: Mapping[str, str], language: str) -> str:
    """A text in a language; what is there in one language alone is better than nothing."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a figure comes from, and whether somebody has read it there."""

    key: str
    title: Mapping[str, str]
    url: str = ""
    mark: Literal["verified", "unverified"] = "unverified"

    def label(self, language: str = "en") -> str:
        """The title for people."""
        return in_language(self.title, language) or self.key

    def text(self, language: str = "en") -> str:
        """Title, address and mark in one line."""
        if language == "zh":
            url = f"，{self.url}" if self.url else ""
            return f"{self.label(language)}{url}（{MARKS_ZH[self.mark]}）"
        url = f", {self.url}" if self.url else ""
        return f"{self.label(language)}{url} ({self.mark})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a row sets one fact to: a value, or an expression over the facts."""

    fact: Fact
    value: Any
    text: str
    place: str
    source: str | None
    expression: Expression | None = None

    def of(self, facts: Mapping[str, Any]) -> Any:
        """The value for these facts; None when an expression has none or leaves the fact's limits."""
        if self.expression is None:
            return self.value
        return within(self.fact, self.expression.value(facts))


def within(fact: Fact, value: Any) -> Any:
    """An expression's value as the fact holds it, or None when the fact does not allow it."""
    if value is None:
        return None
    if fact.type == "integer":
        value = round(value)
    low, high = fact.low, fact.high
    if fact.is_number and ((low is not None and value < low) or (high is not None and value > high)):
        return None
    if fact.type == "choice" and fact.values and value not in fact.values:
        return None
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: conditions that must all hold, and what it sets.

    `number` counts from 1; 0 is the table's `otherwise`.
    """

    number: int
    place: str
    conditions: tuple[Condition, ...] = ()
    expression: Expression | None = None
    settings: tuple[Setting, ...] = ()
    source: str | None = None
    note: Mapping[str, str] = field(default_factory=dict)

    def note_in(self, language: str) -> str:
        """The note for people."""
        return in_language(self.note, language)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether all conditions hold for these facts."""
        for condition in self.conditions:
            if not condition.holds(facts.get(condition.fact.name)):
                return False
        return self.expression is None or self.expression.value(facts) is True

    def condition_on(self, name: str) -> Condition | None:
        """The condition on one fact, or None."""
        return next((condition for condition in self.conditions if condition.fact.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A decision table.

    Parameters
    ----------
    gaps_meant : the policy says that some requests match no row, and that this is right.
    """

    name: str
    stage: str
    hit: Hit
    place: str
    rows: tuple[Row, ...]
    otherwise: Row | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    note: Mapping[str, str] = field(default_factory=dict)
    gaps_meant: bool = False

    def __post_init__(self) -> None:
        reads: dict[str, None] = {}
        sets: dict[str, None] = {}
        for row in self.every_row():
            reads.update((condition.fact.name, None) for condition in row.conditions)
            expressions = [row.expression, *(setting.expression for setting in row.settings)]
            reads.update(
                (name, None) for expression in expressions if expression for name in expression.names
            )
            sets.update((setting.fact.name, None) for setting in row.settings)
        object.__setattr__(self, "reads", tuple(reads))
        object.__setattr__(self, "sets", tuple(sets))

    reads: tuple[str, ...] = field(init=False, default=())
    sets: tuple[str, ...] = field(init=False, default=())

    def every_row(self) -> Iterator[Row]:
        """All rows and then `otherwise`."""
        yield from self.rows
        if self.otherwise is not None:
            yield self.otherwise

    def label(self, language: str) -> str:
        """The table's title for people."""
        return in_language(self.title, language) or self.name

    def note_in(self, language: str) -> str:
        """The note for people."""
        return in_language(self.note, language)

    def fire(self, facts: Mapping[str, Any]) -> tuple[int, ...]:
        """Positions of the rows that decide; ``(OTHERWISE,)`` or ``()`` when none holds."""
        fired: list[int] = []
        get, several = facts.get, self.hit.startswith("collect")
        for position, tests, expression in self._tests:
            for name, test in tests:
                if not test(get(name)):
                    break
            else:
                if expression is None or expression.value(facts) is True:
                    if not several:
                        return (position,)
                    fired.append(position)
        if not fired and self.otherwise is not None:
            return (OTHERWISE,)
        return tuple(fired)

    @cached_property
    def _tests(self) -> tuple[tuple[int, tuple[Test, ...], Expression | None], ...]:
        """Per row its position, what it asks of which fact, and its expression."""
        return tuple(
            (position, tuple((each.fact.name, test_of(each)) for each in row.conditions), row.expression)
            for position, row in enumerate(self.rows)
        )

    @cached_property
    def _fixed(self) -> tuple[Mapping[str, Any] | None, ...]:
        """Per row, `otherwise` last, what it sets where no expression has to be worked out."""
        rows = (*self.rows, self.otherwise)
        return tuple(
            None
            if row is None or any(setting.expression for setting in row.settings)
            else {setting.fact.name: setting.value for setting in row.settings}
            for row in rows
        )

    def __getstate__(self) -> dict[str, Any]:
        """What travels between processes: functions do not."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_tests", "_fixed")}

    def row(self, position: int) -> Row:
        """The row at a position that `fire` returned."""
        if position == OTHERWISE and self.otherwise is not None:
            return self.otherwise
        return self.rows[position]

    def outcome(self, fired: tuple[int, ...], facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the fired rows set; of several under `unique` the first speaks."""
        if not fired:
            return {}
        if not self.hit.startswith("collect") or fired == (OTHERWISE,):
            fixed = self._fixed[fired[0]]
            if fixed is not None:
                return fixed
            return {setting.fact.name: setting.of(facts) for setting in self.row(fired[0]).settings}
        found: dict[str, list[Any]] = {}
        for position in fired:
            for setting in self.rows[position].settings:
                value = setting.of(facts)
                if value is not None:
                    found.setdefault(setting.fact.name, []).append(value)
        return {name: aggregated(self.hit, values) for name, values in found.items()}


def aggregated(hit: str, values: list[Any]) -> Any:
    """Values of several rows as one, as the table's hit policy says."""
    if hit == "collect sum":
        return sum(values)
    if hit == "collect max":
        return max(values)
    if hit == "collect min":
        return min(values)
    return tuple(dict.fromkeys(item for value in values for item in value))
