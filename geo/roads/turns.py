"""Turn restrictions put into the network itself, so that drives over nodes keep them.

A node is told apart by the edge that one arrives on: an edge with a restriction at its end leads to a
node of its own, from which all ways go on but those that are forbidden.

        e |                    e |
          v                      v
     ---- n ---- f          ---- n    n' ---- g      "no e -> f": e leads to n', which has
          |                      |                   every way out of n but f
          g                      g

Drives are exact for restrictions at a node. Where crews stop, they stop at nodes without
restrictions: a node of which some ways in lead elsewhere is only driven through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """What is forbidden at a node, by the ways of the map; `only` forbids all but the ways `to`."""

    via: str
    from_ways: frozenset[int]
    to_ways: frozenset[int]
    only: bool


def restrict(
    nodes: pd.DataFrame, edges: pd.DataFrame, ways: list[int], restrictions: Iterable[Restriction]
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Put restrictions into nodes and edges: both tables with what is added, and how many could be applied.

    Parameters
    ----------
    ways : the way of the map that each edge is a stretch of.
    """
    tails, heads = edges["u"].tolist(), edges["v"].tolist()
    into, out_of = defaultdict(list), defaultdict(list)
    wanted = list(restrictions)
    at_nodes = {each.via for each in wanted}
    for edge, (tail, head) in enumerate(zip(tails, heads, strict=True)):
        if head in at_nodes:
            into[head].append(edge)
        if tail in at_nodes:
            out_of[tail].append(edge)
    forbidden: dict[int, set[int]] = defaultdict(set)
    applied = 0
    for each in wanted:
        coming = [edge for edge in into[each.via] if ways[edge] in each.from_ways]
        going = [edge for edge in out_of[each.via] if (ways[edge] in each.to_ways) != each.only]
        applied += bool(coming and (going or each.only))
        for edge in coming:
            forbidden[edge].update(going)
    return *_told_apart(nodes, edges, forbidden, out_of), applied


def _told_apart(
    nodes: pd.DataFrame, edges: pd.DataFrame, forbidden: dict[int, set[int]], out_of: dict[str, list[int]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give each edge with a forbidden way on a node of its own at its end."""
    heads = edges["v"].tolist()
    via_of = {edge: heads[edge] for edge, banned in forbidden.items() if banned}
    new_name = {edge: f"{via}~{edge}" for edge, via in via_of.items()}
    for edge, name in new_name.items():
        heads[edge] = name
    turned = edges.assign(v=heads)
    copies, tails = [], []
    for edge, via in via_of.items():
        for way_on in out_of[via]:
            if way_on not in forbidden[edge]:
                copies.append(way_on)
                tails.append(new_name[edge])
    more = turned.iloc[copies].assign(u=tails)
    at = nodes.set_index("id")
    added = at.loc[list(via_of.values())].reset_index().assign(id=list(new_name.values()))
    every = pd.concat([nodes, added], ignore_index=True)
    through = every["id"].isin({*via_of.values(), *new_name.values()})
    return every.assign(through=through), pd.concat([turned, more], ignore_index=True)
