"""Days to come, filled with work that may wait: the most urgent first, within what repairs leave of a day.

A day is solved by the same search and judged by the same judge as today. Beside a crew's shift there is
one limit more: visits fill a share of it at most, the rest is kept free for what nobody knows yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ..ground.plan import Plan
from ..ground.problem import Crew, Job, Problem
from ..planning.at_once import plan_at_once
from ..planning.replan import replan

# The limit as a stock that a visit takes and a crew carries: minutes.
FILLED = "minutes ahead"
# What leaving a visit out costs on a day: more than any drive, and the more the sooner it is due.
LATER, THIS_WEEK, SOON, DUE, FIXED = 2_000.0, 4_000.0, 8_000.0, 40_000.0, 400_000.0
SOON_DAYS = 2
SEARCH_STEPS = 400
# By crew its visits: job, begins, ends.
Visits = Mapping[str, Sequence[tuple[str, int, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A visit that waits for a day.

    Parameters
    ----------
    job : its job in the problem of a day.
    due : the last day in time; None where nothing was promised.
    fixed : the day that was agreed on with the customer, or that a person chose.
    """

    job: str
    due: date | None = None
    fixed: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A day with its visits.

    Parameters
    ----------
    routes : by crew, its visits with the seconds at which each begins and ends.
    left : jobs that did not fit.
    room_min, used_min : minutes that visits may fill, and that they fill; agreed ones not counted.
    short : by job that did not fit, the parts that no crew able to do it has left on its vehicle.
    """

    routes: Mapping[str, Sequence[tuple[str, int, int]]]
    left: tuple[str, ...]
    room_min: float
    used_min: float
    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def fill(problem: Problem, waiting: Collection[Waiting], day: date, share: float, *, seed: int = 1) -> Filled:
    """Give a day its visits.

    Parameters
    ----------
    problem : the day, with a job for each that waits.
    share : of each crew's shift that visits may fill, 0 to 1; agreed ones come on top.

    Raises
    ------
    UncheckedPlan
        The plan breaks a rule (a bug).
    """
    held = held_to(problem, waiting, day, share)
    if not held.jobs:
        return Filled(routes={}, left=(), room_min=_room(held), used_min=0.0)
    plan = plan_at_once(held, None) or replan(held, None, work=SEARCH_STEPS, seed=seed)
    return _filled(held, plan)


def chosen(
    waiting: Collection[Waiting], minutes: Mapping[str, float], day: date, days_left: int
) -> list[Waiting]:
    """What a day takes on: all that is fixed or due by then, and its even part of the rest, by due time.

    Parameters
    ----------
    minutes : of work, by job.
    days_left : days on which something can be done, this one among them.
    """
    order = sorted(waiting, key=lambda each: (each.fixed != day, each.due or date.max, each.job))
    even_min = sum(minutes.get(each.job, 0.0) for each in order) / max(1, days_left)
    found, used_min = [], 0.0
    for each in order:
        must = each.fixed == day or (each.due is not None and each.due <= day)
        if must or used_min < even_min:
            found.append(each)
            used_min += minutes.get(each.job, 0.0)
    return found


def held_to(problem: Problem, waiting: Collection[Waiting], day: date, share: float) -> Problem:
    """The problem of a day: each visit may be left out at its worth, and crews are filled by a share."""
    known = {each.job: each for each in waiting}
    jobs = tuple(_held(job, known[job.id], day) for job in problem.jobs if job.id in known)
    crews = tuple(_with_room(crew, share) for crew in problem.crews)
    return replace(problem, jobs=jobs, crews=crews, blocks=(), previous=(), max_crews=None)


def worth(waiting: Waiting, day: date) -> float:
    """What leaving a visit out on a day costs."""
    if waiting.fixed == day:
        return FIXED
    if waiting.due is None:
        return LATER
    days = (waiting.due - day).days
    return DUE if days <= 0 else SOON if days <= SOON_DAYS else THIS_WEEK


def local_day(moment: datetime | None, zone: object) -> date | None:
    """The day of a moment by the clock of the case."""
    return None if moment is None else moment.astimezone(zone).date()  # type: ignore[arg-type]


def _held(job: Job, waiting: Waiting, day: date) -> Job:
    minutes = 0.0 if waiting.fixed == day else job.service_s / 60
    return replace(
        job,
        load={**job.load, FILLED: minutes},
        windows=job.windows if waiting.fixed == day else (),
        cost_per_s=0,
        cost_from_s=0,
        arrive_by_s=None,
        late_arrival_cost_per_s=0,
        finish_by_s=None,
        late_finish_cost_per_s=0,
        drop_cost=worth(waiting, day),
        after=(),
    )


def _with_room(crew: Crew, share: float) -> Crew:
    minutes = 0.0 if crew.shift is None else share * max(0, crew.shift[1] - crew.shift[0]) / 60
    return replace(crew, capacity={**crew.capacity, FILLED: minutes}, committed=())


def _room(problem: Problem) -> float:
    return sum(crew.capacity[FILLED] for crew in problem.crews)


def _filled(problem: Problem, plan: Plan) -> Filled:
    routes = {
        route.crew: tuple((visit.job, visit.start_s, visit.finish_s) for visit in route.visits)
        for route in plan.routes
        if route.visits
    }
    served = {job for visits in routes.values() for job, _, _ in visits}
    left = [job for job in problem.jobs if job.id not in served]
    short = {job.id: parts for job in left if (parts := _short(problem, routes, job))}
    return Filled(
        routes=routes,
        left=tuple(job.id for job in left),
        short=short,
        room_min=_room(problem),
        used_min=sum(job.load[FILLED] for job in problem.jobs if job.id in served),
    )


def _short(problem: Problem, routes: Visits, job: Job) -> tuple[str, ...]:
    """Parts of a job of which no crew that could do it has enough left on a day; none where one has all."""
    able = [crew for crew in problem.crews if job.skills <= crew.skills and crew.shift is not None]
    lacks = [_lacking(problem, crew, routes.get(crew.id, ()), job) for crew in able]
    return () if not lacks or not all(lacks) else tuple(sorted(set.intersection(*lacks) or lacks[0]))


def _lacking(problem: Problem, crew: Crew, visits: Sequence[tuple[str, int, int]], job: Job) -> set[str]:
    known = problem.job_by_id
    used = {
        name: sum(known[each].load.get(name, 0.0) for each, _, _ in visits)
        for name in job.load
        if name != FILLED and name in crew.capacity
    }
    return {name for name, taken in used.items() if crew.capacity[name] - taken < job.load[name]}
