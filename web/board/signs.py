"""Meters, breakers and neighbours over HTTP: what speaks of supply beside customers who call."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from dispatch.ground.case import Sign
from dispatch.live import answered, hear_signs, neighbours

from ..entrance.access import allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Short, When, body_as
from ..entrance.once import once, sent_key

MOST_SIGNS = 5000

signs = Blueprint("signs", __name__, url_prefix="/api/v1")


class GivenSign(Body):
    """A meter's or a device's word; without `at` it is true now."""

    kind: Literal["last_gasp", "supply_on", "supply_off", "tripped", "closed"]
    place: Short
    at: When | None = None


class GivenSigns(Body):
    """What a head-end or a control system has heard."""

    signs: Annotated[list[GivenSign], Field(min_length=1, max_length=MOST_SIGNS)]


class Asked(Body):
    """What a neighbour who was phoned said of supply."""

    customer: Short
    supply: Literal["on", "off", "unreached"]


@signs.post("/signs")
@allow("dispatcher", "supervisor", "intake")
@once
def hear() -> tuple[Response, int]:
    """Hear meters (last gasp, supply on or off) and devices (tripped, closed): all of them or none.

    `place` is a customer, transformer or low-voltage main for meters, a switching device for trips. The
    newest word of a place counts, in whatever order they arrive; a proposal follows.
    """
    given, now = body_as(GivenSigns).signs, desk().clock()
    heard = [Sign(kind=each.kind, place=each.place, at=each.at or now) for each in given]
    new = hear_signs(desk(), heard, who(), sent_key())
    return jsonify(heard=len(heard), known=not new), 201 if new else 200


@signs.get("/outages/<path:outage>/neighbours")
@allow("dispatcher", "supervisor")
def to_ask(outage: str) -> Response:
    """Whom to phone while it is in doubt which device has opened, and who has been phoned."""
    rows = [asdict(each) for each in neighbours(desk(), outage)]
    for row in rows:
        row["at"] = row["at"] and row["at"].isoformat()
    return jsonify(neighbours=rows)


@signs.post("/outages/<path:outage>/neighbours")
@allow("dispatcher", "supervisor")
@once
def answer(outage: str) -> Response:
    """Write down what a neighbour said; a proposal with the outage drawn anew follows."""
    given = body_as(Asked)
    answered(desk(), outage, given.customer, given.supply, who(), sent_key())
    return to_ask(outage)
