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

from .elements import Floats
from .grid import Grid
from .outline import Edge, Outline


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
    def _flow(self) -> list[float]:
        return self.grid.routes.flows(self.grid.transformers.bus_idx, self.loads)

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
        switches, routes = self.grid.switches, self.grid.routes
        near, far = int(switches.from_idx[tie.device]), int(switches.to_idx[tie.device])
        of_bus = self.grid.sectioning.of_bus
        if self.outline.cell_of.get(int(of_bus[far])) != tie.there:
            near, far = far, near
        # the tie itself, counted as branch -1 - position
        branches = [(-1 - tie.device, float(switches.rating_kw[tie.device]), 0.0)]
        branches += [(at, rating, self._flow[at]) for at, rating in routes.above(near)]
        for branch, rating, flow in branches:
            own = {cell for cell in beyond if not routes.below(branch, self._bus(cell))}
            if not own:
                continue
            cells = own | self.taken[branch] | wanted.get(branch, set())
            if flow + sum(self.cell_load[cell] for cell in cells) > rating:
                return False
            wanted[branch] = wanted.get(branch, set()) | own
        load = sum(self.cell_load[cell] for cell in beyond)
        for branch, rating in routes.above(far):
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
