"""A loaded policy: decides one request or a million, and can always say why."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .calendar import Calendar
from .columns import Array, Column, Columns, read_column
from .errors import FactError, nearest, nearest_zh
from .facts import Fact
from .language.lexicon import Heard, Lexicon, lexicon_of, shipped_lexicon
from .tables import OTHERWISE, Row, Source, Table
from .trace import Trace
from .vocabulary import HEARD, OUTCOMES


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy decided on one stage, and why.

    Parameters
    ----------
    outcome : every outcome of the stage by name; None where the policy sets nothing.
    trace : opened only when somebody looks.
    """

    outcome: Mapping[str, Any]
    trace: Trace


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Typed decision tables in stages, with their sources and calendar.

    Parameters
    ----------
    tables : by stage, in the order in which they run.
    given : by stage, the facts that a caller may pass and tables may read without setting them.
    own_lexicon : the utility's own phrases and weights, which join the shipped lexicon.
    text : the YAML that says all of it, for whoever keeps versions; empty when it was built by hand.
    cases : the text of the cases beside its file, empty when there are none.
    """

    name: str
    file: str
    tables: Mapping[str, tuple[Table, ...]]
    facts: Mapping[str, Fact]
    given: Mapping[str, frozenset[str]]
    calendar: Calendar
    sources: Mapping[str, Source] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    title: Mapping[str, str] = field(default_factory=dict)
    covers: str = ""
    fill_in: tuple[str, ...] = ()
    own_lexicon: Mapping[str, Any] = field(default_factory=dict)
    text: str = field(default="", repr=False, compare=False)
    cases: str = field(default="", repr=False, compare=False)

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages that the policy decides."""
        return tuple(self.tables)

    @cached_property
    def lexicon(self) -> Lexicon:
        """What the words of callers mean here."""
        return lexicon_of(self.own_lexicon) if self.own_lexicon else shipped_lexicon()

    @cached_property
    def hearing(self) -> frozenset[str]:
        """The stages whose tables ask what the words mean."""
        return frozenset(
            stage
            for stage, tables in self.tables.items()
            if any(name in HEARD for table in tables for name in table.reads)
        )

    @cached_property
    def version(self) -> str:
        """Twelve signs of a hash over what the policy says; comments and layout do not count."""
        text = json.dumps(_content(self), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def outcomes(self) -> Mapping[str, tuple[str, ...]]:
        """By stage, the names that a decision's outcome holds."""
        found: dict[str, tuple[str, ...]] = {}
        for stage, tables in self.tables.items():
            names = [*OUTCOMES.get(stage, ()), *(name for table in tables for name in table.sets)]
            found[stage] = tuple(dict.fromkeys(names))
        return found

    def decide(self, stage: str, facts: Mapping[str, Any]) -> Decision:
        """Decide one request.

        Parameters
        ----------
        facts : by name; None, NaN and absent names are missing.

        Raises
        ------
        FactError : an unknown stage or fact, or a value that a fact does not allow.
        """
        tables = self._stage(stage)
        known = self.checked(facts)
        if stage in self.hearing and "words" in known and "heard" not in known:
            known |= self.checked(heard_facts(self.lexicon.hear(known["words"])))
        now = dict(known)
        fired: list[tuple[int, ...]] = []
        for table in tables:
            rows = table.fire(now)
            fired.append(rows)
            if rows:
                now.update(table.outcome(rows, now))
        outcome = {name: now.get(name) for name in self.outcomes[stage]}
        return Decision(outcome, Trace(self, stage, known, tuple(fired)))

    def decide_many(self, stage: str, columns: Mapping[str, Any]) -> Decisions:
        """Decide many requests at once, with the same answers as `decide`.

        Parameters
        ----------
        columns : by fact name, sequences or arrays of one length; None and NaN are missing.

        Returns
        -------
        A mapping of every outcome's name to an (n,) array: float64 with NaN for
        numbers, else objects with None. `trace(i)` and `decision(i)` open one of them.

        Raises
        ------
        FactError : an unknown stage or fact, or a value that a fact does not allow.
        """
        tables = self._stage(stage)
        count = len(next(iter(columns.values()))) if columns else 0
        run = Columns(self.facts, count)
        if stage in self.hearing and "words" in columns:
            columns = {**columns, **self._heard_columns(columns)}
        for name, given in columns.items():
            run.put(read_column(self._fact(name), given, count))
        given_columns = dict(run.by_name)
        fired = [run.run(table) for table in tables]
        return Decisions(self, stage, run, given_columns, fired)

    def _heard_columns(self, columns: Mapping[str, Any]) -> dict[str, list[Any]]:
        """What each request's words mean, as columns, where nobody passed it."""
        words = [each if isinstance(each, str) else None for each in columns["words"]]
        given = {name: list(columns[name]) if name in columns else [None] * len(words) for name in HEARD}
        heard = {each: heard_facts(self.lexicon.hear(each)) for each in set(words) if each is not None}
        for at, each in enumerate(words):
            if each is not None and _is_missing(given["heard"][at]):
                for name, value in heard[each].items():
                    given[name][at] = value
        return given

    def checked(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Facts with their types checked; missing ones are left out.

        Raises
        ------
        FactError : an unknown fact, or a value that a fact does not allow.
        """
        known: dict[str, Any] = {}
        for name, value in facts.items():
            checked = self._fact(name).checked(value)
            if checked is not None:
                known[name] = checked
        return known

    def source_of(self, key: str | None) -> Source | None:
        """A source by its key."""
        return self.sources.get(key) if key else None

    def every_table(self) -> Iterator[Table]:
        """All tables of all stages, in order."""
        for tables in self.tables.values():
            yield from tables

    def _fact(self, name: str) -> Fact:
        fact = self.facts.get(name)
        if fact is None:
            raise FactError(
                f"unknown fact '{name}'{nearest(name, self.facts)}",
                f"未知的事实“{name}”{nearest_zh(name, self.facts)}",
            )
        return fact

    def _stage(self, stage: str) -> tuple[Table, ...]:
        tables = self.tables.get(stage)
        if tables is None:
            raise FactError(
                f"policy '{self.name}' has no stage '{stage}'{nearest(stage, self.tables)}",
                f"策略“{self.name}”没有阶段“{stage}”{nearest_zh(stage, self.tables)}",
            )
        return tables


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def heard_facts(heard: Heard) -> dict[str, Any]:
    """What was heard as facts of the request stage; nothing of what was not understood.

    Parameters
    ----------
    heard : what the lexicon heard in a caller's words.

    Returns
    -------
    dict
        Facts by name.
    """
    if not heard.words:
        return {}
    spoke = "; ".join(f"{each.words} = {each.meaning}" for each in heard.words)
    return {"heard": heard.kind, "said": tuple(each.meaning for each in heard.words), "spoke": spoke}


class Decisions(Mapping[str, Array]):
    """The outcomes of many requests as arrays; traces are kept as row numbers and opened on demand."""

    def __init__(
        self, policy: Policy, stage: str, run: Columns, given: Mapping[str, Column], fired: list[Array]
    ) -> None:
        self.policy = policy
        self.stage = stage
        self._run = run
        self._given = given
        self._fired = fired
        self._arrays: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self.policy.outcomes[self.stage]:
            raise KeyError(name)
        if name not in self._arrays:
            self._arrays[name] = self._run.get(name).array()
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.policy.outcomes[self.stage])

    def __len__(self) -> int:
        return len(self.policy.outcomes[self.stage])

    @property
    def count(self) -> int:
        """How many requests were decided."""
        return self._run.count

    def trace(self, at: int) -> Trace:
        """Why request `at` was decided as it was."""
        known = {name: column.value(at) for name, column in self._given.items()}
        facts = {name: value for name, value in known.items() if value is not None}
        tables = self.policy.tables[self.stage]
        fired = tuple(_rows_at(table, rows, at) for table, rows in zip(tables, self._fired, strict=True))
        return Trace(self.policy, self.stage, facts, fired)

    def decision(self, at: int) -> Decision:
        """Request `at` as `decide` returns it."""
        names = self.policy.outcomes[self.stage]
        return Decision({name: self._run.get(name).value(at) for name in names}, self.trace(at))


def _rows_at(table: Table, fired: Array, at: int) -> tuple[int, ...]:
    """The rows that fired for one request; the sentinel for none is no row."""
    if fired.ndim == 2:
        rows = tuple(int(row) for row in np.flatnonzero(fired[at]))
        return (OTHERWISE,) if not rows and table.otherwise is not None else rows
    row = int(fired[at])
    return (row,) if row >= OTHERWISE else ()


def _content(policy: Policy) -> dict[str, Any]:
    """What the policy says, without places, layout and comments."""
    days = sorted(policy.calendar.holidays | policy.calendar.make_up)
    return {
        "policy": policy.name,
        "title": dict(policy.title),
        "sources": {key: (dict(s.title), s.url, s.mark) for key, s in policy.sources.items()},
        "facts": {name: str(fact) for name, fact in policy.facts.items()},
        "lists": {name: list(words) for name, words in policy.lists.items()},
        "calendar": [
            policy.calendar.name,
            *map(str, days),
        ],
        **({"lexicon": policy.own_lexicon} if policy.own_lexicon else {}),
        "stages": {
            stage: [_table_content(table) for table in tables] for stage, tables in policy.tables.items()
        },
    }


def _table_content(table: Table) -> list[Any]:
    rows = [_row_content(row) for row in table.every_row()]
    return [table.name, table.hit, dict(table.title), table.source, dict(table.note), table.gaps_meant, rows]


def _row_content(row: Row) -> list[Any]:
    return [
        row.number,
        sorted((condition.fact.name, condition.text) for condition in row.conditions),
        row.expression.source if row.expression else None,
        sorted((setting.fact.name, setting.text, str(setting.source)) for setting in row.settings),
        row.source,
        dict(row.note),
    ]
