"""A distribution grid as it is run: arrays for speed, one networkx graph, sections and feeders.

A SECTION is what lies between switching devices: one fault in it puts all of it
out. A FEEDER is everything supplied through one device at a source's section.
A TIE is a device that is normally open.

        source bus       section 1        section 2       tie (open)
            o----[breaker]-----+------[switch]-----+--------/ /------ other feeder
                             transformer         transformer
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
import pandas as pd

from ..errors import GeoError, GeoFault
from .elements import (
    Buses,
    Feeder,
    Flags,
    Indices,
    Lines,
    Section,
    SwitchAction,
    Switches,
    Texts,
    Transformers,
)
from .parsing import parse_tables
from .routes import Routes
from .sections import list_sections
from .topology import NONE, Sections, find_sections
from .tree import Tree, grow
from .validation import validate

GridFault = GeoFault


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A distribution grid; built by `load_grid`, `Grid.from_tables` or a reader.

    Attributes
    ----------
    buses, lines, switches, transformers : its elements, each a table of arrays of one length.
    name : for people.
    """

    buses: Buses
    lines: Lines
    switches: Switches
    transformers: Transformers
    name: str = "grid"
    notes: tuple[GeoFault, ...] = ()
    customers: pd.DataFrame | None = None

    @staticmethod
    def from_tables(
        buses: pd.DataFrame,
        lines: pd.DataFrame,
        switches: pd.DataFrame,
        transformers: pd.DataFrame,
        *,
        files: Mapping[str, str] | None = None,
        name: str = "grid",
        check: bool = True,
        notes: tuple[GeoFault, ...] = (),
        customers: pd.DataFrame | None = None,
    ) -> Grid:
        """Build a grid from its four tables (`docs/grid.md` has the columns).

        Parameters
        ----------
        files : name of the file that each table came from, for messages.
        check : refuse a grid with topology faults too (loops, islands ...); with False
            only faults in the tables are refused and `Grid.validate` lists the others.
        notes : what a reader took otherwise than its file has it; `Grid.validate` lists them too.
        customers : id, name, lon, lat, transformer, where the grid's own file holds customers.

        Raises
        ------
        GeoError
            With every fault found, at once.
        """
        tables = {"buses": buses, "lines": lines, "switches": switches, "transformers": transformers}
        parsed = parse_tables(tables, files=files or {})
        grid = Grid(**parsed, name=name, notes=notes, customers=customers)
        return grid.checked() if check else grid

    def checked(self) -> Grid:
        """Return this grid if it can be run as it is.

        Raises
        ------
        GeoError
            With every error of `validate`.
        """
        if faults := [fault for fault in self.validate() if fault.severity == "error"]:
            raise GeoError(faults)
        return self

    def validate(self) -> tuple[GridFault, ...]:
        """Every fault in how the grid hangs together: loops, islands ...; and what its reader noted."""
        return (*validate(self), *self.notes)

    @cached_property
    def bus_at(self) -> Mapping[str, int]:
        """Position of each bus by id."""
        return _positions(self.buses.ids)

    @cached_property
    def line_at(self) -> Mapping[str, int]:
        """Position of each line by id."""
        return _positions(self.lines.ids)

    @cached_property
    def switch_at(self) -> Mapping[str, int]:
        """Position of each switching device by id."""
        return _positions(self.switches.ids)

    @cached_property
    def transformer_at(self) -> Mapping[str, int]:
        """Position of each transformer by id."""
        return _positions(self.transformers.ids)

    @cached_property
    def sectioning(self) -> Sections:
        """Section of every bus, and the low-voltage circuits."""
        return find_sections(self.buses, self.lines, self.switches, self.transformers)

    @cached_property
    def device_ends(self) -> Indices:
        """(d, 2) sections at the two ends of every switching device."""
        of_bus = self.sectioning.of_bus
        return np.column_stack([of_bus[self.switches.from_idx], of_bus[self.switches.to_idx]])

    @cached_property
    def transformer_sections(self) -> Indices:
        """(t,) section of every transformer."""
        return self.sectioning.of_bus[self.transformers.bus_idx]

    @cached_property
    def section_ids(self) -> Texts:
        """(s,) name of every section: that of its first bus."""
        return self.buses.ids[self.sectioning.first_bus]

    @cached_property
    def source_sections(self) -> tuple[int, ...]:
        """Sections that hold a source bus."""
        held = np.unique(self.sectioning.of_bus[self.buses.source])
        return tuple(held.tolist())

    @cached_property
    def tree(self) -> Tree:
        """The grid as it is run at present, grown from its sources."""
        return self.grown(np.flatnonzero(self.switches.closed))

    @cached_property
    def normal_tree(self) -> Tree:
        """The grid in its normal switching state, grown from its sources."""
        if np.array_equal(self.switches.normal_closed, self.switches.closed):
            return self.tree
        return self.grown(np.flatnonzero(self.switches.normal_closed))

    @cached_property
    def tripped(self) -> Indices:
        """Protective devices, normally closed, that stand open at present with a dead side: they tripped."""
        switches = self.switches
        dead = (self.tree.position[self.device_ends] == NONE).any(axis=1)
        return np.flatnonzero(switches.protective & switches.normal_closed & ~switches.closed & dead)

    @cached_property
    def run_closed(self) -> Flags:
        """(d,) devices that were closed before protection opened: closed at present, or tripped."""
        closed = self.switches.closed.copy()
        closed[self.tripped] = True
        return closed

    @cached_property
    def run_tree(self) -> Tree:
        """The grid as it was run before protection opened."""
        return self.grown(np.flatnonzero(self.run_closed)) if len(self.tripped) else self.tree

    @cached_property
    def routes(self) -> Routes:
        """The buses as a tree, with the rated branches between each and its source."""
        sources = np.flatnonzero(self.buses.source)
        return Routes(len(self.buses), self.lines, self.switches, self.run_closed, sources)

    def grown(self, closed: Indices) -> Tree:
        """Grow the grid from its sources with just these devices closed (positions)."""
        return grow(self.sectioning.count, self.device_ends, closed, self.source_sections)

    @cached_property
    def transformers_in_order(self) -> tuple[Indices, Indices]:
        """Transformers by place of their section in `run_tree`: positions, places (sorted)."""
        place = self.run_tree.position[self.transformer_sections]
        order = np.argsort(place, kind="stable")
        order = order[place[order] != NONE]
        return order, place[order]

    @cached_property
    def transformer_ids_in_order(self) -> Texts:
        """Ids of `transformers_in_order`."""
        return self.transformers.ids[self.transformers_in_order[0]]

    @cached_property
    def ties(self) -> tuple[str, ...]:
        """Ids of the normally open devices."""
        return tuple(self.switches.ids[~self.switches.normal_closed].tolist())

    @cached_property
    def feeders(self) -> tuple[Feeder, ...]:
        """What hangs behind each device at a source's section, in the normal state."""
        tree = self.normal_tree
        sections = np.bincount(tree.first[tree.first != NONE], minlength=len(self.switches))
        first = tree.first[self.transformer_sections]
        transformers = np.bincount(first[first != NONE], minlength=len(self.switches))
        return tuple(
            Feeder(
                id=str(self.switches.name[device] or self.switches.ids[device]),
                device=str(self.switches.ids[device]),
                substation=self._substation(int(tree.root[tree.child[device]])),
                sections=int(sections[device]),
                transformers=int(transformers[device]),
            )
            for device in np.flatnonzero(sections).tolist()
        )

    def _substation(self, section: int) -> str:
        held = np.flatnonzero(self.buses.source & (self.sectioning.of_bus == section))
        return str(self.buses.substation[held[0]] or self.buses.ids[held[0]])

    @cached_property
    def feeder_of_transformer(self) -> Mapping[str, str]:
        """Device at the head of the feeder of each supplied transformer, in the normal state."""
        first = self.normal_tree.first[self.transformer_sections]
        fed = np.flatnonzero(first != NONE)
        heads = self.switches.ids[first[fed]].tolist()
        return dict(zip(self.transformers.ids[fed].tolist(), heads, strict=True))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every section with what it holds."""
        return list_sections(self)

    @cached_property
    def graph(self) -> nx.MultiGraph:
        """Buses as nodes; lines and devices as edges keyed by (``line`` or ``switch``, id)."""
        graph = nx.MultiGraph()
        buses = self.buses
        graph.add_nodes_from(
            (bus, {"lon": lon, "lat": lat, "source": source})
            for bus, lon, lat, source in zip(
                buses.ids.tolist(), buses.lon.tolist(), buses.lat.tolist(), buses.source.tolist(), strict=True
            )
        )
        for kind, table in (("line", self.lines), ("switch", self.switches)):
            ends = zip(buses.ids[table.from_idx].tolist(), buses.ids[table.to_idx].tolist(), strict=True)
            closed = table.closed.tolist() if isinstance(table, Switches) else [True] * len(table)
            for (here, there), name, state in zip(ends, table.ids.tolist(), closed, strict=True):
                graph.add_edge(here, there, key=(kind, name), closed=state)
        return graph

    def place_of(self, kind: str, element: str) -> tuple[float, float]:
        """Longitude and latitude of an element; the middle of a line or device.

        Parameters
        ----------
        kind : ``line``, ``switch``, ``transformer`` or ``bus``.

        Raises
        ------
        KeyError
            If the grid has no such element.
        """
        if kind == "transformer":
            at = self.transformer_at[element]
            return float(self.transformers.lon[at]), float(self.transformers.lat[at])
        if kind == "bus":
            at = self.bus_at[element]
            return float(self.buses.lon[at]), float(self.buses.lat[at])
        table: Lines | Switches = self.lines if kind == "line" else self.switches
        at = (self.line_at if kind == "line" else self.switch_at)[element]
        one, other = table.from_idx[at], table.to_idx[at]
        lon, lat = self.buses.lon, self.buses.lat
        return float(lon[one] + lon[other]) / 2, float(lat[one] + lat[other]) / 2

    def action(self, device: int, close: bool) -> SwitchAction:
        """Operation of the device at this position."""
        lon, lat = self.place_of("switch", str(self.switches.ids[device]))
        return SwitchAction(
            device=str(self.switches.ids[device]),
            action="close" if close else "open",
            remote=bool(self.switches.remote[device]),
            lon=lon,
            lat=lat,
            name=str(self.switches.name[device] or self.switches.ids[device]),
        )


def _positions(ids: Texts) -> dict[str, int]:
    return {str(name): at for at, name in enumerate(ids.tolist())}
