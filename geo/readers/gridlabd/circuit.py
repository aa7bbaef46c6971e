"""GridLAB-D models on their way to circuits.

What `geo.readers.circuit.conversion` says of circuits holds; and of models:

- Phases do not count, but a switch that is open on some of them is taken as closed, and noted.
- `switch`, `fuse`, `recloser` and `sectionalizer` are switching devices, as their `status` says (or
  all their phases); a line or transformer with `status OPEN` stands behind an open device.
- A node, load or meter with another one as `parent` is the same node.
- The swing bus (`bustype SWING`) is the infeed; inverters, diesels and batteries feed nothing here.
- Voltages of nodes are from phase to neutral; lengths are feet unless the file says otherwise.
- A meter that takes power, and each house, is a customer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

from ...errors import GeoError, GeoFault, nearest
from ...units import METRES
from ..circuit.elements import Branch, Circuit, Customer, Device, Infeed, Load, Node, Transformer
from ..circuit.figures import counted, rating_kw
from ..circuit.voltages import agree_on_voltages
from .quantities import QUANTITY, angle, figure, kva_of, load_kva
from .syntax import Thing, read_things

NODES = frozenset(
    {"node", "meter", "load", "triplex_node", "triplex_meter", "triplex_load"}
    | {"substation", "pqload", "motor", "capacitor"}
)
TAKING = frozenset(("load", "triplex_load", "triplex_node", "pqload", "motor", "meter", "triplex_meter"))
ALWAYS_TAKING = frozenset(("load", "triplex_load", "pqload", "motor"))
METERS = frozenset(("meter", "triplex_meter"))
LINES = {
    "overhead_line": "overhead",
    "underground_line": "cable",
    "triplex_line": "overhead",
    "line": "overhead",
}
LINKS = frozenset(("regulator", "series_reactor", "link", "series_compensator", "vfd"))
DEVICES = {
    "switch": "switch",
    "fuse": "fuse",
    "recloser": "recloser",
    "sectionalizer": "switch",
    "relay": "breaker",
}
GENERATORS = frozenset(
    (
        "inverter",
        "inverter_dyn",
        "diesel_dg",
        "battery",
        "solar",
        "windturb_dg",
        "microturbine",
        "energy_storage",
    )
)
TRIPLEX_V = (100, 130)
MOST_PARENTS = 50


def gridlabd_circuit(path: Path) -> Circuit:
    """The circuit of a model by its main file; what that includes is read from its folder."""
    circuit = Circuit(file=path.name)
    _Model(read_things(path, circuit.note), circuit)
    return circuit


class _Model:
    """Objects of a model on their way to a circuit; nodes are known by their names."""

    def __init__(self, things: list[Thing], circuit: Circuit) -> None:
        self.circuit = circuit
        self.faults: list[GeoFault] = []
        self.by_key: dict[str, Thing] = {}
        for thing in things:
            self._know(thing)
        self.of_kind: dict[str, list[Thing]] = {}
        for thing in things:
            self.of_kind.setdefault(thing.kind, []).append(thing)
        if not any(self.of_kind.get(kind) for kind in NODES):
            text = "holds no node, load or meter of a network; give the main file of the model"
            raise GeoError(GeoFault(file=circuit.file, place="", text=text, code="file"))
        self.unmeasured = 0
        self._nodes()
        self._branches()
        self._devices()
        self._transformers()
        self._loads()
        if self.faults:
            raise GeoError(self.faults)
        agree_on_voltages(circuit)
        self._swing()
        self._not_read()

    def _know(self, thing: Thing) -> None:
        numbered = f"{thing.kind}:{thing.number}"
        for key in {thing.key, numbered} if thing.number else {thing.key}:
            if key in self.by_key and thing.get("name") == key:
                other = self.by_key[key]
                self._fault(thing, f"is there twice: line {other.line} has that name, too")
            self.by_key.setdefault(key, thing)

    def _fault(self, thing: Thing, text: str) -> None:
        self.faults.append(GeoFault(file=thing.file, place=thing.place, text=text, code="file"))

    def each(self, *kinds: str) -> Iterator[Thing]:
        """All objects of some classes."""
        for kind in kinds:
            yield from self.of_kind.get(kind, ())

    def node_of(self, thing: Thing) -> str | None:
        """The node that an object is, or hangs on: its last parent that is one."""
        found = thing if thing.kind in NODES else None
        for _ in range(MOST_PARENTS):
            parent = thing.get("parent")
            if not parent:
                break
            above = self.by_key.get(parent)
            if above is None:
                if thing.kind in NODES:
                    self._fault(
                        thing, f"hangs on '{parent}', which is not there{nearest(parent, self.by_key)}"
                    )
                break
            if above.kind not in NODES and found is not None:
                break
            found, thing = above if above.kind in NODES else found, above
        return found.key if found is not None else None

    def _nodes(self) -> None:
        for thing in self.each(*sorted(NODES)):
            key = self.node_of(thing)
            own = key == thing.key
            if own or key not in self.circuit.nodes:
                self.circuit.nodes[key or thing.key] = _node(self.by_key.get(key or "", thing))
            if thing.get("bustype").upper().startswith("SWING"):
                self.circuit.infeeds.append(Infeed(name=thing.key, node=key or thing.key))

    def ends(self, thing: Thing) -> tuple[str, str] | None:
        """Nodes at the ends of a link; what is wrong with them is a fault."""
        found = []
        for side in ("from", "to"):
            name = thing.get(side)
            at = self.by_key.get(name)
            if at is None or at.kind not in NODES:
                known = (key for key, each in self.by_key.items() if each.kind in NODES)
                text = f"'{side}' is '{name}', which is no node of the model" if name else f"has no '{side}'"
                self._fault(thing, f"{text}; expected the name of one{nearest(name, known) if name else ''}")
            elif (key := self.node_of(at)) is not None:
                found.append(key)
        return (found[0], found[1]) if len(found) == 2 else None

    def _branches(self) -> None:
        for thing in self.each(*LINES, *sorted(LINKS)):
            if (ends := self.ends(thing)) is not None:
                self.circuit.branches.append(self._branch(thing, ends))
        if self.unmeasured:
            text = f"{counted(self.unmeasured, 'line')} without a length that can be read; it is not known"
            self.circuit.note("length", "lines", text)

    def _branch(self, thing: Thing, ends: tuple[str, str]) -> Branch:
        is_line = thing.kind in LINES
        return Branch(
            name=thing.key,
            here=ends[0],
            there=ends[1],
            kind=LINES.get(thing.kind, "link"),
            length_m=self._length_m(thing) if is_line else 0.0,
            rating_kw=round(rating_kw(self._amps(thing), self.circuit.nodes[ends[0]].kv), 1),
            phases=_phases(thing.get("phases")),
            in_service=not _opened(thing),
            spare_name=f"{thing.kind} {thing.key}",
        )

    def _length_m(self, thing: Thing) -> float:
        found = QUANTITY.match(thing.get("length"))
        unit = METRES.get((found[2] or "ft").lower()) if found else None
        if found is None or unit is None:
            self.unmeasured += 1
            return 0.0
        return max(float(found[1]) * unit, 0.0)

    def _amps(self, thing: Thing) -> float:
        """What a line may carry: its own rating, else that of the conductor of its configuration."""
        if own := figure(thing.get("continuous_rating")):
            return own
        configuration = self.by_key.get(thing.get("configuration"))
        names = [configuration.get(f"conductor_{each}") for each in "abc12"] if configuration else []
        conductors = [self.by_key[name] for name in names if name in self.by_key]
        rated = [figure(each.get("rating.summer.continuous")) for each in conductors]
        return min((each for each in rated if each > 0), default=math.nan)

    def _devices(self) -> None:
        partly: list[str] = []
        for thing in self.each(*DEVICES):
            if (ends := self.ends(thing)) is None:
                continue
            opened = _phases_open(thing)
            if any(opened) and not all(opened) and not _opened(thing):
                partly.append(thing.key)
            self.circuit.devices.append(
                Device(
                    name=thing.key,
                    here=ends[0],
                    there=ends[1],
                    kind=DEVICES[thing.kind],
                    remote=thing.kind in ("recloser", "relay"),
                    normal_open=_opened(thing) or bool(opened and all(opened)),
                    spare_name=f"{thing.kind} {thing.key}",
                )
            )
        self.circuit.note_partly_open(partly)

    def _transformers(self) -> None:
        for thing in self.each("transformer"):
            if (ends := self.ends(thing)) is None:
                continue
            configuration = self.by_key.get(thing.get("configuration"))
            if configuration is None and thing.get("configuration"):
                name = thing.get("configuration")
                self._fault(
                    thing, f"'configuration' is '{name}', which is not there{nearest(name, self.by_key)}"
                )
                continue
            self.circuit.transformers.append(
                Transformer(
                    name=thing.key,
                    ends=ends,
                    rating_kva=kva_of(configuration) if configuration else 0.0,
                    in_service=not _opened(thing),
                    spare_name=f"transformer {thing.key}",
                )
            )

    def _loads(self) -> None:
        houses = Counter[str]()
        for house in self.each("house"):
            if (node := self.node_of(house)) is not None:
                houses[node] += house.count
        metered: dict[str, list[str]] = {}
        kva: dict[str, float] = {}
        for thing in self.each(*sorted(TAKING)):
            node = self.node_of(thing) or thing.key
            power = load_kva(thing)
            if thing.kind in METERS:
                metered.setdefault(node, []).append(thing.key)
            if power > 0 or thing.kind in ALWAYS_TAKING:
                kva[node] = kva.get(node, 0.0) + power
        for node in dict.fromkeys((*kva, *houses)):
            self.circuit.loads.append(
                Load(name=node, node=node, kva=kva.get(node, 0.0), spare_name=f"load {node}", key=node)
            )
            self._customers(node, houses[node], metered.get(node, []))

    def _customers(self, node: str, houses: int, meters: list[str]) -> None:
        place = self.circuit.nodes[node].place
        ids = (
            meters
            if houses <= 1 or len(meters) > 1
            else [f"{meters[0] if meters else node} / {at + 1}" for at in range(houses)]
        )
        ids = ids or ([node] if houses else [])
        self.circuit.customers += [Customer(id=each, load=node, place=place) for each in ids]

    def _swing(self) -> None:
        """Without a swing bus, a part is fed where its links begin, as the engine's sweeps do it."""
        if self.circuit.infeeds:
            return
        graph = nx.DiGraph()
        links: tuple[Branch | Device, ...] = (*self.circuit.branches, *self.circuit.devices)
        graph.add_edges_from((each.here, each.there) for each in links)
        graph.add_edges_from(each.ends for each in self.circuit.transformers)
        for part in nx.weakly_connected_components(graph):
            heads = sorted(node for node in part if graph.in_degree(node) == 0)
            if len(heads) == 1:
                self.circuit.infeeds.append(Infeed(name=heads[0], node=heads[0]))
        where = ", ".join(f"'{each.name}'" for each in self.circuit.infeeds[:5]) or "nowhere"
        text = f"no swing bus; supply is taken to come in where links begin: {where}"
        self.circuit.note("no-swing", "nodes", text)

    def _not_read(self) -> None:
        feeding = sum(thing.count for thing in self.each(*sorted(GENERATORS)))
        if feeding:
            text = f"{counted(feeding, 'generator')} not read: only the swing bus is a source"
            self.circuit.note("generators", "generators", text)
        left = Counter({kind: len(self.of_kind[kind]) for kind in self.of_kind if self._is_odd_link(kind)})
        for kind, count in left.items():
            self.circuit.note(
                "not-read", kind, f"{count:,} with 'from' and 'to', of a class that is not read; left out"
            )

    def _is_odd_link(self, kind: str) -> bool:
        known = kind in NODES or kind in LINES or kind in LINKS or kind in DEVICES or kind == "transformer"
        return not known and all(each.get("from") and each.get("to") for each in self.of_kind[kind])


