"""A crew's route and its surroundings as one packed file, which the phone keeps for when it has no signal.

4 bytes   "GCA1"
3 x u32   bytes of the roads, of the grid's lines, of the rest, little-endian
roads     as `web/day/map.py` packs them: three ranks, main roads first
grid      the same: energised, without supply
rest      JSON: drives (a flat list per stop), stops, depot and switches, in 0.00001 degrees
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from dispatch.ground.day import DayPlan
from dispatch.ground.plan import Route

from ..day.map import DEAD, ENERGISED, Floats, Ints, Ranks, drive_paths, packed_lines, streets

MAGIC = b"GCA1"
MOST_B = 3_000_000
# How far around the drives streets are taken along; the next smaller one where the file grows too large.
AROUND_M = (4000.0, 2000.0, 1000.0, 500.0, 250.0)
NEAR_STOP_M = 800.0  # switches worth a name
MOST_SWITCHES = 400
DEGREE_M = 111_195.0
Cells = frozenset[tuple[int, int]]
Streets = tuple[Floats, Floats, Ints, Ints, Ranks]


def area_bytes(day: DayPlan, crew: str, network: Streets | None = None) -> bytes:
    """Return the packed surroundings of a crew's route, the widest that stay under the limit."""
    route = next((each for each in day.plan.routes if each.crew == crew), None)
    network = streets(day.case.roads) if network is None else network
    rest = _rest(day, crew, route)
    made = b""
    for around_m in AROUND_M:
        made = _packed(day, network, rest, around_m)
        if len(made) <= MOST_B:
            break
    return made


def _packed(day: DayPlan, network: Streets, rest: dict[str, Any], around_m: float) -> bytes:
    near = _Near(_along(rest), around_m)
    roads = packed_lines(*near.of(*network))
    grid = packed_lines(*near.of(*_grid(day)))
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":")).encode()
    sizes = np.array([len(roads), len(grid), len(text)], dtype="<u4").tobytes()
    return MAGIC + sizes + roads + grid + text


def _grid(day: DayPlan) -> Streets:
    grid = day.case.grid
    dead = np.isin(np.asarray(grid.lines.ids, dtype=str), sorted(day.dead_lines))
    rank = np.where(dead, DEAD, ENERGISED).astype(np.uint8)
    return grid.buses.lon, grid.buses.lat, grid.lines.from_idx, grid.lines.to_idx, rank


def _rest(day: DayPlan, crew: str, route: Route | None) -> dict[str, Any]:
    cards = [day.cards[visit.job] for visit in route.visits if visit.job in day.cards] if route else []
    shift = day.case.crew_by_id[crew]
    depot = day.case.depot_by_id.get(shift.depot or "")
    stops = [[card.id, *_place(card.lon, card.lat)] for card in cards]
    return {
        "drives": drive_paths(day, crew=crew).get(crew, []),
        "stops": stops,
        "depot": [depot.name, *_place(depot.lon, depot.lat)] if depot else None,
        "switches": _switches(day, stops),
    }


def _place(lon: float, lat: float) -> tuple[int, int]:
    return round(lon * 1e5), round(lat * 1e5)


def _switches(day: DayPlan, stops: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Devices close to a stop: name, place, whether open."""
    grid = day.case.grid
    at = grid.switches.from_idx
    lon, lat = grid.buses.lon[at], grid.buses.lat[at]
    near = _Near(np.array([stop[1:] for stop in stops], dtype=np.float64).reshape(-1, 2) / 1e5, NEAR_STOP_M)
    kept = np.flatnonzero(near.covers(lon, lat))[:MOST_SWITCHES]
    return [
        [str(grid.switches.ids[k]), *_place(float(lon[k]), float(lat[k])), int(not grid.switches.closed[k])]
        for k in kept
    ]


def _along(rest: dict[str, Any]) -> Floats:
    """Points of the drives, stops and the depot, (n, 2) degrees."""
    places = [stop[1:] for stop in rest["stops"]] + ([rest["depot"][1:]] if rest["depot"] else [])
    found = [np.array(places, dtype=np.float64).reshape(-1, 2)]
    found += [np.cumsum(np.array(drive, dtype=np.float64).reshape(-1, 2), axis=0) for drive in rest["drives"]]
    return np.concatenate(found) / 1e5


class _Near:
    """What lies around some points: by square cells, at least as far as asked for and at most twice that."""

    def __init__(self, points: Floats, around_m: float) -> None:
        middle = float(np.mean(points[:, 1])) if len(points) else 0.0
        self.step_lat = around_m / DEGREE_M
        self.step_lon = self.step_lat / max(0.05, np.cos(np.radians(middle)))
        own = np.unique(self._cells(*_filled(points, self.step_lat / 2)), axis=0)
        beside = [own + np.array((dx, dy)) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        self.cells = {(int(x), int(y)) for x, y in np.concatenate(beside)}

    def _cells(self, lon: Floats, lat: Floats) -> Ints:
        return np.column_stack([lon // self.step_lon, lat // self.step_lat]).astype(np.int64)

    def covers(self, lon: Floats, lat: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """(n,) whether each place is near."""
        cells, back = np.unique(self._cells(lon, lat), axis=0, return_inverse=True)
        known = np.array([(int(x), int(y)) in self.cells for x, y in cells], dtype=bool)
        return np.asarray(known[back.ravel()] if len(cells) else np.zeros(len(lon), dtype=bool))

    def of(self, lon: Floats, lat: Floats, first: Ints, second: Ints, rank: Ranks) -> Streets:
        """Return the lines with an end near, and only their points."""
        near = self.covers(lon, lat)
        kept = np.flatnonzero(near[first] | near[second])
        points, places = np.unique(np.concatenate([first[kept], second[kept]]), return_inverse=True)
        first_at, second_at = places[: len(kept)], places[len(kept) :]
        return lon[points], lat[points], first_at.astype(np.int64), second_at.astype(np.int64), rank[kept]


def _filled(points: Floats, step: float) -> tuple[Floats, Floats]:
    """The points and, on long legs, points between them."""
    if len(points) < 2:
        return points[:, 0], points[:, 1]
    legs = np.diff(points, axis=0)
    parts = np.clip(np.ceil(np.abs(legs).max(axis=1) / step), 1, 200).astype(np.int64)
    leg = np.repeat(np.arange(len(legs)), parts)
    share = (np.arange(len(leg)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[leg]
    filled = np.concatenate([points[leg] + legs[leg] * share[:, None], points[-1:]])
    return filled[:, 0], filled[:, 1]
