"""How often inference names the right device, on made-up faults.

    python benchmarks/outage_inference.py [--case data/coquimbo ...] [--singles 300] [--storms 20]

Writes a Markdown table per grid. Faults are drawn by their rates; customers
call by a log-normal delay, three in ten within the hour.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from dispatch.damage import CallHabit, MadeFault, make_day, sample_faults, service_fault
from dispatch.day import Outage
from dispatch.outages import Device, SupplyTree, build_tree, infer_on_tree, supply_tree
from dispatch.outages.tree import NodeKind
from geo import load_grid

START = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
SINGLE_KINDS: Sequence[NodeKind] = ("breaker", "recloser", "fuse", "transformer", "lv_main")


@dataclass
class Score:
    """Counts over many made-up faults."""

    faults: int = 0
    hidden: int = 0
    unheard: int = 0
    named: int = 0
    twice: int = 0
    right_twice: int = 0
    same_customers: int = 0
    phantoms: int = 0
    outages: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def right(self) -> int:
        """Faults whose device was named, or one with exactly the same customers behind it."""
        return self.named + self.same_customers

    def shares(self) -> tuple[float, float, float, float]:
        """By its own name of all; right of all, of those called about, of those with two callers."""
        visible = self.faults - self.hidden
        bases = (visible, visible, visible - self.unheard, self.twice)
        right = (self.named, self.right, self.right, self.right_twice)
        return tuple(part / max(1, base) for part, base in zip(right, bases, strict=True))  # type: ignore[return-value]


def measure(
    tree: SupplyTree, faults: Sequence[MadeFault], until_min: float, random: np.random.Generator, score: Score
) -> None:
    """Make a day of the faults, infer at its end and count."""
    day = make_day(tree, faults, START, until_min, random, CallHabit())
    began = time.perf_counter()
    outages = infer_on_tree(tree, day.calls, START + timedelta(minutes=until_min))
    score.seconds.append(time.perf_counter() - began)
    places = {outage.device or outage.fault.place: outage for outage in outages}
    callers = {call.place for call in day.calls}
    true_places = {fault.place for fault in faults}
    score.outages += len(outages)
    score.phantoms += sum(
        1 for place, outage in places.items() if place not in true_places and outage.customers_out > 1
    )
    for fault in faults:
        score.faults += 1
        rows = day.lost_by[fault.id]
        heard = sum(1 for row in rows.tolist() if tree.customer_ids[row] in callers)
        named = fault.place in places
        same = not named and heard > 0 and _same_customers(tree, fault, outages)
        score.twice += heard > 1
        score.right_twice += heard > 1 and (named or same)
        score.hidden += not len(rows)
        score.named += named and len(rows) > 0
        score.same_customers += same
        score.unheard += len(rows) > 0 and not heard and not named
        if heard and not named and not same:
            score.wrong[_mistake(tree, fault, places)] += 1


def _same_customers(tree: SupplyTree, fault: MadeFault, outages: Sequence[Outage]) -> bool:
    """Whether an outage names another device with exactly the same customers behind it."""
    if fault.node < 0:
        return False
    nodes = [tree.node_by_id.get(outage.device or outage.fault.place, -1) for outage in outages]
    related = {*tree.above(fault.node), *tree.beneath(fault.node)}
    return any(node in related and tree.customers[node] == tree.customers[fault.node] for node in nodes)


def _mistake(tree: SupplyTree, fault: MadeFault, places: dict[str, Outage]) -> str:
    if fault.node < 0:
        return f"{fault.kind}: missed"
    above = [node for node in tree.above(fault.node)[1:] if tree.ids[node] in places]
    beneath = [node for node in tree.beneath(fault.node) if node != fault.node and tree.ids[node] in places]
    if above:
        return f"{fault.kind}: {tree.kinds[above[0]]} above named"
    if beneath:
        return f"{fault.kind}: {tree.kinds[beneath[0]]} beneath named"
    return f"{fault.kind}: only single services named"


def single_faults(tree: SupplyTree, count: int, seed: int) -> Iterator[tuple[str, Score]]:
    """One fault at a time, one hour of calls; a row per kind and one for kinds as they come."""
    for kind in SINGLE_KINDS:
        if kind not in tree.kinds:
            continue
        score, random = Score(), np.random.default_rng([seed, SINGLE_KINDS.index(kind)])
        for _ in range(count):
            measure(tree, sample_faults(tree, 1, random, kinds=frozenset({kind})), 60, random, score)
        yield kind, score
    score, random = Score(), np.random.default_rng([seed, 90])
    for _ in range(count):
        measure(tree, [service_fault(tree, random)], 60, random, score)
    yield "service", score
    score, random = Score(), np.random.default_rng([seed, 91])
    for _ in range(3 * count):
        measure(tree, sample_faults(tree, 1, random), 60, random, score)
    yield "**any device, by its rate**", score


def storms(tree: SupplyTree, count: int, faults: int, seed: int) -> Score:
    """Nested faults over four hours, inferred an hour after the last."""
    score = Score()
    for storm in range(count):
        random = np.random.default_rng([seed, 100, storm])
        made = sample_faults(tree, faults, random, span_min=240, nested_share=0.5)
        measure(tree, made, 300, random, score)
    return score


def made_up_tree(feeders: int = 40, seed: int = 1) -> SupplyTree:
    """A tree of about 130,000 customers, when no case is at hand."""
    random = np.random.default_rng(seed)
    devices: list[Device] = []
    transformers: dict[str, str | None] = {}
    customers: list[tuple[str, str, str]] = []
    for feeder in range(feeders):
        head = f"CB{feeder}"
        devices.append(Device(id=head, kind="breaker", faults_per_year=0.3))
        trunks = [head]
        for n in range(2):
            name = f"R{feeder}.{n}"
            devices.append(Device(id=name, kind="recloser", parent=trunks[-1], faults_per_year=0.2))
            trunks.append(name)
        for n in range(10):
            name = f"F{feeder}.{n}"
            parent = trunks[int(random.integers(len(trunks)))]
            devices.append(Device(id=name, kind="fuse", parent=parent, faults_per_year=0.08))
            for t in range(int(random.integers(2, 6))):
                transformer = f"T{feeder}.{n}.{t}"
                transformers[transformer] = name
                for m in range(4):
                    main = f"{transformer}-M{m}"
                    size = int(random.integers(8, 36))
                    customers += [(f"{main}-{c}", transformer, main) for c in range(size)]
    table = pd.DataFrame(customers, columns=["id", "transformer", "lv_main"]).set_index("id")
    return build_tree(devices, transformers, table)


def load_tree(case: Path) -> SupplyTree:
    """The supply tree of a case folder."""
    found = next(iter(sorted(case.glob("customers.csv*"))))
    columns = ["id", "transformer", "lv_main"]
    customers = pd.read_csv(found, dtype=str, usecols=lambda name: name in columns).set_index("id")
    return supply_tree(load_grid(case / "grid"), customers)


def report(name: str, tree: SupplyTree, singles: int, storm_count: int, seed: int) -> str:
    """The table of one grid, as Markdown."""
    kinds = Counter(tree.kinds)
    lines = [
        f"### {name}",
        "",
        f"{len(tree.customer_ids):,} customers; "
        + ", ".join(f"{kinds[kind]:,} {kind}" for kind in SINGLE_KINDS if kinds[kind]),
        "",
        "| faults | made | nobody called | right device | by its own name | right of those called about "
        "| right of those with two callers | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    wrong: Counter[str] = Counter()
    rows = [*single_faults(tree, singles, seed)]
    storm = storms(tree, storm_count, 50, seed)
    for label, score in [*rows, (f"**{storm_count} storms of 50 nested**", storm)]:
        wrong.update({f"{label}: {key}": value for key, value in score.wrong.items()})
        visible = score.faults - score.hidden
        own, right, heard, twice = (f"{share:.1%}" for share in score.shares())
        unheard = f"{score.unheard / max(1, visible):.1%}"
        seconds = f"{np.median(score.seconds):.3f}"
        lines.append(f"| {label} | {visible} | {unheard} | {right} | {own} | {heard} | {twice} | {seconds} |")
    lines += [
        "",
        f"In the storms {storm.hidden} of {storm.faults} faults happened where all was dark already; "
        f"{storm.phantoms} of {storm.outages} outages named a device that had no fault.",
        "",
        "Where it goes wrong:",
        "",
        *(f"- {key}: {value}" for key, value in wrong.most_common(14)),
        "",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, action="append", default=[])
    parser.add_argument("--singles", type=int, default=300)
    parser.add_argument("--storms", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    trees = [(case.name, load_tree(case)) for case in args.case] or [("made-up tree", made_up_tree())]
    for name, tree in trees:
        sys.stdout.write(report(name, tree, args.singles, args.storms, args.seed) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
