"""The complaint desk: its list, one complaint, and the API of both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from dispatch.ground.errors import InputFaults
from dispatch.live import Refused
from dispatch.service.complaints import CATEGORIES, CAUSES, UPHELD, WORDS
from dispatch.store.matters import matter_counts, matter_row

from ..api.resources import plain
from ..day.handwork import refusal_text
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import body_as, form_as, query_as
from ..entrance.once import once, sent_key
from ..words.wording import shown
from .bodies import ComplaintAct, ComplaintsWanted
from .data import complaint_whole, complaints_data

complaints = Blueprint("complaints", __name__)


@complaints.get("/complaints")
@allow(*OFFICE)
def page() -> str:
    """The list: what is due first on top."""
    wanted = query_as(ComplaintsWanted)
    if not request.args:
        wanted = wanted.model_copy(update={"state": "current"})
    return render_template(
        "complaints.html",
        page="complaints",
        wanted=wanted,
        rows=complaints_data(desk(), wanted),
        counts=matter_counts(desk().store, "complaint"),
        people=desk().service.owners.persons(),
    )


@complaints.get("/complaints/<complaint>")
@allow(*OFFICE)
def one(complaint: str) -> str:
    """One complaint, what happened to it, and what can be done next."""
    return _one(complaint)


@complaints.post("/complaints/<complaint>")
@allow(*CUSTOMER_DESK)
def send(complaint: str) -> Answer | tuple[str, int]:
    """One act, out of the page's own form."""
    try:
        _act(complaint, form_as(ComplaintAct))
    except Refused as error:
        return _one(complaint, wrong=refusal_text(error)), 409
    except InputFaults as error:
        return _one(complaint, wrong="; ".join(map(shown, error.faults))), 409
    return redirect(url_for("complaints.one", complaint=complaint))


@complaints.get("/api/v1/complaints")
@allow(*OFFICE)
def listed() -> Response:
    """Complaints, what is due first on top; ended ones last, the newest first."""
    wanted = query_as(ComplaintsWanted)
    rows = [plain(row) for row in complaints_data(desk(), wanted)]
    full = len(rows) == wanted.most
    return jsonify(
        complaints=rows,
        counts=matter_counts(desk().store, "complaint"),
        next=rows[-1]["id"] if full else None,
    )


@complaints.get("/api/v1/complaints/<complaint>")
@allow(*OFFICE)
def whole(complaint: str) -> Response:
    """One complaint with its history, its orders and who was urged."""
    return jsonify(plain(complaint_whole(desk(), _row(complaint))))


@complaints.post("/api/v1/complaints/<complaint>")
@allow(*CUSTOMER_DESK)
@once
def act(complaint: str) -> Response:
    """Take a complaint one act further; only the customer's word closes it."""
    return jsonify(version=_act(complaint, body_as(ComplaintAct), sent_key()))


def _act(id_: str, given: ComplaintAct, key: str | None = None) -> int:
    complaints = desk().service.complaints
    about = {"seen": given.seen, "key": key}
    if given.act == "hand_over":
        return complaints.hand_over(id_, given.to or "", who(), reason=given.reason, **about)  # type: ignore[arg-type]
    if given.act == "level":
        return complaints.grade(id_, given.level or 0, who(), reason=given.reason, **about)  # type: ignore[arg-type]
    told: dict[str, Any] = given.model_dump(include=set(TOLD))
    return complaints.act(id_, given.act, who(), **about, **told)  # type: ignore[arg-type]


TOLD = ("note", "text", "order", "category", "cause", "upheld", "word")


def _row(id_: str) -> dict[str, Any]:
    row = matter_row(desk().store, id_)
    if row is None or row["kind"] != "complaint":
        abort(404)
    return row


def _one(id_: str, wrong: str | None = None) -> str:
    row = _row(id_)
    now: datetime = desk().clock()
    return render_template(
        "complaint.html",
        page="complaints",
        told=complaint_whole(desk(), row),
        wrong=wrong,
        sent=request.form,
        now=now,
        people=desk().service.owners.persons(),
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        categories=CATEGORIES,
        causes=CAUSES,
        upheld=UPHELD,
        words=WORDS,
    )
