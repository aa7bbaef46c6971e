"""Crews and their route sheets."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, abort, g, render_template

from .access import OFFICE, allow
from .board_data import board_data
from .current import current_day, derived
from .detail_data import crew_detail

sheets = Blueprint("sheets", __name__)


@sheets.get("/crews")
@allow(*OFFICE)
def crews() -> str:
    """List the crews with their shift, skills and next stops."""
    data = derived().get("board", board_data)
    depots = {depot["id"]: depot["name"] for depot in data["depots"]}
    return render_template("crews.html", page="crews", data=data, depots=depots)


@sheets.get("/crews/<path:crew>")
@allow(*OFFICE, "crew")
def crew(crew: str) -> str:
    """Show one crew's route sheet; a crew account opens its own alone."""
    if g.identity.roles == {"crew"} and g.identity.crew != crew:
        abort(403)
    row = derived().get(("crew.row", crew), lambda day: crew_detail(day, crew))
    cards = current_day().cards
    stops = [(stop, cards[stop["job"]]) for stop in row["stops"] if stop["job"] in cards]
    load: Counter[str] = Counter()
    for _, card in stops:
        load.update(card.stock)
    return render_template("crew.html", page="crews", crew=row, stops=stops, load=load)
