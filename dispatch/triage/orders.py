"""From the model to the rules and back: grades, classified requests, work orders.

Nothing here decides: every grade, class, weight, skill, duration and promise
is read out of a policy's decision, and each decision keeps its trace.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from rules import Decision, Heard, heard_facts
from rules.language.vocabulary_words import UnknownWord, unknown_words

from ..ground.case import Case, Customers, Request
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
MOST_NAMED, MOST_SIGNS, MOST_WORDS = 3, 40, 20
PROMISED: Mapping[str, str] = {
    "accept": "promise_accept_min",
    "dispatch": "promise_dispatch_min",
    "arrive": "promise_arrive_min",
    "restore": "promise_restore_min",
}


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
    """Put every request through the policy's `request` stage."""
    calls_by_customer: dict[str, int] = {}
    classified = []
    for request in sorted(requests, key=lambda each: (each.received_at, each.id)):
        customer = locator.customer_of(request)
        repeats = calls_by_customer.get(customer, 0) if customer else 0
        if customer:
            calls_by_customer[customer] = repeats + 1
        classified.append(_classified(case, grades, request, customer, repeats, locator))
    return tuple(classified)


def _classified(
    case: Case, grades: Grades, request: Request, customer: str | None, repeats: int, locator: Locator
) -> ClassifiedRequest:
    known = case.customers.facts(customer) if customer else {}
    grade = grades.of_customer(case.customers, customer) if customer else ORDINARY
    heard = case.policy.lexicon.hear(request.words)
    decision = case.policy.decide(
        "request",
        {
            "words": request.words,
            **heard_facts(heard),
            "kind": request.kind,
            "channel": request.channel,
            "repeat_calls": repeats,
            "grade": grade,
            "area": known.get("area"),
            "hour": request.received_at.astimezone(case.settings.zone).hour,
        },
    )
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
        area=known.get("area"),
        grade=grade,
        voltage_kv=known.get("voltage_kv"),
    )


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
    orders = []
    for call in calls:
        if call.kind == LOSS_OF_SUPPLY:
            continue
        facts = {
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
        decision = case.policy.decide("order", facts)
        request = call.request
        order = _order(
            case, f"W-{request.id}", decision, facts, request.received_at, [request.id], None, call.customer
        )
        orders.append(order)
    return tuple(orders)


def _about_customer(case: Case, customer: str | None) -> dict[str, Any]:
    """What the customers' table knows of one customer, beside grade, area and voltage."""
    known = case.customers.facts(customer) if customer else {}
    return {name: known.get(name) for name in CUSTOMER_FACTS if name not in ("area", "voltage_kv")}


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
        tier=int(outcome.get("tier") or 0) if outcome.get("tier") is not None else 1,
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


def vocabulary_warnings(case: Case) -> tuple[str, ...]:
    """Words of the customers' table that no rule knows, with how often they occur and what may be meant."""
    table = case.customers.table
    found = []
    for name in CUSTOMER_FACTS:
        fact = case.policy.facts[name]
        if fact.open and name in table:
            counts = {str(word): int(count) for word, count in table[name].dropna().value_counts().items()}
            found += [_unknown_word(name, each) for each in unknown_words(name, fact.values, counts)]
    more = len(found) - MOST_WORDS
    return (*found[:MOST_WORDS], *((f"and {more} more unknown words",) if more > 0 else ()))


def _unknown_word(column: str, unknown: UnknownWord) -> str:
    near = f"; is {' or '.join(unknown.nearest)} meant?" if unknown.nearest else ""
    of = "1 customer" if unknown.count == 1 else f"{unknown.count:,} customers"
    return (
        f"customers: {column} '{short(unknown.word)}' of {of} is no known word, so that no rule sees it{near}"
    )


def unclassified_warnings(calls: Iterable[ClassifiedRequest]) -> tuple[str, ...]:
    """How many calls wait for a person to say what kind they are, with the first of their words."""
    waiting = [call for call in calls if call.unclassified]
    if not waiting:
        return ()
    named = ", ".join(f"{call.request.id} ({short(call.request.words)!r})" for call in waiting[:MOST_NAMED])
    more = f" and {len(waiting) - MOST_NAMED} more" if len(waiting) > MOST_NAMED else ""
    what = "1 call is" if len(waiting) == 1 else f"{len(waiting)} calls are"
    return (f"{what} unclassified: the words leave doubt; give a kind to {named}{more}",)


def short(words: str) -> str:
    """The beginning of a caller's words."""
    return words if len(words) <= MOST_SIGNS else words[: MOST_SIGNS - 1] + "…"


def calendar_warnings(case: Case, orders: Iterable[WorkOrder]) -> tuple[str, ...]:
    """What to say of answers promised into years of which the policy's calendar has no public holidays."""
    days = {promise.due.date() for order in orders for promise in order.promises if promise.what == "answer"}
    texts = (case.policy.calendar.without_year(day) for day in sorted(days))
    return tuple(dict.fromkeys(text for text in texts if text))
