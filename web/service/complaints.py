"""The complaint desk: its list, one complaint, and the API of both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from dispatch.service.complaints import CATEGORIES, CAUSES, UPHELD, WORDS
from dispatch.store.matters import matter_counts

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import body_as, form_as, query_as
from ..entrance.once import once, sent_key
from .bodies import ComplaintAct, ComplaintsWanted
from .data import complaint_whole, complaints_data, matter_of
from .forms import wrong_of

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
    wrong = wrong_of(lambda: _act(complaint, form_as(ComplaintAct)))
    if wrong is not None:
        return _one(complaint, wrong), 409
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
    return jsonify(plain(complaint_whole(desk(), matter_of("complaint", complaint))))


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


def _one(id_: str, wrong: str | None = None) -> str:
    row = matter_of("complaint", id_)
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
