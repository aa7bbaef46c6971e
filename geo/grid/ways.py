"""The sets of steps that bring a cell back: searched over the outline of the dead area.

A cell is back when supply reaches it over a PATH of cells from the live part, and nothing that
hangs on that path unparted is faulted. So for a path:

- every fault on it is repaired;
- every tie on it is closed, after what makes that safe (see `Prerequisite`);
- every device that protection opened is closed: by the last act of a repair of a fault that
  tripped it, or by a switching step of its own;
- every fault beside it is repaired, or cut off by opening one of the devices between.

Each line is a clause with alternatives; the ways are the smallest sets that satisfy all clauses.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .outline import LIVE, Edge, Outline
from .topology import NONE

Way = frozenset[str]
Rank = tuple[float, int, tuple[str, ...]]

REPAIR_MIN, MANUAL_MIN, REMOTE_MIN = 90.0, 25.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How steps are called; the same step has the same name in every way."""

    repair: Callable[[int], str]
    open: Callable[[int], str]
    close: Callable[[Edge], str]
    remote: Callable[[int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """What must be done before a device may be closed towards a cell, and which cells then come alive.

    For each fault that hangs on the cell: the nearest remote device to it is opened, else the
    nearest manual one; a fault that no device parts from the cell is repaired first. Where a tie
    cannot carry all of it, one more device is opened (`geo.grid.shedding`).
    """

    steps: Way
    cells: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A way for supply to reach a cell: edges from the live part."""

    edges: tuple[Edge, ...]
    cells: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A way with the path it is for and a rough figure of how long it takes."""

    way: Way
    path: Path
    minutes: float


class WaySearch:
    """Searches an outline for ways.

    Parameters
    ----------
    most_paths : paths kept per cell, the quickest first.
    most_sets : sets kept while the clauses of a path are worked through.
    """

    def __init__(self, outline: Outline, names: Names, *, most_paths: int, most_sets: int) -> None:
        self.outline = outline
        self.names = names
        self.most_paths = most_paths
        self.relief: Callable[[Edge, frozenset[int]], int] = lambda edge, cells: NONE
        self.most_sets = most_sets
        self.minutes_of: dict[str, float] = {}
        self._ranks: dict[Way, Rank] = {}
        self._opens: dict[int, str] = {}
        self._closes: dict[tuple[int, int], str] = {}
        self._repaired: dict[frozenset[int], Way] = {}
        self._prerequisites: dict[tuple[int, int], Prerequisite] = {}
        self._hanging: dict[tuple[int, frozenset[int]], list[tuple[int, tuple[Edge, ...]]]] = {}

    # names of steps, with their rough durations

    def _repairs(self, faults: frozenset[int]) -> Way:
        if faults not in self._repaired:
            steps = frozenset(self.names.repair(fault) for fault in faults)
            self.minutes_of.update(dict.fromkeys(steps, REPAIR_MIN))
            self._repaired[faults] = steps
        return self._repaired[faults]

    def _open(self, device: int) -> str:
        if device not in self._opens:
            self._opens[device] = self._timed(self.names.open(device), device)
        return self._opens[device]

    def _close(self, edge: Edge) -> str:
        key = (edge.device, edge.there)
        if key not in self._closes:
            self._closes[key] = self._timed(self.names.close(edge), edge.device)
        return self._closes[key]

    def _timed(self, step: str, device: int) -> str:
        self.minutes_of[step] = REMOTE_MIN if self.names.remote(device) else MANUAL_MIN
        return step

    def minutes(self, way: Way) -> float:
        """Roughly how long a way takes: mostly its longest step, a little the sum of all."""
        times = [self.minutes_of[step] for step in way]
        return max(times, default=0.0) + 0.2 * sum(times)

    def rank(self, way: Way) -> Rank:
        """Sort quick ways first, the same everywhere."""
        if way not in self._ranks:
            self._ranks[way] = (self.minutes(way), len(way), tuple(sorted(way)))
        return self._ranks[way]

    @cached_property
    def repair_sets(self) -> list[Way]:
        """For every cell the repairs of the faults in it."""
        return [self._repairs(found) for found in self.outline.faults]

    def _beside(self, cells: Sequence[int], inside: frozenset[int]) -> Iterator[tuple[int, tuple[Edge, ...]]]:
        """Cells that hang on these over closed devices, with the devices passed, nearest first."""
        stack: list[tuple[int, int, tuple[Edge, ...]]] = [(cell, LIVE, ()) for cell in cells]
        while stack:
            cell, came_from, passed = stack.pop()
            if passed:
                yield cell, passed
            for edge in self.outline.edges.get(cell, ()):
                if edge.kind == "cut" and edge.there != came_from and edge.there not in inside:
                    stack.append((edge.there, cell, (*passed, edge)))

    def prerequisite(self, edge: Edge) -> Prerequisite:
        """What must precede closing this device towards `edge.there`."""
        key = (edge.device, edge.there)
        if key not in self._prerequisites:
            self._prerequisites[key] = self._prerequisite(edge)
        return self._prerequisites[key]

    def _prerequisite(self, edge: Edge) -> Prerequisite:
        beside = list(self._beside([edge.there], frozenset([edge.there])))
        cuts: dict[int, tuple[Edge, ...]] = {}
        for there, passed in beside:
            if not self.outline.faults[there] or any(each.device in cuts for each in passed):
                continue
            remote = [each for each in passed if self.names.remote(each.device)]
            chosen = (remote or list(passed))[-1]
            cuts[chosen.device] = passed[: passed.index(chosen)]
        found = self._with_cuts(edge.there, beside, cuts)
        if edge.kind == "tie" and (device := self.relief(edge, found.cells)) != NONE:
            # what lies behind the further device is left out, with the faults there
            before = next((passed[:-1] for _, passed in beside if passed[-1].device == device), None)
            if before is not None:
                return self._with_cuts(edge.there, beside, cuts | {device: before})
        return found

    def _with_cuts(
        self, cell: int, beside: Sequence[tuple[int, tuple[Edge, ...]]], cuts: Mapping[int, tuple[Edge, ...]]
    ) -> Prerequisite:
        """Open these devices, but none that lies behind another of them."""
        kept = {device for device, before in cuts.items() if not any(each.device in cuts for each in before)}
        alive = {cell, *(there for there, passed in beside if not any(e.device in kept for e in passed))}
        opens = {self._open(device) for device in kept}
        return Prerequisite(steps=frozenset(opens | self.repair_sets[cell]), cells=frozenset(alive))

    def paths(self) -> dict[int, list[Path]]:
        """Find the quickest paths to every cell: at most `most_paths` each."""
        found: dict[int, list[Path]] = {cell: [] for cell in range(len(self.outline.sections))}
        tick = itertools.count()
        heap: list[tuple[float, int, Path, Way]] = [
            (0.0, next(tick), Path(edges=(), cells=frozenset()), frozenset())
        ]
        while heap:
            _, _, path, done = heapq.heappop(heap)
            here = path.edges[-1].there if path.edges else LIVE
            if here != LIVE:
                if len(found[here]) >= self.most_paths:
                    continue
                found[here].append(path)
            for edge in self.outline.edges.get(here, ()):
                if edge.there in path.cells or len(found[edge.there]) >= self.most_paths:
                    continue
                steps = self._extended(done, edge)
                longer = Path(edges=(*path.edges, edge), cells=path.cells | {edge.there})
                heapq.heappush(heap, (self.minutes(steps), next(tick), longer, steps))
        return found

    def _extended(self, done: Way, edge: Edge) -> Way:
        """Steps of a path one edge longer, for ordering paths: the quickest alternative of each."""
        done |= self.repair_sets[edge.there] | self._repairs(edge.repairs)
        if edge.kind == "tie":
            return done | {self._close(edge)} | self.prerequisite(edge).steps
        if edge.kind == "tripped" and not done & self._trippers(edge):
            return done | {self._close(edge)} | self.prerequisite(edge).steps
        return done

    def _trippers(self, edge: Edge) -> Way:
        return self._repairs(self.outline.trippers.get(edge.device, frozenset()))

    def candidates(self, path: Path) -> list[Candidate]:
        """Give the smallest sets of steps that bring supply over a path."""
        base, clauses = self._clauses(path)
        sets = [base]
        for clause in clauses:
            sets = self._worked(sets, clause)
        return [Candidate(way=way, path=path, minutes=self.minutes(way)) for way in sets]

    def _clauses(self, path: Path) -> tuple[Way, list[list[Way]]]:
        base: Way = frozenset().union(*(self.repair_sets[cell] for cell in path.cells))
        clauses: list[list[Way]] = []
        for edge in path.edges:
            base |= self._repairs(edge.repairs)
            closing = {self._close(edge)} if edge.kind in ("tie", "tripped") else set()
            if edge.kind == "tie":
                base |= closing | self.prerequisite(edge).steps
            elif edge.kind == "tripped":
                own = frozenset(closing | self.prerequisite(edge).steps)
                clauses.append([own, *(frozenset([repair]) for repair in sorted(self._trippers(edge)))])
        for there, passed in self._beside(sorted(path.cells), path.cells):
            if self.outline.faults[there]:
                opens = [frozenset([self._open(edge.device)]) for edge in passed]
                clauses.append([self.repair_sets[there], *opens])
        return base, sorted(clauses, key=len)

    def _worked(self, sets: list[Way], clause: list[Way]) -> list[Way]:
        if all(any(choice <= way for choice in clause) for way in sets):
            return sets
        grown: dict[Way, None] = {}
        for way in sets:
            if any(choice <= way for choice in clause):
                grown[way] = None
            else:
                grown.update((way | choice, None) for choice in clause)
        return smallest(list(grown), self.rank, self.most_sets)

    def repair_all(self, cell: int) -> Candidate:
        """Give the way that needs no switching: every fault on and beside the native path repaired."""
        edges: list[Edge] = []
        here = cell
        while here != LIVE:
            edges.append(self.outline.native[here])
            here = edges[-1].here
        path = Path(edges=tuple(reversed(edges)), cells=frozenset(edge.there for edge in edges))
        way = frozenset().union(*(self.repair_sets[each] for each in path.cells))
        for edge in path.edges:
            way |= self._repairs(edge.repairs) | self._trippers(edge)
        way = way.union(
            *(self.repair_sets[there] for there, _ in self._beside(sorted(path.cells), path.cells))
        )
        return Candidate(way=way, path=path, minutes=self.minutes(way))

    def region(self, path: Path, way: Way) -> list[tuple[int, ...]]:
        """Cells that come alive with each cell of the path, by the order of its edges."""
        alive = []
        for edge in path.edges:
            key = (edge.there, path.cells)
            if key not in self._hanging:
                self._hanging[key] = list(self._beside([edge.there], path.cells))
            beside = self._hanging[key]
            cut = [(there, any(self._open(e.device) in way for e in passed)) for there, passed in beside]
            alive.append((edge.there, *(there for there, off in cut if not off)))
        return alive


def smallest(ways: Sequence[Way], rank: Callable[[Way], Rank], most: int) -> list[Way]:
    """Drop ways that contain another; of the rest keep the quickest."""
    if len(ways) == 1:
        return list(ways)
    kept: list[Way] = []
    for way in sorted(ways, key=len):
        if not any(other <= way for other in kept):
            kept.append(way)
    return sorted(kept, key=rank)[:most]
