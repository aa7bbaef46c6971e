"""Looks as jobs of the plan: a crew is sent to see whether another device has opened, where that is worth it.

A look competes with all other work. It weighs the customer-minutes that it saves; what it costs is the drive,
and all that its crew would have done meanwhile. It is worth something only before the crew of the repair
leaves, so that nobody is sent where a free crew is on its way to repair anyhow.

    named   F-3, 150 customers, chance 0.6      the repair's crew is free in three hours
    or      T-88, 36 customers, chance 0.3      look at T-88 first: saves 0.3 x 36 x 45 = 486 customer-minutes
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ..ground.case import Case, CrewShift
from ..ground.day import JobCard, OpenDay, Outage, Suspect, WorkOrder
from ..ground.plan import Plan
from ..ground.problem import Job, Problem
from ..judge.timing import plan_of, timed
from ..outages import InferenceSettings, SupplyTree, kept_tree
from ..outages.doubt.looks import DRIVE_MIN, GLANCE_MIN, WRONG_SENDING_MIN, where_to_look
from ..solver.plans import make_plan
from ..triage.locating import Place, customers_place
from ..triage.orders import Grades
from .at_once import with_job
from .drafting import Draft, Seconds, job_id, people_skills, repair_job
from .running import Running, still_open

LOOK = "look"
# Customer-minutes below which nobody is sent out only to look. A placeholder.
LEAST_SAVED = 100.0
# With the repair's crew there in less, it looks for itself.
LEAST_WAIT_MIN = DRIVE_MIN + GLANCE_MIN
# A crew that has looked twice and told little is not sent a third time.
MOST_LOOKS = 2


def is_look(job: str) -> bool:
    """Whether a job is a look, by its id."""
    return job.rsplit("/", 1)[-1].partition("+")[0] == LOOK


def with_looks(
    case: Case,
    grades: Grades,
    orders: Sequence[WorkOrder],
    outages: Sequence[Outage],
    drafts: Sequence[Draft],
    crews: Sequence[CrewShift],
    running: Running,
    seconds: Seconds,
) -> list[Draft]:
    """The day's jobs and the looks that may be worth a drive; the plan says which of them are.

    Parameters
    ----------
    drafts : still open, beside which a look has to be worth its time.
    crews : on shift.
    """
    order_of: dict[str | None, WorkOrder] = {order.outage: order for order in orders if order.outage}
    doubtful = [each for each in outages if each.id in order_of and _may_be_looked_at(each, drafts, running)]
    if not doubtful:
        return list(drafts)
    waits_s = _waits_s({each.id: each for each in outages}, order_of, drafts, crews, running, seconds)
    settings, tree = InferenceSettings.of(case.beliefs), kept_tree(case)
    found = []
    for outage in doubtful:
        chosen = where_to_look(outage, LEAST_WAIT_MIN, case.settings.now, settings)
        place = None if chosen is None else _place(case, tree, chosen[0])
        wait_s, number = waits_s.get(repair_job(outage.id), 0.0), _number(outage, running)
        if chosen is None or place is None or not _worth_it(outage, number, chosen[1], wait_s, running):
            continue
        saves, order = chosen[1] * WRONG_SENDING_MIN, order_of[outage.id]
        look = _Look(outage=outage, order=order, suspect=chosen[0], place=place, saves=saves)
        found.append(look.draft(number, wait_s, _weight(tree, grades, chosen[0])))
    return [*drafts, *still_open(found, running, case.settings.now)]


def _worth_it(outage: Outage, number: int, at_stake: float, wait_s: float, running: Running) -> bool:
    """Whether a look is worth a job; a crew on its way is not called back because a minute has passed."""
    if number > MOST_LOOKS:
        return False
    enough = at_stake * WRONG_SENDING_MIN >= LEAST_SAVED and wait_s >= LEAST_WAIT_MIN * 60
    return enough or _look_job(outage, number) in _begun(running)


def looks_in_time(day: OpenDay, plan: Plan) -> Plan:
    """A plan whose looks come before the repairs that they are for, or not at all; what is begun stays.

    Until the day is planned nobody knows when a repair begins.
    """
    start_s = {visit.job: visit.start_s for route in plan.routes for visit in route.visits}
    begun = {job for crew in day.problem.crews for job in crew.committed}
    late = {job: start_s.get(repair_job(day.cards[job].order)) for job in start_s if day.cards[job].is_look}
    late = {job: at for job, at in late.items() if at is not None and at <= start_s[job] and job not in begun}
    if not late:
        return plan
    tried = plan_of(day.problem, _routes_without(plan, late))
    for job, repair_s in sorted(late.items()):
        tried = with_job(_before(day.problem, job, repair_s or 0), tried, day.problem.job_by_id[job])
    routes = timed(day.problem, _routes_without(tried, ()))
    earlier = make_plan(day.problem, routes, status="feasible")
    return replace(earlier, bound=plan.bound, seconds=plan.seconds, seed=plan.seed)


def _routes_without(plan: Plan, jobs: Collection[str]) -> dict[str, list[str]]:
    return {
        route.crew: [visit.job for visit in route.visits if visit.job not in jobs] for route in plan.routes
    }


def _before(problem: Problem, job: str, start_s: int) -> Problem:
    """The problem with one job that has to begin before a time."""
    jobs = tuple(
        replace(each, windows=((0, max(0, start_s - each.service_s)),)) if each.id == job else each
        for each in problem.jobs
    )
    return replace(problem, jobs=jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One device to look at, and what that saves."""

    outage: Outage
    order: WorkOrder
    suspect: Suspect
    place: Place
    saves: float

    def draft(self, number: int, wait_s: float, weight: float) -> Draft:
        """The job: any crew may look; leaving it out costs what it would have saved."""
        card = JobCard(
            id=_look_job(self.outage, number),
            order=self.order.id,
            kind="patrol",
            title=self.order.kind,
            class_=self.order.class_,
            tier=self.order.tier,
            lon=self.place.lon,
            lat=self.place.lat,
            address=self.place.address,
            duration_min=GLANCE_MIN,
            grade=self.order.grade,
            customers_out=self.suspect.customers_out,
            place=self.suspect.place,
            saves=round(self.saves),
        )
        gain = self.saves * self.order.weight * weight
        job = Job(
            id=card.id,
            location=0,
            service_s=round(GLANCE_MIN * 60),
            drop_cost=gain,
            # Once the repair's crew has left, less and less is saved.
            finish_by_s=round(wait_s),
            late_finish_cost_per_s=gain / (WRONG_SENDING_MIN * 60),
        )
        return Draft(card=card, job=job)


