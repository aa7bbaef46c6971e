"""The dead area in outline: cells that stay dead or come back as one, and the devices between them.

Of all devices in the dead area few are worth operating: those that cut a fault off. In each
direction from a fault these are the nearest one and, if that must be driven to, the nearest
remote one behind it:

    breaker (open) --s1--[remote R]--s2--[manual M]--s3 x fault
                         |                |
                         quick, coarse    slow, fine

Sections that no such device parts form a CELL. Cells and devices make a graph that is small
even in a storm; `geo.grid.ways` searches it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ..errors import GeoError, GeoFault
from .network import Grid
from .topology import NONE
from .tracing import Located, merged_runs, protecting_device
from .tree import Tree

LIVE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A device between two cells, seen in the direction in which it would feed.

    Parameters
    ----------
    here, there : cells; `here` is LIVE for the part of the grid that has supply.
    device : position of the device, -1 where a dead source feeds its own section.
    kind : `cut` (closed, can be opened), `tripped` (opened by protection), `tie` (was open before),
        `source` (nothing to operate).
    repairs : faults of the device itself.
    entry : section that a tie feeds first.
    """

    here: int
    there: int
    device: int
    kind: str
    repairs: frozenset[int] = frozenset()
    entry: int = NONE


@dataclass(frozen=True, kw_only=True)
class Outline:
    """Cells of the dead area and the devices between them.

    Attributes
    ----------
    sections : sections of every cell.
    faults : positions of the faults in every cell.
    edges : from every cell (and LIVE) outwards.
    trippers : faults that opened each tripped device.
    cell_of : cell of every dead section.
    native : for every cell the edge by which it was supplied before the faults.
    """

    sections: list[list[int]]
    faults: list[frozenset[int]]
    edges: dict[int, list[Edge]]
    trippers: dict[int, frozenset[int]]
    cell_of: dict[int, int]
    native: dict[int, Edge]


@dataclass(slots=True)
class _Dead:
    """The dead sections, walked from the source outwards."""

    order: list[int]
    tripped: dict[int, set[int]]
    faults: dict[int, set[int]]
    broken: dict[int, set[int]]
    ties: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    closers_behind: dict[int, int] = field(default_factory=dict)
    closers_of_part: dict[int, int] = field(default_factory=dict)
    part_of: dict[int, int] = field(default_factory=dict)


def outline(grid: Grid, located: Sequence[Located], *, every_device: bool = False) -> Outline:
    """Draw the dead area that these faults leave.

    Parameters
    ----------
    every_device : take every device for worth operating (small grids only).

    Raises
    ------
    GeoError
        If the grid is not radial as it is run.
    """
    return Sketch(grid, located, every_device=every_device).outline()


class Sketch:
    """The dead area and the devices worth operating, before cells are drawn.

    Raises
    ------
    GeoError
        If the grid is not radial as it is run.
    """

    def __init__(self, grid: Grid, located: Sequence[Located], *, every_device: bool = False) -> None:
        tree = grid.run_tree
        if len(tree.extra):
            names = ", ".join(f"'{grid.switches.ids[at]}'" for at in tree.extra[:5].tolist())
            text = (
                f"the grid is not radial as it is run: {names} close loops; restoration needs a radial grid"
            )
            raise GeoError(GeoFault(file=grid.name, place="switches", text=text, code="loop"))
        self.grid = grid
        self.dead = _dead(grid, tree, located)
        _count_closers(grid, tree, self.dead)
        self.cuts = _all_cuts(tree, self.dead) if every_device else _useful_cuts(grid, tree, self.dead)

    def outline(self, more: Collection[int] = ()) -> Outline:
        """Draw the cells; `more` are closed devices that are worth operating for another reason."""
        return _drawn(self.grid, self.grid.run_tree, self.dead, self.cuts | set(more))


def _dead(grid: Grid, tree: Tree, located: Sequence[Located]) -> _Dead:
    tripped: dict[int, set[int]] = defaultdict(set)
    faults: dict[int, set[int]] = defaultdict(set)
    broken: dict[int, set[int]] = defaultdict(set)
    tops = []
    for at, place in enumerate(located):
        section = place.section
        if place.device != NONE:
            broken[place.device].add(at)
            section = int(tree.child[place.device])
        if section == NONE or tree.position[section] == NONE:
            continue
        faults[section].add(at)
        device = protecting_device(grid, tree, place)
        if device != NONE:
            tripped[device].add(at)
        tops.append(int(tree.child[device]) if device != NONE else int(tree.root[section]))
    order = [
        section for start, stop in merged_runs(tree, tops) for section in tree.order[start:stop].tolist()
    ]
    return _Dead(order=order, tripped=dict(tripped), faults=dict(faults), broken=dict(broken))


