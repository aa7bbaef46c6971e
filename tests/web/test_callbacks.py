"""Asking whether supply is back: the list, a link, a text message; "no" opens the outage again."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.live import Budget, Desk, Who, answer_callback, due_callbacks
from dispatch.live.callbacks import answer_in, digits, reply_mark, request_of_mark
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.app import create_app

KEY = "a key that signs links"
GATEWAY = {"Authorization": "Bearer a secret that is long enough"}
ANA = Who(name="ana")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_case()


@pytest.fixture
def desk(case: Any, tmp_path: Path) -> Desk:
    store = empty_store(tmp_path / "day.sqlite")
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    desk.shelf.propose(ANA)
    desk.shelf.publish(1, ANA)
    order = next(each for each in desk.day().orders if each.outage and each.requests)
    for state in ("on_site", "done"):
        desk.work.report(f"{order.id}/repair", state, ANA, crew="crew-1")
    return desk


@pytest.fixture
def app(desk: Desk) -> Flask:
    Accounts(desk.store).add("eva", "supervisor", "a long enough one")
    app = create_app(desk, secret_key=KEY)
    app.config["REPLY_SECRET"] = GATEWAY["Authorization"].split(maxsplit=1)[1]
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_in(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    data = {"name": "eva", "password": "a long enough one", "csrf_token": token[1]}
    assert client.post("/sign-in", data=data).status_code == 302


def asked(desk: Desk) -> dict[str, Any]:
    return due_callbacks(desk)[0]


def state(desk: Desk, order: str) -> str:
    return str(next(row["state"] for row in desk.rows("orders") if row["id"] == order))


def press(client: FlaskClient, path: str, answer: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert token is not None
    return client.post(path, data={"answer": answer, "csrf_token": token[1]})


def test_the_list_names_who_to_call_and_where(desk: Desk) -> None:
    row = asked(desk)
    assert row["phone"].startswith("+56 51")
    assert row["name"]
    assert "Avenue" in row["address"]


def test_a_link_takes_a_no_and_opens_the_order_again(client: FlaskClient, desk: Desk) -> None:
    row = asked(desk)
    path = f"/reply/{reply_mark(KEY, row['request'])}"
    page = client.get(path).get_data(as_text=True)
    assert row["request"] in page
    assert row["name"] not in page
    assert press(client, path, "no").status_code == 200
    assert state(desk, row["order_id"]) == "accepted"
    assert desk.store.differing() == []


def test_a_link_of_somebody_elses_making_opens_nothing(client: FlaskClient, desk: Desk) -> None:
    request = asked(desk)["request"]
    for mark in (f"{request}.{'0' * 24}", reply_mark("another key", request), request, "x", "."):
        assert client.get(f"/reply/{mark}").status_code == 404
    assert client.get("/reply/%00.").status_code == 400, "no text at all"
    assert request_of_mark(KEY, reply_mark(KEY, request)) == request
    assert client.post(f"/reply/{reply_mark(KEY, request)}", data={"answer": "no"}).status_code == 400


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_link_asks_in_the_customers_language(client: FlaskClient, desk: Desk, language: str) -> None:
    path = f"/reply/{reply_mark(KEY, asked(desk)['request'])}"
    page = client.get(path, headers={"Accept-Language": language}).get_data(as_text=True)
    assert ("现在有电了吗" in page) == (language == "zh-CN")


@pytest.mark.parametrize(
    ("text", "answer"), [("NO", "no"), (" 否。", "no"), ("Yes!", "yes"), ("maybe", None)]
)
def test_a_text_message_is_understood_or_kept(text: str, answer: str | None) -> None:
    assert answer_in(text) == answer


def test_a_gateway_hands_on_what_customers_write(client: FlaskClient, desk: Desk) -> None:
    row = asked(desk)
    body = {"sender": "0" + digits(row["phone"]), "text": "否"}
    assert client.post("/api/v1/replies", json=body).status_code in (400, 401)
    wrong = {"Authorization": "Bearer guess"}
    assert client.post("/api/v1/replies", json=body, headers=wrong).status_code == 401
    taken = client.post("/api/v1/replies", json=body, headers=GATEWAY)
    assert taken.json == {"understood": "no"}
    assert state(desk, row["order_id"]) == "accepted"
    stranger = {"sender": "+86 10 9999 9999", "text": "no"}
    assert client.post("/api/v1/replies", json=stranger, headers=GATEWAY).json == {"understood": None}


def test_without_a_secret_no_gateway_is_heard(client: FlaskClient, app: Flask) -> None:
    app.config["REPLY_SECRET"] = ""
    body = {"sender": "123", "text": "no"}
    assert client.post("/api/v1/replies", json=body, headers={"Authorization": "Bearer "}).status_code == 401


def test_a_second_no_leaves_the_crew_that_is_on_its_way_alone(client: FlaskClient, desk: Desk) -> None:
    rows = [row for row in due_callbacks(desk) if row["order_id"] == asked(desk)["order_id"]]
    assert len(rows) > 1
    press(client, f"/reply/{reply_mark(KEY, rows[0]['request'])}", "no")
    seen = next(row["version"] for row in desk.rows("orders") if row["id"] == rows[0]["order_id"])
    desk.work.move_order(rows[0]["order_id"], "dispatched", ANA, seen=seen, crew="crew-1")
    press(client, f"/reply/{reply_mark(KEY, rows[1]['request'])}", "no")
    assert state(desk, rows[0]["order_id"]) == "dispatched"


def test_a_no_for_an_order_that_was_put_away_is_a_new_request(desk: Desk) -> None:
    row = asked(desk)
    # Ended by the office and opened anew at the same place: the old order is history.
    for ended in ("closed", "callback_done"):
        seen = next(each["version"] for each in desk.rows("orders") if each["id"] == row["order_id"])
        desk.work.move_order(row["order_id"], ended, ANA, seen=seen)
    desk.note("order_opened", row["order_id"], {"place": None}, ANA)
    answer_callback(desk, row["request"], "no", ANA)
    again = [each for each in desk.rows("requests") if each["channel"] == "callback"]
    assert [each["words"] for each in again] == [row["words"]]
    assert state(desk, row["order_id"]) == "received", "the new order is left as it is"


def test_the_weekly_report_is_a_page_and_a_file(client: FlaskClient, desk: Desk) -> None:
    assert client.get("/promises").status_code == 302
    sign_in(client)
    day = f"{desk.clock():%Y-%m-%d}"
    page = client.get(f"/promises?from={day}&to={day}").get_data(as_text=True)
    assert "P3" in page
    assert "on site" in page.lower()
    table = client.get(f"/promises.csv?from={day}&to={day}").get_data(as_text=True)
    assert table.startswith("\ufeffarea,class,promise,kept,missed")
    chinese = client.get(f"/promises.csv?from={day}&to={day}&lang=zh-CN").get_data(as_text=True)
    assert "兑现率" in chinese
    for query in ("from=x", "from=2026-07-20&to=2026-07-01", "from=2000-01-01&to=2026-07-01"):
        assert client.get(f"/promises?{query}").status_code == 400
    assert client.get("/promises").status_code == 200


def test_the_command_writes_the_same_report(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dispatch.cli import main

    url = str(desk.store.engine.url)
    day = f"{desk.clock():%Y-%m-%d}"
    last = f"{desk.clock() + timedelta(days=1):%Y-%m-%d}"
    command = ["report", "promises", "--database", url, "--from", day, "--to", last]
    zone = ["--time-zone", "America/Santiago"]
    assert main([*command, *zone, "--csv", str(tmp_path / "p.csv"), "--language", "zh"]) == 0
    assert "到达现场" in capsys.readouterr().out
    assert (tmp_path / "p.csv").read_bytes().startswith("\ufeff区域".encode())
    assert main(["report", "promises", "--database", url, "--time-zone", "Mars"]) == 2
    assert main([*command[:6], "--to", "2020-01-01"]) == 2
