"""Every route says who may open it."""

from __future__ import annotations

import re

import pytest

from dispatch.store.tries import PAIR
from web.app import create_app
from web.entrance.access import EVERYONE, ROLES, allow, declared_roles
from web.entrance.accounts import MemoryAccounts, own_path

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def book():
    accounts = MemoryAccounts()
    accounts.add("ana", PASSWORD, "dispatcher")
    accounts.add("crew-1", PASSWORD, "crew", crew="crew-1")
    return accounts


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def closed(small_day, book, clock):
    app = create_app(small_day, accounts_book=book, clock=lambda: clock[0])
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def sign_in(client, name, password=PASSWORD):
    return client.post("/sign-in", data={"name": name, "password": password, "next": "/"})


def without_token(answer) -> str:
    return re.sub(r'content="[^"]+"|value="[^"]+"', "", answer.get_data(as_text=True))


def test_every_route_declares_known_roles(demo_app):
    declared = declared_roles(demo_app)
    undeclared = [name for name, roles in declared.items() if roles is None]
    assert undeclared == []
    assert all(roles == EVERYONE or roles <= ROLES for roles in declared.values())
    assert {rule.endpoint for rule in demo_app.url_map.iter_rules()} <= set(declared)


def test_only_signing_in_and_files_are_open_to_everyone(demo_app):
    opened = {name for name, roles in declared_roles(demo_app).items() if roles == EVERYONE}
    assert opened == {
        "accounts.sign_in",
        "accounts.sign_in_send",
        "accounts.sign_out",
        "phone.app_script",
        "phone.enter",
        "phone.manifest",
        "phone.map_script",
        "phone.page",
        "phone.worker",
        "oidc.back",
        "oidc.begin",
        "open311.service",
        "open311.services",
        # A customer answers by the secret in a link; a gateway brings text messages with its own.
        "callbacks.ask",
        "callbacks.take",
        "callbacks.text_message",
        "openapi.the_document",
        "static_files.static_file",
        # The public's page, once a utility has turned it on.
        "outward_files.start",
        "outward_files.file",
        "outward_supply.page",
        "outward_supply.answer",
        "outward_stream.document",
        # A watcher asks whether the room lives; figures go to this machine alone, or by a token.
        "health.alive",
        "health.ready",
        "health.metrics",
    }


def test_route_without_declaration_is_refused(small_day):
    app = create_app(small_day, demo=True)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def argument_of(rule):
    """Something that the rule takes for each of its arguments."""
    some = {name: getattr(kind, "items", ["1"]) for name, kind in rule._converters.items()}
    return {name: sorted(allowed)[0] for name, allowed in some.items()}


def test_no_page_opens_before_signing_in(closed, demo_app):
    for rule in demo_app.url_map.iter_rules():
        if "GET" not in rule.methods or declared_roles(demo_app)[rule.endpoint] == EVERYONE:
            continue
        path = rule.build(argument_of(rule))[1]
        assert closed.get(path).status_code in (302, 401), path


def test_signing_in_opens_the_board_and_signing_out_closes_it(closed):
    assert sign_in(closed, "ana").status_code == 302
    assert closed.get("/").status_code == 200
    closed.post("/sign-out")
    assert closed.get("/").status_code == 302


def test_crew_sees_its_own_route_only(closed):
    sign_in(closed, "crew-1")
    assert closed.get("/crews/crew-1").status_code == 200
    assert closed.get("/crews/crew-2").status_code == 403
    assert closed.get("/").headers["Location"] == "/crews/crew-1", "the front page is the board, not theirs"
    assert closed.get("/api/v1/board").status_code == 403


def test_wrong_passwords_make_the_same_address_wait_a_little(closed, clock):
    for _ in range(PAIR.free + 1):
        assert sign_in(closed, "ana", "wrong").status_code == 401
    answer = sign_in(closed, "ana")
    assert answer.status_code == 429
    clock[0] += int(answer.headers["Retry-After"])
    assert sign_in(closed, "ana").status_code == 302


def test_unknown_name_is_answered_like_a_wrong_password(closed):
    first, second = sign_in(closed, "nobody"), sign_in(closed, "ana", "wrong")
    assert first.status_code == second.status_code == 401
    assert without_token(first) == without_token(second)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "", None])
def test_signing_in_never_leads_to_another_site(demo_app, target):
    with demo_app.test_request_context():
        assert own_path(target) == "/"


def test_forms_need_their_token(small_day, book):
    app = create_app(small_day, accounts_book=book)
    answer = app.test_client().post("/sign-in", data={"name": "ana", "password": PASSWORD})
    assert answer.status_code == 400


def test_demo_answers_this_machine_only(client):
    assert client.get("/").status_code == 200
    assert client.get("/", environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 302
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_demo_has_no_administrator(client):
    from web.entrance.accounts import DEMO

    assert "administrator" not in DEMO.roles


def test_declaring_no_role_is_an_error():
    with pytest.raises(ValueError, match="at least one role"):
        allow()
