"""Whether a tie's feeder can carry what would be put on it.

Each rated line or device on the way from the tie's supplied end up to the source carries its
own load already; what is left may be given to ties. What one way takes is set aside, so that
any ways together, in any order, stay within the ratings.

This is a sum of loads against ratings in kW, not a power flow: voltage is not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property

import numpy as np

from .elements import Flags, Floats
from .network import Grid
from .outline import Edge, Outline
from .routes import Routes

# Sums of the same loads in another order differ by less than this.
ROUNDING_KW = 1e-6


class Capacity:
    """Ratings, running loads, and what has been set aside.

    Parameters
    ----------
    load_kw : load of each transformer, kW; one that is not named counts with its rated power.
    """

    def __init__(self, grid: Grid, outline: Outline, load_kw: Mapping[str, float] | None) -> None:
        self.grid = grid
        self.outline = outline
        self.loads = transformer_loads(grid, load_kw or {})
        self.taken: dict[int, set[int]] = defaultdict(set)
        # once set aside a part stays so, and once refused it stays refused: room only shrinks
        self._answers: dict[tuple[tuple[int, int, frozenset[int]], ...], bool] = {}
        self._feeding: dict[tuple[int, int], list[tuple[int, float, float]]] = {}

    def redrawn(self, outline: Outline) -> Capacity:
        """Give the same loads for another outline of the same grid, with nothing set aside."""
        again = copy(self)
        again.__dict__.pop("cell_load", None)
        again.outline, again.taken, again._answers = outline, defaultdict(set), {}
        return again

    @cached_property
    def section_load(self) -> Floats:
        """(s,) load of every section, kW."""
        sections, count = self.grid.transformer_sections, self.grid.sectioning.count
        load: Floats = np.bincount(sections, weights=self.loads, minlength=count).astype(np.float64)
        return load

    @cached_property
    def cell_load(self) -> list[float]:
        """Load of every cell, kW."""
        return [float(self.section_load[sections].sum()) for sections in self.outline.sections]

    @cached_property
    def rated(self) -> bool:
        """Whether anything has a rating."""
        return bool(
            np.isfinite(self.grid.lines.rating_kw).any() or np.isfinite(self.grid.switches.rating_kw).any()
        )

    @cached_property
    def _flows(self) -> list[float]:
        return self.grid.routes.flows(self.grid.transformers.bus_idx, self.loads)

    def _ends(self, tie: Edge) -> tuple[int, int]:
        """Buses at the near and the far end of a tie, as it would feed."""
        here, there = int(self.grid.switches.from_idx[tie.device]), int(self.grid.switches.to_idx[tie.device])
        return (here, there) if int(self.grid.sectioning.of_bus[there]) == tie.entry else (there, here)

    def _branches(self, tie: Edge) -> list[tuple[int, float, float]]:
        """Rated branches that feed a tie, it first (as -1 - position): name, rating, load as run."""
        key = (tie.device, tie.entry)
        if key not in self._feeding:
            own = (-1 - tie.device, float(self.grid.switches.rating_kw[tie.device]), 0.0)
            above = self.grid.routes.above(self._ends(tie)[0])
            self._feeding[key] = [own, *((at, rating, self._flows[at]) for at, rating in above)]
        return self._feeding[key]

    def room(self, tie: Edge) -> float:
        """Load that the way up to a tie has room for, kW; infinite where nothing is rated."""
        rooms = [rating - flow for _, rating, flow in self._branches(tie) if np.isfinite(rating)]
        return min(rooms, default=float("inf"))

    def carries(self, tie: Edge, beyond: frozenset[int]) -> bool:
        """Whether a tie could carry these cells if nothing were set aside for others."""
        return not self.rated or self._fits(tie, beyond, {})

    def reserve(self, path: Sequence[Edge], alive: Sequence[Sequence[int]], first: frozenset[int]) -> bool:
        """Set capacity aside for a way, if every tie on its path can carry what lies beyond it.

        Parameters
        ----------
        path, alive : edges from the live part, and the cells that come alive with each.
        first : cells that come alive when the first tie closes, before the way's other steps.
        """
        if not self.rated:
            return True
        parts = [(edge, first.union(*alive[at:])) for at, edge in enumerate(path) if edge.kind == "tie"]
        key = tuple((edge.device, edge.entry, beyond) for edge, beyond in parts)
        if key not in self._answers:
            self._answers[key] = self._set_aside(parts)
        return self._answers[key]

    def _set_aside(self, parts: Sequence[tuple[Edge, frozenset[int]]]) -> bool:
        wanted: dict[int, set[int]] = {}
        if not all(self._fits(edge, beyond, wanted) for edge, beyond in parts):
            return False
        for branch, cells in wanted.items():
            self.taken[branch] |= cells
        return True

    def _fits(self, tie: Edge, beyond: frozenset[int], wanted: dict[int, set[int]]) -> bool:
        routes, of_bus = self.grid.routes, self.grid.sectioning.of_bus
        for branch, rating, flow in self._branches(tie):
            own = {cell for cell in beyond if not routes.below(branch, self._bus(cell))}
            if not own:
                continue
            cells = own | self.taken[branch] | wanted.get(branch, set())
            if flow + sum(self.cell_load[cell] for cell in cells) > rating + ROUNDING_KW:
                return False
            wanted[branch] = wanted.get(branch, set()) | own
        load = sum(self.cell_load[cell] for cell in beyond)
        for branch, rating in routes.above(self._ends(tie)[1]):
            if self.outline.cell_of.get(int(of_bus[branch])) not in beyond:
                break
            if load > rating + ROUNDING_KW:
                return False
        return True

    def _bus(self, cell: int) -> int:
        return int(self.grid.sectioning.first_bus[self.outline.sections[cell][0]])


def within_ratings(grid: Grid, closed: Flags, loads: Floats) -> bool:
    """Whether the loads behind every rated branch stay within its rating.

    Parameters
    ----------
    closed : (d,) devices that supply flows through; they must leave the grid radial.
    loads : (t,) of every transformer, kW.
    """
    sources = np.flatnonzero(grid.buses.source)
    routes = Routes(len(grid.buses), grid.lines, grid.switches, closed, sources)
    rating = np.asarray(routes.rating)
    rated = np.isfinite(rating)
    flow = np.asarray(routes.flows(grid.transformers.bus_idx, loads))
    return bool(np.all(flow[rated] <= rating[rated] + ROUNDING_KW))


def transformer_loads(grid: Grid, load_kw: Mapping[str, float]) -> Floats:
    """(t,) load of every transformer, kW; the rated power of one that is not named.

    Parameters
    ----------
    grid : the grid.
    load_kw : kW by transformer.

    Returns
    -------
    ndarray
        (transformers,) kW, in the grid's order.
    """
    loads = grid.transformers.rating_kva.copy()
    at = grid.transformer_at
    for name, load in load_kw.items():
        if name in at:
            loads[at[name]] = load
    return loads
