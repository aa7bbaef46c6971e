"""What to leave behind when a tie cannot carry all that would come alive with it.

    live --/T/-- s5 --|M5|-- s4 --|M4|-- s3 ...        T has room for s5 and s4:
                                                       open M4 first, then close T

One further device is opened: the one that leaves the most load on the tie's side and still fits;
a remote one where it leaves at least half as much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from .capacity import Capacity
from .grid import Grid
from .outline import Edge, Outline
from .topology import NONE

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
    below, load = _welded_children(grid, drawn), capacity.section_load.tolist()
    for edge in (edge for edges in drawn.edges.values() for edge in edges if edge.kind == "tie"):
        cells = alive_behind(edge)
        if capacity.carries(edge, cells):
            continue
        room = capacity.room(edge)
        sections = {section for cell in cells for section in drawn.sections[cell]}
        device = _best_cut(grid, drawn, below, load, edge.entry, sections, room)
        if device != NONE:
            found[edge.device, edge.entry] = device
    return found


def _welded_children(grid: Grid, drawn: Outline) -> dict[int, list[int]]:
    tree = grid.run_tree
    below: dict[int, list[int]] = defaultdict(list)
    for section in drawn.cell_of:
        if tree.devices[section] != NONE and tree.devices[section] not in drawn.trippers:
            below[tree.parents[section]].append(section)
    return below


def _best_cut(
    grid: Grid,
    drawn: Outline,
    below: dict[int, list[int]],
    load: Sequence[float],
    entry: int,
    sections: set[int],
    room: float,
) -> int:
    """Device that leaves the most load, and no more than `room`, on the side of the entry."""
    if room <= 0:
        return NONE
    behind = _loads_behind(grid, drawn, below, load, entry, sections)
    total = sum(load[section] for section in sections)
    leaves = [(total - off, device) for device, off in behind if 0 < total - off <= room]
    if not leaves:
        return NONE
    remote = grid.switches.remote
    best = max(leaves, key=lambda pair: (pair[0], -pair[1]))
    quick = max((pair for pair in leaves if remote[pair[1]]), key=lambda p: (p[0], -p[1]), default=None)
    return quick[1] if quick is not None and quick[0] >= REMOTE_SHARE * best[0] else best[1]


def _loads_behind(
    grid: Grid,
    drawn: Outline,
    below: dict[int, list[int]],
    load: Sequence[float],
    entry: int,
    sections: set[int],
) -> Iterable[tuple[int, float]]:
    """Walk the part from where the tie enters: every device with the load behind it."""
    tree = grid.run_tree
    came: dict[int, tuple[int, int]] = {entry: (NONE, NONE)}
    order = [entry]
    for here in order:
        links = [(child, tree.devices[child]) for child in below.get(here, ())]
        up = tree.devices[here]
        if up != NONE and up not in drawn.trippers:
            links.append((tree.parents[here], up))
        for there, device in links:
            if there in sections and there not in came:
                came[there] = (here, device)
                order.append(there)
    behind = {section: load[section] for section in order}
    for section in reversed(order):
        before = came[section][0]
        if before != NONE:
            behind[before] += behind[section]
    return [(came[section][1], behind[section]) for section in order[1:]]