def _may_be_looked_at(outage: Outage, drafts: Sequence[Draft], running: Running) -> bool:
    """Whether a device is in doubt that nobody is at, on the way to, or sent to search for anyhow."""
    if outage.confirmed or not outage.in_doubt or not outage.alternatives:
        return False
    own = {job_id(outage.id, kind) for kind in ("patrol", "make_safe", "repair")}
    searched = any(draft.card.id == job_id(outage.id, "patrol") for draft in drafts)
    return not searched and not own & _begun(running)


def _begun(running: Running) -> set[str]:
    """What crews are at, on the way to, or about to set out for."""
    return {job for jobs in running.committed.values() for job in jobs} | set(running.on_site)


def _look_job(outage: Outage, number: int) -> str:
    return job_id(outage.id, LOOK if number == 1 else f"{LOOK}+{number}")


def _number(outage: Outage, running: Running) -> int:
    """Which look at an outage is the next; one that is done leaves its name to nobody."""
    name = job_id(outage.id, LOOK)
    return 1 + sum(job == name or job.startswith(f"{name}+") for job in running.done)


def _waits_s(
    outage_of: Mapping[str, Outage],
    order_of: Mapping[str | None, WorkOrder],
    drafts: Sequence[Draft],
    crews: Sequence[CrewShift],
    running: Running,
    seconds: Seconds,
) -> dict[str, float]:
    """When a crew would leave for each repair at the earliest, seconds from now, the most urgent first.

    A queue before the crews, with one length of drive for all: what the plan makes of it is not known yet.
    """
    job_of = {draft.card.id: draft.job for draft in drafts}
    free = [(_free_s(crew, job_of, running, seconds), at) for at, crew in enumerate(crews)]
    heapq.heapify(free)
    skills = [crew.skills | people_skills(crew.people) for crew in crews]
    bound = {job for jobs in running.committed.values() for job in jobs}
    waiting = [draft for draft in drafts if draft.card.kind == "repair" and draft.card.id not in bound]
    found = {}
    for draft in sorted(waiting, key=lambda each: _rank(each, outage_of, order_of)):
        able = [each for each in free if draft.job.skills <= skills[each[1]]]
        if not able:
            continue
        first = min(able)
        free.remove(first)
        found[draft.card.id] = first[0]
        free.append((first[0] + DRIVE_MIN * 60 + draft.job.service_s, first[1]))
    return found


def _rank(
    draft: Draft, outage_of: Mapping[str, Outage], order_of: Mapping[str | None, WorkOrder]
) -> tuple[int, float, str]:
    """Tiers first, then customers per minute of work."""
    outage = outage_of.get(draft.card.id.rsplit("/", 1)[0])
    order = order_of.get(outage.id) if outage else None
    weight = outage.expected_out * order.weight if outage and order else 0.0
    return draft.card.tier, -weight / max(1, draft.job.service_s), draft.card.id


def _free_s(crew: CrewShift, job_of: Mapping[str, Job], running: Running, seconds: Seconds) -> float:
    bound = [job_of[job] for job in running.committed.get(crew.id, ()) if job in job_of]
    busy_s = sum(job.service_s + (0 if job.id in running.on_site else DRIVE_MIN * 60) for job in bound)
    return max(0, seconds(crew.shift_start)) + busy_s


def _weight(tree: SupplyTree, grades: Grades, suspect: Suspect) -> float:
    """What a customer beneath a suspect weighs on average."""
    node = tree.node_of_place(suspect.place)
    if node is None or not tree.customers[node]:
        return 1.0
    return float(grades.weight[tree.customer_rows_beneath(node)].mean())


def _place(case: Case, tree: SupplyTree, suspect: Suspect) -> Place | None:
    """Where one looks: before the device itself, or at a customer's whom a main or a service feeds."""
    grid, table = case.grid, case.customers.table
    for kind, known in (("switch", grid.switch_at), ("transformer", grid.transformer_at)):
        if suspect.place in known:
            lon, lat = grid.place_of(kind, suspect.place)
            return Place(lon=lon, lat=lat, address=case.roads.nearest_name(lon, lat))
    node = tree.node_of_place(suspect.place)
    if node is None or not tree.customers[node]:
        return None
    return customers_place(case, table.iloc[tree.customer_rows_beneath(node)[0]])
