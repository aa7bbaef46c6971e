"""Owners over HTTP: who may hand a request over, what is refused and in which words."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from dispatch.live import Desk
from dispatch.store import Store
from tests.web.small_room import Headers, bearer
from web.app import create_app


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk).test_client()


def log(client: FlaskClient, headers: Headers, **more: str) -> str:
    answer = client.post("/api/v1/requests", json={"words": "no power", **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def hand(client: FlaskClient, headers: Headers, id_: str, **body: object) -> tuple[int, str]:
    answer = client.post(f"/api/v1/requests/{id_}/owner", json=body, headers=headers)
    return answer.status_code, answer.text


def test_the_customer_desk_takes_calls_and_hands_them_over(client: FlaskClient, store: Store) -> None:
    mei, jie = bearer(store, "mei", "service"), bearer(store, "jie", "manager")
    id_ = log(client, mei, customer="C05")
    assert hand(client, mei, id_, to="jie", seen="mei")[0] == 409
    assert hand(client, mei, id_, to="jie", seen="mei", reason="her customer")[0] == 200
    found = client.get("/api/v1/request-list?owner=jie", headers=jie).get_json()
    assert [(row["id"], row["owner"], row["phone"]) for row in found["requests"]] == [
        (id_, "jie", "+56 51 200 0005")
    ]


def test_what_a_system_brings_waits_for_a_person(client: FlaskClient, store: Store) -> None:
    gate, mei = bearer(store, "gate", "intake"), bearer(store, "mei", "service")
    id_ = log(client, gate)
    named = log(client, gate, taken_by="Chen Jie")
    found = client.get("/api/v1/request-list?nobody=true&most=200", headers=mei).get_json()["requests"]
    assert id_ in {row["id"] for row in found}
    assert named not in {row["id"] for row in found}
    assert hand(client, gate, id_, to="mei")[0] == 403
    assert hand(client, bearer(store, "vera", "viewer"), id_, to="mei")[0] == 403
    assert hand(client, mei, id_, to="mei")[0] == 200


def test_a_refusal_says_who_has_it_in_the_reader_s_language(client: FlaskClient, store: Store) -> None:
    mei, jie = bearer(store, "mei", "service"), bearer(store, "jie", "manager", "zh-CN")
    id_ = log(client, mei)
    status, text = hand(client, jie, id_, to="jie")
    assert status == 409
    assert f"{id_}现由mei负责" in text.encode().decode("unicode_escape") or "负责" in text
    status, text = hand(client, mei, id_, to="planner", seen="mei", reason="gone")
    assert status == 409
    assert "Nobody in the office is called planner." in text


def test_nobody_reads_the_name_of_a_program_as_responsible(client: FlaskClient, store: Store) -> None:
    ben = bearer(store, "ben", "dispatcher")
    client.post("/api/v1/plans/proposal", json={}, headers=ben)
    client.post("/api/v1/plans/1/publish", json={}, headers=ben)
    page = client.get("/shift/handover", headers=ben).text
    assert "<td>ben</td>" in page
    assert ">planner<" not in page
