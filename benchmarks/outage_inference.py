"""How often inference names the right device, on made-up faults.

    python benchmarks/outage_inference.py [--case data/coquimbo ...] [--singles 300] [--storms 10]

Writes two Markdown tables per grid: by kind of fault, from calls alone; and all devices by their
rates for several states of knowledge. Customers call by a log-normal delay, three in ten within the hour.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from dispatch.ground.day import Outage
from dispatch.outages import Device, Sign, SupplyTree, build_tree, infer_on_tree, supply_tree, whom_to_ask
from dispatch.outages.damage import CallHabit, MadeDay, MadeFault, make_day, sample_faults, service_fault
from dispatch.outages.tree import NodeKind
from geo import load_grid

START = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
DEVICES: Sequence[NodeKind] = ("breaker", "recloser", "fuse", "transformer")
SINGLE_KINDS: Sequence[NodeKind] = (*DEVICES, "lv_main")
# Large parts are slow to infer and never mistaken.
MOST_OF_LARGE = 60


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What is known beside the calls.

    Parameters
    ----------
    gasp_share : customers whose meter sends a last gasp within a minute.
    asked : neighbours asked about each doubtful outage, twice; `answering` of them answer.
    """

    name: str
    gasp_share: float = 0.0
    asked: int = 0
    answering: float = 0.7


CALLS = Knowledge(name="calls alone")
LEVELS = (
    CALLS,
    Knowledge(name="calls; two neighbours asked where in doubt", asked=2),
    Knowledge(name="calls; last gasps of 30 % of the meters", gasp_share=0.3),
    Knowledge(name="calls; last gasps of 80 % of the meters", gasp_share=0.8),
    Knowledge(name="calls; last gasps of 30 %; two neighbours asked", gasp_share=0.3, asked=2),
)


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
    asked: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def right(self) -> int:
        """Faults whose device was named, or one with exactly the same customers behind it."""
        return self.named + self.same_customers

    @property
    def visible(self) -> int:
        """Faults that took supply from somebody."""
        return self.faults - self.hidden


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares of all faults that put somebody out; the last two of those that somebody spoke of."""

    unheard: float
    right: float
    own_name: float
    right_of_heard: float
    right_of_twice: float

    @classmethod
    def of(cls, scores: Sequence[tuple[float, Score]]) -> Shares:
        """Mean over kinds of faults, each with its weight."""
        scores = [(weight / max(1, score.visible), score) for weight, score in scores if score.visible]

        def sum_of(count: str) -> float:
            return float(sum(weight * getattr(score, count) for weight, score in scores))

        everything = sum_of("visible")
        return cls(
            unheard=sum_of("unheard") / everything,
            right=sum_of("right") / everything,
            own_name=sum_of("named") / everything,
            right_of_heard=sum_of("right") / max(1e-9, everything - sum_of("unheard")),
            right_of_twice=sum_of("right_twice") / max(1e-9, sum_of("twice")),
        )

    def cells(self) -> str:
        """As cells of a table."""
        shares = (self.unheard, self.right, self.own_name, self.right_of_heard, self.right_of_twice)
        return " | ".join(f"{share:.1%}" for share in shares)


def measure(
    tree: SupplyTree,
    faults: Sequence[MadeFault],
    until_min: float,
    random: np.random.Generator,
    score: Score,
    knowledge: Knowledge = CALLS,
) -> None:
    """Make a day of the faults, infer at its end and count."""
    day = make_day(tree, faults, START, until_min, random, CallHabit())
    signs = last_gasps(tree, day, knowledge.gasp_share, random)
    now = START + timedelta(minutes=until_min)
    spoken = {call.place for call in day.calls} | {sign.place for sign in signs}
    began = time.process_time()
    outages = infer_on_tree(tree, day.calls, now, signs=signs)
    score.seconds.append(time.process_time() - began)
    known = set(spoken)
    for _ in range(2 if knowledge.asked else 0):
        if answers := ask(tree, day, outages, known, knowledge, now, random):
            signs += answers
            outages = infer_on_tree(tree, day.calls, now, signs=signs)
    score.asked += len(known) - len(spoken)
    count(tree, day, outages, spoken, score)


def last_gasps(tree: SupplyTree, day: MadeDay, share: float, random: np.random.Generator) -> list[Sign]:
    """Messages of the meters that lost supply, within a minute of the fault."""
    if not share:
        return []
    return [
        Sign(
            kind="last_gasp",
            place=str(tree.customer_ids[row]),
            at=START + timedelta(minutes=fault.at_min + float(random.uniform(0, 1))),
        )
        for fault in day.faults
        for row in day.lost_by[fault.id].tolist()
        if random.random() < share
    ]


def ask(
    tree: SupplyTree,
    day: MadeDay,
    outages: Sequence[Outage],
    known: set[str],
    knowledge: Knowledge,
    now: datetime,
    random: np.random.Generator,
) -> list[Sign]:
    """Ask neighbours; those who answer say what is true."""
    dark = {str(tree.customer_ids[row]) for rows in day.lost_by.values() for row in rows.tolist()}
    asked = [each.customer for each in whom_to_ask(tree, outages, known=known, most=knowledge.asked)]
    known.update(asked)
    answering = [customer for customer in asked if random.random() < knowledge.answering]
    return [
        Sign(kind="supply_off" if customer in dark else "supply_on", place=customer, at=now)
        for customer in answering
    ]


def count(tree: SupplyTree, day: MadeDay, outages: Sequence[Outage], spoken: set[str], score: Score) -> None:
    """Compare what was named with what was made."""
    places = {outage.device or outage.fault.place: outage for outage in outages}
    true_places = {fault.place for fault in day.faults}
    score.outages += len(outages)
    score.phantoms += sum(
        1 for place, outage in places.items() if place not in true_places and outage.customers_out > 1
    )
    for fault in day.faults:
        score.faults += 1
        rows = day.lost_by[fault.id]
        heard = sum(1 for row in rows.tolist() if tree.customer_ids[row] in spoken)
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


def single_faults(
    tree: SupplyTree, many: int, seed: int, knowledge: Knowledge = CALLS
) -> Iterator[tuple[NodeKind, Score]]:
    """One fault at a time, one hour of calls, kind by kind."""
    for kind in SINGLE_KINDS if knowledge is CALLS else DEVICES:
        if kind not in tree.kinds:
            continue
        score, random = Score(), np.random.default_rng([seed, SINGLE_KINDS.index(kind)])
        for _ in range(min(many, MOST_OF_LARGE) if kind in ("breaker", "recloser") else many):
            faults = sample_faults(tree, 1, random, kinds=frozenset({kind}))
            measure(tree, faults, 60, random, score, knowledge)
        yield kind, score


def single_services(tree: SupplyTree, many: int, seed: int) -> Score:
    """Faults of one customer's own connection."""
    score, random = Score(), np.random.default_rng([seed, 90])
    for _ in range(many):
        measure(tree, [service_fault(tree, random)], 60, random, score)
    return score


