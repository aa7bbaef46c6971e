"""Who could take a job, what that delays, and sending somebody at once."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.exceptions import NotFound

from dispatch.ground.day import DayPlan
from dispatch.ground.plan import Plan
from dispatch.judge.explain import who_could_take
from dispatch.judge.timing import plan_of
from dispatch.judge.trials import Trial
from dispatch.live import Desk, Offer, Who
from dispatch.live.proposals import carried_over, routes_of
from dispatch.store import ENDED

from ..day.board import Data, point

DRIVEN = frozenset({"repair", "patrol", "make_safe", "service"})


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
    choices = [_choice(known, plan, trial) for trial in trials]
    if known is not day or desk.plan_number("published") is None:
        return choices
    # What a move costs is what trying it says: less what the job costs where it is now.
    tried = [choice | {"cost": _cost_of_move(desk, day, job, choice)} for choice in choices]
    return sorted(tried, key=lambda choice: (len(choice["violations"]), choice["cost"]))


def _cost_of_move(desk: Desk, day: DayPlan, job: str, choice: Data) -> float:
    routes = routes_of(day.plan)
    from_crew = next((crew for crew, jobs in routes.items() if job in jobs), None)
    moved = {
        crew: [each for each in jobs if each != job] if crew in (from_crew, choice["crew"]) else jobs
        for crew, jobs in routes.items()
    }
    moved.setdefault(choice["crew"], []).insert(choice["position"], job)
    return desk.hands.try_change({crew: jobs for crew, jobs in moved.items() if jobs}, ()).cost


def _plan_for(desk: Desk, day: DayPlan, job: str) -> tuple[DayPlan, Plan]:
    if job in day.problem.job_by_id:
        return day, day.plan
    proposed = desk.shelf.proposal()
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


def urgent_data(desk: Desk) -> list[Data]:
    """Return every danger that nobody is sent to, the oldest first."""
    if desk.plan_number("published") is None:
        return []
    origin_s = int(desk.day().origin.timestamp())
    offers = [desk.calls.urgent(request) for request in desk.calls.dangers()]
    # What the plan in force knows and leaves out is a danger still.
    offers += [desk.calls.urgent_job(job) for job in _unmet(desk)]
    return [_offer(offer, origin_s) for offer in offers if offer is not None]


def _unmet(desk: Desk) -> list[str]:
    day = desk.day()
    begun = {row["id"] for row in desk.rows("jobs")}
    ended = {row["id"] for row in desk.rows("orders") if row["state"] in ENDED}
    removed = {row["subject"] for row in desk.rows("changes") if row["what"] == "remove"}
    return [
        each.job
        for each in day.plan.dropped
        if (card := day.cards[each.job]).tier == 0
        and card.kind in DRIVEN
        and card.order not in ended
        and each.job not in begun | removed
    ]


def _offer(offer: Offer, origin_s: int) -> Data:
    card = offer.card
    return {
        "subject": offer.request or card.id,
        "request": offer.request,
        "job": card.id,
        "kind": card.kind,
        "title": card.title,
        "cls": card.class_,
        "address": card.address,
        "at": point(card.lon, card.lat),
        "words": list(card.words),
        "crews": [
            {
                "crew": each.crew,
                "arrive": origin_s + each.arrive_s,
                "drive_min": round(each.drive_s / 60),
                "leaves": each.leaves,
                "cost": each.cost,
            }
            for each in offer.crews
        ],
    }


def divert(desk: Desk, subject: str, crew: str, who: Who, reason: str) -> int | None:
    """Send a crew before all else to a job or to what a request reports; returns the plan now in force.

    A job that only the proposal knows is first taken over from it.

    Raises
    ------
    Refused
        The job or the crew is not known, or the crew may not do the job.
    """
    proposed = desk.shelf.proposal()
    if subject not in desk.day().cards and proposed is not None and subject in proposed.cards:
        desk.shelf.publish(desk.plan_number("proposed") or 0, who, {subject})
    desk.calls.divert(subject, crew, who, reason)
    return desk.plan_number("published")
