"""Whether a grid can be run as it stands: radial, every part with one source, nothing idle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import GeoFault
from .elements import Indices
from .topology import NONE, components
from .tree import Tree

if TYPE_CHECKING:
    from .network import Grid

MOST_NAMED = 5


def validate(grid: Grid) -> tuple[GeoFault, ...]:
    """Find every fault in how the grid hangs together.

    Errors: no source; loops and parallel sources, in the normal or the present state; parts with
    transformers that no source reaches; low-voltage mains between two transformers' buses.

    Warnings: rings of lines inside a section; mains behind no transformer; devices that separate
    nothing; buses that nothing touches; lines, devices and transformers of one name; parts without
    transformers that no source reaches; present states that leave parts dead.

    Parameters
    ----------
    grid : the grid.

    Returns
    -------
    tuple of GeoFault
        Empty where it is sound.
    """
    return tuple(_all(grid))


def _all(grid: Grid) -> Iterator[GeoFault]:
    if not grid.buses.source.any():
        text = "no bus has kind 'source'; nothing can be supplied"
        yield GeoFault(file=grid.name, place="buses", text=text, code="no-source")
    yield from _closed_loops(grid, grid.normal_tree, "normal")
    if grid.tree is not grid.normal_tree:
        yield from _closed_loops(grid, grid.tree, "present")
    yield from _line_loops(grid)
    yield from _islands(grid)
    yield from _idle_devices(grid)
    yield from _idle_buses(grid)
    yield from _mains(grid)
    yield from _shared_names(grid)


def _at(
    grid: Grid, kind: str, name: str, text: str, code: str, severity: Literal["error", "warning"] = "error"
) -> GeoFault:
    lon, lat = grid.place_of(kind, name)
    return GeoFault(
        file=grid.name, place=f"{kind} '{name}'", text=text, code=code, severity=severity, lon=lon, lat=lat
    )


def _closed_loops(grid: Grid, tree: Tree, state: str) -> Iterator[GeoFault]:
    for device in tree.extra.tolist():
        name = str(grid.switches.ids[device])
        here, there = (int(tree.root[end]) for end in grid.device_ends[device])
        if here != there:
            sources = " and ".join(f"'{_source(grid, root)}'" for root in (here, there))
            text = f"joins sources {sources} in the {state} state; open it or another device between them"
            yield _at(grid, "switch", name, text, "parallel-sources")
            continue
        loop = _loop(grid, tree, device)
        shown = ", ".join(loop[:MOST_NAMED]) + (
            f" and {len(loop) - MOST_NAMED} more" if len(loop) > MOST_NAMED else ""
        )
        text = f"closes a loop in the {state} state through {shown}; one of them must be open"
        yield _at(grid, "switch", name, text, "loop")


def _source(grid: Grid, section: int) -> str:
    held = np.flatnonzero(grid.buses.source & (grid.sectioning.of_bus == section))
    return str(grid.buses.ids[held[0]])


def _loop(grid: Grid, tree: Tree, device: int) -> list[str]:
    """Devices on the tree between the two ends of a device."""
    paths = []
    for end in grid.device_ends[device].tolist():
        path, here = [], end
        while tree.device[here] != NONE:
            path.append(int(tree.device[here]))
            here = int(tree.parent[here])
        paths.append(path)
    common = set(paths[0]) & set(paths[1])
    return [str(grid.switches.ids[at]) for path in paths for at in path if at not in common]


def _line_loops(grid: Grid) -> Iterator[GeoFault]:
    """Find lines that close a ring inside a section: no switch can part them."""
    parent = list(range(len(grid.buses)))

    def top(bus: int) -> int:
        while parent[bus] != bus:
            parent[bus] = parent[parent[bus]]
            bus = parent[bus]
        return bus

    lines = grid.lines
    for at, (here, there) in enumerate(zip(lines.from_idx.tolist(), lines.to_idx.tolist(), strict=True)):
        one, other = top(here), top(there)
        if one != other:
            parent[one] = other
            continue
        text = "closes a ring of lines that no switching device can part"
        if here == there:
            text = f"begins and ends at bus '{grid.buses.ids[here]}'"
        name = str(lines.ids[at])
        # a ring of lines is one section whatever its shape: supply and faults stay well defined
        yield _at(grid, "line", name, text, "line-loop", "warning")


def _islands(grid: Grid) -> Iterator[GeoFault]:
    normal = grid.normal_tree
    transformers = np.bincount(grid.transformer_sections, minlength=grid.sectioning.count)
    dead = np.flatnonzero(normal.position == NONE)
    for section, members in _parts(grid, dead, grid.switches.normal_closed):
        count, sections = int(transformers[members].sum()), len(members)
        name = str(grid.section_ids[section])
        extent = f"{_counted(sections, 'section')} and {_counted(count, 'transformer')}"
        text = (
            f"no source reaches it in the normal state: an island of {extent}{_nearest_device(grid, members)}"
        )
        known = bool(grid.buses.dead[np.isin(grid.sectioning.of_bus, members)].any())
        yield _at(grid, "bus", name, text, "island", "error" if count and not known else "warning")
    if grid.tree is normal:
        return
    for section, members in _parts(grid, np.flatnonzero(grid.tree.position == NONE), grid.switches.closed):
        if (normal.position[members] == NONE).all():
            continue
        name = str(grid.section_ids[section])
        text = f"without supply in the present state: {int(transformers[members].sum())} transformers"
        yield _at(grid, "bus", name, text, "present-dead", "warning")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _parts(grid: Grid, sections: Indices, closed: np.ndarray) -> Iterator[tuple[int, Indices]]:
    """Parts of these sections that closed devices hold together, with their first section."""
    if not len(sections):
        return
    ends = grid.device_ends[closed]
    labels = components(grid.sectioning.count, ends[:, 0], ends[:, 1])[sections]
    for label in dict.fromkeys(labels.tolist()):
        part = sections[labels == label]
        yield int(part[0]), part


def _nearest_device(grid: Grid, members: Indices) -> str:
    """Name an open device that would join an island to the rest, if there is one."""
    inside = np.isin(grid.device_ends, members)
    border = np.flatnonzero(inside[:, 0] != inside[:, 1])
    if not len(border):
        return "; no switching device joins it to the rest"
    return f"; open device '{grid.switches.ids[border[0]]}' lies between it and the rest"


def _idle_devices(grid: Grid) -> Iterator[GeoFault]:
    for device in np.flatnonzero(grid.device_ends[:, 0] == grid.device_ends[:, 1]).tolist():
        name = str(grid.switches.ids[device])
        text = (
            f"separates nothing: both ends lie in section '{grid.section_ids[grid.device_ends[device, 0]]}'"
        )
        yield _at(grid, "switch", name, text, "idle-device", "warning")


def _idle_buses(grid: Grid) -> Iterator[GeoFault]:
    touched = np.zeros(len(grid.buses), dtype=bool)
    for table in (grid.lines, grid.switches):
        touched[table.from_idx] = touched[table.to_idx] = True
    for bus in np.flatnonzero(~touched).tolist():
        text = "no line and no device touches it"
        yield _at(grid, "bus", str(grid.buses.ids[bus]), text, "idle-bus", "warning")


def _mains(grid: Grid) -> Iterator[GeoFault]:
    sectioning = grid.sectioning
    first = {
        circuit: line for line, circuit in reversed(list(enumerate(sectioning.circuit_of_line.tolist())))
    }
    for circuit in np.flatnonzero(sectioning.circuit_bus == NONE).tolist():
        name = str(grid.lines.ids[first[circuit]])
        text = "low-voltage main hangs behind no transformer's bus"
        yield _at(grid, "line", name, text, "main-without-bus", "warning")
    for circuit in sectioning.split_circuits:
        name = str(grid.lines.ids[first[circuit]])
        text = "low-voltage mains join two buses; mains must be fed from one side"
        yield _at(grid, "line", name, text, "main-between-buses")


def _shared_names(grid: Grid) -> Iterator[GeoFault]:
    """Findings, calls and switching lists name a place by its id alone."""
    lines, switches, transformers = (
        set(table.ids.tolist()) for table in (grid.lines, grid.switches, grid.transformers)
    )
    for kind, other, shared in (
        ("switch", "line", switches & lines),
        ("switch", "transformer", switches & transformers),
        ("transformer", "line", transformers & lines),
    ):
        for name in sorted(shared):
            text = f"a {other} has the same id; a crew that names it means the {kind}"
            yield _at(grid, kind, name, text, "shared-name", "warning")
