"""A problem relaxed for its bound: jobs as tasks with own costs, crews by kind.

What is given up, each only ever lowering the cost: waits between jobs (`after`),
meeting of crews (each of k crews bears 1/k of the job's cost), stock, committed
jobs, changes against the previous plan, breaks after the first. A block is paid
through its jobs: restored no earlier than a weighted mean of the finishes of
the jobs that all its ways share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...ground.drive import all_driven_s
from ...ground.problem import Block, Crew, Problem, Travel
from .pricing import NEVER, TASK, TERMS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
UNLIMITED = 10**12
MOST_PLACES_CLOSED = 450


@dataclass(slots=True)
class Kind:
    """Crews that go on alike from any job at any time, so one programme serves them all."""

    crews: list[Crew]
    able: NDArray[np.bool_]
    legs: Ints
    prices: Floats
    home_s: Ints
    home_cost: Floats
    terms: NDArray[np.void]
    squads: list[Squad] = field(default_factory=list)


@dataclass(slots=True)
class Squad:
    """Crews of one kind that also start alike."""

    count: int
    fixed_cost: float
    shift_start: int
    first_s: Ints  # (starts, jobs)
    first_price: Floats


@dataclass(slots=True)
class Shares:
    """Which jobs bear which block's cost, in which shares (flat: a row per pair)."""

    block: Ints
    job: Ints
    share: Floats
    rate: Floats  # the block's cost per second
    capped: NDArray[np.bool_]  # whether the block can stay unrestored


@dataclass(slots=True)
class Relaxed:
    """Everything the bound needs as arrays; see the module."""

    problem: Problem
    tasks: NDArray[np.void]
    windows: Ints
    visits: Floats  # crews needed
    drop: Floats  # infinite where the job must be served
    shares: Shares
    constant: float
    unserved_s: int
    origin: int
    kinds: list[Kind]


def relax(problem: Problem, most_kinds: int) -> Relaxed:
    """Relax a problem; crews are merged into at most `most_kinds` more able kinds.

    Parameters
    ----------
    problem : the problem.
    most_kinds : of crews that are kept apart.

    Returns
    -------
    Relaxed
        A problem whose best cost is no more than the true one's.
    """
    unserved_s = max(0, problem.unserved_at_s or 0)
    origin = min([shift_start(crew) for crew in problem.crews], default=0)
    shares, constant = _shares(problem, origin)
    tasks, windows = _tasks(problem, unserved_s)
    drop = np.array([np.inf if job.drop_cost is None else float(job.drop_cost) for job in problem.jobs])
    return Relaxed(
        problem=problem,
        tasks=tasks,
        windows=windows,
        visits=np.array([job.crews_needed for job in problem.jobs], dtype=np.float64),
        drop=drop,
        shares=shares,
        constant=constant,
        unserved_s=unserved_s,
        origin=origin,
        kinds=[_kind(problem, crews) for crews in _by_kind(problem, most_kinds)],
    )


def shift_start(crew: Crew) -> int:
    """When a crew may first move.

    Parameters
    ----------
    crew : a crew.

    Returns
    -------
    int
        Seconds; 0 without a shift.
    """
    return crew.shift[0] if crew.shift else 0


def _tasks(problem: Problem, unserved_s: int) -> tuple[NDArray[np.void], Ints]:
    tasks = np.zeros(len(problem.jobs), dtype=TASK)
    windows: list[tuple[int, int]] = []
    for idx, job in enumerate(problem.jobs):
        task, need = tasks[idx], job.crews_needed
        task["service"] = job.service_s
        task["rate"] = job.cost_per_s / need
        task["constant"] = -job.cost_per_s * job.cost_from_s / need
        soft_in = job.arrive_by_s is not None and job.late_arrival_cost_per_s > 0
        task["arrive_by"] = job.arrive_by_s if soft_in else NEVER
        task["arrive_rate"] = job.late_arrival_cost_per_s / need if soft_in else 0
        soft_out = job.finish_by_s is not None and job.late_finish_cost_per_s > 0
        task["finish_by"] = job.finish_by_s if soft_out else NEVER
        task["finish_rate"] = job.late_finish_cost_per_s / need if soft_out else 0
        task["win_from"], task["win_to"] = len(windows), len(windows) + len(job.windows)
        windows += job.windows
    return tasks, np.array(windows or [(0, 0)], dtype=np.int64).reshape(-1, 2)


