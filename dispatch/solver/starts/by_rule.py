"""The dispatcher's rule: whoever is free goes to the job that stops the most cost per second.

Smith's rule (`solver.kernels.sharing`, evenly) over drive plus work, without anything compiled, with
every rule that a route of its own must keep: skills, stock, windows, shift, breaks, committed jobs,
waits for jobs already done. It sends no two crews to one job and reserves nothing.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...ground.drive import IMPASSABLE_S, all_driven_s
from ...ground.plan import Plan
from ...ground.problem import Crew, Problem
from ...judge.timing import plan_of
from .construct import rates

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def rule_plan(problem: Problem) -> Plan:
    """Plan by the dispatcher's rule; jobs that must be served may be left over.

    Parameters
    ----------
    problem : the problem.

    Returns
    -------
    Plan
        Timed and priced.
    """
    return plan_of(problem, _Desk(problem).routes())


@dataclass(slots=True)
class _Free:
    """A crew at the desk: where and when it is free, what it has used up."""

    crew: Crew
    clock: float
    place: int
    route: list[int] = field(default_factory=list)
    rests: int = 0
    load: dict[str, float] = field(default_factory=dict)


class _Desk:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        jobs = problem.jobs
        self.at = {job.id: idx for idx, job in enumerate(jobs)}
        self.place = np.array([job.location for job in jobs], dtype=np.int64)
        self.service = np.array([job.service_s for job in jobs], dtype=np.float64)
        self.open = np.array([job.crews_needed == 1 for job in jobs], dtype=np.bool_)
        self.done_s = np.full(len(jobs), math.inf)
        self.rate = rates(problem)
        self.skilled: dict[frozenset[str], Flags] = {}
        widest = max([len(job.windows) for job in jobs], default=0)
        self.windows = np.full((len(jobs), max(1, widest), 2), np.nan)
        for idx, job in enumerate(jobs):
            self.windows[idx, : len(job.windows)] = job.windows or np.empty((0, 2))
            if not job.windows:
                self.windows[idx, 0] = (-math.inf, math.inf)
        self.waiting = [idx for idx, job in enumerate(jobs) if job.after]
        self.loaded = [idx for idx, job in enumerate(jobs) if job.load]

    def routes(self) -> dict[str, list[str]]:
        crews = self._crews()
        heap = [(free.clock, number) for number, free in enumerate(crews)]
        heapq.heapify(heap)
        while heap and self.open.any():
            _, number = heapq.heappop(heap)
            if self._send(crews[number]):
                heapq.heappush(heap, (crews[number].clock, number))
        return {free.crew.id: [self.problem.jobs[idx].id for idx in free.route] for free in crews}

    def _crews(self) -> list[_Free]:
        limit = self.problem.max_crews
        crews = self.problem.crews if limit is None else self.problem.crews[:limit]
        return [_Free(crew, crew.shift[0] if crew.shift else 0, crew.start[0]) for crew in crews]

    def _send(self, free: _Free) -> bool:
        """Send a crew to its next job; False where there is none for it any more."""
        todo = free.crew.committed[len(free.route) :][:1]
        wanted = self.open & self._able(free)
        if todo:
            wanted = np.zeros_like(self.open)
            wanted[self.at[todo[0]]] = True
        candidates = np.flatnonzero(wanted)
        if not len(candidates):
            return False
        start, rests = self._starts(free, candidates)
        finish = start + self.service[candidates]
        home = np.zeros(len(candidates))
        if free.crew.end is not None:
            home = self._drives(free.crew, self.place[candidates], free.crew.end, back=True)
        ends = free.crew.shift[1] if free.crew.shift else math.inf
        fits = np.isfinite(start) & np.isfinite(home) & (finish + home <= ends)
        if not fits.any():
            return False
        value = np.where(fits, self.rate[candidates] / np.maximum(1, finish - free.clock), -1)
        best = int(np.argmax(value))
        self._book(free, int(candidates[best]), float(finish[best]), int(rests[best]))
        return True

    def _book(self, free: _Free, job_idx: int, finish: float, rests: int) -> None:
        job = self.problem.jobs[job_idx]
        free.route.append(job_idx)
        free.clock, free.place = finish, job.location
        free.rests += rests
        for what, quantity in job.load.items():
            free.load[what] = free.load.get(what, 0) + quantity
        self.open[job_idx] = False
        self.done_s[job_idx] = finish

    def _able(self, free: _Free) -> Flags:
        skills = free.crew.skills
        if skills not in self.skilled:
            self.skilled[skills] = np.array([job.skills <= skills for job in self.problem.jobs])
        able = self.skilled[skills]
        if not self.loaded or not free.crew.capacity:
            return able
        able = able.copy()
        for idx in self.loaded:
            load = self.problem.jobs[idx].load
            able[idx] &= all(
                free.load.get(what, 0) + quantity <= free.crew.capacity.get(what, math.inf)
                for what, quantity in load.items()
            )
        return able

    def _starts(self, free: _Free, candidates: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
        """Earliest start of each candidate, infinite where there is none, and breaks taken before it."""
        leg = self._drives(free.crew, self.place[candidates], free.place, back=False)
        ready = free.clock + leg
        rests = np.zeros(len(candidates), dtype=np.int64)
        start = self._opens(candidates, ready)
        for due in free.crew.breaks[free.rests :][:1]:
            late = start + self.service[candidates] > due.window[1]
            on_site = np.maximum(ready, due.window[0]) + due.duration_s
            before = max(free.clock, due.window[0]) + due.duration_s + leg
            rested = np.where(ready <= due.window[1], on_site, before)
            start = np.where(late, self._opens(candidates, rested), start)
            start = np.where(late & (free.clock > due.window[1]), math.inf, start)
            rests = late.astype(np.int64)
        return start, rests

    def _opens(self, candidates: NDArray[np.int64], ready: Floats) -> Floats:
        ready = ready.copy()
        for idx in self.waiting:
            for position in np.flatnonzero(candidates == idx):
                for wait in self.problem.jobs[idx].after:
                    ready[position] = max(ready[position], self.done_s[self.at[wait.job]] + wait.lag_s)
        windows = self.windows[candidates]
        at = np.maximum(ready[:, None], windows[:, :, 0])
        opens: Floats = np.where(at <= windows[:, :, 1], at, np.inf).min(axis=1)
        return opens

    def _drives(self, crew: Crew, places: NDArray[np.int64], place: int, *, back: bool) -> Floats:
        travel = self.problem.travel
        if travel.durations_s is not None:
            legs = travel.durations_s[places, place] if back else travel.durations_s[place, places]
            seconds = legs.astype(np.float64)
        else:
            seconds = np.array(self._from_points(places, place))
        drives: Floats = all_driven_s(seconds, crew.speed_factor)
        return np.where(drives >= IMPASSABLE_S, math.inf, drives)

    def _from_points(self, places: NDArray[np.int64], place: int) -> Floats:
        travel = self.problem.travel
        assert travel.xy is not None
        gap = np.abs(travel.xy[places] - travel.xy[place])
        length = (
            gap.sum(axis=1) if travel.metric == "manhattan" else np.hypot(gap[:, 0], gap[:, 1])
        ) * travel.scale
        match travel.rounding:
            case "floor":
                return np.asarray(np.floor(length))
            case "ceil":
                return np.asarray(np.ceil(length))
        return np.asarray(np.floor(length + 0.5))
