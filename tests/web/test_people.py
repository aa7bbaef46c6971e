"""Passwords that must be changed, the administrator's pages, and the journal as a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import ROLES, Accounts
from tests.prepared import small_case
from web.app import create_app

OWN = "a long enough one"


@pytest.fixture
def client(store: Store, tmp_path: Path) -> FlaskClient:
    case = small_case()
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    app = create_app(desk)
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def administrator(client: FlaskClient, store: Store) -> FlaskClient:
    Accounts(store).add("root", "administrator", OWN)
    sign_in(client, "root", OWN)
    return client


def sign_in(client: FlaskClient, name: str, password: str) -> int:
    return client.post("/sign-in", data={"name": name, "password": password, "next": "/"}).status_code


def secret(text: str) -> str:
    found = re.search(r'class="secret">([^<]+)<', text)
    assert found is not None
    return found[1]


def test_a_one_time_password_opens_nothing_but_its_change(client: FlaskClient, store: Store) -> None:
    Accounts(store).add("ana", "dispatcher", "given to her", once=True)
    sign_in(client, "ana", "given to her")
    assert client.get("/").headers["Location"] == "/password"
    assert client.get("/api/v1/board").status_code == 403
    assert "somebody else" in client.get("/password").get_data(as_text=True)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong one here", OWN, OWN, "present password is wrong"),
        ("given to her", OWN, OWN + "r", "differ"),
        ("given to her", "given to her", "given to her", "old one"),
        ("given to her", "short", "short", "at least 10"),
    ],
)
def test_a_bad_change_is_said(
    client: FlaskClient, store: Store, old: str, new: str, again: str, said: str
) -> None:
    Accounts(store).add("ana", "dispatcher", "given to her", once=True)
    sign_in(client, "ana", "given to her")
    answer = client.post("/password", data={"old": old, "new": new, "again": again})
    assert said in answer.get_data(as_text=True)
    assert client.get("/").status_code == 302


def test_a_changed_password_opens_the_board(client: FlaskClient, store: Store) -> None:
    Accounts(store).add("ana", "dispatcher", "given to her", once=True)
    sign_in(client, "ana", "given to her")
    client.post("/password", data={"old": "given to her", "new": OWN, "again": OWN})
    assert client.get("/").status_code == 200


def test_accounts_are_added_reset_disabled_and_enabled(administrator: FlaskClient, store: Store) -> None:
    added = administrator.post("/accounts", data={"name": "ben", "role": "dispatcher"})
    first = secret(added.get_data(as_text=True))
    again = secret(administrator.post("/accounts/ben/reset").get_data(as_text=True))
    assert first != again
    other = administrator.application.test_client()
    assert sign_in(other, "ben", first) == 401
    assert sign_in(other, "ben", again) == 302
    administrator.post("/accounts/ben/disable")
    assert sign_in(administrator.application.test_client(), "ben", again) == 401
    administrator.post("/accounts/ben/enable")
    assert sign_in(administrator.application.test_client(), "ben", again) == 302
    told = [event.data["what"] for event in store.events_after(0) if event.kind == "noted"]
    assert told == ["account added", "password reset", "account disabled", "account enabled"]


def test_faulty_accounts_are_refused_in_words(administrator: FlaskClient) -> None:
    for data in (
        {"name": "root", "role": "viewer"},
        {"name": "c", "role": "crew"},
        {"name": " ", "role": "viewer"},
        {"name": "x", "role": "king"},
    ):
        assert 'class="wrong"' in administrator.post("/accounts", data=data).get_data(as_text=True)
    assert "own account" in administrator.post("/accounts/root/disable").get_data(as_text=True)
    assert administrator.post("/accounts/nobody/reset").status_code == 404


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "root", "role": "viewer"}, "该名称的账号已存在"),
        ({"name": "Ana/Ben", "role": "viewer"}, "不能含“/”"),
        ({"name": "..", "role": "viewer"}, "不能含“/”"),
        ({"name": "n" * 121, "role": "viewer"}, "最多 120 个字符"),
        ({"name": "carla", "role": "crew"}, "须选择所属班组"),
        ({"name": "carla", "role": "crew", "crew": "nobody"}, "须选择所属班组"),
        ({"name": "carla", "role": "viewer", "crew": "crew-1"}, "只有班组角色"),
    ],
)
def test_why_an_account_is_not_made_is_said_in_the_readers_words_and_what_was_typed_stays(
    administrator: FlaskClient, data: dict[str, str], said: str
) -> None:
    told = administrator.post("/accounts?lang=zh-CN", data=data).get_data(as_text=True)
    assert said in told
    assert f'value="{data["name"]}"' in told
    assert 'class="secret"' not in told


def test_an_old_account_whose_name_has_a_slash_can_still_be_shut(
    administrator: FlaskClient, store: Store
) -> None:
    Accounts(store).add("Ana/Ben", "viewer", OWN)
    assert administrator.post("/accounts/Ana%2FBen/disable").status_code == 200
    assert sign_in(administrator.application.test_client(), "Ana/Ben", OWN) == 401


def test_only_the_administrator_sees_accounts(client: FlaskClient, store: Store) -> None:
    Accounts(store).add("sue", "supervisor", OWN)
    sign_in(client, "sue", OWN)
    assert client.get("/accounts").status_code == 403
    assert client.get("/audit").status_code == 200


def test_the_journal_is_shown_newest_first_and_filtered(administrator: FlaskClient, store: Store) -> None:
    text = administrator.get("/audit").get_data(as_text=True)
    numbers = [int(each) for each in re.findall(r'<td class="num">(\d+)</td>', text)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == store.last_seq()
    only = administrator.get("/audit?subject=R4").get_data(as_text=True)
    assert "A wire is lying" in only
    assert re.findall(r'<td class="num">(\d+)</td>', only) == ["4"]
    assert (
        len(re.findall(r'<td class="num">', administrator.get("/audit?before=3").get_data(as_text=True))) == 2
    )


def test_a_system_gets_a_token_that_can_be_taken_back(administrator: FlaskClient, store: Store) -> None:
    made = administrator.post("/accounts/tokens", data={"name": "city app", "role": "intake", "days": "30"})
    who = {"Authorization": f"Bearer {secret(made.get_data(as_text=True))}"}
    program = administrator.application.test_client()
    sent = {"words": "no light", "customer": "C05"}
    assert program.post("/api/v1/requests", json=sent, headers=who).status_code == 201
    assert "city app" in administrator.get("/accounts").get_data(as_text=True)
    administrator.post("/accounts/tokens/city app/revoke")
    assert program.post("/api/v1/requests", json=sent, headers=who).status_code == 401
    assert administrator.post("/accounts/tokens/city app/revoke").status_code == 404
    for name, role in (("", "intake"), ("root", "intake"), ("x", "crew"), ("x", "king")):
        data = {"name": name, "role": role}
        assert 'class="wrong"' in administrator.post("/accounts/tokens", data=data).get_data(as_text=True)


def test_a_changed_password_ends_the_sessions_of_the_old_one(client: FlaskClient, store: Store) -> None:
    Accounts(store).add("ana", "dispatcher", OWN)
    thief = client.application.test_client()
    assert sign_in(client, "ana", OWN) == sign_in(thief, "ana", OWN) == 302
    client.post("/password", data={"old": OWN, "new": OWN + " two", "again": OWN + " two"})
    assert client.get("/").status_code == 200
    assert thief.get("/").status_code == 302


def test_sessions_outlive_a_restart(store: Store) -> None:
    assert Accounts(store).keepsake("session key") == Accounts(store).keepsake("session key")
    assert len(Accounts(store).keepsake("session key")) == 64


def test_the_form_offers_every_role_and_the_chosen_one_is_made(
    administrator: FlaskClient, store: Store
) -> None:
    page = administrator.get("/accounts").get_data(as_text=True)
    form = page[page.index('name="role"') :].split("</select>")[0]
    assert re.findall(r'value="([^"]+)"', form) == list(ROLES)
    for role in ROLES:
        crew = "crew-1" if role == "crew" else ""
        sent = {"name": f"a {role}", "role": role, "crew": crew}
        assert secret(administrator.post("/accounts", data=sent).get_data(as_text=True))
        assert Accounts(store).find(f"a {role}").role == role


def test_a_crew_comes_from_its_first_sign_in_to_its_own_route(client: FlaskClient, store: Store) -> None:
    Accounts(store).add("crew one", "crew", "given to them", crew="crew-1", once=True)
    sign_in(client, "crew one", "given to them")
    assert client.get("/").headers["Location"] == "/password"
    changed = client.post("/password", data={"old": "given to them", "new": OWN, "again": OWN})
    assert changed.headers["Location"] == "/crews/crew-1"
    page = client.get("/crews/crew-1")
    assert page.status_code == 200
    assert client.get("/").headers["Location"] == "/crews/crew-1"
    linked = set(re.findall(r'href="(/[^"?#]*)', page.get_data(as_text=True)))
    refused = {path for path in linked if client.get(path).status_code >= 400}
    assert refused == set()
