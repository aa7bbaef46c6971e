"""Pages of the customer desk beside complaints: each opens in both languages with what a demo begins with."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient

from dispatch.live import Desk
from dispatch.live.service.demo import begin_demo
from dispatch.store import Store
from dispatch.store.purge import purge
from tests.web.small_room import bearer
from web.app import create_app
from web.people.said import untold

PAGES = (
    "/appointments",
    "/guarantees",
    "/negotiations",
    "/connections",
    "/shortage",
    "/inspections",
    "/quality",
    "/performance",
    "/watch",
    "/days",
)
LINKS = re.compile(r'href="(/(?:guarantees|negotiations|connections)/[A-Z]-[^"]+)"')
EVENT: dict[str, Any] = {
    "name": "Examination",
    "begins": "2026-07-24T08:00:00-04:00",
    "ends": "2026-07-24T18:00:00-04:00",
    "level": 1,
    "feeders": ["BR-1"],
    "customers": ["C06"],
}
TALK: dict[str, Any] = {
    "plan": "P-1",
    "reason": "new poles",
    "opened": ["RC-1"],
    "times": [{"begins": "2026-07-24T09:00:00-04:00", "ends": "2026-07-24T12:00:00-04:00"}],
}


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk).test_client()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_page_and_all_that_it_links_to_opens_with_the_demo(
    client: FlaskClient, store: Store, desk: Desk, language: str
) -> None:
    begin_demo(desk)
    desk.service.days.look()
    sup = bearer(store, "sup", "supervisor", language)
    for path in PAGES:
        page = client.get(path, headers=sup)
        assert page.status_code == 200, path
        for link in set(LINKS.findall(page.text)):
            assert client.get(link, headers=sup).status_code == 200, link
            assert client.get(f"/api/v1{link}", headers=sup).status_code == 200, link
    assert store.differing() == []
    with client.application.test_request_context("/"):
        g.language = language
        assert {(event.kind, each) for event in store.events_after(0) for each in untold(event)} == set()


def test_an_event_is_planned_inspected_and_closed_by_api(client: FlaskClient, store: Store) -> None:
    sup, dis = bearer(store, "sup", "supervisor"), bearer(store, "dis", "dispatcher")
    id_ = client.post("/api/v1/guarantees", json=EVENT, headers=sup).get_json()["id"]
    again = client.post("/api/v1/guarantees", json={**EVENT, "name": "Concert"}, headers=sup)
    assert (again.status_code, f"{id_} (Examination)" in again.text) == (409, True)
    assert client.post("/api/v1/guarantees", json={**EVENT, "level": 9}, headers=sup).status_code == 400
    assert client.post("/api/v1/guarantees", json=EVENT, headers=dis).status_code == 403
    body = {"act": "check", "seen": 1, "check": 1, "note": "hot connector"}
    assert client.post(f"/api/v1/guarantees/{id_}", json=body, headers=dis).status_code == 200
    whole = client.get(f"/api/v1/guarantees/{id_}", headers=dis).get_json()
    assert (whole["left"], whole["checks"][0]["finding"]) == (2, "hot connector")
    assert [each["act"] for each in whole["history"]] == ["check", "opened"]


def test_a_planned_outage_on_a_guaranteed_feeder_is_refused_to_dispatchers(
    client: FlaskClient, store: Store
) -> None:
    sup, dis = bearer(store, "sup", "supervisor"), bearer(store, "dis", "dispatcher")
    client.post("/api/v1/guarantees", json=EVENT, headers=sup)
    body = {"id": "P-9", "transformers": ["T1"], "reason": "poles", "despite": "the pole would fall"}
    body |= {"begins": "2026-07-24T09:00:00-04:00", "ends": "2026-07-24T12:00:00-04:00"}
    refused = client.post("/api/v1/planned-outages", json=body, headers=dis)
    assert (refused.status_code, "under guarantee" in refused.text) == (409, True)
    assert client.post("/api/v1/planned-outages", json=body, headers=sup).status_code == 201
    form = {"id": "P-10", "start": "2026-07-24T09:00", "end": "2026-07-24T12:00", "opened": "RC-1"}
    assert "is under guarantee for Examination" in client.post("/planned", data=form, headers=dis).text


def test_a_talk_goes_its_road_by_api(client: FlaskClient, store: Store) -> None:
    sup, mei = bearer(store, "sup", "supervisor"), bearer(store, "mei", "service")
    assert client.post("/api/v1/negotiations", json=TALK, headers=mei).status_code == 403
    id_ = client.post("/api/v1/negotiations", json=TALK, headers=sup).get_json()["id"]
    said = {"act": "answer", "seen": 1, "customer": "C06", "answer": "generator", "option": 1, "way": "phone"}
    assert client.post(f"/api/v1/negotiations/{id_}", json=said, headers=mei).status_code == 200
    settle = {"act": "settle", "seen": 2, "option": 1}
    assert client.post(f"/api/v1/negotiations/{id_}", json=settle, headers=mei).status_code == 403
    assert client.post(f"/api/v1/negotiations/{id_}", json=settle, headers=sup).status_code == 200
    whole = client.get(f"/api/v1/negotiations/{id_}", headers=mei).get_json()
    assert (whole["state"], whole["announced"], whole["reached"]) == ("announced", ["P-1"], 1)
    assert client.post("/api/v1/negotiations", json={**TALK, "times": []}, headers=sup).status_code == 400


def test_who_may_not_see_customers_sees_none_of_them(client: FlaskClient, store: Store) -> None:
    sup, vera = bearer(store, "sup", "supervisor"), bearer(store, "vera", "viewer")
    event = client.post("/api/v1/guarantees", json=EVENT, headers=sup).get_json()["id"]
    talk = client.post("/api/v1/negotiations", json=TALK, headers=sup).get_json()["id"]
    for path in (f"/guarantees/{event}", f"/negotiations/{talk}"):
        assert "South Clinic" in client.get(path, headers=sup).text, path
        for kept in (path, f"/api/v1{path}"):
            assert "South Clinic" not in client.get(kept, headers=vera).text, kept


def test_what_ended_long_ago_is_forgotten_and_counted(client: FlaskClient, store: Store, desk: Desk) -> None:
    begin_demo(desk)
    sup = bearer(store, "sup", "supervisor")
    later = desk.clock() + timedelta(days=1)
    purge(store, later, later, "admin")
    for path in PAGES:
        for state in ("", "?state=closed", "?state=cancelled", "?state=done", "?state=kept"):
            assert client.get(path + state, headers=sup).status_code in (200, 400), path
    told = client.get("/api/v1/guarantees?state=closed", headers=sup).get_json()
    assert told["forgotten"] + len(told["guarantees"]) <= 1
    assert store.differing() == []


def test_days_are_planned_moved_and_kept_free_by_api(client: FlaskClient, store: Store) -> None:
    sup, mei = bearer(store, "sup", "supervisor"), bearer(store, "mei", "service")
    assert client.post("/api/v1/days", json={}, headers=mei).status_code == 403
    seen = client.post("/api/v1/days", json={}, headers=sup).get_json()["seen"]
    whole = client.get("/api/v1/days", headers=mei).get_json()
    assert (whole["seen"], len(whole["days"])) == (seen, 5)
    day = whole["days"][0]["day"]
    body = {"day": day, "reason": "all crews to the coast", "seen": seen}
    assert client.post("/api/v1/days/close", json=body, headers=mei).status_code == 403
    later = client.post("/api/v1/days/close", json=body, headers=sup).get_json()["seen"]
    again = client.post("/api/v1/days/close", json=body, headers=sup)
    assert (again.status_code, later > seen) == (409, True)
    move = {"subject": "R999999", "day": day, "reason": "why", "seen": later}
    refused = client.post("/api/v1/days/move", json=move, headers=sup)
    assert (refused.status_code, "No visit R999999" in refused.text) == (409, True)


def test_what_is_owed_is_listed_handed_over_and_counted(
    client: FlaskClient, store: Store, desk: Desk
) -> None:
    begin_demo(desk)
    sup, vera = bearer(store, "sup", "supervisor"), bearer(store, "vera", "viewer")
    rows = client.get("/api/v1/watch", headers=sup).get_json()
    assert rows["total"] == len(rows["rows"]) > 20
    assert {"complaint", "connection", "danger", "urging"} <= {each["kind"] for each in rows["rows"]}
    late = client.get("/api/v1/watch?state=late", headers=sup).get_json()
    assert late["total"] == rows["sums"]["late"]
    one = next(each for each in rows["rows"] if each["kind"] == "connection")
    body = {"kind": "connection", "to": "sup", "seen": one["version"], "reason": "on leave"}
    path = f"/api/v1/matters/{one['subject']}/owner"
    assert client.post(path, json=body, headers=vera).status_code == 403
    assert client.post(path, json=body, headers=sup).status_code == 200
    assert client.post(path, json={**body, "kind": "danger"}, headers=sup).status_code == 409
    # Whoever answers for an order must not hand its check over and judge it.
    assert client.post(path, json={**body, "kind": "quality"}, headers=sup).status_code == 400
    for page in ("/shift/handover", "/mine", "/requests"):
        assert 'class="service-due' in client.get(page, headers=sup).text, page


def test_who_may_not_see_customers_sees_none_of_them_on_the_new_pages(
    client: FlaskClient, store: Store, desk: Desk
) -> None:
    begin_demo(desk)
    desk.service.days.look()
    sup, vera = bearer(store, "sup", "supervisor"), bearer(store, "vera", "viewer")
    for path in ("/watch", "/days"):
        assert "South Clinic" in client.get(path, headers=sup).text, path
        for kept in (path, f"/api/v1{path}"):
            assert "South Clinic" not in client.get(kept, headers=vera).text, kept


def test_what_comes_again_is_listed_with_what_was_done(client: FlaskClient, store: Store) -> None:
    sup = bearer(store, "sup", "supervisor")
    for _ in range(2):
        body = {"words": "rude", "customer": "C05", "kind": "complaint"}
        client.post("/api/v1/requests", json=body, headers=sup)
    nothing = {"kind": "complaint", "whose": "C11", "note": "rang"}
    assert client.post("/api/v1/repeats", json=nothing, headers=sup).status_code == 409
    told = {"kind": "complaint", "whose": "C05", "note": "the crew was trained"}
    assert client.post("/api/v1/repeats", json=told, headers=sup).status_code == 200
    (again,) = client.get("/api/v1/repeats", headers=sup).get_json()["repeats"]
    assert (again["whose"], again["done"], again["done_by"]) == ("C05", "the crew was trained", "sup")
    assert client.get("/api/v1/performance", headers=sup).get_json()["crews"]["promises"] == []
