"""What a watcher sees of a server, and what it does not see."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget
from dispatch.room import Room, RoomOptions, open_room
from tests.prepared import empty_store, small_case
from web.app import create_app
from web.server.logs import JsonLines, PlainLines, set_up_logs


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    made = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=200)))
    yield made
    made.end()


@pytest.fixture
def client(room: Room) -> FlaskClient:
    return create_app(room.desk).test_client()


def test_health_and_readiness_need_no_account(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"], answer.json["reasons"]) == (200, True, [])


def test_a_server_that_is_being_stopped_is_alive_and_not_ready(client: FlaskClient) -> None:
    ending = client.application.extensions["gridcrew_ending"] = Event()
    ending.set()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reasons"]) == (503, ["ending"])


def test_a_server_without_its_database_is_not_ready(client: FlaskClient, room: Room, tmp_path: Path) -> None:
    room.desk.store.engine.dispose()
    for file in tmp_path.glob("day.sqlite*"):
        file.unlink()
    (tmp_path / "day.sqlite").mkdir()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reasons"]) == (503, ["database"])
    (tmp_path / "day.sqlite").rmdir()


def test_figures_are_for_this_machine_and_for_systems_with_a_token(client: FlaskClient, room: Room) -> None:
    here = client.get("/metrics")
    assert here.status_code == 200
    assert "gridcrew_events_total" in here.text
    assert "gridcrew_open_orders" in here.text
    assert 'gridcrew_requests_total{endpoint="health.metrics"' in client.get("/metrics").text
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", environ_base=elsewhere).status_code == 403
    # A proxy on this machine speaks for somebody else.
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    tokens = {role: room.accounts.issue_token(f"system {role}", role) for role in ("viewer", "dispatcher")}
    for role, expected in (("viewer", 200), ("dispatcher", 403)):
        head = {"Authorization": f"Bearer {tokens[role]}"}
        assert client.get("/metrics", environ_base=elsewhere, headers=head).status_code == expected


def test_every_answer_names_its_request_and_a_proxy_may_name_it(client: FlaskClient) -> None:
    own = client.get("/healthz").headers["X-Request-Id"]
    assert len(own) == 16
    assert client.get("/healthz").headers["X-Request-Id"] != own
    given = {"X-Request-Id": "from-the-proxy-1"}
    assert client.get("/healthz", headers=given).headers["X-Request-Id"] == "from-the-proxy-1"
    odd = {"X-Request-Id": "a b; c"}
    assert client.get("/healthz", headers=odd).headers["X-Request-Id"] != "a b; c"


def test_a_log_line_holds_the_route_and_the_request_but_no_query(client: FlaskClient, caplog) -> None:
    with caplog.at_level(logging.INFO, "gridcrew.access"):
        client.get("/sign-in?next=/requests?phone=13900001111", headers={"X-Request-Id": "watched-1"})
    (record,) = [each for each in caplog.records if each.name == "gridcrew.access"]
    told = json.loads(JsonLines().format(record))
    assert (told["route"], told["status"], told["request"]) == ("/sign-in", 200, "watched-1")
    assert "13900001111" not in json.dumps(told)
    assert "[watched-1]" in PlainLines().format(record)


def test_logs_go_to_standard_error_in_the_chosen_form(capsys) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        set_up_logs("warning", "json")
        logging.getLogger("gridcrew.planner").warning("the planner %s", "is gone")
        logging.getLogger("gridcrew.planner").info("not said")
        (line,) = capsys.readouterr().err.splitlines()
        assert json.loads(line)["message"] == "the planner is gone"
    finally:
        root.handlers[:] = before
        root.setLevel(level)
