"""Jobs out of work orders and switching steps, each beside the card a crew reads.

Here, and in the rest of `dispatch.planning.building`'s parts, aware times become integer
seconds from the problem's origin, minutes become seconds, and a policy's costs
per minute become costs per second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from geo import Restoration
from geo import Step as RestorationStep

from ..ground.case import Case
from ..ground.day import JobCard, Outage, WorkOrder
from ..ground.problem import After, Job
from ..outages.steps import StepSpec, repair_steps
from ..triage.important import important_customers
from ..triage.locating import Place, customers_place
from ..triage.orders import ClassifiedRequest, Grades, customer_rows

DESK_SKILL = "control_room"
OFFICE_KINDS = frozenset({"complaint", "enquiry"})
# What leaving a repair undone costs beside its customers' minutes, where the policy names no figure:
# enough that a repair whose customers are back through a tie is still done.
REPAIR_DROP_COST = 500.0
# Minutes to place and connect a mobile generator; no source.
GENERATOR_MIN = 45.0

Seconds = Callable[[datetime], int]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A job before it has a location index, beside the card that people read."""

    card: JobCard
    job: Job


def draft_jobs(
    case: Case,
    orders: Sequence[WorkOrder],
    outages: Sequence[Outage],
    calls: Sequence[ClassifiedRequest],
    restoration: Restoration,
    seconds: Seconds,
    grades: Grades | None = None,
) -> tuple[list[Draft], list[str]]:
    """Draft every job of the day; also what could not be drafted, a sentence each.

    Parameters
    ----------
    grades : of all customers, so that crews are told of the important ones; nobody is named without.
    """
    outage_by_id = {outage.id: outage for outage in outages}
    call_by_id = {call.request.id: call for call in calls}
    step_of_fault: dict[str | None, RestorationStep] = {}
    for step in restoration.steps.values():
        step_of_fault.setdefault(step.fault, step)
    drafts: list[Draft] = []
    warnings: list[str] = []
    for order in orders:
        told = [call_by_id[each] for each in order.requests if each in call_by_id]
        if order.outage is not None:
            outage = outage_by_id[order.outage]
            place = _outage_place(case, outage, told, step_of_fault.get(outage.fault.id))
            named = important_customers(case, grades, outage) if grades is not None else ()
            made = _outage_drafts(order, outage, told, place, seconds)
            drafts += [replace(each, card=replace(each.card, important=named)) for each in made]
        elif order.kind not in OFFICE_KINDS:
            if told[0].place is None:
                warnings.append(
                    f"request {told[0].request.id}: nobody can tell where "
                    f"{told[0].request.address or 'it'!s} is; not planned"
                )
            else:
                drafts.append(service_draft(case, order, told[0], told[0].place, seconds))
    by_fault = {outage.fault.id: outage for outage in outages}
    drafts += [
        _step_draft(case, step, restoration, by_fault)
        for step in restoration.steps.values()
        if step.kind != "repair"
    ]
    _give_owner(drafts, restoration, by_fault)
    _close_after_patrols(drafts, restoration, by_fault)
    return drafts, warnings


def _outage_drafts(
    order: WorkOrder, outage: Outage, told: Sequence[ClassifiedRequest], place: Place, seconds: Seconds
) -> list[Draft]:
    outcome = order.decision.outcome
    specs = repair_steps(outage, outcome)
    made = []
    drop_cost = float(outcome.get("drop_cost") or REPAIR_DROP_COST)
    drop_cost += _waited(_promised(order, seconds, arrival=True, finish=True))
    for spec in specs:
        last = spec is specs[-1]
        card = _card(order, spec.kind, job_id(outage.id, spec.kind), place, outcome, told, spec)
        card = replace(card, customers_out=outage.customers_out, place=outage.fault.place)
        job = Job(
            id=card.id,
            location=0,
            service_s=round(spec.minutes * 60),
            skills=spec.skills | (people_needed(outcome) if last else frozenset()),
            load=dict(card.stock),
            after=tuple(After(job=job_id(outage.id, kind)) for kind in spec.after),
            crews_needed=int(outcome.get("crews_needed") or 1) if last else 1,
            drop_cost=drop_cost if last else 0.0,
            **_promised(order, seconds, arrival=spec is specs[0], finish=last),
        )
        made.append(Draft(card=card, job=job))
    return made


