"""From a circuit to the grid's own tables.

- Nodes of `source_above_kv` (60 kV) and more that an infeed reaches are the transmission grid and
  are not read; where a transformer comes down from there its lower side is a source. Infeeds
  elsewhere are sources too.
- A transformer with a side below 1 kV is a distribution transformer; the mains behind it become
  `lv` lines at its bus. Other transformers are `link`.
- A load of 1 kV and more becomes a transformer of its own, loads below are customers.
- What is out of service but could be put in service (a line, a transformer) stands behind an open
  device of its own: a tie where it joins two feeders, a dead part where it feeds one alone.
- Closed devices on a ring, or between two sources, become links: see `ring_devices`.
- Parts that no source reaches are kept, as buses of the kind `dead`.

Whatever is left out or taken otherwise than the file has it is noted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...errors import GeoError, GeoFault
from ...placing import NOWHERE, Point, spread
from ...schema import TABLES
from .drawing import places_of
from .elements import Branch, Circuit, Device, Load, Node, Transformer
from .figures import counted, listed, rating_kva
from .low_voltage import LOW_VOLTAGE_KV, LowSide, Main, Station, low_side, out_of_service, standing_node
from .naming import Names
from .supply import (
    note_open_above,
    ring_devices,
    transmission,
    with_known_voltages,
    without_supply,
)

SOURCE_ABOVE_KV = 60.0

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The grid's own tables as a foreign file gives them, and what is to be known about that.

    Parameters
    ----------
    customers : id, name, lon, lat, transformer of the customers, where the file has any.
    """

    tables: dict[str, pd.DataFrame]
    notes: tuple[GeoFault, ...] = ()
    customers: pd.DataFrame | None = None


def to_tables(
    circuit: Circuit, *, source_above_kv: float = SOURCE_ABOVE_KV, origin: Point | None = None
) -> Tables:
    """Turn a circuit into the grid's own tables.

    Parameters
    ----------
    circuit : what the file holds; its notes grow.
    source_above_kv : voltage from which on nodes count as the transmission grid.
    origin : lon, lat where a circuit without coordinates on the globe is laid out.

    Returns
    -------
    Tables
        Buses, lines, switches, transformers; and the notes.
    """
    return _Conversion(circuit, source_above_kv).tables(origin)


