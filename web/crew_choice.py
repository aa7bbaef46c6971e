"""Who could take a job, what that delays, and sending somebody at once."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.exceptions import NotFound

from dispatch.day import DayPlan
from dispatch.explain import who_could_take
from dispatch.live import Desk, Who
from dispatch.live.proposals import carried_over, routes_of
from dispatch.plan import Plan
from dispatch.timing import plan_of
from dispatch.trials import Trial

from .board_data import Data


def able_crews(desk: Desk, day: DayPlan, job: str) -> list[Data]:
    """Return the best crews for a job, the cheapest first, with what each would put back.

    A job that the plan in force does not know is looked for in the proposal, beside
    the routes in force.

    Raises
    ------
    NotFound
        Nobody knows the job.
    """
    known, plan = _plan_for(desk, day, job)
    trials = who_could_take(known.plain, _without(plan, job), job)
    return [_choice(known, plan, trial) for trial in trials]


def _plan_for(desk: Desk, day: DayPlan, job: str) -> tuple[DayPlan, Plan]:
    if job in day.problem.job_by_id:
        return day, day.plan
    proposed = desk.proposal()
    if proposed is None or job not in proposed.problem.job_by_id:
        raise NotFound
    routes = carried_over(routes_of(day.plan), proposed.problem.job_by_id, proposed.problem.crew_by_id)
    return proposed, plan_of(proposed.plain, routes)


def _without(plan: Plan, job: str) -> Plan:
    routes = tuple(
        replace(route, visits=tuple(visit for visit in route.visits if visit.job != job))
        for route in plan.routes
    )
    return replace(plan, routes=routes)


def _choice(day: DayPlan, plan: Plan, trial: Trial) -> Data:
    origin_s = int(day.origin.timestamp())
    route = next((route for route in plan.routes if route.crew == trial.crew), None)
    visits = route.visits[trial.position :] if route else ()
    return {
        "crew": trial.crew,
        "position": trial.position,
        "start": origin_s + trial.start_s,
        "cost": trial.added_cost,
        "put_back": visits[0].job if visits else None,
        "delayed": [{"job": job, "min": round(late_s / 60)} for job, late_s in trial.delayed.items()],
        "violations": [each.code for each in trial.violations],
    }


def divert(desk: Desk, job: str, crew: str, who: Who, reason: str) -> int | None:
    """Send a crew to a job before all else that it is not bound to; returns the plan now in force.

    Raises
    ------
    Refused
        The job or the crew is not known, or the crew may not do the job.
    """
    if job not in desk.day().problem.job_by_id:
        number = desk.plan_number("proposed")
        desk.publish(number or 0, who, {job})
    day = desk.day()
    if crew not in day.problem.crew_by_id or job not in day.problem.job_by_id:
        raise NotFound
    before = routes_of(day.plan)
    routes = {each: [other for other in jobs if other != job] for each, jobs in before.items()}
    routes.setdefault(crew, []).insert(len(day.problem.crew_by_id[crew].committed), job)
    if routes != before:
        desk.set_routes(routes, who, reason)
    return desk.plan_number("published")