def _shares(problem: Problem, origin: int) -> tuple[Shares, float]:
    """Deal every block's cost out to the jobs that all its ways need; the rest is constant."""
    at = {job.id: idx for idx, job in enumerate(problem.jobs)}
    earliest = earliest_finish_s(problem) if problem.blocks else np.zeros(0)
    rows: list[tuple[int, int, float, float, bool]] = []
    constant = 0.0
    for block_idx, block in enumerate(problem.blocks):
        constant -= block.cost_per_s * block.since_s
        common = (
            sorted(set.intersection(*(set(way) for way in block.restored_by))) if block.restored_by else []
        )
        if not common:
            constant += block.cost_per_s * _static_s(problem, block, at, earliest)
            continue
        safe = _always_back(problem, block) and origin >= 0
        rows += [(block_idx, at[name], 1 / len(common), block.cost_per_s, not safe) for name in common]
    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [[], [], [], [], []]
    shares = Shares(
        block=np.array(columns[0], dtype=np.int64),
        job=np.array(columns[1], dtype=np.int64),
        share=np.array(columns[2], dtype=np.float64),
        rate=np.array(columns[3], dtype=np.float64),
        capped=np.array(columns[4], dtype=np.bool_),
    )
    return shares, constant


def _always_back(problem: Problem, block: Block) -> bool:
    """Whether some way consists of jobs that must all be served."""
    jobs = problem.job_by_id
    return any(all(jobs[name].drop_cost is None for name in way) for way in block.restored_by)


def _static_s(problem: Problem, block: Block, at: dict[str, int], earliest: Floats) -> float:
    """A time before which the block cannot be back, from each job's earliest finish alone."""
    ways = [max([float(earliest[at[name]]) for name in way], default=0.0) for way in block.restored_by]
    if not _always_back(problem, block):
        ways.append(float(max(0, problem.unserved_at_s or 0)))
    return max(0.0, min(ways))


def earliest_finish_s(problem: Problem) -> Floats:
    """When any able crew could at the soonest finish each job if it went there first.

    Legs are the cheapest into the job from any start or other job, so the
    triangle inequality is not needed. Infinite where no crew is able.

    Parameters
    ----------
    problem : the problem.

    Returns
    -------
    ndarray
        (n,) seconds; infinite where no crew is able.
    """
    into = cheapest_into_s(problem)
    kinds = {(crew.skills, crew.speed_factor, shift_start(crew)): crew for crew in problem.crews}.values()
    found = np.full(len(problem.jobs), np.inf)
    for idx, job in enumerate(problem.jobs):
        for crew in kinds:
            if job.skills <= crew.skills:
                ready = shift_start(crew) + crew.drive_s(int(into[idx]))
                opens = [max(ready, first) for first, last in job.windows if max(ready, first) <= last]
                start = min(opens, default=np.inf) if job.windows else ready
                found[idx] = min(found[idx], start + job.service_s)
    return found


MOST_IN_TABLE = 2000  # jobs up to which all drives are looked at


def cheapest_into_s(problem: Problem) -> Ints:
    """Seconds of the cheapest drive into each job, from a start or another job, at speed factor 1."""
    place = np.array([job.location for job in problem.jobs], dtype=np.int64)
    starts = np.array(sorted({start for crew in problem.crews for start in crew.start}), dtype=np.int64)
    if problem.travel.xy is not None and len(place) > MOST_IN_TABLE:
        return _cheapest_between_points(problem.travel, place, starts)
    table = problem.travel.matrix_s
    between = table[np.ix_(place, place)].copy()
    np.fill_diagonal(between, NEVER)
    into: Ints = table[np.ix_(starts, place)].min(axis=0, initial=NEVER)
    least: Ints = np.minimum(into, between.min(axis=0, initial=NEVER))
    return least


