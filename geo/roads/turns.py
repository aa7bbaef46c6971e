"""Turn restrictions put into the network itself, so that drives over nodes keep them.

A restriction forbids a path of edges: a way in, perhaps a way between, a way out. A node is told apart by
how much of such a path one has driven on arriving there: an edge that begins one leads to a node of its
own, from which all ways go on but those that would complete it.

        e |                    e |
          v                      v
     ---- n ---- f          ---- n    n' ---- g      "no e -> f": e leads to n', which has
          |                      |                   every way out of n but f
          g                      g

Drives are exact. Where crews stop, they stop at nodes without restrictions: a node of which some ways in
lead elsewhere is only driven through.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

Path = tuple[int, ...]
MOST_EDGES_BETWEEN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """What is forbidden, by the ways of the map.

    Parameters
    ----------
    via : the node that it is about; empty where ways lie between.
    via_ways : ways that are driven between `from_ways` and `to_ways`.
    only : all but the ways `to` are forbidden.
    turns_back : it forbids turning round: of the way `to` only the side that one came from.
    """

    via: str
    from_ways: frozenset[int]
    to_ways: frozenset[int]
    only: bool
    via_ways: frozenset[int] = frozenset()
    turns_back: bool = False


def restrict(
    nodes: pd.DataFrame, edges: pd.DataFrame, ways: list[int], restrictions: Iterable[Restriction]
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Put restrictions into nodes and edges: both tables with what is added, and how many could be applied.

    Parameters
    ----------
    nodes, edges : as `tables_from_lines` gives them; edges are directed.
    ways : the way of the map that each edge is a stretch of.
    restrictions : of turns, by ways and the points or ways between them.

    Returns
    -------
    tuple
        Nodes, edges, number of restrictions that were applied.
    """
    wanted = list(restrictions)
    streets = _Streets.of(edges, ways, wanted)
    forbidden: set[Path] = set()
    applied = 0
    for each in wanted:
        paths = list(streets.forbidden(each))
        # "Only" is kept too where there is no other way.
        applied += bool(paths) or (each.only and streets.comes(each))
        forbidden |= set(paths)
    return *_told_apart(nodes, edges, streets, forbidden), applied


@dataclass(frozen=True, slots=True, kw_only=True)
class _Streets:
    """Edges by their ends and their way, as far as restrictions need them."""

    tails: list[str]
    heads: list[str]
    ways: list[int]
    out_of: dict[str, list[int]]
    of_way: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, edges: pd.DataFrame, ways: list[int], wanted: Sequence[Restriction]) -> _Streets:
        tails, heads = edges["u"].tolist(), edges["v"].tolist()
        out_of: dict[str, list[int]] = defaultdict(list)
        of_way: dict[int, list[int]] = defaultdict(list)
        if wanted:
            from_ways = frozenset[int]().union(*(each.from_ways for each in wanted))
            for edge, (tail, way) in enumerate(zip(tails, ways, strict=True)):
                out_of[tail].append(edge)
                if way in from_ways:
                    of_way[way].append(edge)
        return cls(tails=tails, heads=heads, ways=ways, out_of=dict(out_of), of_way=dict(of_way))

    def on(self, node: str) -> list[int]:
        """Edges that leave a node."""
        return self.out_of.get(node, [])

    def forbidden(self, each: Restriction) -> Iterator[Path]:
        """Paths of edges that a restriction forbids."""
        for so_far in self._ways_to_the_turn(each):
            last = so_far[-1]
            for edge in self.on(self.heads[last]):
                back = self.heads[edge] == self.tails[last]
                if each.only:
                    if self.ways[edge] not in each.to_ways:
                        yield (*so_far, edge)
                elif self.ways[edge] in each.to_ways and (back or not each.turns_back):
                    yield (*so_far, edge)

    def comes(self, each: Restriction) -> bool:
        """Whether anybody can come to where the restriction is."""
        return next(iter(self._ways_to_the_turn(each)), None) is not None

    def _ways_to_the_turn(self, each: Restriction) -> Iterator[Path]:
        for way in sorted(each.from_ways):
            for edge in self.of_way.get(way, []):
                if not each.via_ways:
                    if self.heads[edge] == each.via:
                        yield (edge,)
                else:
                    yield from self._over(edge, each)

    def _over(self, start: int, each: Restriction) -> Iterator[Path]:
        """Paths from an edge over the ways between to where the ways `to` begin."""
        queue: deque[Path] = deque([(start,)])
        seen = {self.tails[start]}
        while queue:
            path = queue.popleft()
            here = self.heads[path[-1]]
            if here in seen or len(path) > MOST_EDGES_BETWEEN:
                continue
            seen.add(here)
            on = self.on(here)
            if len(path) > 1 and any(self.ways[edge] in each.to_ways for edge in on):
                yield path
                continue
            queue.extend((*path, edge) for edge in on if self.ways[edge] in each.via_ways)


def _told_apart(
    nodes: pd.DataFrame, edges: pd.DataFrame, streets: _Streets, forbidden: set[Path]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give each way of arriving that is on a forbidden path a node of its own."""
    begun = {path[:count] for path in forbidden for count in range(1, len(path))}
    names = {done: f"{streets.heads[done[-1]]}~{'-'.join(map(str, done))}" for done in sorted(begun)}
    heads = list(streets.heads)
    for edge in {path[0] for path in forbidden}:
        heads[edge] = names[(edge,)]
    copies, tails, leads = [], [], []
    for done, name in names.items():
        for edge in streets.on(streets.heads[done[-1]]):
            then = _after((*done, edge), begun, forbidden)
            if then is not None:
                copies.append(edge)
                tails.append(name)
                leads.append(names[then] if then else streets.heads[edge])
    turned = edges.assign(v=heads)
    more = turned.iloc[copies].assign(u=tails, v=leads)
    at = nodes.set_index("id")
    bases = [streets.heads[done[-1]] for done in names]
    added = at.loc[bases].reset_index().assign(id=list(names.values()))
    every = pd.concat([nodes, added], ignore_index=True)
    through = every["id"].isin({*bases, *names.values()})
    return every.assign(through=through), pd.concat([turned, more], ignore_index=True)


def _after(driven: Path, begun: set[Path], forbidden: set[Path]) -> Path | None:
    """What of a forbidden path has been driven; None where one is complete."""
    ends = [driven[at:] for at in range(len(driven))]
    if any(end in forbidden for end in ends):
        return None
    return next((end for end in ends if end in begun), ())
