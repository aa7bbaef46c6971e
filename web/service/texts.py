"""What a customer was told, and how it wants to be told."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from dispatch.live import Refused
from dispatch.store.wishes import USUAL, Wish

from ..api.resources import plain
from ..day.handwork import refusal_text
from ..entrance.access import CUSTOMER_DESK, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import body_as
from .bodies import TextsWanted

texts = Blueprint("texts", __name__)


@texts.get("/texts/<customer>")
@allow(*CUSTOMER_DESK)
def page(customer: str) -> str:
    """What a customer was told, and how it wants to be told."""
    return _page(customer)


@texts.post("/texts/<customer>")
@allow(*CUSTOMER_DESK)
def send(customer: str) -> Answer | tuple[str, int]:
    """Keep what the form says."""
    given = {name: request.form.get(name) or None for name in ("language", "way")}
    try:
        wanted = TextsWanted.model_validate({**given, "stopped": "stopped" in request.form})
        desk().service.texts.set(customer, _wish(wanted), who())
    except Refused as error:
        return _page(customer, wrong=refusal_text(error)), 409
    except ValueError:
        abort(400)
    return redirect(url_for("texts.page", customer=customer))


@texts.get("/api/v1/customers/<customer>/texts")
@allow(*CUSTOMER_DESK)
def told(customer: str) -> Response:
    """What a customer was told, the newest first, and how it wants to be told; 409 without a number."""
    found = desk().service.texts
    contact = found.contact(customer)
    wish = found.of(contact)
    wanted = {"language": wish.language, "way": wish.way, "stopped": wish.stopped}
    return jsonify(wish=wanted, texts=[plain(each) for each in found.told(contact)])


@texts.post("/api/v1/customers/<customer>/texts")
@allow(*CUSTOMER_DESK)
def change(customer: str) -> Response:
    """How a customer wants to be told from now on."""
    desk().service.texts.set(customer, _wish(body_as(TextsWanted)), who())
    return jsonify(ok=True)


def _wish(given: TextsWanted) -> Wish:
    return Wish(language=given.language, way=given.way, stopped=given.stopped)


def _page(customer: str, wrong: str | None = None) -> str:
    found = desk()
    if customer not in found.case.customers:
        abort(404)
    facts = found.case.customers.facts(customer)
    phone = facts.get("phone")
    return render_template(
        "texts.html",
        page="my_customers",
        customer=customer,
        facts=facts,
        wish=found.service.texts.of(phone) if phone else USUAL,
        told=found.service.texts.told(phone) if phone else [],
        wrong=wrong,
    )
