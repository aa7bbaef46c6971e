"""The lines that a protective device opens for, in the order in which somebody walks along them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .tree import NONE

if TYPE_CHECKING:
    from .network import Grid

Ways = dict[int, list[tuple[int, int]]]


def lines_behind(grid: Grid, device: str) -> tuple[str, ...]:
    """List the lines behind a device up to the next protective ones, outwards from the device.

    Spurs come before the main line goes on, the shorter ones first: nobody walks past a
    branch to come back to it. Lines that the run grid does not feed through the device are
    in no list.

    Parameters
    ----------
    grid : the grid.
    device : id of a device.

    Returns
    -------
    tuple of str
        Ids of lines.
    """
    at = grid.switch_at.get(device)
    if at is None or grid.run_tree.child[at] == NONE:
        return ()
    zone = _zone(grid, at)
    ways = _ways(grid, zone)
    ends = (int(grid.switches.from_idx[at]), int(grid.switches.to_idx[at]))
    entry = next((end for end in ends if int(grid.sectioning.of_bus[end]) in zone), None)
    return () if entry is None else tuple(str(grid.lines.ids[line]) for line in _walk(grid, ways, entry))


def _zone(grid: Grid, device: int) -> set[int]:
    """The sections behind a device that no other protective device guards."""
    tree, protective = grid.run_tree, grid.switches.protective
    child = int(tree.child[device])
    first = int(tree.position[child])
    zone = {child}
    for section in tree.order[first : first + int(tree.size[child])].tolist():
        if int(tree.parent[section]) in zone and not protective[int(tree.device[section])]:
            zone.add(section)
    return zone


def _ways(grid: Grid, zone: set[int]) -> Ways:
    """By bus, the buses that are reached from it and the line on the way (-1: a switching device)."""
    of_bus, ways = grid.sectioning.of_bus, defaultdict(list)
    table = grid.lines
    inside = [at for at, bus in enumerate(table.from_idx.tolist()) if int(of_bus[bus]) in zone]
    joints = [
        (at, int(table.from_idx[at]), int(table.to_idx[at])) for at in inside if not table.low_voltage[at]
    ]
    switches = grid.switches
    for at, (one, other) in enumerate(zip(switches.from_idx.tolist(), switches.to_idx.tolist(), strict=True)):
        if (
            grid.run_closed[at]
            and not switches.protective[at]
            and {int(of_bus[one]), int(of_bus[other])} <= zone
        ):
            joints.append((NONE, one, other))
    for line, one, other in joints:
        ways[one].append((other, line))
        ways[other].append((one, line))
    return ways


def _walk(grid: Grid, ways: Ways, entry: int) -> list[int]:
    """The lines of a depth-first walk; of two branches the shorter one first."""
    seen, order, came = {entry}, [], {entry: (NONE, NONE)}
    stack = [entry]
    while stack:
        bus = stack.pop()
        order.append(bus)
        for other, line in ways.get(bus, ()):
            if other not in seen:
                seen.add(other)
                came[other] = (bus, line)
                stack.append(other)
    below = dict.fromkeys(order, 0.0)
    for bus in reversed(order):
        parent, line = came[bus]
        if parent != NONE:
            below[parent] += below[bus] + (float(grid.lines.length_m[line]) if line != NONE else 0.0)
    walked: list[int] = []
    children: dict[int, list[int]] = defaultdict(list)
    for bus, (parent, _) in came.items():
        if parent != NONE:
            children[parent].append(bus)
    stack = [entry]
    while stack:
        bus = stack.pop()
        if came[bus][1] != NONE:
            walked.append(came[bus][1])
        stack += sorted(children[bus], key=lambda each: -below[each])
    return walked
