"""What to leave behind when a tie cannot carry all that would come alive with it.

    live --/T/-- s5 --|M5|-- s4 --|M4|-- s3 ...        T has room for s5 and s4:
                                                       open M4 first, then close T

One further device is opened: the one that leaves the most load on the tie's side and still fits;
a remote one where it leaves at least half as much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .capacity import ROUNDING_KW, Capacity
from .elements import Floats, Indices
from .network import Grid
from .outline import Edge, Outline
from .topology import NONE
from .tree import Tree

# a remote device is taken if it leaves this share of what the best device would leave
REMOTE_SHARE = 0.5


def relieving_devices(
    grid: Grid,
    drawn: Outline,
    capacity: Capacity,
    alive_behind: Callable[[Edge], frozenset[int]],
) -> dict[tuple[int, int], int]:
    """Find for every tie that cannot carry its part the device to open first.

    Parameters
    ----------
    alive_behind : cells that come alive when an edge's device closes.

    Returns
    -------
    dict
        From the tie's position and the section that it feeds to the position of the device.
    """
    found: dict[tuple[int, int], int] = {}
    for edge in (edge for edges in drawn.edges.values() for edge in edges if edge.kind == "tie"):
        cells = alive_behind(edge)
        if capacity.carries(edge, cells):
            continue
        part = [section for cell in cells for section in drawn.sections[cell]]
        device = _best_cut(grid, part, capacity.section_load, edge.entry, capacity.room(edge))
        if device != NONE:
            found[edge.device, edge.entry] = device
    return found


def _best_cut(grid: Grid, part: Sequence[int], load: Floats, entry: int, room: float) -> int:
    """Device that leaves the most load, and no more than `room`, on the side of the entry."""
    if room <= 0:
        return NONE
    devices, left = _loads_left(grid.run_tree, part, load, entry)
    fit = (left > 0) & (left <= room + ROUNDING_KW)
    if not fit.any():
        return NONE
    devices, left, remote = devices[fit], left[fit], grid.switches.remote[devices[fit]]
    best = np.lexsort((devices, -left))[0]
    quick = np.flatnonzero(remote & (left >= REMOTE_SHARE * left[best]))
    return int(devices[quick[np.lexsort((devices[quick], -left[quick]))[0]]] if len(quick) else devices[best])


def _loads_left(tree: Tree, part: Sequence[int], load: Floats, entry: int) -> tuple[Indices, Floats]:
    """Devices inside a part that hangs together, and the load on the entry's side when each opens.

    In preorder what lies behind a section is one run, so that its load is a difference of two sums.
    """
    place = np.sort(tree.position[np.asarray(part, dtype=np.int64)])
    inside = tree.order[place]
    sums = np.concatenate([[0.0], np.cumsum(load[inside])])
    after = place + tree.size[inside]
    behind = sums[np.searchsorted(place, after)] - sums[:-1]
    at = tree.position[entry]
    left = np.where((place <= at) & (at < after), behind, sums[-1] - behind)
    # the topmost section hangs on a device at the part's border
    return tree.device[inside][1:], left[1:]