class _Conversion:
    """A circuit on its way to tables; rows name nodes by their keys until the end."""

    def __init__(self, circuit: Circuit, source_above_kv: float) -> None:
        self.circuit = circuit
        self.kv = with_known_voltages(circuit)
        self.alive = transmission(circuit, source_above_kv)
        note_open_above(circuit, self.alive)
        if self.alive and len(self.alive) == len(circuit.nodes):
            text = f"all of {source_above_kv:g} kV and more: transmission, which is not read"
            circuit.note("transmission", "nodes", text)
        self.low = {key for key, kv in self.kv.items() if 0 < kv < LOW_VOLTAGE_KV}
        if circuit.nodes and len(self.low) == len(circuit.nodes):
            text = "is all below 1 kV: low voltage alone is not supported; bring the grid above it, too"
            raise GeoError(GeoFault(file=circuit.file, place="", text=text, code="low-voltage"))
        self.side: LowSide = low_side(circuit, self.low, self.alive)
        self.sources: dict[str, str] = {}
        self.new_nodes: dict[str, tuple[str, str]] = {}
        self.lines: list[Row] = []
        self.switches: list[Row] = []
        self.transformers: list[Row] = []

    def medium(self, key: str) -> bool:
        """Whether a node is of the medium voltage that is kept."""
        return key not in self.alive and key not in self.low

    def tables(self, origin: Point | None) -> Tables:
        """Work out the four tables."""
        names = Names()
        self._name(names)
        for station in self.side.stations:
            self._station(station)
        for each in self.circuit.transformers:
            self._transformer(each)
        for load in self.circuit.loads:
            self._load(load)
        for device in self.circuit.devices:
            if self.medium(device.here) and self.medium(device.there):
                self.switches.append(self._device(device))
        for branch in self.circuit.branches:
            self._branch(branch)
        for main in self.side.mains:
            self._main(main)
        self._infeeds()
        self._join_rings()
        return self._framed(origin)

    def _name(self, names: Names) -> None:
        circuit = self.circuit
        classes: tuple[Sequence[Any], ...] = (
            circuit.transformers,
            circuit.loads,
            circuit.devices,
            circuit.branches,
        )
        self.names = names
        self.name_of: dict[int, str] = {}
        for items in classes:
            for item, name in zip(items, names.of_class(items), strict=True):
                self.name_of[id(item)] = name

    def _station(self, station: Station) -> None:
        """Write the row of a distribution transformer."""
        each = station.transformer
        bus = standing_node(station)
        if station.behind is not None:
            self.new_nodes[bus] = (station.high, f"{each.name} / {station.behind.name}")
            self._open_device(station.behind, station.high, bus)
        self.transformers.append(
            {"id": self.name_of[id(each)], "bus": bus, "rating_kva": rating_kva(each.rating_kva)}
        )

    def _open_device(self, device: Device, here: str, there: str) -> None:
        """Put an open device between a node and what it keeps dead."""
        if id(device) not in self.name_of:
            text = "is out of service; taken as it lies, behind an open device"
            self.circuit.note("out-of-service", f"'{device.name.removesuffix(' (out of service)')}'", text)
        name = self.name_of.get(id(device)) or self.names.new(device.name)
        row = self._device(device, name) | {"from_bus": here, "to_bus": there, "normal": "open"}
        self.switches.append(row)

    def _device(self, each: Device, name: str = "") -> Row:
        state = {None: "", True: "open", False: "closed"}
        return {
            "id": name or self.name_of[id(each)],
            "from_bus": each.here,
            "to_bus": each.there,
            "kind": each.kind,
            "control": "remote" if each.remote else "manual",
            "normal": state[each.normal_open],
            "present": state[each.present_open],
            "rating_kw": each.rating_kw,
        }

    def _transformer(self, each: Transformer) -> None:
        """Take a transformer between medium voltages, or down from the transmission grid."""
        ends = [end for end in each.ends if self.medium(end)]
        from_above = any(end in self.alive for end in each.ends)
        if not ends or (len(ends) == 1 and not from_above):
            return
        name = self.name_of[id(each)]
        if from_above:
            if each.in_service:
                self.sources.update(dict.fromkeys(ends, each.name))
            else:
                text = "is out of service: no source where it would feed"
                self.circuit.note("out-of-service", f"transformer '{name}'", text)
            return
        here = ends[0]
        if len(ends) > 2:
            here = f"{name} | star"
            self.new_nodes[here] = (ends[0], name)
        if not each.in_service:
            here = self._behind_open(name, here)
        for at, end in enumerate(ends if len(ends) > 2 else ends[1:]):
            self._link(name if at == 0 else self.names.new(f"{name} {at + 1}"), here, end, each.rating_kva)

    def _link(self, name: str, here: str, there: str, kva: float = math.nan) -> None:
        row = {"id": name, "from_bus": here, "to_bus": there, "length_m": 0.0, "kind": "link", "phases": ""}
        self.lines.append(row | {"rating_kw": rating_kva(kva) or math.nan})

    def _behind_open(self, name: str, here: str) -> str:
        """Part something that is out of service from a node: by an open device of its own."""
        device = out_of_service(name, here)
        there = f"{here} | {name} | out of service"
        self.new_nodes[there] = (here, f"{self._node(here).name} / {name}")
        self._open_device(device, here, there)
        return there

    def _load(self, load: Load) -> None:
        if self.medium(load.node):
            name = self.name_of[id(load)]
            bus = load.node if load.in_service else self._behind_open(name, load.node)
            kva = rating_kva(max(load.kva, 0.0))
            self.transformers.append({"id": name, "bus": bus, "rating_kva": kva})

    def _branch(self, each: Branch) -> None:
        here, there = each.here, each.there
        if here in self.alive or there in self.alive:
            self._from_above(each)
            return
        if here in self.low and there in self.low:
            return
        here, there = (self.side.bus_of.get(end, end) for end in (here, there))
        name = self.name_of[id(each)]
        if not each.in_service:
            here = self._behind_open(name, here)
        self._line(name, here, there, each, each.kind)

    def _main(self, main: Main) -> None:
        each = main.element
        self._line(self.name_of[id(each)], main.here, main.there, each, "lv")

    def _line(self, name: str, here: str, there: str, each: Branch | Device | Transformer, kind: str) -> None:
        line = each if isinstance(each, Branch) else Branch(name=name, here=here, there=there)
        self.lines.append(
            {
                "id": name,
                "from_bus": here,
                "to_bus": there,
                "length_m": line.length_m,
                "kind": kind,
                "rating_kw": math.nan if kind == "lv" else line.rating_kw,
                "phases": line.phases,
            }
        )

    def _from_above(self, each: Branch) -> None:
        """A branch that comes straight out of the transmission grid feeds what it leads to."""
        for end, other in ((each.here, each.there), (each.there, each.here)):
            if end in self.alive and self.medium(other) and each.in_service:
                self.sources[other] = each.name

    def _infeeds(self) -> None:
        for each in self.circuit.infeeds:
            if self.medium(each.node):
                self.sources.setdefault(each.node, each.name)
            elif each.node in self.low:
                text = "feeds low voltage itself: such a microgrid is not supported; it is no source"
                self.circuit.note("microgrid", f"infeed '{each.name}'", text)

    def _join_rings(self) -> None:
        names, rings = ring_devices(self.switches, self.lines, self.sources)
        for ring in rings:
            text = "are closed on a ring or between sources; taken as links: they separate nothing"
            self.circuit.note("ring", f"switches {listed(ring)}", text)
        for row in self.switches:
            if row["id"] in names:
                self._link(row["id"], row["from_bus"], row["to_bus"], row["rating_kw"])
        self.switches = [row for row in self.switches if row["id"] not in names]

    def _framed(self, origin: Point | None) -> Tables:
        keys = self._kept_nodes()
        dead = self._dead(keys)
        nodes = {key: self._node(key) for key in keys}
        bus_names = dict(zip(keys, Names().of_class([nodes[key] for key in keys]), strict=True))
        places = self._places(keys, origin)
        buses = [
            {
                "id": bus_names[key],
                "lon": places[key][0],
                "lat": places[key][1],
                "kind": "source" if key in self.sources else "dead" if key in dead else "bus",
                "substation": self.sources.get(key, ""),
                "voltage_kv": nodes[key].kv,
            }
            for key in keys
        ]
        for row in (*self.lines, *self.switches):
            row |= {end: bus_names[row[end]] for end in ("from_bus", "to_bus")}
        for row in self.transformers:
            row["bus"] = bus_names[row["bus"]]
        rows = {
            "buses": buses,
            "lines": self.lines,
            "switches": self.switches,
            "transformers": self.transformers,
        }
        tables = {name: pd.DataFrame(found, columns=_columns(name, found)) for name, found in rows.items()}
        customers = self._customers(dict(zip(keys, buses, strict=True)))
        return Tables(tables=tables, notes=tuple(self.circuit.notes), customers=customers)

    def _customers(self, buses: dict[str, Row]) -> pd.DataFrame | None:
        """Customers with the transformer that feeds them; those on nothing are counted."""
        if not self.circuit.customers:
            return None
        loads = {load.key: load for load in self.circuit.loads}
        bus_of = {row["id"]: row["bus"] for row in self.transformers}
        by_name = {row["id"]: row for row in buses.values()}
        rows, lost = [], []
        for each in self.circuit.customers:
            load = loads.get(each.load)
            station = self.side.owner.get(load.node) if load else None
            owner = station.transformer if station else load
            if owner is None or self.name_of[id(owner)] not in bus_of:
                lost.append(each.name or each.id)
                continue
            name = self.name_of[id(owner)]
            bus = by_name[bus_of[name]]
            lon, lat = each.place or (bus["lon"], bus["lat"])
            rows.append({"id": each.id, "name": each.name, "lon": lon, "lat": lat, "transformer": name})
        if lost:
            text = f"{counted(len(lost), 'customer')} on no transformer; left out, the first is '{lost[0]}'"
            self.circuit.note("customers", "UsagePoint", text)
        return pd.DataFrame(rows, columns=["id", "name", "lon", "lat", "transformer"])

    def _kept_nodes(self) -> list[str]:
        """Nodes of the tables: all of medium voltage, and of low voltage those that a main touches."""
        used = {row[end] for row in (*self.lines, *self.switches) for end in ("from_bus", "to_bus")}
        kept = [key for key in self.circuit.nodes if self.medium(key) or key in used]
        return [*kept, *(key for key in (*self.new_nodes, *self.side.cut) if key in used)]

    def _node(self, key: str) -> Node:
        if key in self.circuit.nodes:
            node = self.circuit.nodes[key]
            return Node(name=node.name, kv=self.kv[key], spare_name=node.spare_name)
        near, name = self.new_nodes.get(key) or (self.side.cut[key], "")
        base = self._node(near)
        return Node(name=name or f"{base.name} / end of {key.split(' | ')[1]}", kv=base.kv)

    def _dead(self, keys: list[str]) -> set[str]:
        if not self.sources and not self.circuit.infeeds:
            return set()
        medium = [key for key in keys if key not in self.low and key not in self.side.cut]
        return without_supply(medium, self.switches, self.lines, set(self.sources))

    def _places(self, keys: list[str], origin: Point | None) -> dict[str, Point]:
        known = places_of(self.circuit, origin)
        links: list[tuple[str, str]] = [
            (row["from_bus"], row["to_bus"]) for row in (*self.lines, *self.switches)
        ]
        links += [(key, near) for key, (near, _) in self.new_nodes.items()]
        links += [(key, near) for key, near in self.side.cut.items()]
        links += [(end, station.high) for station in self.side.stations for end in station.low]
        every = list(dict.fromkeys((*keys, *(key for pair in links for key in pair))))
        return spread(every, links, known, origin or NOWHERE)


def _columns(table: str, rows: list[Row]) -> list[str]:
    used = {key for row in rows for key in row}
    return [column.name for column in TABLES[table] if column.required or column.name in used]
