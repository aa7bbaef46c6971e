"""After the work: satisfaction, what comes again, quality of closed orders; page and API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.live.service.quality import FAULTS, RESULTS, Again
from dispatch.store.matters import matter_counts, matter_list

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, Short, Whole, body_as, query_as
from ..entrance.discretion import row_shown, sees_customers
from ..entrance.once import once
from .bodies import Note, Why
from .forms import of_form, wrong_of

MOST = 100

quality = Blueprint("quality", __name__)


class QualityWanted(Query):
    """Which samples: by where they stand; those that have not ended without it."""

    state: Literal["drawn", "judged", "appealed", "closed", "current", "ended"] | None = None


class Rated(Body):
    """What a customer says at the callback: 1 to 5; 1 and 2 with the reason."""

    request: Annotated[str, Field(min_length=1, max_length=60)]
    score: Annotated[int, Field(ge=1, le=5)]
    reason: Why = ""


class Drawing(Body):
    """Draw this week's samples."""


class Measure(Body):
    """What is done so that something does not come again."""

    kind: Literal["outage", "report", "complaint"]
    whose: Short
    note: Annotated[Note, Field(min_length=1)]


class QualityAct(Body):
    """One act on a sample that was read at version `seen`: judged with its faults, or appealed against."""

    act: Literal["judge", "appeal"]
    seen: Whole
    result: Literal[RESULTS] | None = None  # type: ignore[valid-type]
    faults: Annotated[tuple[Literal[FAULTS], ...], Field(max_length=10)] = ()  # type: ignore[valid-type]
    note: Note = ""
    reason: Why = ""


@quality.get("/quality")
@allow(*OFFICE)
def page() -> str:
    """What customers said, what came again, and the samples of closed orders."""
    return _page()


@quality.post("/quality/rate")
@allow(*CUSTOMER_DESK)
def send_rating() -> Answer | tuple[str, int]:
    """What a customer says, out of the form."""
    return _done(wrong_of(lambda: _rate(of_form(Rated))))


@quality.post("/quality/draw")
@allow("supervisor", "manager")
def send_draw() -> Answer | tuple[str, int]:
    """Draw samples, out of the form."""
    return _done(wrong_of(lambda: desk().service.quality.draw(who())))


@quality.post("/quality/measure")
@allow(*CUSTOMER_DESK)
def send_measure() -> Answer | tuple[str, int]:
    """What is done about something that comes again, out of the form."""
    return _done(wrong_of(lambda: _measure(of_form(Measure))))


@quality.post("/quality/<sample>")
@allow("dispatcher", "supervisor", "service", "manager")
def send_act(sample: str) -> Answer | tuple[str, int]:
    """Judge a sample or appeal, out of the form."""
    return _done(wrong_of(lambda: _act(sample, of_form(QualityAct, lists=("faults",)))))


@quality.post("/api/v1/satisfaction")
@allow(*CUSTOMER_DESK)
@once
def rate() -> tuple[Response, int]:
    """Write down what a customer says at the callback, once per request."""
    return jsonify(id=_rate(body_as(Rated))), 201


@quality.get("/api/v1/satisfaction")
@allow(*OFFICE)
def means() -> Response:
    """What customers said by area, kind and crew; groups of few answers say so."""
    return jsonify(groups=[_mean(each) for each in desk().service.satisfaction.means()])


@quality.get("/api/v1/repeats")
@allow(*OFFICE)
def repeats() -> Response:
    """Places without supply again and again, customers who complain again, with the orders or complaints."""
    return jsonify(repeats=[plain(_again(desk(), each)) for each in desk().service.quality.again()])


@quality.post("/api/v1/repeats")
@allow(*CUSTOMER_DESK)
def measure() -> Response:
    """Write down what is done so that something does not come again."""
    _measure(body_as(Measure))
    return jsonify(ok=True)


@quality.get("/api/v1/quality-checks")
@allow(*OFFICE)
def listed() -> Response:
    """Samples of closed orders."""
    return jsonify(samples=[plain(each) for each in _samples(query_as(QualityWanted))])


@quality.post("/api/v1/quality-checks")
@allow("supervisor", "manager")
def draw() -> Response:
    """Draw samples from the orders that ended in the last week, by the policy's share."""
    body_as(Drawing)
    return jsonify(drawn=desk().service.quality.draw(who()))


@quality.post("/api/v1/quality-checks/<sample>")
@allow("dispatcher", "supervisor", "service", "manager")
def act(sample: str) -> Response:
    """Judge a sample, or appeal against what was said of it; nobody judges their own order."""
    return jsonify(version=_act(sample, body_as(QualityAct)))


def _rate(given: Rated) -> str:
    return desk().service.satisfaction.rate(given.request, given.score, given.reason, who())


def _measure(given: Measure) -> None:
    desk().service.quality.measure(given.kind, given.whose, given.note, who())


def _act(id_: str, given: QualityAct) -> int:
    held = desk().service.quality
    if given.act == "appeal":
        return held.appeal(id_, given.reason, who(), seen=given.seen)
    return held.judge(id_, given.result or "", given.faults, given.note, who(), seen=given.seen)


def _mean(each: Any) -> dict[str, Any]:
    return {name: getattr(each, name) for name in ("group", "name", "count", "mean", "few")}


def _again(found: Desk, each: Again) -> dict[str, Any]:
    name = None
    if each.kind != "outage" and each.whose in found.case.customers:
        name = found.case.customers.fact(each.whose, "name")
    shown = {"kind": each.kind, "whose": each.whose, "name": name, "ids": list(each.ids), "days": each.days}
    shown |= {"done": each.done, "done_by": each.done_by, "done_at": each.done_at}
    if each.kind != "outage" and not sees_customers():
        shown |= {"whose": None, "name": None}
    return shown


def _samples(wanted: QualityWanted) -> list[dict[str, Any]]:
    rows = matter_list(desk().store, "quality", state=wanted.state or "current", most=MOST)
    names = ("id", "state", "owner", "order_id", "request", "words", "version", "opened_at", "ended_at")
    return [
        row_shown(
            {name: row[name] for name in names}
            | {name: row["data"].get(name) for name in ("result", "faults", "judge", "crew")}
        )
        for row in rows
    ]


def _done(wrong: str | None) -> Answer | tuple[str, int]:
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("quality.page"))


def _page(wrong: str | None = None) -> str:
    found = desk()
    wanted = query_as(QualityWanted)
    return render_template(
        "quality.html",
        page="quality",
        wanted=wanted,
        samples=_samples(wanted),
        counts=matter_counts(found.store, "quality"),
        means=[_mean(each) for each in found.service.satisfaction.means()],
        repeats=[_again(found, each) for each in found.service.quality.again()],
        said=[row_shown(row) for row in matter_list(found.store, "satisfaction", most=10)],
        faults=FAULTS,
        crews=found.case.crew_by_id,
        me=g.identity.name,
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        head=g.identity.may(frozenset({"supervisor", "manager"})),
        wrong=wrong,
    )
