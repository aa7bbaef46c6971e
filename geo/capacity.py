"""Whether a tie's feeder can carry what would be put on it.

Each rated line or device on the way from the tie's supplied end up to the source carries its
own load already; what is left may be given to ties. What one way takes is set aside, so that
any ways together, in any order, stay within the ratings.

This is a sum of loads against ratings in kW, not a power flow: voltage is not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from .elements import Floats, Indices
from .grid import Grid
from .outline import Edge, Outline
from .topology import NONE


class Capacity:
    """Ratings, running loads, and what has been set aside.

    Parameters
    ----------
    load_kw : load of each transformer, kW; one that is not named counts with its rated power.
    """

    def __init__(self, grid: Grid, outline: Outline, load_kw: Mapping[str, float] | None) -> None:
        self.grid = grid
        self.outline = outline
        self.loads = _loads(grid, load_kw or {})
        self.taken: dict[int, set[int]] = defaultdict(set)

    @cached_property
    def cell_load(self) -> list[float]:
        """Load of every cell, kW."""
        of_section = np.bincount(
            self.grid.transformer_sections, weights=self.loads, minlength=self.grid.sectioning.count
        )
        return [float(of_section[sections].sum()) for sections in self.outline.sections]

    @cached_property
    def rated(self) -> bool:
        """Whether anything has a rating."""
        return bool(
            np.isfinite(self.grid.lines.rating_kw).any() or np.isfinite(self.grid.switches.rating_kw).any()
        )

    @cached_property
    def _routes(self) -> _Routes:
        return _Routes(self.grid, self.loads)

    def reserve(self, path: Sequence[Edge], alive: Sequence[Sequence[int]], first: frozenset[int]) -> bool:
        """Set capacity aside for a way, if every tie on its path can carry what lies beyond it.

        Parameters
        ----------
        path, alive : edges from the live part, and the cells that come alive with each.
        first : cells that come alive when the first tie closes, before the way's other steps.
        """
        if not self.rated:
            return True
        wanted: dict[int, set[int]] = {}
        for at, edge in enumerate(path):
            if edge.kind != "tie":
                continue
            beyond = {cell for cells in alive[at:] for cell in cells} | first
            if not self._fits(edge, beyond, wanted):
                return False
        for branch, cells in wanted.items():
            self.taken[branch] |= cells
        return True

    def _fits(self, tie: Edge, beyond: set[int], wanted: dict[int, set[int]]) -> bool:
        switches, routes = self.grid.switches, self._routes
        near, far = int(switches.from_idx[tie.device]), int(switches.to_idx[tie.device])
        of_bus = self.grid.sectioning.of_bus
        if self.outline.cell_of.get(int(of_bus[far])) != tie.there:
            near, far = far, near
        # the tie itself, counted as branch -1 - position
        branches = [(-1 - tie.device, float(switches.rating_kw[tie.device]), 0.0)]
        branches += routes.above(near)
        for branch, rating, flow in branches:
            own = {cell for cell in beyond if not routes.below(branch, self._bus(cell))}
            cells = own | self.taken[branch] | wanted.get(branch, set())
            if flow + sum(self.cell_load[cell] for cell in cells) > rating:
                return False
            wanted[branch] = wanted.get(branch, set()) | own
        load = sum(self.cell_load[cell] for cell in beyond)
        for branch, rating, _ in routes.above(far):
            if self.outline.cell_of.get(int(of_bus[branch])) not in beyond:
                break
            if load > rating:
                return False
        return True

    def _bus(self, cell: int) -> int:
        return int(self.grid.sectioning.first_bus[self.outline.sections[cell][0]])


def _loads(grid: Grid, load_kw: Mapping[str, float]) -> Floats:
    loads = grid.transformers.rating_kva.copy()
    at = grid.transformer_at
    for name, load in load_kw.items():
        if name in at:
            loads[at[name]] = load
    return loads


class _Routes:
    """The buses as a tree from the sources, with what each branch carries."""

    def __init__(self, grid: Grid, loads: Floats) -> None:
        count = len(grid.buses)
        closed = np.flatnonzero(grid.run_closed)
        lines, switches = grid.lines, grid.switches
        plain = np.flatnonzero(~lines.low_voltage)
        here = np.concatenate([lines.from_idx[plain], switches.from_idx[closed]])
        there = np.concatenate([lines.to_idx[plain], switches.to_idx[closed]])
        self.parent, order = _walked(count, here, there, np.flatnonzero(grid.buses.source))
        rating = _ratings(
            self.parent, here, there, np.concatenate([lines.rating_kw[plain], switches.rating_kw[closed]])
        )
        self.flow = np.bincount(grid.transformers.bus_idx, weights=loads, minlength=count).tolist()
        self.start = [0] * count
        parent = self.parent
        size = [1] * count
        for bus in reversed(order):
            if parent[bus] >= 0:
                self.flow[parent[bus]] += self.flow[bus]
                size[parent[bus]] += size[bus]
        self.size = size
        after = [0] * count
        place = 0
        for bus in order:
            up = parent[bus]
            if up < 0:
                self.start[bus] = place
                place += size[bus]
            else:
                self.start[bus] = after[up]
                after[up] += size[bus]
            after[bus] = self.start[bus] + 1
        self.rating = rating
        # the nearest bus at or above each whose branch upwards has a rating
        self.rated: list[int] = [NONE] * count
        for bus in order:
            up = parent[bus]
            self.rated[bus] = (
                bus if up >= 0 and np.isfinite(rating[bus]) else (self.rated[up] if up >= 0 else NONE)
            )

    def above(self, bus: int) -> list[tuple[int, float, float]]:
        """Rated branches from a bus up to its source: the bus below each, its rating and its load, kW."""
        found = []
        at = self.rated[bus]
        while at != NONE:
            found.append((at, self.rating[at], self.flow[at]))
            up = self.parent[at]
            at = self.rated[up] if up >= 0 else NONE
        return found

    def below(self, branch: int, bus: int) -> bool:
        """Whether a bus is supplied over a branch as the grid is run."""
        return branch >= 0 and self.start[branch] <= self.start[bus] < self.start[branch] + self.size[branch]


def _walked(count: int, here: Indices, there: Indices, sources: Indices) -> tuple[list[int], list[int]]:
    """Breadth-first walk from all sources at once: parent of every bus (-1: none), and the order."""
    root = count
    here = np.concatenate([here, np.full(len(sources), root)])
    there = np.concatenate([there, sources])
    links = coo_array(
        (np.ones(len(here), dtype=np.int8), (here, there)), shape=(count + 1, count + 1)
    ).tocsr()
    order, before = breadth_first_order(links, root, directed=False)
    parent = np.where((before == root) | (before < 0), NONE, before)[:count]
    return parent.astype(np.int64).tolist(), order[1:].astype(np.int64).tolist()


def _ratings(parent: list[int], here: Indices, there: Indices, rating: Floats) -> list[float]:
    """Rating of the branch from every bus up to its parent; NaN where it has none."""
    found = [float("nan")] * len(parent)
    for k in np.flatnonzero(np.isfinite(rating)).tolist():
        a, b, limit = int(here[k]), int(there[k]), float(rating[k])
        for below, above in ((a, b), (b, a)):
            if parent[below] == above:
                found[below] = limit if np.isnan(found[below]) else min(found[below], limit)
    return found
