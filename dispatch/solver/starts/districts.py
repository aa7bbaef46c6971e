"""Very large problems: districts of neighbouring crews are planned one at a time.

The dispatcher's rule makes a first plan without a table of all drives. Then the
crews are cut into districts by where their routes lie, each district with its
jobs is a problem of its own, and the next round cuts differently, so that jobs
can cross what was a border.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...ground.plan import Plan, Route
from ...ground.problem import Problem, Travel
from ...judge.timing import timed
from ..bound.limit import lower_bound
from ..budget import Budget
from ..conflicts import find_conflicts, unkept
from ..kernels.arrays import build
from ..kernels.flat import NEVER
from ..plans import make_plan
from ..progress import Progress
from ..search.engine import Engine
from .construct import rule_plan

LARGE = 2500  # jobs above which a problem is cut
DISTRICT = 500  # jobs of a district, about
ROUNDS = (0.06, 0.32, 0.31, 0.31)  # shares of the budget: a quick look at every district comes first
WARM = (0.0, 0.2, 0.35, 0.35)  # of the cooling is skipped in each round
TURN = math.pi / 5  # the cuts of each round are turned by this angle
TABLE_S = 6e-8  # for each drive of a table and what is made of it, roughly
TABLE_SHARE = 0.4  # of the time, for a district's table
TIMED_AT_ONCE = 20  # crews
RESERVE = 0.03  # of the time, for putting the plan together
LOOK_S = 0.2
CONFLICTS_S = 5.0  # for the smallest sets of jobs that conflict

Solution = list[list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One district's search."""

    problem: Problem
    routes: Solution
    outside: Mapping[str, int]
    seed: int
    seconds: float | None
    work: int
    ends: float
    warm: float


def solve_large(
    problem: Problem,
    budget: Budget,
    seed: int,
    processes: int,
    on_progress: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
    start: Sequence[Sequence[str]] | None,
) -> Plan:
    """Plan a problem of many thousand jobs."""
    large = _Large(problem, budget, seed, on_progress, stop)
    large.begin(start)
    budget.open()
    with contextlib.suppress(KeyboardInterrupt, MemoryError):
        large.improve(max(1, processes))
    return large.plan()


