"""Reports of interruptions (停电信息报送): reported when, what is missing; page, API, file."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, redirect, render_template, url_for
from pydantic import AwareDatetime, Field
from werkzeug.wrappers import Response as Answer

from dispatch.files.spreadsheets import write_rows
from dispatch.live import Desk
from dispatch.live.service.supply_reports import LONGEST_DAYS, USUAL_DAYS, Line, counts
from dispatch.service.supply_reports import KINDS, NEEDED, STAGES, STATES, Standing

from ..api.resources import plain
from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Query, body_as, query_as
from ..entrance.once import once, sent_key
from ..server.transfer import named
from ..words.language import translate
from .bodies import Name
from .forms import of_form, wrong_of

MOST = 200
FIELDS = ("place", "feeder", "area", "customers", "cause", "begins", "expected", "restored", "leader")
MOMENTS = frozenset({"begins", "expected", "restored"})

supply_reports = Blueprint("supply_reports", __name__)


class ReportsWanted(Query):
    """Which interruptions: of a kind, with a report that stands so, of the last days."""

    kind: Literal[KINDS] | None = None  # type: ignore[valid-type]
    state: Literal[STATES] | None = None  # type: ignore[valid-type]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = USUAL_DAYS


class ReportSent(Body):
    """One stage of an interruption is reported; what a person says counts before what the program knows."""

    stage: Literal[STAGES]  # type: ignore[valid-type]
    area: Name = ""
    cause: Name = ""
    leader: Name = ""
    expected: AwareDatetime | None = None
    restored: AwareDatetime | None = None


@supply_reports.get("/supply-reports")
@allow(*OFFICE)
def page() -> str:
    """Each interruption with its reports."""
    return _page()


@supply_reports.get("/supply-reports.csv")
@allow(*OFFICE)
def table() -> Response:
    """Send the same as a file for a spreadsheet: what people wrote stays text there."""
    out = io.StringIO()
    words = ("kind", *FIELDS, "stage", "state", "limit", "reported", "by", "late_min", "lacks", "differs")
    write_rows(out, [["id", *(translate(f"reports.{name}") for name in words)], *_cells(_lines(_wanted()))])
    return named(Response(out.getvalue(), mimetype="text/csv"), "supply-reports.csv")


@supply_reports.post("/supply-reports/<path:stop>")
@allow(*CUSTOMER_DESK)
def send(stop: str) -> Answer | tuple[str, int]:
    """Report a stage, out of the form."""
    wrong = wrong_of(lambda: _report(stop, of_form(ReportSent, moments=("expected", "restored"))))
    return (_page(wrong), 409) if wrong is not None else redirect(url_for("supply_reports.page"))


@supply_reports.post("/supply-reports")
@allow(*CUSTOMER_DESK)
def send_complete() -> Answer:
    """Report all that is due and complete."""
    desk().service.supply_reports.report_complete(who())
    return redirect(url_for("supply_reports.page"))


@supply_reports.get("/api/v1/supply-reports")
@allow(*OFFICE)
def listed() -> Response:
    """Each interruption with what is known, what was reported, what is missing, and whether in time."""
    wanted = query_as(ReportsWanted)
    lines = _lines(wanted)
    shown = [plain(_shown(desk(), each)) for each in lines[:MOST]]
    return jsonify(rows=shown, total=len(lines), sums=counts(lines))


@supply_reports.post("/api/v1/supply-reports")
@allow(*CUSTOMER_DESK)
def report_complete() -> Response:
    """Report every stage that is due and lacks nothing; how many that were."""
    return jsonify(reported=desk().service.supply_reports.report_complete(who()))


@supply_reports.post("/api/v1/supply-reports/<path:stop>")
@allow(*CUSTOMER_DESK)
@once
def report(stop: str) -> Response:
    """Report a stage of an interruption as it is known now; reported again, it is brought up to date."""
    _report(stop, body_as(ReportSent), sent_key())
    return jsonify(ok=True)


def _report(stop: str, given: ReportSent, key: str | None = None) -> None:
    said = {
        name: _plain(getattr(given, name)) for name in ("area", "cause", "leader", "expected", "restored")
    }
    desk().service.supply_reports.report(stop, given.stage, who(), said, key=key)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _wanted() -> ReportsWanted:
    return query_as(ReportsWanted)


def _lines(wanted: ReportsWanted) -> list[Line]:
    lines = desk().service.supply_reports.lines(wanted.days)
    return [
        (stop, stages)
        for stop, stages in lines
        if wanted.kind in (None, stop.kind)
        and (wanted.state is None or any(each.state == wanted.state for each in stages))
    ]


def _shown(found: Desk, line: Line) -> dict[str, Any]:
    stop, stages = line
    fields: dict[str, Any] = {name: stop.fields.get(name) for name in FIELDS}
    told = {name: datetime.fromisoformat(fields[name]) for name in MOMENTS if fields[name]}
    return {
        "id": stop.id,
        "kind": stop.kind,
        "owner": stop.owner,
        "known_at": stop.known_at,
        **fields,
        **told,
        "stages": [_stage(each) for each in stages],
    }


def _stage(each: Standing) -> dict[str, Any]:
    return {name: getattr(each, name) for name in Standing.__slots__} | {
        "lacks": list(each.lacks),
        "differs": list(each.differs),
    }


def _cells(lines: list[Line]) -> list[list[Any]]:
    zone = desk().case.settings.zone

    def cell(name: str, value: Any) -> Any:
        at = datetime.fromisoformat(value) if name in MOMENTS and value else value
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if isinstance(at, datetime) else at or ""

    return [
        [
            stop.id,
            translate(f"reports.kind.{stop.kind}"),
            *(cell(name, stop.fields.get(name)) for name in FIELDS),
            translate(f"reports.stage.{each.stage}"),
            translate(f"reports.state.{each.state}"),
            cell("limit", each.due),
            cell("reported", each.at),
            each.by or "",
            each.late_min,
            "; ".join(translate(f"reports.{name}") for name in each.lacks),
            "; ".join(translate(f"reports.{name}") for name in each.differs),
        ]
        for stop, stages in lines
        for each in stages
    ]


def _page(wrong: str | None = None) -> str:
    found, wanted = desk(), ReportsWanted() if wrong is not None else _wanted()
    lines = _lines(wanted)
    return render_template(
        "supply_reports.html",
        page="supply_reports",
        wanted=wanted,
        rows=[_shown(found, each) for each in lines[:MOST]],
        more=max(0, len(lines) - MOST),
        sums=counts(lines),
        kinds=KINDS,
        states=STATES,
        needed=NEEDED,
        may=g.identity.may(frozenset(CUSTOMER_DESK)),
        wrong=wrong,
    )
