"""Unattended sending (自动派单): switched on by a supervisor, stopped by anybody of the duty room at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.live.service.unattended import LONGEST_H, USUAL_H, Sent, State, Waits

from ..api.resources import plain
from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, body_as
from .bodies import Why
from .forms import of_form, wrong_of

BACK = timedelta(hours=24)
MOST = 200

unattended = Blueprint("unattended", __name__)


class SwitchedOn(Body):
    """The rules may send clear single cases from now on, at most so many hours, with the reason."""

    reason: Annotated[Why, Field(min_length=1)]
    hours: Annotated[float, Field(gt=0, le=LONGEST_H)] = USUAL_H


class SwitchedOff(Body):
    """Nothing goes out by itself any more."""

    reason: Why = ""


@unattended.get("/unattended")
@allow(*OFFICE)
def page() -> str:
    """Whether it is on, what went out by itself, and what waits for a person, with the reason."""
    return _page()


@unattended.post("/unattended")
@allow("supervisor")
def send_on() -> Answer | tuple[str, int]:
    """Switch it on, out of the form."""
    wrong = wrong_of(lambda: _on(of_form(SwitchedOn)))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("unattended.page"))


@unattended.post("/unattended/stop")
@allow("dispatcher", "supervisor")
def send_off() -> Answer:
    """Stop it, out of the form."""
    desk().service.unattended.switch_off(who(), request.form.get("reason", "")[:500])
    return redirect(url_for("unattended.page"))


@unattended.get("/api/v1/unattended")
@allow(*OFFICE)
def told() -> Response:
    """Whether it is on, what went out by itself in the last 24 hours, and what waits with the reason."""
    data = _data(desk())
    return jsonify(
        state=plain(data["state"]),
        sent=[plain(each) for each in data["sent"]],
        waiting=[plain(each) for each in data["waiting"]],
        sums=data["sums"],
    )


@unattended.post("/api/v1/unattended")
@allow("supervisor")
def switch_on() -> Response:
    """Switch it on, with the reason."""
    _on(body_as(SwitchedOn))
    return told()


@unattended.post("/api/v1/unattended/stop")
@allow("dispatcher", "supervisor")
def switch_off() -> Response:
    """Stop it at once; what has gone out stays."""
    given = body_as(SwitchedOff) if request.get_data() else SwitchedOff()
    desk().service.unattended.switch_off(who(), given.reason)
    return told()


def _on(given: SwitchedOn) -> None:
    desk().service.unattended.switch_on(given.reason, who(), given.hours)


def _data(found: Desk) -> dict[str, Any]:
    held = found.service.unattended
    sent, waiting = held.sent(found.clock() - BACK), held.listed()
    sums = {"sent": len(sent), "in_time": sum(each.in_time for each in sent), "waiting": len(waiting)}
    return {
        "state": _state(held.state()),
        "sent": [_sent(found, each) for each in sent[:MOST]],
        "waiting": [_waits(each) for each in waiting[:MOST]],
        "sums": sums,
    }


def _state(state: State) -> dict[str, Any]:
    return {name: getattr(state, name) for name in ("on", "by", "reason", "since", "until")}


def _sent(found: Desk, each: Sent) -> dict[str, Any]:
    crew = found.case.crew_by_id.get(each.crew)
    shown = {name: getattr(each, name) for name in ("order", "crew", "at", "received_at", "due", "in_time")}
    return shown | {"requests": list(each.requests), "name": crew.name if crew else each.crew}


def _waits(each: Waits) -> dict[str, Any]:
    shown = {name: getattr(each, name) for name in ("order", "kind", "since", "due", "why")}
    return shown | {"requests": list(each.requests)}


def _page(wrong: str | None = None) -> str:
    found = desk()
    return render_template(
        "unattended.html",
        page="unattended",
        **_data(found),
        now=found.clock(),
        head=g.identity.may(frozenset({"supervisor"})),
        may_stop=g.identity.may(frozenset({"dispatcher", "supervisor"})),
        usual_h=USUAL_H,
        longest_h=LONGEST_H,
        wrong=wrong,
    )