def service_draft(
    case: Case, order: WorkOrder, call: ClassifiedRequest, place: Place, seconds: Seconds
) -> Draft:
    """The job of an order that no outage stands behind."""
    outcome = order.decision.outcome
    request = call.request
    minutes = float(outcome.get("duration_min") or 30)
    skills = frozenset(outcome.get("skills") or ())
    spec = StepSpec(kind="service", skills=skills, minutes=minutes, after=())
    card = _card(order, "service", job_id(order.id, "service"), place, outcome, [call], spec)
    card = replace(card, **_contact(case, call))
    rate = float(outcome.get("cost_per_min") or 0) / 60 * order.weight
    since = seconds(request.received_at)
    horizon_s = round(case.settings.unserved_after_h * 3600)
    window = _appointment(request.appointment_from, request.appointment_to, seconds)
    promised = _promised(order, seconds, arrival=True, finish=True)
    drop_cost = outcome.get("drop_cost")
    if drop_cost is None:
        # Left out, it counts as finished at the horizon.
        drop_cost = rate * (horizon_s - since) + _latest_promise_cost(promised, horizon_s)
    else:
        drop_cost = float(drop_cost) + rate * max(0, -since) + _waited(promised)
    job = Job(
        id=card.id,
        location=0,
        service_s=round(minutes * 60),
        windows=window,
        skills=skills | people_needed(outcome),
        load=dict(card.stock),
        cost_per_s=rate,
        cost_from_s=since,
        crews_needed=int(outcome.get("crews_needed") or 1),
        drop_cost=drop_cost,
        **promised,
    )
    return Draft(card=card, job=job)


def _step_draft(
    case: Case, step: RestorationStep, restoration: Restoration, outage_by_fault: Mapping[str, Outage]
) -> Draft:
    """A switching or a generator: worth doing only for the customers it brings back."""
    facts = {"remote": step.remote, "voltage_kv": None}
    outcome = case.policy.decide("switching", facts).outcome
    if step.kind == "generator":
        skills, minutes, stock = frozenset({"lv"}), GENERATOR_MIN, {"generator": 1.0}
    else:
        skills = frozenset({DESK_SKILL} if step.remote else outcome.get("skills") or {"switching"})
        minutes = case.settings.operator_min if step.remote else float(outcome.get("duration_min") or 15)
        stock = {}
    card = JobCard(
        id=step_job(step, outage_by_fault),
        order=step.id,
        kind=step.kind,
        title=", ".join(f"{action.action} {action.name or action.device}" for action in step.actions),
        class_="",
        tier=1,
        lon=step.lon,
        lat=step.lat,
        address="" if step.remote else case.roads.nearest_name(step.lon, step.lat),
        duration_min=minutes,
        skills=skills,
        stock=stock,
        switching=step.actions,
        remote=step.remote,
        place=step.actions[0].device if step.actions else step.transformer,
    )
    job = Job(
        id=card.id,
        location=0,
        service_s=round(minutes * 60),
        skills=skills,
        load=stock,
        drop_cost=0.0,
        after=tuple(After(job=step_job(restoration.steps[each], outage_by_fault)) for each in step.after),
    )
    return Draft(card=card, job=job)


def _give_owner(drafts: list[Draft], restoration: Restoration, outage_by_fault: Mapping[str, Outage]) -> None:
    """Let each step belong to the most urgent order among the outages whose customers it brings back."""
    repairs = {draft.card.id: draft.card for draft in drafts if draft.card.kind == "repair"}
    owner: dict[str, JobCard] = {}
    for block in restoration.blocks:
        behind = [
            repairs[repair_job(outage_by_fault[each].id)] for each in block.faults if each in outage_by_fault
        ]
        if not behind:
            continue
        first = min(behind, key=_urgency)
        for step in sorted({step for way in block.ways for step in way}):
            job = step_job(restoration.steps[step], outage_by_fault)
            if job not in repairs and (job not in owner or _urgency(first) < _urgency(owner[job])):
                owner[job] = first
    for index, draft in enumerate(drafts):
        if draft.card.id in owner:
            by = owner[draft.card.id]
            card = replace(draft.card, order=by.order, class_=by.class_, tier=by.tier)
            drafts[index] = replace(draft, card=card)


def _close_after_patrols(
    drafts: list[Draft], restoration: Restoration, outage_by_fault: Mapping[str, Outage]
) -> None:
    """Let nothing be closed towards a fault that a patrol has yet to find."""
    ids = {draft.card.id for draft in drafts}
    waits: dict[str, set[str]] = {}
    for block in restoration.blocks:
        outages = (outage_by_fault[each].id for each in block.faults if each in outage_by_fault)
        patrols = {patrol for each in outages if (patrol := job_id(each, "patrol")) in ids}
        for step in (restoration.steps[each] for way in block.ways for each in way):
            if step.kind == "switching" and any(action.action == "close" for action in step.actions):
                waits.setdefault(step_job(step, outage_by_fault), set()).update(patrols)
    for index, draft in enumerate(drafts):
        if more := sorted(waits.get(draft.card.id, ())):
            after = (*draft.job.after, *(After(job=each) for each in more))
            drafts[index] = replace(draft, job=replace(draft.job, after=after))


