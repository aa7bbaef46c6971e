"""Appointments: stretches of time that a plan can keep, each with what it costs all others.

A slot is tried where it would be done: the job is put into a crew's route with the slot as its window, the
whole plan is timed again, and the judge prices both. What breaks a rule that held before is not offered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..ground.plan import Route
from ..ground.problem import Crew, Job, Problem
from ..ground.verdict import Verdict
from ..judge.timing import score_routes, timed

# Nobody is rung at the door earlier or later, whatever shift a crew has.
FIRST, LAST = time(8), time(20)
MOST_TRIED = 3
Routes = Mapping[str, Sequence[str]]
Window = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A job put into a plan within a window.

    Parameters
    ----------
    cost : of the plan with it less that of the plan without, as the judge prices both.
    start_s : when work would begin, seconds from the plan's origin.
    """

    crew: str
    position: int
    window: Window
    start_s: int
    cost: float


class Fitter:
    """A plan that one more job is tried in.

    Parameters
    ----------
    problem : holds the job too, whatever its windows.
    routes : the plan's, without the job.
    not_before : the first position of a crew's route that it has not begun; 0 where nothing is said.
    absent : crews that cannot work.
    """

    def __init__(
        self,
        problem: Problem,
        routes: Routes,
        job: str,
        *,
        not_before: Mapping[str, int] | None = None,
        absent: Collection[str] = (),
    ) -> None:
        self._problem, self._job = problem, problem.job_by_id[job]
        self._routes = {
            crew.id: [each for each in routes.get(crew.id, ()) if each != job] for crew in problem.crews
        }
        self._begun, self._absent = not_before or {}, absent
        without = replace(problem, jobs=tuple(each for each in problem.jobs if each.id != job))
        self._old = score_routes(without, self._routes)
        self._known = {(each.code, each.job, each.crew) for each in self._old.violations}
        self._timed = {route.crew: route for route in timed(without, self._routes)}

    @property
    def routes(self) -> Mapping[str, Sequence[str]]:
        """The plan's routes without the job."""
        return self._routes

    def best(self, window: Window) -> Fit | None:
        """The cheapest way to begin the job within a window; None where no crew can."""
        job = replace(self._job, windows=(window,))
        jobs = tuple(job if each.id == job.id else each for each in self._problem.jobs)
        problem = replace(self._problem, jobs=jobs)
        rough = sorted(self._places(job, window))[:MOST_TRIED]
        fits = (self._tried(problem, crew, position, window) for _, crew, position in rough)
        return min((each for each in fits if each), key=lambda each: (each.cost, each.crew), default=None)

    def routes_with(self, fit: Fit) -> dict[str, list[str]]:
        """The plan's routes with the job where it fits."""
        own = list(self._routes[fit.crew])
        own.insert(fit.position, self._job.id)
        return {**self._routes, fit.crew: own}

    def _places(self, job: Job, window: Window) -> Iterator[tuple[int, str, int]]:
        """Where the job could stand in each able crew's route, with the detour in seconds."""
        for crew in self._problem.crews:
            if crew.id in self._absent or not _able(crew, job) or not _at_work(crew, window, job):
                continue
            for position in self._positions(crew, window):
                yield self._detour_s(crew, position, job), crew.id, position

    def _positions(self, crew: Crew, window: Window) -> Sequence[int]:
        visits = self._timed[crew.id].visits
        # The job itself may have stood before what has begun.
        least = min(len(visits), max(len(crew.committed), self._begun.get(crew.id, 0)))
        early = sum(visit.start_s < window[0] for visit in visits)
        late = sum(visit.start_s <= window[1] for visit in visits)
        return sorted({max(least, early), max(least, late)})

    def _detour_s(self, crew: Crew, position: int, job: Job) -> int:
        route: Route = self._timed[crew.id]
        known, between = self._problem.job_by_id, self._problem.travel.between
        places = [route.start if route.visits else crew.start[0]]
        places += [known[visit.job].location for visit in route.visits]
        there = between(places[position], job.location)
        if position + 1 >= len(places):
            return there
        after = places[position + 1]
        return there + between(job.location, after) - between(places[position], after)

    def _tried(self, problem: Problem, crew: str, position: int, window: Window) -> Fit | None:
        own = list(self._routes[crew])
        own.insert(position, self._job.id)
        routes = {**self._routes, crew: own}
        new: Verdict = score_routes(problem, routes)
        if any((each.code, each.job, each.crew) not in self._known for each in new.violations):
            return None
        (route,) = timed(problem, {crew: own})
        start_s = next(visit.start_s for visit in route.visits if visit.job == self._job.id)
        return Fit(
            crew=crew, position=position, window=window, start_s=start_s, cost=new.cost - self._old.cost
        )


def day_windows(
    day: date, span: timedelta, zone: ZoneInfo, now: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches of a day, one after the other, that have not begun yet."""
    first = datetime.combine(day, FIRST, zone)
    last = datetime.combine(day, LAST, zone)
    count = int((last - first) / span)
    found = ((first + at * span, first + (at + 1) * span) for at in range(count))
    return tuple(each for each in found if each[0] > now)


def within(windows: Iterable[tuple[datetime, datetime]], origin: datetime) -> list[Window]:
    """Stretches of time in seconds from a plan's origin."""
    return [
        (round((begins - origin).total_seconds()), round((ends - origin).total_seconds()))
        for begins, ends in windows
    ]


def _able(crew: Crew, job: Job) -> bool:
    carries = all(crew.capacity.get(name, amount) >= amount for name, amount in job.load.items())
    return job.skills <= crew.skills and carries and job.crews_needed == 1


def _at_work(crew: Crew, window: Window, job: Job) -> bool:
    """Whether some of a window lies in a crew's shift, early enough to finish the job."""
    if crew.shift is None:
        return True
    return window[1] >= crew.shift[0] and window[0] + job.service_s <= crew.shift[1]
