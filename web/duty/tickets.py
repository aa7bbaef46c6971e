"""Work permits and switching orders: the list by section, the document, and what is done with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.live import Refused, act_on, all_tickets, draft_tickets
from dispatch.permits import Ticket, allowed_acts, forms_for

from ..day.handwork import refusal_text
from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.discretion import noted_shown
from ..server.transfer import pack_json, send

MOST_TEXT = 160
tickets = Blueprint("tickets", __name__)


@tickets.get("/tickets")
@allow(*OFFICE)
def page() -> str:
    """Every ticket, the open ones first and by section; and the jobs that still need one."""
    return _page()


@tickets.post("/tickets")
@allow("dispatcher", "supervisor")
def make() -> AnyResponse | tuple[str, int]:
    """Draft what a job needs."""
    try:
        made = draft_tickets(desk(), request.form.get("job", ""), who())
    except Refused as refused:
        return _page(fault=refusal_text(refused)), 409
    return redirect(url_for("tickets.document", number=made[0]) if made else url_for("tickets.page"))


@tickets.get("/tickets/<number>")
@allow(*OFFICE)
def document(number: str) -> str:
    """One ticket, as it is read on the screen and printed."""
    return _document(number)


@tickets.post("/tickets/<number>")
@allow("dispatcher", "supervisor")
def take_on(number: str) -> AnyResponse | tuple[str, int]:
    """Issue, permit, tick a step, suspend, hand over, return or cancel."""
    told = {
        name: request.form.get(name, "")[:MOST_TEXT]
        for name in ("act", "by", "second", "step", "note", "crew")
    }
    try:
        act_on(
            desk(),
            number,
            told["act"],
            who(),
            by=told["by"],
            second=told["second"],
            step=told["step"],
            note=told["note"],
            crew=told["crew"] or None,
        )
    except Refused as refused:
        return _document(number, fault=refusal_text(refused)), 409
    return redirect(url_for("tickets.document", number=number))


@tickets.get("/api/v1/tickets")
@allow(*OFFICE)
def listed() -> Response:
    """Tickets that are given out, with section and place, for the map and other programs."""
    rows = [_row(each) for each in all_tickets(desk()).values() if each.open]
    return send(pack_json({"tickets": rows}))


def _row(ticket: Ticket) -> dict[str, Any]:
    names = ("number", "kind", "form", "state", "job", "order", "crew", "section", "element")
    return {name: getattr(ticket, name) for name in names} | {"at": [ticket.lon, ticket.lat]}


def _page(**values: Any) -> str:
    found = list(all_tickets(desk()).values())
    held = {each.job for each in found if not each.over}
    day, policy = desk().day(), desk().case.settings.policy
    planned = (visit.job for route in day.plan.routes for visit in route.visits if visit.job in day.cards)
    wanting = [day.cards[job] for job in dict.fromkeys(planned) if job not in held]
    return render_template(
        "tickets.html",
        page="crews",
        given=sorted(
            (each for each in found if each.open), key=lambda each: (each.section or "", each.number)
        ),
        rest=[each for each in reversed(found) if not each.open],
        wanting=[card for card in wanting if forms_for(card, policy)],
        crews=desk().case.crew_by_id,
        **values,
    )


def _document(number: str, **values: Any) -> str:
    found = all_tickets(desk()).get(number)
    if found is None:
        abort(404)
    return render_template(
        "ticket.html",
        page="crews",
        ticket=replace(found, history=tuple(map(noted_shown, found.history))),
        acts=allowed_acts(found),
        crews=desk().case.crew_by_id,
        settings=desk().case.settings,
        **values,
    )
