"""The page of requests: every call in, what became of it, and what people correct of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, render_template

from dispatch.ground.errors import Fault, InputFaults
from dispatch.live.request_changes import EDITABLE, change_request
from dispatch.live.service.watch import tally
from dispatch.store import pages

from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import body_as, query_as
from ..entrance.discretion import sees_customers
from ..entrance.once import once, sent_key
from ..words.language import translate
from .bodies import HandOver, ListWanted, RequestChange
from .rows import CHANNELS, city_box, kinds_to_choose, list_data
from .whole import whole_data

NEVER_EMPTY = ("words", "channel")
CAN_BE_NONE = EDITABLE | {"order", "same_as"}
FIRST = 50

requests_page = Blueprint("requests_page", __name__)


@requests_page.get("/requests")
@allow(*OFFICE)
def page() -> str:
    """Show the list; its rows come by the API."""
    first = list_data(desk(), q="", group=None, most=FIRST, after=None, personal=_may())
    told = {
        "may": _may(),
        "kinds": kinds_to_choose(),
        "channels": CHANNELS,
        "first": first,
        "city": city_box(desk()),
        "me": g.identity.name,
        "people": desk().service.owners.persons() if _may() else (),
    }
    return render_template("requests.html", page="requests", told=told, service_due=tally(desk()))


@requests_page.get("/api/v1/request-list")
@allow(*OFFICE)
def listed() -> Response:
    """Every request in: those that nobody has yet first, then what is to be answered, open, ended.

    Each with what became of it and what is to be done next. Customers and telephone numbers are
    given to dispatchers and supervisors alone, and only they can search for them.
    """
    wanted = query_as(ListWanted)
    return jsonify(
        list_data(
            desk(),
            q=wanted.q,
            group=wanted.group,
            most=wanted.most,
            after=wanted.after,
            personal=_may(),
            owner="" if wanted.nobody else wanted.owner or None,
        )
    )


@requests_page.get("/api/v1/requests/<id_>/whole")
@allow(*OFFICE)
def whole(id_: str) -> Response:
    """One request with its history, how it was classified, and what it may belong to."""
    row = pages.request_row(desk().store, id_)
    if row is None:
        abort(404)
    return jsonify(whole_data(desk(), row, _may()))


@requests_page.route("/api/v1/requests/<id_>", methods=["PATCH", "POST"])
@allow(*CUSTOMER_DESK)
@once
def change(id_: str) -> Response:
    """Correct a request: its words, place, customer, kind; link it, join it to another, withdraw it.

    What is not named stays, null empties. A change is written down with who made it, and a new plan
    follows. 409 says who has changed the request since version `seen`.
    """
    if pages.request_row(desk().store, id_) is None:
        abort(404)
    given = body_as(RequestChange)
    version = change_request(
        desk(), id_, _told(given), who(), seen=given.seen, reason=given.reason, key=sent_key()
    )
    return jsonify(version=version)


@requests_page.post("/api/v1/requests/<id_>/owner")
@allow(*CUSTOMER_DESK)
@once
def hand_over(id_: str) -> Response:
    """Hand a request over: who answers for it from now on, and why.

    Whoever takes a call answers for it until then. What nobody answers for is taken without a reason. 409
    says who answers for it by now.
    """
    given = body_as(HandOver)
    owners = desk().service.owners
    owners.hand_over(id_, given.to, who(), seen=given.seen, reason=given.reason, key=sent_key())
    return jsonify(owner=given.to)


def _told(given: RequestChange) -> dict[str, Any]:
    """What was named in a body; an empty text is nothing."""
    named = given.model_dump(include=given.model_fields_set - {"seen", "reason"})
    told = {name: None if value == "" else value for name, value in named.items()}
    faults = [
        Fault(file="body", place=name, text=translate("input.empty"))
        for name in NEVER_EMPTY
        if name in told and told[name] is None
    ]
    if faults:
        raise InputFaults(faults)
    return {name: value for name, value in told.items() if name in CAN_BE_NONE or value is not None}


def _may() -> bool:
    return sees_customers()
