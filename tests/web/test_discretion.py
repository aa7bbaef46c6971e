"""Who sees callers and customers: every answer of every route that can be read, as every role reads it."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from dispatch.intake import load_case
from dispatch.live import Budget, Desk
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import TOKEN_ROLES, Accounts
from tests.prepared import empty_store
from tests.small_case import write_small_case
from tests.web.everything import SIGNER, Everything
from web.app import create_app
from web.entrance.access import declared_roles
from web.entrance.discretion import masked, street
from web.people.said import untold
from web.words.language import LANGUAGES

CALLER = "+56 9 8765 4321"
SAID = "139 0000 1111"
BLIND = ("viewer", "planner", "administrator")
# The journal is what auditors read, and holds all.
AUDITED = frozenset({"people.audit", "resources.journal"})
# Administrators keep the list of customers.
KEPT = frozenset({"standing.download", "standing_api.as_file"})
# Names in addresses that lead to no person's text.
UNNAMED: dict[str, list[Any]] = {
    "name": ["none"],
    "code": ["outage"],
    "mark": ["none"],
    "ending": ["yaml"],
    "kind": ["html"],
    # A draft of files is its sender's alone: tests/web/test_bringing.py.
    "token": ["none"],
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = write_small_case(tmp_path_factory.mktemp("case") / "case")
    case = load_case(folder)
    store = empty_store(tmp_path_factory.mktemp("seen") / "day.sqlite")
    options = RoomOptions(budget=Budget(work=200))
    app = create_app(open_room(case, store, lambda: case.settings.now, options).desk)
    app.config.update(RATE_LIMITS=False, CASE_FOLDER=folder)
    yield app
    store.close()


@pytest.fixture(scope="module")
def desk(app: Flask) -> Desk:
    found: Desk = app.extensions["gridcrew_desk"]
    return found


@pytest.fixture(scope="module")
def tokens(desk: Desk) -> dict[str, str]:
    book = Accounts(desk.store)
    return {role: book.issue_token(f"a {role}", role) for role in TOKEN_ROLES if role != "crew"}


@pytest.fixture(scope="module")
def client(app: Flask, desk: Desk, tokens: dict[str, str]) -> FlaskClient:
    """A day with a plan in force, a proposal, a caller who left a number, a restored order with callbacks."""
    client, who = app.test_client(), bearer(tokens["dispatcher"])
    client.post("/api/v1/plans/proposal", headers=who)
    client.post("/api/v1/plans/1/publish", json={}, headers=who)
    call = {"words": f"a wire is down, call me at {SAID}", "lon": -71.25, "lat": -29.9}
    called = client.post(
        "/api/v1/requests", json=call | {"phone": CALLER, "address": "Long Road 77"}, headers=who
    )
    assert called.status_code == 201
    edit = {
        "subject": "new",
        "what": "add",
        "data": {"words": f"look in, {SAID}", "lon": -71.25, "lat": -29.9, "kind": "metering"},
    }
    client.post("/api/v1/plans/routes", json={"edits": [edit], "reason": f"asked by {SAID}"}, headers=who)
    client.post("/api/v1/plans/proposal", headers=who)
    for route in desk.day().plan.routes:
        for visit in route.visits[:1]:
            for to in ("on_site", "done"):
                client.post(
                    f"/api/v1/jobs/{visit.job}/report", json={"to": to, "crew": route.crew}, headers=who
                )
    client.post("/shift/handover", data={"note": f"ring {SAID}"}, headers=who)
    return client


@pytest.fixture(scope="module")
def everything(client: FlaskClient, desk: Desk, tokens: dict[str, str]) -> Everything:
    """The same day, once somebody has written the number into every field that there is."""
    found = Everything(client, desk, tokens, SAID)
    found.write()
    return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def paths(app: Flask, desk: Desk, role: str, more: Mapping[str, list[Any]]) -> Iterator[str]:
    """Every address that a role may read, with every known value of what stands in it."""
    day, proposed = desk.day(), desk.shelf.proposal()
    known: dict[str, list[Any]] = {
        "crew": [crew.id for crew in desk.case.crews],
        "job": [*day.cards, *(proposed.cards if proposed else ())],
        "outage": [each.id for each in day.outages],
        "order": [row["id"] for row in desk.rows("orders")],
        "id_": [row["id"] for row in desk.rows("requests")],
        "customer": list(desk.case.customers.table.index[:3]),
        "number": [1, 2],
        "subject": [row["id"] for row in desk.rows("requests")],
        "plan": [1],
        "seq": [1],
        "request_id": [row["id"] for row in desk.rows("requests")],
        "version": [1],
        **UNNAMED,
        **more,
    }
    known["id_"] += known.pop("photo")
    roles = declared_roles(app)
    for rule in app.url_map.iter_rules():
        told = roles[rule.endpoint] or frozenset()
        if role == "administrator" and rule.endpoint in KEPT:
            continue
        if "GET" not in (rule.methods or ()) or role not in told or rule.endpoint in AUDITED:
            continue
        names = sorted(rule.arguments)
        choices = [list(getattr(rule._converters[name], "items", ())) or known[name] for name in names]
        for values in itertools.product(*choices):
            if any(
                not isinstance(value, int)
                for name, value in zip(names, values, strict=True)
                if takes_number(rule, name)
            ):
                continue
            path = rule.build(dict(zip(names, values, strict=True)))
            assert path is not None
            yield str(path[1])


def takes_number(rule: Any, name: str) -> bool:
    return isinstance(rule._converters[name], IntegerConverter)


def read(client: FlaskClient, path: str, token: str) -> str:
    """What an answer says; a document's text, and the first of a stream."""
    query = "?after=0" if path.endswith("/events") else ""
    answer = client.get(path + query, headers=bearer(token), buffered=False)
    if answer.status_code != 200:
        answer.close()
        return ""
    if answer.mimetype == "text/event-stream":
        text = "".join(part.decode() for part in itertools.islice(answer.response, 3))
    elif answer.mimetype == "application/pdf":
        text = _of_pdf(answer.get_data())
    else:
        text = answer.get_data().decode("utf-8", "replace")
    answer.close()
    return text


