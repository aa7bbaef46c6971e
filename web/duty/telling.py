"""Callbacks after supply is back, notices of planned outages, and how far the outbox is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from dispatch.ground.errors import DispatchError, InputFaults
from dispatch.live import Refused, answer_callback, due_callbacks
from dispatch.messages.announcing import announce
from dispatch.store.outbox import counts

from ..entrance.access import CUSTOMER_DESK, OFFICE, allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, When, body_as
from ..entrance.discretion import row_shown

telling = Blueprint("telling", __name__, url_prefix="/api/v1")

Name = Annotated[str, Field(min_length=1, max_length=120)]


class CallbackAnswer(Body):
    """Whether supply is back, by the customer's own word."""

    answer: Literal["yes", "no", "unreached"]
    note: Annotated[str, Field(max_length=500)] | None = None


class PlannedOutage(Body):
    """A planned outage that is to be announced.

    `despite` is a supervisor's reason to take supply from a feeder that an event is guaranteed.
    """

    id: Name
    transformers: Annotated[list[Name], Field(min_length=1, max_length=5000)]
    begins: When
    ends: When
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    urgent: bool = False
    despite: Annotated[str, Field(max_length=500)] = ""


@telling.get("/callbacks")
@allow(*OFFICE)
def callbacks() -> Response:
    """Who is still to be asked whether supply is back."""
    return jsonify(callbacks=[row_shown(_plain(row)) for row in due_callbacks(desk())])


@telling.post("/callbacks/<request_id>")
@allow(*CUSTOMER_DESK)
def answer(request_id: str) -> Response:
    """What the customer answered; "no" opens the order again."""
    given = body_as(CallbackAnswer)
    answer_callback(desk(), request_id, given.answer, who(), given.note)
    return jsonify(ok=True)


@telling.post("/planned-outages")
@allow("dispatcher", "supervisor")
def planned_outage() -> tuple[Response, int]:
    """Give notice of a planned outage; 409 when it would come too late."""
    given = body_as(PlannedOutage)
    try:
        new = announce(
            desk(),
            given.id,
            given.transformers,
            given.begins,
            given.ends,
            given.reason,
            who(),
            urgent=given.urgent,
            despite=given.despite if g.identity.may(frozenset({"supervisor"})) else "",
        )
    except (InputFaults, Refused):
        raise
    except DispatchError as error:
        raise Refused(str(error)) from error
    return jsonify(announced=given.id), 201 if new else 200


@telling.get("/outbox")
@allow(*OFFICE)
def outbox() -> Response:
    """How many messages wait, are being sent, are sent, or were given up."""
    return jsonify(states=counts(desk().store))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
