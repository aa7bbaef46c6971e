"""Nominal voltages of nodes: told by what joins them, and put right where one node of many disagrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import networkx as nx

from .elements import Circuit
from .figures import counted

# Low voltage, the medium voltage that is kept, and the transmission grid.
LEVELS_KV = (1.0, 60.0)


def agree_on_voltages(circuit: Circuit) -> None:
    """Give nodes that lines and devices join one level of voltage: that of most of them.

    No line joins 480 V to 12.5 kV. A node that stands alone with such a figure is a slip in the
    file, and would cut off all that lies behind it.
    """
    graph = nx.Graph()
    joints: Iterable[Any] = (*circuit.branches, *circuit.devices)
    graph.add_edges_from((each.here, each.there) for each in joints)
    wrong = [found for part in nx.connected_components(graph) for found in _corrected(circuit, sorted(part))]
    if wrong:
        name, before, after = wrong[0]
        text = (
            f"{counted(len(wrong), 'node')} of another level than what lines join it to; taken to be of the "
            f"same, the first is '{name}' ({before:g} kV, its neighbours {after:g} kV)"
        )
        circuit.note("voltage", "nodes", text)


def _corrected(circuit: Circuit, part: Sequence[str]) -> list[tuple[str, float, float]]:
    kv = {key: circuit.nodes[key].kv for key in part if circuit.nodes[key].kv > 0}
    levels = Counter(_level(each) for each in kv.values())
    if len(levels) < 2:
        return []
    usual = max(levels, key=lambda level: (levels[level], level))
    figure = Counter(each for each in kv.values() if _level(each) == usual).most_common(1)[0][0]
    wrong = [key for key in kv if _level(kv[key]) != usual]
    for key in wrong:
        circuit.nodes[key] = replace(circuit.nodes[key], kv=figure)
    return [(circuit.nodes[key].name, kv[key], figure) for key in wrong]


def _level(kv: float) -> int:
    return sum(kv >= each for each in LEVELS_KV)
