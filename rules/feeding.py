"""How tables feed one another: what each reads must be given, or set by a table above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import PolicyFault
from .tables import Table

if TYPE_CHECKING:
    from .policy import Policy


def feeding_faults(policy: Policy) -> list[PolicyFault]:
    """Cycles between tables, tables in the wrong order, and facts that nobody gives."""
    faults: list[PolicyFault] = []
    for stage, tables in policy.tables.items():
        for position, table in enumerate(tables):
            for name in table.reads:
                found = _reading(name, position, tables, policy.given[stage], stage)
                if found:
                    text, zh = found
                    faults.append(PolicyFault(file=policy.file, place=table.place, text=text, zh=zh))
    return faults


def _reading(
    name: str, position: int, tables: Sequence[Table], given: frozenset[str], stage: str
) -> tuple[str, str] | None:
    """What is wrong with a fact that a table reads, in English and in Chinese; None when nothing is."""
    if name in given or any(name in table.sets for table in tables[:position]):
        return None
    table = tables[position]
    text, zh = f"table '{table.name}' reads '{name}', which ", f"表“{table.name}”读取“{name}”，"
    later = next((other for other in tables[position + 1 :] if name in other.sets), None)
    if later is None:
        if name in table.sets:
            return (
                text + "only it sets: nothing gives it a first value",
                zh + "但只有该表自己设定它，没有初值",
            )
        return text + f"nothing gives or sets in stage '{stage}'", zh + f"但阶段“{stage}”既未给出也未设定它"
    circle = _way(later, table, tables)
    if circle:
        names = " -> ".join(other.name for other in (table, *circle[::-1]))
        return f"cycle: tables {names} feed one another through '{name}'", f"表{names}因“{name}”循环依赖"
    moved = f"但它由下方的表“{later.name}”设定，请将“{later.name}”上移"
    return text + f"table '{later.name}' below it sets: move it up", zh + moved


def _way(start: Table, goal: Table, tables: Sequence[Table]) -> list[Table] | None:
    """Tables by which `start` depends on `goal`, from `goal` to `start`, or None."""
    queue = [[start]]
    seen = {start.name}
    while queue:
        path = queue.pop(0)
        if path[-1] is goal:
            return path[::-1]
        for other in tables:
            if other.name not in seen and set(path[-1].reads) & set(other.sets):
                seen.add(other.name)
                queue.append([*path, other])
    return None
