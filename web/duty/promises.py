"""The weekly report of promises kept and missed, on a page that prints and as a file."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, abort, render_template, request

from dispatch.ground.errors import DispatchError
from dispatch.promises.report import PromiseReport, newest_week, period, promise_report, this_week
from dispatch.promises.texts import as_csv

from ..entrance.access import allow
from ..entrance.asker import desk
from ..entrance.bodies import EARLIEST, LATEST
from ..server.transfer import named
from ..words.language import current_language

MOST_DAYS = 400
MOST_MISSED = 500

promises = Blueprint("promises", __name__)


@promises.get("/promises")
@allow("supervisor", "planner", "administrator")
def page() -> str:
    """Show what fell due in a period, by area and class."""
    report = _report()
    zone = desk().case.settings.zone
    first = report.begins.astimezone(zone).date()
    last = report.ends.astimezone(zone).date() - timedelta(days=1)
    length = last - first + timedelta(days=1)
    return render_template(
        "promises.html",
        page="promises",
        report=report,
        newest=_asked() is None and report.begins != this_week(zone, desk().clock())[0],
        first=first,
        last=last,
        before=(first - length, first - timedelta(days=1)),
        after=(last + timedelta(days=1), last + length),
        missed=report.missed[:MOST_MISSED],
    )


@promises.get("/promises.csv")
@allow("supervisor", "planner", "administrator")
def table() -> Response:
    """Send the same as a file for a spreadsheet."""
    language = "zh" if current_language().startswith("zh") else "en"
    response = Response(as_csv(_report(), desk().case.settings.zone, language), mimetype="text/csv")
    return named(response, "promises.csv")


def _asked() -> tuple[date | None, date | None] | None:
    """The days that were asked for; None where nobody named any."""
    first, last = _day("from"), _day("to")
    return None if first is None and last is None else (first, last)


def _report() -> PromiseReport:
    now, zone, asked = desk().clock(), desk().case.settings.zone, _asked()
    try:
        begins, ends = newest_week(desk().store, zone, now) if asked is None else period(*asked, zone, now)
    except DispatchError:
        abort(400)
    if ends - begins > timedelta(days=MOST_DAYS):
        abort(400)
    return promise_report(desk().store, begins, ends, now)


def _day(name: str) -> date | None:
    text = request.args.get(name)
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        abort(400)
    if found is not None and not EARLIEST.year <= found.year < LATEST.year:
        abort(400)
    return found
