"""Whom to ask when calls leave it open which device has opened.

    F-3 fuse
      T-88 transformer
        M-88a main      4 calls: named
        M-88b main      nobody has called: ask one of its customers
      T-89 transformer  nobody has called

A neighbour beneath the next device up who has not called tells the two apart: "off" speaks for
the device above, "on" for the one that is named. The answer is a `Sign`, whether a person was
phoned or a meter asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..ground.day import Outage
from .tree import SupplyTree

DOUBTFUL_BELOW = 0.99
MOST_ASKED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A customer to ask whether there is supply.

    Parameters
    ----------
    outage : whose extent the answer settles.
    named, above : the place that is named, and the next one up, which an "off" speaks for.
    """

    outage: str
    customer: str
    named: str
    above: str


def whom_to_ask(
    tree: SupplyTree,
    outages: Sequence[Outage],
    *,
    known: Collection[str] = (),
    most: int = MOST_ASKED,
    doubtful_below: float = DOUBTFUL_BELOW,
    only: Collection[str] | None = None,
) -> tuple[Question, ...]:
    """Find customers whose answer tells the named device from the one above it.

    Parameters
    ----------
    known : customers who have called, been asked, or whose meter has spoken.
    most : customers to ask per outage, each beneath another device where there are several.
    doubtful_below : outages with at least this score raise no question.
    only : ids of the outages to ask about, the others are there to be told from; all without it.
    """
    named = {node for node in (_node(tree, each) for each in outages) if node >= 0}
    asked = set(known)
    found: list[Question] = []
    for outage in outages:
        if outage.confirmed or outage.score >= doubtful_below or (only is not None and outage.id not in only):
            continue
        node, above = _node(tree, outage), _next_up(tree, outage)
        if above < 0 or any(each in named for each in tree.above(above)):
            continue
        rows = _neighbours(tree, node, above, asked)
        for row in _spread(tree, above, rows, most):
            customer = str(tree.customer_ids[row])
            asked.add(customer)
            found.append(
                Question(outage=outage.id, customer=customer, named=_place(outage), above=tree.ids[above])
            )
    return tuple(found)


def _place(outage: Outage) -> str:
    return outage.device or outage.fault.place


def _node(tree: SupplyTree, outage: Outage) -> int:
    """The node that an outage names, -1 for a single service."""
    return tree.node_by_id.get(_place(outage), -1)


def _next_up(tree: SupplyTree, outage: Outage) -> int:
    """The nearest node above with more customers than the one that is named; -1 for none."""
    node = _node(tree, outage)
    if node < 0:
        row = tree.row_of_customer(_place(outage))
        up, size = (-1 if row is None else int(tree.customer_node_idx[row])), 1
    else:
        up, size = int(tree.parent_idx[node]), int(tree.customers[node])
    while up >= 0 and tree.customers[up] <= size:
        up = int(tree.parent_idx[up])
    return up


def _neighbours(tree: SupplyTree, node: int, above: int, asked: Collection[str]) -> list[int]:
    rows = tree.customer_rows_beneath(above)
    if node >= 0:
        rows = np.setdiff1d(rows, tree.customer_rows_beneath(node), assume_unique=True)
    return [row for row in rows.tolist() if str(tree.customer_ids[row]) not in asked]


def _spread(tree: SupplyTree, above: int, rows: Iterable[int], most: int) -> list[int]:
    """At most so many customers, beneath different devices as far as there are any."""
    by_branch: dict[int, list[int]] = {}
    for row in rows:
        by_branch.setdefault(_branch(tree, above, int(tree.customer_node_idx[row])), []).append(row)
    chosen: list[int] = []
    turn = 0
    while len(chosen) < most and any(len(found) > turn for found in by_branch.values()):
        chosen += [found[turn] for found in by_branch.values() if len(found) > turn]
        turn += 1
    return chosen[:most]


def _branch(tree: SupplyTree, above: int, node: int) -> int:
    """The node directly beneath `above` that a customer's node hangs on."""
    while node != above and int(tree.parent_idx[node]) != above:
        node = int(tree.parent_idx[node])
    return node
