"""The OpenAPI 3.1 document, made from the routes themselves and the models at their edges.

A route is in it because the application has it; its body is the model that its
view reads (`body_as(Model)`), its roles are those that `allow` declared. Only
what code cannot tell stands in `ANSWERS`, and a test names what is missing there.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import IntegerConverter, Rule

from ..entrance.access import EVERYONE, allow_everyone
from ..entrance.bodies import Body, Query
from ..server.transfer import Packed, pack_json, send
from . import answers
from .operations import ANSWERS, BODIES, KEYED, Answer

PREFIX = "/api/v1/"
VERSION = "1"
REF = "#/components/schemas/{model}"
ABOUT = """\
The running day of a duty room.

Programs bring a token (`Authorization: Bearer ...`), made by an administrator for one system and one role;
people have a session and send the page's token with every change (`X-CSRFToken`). Times are RFC 3339 with an
offset, coordinates WGS 84 degrees. A change that is sent twice with one `Idempotency-Key` is made once. A
change of something that somebody else has changed is answered with 409 and who it was."""
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token per system."},
    "session": {"type": "apiKey", "in": "cookie", "name": "gridcrew_session", "description": "A person's."},
    "form": {"type": "apiKey", "in": "header", "name": "X-CSRFToken", "description": "With a session."},
}
WRONG: Mapping[str, str] = {
    "400": "The request cannot be read; every fault is named.",
    "401": "No token, no session, or an unknown one.",
    "403": "This role may not.",
    "404": "There is no such thing.",
    "409": "It cannot be done now, or somebody was first.",
    "413": "Too large.",
    "429": "Too many requests; `Retry-After` says when to come again.",
}

openapi = Blueprint("openapi", __name__, url_prefix="/api/v1")


@openapi.get("/openapi.json")
@allow_everyone
def the_document() -> Response:
    """This document."""
    app = current_app
    packed: Packed | None = app.extensions.get("gridcrew_openapi")
    if packed is None:
        packed = app.extensions["gridcrew_openapi"] = pack_json(document(app))
    return send(packed)


@dataclass(frozen=True, slots=True)
class Route:
    """One way to call the API."""

    rule: Rule
    method: str
    view: Callable[..., Any]

    @property
    def endpoint(self) -> str:
        """The name of the route."""
        return str(self.rule.endpoint)

    @property
    def path(self) -> str:
        """The path as OpenAPI writes it."""
        return re.sub(r"<(?:[^:<>]*:)?([^<>]+)>", r"{\1}", self.rule.rule)

    def named(self, kind: type[BaseModel]) -> type[BaseModel] | None:
        """The model of a kind that the view's own code names."""
        view = inspect.unwrap(self.view)
        known = view.__globals__
        found = (known.get(name) for name in view.__code__.co_names)
        return next((each for each in found if isinstance(each, type) and issubclass(each, kind)), None)

    @property
    def body(self) -> type[BaseModel] | None:
        """The model of what is sent."""
        declared = BODIES.get(self.endpoint)
        return declared if isinstance(declared, type) else self.named(Body)

    @property
    def query(self) -> type[BaseModel] | None:
        """The model of what is asked for behind the question mark."""
        return self.answer.query or self.named(Query)

    @property
    def answer(self) -> Answer:
        """What is answered."""
        return ANSWERS.get(self.endpoint, Answer())


def routes(app: Flask) -> list[Route]:
    """Every way to call the API, by path and method."""
    found = [
        Route(rule, method, app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda route: (route.rule.rule, route.method))


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an application."""
    known = routes(app)
    schemas, definitions = _schemas(known)
    paths: dict[str, dict[str, Any]] = {}
    for route in known:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "gridcrew", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": [], "form": []}],
        "tags": [{"name": name} for name in sorted({_tag(route) for route in known})],
        "paths": paths,
        "components": {"schemas": definitions, "securitySchemes": SECURITY},
    }


def _schemas(known: Iterable[Route]) -> tuple[Mapping[Any, Any], dict[str, Any]]:
    """Reference by model and direction, and what the references lead to."""
    wanted: dict[tuple[type[BaseModel], str], None] = {(answers.Failed, "serialization"): None}
    for route in known:
        for model, mode in ((route.body, "validation"), (route.answer.model, "serialization")):
            if model is not None:
                wanted[(model, mode)] = None
    made, definitions = models_json_schema(list(wanted), ref_template=REF)  # type: ignore[arg-type]
    return made, definitions.get("$defs", {})


def _operation(route: Route, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    roles = route.view.gridcrew_roles  # type: ignore[attr-defined]
    first, _, rest = (inspect.getdoc(route.view) or "").partition("\n\n")
    who = "Open to everybody." if roles == EVERYONE else f"Roles: {', '.join(sorted(roles))}."
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{route.endpoint.replace('.', '_')}",
        "tags": [_tag(route)],
        "summary": " ".join(first.split()).rstrip("."),
        "description": "\n\n".join(part for part in (" ".join(rest.split()), who) if part),
        "parameters": list(_parameters(route)),
        "responses": _responses(route, schemas),
    }
    if roles == EVERYONE:
        operation["security"] = []
    if sent := _sent(route, schemas):
        operation["requestBody"] = sent
    return operation


def _tag(route: Route) -> str:
    return route.rule.rule.removeprefix(PREFIX).split("/")[0].removesuffix(".json")


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{([^}]+)}", route.path):
        # The application keeps its converters by argument; a path holds slashes of its own.
        number = isinstance(route.rule._converters[name], IntegerConverter)
        schema = {"type": "integer", "minimum": 0} if number else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if route.query is not None:
        told = route.query.model_json_schema()
        for name, schema in told.get("properties", {}).items():
            needed = name in told.get("required", ())
            yield {"name": name, "in": "query", "required": needed, "schema": schema}
    if route.endpoint in KEYED:
        text = "The sender's own mark of this change: sent twice it is made once."
        schema = {"type": "string", "minLength": 1, "maxLength": 200}
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": text,
            "schema": schema,
        }


def _sent(route: Route, schemas: Mapping[Any, Any]) -> dict[str, Any] | None:
    if route.method not in ("POST", "PUT", "PATCH"):
        return None
    declared = BODIES.get(route.endpoint)
    if isinstance(declared, dict):
        return {"required": True, "content": declared}
    if route.body is None:
        return None
    schema = schemas[(route.body, "validation")]
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _responses(route: Route, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    answer = route.answer
    if answer.model is not None:
        schema = schemas[(answer.model, "serialization")]
    else:
        schema = {"type": "object"} if answer.kind == "application/json" else {"type": "string"}
    told = {"description": answer.told, "content": {answer.kind: {"schema": schema}}}
    found: dict[str, Any] = {str(status): told for status in answer.statuses}
    failed = schemas[(answers.Failed, "serialization")]
    for status in _failures(route):
        content = {"application/json": {"schema": failed}}
        found[status] = {"description": WRONG[status], "content": content}
    return found


def _failures(route: Route) -> Iterator[str]:
    roles = route.view.gridcrew_roles  # type: ignore[attr-defined]
    # A name that this server does not answer to, or a page's token that is missing.
    yield "400"
    if roles != EVERYONE:
        yield from ("401", "403")
    yield "404"
    if route.method != "GET":
        yield from ("409", "413")
    yield "429"
