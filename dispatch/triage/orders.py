"""From the model to the rules and back: grades, classified requests, work orders.

Nothing here decides: every grade, class, weight, skill, duration and promise
is read out of a policy's decision, and each decision keeps its trace.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from rules import Decision, Decisions, Heard, Policy, heard_facts

from ..ground.case import OWN_CHANNEL, Case, Customers, Request
from ..ground.day import Outage, Promise, WorkOrder
from .locating import Locator, Place

CUSTOMER_FACTS = (
    "industry",
    "voltage_kv",
    "sources",
    "own_generator_h",
    "energy_kwh_year",
    "load_type",
    "supply_guarantee",
    "welfare",
    "arrears",
    "area",
)
ORDINARY = "ordinary"
LOSS_OF_SUPPLY = "outage"
ENQUIRY = "enquiry"
# Channels on which no person speaks.
MACHINES = frozenset({"meter"})
GENERATOR = "generator"
ANSWERED = "promise_answer_workdays"
# Fewer are decided sooner one by one.
LEAST_TOGETHER = 8
PROMISED: Mapping[str, str] = {
    "accept": "promise_accept_min",
    "dispatch": "promise_dispatch_min",
    "arrive": "promise_arrive_min",
    "restore": "promise_restore_min",
}
Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Grades:
    """Grade and weight of every customer, in the order of the customers' table.

    `weight` is in cost units per customer-minute; an ordinary customer has 1.
    """

    grade: np.ndarray
    weight: np.ndarray

    def of_customer(self, customers: Customers, customer: str) -> str:
        """The grade of a customer that the table knows."""
        return str(self.grade[customers.table.index.get_loc(customer)])

    def of_rows(self, rows: np.ndarray) -> str:
        """The grade of the heaviest customer among `rows`."""
        if not len(rows):
            return ORDINARY
        return str(self.grade[rows[int(np.argmax(self.weight[rows]))]])


@dataclass(frozen=True, kw_only=True)
class ClassifiedRequest:
    """A request with its kind, its place and the decision that says so.

    Parameters
    ----------
    kind : as the call-taker gave it, else as the policy decides; of an unclassified request, the likeliest.
    heard : what the lexicon made of the words.
    unclassified : a person's words that were too doubtful to decide; somebody must say what kind it is.
    """

    request: Request
    kind: str
    heard: Heard
    unclassified: bool
    decision: Decision
    place: Place | None
    customer: str | None
    transformer: str | None
    area: str | None
    grade: str
    voltage_kv: float | None


def grade_customers(case: Case) -> Grades:
    """Put every customer through the policy's `customer` stage at once."""
    table = case.customers.table
    outcome = case.policy.decide_many("customer", {name: table[name].to_numpy() for name in CUSTOMER_FACTS})
    return Grades(grade=outcome["grade"], weight=np.asarray(outcome["weight"], dtype=np.float64))


def classify(
    case: Case, grades: Grades, requests: Iterable[Request], locator: Locator
) -> tuple[ClassifiedRequest, ...]:
    """Put every request through the policy's `request` stage; who calls again counts as that."""
    ordered = sorted(requests, key=lambda each: (each.received_at, each.id))
    calls_by_customer: Counter[str] = Counter()
    asked = []
    for request in ordered:
        customer = locator.customer_of(request)
        asked.append(_Asked(request, customer, calls_by_customer[customer] if customer else 0))
        calls_by_customer.update([customer] if customer and request.channel != OWN_CHANNEL else [])
    return _classified(case, grades, asked, locator)


def classify_each(
    case: Case, grades: Grades, requests: Iterable[Request], locator: Locator
) -> tuple[ClassifiedRequest, ...]:
    """The same of requests that do not know of one another, in their own order."""
    return _classified(
        case, grades, [_Asked(each, locator.customer_of(each), 0) for each in requests], locator
    )


class _Asked(NamedTuple):
    """A request, whose it is, and how often this customer has called before."""

    request: Request
    customer: str | None
    repeats: int


def _classified(
    case: Case, grades: Grades, asked: Sequence[_Asked], locator: Locator
) -> tuple[ClassifiedRequest, ...]:
    # The same words are heard once: of a storm's calls many are alike.
    heard = {words: case.policy.lexicon.hear(words) for words in {each.request.words: None for each in asked}}
    facts = [_call_facts(case, grades, each, heard[each.request.words]) for each in asked]
    decisions = _decisions(case.policy, "request", facts)
    return tuple(
        _as_decided(case, each, heard[each.request.words], told, decision, locator)
        for each, told, decision in zip(asked, facts, decisions, strict=True)
    )


def _call_facts(case: Case, grades: Grades, asked: _Asked, heard: Heard) -> dict[str, Any]:
    request, customer = asked.request, asked.customer
    return {
        "words": request.words,
        **heard_facts(heard),
        "kind": request.kind,
        "channel": request.channel,
        "repeat_calls": asked.repeats,
        "grade": grades.of_customer(case.customers, customer) if customer else ORDINARY,
        "area": case.customers.fact(customer, "area") if customer else None,
        "hour": request.received_at.astimezone(case.settings.zone).hour,
    }


