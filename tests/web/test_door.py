"""What no request may hold, whatever route it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.intake import load_case
from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store
from tests.small_case import write_small_case
from web.app import create_app
from web.entrance.directory import Directory

HUGE = (10**20, 10**30, "9" * 5000)
EXTREME = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1900-01-01T00:00:00Z")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = write_small_case(tmp_path_factory.mktemp("case") / "case")
    case = load_case(folder)
    store = empty_store(tmp_path_factory.mktemp("door") / "day.sqlite")
    app = create_app(
        open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk,
        accounts_book=Directory(Accounts(store)),
    )
    app.config.update(RATE_LIMITS=False, CASE_FOLDER=folder)
    yield app
    store.close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def who(app: Flask) -> dict[str, str]:
    token = Accounts(app.extensions["gridcrew_desk"].store).issue_token("somebody", "supervisor")
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def crew(app: Flask) -> dict[str, str]:
    book = Accounts(app.extensions["gridcrew_desk"].store)
    return {"Authorization": f"Bearer {book.issue_token('a phone', 'crew', crew='crew-1')}"}


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x1b", "\x7f", "\ud800"], ids=lambda sign: f"{ord(sign):x}"
)
def test_a_control_character_is_refused_wherever_it_stands(
    client: FlaskClient, who: dict[str, str], sign: str
) -> None:
    body = {"words": "no light", "lon": -71.25, "lat": -29.9}
    found = {
        name: client.post("/api/v1/requests", json=body | {name: f"a{sign}b"}, headers=who).status_code
        for name in ("words", "address", "phone", "channel", "kind")
    }
    found["name"] = client.post("/api/v1/requests", json=body | {f"a{sign}": 1}, headers=who).status_code
    facts = {"stage": "class", "facts": {"deep": [{"in": f"a{sign}"}]}}
    found["deep"] = client.post("/api/v1/rulebook/try", json=facts, headers=who).status_code
    if sign < "\x80":
        found["query"] = client.get(f"/api/v1/requests?words=%{ord(sign):02x}", headers=who).status_code
        found["path"] = client.get(f"/api/v1/requests/a%{ord(sign):02x}b", headers=who).status_code
        form = {"service_code": "hazard", "description": f"a{sign}b", "address_string": "here"}
        found["form"] = client.post("/open311/v2/requests.json", data=form, headers=who).status_code
        table = f"id,received_at,words,lon,lat\nX1,2026-03-02T08:00:00Z,no{sign}light,-71.25,-29.9\n"
        found["csv"] = client.post(
            "/api/v1/requests/upload", data=table, content_type="text/csv", headers=who
        ).status_code
    assert all(400 <= status < 500 for status in found.values()), found


def test_words_about_a_control_character_are_words(client: FlaskClient, who: dict[str, str]) -> None:
    body = {"words": "the sign says \\u0000\n\tand \U0001f4a1 is out", "lon": -71.25, "lat": -29.9}
    assert client.post("/api/v1/requests", json=body, headers=who).status_code == 201


@pytest.mark.parametrize("number", HUGE, ids=lambda number: str(number)[:12])
def test_a_number_without_end_is_answered_4xx(
    app: Flask, client: FlaskClient, who: dict[str, str], number: Any
) -> None:
    """In every address and query that takes a number."""
    wrong = []
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    for path, methods in paths.items():
        for method, told in methods.items():
            for each in told.get("parameters", []):
                if '"integer"' not in str(each["schema"]).replace("'", '"'):
                    continue
                at = path.replace("{" + each["name"] + "}", str(number))
                at = at if each["in"] == "path" else f"{path}?{each['name']}={number}"
                answer = client.open(at.replace("{", "").replace("}", ""), method=method.upper(), headers=who)
                if not 400 <= answer.status_code < 500:
                    wrong.append((method, at[:80], answer.status_code))
                answer.close()
    for at in (
        "/audit?before={}",
        "/rulebook?version={}",
        "/rulebook/versions/{}",
        "/api/v1/events?after={}",
    ):
        status = client.get(at.format(number), headers=who).status_code
        if not 400 <= status < 500:
            wrong.append(("get", at, status))
    assert wrong == []


@pytest.mark.parametrize("number", [10**20, 10**400, "NaN", "Infinity", 1e308])
def test_a_number_in_a_body_is_answered_4xx(client: FlaskClient, who: dict[str, str], number: Any) -> None:
    wrong = {}
    for path, body in (
        ("/api/v1/work-orders/W-R1/state", '{"to": "accepted", "seen": %s}'),
        ("/api/v1/requests", '{"words": "no light", "lon": %s, "lat": 1}'),
        ("/api/v1/plans/routes", '{"routes": {}, "seen": %s}'),
        ("/api/v1/jobs/a/repair/estimate", '{"minutes": %s}'),
        ("/api/v1/phone/taps", '{"sent_at": %s, "taps": []}'),
    ):
        text = body % number
        answer = client.post(path, data=text, content_type="application/json", headers=who)
        if not 400 <= answer.status_code < 500:
            wrong[path] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("when", EXTREME)
def test_a_time_far_from_any_day_is_answered_4xx(
    client: FlaskClient, who: dict[str, str], crew: dict[str, str], when: str
) -> None:
    found = {
        "request": client.post(
            "/api/v1/requests",
            json={"words": "no light", "lon": 1, "lat": 1, "received_at": when},
            headers=who,
        ).status_code,
        "late": client.post(
            "/api/v1/found", json={"what": "late", "subject": "crew-1", "until": when}, headers=who
        ).status_code,
        "since": client.get("/api/v1/requests", query_string={"since": when}, headers=who).status_code,
        "open311": client.get(
            "/open311/v2/requests.json", query_string={"start_date": when}, headers=who
        ).status_code,
        "planned": client.post(
            "/api/v1/planned-outages",
            json={"id": "a", "transformers": ["T1"], "begins": when, "ends": when, "reason": "work"},
            headers=who,
        ).status_code,
        "signs": client.post(
            "/api/v1/signs", json={"signs": [{"kind": "last_gasp", "place": "C1", "at": when}]}, headers=who
        ).status_code,
        "sent_at": client.post(
            "/api/v1/phone/taps", json={"sent_at": when, "taps": []}, headers=crew
        ).status_code,
        "photo": client.put(
            "/api/v1/phone/photos/picture-1", query_string={"job": "a", "at": when}, data=b"x", headers=crew
        ).status_code,
    }
    assert all(400 <= status < 500 for status in found.values()), found


def test_one_tap_that_nobody_can_read_does_not_fail_its_batch(
    client: FlaskClient, crew: dict[str, str]
) -> None:
    at = datetime.now(UTC).isoformat()
    bad = [
        {"id": "bad-tap-1", "kind": "acknowledge", "at": at, "plan": 10**30},
        {"id": "bad-tap-2", "kind": "sign_on", "at": EXTREME[1]},
        {"id": "bad-tap-3", "kind": "report", "at": at, "job": "a", "to": "done", "minutes": 1e300},
        {"id": "bad-tap-4", "kind": 10**20, "at": at},
        {"id": 10**20, "kind": "sign_on", "at": at},
        {"id": "bad-tap-5", "kind": "position", "at": at, "lon": 1e30, "lat": 0},
    ]
    good = {"id": "good-tap-1", "kind": "sign_on", "at": at}
    answer = client.post("/api/v1/phone/taps", json={"sent_at": at, "taps": [*bad, good]}, headers=crew)
    assert answer.status_code == 200
    heard = answer.get_json()["heard"]
    assert [each["status"] for each in heard] == ["conflict"] * len(bad) + ["taken"]


@pytest.mark.parametrize(
    "where",
    [
        "/\t/evil.example",
        "/%09/evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "/\n/evil.example",
        "/\r\nLocation: https://evil.example",
        "/%0a/evil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "/%252Fevil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/\x00/evil.example",
        "evil.example",
    ],
)
def test_signing_in_leads_to_no_other_host(app: Flask, where: str) -> None:
    from web.entrance.accounts import own_path

    with app.test_request_context():
        found = own_path(where)
    assert found == "/"
    assert urlsplit(found).netloc == ""


def test_signing_in_leads_back_to_where_somebody_was(app: Flask) -> None:
    from web.entrance.accounts import own_path

    with app.test_request_context():
        for where in ("/crews/crew-1", "/audit?subject=%E4%B8%80&actor=a%20b", "/promises.csv"):
            assert own_path(where) == where


LOG = {"words": "no light", "lon": -71.25, "lat": -29.9}
SIGNS = {"signs": [{"kind": "supply_on", "place": "T1", "at": "2026-03-02T08:00:00+00:00"}]}


def test_a_key_belongs_to_one_body(client: FlaskClient, who: dict[str, str]) -> None:
    """The same again gets the first answer, however it was written, and another body none."""
    keyed = who | {"Idempotency-Key": "4711"}
    first = client.post("/api/v1/requests", json=LOG, headers=keyed)
    again = client.post(
        "/api/v1/requests",
        data='{ "lat": -29.9, "lon":-71.25, "words": "no light" }',
        content_type="application/json",
        headers=keyed,
    )
    other = client.post("/api/v1/requests", json=LOG | {"words": "a pole fell on a car"}, headers=keyed)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.get_json() == first.get_json() | {"known": True}
    assert other.get_json()["error"]["reason"] == "key_used"
    elsewhere = client.post("/api/v1/signs", json=SIGNS, headers=keyed)
    assert elsewhere.status_code == 409


def test_keys_that_are_equal_for_200_characters_are_two(client: FlaskClient, who: dict[str, str]) -> None:
    found = {
        client.post(
            "/api/v1/requests", json=LOG, headers=who | {"Idempotency-Key": "x" * 300 + end}
        ).get_json()["id"]
        for end in ("a", "b", "")
    }
    assert len(found) == 3


def test_what_was_refused_may_be_put_right_under_the_same_key(
    client: FlaskClient, who: dict[str, str]
) -> None:
    keyed = who | {"Idempotency-Key": "put right"}
    bad = client.post("/api/v1/requests", json=LOG | {"customer": "C-nobody"}, headers=keyed)
    assert bad.status_code == 409
    assert client.post("/api/v1/requests", json=LOG, headers=keyed).status_code == 201


def test_open311_keeps_keys_apart_too(client: FlaskClient, who: dict[str, str]) -> None:
    keyed = who | {"Idempotency-Key": "portal/1"}
    form = {"service_code": "hazard", "description": "a wire on the road", "address_string": "here"}
    first = client.post("/open311/v2/requests.json", data=form, headers=keyed)
    again = client.post("/open311/v2/requests.json", data=form, headers=keyed)
    other = client.post("/open311/v2/requests.json", data=form | {"description": "b"}, headers=keyed)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.get_json() == again.get_json()


def test_a_tap_with_the_mark_of_another_is_not_swallowed(client: FlaskClient, crew: dict[str, str]) -> None:
    at = datetime.now(UTC).isoformat()
    one = {"id": "one-mark-1", "kind": "help", "reason": "material", "at": at}
    other = one | {"reason": "unsafe", "note": "the mast burns"}

    def say(*taps: dict[str, str]) -> list[str]:
        answer = client.post("/api/v1/phone/taps", json={"sent_at": at, "taps": list(taps)}, headers=crew)
        return [each["status"] for each in answer.get_json()["heard"]]

    assert say(one) == ["taken"]
    assert say(one) == ["known"]
    assert say(other, one | {"id": "one-mark-2"}) == ["conflict", "taken"]
    assert "conflict" in say({**one, "id": "one-mark-3"}, {**other, "id": "one-mark-3"})


def test_a_row_with_the_id_of_another_is_said_to_be_left_out(
    client: FlaskClient, who: dict[str, str]
) -> None:
    def send(words: str) -> Any:
        table = f"id,received_at,words,lon,lat\nROW1,2026-03-02T08:00:00Z,{words},-71.25,-29.9\n"
        return client.post("/api/v1/requests/upload", data=table, content_type="text/csv", headers=who)

    assert send("no light").get_json()["new"] == 1
    assert send("no light").get_json()["faults"] == []
    (fault,) = send("a wire on the road").get_json()["faults"]
    assert "other words" in fault


def test_an_address_that_is_packed_a_thousand_times_costs_nothing(client: FlaskClient, app: Flask) -> None:
    from time import process_time

    from web.entrance.accounts import own_path

    began_s = process_time()
    with app.test_request_context():
        for path in ("/%" + "25" * 200_000 + "2f", "/" + "%25" * 300_000, "/a" * 500_000):
            assert own_path(path) == "/"
        assert own_path("/%25252525252f/evil.example") == "/"
    assert process_time() - began_s < 0.5


@pytest.mark.parametrize(
    "path", ["//evil.example/%2e%2e", "/crews//crew-1", "//sign-in", "/phones//calls/1", "/standing/"]
)
def test_a_redirect_leads_to_no_server_that_the_sender_names(
    client: FlaskClient, who: dict[str, str], path: str
) -> None:
    answer = client.get(path, headers=who | {"Host": "evil.example"})
    where = answer.headers.get("Location", "/")
    assert where.startswith("/")
    assert not where.startswith(("//", "/\\"))


def test_a_server_that_knows_its_names_answers_to_no_other(app: Flask) -> None:
    desk = app.extensions["gridcrew_desk"]
    named = create_app(desk, accounts_book=Directory(Accounts(desk.store)), names=["grid.example"])
    client = named.test_client()
    for host, status in (("grid.example", 200), ("grid.example:8443", 200), ("127.0.0.1:80", 200)):
        assert client.get("/sign-in", headers={"Host": host}).status_code == status
    for host in ("evil.example", "grid.example.evil.example", "", "grid.example@evil.example"):
        answer = client.get("/sign-in", headers={"Host": host})
        assert answer.status_code == 400, host
        assert b"evil" not in answer.data


@pytest.mark.parametrize("host", ["x" * 5000, "..", "a..b", f"{'x' * 64}.example"])
def test_a_name_that_no_server_has_is_answered_400(
    client: FlaskClient, who: dict[str, str], host: str
) -> None:
    for path in ("/", "/sign-in", "/api/v1/state", "/nowhere"):
        answer = client.get(path, headers=who | {"Host": host})
        assert answer.status_code == 400, path
        assert b"does not serve" in answer.data


@pytest.mark.parametrize("name", ["a/" * 5000, "a" * 300, "css/" + "b" * 5000 + ".css"])
def test_a_name_longer_than_any_file_has_is_answered_404(
    client: FlaskClient, who: dict[str, str], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (f"/static/{name}", f"/scenarios/outline/{name}", f"/api/v1/photos/{name}"):
        assert client.get(path, headers=who).status_code in (400, 403, 404), path[:40]
    assert "failed on" not in caplog.text


def test_a_body_of_very_many_unknown_names_is_refused_at_once(
    client: FlaskClient, who: dict[str, str]
) -> None:
    from time import process_time

    began_s = process_time()
    body = {f"name {number}": 1 for number in range(30_000)}
    answer = client.post("/api/v1/requests", json=body, headers=who)
    faults = answer.get_json()["error"]["faults"]
    assert answer.status_code == 400
    assert len(faults) == 201
    assert "29801 more" in faults[-1]
    assert process_time() - began_s < 5
