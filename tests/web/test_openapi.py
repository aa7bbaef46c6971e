"""The API's document is made from the routes, is sound, and tells the truth about answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.api.openapi import document, routes
from web.api.operations import ANSWERS, BODIES, KEYED, NO_BODY
from web.app import create_app


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = empty_store(tmp_path_factory.mktemp("api") / "day.sqlite")
    yield store
    store.close()


@pytest.fixture(scope="module")
def app(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    case = small_case()
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    return create_app(desk)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def told(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found = answer.json
    assert found is not None
    return found


def bearer(store: Store, role: str, crew: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {Accounts(store).issue_token(role, role, crew=crew)}"}


def test_every_route_of_the_api_is_in_the_document_and_nothing_else(app: Flask, told: dict[str, Any]) -> None:
    there = {
        (re.sub(r"<(?:[^:>]*:)?([^>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    written = {(path, method) for path, each in told["paths"].items() for method in each}
    assert written == there


def test_the_resources_of_the_day_are_all_there(told: dict[str, Any]) -> None:
    for name in ("requests", "outages", "work-orders", "crews", "plans", "events"):
        assert "get" in told["paths"][f"/api/v1/{name}"], name


def test_the_document_is_sound_openapi(told: dict[str, Any]) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator not installed")
    validator.validate(told, cls=validator.OpenAPIV31SpecValidator)


def test_every_change_says_what_it_takes(app: Flask) -> None:
    silent = [
        route.endpoint
        for route in routes(app)
        if route.method != "GET" and route.body is None and route.endpoint not in {*NO_BODY, *BODIES}
    ]
    assert silent == []


def test_every_route_says_what_it_answers_and_asks(app: Flask) -> None:
    known = {route.endpoint: route for route in routes(app)}
    assert [name for name in known if name not in ANSWERS] == []
    assert [name for name in {*ANSWERS, *BODIES, *KEYED, *NO_BODY} if name not in known] == []
    asking = {name for name, route in known.items() if "args" in route.view.__code__.co_names}
    assert [name for name in asking if known[name].query is None] == []


def test_no_two_operations_share_a_name(told: dict[str, Any]) -> None:
    names = [each["operationId"] for path in told["paths"].values() for each in path.values()]
    assert len(names) == len(set(names))


# Off until a utility turns them on; `test_outward_events` asks them.
OFF = frozenset({"outward_stream.listed", "sites.listed", "sites.hooks", "phone_ringing.listen"})
# What a route has to be asked with.
ASKED = {
    "tonight_api.tried_call": {"at": "2026-07-16T12:00:00-04:00", "until": "2026-07-16T18:00:00-04:00"},
}


def test_answers_are_as_the_document_says(
    app: Flask, client: FlaskClient, store: Store, told: dict[str, Any]
) -> None:
    validator = pytest.importorskip("jsonschema", reason="jsonschema not installed")
    headers = bearer(store, "supervisor")
    sent = {"words": "no light", "customer": "C05"}
    logged = client.post("/api/v1/requests", json=sent, headers=headers)
    client.post("/api/v1/plans/proposal", headers=headers)
    client.post("/api/v1/plans/1/publish", json={}, headers=headers)
    order = client.get("/api/v1/work-orders", headers=headers).json["orders"][0]["id"]  # type: ignore[index]
    checked = [("/api/v1/requests", "post", logged)]
    places = {"id_": logged.json["id"], "order": order, "crew": "crew-1", "number": 1}  # type: ignore[index]
    for route in routes(app):
        if route.method != "GET" or route.endpoint in {"live.events", "phone_office.picture"}:
            continue
        needed = set(re.findall(r"{([^}]+)}", route.path))
        if not needed <= set(places) or route.endpoint in {"phone.route", "phone.area", "phone.hours"}:
            continue
        if route.endpoint in OFF:
            continue
        path = route.path.format(**places)
        query = ASKED.get(route.endpoint)
        checked.append((route.path, "get", client.get(path, headers=headers, query_string=query)))
    for path, method, answer in checked:
        operation = told["paths"][path][method]
        schema = operation["responses"][str(answer.status_code)]["content"][answer.mimetype]["schema"]
        assert answer.status_code < 300, path
        if answer.is_json:
            validator.validate(answer.json, {**schema, "components": told["components"]})
    assert len(checked) > 15


def test_what_is_wrong_is_answered_as_the_document_says(
    client: FlaskClient, store: Store, told: dict[str, Any]
) -> None:
    validator = pytest.importorskip("jsonschema", reason="jsonschema not installed")
    schema = {"$ref": "#/components/schemas/Failed", "components": told["components"]}
    headers = bearer(store, "dispatcher")
    answers = [
        client.get("/api/v1/requests"),
        client.get("/api/v1/requests?most=0&since=yesterday&nonsense=1", headers=headers),
        client.get("/api/v1/requests/R999999", headers=headers),
        client.get("/api/v1/journal", headers=headers),
        client.post("/api/v1/plans/77/publish", json={}, headers=headers),
        client.post("/api/v1/requests", json={}, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [401, 400, 404, 403, 409, 400]
    for answer in answers:
        validator.validate(answer.json, schema)
    faults = " ".join(answers[1].json["error"]["faults"])  # type: ignore[index]
    assert all(word in faults for word in ("most", "since", "nonsense"))


def test_pages_follow_each_other_without_gap_or_repeat(client: FlaskClient, store: Store) -> None:
    headers = bearer(store, "dispatcher")
    found: list[str] = []
    before = ""
    for _ in range(20):
        query = "/api/v1/requests?which=all&most=2" + (f"&before={before}" if before else "")
        page = client.get(query, headers=headers).json
        assert page is not None
        found += [row["id"] for row in page["requests"]]
        before = page["next"]
        if not before:
            break
    whole = client.get("/api/v1/requests?which=all&most=500", headers=headers).json
    assert whole is not None
    assert found == [row["id"] for row in whole["requests"]]
    assert len(found) == len(set(found)) > 5


def test_only_those_who_call_back_see_telephone_numbers(client: FlaskClient, store: Store) -> None:
    for role, seen in (("dispatcher", True), ("viewer", False)):
        page = client.get("/api/v1/requests?which=all", headers=bearer(store, role)).json
        assert page is not None
        assert any(row["phone"] for row in page["requests"]) is seen


def test_the_document_of_a_day_that_does_not_run_is_made_too(demo_app: Flask) -> None:
    assert document(demo_app)["openapi"] == "3.1.0"
