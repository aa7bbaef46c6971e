"""A problem as flat arrays: what the compiled search reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ...ground.drive import IMPASSABLE_S, all_driven_s
from ...ground.problem import Job, Problem, Travel
from .flat import ALWAYS, CREW, JOB, NEVER, NO_SHIFT_END_S, RULES, Arrays, Floats, Ints, Records
from .sharing import share_evenly

ROWS = 256  # of a table of drives made at once
NEAREST = 100  # neighbours kept per job


class Lookup(NamedTuple):
    """From positions in the arrays back to the problem's names."""

    place: Ints  # location index of each place
    constant: float  # cost that no plan can change


def build(
    problem: Problem, outside: Mapping[str, int] | None = None, *, drives: bool = True, nearest: int = NEAREST
) -> tuple[Arrays, Lookup]:
    """Flatten a problem.

    Parameters
    ----------
    outside : finish in seconds of jobs that are planned elsewhere (a district's
        neighbours); ways that name them take them as given.
    drives : False leaves out all tables of drives and neighbours (for the dispatcher's
        rule on problems too large for a table).
    """
    outside = outside or {}
    idx = {job.id: i for i, job in enumerate(problem.jobs)}
    places = _places(problem)
    place_of = {int(location): i for i, location in enumerate(places)}
    base = _durations(problem.travel, places) if drives else np.zeros((0, 0), np.int64)
    speeds = sorted({crew.speed_factor for crew in problem.crews}) or [1]
    legs = _legs(base, speeds)
    windows, win_ptr = _windows(problem.jobs)
    goods = sorted({what for job in problem.jobs for what in job.load})
    pred = _orders(problem, idx)
    blocks = _blocks(problem, idx, outside)
    job = _job_records(problem, place_of, windows, win_ptr, pred, blocks, idx)
    crew, able, breaks = _crew_records(problem, place_of, speeds)
    if drives and legs.max(initial=0) >= IMPASSABLE_S:
        _bar_roads(crew)
    distance = _distance(problem, places) if drives else np.zeros((1, 1))
    first_leg, first_place = np.zeros((0, 0), legs.dtype), np.zeros((0, 0), np.int64)
    if drives:
        first_leg, first_place = _first_legs(problem, crew, job, legs, place_of)
    arrays = Arrays(
        job=job,
        crew=crew,
        rules=_rules(problem, blocks, pred, goods),
        legs=legs,
        first_leg=first_leg,
        first_place=first_place,
        distance=distance,
        able=able,
        windows=windows,
        breaks=breaks,
        load=np.array([[j.load.get(g, 0) for g in goods] for j in problem.jobs], float).reshape(
            len(problem.jobs), len(goods)
        ),
        capacity=np.array(
            [[c.capacity.get(g, math.inf) for g in goods] for c in problem.crews], float
        ).reshape(len(problem.crews), len(goods)),
        near=_nearest(legs[0], job, nearest) if drives else np.zeros((0, 0), np.int32),
        committed=_committed(problem, idx),
        **cast("dict[str, Any]", pred),
        **blocks.arrays,
    )
    constant = blocks.constant - sum(j.cost_per_s * j.cost_from_s for j in problem.jobs)
    return arrays, Lookup(place=places, constant=constant)


def _places(problem: Problem) -> Ints:
    used = {job.location for job in problem.jobs}
    for crew in problem.crews:
        used.update(crew.start)
        if crew.end is not None:
            used.add(crew.end)
    return np.array(sorted(used), np.int64)


def _durations(travel: Travel, places: Ints) -> NDArray[Any]:
    """Drives between the places that matter: (places, places) seconds."""
    if travel.durations_s is not None:
        table = np.asarray(travel.durations_s)[np.ix_(places, places)]
        return np.minimum(table, IMPASSABLE_S).astype(np.int64)
    assert travel.xy is not None
    xy = np.asarray(travel.xy, float)[places]
    table = np.empty((len(places), len(places)), np.int32)
    for first in range(0, len(places), ROWS):
        rows = slice(first, first + ROWS)
        table[rows] = _rows_between(travel, places, xy, rows)
    np.fill_diagonal(table, 0)
    return table


