"""The rulebook: the policy in force as tables, and a place to try a request on it."""

from __future__ import annotations

from flask import Blueprint, render_template

from .access import OFFICE, allow
from .current import current_day, derived
from .language import current_language
from .rule_data import facts_to_try, own, sources, stages

rulebook = Blueprint("rulebook", __name__)


@rulebook.get("/rulebook")
@allow(*OFFICE)
def page() -> str:
    """Show the policy in force."""
    language = current_language()
    case = current_day().case
    return render_template(
        "rulebook.html",
        page="rulebook",
        policy=case.policy,
        title=case.policy.title.get(own(language)) or case.policy.name,
        stages=derived().get(("stages", language), lambda day: stages(day.case, language)),
        sources=sources(case),
        fields=facts_to_try(case, language),
    )
