"""Switching as an ordered list that can be checked: open before close, never onto a fault, no loop.

`switching_list` turns steps, in the order in which they are finished, into the operations that
the control room and the crews do with each. `check_switching` knows nothing of how a list was
made: it plays the operations on the grid one by one and names every breach.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import GeoError, GeoFault, nearest
from .elements import Fault, SwitchAction
from .network import Grid
from .restoration import Restoration
from .steps import Step
from .topology import NONE
from .tracing import Located, locate, protecting_device


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What is operated when a step is finished.

    Attributes
    ----------
    step : id of the step.
    actions : in order; none where other steps were quicker.
    """

    step: str
    actions: tuple[SwitchAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A breach in a switching list.

    Attributes
    ----------
    at : index into the list.
    device : id of the device.
    code, text : what is wrong, for programs and for people.
    """

    at: int
    device: str
    code: Literal["onto_fault", "loop", "drops_supply", "broken", "no_change"]
    text: str


class _State:
    """Sections and devices during switching: what is closed, faulty, alive."""

    def __init__(self, grid: Grid, faults: Sequence[Fault]) -> None:
        self.grid = grid
        self.located = dict(zip((fault.id for fault in faults), locate(grid, faults), strict=True))
        self.closed: set[int] = set(np.flatnonzero(grid.run_closed).tolist())
        self.at_section: dict[int, list[int]] = defaultdict(list)
        self.ends: list[list[int]] = grid.device_ends.tolist()
        for device, (here, there) in enumerate(self.ends):
            if here != there:
                self.at_section[here].append(device)
                self.at_section[there].append(device)
        self.sick: dict[int, set[str]] = defaultdict(set)
        self.broken: dict[int, set[str]] = defaultdict(set)
        self.trips: dict[str, int] = {}
        for name, place in self.located.items():
            self._strike(name, place)
        self.closed -= set(self.trips.values())
        # a source whose own section has a fault supplies nothing
        self.alive = self.reach(source for source in grid.source_sections if not self.sick.get(source))

    def _strike(self, name: str, place: Located) -> None:
        tree = self.grid.run_tree
        section = place.section
        if place.device != NONE:
            self.broken[place.device].add(name)
            section = int(tree.child[place.device])
        if section == NONE or tree.position[section] == NONE:
            return
        self.sick[section].add(name)
        if (device := protecting_device(self.grid, tree, place)) != NONE:
            self.trips[name] = device

    def mend(self, fault: str) -> None:
        """Take a fault away."""
        for found in (*self.sick.values(), *self.broken.values()):
            found.discard(fault)

    def reach(self, starts: Iterable[int], without: Collection[int] = ()) -> set[int]:
        """Sections that closed devices hold together with these, leaving out some devices."""
        seen = set(starts)
        stack = list(seen)
        while stack:
            here = stack.pop()
            for device in self.at_section.get(here, ()):
                if device in self.closed and device not in without:
                    for there in self.ends[device]:
                        if there not in seen:
                            seen.add(there)
                            stack.append(there)
        return seen

    def faulty(self, sections: Iterable[int]) -> set[str]:
        """Faults that still lie in these sections."""
        return {fault for section in sections for fault in self.sick.get(section, ())}


def switching_list(
    grid: Grid, faults: Sequence[Fault], restoration: Restoration, done: Sequence[str]
) -> tuple[Move, ...]:
    """Say what is operated as steps are finished one after another.

    A device is opened where its step says so, if it is still dead. After every step supply is led
    on, over devices that somebody may operate by then, to the blocks that have a way complete.
    What would close a loop, feed a fault or interrupt customers is left undone.

    Parameters
    ----------
    grid, faults, restoration : as `restore` was given and answered.
    done : ids of finished steps in the order of their finish.

    Returns
    -------
    tuple of Move
        One for each finished step, in the same order.

    Raises
    ------
    GeoError
        If a step is unknown, or finished before one that it comes after.
    """
    _check_order(restoration, done)
    player = _Player(grid, faults, restoration)
    return tuple(Move(step=name, actions=tuple(player.finish(restoration.steps[name]))) for name in done)


def _check_order(restoration: Restoration, done: Sequence[str]) -> None:
    seen: set[str] = set()
    wrong = []
    for at, name in enumerate(done):
        if name not in restoration.steps:
            text = f"unknown step '{name}'{nearest(name, restoration.steps)}"
            wrong.append(GeoFault(file="steps", place=f"[{at}]", text=text))
        elif missing := [other for other in restoration.steps[name].after if other not in seen]:
            text = f"step '{name}' comes after {', '.join(missing)}, not finished yet"
            wrong.append(GeoFault(file="steps", place=f"[{at}]", text=text))
        seen.add(name)
    if wrong:
        raise GeoError(wrong)


class _Player:
    def __init__(self, grid: Grid, faults: Sequence[Fault], restoration: Restoration) -> None:
        self.grid = grid
        self.state = _State(grid, faults)
        self.restoration = restoration
        self.done: set[str] = set()
        # devices that may be closed: from which section into which
        self.free: set[tuple[int, int]] = set()
        self.section_of = dict(
            zip(grid.transformers.ids.tolist(), grid.transformer_sections.tolist(), strict=True)
        )

    def finish(self, step: Step) -> Iterator[SwitchAction]:
        self.done.add(step.id)
        if step.fault is not None:
            self.state.mend(step.fault)
            if step.fault in self.state.trips:
                self._allow(self.state.trips[step.fault])
        for action in step.actions:
            device = self.grid.switch_at[action.device]
            if action.action == "open" and step.kind == "switching":
                if device in self.state.closed and not self._carries(device):
                    self.state.closed.discard(device)
                    self._allow(device)
                    yield action
            elif step.kind == "switching":
                self._allow(device, step.towards)
        yield from self._lead_on()

    def _carries(self, device: int) -> bool:
        return any(end in self.state.alive for end in self.state.ends[device])

    def _allow(self, device: int, towards: str | None = None) -> None:
        here, there = self.state.ends[device]
        target = None if towards is None else int(self.grid.sectioning.of_bus[self.grid.bus_at[towards]])
        for far in (here, there):
            if target in (None, far):
                self.free.add((device, far))

    def _lead_on(self) -> Iterator[SwitchAction]:
        state = self.state
        # a source that was out itself comes back with its repair
        for source in self.grid.source_sections:
            if source not in state.alive and not state.faulty(part := state.reach([source])):
                state.alive |= part
        for block in self.restoration.blocks:
            dead = {self.section_of[name] for name in block.transformers} - state.alive
            for way in block.ways if dead else ():
                if way <= self.done and (route := self._route(dead, self._ties_of(way))):
                    yield from self._follow(route, self._ties_of(way))
                    break

    def _ties_of(self, way: Iterable[str]) -> frozenset[int]:
        """Normally open devices that a way closes."""
        switching = (self.restoration.steps[name] for name in way if self.restoration.steps[name].towards)
        devices = {self.grid.switch_at[step.actions[0].device] for step in switching}
        return frozenset(device for device in devices if not self.grid.run_closed[device])

    def _blocked(self, ties: Collection[int]) -> set[int]:
        """Ties that are closed now for the sake of other ways."""
        return {device for device in self.state.closed if not self.grid.run_closed[device]} - set(ties)

    def _route(self, wanted: set[int], ties: Collection[int]) -> list[int]:
        """Devices to close, in order, to lead supply to a wanted section over these ties and no other.

        A part that another tie feeds meanwhile counts as dead: it is taken over on the way.
        """
        state, blocked = self.state, self._blocked(ties)
        alive = state.reach((s for s in self.grid.source_sections if s in state.alive), blocked)
        came: dict[int, tuple[int, int] | None] = dict.fromkeys(alive)
        queue = deque(sorted(alive))
        while queue:
            here = queue.popleft()
            for device in state.at_section.get(here, ()):
                there = state.ends[device][1] if state.ends[device][0] == here else state.ends[device][0]
                if there in came or device in state.closed or (device, there) not in self.free:
                    continue
                tie = not self.grid.run_closed[device]
                part = state.reach([there], blocked)
                if (tie and device not in ties) or state.broken.get(device) or state.faulty(part):
                    continue
                for section in part:
                    came.setdefault(section, (here, device))
                if part & wanted:
                    return self._back(came, there)
                (queue.extend if tie else queue.extendleft)(sorted(part))
        return []

    def _back(self, came: Mapping[int, tuple[int, int] | None], section: int) -> list[int]:
        route: list[int] = []
        while (step := came[section]) is not None:
            section, device = step
            route.append(device)
        return route[::-1]

    def _follow(self, route: Sequence[int], ties: Collection[int]) -> Iterator[SwitchAction]:
        """Close the devices of a route; a part fed by another tie is let go just before it is taken over."""
        state = self.state
        for device in route:
            blocked = self._blocked(ties)
            alive = state.reach((s for s in self.grid.source_sections if s in state.alive), blocked)
            far = [end for end in state.ends[device] if end not in alive]
            part = state.reach(far, blocked)
            for tie in sorted(blocked):
                if part & state.alive and sum(end in part for end in state.ends[tie]) == 1:
                    state.closed.discard(tie)
                    yield self.grid.action(tie, close=False)
            state.closed.add(device)
            state.alive = state.reach(s for s in self.grid.source_sections if s in state.alive)
            yield self.grid.action(device, close=True)


def check_switching(
    grid: Grid,
    operations: Sequence[SwitchAction | str],
    faults: Sequence[Fault],
    *,
    loops_allowed: Iterable[str] = (),
) -> tuple[Violation, ...]:
    """Play a switching list on the grid as the faults left it and name every breach.

    Parameters
    ----------
    operations : switch actions in order; a text is the id of a fault whose repair ends there.
    loops_allowed : devices that may close a loop (with the permission of the control room).

    Returns
    -------
    tuple of Violation
        ``onto_fault``: the closing brings supply to a fault; ``loop``: it joins two parts that
        have supply; ``drops_supply``: the opening takes supply from transformers, and the next
        closing does not give it back (a transfer does); ``broken``: the device is faulty;
        ``no_change``: it is in that state already.
    """
    state = _State(grid, faults)
    allowed = set(loops_allowed)
    found: list[Violation] = []
    let_go: list[tuple[Violation, set[int]]] = []
    for at, operation in enumerate(operations):
        if isinstance(operation, str):
            state.mend(operation)
            state.alive = state.reach(_started(grid, state))
            continue
        if operation.device not in grid.switch_at:
            text = f"unknown device '{operation.device}'{nearest(operation.device, grid.switch_at)}"
            raise GeoError(GeoFault(file="switching", place=f"[{at}]", text=text))
        before = set(state.alive)
        for code, text in _played(grid, state, operation, allowed):
            breach = Violation(at=at, device=operation.device, code=code, text=text)
            if code == "drops_supply":
                let_go.append((breach, before - state.alive))
            else:
                found.append(breach)
        if operation.action == "close":
            found += [breach for breach, lost in let_go if not lost <= state.alive]
            let_go = []
    return tuple(sorted([*found, *(breach for breach, _ in let_go)], key=lambda breach: breach.at))


Code = Literal["onto_fault", "loop", "drops_supply", "broken", "no_change"]


def _started(grid: Grid, state: _State) -> set[int]:
    """Give supply to every source whose part is free of faults."""
    starts = set(state.alive)
    for source in grid.source_sections:
        if source not in starts and not state.faulty(state.reach([source])):
            starts.add(source)
    return starts


def _played(grid: Grid, state: _State, action: SwitchAction, allowed: set[str]) -> Iterator[tuple[Code, str]]:
    device = grid.switch_at[action.device]
    closing = action.action == "close"
    if closing == (device in state.closed):
        yield "no_change", f"'{action.device}' is {'closed' if closing else 'open'} already"
        return
    if state.broken.get(device):
        yield "broken", f"'{action.device}' is faulty: {', '.join(sorted(state.broken[device]))}"
    before = set(state.alive)
    if not closing:
        state.closed.discard(device)
        state.alive = state.reach(source for source in grid.source_sections if source in before)
        lost = before - state.alive
        count = int(np.isin(grid.transformer_sections, list(lost)).sum())
        if count:
            yield "drops_supply", f"opening '{action.device}' takes supply from {count} transformers"
        return
    here, there = state.ends[device]
    joined = here in state.alive and there in state.alive
    state.closed.add(device)
    state.alive = state.reach(state.alive)
    if joined and action.device not in allowed:
        yield "loop", f"closing '{action.device}' joins two parts that have supply"
    if struck := state.faulty(state.alive - before):
        yield "onto_fault", f"closing '{action.device}' brings supply to {', '.join(sorted(struck))}"
