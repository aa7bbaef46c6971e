"""One replication as a film: where every crew is, what is broken, who is without supply, second by second.

A film is plain data. Its times are seconds from `start`; places are degrees. A
drive is a flat list in units of 0.00001 degrees (about a metre): lon and lat of
its first point, then the steps to each next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from geo import Roads
from geo.areas import read_area

from .closures import periods, slowness
from .engine import Outcome, Work
from .happenings import storm_of
from .measures import GRID_MIN, curve
from .scenario import Scenario, Study
from .stage import DESK_CREW, Happening, Stage
from .storms import Hit, draw_hits
from .study import live, shared_world
from .world import COMPONENTS, World

Record = Mapping[str, Any]
# Slower than any crew walks: a closed road is taken only where there is no other.
CLOSED_KMH = 1e-3


def write_films(
    out: Path, study: Study, records: Mapping[str, Sequence[Record]], which: str, seed: int
) -> list[str]:
    """Write the film of one replication for each alternative.

    Parameters
    ----------
    which : number of the replication, or `median`: the one in the middle of the base's by customer-minutes.

    Returns
    -------
    list of str
        Names of the files in `out`.
    """
    number = median_replication(records[study.base]) if which == "median" else int(which)
    world = shared_world(study.case_folder)
    found = []
    for place, (name, scenario) in enumerate(study.alternatives.items()):
        film = make_film(world, scenario, seed, number)
        path = out / f"film-{place}-{_slug(name)}-{number}.json"
        said = {"alternative": name, "replication": number, "seed": seed, **film}
        path.write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        found.append(path.name)
    return found


def median_replication(records: Sequence[Record]) -> int:
    """The replication in the middle by customer-minutes; of an even number the better of the two."""
    order = sorted(records, key=lambda each: (each["customer_minutes"], each["replication"]))
    return int(order[(len(order) - 1) // 2]["replication"])


def make_film(world: World, scenario: Scenario, seed: int, replication: int) -> dict[str, Any]:
    """Live through a replication and say what there is to see."""
    stage, outcome = live(world, scenario, seed, replication)
    hits = draw_hits(world, scenario, seed, replication)
    return {
        "name": scenario.name,
        "start_s": round(scenario.start.timestamp()),
        "horizon_s": scenario.horizon_s,
        "end_s": _end_s(stage, outcome),
        "crews": _crews(world, scenario, stage, outcome),
        "faults": _faults(world, stage, outcome, hits),
        "areas": _areas(world, stage, outcome),
        "curve": {"step_s": GRID_MIN * 60, "out": curve(stage, outcome)},
        "zones": _zones(scenario),
        "storm": _storm(scenario),
    }


def _end_s(stage: Stage, outcome: Outcome) -> int:
    """When the last customers are back and the last crew is done, rounded up to an hour."""
    last = max(
        [each.to_s for each in outcome.interruptions] + [work.finish_s for work in outcome.works] + [3600]
    )
    return min(stage.horizon_s, -(-last // 3600) * 3600)


def _crews(world: World, scenario: Scenario, stage: Stage, outcome: Outcome) -> list[dict[str, Any]]:
    """Each crew and turn with its drives and stays; those that did nothing stand at their place."""
    works: dict[str, list[Work]] = {}
    for work in sorted(outcome.works, key=lambda each: (each.left_s, each.finish_s)):
        works.setdefault(work.crew, []).append(work)
    location = {job.id: job.location for job in stage.jobs}
    roads = _Roads(world.case.roads, scenario)
    found = []
    for crew in stage.crews:
        if crew.id == DESK_CREW:
            continue
        here = crew.start[0]
        legs: list[dict[str, Any]] = []
        for work in works.get(crew.id, ()):
            there = location[work.job]
            nodes = stage.places[here][2], stage.places[there][2]
            stay = [work.left_s, work.arrive_s, work.start_s, work.finish_s]
            legs.append({"job": work.job, "at": stay, "path": roads.path(nodes, work.left_s)})
            here = there
        begin, end = crew.shift or (0, stage.horizon_s)
        done = max([end, *(work.finish_s for work in works.get(crew.id, ()))])
        lon, lat, _ = stage.places[crew.start[0]]
        found.append(
            {
                "id": crew.id,
                "from_s": begin,
                "to_s": done,
                "place": [round(lon, 5), round(lat, 5)],
                "legs": legs,
            }
        )
    return found


class _Roads:
    """Drives along the roads as they are at a moment, each found once."""

    def __init__(self, roads: Roads, scenario: Scenario) -> None:
        self.periods = [
            (from_s, _slowed(roads, slowness(roads, now)) if now else roads)
            for from_s, now in periods(scenario)
        ]
        self.kept: dict[tuple[int, int, int], list[int]] = {}

    def path(self, nodes: tuple[int, int], now_s: int) -> list[int]:
        number = max(at for at, (from_s, _) in enumerate(self.periods) if from_s <= now_s)
        key = (number, *nodes)
        if key not in self.kept:
            self.kept[key] = flat_steps(self.periods[number][1].paths([nodes])[0])
        return self.kept[key]


def _slowed(roads: Roads, factor: np.ndarray) -> Roads:
    return replace(roads, speed_kmh=np.maximum(roads.speed_kmh / factor, CLOSED_KMH))


def flat_steps(path: Sequence[tuple[float, float]]) -> list[int]:
    """A line as the first place and the steps to each next one, in 0.00001 degrees."""
    places = np.round(np.asarray(path, dtype=np.float64) * 1e5).astype(np.int64).reshape(-1, 2)
    steps = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    kept = np.flatnonzero(np.abs(steps).sum(axis=1))
    return [int(step) for step in steps[kept].ravel()]


def _faults(world: World, stage: Stage, outcome: Outcome, hits: Sequence[Hit]) -> list[dict[str, Any]]:
    elements = world.elements
    return [
        {
            "id": fault.id,
            "place": [round(float(elements.lon[hit.element]), 5), round(float(elements.lat[hit.element]), 5)],
            "component": COMPONENTS[int(elements.component[hit.element])],
            "cause": hit.cause,
            **_moments(fault, outcome, number),
        }
        for number, (fault, hit) in enumerate(zip(stage.faults, hits, strict=True))
    ]


def _moments(fault: Happening, outcome: Outcome, number: int) -> dict[str, int | None]:
    return {
        "at_s": fault.at_s,
        "known_s": outcome.known_s.get(number),
        "mended_s": outcome.mended_s.get(number),
    }


def _areas(world: World, stage: Stage, outcome: Outcome) -> list[dict[str, Any]]:
    """Blocks that were without supply, with the places of their transformers."""
    out: dict[int, list[list[int]]] = {}
    for each in outcome.interruptions:
        out.setdefault(each.block, []).append([each.from_s, each.to_s])
    grid = world.case.grid
    found = []
    for block, spans in sorted(out.items()):
        places = [grid.place_of("transformer", name) for name in stage.block_transformers[block]]
        flat = np.round(np.asarray(places, dtype=np.float64) * 1e5).astype(np.int64).ravel()
        found.append(
            {"customers": stage.block_customers[block], "out": sorted(spans), "places": flat.tolist()}
        )
    return found


def _zones(scenario: Scenario) -> list[dict[str, Any]]:
    """Areas under water, shaken or closed, with their time."""
    damage = scenario.damage
    zones = [("flood", each.area, each.from_h, each.to_h) for each in damage.flood]
    zones += [("quake", each.area, each.from_h, None) for each in damage.quake]
    zones += [("closed", each.area, each.from_h, each.to_h) for each in scenario.roads if each.area]
    return [
        {
            "kind": kind,
            "from_s": round(from_h * 3600),
            "to_s": scenario.horizon_s if to_h is None else round(to_h * 3600),
            "rings": [flat_steps(ring) for ring in read_area(area).rings],
        }
        for kind, area, from_h, to_h in zones
    ]


def _storm(scenario: Scenario) -> dict[str, Any] | None:
    """The forecast track of a storm; a replication's own may differ by the forecast's error."""
    if scenario.damage.wind is None:
        return None
    storm = storm_of(scenario.damage.wind)
    track = [
        [round(float(h) * 3600), round(float(lon), 5), round(float(lat), 5), float(ms)]
        for h, lon, lat, ms in zip(storm.hour, storm.lon, storm.lat, storm.max_ms, strict=True)
    ]
    return {"track": track, "radius_km": storm.radius_km}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "alternative"
