"""Supply guarantee for events (保电): the list, one page for the duty officer, and the API of both."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.live.service.guarantees import Event
from dispatch.messages.announcing import announced_plans
from dispatch.outages.planned import feeders_of_places
from dispatch.service.guarantees import LEVELS, open_checks
from dispatch.store.matters import matter_counts, matter_list

from ..api.resources import plain
from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, When, Whole, body_as, query_as
from ..entrance.discretion import row_shown, sees_customers, words_shown
from ..entrance.once import once, sent_key
from .bodies import Named, Note, Why
from .data import kept_rows, matter_of
from .forms import of_form, wrong_of
from .history import history_data

MOST = 100

guarantees = Blueprint("guarantees", __name__)


class GuaranteesWanted(Query):
    """Which events: by where they stand; those that have not ended without it."""

    state: Literal["open", "closed", "called_off", "current", "ended"] | None = None


class NewGuarantee(Body):
    """An event that is to have supply; feeders by the device at their head, level 1 is the highest.

    `reason` is needed where another guarantee holds the same feeder at that time.
    """

    name: Named
    place: Annotated[str, Field(max_length=120)] = ""
    begins: When
    ends: When
    level: Annotated[int, Field(ge=1, le=3)]
    feeders: Annotated[tuple[Named, ...], Field(max_length=50)] = ()
    customers: Annotated[tuple[Named, ...], Field(max_length=200)] = ()
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    reason: Why = ""


class GuaranteeAct(Body):
    """One act on an event that was read at version `seen`.

    `check` and `mend` name an inspection, with the finding or how it was mended; `stand_by` has crews kept
    near; `close` takes the report, and a reason before its end or with inspections open.
    """

    act: Literal["check", "mend", "stand_by", "close"]
    seen: Whole
    check: Whole = 0
    note: Note = ""
    text: Note = ""
    reason: Why = ""


@guarantees.get("/guarantees")
@allow(*OFFICE)
def page() -> str:
    """Events, the next one on top, and the form of a new one."""
    return _page()


@guarantees.post("/guarantees")
@allow("supervisor", "manager")
def send() -> Answer | tuple[str, int]:
    """Begin a guarantee, out of the form."""
    wrong = wrong_of(lambda: _plan(of_form(NewGuarantee, moments=TIMES, lists=("feeders", "customers"))))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("guarantees.page"))


@guarantees.get("/guarantees/<guarantee>")
@allow(*OFFICE)
def one(guarantee: str) -> str:
    """Everything that the duty officer needs of one event."""
    return _one(guarantee)


@guarantees.post("/guarantees/<guarantee>")
@allow("dispatcher", "supervisor", "manager")
def send_act(guarantee: str) -> Answer | tuple[str, int]:
    """One act, out of the page's form."""
    wrong = wrong_of(lambda: _act(guarantee, of_form(GuaranteeAct)))
    if wrong is not None:
        return _one(guarantee, wrong), 409
    return redirect(url_for("guarantees.one", guarantee=guarantee))


@guarantees.get("/api/v1/guarantees")
@allow(*OFFICE)
def listed() -> Response:
    """Events under guarantee, the next one first."""
    wanted = query_as(GuaranteesWanted)
    found = matter_list(desk().store, "guarantee", state=wanted.state or "current", most=MOST)
    rows, forgotten = kept_rows(found)
    return jsonify(guarantees=[plain(_line(row)) for row in rows], forgotten=forgotten)


@guarantees.get("/api/v1/guarantees/<guarantee>")
@allow(*OFFICE)
def whole(guarantee: str) -> Response:
    """One event: feeders with their supply, inspections, crews near, planned outages, history."""
    return jsonify(plain(_whole(desk(), matter_of("guarantee", guarantee, kept=True))))


@guarantees.post("/api/v1/guarantees")
@allow("supervisor", "manager")
@once
def begin() -> tuple[Response, int]:
    """Guarantee an event its supply; 409 names another event on the same feeder at that time."""
    return jsonify(id=_plan(body_as(NewGuarantee))), 201


@guarantees.post("/api/v1/guarantees/<guarantee>")
@allow("dispatcher", "supervisor", "manager")
def act(guarantee: str) -> Response:
    """Take an event one act further."""
    return jsonify(version=_act(guarantee, body_as(GuaranteeAct)))


