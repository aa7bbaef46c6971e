"""What planning makes of a case: outages, work orders, jobs, and the checked plan.

These records are what the board, the route sheets, the exports and the
scenarios read; nothing in them refers to a solver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from geo import Fault, SwitchAction
from rules import Decision, text_in

from .case import Case
from .plan import Plan
from .problem import Problem
from .verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A device or section that the calls point at, with its share of belief."""

    place: str
    score: float
    customers_out: int
    requests: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A loss of supply: cause, extent, times.

    Parameters
    ----------
    transformers : ids of the transformers without supply because of it.
    customers : ids of the customers out where the outage lies below a transformer (a low-voltage
        main, a service); None where everybody behind `transformers` is out.
    component : line, cable, lv_main, transformer, switch, service, substation or none.
    device : the protective device that is taken to have opened, None below a transformer.
    score : share of belief, 0 to 1.
    expected, fewest, most : customers out over everything that the evidence leaves possible; None where
        the outage was not inferred. Expected figures of several outages add up.
    still_out : when supply was said to be back, a day before this outage at most, for these customers
        among others: whoever calls now is still out, or out again.
    """

    id: str
    fault: Fault
    since: datetime
    requests: tuple[str, ...]
    transformers: tuple[str, ...]
    customers_out: int
    component: str
    customers: tuple[str, ...] | None = None
    device: str | None = None
    score: float = 1.0
    alternatives: tuple[Suspect, ...] = ()
    cause: str | None = None
    confirmed: bool = False
    still_out: datetime | None = None
    expected: float | None = None
    fewest: int | None = None
    most: int | None = None

    @property
    def expected_out(self) -> float:
        """Customers expected to be out; those of the named device where nothing else is known."""
        return self.customers_out if self.expected is None else self.expected

    @property
    def in_doubt(self) -> bool:
        """Whether the number of customers out is not settled."""
        return self.fewest is not None and self.fewest != self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A due time that the utility gave: on arrival, restoration or answer."""

    what: Literal["accept", "dispatch", "arrive", "restore", "answer"]
    due: datetime
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """What the utility decided to do about one outage or one request."""

    id: str
    kind: str
    class_: str
    tier: int
    weight: float
    grade: str
    requests: tuple[str, ...]
    decision: Decision
    received_at: datetime
    outage: str | None = None
    customer: str | None = None
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Important:
    """An important customer who is out: the name and how to get in, as far as whoever asks may know."""

    grade: str
    name: str | None = None
    access: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """What a crew is told about one job.

    `kind` is one of repair, switching, patrol, make_safe, service; a job whose
    `remote` is true is done by the control room and no crew drives to it. `also`
    are other orders whose work a person put into this job. `place` is the element
    of the grid that the job concerns: the line, device or transformer that failed,
    the device that is switched, the transformer that feeds a service's customer.
    `important` are customers off supply whom the policy grades above the ordinary.
    `saves` are the customer-minutes that a look at `place` saves, in a patrol that is sent for them alone;
    nothing waits for such a look.
    """

    id: str
    order: str
    kind: str
    title: str
    class_: str
    tier: int
    lon: float
    lat: float
    address: str
    duration_min: float
    skills: frozenset[str] = frozenset()
    stock: Mapping[str, float] = field(default_factory=dict)
    customer: str | None = None
    customer_name: str | None = None
    phone: str | None = None
    grade: str | None = None
    access: str | None = None
    hazard: Mapping[str, str] | str | None = None
    words: tuple[str, ...] = ()
    switching: tuple[SwitchAction, ...] = ()
    remote: bool = False
    customers_out: int = 0
    also: tuple[str, ...] = ()
    place: str | None = None
    important: tuple[Important, ...] = ()
    saves: int | None = None

    @property
    def is_look(self) -> bool:
        """Whether a crew is sent only to see whether `place` has opened."""
        return self.saves is not None

    def hazard_in(self, language: str) -> str | None:
        """What is dangerous there, for people of a language (en, zh)."""
        return text_in(self.hazard, "zh" if language.startswith("zh") else "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCard:
    """Who a block of the problem stands for."""

    id: str
    outages: tuple[str, ...]
    transformers: tuple[str, ...]
    customers: int
    weight: float
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Etr:
    """When supply is expected back: median and 90 %, or being assessed."""

    outage: str
    median: datetime | None
    p90: datetime | None
    status: Literal["assessed", "being_assessed", "not_planned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The day in figures, all plain (unweighted) unless the name says so.

    `minutes_ahead_of_repair`: customer-minutes by which customers are back, through switching
    or a generator, before everything that darkens them is repaired in this plan. It is more
    than switching gains over a plan without it, which would repair in another order.
    """

    customers: int
    customers_out: int
    customer_minutes: float
    weighted_customer_minutes: float
    minutes_ahead_of_repair: float
    saidi_min: float
    saifi: float
    promises_kept: int
    promises_missed: int
    jobs_planned: int
    jobs_left_out: int
    drive_min: float
    overtime_min: float
    cost: float
    bound: float | None
    parts: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class OpenDay:
    """Everything that is decided about a case before anybody is sent anywhere.

    Parameters
    ----------
    problem : what is solved; `plain` is the same without tier factors, what costs are reported in.
    origin : second 0 of the problem and the plan.
    tier_factors : by tier, what a unit of its cost counts in the problem, so that nothing below
        outweighs a minute of it; the summary's figures are without them.
    dead_lines : ids of the grid lines without supply at `origin`.
    warnings : what a planner should know about the input, a sentence each.
    locations, nodes : lon, lat and road node of each of the problem's location indices; index 0
        is the control room's desk, with node -1.
    answered : calls without supply that are in no outage, because a crew or a meter has said since
        that it is back; whoever called is still to be asked.
    """

    case: Case
    outages: tuple[Outage, ...]
    orders: tuple[WorkOrder, ...]
    cards: Mapping[str, JobCard]
    blocks: tuple[BlockCard, ...]
    problem: Problem
    plain: Problem
    origin: datetime
    tier_factors: Mapping[int, float]
    dead_lines: frozenset[str]
    warnings: tuple[str, ...]
    locations: tuple[tuple[float, float], ...]
    nodes: tuple[int, ...]
    answered: frozenset[str] = frozenset()

    @cached_property
    def order_by_id(self) -> Mapping[str, WorkOrder]:
        """Work orders by their id."""
        return {order.id: order for order in self.orders}

    @cached_property
    def outage_by_id(self) -> Mapping[str, Outage]:
        """Outages by their id."""
        return {outage.id: outage for outage in self.outages}

    @cached_property
    def order_of_outage(self) -> Mapping[str, WorkOrder]:
        """The work order of each outage."""
        return {order.outage: order for order in reversed(self.orders) if order.outage is not None}

    def outage_at(self, transformer: str | None, customer: str | None) -> Outage | None:
        """The outage that takes a transformer's customers, or this one of them, out; None for none."""
        for outage in self.outages:
            is_out = (
                transformer in outage.transformers
                if outage.customers is None
                else customer in outage.customers
            )
            if is_out:
                return outage
        return None

    @cached_property
    def cards_of_order(self) -> Mapping[str, tuple[JobCard, ...]]:
        """The jobs of each work order that has any."""
        found: dict[str, list[JobCard]] = {}
        for card in self.cards.values():
            found.setdefault(card.order, []).append(card)
        return {order: tuple(cards) for order, cards in found.items()}


@dataclass(frozen=True, kw_only=True)
class DayPlan(OpenDay):
    """An open day and the checked plan made for it.

    Attributes
    ----------
    plan : crews, visits and times; checked.
    verdict : what it costs, part by part, recomputed.
    etrs : when each outage is likely to end, with its range.
    summary : the figures that people look at first.
    """

    plan: Plan
    verdict: Verdict
    etrs: tuple[Etr, ...]
    summary: Summary

    @cached_property
    def etr_of_outage(self) -> Mapping[str, Etr]:
        """When each outage is likely to end."""
        return {etr.outage: etr for etr in reversed(self.etrs)}

    @cached_property
    def crew_of_order(self) -> Mapping[str, str]:
        """The crew that serves each work order, whether by a job of its own or of one it was put into."""
        return {
            order: route.crew
            for route in self.plan.routes
            for visit in route.visits
            if not self.cards[visit.job].is_look
            for order in (self.cards[visit.job].order, *self.cards[visit.job].also)
        }

    @cached_property
    def arrival_s(self) -> Mapping[str, int]:
        """When the first crew is at each work order's place, in seconds from the origin."""
        found: dict[str, int] = {}
        for visit in (visit for route in self.plan.routes for visit in route.visits):
            card = self.cards[visit.job]
            if not card.remote and not card.is_look:
                found[card.order] = min(visit.arrival_s, found.get(card.order, visit.arrival_s))
        return found
