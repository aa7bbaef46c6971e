"""The board and the list of outages."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template

from dispatch.store import FOLLOWS, STATES

from .access import OFFICE, allow
from .board_data import board_data
from .current import derived

board = Blueprint("board", __name__)


@board.get("/")
@allow(*OFFICE)
def page() -> str:
    """Show the board; its data come by the API."""
    return render_template("board.html", page="board", told=_live_told())


def _live_told() -> dict[str, object] | None:
    """What the page needs to know of the running day before it asks; None for a plan that was only read."""
    if "gridcrew_desk" not in current_app.extensions:
        return None
    return {
        "states": STATES,
        "follows": {state: sorted(following, key=STATES.index) for state, following in FOLLOWS.items()},
        "may": g.identity.may(frozenset({"dispatcher", "supervisor"})),
        "name": g.identity.name,
    }


@board.get("/outages")
@allow(*OFFICE)
def outages() -> str:
    """List the outages, those with most customers off supply first."""
    data = derived().get("board", board_data)
    rows = sorted(data["outages"], key=lambda each: (-each["out"], each["id"]))
    return render_template("outages.html", page="outages", rows=rows, data=data)
