"""Where to put crews the evening before: start places searched over sampled storms.

Sample average approximation: the same storms judge every placing, by a list
dispatcher that is quick enough to be asked hundreds of times; a placing is
improved by moving one crew at a time. What it gains is measured afterwards on
other storms with the planning of the day (`gridcrew staging`).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from .scenario import CrewGroup, Scenario, Staging, Study
from .stage import Stage, make_stage
from .storms import draw_hits
from .world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Storms to search on have numbers that no study reaches.
FIRST_STORM = 1_000_000
SPREAD_PLACES = 12
TRIES = 160
MOVED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere crews may wait."""

    name: str
    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True)
class Placing:
    """What the search found.

    Parameters
    ----------
    crews : by group how many crews at which place.
    before, after : weighted customer-hours that the list dispatcher needs, mean of the searched storms.
    """

    crews: Mapping[str, Mapping[str, int]]
    before: float
    after: float
    storms: int


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """A storm as the quick dispatcher sees it; times in seconds, a row per fault."""

    known_s: Floats
    stay_s: Floats
    rate: Floats
    able: NDArray[np.bool_]
    drive_s: Floats
    from_place_s: Floats
    end_s: float


def staged_study(study: Study, world: World, seed: int) -> tuple[Study, dict[str, Placing]]:
    """Every alternative that asks for it with its crews placed; and what was found."""
    found: dict[str, Placing] = {}
    scenarios: dict[str, Scenario] = {}
    for name, scenario in study.alternatives.items():
        if scenario.staging is None:
            scenarios[name] = scenario
        else:
            scenarios[name], found[name] = staged(world, scenario, scenario.staging, seed)
    return study.model_copy(update={"alternatives": scenarios}), found


def staged(world: World, scenario: Scenario, staging: Staging, seed: int) -> tuple[Scenario, Placing]:
    """Search start places for a scenario's crews of the first turn."""
    places = places_of(world, staging, seed)
    groups = [g for g in scenario.crews if not staging.groups or g.name in staging.groups]
    movable = {group.name for group in groups}
    members = [(g, number) for g in scenario.crews for number in range(g.count) if g.worked_turns]
    scenes = [_scene(world, scenario, members, places, seed, FIRST_STORM + n) for n in range(staging.storms)]
    begin = np.asarray([group.worked_turns[0][0] * 3600 for group, _ in members])
    at = _homes(world, members, places)
    free = np.asarray([group.name in movable for group, _ in members])
    best, before, after = _improved(scenes, begin, at, free, staging.most_per_place, len(places), seed)
    placing = Placing(
        crews=_counted(members, best, places),
        before=before / 3600,
        after=after / 3600,
        storms=staging.storms,
    )
    return _with_starts(scenario, members, best, places, movable), placing


def places_of(world: World, staging: Staging, seed: int) -> list[Place]:
    """Depots, then the places given, else centres of the customers."""
    found = [Place(name=each.id, lon=each.lon, lat=each.lat) for each in world.case.depots]
    spots = staging.places or _centres(world, seed)
    return found + [
        Place(name=f"place {number}", lon=round(lon, 5), lat=round(lat, 5))
        for number, (lon, lat) in enumerate(spots, start=1)
    ]


def _centres(world: World, seed: int) -> list[tuple[float, float]]:
    """Centres of the transformers, more where there are more of them."""
    table = world.case.grid.transformers
    spots = np.stack([table.lon, table.lat], axis=1)
    count = min(SPREAD_PLACES, len(spots))
    centres, _ = kmeans2(spots, count, seed=np.random.default_rng([seed, MOVED]), minit="++")
    at = world.drives.places(centres[:, 0].tolist(), centres[:, 1].tolist())
    return [
        (float(world.drives.lon[each]), float(world.drives.lat[each])) for each in dict.fromkeys(at.tolist())
    ]


Members = Sequence[tuple[CrewGroup, int]]


def _homes(world: World, members: Members, places: Sequence[Place]) -> Ints:
    """Position of each crew's place before anything is moved."""
    at = {place.name: number for number, place in enumerate(places)}
    depots = [depot.id for depot in world.case.depots]
    return np.asarray([at[(group.depots or depots)[n % len(group.depots or depots)]] for group, n in members])