def _node(thing: Thing) -> Node:
    volts = figure(thing.get("nominal_voltage"))
    triplex = thing.kind.startswith("triplex") and TRIPLEX_V[0] <= volts <= TRIPLEX_V[1]
    kv = volts * (2.0 if triplex else math.sqrt(3)) / 1000
    lon, lat = thing.get("longitude"), thing.get("latitude")
    place = (angle(lon), angle(lat)) if lon and lat else None
    known = place is not None and all(math.isfinite(each) for each in place)
    return Node(
        name=thing.key,
        kv=round(kv, 3) if kv > 0 else math.nan,
        place=place if known else None,
        spare_name=f"{thing.kind} {thing.key}",
    )


def _opened(thing: Thing) -> bool:
    return thing.get("status").upper() in ("OPEN", "BLOWN")


def _phases_open(thing: Thing) -> list[bool]:
    """Whether each phase of a device is open, where the file says so of phases."""
    said = [thing.get(f"phase_{each}_{word}").upper() for each in "abc" for word in ("state", "status")]
    found = [each in ("OPEN", "BLOWN") for each in said if each]
    return found if len(found) >= len(_phases(thing.get("phases"))) else [*found, False]


def _phases(text: str) -> str:
    """Which of A, B, C an element has."""
    return "".join(each for each in "ABC" if each in text.upper())
