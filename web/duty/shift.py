"""The shift: tonight and tomorrow, who is on, what is handed over, what it came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from dispatch.ground.day import DayPlan, JobCard
from dispatch.live import Desk
from dispatch.live.labour import LABOUR
from dispatch.live.service.watch import tally
from dispatch.live.shift import (
    Handover,
    crews_on,
    handover,
    note_for_handover,
    plan_ahead,
    shift_figures,
)
from dispatch.live.standing.called import called_in
from dispatch.live.standing.duty import duty
from dispatch.live.weather import warnings_now

from ..day.current import current_day, derived
from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Query, query_as
from ..entrance.discretion import (
    at_door,
    discreet_row,
    masked,
    noted_shown,
    row_shown,
    sees_customers,
    shown,
    street,
)
from ..requests.rows import next_text
from ..service.summary import service_matters

shift = Blueprint("shift", __name__)
SHIFT_H = 12
MOST_NOTE = 2000


class Window(Query):
    """Which shift: its first hour (0 to 23) on a day so many days from now, and how long it is."""

    day: Annotated[int, Field(ge=0, le=7)] = 0
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    hours: Annotated[float, Field(gt=0, le=24)] = SHIFT_H
    law: Annotated[str, Field(pattern="^(own|eu|cn)$")] = "own"
    plan: bool = False


@shift.get("/shift")
@allow(*OFFICE)
def page() -> str:
    """Show who is on in a shift, its figures so far, and on demand the plan for it."""
    found, wanted = desk(), query_as(Window)
    begins, ends = _window(found, wanted)
    labour = LABOUR.get(wanted.law)
    now = found.clock()
    ahead = None
    if wanted.plan and found.plan_number("published") is not None and begins > now:
        key = ("shift", begins, ends)
        ahead = derived().get(key, lambda _: plan_ahead(found, begins, ends))
    return render_template(
        "shift.html",
        page="shift",
        wanted=wanted,
        begins=begins,
        ends=ends,
        now=now,
        labour=labour,
        choices=_choices(found),
        crews=crews_on(found, begins, ends, labour),
        figures=shift_figures(found, begins, ends) if begins <= now else None,
        ahead=ahead,
        planned=_planned(shown(ahead), ends) if ahead else (),
    )


@shift.get("/shift/handover")
@allow(*OFFICE)
def handover_page() -> str:
    """The handover, to be read, signed and printed."""
    found = desk()
    told = _as_shown(handover(found))
    late = [each for each in told.orders if each.late]
    waiting = [(each, next_text(found, each.next)) for each in told.waiting]
    return render_template(
        "handover.html",
        page="shift",
        told=told,
        late=late,
        service_due=tally(found),
        matters=service_matters(found),
        urged=[row_shown(row) for row in found.rows("urgings")],
        waiting=waiting,
        day=current_day(),
        duty=duty(found),
        called=called_in(found),
        weather=tuple(map(noted_shown, warnings_now(found))),
    )


def _as_shown(told: Handover) -> Handover:
    """A handover as whoever asks may see it: orders of customers without the number of the house."""
    if sees_customers():
        return told
    day = desk().day()
    # Of an order that the plan in force does not know, nobody can tell whose door it is.
    in_public = {card.order for card in day.cards.values() if not at_door(day, card)}
    orders = (
        each if each.order in in_public else replace(each, address=street(each.address))
        for each in told.orders
    )
    orders = (replace(each, note=each.note and masked(each.note)) for each in orders)
    waiting = tuple(
        replace(each, words=masked(each.words), address=each.address and street(each.address))
        for each in told.waiting
    )
    notes = tuple(map(discreet_row, told.notes))
    return replace(told, orders=tuple(orders), notes=notes, waiting=waiting)


@shift.post("/shift/handover")
@allow("dispatcher", "supervisor")
def handover_note() -> Response:
    """Leave a note for the next shift."""
    text = request.form.get("note", "").strip()[:MOST_NOTE]
    if text:
        note_for_handover(desk(), text, who())
    return redirect(url_for("shift.handover_page"))


def _window(found: Desk, wanted: Window) -> tuple[datetime, datetime]:
    """The shift that was asked for; without an hour the one that is running."""
    zone, now = found.case.settings.zone, found.clock()
    local = now.astimezone(zone)
    hour = wanted.hour
    if hour is None:
        hour = local.hour if not wanted.day else 0
    begins = (local + timedelta(days=wanted.day)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return begins, begins + timedelta(hours=wanted.hours)


def _choices(found: Desk) -> list[list[tuple[str, dict[str, float]]]]:
    """The shifts of the roster, today's and tomorrow's, by the hour they begin at."""
    zone = found.case.settings.zone
    hours = sorted({crew.shift_start.astimezone(zone).hour for crew in found.case.crews})
    length = {
        hour: next(
            (crew.shift_end - crew.shift_start) / timedelta(hours=1)
            for crew in found.case.crews
            if crew.shift_start.astimezone(zone).hour == hour
        )
        for hour in hours
    }
    return [
        [(f"{hour:02d}:00", {"day": day, "hour": hour, "hours": length[hour]}) for hour in hours]
        for day in (0, 1)
    ]


def _planned(ahead: DayPlan, ends: datetime) -> list[tuple[str, list[tuple[datetime, JobCard]]]]:
    """Visits of a study by crew, as far as they begin in the shift."""
    found = []
    for route in ahead.plan.routes:
        visits = [
            (ahead.origin + timedelta(seconds=visit.start_s), ahead.cards[visit.job])
            for visit in route.visits
        ]
        kept = [(at, card) for at, card in visits if at < ends]
        if kept:
            found.append((route.crew, kept))
    return found
