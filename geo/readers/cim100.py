"""The IEC 61968 distribution profile of CIM (CIM100, as GridAPPS-D writes it), read directly.

What is taken: EnergySource; ACLineSegment with its phases; Breaker, Recloser, Fuse,
LoadBreakSwitch and the other switches with `normalOpen` and `open`; PowerTransformer with its
ends, by tanks too; EnergyConsumer; PositionPoint.

- A transformer with an end below 1 kV is a distribution transformer; what lies behind it is its
  low-voltage side and is folded into its bus. Any other transformer is a `link` (a regulator, a
  step-down transformer).
- A consumer on a bus of 1 kV or more has no transformer in the file: it becomes one of its own.
- Devices are `remote` where the file has a RemoteControl for them or they are breakers or
  reclosers; ratings come from `ratedCurrent` and the base voltage.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import GeoError, GeoFault
from ..placing import NOWHERE, Point, on_globe, spread
from ..schema import TABLES
from .circuit.conversion import Tables
from .rdf import Objects, read_objects

Row = dict[str, Any]

SWITCHES = {
    "Breaker": "breaker",
    "Recloser": "recloser",
    "Fuse": "fuse",
    "LoadBreakSwitch": "switch",
    "Disconnector": "switch",
    "Sectionaliser": "switch",
    "Switch": "switch",
    "Jumper": "switch",
    "Cut": "switch",
}
OTHERS = (
    "ACLineSegment",
    "ACLineSegmentPhase",
    "BaseVoltage",
    "ConnectivityNode",
    "CoordinateSystem",
    "EnergyConsumer",
    "EnergySource",
    "Feeder",
    "PositionPoint",
    "PowerTransformer",
    "PowerTransformerEnd",
    "RemoteControl",
    "SeriesCompensator",
    "Substation",
    "Terminal",
    "TransformerTank",
    "TransformerTankEnd",
)
LOW_VOLTAGE_KV = 1.0
METRES_PER_FOOT = 0.3048


def read_cim100(path: Path, *, origin: Point | None = None) -> Tables:
    """Read a CIM100 file into the grid's own tables.

    Parameters
    ----------
    origin : lon, lat where a plan in local coordinates (feet) is laid out; without it, at 0, 0.

    Raises
    ------
    GeoError
        If the file cannot be read, or equipment has no terminals or nodes.
    """
    return Tables(tables=_Model(path, read_objects(path, (*SWITCHES, *OTHERS))).tables(origin or NOWHERE))


class _Model:
    """The objects of a file, with what hangs on what worked out."""

    def __init__(self, path: Path, objects: Objects) -> None:
        self.path = path
        self.objects = objects
        self.node_name = self._named("ConnectivityNode")
        self.faults: list[GeoFault] = []
        self.ends: dict[str, list[str]] = defaultdict(list)
        self.node_of_terminal: dict[str, str] = {}
        terminals = sorted(
            objects["Terminal"].items(),
            key=lambda item: _number(item[1].get("ACDCTerminal.sequenceNumber"), 1),
        )
        for name, terminal in terminals:
            node = terminal.get("Terminal.ConnectivityNode", "")
            self.node_of_terminal[name] = node
            self.ends[terminal.get("Terminal.ConductingEquipment", "")].append(node)
        self.phases = self._phases()
        self.low_nodes: dict[str, str] = {}

    def _named(self, kind: str) -> dict[str, str]:
        """Names for people of all objects of a class: unique, by adding the id where it is not."""
        names = {key: item.get("IdentifiedObject.name") or key for key, item in self.objects[kind].items()}
        count: dict[str, int] = defaultdict(int)
        for name in names.values():
            count[name] += 1
        return {key: name if count[name] == 1 else f"{name} {key[:8]}" for key, name in names.items()}

    def _phases(self) -> dict[str, str]:
        found: dict[str, set[str]] = defaultdict(set)
        for item in self.objects["ACLineSegmentPhase"].values():
            line = item.get("ACLineSegmentPhase.ACLineSegment", "")
            found[line].add(item.get("ACLineSegmentPhase.phase", "").rpartition(".")[2])
        return {line: "".join(sorted(phases)) for line, phases in found.items()}

    def _kv(self, item: Mapping[str, str], key: str = "ConductingEquipment.BaseVoltage") -> float:
        base = self.objects["BaseVoltage"].get(item.get(key, ""), {})
        return _number(base.get("BaseVoltage.nominalVoltage")) / 1000

    def _two_ends(self, kind: str, key: str, name: str) -> tuple[str, str] | None:
        nodes = [node for node in self.ends.get(key, []) if node in self.node_name]
        if len(nodes) == 2:
            return nodes[0], nodes[1]
        text = f"has {len(nodes)} terminals with a connectivity node; expected 2"
        self.faults.append(GeoFault(file=self.path.name, place=f"{kind} '{name}'", text=text, code="cim"))
        return None

    def tables(self, origin: Point) -> dict[str, pd.DataFrame]:
        """Work out the four tables."""
        transformers, links = self._transformers()
        links += self._links("SeriesCompensator")
        lines = self._lines() + links
        switches = self._switches()
        kv = self._voltages()
        transformers += self._consumers(kv)
        if self.faults:
            raise GeoError(self.faults)
        # the low-voltage side of a transformer is folded into its bus
        lines = [row for row in (self._folded(row) for row in lines) if row["from_bus"] != row["to_bus"]]
        switches = [
            row for row in (self._folded(row) for row in switches) if row["from_bus"] != row["to_bus"]
        ]
        return self._framed(lines, switches, transformers, kv, origin)

    def _folded(self, row: Row) -> Row:
        ends = {end: self.low_nodes.get(str(row[end]), row[end]) for end in ("from_bus", "to_bus")}
        return row | ends

    def _lines(self) -> list[Row]:
        rows = []
        names = self._named("ACLineSegment")
        for key, item in self.objects["ACLineSegment"].items():
            if not (ends := self._two_ends("ACLineSegment", key, names[key])):
                continue
            low = 0 < self._kv(item) < LOW_VOLTAGE_KV
            rows.append(
                {
                    "id": names[key],
                    "from_bus": ends[0],
                    "to_bus": ends[1],
                    "length_m": _number(item.get("Conductor.length"), 0.0),
                    "kind": "lv" if low else "overhead",
                    "phases": self.phases.get(key, ""),
                }
            )
        return rows

    def _links(self, kind: str) -> list[Row]:
        names = self._named(kind)
        found = [(names[key], self._two_ends(kind, key, names[key])) for key in self.objects[kind]]
        return [_link(name, ends) for name, ends in found if ends]

    def _switches(self) -> list[Row]:
        remote = {item.get("RemoteUnit.Switch", "") for item in self.objects["RemoteControl"].values()}
        rows = []
        for kind, ours in SWITCHES.items():
            names = self._named(kind)
            for key, item in self.objects[kind].items():
                if not (ends := self._two_ends(kind, key, names[key])):
                    continue
                normal, present = item.get("Switch.normalOpen"), item.get("Switch.open")
                amps, kv = _number(item.get("Switch.ratedCurrent")), self._kv(item)
                rows.append(
                    {
                        "id": names[key],
                        "from_bus": ends[0],
                        "to_bus": ends[1],
                        "kind": ours,
                        "control": "remote" if ours in ("breaker", "recloser") or key in remote else "manual",
                        "normal": _state(normal) or _state(present) or "closed",
                        "present": _state(present),
                        "rating_kw": round(math.sqrt(3) * amps * kv) if amps > 0 and kv > 0 else "",
                    }
                )
        return rows

    def _transformer_ends(self) -> dict[str, list[tuple[str, float, float]]]:
        """Ends of every transformer: node, voltage in kV, rated power in kVA."""
        tank_of = {
            key: item.get("TransformerTank.PowerTransformer", "")
            for key, item in self.objects["TransformerTank"].items()
        }
        found: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
        for kind in ("PowerTransformerEnd", "TransformerTankEnd"):
            for item in self.objects[kind].values():
                owner = item.get("PowerTransformerEnd.PowerTransformer") or tank_of.get(
                    item.get("TransformerTankEnd.TransformerTank", ""), ""
                )
                node = self.node_of_terminal.get(item.get("TransformerEnd.Terminal", ""), "")
                kv = _number(item.get("PowerTransformerEnd.ratedU")) / 1000
                if math.isnan(kv):
                    kv = self._kv(item, "TransformerEnd.BaseVoltage")
                kva = _number(item.get("PowerTransformerEnd.ratedS"), 0.0) / 1000
                if node in self.node_name:
                    found[owner].append((node, kv, kva))
        return found

    def _transformers(self) -> tuple[list[Row], list[Row]]:
        transformers, links = [], []
        ends_of = self._transformer_ends()
        names = self._named("PowerTransformer")
        for key in self.objects["PowerTransformer"]:
            ends = ends_of.get(key, [])
            nodes = list(dict.fromkeys(node for node, _, _ in ends))
            if len(nodes) < 2:
                text = f"has ends at {len(nodes)} nodes; expected 2 or more"
                place = f"PowerTransformer '{names[key]}'"
                self.faults.append(GeoFault(file=self.path.name, place=place, text=text, code="cim"))
                continue
            low = {node for node, kv, _ in ends if kv < LOW_VOLTAGE_KV}
            high = [node for node in nodes if node not in low]
            if low and high:
                self.low_nodes.update(dict.fromkeys(low, high[0]))
                rating = max(kva for _, _, kva in ends)
                transformers.append({"id": names[key], "bus": high[0], "rating_kva": rating})
                continue
            links += [
                _link(f"{names[key]}{'' if at < 1 else f' {at + 1}'}", (nodes[0], node))
                for at, node in enumerate(nodes[1:])
            ]
        return transformers, links

    def _voltages(self) -> dict[str, float]:
        kv: dict[str, float] = {}
        for kind in ("ACLineSegment", "EnergyConsumer", "EnergySource", *SWITCHES):
            for key, item in self.objects[kind].items():
                for node in self.ends.get(key, []):
                    kv.setdefault(node, self._kv(item))
        return kv

    def _consumers(self, kv: Mapping[str, float]) -> list[Row]:
        rows = []
        names = self._named("EnergyConsumer")
        for key, item in self.objects["EnergyConsumer"].items():
            node = next(iter(self.ends.get(key, [])), "")
            if node not in self.node_name:
                text = "has no terminal with a connectivity node"
                place = f"EnergyConsumer '{names[key]}'"
                self.faults.append(GeoFault(file=self.path.name, place=place, text=text, code="cim"))
                continue
            if node in self.low_nodes or 0 < kv.get(node, math.nan) < LOW_VOLTAGE_KV:
                continue
            watts, reactive = (_number(item.get(f"EnergyConsumer.{part}"), 0) for part in "pq")
            rows.append(
                {"id": names[key], "bus": node, "rating_kva": round(math.hypot(watts, reactive) / 1000, 3)}
            )
        return rows

    def _framed(
        self,
        lines: list[Row],
        switches: list[Row],
        transformers: list[Row],
        kv: Mapping[str, float],
        origin: Point,
    ) -> dict[str, pd.DataFrame]:
        names = self.node_name
        sources = {node for key in self.objects["EnergySource"] for node in self.ends.get(key, [])}
        nodes = [node for node in names if node not in self.low_nodes]
        links = [(str(row["from_bus"]), str(row["to_bus"])) for row in (*lines, *switches)]
        known = {node: place for node, place in self._places(origin).items() if node in set(nodes)}
        places = spread(nodes, links, known, origin)
        substation = next((item for item in self._named("Substation").values()), "")
        buses = [
            {
                "id": names[node],
                "lon": places[node][0],
                "lat": places[node][1],
                "kind": "source" if node in sources else "bus",
                "substation": substation if node in sources else "",
                "voltage_kv": kv.get(node, math.nan),
            }
            for node in nodes
        ]
        for row in (*lines, *switches):
            row |= {end: names[str(row[end])] for end in ("from_bus", "to_bus")}
        for row in transformers:
            row["bus"] = names[str(row["bus"])]
        rows = {"buses": buses, "lines": lines, "switches": switches, "transformers": transformers}
        return {name: pd.DataFrame(found, columns=_columns(name, found)) for name, found in rows.items()}

    def _places(self, origin: Point) -> dict[str, Point]:
        """Places of nodes by the points of the equipment that ends there."""
        points: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        for item in self.objects["PositionPoint"].values():
            x, y = _number(item.get("PositionPoint.xPosition")), _number(item.get("PositionPoint.yPosition"))
            if math.isfinite(x) and math.isfinite(y):
                order = _number(item.get("PositionPoint.sequenceNumber"), 1)
                points[item.get("PositionPoint.Location", "")].append((order, x, y))
        found: dict[str, Point] = {}
        for kind in ("EnergySource", "EnergyConsumer", "ACLineSegment", *SWITCHES, "PowerTransformer"):
            for key, item in self.objects[kind].items():
                line = sorted(points.get(item.get("PowerSystemResource.Location", ""), []))
                nodes = self.ends.get(key, [])
                if line and nodes:
                    found.setdefault(nodes[0], line[0][1:])
                    found.setdefault(nodes[-1], line[-1][1:])
        if self._local(found):
            return on_globe(found, origin, METRES_PER_FOOT)
        return found

    def _local(self, points: Mapping[str, Point]) -> bool:
        """Whether the points are no longitudes and latitudes: by the system's name or their range."""
        systems = [
            item.get("CoordinateSystem.crsUrn", "") for item in self.objects["CoordinateSystem"].values()
        ]
        outside = any(abs(x) > 180 or abs(y) > 90 for x, y in points.values())
        return outside or any("local" in name.lower() for name in systems)


def _columns(table: str, rows: list[Row]) -> list[str]:
    used = {key for row in rows for key in row}
    return [column.name for column in TABLES[table] if column.required or column.name in used]


def _link(name: str, ends: tuple[str, str]) -> Row:
    return {"id": name, "from_bus": ends[0], "to_bus": ends[1], "length_m": 0.0, "kind": "link", "phases": ""}


def _number(text: str | None, default: float = math.nan) -> float:
    """A number of the file; the default where it is none, or not finite."""
    try:
        found = float(text) if text else default
    except ValueError:
        return default
    return found if math.isfinite(found) else default


def _state(text: str | None) -> str:
    return {"true": "open", "false": "closed"}.get((text or "").lower(), "")
