"""What a small change of a plan would cost: one job more, less or elsewhere.

Only the routes that change are timed and judged again; where jobs wait for each
other or crews meet, the whole plan is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..ground.plan import Plan, Route
from ..ground.problem import Block, Crew, Job, Problem
from ..ground.verdict import Verdict, Violation
from .check import judge
from .timing import timed


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A job put into a crew's route at a position, and what that does.

    `added_cost` counts what the job itself and all it delays cost, without the
    job's drop cost; `delayed` are the jobs whose promise the move breaks or
    breaks further, with the seconds added.
    """

    crew: str
    position: int
    added_cost: float
    start_s: int
    violations: tuple[Violation, ...]
    delayed: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What other sequences of some crews come to.

    `added_cost` leaves out what is charged for jobs that are not served; `violations` are those that
    the plan did not break before; `routes` are the routes that were timed for it.
    """

    added_cost: float
    violations: tuple[Violation, ...]
    routes: tuple[Route, ...]

    def late_s(self, problem: Problem, crew: Crew) -> int:
        """Seconds that a crew works past the end of its shift."""
        visits = next(route.visits for route in self.routes if route.crew == crew.id)
        if crew.shift is None or not visits:
            return 0
        ends_s, place = visits[-1].finish_s, problem.job_by_id[visits[-1].job].location
        if crew.end is not None:
            ends_s += crew.drive_s(problem.travel.between(place, crew.end))
        return max(0, ends_s - crew.shift[1])


class Scene:
    """A problem and the sequences of a plan for it."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        known = problem.job_by_id
        self.routes: dict[str, list[str]] = {crew.id: [] for crew in problem.crews}
        self.starts: dict[str, int] = {}
        for route in plan.routes:
            if route.crew in self.routes:
                self.routes[route.crew] = [visit.job for visit in route.visits if visit.job in known]
                if route.visits:
                    self.starts[route.crew] = route.start
        self.coupled = any(job.after or job.crews_needed > 1 for job in problem.jobs)
        self.timed = {route.crew: route for route in timed(problem, self.routes, self.starts)}

    @cached_property
    def crew_of(self) -> Mapping[str, str]:
        """Who serves each job (the first crew of several)."""
        return {job: crew for crew, jobs in reversed(self.routes.items()) for job in jobs}

    @cached_property
    def finish_s(self) -> Mapping[str, int]:
        """When each served job is finished."""
        return _finishes(self.timed.values())

    @cached_property
    def used(self) -> int:
        """Crews that have a visit."""
        return sum(bool(jobs) for jobs in self.routes.values())

    @cached_property
    def _blocks_of(self) -> Mapping[str, tuple[Block, ...]]:
        found: dict[str, dict[str, Block]] = {}
        for block in self.problem.blocks:
            for way in block.restored_by:
                for job in way:
                    found.setdefault(job, {})[block.id] = block
        return {job: tuple(blocks.values()) for job, blocks in found.items()}

    @cached_property
    def _now_back_s(self) -> Mapping[str, float]:
        return {block.id: self._back_s(block, self.finish_s) for block in self.problem.blocks}

    def without(self, job: str) -> Scene:
        """The same plan with a job taken out of all routes."""
        routes = tuple(
            replace(route, visits=tuple(visit for visit in route.visits if visit.job != job))
            for route in self.timed.values()
        )
        return Scene(self.problem, Plan(status="feasible", cost=0, routes=routes))

    def insertions(self, job: Job, crew: Crew, near: int | None = None) -> Iterator[Trial]:
        """Try a job at positions of a crew's route: all, or the `near` ones by drive time."""
        before = self._route_cost(crew, self.routes[crew.id], self.timed[crew.id])
        for position in self.positions(job, crew, near):
            yield self._insertion(job, crew, position, before)

    def best_insertion(self, job: Job, crew: Crew, near: int | None = None) -> Trial | None:
        """The insertion that breaks the fewest new rules, then costs the least."""
        trials = self.insertions(job, crew, near)
        return min(trials, key=lambda trial: (len(trial.violations), trial.added_cost), default=None)

    def nearest(self, job: Job, crews: Sequence[Crew]) -> list[Crew]:
        """Crews by how near they come to a job, counting their starts and stops."""
        between, known = self.problem.travel.between, self.problem.job_by_id

        def distance_s(crew: Crew) -> int:
            places = [*crew.start, *(known[name].location for name in self.routes[crew.id])]
            return min(between(place, job.location) for place in places)

        return sorted(crews, key=distance_s)

    def outcome(self, changed: Mapping[str, Sequence[str]]) -> Outcome:
        """What other sequences of some crews would cost more, and which rules they would newly break."""
        if self.coupled or len(changed) > 1:
            return self._whole_outcome(changed)
        ((crew_id, sequence),) = changed.items()
        crew = self.problem.crew_by_id[crew_id]
        cost, broken = self._route_cost(crew, self.routes[crew_id], self.timed[crew_id])
        routes = timed(self.problem, changed, self._starts_with(changed))
        new_cost, new_broken = self._judged(crew, sequence, routes[0])
        return Outcome(
            added_cost=new_cost - cost + self._block_change(_finishes(routes)),
            violations=new_broken[broken:] if len(new_broken) > broken else (),
            routes=routes,
        )

    def _whole_outcome(self, changed: Mapping[str, Sequence[str]]) -> Outcome:
        routes = timed(self.problem, {**self.routes, **changed}, self._starts_with(changed))
        old, new = self._verdict, self._verdict_on(routes)
        return Outcome(
            added_cost=new.cost - new.parts["dropped"] - old.cost + old.parts["dropped"],
            violations=self._newly_broken(new),
            routes=routes,
        )

    def _newly_broken(self, new: Verdict) -> tuple[Violation, ...]:
        known = {(v.code, v.job, v.crew) for v in self._verdict.violations}
        return tuple(v for v in new.violations if (v.code, v.job, v.crew) not in known)

    def _starts_with(self, changed: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
        """Where crews start; one whose first job is another may start elsewhere."""
        moved = {crew for crew, jobs in changed.items() if list(jobs[:1]) != self.routes[crew][:1]}
        return {crew: start for crew, start in self.starts.items() if crew not in moved}

    @cached_property
    def _verdict(self) -> Verdict:
        return self._verdict_on(tuple(self.timed.values()))

    def _verdict_on(self, routes: tuple[Route, ...]) -> Verdict:
        return judge(self.problem, Plan(status="feasible", cost=0, routes=routes))

    def positions(self, job: Job, crew: Crew, near: int | None) -> list[int]:
        """Where in a crew's route a job may stand: everywhere, or the `near` places of the least detour."""
        sequence = self.routes[crew.id]
        positions = list(range(len(crew.committed), len(sequence) + 1))
        if near is None or len(positions) <= near:
            return positions
        between, known = self.problem.travel.between, self.problem.job_by_id
        place = [self.starts.get(crew.id, crew.start[0]), *(known[name].location for name in sequence)]

        def detour_s(position: int) -> int:
            there = between(place[position], job.location)
            if position == len(sequence):
                return there
            after = place[position + 1]
            return there + between(job.location, after) - between(place[position], after)

        return sorted(positions, key=detour_s)[:near]

    def _insertion(self, job: Job, crew: Crew, position: int, before: tuple[float, int]) -> Trial:
        sequence = [*self.routes[crew.id][:position], job.id, *self.routes[crew.id][position:]]
        if self.coupled:
            return self._coupled_insertion(job, crew, position, sequence)
        (route,) = timed(self.problem, {crew.id: sequence}, self._start_of(crew))
        cost, broken = self._judged(crew, sequence, route)
        finishes = _finishes([route])
        visit = route.visits[position]
        return Trial(
            crew=crew.id,
            position=position,
            added_cost=cost - before[0] + self._block_change(finishes),
            start_s=visit.start_s,
            violations=broken[before[1] :] if len(broken) > before[1] else (),
            delayed=self._delays(route),
        )

    def _coupled_insertion(self, job: Job, crew: Crew, position: int, sequence: list[str]) -> Trial:
        # As in a problem that is not coupled, crews start where they start in the plan.
        routes = timed(self.problem, {**self.routes, crew.id: sequence}, self.starts)
        new = self._verdict_on(routes)
        route = next(route for route in routes if route.crew == crew.id)
        return Trial(
            crew=crew.id,
            position=position,
            added_cost=new.cost - self._verdict.cost + (job.drop_cost or 0),
            start_s=route.visits[position].start_s,
            violations=self._newly_broken(new),
            delayed={job_id: s for route in routes for job_id, s in self._delays(route).items()},
        )

    def _start_of(self, crew: Crew) -> Mapping[str, int]:
        return {crew.id: self.starts[crew.id]} if crew.id in self.starts else {}

    def _route_cost(self, crew: Crew, sequence: Sequence[str], route: Route) -> tuple[float, int]:
        if self.coupled:
            return 0.0, 0
        cost, broken = self._judged(crew, sequence, route)
        return cost, len(broken)

    def _judged(
        self, crew: Crew, sequence: Sequence[str], route: Route
    ) -> tuple[float, tuple[Violation, ...]]:
        """Cost and violations of one route alone, without blocks."""
        jobs = tuple(self.problem.job_by_id[job] for job in dict.fromkeys(sequence))
        limit = self.problem.max_crews
        others = self.used - bool(self.routes[crew.id])
        previous = tuple(
            replace(entry, jobs=tuple(job for job in entry.jobs if job in sequence))
            for entry in self.problem.previous
        )
        alone = replace(
            self.problem,
            jobs=jobs,
            crews=(crew,),
            blocks=(),
            previous=previous,
            max_crews=None if limit is None else max(0, limit - others),
        )
        verdict = judge(alone, Plan(status="feasible", cost=0, routes=(route,)))
        return verdict.cost, verdict.violations

    def _block_change(self, finishes: Mapping[str, int]) -> float:
        moved = [job for job, finish_s in finishes.items() if finish_s != self.finish_s.get(job)]
        touched = {block.id: block for job in moved for block in self._blocks_of.get(job, ())}
        merged = {**self.finish_s, **finishes}
        return math.fsum(
            block.cost_per_s * (self._back_s(block, merged) - self._now_back_s[block.id])
            for block in touched.values()
        )

    def _back_s(self, block: Block, finishes: Mapping[str, int]) -> float:
        ways = [
            max((finishes[job] for job in way), default=0)
            for way in block.restored_by
            if all(job in finishes for job in way)
        ]
        return max(0, min(ways, default=self.problem.unserved_at_s or 0))

    def _delays(self, route: Route) -> dict[str, int]:
        """Promises that a new timing of a route breaks, or breaks further."""
        old = {visit.job: visit for visit in self.timed[route.crew].visits}
        found: dict[str, int] = {}
        for visit in route.visits:
            if visit.job not in old:
                continue
            job, was = self.problem.job_by_id[visit.job], old[visit.job]
            late = [
                _late(visit.arrival_s, job.arrive_by_s) - _late(was.arrival_s, job.arrive_by_s),
                _late(visit.finish_s, job.finish_by_s) - _late(was.finish_s, job.finish_by_s),
            ]
            if max(late) > 0:
                found[visit.job] = max(late)
        return found


def _late(time_s: int, due_s: int | None) -> int:
    return 0 if due_s is None else max(0, time_s - due_s)


def _finishes(routes: Iterable[Route]) -> dict[str, int]:
    found: dict[str, int] = {}
    for route in routes:
        for visit in route.visits:
            found[visit.job] = max(found.get(visit.job, visit.finish_s), visit.finish_s)
    return found
