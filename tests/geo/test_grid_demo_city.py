"""Storms on the demo city and on Oberrhein: lists without a breach, the same transformers back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from geo import Fault, Grid, check_switching, load_grid, restore, switching_list, trace
from tests.geo.random_grids import random_times


def storm(rng: random.Random, grid: Grid, count: int) -> list[Fault]:
    kinds = {
        "line": grid.lines.ids,
        "switch": grid.switches.ids,
        "bus": grid.buses.ids,
        "transformer": grid.transformers.ids,
    }
    chosen = rng.choices(list(kinds), weights=[6, 1, 1, 1], k=count)
    return [
        Fault(id=f"f{k}", kind=kind, place=rng.choice(kinds[kind].tolist())) for k, kind in enumerate(chosen)
    ]


def play(grid: Grid, seed: int, count: int) -> None:
    rng = random.Random(seed)
    faults = storm(rng, grid, count)
    loads = dict(zip(grid.transformers.ids, (grid.transformers.rating_kva * 0.5).tolist(), strict=True))
    found = restore(grid, faults, load_kw=loads)
    traced = trace(grid, faults=faults)
    assert set(traced.dead_transformers) == {name for block in found.blocks for name in block.transformers}
    times = random_times(rng, found)
    done = sorted((name for name, at in times.items() if at < float("inf")), key=times.__getitem__)
    operations = []
    for move in switching_list(grid, faults, found, done):
        step = found.steps[move.step]
        operations += [step.fault] * (step.fault is not None) + list(move.actions)
    assert check_switching(grid, operations, faults) == ()
    state = {name: "open" for name in traced.protecting_device.values() if name}
    state |= {action.device: action.action for action in operations if not isinstance(action, str)}
    after = trace(
        grid,
        open_devices=[name for name, action in state.items() if action == "open"],
        close_devices=[name for name, action in state.items() if action == "close"],
    )
    broken = {fault.place for fault in faults if fault.kind == "transformer"}
    waiting = {
        name
        for block in found.blocks
        if not any(way <= set(done) for way in block.ways)
        for name in block.transformers
    }
    assert set(after.dead_transformers) - broken == waiting - broken


@pytest.mark.parametrize("seed", range(4))
def test_storm_of_forty_faults_in_the_demo_city(coquimbo: Path, seed):
    if not (coquimbo / "grid").is_dir():
        pytest.skip(f"no grid in {coquimbo}")
    play(load_grid(coquimbo / "grid"), seed, 40)


@pytest.mark.parametrize("seed", range(4))
def test_storm_of_eight_faults_on_oberrhein(shared: Path, seed):
    grid = load_grid(shared / "data" / "grid_oberrhein_schutterwald" / "mv_oberrhein.json")
    play(grid, seed, 8)
