"""Where to look, in the order in which a crew passes it, with the chance of finding the damage there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.grid.patrol import lines_behind

from ..ground.case import Case
from ..ground.day import Outage
from .elements import Element, element

MOST_STREETS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspected:
    """A stretch of line or a device that may be broken.

    Parameters
    ----------
    first : the element to look at, the first of a stretch.
    last : the last line of a stretch, where it has several.
    street : along which it runs; empty where none is near.
    share : chance that the damage is there, 0 to 1.
    length_m : to walk; 0 of a device.
    """

    first: Element
    last: str = ""
    street: str = ""
    share: float
    length_m: float = 0.0
    lon: float | None = None
    lat: float | None = None


def suspected(case: Case, outage: Outage) -> tuple[Suspected, ...]:
    """Where an outage's damage may be: along the line first, then what else would explain the calls.

    Along a line the chance follows the length: nothing else is known of it. A place that a
    crew has confirmed is the only one.
    """
    if outage.confirmed:
        return (_device(case, outage.fault.place, 1.0, outage.component),)
    own = _stretches(case, outage) or (_device(case, outage.fault.place, outage.score, outage.component),)
    return (*own, *(_device(case, each.place, each.score) for each in outage.alternatives))


def _device(case: Case, place: str, share: float, component: str = "service") -> Suspected:
    grid = case.grid
    tables = {"line": grid.line_at, "switch": grid.switch_at, "transformer": grid.transformer_at}
    found, table = element(grid, place), next((kind for kind, at in tables.items() if place in at), None)
    if table is None:
        return Suspected(first=Element(kind=component, id=place), share=share)
    lon, lat = grid.place_of(table, place)
    return Suspected(first=found, share=share, street=case.roads.nearest_name(lon, lat), lon=lon, lat=lat)


def _stretches(case: Case, outage: Outage) -> tuple[Suspected, ...]:
    """The lines behind the device that opened, street by street as they are passed."""
    if outage.device is None or outage.fault.kind != "line":
        return ()
    grid = case.grid
    lines = lines_behind(grid, outage.device)
    if not lines:
        return ()
    middles = [grid.place_of("line", line) for line in lines]
    streets = case.roads.nearest_names([lon for lon, _ in middles], [lat for _, lat in middles])
    by_street: dict[str, list[int]] = {}
    for at, street in enumerate(streets):
        by_street.setdefault(street, []).append(at)
    lengths = [float(grid.lines.length_m[grid.line_at[line]]) for line in lines]
    total = sum(lengths) or 1.0
    found = [
        Suspected(
            first=element(grid, lines[run[0]]),
            last=lines[run[-1]] if len(run) > 1 else "",
            street=street,
            share=outage.score * sum(lengths[at] for at in run) / total,
            length_m=sum(lengths[at] for at in run),
            lon=middles[run[0]][0],
            lat=middles[run[0]][1],
        )
        for street, run in by_street.items()
    ]
    return _likeliest(found)


def _likeliest(found: Sequence[Suspected]) -> tuple[Suspected, ...]:
    """The stretches worth a line on paper, still in the order of the walk."""
    kept = sorted(found, key=lambda each: -each.share)[:MOST_STREETS]
    return tuple(each for each in found if each in kept)
