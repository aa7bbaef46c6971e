"""A session ends when nobody has used it for a while, and after the longest shift in any case."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.app import create_app
from web.board.live import STREAM_S
from web.entrance.directory import Directory
from web.entrance.sessions import IDLE_S, LONGEST_S, NOTED_S

SECRET = "a long enough one"


@pytest.fixture
def now_s() -> list[float]:
    return [1_800_000_000.0]


@pytest.fixture
def signed_in(tmp_path: Path, now_s: list[float]) -> FlaskClient:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    book = Accounts(store)
    book.add("ana", "dispatcher", SECRET)
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    app = create_app(desk, accounts_book=Directory(book), clock=lambda: now_s[0])
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/sign-in", data={"name": "ana", "password": SECRET}).status_code == 302
    return client


def asked(client: FlaskClient) -> int:
    return client.get("/api/v1/health").status_code


def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends(
    signed_in: FlaskClient, now_s: list[float]
) -> None:
    for _ in range(3):
        now_s[0] += IDLE_S - 1
        assert asked(signed_in) == 200
    now_s[0] += IDLE_S + 1
    assert asked(signed_in) == 401
    now_s[0] -= IDLE_S
    assert asked(signed_in) == 401


def test_a_session_ends_after_the_longest_shift_however_much_it_is_used(
    signed_in: FlaskClient, now_s: list[float]
) -> None:
    ends = now_s[0] + LONGEST_S
    while now_s[0] + IDLE_S / 2 < ends:
        now_s[0] += IDLE_S / 2
        assert asked(signed_in) == 200
    now_s[0] = ends + 1
    assert asked(signed_in) == 401
    answer = signed_in.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/")


def test_an_open_stream_of_events_keeps_a_session(signed_in: FlaskClient, now_s: list[float]) -> None:
    for _ in range(4):
        now_s[0] += IDLE_S * 0.7
        stream = signed_in.get("/api/v1/events?as=state&after=0")
        assert stream.status_code == 200
        next(iter(stream.response))
        stream.close()


def test_a_stream_ends_soon_after_whoever_hears_it_was_shut_out(signed_in: FlaskClient) -> None:
    parts = iter(signed_in.get("/api/v1/events?as=state&after=0").response)
    next(parts)
    Accounts(signed_in.application.extensions["gridcrew_desk"].store).disable("ana")
    began = time.monotonic()
    assert list(parts)
    assert time.monotonic() - began < STREAM_S / 3


def test_not_every_answer_carries_a_cookie(signed_in: FlaskClient, now_s: list[float]) -> None:
    assert "Set-Cookie" not in signed_in.get("/api/v1/health").headers
    now_s[0] += NOTED_S
    assert "Set-Cookie" in signed_in.get("/api/v1/health").headers
    assert "Set-Cookie" not in signed_in.get("/api/v1/health").headers


def test_a_page_of_before_somebody_signed_in_again_says_so(signed_in: FlaskClient) -> None:
    """Two tabs: in one somebody signs out and in again, in the other stands a form of before."""
    signed_in.application.config["WTF_CSRF_ENABLED"] = True
    page = signed_in.get("/phones").text
    old = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert old is not None
    form = {"csrf_token": old[1]}
    assert signed_in.post("/sign-out", data=form).headers["Location"] == "/sign-in"
    # The other tab signs out too, and then in, by pages of before.
    assert signed_in.post("/sign-out", data=form).headers["Location"] == "/sign-in"
    again = signed_in.post("/sign-in", data={"name": "ana", "password": SECRET, "next": "/phones", **form})
    assert again.headers["Location"] == "/sign-in?next=/phones"
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', signed_in.get("/sign-in").text)
    assert fresh is not None
    told = {"name": "ana", "password": SECRET, "csrf_token": fresh[1]}
    assert signed_in.post("/sign-in", data=told).status_code == 302
    for form in ({"csrf_token": old[1]}, {}):
        answer = signed_in.post("/shift/handover", data={"note": "all quiet", **form})
        assert answer.status_code == 400
        assert "opened before the last sign-in" in answer.text


def test_files_and_the_sign_of_life_need_no_database_whoever_asks(
    signed_in: FlaskClient, tmp_path: Path
) -> None:
    signed_in.application.extensions["gridcrew_desk"].store.engine.dispose()
    for file in tmp_path.glob("day.sqlite*"):
        file.unlink()
    (tmp_path / "day.sqlite").mkdir()
    assert asked(signed_in) == 503
    assert signed_in.get("/static/css/base.css").status_code == 200
    assert signed_in.get("/healthz").status_code == 200