def _cheapest_between_points(travel: Travel, place: Ints, starts: Ints) -> Ints:
    """The same from points, without a table of all drives; at most the true seconds."""
    assert travel.xy is not None
    points = np.asarray(travel.xy, dtype=np.float64)
    power = 1 if travel.metric == "manhattan" else 2
    near = cKDTree(points[starts]).query(points[place], p=power)[0]
    if len(place) > 1:
        near = np.minimum(near, cKDTree(points[place]).query(points[place], k=2, p=power)[0][:, 1])
    # Less by the last bits of a root, which depend on how it is taken.
    length = near * travel.scale * (1.0 if power == 1 else 1 - 1e-12)
    whole = (
        np.ceil(length)
        if travel.rounding == "ceil"
        else np.floor(length + 0.5 * (travel.rounding == "round"))
    )
    least: Ints = whole.astype(np.int64)
    return least


def _by_kind(problem: Problem, most: int) -> list[list[Crew]]:
    """Group crews by what the way on depends on, coarser until there are few enough groups."""

    def exact(crew: Crew) -> object:
        end = crew.shift[1] if crew.shift else None
        return (
            sorted(crew.skills),
            crew.speed_factor,
            crew.end,
            end,
            crew.overtime_s,
            crew.overtime_cost_per_s,
            crew.breaks[:1],
        )

    def by_skill_and_home(crew: Crew) -> object:
        return (sorted(crew.skills), crew.end)

    def by_skill(crew: Crew) -> object:
        return sorted(crew.skills)

    for key in (exact, by_skill_and_home, by_skill):
        groups: dict[str, list[Crew]] = {}
        for crew in problem.crews:
            groups.setdefault(repr(key(crew)), []).append(crew)
        if len(groups) <= most:
            return list(groups.values())
    return [list(problem.crews)]


def _kind(problem: Problem, crews: Sequence[Crew]) -> Kind:
    factor = min(crew.speed_factor for crew in crews)
    ends = {crew.end for crew in crews}
    homes = [] if None in ends else sorted(end for end in ends if end is not None)
    skills = frozenset[str]().union(*(crew.skills for crew in crews))
    seconds, prices, at, slack = _ground(problem, crews, factor)
    place = np.array([at[job.location] for job in problem.jobs], dtype=np.int64)
    home = np.ix_(place, np.array([at[end] for end in homes], dtype=np.int64))
    home_s = seconds[home].min(axis=1) if homes else np.zeros(len(place), dtype=np.int64)
    home_cost = prices[home].min(axis=1) if homes else np.zeros(len(place))
    kind = Kind(
        crews=list(crews),
        able=np.array([job.skills <= skills for job in problem.jobs], dtype=np.bool_),
        legs=np.ascontiguousarray(seconds[np.ix_(place, place)]),
        prices=np.ascontiguousarray(prices[np.ix_(place, place)]),
        home_s=home_s,
        home_cost=home_cost,
        terms=_terms(crews, home_s, home_cost, slack),
    )
    squads: dict[tuple[tuple[int, ...], int, float], int] = {}
    for crew in crews:
        key = (crew.start, shift_start(crew), crew.fixed_cost)
        squads[key] = squads.get(key, 0) + 1
    for (start, begins, fixed), count in squads.items():
        cells = np.ix_(np.array([at[where] for where in start], dtype=np.int64), place)
        first_s, first_price = np.ascontiguousarray(seconds[cells]), np.ascontiguousarray(prices[cells])
        kind.squads.append(Squad(count, fixed, begins, first_s, first_price))
    return kind


