"""Restoration against brute force: the grid walked bus by bus, step after step, by networkx.

The brute force shares nothing with the search: no sections, no tree, no cells. It takes the
steps that are done at a time, and asks which transformers can have supply: over lines and closed
devices, over devices that somebody may close or leave open, never into a part with a fault.
"""

from __future__ import annotations

import functools
import itertools
import random
from dataclasses import dataclass

import networkx as nx
import pandas as pd
import pytest

from geo import Fault, Grid, Restoration, check_switching, restore, switching_list, trace

CASES = 2000
EVERY_DEVICE = 200


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


@functools.lru_cache(maxsize=8)
def grid_of(seed: int) -> Grid:
    """Four cases share a grid: to build one takes longer than to check it."""
    return random_grid(random.Random(seed))


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


def supplied(found: Walked, done: set[str], directed: dict[str, list[tuple[str, str]]]) -> set[str]:
    """Transformers that can have supply once these steps are done, by walking the buses."""
    grid, bus = found.grid, found.grid.buses.ids
    repaired = {name.removeprefix("repair:") for name in done if name.startswith("repair:")}
    opened = {name.removeprefix("open:") for name in done if name.startswith("open:")}
    welded = set(found.closed - set(found.tripped) - opened)
    graph = nx.Graph()
    graph.add_nodes_from(bus)
    graph.add_edges_from(
        (bus[a], bus[b]) for a, b in zip(grid.lines.from_idx, grid.lines.to_idx, strict=True)
    )
    graph.add_edges_from(found.ends[name] for name in welded)
    part = {b: k for k, names in enumerate(nx.connected_components(graph)) for b in names}
    sick = {part[b] for b, ids in found.bad_bus.items() if not ids <= repaired}
    links = nx.DiGraph()
    links.add_nodes_from(part.values())
    for name, (here, there) in found.ends.items():
        if found.bad_device.get(name, set()) - repaired:
            continue
        free = name in opened or bool(found.tripped.get(name, set()) & repaired)
        ways = [(here, there), (there, here)] if free else []
        ways += [
            pair
            for step, pairs in directed.items()
            if step in done
            for pair in pairs
            if name == device_of(step)
        ]
        links.add_edges_from((part[a], part[b]) for a, b in ways if part[b] not in sick)
    alive: set[int] = set()
    for source in {part[b] for b in found.sources} - sick:
        alive |= {source} | nx.descendants(links, source)
    return {
        name
        for name, at in zip(grid.transformers.ids, grid.transformers.bus_idx, strict=True)
        if part[bus[at]] in alive and not found.bad_transformer.get(name, set()) - repaired
    }


def device_of(step: str) -> str:
    return step.removeprefix("close:").split(">")[0]


def closing_directions(found: Walked, restoration: Restoration) -> dict[str, list[tuple[str, str]]]:
    """In which direction each closing step may feed: what comes before it makes one side safe."""
    directed = {}
    for name, step in restoration.steps.items():
        if name.startswith("close:"):
            here, there = found.ends[device_of(name)]
            directed[name] = [(here, there)] if step.towards == there else [(there, here)]
    return directed


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


def check(seed: int, every_device: bool) -> tuple[int, int]:
    rng = random.Random(seed)
    grid = grid_of(seed // 4)
    faults = random_faults(rng, grid)
    restoration = restore(grid, faults, every_device=every_device, most_ways=10_000)
    found = walked(grid, faults)
    all_up = set(grid.transformers.ids)
    out = all_up - supplied(found, set(), {})
    assert sorted(out) == sorted(t for block in restoration.blocks for t in block.transformers), seed
    directed = closing_directions(found, restoration)
    times = random_times(rng, restoration)
    back = {name: float("inf") for name in out}
    for moment in sorted(set(times.values())):
        done = {name for name, at in times.items() if at <= moment}
        if moment == float("inf"):
            break
        for name in supplied(found, done, directed) & out:
            back[name] = min(back[name], moment)
    for block in restoration.blocks:
        restored = min(max(times[step] for step in way) for way in block.ways)
        for name in block.transformers:
            assert back[name] == restored, (seed, name, back[name], restored, block.ways)
    if seed % 3 == 0:
        check_list(grid, faults, restoration, times, seed)
    return len(out), sum(len(block.ways) for block in restoration.blocks)


def check_list(grid, faults, restoration, times, seed) -> None:
    """The switching list of the same day: no breach, and the same transformers back at the end."""
    done = sorted((name for name, at in times.items() if at < float("inf")), key=times.__getitem__)
    operations = []
    for move in switching_list(grid, faults, restoration, done):
        step = restoration.steps[move.step]
        operations += [step.fault] * (step.fault is not None) + list(move.actions)
    assert check_switching(grid, operations, faults) == (), seed
    opened = {action.device: action.action for action in operations if not isinstance(action, str)}
    tripped = {name for name in trace(grid, faults=faults).protecting_device.values() if name}
    opened = dict.fromkeys(tripped, "open") | opened
    repaired = {operation for operation in operations if isinstance(operation, str)}
    after = trace(
        grid,
        open_devices=[name for name, action in opened.items() if action == "open"],
        close_devices=[name for name, action in opened.items() if action == "close"],
    )
    still = set(after.dead_transformers) | {
        f.place for f in faults if f.kind == "transformer" and f.id not in repaired
    }
    expected = {
        name
        for block in restoration.blocks
        if not any(way <= set(done) for way in block.ways)
        for name in block.transformers
    }
    # what stands behind nothing but closed devices in a dead source's part is dead without a trace
    sick = any(name is None for name in trace(grid, faults=faults).protecting_device.values())
    assert still == expected or sick, (seed, still, expected)


@pytest.mark.parametrize("part", range(8))
def test_same_transformers_and_same_earliest_times_as_brute_force(part):
    checked = [check(seed, every_device=False) for seed in range(part * CASES // 8, (part + 1) * CASES // 8)]
    assert sum(out for out, _ in checked) > CASES / 8


@pytest.mark.parametrize("part", range(2))
def test_with_every_device_in_play_nothing_is_missed(part):
    for seed in range(10_000 + part * EVERY_DEVICE, 10_000 + (part + 1) * EVERY_DEVICE):
        check(seed, every_device=True)
