"""The day's records over HTTP, page by page: requests, outages, work orders, crews, plans, journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, abort, jsonify
from pydantic import Field

from dispatch.store import pages, queries

from ..day.board import outage_row, timetable
from ..day.current import current_day
from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk
from ..entrance.bodies import Query, When, Whole, query_as
from ..entrance.discretion import may_look_for, row_shown

OPEN: Mapping[str, bool | None] = {"open": True, "closed": False, "all": None}

resources = Blueprint("resources", __name__, url_prefix="/api/v1")

Most = Annotated[int, Field(ge=1, le=pages.MOST_ROWS)]
Name = Annotated[str, Field(min_length=1, max_length=160)]
Which = Literal["open", "closed", "all"]


class RequestsWanted(Query):
    """Which requests, newest first; `before` is the `next` of the page before."""

    which: Which = "open"
    since: When | None = None
    until: When | None = None
    customer: Name | None = None
    order: Name | None = None
    channel: Name | None = None
    kind: Name | None = None
    words: Annotated[str, Field(max_length=200)] = ""
    most: Most = 100
    before: Name | None = None


class OrdersWanted(Query):
    """Which work orders, the last changed first."""

    which: Which = "open"
    state: Name | None = None
    crew: Name | None = None
    most: Most = 100
    before: Name | None = None


class OutagesWanted(Query):
    """Which outages of the plan in force, or of the proposal, which knows the newest calls."""

    of: Literal["plan", "proposal"] = "plan"
    least_customers: Whole = 0


class PlansWanted(Query):
    """Which plans, newest first."""

    most: Most = 50
    before: Whole | None = None


class EventsWanted(Query):
    """Which events of the journal, oldest first; `after` is the `next` of the page before."""

    after: Whole = 0
    most: Most = 100
    kind: Name | None = None
    subject: Name | None = None


@resources.get("/requests")
@allow(*OFFICE)
def requests() -> Response:
    """Requests, newest first, page by page.

    Who called, and from which house and number, only dispatchers and supervisors are told: they call back.
    """
    wanted = query_as(RequestsWanted)
    if not may_look_for(wanted.words, wanted.customer):
        return jsonify(requests=[], next=None)
    columns = {"customer": wanted.customer, "order_id": wanted.order} | {
        "channel": wanted.channel,
        "kind": wanted.kind,
    }
    page = pages.requests_page(
        desk().store,
        most=wanted.most,
        before=wanted.before,
        open_=OPEN[wanted.which],
        since=wanted.since,
        until=wanted.until,
        equal={name: value for name, value in columns.items() if value is not None},
        words=wanted.words,
    )
    return jsonify(requests=[_request(row) for row in page.rows], next=page.next)


@resources.get("/requests/<id_>")
@allow(*OFFICE)
def request(id_: str) -> Response:
    """One request."""
    return jsonify(_request(_found(pages.request_row(desk().store, id_))))


@resources.get("/work-orders")
@allow(*OFFICE)
def orders() -> Response:
    """Work orders with state, crew, version and the time of each step, page by page."""
    wanted = query_as(OrdersWanted)
    columns = {"state": wanted.state, "crew": wanted.crew}
    page = pages.orders_page(
        desk().store,
        most=wanted.most,
        before=wanted.before,
        open_=OPEN[wanted.which] if wanted.state is None else None,
        equal={name: value for name, value in columns.items() if value is not None},
    )
    return jsonify(orders=[row_shown(plain(row)) for row in page.rows], next=page.next)


@resources.get("/work-orders/<path:order>")
@allow(*OFFICE)
def order(order: str) -> Response:
    """One work order with its steps, jobs, requests and callbacks."""
    found = _found(pages.order_whole(desk().store, order))
    found["requests"] = [_request(row) for row in found["requests"]]
    for name in ("jobs", "callbacks"):
        found[name] = [row_shown(row) for row in found[name]]
    return jsonify(plain(row_shown(found)))


@resources.get("/outages")
@allow(*OFFICE)
def outages() -> Response:
    """Losses of supply as the plan in force knows them, most customers first."""
    wanted = query_as(OutagesWanted)
    day = (desk().shelf.proposal() if wanted.of == "proposal" else None) or current_day()
    table = timetable(day)
    rows = [outage_row(table, outage.id) for outage in day.outages]
    rows = [row for row in rows if row["out"] >= wanted.least_customers]
    return jsonify(outages=sorted(rows, key=lambda row: -row["out"]))


@resources.get("/crews")
@allow(*OFFICE)
def crews() -> Response:
    """Crews with their shift and skills, what they are doing, and which plan they have read."""
    states = {row["id"]: row for row in desk().rows("crews")}
    routes = {route.crew: [visit.job for visit in route.visits] for route in current_day().plan.routes}
    return jsonify(
        crews=[
            {
                "id": crew.id,
                "name": crew.name,
                "depot": crew.depot,
                "skills": sorted(crew.skills),
                "shift_start": crew.shift_start.isoformat(),
                "shift_end": crew.shift_end.isoformat(),
                "state": states.get(crew.id, {}).get("state", "on_shift"),
                "acknowledged": states.get(crew.id, {}).get("acknowledged", 0),
                "jobs": routes.get(crew.id, []),
            }
            for crew in desk().case.crews
        ],
        plan=desk().plan_number("published"),
    )


@resources.get("/crew-states")
@allow(*OFFICE)
def crew_states() -> Response:
    """What crews have said of themselves: state, place, which plan they have acknowledged."""
    states = [row_shown(plain(row)) for row in desk().rows("crews")]
    return jsonify(crews=states, plan=desk().plan_number("published"))


@resources.get("/plans")
@allow(*OFFICE)
def plans() -> Response:
    """Plans, newest first: proposed, published, declined, superseded."""
    wanted = query_as(PlansWanted)
    page = pages.plans_page(desk().store, most=wanted.most, before=wanted.before)
    return jsonify(plans=[row_shown(plain(row)) for row in page.rows], next=page.next)


@resources.get("/plans/<int:number>")
@allow(*OFFICE)
def plan(number: int) -> Response:
    """One plan with its routes: job ids in order, by crew."""
    try:
        row = queries.plan_row(desk().store, number)
    except KeyError:
        abort(404)
    return jsonify(row_shown(plain({name: value for name, value in row.items() if name != "basis"})))


@resources.get("/journal")
@allow("administrator", "supervisor")
def journal() -> Response:
    """Events with all that they hold, oldest first: what other systems and auditors read."""
    wanted = query_as(EventsWanted)
    kinds = () if wanted.kind is None else (wanted.kind,)
    found = pages.events_page(
        desk().store, after=wanted.after, most=wanted.most, kinds=kinds, subject=wanted.subject
    )
    following = found[-1].seq if len(found) == wanted.most else None
    return jsonify(events=[plain(asdict(event)) for event in found], next=following)


def plain(value: Any) -> Any:
    """A row as JSON holds it: times with their offset."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _request(row: dict[str, Any]) -> dict[str, Any]:
    return row_shown(plain({name: value for name, value in row.items() if name != "digits"}))


def _found(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        abort(404)
    return row