def _rows_between(travel: Travel, places: Ints, xy: Floats, rows: slice) -> Ints:
    """Some rows of the table: all at once would take ten times its room."""
    dx = np.abs(xy[rows, None, 0] - xy[None, :, 0])
    dy = np.abs(xy[rows, None, 1] - xy[None, :, 1])
    length = (dx + dy if travel.metric == "manhattan" else np.hypot(dx, dy)) * travel.scale
    shifted = length + 0.5 if travel.rounding == "round" else length
    rounded = np.ceil(length) if travel.rounding == "ceil" else np.floor(shifted)
    whole: Ints = np.minimum(rounded, IMPASSABLE_S).astype(np.int64)
    if travel.metric != "manhattan":
        # The last bit of hypot differs between libraries; it matters only beside a rounding step.
        edge = np.abs(shifted - np.round(shifted)) <= 1e-12 * np.maximum(1.0, shifted)
        edge &= length > 0
        for a, b in np.argwhere(edge):
            whole[a, b] = travel.between(int(places[rows][a]), int(places[b]))
    return whole


def _legs(base: NDArray[Any], speeds: Sequence[float]) -> NDArray[np.int32]:
    """Drives by speed: travel x factor, rounded up as the scorer does."""
    tables = (base if factor == 1 else all_driven_s(base, factor) for factor in speeds)
    legs = np.empty((len(speeds), *base.shape), np.int32)
    for k, table in enumerate(tables):
        legs[k] = table
    return legs


def _bar_roads(crew: Records) -> None:
    """End every crew's day before a drive of `IMPASSABLE_S` could, so that no route holds one."""
    latest = crew["shift_from"] + IMPASSABLE_S - 1
    crew["shift_to"] = np.minimum(crew["shift_to"], latest)
    crew["overtime"] = np.minimum(crew["overtime"], latest - crew["shift_to"])


def _windows(jobs: Sequence[Job]) -> tuple[Ints, Ints]:
    flat: list[tuple[int, int]] = [pair for job in jobs for pair in sorted(job.windows)]
    ptr = np.cumsum([0, *[len(job.windows) for job in jobs]]).astype(np.int64)
    return np.array(flat, np.int64).reshape(-1, 2), ptr


def _orders(problem: Problem, idx: Mapping[str, int]) -> dict[str, Ints]:
    """`after` as two compressed lists: who a job waits for, and who waits for it."""
    pairs = [(idx[job.id], idx[a.job], a.lag_s) for job in problem.jobs for a in job.after if a.job in idx]
    n = len(problem.jobs)
    back = sorted((p, j) for j, p, _ in pairs)
    return {
        "pred_ptr": _pointers([j for j, _, _ in pairs], n),
        "pred_job": np.array([p for _, p, _ in pairs], np.int64),
        "pred_lag": np.array([lag for _, _, lag in pairs], np.int64),
        "succ_ptr": _pointers([p for p, _ in back], n),
        "succ_job": np.array([j for _, j in back], np.int64),
    }


def _pointers(owners: Sequence[int], n: int) -> Ints:
    counts = np.bincount(np.array(owners, np.int64), minlength=n) if owners else np.zeros(n, np.int64)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


class _Blocks(NamedTuple):
    arrays: dict[str, Any]
    constant: float
    share: Floats


def _blocks(problem: Problem, idx: Mapping[str, int], outside: Mapping[str, int]) -> _Blocks:
    """Blocks with the same ways become one; a way's jobs outside become its floor."""
    merged: dict[tuple[tuple[int, tuple[int, ...]], ...], float] = {}
    constant = 0.0
    for block in problem.blocks:
        constant -= block.cost_per_s * block.since_s
        ways = _open_ways(block.restored_by, idx, outside)
        if any(not jobs for _, jobs in ways):
            # Restored by what is settled; other ways can still be earlier only with their jobs.
            ways = [way for way in ways if way[1]] + [min(w for w in ways if not w[1])]
        key = tuple(sorted(set(ways)))
        merged[key] = merged.get(key, 0.0) + block.cost_per_s
    n = len(problem.jobs)
    rates: list[float] = []
    way_count: list[int] = []
    jobs_count: list[int] = []
    floors: list[int] = []
    flat: list[int] = []
    owners: list[tuple[int, int]] = []
    for b, (key, rate) in enumerate(merged.items()):
        rates.append(rate)
        way_count.append(len(key))
        for floor, jobs in key:
            floors.append(floor)
            jobs_count.append(len(jobs))
            flat.extend(jobs)
        owners.extend((j, b) for j in {j for _, jobs in key for j in jobs})
    owners.sort()
    arrays = {
        "block_rate": np.array(rates, float),
        "block_ptr": np.cumsum([0, *way_count]).astype(np.int64),
        "way_ptr": np.cumsum([0, *jobs_count]).astype(np.int64),
        "way_job": np.array(flat, np.int64),
        "way_floor": np.array(floors, np.int64),
        "of_ptr": _pointers([j for j, _ in owners], n),
        "of_block": np.array([b for _, b in owners], np.int64),
    }
    share = np.zeros(n)
    flat_ways = arrays["block_ptr"], arrays["way_ptr"], arrays["way_job"]
    share_evenly(len(rates), arrays["block_rate"], *flat_ways, share)
    return _Blocks(arrays, constant, share)


