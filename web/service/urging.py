"""Urging and supervision: who was urged, by when, and what they did."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from dispatch.store.matters import urging_list

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import body_as, form_as, query_as
from ..entrance.discretion import row_shown
from ..entrance.once import once, sent_key
from .bodies import Urged, UrgingAnswer, UrgingsWanted
from .forms import wrong_of

OWN_PAGES = ("/mine", "/urging")

urging = Blueprint("urging", __name__)


@urging.get("/urging")
@allow(*CUSTOMER_DESK)
def page() -> str:
    """Everything that somebody was urged about, what waits for an answer on top."""
    return _page()


@urging.post("/urging")
@allow(*CUSTOMER_DESK)
def send() -> Answer | tuple[str, int]:
    """Urge somebody, out of a form."""
    wrong = wrong_of(lambda: _urge(form_as(Urged), None))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("urging.page"))


@urging.post("/urging/answer")
@allow(*CUSTOMER_DESK)
def send_answer() -> Answer | tuple[str, int]:
    """Say what was done, out of a form."""
    back = request.form.get("back", "")
    wrong = wrong_of(lambda: _answer(form_as(UrgingAnswer)))
    if wrong is not None:
        return _page(wrong), 409
    return redirect(back if back in OWN_PAGES else url_for("urging.page"))


@urging.get("/api/v1/urgings")
@allow(*OFFICE)
def listed() -> Response:
    """Who was urged: what waits for an answer first, the one due soonest on top."""
    wanted = query_as(UrgingsWanted)
    rows = urging_list(desk().store, whom=wanted.whom)
    return jsonify(urgings=[plain(row_shown(row)) for row in rows])


@urging.post("/api/v1/urgings")
@allow(*CUSTOMER_DESK)
@once
def urge() -> tuple[Response, int]:
    """Urge whoever answers for a request, an order or a complaint; a supervisor may set the limit."""
    new = _urge(body_as(Urged), sent_key())
    return jsonify(ok=True), 201 if new else 200


@urging.post("/api/v1/urgings/answer")
@allow(*CUSTOMER_DESK)
def answer() -> Response:
    """Say what was done; that answers everything open about the same subject."""
    _answer(body_as(UrgingAnswer))
    return jsonify(ok=True)


def _urge(given: Urged, key: str | None) -> bool:
    head = g.identity.may(frozenset({"supervisor"}))
    within = timedelta(minutes=given.within_min) if given.within_min and head else None
    way = "supervision" if given.supervision and head else "hand"
    return desk().service.urging.urge(given.subject, who(), given.words, way=way, within=within, key=key)  # type: ignore[arg-type]


def _answer(given: UrgingAnswer) -> None:
    desk().service.urging.answer(given.subject, who(), given.answer)


def _page(wrong: str | None = None) -> str:
    return render_template(
        "urging.html",
        page="urging",
        urged=[row_shown(row) for row in urging_list(desk().store)],
        now=desk().clock(),
        back=url_for("urging.page"),
        head=g.identity.may(frozenset({"supervisor"})),
        sent=request.form,
        wrong=wrong,
    )
