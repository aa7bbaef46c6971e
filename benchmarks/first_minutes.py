"""What is believed in the first minutes of an outage, beside what is true.

    python benchmarks/first_minutes.py [--case data/coquimbo ...] [--singles 300] [--storms 10]

Single faults are drawn by their rates over everything that can fail, services and mains included, and
looked at 0, 5, 10 and 30 minutes after the first call; faults that nobody calls about are drawn again.
Storms of 50 nested faults over four hours are looked at every half hour. Nothing here is a timing.

| column | |
|---|---|
| right | chance given to the device that failed, or to one with the same customers behind it |
| named | share of faults whose likeliest device is right |
| log | mean logarithm of that chance, not below 0.001 |
| Brier | mean squared distance between the chances and the truth, 0 to 2 |
| calibration | mean distance between a chance and how often it is true, ten bins of chances above 1 % |
| expected : true | customers expected to be out, as a share of those who are, over all faults together |
| feeder by mistake | single calls of which a breaker or recloser is named that did not open |
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
from outage_inference import START, load_tree

from dispatch.ground.beliefs import USUAL
from dispatch.ground.day import Outage
from dispatch.outages import SupplyTree, infer_on_tree
from dispatch.outages.damage import CallHabit, MadeDay, MadeFault, make_day, sample_faults, service_fault
from dispatch.outages.tree import NodeKind

AFTER_MIN = (0, 5, 10, 30)
LEAST = 1e-3
BINS = 10
ABLE: frozenset[NodeKind] = frozenset({"breaker", "recloser", "fuse", "transformer", "lv_main"})
FEEDER = ("breaker", "recloser")


@dataclass
class Believed:
    """Sums over many looks."""

    looks: int = 0
    named: int = 0
    chance: float = 0.0
    log: float = 0.0
    brier: float = 0.0
    expected: float = 0.0
    true: float = 0.0
    single: int = 0
    feeders: int = 0
    said: list[tuple[float, bool]] = field(default_factory=list)

    def calibration(self) -> float:
        """Mean distance between chance and truth over bins of chance, weighted by what is in each."""
        if not self.said:
            return 0.0
        chance, true = (np.array(each, dtype=float) for each in zip(*self.said, strict=True))
        bin_ = np.minimum((chance * BINS).astype(int), BINS - 1)
        apart = [
            abs(chance[bin_ == at].mean() - true[bin_ == at].mean()) * (bin_ == at).sum()
            for at in range(BINS)
            if (bin_ == at).any()
        ]
        return float(sum(apart) / len(chance))

    def cells(self) -> str:
        """As cells of a table."""
        n = max(1, self.looks)
        return (
            f"{self.looks} | {self.chance / n:.3f} | {self.named / n:.1%} | {self.log / n:.3f} "
            f"| {self.brier / n:.3f} | {self.calibration():.3f} | {self.expected / max(1.0, self.true):.2f} "
            f"| {self.feeders} of {self.single}"
        )


def beliefs(tree: SupplyTree, outages: Sequence[Outage]) -> Mapping[str, float]:
    """The chance of each place, over all outages."""
    found: dict[str, float] = {}
    for outage in outages:
        place = outage.device or outage.fault.place
        found[place] = max(found.get(place, 0.0), outage.score)
        for other in outage.alternatives:
            found[other.place] = max(found.get(other.place, 0.0), other.score)
    return found


def same_as(tree: SupplyTree, fault: MadeFault, place: str) -> bool:
    """Whether a place is the fault's, or one with the very same customers behind it."""
    if place == fault.place:
        return True
    node = tree.node_by_id.get(place, -1)
    if node < 0 or fault.node < 0 or tree.customers[node] != tree.customers[fault.node]:
        return False
    return node in tree.above(fault.node) or fault.node in tree.above(node)


