"""First pages of the customer desk: what is mine to do, and the customers of a manager."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Refused
from dispatch.live.callbacks import due_callbacks
from dispatch.live.service.customers import MOST, Kept, KeptPage, kept_customers
from dispatch.live.service.watch import tally
from dispatch.store.matters import urging_list
from dispatch.store.persons import open_owned

from ..api.resources import plain
from ..day.handwork import refusal_text
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, Short, body_as, query_as
from ..entrance.discretion import discreet_row, sees_customers
from ..requests.rows import list_data
from .bodies import ComplaintsWanted
from .data import complaints_data

MOST_MINE = 30

service = Blueprint("service", __name__)


class NewManager(Body):
    """Who looks after a customer from now on, null for nobody; `seen` is who did, null for nobody."""

    to: Short | None
    seen: Short | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class ManagerRow(Body):
    """A customer and who looks after it."""

    customer: Short
    person: Short


class ManagersSent(Body):
    """A list of customers with their managers, taken whole or not at all."""

    rows: Annotated[list[ManagerRow], Field(min_length=1, max_length=5000)]
    reason: Annotated[str, Field(max_length=500)] = ""


class Whose(Query):
    """Whose customers: a person's, nobody's (`-`), everybody's (`all`); a manager's own without it.

    `after` is the last customer of the page before: its `next`.
    """

    whose: Annotated[str, Field(max_length=120)] = ""
    after: Annotated[str, Field(max_length=120)] | None = None
    most: Annotated[int, Field(ge=1, le=MOST)] = MOST


@service.get("/mine")
@allow(*CUSTOMER_DESK)
def mine() -> str:
    """What is mine to do: complaints first due, requests, and what nobody answers for yet."""
    me, found = g.identity.name, desk()
    load = open_owned(found.store)
    late = complaints_data(found, ComplaintsWanted(late=True, most=200))
    return render_template(
        "mine.html",
        page="mine",
        me=me,
        load=load,
        late=len(late),
        service_due=tally(found),
        callbacks=len(due_callbacks(found)),
        complaints=complaints_data(found, ComplaintsWanted(state="current", owner=me, most=MOST_MINE)),
        nobodys=complaints_data(found, ComplaintsWanted(state="current", nobody=True, most=MOST_MINE)),
        requests=_requests(me),
        unowned=_requests(""),
        urged=[each for each in urging_list(found.store, whom=me) if each["answered_at"] is None],
        now=found.clock(),
        back=url_for("service.mine"),
    )


@service.get("/my-customers")
@allow("dispatcher", "supervisor", "planner", "service", "manager")
def customers() -> str:
    """Important customers with their supply, open requests, complaints and managers."""
    return _customers()


@service.post("/my-customers")
@allow("supervisor", "manager")
def set_manager() -> Answer | tuple[str, int]:
    """Give one customer another manager, out of the page's form."""
    form = request.form
    try:
        desk().service.owners.look_after(
            form.get("customer", "")[:60],
            form.get("to") or None,
            who(),
            seen=form.get("seen") or None,
            reason=form.get("reason", "")[:500],
        )
    except Refused as error:
        return _customers(wrong=refusal_text(error)), 409
    return redirect(url_for("service.customers", whose=form.get("whose") or None))


@service.get("/api/v1/important-customers")
@allow(*OFFICE)
def important() -> Response:
    """Important customers and those with a manager, those off supply first; how many there are in all."""
    found = _kept(query_as(Whose))
    rows = [plain(_row(each)) for each in found.rows]
    return jsonify(customers=rows, total=found.total, next=found.next)


@service.post("/api/v1/customers/<customer>/manager")
@allow("supervisor", "manager")
def change_manager(customer: str) -> Response:
    """Give a customer a manager; 409 names the one it has."""
    given = body_as(NewManager)
    owners = desk().service.owners
    owners.look_after(customer, given.to, who(), seen=given.seen, reason=given.reason)
    return jsonify(ok=True)


@service.post("/api/v1/customer-managers")
@allow("supervisor", "manager")
def send_managers() -> Response:
    """Give many customers their managers; a customer with two of them refuses the whole list."""
    given = body_as(ManagersSent)
    rows = [(each.customer, each.person) for each in given.rows]
    return jsonify(changed=desk().service.owners.look_after_all(rows, who(), given.reason))


def _requests(owner: str) -> list[dict[str, Any]]:
    found = list_data(
        desk(), q="", group=None, most=MOST_MINE, after=None, personal=sees_customers(), owner=owner
    )
    rows: list[dict[str, Any]] = found["requests"]
    return [row for row in rows if row["open"]]


def _kept(wanted: Whose) -> KeptPage:
    return kept_customers(desk(), _asked(wanted), after=wanted.after, most=wanted.most)


def _asked(wanted: Whose) -> str | None:
    whose = wanted.whose
    if not whose:
        return g.identity.name if g.identity.roles == {"manager"} else None
    return None if whose == "all" else "" if whose == "-" else whose


def _row(kept: Kept) -> dict[str, Any]:
    row = {
        "id": kept.id,
        **{
            name: kept.facts.get(name) for name in ("name", "address", "phone", "industry", "own_generator_h")
        },
        **{name: getattr(kept, name) for name in ("grade", "manager", "out_since", "requests", "complaints")},
    }
    return row if sees_customers() else discreet_row(row)


def _customers(wrong: str | None = None) -> str:
    wanted = query_as(Whose)
    found = _kept(wanted)
    return render_template(
        "my_customers.html",
        page="my_customers",
        rows=[_row(each) for each in found.rows],
        total=found.total,
        next=found.next,
        whose=_asked(wanted),
        me=g.identity.name,
        people=desk().service.owners.persons(),
        may=g.identity.may(frozenset({"supervisor", "manager"})),
        wrong=wrong,
        sees=g.identity.may(frozenset(CUSTOMER_DESK)),
    )
