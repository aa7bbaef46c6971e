"""Every route with every role: whoever is not named gets nothing, and a crew learns of no stranger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.intake import load_case
from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import TOKEN_ROLES, Accounts
from tests.prepared import empty_store
from tests.small_case import write_small_case
from web.app import create_app
from web.entrance.access import EVERYONE, declared_roles

# Customers of the small case who have not called: no crew is sent to their door.
STRANGERS = ("Luis Soto", "Eva Diaz", "Elm Bakery", "Hugo Paz", "Ines Gil", "Leo Cruz")
THEIR_PHONES = tuple(f"+56 51 200 00{number:02d}" for number in (2, 4, 5, 7, 8, 11))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = empty_store(tmp_path_factory.mktemp("roles") / "day.sqlite")
    yield store
    store.close()


@pytest.fixture(scope="module")
def app(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = write_small_case(tmp_path_factory.mktemp("case") / "case")
    case = load_case(folder)
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    app = create_app(desk)
    app.config.update(RATE_LIMITS=False, CASE_FOLDER=folder)
    return app


@pytest.fixture(scope="module")
def tokens(store: Store) -> dict[str, str]:
    book = Accounts(store)
    return {
        role: book.issue_token(f"a {role}", role, crew="crew-1" if role == "crew" else None)
        for role in TOKEN_ROLES
    }


@pytest.fixture(scope="module")
def client(app: Flask, tokens: dict[str, str]) -> FlaskClient:
    client = app.test_client()
    who = bearer(tokens["dispatcher"])
    client.post("/api/v1/plans/proposal", headers=who)
    client.post("/api/v1/plans/1/publish", json={}, headers=who)
    return client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def path_of(rule: Any, app: Flask) -> str:
    """A path of the rule that leads to something of the small case where that is easy."""
    known = {"crew": "crew-1", "number": 1, "plan": 1, "id_": "R1", "job": "none/repair", "name": "nobody"}
    values = {}
    for name, kind in rule._converters.items():
        allowed = getattr(kind, "items", None)
        values[name] = sorted(allowed)[0] if allowed else known.get(name, 1)
    path = rule.build(values)
    assert path is not None
    return str(path[1])


def calls(app: Flask) -> list[tuple[str, str, frozenset[str]]]:
    declared = declared_roles(app)
    return [
        (method, path_of(rule, app), declared[rule.endpoint] or frozenset())
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def status(client: FlaskClient, method: str, path: str, headers: dict[str, str] | None = None) -> int:
    answer = client.open(path, method=method, headers=headers or {}, buffered=False)
    answer.close()
    return answer.status_code


def test_nobody_gets_through_without_signing_in(app: Flask, client: FlaskClient) -> None:
    open_ = []
    for method, path, roles in calls(app):
        if roles != EVERYONE and status(app.test_client(), method, path) not in (302, 400, 401):
            open_.append(f"{method} {path}")
    assert open_ == []


@pytest.mark.parametrize("role", TOKEN_ROLES)
def test_a_role_gets_no_further_than_its_routes(
    app: Flask, client: FlaskClient, tokens: dict[str, str], role: str
) -> None:
    wrong = []
    for method, path, roles in calls(app):
        if roles == EVERYONE or role in roles:
            continue
        found = status(client, method, path, bearer(tokens[role]))
        if found != 403:
            wrong.append(f"{method} {path}: {found}")
    assert wrong == []


@pytest.mark.parametrize("role", ["dispatcher", "supervisor", "planner", "viewer", "administrator"])
def test_a_role_can_read_what_it_may(
    app: Flask, client: FlaskClient, tokens: dict[str, str], role: str
) -> None:
    refused = [
        path
        for method, path, roles in calls(app)
        if method == "GET"
        and role in roles
        and status(client, method, path, bearer(tokens[role])) in (401, 403)
    ]
    assert refused == []


def test_a_crew_learns_of_no_customer_but_those_it_is_sent_to(
    app: Flask, client: FlaskClient, tokens: dict[str, str]
) -> None:
    told, read = [], 0
    for method, path, _ in calls(app):
        if method != "GET":
            continue
        answer = client.get(path, headers=bearer(tokens["crew"]), buffered=False)
        if answer.status_code == 200 and answer.mimetype != "text/event-stream":
            read += 1
            text = answer.get_data().decode(errors="replace") if "pdf" not in answer.mimetype else ""
            told += [f"{path}: {each}" for each in (*STRANGERS, *THEIR_PHONES) if each in text]
        answer.close()
    assert read >= 5
    assert told == []


def test_a_crew_opens_no_other_crews_papers(app: Flask, client: FlaskClient, tokens: dict[str, str]) -> None:
    who = bearer(tokens["crew"])
    for path in ("/crews/crew-2", "/crews/crew-2/sheet", "/crews/crew-2/sheet.pdf"):
        assert client.get(path, headers=who).status_code == 403


def test_whoever_asks_too_often_is_told_when_to_come_again(app: Flask) -> None:
    app.config["RATE_LIMITS"] = True
    client = app.test_client()
    answers = [client.post("/phone/enter", json={}) for _ in range(40)]
    app.config["RATE_LIMITS"] = False
    assert [answer.status_code for answer in answers].count(429) >= 8
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_every_page_keeps_the_strict_policy(app: Flask, client: FlaskClient, tokens: dict[str, str]) -> None:
    loose = []
    for method, path, roles in calls(app):
        if method != "GET" or "supervisor" not in roles:
            continue
        answer = client.get(path, headers=bearer(tokens["supervisor"]), buffered=False)
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or re.search(r"unsafe-(inline|eval)", policy):
            loose.append(path)
        answer.close()
    assert loose == []