class _Large:
    """The whole plan while its districts are improved."""

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        seed: int,
        on_progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self.problem, self.budget, self.seed = problem, budget, seed
        self.on_progress, self.stop = on_progress, stop
        self.idx = {job.id: i for i, job in enumerate(problem.jobs)}
        self.routes: Solution = []
        self.timed: dict[int, Route] = {}
        self.finish: dict[str, int] = {}
        self.spots = _spots(problem.travel)
        self.changed = False  # since progress was last told

    def begin(self, start: Sequence[Sequence[str]] | None) -> None:
        """First routes: those given, else the dispatcher's rule."""
        arrays, lookup = build(self.problem, drives=False)
        self.routes, done = rule_plan(self.problem, arrays, lookup.place, None)
        self.finish = {job.id: int(t) for job, t in zip(self.problem.jobs, done, strict=True) if t < NEVER}
        if start is not None:
            self.routes = [[self.idx[job] for job in jobs if job in self.idx] for jobs in start]

    def improve(self, processes: int) -> None:
        """Search district after district, several at a time, in rounds."""
        context = multiprocessing.get_context("fork" if threading.active_count() == 1 else "spawn")
        pool = (
            ProcessPoolExecutor(processes, mp_context=context, initializer=_ignore_interrupts)
            if processes > 1
            else None
        )
        try:
            for turn in range(len(ROUNDS)):
                districts = [each for each in self._districts(turn) if self._is_searched(*each)]
                for crews, jobs in districts if pool is None else []:
                    self._take(crews, _search(self._task(crews, jobs, turn, len(districts), 1)))
                    if self._stopped():
                        return
                if pool is not None and not self._in_pool(pool, districts, turn, processes):
                    return
        finally:
            if pool is not None:
                _end(pool)

    def _is_searched(self, crews: Sequence[int], jobs: Sequence[int]) -> bool:
        """Whether there is time for a table of the drives between a district's jobs."""
        seconds = self.budget.seconds
        return seconds is None or TABLE_S * (len(crews) + len(jobs)) ** 2 <= TABLE_SHARE * seconds

    def _in_pool(
        self,
        pool: ProcessPoolExecutor,
        districts: Sequence[tuple[list[int], list[int]]],
        turn: int,
        processes: int,
    ) -> bool:
        """One round in several processes; False when stopped."""
        waiting = list(districts)
        running: dict[Future[list[Route]], list[int]] = {}
        while waiting or running:
            while waiting and len(running) < processes:
                crews, jobs = waiting.pop(0)
                running[pool.submit(_search, self._task(crews, jobs, turn, len(districts), processes))] = (
                    crews
                )
            done, _ = wait(running, timeout=LOOK_S, return_when="FIRST_COMPLETED")
            for future in done:
                self._take(running.pop(future), future.result())
            if self._stopped():
                return False
        return True

    def _stopped(self) -> bool:
        if self.on_progress is not None and self.changed and len(self.timed) == len(self.problem.crews):
            self.changed = False
            cost = make_plan(self.problem, list(self.timed.values()), status="feasible").cost
            self.on_progress(
                Progress(seconds=self.budget.elapsed_s, cost=cost, bound=None, work=self.budget.steps)
            )
        return self.budget.share >= 1 or (self.stop is not None and self.stop())

    def _task(self, crews: list[int], jobs: list[int], turn: int, districts: int, processes: int) -> _Task:
        sub = cut(self.problem, jobs, crews, self._crew_limit(crews))
        at = {j: i for i, j in enumerate(jobs)}
        seconds = None
        ends = math.inf
        if self.budget.seconds is not None:
            ends = self.budget.began + (1 - RESERVE) * self.budget.seconds
            whole = (1 - RESERVE) * (self.budget.began + self.budget.seconds - self.budget.opened)
            seconds = ROUNDS[turn] * whole / math.ceil(districts / processes)
        inside = {job.id for job in sub.jobs}
        named = {x for block in sub.blocks for way in block.restored_by for x in way}
        return _Task(
            problem=sub,
            routes=[[at[j] for j in self.routes[c]] for c in crews],
            outside={x: self.finish[x] for x in named - inside if x in self.finish},
            seed=self.seed * 7919 + turn * 101 + crews[0],
            seconds=seconds,
            work=0 if self.budget.work is None else max(1, int(self.budget.work * ROUNDS[turn] / districts)),
            ends=ends,
            warm=WARM[turn],
        )

    def _crew_limit(self, crews: list[int]) -> int | None:
        """Crews that a district may use: those it uses, and any spare ones."""
        if self.problem.max_crews is None:
            return None
        used = sum(bool(route) for route in self.routes)
        spare = self.problem.max_crews - used
        return sum(bool(self.routes[c]) for c in crews) + (max(0, spare) if crews[0] == 0 else 0)

    def _take(self, crews: list[int], routes: Sequence[Route]) -> None:
        """Take over a district's routes."""
        self.changed = True
        for c in crews:
            for visit in self.timed[c].visits if c in self.timed else ():
                self.finish.pop(visit.job, None)
        for c, route in zip(crews, routes, strict=True):
            self.timed[c] = replace(route, start=self._start(c, route))
            self.routes[c] = [self.idx[visit.job] for visit in route.visits]
            self.finish.update({visit.job: visit.finish_s for visit in route.visits})

    def _start(self, c: int, route: Route) -> int:
        """Start place in the whole problem: the sub-problem's crew lists them in the same order."""
        return self.problem.crews[c].start[route.start]

    def _districts(self, turn: int) -> list[tuple[list[int], list[int]]]:
        """Crews and jobs of each district; jobs left out go to the nearest crew's district."""
        centre = np.array([self._centre(c) for c in range(len(self.routes))])
        knot = self._knot()
        free = np.array([c for c in range(len(self.routes)) if c not in knot], np.int64)
        angle = turn * TURN
        turned = centre @ np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        groups = list(_halves(free, turned, np.array([len(route) for route in self.routes])))
        if knot:
            groups.append(np.array(sorted(knot), np.int64))
        district_of = {int(c): g for g, crews in enumerate(groups) for c in crews}
        jobs: list[list[int]] = [[j for c in crews for j in self.routes[c]] for crews in groups]
        served = {j for route in self.routes for j in route}
        tied = {j for j in range(len(self.problem.jobs)) if _is_tied(self.problem, j)}
        followed = {self.idx[a.job] for job in self.problem.jobs for a in job.after}
        for j, job in enumerate(self.problem.jobs):
            if j in served:
                continue
            nearest = int(np.argmin(((centre - self.spots[job.location]) ** 2).sum(axis=1)))
            home = len(groups) - 1 if knot and (j in tied or j in followed) else district_of[nearest]
            jobs[home].append(j)
        return [
            (sorted(int(c) for c in crews), sorted(own))
            for crews, own in zip(groups, jobs, strict=True)
            if len(crews)
        ]

    def _centre(self, c: int) -> NDArray[np.float64]:
        jobs = self.problem.jobs
        places = [jobs[j].location for j in self.routes[c]] or [self.problem.crews[c].start[0]]
        return np.asarray(self.spots[places].mean(axis=0))

    def _knot(self) -> set[int]:
        """Crews whose routes wait for others: they stay together in one district."""
        if not any(job.after or job.crews_needed > 1 for job in self.problem.jobs):
            return set()
        tied = {j for j in range(len(self.problem.jobs)) if _is_tied(self.problem, j)}
        tied |= {self.idx[a.job] for job in self.problem.jobs for a in job.after if a.job in self.idx}
        crews = {c for c, route in enumerate(self.routes) if any(j in tied for j in route)}
        need = max((job.crews_needed for job in self.problem.jobs), default=1)
        return crews | set(range(min(len(self.routes), 2 * need)))

    def plan(self) -> Plan:
        """The plan as it stands; what no district has timed yet is timed now."""
        late = [c for c in range(len(self.routes)) if c not in self.timed]
        while late:
            some, late = late[:TIMED_AT_ONCE], late[TIMED_AT_ONCE:]
            jobs = sorted(j for c in some for j in self.routes[c])
            if not self._is_searched(some, jobs) and not self._knot():
                self._time_as_they_are(some)
                continue
            task = self._task(some, jobs, 0, 1, 1)
            self._take(some, _search(replace(task, seconds=0.0, work=0)))
        plan = make_plan(
            self.problem, [self.timed[c] for c in range(len(self.routes))], status="feasible", seed=self.seed
        )
        missing = [d for d in plan.dropped if self.problem.job_by_id[d.job].drop_cost is None]
        if missing or unkept(self.problem, plan.routes):
            plan = replace(
                plan,
                status="infeasible",
                conflicts=find_conflicts(self.problem, plan, time.monotonic() + CONFLICTS_S, self.stop),
            )
        elif self.stop is None or not self.stop():
            plan = replace(plan, bound=lower_bound(self.problem, 0.0))
        return replace(plan, seconds=self.budget.elapsed_s)

    def _time_as_they_are(self, crews: Sequence[int]) -> None:
        """Time routes that are too long to be searched; nothing in them waits for others."""
        names = {self.problem.crews[c].id: [self.problem.jobs[j].id for j in self.routes[c]] for c in crews}
        for c, route in zip(crews, timed(self.problem, names), strict=True):
            self.timed[c] = route