def _count_closers(grid: Grid, tree: Tree, dead: _Dead) -> None:
    """Count, behind every dead section, the open devices through which supply could come."""
    inside = set(dead.order)
    own = dict.fromkeys(dead.order, 0)
    open_devices = (~grid.run_closed).nonzero()[0]
    ends = grid.device_ends[open_devices]
    for device, (here, there) in zip(open_devices.tolist(), ends.tolist(), strict=True):
        if here == there or tree.position[here] == NONE or tree.position[there] == NONE:
            continue
        for section in (here, there):
            if section in inside:
                own[section] += 1
                dead.ties[section].append(device)
    parent, device_of = tree.parents, tree.devices
    for section in dead.order:
        device = device_of[section]
        welded = device != NONE and device not in dead.tripped
        dead.part_of[section] = dead.part_of[parent[section]] if welded else section
        if not welded:
            own[section] += 1
            if parent[section] in own:
                own[parent[section]] += 1
    for section in reversed(dead.order):
        if dead.part_of[section] != section:
            own[parent[section]] += own[section]
    dead.closers_behind = own
    dead.closers_of_part = {part: own[part] for part in set(dead.part_of.values())}


def _all_cuts(tree: Tree, dead: _Dead) -> set[int]:
    return {
        tree.devices[section]
        for section in dead.order
        if dead.part_of[section] != section and tree.devices[section] not in dead.broken
    }


def _useful_cuts(grid: Grid, tree: Tree, dead: _Dead) -> set[int]:
    """Walk from every faulted section outwards to the nearest device, and on to the nearest remote one."""
    below = _welded_children(tree, dead)
    cuts: set[int] = set()
    remote = grid.switches.remote
    for fault_section in dead.faults:
        stack = [(fault_section, NONE, False)]
        while stack:
            section, came_by, has_manual = stack.pop()
            for device, onward, closers in _welds(tree, dead, below, section):
                if device == came_by or not closers:
                    continue
                passed = has_manual
                if device not in dead.broken:
                    if remote[device] or not has_manual:
                        cuts.add(device)
                    if remote[device]:
                        continue
                    passed = True
                stack.append((onward, device, passed))
    return cuts


def _welded_children(tree: Tree, dead: _Dead) -> dict[int, list[int]]:
    below: dict[int, list[int]] = defaultdict(list)
    for section in dead.order:
        if dead.part_of[section] != section:
            below[tree.parents[section]].append(section)
    return below


def _welds(tree: Tree, dead: _Dead, below: dict[int, list[int]], section: int) -> list[tuple[int, int, int]]:
    """Closed devices at a section: device, the section behind it, open devices on that side."""
    found = [(tree.devices[child], child, dead.closers_behind[child]) for child in below.get(section, ())]
    part = dead.part_of[section]
    if part != section:
        above = dead.closers_of_part[part] - dead.closers_behind[section]
        found.append((tree.devices[section], tree.parents[section], above))
    return found


def _drawn(grid: Grid, tree: Tree, dead: _Dead, cuts: set[int]) -> Outline:
    cell_of: dict[int, int] = {}
    sections: list[list[int]] = []
    faults: list[set[int]] = []
    edges: dict[int, list[Edge]] = defaultdict(list)
    native: dict[int, Edge] = {}
    trippers = {device: frozenset(found) for device, found in dead.tripped.items()}
    for section in dead.order:
        device, parent = tree.devices[section], tree.parents[section]
        if dead.part_of[section] != section and device not in cuts:
            cell = cell_of[parent]
        else:
            cell = len(sections)
            sections.append([])
            faults.append(set())
            kind = "source" if device == NONE else "cut" if device in cuts else "tripped"
            edge = Edge(
                here=cell_of.get(parent, LIVE),
                there=cell,
                device=device,
                kind=kind,
                repairs=frozenset(dead.broken.get(device, ())),
            )
            native[cell] = edge
            _join(edges, edge)
        cell_of[section] = cell
        sections[cell].append(section)
        if section in dead.faults:
            faults[cell] |= dead.faults[section]
    for device in sorted({device for found in dead.ties.values() for device in found}):
        one, other = grid.device_ends[device].tolist()
        if cell_of.get(one, LIVE) == cell_of.get(other, LIVE):
            continue
        repairs = frozenset(dead.broken.get(device, ()))
        for near, far in ((one, other), (other, one)):
            if far in cell_of:
                here, there = cell_of.get(near, LIVE), cell_of[far]
                tie = Edge(here=here, there=there, device=device, kind="tie", repairs=repairs, entry=far)
                edges[here].append(tie)
    return Outline(
        sections=sections,
        faults=[frozenset(found) for found in faults],
        edges=dict(edges),
        trippers=trippers,
        cell_of=cell_of,
        native=native,
    )


def _join(edges: dict[int, list[Edge]], edge: Edge) -> None:
    """Add an edge in both directions; nothing feeds back into the live part."""
    edges[edge.here].append(edge)
    if edge.here != LIVE:
        back = Edge(
            here=edge.there, there=edge.here, device=edge.device, kind=edge.kind, repairs=edge.repairs
        )
        edges[edge.there].append(back)
