"""Who must know of an order, a promise about to break, a customer who calls again: the policy says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ..ground.case import Case
from ..ground.day import DayPlan, Promise, WorkOrder
from ..store import Event
from ..store.history import calls_since
from .contacts import ROLES

PROMISED = frozenset({"arrive", "restore"})
SUPERVISOR = "supervisor"
# Those who look after the customer hear of its promises too.
CARING = frozenset({"customer_manager", "welfare_team"})
CALLS_WITHIN = timedelta(hours=24)


def alerted(day: DayPlan, order: WorkOrder) -> Iterator[tuple[str, dict[str, Any]]]:
    """The roles that hear of an order, and what they hear."""
    roles = _roles(order)
    if not roles:
        return
    card = next(iter(day.cards_of_order.get(order.id, ())), None)
    outage = day.outage_by_id.get(order.outage or "")
    words = [day.case.request_by_id[id_].words for id_ in order.requests if id_ in day.case.request_by_id]
    values = {
        "address": card.address if card and card.address else order.id,
        "customers": outage.customers_out if outage else 0,
        "since": outage.since if outage else order.received_at,
        "said": " / ".join(dict.fromkeys(words[:3])) or "–",
    }
    for role in roles:
        yield role, values


def at_risk(day: DayPlan, order: WorkOrder) -> Iterator[tuple[str, Promise, datetime]]:
    """Promises that the plan in force breaks, or keeps with less than the policy's warning time to spare."""
    spare = timedelta(minutes=float(order.decision.outcome.get("warn_before_min") or 0))
    for promise in order.promises:
        planned = planned_for(day, order, promise.what) if promise.what in PROMISED else None
        if planned is None or planned + spare <= promise.due:
            continue
        for role in sorted({SUPERVISOR} | (CARING & set(_roles(order)))):
            yield role, promise, planned


def planned_for(day: DayPlan, order: WorkOrder, what: str) -> datetime | None:
    """When the plan in force arrives at an order, or has it restored."""
    if what == "restore":
        etr = day.etr_of_outage.get(order.outage) if order.outage is not None else None
        return None if etr is None else etr.median
    arrival_s = day.arrival_s.get(order.id)
    return None if arrival_s is None else day.origin + timedelta(seconds=arrival_s)


def calls_before(connection: Any, customer: str, event: Event) -> int:
    """How often a customer called in the day before, inside the transaction of the new call."""
    return calls_since(connection, customer, event.at - CALLS_WITHIN, but=event.subject)


def repeated_roles(case: Case, grade: str, kind: str | None, earlier: int) -> list[str]:
    """The roles that hear of a call only because there were others before it."""
    if not earlier:
        return []
    facts = {"grade": grade, "kind": kind}
    again, before = (
        _named(case.policy.decide("order", facts | {"repeat_calls": calls}).outcome.get("notify"))
        for calls in (earlier, 0)
    )
    return sorted(again - before)


def _roles(order: WorkOrder) -> list[str]:
    return sorted(_named(order.decision.outcome.get("notify")))


def _named(notify: Any) -> set[str]:
    return set(notify or ()) & ROLES
