"""The IEC 61968 distribution profile of CIM (CIM100, as GridAPPS-D writes it), read directly.

What is taken: EnergySource and ExternalNetworkInjection; ACLineSegment with its phases; Breaker,
Recloser, Fuse, LoadBreakSwitch and the other switches with `normalOpen`, `open` and their
SwitchPhase; PowerTransformer with its ends, by tanks too; EnergyConsumer; PositionPoint in the
system that `crsUrn` states; UsagePoint with its place.

What `geo.readers.circuit.conversion` says of circuits holds; and of CIM:

- Equipment that is not `inService`, or not `connected` at a terminal, stands behind an open device
  of its own: what it alone feeds is without supply.
- A switch of which every SwitchPhase is open is open, whatever it says itself. Where only some
  phases are open it counts as closed, and is named.
- Devices are `remote` where the file has a RemoteControl for them or they are breakers or
  reclosers; ratings come from `ratedCurrent` and the base voltage.
- Names need not be unique in CIM: where one is taken, the first digits of the id are added.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ...errors import GeoError
from ..circuit.elements import Branch, Circuit, Customer, Device, Infeed, Load, Node, Transformer
from ..circuit.figures import rating_kw
from .objects import INFEEDS, LINKS, LOADS, MACHINES, SWITCHES, Item, Model, in_service, name_of, number, said
from .places import places_of_locations, places_of_nodes

RATED_U = "PowerTransformerEnd.ratedU"


def cim_circuit(paths: Sequence[Path]) -> Circuit:
    """The circuit of a CIM model: of files and archives that belong together."""
    return _Reading(Model(list(paths))).circuit


class _Reading:
    """A CIM model on its way to a circuit."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.circuit = Circuit(file=model.path.name)
        self.transformer_ends = self._transformer_ends()
        self.locations = places_of_locations(model, self.circuit)
        self._nodes()
        self._transformers()
        self._lines()
        self._switches()
        self._loads()
        self._infeeds()
        self._customers()
        if model.faults:
            raise GeoError(model.faults)

    def _nodes(self) -> None:
        kv: dict[str, float] = {}
        for _, key, item in self.model.of("ACLineSegment", *LOADS, *INFEEDS, *SWITCHES, *LINKS):
            if (volts := self.model.kv(item)) > 0:
                for _, node, _ in self.model.known_ends(key):
                    kv.setdefault(node, volts)
        for ends in self.transformer_ends.values():
            for node, volts, _ in ends:
                if volts > 0:
                    kv.setdefault(node, volts)
        places = places_of_nodes(self.model, self.locations)
        for key, item in self.model.nodes.items():
            name = name_of(key, item)
            if key not in kv and (volts := self.model.node_kv(item)) > 0:
                kv[key] = volts
            self.circuit.nodes[key] = Node(
                name=name, kv=kv.get(key, math.nan), place=places.get(key), spare_name=_spare(name, key)
            )

    def _two_ends(self, kind: str, key: str, item: Item) -> tuple[str, str, bool] | None:
        """Ends of equipment between two nodes, the end that is not connected first; and whether all is."""
        ends = self.model.known_ends(key)
        if len(ends) != 2:
            text = f"has {len(ends)} terminals with a connectivity node; expected 2"
            self.model.fault(f"{kind} '{name_of(key, item)}'", text)
            return None
        first, last = sorted(ends, key=lambda end: end[2]) if not all(end[2] for end in ends) else ends
        return first[1], last[1], in_service(item) and all(end[2] for end in ends)

    def _lines(self) -> None:
        phases = defaultdict(set)
        for _, _, item in self.model.of("ACLineSegmentPhase"):
            line = item.get("ACLineSegmentPhase.ACLineSegment", "")
            phases[line].add(item.get("ACLineSegmentPhase.phase", "").rpartition(".")[2])
        for kind, key, item in self.model.of("ACLineSegment", *LINKS):
            if ends := self._two_ends(kind, key, item):
                name = name_of(key, item)
                self.circuit.branches.append(
                    Branch(
                        name=name,
                        here=ends[0],
                        there=ends[1],
                        kind="overhead" if kind == "ACLineSegment" else "link",
                        length_m=number(item.get("Conductor.length"), 0.0) * self.model.metres,
                        phases="".join(sorted(phases[key])),
                        in_service=ends[2],
                        spare_name=_spare(name, key),
                    )
                )

    def _switches(self) -> None:
        remote = {item.get("RemoteUnit.Switch", "") for _, _, item in self.model.of("RemoteControl")}
        by_phase = defaultdict(list)
        for _, _, item in self.model.of("SwitchPhase"):
            by_phase[item.get("SwitchPhase.Switch", "")].append(item)
        for kind, key, item in self.model.of(*SWITCHES):
            ends = self._two_ends(kind, key, item)
            if not ends:
                continue
            name, ours = name_of(key, item), SWITCHES[kind]
            normal, present = self._states(name, item, by_phase[key])
            if not ends[2]:
                text = "is out of service or not connected; taken as open"
                self.circuit.note("out-of-service", f"switch '{name}'", text)
                normal, present = True, None
            amps = number(item.get("Switch.ratedCurrent"))
            self.circuit.devices.append(
                Device(
                    name=name,
                    here=ends[0],
                    there=ends[1],
                    kind=ours,
                    remote=ours in ("breaker", "recloser") or key in remote,
                    normal_open=normal,
                    present_open=present,
                    rating_kw=_whole(rating_kw(amps, self.model.kv(item))),
                    spare_name=_spare(name, key),
                )
            )

    def _states(self, name: str, item: Item, phases: list[Item]) -> tuple[bool, bool | None]:
        """Whether a switch is open normally, and at present (None: not said)."""
        normal, present = said(item.get("Switch.normalOpen")), said(item.get("Switch.open"))
        closed = [said(each.get("SwitchPhase.closed")) for each in phases]
        normals = [said(each.get("SwitchPhase.normalOpen")) for each in phases]
        if phases and None not in closed:
            present = not any(closed)
            if any(closed) and not all(closed):
                text = f"is open on {closed.count(False)} of {len(closed)} phases at present; taken as closed"
                self.circuit.note("phase-open", f"switch '{name}'", text)
        if phases and None not in normals:
            normal = all(normals)
        normal = normal if normal is not None else bool(present)
        return normal, present

    def _transformer_ends(self) -> dict[str, list[tuple[str, float, float]]]:
        """Ends of every transformer: node, voltage in kV, rated power in kVA."""
        model = self.model
        self.terminals = {key: (node, on) for ends in model.ends.values() for key, node, on in ends}
        tank_of = {
            key: item.get("TransformerTank.PowerTransformer", "")
            for _, key, item in model.of("TransformerTank")
        }
        found: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
        self.disconnected: set[str] = set()
        for _, _, item in model.of("PowerTransformerEnd", "TransformerTankEnd"):
            owner = item.get("PowerTransformerEnd.PowerTransformer") or tank_of.get(
                item.get("TransformerTankEnd.TransformerTank", ""), ""
            )
            node, connected = self.terminals.get(item.get("TransformerEnd.Terminal", ""), ("", True))
            volts = number(item.get(RATED_U)) * model.kilo_volts
            if math.isnan(volts):
                volts = model.kv(item, "TransformerEnd.BaseVoltage")
            if node in model.nodes:
                rated = number(item.get("PowerTransformerEnd.ratedS"), 0.0) * model.kilo
                found[owner].append((node, volts, rated))
                if not connected:
                    self.disconnected.add(owner)
        return found

    def _transformers(self) -> None:
        for _, key, item in self.model.of("PowerTransformer"):
            ends = self.transformer_ends.get(key, [])
            nodes = tuple(dict.fromkeys(node for node, _, _ in ends))
            name = name_of(key, item)
            if len(nodes) < 2:
                text = f"has ends at {len(nodes)} nodes; expected 2 or more"
                self.model.fault(f"PowerTransformer '{name}'", text)
                continue
            self.circuit.transformers.append(
                Transformer(
                    name=name,
                    ends=nodes,
                    rating_kva=max(kva for _, _, kva in ends),
                    in_service=in_service(item) and key not in self.disconnected,
                    spare_name=_spare(name, key),
                )
            )

    def _loads(self) -> None:
        for kind, key, item in self.model.of(*LOADS):
            name = name_of(key, item)
            ends = self.model.known_ends(key)
            if not ends:
                self.model.fault(f"{kind} '{name}'", "has no terminal with a connectivity node")
                continue
            watts, reactive = (number(item.get(f"EnergyConsumer.{part}"), 0) for part in "pq")
            self.circuit.loads.append(
                Load(
                    name=name,
                    node=ends[0][1],
                    kva=round(math.hypot(watts, reactive) * self.model.kilo, 3),
                    in_service=in_service(item) and ends[0][2],
                    spare_name=_spare(name, key),
                    key=key,
                )
            )

    def _infeeds(self) -> None:
        kinds: tuple[str, ...] = INFEEDS
        if self.model.cgmes and self.model.objects["ExternalNetworkInjection"]:
            # Beside a network outside, the sources of CGMES are generators on the way.
            kinds = ("ExternalNetworkInjection",)
        for kind, key, item in self.model.of(*kinds):
            ends = self.model.known_ends(key)
            name = name_of(key, item)
            if not ends:
                self.model.fault(f"{kind} '{name}'", "has no terminal with a connectivity node")
            elif not (in_service(item) and ends[0][2]):
                text = "is out of service or not connected; no source"
                self.circuit.note("out-of-service", f"infeed '{name}'", text)
            else:
                self.circuit.infeeds.append(Infeed(name=self.model.substation(item) or name, node=ends[0][1]))
        if not self.circuit.infeeds:
            self._machines()

    def _machines(self) -> None:
        """Take the machine that keeps the frequency for the infeed, where nothing else is one."""
        ranked = [
            (
                number(item.get("SynchronousMachine.referencePriority"), 0.0) or math.inf,
                name_of(key, item),
                key,
            )
            for _, key, item in self.model.of(*MACHINES)
            if in_service(item) and self.model.known_ends(key)
        ]
        for rank, name, key in sorted(ranked)[:1]:
            why = "it keeps the frequency" if rank < math.inf else "it is the first by name"
            text = f"is taken as the infeed, as the file has none: of {len(ranked)} machines {why}"
            self.circuit.note("no-infeed", f"machine '{name}'", text)
            self.circuit.infeeds.append(Infeed(name=name, node=self.model.known_ends(key)[0][1]))

    def _customers(self) -> None:
        """Usage points with the load that they belong to, and their place."""
        load_of = {item.get("Equipment.UsagePoints", ""): key for _, key, item in self.model.of(*LOADS)}
        for _, key, item in self.model.of("UsagePoint"):
            location = item.get("UsagePoint.ServiceLocation") or item.get("UsagePoint.UsagePointLocation", "")
            points = self.locations.get(location, [])
            self.circuit.customers.append(
                Customer(
                    id=key,
                    name=item.get("IdentifiedObject.name", ""),
                    load=item.get("UsagePoint.Equipments") or load_of.get(key, ""),
                    place=points[0] if points else None,
                )
            )


def _spare(name: str, key: str) -> str:
    return f"{name} {key[:8]}"


def _whole(kw: float) -> float:
    return kw if math.isnan(kw) else float(round(kw))
