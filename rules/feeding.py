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
                text = _reading(name, position, tables, policy.given[stage], stage)
                if text:
                    faults.append(PolicyFault(file=policy.file, place=table.place, text=text))
    return faults


def _reading(
    name: str, position: int, tables: Sequence[Table], given: frozenset[str], stage: str
) -> str | None:
    if name in given or any(name in table.sets for table in tables[:position]):
        return None
    table = tables[position]
    later = next((other for other in tables[position + 1 :] if name in other.sets), None)
    if later is None:
        if name in table.sets:
            return f"table '{table.name}' reads '{name}', which only it sets: nothing gives it a first value"
        return f"table '{table.name}' reads '{name}', which nothing gives or sets in stage '{stage}'"
    circle = _way(later, table, tables)
    if circle:
        names = " -> ".join(other.name for other in (table, *circle[::-1]))
        return f"cycle: tables {names} feed one another through '{name}'"
    return f"table '{table.name}' reads '{name}', which table '{later.name}' below it sets: move it up"


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
