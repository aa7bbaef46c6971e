"""The sections of a grid as a forest that grows from its sources, laid out for quick questions.

Sections are numbered in preorder of a depth-first walk, so that all that lies
behind a device is one run of numbers:

    preorder     0   1   2   3   4   5          size of 1 is 3: behind its device lie 1, 2, 3
                 o---o---o   |   |   |
                     +-------o   |   |
                 +---------------o---o
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

NONE = -1


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A forest over sections, grown through closed devices.

    Attributes
    ----------
    order : (m,) sections in preorder; only those that a source reaches.
    position : (s,) place of each section in `order`, -1 where no source reaches it.
    size : (s,) count of sections at and behind each section.
    parent, device : (s,) section and device towards the source, -1 at a source.
    first : (s,) the first device on the way from the source, -1 at a source.
    root : (s,) source section that supplies it, -1 where none does.
    child : (d,) section behind each device, -1 where the device feeds none.
    extra : closed devices that join two sections already supplied: loops, or parallel sources.
    """

    order: Indices
    position: Indices
    size: Indices
    parent: Indices
    device: Indices
    first: Indices
    root: Indices
    child: Indices
    extra: Indices

    @cached_property
    def parents(self) -> list[int]:
        """`parent` as a list: one element at a time a list is quicker than an array."""
        return self.parent.tolist()  # type: ignore[no-any-return]

    @cached_property
    def devices(self) -> list[int]:
        """`device` as a list."""
        return self.device.tolist()  # type: ignore[no-any-return]


def grow(count: int, ends: Indices, closed: Indices, sources: Sequence[int]) -> Tree:
    """Grow the forest from the source sections over closed devices.

    Parameters
    ----------
    count : number of sections.
    ends : (d, 2) sections at the two ends of every device.
    closed : positions of the closed devices.
    sources : sections that hold a source.
    """
    inner = closed[ends[closed, 0] != ends[closed, 1]]
    starts, targets, devices = _adjacency(count, ends, inner)
    parent, device = [NONE] * count, [NONE] * count
    first, root = [NONE] * count, [NONE] * count
    seen = bytearray(count)
    order: list[int] = []
    for source in sources:
        seen[source] = 1
    for source in sources:
        root[source] = source
        stack = [(source, NONE, NONE)]
        while stack:
            here, came_from, through = stack.pop()
            if through != NONE:
                if seen[here]:
                    continue
                seen[here] = 1
                parent[here], device[here] = came_from, through
                first[here] = through if first[came_from] == NONE else first[came_from]
                root[here] = source
            order.append(here)
            for k in range(starts[here + 1] - 1, starts[here] - 1, -1):
                if not seen[targets[k]]:
                    stack.append((targets[k], here, devices[k]))
    return _finish(order, parent, device, first, root, inner, ends)


def _adjacency(count: int, ends: Indices, devices: Indices) -> tuple[list[int], list[int], list[int]]:
    """Neighbours of every section in order of the devices: starts, targets, devices."""
    here = np.concatenate([ends[devices, 0], ends[devices, 1]])
    there = np.concatenate([ends[devices, 1], ends[devices, 0]])
    through = np.concatenate([devices, devices])
    by_place = np.lexsort((through, here))
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(here, minlength=count), out=starts[1:])
    return starts.tolist(), there[by_place].tolist(), through[by_place].tolist()


def _finish(
    order: list[int],
    parent: list[int],
    device: list[int],
    first: list[int],
    root: list[int],
    closed: Indices,
    ends: Indices,
) -> Tree:
    count = len(parent)
    size = [0] * count
    for here in reversed(order):
        size[here] += 1
        if parent[here] != NONE:
            size[parent[here]] += size[here]
    walk = np.array(order, dtype=np.int64)
    position = np.full(count, NONE, dtype=np.int64)
    position[walk] = np.arange(len(walk))
    device_of = np.array(device, dtype=np.int64)
    child = np.full(len(ends), NONE, dtype=np.int64)
    fed = np.flatnonzero(device_of != NONE)
    child[device_of[fed]] = fed
    reached = np.array(root, dtype=np.int64)
    live = reached[ends[closed, 0]] != NONE if len(closed) else np.zeros(0, dtype=bool)
    return Tree(
        order=walk,
        position=position,
        size=np.array(size, dtype=np.int64),
        parent=np.array(parent, dtype=np.int64),
        device=device_of,
        first=np.array(first, dtype=np.int64),
        root=reached,
        child=child,
        extra=closed[live & (child[closed] == NONE)],
    )
