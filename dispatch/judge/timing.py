"""Put times to sequences: the earliest a given plan by hand can be carried out.

A crew drives on as soon as it is free. Crews of one job wait for each other, a
job waits for the ones it comes after. A break is taken where it costs no time,
or where it is due and cannot be put off any further. A sequence that breaks
rules is timed all the same, so that `dispatch.judge.check` can name what is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..ground.plan import Dropped, Plan, Rest, Route, Visit
from ..ground.problem import Crew, Job, Problem
from ..ground.verdict import Verdict
from .check import judge

Sequences = Mapping[str, Sequence[str]]


def timed(problem: Problem, routes: Sequences, starts: Mapping[str, int] | None = None) -> tuple[Route, ...]:
    """Time hand-made sequences, each job as early as its sequence allows.

    Parameters
    ----------
    problem : the problem.
    routes : job ids in order, by crew id. Jobs and crews that the problem does
        not have are kept, with a visit that takes no time.
    starts : location index a crew starts from, by crew id; by default the
        allowed start nearest to its first job.

    Returns
    -------
    tuple of Route
        A route for each crew in `routes`, in that order.

    Notes
    -----
    Waits that block each other for ever (two crews that expect one another at
    different jobs) are given up one by one, the crew that is free first first.
    """
    return _Clockwork(problem, routes, starts or {}).run()


def score_routes(problem: Problem, routes: Sequences, starts: Mapping[str, int] | None = None) -> Verdict:
    """Time sequences and judge the result.

    Parameters
    ----------
    problem, routes, starts : as in `timed`.

    Returns
    -------
    Verdict
        Cost and violations of the sequences at their earliest times.
    """
    return judge(problem, Plan(status="feasible", cost=0, routes=timed(problem, routes, starts)))


def plan_of(problem: Problem, routes: Sequences, starts: Mapping[str, int] | None = None) -> Plan:
    """Time sequences and fill in cost, parts, blocks and what is left out.

    `status` is "feasible" even where rules are broken; `dispatch.judge.check` decides.
    """
    return plan_with(problem, timed(problem, routes, starts))


def plan_with(problem: Problem, routes: tuple[Route, ...]) -> Plan:
    """The same of routes that are timed already.

    Parameters
    ----------
    problem : the problem.
    routes : with times.

    Returns
    -------
    Plan
        Priced by the judge, with status "feasible" whatever it breaks.
    """
    plan = Plan(status="feasible", cost=0, routes=routes)
    verdict = judge(problem, plan)
    visited = {visit.job for route in plan.routes for visit in route.visits}
    dropped = tuple(Dropped(job=job.id) for job in problem.jobs if job.id not in visited)
    return replace(plan, cost=verdict.cost, parts=verdict.parts, blocks=verdict.blocks, dropped=dropped)


@dataclass(slots=True)
class _Runner:
    """A crew on its way through its sequence."""

    crew: Crew
    sequence: Sequence[str]
    start: int
    place: int
    clock: int
    rests_taken: int = 0
    visits: list[Visit] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)

    @property
    def next_job(self) -> str | None:
        at = len(self.visits)
        return self.sequence[at] if at < len(self.sequence) else None


@dataclass(slots=True, kw_only=True)
class _Approach:
    """How a crew gets to its next job when it takes so many more breaks on the way."""

    arrival_s: int
    ready_s: int
    rests: list[Rest]
    in_windows: bool


class _Clockwork:
    def __init__(self, problem: Problem, routes: Sequences, starts: Mapping[str, int]) -> None:
        self.problem = problem
        self.runners = {crew: self._runner(crew, jobs, starts.get(crew)) for crew, jobs in routes.items()}
        self.parties = self._parties(routes)
        self.visits_left = Counter(job for jobs in routes.values() for job in jobs)
        self.finish_s: dict[str, int] = {}

    def run(self) -> tuple[Route, ...]:
        while any(runner.next_job for runner in self.runners.values()):
            if not self._advance():
                self._give_up_a_wait()
        return tuple(
            Route(crew=crew, start=run.start, visits=tuple(run.visits), breaks=tuple(run.rests))
            for crew, run in self.runners.items()
        )

    def _runner(self, crew_id: str, jobs: Sequence[str], start: int | None) -> _Runner:
        crew = self.problem.crew_by_id.get(crew_id) or Crew(id=crew_id, start=(0,))
        if start is None:
            start = self._nearest_start(crew, jobs)
        return _Runner(crew, tuple(jobs), start, start, crew.shift[0] if crew.shift else 0)

    def _nearest_start(self, crew: Crew, jobs: Sequence[str]) -> int:
        first = self.problem.job_by_id.get(jobs[0]) if jobs else None
        if first is None:
            return crew.start[0]
        return min(crew.start, key=lambda place: self.problem.travel.between(place, first.location))

    def _parties(self, routes: Sequences) -> dict[str, tuple[str, ...]]:
        """Crews that must meet, by job; nobody waits for crews that the job does not need."""
        met: dict[str, dict[str, None]] = {}
        for crew, jobs in routes.items():
            for job in jobs:
                if (known := self.problem.job_by_id.get(job)) and known.crews_needed > 1:
                    met.setdefault(job, {})[crew] = None
        return {job: tuple(crews) for job, crews in met.items()}

    def _job(self, job_id: str, place: int) -> Job:
        return self.problem.job_by_id.get(job_id) or Job(id=job_id, location=place)

    def _advance(self) -> bool:
        """Let every crew go on as far as it can; whether anybody moved."""
        moved = False
        for runner in self.runners.values():
            while (job_id := runner.next_job) is not None and self._may_start(job_id):
                self._serve(job_id, self._present(job_id, runner))
                moved = True
        return moved

    def _present(self, job_id: str, runner: _Runner) -> list[_Runner]:
        if job_id in self.finish_s:
            return [runner]
        crews = self.parties.get(job_id, ())
        waiting = [self.runners[crew] for crew in crews if self.runners[crew].next_job == job_id]
        return waiting or [runner]

    def _may_start(self, job_id: str) -> bool:
        job = self.problem.job_by_id.get(job_id)
        if job is None or job_id in self.finish_s:
            return True
        if any(self.visits_left[wait.job] > 0 for wait in job.after):
            return False
        return all(self.runners[crew].next_job == job_id for crew in self.parties.get(job_id, ()))

    def _give_up_a_wait(self) -> None:
        stuck = [runner for runner in self.runners.values() if runner.next_job is not None]
        runner = min(stuck, key=lambda stuck_runner: stuck_runner.clock)
        assert runner.next_job is not None
        self._serve(runner.next_job, self._present(runner.next_job, runner))

    def _serve(self, job_id: str, crews: Sequence[_Runner]) -> None:
        job = self._job(job_id, crews[0].place)
        extra = [0] * len(crews)
        while True:
            approaches = [self._approach(crew, job, rests) for crew, rests in zip(crews, extra, strict=True)]
            start_s = self._start_s(job, max(approach.ready_s for approach in approaches))
            due = [
                self._is_due(crew, rests, start_s + job.service_s)
                for crew, rests in zip(crews, extra, strict=True)
            ]
            if not any(due):
                break
            extra = [rests + is_due for rests, is_due in zip(extra, due, strict=True)]
        for crew, rests, approach in zip(crews, extra, approaches, strict=True):
            self._arrive(crew, job, self._with_free_rests(crew, job, rests, approach, start_s), start_s)
        self.finish_s[job_id] = max(self.finish_s.get(job_id, -(10**18)), start_s + job.service_s)

    def _arrive(self, runner: _Runner, job: Job, approach: _Approach, start_s: int) -> None:
        finish_s = start_s + job.service_s
        runner.visits.append(
            Visit(job=job.id, arrival_s=approach.arrival_s, start_s=start_s, finish_s=finish_s)
        )
        runner.rests += approach.rests
        runner.rests_taken += len(approach.rests)
        runner.clock, runner.place = finish_s, job.location
        self.visits_left[job.id] -= 1

    def _approach(self, runner: _Runner, job: Job, extra: int) -> _Approach:
        """Drive to a job with `extra` breaks: on site where their windows allow, else before the drive."""
        leg = runner.crew.drive_s(self.problem.travel.between(runner.place, job.location))
        clock, arrival, rests, in_windows = runner.clock, None, [], True
        for rest in runner.crew.breaks[runner.rests_taken : runner.rests_taken + extra]:
            if arrival is None and clock + leg <= rest.window[1]:
                clock += leg
                arrival = clock
            at = max(clock, rest.window[0])
            in_windows = in_windows and at <= rest.window[1]
            rests.append(Rest(start_s=at, duration_s=rest.duration_s))
            clock = at + rest.duration_s
        if arrival is None:
            clock += leg
            arrival = clock
        return _Approach(arrival_s=arrival, ready_s=clock, rests=rests, in_windows=in_windows)

    def _start_s(self, job: Job, ready_s: int) -> int:
        for wait in job.after:
            ready_s = max(ready_s, self.finish_s.get(wait.job, -(10**18)) + wait.lag_s)
        fits = [max(ready_s, first) for first, last in job.windows if max(ready_s, first) <= last]
        return min(fits, default=ready_s)

    @staticmethod
    def _is_due(runner: _Runner, extra: int, finish_s: int) -> bool:
        at = runner.rests_taken + extra
        return at < len(runner.crew.breaks) and runner.crew.breaks[at].window[1] < finish_s

    def _with_free_rests(
        self, runner: _Runner, job: Job, extra: int, approach: _Approach, start_s: int
    ) -> _Approach:
        """Take further breaks that fit into the wait before `start_s`."""
        while runner.rests_taken + extra < len(runner.crew.breaks):
            extra += 1
            longer = self._approach(runner, job, extra)
            late = longer.ready_s > start_s or longer.arrival_s > approach.arrival_s
            if late or not longer.in_windows or longer.rests[-1].start_s >= start_s:
                break
            approach = longer
        return approach
