"""Elements of the grid as their plates name them: what it is, its number, its name."""

from __future__ import annotations

from dataclasses import dataclass

from geo import Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of the grid.

    Parameters
    ----------
    kind : overhead, cable, lv, line, breaker, recloser, fuse, switch, tie, transformer, bus, customer.
    id : as painted on the pole or the plate.
    name : what people call it; empty where it has none.
    """

    kind: str
    id: str
    name: str = ""


def element(grid: Grid, place: str) -> Element:
    """Look an id of the grid up; what the grid does not know is a customer's connection or main."""
    if place in grid.line_at:
        kind = str(grid.lines.kind[grid.line_at[place]])
        return Element(kind=kind or "line", id=place)
    if place in grid.switch_at:
        at = grid.switch_at[place]
        kind = str(grid.switches.kind[at])
        tie = kind == "switch" and not grid.switches.normal_closed[at]
        return Element(kind="tie" if tie else kind, id=place, name=str(grid.switches.name[at] or ""))
    if place in grid.transformer_at:
        name = grid.transformers.name[grid.transformer_at[place]]
        return Element(kind="transformer", id=place, name=str(name or ""))
    return Element(kind="bus" if place in grid.bus_at else "service", id=place)


def kind_of_place(grid: Grid, place: str) -> str:
    """What kind of element an id of the grid names."""
    return element(grid, place).kind


def section_of(grid: Grid, place: str) -> str | None:
    """The section that an element lies in; of a device the one behind it."""
    section = _section(grid, place)
    if section is None:
        at = grid.switch_at.get(place)
        section = -1 if at is None else int(grid.run_tree.child[at])
    return str(grid.section_ids[section]) if section >= 0 else None


def feeder_of(grid: Grid, place: str) -> Element | None:
    """The device at the head of the feeder that an element belongs to, as the grid is normally run."""
    tree, section = grid.normal_tree, _section(grid, place)
    if section is None:
        at = grid.switch_at.get(place)
        if at is None:
            return None
        section = int(tree.child[at]) if tree.child[at] >= 0 else int(grid.device_ends[at][0])
    head = int(tree.first[section]) if section >= 0 else -1
    return element(grid, str(grid.switches.ids[head])) if head >= 0 else None


def _section(grid: Grid, place: str) -> int | None:
    """Position of the section of a line or a transformer; None for what is neither."""
    if place in grid.line_at:
        return int(grid.sectioning.of_bus[grid.lines.from_idx[grid.line_at[place]]])
    if place in grid.transformer_at:
        return int(grid.transformer_sections[grid.transformer_at[place]])
    return None