def look(tree: SupplyTree, day: MadeDay, fault: MadeFault, at_min: float, total: Believed) -> None:
    """Compare what is believed at a moment with the one fault that there is."""
    now = START + timedelta(minutes=at_min)
    own = {str(tree.customer_ids[row]) for row in day.lost_by[fault.id].tolist()}
    calls = [each for each in day.calls if each.at <= now and each.place in own]
    outages = infer_on_tree(tree, calls, now)
    said = beliefs(tree, outages)
    right = min(1.0, sum(chance for place, chance in said.items() if same_as(tree, fault, place)))
    best = max(said, key=lambda place: said[place], default="")
    total.looks += 1
    total.named += bool(best) and same_as(tree, fault, best)
    total.chance += right
    total.log += float(np.log(max(LEAST, right)))
    wrong = [chance for place, chance in said.items() if not same_as(tree, fault, place)]
    total.brier += (1 - right) ** 2 + sum(each**2 for each in wrong)
    total.said += [(chance, False) for chance in wrong if chance >= 0.01] + [(right, True)]
    total.expected += sum(each.expected_out for each in outages)
    total.true += len(own)
    if len(calls) == 1:
        total.single += 1
        node = tree.node_by_id.get(best, -1)
        total.feeders += node >= 0 and tree.kinds[node] in FEEDER and not same_as(tree, fault, best)


def drawn(tree: SupplyTree, random: np.random.Generator) -> MadeFault:
    """A fault of anything that can fail, as often as it does."""
    services = USUAL.service_faults_per_year * len(tree.customer_ids)
    able = np.array([kind in ABLE for kind in tree.kinds]) & (tree.customers > 0)
    others = float(tree.faults_per_year[able].sum())
    if random.random() < services / (services + others):
        return service_fault(tree, random)
    return sample_faults(tree, 1, random, kinds=ABLE)[0]


def singles(tree: SupplyTree, many: int, seed: int, *, services: bool) -> Mapping[int, Believed]:
    """Single faults that somebody calls about within three hours."""
    random = np.random.default_rng([seed, 5, services])
    found = {after: Believed() for after in AFTER_MIN}
    made = 0
    while made < many:
        fault = drawn(tree, random)
        if not services and fault.node < 0:
            continue
        day = make_day(tree, [fault], START, 180.0, random, CallHabit(false_per_hour=0.0))
        if not day.calls:
            continue
        made += 1
        first = (day.calls[0].at - START).total_seconds() / 60
        for after, total in found.items():
            look(tree, day, fault, first + after, total)
    return found


def storms(tree: SupplyTree, many: int, seed: int) -> Iterator[str]:
    """Customers expected to be out beside those who are, and what the likeliest devices alone would say."""
    yield "| minutes into the storm | looks | out | expected : true | likeliest taken for a fact : true |"
    yield "|---|---|---|---|---|"
    sums = {at: [0.0, 0.0, 0.0] for at in (30, 60, 120, 180, 240, 300)}
    for storm in range(many):
        random = np.random.default_rng([seed, 100, storm])
        made = sample_faults(tree, 50, random, span_min=240, nested_share=0.5)
        day = make_day(tree, made, START, 300, random, CallHabit())
        at_min = {each.id: each.at_min for each in day.faults}
        for at, sum_ in sums.items():
            now = START + timedelta(minutes=at)
            outages = infer_on_tree(tree, [each for each in day.calls if each.at <= now], now)
            sum_[0] += sum(len(rows) for id_, rows in day.lost_by.items() if at_min[id_] <= at)
            sum_[1] += sum(each.expected_out for each in outages)
            sum_[2] += sum(each.customers_out for each in outages)
    for at, (true, expected, likeliest) in sums.items():
        yield f"| {at} | {many} | {true / many:,.0f} | {expected / true:.2f} | {likeliest / true:.2f} |"


COLUMNS = "right | named | log | Brier | calibration | expected : true | feeder by mistake"


def report(name: str, tree: SupplyTree, many: int, storm_count: int, seed: int) -> Iterator[str]:
    """The tables of one grid, line by line."""
    yield from (f"### {name}", "")
    for title, services in (("everything by its rate", True), ("devices and mains", False)):
        yield f"| {title}: minutes after the first call | faults | {COLUMNS} |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for after, total in singles(tree, many, seed, services=services).items():
            yield f"| +{after} | {total.cells()} |"
        yield ""
    yield from storms(tree, storm_count, seed)
    yield ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What is believed in the first minutes, beside the truth.")
    parser.add_argument("--case", type=Path, action="append", required=True)
    parser.add_argument("--singles", type=int, default=300)
    parser.add_argument("--storms", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    for case in args.case:
        for line in report(case.name, load_tree(case), args.singles, args.storms, args.seed):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
