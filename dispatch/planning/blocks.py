"""Blocks of customers and the ways that bring them back, in the solver's terms.

`geo` knows which sets of steps restore a group of transformers. Outages below a
transformer (a low-voltage main, a single service) it does not know: their
customers need their own repair on top of every way that brings the
transformer back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import numpy as np

from geo import Restoration, RestorationBlock

from ..ground.case import Case
from ..ground.day import BlockCard, Outage, WorkOrder
from ..ground.problem import Block
from ..triage.orders import Grades, customer_rows
from .drafting import Seconds, repair_job, step_job

Key = tuple[str | None, tuple[str, ...]]


def make_blocks(
    case: Case,
    grades: Grades,
    orders: Sequence[WorkOrder],
    outages: Sequence[Outage],
    restoration: Restoration,
    seconds: Seconds,
) -> tuple[tuple[Block, ...], tuple[BlockCard, ...]]:
    """Group the customers who come back together and weigh each group.

    Returns
    -------
    tuple
        The solver's blocks and, in the same order, the cards that say who they are.
    """
    above = {block.id: block for block in restoration.blocks}
    outage_by_fault = {outage.fault.id: outage for outage in outages}
    order_by_outage = {order.outage: order for order in orders if order.outage}
    since = {outage.id: outage.since for outage in outages}
    outage_of = {outage.id: outage for outage in outages}
    blocks: list[Block] = []
    cards: list[BlockCard] = []
    for (block_id, below), rows in sorted(_groups(case, outages, restoration).items(), key=_first_row):
        upper = above.get(block_id) if block_id else None
        behind = [
            outage_by_fault[each].id for each in (upper.faults if upper else ()) if each in outage_by_fault
        ]
        causes = list(dict.fromkeys([*behind, *below]))
        card = _block_card(case, grades, causes, rows, since, order_by_outage, f"B{len(blocks) + 1}")
        card = replace(card, weight=card.weight * _doubt([outage_of[each] for each in causes]))
        cards.append(card)
        blocks.append(
            Block(
                id=card.id,
                cost_per_s=card.weight / 60,
                since_s=seconds(card.since),
                restored_by=_ways(upper, below, outage_by_fault, restoration),
            )
        )
    return tuple(blocks), tuple(cards)


def _doubt(causes: Sequence[Outage]) -> float:
    """Customers expected to be out, as a share of those whom the likeliest device puts out.

    What is believed weighs as it is believed: a feeder that three calls in ten point at weighs three
    tenths of it, and a single flat weighs a little more while a feeder may be behind it. Where several
    outages stand over one another their extents are settled.
    """
    if len(causes) != 1 or not causes[0].in_doubt or not causes[0].customers_out:
        return 1.0
    return causes[0].expected_out / causes[0].customers_out


def _on_phases(case: Case, rows: np.ndarray, phases: str) -> np.ndarray:
    """Those of some customers whom the loss of these phases leaves without supply; empty means all phases.

    Whoever is supplied by several phases, or by one that nobody has written down, counts as out.
    """
    if not phases or not len(rows):
        return rows
    phase = case.customers.table["phase"].iloc[rows].astype(object)
    spared = phase.isin([each for each in "ABC" if each not in phases]).to_numpy()
    return np.asarray(rows[~spared])


def _groups(case: Case, outages: Sequence[Outage], restoration: Restoration) -> dict[Key, np.ndarray]:
    """Customers' row positions by the block above them and the outages below the transformer."""
    upper = np.full(len(case.customers), -1, dtype=np.int64)
    for index, block in enumerate(restoration.blocks):
        upper[_on_phases(case, customer_rows(case, block.transformers), block.phases)] = index
    below: dict[int, list[str]] = defaultdict(list)
    for outage in outages:
        if outage.customers is not None:
            for row in customer_rows(case, outage.transformers, outage).tolist():
                below[row].append(outage.id)
    groups: dict[Key, list[int]] = defaultdict(list)
    for row, causes in below.items():
        above = int(upper[row])
        groups[restoration.blocks[above].id if above >= 0 else None, tuple(causes)].append(row)
    found = {key: np.sort(rows) for key, rows in groups.items()}
    upper[list(below)] = -1
    for block, rows in zip(restoration.blocks, _rows_by(upper, len(restoration.blocks)), strict=True):
        if len(rows):
            found[block.id, ()] = rows
    return found


def _rows_by(code: np.ndarray, count: int) -> list[np.ndarray]:
    """Positions of each number from 0 to `count`, ascending."""
    rows = np.flatnonzero(code >= 0)
    rows = rows[np.argsort(code[rows], kind="stable")]
    edges = np.searchsorted(code[rows], np.arange(count + 1))
    return [rows[begin:end] for begin, end in pairwise(edges)]


def _first_row(item: tuple[Key, np.ndarray]) -> int:
    return int(item[1].min())


def _ways(
    upper: RestorationBlock | None,
    below: Sequence[str],
    outage_by_fault: Mapping[str, Outage],
    restoration: Restoration,
) -> tuple[tuple[str, ...], ...]:
    own = [repair_job(outage_id) for outage_id in below]
    if upper is None:
        return (tuple(own),)
    return tuple(
        tuple(
            dict.fromkeys(
                [*(step_job(restoration.steps[step], outage_by_fault) for step in sorted(way)), *own]
            )
        )
        for way in upper.ways
    )


def _block_card(
    case: Case,
    grades: Grades,
    causes: Sequence[str],
    rows: np.ndarray,
    since: Mapping[str, datetime],
    order_by_outage: Mapping[str, WorkOrder],
    id_: str,
) -> BlockCard:
    factor = max((order_by_outage[each].weight for each in causes if each in order_by_outage), default=1.0)
    return BlockCard(
        id=id_,
        outages=tuple(causes),
        transformers=case.customers.transformers.in_order(rows),
        customers=len(rows),
        weight=float(grades.weight[rows].sum()) * factor,
        since=min((since[each] for each in causes), default=case.settings.now),
    )
