"""What brings back supply: blocks of transformers, and for each the sets of steps (WAYS) that restore it.

    source A --[B]-- s1 --[S12]-- s2 --[S23]-- s3 --/T/-- source B's feeder
                                  x fault: B opens, s1 s2 s3 are dead

    block s1: repair                     or  open S12, close B       (back-switching from its own side)
    block s2: repair
    block s3: repair                     or  open S23, close T       (if T's feeder can carry s3)

A way is a set without order; where order matters for safety a step names the steps it comes
`after`: a device is never closed towards a fault that is neither repaired nor cut off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import GeoError, GeoFault, nearest
from .capacity import Capacity
from .elements import Fault
from .network import Grid
from .outline import Edge, Outline, Sketch
from .shedding import relieving_devices
from .steps import Step, StepBook
from .topology import NONE
from .tracing import Located, locate, phases_out, protecting_device
from .ways import Candidate, Names, Way, WaySearch, smallest

MOST_WAYS = 6
EVERY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationBlock:
    """Transformers that come back together, by the earliest finished way.

    Attributes
    ----------
    id : name of the block.
    transformers : ids of those that come back.
    faults : ids of those that keep it out.
    ways : sets of steps, each enough; the first is always to repair all faults.
    lv_mains : low-voltage mains out by a fault of their own; the customers on them come back by
        this block and not by that of their transformer.
    phases : only customers on these are out; empty means all.
    """

    id: str
    transformers: tuple[str, ...]
    faults: tuple[str, ...]
    ways: tuple[Way, ...]
    lv_mains: tuple[str, ...] = ()
    phases: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What brings the customers back.

    Attributes
    ----------
    blocks : transformers that come back together.
    steps : what the ways are made of, by id.
    """

    blocks: tuple[RestorationBlock, ...]
    steps: Mapping[str, Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """A state of the switches, as what differs from the grid as it was run before the faults."""

    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


Carries = Callable[[Switched], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """Faults that keep something out, and the ways to bring it back (the first: repair all)."""

    faults: frozenset[int]
    ways: tuple[Way, ...]


def restore(
    grid: Grid,
    faults: Sequence[Fault],
    *,
    load_kw: Mapping[str, float] | None = None,
    generators_at: Iterable[str] = (),
    switching: bool = True,
    most_ways: int = MOST_WAYS,
    every_device: bool = False,
    carries: Carries | None = None,
) -> Restoration:
    """Find the blocks that faults put out and the ways to bring each back.

    Parameters
    ----------
    grid : the grid as it is run.
    faults : what is broken, in any order.
    load_kw : load of transformers, kW, for the rating check of ties; one that is not named
        counts with its rated power.
    generators_at : transformers that a mobile generator may feed (of important customers).
    switching : offer switching; with False the only way is to repair (for comparison).
    most_ways : ways kept per block, the quickest by rough durations; repairing all is always one.
    every_device : consider every device instead of the nearest and the nearest remote one to
        each fault; for small grids.
    carries : asked of the state that a way over a tie leads to, beside the check of ratings: a
        power flow (`geo.grid.powerflow`), say. It looks at each way alone, the ratings at all together.

    Returns
    -------
    Restoration
        Blocks with their ways, and the steps in them.

    Raises
    ------
    GeoError
        If a fault's place or a transformer is unknown, or the grid is not radial as it is run.
    """
    located = locate(grid, faults)
    wanted = _known_transformers(grid, generators_at)
    sketch = Sketch(grid, located, every_device=every_device)
    paths = EVERY if every_device else most_ways
    found = _searched(grid, faults, located, sketch, load_kw, paths, EVERY if every_device else 12, switching)
    check = _Check(grid, found.book, found.capacity, found.search, carries)
    ways = _cell_ways(grid, found.drawn, found.search, check, switching, most_ways)
    blocks = _blocks(grid, located, found.drawn, ways, wanted, found.book)
    named = {name for block in blocks for way in block.ways for name in way}
    return Restoration(blocks=tuple(blocks), steps=found.book.used(named, found.search))


class _Searched(NamedTuple):
    """What ways are looked for in."""

    drawn: Outline
    capacity: Capacity
    book: StepBook
    search: WaySearch


def _searched(
    grid: Grid,
    faults: Sequence[Fault],
    located: Sequence[Located],
    sketch: Sketch,
    load_kw: Mapping[str, float] | None,
    most_paths: int,
    most_sets: int,
    switching: bool,
) -> _Searched:
    """Draw the grid around the faults; once more, with what relieves a tie that is overloaded."""

    def over(drawn: Outline, capacity: Capacity) -> _Searched:
        book = StepBook(grid, faults, located, drawn)
        search = WaySearch(drawn, book.names(), most_paths=most_paths, most_sets=most_sets)
        return _Searched(drawn, capacity, book, search)

    drawn = sketch.outline()
    found = over(drawn, Capacity(grid, drawn, load_kw))
    if not switching or not found.capacity.rated:
        return found
    relief = relieving_devices(
        grid, drawn, found.capacity, lambda edge: found.search.prerequisite(edge).cells
    )
    if not relief:
        return found
    drawn = sketch.outline(more=set(relief.values()))
    again = over(drawn, found.capacity.redrawn(drawn))
    again.search.relief = _relief(again.capacity, relief)
    return again


def _relief(
    capacity: Capacity, devices: Mapping[tuple[int, int], int]
) -> Callable[[Edge, frozenset[int]], int]:
    """Device to open before a tie that cannot carry its cells; -1 where it can."""

    def device(edge: Edge, cells: frozenset[int]) -> int:
        return NONE if capacity.carries(edge, cells) else devices.get((edge.device, edge.entry), NONE)

    return device


def _known_transformers(grid: Grid, names: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(names)
    if unknown := sorted(wanted - grid.transformer_at.keys()):
        raise GeoError(
            [
                GeoFault(
                    file="generators",
                    place=f"transformer '{name}'",
                    text=f"unknown transformer{nearest(name, grid.transformer_at)}",
                )
                for name in unknown
            ]
        )
    return wanted


@dataclass(frozen=True, slots=True)
class _Check:
    """Whether what comes alive by a way over ties can be carried."""

    grid: Grid
    book: StepBook
    capacity: Capacity
    search: WaySearch
    carries: Carries | None

    def carried(self, offer: Candidate) -> bool:
        """Set capacity aside for a way, if its ties have room for it and the state it leads to holds."""
        ties = [edge for edge in offer.path.edges if edge.kind == "tie"]
        if not ties:
            return True
        if self.carries is not None and not self.carries(self._state(offer.way)):
            return False
        if not self.capacity.rated:
            return True
        first = self.search.prerequisite(ties[0]).cells
        return self.capacity.reserve(offer.path.edges, self.search.region(offer.path, offer.way), first)

    def _state(self, way: Way) -> Switched:
        """What stands open and closed when exactly the steps of a way are done."""
        steps = [self.book.steps[name] for name in way]
        closed = {each.device for step in steps for each in step.actions if each.action == "close"}
        opened = {each.device for step in steps for each in step.actions if each.action == "open"}
        tripped = {str(self.grid.switches.ids[device]) for device in self.book.drawn.trippers}
        run = {name for name in closed if self.grid.run_closed[self.grid.switch_at[name]]}
        return Switched(opened=frozenset(opened | (tripped - closed)), closed=frozenset(closed - run))


def _cell_ways(
    grid: Grid, drawn: Outline, search: WaySearch, check: _Check, switching: bool, most_ways: int
) -> dict[int, _Ways]:
    """Ways of every cell that feeds a transformer, with capacity set aside for those that need it."""
    feeding = set(grid.transformer_sections.tolist())
    cells = [cell for cell, sections in enumerate(drawn.sections) if not feeding.isdisjoint(sections)]
    plain = {cell: search.repair_all(cell) for cell in cells}
    kept: dict[int, list[Way]] = {cell: [plain[cell].way] for cell in cells}
    if switching:
        paths = search.paths()
        offers = [
            (offer, cell) for cell in cells for path in paths[cell] for offer in search.candidates(path)
        ]
        offers.sort(key=lambda pair: (pair[0].minutes, pair[1], search.rank(pair[0].way)))
        for offer, cell in offers:
            # what comes now is slower than what is kept, and what contains a way kept is never used
            if len(kept[cell]) > most_ways or any(way <= offer.way for way in kept[cell]):
                continue
            if check.carried(offer):
                kept[cell].append(offer.way)
    fault_of = _faults_by_step(drawn, search.names)
    return {
        cell: _Ways(
            faults=frozenset(fault_of[step] for step in plain[cell].way),
            ways=_chosen(found, search, most_ways),
        )
        for cell, found in kept.items()
    }


def _faults_by_step(drawn: Outline, names: Names) -> dict[str, int]:
    every = {fault for found in drawn.faults for fault in found}
    every |= {fault for edges in drawn.edges.values() for edge in edges for fault in edge.repairs}
    return {names.repair(fault): fault for fault in every}


def _chosen(found: list[Way], search: WaySearch, most_ways: int) -> tuple[Way, ...]:
    """Keep the way of repairs first, then the quickest others."""
    plain = found[0]
    others = [way for way in smallest(found, search.rank, len(found)) if way != plain]
    return (plain, *others[: max(most_ways - 1, 0)])


def _blocks(
    grid: Grid,
    located: Sequence[Located],
    drawn: Outline,
    ways: Mapping[int, _Ways],
    generators_at: frozenset[str],
    book: StepBook,
) -> list[RestorationBlock]:
    groups: dict[_Ways, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    nothing = _Ways(faults=frozenset(), ways=())
    broken: dict[int, set[int]] = defaultdict(set)
    for at, place in enumerate(located):
        if place.transformer != NONE:
            broken[place.transformer].add(at)

    sections: list[int] = grid.transformer_sections.tolist()
    names_of: list[str] = grid.transformers.ids.tolist()

    def of_transformer(at: int) -> _Ways:
        cell = drawn.cell_of.get(sections[at])
        found = _with_repairs(ways[cell] if cell is not None else nothing, broken.get(at, set()), book)
        name = names_of[at]
        if name in generators_at and found.ways:
            return _Ways(faults=found.faults, ways=(*found.ways, frozenset([book.generator(name)])))
        return found

    of_cell: dict[int, tuple[list[str], list[str]]] = {}
    out = np.isin(grid.transformer_sections, list(drawn.cell_of))
    out[list(broken)] = True
    for at in np.flatnonzero(out).tolist():
        if at in broken or names_of[at] in generators_at:
            groups[of_transformer(at)][0].append(names_of[at])
            continue
        cell = drawn.cell_of[sections[at]]
        if cell not in of_cell:
            of_cell[cell] = groups[ways[cell]]
        of_cell[cell][0].append(names_of[at])
    for circuit, found in _circuit_ways(grid, located, drawn, ways, broken, book).items():
        mains = grid.lines.ids[grid.sectioning.circuit_of_line == circuit]
        groups[found][1].extend(mains.tolist())
    phases = _phases_of_faults(grid, located, book)
    return [
        RestorationBlock(
            id=f"block-{number}",
            transformers=tuple(names),
            lv_mains=tuple(mains),
            faults=tuple(book.faults[at].id for at in sorted(found.faults)),
            ways=found.ways,
            phases=_joined(phases[at] for at in found.faults),
        )
        for number, (found, (names, mains)) in enumerate(groups.items(), start=1)
    ]


def _phases_of_faults(grid: Grid, located: Sequence[Located], book: StepBook) -> list[str]:
    """Phases that each fault puts out; empty means all."""
    tripped = (protecting_device(grid, grid.run_tree, place) for place in located)
    return [phases_out(grid, fault, device) for fault, device in zip(book.faults, tripped, strict=True)]


def _joined(phases: Iterable[str]) -> str:
    """Phases that several faults together put out; empty means all."""
    out = list(phases)
    return "".join(sorted(set("".join(out)))) if out and all(out) else ""


def _with_repairs(found: _Ways, more: set[int], book: StepBook) -> _Ways:
    """Add repairs that every way needs."""
    if not more:
        return found
    repairs = frozenset(book.repair(at) for at in more)
    ways = tuple(dict.fromkeys(way | repairs for way in found.ways or (frozenset(),)))
    return _Ways(faults=found.faults | more, ways=ways)


def _circuit_ways(
    grid: Grid,
    located: Sequence[Located],
    drawn: Outline,
    ways: Mapping[int, _Ways],
    broken: Mapping[int, set[int]],
    book: StepBook,
) -> dict[int, _Ways]:
    """Ways of the low-voltage circuits that have a fault of their own."""
    faulty: dict[int, set[int]] = defaultdict(set)
    for at, place in enumerate(located):
        if place.circuit != NONE:
            faulty[place.circuit].add(at)
    found = {}
    for circuit, own in faulty.items():
        bus = int(grid.sectioning.circuit_bus[circuit])
        cell = drawn.cell_of.get(int(grid.sectioning.of_bus[bus])) if bus != NONE else None
        feeding = np.flatnonzero(grid.transformers.bus_idx == bus).tolist()
        # where several transformers share the bus the books do not say which feeds the main
        more = set(own).union(*(broken.get(at, set()) for at in feeding)) if len(feeding) == 1 else own
        above = ways.get(cell) if cell is not None else None
        found[circuit] = _with_repairs(above or _Ways(faults=frozenset(), ways=()), more, book)
    return found
