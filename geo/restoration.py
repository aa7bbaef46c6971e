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
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .capacity import Capacity
from .elements import Fault, SwitchAction
from .errors import GeoError, GeoFault, nearest
from .grid import Grid
from .outline import LIVE, Edge, Outline, outline
from .shedding import relieving_devices
from .topology import NONE
from .tracing import Located, locate, protecting_device
from .ways import Candidate, Names, Way, WaySearch, smallest

MOST_WAYS = 6
EVERY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stay of one crew, or one operation from the control room.

    Parameters
    ----------
    kind : ``repair`` of a fault, ``switching``, or ``generator`` (bring a mobile generator).
    fault : id of the fault that a repair mends.
    actions : operations in order; those of a repair are what puts its section back.
    remote : done by the control room, nobody drives.
    after : ids of steps that must be finished before this one may start.
    towards : the bus that a closing feeds; what stands in `after` makes that side safe.
    transformer : where a generator is connected.
    """

    id: str
    kind: Literal["repair", "switching", "generator"]
    fault: str | None = None
    actions: tuple[SwitchAction, ...] = ()
    remote: bool = False
    lon: float
    lat: float
    after: tuple[str, ...] = ()
    towards: str | None = None
    transformer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationBlock:
    """Transformers that come back together, by the earliest finished way.

    `faults` are those that keep it out; the first way is always to repair all of them.
    `lv_mains` are low-voltage mains out by a fault of their own: the customers on them come
    back by this block and not by that of their transformer.
    """

    id: str
    transformers: tuple[str, ...]
    faults: tuple[str, ...]
    ways: tuple[Way, ...]
    lv_mains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """Blocks, and the steps that their ways are made of."""

    blocks: tuple[RestorationBlock, ...]
    steps: Mapping[str, Step]


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
) -> Restoration:
    """Find the blocks that faults put out and the ways to bring each back.

    Parameters
    ----------
    load_kw : load of transformers, kW, for the rating check of ties; one that is not named
        counts with its rated power.
    generators_at : transformers that a mobile generator may feed (of important customers).
    switching : offer switching; with False the only way is to repair (for comparison).
    most_ways : ways kept per block, the quickest by rough durations; repairing all is always one.
    every_device : consider every device instead of the nearest and the nearest remote one to
        each fault; for small grids.

    Raises
    ------
    GeoError
        If a fault's place or a transformer is unknown, or the grid is not radial as it is run.
    """
    located = locate(grid, faults)
    wanted = _known_transformers(grid, generators_at)
    drawn = outline(grid, located, every_device=every_device)
    capacity = Capacity(grid, drawn, load_kw)
    most_sets = EVERY if every_device else 16
    most_paths = EVERY if every_device else most_ways + 2

    def search_over(drawn: Outline) -> tuple[_StepBook, WaySearch]:
        book = _StepBook(grid, faults, located, drawn)
        return book, WaySearch(drawn, book.names(), most_paths=most_paths, most_sets=most_sets)

    book, search = search_over(drawn)
    if switching and capacity.rated:
        relief = relieving_devices(grid, drawn, capacity, lambda edge: search.prerequisite(edge).cells)
        if relief:
            drawn = outline(grid, located, every_device=every_device, more=set(relief.values()))
            capacity = capacity.redrawn(drawn)
            book, search = search_over(drawn)
            search.relief = _relief(capacity, relief)
    ways = _cell_ways(grid, drawn, search, capacity, switching, most_ways)
    blocks = _blocks(grid, located, drawn, ways, wanted, book)
    return Restoration(blocks=tuple(blocks), steps=book.used(blocks, search))


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


def _cell_ways(
    grid: Grid, drawn: Outline, search: WaySearch, capacity: Capacity, switching: bool, most_ways: int
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
            if _carried(search, capacity, offer):
                kept[cell].append(offer.way)
    fault_of = _faults_by_step(drawn, search.names)
    return {
        cell: _Ways(
            faults=frozenset(fault_of[step] for step in plain[cell].way),
            ways=_chosen(found, search, most_ways),
        )
        for cell, found in kept.items()
    }


def _carried(search: WaySearch, capacity: Capacity, offer: Candidate) -> bool:
    ties = [edge for edge in offer.path.edges if edge.kind == "tie"]
    if not ties or not capacity.rated:
        return True
    first = search.prerequisite(ties[0]).cells
    return capacity.reserve(offer.path.edges, search.region(offer.path, offer.way), first)


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
    book: _StepBook,
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
    return [
        RestorationBlock(
            id=f"block-{number}",
            transformers=tuple(names),
            lv_mains=tuple(mains),
            faults=tuple(book.faults[at].id for at in sorted(found.faults)),
            ways=found.ways,
        )
        for number, (found, (names, mains)) in enumerate(groups.items(), start=1)
    ]


def _with_repairs(found: _Ways, more: set[int], book: _StepBook) -> _Ways:
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
    book: _StepBook,
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


class _StepBook:
    """Makes steps and gives each its name."""

    def __init__(
        self, grid: Grid, faults: Sequence[Fault], located: Sequence[Located], drawn: Outline
    ) -> None:
        self.grid = grid
        self.faults = faults
        self.located = located
        self.drawn = drawn
        self.steps: dict[str, Step] = {}
        self.closings: dict[str, Edge] = {}
        for at in range(len(faults)):
            self.repair(at)

    def names(self) -> Names:
        remote = self.grid.switches.remote.tolist()
        return Names(
            repair=self.repair, open=self.open, close=self.close, remote=lambda device: remote[device]
        )

    def repair(self, fault: int) -> str:
        name = f"repair:{self.faults[fault].id}"
        if name not in self.steps:
            place = self.located[fault]
            device = protecting_device(self.grid, self.grid.run_tree, place)
            self.steps[name] = Step(
                id=name,
                kind="repair",
                fault=self.faults[fault].id,
                actions=(self.grid.action(device, close=True),) if device != NONE else (),
                lon=place.lon,
                lat=place.lat,
            )
        return name

    def open(self, device: int) -> str:
        name = f"open:{self.grid.switches.ids[device]}"
        if name not in self.steps:
            self._switching(name, self.grid.action(device, close=False))
        return name

    def close(self, edge: Edge) -> str:
        """Name the closing of a device; towards the source it is another step, as other things precede it."""
        name = f"close:{self.grid.switches.ids[edge.device]}"
        if edge.here != LIVE and self.drawn.native[edge.there] is not edge:
            name += f">{self._far_bus(edge)}"
        if name not in self.steps:
            self._switching(name, self.grid.action(edge.device, close=True))
            self.closings[name] = edge
        return name

    def _far_bus(self, edge: Edge) -> str:
        ends = (self.grid.switches.from_idx[edge.device], self.grid.switches.to_idx[edge.device])
        of_bus, cell_of = self.grid.sectioning.of_bus, self.drawn.cell_of
        bus = next(int(end) for end in ends if cell_of.get(int(of_bus[end])) == edge.there)
        return str(self.grid.buses.ids[bus])

    def generator(self, transformer: str) -> str:
        name = f"generator:{transformer}"
        lon, lat = self.grid.place_of("transformer", transformer)
        self.steps[name] = Step(id=name, kind="generator", lon=lon, lat=lat, transformer=transformer)
        return name

    def _switching(self, name: str, action: SwitchAction) -> None:
        self.steps[name] = Step(
            id=name, kind="switching", actions=(action,), remote=action.remote, lon=action.lon, lat=action.lat
        )

    def used(self, blocks: Sequence[RestorationBlock], search: WaySearch) -> dict[str, Step]:
        """Give all repairs and the other steps that some way needs, closings with what precedes them."""
        needed = {name for block in blocks for way in block.ways for name in way}
        return {
            name: self._ordered(step, search)
            for name, step in self.steps.items()
            if step.kind == "repair" or name in needed
        }

    def _ordered(self, step: Step, search: WaySearch) -> Step:
        if step.id not in self.closings:
            return step
        edge = self.closings[step.id]
        before = search.prerequisite(edge).steps
        return replace(step, after=tuple(sorted(before)), towards=self._far_bus(edge))
