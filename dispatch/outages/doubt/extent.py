"""How many customers are out because of each outage: expected, fewest, most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..explanation import Explanation
from ..watched import Watched

# A possibility below this chance does not widen the range that is shown.
SHOWN_FROM = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many customers are out, as far as anybody can tell.

    Parameters
    ----------
    expected : over everything that the evidence leaves possible. The expected figures of all outages add
        up to the customers expected to be out: what may have opened above several outages is shared.
    fewest, most : of the possibilities that are not far-fetched.
    """

    expected: float
    fewest: int
    most: int


def extents(watched: Watched, explanation: Explanation) -> Mapping[int, Extent]:
    """The extent of each opened node.

    Whether a customer is dark is the sum of the chances that a node above is the topmost open one, so
    that customers x chance, summed over nodes, is exactly the expected number out.
    """
    opened = [each.node for each in explanation.opened]
    parent = watched.parent.tolist()
    owner = _owners(parent, frozenset(opened))
    over = _outages_beneath(parent, opened)
    expected = dict.fromkeys(opened, 0.0)
    for node in range(len(parent)):
        mass = float(explanation.topmost[node]) * int(watched.size[node])
        if owner[node] >= 0:
            expected[owner[node]] += mass
        else:
            for each in over.get(node, ()):
                expected[each] += mass / len(over[node])
    return {each: _extent(watched, explanation, each, owner, expected[each]) for each in opened}


def _owners(parent: Sequence[int], opened: frozenset[int]) -> list[int]:
    """The nearest opened node at or above each node, -1 for none."""
    owner: list[int] = []
    for node, up in enumerate(parent):
        owner.append(node if node in opened else (owner[up] if up >= 0 else -1))
    return owner


def _outages_beneath(parent: Sequence[int], opened: Sequence[int]) -> Mapping[int, list[int]]:
    """The opened nodes beneath each node that stands above them."""
    over: dict[int, list[int]] = {}
    for each in opened:
        up = parent[each]
        while up >= 0:
            over.setdefault(up, []).append(each)
            up = parent[up]
    return over


def _extent(
    watched: Watched, explanation: Explanation, node: int, owner: Sequence[int], expected: float
) -> Extent:
    size, topmost = watched.size, explanation.topmost
    sizes = [int(size[node])]
    up = int(watched.parent[node])
    while up >= 0:
        if topmost[up] >= SHOWN_FROM:
            sizes.append(int(size[up]))
        up = int(watched.parent[up])
    above = sum(float(topmost[each]) for each in _path(watched, node))
    if above < 1 - SHOWN_FROM:
        # Nothing so large has opened: at least those who called themselves, on their own connections.
        inner = [each for each in range(node + 1, len(owner)) if owner[each] == node]
        sizes.append(max(1, sum(1 for each in inner if watched.base_idx[each] < 0 and watched.calls[each])))
    return Extent(expected=expected, fewest=min(sizes), most=max(sizes))


def _path(watched: Watched, node: int) -> list[int]:
    path = []
    while node >= 0:
        path.append(node)
        node = int(watched.parent[node])
    return path
