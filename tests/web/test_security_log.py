"""Sessions that the server can end, and the log of what happened at the door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from dispatch.store.security import Noted, SecurityLog
from tests.prepared import empty_store, small_case
from web.app import create_app
from web.entrance import refusals
from web.entrance.refusals import Lately

SECRET = "a long enough one"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    book = Accounts(store)
    book.add("ana", "dispatcher", SECRET)
    book.add("root", "administrator", SECRET)
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=50))).desk
    app = create_app(desk)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    store.close()


def browser(app: Flask, name: str, password: str = SECRET) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in", data={"name": name, "password": password})
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/api/v1/health").status_code == 200


def log_of(app: Flask) -> list[Noted]:
    return SecurityLog(app.extensions["gridcrew_desk"].store).page(100)


def test_a_copied_cookie_opens_nothing_after_signing_out(app: Flask) -> None:
    own, thief = browser(app, "ana"), app.test_client()
    cookie = own.get_cookie("gridcrew_session")
    assert cookie is not None
    thief.set_cookie("gridcrew_session", cookie.value)
    assert is_in(own)
    assert is_in(thief)
    own.post("/sign-out")
    assert not is_in(own)
    assert not is_in(thief)
    own.set_cookie("gridcrew_session", cookie.value)
    assert not is_in(own)


def test_signing_out_everywhere_ends_every_session_of_that_account_alone(app: Flask) -> None:
    one, other, root = browser(app, "ana"), browser(app, "ana"), browser(app, "root")
    assert one.post("/sign-out/everywhere").status_code == 302
    assert [is_in(each) for each in (one, other, root)] == [False, False, True]


def test_an_administrator_ends_sessions(app: Flask) -> None:
    ana, root = browser(app, "ana"), browser(app, "root")
    assert ana.post("/accounts/ana/sign-out").status_code == 403
    page = root.post("/accounts/ana/sign-out")
    assert page.status_code == 200
    assert [is_in(each) for each in (ana, root)] == [False, True]
    assert is_in(browser(app, "ana"))


def test_a_changed_password_ends_the_other_sessions(app: Flask) -> None:
    one, other = browser(app, "ana"), browser(app, "ana")
    one.post("/password", data={"old": SECRET, "new": "another one, longer", "again": "another one, longer"})
    assert [is_in(one), is_in(other)] == [True, False]


def test_the_log_says_what_happened_and_no_secret(app: Flask) -> None:
    ana, root = browser(app, "ana"), browser(app, "root")
    browser(app, "ana", "wrong password 1")
    browser(app, "my password 1234", "ana")
    ana.get("/api/v1/customers?q=Ana")
    ana.get("/api/v1/customers/C01")
    page = ana.post("/phones/crew-1", data={"pin": "4711"}).text
    code = re.search(r"/phone/enter#([\w-]+)", page)
    assert code is not None
    root.post("/accounts/tokens", data={"name": "hotline", "role": "intake"})
    ana.post("/sign-out")
    log = log_of(app)
    found = {(each.what, each.name) for each in log}
    assert {
        ("signed_in", "ana"),
        ("signed_in", "root"),
        ("sign_in_failed", "ana"),
        ("sign_in_failed", "?"),
        ("customer_search", "ana"),
        ("customer_opened", "ana"),
        ("phone_link_made", "ana"),
        ("token_issued", "root"),
        ("signed_out", "ana"),
    } <= found
    said = str(log)
    assert "C01" in said
    assert not [each for each in (SECRET, "my password", "wrong password", code[1], "4711") if each in said]


def test_administrators_alone_read_the_log(app: Flask) -> None:
    ana, root = browser(app, "ana"), browser(app, "root")
    assert ana.get("/security").status_code == 403
    page = root.get("/security").text
    assert "<td>ana</td>" in page
    assert "Signed in" in page
    assert "<td>ana</td>" not in root.get("/security?name=root&what=signed_in").text


def refused(app: Flask) -> list[tuple[str, str, str]]:
    return [(each.what, each.name, each.note) for each in log_of(app) if each.what.endswith("_refused")]


def test_a_token_that_is_none_and_a_closed_door_are_written_down_once_a_minute(app: Flask) -> None:
    now = [1_800_000_000.0]
    app.config["CLOCK"] = lambda: now[0]
    ana, stranger = browser(app, "ana"), app.test_client()
    wrong = {"Authorization": "Bearer not-a-token-of-ours"}
    for _ in range(5):
        assert stranger.get("/api/v1/state", headers=wrong).status_code == 401
        assert ana.get("/security").status_code == 403
        # Without a token somebody has only not signed in yet.
        assert stranger.get("/api/v1/state").status_code == 401
    assert sorted(refused(app)) == [
        ("access_refused", "ana", "GET /security"),
        ("token_refused", "?", "/api/v1/state"),
    ]
    assert "not-a-token" not in str(log_of(app))
    assert ana.get("/accounts").status_code == 403
    now[0] += 61
    stranger.get("/api/v1/state", headers=wrong)
    assert len(refused(app)) == 4


def test_what_is_not_of_a_crew_is_refused_to_it_and_written_down(app: Flask) -> None:
    book = Accounts(app.extensions["gridcrew_desk"].store)
    head = {"Authorization": f"Bearer {book.issue_token('phone', 'crew', crew='crew-1')}"}
    assert app.test_client().get("/crews/crew-2", headers=head).status_code == 403
    assert refused(app) == [("access_refused", "phone", "GET /crews/crew-2")]


def test_a_refusal_stands_when_it_cannot_be_written_down(app: Flask) -> None:
    ana, store = browser(app, "ana"), app.extensions["gridcrew_desk"].store
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE security")
    assert ana.get("/security").status_code == 403


def test_senders_without_end_take_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_KEPT", 3)
    lately = Lately()
    assert [lately.is_new((str(number),), 0.0) for number in range(5)] == [True, True, True, False, False]
    assert lately.is_new(("later",), 61.0)
