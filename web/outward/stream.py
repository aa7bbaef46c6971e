"""Events for other systems, read by number, and their catalogue."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import Field

from dispatch.outward.catalogue import TYPES, catalogue
from dispatch.outward.posting import cloud_event
from dispatch.store import outward_rows as rows

from ..entrance.access import allow, allow_everyone
from ..entrance.asker import desk
from ..entrance.bodies import Query, query_as
from ..server.transfer import pack_json, send
from .webhooks import outbound

MOST = 500

outward_stream = Blueprint("outward_stream", __name__, url_prefix="/api/v1")


class After(Query):
    """Events after this number, at most `most`; of some types, separated by commas."""

    after: Annotated[int, Field(ge=0, le=2**62)] = 0
    most: Annotated[int, Field(ge=1, le=MOST)] = 100
    types: Annotated[str, Field(max_length=400)] = ""


@outward_stream.get("/outward-events")
@allow("dispatcher", "supervisor", "planner", "viewer", "administrator")
def listed() -> Response:
    """Events as they were sent to webhooks, in order. `oldest` above `after` + 1: some are no longer kept."""
    asked = query_as(After)
    types = [each for each in asked.types.split(",") if each in TYPES]
    found, oldest, newest = rows.after(desk().store, asked.after, asked.most, types)
    source = outbound().delivering.source
    return jsonify(
        events=[cloud_event(each, source) for each in found],
        next=found[-1].seq if found else asked.after,
        oldest=oldest,
        newest=newest,
    )


@outward_stream.get("/asyncapi.json")
@allow_everyone
def document() -> Response:
    """The catalogue of events, as AsyncAPI 3.0 with a schema for each."""
    return send(pack_json(catalogue("gridcrew events")), private=False)
