"""The objects of a CIM file and what hangs on what: terminals, voltages, what is in service."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...errors import GeoFault
from ..rdf import Objects
from .files import is_cgmes, read_parts

Item = Mapping[str, str]

SWITCHES = {
    "Breaker": "breaker",
    "DisconnectingCircuitBreaker": "breaker",
    "ProtectedSwitch": "breaker",
    "Recloser": "recloser",
    "Fuse": "fuse",
    "LoadBreakSwitch": "switch",
    "Disconnector": "switch",
    "Sectionaliser": "switch",
    "Switch": "switch",
    "Jumper": "switch",
    "Cut": "switch",
}
LOADS = ("EnergyConsumer", "ConformLoad", "NonConformLoad", "StationSupply")
INFEEDS = ("EnergySource", "ExternalNetworkInjection")
MACHINES = ("SynchronousMachine", "EquivalentInjection")
LINKS = ("SeriesCompensator", "EquivalentBranch")
CLASSES = (
    *SWITCHES,
    *LOADS,
    *INFEEDS,
    *LINKS,
    *MACHINES,
    "ACLineSegment",
    "ACLineSegmentPhase",
    "BaseVoltage",
    "Bay",
    "ConnectivityNode",
    "CoordinateSystem",
    "Feeder",
    "Location",
    "PositionPoint",
    "PowerTransformer",
    "PowerTransformerEnd",
    "RemoteControl",
    "ServiceLocation",
    "Substation",
    "SwitchPhase",
    "Terminal",
    "TopologicalNode",
    "TransformerTank",
    "TransformerTankEnd",
    "UsagePoint",
    "UsagePointLocation",
    "VoltageLevel",
)


class Model:
    """The objects of a file by class and id, with their terminals sorted out.

    Attributes
    ----------
    cgmes : whether it is a model of CGMES.
    metres, kilo_volts, kilo : what one of the file's units of length is, of voltage in kV, of power in kW.
    ends : by id of equipment its terminals in order: id, node, whether it is connected.
    faults : what is wrong with the file, gathered while it is read.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.path = paths[0]
        # CGMES writes km, kV and MVA; the distribution profile metres, volts and VA.
        self.cgmes = cgmes = is_cgmes(paths)
        self.metres = 1000.0 if cgmes else 1.0
        self.kilo_volts = 1.0 if cgmes else 0.001
        self.kilo = 1000.0 if cgmes else 0.001
        self.objects: Objects = read_parts(paths, CLASSES)
        self.nodes = self.objects["ConnectivityNode"] or self.objects["TopologicalNode"]
        self.faults: list[GeoFault] = []
        self.ends: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
        by_order = sorted(
            self.objects["Terminal"].items(),
            key=lambda item: number(item[1].get("ACDCTerminal.sequenceNumber"), 1),
        )
        for key, terminal in by_order:
            node = terminal.get("Terminal.ConnectivityNode") or terminal.get("Terminal.TopologicalNode", "")
            connected = said(terminal.get("ACDCTerminal.connected")) is not False
            self.ends[terminal.get("Terminal.ConductingEquipment", "")].append((key, node, connected))

    def of(self, *kinds: str) -> Iterator[tuple[str, str, Item]]:
        """All objects of some classes: class, id, properties."""
        for kind in kinds:
            for key, item in self.objects[kind].items():
                yield kind, key, item

    def fault(self, place: str, text: str) -> None:
        """Note a fault of the file."""
        self.faults.append(GeoFault(file=self.path.name, place=place, text=text, code="cim"))

    def kv(self, item: Item, key: str = "ConductingEquipment.BaseVoltage") -> float:
        """Voltage of equipment by its base voltage; NaN where it says none."""
        own = item.get(key, "")
        if own not in self.objects["BaseVoltage"]:
            own = self._base_of(item.get("Equipment.EquipmentContainer", "")) or own
        return self._base_kv(own)

    def _base_of(self, container: str) -> str:
        """The base voltage of a voltage level, or of the one that a bay is in; "" for none."""
        level = self.objects["Bay"].get(container, {}).get("Bay.VoltageLevel") or container
        return self.objects["VoltageLevel"].get(level, {}).get("VoltageLevel.BaseVoltage", "")

    def _base_kv(self, base: str) -> float:
        item = self.objects["BaseVoltage"].get(base, {})
        return number(item.get("BaseVoltage.nominalVoltage")) * self.kilo_volts

    def node_kv(self, item: Item) -> float:
        """Voltage of a node by what it says itself, or the voltage level that it is in."""
        level = item.get("ConnectivityNode.ConnectivityNodeContainer", "") or item.get(
            "TopologicalNode.ConnectivityNodeContainer", ""
        )
        return self._base_kv(item.get("TopologicalNode.BaseVoltage", "") or self._base_of(level))

    def known_ends(self, key: str) -> list[tuple[str, str, bool]]:
        """Terminals of equipment that have a node of the file."""
        return [end for end in self.ends.get(key, []) if end[1] in self.nodes]

    def substation(self, item: Item) -> str:
        """Name of the substation that equipment stands in; that of the only one where it does not say."""
        here = item.get("Equipment.EquipmentContainer", "")
        for kind, up in (("Bay", "Bay.VoltageLevel"), ("VoltageLevel", "VoltageLevel.Substation")):
            here = self.objects[kind].get(here, {}).get(up) or here
        feeder = self.objects["Feeder"].get(here, {})
        for up in ("Feeder.NormalEnergizingSubstation", "Feeder.FeedingSubstation"):
            here = feeder.get(up) or here
        known = self.objects["Substation"]
        if here not in known and len(known) == 1:
            here = next(iter(known))
        return name_of(here, known[here]) if here in known else ""


def name_of(key: str, item: Item) -> str:
    """Name for people; the id where there is none."""
    return item.get("IdentifiedObject.name") or key


def in_service(item: Item) -> bool:
    """Whether equipment is in service: at present where the file says so, else normally."""
    present = said(item.get("Equipment.inService"))
    normal = said(item.get("Equipment.normallyInService"))
    return (normal if present is None else present) is not False


def number(text: str | None, default: float = math.nan) -> float:
    """A number of the file; the default where it is none, or not finite."""
    try:
        found = float(text) if text else default
    except ValueError:
        return default
    return found if math.isfinite(found) else default


def said(text: str | None) -> bool | None:
    """Yes or no; None where the file says nothing."""
    return {"true": True, "false": False, "1": True, "0": False}.get((text or "").strip().lower())
