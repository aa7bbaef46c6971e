"""What goes dark: behind an open device, and behind the device that trips on a fault.

source --[breaker B]-- s1 --[switch]-- s2 --[fuse F]-- s3
                                        ^ fault on s2: B opens, s1 s2 s3 are dead
                                                       fault on s3: F opens, s3 is dead
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import GeoError, GeoFault, nearest
from .elements import Fault, Indices
from .network import Grid
from .topology import NONE
from .tree import Tree


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What is without supply.

    Attributes
    ----------
    dead_section_idx : positions of the dead sections, ascending in preorder of the tree.
    dead_transformers : ids of the transformers without supply, faulted ones included.
    dead_lv_mains : ids of low-voltage mains that are out by a fault of their own circuit.
    protecting_device : fault id to the device that opened for it; None where no device did
        (a transformer, a service, or nothing between the fault and the source).
    phases : fault id to the phases that it puts out; empty means all of them.
    """

    grid: Grid
    dead_section_idx: Indices
    dead_transformers: tuple[str, ...]
    dead_lv_mains: tuple[str, ...]
    protecting_device: Mapping[str, str | None]
    phases: Mapping[str, str]

    @cached_property
    def dead_sections(self) -> tuple[str, ...]:
        """Ids of the dead sections."""
        return tuple(self.grid.section_ids[self.dead_section_idx].tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A fault put on the grid, by positions; what does not apply is -1."""

    section: int = NONE
    device: int = NONE
    transformer: int = NONE
    circuit: int = NONE
    lon: float
    lat: float


def locate(grid: Grid, faults: Sequence[Fault]) -> tuple[Located, ...]:
    """Put faults on the grid.

    Raises
    ------
    GeoError
        If a place is unknown (with the nearest known name) or an id is used twice.
    """
    wrong: list[GeoFault] = []
    found: list[Located] = []
    seen: set[str] = set()
    for fault in faults:
        if fault.id in seen:
            wrong.append(_wrong(fault, "duplicate fault id"))
        seen.add(fault.id)
        try:
            found.append(_located(grid, fault))
        except KeyError:
            wrong.append(_wrong(fault, f"unknown {fault.kind} '{fault.place}'{_hint(grid, fault)}"))
    if wrong:
        raise GeoError(wrong)
    return tuple(found)


def _wrong(fault: Fault, text: str) -> GeoFault:
    return GeoFault(file="faults", place=f"fault '{fault.id}'", text=text, code="fault")


def _hint(grid: Grid, fault: Fault) -> str:
    known: Mapping[str, Mapping[str, int]] = {
        "line": grid.line_at,
        "switch": grid.switch_at,
        "transformer": grid.transformer_at,
        "bus": grid.bus_at,
    }
    if fault.kind not in known:
        return "; a service fault at something the grid does not know needs lon and lat"
    return nearest(fault.place, known[fault.kind])


def _located(grid: Grid, fault: Fault) -> Located:
    lon, lat = _where(grid, fault)
    of_bus = grid.sectioning.of_bus
    match fault.kind:
        case "line":
            at = grid.line_at[fault.place]
            circuit = int(grid.sectioning.circuit_of_line[at])
            section = NONE if circuit != NONE else int(of_bus[grid.lines.from_idx[at]])
            return Located(section=section, circuit=circuit, lon=lon, lat=lat)
        case "bus":
            return Located(section=int(of_bus[grid.bus_at[fault.place]]), lon=lon, lat=lat)
        case "switch":
            return Located(device=grid.switch_at[fault.place], lon=lon, lat=lat)
        case "transformer":
            return Located(transformer=grid.transformer_at[fault.place], lon=lon, lat=lat)
        case _:
            return Located(lon=lon, lat=lat)


def _where(grid: Grid, fault: Fault) -> tuple[float, float]:
    given = (fault.lon, fault.lat)
    kinds = [fault.kind] if fault.kind != "service" else ["transformer", "line", "bus", "switch"]
    for kind in kinds:
        try:
            lon, lat = grid.place_of(kind, fault.place)
        except KeyError:
            continue
        return (lon if given[0] is None else given[0]), (lat if given[1] is None else given[1])
    if fault.kind == "service" and fault.lon is not None and fault.lat is not None:
        return fault.lon, fault.lat
    raise KeyError(fault.place)


def trace(
    grid: Grid,
    *,
    open_devices: Iterable[str] = (),
    close_devices: Iterable[str] = (),
    faults: Sequence[Fault] = (),
) -> Trace:
    """Find what is dead when devices open (or close) and faults trip their protection.

    Parameters
    ----------
    grid : the grid as it is run.
    open_devices, close_devices : ids operated on top of the present state.
    faults : each opens the nearest protective device towards the source (breaker,
        recloser or fuse); a faulted device is open itself.

    Returns
    -------
    Trace
        What is dead and what has tripped.

    Raises
    ------
    GeoError
        If a device or a fault's place is unknown.
    """
    opened, closing = _devices(grid, open_devices), _devices(grid, close_devices)
    closing = [device for device in closing if not grid.switches.closed[device]]
    tree, dark = grid.run_tree, []
    opened += [device for device in grid.tripped.tolist() if device not in closing]
    if any(not grid.run_closed[device] for device in closing) or len(tree.extra):
        closed = grid.run_closed.copy()
        closed[closing] = True
        closed[opened] = False
        tree = grid.grown(np.flatnonzero(closed))
    else:
        dark = [int(child) for child in tree.child[opened] if child != NONE]
    located = locate(grid, faults)
    tripped = [protecting_device(grid, tree, place) for place in located]
    for place, device in zip(located, tripped, strict=True):
        if device != NONE and tree.child[device] != NONE:
            dark.append(int(tree.child[device]))
        elif device == NONE and place.section != NONE and tree.root[place.section] != NONE:
            dark.append(int(tree.root[place.section]))
    names = {fault.id: _name(grid, device) for fault, device in zip(faults, tripped, strict=True)}
    phases = {
        fault.id: phases_out(grid, fault, device) for fault, device in zip(faults, tripped, strict=True)
    }
    return _traced(grid, tree, dark, located, names, phases)


def phases_out(grid: Grid, fault: Fault, device: int) -> str:
    """Phases that a fault puts out: its own where a fuse clears it, else all (empty).

    Fuses blow phase by phase; breakers and reclosers open all three.

    Parameters
    ----------
    device : position of the device that opened for the fault, -1 for none.
    """
    own = fault.phases
    if not own and fault.kind == "line":
        own = str(grid.lines.phases[grid.line_at[fault.place]] or "")
    known = "".join(sorted(set(own.upper()) & set("ABC")))
    fused = device != NONE and str(grid.switches.kind[device]) == "fuse"
    return known if fused and len(known) < 3 else ""


def _traced(
    grid: Grid,
    tree: Tree,
    dark: Sequence[int],
    located: Sequence[Located],
    names: Mapping[str, str | None],
    phases: Mapping[str, str],
) -> Trace:
    runs = merged_runs(tree, dark)
    unreached = np.flatnonzero(tree.position == NONE)
    sections = np.concatenate([*(tree.order[start:stop] for start, stop in runs), unreached])
    if tree is grid.run_tree:
        places = grid.transformers_in_order[1]
        ids = grid.transformer_ids_in_order
        cuts = [np.searchsorted(places, run) for run in runs]
        dead = [name for start, stop in cuts for name in ids[start:stop].tolist()]
        if len(unreached):
            dead += grid.transformers.ids[tree.position[grid.transformer_sections] == NONE].tolist()
    else:
        out = np.zeros(grid.sectioning.count, dtype=bool)
        out[sections] = True
        dead = grid.transformers.ids[out[grid.transformer_sections]].tolist()
    broken = [grid.transformers.ids[place.transformer] for place in located if place.transformer != NONE]
    if broken:
        known = set(dead)
        dead += [name for name in dict.fromkeys(broken) if name not in known]
    circuits = sorted({place.circuit for place in located if place.circuit != NONE})
    mains = (
        grid.lines.ids[np.isin(grid.sectioning.circuit_of_line, circuits)]
        if circuits
        else np.empty(0, object)
    )
    return Trace(
        grid=grid,
        dead_section_idx=sections,
        dead_transformers=tuple(dead),
        dead_lv_mains=tuple(mains.tolist()),
        protecting_device=names,
        phases=phases,
    )


def merged_runs(tree: Tree, tops: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of preorder places at and behind these sections, ascending, without overlap."""
    runs: list[tuple[int, int]] = []
    for start in sorted({int(tree.position[top]) for top in tops if tree.position[top] != NONE}):
        if not runs or start >= runs[-1][1]:
            runs.append((start, start + int(tree.size[tree.order[start]])))
    return runs


def protecting_device(grid: Grid, tree: Tree, place: Located) -> int:
    """Position of the device that opens for a fault: the nearest protective one towards the source.

    Where none lies between the fault and the source, the first device of the feeder
    (somebody has to open it); -1 for what trips no device.
    """
    if place.device != NONE:
        return place.device if tree.child[place.device] != NONE else NONE
    if place.section == NONE:
        return NONE
    section, protective = place.section, grid.switches.protective
    while (device := int(tree.device[section])) != NONE:
        if protective[device]:
            return device
        section = int(tree.parent[section])
    return int(tree.first[place.section])


def downstream(grid: Grid, device: str) -> tuple[str, ...]:
    """Transformers that lose supply when this device opens, at present.

    Parameters
    ----------
    grid : the grid as it runs at present.
    device : id of a device.

    Returns
    -------
    tuple of str
        Ids of transformers.

    Raises
    ------
    GeoError
        If the grid has no such device.
    """
    return trace(grid, open_devices=[device]).dead_transformers


def upstream_devices(grid: Grid, transformer: str) -> tuple[str, ...]:
    """Closed devices between a transformer and its source, nearest first; empty without supply.

    Parameters
    ----------
    grid : the grid as it runs at present.
    transformer : id of a transformer.

    Returns
    -------
    tuple of str
        Ids, the nearest first.

    Raises
    ------
    GeoError
        If the grid has no such transformer.
    """
    if transformer not in grid.transformer_at:
        hint = nearest(transformer, grid.transformer_at)
        raise GeoError(
            GeoFault(file=grid.name, place="transformers", text=f"unknown transformer '{transformer}'{hint}")
        )
    section, tree = int(grid.transformer_sections[grid.transformer_at[transformer]]), grid.run_tree
    path = []
    while (device := int(tree.device[section])) != NONE:
        path.append(str(grid.switches.ids[device]))
        section = int(tree.parent[section])
    return tuple(path)


def _devices(grid: Grid, names: Iterable[str]) -> list[int]:
    wanted = list(names)
    unknown = [name for name in wanted if name not in grid.switch_at]
    if unknown:
        texts = [(name, f"unknown device '{name}'{nearest(name, grid.switch_at)}") for name in unknown]
        raise GeoError([GeoFault(file=grid.name, place="switches", text=text) for _, text in texts])
    return [grid.switch_at[name] for name in wanted]


def _name(grid: Grid, device: int) -> str | None:
    return None if device == NONE else str(grid.switches.ids[device])
