"""Roads, grid and drives as the map draws them.

Roads and grid go over the wire as chains of points, little-endian, quantised
to 65,535 steps per axis (about a metre on a city)::

    header   6 x float64: west, south, degrees per step (lon, lat), points n, chains m
    x, y     2 x (n low bytes, n high bytes): steps from the point before, modulo 65,536
    lengths  m low bytes, m high bytes: points in each chain
    ranks    m x uint8

Steps between neighbours are small, so that their bytes compress to a third.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.ground.day import DayPlan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ranks = NDArray[np.uint8]
Beside = dict[tuple[int, int], list[tuple[int, int]]]

# Number of edges of the roads (fewer while some are closed), then the two nodes.
Leg = tuple[int, int, int]
LONGEST_WALK = 30_000

MAIN, STREET, LANE = 0, 1, 2
RANKS = {
    "motorway": MAIN,
    "motorway_link": MAIN,
    "trunk": MAIN,
    "trunk_link": MAIN,
    "primary": MAIN,
    "primary_link": MAIN,
    "secondary": STREET,
    "secondary_link": STREET,
    "tertiary": STREET,
    "tertiary_link": STREET,
}
ENERGISED, DEAD = 0, 1


def packed_lines(lon: Floats, lat: Floats, first: Ints, second: Ints, rank: Ranks) -> bytes:
    """Write lines between points in the format above."""
    chains, ranks = chained(first, second, rank)
    along = np.concatenate(chains) if chains else np.empty(0, dtype=np.int64)
    west, step_lon, x = _steps(lon, along)
    south, step_lat, y = _steps(lat, along)
    lengths = np.array([len(chain) for chain in chains], dtype=np.uint16)
    header = np.array([west, south, step_lon, step_lat, len(along), len(chains)], dtype="<f8")
    return (
        header.tobytes()
        + _planes(x)
        + _planes(y)
        + _planes(lengths)
        + np.array(ranks, dtype=np.uint8).tobytes()
    )


def _steps(degrees: Floats, along: Ints) -> tuple[float, float, NDArray[np.uint16]]:
    """Origin, degrees per step, and steps from each point to the next, modulo 65,536."""
    if not len(degrees):
        return 0.0, 0.0, np.empty(0, dtype=np.uint16)
    origin = float(degrees.min())
    step = max(float(np.ptp(degrees)), 1e-9) / 65535
    places = np.round((degrees[along] - origin) / step).astype(np.uint16)
    return origin, step, np.diff(places, prepend=np.zeros(1, dtype=np.uint16))


def _planes(numbers: NDArray[np.uint16]) -> bytes:
    return (numbers & 255).astype(np.uint8).tobytes() + (numbers >> 8).astype(np.uint8).tobytes()


def chained(first: Ints, second: Ints, rank: Ranks) -> tuple[list[list[int]], list[int]]:
    """Join lines of one rank end to end into chains that hold each line once."""
    beside: dict[tuple[int, int], list[tuple[int, int]]] = {}
    ends = list(zip(first.tolist(), second.tolist(), rank.tolist(), strict=True))
    for line, (start, end, kind) in enumerate(ends):
        beside.setdefault((start, kind), []).append((end, line))
        beside.setdefault((end, kind), []).append((start, line))
    used = bytearray(len(ends))
    chains, ranks = [], []
    for line, (start, end, kind) in enumerate(ends):
        if used[line]:
            continue
        used[line] = 1
        back = _walk(start, kind, beside, used)
        chains.append([*reversed(back), start, end, *_walk(end, kind, beside, used)])
        ranks.append(kind)
    return chains, ranks


def _walk(here: int, kind: int, beside: Beside, used: bytearray) -> list[int]:
    """Points that follow on one another from `here` over lines not used yet."""
    found: list[int] = []
    while len(found) < LONGEST_WALK:
        lines = beside[here, kind]
        while lines and used[lines[-1][1]]:
            lines.pop()
        if not lines:
            break
        here, line = lines.pop()
        used[line] = 1
        found.append(here)
    return found


def road_bytes(day: DayPlan) -> bytes:
    """Return every street once, whichever ways it may be driven."""
    return packed_lines(*streets(day.case.roads))


def streets(roads: Any) -> tuple[Floats, Floats, Ints, Ints, Ranks]:
    """Points and lines of the network: each pair of nodes once, with its bends."""
    low, high = np.minimum(roads.tail, roads.head), np.maximum(roads.tail, roads.head)
    _, edges = np.unique(low * len(roads.lon) + high, return_index=True)
    rank = np.array([RANKS.get(str(each), LANE) for each in roads.highway[edges]], dtype=np.uint8)
    bent = roads.shape[edges] != ""
    first, second, ranks = [roads.tail[edges[~bent]]], [roads.head[edges[~bent]]], [rank[~bent]]
    lon, lat, count = [roads.lon], [roads.lat], len(roads.lon)
    for edge, width in zip(edges[bent], rank[bent], strict=True):
        bends = np.array(roads.bends(int(edge)), dtype=np.float64).reshape(-1, 2)
        between = range(count, count + len(bends))
        chain = np.array([roads.tail[edge], *between, roads.head[edge]], dtype=np.int64)
        lon.append(bends[:, 0])
        lat.append(bends[:, 1])
        count += len(bends)
        first.append(chain[:-1])
        second.append(chain[1:])
        ranks.append(np.full(len(chain) - 1, width, dtype=np.uint8))
    return (
        np.concatenate(lon),
        np.concatenate(lat),
        np.concatenate(first).astype(np.int64),
        np.concatenate(second).astype(np.int64),
        np.concatenate(ranks),
    )


def grid_bytes(day: DayPlan) -> bytes:
    """Return the grid's lines, those without supply with a rank of their own."""
    grid = day.case.grid
    dead = np.isin(np.asarray(grid.lines.ids, dtype=str), sorted(day.dead_lines))
    rank = np.where(dead, DEAD, ENERGISED).astype(np.uint8)
    return packed_lines(grid.buses.lon, grid.buses.lat, grid.lines.from_idx, grid.lines.to_idx, rank)


