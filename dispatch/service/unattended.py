"""Work that may be sent without a person: whether a case is clear, and a crew that nobody is moved for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..ground.day import DayPlan, WorkOrder
from ..ground.plan import Visit
from ..ground.problem import Crew, Job, Problem
from ..judge.timing import plan_of, score_routes, timed

DANGER = 0
# Of the crews that could be there first so many are tried against every rule.
MOST_TRIED = 4
Routes = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """An order that is sent by the rules, to whom, and when the crew is there.

    Parameters
    ----------
    arrive_s : seconds from the plan's origin.
    """

    order: str
    job: str
    crew: str
    arrive_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Routes with more work at their ends; what found no crew stands in `without`."""

    routes: Routes
    sent: tuple[Sending, ...]
    without: tuple[str, ...]


def why_not_clear(day: DayPlan, order: WorkOrder, jobs: Sequence[str], most: float | None) -> str | None:
    """Why a person has to decide about an order; None where the case is clear.

    Parameters
    ----------
    jobs : of the order.
    most : customers off supply that the policy leaves to the rules; None or 0 for none.
    """
    if order.tier == DANGER:
        return "danger"
    if not most:
        return "by_rule"
    outage = day.outage_by_id.get(order.outage or "")
    if outage is not None and outage.customers_out > most:
        return "many"
    if outage is None and order.customer is None:
        return "no_customer"
    if len(jobs) != 1 or day.cards[jobs[0]].switching or day.cards[jobs[0]].remote:
        return "several_jobs"
    job = day.plain.job_by_id[jobs[0]]
    return "several_jobs" if job.after or job.crews_needed != 1 else None


def added(
    problem: Problem, routes: Routes, wanted: Iterable[tuple[str, str]], absent: Collection[str]
) -> Added:
    """Put jobs at the ends of routes, so that nobody else's visit moves by a second.

    Parameters
    ----------
    routes : in force, on the problem's day.
    wanted : orders with their one job, the first to be served first.
    absent : crews that cannot work.
    """
    kept = {crew: list(jobs) for crew, jobs in routes.items()}
    sent: list[Sending] = []
    without: list[str] = []
    allowed = _broken(problem, kept)
    for order, job in wanted:
        found = _first_there(problem, kept, problem.job_by_id[job], absent, allowed)
        if found is None:
            without.append(order)
            continue
        crew, arrive_s = found
        kept.setdefault(crew, []).append(job)
        sent.append(Sending(order=order, job=job, crew=crew, arrive_s=arrive_s))
    if _moved(problem, routes, kept):
        return Added(routes=routes, sent=(), without=(*without, *(each.order for each in sent)))
    return Added(routes=kept, sent=tuple(sent), without=tuple(without))


# -- inside --------------------------------------------------------------------


def _first_there(
    problem: Problem,
    routes: dict[str, list[str]],
    job: Job,
    absent: Collection[str],
    allowed: Collection[tuple[str, str]],
) -> tuple[str, int] | None:
    """The crew that is there first after all that it has to do, in time and within every rule."""
    able = [crew for crew in problem.crews if crew.id not in absent and job.skills <= crew.skills]
    visits_of = {route.crew: route.visits for route in timed(problem, routes)}
    reach = sorted((_reach(problem, crew, visits_of.get(crew.id, ()), job), crew.id) for crew in able)
    for _, crew_id in reach[:MOST_TRIED]:
        tried = {**routes, crew_id: [*routes.get(crew_id, []), job.id]}
        visits = next(each.visits for each in timed(problem, tried) if each.crew == crew_id)
        arrive_s = visits[-1].arrival_s
        late = job.arrive_by_s is not None and arrive_s > job.arrive_by_s
        late = late or (job.finish_by_s is not None and visits[-1].finish_s > job.finish_by_s)
        if not late and not _broken(problem, tried) - set(allowed):
            return crew_id, arrive_s
    return None


def _reach(problem: Problem, crew: Crew, visits: Sequence[Visit], job: Job) -> int:
    """Seconds at which a crew could be there after its last visit."""
    if visits:
        last = visits[-1]
        place, free_s = problem.job_by_id[last.job].location, last.finish_s
    else:
        place, free_s = crew.start[0], max(0, crew.shift[0] if crew.shift else 0)
    return free_s + crew.drive_s(problem.travel.between(place, job.location))


def _broken(problem: Problem, routes: Routes) -> set[tuple[str, str]]:
    return {(each.code, each.job or each.crew or "") for each in score_routes(problem, routes).violations}


def _moved(problem: Problem, before: Routes, after: Routes) -> bool:
    """Whether anything that was planned would begin at another time, or elsewhere."""

    def starts(routes: Routes) -> dict[str, tuple[str, int]]:
        return {
            visit.job: (route.crew, visit.start_s)
            for route in plan_of(problem, routes).routes
            for visit in route.visits
        }

    later = starts(after)
    return any(later.get(job) != at for job, at in starts(before).items())
