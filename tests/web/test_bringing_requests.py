"""Requests by file and by Open311, while the day runs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from dispatch.store.tables import requests
from tests.prepared import empty_store, small_case
from web.app import create_app

HEADER = "id,received_at,words,customer,address,lon,lat,phone"
GOOD = "A1,2026-07-14T18:20:00-04:00,no light,C05,,,,"
ALSO_GOOD = "A2,2026-07-14T18:21:00-04:00,没电了,,Fir Avenue 9,,,+56 2"
BAD = ("B1,yesterday,no light,C05,,,,", "B2,2026-07-14T18:22:00-04:00,,C99,,-71.2,,")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = empty_store(tmp_path / "day.sqlite")
    yield store
    store.close()


@pytest.fixture
def client(store: Store, tmp_path: Path) -> FlaskClient:
    case = small_case()
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    app = create_app(desk)
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def portal(store: Store) -> dict[str, str]:
    return {"Authorization": f"Bearer {Accounts(store).issue_token('portal', 'intake')}"}


def csv_of(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


def post(client: FlaskClient, body: bytes, who: dict[str, str], query: str = "", kind: str = "text/csv"):
    return client.post(f"/api/v1/requests/upload{query}", data=body, headers=who, content_type=kind)


def count(store: Store) -> int:
    return len(store.rows(requests))


def test_a_file_is_logged_once_however_often_it_is_sent(
    client: FlaskClient, store: Store, portal: dict[str, str]
) -> None:
    before = count(store)
    first = post(client, csv_of(GOOD, ALSO_GOOD), portal).json
    again = post(client, csv_of(GOOD, ALSO_GOOD), portal).json
    assert first["new"] == 2
    assert again["new"] == 0
    assert [row["id"] for row in first["logged"]] == [row["id"] for row in again["logged"]]
    assert [row["row"] for row in first["logged"]] == [2, 3]
    assert count(store) == before + 2
    assert store.differing() == []


def test_a_bad_row_keeps_the_whole_file_out_and_every_fault_is_told(
    client: FlaskClient, store: Store, portal: dict[str, str]
) -> None:
    before = count(store)
    answer = post(client, csv_of(GOOD, *BAD), portal)
    assert answer.status_code == 400
    faults = " ".join(answer.json["error"]["faults"])
    for text in ("row 3", "received_at", "row 4", "words", "C99", "lat"):
        assert text in faults
    assert count(store) == before


def test_the_good_rows_are_taken_when_that_is_asked_for(
    client: FlaskClient, store: Store, portal: dict[str, str]
) -> None:
    answer = post(client, csv_of(GOOD, *BAD, ALSO_GOOD), portal, "?take=good").json
    assert [row["row"] for row in answer["logged"]] == [2, 5]
    assert len(answer["faults"]) >= 3


def test_two_systems_may_number_their_rows_alike(client: FlaskClient, portal: dict[str, str]) -> None:
    first = post(client, csv_of(GOOD), portal, "?origin=north").json
    other = post(client, csv_of(GOOD), portal, "?origin=south").json
    assert first["new"] == other["new"] == 1


def test_no_system_takes_the_rows_of_another_for_its_own(
    client: FlaskClient, store: Store, portal: dict[str, str]
) -> None:
    mine = {"Authorization": f"Bearer {Accounts(store).issue_token('scada', 'intake')}"}
    squat = post(client, csv_of(GOOD.replace("no light", "a question")), mine, "?origin=portal").json
    told = post(client, csv_of(GOOD), portal).json
    assert (squat["new"], told["new"], told["faults"]) == (1, 1, [])
    assert post(client, csv_of(GOOD), mine, "?origin=portal").json["new"] == 0


def test_an_excel_file_is_read_as_a_csv_file_is(client: FlaskClient, portal: dict[str, str]) -> None:
    book = openpyxl.Workbook()
    for row in (HEADER.split(","), GOOD.split(",")):
        book.active.append([cell or None for cell in row])
    body = io.BytesIO()
    book.save(body)
    assert post(client, body.getvalue(), portal, kind=EXCEL).json["new"] == 1


def bomb() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 40 * 2**20)
    return body.getvalue()


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"", "text/csv", "is empty"),
        (b"\xff\xfe\x00", "text/csv", "body"),
        (b"PK\x03\x04 not a workbook", EXCEL, "not an Excel workbook"),
        (bomb(), EXCEL, "unpacks to more than the limit"),
        (csv_of() + b"\n" + b"x" * 9 * 2**20, "text/csv", "the limit"),
        (csv_of(*[GOOD] * 20_001), "text/csv", "the limit is 20000"),
        (b"nonsense,words\n1,2", "text/csv", "unknown column"),
    ],
)
def test_hostile_files_are_refused_in_words(
    client: FlaskClient, portal: dict[str, str], body: bytes, kind: str, said: str
) -> None:
    answer = post(client, body, portal, "?take=good", kind)
    assert answer.status_code == 400
    assert said in " ".join(answer.json["error"]["faults"]).replace("requests.", "body.")


def test_other_kinds_of_files_are_not_taken(client: FlaskClient, portal: dict[str, str]) -> None:
    assert post(client, b"{}", portal, kind="application/json").status_code == 415


@pytest.mark.parametrize(
    ("language", "said", "row"),
    [("en", "Nothing was logged.", "row 3"), ("zh-CN", "没有登记任何报修。", "第 3 行")],
)
def test_the_page_says_what_became_of_a_file_in_both_languages(
    client: FlaskClient, store: Store, language: str, said: str, row: str
) -> None:
    Accounts(store).add("ana", "dispatcher", "a long enough one")
    client.post("/sign-in", data={"name": "ana", "password": "a long enough one"})
    sent = {"file": (io.BytesIO(csv_of(GOOD, *BAD)), "calls.csv"), "take": "all"}
    answer = client.post(f"/requests/upload?lang={language}", data=sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert row in answer.text
    sent = {"file": (io.BytesIO(csv_of(GOOD, *BAD)), "../../calls.csv"), "take": "good"}
    assert client.post("/requests/upload", data=sent).status_code == 200
    assert client.post("/requests/upload", data={}).status_code == 400


PLACE = {"lat": "-29.9082", "long": "-71.2558"}


def test_open311_names_its_services_to_everybody(client: FlaskClient) -> None:
    listed = client.get("/open311/v2/services.json").json
    assert {"service_code", "service_name", "metadata", "type"} <= set(listed[0])
    assert client.get("/open311/v2/services/outage.json").json["attributes"] == []
    missing = client.get("/open311/v2/services/snow.json")
    assert (missing.status_code, missing.json[0]["code"]) == (404, 404)


def test_open311_takes_a_request_and_tells_what_became_of_it(client: FlaskClient, store: Store) -> None:
    key = Accounts(store).issue_token("city app", "intake")
    sent = {"api_key": key, "service_code": "outage", "description": "whole street dark", **PLACE}
    posted = client.post("/open311/v2/requests.json", data=sent)
    assert posted.status_code == 201
    id_ = posted.json[0]["service_request_id"]
    assert client.post("/open311/v2/requests.json", data=sent).json == posted.json
    found = client.get(f"/open311/v2/requests/{id_}.json?api_key={key}").json
    assert (found[0]["status"], found[0]["service_code"]) == ("open", "outage")
    assert found[0]["lat"] == pytest.approx(-29.9082)
    listed = client.get(f"/open311/v2/requests.json?api_key={key}&status=open").json
    assert [each["service_request_id"] for each in listed] == [id_]
    assert client.get(f"/open311/v2/requests.json?api_key={key}&service_code=hazard").json == []


def test_open311_forgets_an_equal_request_once_it_is_closed(client: FlaskClient, store: Store) -> None:
    key = Accounts(store).issue_token("city app", "intake")
    sent = {"api_key": key, "service_code": "outage", "account_id": "C05"}
    first = client.post("/open311/v2/requests.json", data=sent).json[0]["service_request_id"]
    with store.writing() as connection:
        connection.execute(requests.update().where(requests.c.id == first).values(open=0))
    second = client.post("/open311/v2/requests.json", data=sent)
    assert second.status_code == 201
    assert second.json[0]["service_request_id"] != first


def test_open311_shows_a_system_its_own_requests_alone(client: FlaskClient, store: Store) -> None:
    key = Accounts(store).issue_token("city app", "intake")
    other = Accounts(store).issue_token("other app", "intake")
    sent = {"api_key": key, "service_code": "outage", "account_id": "C05"}
    id_ = client.post("/open311/v2/requests.json", data=sent).json[0]["service_request_id"]
    assert client.get(f"/open311/v2/requests/{id_}.json?api_key={other}").status_code == 404
    assert client.get(f"/open311/v2/requests.json?api_key={other}").json == []


def test_open311_says_every_fault_in_its_own_form(client: FlaskClient, store: Store) -> None:
    key = Accounts(store).issue_token("city app", "intake")
    for sent, said in (
        ({"service_code": "outge", **PLACE}, "did you mean 'outage'"),
        ({"service_code": "outage"}, "address_string"),
        ({"service_code": "outage", "lat": "95", "long": "x"}, "lat"),
    ):
        answer = client.post("/open311/v2/requests.json", data={"api_key": key, **sent})
        assert answer.status_code == 400
        assert said in " ".join(each["description"] for each in answer.json)
    refused = client.post("/open311/v2/requests.json", data={"api_key": "wrong", "service_code": "outage"})
    assert (refused.status_code, refused.json[0]["code"]) == (401, 401)


def test_a_system_that_brings_requests_learns_nothing_of_customers(
    client: FlaskClient, portal: dict[str, str]
) -> None:
    logged = client.post("/api/v1/requests", json={"words": "no light", "customer": "C05"}, headers=portal)
    assert (logged.status_code, logged.json["customer"]) == (201, {})
    for path in ("requests", "work-orders", "customers?q=a", "board", "state"):
        assert client.get(f"/api/v1/{path}", headers=portal).status_code == 403


def test_two_systems_may_use_the_same_key(client: FlaskClient, store: Store, portal: dict[str, str]) -> None:
    other = {"Authorization": f"Bearer {Accounts(store).issue_token('other', 'intake')}"}
    ids = {
        client.post("/api/v1/requests", json={"words": "x"}, headers=who | {"Idempotency-Key": "1"}).json[
            "id"
        ]
        for who in (portal, other, portal)
    }
    assert len(ids) == 2
