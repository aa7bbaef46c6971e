"""Promises that contradict one another: arrival promised after restoration, and the like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .errors import PolicyFault
from .policy import Policy
from .showing import value_text
from .space import Possible, Space
from .tables import Row, Table

# Each must not be later than the next.
ORDER = ("promise_accept_min", "promise_dispatch_min", "promise_arrive_min", "promise_restore_min")
SAMPLES = 60


def promise_faults(policy: Policy, stage: str) -> Iterator[PolicyFault]:
    """Requests to which a later step is promised before an earlier one; an example for each pair of rows."""
    tables = policy.tables[stage]
    for at, earlier in enumerate(ORDER):
        for later in ORDER[at + 1 :]:
            for one, other in _suspects(tables, earlier, later):
                facts = _example(policy, stage, one, other, earlier, later)
                if facts is not None:
                    yield _fault(policy, one, other, (earlier, later), facts)


def _fault(
    policy: Policy,
    one: tuple[Table, Row],
    other: tuple[Table, Row],
    names: tuple[str, str],
    facts: dict[str, Any],
) -> PolicyFault:
    unit = {name: policy.facts[name].unit for name in facts}
    parts, parts_zh = (
        [f"{name} {value_text(value, unit[name], language)}" for name, value in facts.items()]
        for language in ("en", "zh")
    )
    what = f"'{names[0]}' (row {one[1].number} of '{one[0].name}') is later than "
    what += f"'{names[1]}' (row {other[1].number} of '{other[0].name}')"
    text = f"promises contradict: {what}, for example: {', '.join(parts) or 'nothing given'}"
    zh = f"承诺自相矛盾：“{names[0]}”（表“{one[0].name}”第{one[1].number}行）晚于"
    zh += f"“{names[1]}”（表“{other[0].name}”第{other[1].number}行），例如："
    zh += "，".join(parts_zh) or "未给出任何事实"
    return PolicyFault(file=policy.file, place=other[1].place, text=text, zh=zh)


def _suspects(
    tables: Sequence[Table], earlier: str, later: str
) -> Iterator[tuple[tuple[Table, Row], tuple[Table, Row]]]:
    """Pairs of rows whose figures contradict if both ever speak for one request."""
    first = [(t, row, s.value) for t, row, s in _setting_rows(tables, earlier)]
    second = [(t, row, s.value) for t, row, s in _setting_rows(tables, later)]
    for table, row, value in first:
        for other_table, other_row, other_value in second:
            if table is other_table and row is not other_row:
                continue
            if value is not None and other_value is not None and value > other_value:
                yield (table, row), (other_table, other_row)


def _setting_rows(tables: Sequence[Table], name: str) -> Iterator[tuple[Table, Row, Any]]:
    for table in tables:
        for row in table.every_row():
            for setting in row.settings:
                if setting.fact.name == name:
                    yield table, row, setting


def _example(
    policy: Policy, stage: str, one: tuple[Table, Row], other: tuple[Table, Row], earlier: str, later: str
) -> dict[str, Any] | None:
    """Facts for which the policy really promises the wrong way round, found by trying."""
    possible = Possible(policy.given[stage])
    spaces = [Space(one[0], possible), Space(other[0], possible)]
    generator = np.random.default_rng(1)
    for _ in range(SAMPLES):
        facts = _draw(spaces, (one[1], other[1]), generator)
        if facts is None:
            return None
        given = {name: value for name, value in facts.items() if name in policy.given[stage]}
        outcome = policy.decide(stage, given).outcome
        if outcome[earlier] is not None and outcome[later] is not None and outcome[earlier] > outcome[later]:
            return given
    return None


def _draw(
    spaces: Sequence[Space], rows: Sequence[Row], generator: np.random.Generator
) -> dict[str, Any] | None:
    """A request that satisfies both rows' conditions, as far as their cells can tell."""
    facts: dict[str, Any] = {}
    for space in spaces:
        for name in space.names:
            if name in facts:
                continue
            wanted = [condition for row in rows if (condition := row.condition_on(name))]
            cells = [cell for each in spaces if name in each.axes for cell in each.axes[name].cells]
            fit = [cell for cell in cells if all(condition.holds(cell) for condition in wanted)]
            if not fit:
                return None
            facts[name] = fit[int(generator.integers(len(fit)))]
    return {name: value for name, value in facts.items() if value is not None}
