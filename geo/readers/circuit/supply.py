"""Which nodes are the transmission grid above a distribution grid, and which closed devices form rings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import networkx as nx

from .elements import Circuit
from .figures import listed

Row = dict[str, Any]


def closed_graph(circuit: Circuit) -> nx.Graph:
    """All nodes, joined by everything that is in service and closed in the normal state."""
    graph = nx.Graph()
    graph.add_nodes_from(circuit.nodes)
    graph.add_edges_from((each.here, each.there) for each in circuit.branches if each.in_service)
    graph.add_edges_from((each.here, each.there) for each in circuit.devices if not each.normal_open)
    for each in circuit.transformers:
        if each.in_service:
            graph.add_edges_from((each.ends[0], end) for end in each.ends[1:])
    return graph


def transmission(circuit: Circuit, above_kv: float) -> set[str]:
    """Nodes of the transmission grid that are alive: those of `above_kv` and more that an infeed reaches.

    Where the file has no infeed at all, every node of that voltage counts: what it says of the
    supply is that it comes from there.
    """
    high = {key for key, node in circuit.nodes.items() if node.kv >= above_kv}
    if not high:
        return set()
    infeeds = {each.node for each in circuit.infeeds}
    if not infeeds:
        circuit.note("no-infeed", "", f"has no infeed; all of {above_kv:g} kV and more is taken to be alive")
        return high
    graph = closed_graph(circuit).subgraph(high)
    alive: set[str] = set()
    for part in nx.connected_components(graph):
        if part & infeeds:
            alive |= part
    return alive


def ring_devices(
    devices: Sequence[Row], lines: Sequence[Row], sources: Iterable[str]
) -> tuple[set[str], list[list[str]]]:
    """Find closed devices that are part of a ring, or join sources: all of them, and by ring.

    A grid is run radially here: a ring of closed devices is one section, whatever opens in it,
    and the devices on it separate nothing. That no supply is lost when one of them opens is what
    the ring is there for.
    """
    graph = nx.MultiGraph()
    supply = object()
    graph.add_edges_from((supply, source) for source in sources)
    for row in lines:
        if row["kind"] != "lv":
            graph.add_edge(row["from_bus"], row["to_bus"])
    closed = [row for row in devices if row["normal"] == "closed" and row["from_bus"] != row["to_bus"]]
    for row in closed:
        graph.add_edge(row["from_bus"], row["to_bus"])
    bridges = {frozenset(pair) for pair in nx.bridges(graph)} if len(graph) else set()
    on_ring = [row for row in closed if frozenset((row["from_bus"], row["to_bus"])) not in bridges]
    meshed = nx.Graph()
    meshed.add_edges_from(
        pair for pair in ((a, b) for a, b in graph.edges()) if frozenset(pair) not in bridges
    )
    part_of = {node: at for at, part in enumerate(nx.connected_components(meshed)) for node in part}
    rings: dict[int, list[str]] = {}
    for row in on_ring:
        rings.setdefault(part_of[row["from_bus"]], []).append(row["id"])
    return {row["id"] for row in on_ring}, list(rings.values())


def without_supply(
    buses: Iterable[str], devices: Sequence[Row], lines: Sequence[Row], sources: set[str]
) -> set[str]:
    """Buses that no source reaches over lines and closed devices in the normal state."""
    graph = nx.Graph()
    graph.add_nodes_from(buses)
    graph.add_edges_from((row["from_bus"], row["to_bus"]) for row in lines if row["kind"] != "lv")
    graph.add_edges_from((row["from_bus"], row["to_bus"]) for row in devices if row["normal"] == "closed")
    alive: set[str] = set()
    for source in sources:
        if source not in alive:
            alive |= nx.node_connected_component(graph, source)
    return set(graph) - alive


def note_open_above(circuit: Circuit, alive: set[str]) -> None:
    """Name open devices on the transmission side, which is not read, and the transformers behind them."""
    for each in circuit.devices:
        if each.normal_open and each.here in alive:
            fed = [t.name for t in circuit.transformers if each.there in t.ends]
            if fed:
                text = f"is open on the transmission side: transformer {listed(fed)} feeds nothing"
                circuit.note("open-above", f"switch '{each.name}'", text)


def with_known_voltages(circuit: Circuit) -> dict[str, float]:
    """Voltage of every node: its own, else that of what lines and devices join it to."""
    kv = {key: node.kv for key, node in circuit.nodes.items()}
    near: dict[str, list[str]] = {}
    joints: Iterable[Any] = (*circuit.branches, *circuit.devices)
    for each in joints:
        near.setdefault(each.here, []).append(each.there)
        near.setdefault(each.there, []).append(each.here)
    queue = [key for key, value in kv.items() if value > 0]
    while queue:
        here = queue.pop()
        for there in near.get(here, ()):
            if not kv[there] > 0:
                kv[there] = kv[here]
                queue.append(there)
    return kv
