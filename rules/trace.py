"""Why a decision is as it is: every table, row, condition, actual value and source.

A trace is kept as row numbers and opened when somebody looks. `to_dict` is
what is stored: it holds everything in both languages, so that a stored trace
is shown as it was, whatever the policy has become since.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .conditions import Condition
from .pattern import folded
from .showing import cell_in, trace_html, trace_text, value_text
from .tables import Row, Setting, Source, Table, in_language

if TYPE_CHECKING:
    from .policy import Policy

MOST_NEAR = 3
# Facts of the lexicon, which the words that spoke explain.
ASKED = ("heard", "said")
# How `spoke` writes words with their meanings: "no light = out; sparks = spark".
MEANS, NEXT, NEXT_ZH = " = ", "; ", "；"


class Trace:
    """The way to one decision.

    Parameters
    ----------
    facts : what was given, checked.
    fired : per table, positions of the rows that decided.
    """

    def __init__(
        self, policy: Policy, stage: str, facts: Mapping[str, Any], fired: tuple[tuple[int, ...], ...]
    ) -> None:
        self.policy = policy
        self.stage = stage
        self.facts = facts
        self.fired = fired

    @cached_property
    def steps(self) -> tuple[dict[str, Any], ...]:
        """One record per table, in order, as plain data."""
        now = dict(self.facts)
        found: list[dict[str, Any]] = []
        for table, fired in zip(self.policy.tables[self.stage], self.fired, strict=True):
            sets = table.outcome(fired, now)
            found.append(self._step(table, fired, now, sets))
            now.update(sets)
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON holds it."""
        return {
            "policy": self.policy.name,
            "version": self.policy.version,
            "stage": self.stage,
            "facts": [self._fact(name, value) for name, value in self.facts.items()],
            "steps": list(self.steps),
        }

    def to_text(self, language: str = "en") -> str:
        """For people, as text; `language` is en or zh."""
        return trace_text(self.to_dict(), language)

    def to_html(self, language: str = "en") -> str:
        """For people, as an HTML fragment with everything escaped."""
        return trace_html(self.to_dict(), language)

    def source_of(self, name: str, language: str = "en") -> str | None:
        """Title and mark of the source of the figure that was set last for a fact, or None."""
        source = self.source_behind(name)
        return source.text(language) if source else None

    def source_behind(self, name: str) -> Source | None:
        """The source of the figure that was set last for a fact, or None."""
        for table, fired in zip(reversed(self.policy.tables[self.stage]), reversed(self.fired), strict=True):
            for setting in (setting for position in fired for setting in table.row(position).settings):
                if setting.fact.name == name:
                    return self.policy.source_of(setting.source)
        return None

    def _fact(self, name: str, value: Any) -> dict[str, Any]:
        fact = self.policy.facts[name]
        told = {"fact": name, "en": fact.en, "zh": fact.zh, "value": plain(value), "unit": fact.unit}
        value_zh = self._value_zh(name, told["value"])
        return told if value_zh is None else {**told, "value_zh": value_zh}

    def _value_zh(self, name: str, value: Any) -> str | None:
        """A coded value as a Chinese reader is shown it; None where it is shown as it stands."""
        if name == "said" and isinstance(value, list):
            names = self.policy.lexicon.meanings.names_zh
            return "、".join(names.get(each, each) for each in value)
        if name == "spoke":
            return self._spoke_zh(value)
        if self.policy.facts[name].type == "text" or not value or not isinstance(value, (str, list)):
            return None
        return value_text(value, None, "zh")

    def _step(
        self, table: Table, fired: tuple[int, ...], now: Mapping[str, Any], sets: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "table": table.name,
            "en": table.label("en"),
            "zh": table.label("zh"),
            "hit": table.hit,
            "place": table.place,
            "rows": [self._row(table.row(position), now) for position in fired],
            "near": [self._near(row, now) for row in _nearly(table, fired, now)],
            "sets": [self._fact(name, value) for name, value in sets.items()],
        }

    def _row(self, row: Row, now: Mapping[str, Any]) -> dict[str, Any]:
        source = self.policy.source_of(row.source)
        return {
            "row": row.number,
            "place": row.place,
            "conditions": self._conditions(row, now),
            "sets": [self._setting(setting, now) for setting in row.settings],
            **_said(source),
            "note": in_language(row.note, "en"),
            "note_zh": in_language(row.note, "zh"),
        }

    def _near(self, row: Row, now: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "row": row.number,
            "place": row.place,
            "failed": [condition for condition in self._conditions(row, now) if not condition["holds"]],
            "sets": [self._setting(setting, now) for setting in row.settings],
        }

    def _conditions(self, row: Row, now: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [self._condition(condition, now) for condition in row.conditions] + _expression(row, now)

    def _condition(self, condition: Condition, now: Mapping[str, Any]) -> dict[str, Any]:
        value = now.get(condition.fact.name)
        told = {
            **self._fact(condition.fact.name, value),
            "wants": condition.text,
            "wants_zh": cell_in(condition.text, condition.fact, "zh"),
            "holds": condition.holds(value),
        }
        if condition.fact.name not in ASKED:
            return {**told, "because": _because(condition, value)}
        return {**told, "because": now.get("spoke"), "because_zh": self._spoke_zh(now.get("spoke"))}

    def _spoke_zh(self, spoke: Any) -> str | None:
        """The words that spoke, with the Chinese names of what they were taken to mean."""
        if not isinstance(spoke, str):
            return None
        names = self.policy.lexicon.meanings.names_zh
        pairs = (each.rpartition(MEANS) for each in spoke.split(NEXT))
        return NEXT_ZH.join(f"{words}＝{names.get(meaning, meaning)}" for words, _, meaning in pairs)

    def _setting(self, setting: Setting, now: Mapping[str, Any]) -> dict[str, Any]:
        source = self.policy.source_of(setting.source)
        return {
            **self._fact(setting.fact.name, setting.of(now)),
            "cell": setting.text,
            **_said(source),
            "mark": source.mark if source else None,
        }


def _said(source: Source | None) -> dict[str, str | None]:
    """A source in both languages."""
    return {
        "source": source.text() if source else None,
        "source_zh": source.text("zh") if source else None,
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, (tuple, frozenset)):
        return list(value)
    return value.item() if hasattr(value, "item") else value


def _because(condition: Condition, value: Any) -> str | None:
    """The very words that made a text condition hold."""
    if condition.finder is None or not isinstance(value, str):
        return None
    found = condition.finder.search(folded(value))
    return found.group(0) if found else None


def _expression(row: Row, now: Mapping[str, Any]) -> list[dict[str, Any]]:
    if row.expression is None:
        return []
    values = {name: plain(now.get(name)) for name in row.expression.names}
    holds = row.expression.value(now) is True
    base = {"fact": "cel", "en": "expression", "zh": "表达式", "unit": None, "because": None}
    return [{**base, "value": values, "wants": row.expression.source, "holds": holds}]


def _nearly(table: Table, fired: tuple[int, ...], now: Mapping[str, Any]) -> list[Row]:
    """Rows of which one condition failed and at least one held, before the row that decided first."""
    found: list[tuple[int, int, Row]] = []
    for position, row in enumerate(table.rows):
        if position in fired:
            continue
        failed = sum(not condition.holds(now.get(condition.fact.name)) for condition in row.conditions)
        failed += row.expression is not None and row.expression.value(now) is not True
        wanted = len(row.conditions) + (row.expression is not None)
        if failed == 1 and wanted > 1:
            hidden = bool(fired) and table.hit == "first" and 0 <= fired[0] < position
            found.append((hidden, position, row))
    return [row for _, _, row in sorted(found, key=lambda item: item[:2])[:MOST_NEAR]]
