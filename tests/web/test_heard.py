"""A crew is heard: help is never refused, answers come back, silence is noticed, mistakes are undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from dispatch.live import Desk, Who, answer_call, open_calls
from dispatch.live.silence import warn_of_silence
from dispatch.live.stock import parts_used, vehicle_now
from dispatch.store.accounts import Accounts
from tests.web.test_phone import NOW, case, client, clock, crew, desk, phone, send, tap

__all__ = ["case", "client", "clock", "crew", "desk", "phone"]
OFFICE = Who(name="ana")


def route(client: FlaskClient, phone: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/phone/route", headers=phone).json
    return found


def state_of(desk: Desk, table: str, id_: str) -> str | None:
    return next((row["state"] for row in desk.rows(table) if row["id"] == id_), None)


def at(seconds: int) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


def test_help_is_heard_of_whosever_job_it_is(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    others = next(r for r in desk.day().plan.routes if r.visits and r.crew != crew)
    (heard,) = send(
        client, phone, tap(1, "help", reason="urgent", job=others.visits[0].job, lon=-71.25, lat=-29.9)
    )
    assert heard["status"] == "taken"
    (call,) = open_calls(desk)
    assert (call["what"], call["crew"], call["reason"], call["lon"]) == ("help", crew, "urgent", -71.25)


def test_the_office_s_answer_is_read_on_the_phone(
    client: FlaskClient, phone: dict[str, str], desk: Desk
) -> None:
    send(client, phone, tap(1, "help", reason="medical"))
    (waits,) = route(client, phone)["calls"]
    assert "answer" not in waits
    answer_call(desk, waits["seq"], OFFICE, "ambulance is on its way")
    (told,) = route(client, phone)["calls"]
    assert (told["answer"]["by"], told["answer"]["note"]) == ("ana", "ambulance is on its way")


def test_a_route_that_was_read_is_no_sign_on(client: FlaskClient, phone: dict[str, str]) -> None:
    before = route(client, phone)
    send(client, phone, tap(1, "acknowledge", plan=before["plan"]))
    assert route(client, phone)["on_shift"] is False
    send(client, phone, tap(2, "sign_on", vehicle=before["vehicle"]))
    assert route(client, phone)["on_shift"] is True


def test_a_silent_crew_is_a_warning_until_it_speaks(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = route(client, phone)["stops"][0]["job"]
    send(client, phone, tap(1, "sign_on"), tap(2, "report", job=job, to="on_the_way"))
    assert warn_of_silence(desk) == 0
    later = desk.clock() + timedelta(minutes=desk.case.settings.silent_after_min + 1)
    desk.book.clock = lambda: later
    assert warn_of_silence(desk) == 1
    assert warn_of_silence(desk) == 0
    assert [(call["what"], call["crew"]) for call in open_calls(desk)] == [("silent", crew)]
    desk.work.report(job, "on_site", OFFICE, crew=crew)
    warn_of_silence(desk)
    assert open_calls(desk) == []


def test_done_is_taken_back_within_a_minute_with_all_that_hung_on_it(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    stop = next(s for s in route(client, phone)["stops"] if s["kind"] in ("repair", "service"))
    job, order = stop["job"], stop["order"]
    ticks = [tap(10 + nr, "tick", job=job, step=step["id"]) for nr, step in enumerate(stop["steps"])]
    send(client, phone, tap(1, "report", job=job, to="on_site"), *ticks)
    before = state_of(desk, "orders", order)
    done = tap(2, "report", job=job, to="done", parts={"fuse": 2})
    (heard,) = send(client, phone, done)
    assert heard["status"] == "taken", heard
    assert parts_used(desk.book, desk.clock())[vehicle_now(desk, crew)] == {"fuse": 2}
    assert state_of(desk, "orders", order) == "restored"
    (undone,) = send(client, phone, tap(3, "undo", job=job, of=done["id"]))
    assert undone["status"] == "taken", undone
    assert state_of(desk, "jobs", job) == "on_site"
    assert state_of(desk, "orders", order) == before
    assert [row for row in desk.rows("callbacks") if row["order_id"] == order] == []
    assert not any(parts_used(desk.book, desk.clock()).get(vehicle_now(desk, crew), {}).values())
    assert {row["step"] for row in desk.rows("ticks") if row["job"] == job} == {
        s["id"] for s in stop["steps"]
    }
    (again,) = send(client, phone, tap(4, "report", job=job, to="done"))
    assert again["status"] == "taken"


def test_cannot_is_taken_back_with_its_ticks(client: FlaskClient, phone: dict[str, str], desk: Desk) -> None:
    stop = next(s for s in route(client, phone)["stops"] if s["steps"])
    job, first = stop["job"], stop["steps"][0]["id"]
    cannot = tap(3, "report", job=job, to="cannot", reason="not_mine")
    send(client, phone, tap(1, "report", job=job, to="on_site"), tap(2, "tick", job=job, step=first), cannot)
    assert [row for row in desk.rows("ticks") if row["job"] == job] == []
    (undone,) = send(client, phone, tap(4, "undo", job=job, of=cannot["id"]))
    assert undone["status"] == "taken", undone
    assert [row["step"] for row in desk.rows("ticks") if row["job"] == job] == [first]


def test_a_late_report_takes_nothing_back_that_the_office_has_entered_since(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = route(client, phone)["stops"][0]["job"]
    for to in ("on_the_way", "on_site"):
        desk.work.report(job, to, OFFICE, crew=crew)
    early = tap(1, "report", job=job, to="on_the_way") | {"at": at(-20)}
    (heard,) = send(client, phone, early)
    assert (heard["status"], heard["code"], heard["by"]) == ("conflict", "late", "ana")
    assert state_of(desk, "jobs", job) == "on_site"
    assert send(client, phone, early)[0]["code"] == "late"


def test_work_goes_on_to_its_end_after_cannot_was_taken_back(
    client: FlaskClient, phone: dict[str, str], desk: Desk
) -> None:
    stop = route(client, phone)["stops"][0]
    job = stop["job"]
    ticks = [tap(10 + nr, "tick", job=job, step=step["id"]) for nr, step in enumerate(stop["steps"])]
    cannot = tap(3, "report", job=job, to="cannot", reason="material")
    send(client, phone, tap(1, "report", job=job, to="on_site"), *ticks, cannot)
    heard = send(
        client, phone, tap(4, "undo", job=job, of=cannot["id"]), tap(5, "report", job=job, to="done")
    )
    assert [each["status"] for each in heard] == ["taken", "taken"], heard
    assert state_of(desk, "jobs", job) == "done"


def test_after_a_minute_nothing_is_taken_back(client: FlaskClient, phone: dict[str, str], desk: Desk) -> None:
    job = route(client, phone)["stops"][0]["job"]
    done = tap(1, "report", job=job, to="cannot", reason="unsafe") | {"at": at(-90)}
    send(client, phone, done)
    (late,) = send(client, phone, tap(2, "undo", job=job, of=done["id"]))
    assert (late["status"], late["code"]) == ("conflict", "too_late")


def test_the_failed_element_a_crew_finds_has_to_be_one_of_the_grid(
    client: FlaskClient, phone: dict[str, str], desk: Desk
) -> None:
    stop = next(s for s in route(client, phone)["stops"] if s["kind"] == "repair")
    wrong, right = send(
        client,
        phone,
        tap(1, "told", job=stop["job"], place="NOTHING-9"),
        tap(2, "told", job=stop["job"], place=stop["brief"]["element"]["id"], cause="tree"),
    )
    assert (wrong["code"], right["status"]) == ("unknown_device", "taken")


def test_a_stop_on_the_phone_names_order_device_feeder_and_what_follows(
    client: FlaskClient, phone: dict[str, str]
) -> None:
    for stop in route(client, phone)["stops"]:
        brief = stop["brief"]
        assert brief["order"] == stop["order"]
        if stop["kind"] in ("repair", "patrol", "switching"):
            assert brief["element"]["id"]
            assert brief["feeder"]["id"]


def test_the_answer_comes_by_the_board_s_address(
    client: FlaskClient, phone: dict[str, str], desk: Desk, store: Any
) -> None:
    send(client, phone, tap(1, "help", reason="police"))
    (call,) = open_calls(desk)
    token = Accounts(store).issue_token("ana", "dispatcher")
    office = {"Authorization": f"Bearer {token}"}
    sent = client.post(
        f"/api/v1/field/{call['seq']}/seen", json={"note": "police are coming"}, headers=office
    )
    assert sent.status_code == 200
    assert route(client, phone)["calls"][0]["answer"]["note"] == "police are coming"
