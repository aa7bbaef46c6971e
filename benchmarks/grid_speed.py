"""How long the grid's questions take at 100,000 sections, and beside pandapower on Oberrhein.

    python benchmarks/grid_speed.py [--sections N] [--faults N] [--seed N]

The large grid is made up: feeders of 1,000 sections with a backbone, fused laterals, a remote
switch at every fifth place and ties between neighbours. Where pandapower is installed, the same
question (what is dead when this switch opens) is put to `pandapower.topology.unsupplied_buses`
and to `geo.trace` on mv_oberrhein, in the same run.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from geo import Fault, load_grid, restore, trace
from geo.readers.pandapower import grid_of_net

PER_FEEDER = 1000


def made_up_tables(sections: int, seed: int) -> dict[str, pd.DataFrame]:
    """Tables of a made-up grid with about this many sections."""
    rng = random.Random(seed)
    buses: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    switches: list[tuple[object, ...]] = []
    transformers: list[tuple[object, ...]] = []
    backbones: list[list[str]] = []

    def section(near: tuple[float, float]) -> tuple[str, str]:
        ends = (f"b{len(buses)}", f"b{len(buses) + 1}")
        for name in ends:
            near = (near[0] + rng.uniform(-1, 1) * 1e-3, near[1] + rng.uniform(-1, 1) * 1e-3)
            buses.append((name, near[0], near[1], "", ""))
        lines.append((f"l{len(lines)}", *ends, 150, "overhead"))
        transformers.append((f"t{len(transformers)}", ends[1], 100))
        return ends

    def device(here: str, there: str, kind: str, normal: str = "closed", rating: object = "") -> None:
        control = "remote" if kind == "breaker" or rng.random() < 0.2 else "manual"
        switches.append((f"d{len(switches)}", here, there, kind, control, normal, rating))

    for feeder in range(max(1, sections // PER_FEEDER)):
        at = (-70 + 0.1 * (feeder % 20), -30 + 0.1 * (feeder // 20))
        buses.append((f"s{feeder}", *at, "source", f"substation {feeder // 5}"))
        ends = [section(at) for _ in range(PER_FEEDER - 1)]
        device(f"s{feeder}", ends[0][0], "breaker", rating=150_000)
        backbone = 40
        for k in range(1, backbone):
            device(ends[k - 1][1], ends[k][0], "recloser" if k % 12 == 0 else "switch")
        for k in range(backbone, len(ends)):
            parent = rng.randrange(backbone) if rng.random() < 0.3 else rng.randrange(max(0, k - 30), k)
            device(ends[parent][1], ends[k][0], "fuse" if rng.random() < 0.3 else "switch")
        backbones.append([end for _, end in ends[:backbone]])
    for one, other in itertools.pairwise(backbones):
        for _ in range(4):
            device(rng.choice(one), rng.choice(other), "switch", "open")
    return {
        "buses": pd.DataFrame(buses, columns=["id", "lon", "lat", "kind", "substation"]),
        "lines": pd.DataFrame(lines, columns=["id", "from_bus", "to_bus", "length_m", "kind"]),
        "switches": pd.DataFrame(
            switches, columns=["id", "from_bus", "to_bus", "kind", "control", "normal", "rating_kw"]
        ),
        "transformers": pd.DataFrame(transformers, columns=["id", "bus", "rating_kva"]),
    }


class Watch:
    """Elapsed and processor time since it was made; they differ on a machine with other work."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        return (
            f"{time.perf_counter() - self.wall:.2f} s ({time.process_time() - self.cpu:.2f} s of processor)"
        )


def timed(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median elapsed and median processor time of several runs, seconds."""
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)


def large(sections: int, count: int, seed: int) -> None:
    """Time loading, tracing and restoring in the made-up grid."""
    tables = made_up_tables(sections, seed)
    with tempfile.TemporaryDirectory() as folder:
        for name, table in tables.items():
            table.to_csv(Path(folder) / f"{name}.csv", index=False)
        watch = Watch()
        grid = load_grid(folder)
        print(f"load {len(grid.buses):,} buses, {grid.sectioning.count:,} sections: {watch}")
    rng = random.Random(seed)
    devices = [*rng.sample(grid.switches.ids.tolist(), 500), "d0"]
    watch = Watch()
    trace(grid, open_devices=devices[:1])
    print(f"first trace (lays out the tree): {watch}")
    times = [timed(lambda name=name: trace(grid, open_devices=[name]), 1) for name in devices]
    middle, worst = 1000 * statistics.median(wall for wall, _ in times), 1000 * max(cpu for _, cpu in times)
    print(f"trace one open device: median {middle:.3f} ms, worst {worst:.3f} ms of processor")
    faults = [
        Fault(id=f"f{k}", kind="line", place=place)
        for k, place in enumerate(rng.sample(grid.lines.ids.tolist(), count))
    ]
    watch = Watch()
    found = restore(grid, faults)
    took = str(watch)
    ways = sum(len(block.ways) for block in found.blocks)
    print(
        f"blocks and ways for {count} faults: {took} "
        f"({len(found.blocks)} blocks, {ways} ways, {len(found.steps)} steps)"
    )


def oberrhein() -> None:
    """Put the same question to pandapower and to `geo`, on mv_oberrhein."""
    try:
        from pandapower import networks, topology  # noqa: PLC0415
    except ImportError:
        print("pandapower is not installed: no comparison on Oberrhein")
        return
    net = networks.mv_oberrhein()
    grid = grid_of_net(net)
    rows = net.switch[net.switch.closed].iloc[:100]

    def theirs() -> None:
        for at in rows.index:
            net.switch.loc[at, "closed"] = False
            topology.unsupplied_buses(net)
            net.switch.loc[at, "closed"] = True

    names = rows.name.tolist()
    trace(grid, open_devices=names[:1])
    theirs_s = timed(theirs, 3)[1] / len(names)
    ours_s = timed(lambda: [trace(grid, open_devices=[name]) for name in names], 3)[1] / len(names)
    print(
        f"Oberrhein, one switch opens, processor: pandapower.topology {1000 * theirs_s:.2f} ms, "
        f"geo.trace {1000 * ours_s:.4f} ms, {theirs_s / ours_s:,.0f} times as long"
    )


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sections", type=int, default=100_000)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    large(args.sections, args.faults, args.seed)
    oberrhein()


if __name__ == "__main__":
    main()
