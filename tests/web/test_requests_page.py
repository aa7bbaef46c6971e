"""The page of requests over HTTP: found, corrected, linked, and shown to each role as far as it may."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Entry, Who
from dispatch.room import RoomOptions, open_room
from dispatch.store import Event, Store
from dispatch.store.accounts import Accounts
from dispatch.store.request_list import GROUPS
from tests.small_case import corner, write_small_case
from tests.web.small_room import small_desk
from web.app import create_app

ANA = Who(name="ana")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    desk = small_desk(store)
    desk.shelf.propose(ANA)
    desk.shelf.publish(1, ANA)
    return desk


@pytest.fixture
def client(desk: Desk, store: Store) -> FlaskClient:
    return create_app(desk).test_client()


@pytest.fixture
def dispatcher(store: Store) -> dict[str, str]:
    return bearer(store, "dispatcher")


def bearer(store: Store, role: str, language: str = "en") -> dict[str, str]:
    token = Accounts(store).issue_token(f"a {role} {language}", role)
    return {"Authorization": f"Bearer {token}", "Accept-Language": language}


def listed(client: FlaskClient, headers: dict[str, str], query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/v1/request-list?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json  # type: ignore[assignment]
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [row["id"] for row in found["requests"]]


def log(desk: Desk, words: str, **told: Any) -> str:
    return desk.calls.log(Entry(words=words, received_at=desk.clock(), **told), ANA).id


def test_what_waits_for_a_person_comes_first_then_what_is_open_then_what_ended(
    client: FlaskClient, desk: Desk, dispatcher: dict[str, str]
) -> None:
    call = log(desk, "it is all dark here")
    gone = log(desk, "meter broken", customer="C05")
    body = {"seen": 1, "withdrawn": True, "reason": "rang off"}
    assert client.patch(f"/api/v1/requests/{gone}", json=body, headers=dispatcher).status_code == 200
    found = listed(client, dispatcher)
    groups = [row["group"] for row in found["requests"]]
    assert (ids(found)[0], ids(found)[-1]) == (call, gone)
    assert groups == sorted(groups, key=GROUPS.index)
    assert found["requests"][0]["next"]["code"] == "place"
    assert "Find out where it is" in found["requests"][0]["next"]["text"]
    assert found["counts"] == {name: groups.count(name) for name in GROUPS}


def test_pages_follow_each_other_without_gap_or_repeat(
    client: FlaskClient, desk: Desk, dispatcher: dict[str, str]
) -> None:
    for number in range(9):
        log(desk, f"it is all dark here {number}")
    log(desk, "a wire is down")
    whole = ids(listed(client, dispatcher, "most=200"))
    found: list[str] = []
    after = ""
    while after is not None:
        part = listed(client, dispatcher, f"most=3&after={after}" if after else "most=3")
        found += ids(part)
        after = part["next"]
    assert found == whole
    assert len(set(found)) == len(found) == 16


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("R5", {"R5"}),
        ("Mora", {"R1", "R6"}),
        ("juan mora six", {"R1"}),
        ("Fir Avenue 11", {"R2"}),
        ("whole street", {"R2"}),
        ("+56 51 200 0010", {"R2"}),
        ("０５１２０００００９", {"R1", "R6"}),
        ("95550101", {"R4"}),
        ("W-R5", {"R5"}),
        ("家里", {"R6"}),
        ("nothing like that", set()),
    ],
)
def test_a_request_is_found_by_number_name_address_words_and_telephone(
    client: FlaskClient, dispatcher: dict[str, str], asked: str, expected: set[str]
) -> None:
    answer = client.get("/api/v1/request-list", query_string={"q": asked}, headers=dispatcher)
    assert answer.json is not None
    assert {row["id"] for row in answer.json["requests"]} == expected


def test_a_place_given_by_the_api_makes_an_order_of_words_alone(
    client: FlaskClient, desk: Desk, dispatcher: dict[str, str]
) -> None:
    call = log(desk, "it is all dark here")
    lon, lat = corner(3, 2)
    for send in (client.patch, client.post):
        seen = client.get(f"/api/v1/requests/{call}", headers=dispatcher).json["version"]  # type: ignore[index]
        body = {"seen": seen, "lon": lon, "lat": lat, "address": "Third Street 40"}
        assert send(f"/api/v1/requests/{call}", json=body, headers=dispatcher).json == {"version": 2}
    desk.shelf.propose(ANA)
    row = client.get(f"/api/v1/requests/{call}/whole", headers=dispatcher).json
    assert row is not None
    assert row["order"]
    assert [each["what"] for each in row["history"] if each["kind"] == "request_changed"] == ["edited"]
    changed = next(each["changes"] for each in row["history"] if each["kind"] == "request_changed")
    assert {"name": "lon", "was": None, "to": lon} in changed


def test_whoever_comes_second_hears_who_was_first(
    client: FlaskClient, desk: Desk, dispatcher: dict[str, str], store: Store
) -> None:
    call, path = log(desk, "it is all dark here"), "/api/v1/requests/R000007"
    assert path.endswith(call)
    other = bearer(store, "supervisor")
    assert client.patch(path, json={"seen": 1, "words": "dark"}, headers=other).status_code == 200
    late = client.patch(path, json={"seen": 1, "words": "darker"}, headers=dispatcher)
    assert late.status_code == 409
    assert late.json is not None
    assert (late.json["error"]["by"], late.json["error"]["version"]) == ("a supervisor en", 2)


def test_faults_are_answered_in_sentences(
    client: FlaskClient, desk: Desk, dispatcher: dict[str, str]
) -> None:
    path = f"/api/v1/requests/{log(desk, 'it is all dark here')}"
    wrong = client.patch(path, json={"seen": 1, "words": "", "wrods": "x", "lat": 95}, headers=dispatcher)
    assert wrong.status_code == 400
    for body, code in (
        ({"customer": "C99"}, "unknown_customer"),
        ({"kind": "nonsense"}, "unknown_kind"),
        ({"order": "O-9"}, "unknown_order"),
        ({"same_as": "R9"}, "unknown_request"),
        ({"withdrawn": True}, "reason_missing"),
        ({"lon": 1.0}, "half_place"),
    ):
        answer = client.patch(path, json={"seen": 1, **body}, headers=dispatcher)
        assert answer.status_code == 409, body
        assert answer.json is not None
        assert answer.json["error"]["reason"] == code
    assert client.patch("/api/v1/requests/R9", json={"seen": 1}, headers=dispatcher).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "planner", "administrator"])
def test_only_those_who_call_back_see_customers_and_numbers(
    client: FlaskClient, desk: Desk, store: Store, dispatcher: dict[str, str], role: str
) -> None:
    call = log(desk, "no power", customer="C09", phone="+56 9 5550 7777")
    client.patch(f"/api/v1/requests/{call}", json={"seen": 1, "phone": "+56 9 5550 8888"}, headers=dispatcher)
    headers = bearer(store, role)
    paths = ("request-list", f"requests/{call}", f"requests/{call}/whole", "requests")
    texts = [client.get(f"/api/v1/{path}", headers=headers).text for path in paths]
    texts.append(client.get("/requests", headers=headers).text)
    for secret in ("C09", "Juan Mora", "5550 7777", "5550 8888", "555507777", "555508888"):
        assert [text for text in texts if secret in text] == [], secret
    for asked in ("Mora", "5550 8888", "C09"):
        found = client.get("/api/v1/request-list", query_string={"q": asked}, headers=headers).json
        assert found is not None
        assert found["requests"] == []
    change = client.patch(f"/api/v1/requests/{call}", json={"seen": 2, "words": "x"}, headers=headers)
    assert change.status_code == 403


def test_a_hundred_thousand_requests_are_still_a_page_at_a_time(
    client: FlaskClient, desk: Desk, store: Store, dispatcher: dict[str, str]
) -> None:
    from sqlalchemy import insert

    from dispatch.store.tables import requests

    at = desk.clock()
    row = {"received_at": at, "words": "no power in the street", "channel": "phone", "open": 0, "version": 1}
    row |= {"linked": 0, "withdrawn": 0, "desk": 0, "digits": "56912345678", "order_id": "O-old"}
    with store.writing() as connection:
        connection.execute(insert(requests), [row | {"id": f"Q{number:06d}"} for number in range(100_000)])
    store.record(Event(at=at, actor="a", source="test", kind="noted", subject="x"))
    found = listed(client, dispatcher, "group=ended&most=50")
    assert (len(found["requests"]), found["counts"]["ended"]) == (50, 100_000)
    assert ids(listed(client, dispatcher, "q=Q054321")) == ["Q054321"]


def test_the_page_says_what_is_next_in_chinese(client: FlaskClient, desk: Desk, store: Store) -> None:
    log(desk, "it is all dark here")
    found = listed(client, bearer(store, "dispatcher", "zh-CN"))
    assert found["requests"][0]["next"]["text"].startswith("核实地点")


def test_what_waits_is_handed_over_to_the_next_shift(
    client: FlaskClient, desk: Desk, dispatcher: dict[str, str]
) -> None:
    call = log(desk, "it is all dark here")
    page = client.get("/shift/handover", headers=dispatcher).text
    assert "Requests without an order (1)" in page
    assert call in page
    assert "Find out where it is" in page


def test_a_customer_without_an_address_is_found_by_the_nearest_street(tmp_path: Path, store: Store) -> None:
    folder = write_small_case(tmp_path / "case")
    table = folder / "customers.csv"
    table.write_text(table.read_text().replace("Elm Avenue 4,", ",").replace("Hugo Paz,", ","))
    case = load_case(folder)
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    log(desk, "meter broken", customer="C05")
    log(desk, "no power, only my flat", customer="C07")
    desk.shelf.propose(ANA)
    desk.shelf.publish(1, ANA)
    client, headers = create_app(desk).test_client(), bearer(store, "supervisor")
    for path in ("api/v1/board", "shift/handover", "outages", "crews/crew-1", "crews/crew-2", "requests"):
        # The catalogue of words that goes with a page may hold the English word.
        text = re.sub(r"<script.*?</script>", "", client.get(f"/{path}", headers=headers).text, flags=re.S)
        assert not re.search(r"\bNone\b|\bnan\b|\bNaN\b", text), path
    assert all(card.address for card in desk.day().cards.values() if not card.remote)
