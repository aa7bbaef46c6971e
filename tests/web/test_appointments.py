"""Appointments over HTTP: slots, two callers at once, the page in both languages, what the demo shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Who
from dispatch.live.service.demo import begin_demo
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from tests.small_case import write_rostered_case
from tests.web.small_room import Headers, bearer
from web.app import create_app

ANA = Who(name="ana")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    case = load_case(write_rostered_case(tmp_path / "case"))
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    desk.shelf.propose(ANA)
    desk.shelf.publish(1, ANA)
    return desk


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk).test_client()


def asks(client: FlaskClient, headers: Headers, customer: str = "C12") -> str:
    body = {"words": "the meter is to be moved", "customer": customer, "kind": "metering"}
    return str(client.post("/api/v1/requests", json=body, headers=headers).get_json()["id"])


def slots(client: FlaskClient, headers: Headers, request: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/requests/{request}/slots", headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["slots"]
    return found


def test_of_two_callers_the_second_reads_a_sentence_and_gets_fresh_slots(
    client: FlaskClient, store: Store
) -> None:
    mei, jie = bearer(store, "mei", "service"), bearer(store, "jie", "service")
    one, other = asks(client, mei), asks(client, jie, "C11")
    mine = slots(client, mei, one)[0]
    assert mine["id"] in {each["id"] for each in slots(client, jie, other)}
    taken = client.post(f"/api/v1/requests/{one}/slots", json={"slot": mine["id"]}, headers=mei)
    assert (taken.status_code, taken.get_json()["id"]) == (201, f"A-{one}")
    second = client.post(f"/api/v1/requests/{other}/slots", json={"slot": mine["id"]}, headers=jie)
    assert second.status_code == 409
    assert "not free any more" in second.get_json()["error"]["text"]
    assert second.get_json()["slots"]
    assert mine["id"] not in {each["id"] for each in second.get_json()["slots"]}
    (row,) = client.get("/api/v1/appointments?state=agreed", headers=mei).get_json()["appointments"]
    assert (row["request"], row["owner"], row["crew"]) == (one, "mei", "crew-2")


def test_nonsense_is_refused_with_a_sentence(client: FlaskClient, store: Store) -> None:
    mei = bearer(store, "mei", "service")
    request = asks(client, mei)
    assert client.get("/api/v1/requests/R999999/slots", headers=mei).status_code == 409
    assert client.post(f"/api/v1/requests/{request}/slots", json={}, headers=mei).status_code == 400
    gone = {"state": "kept", "seen": 1}
    assert client.post("/api/v1/appointments/A-none", json=gone, headers=mei).status_code == 409
    vera = bearer(store, "vera", "viewer")
    slot = slots(client, mei, request)[0]["id"]
    assert (
        client.post(f"/api/v1/requests/{request}/slots", json={"slot": slot}, headers=vera).status_code == 403
    )


@pytest.mark.parametrize(("language", "title"), [("en", "Appointments"), ("zh-CN", "预约")])
def test_the_page_shows_what_was_agreed_and_free_slots(
    client: FlaskClient, store: Store, desk: Desk, language: str, title: str
) -> None:
    begin_demo(desk)
    mei = bearer(store, "mei", "service", language)
    request = asks(client, mei)
    page = client.get(f"/appointments?request={request}", headers=mei)
    assert page.status_code == 200, page.text
    assert f"<h1>{title}</h1>" in page.text
    assert f"A-{request}" not in page.text
    assert 'class="data slots"' in page.text
    assert store.differing() == []


def test_who_may_not_see_customers_sees_none_of_them(client: FlaskClient, store: Store) -> None:
    mei = bearer(store, "mei", "service")
    request = asks(client, mei)
    slot = slots(client, mei, request)[0]["id"]
    client.post(f"/api/v1/requests/{request}/slots", json={"slot": slot}, headers=mei)
    vera = bearer(store, "vera", "viewer")
    for path in ("/appointments", "/api/v1/appointments"):
        assert "Mia Pino" in client.get(path, headers=mei).text
        assert "Mia Pino" not in client.get(path, headers=vera).text
