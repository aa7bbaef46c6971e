"""Sections as records, for people and for looking up one at a time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .elements import Section

if TYPE_CHECKING:
    from .network import Grid


def list_sections(grid: Grid) -> tuple[Section, ...]:
    """List every section with its buses, lines, devices at its border, transformers and feeder.

    Parameters
    ----------
    grid : the grid.

    Returns
    -------
    tuple of Section
        In the grid's order.
    """
    of_bus = grid.sectioning.of_bus
    buses = _grouped(of_bus.tolist(), grid.buses.ids.tolist())
    lines = _grouped(of_bus[grid.lines.from_idx].tolist(), grid.lines.ids.tolist())
    transformers = _grouped(grid.transformer_sections.tolist(), grid.transformers.ids.tolist())
    devices: dict[int, list[str]] = defaultdict(list)
    for (here, there), name in zip(grid.device_ends.tolist(), grid.switches.ids.tolist(), strict=True):
        for section in {here, there}:
            devices[section].append(name)
    heads = grid.normal_tree.first.tolist()
    return tuple(
        Section(
            id=name,
            buses=tuple(buses[at]),
            lines=tuple(lines[at]),
            devices=tuple(devices[at]),
            transformers=tuple(transformers[at]),
            feeder=grid.switches.ids[heads[at]] if heads[at] >= 0 else None,
        )
        for at, name in enumerate(grid.section_ids.tolist())
    )


def _grouped(keys: list[int], names: list[str]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = defaultdict(list)
    for key, name in zip(keys, names, strict=True):
        groups[key].append(name)
    return groups
