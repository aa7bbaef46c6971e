"""Neighbours, meters and breakers over HTTP, and what the board shows of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.intake import load_case
from dispatch.live import Budget, Desk, Entry, Who
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from tests.dispatch.live.street import write_street
from web.app import create_app

ANA = Who(name="ana")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    case = load_case(write_street(tmp_path / "case"))
    return open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk).test_client()


@pytest.fixture
def dispatcher(store: Store) -> dict[str, str]:
    return bearer(store, "ana", "dispatcher")


def bearer(store: Store, name: str, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {Accounts(store).issue_token(name, role)}"}


@pytest.fixture
def doubtful(desk: Desk) -> str:
    """Four homes of one main have called, of the other none."""
    for number in (1, 2, 3, 4):
        at = desk.clock() - timedelta(minutes=20 - 4 * number)
        desk.calls.log(Entry(words="no light", received_at=at, customer=f"M2a-{number}"), ANA)
    return next(each.id for each in desk.shelf.propose(ANA).outages)


def test_neighbours_are_named_with_their_numbers_and_their_answer_is_kept(
    client: FlaskClient, dispatcher: dict[str, str], doubtful: str, desk: Desk
) -> None:
    path = f"/api/v1/outages/{doubtful}/neighbours"
    first = client.get(path, headers=dispatcher).json
    assert first is not None
    row = first["neighbours"][0]
    assert row["phone"].startswith("+56")
    assert (row["named"], row["answer"]) == ("M2a", None)
    said = {"customer": row["customer"], "supply": "off"}
    after = client.post(path, json=said, headers=dispatcher).json
    assert after is not None
    told = next(each for each in after["neighbours"] if each["customer"] == row["customer"])
    assert (told["answer"], told["by"]) == ("off", "ana")
    assert [each["place"] for each in desk.rows("signs")] == [row["customer"]]


@pytest.mark.parametrize("role", ["planner", "viewer", "intake", "administrator"])
def test_telephone_numbers_are_for_those_who_phone(
    client: FlaskClient, store: Store, doubtful: str, role: str
) -> None:
    path, other = f"/api/v1/outages/{doubtful}/neighbours", bearer(store, role, role)
    assert client.get(path, headers=other).status_code == 403
    assert client.post(path, json={"customer": "M2b-1", "supply": "on"}, headers=other).status_code == 403
    assert client.get(path).status_code == 401


def test_an_answer_that_makes_no_sense_is_refused(
    client: FlaskClient, dispatcher: dict[str, str], doubtful: str
) -> None:
    path = f"/api/v1/outages/{doubtful}/neighbours"
    unclear, unknown = {"customer": "M2b-1", "supply": "maybe"}, {"customer": "H99", "supply": "on"}
    for said, status in ((unclear, 400), (unknown, 409)):
        assert client.post(path, json=said, headers=dispatcher).status_code == status
    assert client.get("/api/v1/outages/O-none/neighbours", headers=dispatcher).status_code == 409


def test_a_head_end_brings_gasps_once_for_one_key(client: FlaskClient, store: Store, desk: Desk) -> None:
    headers = bearer(store, "head-end", "intake") | {"Idempotency-Key": "1"}
    sent = {"signs": [{"kind": "last_gasp", "place": each} for each in ("M5-1", "M5-2")]}
    first = client.post("/api/v1/signs", json=sent, headers=headers)
    again = client.post("/api/v1/signs", json=sent, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == {"heard": 2, "known": True}
    assert len([each for each in store.events_after(0) if each.kind == "signs_heard"]) == 1
    assert {each["actor"] for each in desk.rows("signs")} == {"head-end"}


def test_all_faults_of_a_list_of_signs_are_answered_at_once(client: FlaskClient, store: Store) -> None:
    headers = bearer(store, "head-end", "intake")
    unread = {"signs": [{"kind": "gasp", "place": "M1-1"}, {"kind": "tripped", "place": "", "att": 1}]}
    answer = client.post("/api/v1/signs", json=unread, headers=headers)
    assert answer.status_code == 400
    assert answer.json is not None
    assert len(answer.json["error"]["faults"]) == 3
    unknown = {"signs": [{"kind": "tripped", "place": "BR-9"}, {"kind": "supply_on", "place": "H99"}]}
    answer = client.post("/api/v1/signs", json=unknown, headers=headers)
    assert answer.status_code == 400
    assert answer.json is not None
    faults = " ".join(answer.json["error"]["faults"])
    assert "no switching device 'BR-9'" in faults
    assert "no customer, transformer or main 'H99'" in faults


def test_more_signs_than_one_list_may_hold_are_refused(client: FlaskClient, store: Store) -> None:
    sent = {"signs": [{"kind": "supply_on", "place": "M1-1"}] * 5001}
    answer = client.post("/api/v1/signs", json=sent, headers=bearer(store, "head-end", "intake"))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "role"), [("signs", "intake"), ("rulebook/try", "planner"), ("requests", "dispatcher")]
)
def test_a_body_that_is_nested_without_an_end_is_no_body(
    client: FlaskClient, store: Store, path: str, role: str
) -> None:
    headers = bearer(store, "attacker", role) | {"Content-Type": "application/json"}
    for body in ("[" * 100_000, '{"signs":' * 100_000):
        answer = client.post(f"/api/v1/{path}", data=body, headers=headers)
        assert answer.status_code < 500


def test_an_outage_that_only_the_proposal_knows_opens_on_the_board(
    client: FlaskClient, dispatcher: dict[str, str], doubtful: str, desk: Desk
) -> None:
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    desk.calls.log(Entry(words="no light", received_at=desk.clock(), customer="M5-1"), ANA)
    new = next(each.id for each in desk.shelf.propose(ANA).outages if each.id != doubtful)
    assert client.get(f"/api/v1/outages/{new}", headers=dispatcher).status_code == 200
    assert client.get("/api/v1/outages/O-none", headers=dispatcher).status_code == 404


def test_a_main_is_called_a_main(
    client: FlaskClient, dispatcher: dict[str, str], doubtful: str, desk: Desk
) -> None:
    (main,) = [each for each in desk.shelf.propose(ANA).outages if each.component == "lv_main"]
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    for language, word in (("en", "Low-voltage main"), ("zh-CN", "低压干线")):
        page = client.get(f"/outages?lang={language}", headers=dispatcher).text
        assert f"{word} {main.fault.place}" in page


def test_how_estimates_held_is_told_on_the_page_of_outages(
    client: FlaskClient, dispatcher: dict[str, str], doubtful: str, desk: Desk
) -> None:
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    assert "Accuracy of estimates" in client.get("/outages", headers=dispatcher).text
    for to in ("on_site", "restored"):
        seen = next(row["version"] for row in desk.rows("orders") if row["id"] == doubtful)
        desk.work.move_order(doubtful, to, ANA, seen=seen)
    page = client.get("/outages", headers=dispatcher).text
    assert "100%" in page


def test_the_page_lists_what_to_ask_now_and_takes_the_answer(
    client: FlaskClient, dispatcher: dict[str, str], doubtful: str, desk: Desk
) -> None:
    page = client.get("/outages", headers=dispatcher).text
    assert "Ask now" in page
    assert "+56 51 300 0001" in page
    assert "M2a or T2" in page
    said = {"outage": doubtful, "customer": "M2b-1", "supply": "off"}
    assert client.post("/outages/answer", data=said, headers=dispatcher).status_code == 302
    assert [(row["place"], row["kind"]) for row in desk.rows("signs")] == [("M2b-1", "supply_off")]
    assert "+56 51 300 0001" not in client.get("/outages", headers=dispatcher).text
    wrong = client.post("/outages/answer", data=said | {"supply": "maybe"}, headers=dispatcher)
    assert wrong.status_code == 404


def test_who_may_not_phone_customers_sees_no_questions(
    client: FlaskClient, store: Store, doubtful: str
) -> None:
    page = client.get("/outages", headers=bearer(store, "vi", "viewer"))
    assert doubtful in page.text
    assert "+56 51 300 0001" not in page.text
    assert 'id="ask"' not in page.text
