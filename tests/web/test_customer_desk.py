"""The customer desk over HTTP: first pages by role, complaints, urging, managers, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.live import Desk
from dispatch.live.service.demo import begin_demo
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from dispatch.store.purge import purge
from tests.web.small_room import Headers, bearer
from web.app import create_app

PASSWORD = "a long password 1"
PAGES = ("/mine", "/complaints", "/my-customers", "/urging", "/shift/handover")
ANSWER = {
    "act": "answer",
    "text": "The crew was late; we are sorry.",
    "category": "supply",
    "cause": "repair_time",
    "upheld": "yes",
}


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk).test_client()


def complain(client: FlaskClient, headers: Headers, words: str = "I complain about the crew") -> str:
    body = {"words": words, "customer": "C05", "kind": "complaint"}
    answer = client.post("/api/v1/requests", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return f"K-{answer.get_json()['id']}"


def act(client: FlaskClient, headers: Headers, id_: str, **body: Any) -> tuple[int, str]:
    answer = client.post(f"/api/v1/complaints/{id_}", json=body, headers=headers)
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("role", "home"), [("service", "/mine"), ("manager", "/my-customers"), ("dispatcher", "/")]
)
def test_everybody_begins_at_the_page_of_the_role(
    client: FlaskClient, store: Store, role: str, home: str
) -> None:
    Accounts(store).add("mei", role, PASSWORD)
    form = client.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None
    told = {"name": "mei", "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/sign-in", data=told).headers["Location"] == home
    assert client.get(home).status_code == 200


def test_a_complaint_goes_its_road_by_api_and_ends_with_the_customer(
    client: FlaskClient, store: Store
) -> None:
    mei = bearer(store, "mei", "service")
    id_ = complain(client, mei)
    (row,) = client.get("/api/v1/complaints?owner=mei", headers=mei).get_json()["complaints"]
    assert (row["id"], row["level"], row["name"]) == (id_, 1, "Elm Bakery")
    status, text = act(client, mei, id_, act="word", seen=1, word="satisfied")
    assert (status, "no answer yet" in text) == (409, True)
    assert act(client, mei, id_, seen=1, **ANSWER)[0] == 200
    assert act(client, mei, id_, act="word", seen=2, word="dissatisfied", note="not enough")[0] == 200
    assert act(client, mei, id_, seen=3, **ANSWER)[0] == 200
    assert act(client, mei, id_, act="word", seen=4, word="satisfied")[0] == 200
    whole = client.get(f"/api/v1/complaints/{id_}", headers=mei).get_json()
    assert (whole["state"], whole["level"], whole["reopened"]) == ("closed", 2, 1)
    assert [each["act"] for each in whole["history"]].count("word") == 2


def test_nonsense_is_refused_with_a_sentence(client: FlaskClient, store: Store) -> None:
    mei = bearer(store, "mei", "service")
    id_ = complain(client, mei)
    assert act(client, mei, "K-nothing", act="note", seen=1, note="x")[0] == 409
    assert client.get("/api/v1/complaints/K-nothing", headers=mei).status_code == 404
    assert act(client, mei, id_, act="shout", seen=1)[0] == 400
    assert act(client, mei, id_, act="level", seen=1, level=9)[0] == 400
    assert act(client, mei, id_, act="link", seen=1, order="O-none")[0] == 409
    assert act(client, bearer(store, "vera", "viewer"), id_, act="note", seen=1, note="x")[0] == 403


def test_who_may_not_see_customers_sees_none_of_them(client: FlaskClient, store: Store) -> None:
    id_ = complain(client, bearer(store, "mei", "service"), "ring me at +56 51 200 0005")
    vera = bearer(store, "vera", "viewer")
    for path in (f"/api/v1/complaints/{id_}", "/api/v1/complaints", f"/complaints/{id_}", "/complaints"):
        text = client.get(path, headers=vera).text
        assert "Elm Bakery" not in text
        assert "200 0005" not in text


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_desk_opens_in_both_languages(
    client: FlaskClient, store: Store, path: str, language: str
) -> None:
    mei = bearer(store, "mei", "service", language)
    id_ = complain(client, mei)
    client.post("/api/v1/urgings", json={"subject": id_, "words": "now"}, headers=mei)
    page = client.get(path, headers=mei)
    assert page.status_code == 200, page.text
    assert client.get(f"/complaints/{id_}", headers=mei).status_code == 200


def test_urging_by_api_names_whom_and_is_answered(client: FlaskClient, store: Store) -> None:
    mei, sup = bearer(store, "mei", "service"), bearer(store, "sup", "supervisor")
    id_ = complain(client, mei)
    body = {"subject": id_, "words": "by noon", "supervision": True, "within_min": 30}
    assert client.post("/api/v1/urgings", json=body, headers=sup).status_code == 201
    (row,) = client.get("/api/v1/urgings?whom=mei", headers=mei).get_json()["urgings"]
    assert (row["way"], row["level"], row["answered_at"]) == ("supervision", 1, None)
    done = {"subject": id_, "answer": "rang the customer"}
    assert client.post("/api/v1/urgings/answer", json=done, headers=mei).status_code == 200
    assert client.post("/api/v1/urgings/answer", json=done, headers=mei).status_code == 409
    assert client.post("/api/v1/urgings", json={"subject": "X", "words": "?"}, headers=mei).status_code == 409


def test_a_second_call_urges_by_itself(client: FlaskClient, store: Store) -> None:
    mei, jie = bearer(store, "mei", "service"), bearer(store, "jie", "service")
    for headers in (mei, jie):
        body = {"words": "meter broken", "customer": "C05"}
        assert client.post("/api/v1/requests", json=body, headers=headers).status_code == 201
    (row,) = client.get("/api/v1/urgings", headers=jie).get_json()["urgings"]
    assert (row["whom"], row["way"]) == ("mei", "call")


def test_of_an_order_that_was_purged_the_page_says_that_only_its_times_are_left(
    client: FlaskClient, store: Store, desk: Desk
) -> None:
    mei, ana = bearer(store, "mei", "service"), bearer(store, "ana", "dispatcher")
    body = {"words": "meter broken", "customer": "C12", "kind": "metering"}
    request = client.post("/api/v1/requests", json=body, headers=mei).get_json()["id"]
    client.post("/api/v1/plans/proposal", json={}, headers=ana)
    client.post("/api/v1/plans/1/publish", json={}, headers=ana)
    withdrawn = {"seen": 1, "withdrawn": True, "reason": "works again"}
    assert client.patch(f"/api/v1/requests/{request}", json=withdrawn, headers=mei).status_code == 200
    id_ = complain(client, mei)
    assert act(client, mei, id_, act="link", seen=1, order=f"W-{request}")[0] == 200
    (linked,) = client.get(f"/api/v1/complaints/{id_}", headers=mei).get_json()["linked"]
    assert not linked["forgotten"]
    purge(store, desk.clock() + timedelta(days=1), desk.clock() + timedelta(days=2), "admin")
    (linked,) = client.get(f"/api/v1/complaints/{id_}", headers=mei).get_json()["linked"]
    assert linked["forgotten"]
    # The texts of all pages stand in the page too: the sentence is shown beside the order.
    page = client.get(f"/complaints/{id_}", headers=mei).text
    assert '<span class="wrong">What callers said of this order has been forgotten' in page


def test_a_demo_begins_with_complaints_managers_urging_and_an_index(
    client: FlaskClient, store: Store, desk: Desk
) -> None:
    begin_demo(desk)
    mei = bearer(store, "mei", "service")
    counts = client.get("/api/v1/complaints", headers=mei).get_json()["counts"]
    assert min(counts["open"], counts["answered"], counts["closed"]) > 2
    assert client.get("/api/v1/urgings", headers=mei).get_json()["urgings"]
    assert client.get("/api/v1/customer-index", headers=mei).get_json()["counts"]["listed"]
    (row,) = client.get("/api/v1/important-customers", headers=mei).get_json()["customers"]
    assert row["manager"]
    assert store.differing() == []


def test_managers_come_one_by_one_or_as_a_list(client: FlaskClient, store: Store) -> None:
    jie = bearer(store, "jie", "manager")
    bearer(store, "lei", "manager")
    rows = [{"customer": "C06", "person": "jie"}, {"customer": "C06", "person": "lei"}]
    answer = client.post("/api/v1/customer-managers", json={"rows": rows}, headers=jie)
    assert answer.status_code == 409
    assert "two managers" in answer.text
    assert client.post("/api/v1/customers/C06/manager", json={"to": "jie"}, headers=jie).status_code == 200
    answer = client.post("/api/v1/customers/C06/manager", json={"to": "lei"}, headers=jie)
    assert (answer.status_code, "jie looks after customer C06" in answer.text) == (409, True)
    (row,) = client.get("/api/v1/important-customers", headers=jie).get_json()["customers"]
    assert (row["id"], row["manager"], row["grade"]) == ("C06", "jie", "second")
    assert client.get("/api/v1/important-customers?whose=lei", headers=jie).get_json()["customers"] == []


def test_a_list_of_customers_that_is_cut_says_how_many_there_are_and_goes_on(
    client: FlaskClient, store: Store
) -> None:
    jie = bearer(store, "jie", "manager")
    rows = [{"customer": customer, "person": "jie"} for customer in ("C05", "C06", "C07")]
    assert client.post("/api/v1/customer-managers", json={"rows": rows}, headers=jie).status_code == 200
    found, after = [], ""
    while after is not None:
        asked = "/api/v1/important-customers?most=2" + (f"&after={after}" if after else "")
        told = client.get(asked, headers=jie).get_json()
        assert told["total"] == 3
        found += [each["id"] for each in told["customers"]]
        after = told["next"]
    assert sorted(found) == ["C05", "C06", "C07"]
    page = client.get("/my-customers?most=2", headers=jie).text
    assert "2 of 3 customers." in page
    assert "after=" in page
    assert "of 3 customers" not in client.get("/my-customers", headers=jie).text
    assert client.get("/api/v1/important-customers?most=501", headers=jie).status_code == 400


def test_what_is_wrong_with_a_form_is_said_in_words_of_the_page(client: FlaskClient, store: Store) -> None:
    mei = bearer(store, "mei", "service", "zh-CN")
    id_ = complain(client, mei)
    answer = client.post(f"/complaints/{id_}", data={"act": "shout", "seen": "1"}, headers=mei)
    assert answer.status_code == 409
    assert "pydantic" not in answer.text
    assert "validation error" not in answer.text
