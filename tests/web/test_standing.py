"""Standing data over HTTP: pages, API, who may what, and what the board says of who is on shift."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.live import Budget, Desk, Who
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.app import create_app

API = "/api/v1"
HOUR = timedelta(hours=1)
HEADER = "id,name,depot,shift_start,shift_end,skills,people\n"
Ask = Callable[..., Any]


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    return open_room(case, store, Clock(case.settings.now), RoomOptions(budget=Budget(work=100))).desk


@pytest.fixture
def app(desk: Desk) -> Flask:
    app = create_app(desk)
    app.config.update(WTF_CSRF_ENABLED=False, RATE_LIMITS=False)
    return app


@pytest.fixture
def ask(app: Flask, desk: Desk) -> Ask:
    """Ask as a system of a role."""
    book, client = Accounts(desk.store), app.test_client()
    roles = ("viewer", "dispatcher", "planner", "supervisor", "administrator")
    tokens = {role: book.issue_token(role, role) for role in roles}

    def send(role: str, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {tokens[role]}"}
        return client.open(path, method=method, headers=headers, **more)

    return send


def tomorrow(desk: Desk, *crews: str) -> str:
    start = desk.clock().replace(hour=6, minute=0) + 24 * HOUR
    return HEADER + "".join(
        f"{crew},{crew},D1,{start.isoformat()},{(start + 8 * HOUR).isoformat()},hv;lv,2\n" for crew in crews
    )


def test_a_roster_comes_in_by_the_api_and_a_supervisor_puts_it_in_force(ask: Ask, desk: Desk) -> None:
    sent = ask(
        "planner", "POST", f"{API}/standing/crews", data=tomorrow(desk, "blue"), content_type="text/csv"
    )
    assert sent.status_code == 201, sent.text
    number = sent.json["number"]
    assert (sent.json["state"], sent.json["count"]) == ("waiting", 1)
    assert sent.json["changes"][0]["what"] == "added"
    assert sent.json["warnings"] == ["No crew would be on from 07-15 02:00 to 07-15 06:00."]
    assert "blue" not in desk.case.crew_by_id
    assert ask("planner", "POST", f"{API}/standing/versions/{number}/activate", json={}).status_code == 403
    put = ask("supervisor", "POST", f"{API}/standing/versions/{number}/activate", json={})
    assert put.json["state"] == "active"
    assert "blue" in desk.case.crew_by_id
    again = ask("supervisor", "POST", f"{API}/standing/versions/{number}/activate", json={})
    assert (again.status_code, again.json["error"]["reason"]) == (409, "active")
    back = ask("administrator", "POST", f"{API}/standing/versions/{number}/back", json={"note": "wrong"})
    assert back.status_code == 200
    assert ask("viewer", "GET", f"{API}/shifts").json["shifts"][-1]["crew"] == "crew-2"


def test_a_file_with_faults_is_answered_with_all_of_them(ask: Ask, desk: Desk) -> None:
    wrong = tomorrow(desk, "blue", "red").replace("D1", "D7")
    sent = ask("planner", "POST", f"{API}/standing/crews", data=wrong, content_type="text/csv")
    assert sent.status_code == 400
    assert len(sent.json["error"]["faults"]) == 2
    assert (
        ask("planner", "POST", f"{API}/standing/crews", data="x", content_type="text/html").status_code == 415
    )
    assert (
        ask(
            "planner", "POST", f"{API}/standing/crews?at_once=1", data=wrong, content_type="text/csv"
        ).status_code
        == 403
    )
    assert desk.standing.versions("crews")[0].made_by == "case"


def test_who_may_see_send_and_edit(ask: Ask, desk: Desk) -> None:
    csv = {"data": tomorrow(desk, "blue"), "content_type": "text/csv"}
    assert ask("viewer", "GET", f"{API}/standing").status_code == 403
    assert ask("viewer", "GET", f"{API}/duty").status_code == 200
    assert ask("viewer", "GET", f"{API}/standing/customers.csv").status_code == 403
    assert ask("dispatcher", "POST", f"{API}/standing/crews", **csv).status_code == 403
    start = desk.clock()
    later = {
        "crew": "crew-1",
        "start": (start + 24 * HOUR).isoformat(),
        "end": (start + 30 * HOUR).isoformat(),
    }
    refused = ask("dispatcher", "POST", f"{API}/shifts", json=later)
    assert (refused.status_code, refused.json["error"]["reason"]) == (409, "not_today")
    assert ask("supervisor", "POST", f"{API}/shifts", json=later).status_code == 201
    own = {"crew": "crew-1", "start": desk.case.crew_by_id["crew-1"].shift_start.isoformat()}
    longer = own | {"new_end": (start + 7 * HOUR).isoformat()}
    assert ask("dispatcher", "POST", f"{API}/shifts/change", json=longer).status_code == 200
    assert desk.case.crew_by_id["crew-1"].shift_end == start + 7 * HOUR
    assert ask("dispatcher", "POST", f"{API}/shifts/cancel", json=own).status_code == 200
    assert [each["crew"] for each in ask("viewer", "GET", f"{API}/duty").json["on"]] == ["crew-2"]
    assert ask("dispatcher", "POST", f"{API}/switches/FU-1", json={"present": "open"}).status_code == 403


def test_small_edits_by_the_api(ask: Ask, desk: Desk) -> None:
    assert ask("supervisor", "POST", f"{API}/switches/FU-1", json={"present": "open"}).status_code == 200
    wrong = ask("supervisor", "POST", f"{API}/switches/TIE-1", json={"normal": "closed", "present": "closed"})
    assert (wrong.status_code, wrong.json["error"]["reason"]) == (409, "grid")
    told = {"phone": "+56 1", "note": "new number"}
    assert ask("supervisor", "POST", f"{API}/customers/C01", json=told).status_code == 200
    assert desk.case.customers.facts("C01")["phone"] == "+56 1"
    assert ask("supervisor", "POST", f"{API}/customers/C77", json=told).status_code == 409
    assert ask("supervisor", "POST", f"{API}/crews/crew-1/facts", json={"skills": ["lv"]}).status_code == 200
    assert desk.case.crew_by_id["crew-1"].skills == {"lv"}
    at = desk.clock() + 18 * HOUR
    call = {"at": at.isoformat(), "until": (at + 4 * HOUR).isoformat(), "note": "storm"}
    assert ask("dispatcher", "POST", f"{API}/crews/crew-1/call-in", json=call).status_code == 200
    early = {"at": (at - 9 * HOUR).isoformat(), "until": at.isoformat(), "anyway": True}
    refused = ask("dispatcher", "POST", f"{API}/crews/crew-1/call-in", json=early)
    assert (refused.status_code, refused.json["error"]["reason"]) == (409, "terms")
    assert "rest" in refused.json["error"]["text"]
    assert ask("supervisor", "POST", f"{API}/crews/crew-1/call-in", json=early).status_code == 200
    assert desk.store.differing() == []


def test_the_state_says_from_when_nobody_is_on(ask: Ask, desk: Desk) -> None:
    ends = max(crew.shift_end for crew in desk.case.crews)
    told = ask("viewer", "GET", f"{API}/state").json["duty"]
    assert (told["on"], told["nobody_from"], told["back_at"]) == (2, ends.timestamp(), None)
    desk.clock.now = ends + HOUR  # type: ignore[attr-defined]
    told = ask("viewer", "GET", f"{API}/duty").json
    assert (told["nobody"], told["on"], told["next"]) == (True, [], [])


def test_the_pages_say_that_everybody_on_shift_is_absent(ask: Ask, desk: Desk) -> None:
    for crew in desk.case.crews:
        desk.work.crew_is(crew.id, "absent", Who(name="ana", source="board"))
    told = ask("viewer", "GET", f"{API}/state").json["duty"]
    assert (told["on"], told["absent"]) == (0, 2)
    assert "all 2 crews on shift are absent" in ask("supervisor", "GET", "/shift/handover").get_data(
        as_text=True
    )


def page_of(app: Flask, desk: Desk, role: str) -> FlaskClient:
    Accounts(desk.store).add(role, role, "a long enough one")
    client = app.test_client()
    client.post("/sign-in", data={"name": role, "password": "a long enough one"})
    return client


def test_the_page_takes_an_excel_file_and_shows_each_row(app: Flask, desk: Desk) -> None:
    pia, sven = page_of(app, desk, "planner"), page_of(app, desk, "supervisor")
    book = openpyxl.load_workbook(io.BytesIO(pia.get("/standing/crews/file.xlsx").data))
    sheet = book["crews"]
    columns = [cell.value for cell in sheet[1]]
    sheet.cell(2, columns.index("people") + 1).value = 4
    made = io.BytesIO()
    book.save(made)
    made.seek(0)
    sent = pia.post("/standing/crews", data={"file": (made, "next.xlsx"), "note": "more hands"})
    assert sent.status_code == 302, sent.text
    where = sent.headers["Location"]
    shown = pia.get(where).text
    assert "next.xlsx" in shown
    assert "more hands" in shown
    assert shown.count('class="what changed"') == 1
    assert "A supervisor or an administrator decides." in shown
    assert pia.post(f"{where}/activate").status_code == 403
    assert sven.post(f"{where}/activate").status_code == 302
    assert {crew.people for crew in desk.case.crews} == {4, 3}
    assert "反馈" not in sven.get(where, headers={"Accept-Language": "zh"}).text
    assert "撤回该版本" in sven.get(where, headers={"Accept-Language": "zh"}).text
    assert sven.post(f"{where}/back").status_code == 302
    assert {crew.people for crew in desk.case.crews} == {2, 3}


def test_the_page_lists_every_fault_and_escapes_what_was_sent(app: Flask, desk: Desk) -> None:
    pia = page_of(app, desk, "planner")
    content = HEADER + "<script>,x,D1,yesterday,2026-07-15T08:00:00-04:00,hv,2\n"
    sent = pia.post("/standing/crews", data={"file": (io.BytesIO(content.encode()), "<b>.csv")})
    assert sent.status_code == 422
    assert "&#39;yesterday&#39; is not a time" in sent.text
    assert "<b>.csv" not in sent.text
    nothing = pia.post("/standing/crews", data={})
    assert nothing.status_code == 400
    same = pia.get("/standing/depots/file.csv").data
    assert pia.post("/standing/depots", data={"file": (io.BytesIO(same), "same.csv")}).status_code == 409


def test_single_shifts_by_the_page(app: Flask, desk: Desk) -> None:
    dora = page_of(app, desk, "dispatcher")
    assert 'id="edit-title"' not in dora.get("/standing/crews").text
    start = desk.case.crew_by_id["crew-1"].shift_start
    key = f"crew-1@{start.astimezone(datetime.now().astimezone().tzinfo).isoformat()}"
    assert 'id="edit-title"' not in dora.get("/standing/crews", query_string={"shift": key}).text
    row = dora.get("/standing/crews").text.split("shift=crew-1", 1)[1].split("#")[0]
    edit = dora.get(f"/standing/crews?shift=crew-1{row}".replace("&amp;", "&")).text
    assert 'id="edit-title"' in edit
    data = {
        "crew": "crew-1",
        "known": start.isoformat(),
        "start": "2026-07-14T16:00",
        "end": "2026-07-15T01:00",
    }
    assert dora.post("/standing/shifts/change", data=data).status_code == 302
    assert desk.case.crew_by_id["crew-1"].shift_end == start + 9 * HOUR
    tomorrow_ = {"crew": "crew-1", "start": "2026-07-16T08:00", "end": "2026-07-16T16:00"}
    assert dora.post("/standing/shifts/add", data=tomorrow_).status_code == 409
    assert dora.post("/standing/shifts/cancel", data=data).status_code == 302
    assert dora.post("/standing/shifts/call", data={"crew": "crew-1", "start": "soon"}).status_code == 409


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("kind", ["crews", "roster", "depots", "customers", "switches"])
def test_the_pages_open_in_both_languages(app: Flask, desk: Desk, kind: str, language: str) -> None:
    sven = page_of(app, desk, "supervisor")
    answer = sven.get(f"/standing/{kind}?lang={language}")
    assert answer.status_code == 200
    assert "{" not in answer.text.split('<main id="main"')[1].split("</main>")[0]
    assert sven.get(f"/standing/{kind}/file.csv").status_code == 200


def test_today_is_the_day_of_the_clock_and_not_of_the_plan(app: Flask, desk: Desk) -> None:
    sven = page_of(app, desk, "supervisor")
    desk.clock.now += 24 * HOUR  # type: ignore[attr-defined]
    assert (
        '<time id="clock" datetime="2026-07-15T18:30:00-04:00">18:30</time>'
        in sven.get("/standing/depots").text
    )


CUSTOMERS = "户号,经度,纬度,台区\nC91,-71.26,-29.91,T1\nC92,-71.26,-29.91,T1\n"


def test_what_was_read_otherwise_than_written_is_shown_with_the_version(ask: Ask, app: Flask) -> None:
    sent = ask(
        "planner",
        "POST",
        f"{API}/standing/customers",
        data=CUSTOMERS.encode(),
        content_type="text/csv",
    )
    assert sent.status_code == 201, sent.text
    assert any("'户号' is id" in each for each in sent.json["repairs"])
    page = ask("planner", "GET", f"/standing/versions/{sent.json['number']}").text
    assert "Read otherwise than written" in page
    assert "台区" in page


def test_a_large_change_is_put_in_force_by_somebody_else_than_its_sender(
    tmp_path: Path, ask: Ask, desk: Desk
) -> None:
    desk.standing.own = replace(
        desk.standing.own, settings=replace(desk.standing.own.settings, second_person_from_rows=2)
    )
    sent = ask(
        "supervisor", "POST", f"{API}/standing/customers", data=CUSTOMERS.encode(), content_type="text/csv"
    )
    activate = f"{API}/standing/versions/{sent.json['number']}/activate"
    own = ask("supervisor", "POST", activate, json={})
    assert (own.status_code, own.json["error"]["reason"]) == (409, "two_persons")
    assert ask("administrator", "POST", activate, json={}).status_code == 200
    assert "C91" in desk.case.customers


def test_beliefs_are_learned_by_page_shown_in_words_and_put_in_force_by_a_supervisor(
    ask: Ask, desk: Desk
) -> None:
    assert ask("viewer", "post", "/outages/beliefs").status_code == 403
    assert ask("dispatcher", "post", "/outages/beliefs").status_code == 403
    refused = ask("planner", "post", "/outages/beliefs")
    assert refused.status_code == 409
    assert "nothing to learn from" in refused.text
    who = Who(name="ana", source="board")
    desk.shelf.propose(who)
    desk.shelf.publish(desk.plan_number("proposed") or 0, who)
    for order in [row["id"] for row in desk.rows("orders") if row["place"]]:
        for to in ("on_site", "restored"):
            desk.clock.now += timedelta(minutes=5)
            version = next(row["version"] for row in desk.rows("orders") if row["id"] == order)
            desk.work.move_order(order, to, who, seen=version)
    assert "Estimate from our own outages" in ask("planner", "get", "/outages?lang=en").text
    sent = ask("planner", "post", "/outages/beliefs")
    assert sent.status_code == 302
    shown = ask("planner", "get", f"{sent.location}?lang=zh-CN").text
    assert "架空线路每公里每年故障次数" in shown
    before = desk.case.beliefs
    assert ask("planner", "post", f"{sent.location}/activate").status_code == 403
    assert ask("supervisor", "post", f"{sent.location}/activate").status_code == 302
    assert desk.case.beliefs != before
    assert ask("planner", "post", "/outages/beliefs").status_code == 409
    assert ask("planner", "get", "/standing/beliefs?lang=en").status_code == 200
    assert "calling_share" in ask("planner", "get", "/standing/beliefs/file.csv").text