def storms(tree: SupplyTree, many: int, faults: int, seed: int, knowledge: Knowledge = CALLS) -> Score:
    """Nested faults over four hours, inferred an hour after the last."""
    score = Score()
    for storm in range(many):
        random = np.random.default_rng([seed, 100, storm])
        made = sample_faults(tree, faults, random, span_min=240, nested_share=0.5)
        measure(tree, made, 300, random, score, knowledge)
    return score


def rates(tree: SupplyTree) -> Mapping[NodeKind, float]:
    """Faults per year of each kind of device that has customers."""
    kinds = np.array(tree.kinds)
    return {
        kind: float(tree.faults_per_year[(kinds == kind) & (tree.customers > 0)].sum()) for kind in DEVICES
    }


def by_rate(tree: SupplyTree, scores: Mapping[NodeKind, Score]) -> Shares:
    """Shares over all devices, each kind as often as it fails."""
    return Shares.of([(weight, scores[kind]) for kind, weight in rates(tree).items() if kind in scores])


COLUMNS = "nobody called | right device | by its own name | of those called about | of those with two callers"


def by_kind(tree: SupplyTree, scores: Mapping[NodeKind, Score], service: Score, storm: Score) -> list[str]:
    """The table of calls alone, a row per kind of fault."""
    lines = [f"| faults | made | {COLUMNS} | CPU s |", "|---|---|---|---|---|---|---|---|"]
    shown = [*scores.items(), ("service", service)]
    for name, score in shown:
        cells = Shares.of([(1.0, score)]).cells()
        lines.append(f"| {name} | {score.visible} | {cells} | {np.median(score.seconds):.3f} |")
    lines.append(f"| **any device, by its rate** | | {by_rate(tree, scores).cells()} | |")
    cells = Shares.of([(1.0, storm)]).cells()
    lines.append(f"| **storms of 50 nested** | {storm.visible} | {cells} | {np.median(storm.seconds):.3f} |")
    return lines


def by_knowledge(tree: SupplyTree, many: int, storm_count: int, seed: int) -> Iterator[str]:
    """The table of what more knowledge brings."""
    yield (
        "| known | single faults: nobody spoke | right device | of those spoken of | asked "
        "| storms: right device | of those spoken of | asked |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for level in LEVELS:
        scores = dict(single_faults(tree, many, seed, level))
        single, storm = by_rate(tree, scores), storms(tree, storm_count, 50, seed, level)
        wind = Shares.of([(1.0, storm)])
        asked = sum(each.asked for each in scores.values()) / sum(each.faults for each in scores.values())
        yield (
            f"| {level.name} | {single.unheard:.1%} | **{single.right:.1%}** | {single.right_of_heard:.1%} "
            f"| {asked:.1f} | **{wind.right:.1%}** | {wind.right_of_heard:.1%} "
            f"| {storm.asked / max(1, storm_count):.0f} |"
        )


def report(name: str, tree: SupplyTree, singles: int, storm_count: int, seed: int) -> Iterator[str]:
    """The tables of one grid, line by line."""
    kinds = Counter(tree.kinds)
    yield from (f"### {name}", "")
    yield f"{len(tree.customer_ids):,} customers; " + ", ".join(
        f"{kinds[kind]:,} {kind}" for kind in SINGLE_KINDS if kinds[kind]
    )
    yield ""
    scores = dict(single_faults(tree, singles, seed))
    service, storm = single_services(tree, singles, seed), storms(tree, storm_count, 50, seed)
    yield from by_kind(tree, scores, service, storm)
    yield ""
    yield (
        f"In the storms {storm.hidden} of {storm.faults} faults happened where all was dark already; "
        f"{storm.phantoms} of {storm.outages} outages named a device that had no fault."
    )
    yield ""
    wrong: Counter[str] = Counter()
    for label, score in [*scores.items(), ("service", service), ("storms", storm)]:
        wrong.update({f"{label}: {key}": value for key, value in score.wrong.items()})
    yield from (f"- {key}: {value}" for key, value in wrong.most_common(10))
    yield ""
    yield from by_knowledge(tree, singles, storm_count, seed)
    yield ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, action="append", default=[])
    parser.add_argument("--singles", type=int, default=300)
    parser.add_argument("--storms", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    trees = [(case.name, load_tree(case)) for case in args.case] or [("made-up tree", made_up_tree())]
    for name, tree in trees:
        for line in report(name, tree, args.singles, args.storms, args.seed):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
