"""The best that calls alone can do: an oracle that knows the law by which faults and calls are made up.

    python benchmarks/inference_bound.py [--case data/coquimbo ...] [--draws 20000] [--ours 2000]

A fault is drawn by the rates of the grid, three in ten of those without supply call within the hour.
The oracle is told that there is one fault, when it happened, how likely everybody calls, and which calls
are false. Who calls when says nothing more: everybody beneath the fault calls by the same law.
What is left is exact:

    P(node | calls) ~ rate of its faults x 0.7 ^ (customers beneath it who are silent)

over the nodes above all callers. It names the likeliest; nobody who knows less can be right more often.
A node with the same customers behind it counts as right, as in `outage_inference.py`.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from outage_inference import DEVICES, START, Score, count, load_tree

from dispatch.ground.beliefs import USUAL
from dispatch.outages import SupplyTree, infer_on_tree
from dispatch.outages.damage import CallHabit, MadeFault, make_day

Mask = NDArray[np.bool_]
SHARE = CallHabit().share_first_hour
UNTIL_MIN = 60.0
NONE = -1


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the oracle takes to be able to fail."""

    name: str
    mains: bool
    services: bool


ORACLES = (
    Told(name="oracle, told that no main and no service has failed", mains=False, services=False),
    Told(name="oracle, told that no service has failed", mains=True, services=False),
    Told(name="oracle", mains=True, services=True),
)


class Oracle:
    """Names the likeliest node for the callers of one fault."""

    def __init__(self, tree: SupplyTree, told: Told) -> None:
        self.tree, self.told = tree, told
        kinds = [*DEVICES, "lv_main"] if told.mains else list(DEVICES)
        self.able = np.isin(np.array(tree.kinds), kinds) & (tree.customers > 0) & (tree.faults_per_year > 0)

    def names(self, callers: NDArray[np.int64]) -> int:
        """How many customers are behind what it names."""
        tree = self.tree
        nodes = [node for node in self._above_all(callers) if self.able[node]]
        chance: dict[int, float] = defaultdict(float)
        for node in nodes:
            silent = int(tree.customers[node]) - len(callers)
            chance[int(tree.customers[node])] += float(tree.faults_per_year[node]) * (1 - SHARE) ** silent
        if self.told.services and len(callers) == 1:
            chance[1] += USUAL.service_faults_per_year
        return max(chance, key=lambda size: chance[size])

    def _above_all(self, callers: NDArray[np.int64]) -> list[int]:
        paths = [self.tree.above(int(node)) for node in set(self.tree.customer_node_idx[callers].tolist())]
        common = set(paths[0]).intersection(*paths[1:])
        return [node for node in paths[0] if node in common]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Share of faults that somebody called about, and of those that were named."""

    faults: int
    heard: float
    right: float

    def cells(self) -> str:
        """As cells of a table, with the standard error of the share."""
        error = (self.right * (1 - self.right) / max(1, self.faults)) ** 0.5
        return f"{1 - self.heard:.1%} | **{self.right:.1%}** ± {error:.1%} | {self.right / self.heard:.1%}"


def drawn(tree: SupplyTree, kinds: Sequence[str], many: int, seed: int) -> list[int]:
    """Nodes of some kinds, as often as they fail."""
    able = np.isin(np.array(tree.kinds), kinds) & (tree.customers > 0)
    rates = np.where(able, tree.faults_per_year, 0.0)
    random = np.random.default_rng([seed, len(kinds)])
    return random.choice(len(tree), size=many, p=rates / rates.sum()).tolist()


def asked(oracle: Oracle, nodes: Sequence[int], seed: int) -> Rate:
    """How often an oracle is right."""
    tree, random = oracle.tree, np.random.default_rng([seed, 7])
    heard = right = 0
    for node in nodes:
        rows = tree.customer_rows_beneath(node)
        callers = rows[random.random(len(rows)) < SHARE]
        if len(callers):
            heard += 1
            right += oracle.names(callers) == int(tree.customers[node])
    return Rate(faults=len(nodes), heard=heard / len(nodes), right=right / len(nodes))


def inferred(tree: SupplyTree, nodes: Sequence[int], seed: int) -> Rate:
    """How often inference is right, with false and repeated calls, and told nothing."""
    score, random = Score(), np.random.default_rng([seed, 8])
    for node in nodes:
        fault = MadeFault(id="D1", node=node, place=tree.ids[node], kind=tree.kinds[node], at_min=0.0)
        day = make_day(tree, [fault], START, UNTIL_MIN, random, CallHabit())
        outages = infer_on_tree(tree, day.calls, START + timedelta(minutes=UNTIL_MIN))
        count(tree, day, outages, {call.place for call in day.calls}, score)
    heard = 1 - score.unheard / score.visible
    return Rate(faults=score.visible, heard=heard, right=score.right / score.visible)


def table(name: str, tree: SupplyTree, draws: int, ours: int, seed: int) -> Iterator[str]:
    """One grid's table, line by line."""
    yield from (f"### {name}", "")
    yield (
        "| who | faults of devices: nobody called | right | of those called about "
        "| of devices and mains: nobody called | right | of those called about |"
    )
    yield "|---|---|---|---|---|---|---|"
    groups = (DEVICES, (*DEVICES, "lv_main"))
    for told in ORACLES:
        oracle = Oracle(tree, told)
        cells = [asked(oracle, drawn(tree, kinds, draws, seed), seed).cells() for kinds in groups]
        yield f"| {told.name} | {' | '.join(cells)} |"
    cells = [inferred(tree, drawn(tree, kinds, ours, seed), seed).cells() for kinds in groups]
    yield f"| **inference** | {' | '.join(cells)} |"
    yield ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, action="append", required=True)
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--ours", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=77)
    args = parser.parse_args(arguments)
    for case in args.case:
        for line in table(case.name, load_tree(case), args.draws, args.ours, args.seed):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
