"""What people, and those who mean it, type into forms and addresses: refused, never a fault.

The fields are read out of the views themselves, so that a new one is tried without anybody adding it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.live import Desk
from dispatch.store import Store, open_store
from dispatch.store.accounts import Accounts
from tests.dispatch.store.conftest import empty_database, postgres
from tests.web.everything import Everything
from tests.web.small_room import small_desk
from web.app import create_app
from web.entrance.access import declared_roles
from web.entrance.bodies import Body, Query

__all__ = ["postgres"]
FIELD = re.compile(
    r'(?:request\.(?:form|args|values)\.get|sent_number|asked_number|moment_sent|_asked)\(\s*"(\w+)"'
)
# A field may be longer; all of them together must pass for a form at all, see `MOST_TYPED_B`.
LONG = 2000
MOST_TYPED_B = 1024 * 1024
VALUES = (
    *(
        "²",
        "-1",
        "abc",
        "9" * LONG,
        "NaN",
        "{}",
        "0001-01-01T00:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31",
    ),
    *("../../etc/passwd", "x" * LONG, "=1+1", "-", "K-R1", "crew-1"),
)
# What ends the session, or waits for a planner.
LEFT_OUT = frozenset({"accounts.sign_out", "accounts.sign_out_everywhere", "live.events"})
ROLES = ("supervisor", "administrator", "planner", "service", "dispatcher")


def fields() -> list[str]:
    """The names of every field that a view reads."""
    root = Path(__file__).parents[2] / "web"
    found = {name for file in root.rglob("*.py") for name in FIELD.findall(file.read_text("utf-8"))}
    for base in (Body, Query):
        found |= {name for model in base.__subclasses__() for name in model.model_fields}
    return sorted(found)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """PostgreSQL refuses what SQLite keeps: a text longer than its column."""
    return str(request.param)


@pytest.fixture(scope="module")
def store(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    store = open_store(empty_database(kind, "forms", request, tmp_path_factory.mktemp("forms")))
    yield store
    store.close()


@pytest.fixture(scope="module")
def desk(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return small_desk(store)


@pytest.fixture(scope="module")
def tokens(store: Store) -> dict[str, str]:
    return {role: Accounts(store).issue_token(f"a {role}", role) for role in ROLES}


@pytest.fixture(scope="module")
def app(desk: Desk, tokens: dict[str, str]) -> Flask:
    app = create_app(desk)
    app.config.update(RATE_LIMITS=False)
    client, who = app.test_client(), {"Authorization": f"Bearer {tokens['dispatcher']}"}
    client.post("/api/v1/plans/proposal", headers=who)
    client.post("/api/v1/plans/1/publish", json={}, headers=who)
    Everything(client, desk, tokens, "139 0000 1111").write()
    return app


def routes(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Addresses of a method with the role that may do most there; names in them lead to what there is."""
    known = {"number": 1, "seq": 1, "plan": 1, "crew": "crew-1", "complaint": "K-R1", "customer": "C05"}
    known |= {"id_": "R1", "job": "none/repair", "name": "none"}
    for rule in app.url_map.iter_rules():
        roles = declared_roles(app)[rule.endpoint] or frozenset()
        role = next((each for each in ROLES if each in roles or "everyone" in roles), None)
        if method not in (rule.methods or ()) or role is None or rule.endpoint in LEFT_OUT:
            continue
        values = {
            name: next(iter(sorted(getattr(kind, "items", ()))), known.get(name, "1"))
            for name, kind in rule._converters.items()
        }
        built = rule.build(values)
        assert built is not None
        yield str(built[1]), role


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_no_form_and_no_question_breaks_a_page(
    app: Flask, tokens: dict[str, str], kind: str, value: str
) -> None:
    if kind == "postgresql" and len(value) < LONG:
        pytest.skip("the databases differ in long texts alone")
    client, broken = app.test_client(), []
    sent = dict.fromkeys(fields(), value)
    assert len(urlencode(sent)) < MOST_TYPED_B
    for method in ("POST", "GET"):
        for path, role in routes(app, method):
            if method == "GET" and path.startswith("/api/"):
                continue
            given: dict[str, Any] = {"data": sent} if method == "POST" else {"query_string": sent}
            answer = ask(client, method, path, tokens[role], given)
            broken += [f"{method} {path} ({role}): {answer}"] if answer >= 500 else []
    assert broken == []


def test_a_name_in_a_body_may_be_as_long_as_it_likes(app: Flask, store: Store) -> None:
    """People's pages name the place of a fault by the words of the page: "9999..." is no row of a table."""
    app.config["WTF_CSRF_ENABLED"] = False
    Accounts(store).add("mei", "planner", "a long password 1")
    client = app.test_client()
    client.post("/sign-in", data={"name": "mei", "password": "a long password 1"})
    for name in ("9" * 5000, "²", "٣"):
        answer = client.post("/scenarios/start", json={name: 1, "base": {name: [1]}})
        assert 400 <= answer.status_code < 500


def ask(client: FlaskClient, method: str, path: str, token: str, given: dict[str, Any]) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.open(path, method=method, headers=headers, buffered=False, **given)
    answer.close()
    return answer.status_code


def test_a_disk_that_cannot_be_written_is_said_and_is_no_fault_of_ours(
    app: Flask, tokens: dict[str, str], tmp_path: Path
) -> None:
    scenarios = tmp_path / "case" / "scenarios"
    scenarios.mkdir(parents=True)
    storm = Path(__file__).parents[2] / "data" / "coquimbo" / "scenarios" / "storm.yaml"
    (scenarios / "storm.yaml").write_text(storm.read_text("utf-8"), "utf-8")
    (tmp_path / "file").write_text("no folder")
    app.config.update(CASE_FOLDER=tmp_path / "case", STUDIES_FOLDER=tmp_path / "file" / "studies")
    app.extensions.pop("gridcrew_studies", None)
    answer = app.test_client().post(
        "/scenarios/start",
        json={"scenario": "storm", "alternatives": [{"name": "a", "of": "30 crews, planned"}]},
        headers={"Authorization": f"Bearer {tokens['planner']}"},
    )
    assert answer.status_code == 503, answer.text
    assert "disk" in answer.text
