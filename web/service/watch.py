"""Before it breaks: everything that is promised, by due time, with whoever answers for it; page and API."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.live.service.watch import Watched, watched

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, Short, Whole, body_as, query_as
from ..entrance.discretion import row_shown
from .bodies import Why
from .data import facts_of
from .forms import of_form, wrong_of

MOST = 200
# Work orders stand on the board, reports on a page of their own; here only where somebody asks for them.
EVERYTHING = "all"
ELSEWHERE = frozenset({"order", "supply_report"})
PAGES = {
    "complaint": "complaints.one",
    "connection": "connections.one",
    "guarantee": "guarantees.one",
    "outage_notice": "negotiations.one",
}
NAMED = {
    "complaint": "complaint",
    "connection": "connection",
    "guarantee": "guarantee",
    "outage_notice": "negotiation",
}
LISTS = {
    "appointment": "appointments.page",
    "danger": "inspections.page",
    "quality": "quality.page",
    "shedding": "shortage.page",
    "supply_report": "supply_reports.page",
    "urging": "urging.page",
    "visit": "days.page",
}
# A check belongs to whoever answers for the order: nobody hands that over to judge it themselves.
HANDED = frozenset({"appointment", "connection", "danger", "guarantee", "outage_notice", "shedding"})

watch = Blueprint("watch", __name__)


class WatchWanted(Query):
    """What falls due within so many hours, and whose: a name, nobody's (`-`), everybody's without it."""

    hours: Annotated[int, Field(ge=1, le=240)] = 24
    whose: Annotated[str, Field(max_length=120)] = ""
    kind: Annotated[str, Field(max_length=40)] = ""
    state: Literal["late", "soon", "later", "undated"] | None = None


class HandedOver(Body):
    """Somebody else answers for a matter that was read at version `seen`, with the reason."""

    kind: Literal["appointment", "connection", "danger", "guarantee", "outage_notice", "shedding"]
    to: Short
    seen: Whole
    reason: Annotated[Why, Field(min_length=1)]


@watch.get("/watch")
@allow(*OFFICE)
def page() -> str:
    """What is late and what falls due."""
    found, wanted = desk(), query_as(WatchWanted)
    rows = _rows(found, wanted)
    return render_template(
        "watch.html",
        page="watch",
        wanted=wanted,
        rows=[_shown(found, each) for each in rows[:MOST]],
        more=max(0, len(rows) - MOST),
        kinds=sorted({each.kind for each in watched(found)}),
        sums=_sums(rows),
        me=g.identity.name,
        people=found.service.owners.persons(),
        handed=HANDED,
        mine=g.identity.may(frozenset(CUSTOMER_DESK)),
    )


@watch.get("/api/v1/watch")
@allow(*OFFICE)
def listed() -> Response:
    """Everything that is promised: what is late first, then by due time; how much of it in all."""
    rows = _rows(desk(), query_as(WatchWanted))
    shown = [plain(_shown(desk(), each, linked=False)) for each in rows[:MOST]]
    return jsonify(rows=shown, total=len(rows), sums=_sums(rows))


@watch.post("/api/v1/matters/<matter>/owner")
@allow(*CUSTOMER_DESK)
def hand_over(matter: str) -> Response:
    """Give a matter to somebody else; complaints and requests have an address of their own."""
    return jsonify(version=_hand_over(matter, body_as(HandedOver)))


@watch.post("/watch/<matter>")
@allow(*CUSTOMER_DESK)
def send_hand_over(matter: str) -> Answer | tuple[str, int]:
    """The same out of a form."""
    wrong = wrong_of(lambda: _hand_over(matter, of_form(HandedOver)))
    if wrong is not None:
        return render_template("error.html", code=409, text=wrong), 409
    return redirect(url_for("watch.page"))


def _hand_over(id_: str, given: HandedOver) -> int:
    service = desk().service
    holders = {
        "appointment": service.appointments,
        "connection": service.connections,
        "danger": service.dangers,
        "guarantee": service.guarantees,
        "outage_notice": service.negotiations,
        "shedding": service.shortages,
    }
    return holders[given.kind].hand_over(id_, given.to, who(), seen=given.seen, reason=given.reason)


def _rows(found: Desk, wanted: WatchWanted) -> list[Watched]:
    rows = watched(found, within=timedelta(hours=wanted.hours))
    whose = None if not wanted.whose else "" if wanted.whose == "-" else wanted.whose
    return [
        each
        for each in rows
        if (whose is None or (each.owner or "") == whose)
        and wanted.kind in (EVERYTHING, each.kind, "" if each.kind not in ELSEWHERE else each.kind)
        and (wanted.state in (None, each.state))
    ]


def _sums(rows: list[Watched]) -> dict[str, int]:
    found = {
        state: sum(each.state == state for each in rows) for state in ("late", "soon", "later", "undated")
    }
    return found | {"nobodys": sum(each.owner is None for each in rows)}


def _shown(found: Desk, each: Watched, *, linked: bool = True) -> dict[str, Any]:
    facts = facts_of(found, {"customer": each.customer})
    names = ("kind", "subject", "what", "owner", "due", "customer", "words", "state", "version")
    shown = {name: getattr(each, name) for name in names}
    shown |= {"name": facts.get("name"), "address": facts.get("address")}
    if linked:
        shown["link"] = _link(each)
    return row_shown(shown)


def _link(each: Watched) -> str | None:
    if each.kind in PAGES:
        return url_for(PAGES[each.kind], **{NAMED[each.kind]: each.subject})  # type: ignore[arg-type]
    return url_for(LISTS[each.kind]) if each.kind in LISTS else None
