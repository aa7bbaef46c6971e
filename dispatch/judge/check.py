"""Judge a plan from its visits alone: what it costs and which rules it breaks.

The judge knows nothing of the solver. It follows `docs/format.md` to the
letter; two things are stricter or wider than a scorer that reads visits only:

- `costs.distance_per_m` is charged on the driven metres (part ``distance``);
- a break must really be a rest: it overlaps neither work nor the drive that
  the visit's arrival needs (code ``break_overlap``), and a crew with committed
  jobs keeps them even if it is given no visit at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..ground.drive import IMPASSABLE_S
from ..ground.plan import PARTS, BlockTime, Plan, Rest, Route, Visit
from ..ground.problem import Block, Crew, Job, Problem
from ..ground.verdict import Verdict, Violation

EPS = 1e-6
CODES: Mapping[str, str] = {
    "unknown_crew": "a route names a crew that the problem does not have",
    "unknown_job": "a visit names a job that the problem does not have",
    "two_routes": "a crew has two routes",
    "start_place": "a route starts where the crew may not start",
    "break_missing": "a break that is due is not taken",
    "break_window": "a break starts outside its window or is too short",
    "break_overlap": "a break runs during work or on the road",
    "committed": "a crew does not do its committed jobs first, in order",
    "no_road": "no road leads to where the crew has to go",
    "too_early": "a crew cannot be there, or ready, at the time the visit says",
    "window": "work starts outside every window of the job",
    "service_short": "a visit ends before the work is done",
    "skills": "the crew lacks a skill",
    "capacity": "the crew carries more than it can",
    "shift": "the crew ends later than shift and overtime allow",
    "max_crews": "more crews are used than allowed",
    "not_served": "a job that must be served is left out",
    "crew_count": "a job is served by the wrong number of crews",
    "not_together": "the crews of one job start at different times",
    "after": "a job starts before the one it waits for is finished",
}


@dataclass(slots=True)
class _Served:
    """What the visits of one job come to, over all crews that serve it."""

    crews: list[str] = field(default_factory=list)
    arrival_s: float = -math.inf
    first_start_s: float = math.inf
    start_s: float = -math.inf
    finish_s: float = -math.inf

    def add(self, crew: str, visit: Visit) -> None:
        self.crews.append(crew)
        self.arrival_s = max(self.arrival_s, visit.arrival_s)
        self.first_start_s = min(self.first_start_s, visit.start_s)
        self.start_s = max(self.start_s, visit.start_s)
        self.finish_s = max(self.finish_s, visit.finish_s)


@dataclass(frozen=True, slots=True)
class _Gap:
    """The time before a visit: free from `clock` on, a drive of `leg_s`, rests anywhere."""

    clock: float
    leg_s: int
    rests: Sequence[Rest]

    def earliest(self, visit: Visit) -> tuple[float, float]:
        """Earliest arrival and earliest start of work."""
        taken = [r for r in self.rests if self.clock - EPS <= r.start_s < visit.start_s - EPS]
        driven_s = self.clock + self.leg_s
        return driven_s, max(visit.arrival_s, driven_s + sum(rest.duration_s for rest in taken))

    def rests_fit(self, visit: Visit) -> bool:
        """Whether no rest runs during work and the drive fits between rests, before the arrival."""
        free_from, drive_fits = self.clock, self.leg_s == 0
        for rest in self.rests:
            end_s = rest.start_s + rest.duration_s
            if rest.start_s < self.clock - EPS:
                free_from = max(free_from, end_s)
                continue
            if rest.start_s >= visit.finish_s - EPS:
                break
            if end_s > visit.start_s + EPS and rest.duration_s > 0:
                return False
            drive_fits = drive_fits or free_from + self.leg_s <= min(rest.start_s, visit.arrival_s) + EPS
            free_from = max(free_from, end_s)
        return drive_fits or free_from + self.leg_s <= visit.arrival_s + EPS


def judge(problem: Problem, plan: Plan) -> Verdict:
    """Recompute a plan's cost and name every rule it breaks.

    Parameters
    ----------
    problem : the problem; taken to be sound (`dispatch.soundness` looks at it).
    plan : any plan, also one made or edited by hand; only its routes are read.

    Returns
    -------
    Verdict
        `violations` is empty where the plan is feasible. The cost is given in
        either case: a job served twice is charged once, by its last finish.
    """
    return _Judge(problem).verdict(plan)


class _Judge:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.parts = dict.fromkeys(PARTS, 0.0)
        self.violations: list[Violation] = []
        self.served: dict[str, _Served] = {}

    def verdict(self, plan: Plan) -> Verdict:
        seen: set[str] = set()
        for route in plan.routes:
            self._route(route, seen)
        self._crews_used(plan)
        for crew in self.problem.crews:
            if crew.committed and crew.id not in seen:
                self._committed(crew, ())
        for job in self.problem.jobs:
            self._job(job)
        self._waiting()
        blocks = tuple(self._block(block) for block in self.problem.blocks)
        self._changes()
        parts = {name: float(value) for name, value in self.parts.items()}
        return Verdict(
            cost=sum(parts.values()), parts=parts, violations=tuple(self.violations), blocks=blocks
        )

    def _wrong(self, code: str, text: str, amount: float, job: str | None, crew: str | None) -> None:
        self.violations.append(Violation(code=code, job=job, crew=crew, amount=float(amount), text=text))

    def _route(self, route: Route, seen: set[str]) -> None:
        crew = self.problem.crew_by_id.get(route.crew)
        if crew is None:
            self._wrong("unknown_crew", f"there is no crew '{route.crew}'", 1, None, route.crew)
            return
        if crew.id in seen:
            self._wrong("two_routes", f"crew {crew.id} has two routes", 1, None, crew.id)
        seen.add(crew.id)
        self._committed(crew, route.visits)
        if not route.visits:
            return
        if route.start not in crew.start:
            text = f"crew {crew.id} starts at {route.start}, allowed {list(crew.start)}"
            self._wrong("start_place", text, 1, None, crew.id)
        self._breaks(crew, route)
        last_s, place = self._visits(crew, route)
        self._way_home(crew, last_s, place)
        self.parts["crew_fixed"] += crew.fixed_cost

    def _committed(self, crew: Crew, visits: Sequence[Visit]) -> None:
        first = tuple(visit.job for visit in visits[: len(crew.committed)])
        if first != crew.committed:
            missing = sum(a != b for a, b in zip(first, crew.committed, strict=False))
            amount = missing + len(crew.committed) - len(first)
            text = f"crew {crew.id} does not do its committed jobs {list(crew.committed)} first"
            self._wrong("committed", text, amount, None, crew.id)

    def _breaks(self, crew: Crew, route: Route) -> None:
        taken = sorted(route.breaks, key=lambda rest: rest.start_s)
        if len(taken) != len(crew.breaks):
            last_s = route.visits[-1].finish_s
            due = sum(rest.window[1] < last_s for rest in crew.breaks)
            if len(taken) < due:
                text = f"crew {crew.id} takes {len(taken)} of {due} breaks that are due"
                self._wrong("break_missing", text, due - len(taken), None, crew.id)
        for rest, due_break in zip(taken, crew.breaks, strict=False):
            earliest, latest = due_break.window
            off = max(earliest - rest.start_s, rest.start_s - latest, due_break.duration_s - rest.duration_s)
            if off > EPS:
                text = (
                    f"crew {crew.id} rests {rest.duration_s} s from {rest.start_s}; due are"
                    f" {due_break.duration_s} s starting in {list(due_break.window)}"
                )
                self._wrong("break_window", text, off, None, crew.id)

    def _visits(self, crew: Crew, route: Route) -> tuple[float, int]:
        clock: float = crew.shift[0] if crew.shift else 0
        place, load = route.start, dict[str, float]()
        rests = sorted(route.breaks, key=lambda rest: rest.start_s)
        for visit in route.visits:
            job = self.problem.job_by_id.get(visit.job)
            if job is None:
                self._wrong("unknown_job", f"there is no job '{visit.job}'", 1, visit.job, crew.id)
                continue
            leg = self._drive(crew, place, job.location, job.id)
            self._visit_times(crew, job, visit, _Gap(clock, leg, rests))
            self._fitness(crew, job)
            for what, quantity in job.load.items():
                load[what] = load.get(what, 0) + quantity
            self.served.setdefault(job.id, _Served()).add(crew.id, visit)
            clock, place = visit.finish_s, job.location
        for what, quantity in load.items():
            over = quantity - crew.capacity.get(what, math.inf)
            if over > EPS:
                text = f"crew {crew.id} needs {quantity:g} {what}, carries {crew.capacity[what]:g}"
                self._wrong("capacity", text, over, None, crew.id)
        return clock, place

    def _drive(self, crew: Crew, start: int, end: int, job: str | None = None) -> int:
        """Charge a drive and return its seconds."""
        travel, costs = self.problem.travel, self.problem.costs
        leg = crew.drive_s(travel.between(start, end))
        if leg >= IMPASSABLE_S:
            self._wrong("no_road", f"no road leads crew {crew.id} from {start} to {end}", 1, job, crew.id)
        self.parts["travel"] += leg * costs.travel_per_s
        if costs.distance_per_m and travel.distances_m is not None:
            self.parts["distance"] += float(travel.distances_m[start, end]) * costs.distance_per_m
        return leg

    def _visit_times(self, crew: Crew, job: Job, visit: Visit, gap: _Gap) -> None:
        arrival_s, ready_s = gap.earliest(visit)
        early = max(arrival_s - visit.arrival_s, ready_s - visit.start_s)
        if early > EPS:
            text = (
                f"crew {crew.id} cannot arrive at {visit.arrival_s} and start {job.id} at {visit.start_s};"
                f" earliest are {arrival_s:g} and {ready_s:g}"
            )
            self._wrong("too_early", text, early, job.id, crew.id)
        elif not gap.rests_fit(visit):
            text = f"a break of crew {crew.id} runs during the drive to {job.id} or during its work"
            self._wrong("break_overlap", text, 1, job.id, crew.id)
        off = min((_outside(visit.start_s, window) for window in job.windows), default=0)
        if off > EPS:
            text = f"{job.id} starts at {visit.start_s}, outside {[list(window) for window in job.windows]}"
            self._wrong("window", text, off, job.id, crew.id)
        short = visit.start_s + job.service_s - visit.finish_s
        if short > EPS:
            text = f"{job.id} ends {short} s before its work is done"
            self._wrong("service_short", text, short, job.id, crew.id)

    def _fitness(self, crew: Crew, job: Job) -> None:
        missing = sorted(job.skills - crew.skills)
        if missing:
            text = f"crew {crew.id} lacks {', '.join(missing)} for {job.id}"
            self._wrong("skills", text, len(missing), job.id, crew.id)

    def _way_home(self, crew: Crew, clock: float, place: int) -> None:
        if crew.end is not None:
            clock += self._drive(crew, place, crew.end)
        over = max(0, clock - (crew.shift[1] if crew.shift else math.inf))
        if over > crew.overtime_s + EPS:
            assert crew.shift is not None
            text = f"crew {crew.id} ends at {clock:g}, its shift at {crew.shift[1]}"
            self._wrong("shift", text, over - crew.overtime_s, None, crew.id)
        self.parts["overtime"] += over * crew.overtime_cost_per_s

    def _crews_used(self, plan: Plan) -> None:
        used, limit = sum(bool(route.visits) for route in plan.routes), self.problem.max_crews
        if limit is not None and used > limit:
            text = f"{used} crews are used, {limit} allowed"
            self._wrong("max_crews", text, used - limit, None, None)

    def _job(self, job: Job) -> None:
        served = self.served.get(job.id)
        if served is None:
            if job.drop_cost is None:
                self._wrong("not_served", f"job {job.id} is not served", 1, job.id, None)
            else:
                self.parts["dropped"] += job.drop_cost
            return
        count, different = len(served.crews), len(set(served.crews))
        if count != job.crews_needed or different != count:
            text = f"job {job.id} has {count} visits by {different} crews, needs {job.crews_needed}"
            self._wrong(
                "crew_count", text, max(abs(count - job.crews_needed), count - different), job.id, None
            )
        apart = served.start_s - served.first_start_s
        if apart > EPS:
            self._wrong("not_together", f"the crews of {job.id} start {apart:g} s apart", apart, job.id, None)
        self.parts["job_time"] += job.cost_per_s * (served.finish_s - job.cost_from_s)
        if job.arrive_by_s is not None:
            self.parts["late_arrival"] += job.late_arrival_cost_per_s * max(
                0, served.arrival_s - job.arrive_by_s
            )
        if job.finish_by_s is not None:
            self.parts["late_finish"] += job.late_finish_cost_per_s * max(
                0, served.finish_s - job.finish_by_s
            )

    def _waiting(self) -> None:
        for job, lag_s, first in self._waits():
            before = self.served.get(first)
            if before is None:
                self._wrong("after", f"{job} waits for {first}, which is not served", 1, job, None)
                continue
            early = before.finish_s + lag_s - self.served[job].start_s
            if early > EPS:
                text = f"{job} starts {early:g} s before {first} and its lag of {lag_s} s are over"
                self._wrong("after", text, early, job, None)

    def _waits(self) -> Iterator[tuple[str, int, str]]:
        for job in self.problem.jobs:
            if job.id in self.served:
                for wait in job.after:
                    yield job.id, wait.lag_s, wait.job

    def _block(self, block: Block) -> BlockTime:
        ways = [self._way_s(way) for way in block.restored_by if all(job in self.served for job in way)]
        unserved_s = self.problem.unserved_at_s if self.problem.unserved_at_s is not None else 0
        back_s = max(0, min(ways, default=unserved_s))
        self.parts["block_time"] += block.cost_per_s * (back_s - block.since_s)
        return BlockTime(id=block.id, restored_s=int(back_s))

    def _way_s(self, way: Sequence[str]) -> float:
        return max((self.served[job].finish_s for job in way), default=0)

    def _changes(self) -> None:
        before = {job: previous.crew for previous in self.problem.previous for job in previous.jobs}
        for job, crew in before.items():
            if job in self.served and crew not in self.served[job].crews:
                self.parts["changes"] += self.problem.change_cost


def _outside(time_s: float, window: tuple[int, int]) -> float:
    return max(window[0] - time_s, time_s - window[1], 0)
