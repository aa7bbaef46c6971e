"""The day in figures."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from ..ground.day import BlockCard, OpenDay, Promise, Summary
from ..ground.plan import Plan, Visit
from ..judge.check import judge
from .building import DESK
from .drafting import repair_job


def summarize(day: OpenDay, plan: Plan) -> Summary:
    """Add up what a plan means to customers, promises and crews.

    Notes
    -----
    Customer-minutes run from the start of each loss of supply to its planned
    restoration. SAIDI and SAIFI are IEEE 1366's over all customers of the case;
    SAIFI counts a customer once per loss of supply.
    """
    plain = judge(day.plain, plan)
    restored_s = {each.id: each.restored_s for each in plain.blocks}
    minutes = {card.id: _minutes_out(day, card, restored_s[card.id]) for card in day.blocks}
    out = sum(card.customers for card in day.blocks)
    customer_minutes = sum(card.customers * minutes[card.id] for card in day.blocks)
    promises = expected_promises(day, plan)
    kept = sum(each.kept for each in promises)
    total = max(1, len(day.case.customers))
    return Summary(
        customers=len(day.case.customers),
        customers_out=out,
        customer_minutes=customer_minutes,
        weighted_customer_minutes=sum(card.weight * minutes[card.id] for card in day.blocks),
        minutes_ahead_of_repair=_saved_by_switching(day, plan, minutes),
        saidi_min=customer_minutes / total,
        saifi=out / total,
        promises_kept=kept,
        promises_missed=len(promises) - kept,
        jobs_planned=sum(len(route.visits) for route in plan.routes),
        jobs_left_out=_left_out(day, plan),
        drive_min=_drive_min(day, plan),
        overtime_min=_overtime_min(day, plan),
        cost=plain.cost,
        bound=plan.bound if set(day.tier_factors.values()) <= {1.0} else None,
        parts=plain.parts,
    )


def _left_out(day: OpenDay, plan: Plan) -> int:
    """Work left undone: a step that no way uses and a look that is not worth it are none."""
    cards = [day.cards[each.job] for each in plan.dropped]
    return sum(card.kind not in ("switching", "generator") and not card.is_look for card in cards)


def _minutes_out(day: OpenDay, card: BlockCard, restored_s: int) -> float:
    since_s = (card.since - day.origin).total_seconds()
    return max(0.0, restored_s - since_s) / 60


def _saved_by_switching(day: OpenDay, plan: Plan, minutes: Mapping[str, float]) -> float:
    """Customer-minutes between each block's repair and its earlier return by another way."""
    finish_s = {visit.job: visit.finish_s for visit in _visits(plan)}
    unserved_s = day.problem.unserved_at_s or 0
    saved = 0.0
    for card, block in zip(day.blocks, day.problem.blocks, strict=True):
        # Without any switching a block waits for every repair that one of its ways names.
        repairs = {job for way in block.restored_by for job in way if day.cards[job].kind == "repair"}
        repaired_s = max((finish_s.get(job, unserved_s) for job in repairs), default=0)
        saved += card.customers * max(0.0, _minutes_out(day, card, repaired_s) - minutes[card.id])
    return saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A promise on arrival or restoration and when a plan meets it.

    `met_s` is in seconds from the plan's origin, None where nobody is sent or supply is not brought back.
    """

    order: str
    promise: Promise
    met_s: int | None
    kept: bool


def expected_promises(day: OpenDay, plan: Plan) -> tuple[Expected, ...]:
    """What a plan makes of every promise on arrival and restoration; the board and every sum ask here."""
    arrived, finished = _times_by_order(day, plan)
    back = _restored_by_outage(day, plan, blocks_back(day, plan))
    found = []
    for order in day.orders:
        for promise in order.promises:
            if promise.what == "arrive":
                met_s = arrived.get(order.id)
            elif promise.what == "restore":
                met_s = back.get(order.outage) if order.outage else finished.get(order.id)
            else:
                continue
            due_s = (promise.due - day.origin).total_seconds()
            kept = met_s is not None and met_s <= due_s
            found.append(Expected(order=order.id, promise=promise, met_s=met_s, kept=kept))
    return tuple(found)


def blocks_back(day: OpenDay, plan: Plan) -> dict[str, int]:
    """When a plan brings each block back, seconds from the origin; without those that it leaves out.

    A plan's own block times count those at the end of the horizon (`unserved_at_s`), for their price.
    """
    finish_s: dict[str, int] = {}
    for visit in _visits(plan):
        finish_s[visit.job] = max(visit.finish_s, finish_s.get(visit.job, visit.finish_s))
    found = {}
    for block in day.problem.blocks:
        ways = [way for way in block.restored_by if all(job in finish_s for job in way)]
        if ways:
            found[block.id] = min(max((finish_s[job] for job in way), default=0) for way in ways)
    return found


def _times_by_order(day: OpenDay, plan: Plan) -> tuple[dict[str, int], dict[str, int]]:
    arrived: dict[str, int] = {}
    finished: dict[str, int] = {}
    for visit in _visits(plan):
        card = day.cards[visit.job]
        if card.kind != "switching" and not card.is_look:
            arrived[card.order] = min(visit.arrival_s, arrived.get(card.order, visit.arrival_s))
            finished[card.order] = max(visit.finish_s, finished.get(card.order, visit.finish_s))
    return arrived, finished


def _restored_by_outage(day: OpenDay, plan: Plan, restored_s: Mapping[str, int]) -> Mapping[str, int]:
    """When the last customer of each outage is back, seconds from the origin; none that stays partly dark."""
    back: dict[str, int] = {}
    dark = {outage for card in day.blocks if card.id not in restored_s for outage in card.outages}
    for card in day.blocks:
        for outage in set(card.outages) - dark:
            back[outage] = max(back.get(outage, restored_s[card.id]), restored_s[card.id])
    for visit in _visits(plan):
        outage = day.cards[visit.job].order
        if visit.job == repair_job(outage) and outage not in dark:
            back.setdefault(outage, visit.finish_s)
    return back


def _visits(plan: Plan) -> list[Visit]:
    return [visit for route in plan.routes for visit in route.visits]


def _drive_min(day: OpenDay, plan: Plan) -> float:
    travel = day.problem.travel
    total_s = 0
    for route in plan.routes:
        crew = day.problem.crew_by_id[route.crew]
        stops = [route.start, *(day.problem.job_by_id[visit.job].location for visit in route.visits)]
        if route.visits and crew.end is not None:
            stops.append(crew.end)
        total_s += sum(crew.drive_s(travel.between(a, b)) for a, b in itertools.pairwise(stops))
    return total_s / 60


def _overtime_min(day: OpenDay, plan: Plan) -> float:
    total_s = 0
    for route in plan.routes:
        crew = day.problem.crew_by_id[route.crew]
        if not route.visits or crew.shift is None or route.crew == DESK:
            continue
        last = route.visits[-1]
        home = 0
        if crew.end is not None:
            leg_s = day.problem.travel.between(day.problem.job_by_id[last.job].location, crew.end)
            home = crew.drive_s(leg_s)
        total_s += max(0, last.finish_s + home - crew.shift[1])
    return total_s / 60
