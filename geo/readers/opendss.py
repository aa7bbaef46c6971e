"""OpenDSS models: the engine (`dss-python`, an extra) runs the file, and the circuit is taken from it.

What `geo.readers.circuit.conversion` says of circuits holds; and of OpenDSS:

- Phases do not count: a bus is what stands before the first dot of its name.
- A line with `switch=yes`, or watched by a SwtControl, Fuse, Recloser or Relay, is a switching device
  of that kind; what else a line is (its length) stays a line behind it. `Normal` of a SwtControl is
  the normal state, how the terminals stand is the present one. A device that protection opened is
  closed in the normal state.
- What is not `enabled`, or stands open without being a switch, is out of service.
- Lines of single phases side by side (`sw.a`, `sw.b`, `sw.c`) are one line, or one switch.
- Transformers between the same buses (a bank, regulators by phase) are one.
- Vsource is the infeed; generators, storage and photovoltaics feed nothing here.
- A model is a script and runs as one: read models of people that you trust. It can start no other
  program and no editor.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import GeoError, GeoFault
from ..units import METRES
from .apart import answer, apart
from .circuit.elements import Branch, Circuit, Device, Infeed, Load, Node, Transformer
from .circuit.figures import rating_kw
from .wires import Wire, side_by_side

CONTROLS = {"swtcontrol": "switch", "fuse": "fuse", "recloser": "recloser", "relay": "breaker"}


def opendss_circuit(path: Path) -> Circuit:
    """The circuit of a model by its main file, e.g. `Master.dss`; what it redirects to is read with it.

    Raises
    ------
    GeoError
        If the engine is not installed, refuses the model, or breaks off over it.
    """
    if find_spec("dss") is None:
        text = "reading OpenDSS needs its engine: pip install 'gridcrew[opendss]'"
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="extra"))
    # A damaged model can break the engine, and the engine the program that it runs in.
    circuit: Circuit = apart(__name__, path, "the OpenDSS engine")
    return circuit


def circuit_of(path: Path) -> Circuit:
    """The circuit of a model, taken by the engine in this very process.

    Raises
    ------
    GeoError
        The engine refuses the model.
    """
    import dss  # noqa: PLC0415  # an extra

    try:
        engine = _compiled(dss, path)
        if not engine.NumCircuits:
            raise ValueError("no circuit in it; give the main file of the model")
        return _Reading(engine.ActiveCircuit, path.name).circuit
    except (dss.DSSException, ValueError) as error:
        text = f"is no OpenDSS model that its engine takes: {str(error)[:300]}"
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="file")) from error


def _compiled(dss: Any, path: Path) -> Any:
    """An engine that has run the file, with no other program and no folder of its own.

    A few commands look for their files where the program works, not beside the model: a model with
    such a command is run from its folder.
    """
    engine = dss.DSS.NewContext()
    engine.AllowForms = engine.AllowEditor = engine.AllowDOScmd = engine.AllowChangeDir = False
    command = f'Compile "{path.resolve()}"'
    try:
        engine.Text.Command = command
    except dss.DSSException as error:
        if "does not exist" not in str(error):
            raise
        with contextlib.chdir(path.resolve().parent):
            engine.Text.Command = command
    if engine.NumCircuits:
        # A model that never solves has no list of its buses yet.
        engine.Text.Command = "MakeBusList"
    return engine


class _Reading:
    """A compiled circuit on its way to ours; nodes are known by the names of their buses."""

    def __init__(self, engine: Any, file: str) -> None:
        self.engine = engine
        self.circuit = Circuit(file=file)
        self.names: list[str] = list(engine.AllElementNames)
        self.kv: dict[str, float] = {}
        self.base_kv: dict[str, float] = {}
        self.unmeasured = 0
        self.controls = self._controls()
        self.banks: dict[frozenset[str], list[Transformer]] = {}
        self._sources()
        self._transformers()
        self._nodes()
        self._lines()
        self._reactors()
        self._loads()
        if self.unmeasured:
            self.circuit.note(
                "length", "lines", f"{self.unmeasured} without units; their length is not known"
            )

    def each(self, *kinds: str) -> Iterator[tuple[str, str]]:
        """Activate the elements of some classes one by one: class and name, in lower case."""
        for full in self.names:
            kind, _, name = full.lower().partition(".")
            if kind in kinds:
                self.engine.SetActiveElement(full)
                yield kind, name

    def buses(self) -> list[str]:
        """Buses of the active element, without their phases."""
        return [bus.partition(".")[0].lower() for bus in self.engine.ActiveCktElement.BusNames]

    def property(self, name: str) -> str:
        """A property of the active element as the engine writes it."""
        return str(self.engine.ActiveDSSElement.Properties(name).Val).strip()

    def figures(self, name: str) -> list[float]:
        """A property that is a list of numbers."""
        return [_number(text) for text in self.property(name).strip("[]() ").replace(",", " ").split()]

    def opened(self) -> bool:
        """Whether the active element stands open on all phases of a terminal."""
        element = self.engine.ActiveCktElement
        phases = range(1, element.NumPhases + 1)
        return any(
            all(element.IsOpen(end, at) for at in phases) for end in range(1, element.NumTerminals + 1)
        )

    def _controls(self) -> dict[str, tuple[str, str, bool | None]]:
        """Controls by the element they switch: kind of device, name, whether it is normally open."""
        found: dict[str, tuple[str, str, bool | None]] = {}
        for kind, name in self.each(*CONTROLS):
            if not self.engine.ActiveCktElement.Enabled:
                continue
            target = (self.property("SwitchedObj") or self.property("MonitoredObj")).lower()
            normal = self.property("Normal").lower().strip("[]() ") if kind == "swtcontrol" else "closed"
            known = None if not normal else normal.startswith("o")
            if target not in found or CONTROLS[kind] != "switch":
                found[target] = (CONTROLS[kind], name, known)
        return found

    def _sources(self) -> None:
        for _, name in self.each("vsource"):
            bus = self.buses()[0]
            if not self.engine.ActiveCktElement.Enabled:
                self.circuit.note("out-of-service", f"infeed '{name}'", "is not enabled; no source")
                continue
            self.kv.setdefault(bus, _number(self.property("basekV")))
            self.circuit.infeeds.append(Infeed(name=name, node=bus))

    def _transformers(self) -> None:
        for _, name in self.each("transformer", "autotrans"):
            element = self.engine.ActiveCktElement
            ends, kvs, kvas = self.buses(), self.figures("kVs"), self.figures("kVAs")
            for bus, kv in zip(ends, kvs, strict=False):
                # the winding of a single phase is rated from phase to neutral
                full = kv * (math.sqrt(3) if element.NumPhases == 1 else 1.0)
                self.kv.setdefault(bus, round(full, 2))
            found = Transformer(
                name=name,
                ends=tuple(dict.fromkeys(ends)),
                rating_kva=max(kvas, default=0.0),
                in_service=element.Enabled and not self.opened(),
                spare_name=f"transformer {name}",
            )
            if len(found.ends) > 1:
                self.banks.setdefault(frozenset(found.ends), []).append(found)
        self.circuit.transformers = [_one_of(bank) for bank in self.banks.values()]

    def _nodes(self) -> None:
        for name in self.engine.AllBusNames:
            self.engine.SetActiveBus(name)
            bus = self.engine.ActiveBus
            place = (float(bus.x), float(bus.y)) if bus.Coorddefined else None
            key = name.lower()
            self.base_kv[key] = self.kv.get(key) or round(bus.kVBase * math.sqrt(3), 2)
            self.circuit.nodes[key] = Node(name=key, kv=self.kv.get(key, math.nan), place=place)

    def _node(self, key: str) -> str:
        """A bus that only elements out of service have is none of the engine's; it is made here."""
        self.circuit.nodes.setdefault(key, Node(name=key, kv=self.kv.get(key, math.nan)))
        return key

    def _lines(self) -> None:
        found, partly = side_by_side(self._wires())
        for wire in found:
            self._line(wire)
        self.circuit.note_partly_open(partly)

    def _wires(self) -> Iterator[Wire]:
        """Lines that lead from one bus to another; jumpers within a bus are none."""
        for _, name in self.each("line"):
            here, there = (self._node(bus) for bus in self.buses()[:2])
            if here == there:
                continue
            element = self.engine.ActiveCktElement
            is_switch = self.property("Switch").lower().startswith(("t", "y"))
            yield Wire(
                name=name,
                here=here,
                there=there,
                phases=_phases(element.BusNames[0]),
                is_switch=is_switch,
                control=self.controls.get(f"line.{name}"),
                enabled=bool(element.Enabled),
                opened=self.opened(),
                amps=_number(self.property("NormAmps")),
                length_m=0.0 if is_switch else self._length_m(),
                cable=self.property("LineType").lower().startswith("ug"),
            )

    def _line(self, wire: Wire) -> None:
        here, opened = wire.here, wire.opened
        if (wire.is_switch or wire.control) and wire.enabled:
            behind = wire.there if wire.is_switch else self._inner(here, wire.name)
            self._device(wire.name, wire.control, here, behind, opened)
            if wire.is_switch:
                return
            here, opened = behind, False
        self.circuit.branches.append(
            Branch(
                name=wire.name,
                here=here,
                there=wire.there,
                kind="cable" if wire.cable else "overhead",
                length_m=wire.length_m,
                rating_kw=round(rating_kw(wire.amps, self.base_kv.get(wire.there, math.nan)), 1),
                phases=wire.phases,
                in_service=wire.enabled and not opened,
                spare_name=f"line {wire.name}",
            )
        )

    def _length_m(self) -> float:
        unit = METRES.get(self.property("Units").lower())
        self.unmeasured += unit is None
        return _number(self.property("Length")) * unit if unit else 0.0

    def _inner(self, here: str, line: str) -> str:
        key = f"{here} / {line}"
        node = self.circuit.nodes[here]
        self.circuit.nodes[key] = Node(name=key, kv=node.kv, place=node.place, inner=True)
        return key

    def _device(
        self, line: str, control: tuple[str, str, bool | None] | None, here: str, there: str, opened: bool
    ) -> None:
        kind, name, normal = control or ("switch", line, None)
        self.circuit.devices.append(
            Device(
                name=line if kind == "switch" else name,
                here=here,
                there=there,
                kind=kind,
                remote=kind in ("breaker", "recloser"),
                normal_open=opened if normal is None else normal,
                present_open=opened,
                spare_name=f"{kind} {name}",
            )
        )

    def _reactors(self) -> None:
        """Reactors and capacitors in series."""
        for kind, name in self.each("reactor", "capacitor"):
            ends = self.buses()
            if len(ends) == 2 and ends[0] != ends[1]:
                self.circuit.branches.append(
                    Branch(
                        name=name,
                        here=self._node(ends[0]),
                        there=self._node(ends[1]),
                        kind="link",
                        in_service=bool(self.engine.ActiveCktElement.Enabled) and not self.opened(),
                        spare_name=f"{kind} {name}",
                    )
                )

    def _loads(self) -> None:
        away = 0
        for _, name in self.each("load"):
            element = self.engine.ActiveCktElement
            if not element.Enabled:
                away += 1
                continue
            self.circuit.loads.append(
                Load(
                    name=name,
                    node=self._node(self.buses()[0]),
                    kva=_number(self.property("kVA")),
                    in_service=not self.opened(),
                    spare_name=f"load {name}",
                    key=name,
                )
            )
        if away:
            self.circuit.note("out-of-service", "loads", f"{away} not enabled; left out")


def _one_of(bank: list[Transformer]) -> Transformer:
    """One transformer for all between the same buses, in service where one of them is."""
    if len(bank) == 1:
        return bank[0]
    return Transformer(
        name=" + ".join(each.name for each in bank),
        ends=bank[0].ends,
        rating_kva=sum(each.rating_kva for each in bank),
        in_service=any(each.in_service for each in bank),
        spare_name=f"bank {bank[0].name}",
    )


def _phases(bus: str) -> str:
    """Phases by the numbers behind a bus: `bus.1.3` has A and C."""
    numbers = bus.split(".")[1:]
    return "".join("ABC"[int(each) - 1] for each in numbers if each in ("1", "2", "3"))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _main(path: Path, told: Path) -> None:
    try:
        made: Circuit | GeoError = circuit_of(path)
    except GeoError as error:
        made = error
    answer(made, told)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
