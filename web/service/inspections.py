"""Periodic inspections and hidden dangers (隐患): what is due, what was found; page and API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Desk
from dispatch.live.service.inspections import DUTIES, LEVELS, Due, Finding
from dispatch.store.matters import matter_counts, matter_list

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, Whole, body_as, query_as
from ..entrance.discretion import row_shown
from ..entrance.once import once, sent_key
from .bodies import Named, Note
from .data import facts_of, is_late
from .forms import of_form, wrong_of

MOST_DUE, MOST = 60, 100

inspections = Blueprint("inspections", __name__)


class DangersWanted(Query):
    """Which hidden dangers: by where they stand; those that are open without it."""

    state: Literal["open", "remedied", "closed", "current", "ended"] | None = None


class FindingSent(Body):
    """A hidden danger: what, how grave (3 the gravest), whose duty it is to remedy it."""

    words: Annotated[str, Field(min_length=1, max_length=500)]
    level: Annotated[int, Field(ge=1, le=3)]
    duty: Literal[DUTIES]  # type: ignore[valid-type]


class Visited(Body):
    """A visit to a customer, with what it found."""

    customer: Named
    note: Note = ""
    findings: Annotated[tuple[FindingSent, ...], Field(max_length=20)] = ()


class VisitWanted(Body):
    """A crew is to visit a customer: optional work of the plan."""

    customer: Named


class DangerAct(Body):
    """One act on a danger that was read at version `seen`: remedied, or what the re-inspection says."""

    act: Literal["remedy", "sound", "unsound"]
    seen: Whole
    note: Note = ""


@inspections.get("/inspections")
@allow(*OFFICE)
def page() -> str:
    """Visits due, the first on top, and hidden dangers with their deadlines."""
    return _page()


@inspections.post("/inspections")
@allow(*CUSTOMER_DESK)
def send() -> Answer | tuple[str, int]:
    """Write a visit down, out of the form; one finding at most."""
    form = request.form
    finding = {name: form.get(name, "") for name in ("words", "level", "duty")}
    sent = [finding] if finding["words"].strip() else []
    wrong = wrong_of(lambda: _visited(of_form(Visited, findings=sent)))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("inspections.page"))


@inspections.post("/inspections/crew")
@allow(*CUSTOMER_DESK)
def send_visit() -> Answer | tuple[str, int]:
    """Have a crew visit, out of the form."""
    wrong = wrong_of(lambda: desk().service.inspections.send_crew(of_form(VisitWanted).customer, who()))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("inspections.page"))


@inspections.post("/inspections/<danger>")
@allow(*CUSTOMER_DESK)
def send_act(danger: str) -> Answer | tuple[str, int]:
    """One act on a danger, out of the form."""
    wrong = wrong_of(lambda: _act(danger, of_form(DangerAct)))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("inspections.page"))


@inspections.get("/api/v1/inspections")
@allow(*OFFICE)
def listed() -> Response:
    """Visits that the rules want, the one due first on top."""
    return jsonify(due=[plain(_due(desk(), each)) for each in desk().service.inspections.due()])


@inspections.post("/api/v1/inspections")
@allow(*CUSTOMER_DESK)
@once
def visited() -> tuple[Response, int]:
    """Write a visit down; each finding becomes a hidden danger with a deadline."""
    id_, dangers = _visited(body_as(Visited))
    return jsonify(id=id_, dangers=dangers), 201


@inspections.post("/api/v1/inspections/crew")
@allow(*CUSTOMER_DESK)
def visit() -> Response:
    """Have a crew visit a customer: optional work of the plan."""
    return jsonify(request=desk().service.inspections.send_crew(body_as(VisitWanted).customer, who()))


@inspections.get("/api/v1/dangers")
@allow(*OFFICE)
def dangers() -> Response:
    """Hidden dangers, those due first on top."""
    return jsonify(dangers=[plain(each) for each in _dangers(query_as(DangersWanted))])


@inspections.post("/api/v1/dangers/<danger>")
@allow(*CUSTOMER_DESK)
def act(danger: str) -> Response:
    """Take a danger one act further: remedied, found sound, or not."""
    return jsonify(version=_act(danger, body_as(DangerAct)))


def _visited(given: Visited) -> tuple[str, list[str]]:
    findings = [Finding(**each.model_dump()) for each in given.findings]
    return desk().service.inspections.visited(given.customer, findings, given.note, who(), sent_key())


def _act(id_: str, given: DangerAct) -> int:
    held = desk().service.dangers
    if given.act == "remedy":
        return held.remedy(id_, given.note, who(), seen=given.seen)
    return held.recheck(id_, given.act == "sound", given.note, who(), seen=given.seen)


def _due(found: Desk, due: Due) -> dict[str, Any]:
    facts = found.case.customers.facts(due.customer)
    shown = {
        **{name: getattr(due, name) for name in ("customer", "grade", "every_days", "last", "due")},
        **{name: facts.get(name) for name in ("name", "address", "phone")},
        "late": due.due <= found.clock(),
    }
    return row_shown(shown)


def _dangers(wanted: DangersWanted) -> list[dict[str, Any]]:
    found = desk()
    rows = matter_list(found.store, "danger", state=wanted.state or "current", most=MOST)
    names = ("id", "state", "level", "owner", "version", "words", "customer", "due_at", "ended_at")
    return [
        row_shown(
            {name: row[name] for name in names}
            | {"duty": row["data"].get("duty"), "again": int(row["data"].get("again", 0))}
            | {name: facts_of(found, row).get(name) for name in ("name", "address", "phone")}
            | {"late": row["state"] == "open" and is_late(row, found.clock())}
        )
        for row in rows
    ]


def _page(wrong: str | None = None) -> str:
    found = desk()
    due = found.service.inspections.due()
    wanted = query_as(DangersWanted)
    return render_template(
        "inspections.html",
        page="inspections",
        wanted=wanted,
        due=[_due(found, each) for each in due[:MOST_DUE]],
        total=len(due),
        late=sum(each.due <= found.clock() for each in due),
        dangers=_dangers(wanted),
        counts=matter_counts(found.store, "danger"),
        duties=DUTIES,
        levels=LEVELS,
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        wrong=wrong,
    )
