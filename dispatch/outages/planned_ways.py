"""Ways to spare customers a planned outage: ties closed meanwhile, work under voltage, generators."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geo import Grid, trace
from geo.grid.capacity import transformer_loads, within_ratings

from .planned import PlannedOutage, cables_at, checked_places, loses

NONE = -1
MOST_TIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWay:
    """One way to do the work.

    Parameters
    ----------
    kind : as `planned`, with `ties` closed meanwhile, under voltage (`live_line`), or with a `generator` at
        each of `transformers`.
    plan : the plan that does it this way.
    transformers : that lose supply; with generators, those that have one.
    """

    kind: Literal["planned", "ties", "live_line", "generator"]
    plan: PlannedOutage
    transformers: tuple[str, ...]


def planned_ways(
    grid: Grid,
    planned: PlannedOutage,
    *,
    load_kw: Mapping[str, float] | None = None,
    important: Collection[str] = (),
) -> tuple[PlannedWay, ...]:
    """The work as planned, then what would spare customers the outage.

    Parameters
    ----------
    load_kw : of transformers, for the ratings of ties; the rated power of one that is not named.
    important : transformers that feed important customers.

    Raises
    ------
    InputFaults
        Unknown places.
    """
    opened = () if planned.live_line else checked_places(grid, planned)
    lost = loses(grid, opened, planned.close_devices)
    ways = [PlannedWay(kind="planned", plan=planned, transformers=lost)]
    helped = planned
    ties = _ties(grid, planned, opened, load_kw or {}) if lost else ()
    if ties:
        helped = replace(planned, close_devices=(*planned.close_devices, *ties))
        lost = loses(grid, opened, helped.close_devices)
        ways.append(PlannedWay(kind="ties", plan=helped, transformers=lost))
    if lost and not cables_at(grid, planned.open_places):
        live = replace(planned, live_line=True, close_devices=())
        ways.append(PlannedWay(kind="live_line", plan=live, transformers=()))
    if sites := tuple(name for name in lost if name in important):
        ways.append(PlannedWay(kind="generator", plan=helped, transformers=sites))
    return tuple(ways)


def _ties(
    grid: Grid, planned: PlannedOutage, opened: Sequence[str], load_kw: Mapping[str, float]
) -> tuple[str, ...]:
    """Ties that bring supply to what is dark without overloading anything; most customers first."""
    loads = transformer_loads(grid, load_kw)
    work = _work_sections(grid, planned)
    chosen: list[str] = []
    dark = set(loses(grid, opened, planned.close_devices))
    while dark and len(chosen) < MOST_TIES:
        best: tuple[int, str] | None = None
        for tie in _border(grid, opened, (*planned.close_devices, *chosen), work):
            closed = (*planned.close_devices, *chosen, tie)
            left = set(loses(grid, opened, closed))
            gain = len(dark) - len(left)
            better = best is None or (-gain, tie) < (-best[0], best[1])
            if gain > 0 and better and within_ratings(grid, _state(grid, opened, closed), loads):
                best = (gain, tie)
        if best is None:
            break
        chosen.append(best[1])
        dark = set(loses(grid, opened, (*planned.close_devices, *chosen)))
    return tuple(chosen)


def _work_sections(grid: Grid, planned: PlannedOutage) -> set[int]:
    """Sections that are worked on: nothing may be closed onto them."""
    ids = {name: at for at, name in enumerate(grid.section_ids.tolist())}
    found = {ids[place] for place in planned.open_places if place in ids}
    lines = [grid.line_at[place] for place in planned.open_places if place in grid.line_at]
    return found | {int(grid.sectioning.of_bus[grid.lines.from_idx[line]]) for line in lines}


def _border(grid: Grid, opened: Sequence[str], closed: Sequence[str], work: set[int]) -> list[str]:
    """Open devices with supply on one side and none on the other."""
    found = trace(grid, open_devices=opened, close_devices=closed)
    dead = np.zeros(grid.sectioning.count, dtype=bool)
    dead[found.dead_section_idx] = True
    ends = grid.device_ends
    live = grid.tree.position[ends] != NONE
    border = ~grid.switches.closed & live.all(axis=1) & (dead[ends].sum(axis=1) == 1)
    border &= ~np.isin(ends, list(work)).any(axis=1)
    taken = {*opened, *closed}
    return [name for name in grid.switches.ids[border].tolist() if name not in taken]


def _state(grid: Grid, opened: Sequence[str], closed: Sequence[str]) -> np.ndarray:
    state = grid.switches.closed.copy()
    state[[grid.switch_at[each] for each in opened]] = False
    state[[grid.switch_at[each] for each in closed]] = True
    return np.asarray(state, dtype=bool)
