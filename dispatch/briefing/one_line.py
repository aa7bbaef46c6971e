"""The section that a crew works in, as a single line: its feed, what hangs on it, where it can be opened."""

from __future__ import annotations

from dataclasses import dataclass

from geo import Grid

from .elements import Element, element, feeder_of

MOST_TRANSFORMERS = 8
MOST_DEVICES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeDevice:
    """A switching device at the edge of a section.

    Parameters
    ----------
    open : whether it stands open now, as far as is known.
    beyond : the feeder on its other side, where that is another one.
    """

    element: Element
    open: bool
    beyond: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLine:
    """A section between its switching devices.

    Parameters
    ----------
    section : its id.
    feed : the device through which it is fed; None at a source.
    edges : the other devices around it, the open ones first.
    transformers : that hang on it, some of `count`.
    """

    section: str
    feed: EdgeDevice | None
    edges: tuple[EdgeDevice, ...]
    transformers: tuple[Element, ...]
    count: int


def one_line(grid: Grid, section: str, opened: str | None = None) -> OneLine | None:
    """A section of the grid; None where there is none of that id.

    Parameters
    ----------
    opened : the device that is taken to have opened by itself.
    """
    at = _position(grid, section)
    if at is None:
        return None
    here = next(each for each in grid.sections if each.id == section)
    feed = int(grid.run_tree.device[at])
    fed_by = str(grid.switches.ids[feed]) if feed >= 0 else None
    own = feeder_of(grid, fed_by) if fed_by else None
    edges = [_edge(grid, each, at, own, opened) for each in here.devices if each != fed_by]
    return OneLine(
        section=section,
        feed=_edge(grid, fed_by, at, own, opened) if fed_by else None,
        edges=tuple(sorted(edges, key=lambda each: (not each.open, each.element.id))[:MOST_DEVICES]),
        transformers=tuple(element(grid, each) for each in here.transformers[:MOST_TRANSFORMERS]),
        count=len(here.transformers),
    )


def _position(grid: Grid, section: str) -> int | None:
    bus = grid.bus_at.get(section)
    if bus is None:
        return None
    at = int(grid.sectioning.of_bus[bus])
    return at if str(grid.section_ids[at]) == section else None


def _edge(grid: Grid, device: str, section: int, own: Element | None, opened: str | None) -> EdgeDevice:
    at = grid.switch_at[device]
    ends = [int(each) for each in grid.device_ends[at]]
    beyond = ends[1] if ends[0] == section else ends[0]
    return EdgeDevice(
        element=element(grid, device),
        open=not bool(grid.switches.closed[at]) or device == opened,
        beyond=_feeder_beyond(grid, beyond, own),
    )


def _feeder_beyond(grid: Grid, section: int, own: Element | None) -> str:
    head = int(grid.normal_tree.first[section]) if section >= 0 else -1
    if head < 0 or (own is not None and str(grid.switches.ids[head]) == own.id):
        return ""
    return str(grid.switches.name[head] or grid.switches.ids[head])
