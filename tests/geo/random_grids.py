"""Small random grids with faults, and what protection does about them, walked bus by bus."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import networkx as nx
import pandas as pd

from geo import Fault, Grid, Restoration


def random_grid(rng: random.Random) -> Grid:
    """Two or three feeders that branch, joined by ties; every section of one to three buses."""
    buses, lines, switches = [], [], []
    sections: list[list[str]] = []

    def section(source: bool) -> list[str]:
        names = [f"b{len(buses) + k}" for k in range(rng.randint(1, 3))]
        buses.extend(
            (name, 0.01 * len(buses), 48.0, "source" if source and name == names[0] else "") for name in names
        )
        lines.extend((f"l{len(lines)}", here, there) for here, there in itertools.pairwise(names))
        sections.append(names)
        return names

    def device(here: list[str], there: list[str], kind: str, normal: str) -> None:
        control = rng.choice(["remote", "manual"])
        switches.append((f"d{len(switches)}", rng.choice(here), rng.choice(there), kind, control, normal))

    for _ in range(rng.randint(1, 3)):
        tree = [section(True)]
        for depth in range(rng.randint(1, 5)):
            kind = rng.choice(
                ["breaker"] if depth == 0 else ["switch", "switch", "switch", "fuse", "recloser"]
            )
            here = rng.choice(tree if depth else tree[:1])
            tree.append(section(False))
            device(here, tree[-1], kind, "closed")
    for _ in range(rng.randint(0, 4)):
        device(*rng.sample(sections, 2), rng.choice(["switch", "recloser"]), "open")
    transformers = [(f"t{k}", rng.choice(names)) for k, names in enumerate(sections) if rng.random() < 0.8]
    return Grid.from_tables(
        pd.DataFrame(buses, columns=["id", "lon", "lat", "kind"]),
        pd.DataFrame(lines, columns=["id", "from_bus", "to_bus"]),
        pd.DataFrame(switches, columns=["id", "from_bus", "to_bus", "kind", "control", "normal"]),
        pd.DataFrame(transformers, columns=["id", "bus"]),
    )


def random_faults(rng: random.Random, grid: Grid) -> list[Fault]:
    faults = []
    for number in range(rng.randint(1, 4)):
        places = {
            "line": grid.lines.ids.tolist(),
            "bus": grid.buses.ids.tolist(),
            "switch": grid.switches.ids.tolist(),
            "transformer": grid.transformers.ids.tolist(),
        }
        kind = rng.choice(
            [kind for kind, names in places.items() if names for _ in range(1 + 2 * (kind == "line"))]
        )
        faults.append(Fault(id=f"f{number}", kind=kind, place=rng.choice(places[kind])))
    return faults


@dataclass
class Walked:
    """A grid as plain sets, with what protection did about the faults."""

    grid: Grid
    ends: dict[str, tuple[str, str]]
    closed: set[str]
    sources: set[str]
    bad_bus: dict[str, set[str]]
    bad_device: dict[str, set[str]]
    bad_transformer: dict[str, set[str]]
    tripped: dict[str, set[str]]


def walked(grid: Grid, faults: list[Fault]) -> Walked:
    """Find what opens: walk from each fault's bus to its source, stop at the first protective device."""
    bus, sw = grid.buses.ids, grid.switches
    ends = {n: (bus[a], bus[b]) for n, a, b in zip(sw.ids, sw.from_idx, sw.to_idx, strict=True)}
    closed = {n for n, c in zip(sw.ids, sw.closed, strict=True) if c}
    kinds = dict(zip(sw.ids, sw.kind, strict=True))
    sources = set(bus[grid.buses.source])
    graph = nx.Graph()
    graph.add_nodes_from(bus)
    graph.add_edges_from(
        (bus[a], bus[b]) for a, b in zip(grid.lines.from_idx, grid.lines.to_idx, strict=True)
    )
    graph.add_edges_from((*ends[name], {"device": name}) for name in closed)
    paths = {
        b: path for source in sources for b, path in nx.single_source_shortest_path(graph, source).items()
    }
    found = Walked(grid, ends, closed, sources, {}, {}, {}, {})
    for fault in faults:
        place = fault.place
        if fault.kind == "transformer":
            found.bad_transformer.setdefault(place, set()).add(fault.id)
            continue
        if fault.kind == "switch":
            found.bad_device.setdefault(place, set()).add(fault.id)
            here, there = ends[place]
            if place not in closed:
                continue
            behind = there if len(paths[there]) > len(paths[here]) else here
            found.bad_bus.setdefault(behind, set()).add(fault.id)
            found.tripped.setdefault(place, set()).add(fault.id)
            continue
        at = place if fault.kind == "bus" else bus[grid.lines.from_idx[grid.line_at[place]]]
        found.bad_bus.setdefault(at, set()).add(fault.id)
        path = paths[at]
        devices = [graph.edges[pair].get("device") for pair in itertools.pairwise(path)]
        devices = [name for name in devices if name]
        guards = [name for name in devices if kinds[name] != "switch"]
        opened = guards[-1] if guards else devices[0] if devices else None
        if opened:
            found.tripped.setdefault(opened, set()).add(fault.id)
    return found


def random_times(rng: random.Random, restoration: Restoration) -> dict[str, float]:
    """A finish time for every step, later than those it comes after; some steps are never done."""
    times: dict[str, float] = {}

    def time(name: str) -> float:
        if name not in times:
            times[name] = rng.uniform(1, 100) if rng.random() < 0.9 else float("inf")
            before = [time(other) for other in restoration.steps[name].after]
            times[name] = max([times[name], *before]) + 0.001 * len(before)
        return times[name]

    for name in restoration.steps:
        time(name)
    return times
