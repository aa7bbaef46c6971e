"""The board and the list of outages."""

from __future__ import annotations

from flask import Blueprint, render_template

from .access import OFFICE, allow
from .board_data import board_data
from .current import derived

board = Blueprint("board", __name__)


@board.get("/")
@allow(*OFFICE)
def page() -> str:
    """Show the board; its data come by the API."""
    return render_template("board.html", page="board")


@board.get("/outages")
@allow(*OFFICE)
def outages() -> str:
    """List the outages, those with most customers off supply first."""
    data = derived().get("board", board_data)
    rows = sorted(data["outages"], key=lambda each: (-each["out"], each["id"]))
    return render_template("outages.html", page="outages", rows=rows, data=data)
