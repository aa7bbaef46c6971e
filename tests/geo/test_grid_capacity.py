"""What is offered stays within the ratings, whatever of it is done together."""

from __future__ import annotations

import random

import networkx as nx
import numpy as np

from geo import Grid, restore, switching_list
from geo.readers.loading import grid_tables
from tests.geo.random_grids import random_faults, random_grid, random_times, walked


def rated(rng: random.Random, grid: Grid) -> Grid:
    """Rate every device and line at its running load and a random margin."""
    tables = grid_tables(grid)
    tables["transformers"]["rating_kva"] = [rng.randint(1, 9) for _ in grid.transformers.ids]
    bare = Grid.from_tables(**tables)
    flows = flow_of(
        bare, {name for name, c in zip(bare.switches.ids, bare.switches.closed, strict=True) if c}
    )
    for table in ("lines", "switches"):
        margins = [rng.choice([0, 2, 5, 10, 30]) for _ in tables[table]["id"]]
        base = [flows.get(name, 0.0) for name in tables[table]["id"]]
        tables[table]["rating_kw"] = [b + m for b, m in zip(base, margins, strict=True)]
    return Grid.from_tables(**tables)


def flow_of(grid: Grid, closed: set[str]) -> dict[str, float]:
    """Load of every line and device in a radial state, by walking the buses from each source."""
    bus = grid.buses.ids
    graph = nx.Graph()
    graph.add_nodes_from(bus)
    for ids, here, there in (
        (grid.lines.ids, grid.lines.from_idx, grid.lines.to_idx),
        (grid.switches.ids, grid.switches.from_idx, grid.switches.to_idx),
    ):
        for name, a, b in zip(ids, bus[here], bus[there], strict=True):
            if name in closed or name in grid.line_at:
                graph.add_edge(a, b, name=name)
    load = dict(
        zip(bus, np.bincount(grid.transformers.bus_idx, grid.transformers.rating_kva, len(bus)), strict=True)
    )
    flows: dict[str, float] = {}
    for source in bus[grid.buses.source]:
        below = dict(load)
        for here, there in reversed(list(nx.bfs_edges(graph, source))):
            flows[graph.edges[here, there]["name"]] = below[there]
            below[here] += below[there]
    return flows


def test_no_order_of_steps_overloads_a_line_or_a_device():
    tried = 0
    for seed in range(120):
        rng = random.Random(seed)
        grid = rated(rng, random_grid(rng))
        faults = [fault for fault in random_faults(rng, grid) if fault.kind in ("line", "bus")]
        found = restore(grid, faults)
        times = random_times(rng, found)
        done = sorted((name for name, at in times.items() if at < float("inf")), key=times.__getitem__)
        closed = set(grid.switches.ids[grid.switches.closed]) - set(walked(grid, faults).tripped)
        ratings = dict(zip(grid.lines.ids, grid.lines.rating_kw, strict=True))
        ratings |= dict(zip(grid.switches.ids, grid.switches.rating_kw, strict=True))
        for move in switching_list(grid, faults, found, done):
            for action in move.actions:
                (closed.add if action.action == "close" else closed.discard)(action.device)
            flows = flow_of(grid, closed)
            over = {name: flow for name, flow in flows.items() if flow > ratings[name] + 1e-9}
            assert not over, (seed, move.step, over)
        tried += sum(name.startswith("close:") for name in done)
    assert tried > 15