def _as_decided(
    case: Case, asked: _Asked, heard: Heard, facts: Facts, decision: Decision, locator: Locator
) -> ClassifiedRequest:
    request, customer = asked.request, asked.customer
    kind = str(decision.outcome["kind"])
    return ClassifiedRequest(
        request=request,
        kind=kind,
        heard=heard,
        unclassified=is_unclassified(request, heard, kind),
        decision=decision,
        place=locator.place_of(request, customer),
        customer=customer,
        transformer=locator.transformer_of(request, customer),
        area=facts["area"],
        grade=facts["grade"],
        voltage_kv=case.customers.fact(customer, "voltage_kv") if customer else None,
    )


def _decisions(policy: Policy, stage: str, facts: Sequence[Facts]) -> Sequence[Decision]:
    """A decision for each; many together go through the tables as columns, with the same answers."""
    if len(facts) < LEAST_TOGETHER:
        return [policy.decide(stage, each) for each in facts]
    found = _together(policy, stage, facts)
    return [found.decision(at) for at in range(len(facts))]


def _together(policy: Policy, stage: str, facts: Sequence[Facts]) -> Decisions:
    names = dict.fromkeys(name for each in facts for name in each)
    return policy.decide_many(stage, {name: [each.get(name) for each in facts] for name in names})


def kind_of_words(case: Case, words: str, kind: str | None = None, channel: str | None = None) -> str | None:
    """The kind of a request that is not placed yet; None while a person has to say it."""
    heard = case.policy.lexicon.hear(words)
    facts = {"words": words, **heard_facts(heard), "kind": kind, "channel": channel or "phone"}
    decided = str(case.policy.decide("request", facts).outcome["kind"])
    return None if _in_doubt(heard, decided, kind, channel or "phone") else decided


def is_unclassified(request: Request, heard: Heard, kind: str) -> bool:
    """Whether a person must say what a request is about.

    Words that leave doubt are never silently an enquiry; a kind that the call-taker
    gave stands, machines have no words, and a rule of the policy that finds a kind
    where the lexicon found none has decided.
    """
    return _in_doubt(heard, kind, request.kind, request.channel)


def _in_doubt(heard: Heard, kind: str, given: str | None, channel: str) -> bool:
    if given is not None or channel in MACHINES:
        return False
    return heard.undecided and kind in (heard.kind, ENQUIRY)


def order_outages(
    case: Case, grades: Grades, outages: Sequence[Outage], calls: Sequence[ClassifiedRequest]
) -> tuple[WorkOrder, ...]:
    """Decide what to do about each outage: one work order for all of its calls."""
    call_by_id = {call.request.id: call for call in calls}
    orders = []
    for outage in outages:
        told = [call_by_id[each] for each in outage.requests if each in call_by_id]
        rows = customer_rows(case, outage.transformers, outage)
        facts = _outage_facts(case, grades, outage, told, rows)
        decision = case.policy.decide("order", facts)
        received = min((call.request.received_at for call in told), default=outage.since)
        told_ids = [call.request.id for call in told]
        orders.append(_order(case, outage.id, decision, facts, received, told_ids, outage.id))
    return tuple(orders)


def order_services(calls: Sequence[ClassifiedRequest], case: Case) -> tuple[WorkOrder, ...]:
    """Decide what to do about each request that is not a loss of supply."""
    told = [call for call in calls if call.kind != LOSS_OF_SUPPLY]
    facts = [_service_facts(case, call) for call in told]
    decisions = _decisions(case.policy, "order", facts)
    return tuple(_service_order(case, *each) for each in zip(told, facts, decisions, strict=True))


def _service_order(case: Case, call: ClassifiedRequest, facts: Facts, decision: Decision) -> WorkOrder:
    id_, received = call.request.id, call.request.received_at
    return _order(case, f"W-{id_}", decision, facts, received, [id_], None, call.customer)


def tiers(calls: Sequence[ClassifiedRequest], case: Case) -> list[int]:
    """How soon each request is served that is not a loss of supply: the tier of its order, 0 for danger."""
    facts = [_service_facts(case, call) for call in calls]
    if len(facts) < LEAST_TOGETHER:
        return [_tier(case.policy.decide("order", each).outcome.get("tier")) for each in facts]
    return [_tier(each) for each in _together(case.policy, "order", facts)["tier"]]


def _tier(decided: Any) -> int:
    return 1 if decided is None or math.isnan(decided) else int(decided)


