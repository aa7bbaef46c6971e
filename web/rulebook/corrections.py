"""Where people said another kind than the rules: read by the rules' owner, taken along as cases."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, current_app, render_template

from dispatch.live import Desk
from dispatch.rulebook.corrections import Correction, cases_of, corrections

from ..entrance.access import OFFICE, allow
from ..entrance.discretion import masked, sees_customers
from ..server.transfer import named
from .shelf import moment, shelf

MOST_SHOWN = 200

rule_corrections = Blueprint("rule_corrections", __name__, url_prefix="/rulebook/corrections")


@rule_corrections.get("")
@allow(*OFFICE)
def page() -> str:
    """List the calls that people took for another kind than the policy in force does."""
    found = _found()
    return render_template(
        "rule_corrections.html", page="rulebook", rows=found[:MOST_SHOWN], left_out=len(found[MOST_SHOWN:])
    )


@rule_corrections.get("/cases.yaml")
@allow(*OFFICE)
def cases() -> Response:
    """The same as cases that can stand beside a policy."""
    answer = Response(cases_of(_found()).encode(), mimetype="application/yaml")
    return named(answer, "corrections.cases.yaml")


def _found() -> tuple[Correction, ...]:
    """The corrections, without telephone numbers for those who do not see callers."""
    desk: Desk | None = current_app.extensions.get("gridcrew_desk")
    if desk is None:
        return ()
    found = corrections(desk.store, shelf().policies.in_force(), moment())
    return found if sees_customers() else tuple(replace(each, words=masked(each.words)) for each in found)
