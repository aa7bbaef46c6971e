"""The plan of several days for visits that may wait: days as columns, what was pushed back; page and API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.live.service.days import DaysPlan
from dispatch.store import queries

from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Short, Whole, body_as
from ..entrance.discretion import row_shown
from .bodies import Why
from .data import facts_of
from .forms import of_form, wrong_of

days = Blueprint("days", __name__)


class VisitMoved(Body):
    """A visit is given to another day of the plan that was read as `seen`, with the reason."""

    subject: Short
    day: date
    reason: Annotated[Why, Field(min_length=1)]
    seen: Whole


class DayClosed(Body):
    """A day is kept free of visits that may wait, or opened again (`open`), with the reason."""

    day: date
    reason: Annotated[Why, Field(min_length=1)]
    seen: Whole
    open: bool = False


class PlanAnew(Body):
    """Plan the next days anew."""


@days.get("/days")
@allow(*OFFICE)
def page() -> str:
    """The next days as columns, with what was pushed back and why."""
    return _page()


@days.post("/days/plan")
@allow("dispatcher", "supervisor", "planner")
def send_plan() -> Answer | tuple[str, int]:
    """Plan anew, out of the form."""
    return _done(wrong_of(lambda: desk().service.days.plan(who())))


@days.post("/days/move")
@allow("dispatcher", "supervisor", "planner")
def send_move() -> Answer | tuple[str, int]:
    """Move a visit, out of the form."""
    return _done(wrong_of(lambda: _move(of_form(VisitMoved))))


@days.post("/days/close")
@allow("supervisor", "planner")
def send_close() -> Answer | tuple[str, int]:
    """Keep a day free or open it again, out of the form."""
    return _done(wrong_of(lambda: _close(of_form(DayClosed))))


@days.get("/api/v1/days")
@allow(*OFFICE)
def listed() -> Response:
    """The plan of the next days: routes by day and crew, room and use, what was pushed back and why."""
    return jsonify(_data(desk(), desk().service.days.now()))


@days.post("/api/v1/days")
@allow("dispatcher", "supervisor", "planner")
def plan() -> Response:
    """Plan the next days anew."""
    body_as(PlanAnew)
    desk().service.days.plan(who())
    return jsonify(seen=desk().service.days.now().seq)


@days.post("/api/v1/days/move")
@allow("dispatcher", "supervisor", "planner")
def move() -> Response:
    """Give a visit to another day; 409 says why that cannot be."""
    _move(body_as(VisitMoved))
    return jsonify(seen=desk().service.days.now().seq)


@days.post("/api/v1/days/close")
@allow("supervisor", "planner")
def close() -> Response:
    """Keep a day free of visits that may wait, or open it again; what stood there is pushed back."""
    _close(body_as(DayClosed))
    return jsonify(seen=desk().service.days.now().seq)


def _move(given: VisitMoved) -> None:
    desk().service.days.move(given.subject, given.day, given.reason, who(), seen=given.seen)


def _close(given: DayClosed) -> None:
    held = desk().service.days
    held.close(given.day, given.reason, who(), seen=given.seen, open_again=given.open)


def _data(found: Desk, plan: DaysPlan) -> dict[str, Any]:
    known = _asked(found, plan)
    return {
        "seen": plan.seq,
        "at": None if plan.at is None else plan.at.isoformat(),
        "by": plan.by,
        "days": [_day(found, plan, row, known) for row in plan.days],
        "pushed": [_visit(found, plan, each, known) for each in plan.pushed],
        "left": [_visit(found, plan, each, known) for each in plan.left],
    }


def _asked(found: Desk, plan: DaysPlan) -> Mapping[str, Mapping[str, Any]]:
    ids = [told["request"] for told in plan.works.values() if told["request"]]
    return {row["id"]: row for row in queries.request_rows(found.store, ids)} if ids else {}


def _day(found: Desk, plan: DaysPlan, row: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    routes = [
        {"crew": each["crew"], "visits": [_visit(found, plan, visit, known) for visit in each["visits"]]}
        for each in row["routes"]
    ]
    count = sum(len(each["visits"]) for each in routes)
    return {**row, "routes": routes, "visits": count}


def _visit(found: Desk, plan: DaysPlan, each: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    told = plan.works.get(each["subject"], {})
    customer, asked = told.get("customer"), known.get(told.get("request") or "", {})
    facts = facts_of(found, {"customer": customer})
    shown = {
        **each,
        **{name: told.get(name) for name in ("kind", "due", "agreed", "request", "customer")},
        "name": facts.get("name"),
        "address": facts.get("address") or asked.get("address"),
    }
    return row_shown(shown)


def _done(wrong: str | None) -> Answer | tuple[str, int]:
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("days.page"))


def _page(wrong: str | None = None) -> str:
    found = desk()
    plan = found.service.days.now()
    return render_template(
        "days.html",
        page="days",
        plan=_data(found, plan),
        crews=found.case.crew_by_id,
        may=g.identity.may(frozenset({"dispatcher", "supervisor", "planner"})),
        head=g.identity.may(frozenset({"supervisor", "planner"})),
        wrong=wrong,
    )
