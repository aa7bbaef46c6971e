"""Scenarios: choose one, vary it, run it beside the program, compare, watch a day of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, abort, current_app, g, jsonify, render_template, request, send_file
from pydantic import ValidationError
from werkzeug.wrappers import Response as Answer

from dispatch.ground.errors import InputFaults
from dispatch.simulate.report import Report
from dispatch.simulate.report import page as report_page
from dispatch.simulate.studies import Busy, Kept, NoStudy, Studies
from dispatch.simulate.variations import MOST_ALTERNATIVES, MOST_REPLICATIONS, Order, outline

from ..day.current import current_day
from ..entrance.access import OFFICE, allow
from ..entrance.bodies import json_body
from ..server.transfer import named
from ..words.language import current_language
from ..words.wording import faults_of, shown
from .ground import middle, street_told, tracks_told
from .pages import crews_command, interval_cells, section_cells, study_row

POLICIES = ("cn", "csg", "gb", "us")
KEY = "gridcrew_studies"
LARGEST_LON, LARGEST_LAT = 180.0, 90.0

scenario = Blueprint("scenario", __name__, url_prefix="/scenarios")


def studies() -> Studies | None:
    """The studies of the case that is shown; None when nobody said where its folder is."""
    found = current_app.extensions.get(KEY)
    folder = current_app.config.get("CASE_FOLDER")
    if found is None and folder is not None:
        home = current_app.config.get("STUDIES_FOLDER") or _default_home(Path(folder))
        found = Studies(folder=Path(home), scenarios=Path(folder) / "scenarios")
        current_app.extensions[KEY] = found
    return cast("Studies | None", found)


def _default_home(folder: Path) -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "gridcrew" / "studies" / sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def _known() -> Studies:
    found = studies()
    if found is None:
        abort(404)
    return found


@scenario.get("")
@allow(*OFFICE)
def page() -> str:
    """Show the scenarios to choose from and the studies that were made."""
    found = studies()
    names = found.scenario_names() if found else []
    return render_template(
        "scenarios.html",
        page="scenarios",
        names=names,
        rows=[study_row(each) for each in (found.all() if found else [])],
        policies=POLICIES,
        most={"replications": MOST_REPLICATIONS, "alternatives": MOST_ALTERNATIVES},
        may=g.identity.may(frozenset({"planner"})),
        middle=middle(current_day().case),
    )


@scenario.get("/outline/<name>")
@allow(*OFFICE)
def outline_of(name: str) -> Answer | tuple[Answer, int]:
    """Say what a scenario holds, to be varied."""
    return _told(lambda: jsonify(outline(_known().scenario(name))))


@scenario.post("/tracks")
@allow("planner")
def tracks() -> Answer | tuple[Answer, int]:
    """Say which storms a file of tracks holds."""
    return _told(tracks_told)


@scenario.get("/street")
@allow("planner")
def street() -> Answer:
    """Say which street was clicked."""
    lon, lat = request.args.get("lon", type=float), request.args.get("lat", type=float)
    if lon is None or lat is None or not (abs(lon) <= LARGEST_LON and abs(lat) <= LARGEST_LAT):
        abort(400)
    return street_told(lon, lat)


@scenario.post("/start")
@allow("planner")
def start() -> Answer | tuple[Answer, int]:
    """Start a study; one runs at a time."""
    try:
        order = Order.model_validate(json_body() or {})
    except ValidationError as error:
        faults = [shown(fault) for fault in faults_of(error, Order)]
        return jsonify(error={"text": "", "faults": faults}), 400
    now = datetime.fromtimestamp(current_app.config["CLOCK"](), current_day().case.settings.zone)
    return _told(lambda: jsonify(id=_known().start(order, now, g.identity.name)))


@scenario.get("/<id_>/status")
@allow(*OFFICE)
def status(id_: str) -> Answer | tuple[Answer, int]:
    """How far a study is."""
    return _told(lambda: jsonify(dict(_known().get(id_).status)))


@scenario.post("/<id_>/cancel")
@allow("planner")
def cancel(id_: str) -> Answer | tuple[Answer, int]:
    """End a study with what it has."""
    found = _known()
    return _told(lambda: _after(found.cancel, id_))


@scenario.post("/<id_>/remove")
@allow("planner")
def remove(id_: str) -> Answer | tuple[Answer, int]:
    """Forget a study."""
    found = _known()
    return _told(lambda: _after(found.remove, id_))


@scenario.get("/<id_>")
@allow(*OFFICE)
def study(id_: str) -> str:
    """Show what a study found."""
    kept = _found(id_)
    found = _known()
    report, crews = _report(kept), found.crews(id_)
    return render_template(
        "scenario_study.html",
        page="scenarios",
        kept=kept,
        row=study_row(kept),
        report=report,
        figures=[interval_cells(row) for row in report.figures()] if report else [],
        differences=[interval_cells(row) for row in report.differences()] if report else [],
        sections=[section_cells(each) for each in report.sections] if report else [],
        films=found.films(id_),
        staging=found.staging(id_),
        crews=crews,
        crews_command=crews_command(crews) if crews else "",
        may=g.identity.may(frozenset({"planner"})),
    )


@scenario.get("/<id_>/plot/<name>.svg")
@allow(*OFFICE)
def plot(id_: str, name: str) -> Response:
    """A plot of a study."""
    report = _report(_found(id_))
    drawn = (
        {"out": report.out_svg, "restored": report.restored_svg, "busy": report.busy_svg} if report else {}
    )
    if name not in drawn:
        abort(404)
    svg = drawn[name]().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" color="#1a1a1a" ', 1)
    return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@scenario.get("/<id_>/report.<kind>")
@allow(*OFFICE)
def report_file(id_: str, kind: str) -> Response:
    """The report in the language of the reader, as a file."""
    from dispatch.simulate.report_pdf import report_pdf  # noqa: PLC0415 - fonts are slow to load

    report = _report(_found(id_))
    if report is None or kind not in ("html", "pdf"):
        abort(404)
    content = report_page(report).encode() if kind == "html" else report_pdf(report)
    answer = Response(content, mimetype="text/html" if kind == "html" else "application/pdf")
    return named(answer, f"scenario-{id_}.{kind}")


@scenario.get("/<id_>/file/<name>")
@allow(*OFFICE)
def file(id_: str, name: str) -> Response:
    """A file of a study: its scenario, its answers, its films."""
    try:
        path = _known().file(id_, name)
    except NoStudy:
        abort(404)
    kind = "application/json" if path.suffix == ".json" else "text/plain"
    return send_file(path, mimetype=kind, as_attachment=path.suffix != ".json", conditional=True)


@scenario.get("/<id_>/film/<name>")
@allow(*OFFICE)
def film(id_: str, name: str) -> str:
    """Watch one day of a study."""
    kept = _found(id_)
    films = _known().films(id_)
    if name not in films:
        abort(404)
    return render_template("scenario_film.html", page="scenarios", kept=kept, films=films, name=name)


def _found(id_: str) -> Kept:
    try:
        return _known().get(id_)
    except NoStudy:
        abort(404)


def _report(kept: Kept) -> Report | None:
    if kept.order.get("crews_for_h"):
        return None
    language = "zh" if current_language() == "zh-CN" else "en"
    return _known().report(kept.id, language)


def _after(act: Callable[[str], None], id_: str) -> Answer:
    act(id_)
    return jsonify(id=id_)


def _told(act: Callable[[], Answer]) -> Answer | tuple[Answer, int]:
    """What an act answers, or in JSON why it cannot be."""
    try:
        return act()
    except NoStudy as error:
        return jsonify(error={"text": str(error), "faults": []}), 404
    except Busy as error:
        return jsonify(error={"text": str(error), "faults": []}), 409
    except InputFaults as error:
        return jsonify(error={"text": "", "faults": [str(fault) for fault in error.faults[:50]]}), 400
