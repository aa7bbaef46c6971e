"""Steps: one stay of one crew, or one operation from the control room, each with its name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .elements import Fault, SwitchAction
from .network import Grid
from .outline import LIVE, Edge, Outline
from .topology import NONE
from .tracing import Located, protecting_device
from .ways import Names, WaySearch


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


class StepBook:
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
        """Give the search what it needs to name steps."""
        remote = self.grid.switches.remote.tolist()
        return Names(
            repair=self.repair, open=self.open, close=self.close, remote=lambda device: remote[device]
        )

    def repair(self, fault: int) -> str:
        """Name the repair of a fault; its last act puts back what opened for the fault."""
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
        """Name the opening of a device."""
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
        """Name the bringing of a generator to a transformer."""
        name = f"generator:{transformer}"
        lon, lat = self.grid.place_of("transformer", transformer)
        self.steps[name] = Step(id=name, kind="generator", lon=lon, lat=lat, transformer=transformer)
        return name

    def _switching(self, name: str, action: SwitchAction) -> None:
        self.steps[name] = Step(
            id=name, kind="switching", actions=(action,), remote=action.remote, lon=action.lon, lat=action.lat
        )

    def used(self, needed: Collection[str], search: WaySearch) -> dict[str, Step]:
        """Give all repairs and the other steps that some way needs, closings with what precedes them."""
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
