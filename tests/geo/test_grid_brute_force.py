"""Restoration against brute force: the grid walked bus by bus, step after step, by networkx.

The brute force shares nothing with the search: no sections, no tree, no cells. It takes the
steps that are done at a time, and asks which transformers can have supply: over lines and closed
devices, over devices that somebody may close or leave open, never into a part with a fault.
"""

from __future__ import annotations

import functools
import random

import networkx as nx
import pytest

from geo import Grid, Restoration, check_switching, restore, switching_list, trace
from tests.geo.random_grids import Walked, random_faults, random_grid, random_times, walked

CASES = 2000
EVERY_DEVICE = 200


@functools.lru_cache(maxsize=8)
def grid_of(seed: int) -> Grid:
    """Four cases share a grid: to build one takes longer than to check it."""
    return random_grid(random.Random(seed))


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