def _service_facts(case: Case, call: ClassifiedRequest) -> dict[str, Any]:
    return {
        "kind": call.kind,
        "category": call.decision.outcome.get("category"),
        "urgency": call.decision.outcome.get("urgency"),
        "component": "none",
        "customers_out": 0,
        "grade": call.grade,
        "area": call.area,
        "voltage_kv": call.voltage_kv,
        "cause": None,
        "confirmed": False,
        "complaint_level": call.decision.outcome.get("complaint_level"),
        **_about_customer(case, call.customer),
        **_about_calls(case, [call]),
    }


def _about_customer(case: Case, customer: str | None) -> dict[str, Any]:
    """What the customers' table knows of one customer, beside grade, area and voltage."""
    names = [name for name in CUSTOMER_FACTS if name not in ("area", "voltage_kv")]
    return case.customers.facts(customer, names) if customer else dict.fromkeys(names)


def _about_calls(case: Case, told: Sequence[ClassifiedRequest]) -> dict[str, Any]:
    """How often somebody has called before, at most, and the local hour of the first call."""
    repeats = [int(call.decision.trace.facts.get("repeat_calls") or 0) for call in told]
    first = min((call.request.received_at for call in told), default=None)
    return {
        "repeat_calls": max(repeats, default=None),
        "hour": first.astimezone(case.settings.zone).hour if first else None,
    }


def customer_rows(case: Case, transformers: Iterable[str], outage: Outage | None = None) -> np.ndarray:
    """Row positions of the customers behind `transformers`.

    An outage below a transformer (a low-voltage main, one service) takes only
    its own customers out, which `outage.customers` names.
    """
    if outage is not None and outage.customers is not None:
        return np.asarray(case.customers.table.index.get_indexer(list(outage.customers)))
    known = case.customers.rows_by_transformer
    found = [known[name] for name in transformers if name in known]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def generator_places(
    case: Case, grades: Grades, orders: Sequence[WorkOrder], outages: Sequence[Outage]
) -> tuple[str, ...]:
    """Transformers where a mobile generator may stand in, where the policy's steps name one.

    They are those of the customers for whose grade the order was raised.
    """
    wanted = {
        order.outage: order.grade
        for order in orders
        if GENERATOR in (order.decision.outcome.get("steps") or ())
    }
    found: list[str] = []
    for outage in outages:
        if outage.id not in wanted or wanted[outage.id] == ORDINARY or outage.customers is not None:
            continue
        rows = customer_rows(case, outage.transformers)
        rows = rows[grades.grade[rows] == wanted[outage.id]]
        found += [str(each) for each in case.customers.table["transformer"].iloc[rows].unique()]
    return tuple(dict.fromkeys(found))


def _outage_facts(
    case: Case, grades: Grades, outage: Outage, told: Sequence[ClassifiedRequest], rows: np.ndarray
) -> dict[str, Any]:
    return {
        "kind": LOSS_OF_SUPPLY,
        "category": next((call.decision.outcome.get("category") for call in told), None),
        "urgency": _most_urgent(told),
        "component": outage.component,
        "customers_out": outage.customers_out,
        "grade": grades.of_rows(rows),
        "area": case.customers.areas.most_common(rows),
        "voltage_kv": next((call.voltage_kv for call in told if call.voltage_kv), None),
        "cause": outage.cause,
        "confirmed": outage.confirmed,
        **_about_calls(case, told),
    }


def _most_urgent(told: Sequence[ClassifiedRequest]) -> str | None:
    said = {call.decision.outcome.get("urgency") for call in told}
    return "urgent" if "urgent" in said else next((str(each) for each in said if each), None)


def _order(
    case: Case,
    id_: str,
    decision: Decision,
    facts: Mapping[str, Any],
    received: datetime,
    requests: Sequence[str],
    outage: str | None,
    customer: str | None = None,
) -> WorkOrder:
    outcome = decision.outcome
    return WorkOrder(
        id=id_,
        kind=str(facts["kind"]),
        class_=str(outcome["class"]),
        tier=_tier(outcome.get("tier")),
        weight=float(outcome.get("weight") or 1),
        grade=str(facts["grade"]),
        requests=tuple(requests),
        decision=decision,
        outage=outage,
        customer=customer,
        received_at=received,
        promises=_promises(case, decision, received),
    )


def _promises(case: Case, decision: Decision, received: datetime) -> tuple[Promise, ...]:
    given = []
    for what, name in PROMISED.items():
        minutes = decision.outcome.get(name)
        if minutes is not None:
            due = received + timedelta(minutes=float(minutes))
            given.append(Promise(what=what, due=due, source=decision.trace.source_of(name)))  # type: ignore[arg-type]
    days = decision.outcome.get(ANSWERED)
    if days is not None:
        due = answer_due(case, received, float(days))
        given.append(Promise(what="answer", due=due, source=decision.trace.source_of(ANSWERED)))
    return tuple(given)


def answer_due(case: Case, received: datetime, days: float) -> datetime:
    """The end of so many working days; part of a day counts as a whole one."""
    return case.policy.calendar.add_working_days(received.astimezone(case.settings.zone), math.ceil(days))
