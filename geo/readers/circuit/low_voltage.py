"""What lies behind distribution transformers: their low-voltage mains, and where several feed the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import networkx as nx

from .elements import Branch, Circuit, Device, Transformer
from .figures import counted, listed

LOW_VOLTAGE_KV = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A distribution transformer: the node that feeds it, its low-voltage nodes.

    Parameters
    ----------
    behind : open device that keeps it dead, None where there is none.
    """

    transformer: Transformer
    high: str
    low: tuple[str, ...]
    behind: Device | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Main:
    """A low-voltage main between two nodes of the tables, and the element that it is in the file."""

    here: str
    there: str
    element: Branch | Device | Transformer


@dataclass(slots=True, kw_only=True)
class LowSide:
    """Low voltage worked out: stations, mains, and the bus that stands for each low-voltage node.

    Parameters
    ----------
    bus_of : node that stands for a low-voltage node: the feeding one, or the busbar behind a switch.
    cut : ends of mains that hang loose, for they lead to another transformer's mains.
    owner : the station that supplies each low-voltage node.
    """

    stations: list[Station] = field(default_factory=list)
    mains: list[Main] = field(default_factory=list)
    bus_of: dict[str, str] = field(default_factory=dict)
    cut: dict[str, str] = field(default_factory=dict)
    owner: dict[str, Station] = field(default_factory=dict)


def low_side(circuit: Circuit, low: set[str], alive: set[str]) -> LowSide:
    """Work out the low voltage of a circuit.

    Parameters
    ----------
    low : nodes below 1 kV.
    alive : nodes of the transmission grid.
    """
    return _Low(circuit, low, alive).found