def _of_pdf(body: bytes) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        return ""
    done = subprocess.run([program, "-", "-"], input=body, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def plain(text: str) -> str:
    """A text with its numbers in one piece, lines of calendars unfolded."""
    return re.sub(r"(?<=\d)[\s\-]+(?=\d)", "", text.replace("\r\n ", ""))


@pytest.mark.parametrize("role", BLIND)
def test_no_answer_tells_who_called(
    app: Flask, desk: Desk, client: FlaskClient, tokens: dict[str, str], everything: Everything, role: str
) -> None:
    table = desk.case.customers.table
    numbers = {plain(str(each)) for each in table["phone"].dropna()} | {plain(CALLER), plain(SAID)}
    numbers |= {plain(each.phone) for each in desk.case.requests if each.phone}
    names = {str(each) for each in table["name"].dropna()}
    found, opened = [], 0
    for path in paths(app, desk, role, everything.known):
        text = plain(read(client, path, tokens[role]))
        opened += bool(text)
        seen = sorted(each for each in numbers if each.lstrip("+") in text)
        if not path.startswith("/scenarios"):
            seen += sorted(each for each in names if each in text)
            seen += [each for each in ("Long Road 77", SIGNER) if each in text]
        found += [f"{path}: {each}" for each in seen]
    assert opened > 40
    assert found == []


def test_whoever_calls_back_sees_the_number(
    app: Flask, desk: Desk, client: FlaskClient, tokens: dict[str, str], everything: Everything
) -> None:
    found = paths(app, desk, "dispatcher", everything.known)
    told = "".join(plain(read(client, path, tokens["dispatcher"])) for path in found)
    assert SIGNER in told
    assert plain(CALLER).lstrip("+") in told
    assert plain(SAID) in told
    assert "Long Road 77" in told


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("call 139-0000-1111 now", "call … now"),
        ("+56 51 200 0002", "…"),
        ("10 kV since 12:30, 3 flats", "10 kV since 12:30, 3 flats"),
        ("停电，电话13900001111", "停电，电话…"),
    ],
)
def test_a_number_in_words_is_taken_out(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("Balmaceda 300", "Balmaceda"),
        ("12 Elm Street", "Elm Street"),
        ("人民路12号3单元", "人民路"),
        ("Avenida del Mar 5600-B", "Avenida del Mar"),
        ("Elm Street", "Elm Street"),
    ],
)
def test_an_address_without_its_door(address: str, left: str) -> None:
    assert street(address) == left


@pytest.mark.parametrize("role", BLIND)
def test_no_number_is_found_digit_by_digit(
    client: FlaskClient, tokens: dict[str, str], everything: Everything, role: str
) -> None:
    """Whoever does not see a number cannot guess it by searching for its beginnings, nor a caller by name."""
    asked = ("requests?which=all&words={}", "requests?which=all&customer={}")
    asked += ("request-list?q={}", "complaints?q={}")
    for path in asked:
        name = path.partition("?")[0]
        word = "C05" if "customer" in path else SAID[:3]
        found = {
            who: client.get(f"/api/v1/{path.format(word)}", headers=bearer(tokens[who])).get_json()
            for who in (role, "dispatcher")
        }
        key = "complaints" if name == "complaints" else "requests"
        assert found["dispatcher"][key], path
        assert not found[role][key], path
    told = client.get("/api/v1/complaints?q=C05", headers=bearer(tokens[role])).get_json()
    assert not told["complaints"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_journal_says_has_a_name_on_the_audit_page(
    app: Flask, desk: Desk, everything: Everything, language: str
) -> None:
    with app.test_request_context("/"):
        g.language = language
        told = {(event.kind, each) for event in desk.store.events_after(0) for each in untold(event)}
    assert sorted(told) == []
