"""The catalogue of events: AsyncAPI 3.0 with a JSON Schema for each, which what is sent is tested against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.language.choices import CAUSES

from ..store.lifecycle import STATES
from .posting import PREFIX, SPEC

VERSION = "1.0.0"
FORM = "application/cloudevents+json"
ABOUT = (
    "Sent by POST and signed: `X-Gridcrew-Signature` is `sha256=` and the HMAC-SHA-256 of "
    "`X-Gridcrew-Timestamp`, a full stop and the body under the webhook's secret. Events of one subject "
    "arrive in order; each arrives at least once, under the same id."
)
Schema = dict[str, Any]


def _text(most: int = 200) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


TIME: Schema = {"type": "string", "format": "date-time", "pattern": "Z$"}
COUNT: Schema = {"type": "integer", "minimum": 0}
STATE: Schema = {"enum": list(STATES)}
CAUSE: Schema = {"enum": list(CAUSES)}
OUTAGE: Mapping[str, Schema] = {
    "outage": _text(),
    "since": TIME,
    "customersFrom": COUNT,
    "customersTo": COUNT,
    "confirmed": {"type": "boolean"},
    "cause": _maybe(CAUSE),
    "order": _maybe(_text()),
    "state": _maybe(STATE),
    "etr": _maybe(TIME),
}
# By type: what it means, what it is ordered by, and its data.
EVENTS: Mapping[str, tuple[str, Mapping[str, Schema]]] = {
    "plan.published": ("A plan has come into force.", {"plan": COUNT, "publishedAt": TIME}),
    "order.changed": (
        "A work order has been opened, has moved, or a crew has named cause or estimate.",
        {
            "order": _text(),
            "state": _maybe(STATE),
            "crew": _maybe(_text()),
            "cause": _maybe(_text()),
            "estimateMin": _maybe({"type": "number"}),
        },
    ),
    "crew.sent": (
        "A crew has been sent to a work order, or is on the way.",
        {"order": _text(), "crew": _text(), "state": {"enum": ["dispatched", "on_the_way"]}},
    ),
    "outage.opened": ("An outage has become known.", OUTAGE),
    "outage.changed": ("What is known of an outage has changed; all of it is told again.", OUTAGE),
    "outage.closed": (
        "Everybody has supply again, or there was no outage.",
        {"outage": _text(), "since": TIME, "closedAt": TIME},
    ),
    "etr.changed": (
        "The estimate has changed, rounded as the policy says; null: nobody can say.",
        {"outage": _text(), "etr": _maybe(TIME), "before": _maybe(TIME)},
    ),
    "site.supply": (
        "The supply of a critical site has changed; goes to the webhooks of its group alone.",
        {
            "site": _text(),
            "power": {"enum": ["on", "off", "uncertain"]},
            "since": _maybe(TIME),
            "until": _maybe(TIME),
        },
    ),
    "webhook.test": ("Somebody tries a webhook out.", {"webhook": _text()}),
}
# What the utility's own webhooks may ask for.
TYPES = tuple(name for name in EVENTS if not name.startswith(("site.", "webhook.")))


def data_schema(name: str) -> Schema:
    """The schema of the data of a type; it holds no field beside those named."""
    fields = EVENTS[name][1]
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }


def message_schema(name: str) -> Schema:
    """The schema of a whole event of a type."""
    return {
        "type": "object",
        "properties": {
            "specversion": {"const": SPEC},
            "id": _text(),
            "source": _text(),
            "type": {"const": f"{PREFIX}{name}.v1"},
            "subject": _text(),
            "time": TIME,
            "datacontenttype": {"const": "application/json"},
            "dataschema": _text(),
            "sequence": {"type": "string", "pattern": r"^\d{20}$"},
            "data": data_schema(name),
        },
        "required": ["specversion", "id", "source", "type", "subject", "time", "sequence", "data"],
        "additionalProperties": False,
    }


def catalogue(title: str) -> Schema:
    """The AsyncAPI document."""
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in EVENTS}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": VERSION, "description": ABOUT},
        "defaultContentType": FORM,
        "channels": {"webhook": {"address": "{the webhook's own}", "messages": messages}},
        "operations": {"tell": {"action": "send", "channel": {"$ref": "#/channels/webhook"}}},
        "components": {
            "messages": {name: _message(name, told) for name, (told, _) in EVENTS.items()},
            "schemas": {name: message_schema(name) for name in EVENTS},
        },
    }


def _message(name: str, told: str) -> Schema:
    payload = {"$ref": f"#/components/schemas/{name}"}
    return {"name": name, "title": told, "contentType": FORM, "payload": payload}