def _open_ways(
    ways: Sequence[Sequence[str]], idx: Mapping[str, int], outside: Mapping[str, int]
) -> list[tuple[int, tuple[int, ...]]]:
    found = []
    for way in ways:
        if any(job not in idx and job not in outside for job in way):
            continue
        floor = max((outside[job] for job in way if job not in idx), default=0 if not way else ALWAYS)
        found.append((floor, tuple(sorted({idx[job] for job in way if job in idx}))))
    return found


def _job_records(
    problem: Problem,
    place_of: Mapping[int, int],
    windows: Ints,
    win_ptr: Ints,
    pred: Mapping[str, Ints],
    blocks: _Blocks,
    idx: Mapping[str, int],
) -> Records:
    crew_idx = {crew.id: i for i, crew in enumerate(problem.crews)}
    before = {job: crew_idx.get(p.crew, len(crew_idx)) for p in problem.previous for job in p.jobs}
    committed = {job for crew in problem.crews for job in crew.committed}
    job = np.zeros(len(problem.jobs), JOB)
    for i, item in enumerate(problem.jobs):
        record = job[i]
        record["place"] = place_of[item.location]
        record["service"] = item.service_s
        record["weight"] = item.cost_per_s
        record["arrive_by"] = NEVER if item.arrive_by_s is None else item.arrive_by_s
        record["arrive_rate"] = item.late_arrival_cost_per_s
        record["finish_by"] = NEVER if item.finish_by_s is None else item.finish_by_s
        record["finish_rate"] = item.late_finish_cost_per_s
        # A job that is served costs weight x finish here, so leaving it out is shifted alike.
        record["absent"] = (item.drop_cost or 0) + item.cost_per_s * item.cost_from_s
        record["must"] = item.drop_cost is None
        # More than there are is as impossible as one more than there are, and takes no room.
        record["need"] = min(item.crews_needed, len(crew_idx) + 1)
        record["win_from"], record["win_to"] = win_ptr[i], win_ptr[i + 1]
        record["last_start"] = windows[win_ptr[i] : win_ptr[i + 1], 1].max() if item.windows else NEVER
        record["before"] = before.get(item.id, -1)
        record["fixed"] = item.id in committed
        record["share"] = item.cost_per_s + blocks.share[i]
        record["loaded"] = any(item.load.values())
    _depths(job, pred)
    _anchors(job, pred)
    return job


def _depths(job: Records, pred: Mapping[str, Ints]) -> None:
    """Longest chain of `after` before each job (a cycle stops at n)."""
    for _ in range(len(job)):
        changed = False
        for i in range(len(job)):
            for q in range(pred["pred_ptr"][i], pred["pred_ptr"][i + 1]):
                deeper = job[pred["pred_job"][q]]["depth"] + 1
                if deeper > job[i]["depth"]:
                    job[i]["depth"], changed = deeper, True
        if not changed:
            return


def _anchors(job: Records, pred: Mapping[str, Ints]) -> None:
    """What a job needs before it is as binding as the job: must be served, may not be moved out."""
    for i in np.argsort(-job["depth"], kind="stable"):
        for q in range(pred["pred_ptr"][i], pred["pred_ptr"][i + 1]):
            before = job[pred["pred_job"][q]]
            if job[i]["must"] or job[i]["fixed"]:
                before["must"] = 1
            if job[i]["fixed"] and not before["fixed"]:
                before["fixed"] = 2


