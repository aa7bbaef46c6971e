"""What the live board asks beside the plan: states, customers on the telephone, crews for a job."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from dispatch.live import Desk

from ..day.current import current_day, derived
from ..day.lookup import customer_data, found_customers
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.accounts import log_security
from ..entrance.asker import desk, who
from ..entrance.bodies import Diversion, body_as
from ..entrance.discretion import row_shown, sees_customers
from ..entrance.door import asked_number
from ..requests.rows import callers_data
from ..server.transfer import Packed, pack_json, send
from .crew_choice import able_crews, divert, urgent_data
from .news import news

dispatching = Blueprint("dispatching", __name__, url_prefix="/api/v1")


@dispatching.get("/state")
@allow(*OFFICE)
def state() -> Response:
    """States of orders, jobs and crews; with `since`, the changes after the state of that number.

    A browser that holds too old a state gets the whole one either way.
    """
    known = asked_number("since")
    changes = None if known is None else news().since(known)
    if changes is None:
        return send(news().whole(discreet=not sees_customers()))
    told = ",".join(each.told(discreet=not sees_customers()) for each in changes)
    return Response(f'{{"changes":[{told}]}}', mimetype="application/json")


@dispatching.get("/customers")
@allow(*CUSTOMER_DESK)
def customers() -> Response:
    """Customers whose number, name, address or telephone holds the words of `q`.

    Where `q` is a telephone number, in any spelling, `callers` are the requests that came from it.
    """
    asked = request.args.get("q", "")[:200]
    found, callers = found_customers(asked), callers_data(desk(), asked)
    if found or callers:
        log_security("customer_search", " ".join(str(each["id"]) for each in (*found, *callers)))
    return jsonify(customers=found, callers=callers)


@dispatching.get("/customers/<path:customer>")
@allow(*CUSTOMER_DESK)
def customer(customer: str) -> Response:
    """One customer, the outage known there, calls that are still open."""
    try:
        found = customer_data(desk(), customer)
    except KeyError:
        abort(404)
    log_security("customer_opened", customer)
    return jsonify(found)


@dispatching.get("/jobs/<path:job>/crews")
@allow(*OFFICE)
def crews(job: str) -> Response:
    """The crews that could take a job, the cheapest first."""
    return jsonify(crews=able_crews(desk(), current_day(), job))


@dispatching.get("/urgent")
@allow(*OFFICE)
def urgent() -> Response:
    """Dangers that nobody is sent to, each with the nearest able crews; told before anything is planned."""
    found = desk()
    on = (found.plan_number("published"), found.version)
    return send(derived().lasting(("urgent", sees_customers()), on, lambda _: _urgent(found)))


def _urgent(desk: Desk) -> Packed:
    return pack_json({"dangers": [row_shown(each) for each in urgent_data(desk)]})


@dispatching.post("/urgent/<path:subject>/divert")
@allow("dispatcher", "supervisor")
def send_crew(subject: str) -> Response:
    """Send a crew before all else to a job, or to what a request reports."""
    given = body_as(Diversion)
    return jsonify(published=divert(desk(), subject, given.crew, who(), given.reason))
