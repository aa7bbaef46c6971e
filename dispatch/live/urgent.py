"""Danger that nobody is sent to: who could be there first, and what each would leave.

Nothing is searched for: the job is put beside the plan in force, the drives come from
the table, and the few crews that would be there first are tried. So the answer is there
while the caller is still on the telephone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ..ground.day import DayPlan, JobCard, OpenDay
from ..ground.plan import Route
from ..ground.problem import Crew, Job
from ..judge.timing import score_routes
from .proposals import routes_of

MOST_OFFERED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """A crew that may do a job.

    Parameters
    ----------
    position : in its route, behind what it has begun.
    arrive_s : seconds from the plan's origin.
    leaves : the job that it would do later instead, or None.
    cost : plain cost of sending it, new less old; infinite before it is worked out.
    """

    crew: str
    position: int
    arrive_s: int
    drive_s: int
    leaves: str | None
    cost: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A danger and the crews that could be there first, the nearest first.

    `request` is None for a job that the plan in force knows.
    """

    request: str | None
    card: JobCard
    crews: tuple[Able, ...]


def nearest_able(
    plan: DayPlan,
    day: OpenDay,
    job: str,
    now_s: int,
    begun: Mapping[str, str],
    absent: Collection[str],
    *,
    priced: bool = True,
) -> tuple[Able, ...]:
    """The crews that could be at a job first.

    Parameters
    ----------
    plan : in force; `day` is its open day with the job in it.
    now_s : seconds from the plan's origin.
    begun : state of each job that a crew has spoken of.
    absent : crews that cannot work.
    priced : work out what sending each of the first would cost.
    """
    wanted = day.plain.job_by_id[job]
    routes = {route.crew: route for route in plan.plan.routes}
    found = [
        _reach(day, wanted, crew, routes.get(crew.id), now_s, begun)
        for crew in day.plain.crews
        if crew.id not in absent and may_do(crew, wanted)
    ]
    known = sorted((each for each in found if each is not None), key=lambda each: (each.arrive_s, each.crew))
    return _priced(plan, day, job, known[:MOST_OFFERED]) if priced else tuple(known)


def may_do(crew: Crew, job: Job) -> bool:
    """Whether a crew has the skills and could carry the stock."""
    carries = all(crew.capacity.get(name, amount) >= amount for name, amount in job.load.items())
    return job.skills <= crew.skills and carries


def _reach(
    day: OpenDay, job: Job, crew: Crew, route: Route | None, now_s: int, begun: Mapping[str, str]
) -> Able | None:
    """When a crew could be there, if it finishes what it is at and leaves the rest."""
    visits = route.visits if route else ()
    # What is begun, by the crew's word or by the clock, is finished first; a crew on the road can turn.
    done = [
        at
        for at, visit in enumerate(visits)
        if begun.get(visit.job) in ("on_site", "safe", "restored", "done")
        or (begun.get(visit.job) is None and visit.start_s <= now_s)
    ]
    position = max(done) + 1 if done else 0
    place, free_s = (route.start if route else crew.start[0]), max(now_s, crew.shift[0] if crew.shift else 0)
    if position:
        place = day.plain.job_by_id[visits[position - 1].job].location
        if begun.get(visits[position - 1].job) != "done":
            free_s = max(free_s, visits[position - 1].finish_s)
    drive_s = crew.drive_s(day.plain.travel.between(place, job.location))
    if crew.shift and free_s + drive_s > crew.shift[1] + crew.overtime_s:
        return None
    leaves = visits[position].job if position < len(visits) else None
    return Able(crew=crew.id, position=position, arrive_s=free_s + drive_s, drive_s=drive_s, leaves=leaves)


def diverted(routes: Mapping[str, Sequence[str]], job: str, crew: str, position: int) -> dict[str, list[str]]:
    """Routes with a job at a position of a crew's route, and nowhere else."""
    own = [each for each in routes.get(crew, ()) if each != job]
    ahead = list(routes.get(crew, ()))[:position].count(job)
    own.insert(max(0, position - ahead), job)
    others = {each: [other for other in jobs if other != job] for each, jobs in routes.items()}
    return {**others, crew: own}


def _priced(plan: DayPlan, day: OpenDay, job: str, able: Sequence[Able]) -> tuple[Able, ...]:
    """What sending each of some crews would cost."""
    before = routes_of(plan.plan)
    old = score_routes(day.plain, before).cost
    ways = [diverted(before, job, each.crew, each.position) for each in able]
    costs = [score_routes(day.plain, way).cost - old for way in ways]
    return tuple(replace(each, cost=cost) for each, cost in zip(able, costs, strict=True))