def _urgency(card: JobCard) -> tuple[int, str]:
    return card.tier, card.class_


def people_needed(outcome: Mapping[str, Any]) -> frozenset[str]:
    """A crew size as a skill: the solver knows skills, not people."""
    people = int(outcome.get("crew_people") or 1)
    return frozenset({f"people_{people}"}) if people > 1 else frozenset()


def people_skills(people: int) -> frozenset[str]:
    """The sizes that a crew of so many people fills."""
    return frozenset(f"people_{count}" for count in range(2, people + 1))


def repair_job(outage: str) -> str:
    """The job that repairs an outage."""
    return job_id(outage, "repair")


def job_id(owner: str, kind: str) -> str:
    """The id of a job: what it belongs to and what is done."""
    return f"{owner}/{kind}"


def step_job(step: RestorationStep, outage_by_fault: Mapping[str, Outage]) -> str:
    """The job that does a restoration step: a fault's repair, a switching, a generator brought."""
    if step.kind == "repair" and step.fault is not None:
        return repair_job(outage_by_fault[step.fault].id)
    return job_id(step.id, step.kind)


def _card(
    order: WorkOrder,
    kind: str,
    id_: str,
    place: Place,
    outcome: Mapping[str, Any],
    told: Sequence[ClassifiedRequest],
    spec: StepSpec,
) -> JobCard:
    return JobCard(
        id=id_,
        order=order.id,
        kind=kind,
        title=order.kind,
        class_=order.class_,
        tier=order.tier,
        lon=place.lon,
        lat=place.lat,
        address=place.address,
        duration_min=spec.minutes,
        skills=spec.skills,
        stock=dict(outcome.get("stock") or {}) if kind in ("repair", "service") else {},
        grade=order.grade,
        hazard=outcome.get("hazard"),
        words=tuple(dict.fromkeys(call.request.words for call in told))[:5],
    )


def _contact(case: Case, call: ClassifiedRequest) -> dict[str, Any]:
    known = case.customers.facts(call.customer) if call.customer else {}
    return {
        "customer": call.customer,
        "customer_name": known.get("name"),
        "phone": call.request.phone or known.get("phone"),
        "access": known.get("access"),
        "place": known.get("transformer"),
    }


def _outage_place(
    case: Case, outage: Outage, told: Sequence[ClassifiedRequest], step: RestorationStep | None
) -> Place:
    if step is not None:
        address = case.roads.nearest_name(step.lon, step.lat)
        return Place(lon=step.lon, lat=step.lat, address=address)
    placed = next((call.place for call in told if call.place), None)
    if placed is not None:
        return placed
    row = case.customers.table.iloc[customer_rows(case, outage.transformers, outage)[0]]
    return customers_place(case, row)


def _appointment(
    start: datetime | None, end: datetime | None, seconds: Seconds
) -> tuple[tuple[int, int], ...]:
    """When work may begin; an appointment that was missed holds nobody back from coming late."""
    if start is None and end is None:
        return ()
    first = seconds(start) if start else 0
    last = seconds(end) if end else first + 86_400
    return ((first, last),) if last >= 0 else ()


def _promised(order: WorkOrder, seconds: Seconds, *, arrival: bool, finish: bool) -> dict[str, Any]:
    outcome = order.decision.outcome
    due = {promise.what: seconds(promise.due) for promise in order.promises}
    given: dict[str, Any] = {}
    late_arrival, late_finish = (
        float(outcome.get(f"late_{what}_cost_per_min") or 0) / 60 for what in ("arrival", "restore")
    )
    if arrival and "arrive" in due and late_arrival:
        given |= {"arrive_by_s": due["arrive"], "late_arrival_cost_per_s": late_arrival}
    if finish and "restore" in due and late_finish:
        given |= {"finish_by_s": due["restore"], "late_finish_cost_per_s": late_finish}
    return given


def _waited(promised: Mapping[str, Any]) -> float:
    """What missed promises have cost by now: lost whether the work is done or left out.

    Without it in the price of leaving work out, the longer something has waited the
    better it would look never to do it.
    """
    return _latest_promise_cost(promised, 0)


def _latest_promise_cost(promised: Mapping[str, Any], horizon_s: int) -> float:
    cost = 0.0
    for by, rate in (
        ("arrive_by_s", "late_arrival_cost_per_s"),
        ("finish_by_s", "late_finish_cost_per_s"),
    ):
        if by in promised:
            cost += float(promised[rate]) * max(0, horizon_s - promised[by])
    return cost
