"""Asking customers whether supply is back: the call centre's page, a customer's own link, text messages."""

from __future__ import annotations

import hmac
from typing import Annotated

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from pydantic import Field

from dispatch.live import Refused, answer_by_text, answer_callback
from dispatch.live.callbacks import CUSTOMER, TO_ASK, request_of_mark

from ..entrance.access import CUSTOMER_DESK, allow, allow_everyone
from ..entrance.asker import desk
from ..entrance.bodies import Body, body_as

LEAST_SECRET = 16

callbacks = Blueprint("callbacks", __name__)


class TextMessage(Body):
    """A text message that a gateway hands on."""

    sender: Annotated[str, Field(min_length=3, max_length=60)]
    text: Annotated[str, Field(max_length=1000)]


@callbacks.get("/callbacks")
@allow(*CUSTOMER_DESK)
def page() -> str:
    """The list of who is to be asked; a key per answer."""
    return render_template("callbacks.html", page="callbacks")


@callbacks.get("/reply/<path:mark>")
@allow_everyone
def ask(mark: str) -> str:
    """Ask a customer who has come by a link; it shows nothing about anybody."""
    found = _request(mark)
    row = desk().row("callbacks", found)
    state = "late" if row is None else "ask" if row["state"] in TO_ASK else "thanks"
    return render_template("reply.html", request_id=found, state=state)


@callbacks.post("/reply/<path:mark>")
@allow_everyone
def take(mark: str) -> str:
    """Take a customer's answer."""
    found, answer = _request(mark), request.form.get("answer")
    if answer not in ("yes", "no"):
        abort(400)
    try:
        answer_callback(desk(), found, "yes" if answer == "yes" else "no", CUSTOMER)
    except Refused:
        return render_template("reply.html", request_id=found, state="late")
    return render_template("reply.html", request_id=found, state="thanks" if answer == "yes" else "again")


@callbacks.post("/api/v1/replies")
@allow_everyone
def text_message() -> Response:
    """Take a customer's text message from a gateway that knows the shared secret."""
    secret = str(current_app.config.get("REPLY_SECRET") or "")
    given = request.authorization.token if request.authorization else None
    if len(secret) < LEAST_SECRET or not hmac.compare_digest(secret.encode(), (given or "").encode()):
        abort(401)
    message = body_as(TextMessage)
    return jsonify(understood=answer_by_text(desk(), message.sender, message.text))


def _request(mark: str) -> str:
    found = request_of_mark(str(current_app.config["SECRET_KEY"]), mark)
    if found is None:
        abort(404)
    return found
