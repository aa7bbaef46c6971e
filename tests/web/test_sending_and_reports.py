"""Unattended sending and reports of interruptions by API and as pages: who may, what is listed, files."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.live import Desk, Entry
from dispatch.live.book import PLANNER
from dispatch.store import Store
from tests.dispatch.live.conftest import ANA
from tests.web.small_room import bearer


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    from web.app import create_app

    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    app: Flask = create_app(desk)
    return app.test_client()


def test_a_supervisor_switches_sending_on_and_a_dispatcher_stops_it(
    client: FlaskClient, store: Store, desk: Desk
) -> None:
    sup, dis = bearer(store, "sup", "supervisor"), bearer(store, "dis", "dispatcher")
    asked = {"reason": "one dispatcher tonight", "hours": 8}
    assert client.post("/api/v1/unattended", json=asked, headers=dis).status_code == 403
    wrong = client.post("/api/v1/unattended", json={"reason": ""}, headers=sup)
    assert wrong.status_code in (400, 422)
    assert client.post("/api/v1/unattended", json=asked, headers=sup).get_json()["state"]["by"] == "sup"
    for customer in ("C12", "C06"):
        entry = Entry(words="meter", received_at=desk.clock(), customer=customer, kind="metering")
        desk.calls.log(entry, ANA)
    desk.shelf.propose(PLANNER)
    assert desk.service.unattended.look() == 1
    told = client.get("/api/v1/unattended", headers=dis).get_json()
    assert (told["sums"]["sent"], told["sent"][0]["in_time"]) == (1, True)
    assert [each["why"] for each in told["waiting"]] == ["by_rule"]
    state = client.get("/api/v1/state", headers=dis).get_json()
    assert (state["unattended"]["by"], state["unattended"]["sent"]) == ("sup", 1)
    for language, words in (("en", "the rules leave this kind"), ("zh-CN", "规则规定该类诉求")):
        headers = bearer(store, f"reader-{language}", "dispatcher", language)
        assert words in client.get("/unattended", headers=headers).get_data(as_text=True)
        handover = client.get("/shift/handover", headers=headers).get_data(as_text=True)
        assert told["sent"][0]["order"] in handover
    assert client.post("/api/v1/unattended/stop", headers=dis).get_json()["state"]["on"] is False
    assert client.get("/api/v1/state", headers=dis).get_json()["unattended"] is None


def test_an_interruption_is_reported_listed_and_sent_as_a_harmless_file(
    client: FlaskClient, store: Store, desk: Desk
) -> None:
    clerk, viewer = bearer(store, "mei", "service"), bearer(store, "vi", "viewer")
    told = client.get("/api/v1/supply-reports", headers=clerk).get_json()
    fault = next(row for row in told["rows"] if row["kind"] == "fault")
    assert fault["stages"][0]["state"] in ("due", "missing")
    address = f"/api/v1/supply-reports/{fault['id']}"
    sent = {"stage": "stop", "cause": "=cmd|' /C calc'!A0"}
    assert client.post(address, json=sent, headers=viewer).status_code == 403
    key = {**clerk, "Idempotency-Key": "one"}
    assert client.post(address, json=sent, headers=key).status_code == 200
    assert client.post(address, json=sent, headers=key).status_code == 200
    assert client.post("/api/v1/supply-reports/O-NO", json=sent, headers=clerk).status_code in (404, 409)
    assert client.post(address, json={"stage": "return"}, headers=clerk).status_code == 409
    rows = list(
        csv.reader(io.StringIO(client.get("/supply-reports.csv", headers=clerk).get_data(as_text=True)))
    )
    row = next(each for each in rows if each[0] == fault["id"])
    assert any(cell.startswith("'=cmd") for cell in row)
    assert not any(cell.startswith("=") for cell in row)
    page = client.get("/supply-reports?state=in_time", headers=clerk)
    assert page.status_code == 200
    assert client.get("/supply-reports?state=wrong", headers=clerk).status_code == 400
    zh = client.get("/supply-reports", headers=bearer(store, "jie", "service", "zh-CN"))
    assert "停电信息报送" in zh.get_data(as_text=True)
