"""The rulebook: the policy in force, its tables readable as tables."""

from __future__ import annotations

from flask import Blueprint, render_template

from .access import OFFICE, allow
from .current import current_day

rulebook = Blueprint("rulebook", __name__)


@rulebook.get("/rulebook")
@allow(*OFFICE)
def page() -> str:
    """Show the policy in force."""
    return render_template("rulebook.html", page="rulebook", policy=current_day().case.policy)
