"""Crews and their route sheets."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TypeVar

from flask import Blueprint, Response, abort, current_app, redirect, render_template, url_for

from dispatch.ground.day import DayPlan
from dispatch.sheets import Reported, sheet_html, sheet_pdf

from ..board.detail import crew_detail
from ..day.board import board_data
from ..day.current import current_day, derived
from ..day.route_files import exported
from ..entrance.access import OFFICE, allow
from ..entrance.asker import desk
from ..server.transfer import named
from ..words.language import current_language
from .so_far import reported_so_far

sheets = Blueprint("sheets", __name__)
Made = TypeVar("Made")


@sheets.get("/crews")
@allow(*OFFICE)
def crews() -> str:
    """List the crews with their shift, skills and next stops."""
    data = derived().get("board", board_data)
    depots = {depot["id"]: depot["name"] for depot in data["depots"]}
    return render_template("crews.html", page="crews", data=data, depots=depots, running=_running())


@sheets.get("/crews/<crew>/sheet")
@allow(*OFFICE, "crew")
def sheet(crew: str) -> Response:
    """Show a crew's route sheet as it is printed."""
    _known(crew)
    language = _sheet_language()
    link = _phone_link()
    page = _made(
        ("sheet", crew, language, link),
        lambda day, reported: sheet_html(day, crew, lang=language, link=link, reported=reported),
        crew,
    )
    response = Response(page, mimetype="text/html")
    # The sheet is one file with its own style in it: that very style is let in, and nothing else.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; img-src data:; style-src {_style(page)}"
    )
    return response


@sheets.get("/crews/<crew>/sheet.pdf")
@allow(*OFFICE, "crew")
def sheet_file(crew: str) -> Response:
    """Send a crew's route sheet as PDF."""
    _known(crew)
    language = _sheet_language()
    link = _phone_link()
    body = _made(
        ("sheet.pdf", crew, language, link),
        lambda day, reported: sheet_pdf(day, crew, lang=language, link=link, reported=reported),
        crew,
    )
    response = Response(body, mimetype="application/pdf")
    return named(response, f"{crew}.pdf", inline=True)


@sheets.get("/crews/<crew>/route.<any(gpx, ics, geojson):kind>")
@allow(*OFFICE, "crew")
def route_file(crew: str, kind: str) -> Response:
    """Send a crew's route as GPX, as a calendar or as GeoJSON."""
    _known(crew)
    return exported(current_day(), crew, kind)


def _made(
    key: tuple[object, ...], make: Callable[[DayPlan, Mapping[str, Reported]], Made], crew: str
) -> Made:
    """A sheet as it is now: kept with the plan until its crew says the first word."""
    reported = reported_so_far(desk(), crew) if _running() else {}
    if reported:
        return make(current_day(), reported)
    return derived().get(key, lambda day: make(day, {}))


def _known(crew: str) -> None:
    """End with the page of a crew that has no route any more; with 404 where there is no such crew."""
    day = current_day()
    if crew in {route.crew for route in day.plan.routes}:
        return
    abort(redirect(url_for("sheets.crew", crew=crew)) if crew in day.case.crew_by_id else 404)


def _phone_link() -> str | None:
    """Where the crew's phone finds its route; a plan that was only read has no such page."""
    return url_for("phone.page", _external=True) if _running() else None


def _running() -> bool:
    return "gridcrew_desk" in current_app.extensions


def _sheet_language() -> str:
    return "zh" if current_language().startswith("zh") else "en"


def _style(page: str) -> str:
    """Return what the page's own style is known by to the browser."""
    parts = page.split("<style>")[1:]
    digests = (sha256(part.split("</style>")[0].encode()).digest() for part in parts)
    return " ".join(f"'sha256-{b64encode(each).decode()}'" for each in digests) or "'none'"


@sheets.get("/crews/<crew>")
@allow(*OFFICE, "crew")
def crew(crew: str) -> str:
    """Show one crew's stops; a crew account opens its own alone."""
    row = derived().get(("crew.row", crew), lambda day: crew_detail(day, crew))
    cards = current_day().cards
    stops = [(stop, cards[stop["job"]]) for stop in row["stops"] if stop["job"] in cards]
    load: Counter[str] = Counter()
    for _, card in stops:
        load.update(card.stock)
    return render_template("crew.html", page="crews", crew=row, stops=stops, load=load)