class _Low:
    """The low voltage of a circuit on its way."""

    def __init__(self, circuit: Circuit, low: set[str], alive: set[str]) -> None:
        self.circuit = circuit
        self.low = low
        self.found = LowSide()
        self.graph = nx.MultiGraph()
        self.graph.add_nodes_from(low)
        self._join()
        self.part_of: dict[str, int] = {}
        self.parts: list[set[str]] = []
        for at, part in enumerate(nx.connected_components(self.graph)):
            self.parts.append(part)
            self.part_of.update(dict.fromkeys(part, at))
        self.used = {load.node for load in circuit.loads}
        self.stations = [found for each in circuit.transformers if (found := self._station(each, alive))]
        self.feeding: dict[int, list[Station]] = {}
        for station in self.stations:
            if station.transformer.in_service:
                for at in {self.part_of[end] for end in station.low}:
                    self.feeding.setdefault(at, []).append(station)
        self._hang_dead_parts()
        self._fold()

    def _join(self) -> None:
        """Join low-voltage nodes by mains and closed switches; open switches are where mains end."""
        opened = dropped = 0
        for each in self.circuit.branches:
            if each.here in self.low and each.there in self.low:
                dropped += not each.in_service
                if each.in_service:
                    self._edge(each.here, each.there, each)
        for device in self.circuit.devices:
            if device.here in self.low and device.there in self.low:
                opened += device.normal_open
                if not device.normal_open:
                    self._edge(device.here, device.there, self._closed(device))
        self._join_steps()
        if dropped:
            self.circuit.note(
                "out-of-service", "", f"{counted(dropped, 'low-voltage main')} out of service; left out"
            )
        if opened:
            text = f"{counted(opened, 'open low-voltage switch', 'es')} not kept; mains end there"
            self.circuit.note("low-voltage-open", "", text)

    def _edge(self, here: str, there: str, main: Branch | Device | Transformer | None) -> None:
        self.graph.add_edge(here, there, main=main, ends=(here, there))

    def _join_steps(self) -> None:
        """Transformers from one low voltage to another (480 to 240 V) are mains."""
        for each in self.circuit.transformers:
            if each.in_service and self.low.issuperset(each.ends):
                for end in each.ends[1:]:
                    self._edge(each.ends[0], end, each)

    def _station(self, each: Transformer, alive: set[str]) -> Station | None:
        low = tuple(end for end in each.ends if end in self.low)
        high = [end for end in each.ends if end not in self.low and end not in alive]
        if low and alive.intersection(each.ends) and not self._content(self.parts[self.part_of[low[0]]]):
            return None  # a tertiary winding of a substation, for nobody
        return Station(transformer=each, high=high[0], low=low) if low and high else None

    def _content(self, part: Iterable[str]) -> bool:
        """Whether anybody is supplied in a part."""
        return any(node in self.used or self._mains_at(node) for node in part)

    def _mains_at(self, node: str) -> bool:
        return any(data["main"] is not None for _, _, data in self.graph.edges(node, data=True))

    def _hang_dead_parts(self) -> None:
        """Find the transformer of each part that none feeds: behind an open switch, or out of service."""
        open_at = [
            each
            for each in self.circuit.devices
            if each.normal_open and each.here in self.low and each.there in self.low
        ]
        behind: dict[int, Station] = {}
        for at, part in enumerate(self.parts):
            if at in self.feeding or not self._content(part):
                continue
            if found := self._idle_station(part) or self._station_over(open_at, at):
                behind[id(found[0].transformer)] = Station(
                    transformer=found[0].transformer, high=found[0].high, low=found[2], behind=found[1]
                )
            else:
                loads = sum(node in self.used for node in part)
                name = self.circuit.nodes[min(part)].name
                text = f"{counted(loads, 'load')} of low voltage behind no transformer that is in service"
                self.circuit.note("low-voltage-dead", f"bus '{name}'", text)
        for station in self.stations:
            if station.transformer.in_service or id(station.transformer) in behind:
                self.found.stations.append(behind.get(id(station.transformer), station))
                continue
            text = "is out of service and its customers are fed by others; left out"
            self.circuit.note("out-of-service", f"transformer '{station.transformer.name}'", text)
        self._note_standing_by(open_at, behind)

    def _idle_station(self, part: set[str]) -> tuple[Station, Device, tuple[str, ...]] | None:
        for each in self.stations:
            if not each.transformer.in_service and part & set(each.low):
                return each, out_of_service(each.transformer.name, each.high), each.low
        return None

    def _station_over(self, open_at: list[Device], at: int) -> tuple[Station, Device, tuple[str, ...]] | None:
        """Find a transformer that feeds nothing but this part, over an open switch."""
        for device in open_at:
            sides = {self.part_of[device.here]: device.here, self.part_of[device.there]: device.there}
            if at not in sides or len(sides) == 1:
                continue
            other = next(side for side in sides if side != at)
            feeding = self.feeding.get(other, [])
            if len(feeding) == 1 and not self._content(self.parts[other]):
                return feeding[0], device, (*feeding[0].low, sides[at])
        return None

    def _note_standing_by(self, open_at: list[Device], behind: dict[int, Station]) -> None:
        for device in open_at:
            for side in (device.here, device.there):
                at = self.part_of[side]
                for station in self.feeding.get(at, []):
                    if id(station.transformer) not in behind and not self._content(self.parts[at]):
                        text = f"stands by: its low-voltage switch '{device.name}' is open"
                        self.circuit.note(
                            "low-voltage-open", f"transformer '{station.transformer.name}'", text
                        )

    def _fold(self) -> None:
        """Hang every main behind the transformer that is nearest to it along the mains."""
        owner = self.found.owner
        queue: deque[str] = deque()
        for station in self.found.stations:
            for end in station.low:
                if end not in owner:
                    owner[end] = station
                    queue.append(end)
        while queue:
            here = queue.popleft()
            for there in self.graph.neighbors(here):
                if there not in owner:
                    owner[there] = owner[here]
                    queue.append(there)
        self._stand_for(owner)
        for _, _, data in self.graph.edges(data=True):
            if data["main"] is not None:
                self._main(data["main"], data["ends"], owner)
        self._note_shared()

    def _stand_for(self, owner: dict[str, Station]) -> None:
        """Find the node that stands for each: across closed switches, the feeding node for a busbar."""
        merged = nx.Graph()
        merged.add_nodes_from(self.low)
        merged.add_edges_from((a, b) for a, b, data in self.graph.edges(data=True) if data["main"] is None)
        for group in nx.connected_components(merged):
            feeding = [owner[node] for node in sorted(group) if node in owner and node in owner[node].low]
            plain = [node for node in sorted(group) if not self.circuit.nodes[node].inner]
            stands = standing_node(feeding[0]) if feeding else (plain or sorted(group))[0]
            self.found.bus_of.update(dict.fromkeys(group, stands))

    def _main(
        self, main: Branch | Device | Transformer, ends: tuple[str, str], owner: dict[str, Station]
    ) -> None:
        here, there = (self.found.bus_of[end] for end in ends)
        one, other = (owner.get(end) for end in ends)
        if one is not other and one is not None and other is not None:
            loose = f"{ends[0]} | {main.name} | {ends[1]}"
            self.found.cut[loose] = ends[1]
            there = loose
        if here != there:
            self.found.mains.append(Main(here=here, there=there, element=main))

    def _closed(self, device: Device) -> Device | None:
        """Take a closed low-voltage switch: None at the end of a main, else it is a main without length."""
        nodes = self.circuit.nodes
        return None if nodes[device.here].inner or nodes[device.there].inner else device

    def _note_shared(self) -> None:
        """Name transformers that feed the same low voltage side by side."""
        for feeding in self.feeding.values():
            if len(feeding) > 1:
                names = [each.transformer.name for each in feeding]
                text = (
                    f"feeds one low-voltage network together with {listed(names[1:])}; meshed low "
                    "voltage is not traced: each has the mains nearest to it and its customers"
                )
                self.circuit.note("low-voltage-mesh", f"transformer '{names[0]}'", text)


def standing_node(station: Station) -> str:
    """Node at which a transformer hangs: its feeding node, or one of its own behind an open device."""
    if station.behind is None:
        return station.high
    return f"{station.high} | {station.transformer.name} | behind"


def out_of_service(name: str, here: str) -> Device:
    """Make the open device that something out of service stands behind."""
    return Device(name=f"{name} (out of service)", here=here, there=here, normal_open=True)