def _crew_records(
    problem: Problem, place_of: Mapping[int, int], speeds: Sequence[float]
) -> tuple[Records, NDArray[np.bool_], Ints]:
    crew = np.zeros(len(problem.crews), CREW)
    starts: dict[tuple[tuple[int, ...], int], int] = {}
    skills: dict[frozenset[str], int] = {}
    kinds: dict[object, int] = {}
    breaks: list[tuple[int, int, int]] = []
    for i, item in enumerate(problem.crews):
        record = crew[i]
        speed = speeds.index(item.speed_factor)
        record["speed"] = speed
        record["starts"] = starts.setdefault((tuple(item.start), speed), len(starts))
        record["end"] = -1 if item.end is None else place_of[item.end]
        record["shift_from"], record["shift_to"] = item.shift or (0, NO_SHIFT_END_S)
        record["overtime"] = item.overtime_s
        record["overtime_rate"] = item.overtime_cost_per_s
        record["fixed_cost"] = item.fixed_cost
        record["skill"] = skills.setdefault(item.skills, len(skills))
        record["brk_from"] = len(breaks)
        rests = sorted((b.window[0], b.window[1], b.duration_s) for b in item.breaks)
        breaks.extend(rests)
        record["brk_to"] = len(breaks)
        record["committed"] = len(item.committed)
        record["kind"] = kinds.setdefault(_kind(problem, item, rests), len(kinds))
    wanted = [job.skills for job in problem.jobs]
    able = np.ones((max(1, len(skills)), len(problem.jobs)), bool)
    for skill, row in skills.items():
        needs = {want: want <= skill for want in set(wanted)}
        able[row] = [needs[want] for want in wanted]
    return crew, able, np.array(breaks, np.int64).reshape(-1, 3)


def _kind(problem: Problem, crew: Any, rests: Sequence[tuple[int, int, int]]) -> object:
    """Crews of one kind are interchangeable while empty."""
    mine = crew.id if any(p.crew == crew.id for p in problem.previous) else None
    return (
        *(crew.start, crew.end, crew.shift, crew.overtime_s, crew.overtime_cost_per_s, crew.skills),
        *(
            tuple(sorted(crew.capacity.items())),
            crew.speed_factor,
            crew.fixed_cost,
            tuple(rests),
            crew.committed,
            mine,
        ),
    )


def _distance(problem: Problem, places: Ints) -> Floats:
    table, rate = problem.travel.distances_m, problem.costs.distance_per_m
    if table is None or not rate:
        return np.zeros((1, 1))
    return np.ascontiguousarray(np.asarray(table, float)[np.ix_(places, places)] * rate)


def _first_legs(
    problem: Problem,
    crew: Records,
    job: Records,
    legs: NDArray[Any],
    place_of: Mapping[int, int],
) -> tuple[NDArray[Any], Ints]:
    """Of several start places, the one with the shortest drive to the first job."""
    count = int(crew["starts"].max()) + 1 if len(crew) else 1
    leg = np.zeros((count, len(job)), legs.dtype)
    place = np.zeros((count, len(job)), np.int64)
    seen: set[int] = set()
    for i, item in enumerate(problem.crews):
        row = int(crew[i]["starts"])
        if row in seen:
            continue
        seen.add(row)
        choices = np.array([place_of[s] for s in item.start], np.int64)
        table = legs[crew[i]["speed"]][np.ix_(choices, job["place"])]
        best = table.argmin(axis=0) if len(job) else np.zeros(0, np.int64)
        leg[row] = table[best, np.arange(len(job))]
        place[row] = choices[best]
    return leg, place


def _rules(problem: Problem, blocks: _Blocks, pred: Mapping[str, Ints], goods: Sequence[str]) -> Records:
    rules = np.zeros(1, RULES)
    record = rules[0]
    record["travel_rate"] = problem.costs.travel_per_s
    record["max_crews"] = len(problem.crews) if problem.max_crews is None else problem.max_crews
    record["change_cost"] = problem.change_cost
    record["unserved"] = max(0, problem.unserved_at_s or 0)
    record["has_distance"] = bool(problem.costs.distance_per_m) and problem.travel.distances_m is not None
    record["has_blocks"] = len(blocks.arrays["block_rate"]) > 0
    record["coupled"] = len(pred["pred_job"]) > 0 or any(job.crews_needed > 1 for job in problem.jobs)
    record["has_load"] = len(goods) > 0
    return rules


def _nearest(legs: NDArray[Any], job: Records, most: int) -> NDArray[np.int32]:
    """The jobs nearest to each job by drive there and back, itself first."""
    n = len(job)
    count = min(n, most)
    near = np.zeros((n, count), np.int32)
    place = job["place"]
    for i in range(n):
        drive = legs[place[i], place].astype(np.float64) + legs[place, place[i]]
        drive[i] = -np.inf
        some = np.argpartition(drive, count - 1)[:count] if count < n else np.arange(n)
        near[i] = some[np.lexsort((some, drive[some]))]
    return near


def _committed(problem: Problem, idx: Mapping[str, int]) -> NDArray[np.int32]:
    longest = max((len(crew.committed) for crew in problem.crews), default=0)
    table = np.full((len(problem.crews), max(1, longest)), -1, np.int32)
    for i, crew in enumerate(problem.crews):
        table[i, : len(crew.committed)] = [idx[job] for job in crew.committed]
    return table
