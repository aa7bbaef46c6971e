"""Appointments: slots that the plan can keep, taken, kept, missed; the page and the API of both."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk, Refused
from dispatch.live.service.appointments import AGREED, Slot
from dispatch.store.matters import matter_counts, matter_list

from ..api.resources import plain
from ..day.handwork import refusal_text
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, Short, Whole, body_as, query_as
from ..entrance.discretion import row_shown
from ..entrance.once import once, sent_key
from .bodies import Why
from .data import facts_of
from .forms import of_form, wrong_of

MOST = 100

appointments = Blueprint("appointments", __name__)


class AppointmentsWanted(Query):
    """Which appointments, and the request that slots are worked out for."""

    state: Literal["agreed", "kept", "missed", "cancelled", "current", "ended"] | None = None
    request: Annotated[str, Field(max_length=60)] = ""


class SlotTaken(Body):
    """A slot that a caller takes; agreeing on another one than before needs the reason."""

    slot: Short
    reason: Why = ""


class AppointmentEnded(Body):
    """What became of an appointment that was read at version `seen`; missed and cancelled need the reason."""

    state: Literal["kept", "missed", "cancelled"]
    seen: Whole
    reason: Why = ""


@appointments.get("/appointments")
@allow(*OFFICE)
def page() -> str:
    """What was agreed, and free slots for a request."""
    return _page(query_as(AppointmentsWanted))


@appointments.post("/appointments")
@allow(*CUSTOMER_DESK)
def send() -> Answer | tuple[str, int]:
    """Take a slot, out of the page's form; whoever comes second sees fresh ones."""
    asked = request.form.get("request", "")[:60]

    def take() -> None:
        given = of_form(SlotTaken)
        desk().service.appointments.take(asked, given.slot, who(), given.reason)

    wrong = wrong_of(take)
    if wrong is not None:
        return _page(AppointmentsWanted(request=asked), wrong), 409
    return redirect(url_for("appointments.page"))


@appointments.post("/appointments/<appointment>")
@allow(*CUSTOMER_DESK)
def send_end(appointment: str) -> Answer | tuple[str, int]:
    """Kept, missed or called off, out of the page's form."""
    wrong = wrong_of(lambda: _end(appointment, of_form(AppointmentEnded)))
    if wrong is not None:
        return _page(AppointmentsWanted(), wrong), 409
    return redirect(url_for("appointments.page"))


@appointments.get("/api/v1/appointments")
@allow(*OFFICE)
def listed() -> Response:
    """Appointments: those that come first on top, then what has ended."""
    wanted = query_as(AppointmentsWanted)
    rows = matter_list(desk().store, "appointment", state=wanted.state, most=MOST)
    return jsonify(appointments=[plain(_row(desk(), row)) for row in rows])


@appointments.get("/api/v1/requests/<request_id>/slots")
@allow(*OFFICE)
def slots(request_id: str) -> Response:
    """Slots that the plan can keep for a request, the cheapest first."""
    return jsonify(slots=_slots(request_id))


@appointments.post("/api/v1/requests/<request_id>/slots")
@allow(*CUSTOMER_DESK)
@once
def take(request_id: str) -> tuple[Response, int]:
    """Take a slot. Of two callers the second gets 409 with fresh slots."""
    given = body_as(SlotTaken)
    try:
        id_ = desk().service.appointments.take(request_id, given.slot, who(), given.reason, sent_key())
    except Refused as error:
        if error.code != "slot_taken":
            raise
        told = {"code": 409, "text": refusal_text(error), "faults": [], "reason": error.code}
        return jsonify(error=told, slots=_slots(request_id)), 409
    return jsonify(id=id_), 201


@appointments.post("/api/v1/appointments/<appointment>")
@allow(*CUSTOMER_DESK)
def end(appointment: str) -> Response:
    """Say that an appointment was kept, missed or called off."""
    return jsonify(version=_end(appointment, body_as(AppointmentEnded)))


def _end(id_: str, given: AppointmentEnded) -> int:
    book = desk().service.appointments
    return book.end(id_, given.state, who(), seen=given.seen, reason=given.reason)


def _slots(request_id: str) -> list[dict[str, Any]]:
    return [plain(_slot(each)) for each in desk().service.appointments.offers(request_id)]


def _slot(slot: Slot) -> dict[str, Any]:
    names = ("id", "begins", "ends", "crew", "starts")
    return {name: getattr(slot, name) for name in names} | {"cost": round(slot.cost, 1)}


def _row(found: Desk, row: dict[str, Any]) -> dict[str, Any]:
    data, facts = row["data"], facts_of(found, row)
    shown = {
        **{name: row[name] for name in ("id", "state", "request", "customer", "owner", "words", "version")},
        **{name: data.get(name) for name in ("begins", "ends", "crew", "cost", "reminded_at")},
        "ended_at": row["ended_at"],
        "name": facts.get("name"),
        "address": facts.get("address"),
        "phone": facts.get("phone"),
        "agreed": int(data.get("agreed", 1)),
        "missed": int(data.get("missed", 0)),
    }
    return row_shown(shown)


def _page(wanted: AppointmentsWanted, wrong: str | None = None) -> str:
    found = desk()
    offers: tuple[Slot, ...] = ()
    why = None
    if wanted.request:
        try:
            offers = found.service.appointments.offers(wanted.request)
        except Refused as error:
            why = refusal_text(error)
    rows = [
        _row(found, row) for row in matter_list(found.store, "appointment", state=wanted.state, most=MOST)
    ]
    known = next((row for row in rows if row["request"] == wanted.request), None)
    return render_template(
        "appointments.html",
        page="appointments",
        wanted=wanted,
        rows=rows,
        counts=matter_counts(found.store, "appointment"),
        offers=offers,
        again=known is not None and known["state"] == AGREED,
        why=why,
        wrong=wrong,
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        crews=found.case.crew_by_id,
    )
