"""What each route of the API answers and takes, where its code does not say so by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from ..entrance.bodies import Body, Query
from . import answers

BINARY = "application/octet-stream"
JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: its statuses, its media type, its model when it is JSON of our own."""

    model: type[BaseModel] | None = None
    statuses: tuple[int, ...] = (200,)
    kind: str = "application/json"
    told: str = "As asked."
    query: type[BaseModel] | None = None


class Searched(Query):
    """Every word must be found in number, name, address or telephone."""

    q: Annotated[str, Field(max_length=200)] = ""


class Since(Query):
    """How new the state is that the asker holds: its `seq`."""

    since: int | None = None


class Heard(Query):
    """Events after this number; without it, from now on. As events, or as what became of the state."""

    after: Annotated[int, Field(ge=0)] | None = None
    form: Annotated[Literal["events", "state"], Field(alias="as")] = "events"


class HeardUpTo(Query):
    """The number of the last event that the phone has heard of; without it, from now on."""

    after: Annotated[int, Field(ge=0)] | None = None


class PhotoOf(Query):
    """The job that a picture belongs to, when it was taken and sent by the phone's clock, what it shows."""

    job: str
    at: AwareDatetime
    sent_at: AwareDatetime | None = None
    moment: Literal["before", "after", "signature"] | None = None
    signer: Annotated[str, Field(min_length=1, max_length=120)] | None = None


class Facts(Body):
    """Facts for one stage of the policy."""

    stage: str
    facts: dict[str, Any]


SHEETS = {
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
        "schema": {"type": "string", "contentMediaType": "application/octet-stream"}
    },
}
BODIES: Mapping[str, type[BaseModel] | dict[str, Any]] = {
    "api.rulebook_try": Facts,
    "intake_upload.send_file": SHEETS,
    "standing_api.send_file": SHEETS,
    "phone.take_photo": {JPEG: {"schema": {"type": "string", "contentMediaType": JPEG}}},
}
NO_BODY = frozenset(
    {
        "live.propose",
        "live.acknowledge",
        "sites.unsubscribe",
        "phone_ringing.ring_no_more",
        "supply_reports.report_complete",
    }
)
KEYED = frozenset(
    {
        "tonight_api.new_warning",
        "live.log_request",
        "requests_page.change",
        "requests_page.hand_over",
        "complaints.act",
        "appointments.take",
        "guarantees.begin",
        "negotiations.begin",
        "connections.begin",
        "shortage.begin",
        "inspections.visited",
        "quality.rate",
        "supply_reports.report",
        "live.report",
        "signs.hear",
        "signs.answer",
    }
)