def _is_tied(problem: Problem, j: int) -> bool:
    return bool(problem.jobs[j].after) or problem.jobs[j].crews_needed > 1


def _end(pool: ProcessPoolExecutor) -> None:
    """End a pool at once: whatever its processes are still at is not wanted any more."""
    running = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in running:
        process.kill()


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _spots(travel: Travel) -> NDArray[np.float64]:
    """Locations as points: given, or by drive to two places that lie far apart."""
    if travel.xy is not None:
        return np.asarray(travel.xy, float)
    assert travel.durations_s is not None
    first = int(np.argmax(travel.durations_s[0]))
    second = int(np.argmax(travel.durations_s[first]))
    return np.stack([travel.durations_s[first], travel.durations_s[second]], axis=1).astype(float)


def _halves(
    crews: NDArray[np.int64], centre: NDArray[np.float64], size: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Cut crews in two across the longer side until a part has few enough jobs."""
    if len(crews) == 0:
        return
    if len(crews) == 1 or size[crews].sum() <= DISTRICT * 1.4:
        yield crews
        return
    axis = int(np.argmax(np.ptp(centre[crews], axis=0)))
    order = crews[np.lexsort((crews, centre[crews, axis]))]
    half = int(np.searchsorted(np.cumsum(size[order]), size[order].sum() / 2)) + 1
    half = min(max(1, half), len(order) - 1)
    yield from _halves(order[:half], centre, size)
    yield from _halves(order[half:], centre, size)


def cut(problem: Problem, jobs: Sequence[int], crews: Sequence[int], max_crews: int | None) -> Problem:
    """The part of a problem with these jobs and crews, with locations of its own."""
    some_jobs = [problem.jobs[j] for j in jobs]
    some_crews = [problem.crews[c] for c in crews]
    used = {job.location for job in some_jobs}
    for crew in some_crews:
        used.update(crew.start, () if crew.end is None else (crew.end,))
    places = np.array(sorted(used), np.int64)
    at = {int(location): i for i, location in enumerate(places)}
    names = {job.id for job in some_jobs}
    blocks = [b for b in problem.blocks if any(x in names for way in b.restored_by for x in way)]
    return replace(
        problem,
        travel=_cut_travel(problem.travel, places),
        jobs=tuple(replace(job, location=at[job.location]) for job in some_jobs),
        crews=tuple(
            replace(
                crew, start=tuple(at[x] for x in crew.start), end=None if crew.end is None else at[crew.end]
            )
            for crew in some_crews
        ),
        blocks=tuple(blocks),
        max_crews=max_crews,
    )


def _cut_travel(travel: Travel, places: NDArray[np.int64]) -> Travel:
    grid = np.ix_(places, places)
    return replace(
        travel,
        xy=None if travel.xy is None else np.asarray(travel.xy)[places],
        durations_s=None if travel.durations_s is None else np.asarray(travel.durations_s)[grid],
        distances_m=None if travel.distances_m is None else np.asarray(travel.distances_m)[grid],
    )


def _search(task: _Task) -> list[Route]:
    """Improve one district; its routes with times, in the order of its crews (`start` is an index)."""
    arrays, lookup = build(task.problem, task.outside)
    engine = Engine(arrays, task.seed)
    engine.start(task.routes)
    seconds = task.seconds
    if seconds is not None:
        seconds = min(seconds, task.ends - time.monotonic())
    budget = Budget(began=time.monotonic(), seconds=seconds, work=task.work or None)
    budget.open()
    while task.work or (seconds is not None and seconds > 0):
        share, steps = budget.share, budget.next_steps()
        if share >= 1 or steps == 0:
            break
        heat = engine.heat(task.warm + (1 - task.warm) * share)
        began = time.monotonic()
        engine.run(steps, heat, heat)
        budget.did(steps, time.monotonic() - began)
    routes = engine.timed(task.problem, lookup)
    return [
        replace(route, start=crew.start.index(route.start))
        for route, crew in zip(routes, task.problem.crews, strict=True)
    ]