TIMES = ("begins", "ends")


def _plan(given: NewGuarantee) -> str:
    event = Event(**given.model_dump(exclude={"reason"}))
    return desk().service.guarantees.plan(event, who(), given.reason, sent_key())


def _act(id_: str, given: GuaranteeAct) -> int:
    held = desk().service.guarantees
    if given.act == "check":
        return held.check(id_, given.check, given.note, who(), seen=given.seen)
    if given.act == "mend":
        return held.mend(id_, given.check, given.note, who(), seen=given.seen)
    if given.act == "stand_by":
        return held.stand_by(id_, who(), seen=given.seen)
    return held.close(id_, given.text, who(), seen=given.seen, reason=given.reason)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    data, now = row["data"], desk().clock()
    begins, ends = (datetime.fromisoformat(data[name]) for name in TIMES)
    left = open_checks(row)
    return {
        **{name: row[name] for name in ("id", "state", "level", "owner", "version", "ended_at")},
        **{
            "name": words_shown(row["words"]),
            "place": words_shown(data["where"]),
            "begins": begins,
            "ends": ends,
        },
        **{
            "feeders": data["feeders"],
            "customers": data["customers"] if sees_customers() else [],
            "left": len(left),
        },
        "running": row["state"] == "open" and begins <= now <= ends,
        "late": row["state"] == "open" and any(datetime.fromisoformat(each["due"]) < now for each in left),
        "presence": len(data.get("presence", [])),
    }


def _whole(found: Desk, row: dict[str, Any]) -> dict[str, Any]:
    held, data, line = found.service.guarantees, row["data"], _line(row)
    customers = found.case.customers
    near = [{"request": request, "crew": crew, "at": at} for request, crew, at in held.kept_near(row)]
    return line | {
        "checks": [_check(each) for each in data["checks"]],
        "people": [
            {"id": each, "name": customers.fact(each, "name")}
            for each in line["customers"]
            if each in customers
        ],
        "crews": data["crews"],
        "near": near,
        "outages": held.outages_on(row),
        "planned": _planned(found, line),
        "overlaps": [
            other["id"]
            for other in held.over(line["feeders"], line["begins"], line["ends"])
            if other["id"] != row["id"]
        ],
        **{name: words_shown(data.get(name)) for name in ("report", "reason")},
        "outages_then": data.get("outages"),
        "history": history_data(found, row["id"]),
    }


def _check(each: dict[str, Any]) -> dict[str, Any]:
    hidden = each["kind"] == "customer" and not sees_customers()
    shown = {"place": None if hidden else each["place"], "due": datetime.fromisoformat(each["due"])}
    return row_shown(each | shown)


def _planned(found: Desk, line: dict[str, Any]) -> list[str]:
    """Announced outages that touch its feeders while it lasts."""
    grid = found.case.grid
    return [
        plan.id
        for plan in announced_plans(found)
        if plan.start < line["ends"]
        and line["begins"] < plan.end
        and set(line["feeders"]) & feeders_of_places(grid, plan.open_places)
    ]


def _page(wrong: str | None = None) -> str:
    wanted = query_as(GuaranteesWanted)
    found = matter_list(desk().store, "guarantee", state=wanted.state or "current", most=MOST)
    rows, forgotten = kept_rows(found)
    return render_template(
        "guarantees.html",
        page="guarantees",
        wanted=wanted,
        rows=[_line(row) for row in rows],
        forgotten=forgotten,
        counts=matter_counts(desk().store, "guarantee"),
        feeders=sorted(set(desk().case.grid.feeder_of_transformer.values())),
        levels=LEVELS,
        may=g.identity.may(frozenset({"supervisor", "manager"})),
        sent=request.form,
        wrong=wrong,
    )


def _one(id_: str, wrong: str | None = None) -> str:
    return render_template(
        "guarantee.html",
        page="guarantees",
        told=_whole(desk(), matter_of("guarantee", id_, kept=True)),
        crews=desk().case.crew_by_id,
        now=desk().clock(),
        may=g.identity.may(frozenset({"dispatcher", "supervisor", "manager"})),
        wrong=wrong,
    )