WIDE = Answer(model=answers.Wide, told="What the board shows.")
ANSWERS: Mapping[str, Answer] = {
    "openapi.the_document": Answer(told="This document."),
    "api.board": WIDE,
    "api.job": WIDE,
    "api.why": WIDE,
    "api.outage": WIDE,
    "api.crew": WIDE,
    "api.rulebook_try": WIDE,
    "api.drives": WIDE,
    "api.roads": Answer(kind=BINARY, told="Every street, packed for the map."),
    "api.grid": Answer(kind=BINARY, told="Every line with its supply, packed for the map."),
    "api.health": Answer(model=answers.Health),
    "dispatching.state": Answer(
        model=answers.Wide,
        query=Since,
        told="The state; with `since` the changes after the state of that number, or all where it is old.",
    ),
    "dispatching.customers": Answer(model=answers.Customers, query=Searched),
    "dispatching.customer": WIDE,
    "dispatching.crews": WIDE,
    "dispatching.urgent": WIDE,
    "dispatching.send_crew": Answer(model=answers.Published),
    "live.log_request": Answer(
        model=answers.LoggedRequest, statuses=(200, 201), told="201 when new, 200 when its key is known."
    ),
    "live.move_order": Answer(model=answers.NewVersion),
    "live.report": Answer(model=answers.Done),
    "live.crew_state": Answer(model=answers.Done),
    "live.restocked": Answer(model=answers.Done),
    "live.acknowledge": Answer(model=answers.Done),
    "live.found": WIDE,
    "live.estimate": WIDE,
    "live.wish": Answer(model=answers.Done),
    "live.expected": Answer(model=answers.Expected),
    "live.proposal": Answer(model=answers.Proposal),
    "live.propose": Answer(model=answers.Proposal),
    "live.publish": Answer(model=answers.Published),
    "live.decline": Answer(model=answers.Declined),
    "live.try_routes": Answer(model=answers.Tried),
    "live.set_routes": Answer(model=answers.Published),
    "live.events": Answer(
        kind="text/event-stream",
        query=Heard,
        told="Server-sent events as they happen: `change` with kind, subject, actor and time of an event; "
        "with `as=state` `state` with what differs from the state of the number `from`.",
    ),
    "intake_upload.send_file": Answer(model=answers.Uploaded),
    "signs.hear": Answer(
        model=answers.HeardSigns, statuses=(200, 201), told="201 when new, 200 when its key is known."
    ),
    "signs.to_ask": Answer(model=answers.Neighbours),
    "signs.answer": Answer(model=answers.Neighbours),
    "resources.requests": Answer(model=answers.Requests),
    "resources.request": Answer(model=answers.RequestRow),
    "requests_page.listed": WIDE,
    "requests_page.whole": WIDE,
    "requests_page.hand_over": Answer(model=answers.OwnerTold, told="Who answers for it from now on."),
    "complaints.listed": WIDE,
    "urging.listed": WIDE,
    "texts.told": WIDE,
    "customer_index.told": WIDE,
    "customer_index.count": Answer(model=answers.Done),
    "texts.change": Answer(model=answers.Done),
    "urging.urge": Answer(model=answers.Done, statuses=(200, 201)),
    "urging.answer": Answer(model=answers.Done),
    "complaints.whole": WIDE,
    "complaints.act": Answer(model=answers.NewVersion, told="The complaint's new version."),
    "appointments.listed": WIDE,
    "appointments.slots": WIDE,
    "appointments.take": Answer(model=answers.Wide, statuses=(201,), told="Number of the appointment."),
    "appointments.end": Answer(model=answers.NewVersion, told="The appointment's new version."),
    "guarantees.listed": WIDE,
    "guarantees.whole": WIDE,
    "guarantees.begin": Answer(model=answers.Wide, statuses=(201,), told="Number of the event."),
    "guarantees.act": Answer(model=answers.NewVersion, told="The event's new version."),
    "negotiations.listed": WIDE,
    "negotiations.whole": WIDE,
    "negotiations.begin": Answer(model=answers.Wide, statuses=(201,), told="Number of the talk."),
    "negotiations.act": Answer(model=answers.NewVersion, told="The talk's new version."),
    "connections.listed": WIDE,
    "connections.whole": WIDE,
    "connections.begin": Answer(model=answers.Wide, statuses=(201,), told="Number of the connection."),
    "connections.act": Answer(model=answers.NewVersion, told="The connection's new version."),
    "shortage.listed": WIDE,
    "shortage.whole": WIDE,
    "shortage.what_if": WIDE,
    "shortage.begin": Answer(model=answers.Wide, statuses=(201,), told="Number of the shortage."),
    "shortage.act": Answer(model=answers.NewVersion, told="The shortage's new version."),
    "inspections.listed": WIDE,
    "inspections.visited": Answer(model=answers.Wide, statuses=(201,), told="Visit and hidden dangers."),
    "inspections.visit": Answer(model=answers.Wide, told="The request that the visit becomes."),
    "inspections.dangers": WIDE,
    "inspections.act": Answer(model=answers.NewVersion, told="The danger's new version."),
    "quality.rate": Answer(model=answers.Wide, statuses=(201,), told="Number of the answer."),
    "quality.means": WIDE,
    "quality.repeats": WIDE,
    "performance.listed": WIDE,
    "quality.measure": Answer(model=answers.Done),
    "quality.listed": WIDE,
    "quality.draw": Answer(model=answers.Wide, told="How many samples are new."),
    "quality.act": Answer(model=answers.NewVersion, told="The sample's new version."),
    "unattended.told": WIDE,
    "unattended.switch_on": Answer(model=answers.Wide, told="Whether it is on, what went out, what waits."),
    "unattended.switch_off": Answer(model=answers.Wide, told="Whether it is on, what went out, what waits."),
    "supply_reports.listed": WIDE,
    "supply_reports.report": Answer(model=answers.Done),
    "supply_reports.report_complete": Answer(model=answers.Wide, told="How many were reported."),
    "watch.listed": WIDE,
    "watch.hand_over": Answer(model=answers.NewVersion, told="The matter's new version."),
    "days.listed": WIDE,
    "days.plan": Answer(model=answers.Wide, told="Number of the plan, for `seen`."),
    "days.move": Answer(model=answers.Wide, told="Number of the plan, for `seen`."),
    "days.close": Answer(model=answers.Wide, told="Number of the plan, for `seen`."),
    "service.important": WIDE,
    "service.change_manager": Answer(model=answers.Done),
    "service.send_managers": Answer(model=answers.ManagersChanged),
    "requests_page.change": Answer(model=answers.NewVersion, told="The request's new version."),
    "resources.orders": Answer(model=answers.Orders),
    "resources.order": Answer(model=answers.OrderWhole),
    "resources.outages": Answer(model=answers.Outages),
    "resources.crews": Answer(model=answers.Crews),
    "resources.crew_states": Answer(model=answers.CrewStates),
    "resources.plans": Answer(model=answers.Plans),
    "resources.plan": Answer(model=answers.PlanWhole),
    "resources.journal": Answer(model=answers.Journal),
    "standing_api.on_duty": Answer(model=answers.DutyTold),
    "tonight_api.whole": Answer(model=answers.TonightTold),
    "tonight_api.tried_call": Answer(model=answers.CallTried),
    "tonight_api.weather": Answer(model=answers.WarningsTold),
    "tonight_api.new_warning": Answer(model=answers.WarningTold, statuses=(201,)),
    "tonight_api.corrected": Answer(model=answers.WarningTold),
    "tonight_api.called_off": Answer(model=answers.WarningTold),
    "standing_api.shifts": Answer(model=answers.ShiftsTold),
    "standing_api.new_shift": Answer(model=answers.StandingNumber, statuses=(201,)),
    "standing_api.changed_shift": Answer(model=answers.StandingNumber),
    "standing_api.cancelled_shift": Answer(model=answers.StandingNumber),
    "standing_api.called_in": Answer(model=answers.StandingNumber),
    "standing_api.crew_facts": Answer(model=answers.StandingNumber),
    "standing_api.switch_state": Answer(model=answers.StandingNumber),
    "standing_api.customer_facts": Answer(model=answers.StandingNumber),
    "standing_api.overview": Answer(model=answers.StandingList),
    "standing_api.as_file": Answer(kind="text/csv", told="What is in force, as CSV."),
    "standing_api.send_file": Answer(model=answers.StandingWhole, statuses=(201,)),
    "standing_api.one_version": Answer(model=answers.StandingWhole),
    "standing_api.put_in_force": Answer(model=answers.StandingWhole),
    "standing_api.declined": Answer(model=answers.StandingWhole),
    "standing_api.taken_back": Answer(model=answers.StandingWhole),
    "callbacks.text_message": WIDE,
    "phone.route": WIDE,
    "phone.hours": WIDE,
    "phone.area": Answer(kind=BINARY, told="Streets, grid lines and drives around the crew's route, packed."),
    "phone.route_file": Answer(kind=BINARY, told="The route as a file of the kind that was asked for."),
    "phone_ringing.ring_here": Answer(model=answers.Done),
    "phone_ringing.ring_no_more": Answer(model=answers.Done),
    "phone_ringing.listen": Answer(model=answers.NewsTold, query=HeardUpTo),
    "phone_office.seen": WIDE,
    "phone.taps": Answer(model=answers.HeardAll),
    "phone.take_photo": Answer(model=answers.Heard, query=PhotoOf),
    "phone_office.field": WIDE,
    "tickets.listed": WIDE,
    "phone_office.picture": Answer(kind=JPEG, told="The picture."),
    "telling.callbacks": Answer(model=answers.Callbacks),
    "telling.answer": Answer(model=answers.Done),
    "telling.planned_outage": Answer(model=answers.Announced, statuses=(200, 201)),
    "telling.outbox": Answer(model=answers.Counts),
    "outward_stream.listed": WIDE,
    "outward_stream.document": WIDE,
    "sites.listed": WIDE,
    "sites.one": WIDE,
    "sites.hooks": WIDE,
    "sites.subscribe": Answer(model=answers.Wide, statuses=(201,), told="Id and secret, told this once."),
    "sites.unsubscribe": Answer(model=answers.Done),
}