def drive_paths(
    day: DayPlan, known: dict[Leg, list[int]] | None = None, crew: str | None = None
) -> dict[str, list[list[int]]]:
    """Return, per crew, the drive to each stop along the roads.

    A drive is a flat list in units of 0.00001 degrees (about a metre): lon and
    lat of its first point, then the steps to each next one.

    Parameters
    ----------
    known : drives worked out before; those of this plan take their place.
    crew : the only crew asked for; None for all.
    """
    # Others may be at the same drives, of this plan or of the one before.
    before = dict(known or {})
    owners, wanted = _drives(day, crew)
    edges = len(day.case.roads.tail)
    new = [(a, b) for a, b in dict.fromkeys(wanted) if (edges, a, b) not in before]
    made = {
        (edges, *leg): _flat_steps(path) for leg, path in zip(new, day.case.roads.paths(new), strict=True)
    }
    used = {
        (edges, a, b): made[edges, a, b] if (edges, a, b) in made else before[edges, a, b] for a, b in wanted
    }
    if known is not None:
        known.clear()
        known.update(used)
    paths: dict[str, list[list[int]]] = {}
    for owner, (a, b) in zip(owners, wanted, strict=True):
        paths.setdefault(owner, []).append(used[edges, a, b])
    return paths


def _drives(day: DayPlan, crew: str | None) -> tuple[list[str], list[tuple[int, int]]]:
    """Who drives, and from which node to which, in the order of the routes."""
    owners: list[str] = []
    wanted: list[tuple[int, int]] = []
    for route in day.plan.routes:
        if crew not in (None, route.crew):
            continue
        here = route.start
        for visit in route.visits:
            there = day.problem.job_by_id[visit.job].location
            owners.append(route.crew)
            wanted.append((day.nodes[here], day.nodes[there]))
            here = there
    return owners, wanted


def _flat_steps(path: list[tuple[float, float]]) -> list[int]:
    places = np.round(np.array(path, dtype=np.float64) * 1e5).astype(np.int64).reshape(-1, 2)
    steps = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    kept = np.flatnonzero(np.abs(steps).sum(axis=1))
    return [int(step) for step in steps[kept].ravel()]
