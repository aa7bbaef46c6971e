"""The supply tree of a grid: which protective device stands above which customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import Grid

from ..ground.beliefs import USUAL, Beliefs
from ..ground.case import Customers
from .tree import Device, Floats, Ints, NodeKind, SupplyTree, build_tree

NONE = -1
_KINDS: Mapping[str, NodeKind] = {"breaker": "breaker", "recloser": "recloser", "fuse": "fuse"}


class Supplied(Protocol):
    """What holds a grid and its customers, as a case does."""

    @property
    def grid(self) -> Grid:
        """The grid as it is switched at present."""

    @property
    def customers(self) -> Customers:
        """Everybody it supplies."""

    @property
    def beliefs(self) -> Beliefs:
        """How often what fails, who calls and when."""


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """What a tree is made of, as a key: the same for the very same grid and table, and equal beliefs."""

    grid: Grid
    customers: pd.DataFrame
    beliefs: Beliefs

    def __hash__(self) -> int:
        return hash((id(self.grid), id(self.customers)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Same) or self.beliefs != other.beliefs:
            return False
        return other.grid is self.grid and other.customers is self.customers


def kept_tree(case: Supplied) -> SupplyTree:
    """A case's supply tree, built once for its grid, customers and beliefs and kept while they are in use."""
    return _kept(_Same(case.grid, case.customers.table, case.beliefs))


@lru_cache(maxsize=2)
def _kept(key: _Same) -> SupplyTree:
    return supply_tree(key.grid, key.customers, key.beliefs)


def supply_tree(grid: Grid, customers: pd.DataFrame, beliefs: Beliefs = USUAL) -> SupplyTree:
    """Build the tree of what supplied whom before anything tripped.

    Devices are taken as they stand now, but those that have tripped count as
    closed, so that a feeder whose breaker has opened still hangs together.

    Parameters
    ----------
    customers : indexed by customer id, with `transformer` and, if known, `lv_main`.
    beliefs : how often each part fails.
    """
    switches = grid.switches
    tree = grid.grown(np.flatnonzero(switches.closed | _tripped(grid)))
    # Somebody opens a feeder's first device, whatever it is, when nothing else clears a fault.
    opening = switches.protective.copy()
    opening[tree.first[tree.first != NONE]] = True
    zone = _zones(tree.order, tree.parent, tree.device, opening)
    ids = switches.ids.tolist()
    used = [at for at in range(len(ids)) if opening[at] and tree.child[at] != NONE]
    line_zone = _line_zones(grid, zone)
    rates = _zone_rates(grid, line_zone, len(ids), beliefs)
    first = {at: _first_line(grid, at, int(tree.child[at]), line_zone) for at in used}
    above = {at: int(zone[tree.parent[tree.child[at]]]) for at in used}
    places = zone[grid.transformer_sections]
    return build_tree(
        [
            Device(
                id=ids[at],
                kind=_KINDS.get(str(switches.kind[at]), "breaker"),
                parent=ids[above[at]] if above[at] != NONE else None,
                faults_per_year=float(rates[at]),
            )
            for at in used
        ],
        {
            name: ids[place] if place != NONE else None
            for name, place in zip(grid.transformers.ids.tolist(), places.tolist(), strict=True)
        },
        customers,
        lines={
            name: ids[place]
            for name, place in zip(grid.lines.ids.tolist(), line_zone.tolist(), strict=True)
            if place != NONE
        },
        first_line={ids[at]: str(grid.lines.ids[line]) for at, line in first.items() if line != NONE},
        components={ids[at]: _component(grid, line) for at, line in first.items()},
        beliefs=beliefs,
    )


def tripped_devices(grid: Grid) -> tuple[str, ...]:
    """Protective devices that are open though normally closed, with no supply behind them."""
    return tuple(grid.switches.ids[_tripped(grid)].tolist())


def _tripped(grid: Grid) -> NDArray[np.bool_]:
    """A device opened while a tie feeds what lies behind it has not tripped: both its ends have supply."""
    switches = grid.switches
    dead = np.any(grid.tree.position[grid.device_ends] == NONE, axis=1)
    return np.asarray(switches.protective & switches.normal_closed & ~switches.closed & dead, dtype=bool)


def _zones(order: Ints, parent: Ints, device: Ints, opening: NDArray[np.bool_]) -> Ints:
    """(s,) nearest opening device between each section and its source, -1 for none."""
    zone = np.full(len(parent), NONE, dtype=np.int64)
    for section in order.tolist():
        through = device[section]
        if through == NONE:
            continue
        zone[section] = through if opening[through] else zone[parent[section]]
    return zone


def _line_zones(grid: Grid, zone: Ints) -> Ints:
    """(l,) zone of each medium-voltage line; low-voltage mains lie behind transformers and in none."""
    section = grid.sectioning.of_bus[grid.lines.from_idx]
    plain = ~grid.lines.low_voltage & (section != NONE)
    return np.where(plain, zone[section], NONE) if len(zone) else np.full(len(section), NONE, dtype=np.int64)


def _zone_rates(grid: Grid, line_zone: Ints, devices: int, beliefs: Beliefs) -> Floats:
    rates = {"overhead": beliefs.line_faults_per_km_year, "cable": beliefs.cable_faults_per_km_year}
    per_km = np.array([rates.get(str(kind), 0.0) for kind in grid.lines.kind.tolist()])
    inside = line_zone != NONE
    faults = grid.lines.length_m / 1000 * per_km
    return np.bincount(line_zone[inside], weights=faults[inside], minlength=devices).astype(np.float64)


def _first_line(grid: Grid, device: int, section: int, line_zone: Ints) -> int:
    """A line next to the device on its load side, else one of its section, else one of its zone."""
    lines, of_bus = grid.lines, grid.sectioning.of_bus
    inside = np.flatnonzero(line_zone == device)
    if not len(inside):
        return NONE
    ends = [grid.switches.from_idx[device], grid.switches.to_idx[device]]
    border = [bus for bus in ends if of_bus[bus] == section]
    touching = np.isin(lines.from_idx[inside], border) | np.isin(lines.to_idx[inside], border)
    near = of_bus[lines.from_idx[inside]] == section
    return int(inside[np.lexsort((inside, ~near, ~touching))[0]])


def _component(grid: Grid, line: int) -> str:
    if line == NONE:
        return "switch"
    return "cable" if str(grid.lines.kind[line]) == "cable" else "line"
