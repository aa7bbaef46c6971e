"""Cases drawn from a policy itself: every bound from both sides, every value, every word.

They are frozen into a file of cases, so that a later edit that moves a bound,
drops a row or misspells a word shows as a case that fails and must be accepted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..policy import Policy
from ..space import Possible, Space
from ..tables import OTHERWISE, Row, Table

DRAWS = 400
CLOSE = 0.01
Facts = dict[str, Any]


def boundary_cases(policy: Policy) -> list[dict[str, Any]]:
    """Cases as plain data, in the order of the tables."""
    found: list[dict[str, Any]] = []
    for stage, tables in policy.tables.items():
        pool = _pool(policy, stage)
        expected: dict[str, tuple[Facts, Facts]] = {}
        for table in tables:
            for facts in _table_facts(policy, stage, table, pool):
                outcome = policy.decide(stage, facts).outcome
                key = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=list)
                expect = expected.setdefault(key, (facts, {}))[1]
                expect.update({name: _plain(outcome[name]) for name in table.sets})
        found.extend({"stage": stage, "given": given, "expect": e} for given, e in expected.values())
        found.extend(_word_cases(policy, stage, tables))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return list(value) if isinstance(value, tuple) else value


def _pool(policy: Policy, stage: str) -> list[Facts]:
    """Requests drawn at random from the cells of all tables: to find those that set what a row asks."""
    possible = Possible(policy.given[stage])
    spaces = [Space(table, possible) for table in policy.tables[stage]]
    cells: dict[str, list[Any]] = {}
    for space in spaces:
        for name, axis in space.axes.items():
            if name in policy.given[stage]:
                cells.setdefault(name, []).extend(axis.cells)
    generator = np.random.default_rng(0)
    draws = []
    for _ in range(DRAWS):
        drawn = {name: values[int(generator.integers(len(values)))] for name, values in cells.items()}
        draws.append({name: value for name, value in drawn.items() if value is not None})
    return draws


def _table_facts(policy: Policy, stage: str, table: Table, pool: Sequence[Facts]) -> Iterator[Facts]:
    """For each row a request that meets it, and the same with each asked fact varied over its cells."""
    space = Space(table, Possible(policy.given[stage]))
    given = policy.given[stage]
    if table.otherwise is not None:
        plain = ({}, *pool)
        yield from [facts for facts in plain if _fired(policy, stage, table, facts) == (OTHERWISE,)][:1]
    for position, row in enumerate(table.rows):
        base = _meeting(policy, stage, table, position, pool, space)
        if base is None:
            continue
        yield base
        for name in (condition.fact.name for condition in row.conditions):
            if name in given:
                yield from _varied(space, name, base)


def _varied(space: Space, name: str, base: Facts) -> Iterator[Facts]:
    axis = space.axes[name]
    cells = axis.cells if axis.is_exact else axis.cells[:4]
    for cell in [*cells, *_close(space, name)]:
        rest = {other: value for other, value in base.items() if other != name}
        yield rest if cell is None else {**rest, name: cell}


def _close(space: Space, name: str) -> list[float]:
    """Just below and just above every bound of a number that need not be whole."""
    fact = space.axes[name].fact
    if fact.type != "number":
        return []
    parts = [part for c in space.conditions[name].values() for part in c.intervals]
    bounds = sorted({end for part in parts for end in (part.low, part.high) if math.isfinite(end)})
    near = [bound + step * max(1.0, abs(bound)) for bound in bounds for step in (-CLOSE, CLOSE)]
    low, high = (-math.inf if fact.low is None else fact.low), (math.inf if fact.high is None else fact.high)
    return [round(value, 6) for value in near if low <= value <= high]


def _meeting(
    policy: Policy, stage: str, table: Table, position: int, pool: Sequence[Facts], space: Space
) -> Facts | None:
    """A request, as plain as possible, in which the row at `position` decides."""
    row = table.rows[position]
    given = policy.given[stage]
    own = [
        {name: value for name, value in facts.items() if name in given}
        for facts in [*_plainest(space, row), *space.samples(row, 12, seed=position)]
    ]
    names = {condition.fact.name for condition in row.conditions if condition.fact.name in given}
    mixed = [{**facts, **{n: v for n, v in mine.items() if n in names}} for facts in pool for mine in own[:2]]
    for facts in [*own, *mixed]:
        if position in _fired(policy, stage, table, facts):
            return _pruned(policy, stage, table, position, facts, names)
    return None


def _plainest(space: Space, row: Row) -> list[Facts]:
    """The row's own conditions met by their first cell, and nothing else given."""
    found: Facts = {}
    for condition in row.conditions:
        cells = np.flatnonzero(space.allowed(row, condition.fact.name))
        if not len(cells):
            return []
        value = space.axes[condition.fact.name].cells[int(cells[0])]
        if value is not None:
            found[condition.fact.name] = value
    return [found]


def _fired(policy: Policy, stage: str, table: Table, facts: Mapping[str, Any]) -> tuple[int, ...]:
    trace = policy.decide(stage, facts).trace
    return trace.fired[policy.tables[stage].index(table)]


def _pruned(policy: Policy, stage: str, table: Table, position: int, facts: Facts, names: set[str]) -> Facts:
    """The same without facts that the row does not need."""
    kept = dict(facts)
    for name in [each for each in facts if each not in names]:
        fewer = {each: value for each, value in kept.items() if each != name}
        if position in _fired(policy, stage, table, fewer):
            kept = fewer
    return kept


def _word_cases(policy: Policy, stage: str, tables: Sequence[Table]) -> Iterator[dict[str, Any]]:
    """Every word of a text condition, alone, with what the first such table makes of it."""
    for table in tables:
        for position, row in enumerate(table.rows):
            for condition in row.conditions:
                if condition.words and condition.fact.name in policy.given[stage]:
                    yield from _words_of_row(policy, stage, table, position, condition.fact.name)


def _words_of_row(
    policy: Policy, stage: str, table: Table, position: int, fact: str
) -> Iterator[dict[str, Any]]:
    row = table.rows[position]
    condition = row.condition_on(fact)
    others = {c.fact.name: sorted(c.values)[0] for c in row.conditions if c.fact.name != fact and c.values}
    groups: dict[str, tuple[Facts, list[str]]] = {}
    for word in condition.words if condition else ():
        outcome = policy.decide(stage, {**others, fact: word}).outcome
        expect = {name: _plain(outcome[name]) for name in table.sets}
        groups.setdefault(json.dumps(expect, sort_keys=True), (expect, []))[1].append(word)
    for expect, words in groups.values():
        yield {"stage": stage, "given": others, "each": {fact: words}, "expect": expect}


def cases_text(policy: Policy) -> str:
    """The drawn cases as a YAML file."""
    lines = [
        f"# Cases of policy '{policy.name}': every bound from both sides, every value, every word.",
        "# Frozen from the policy; after a change that is meant, draw them again:",
        "# gridcrew rules test POLICY --freeze",
        "cases:",
    ]
    for case in boundary_cases(policy):
        lines.append(f"  - {_flow(case)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "null"
    if isinstance(value, str):
        plain = value.isidentifier() and value.isascii() and value not in _WORDS
        return value if plain else json.dumps(value, ensure_ascii=False)
    return f"{value:.15g}"


_WORDS = ("null", "true", "false", "yes", "no")