def _ground(
    problem: Problem, crews: Sequence[Crew], factor: float
) -> tuple[Ints, Floats, dict[int, int], float]:
    """Drives between the places in use: seconds, prices, positions, and a slack.

    Where detours are never shorter, a visit that does not pay for itself can be
    left out of a route. The tables are closed under detours to make it so; for
    many places that takes too long, and legs of at most two or three seconds too
    many (rounding) are covered by the work on site, their price by the slack. An
    infinite slack says that no visit may be left out.
    """
    used = {job.location for job in problem.jobs}
    used |= {start for crew in crews for start in crew.start}
    used |= {crew.end for crew in crews if crew.end is not None}
    places = sorted(used)
    cells = np.ix_(np.array(places), np.array(places))
    seconds = _drives(problem.travel.matrix_s[cells], factor)
    prices = _prices(problem, seconds, cells)
    at = {place: idx for idx, place in enumerate(places)}
    if len(places) <= MOST_PLACES_CLOSED:
        return _closed(seconds), _closed(prices), at, 0.0
    detour_s = 2 + math.ceil(factor)
    shortest = min((job.service_s for job in problem.jobs), default=0)
    if problem.travel.xy is not None and shortest > detour_s and not problem.costs.distance_per_m:
        return seconds, prices, at, detour_s * problem.costs.travel_per_s
    return seconds, prices, at, math.inf


def _closed(table: Any) -> Any:
    """Shortest over all detours (Floyd and Warshall)."""
    table = table.copy()
    for via in range(len(table)):
        np.minimum(table, table[:, via, None] + table[None, via, :], out=table)
    return table


def _drives(table: Ints, factor: float) -> Ints:
    drives: Ints = np.ascontiguousarray(all_driven_s(table, factor).astype(np.int64))
    return drives


def _prices(problem: Problem, drives: Ints, cells: tuple[Ints, ...]) -> Floats:
    prices = drives.astype(np.float64)
    prices *= problem.costs.travel_per_s
    if problem.costs.distance_per_m and problem.travel.distances_m is not None:
        prices += problem.travel.distances_m[cells] * problem.costs.distance_per_m
    return np.ascontiguousarray(prices)


def _terms(crews: Sequence[Crew], home_s: Ints, home_cost: Floats, slack: float) -> NDArray[np.void]:
    terms = np.zeros(1, dtype=TERMS)
    term = terms[0]
    term["shift_end"] = max(crew.shift[1] if crew.shift else UNLIMITED for crew in crews)
    term["overtime"] = max(crew.overtime_s for crew in crews)
    term["overtime_rate"] = min(crew.overtime_cost_per_s for crew in crews)
    term["layers"] = 2 if all(crew.breaks for crew in crews) else 1
    if term["layers"] == 2:
        firsts = [crew.breaks[0] for crew in crews]
        term["rest_from"] = min(rest.window[0] for rest in firsts)
        term["rest_to"] = max(rest.window[1] for rest in firsts)
        term["rest"] = min(rest.duration_s for rest in firsts)
    term["least_home_s"] = home_s.min(initial=UNLIMITED)
    term["slack"] = slack
    term["least_home_cost"] = home_cost.min(initial=np.inf)
    return terms


def with_blocks(relaxed: Relaxed, share: Floats) -> tuple[NDArray[np.void], Floats]:
    """Tasks and drop costs with the blocks' costs dealt out in these shares."""
    tasks, drop, shares = relaxed.tasks.copy(), relaxed.drop.copy(), relaxed.shares
    paid = shares.rate * share
    each = paid / relaxed.visits[shares.job] if len(paid) else paid
    np.add.at(tasks["rate"], shares.job[~shares.capped], each[~shares.capped])
    np.add.at(tasks["capped_rate"], shares.job[shares.capped], each[shares.capped])
    left_out = paid[shares.capped] * relaxed.unserved_s
    np.add.at(drop, shares.job[shares.capped], left_out)
    return tasks, drop