def _scene(
    world: World, scenario: Scenario, members: Members, places: Sequence[Place], seed: int, number: int
) -> _Scene:
    stage = make_stage(world, scenario, draw_hits(world, scenario, seed, number))
    job = {each.id: each for each in stage.jobs}
    steps = [[job[name] for name in fault.jobs] for fault in stage.faults]
    location = np.asarray([jobs[-1].location for jobs in steps], dtype=np.int64)
    crews = {crew.id: crew for crew in stage.crews}
    skills = [crews[f"{group.name}-{n + 1:02d}/1"].skills for group, n in members]
    book = world.drives
    spots = book.places([place.lon for place in places], [place.lat for place in places])
    at = book.places(
        [stage.places[each][0] for each in location], [stage.places[each][1] for each in location]
    )
    table = stage.travel.matrix_s
    return _Scene(
        known_s=np.asarray([fault.at_s + fault.call_s for fault in stage.faults], dtype=np.float64),
        stay_s=np.asarray([sum(each.service_s for each in jobs) for jobs in steps], dtype=np.float64),
        rate=_rates(stage),
        able=np.asarray([[all(each.skills <= own for each in jobs) for jobs in steps] for own in skills]),
        drive_s=table[np.ix_(location, location)].astype(np.float64),
        from_place_s=np.asarray(book.durations_s[np.ix_(spots, at)], dtype=np.float64)
        * scenario.drive_factor,
        end_s=max(group.worked_turns[0][1] for group, _ in members) * 3600,
    )


def _rates(stage: Stage) -> Floats:
    """Weight of the customers who wait for each fault; shared where a block waits for several."""
    at = {fault.jobs[-1]: number for number, fault in enumerate(stage.faults)}
    rate = np.zeros(len(stage.faults))
    for block, weight in zip(stage.blocks, stage.block_weight, strict=True):
        way = min(block.restored_by, key=lambda jobs: (not all(job in at for job in jobs), len(jobs)))
        repairs = [at[job] for job in way if job in at]
        for repair in repairs:
            rate[repair] += weight / len(repairs)
    return rate


def judged(scene: _Scene, begin_s: Floats, at: Ints) -> float:
    """Weighted customer-seconds until everybody is back: a free crew takes the best weight per minute.

    Parameters
    ----------
    begin_s, at : (crews,) when each begins and at which place.
    """
    open_ = np.ones(len(scene.known_s), dtype=bool)
    where = np.full(len(begin_s), -1)
    queue = [(float(time), crew) for crew, time in enumerate(begin_s)]
    heapq.heapify(queue)
    cost = 0.0
    while queue and open_.any():
        now, crew = heapq.heappop(queue)
        mine = open_ & scene.able[crew]
        if now >= scene.end_s or not mine.any():
            continue
        known = mine & (scene.known_s <= now)
        if not known.any():
            heapq.heappush(queue, (float(scene.known_s[mine].min()), crew))
            continue
        drive = scene.from_place_s[at[crew]] if where[crew] < 0 else scene.drive_s[where[crew]]
        worth = np.where(known, (scene.rate + 1e-6) / (drive + scene.stay_s), -1.0)
        job = int(np.argmax(worth))
        done = now + drive[job] + scene.stay_s[job]
        cost += float(scene.rate[job] * (done - scene.known_s[job]))
        open_[job], where[crew] = False, job
        heapq.heappush(queue, (float(done), crew))
    left = scene.rate[open_] * (scene.end_s + 8 * 3600 - scene.known_s[open_])
    return cost + float(left.sum())


def _improved(
    scenes: Sequence[_Scene],
    begin: Floats,
    at: Ints,
    free: NDArray[np.bool_],
    most: int,
    places: int,
    seed: int,
) -> tuple[Ints, float, float]:
    """Move one crew at a time to where the storms' mean falls; the best, and the mean before and after."""

    def mean(placing: Ints) -> float:
        return float(np.mean([judged(scene, begin, placing) for scene in scenes]))

    random = np.random.default_rng([seed, MOVED, 1])
    best, first = at.copy(), mean(at)
    least = first
    movable = np.flatnonzero(free)
    for _ in range(TRIES if len(movable) else 0):
        tried = best.copy()
        crew = int(random.choice(movable))
        tried[crew] = int(random.integers(places))
        if tried[crew] == best[crew] or np.count_nonzero(tried == tried[crew]) > most:
            continue
        cost = mean(tried)
        if cost < least:
            best, least = tried, cost
    return best, first, least


def _counted(members: Members, at: Ints, places: Sequence[Place]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for (group, _), place in zip(members, at.tolist(), strict=True):
        found.setdefault(group.name, Counter())[places[place].name] += 1
    return {name: dict(sorted(count.items())) for name, count in found.items()}


def _with_starts(
    scenario: Scenario, members: Members, at: Ints, places: Sequence[Place], movable: set[str]
) -> Scenario:
    spots: dict[str, list[tuple[float, float]]] = {}
    for (group, _), place in zip(members, at.tolist(), strict=True):
        spots.setdefault(group.name, []).append((places[place].lon, places[place].lat))
    crews = tuple(
        group.model_copy(update={"starts": tuple(spots.get(group.name, ()))})
        if group.name in movable
        else group
        for group in scenario.crews
    )
    return scenario.model_copy(update={"crews": crews, "staging": None})
