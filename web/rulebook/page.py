"""The rulebook: the policy in force as tables, and a place to try a request on it."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from dispatch.rulebook.policies import Policy

from ..day.current import derived
from ..entrance.access import OFFICE, allow
from ..entrance.door import asked_number
from ..words.language import current_language
from .data import facts_to_try, own, sources, stages
from .shelf import shelf

rulebook = Blueprint("rulebook", __name__)


@rulebook.get("/rulebook")
@allow(*OFFICE)
def page() -> str:
    """Show the policy in force, or the version that is asked for."""
    language, policies = current_language(), shelf().policies
    active = policies.number_in_force()
    number = asked_number("version", active)
    policy = asked_policy(number)
    key = ("stages", language, policy.version)
    return render_template(
        "rulebook.html",
        page="rulebook",
        policy=policy,
        number=number,
        active=active,
        title=policy.title.get(own(language)) or policy.name,
        stages=derived().lasting(key, None, lambda _: stages(policy, language)),
        sources=sources(policy, current_language()),
        fields=facts_to_try(policy, language),
    )


def asked_policy(number: int | None) -> Policy:
    """A version of the policy by its number, the one in force without it; 404 for an unknown one."""
    try:
        return shelf().policies.in_force() if number is None else shelf().policies.policy(number)
    except KeyError:
        abort(404)
