"""A crew's own day: vehicle, second crew, hand-over with history, calls that the office sees, place."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget, Desk, Entry, Who, crew_route, open_calls
from dispatch.live.changes import second_job
from dispatch.live.escalating import escalate_due
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from tests.prepared import empty_store, small_case
from web.app import create_app

ANA = Who(name="ana")
CREWS = ("crew-1", "crew-2")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_case()


@pytest.fixture
def now(case: Any) -> list[Any]:
    return [case.settings.now]


@pytest.fixture
def desk(case: Any, tmp_path: Path, now: list[Any]) -> Desk:
    desk = open_room(
        case,
        empty_store(tmp_path / "day.sqlite"),
        lambda: now[0],
        RoomOptions(budget=Budget(work=200)),
    ).desk
    plan(desk)
    return desk


def plan(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk).test_client()


def bearer(desk: Desk, role: str, crew: str | None = None) -> dict[str, str]:
    token = Accounts(desk.store).issue_token(f"phone {crew}" if crew else role, role, crew=crew)
    return {"Authorization": f"Bearer {token}"}


class Phone:
    """Taps as a crew's phone sends them."""

    def __init__(self, client: FlaskClient, desk: Desk, crew: str) -> None:
        self.client, self.desk, self.crew, self.nr = client, desk, crew, 0
        self.token = bearer(desk, "crew", crew)

    def tap(self, kind: str, **told: Any) -> Any:
        self.nr += 1
        at = self.desk.clock().isoformat()
        tap = {"id": f"tap-{self.crew}-{self.nr:04d}", "kind": kind, "at": at, **told}
        body = {"sent_at": at, "taps": [tap]}
        answer = self.client.post("/api/v1/phone/taps", json=body, headers=self.token).json
        assert answer is not None
        heard = answer["heard"][0]
        return heard["code"] or heard["status"]

    @property
    def route(self) -> Any:
        return self.client.get("/api/v1/phone/route", headers=self.token).json


@pytest.fixture
def phones(client: FlaskClient, desk: Desk) -> dict[str, Phone]:
    return {crew: Phone(client, desk, crew) for crew in CREWS}


def repair_of(desk: Desk) -> tuple[str, str]:
    """A repair and the crew that has it."""
    return next(
        (visit.job, route.crew)
        for route in desk.day().plan.routes
        for visit in route.visits
        if visit.job.endswith("/repair")
    )


def other(crew: str) -> str:
    return CREWS[1 - CREWS.index(crew)]


def test_a_crew_signs_on_with_a_vehicle_that_nobody_else_has(phones: dict[str, Phone], desk: Desk) -> None:
    one, two = phones["crew-1"], phones["crew-2"]
    assert [each["id"] for each in one.route["vehicles"]] == ["Truck 11", "Truck 12"]
    assert one.tap("sign_on", vehicle="Truck 12") == "taken"
    assert one.route["vehicle"] == "Truck 12"
    assert two.route["vehicles"][0] == {"id": "Truck 12", "taken": "crew-1"}
    assert two.tap("sign_on", vehicle="Truck 12") == "vehicle"
    assert two.tap("sign_on", vehicle="Truck 11") == "taken"
    assert one.tap("sign_off") == "taken"
    assert two.tap("sign_on", vehicle="Truck 12") == "taken"
    assert desk.store.differing() == []


def test_a_second_crew_that_is_asked_for_becomes_planned_work_of_another_crew(
    phones: dict[str, Phone], desk: Desk
) -> None:
    job, crew = repair_of(desk)
    phone = phones[crew]
    phone.tap("sign_on")
    phone.tap("report", job=job, to="on_site")
    assert phone.tap("help", job=job, reason="second_crew", minutes=40, note="pole to lift") == "taken"
    desk.shelf.propose(ANA)
    proposed = desk.shelf.proposal()
    assert proposed is not None
    assert proposed.cards[second_job(job)].duration_min == 40
    crews = {visit.job: route.crew for route in proposed.plan.routes for visit in route.visits}
    assert crews[second_job(job)] == other(crew)
    assert crews[job] == crew
    ways = {way for block in proposed.problem.blocks for way in block.restored_by if job in way}
    assert ways
    assert all(second_job(job) in way for way in ways), "supply is back when both are done"
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    helper = phones[other(crew)]
    assert second_job(job) in [stop["job"] for stop in helper.route["stops"]]
    assert helper.tap("report", job=second_job(job), to="on_site") == "taken"
    states = {row["id"]: (row["state"], row["crew"]) for row in desk.rows("jobs")}
    assert states[job] == ("on_site", crew)
    assert states[second_job(job)] == ("on_site", other(crew))
    # The first crew finishes: the order is restored, and the help is over with it.
    assert phone.tap("report", job=job, to="done") == "steps", "not before it is safe"
    for step in next(stop for stop in phone.route["stops"] if stop["job"] == job)["steps"]:
        assert phone.tap("tick", job=job, step=step["id"]) == "taken"
    assert phone.tap("report", job=job, to="done") == "taken"
    plan(desk)
    assert second_job(job) not in desk.day().cards


def test_an_unfinished_job_is_handed_over_with_its_history(phones: dict[str, Phone], desk: Desk) -> None:
    job, crew = repair_of(desk)
    phone, following = phones[crew], phones[other(crew)]
    phone.tap("report", job=job, to="on_site")
    phone.tap("told", job=job, cause="cable", note="joint is wet, dig on the left")
    assert phone.tap("report", job=job, to="cannot", reason="handover", note="trench is open") == "taken"
    plan(desk)
    stop = next(each for each in following.route["stops"] if each["job"] == job)
    said = [(each["kind"], each.get("to"), each.get("note")) for each in stop["history"]]
    assert said == [
        ("job_moved", "on_site", None),
        ("order_told", None, "joint is wet, dig on the left"),
        ("job_moved", "cannot", "trench is open"),
    ]
    assert {each["crew"] for each in stop["history"]} == {desk.case.crew_by_id[crew].name}
    assert stop["state"] is None, "this crew has not begun"
    assert stop["ticked"] == [], "the next crew makes sure for itself that it is safe"
    assert job not in [each["job"] for each in phone.route["stops"]]


def test_calls_out_of_the_field_stay_until_somebody_has_seen_to_them(
    phones: dict[str, Phone], desk: Desk, client: FlaskClient
) -> None:
    job, crew = repair_of(desk)
    phones[crew].tap("help", job=job, reason="police", note="people on the site")
    phones[other(crew)].tap("refuse", plan=1, note="no cable on the truck")
    office = bearer(desk, "dispatcher")
    calls = client.get("/api/v1/field", headers=office).json["calls"]  # type: ignore[index]
    assert [(call["what"], call["crew"]) for call in calls] == [("refused", other(crew)), ("help", crew)]
    assert calls[1]["note"] == "people on the site"
    path = f"/api/v1/field/{calls[1]['seq']}/seen"
    assert client.post(path, json={}, headers=bearer(desk, "crew", crew)).status_code == 403
    assert client.post(path, json={"note": "police is coming"}, headers=office).status_code == 200
    assert [call["what"] for call in open_calls(desk)] == ["refused"]


def test_a_new_estimate_moves_the_time_that_customers_are_told(phones: dict[str, Phone], desk: Desk) -> None:
    job, crew = repair_of(desk)
    order = desk.work.order_of(job)
    phones[crew].tap("report", job=job, to="on_site")
    phones[crew].tap("told", job=job, cause="cable")
    plan(desk)
    before = next(etr for etr in desk.day().etrs if etr.outage == order)
    phones[crew].tap("report", job=job, to="on_site", minutes=240)
    plan(desk)
    after = next(etr for etr in desk.day().etrs if etr.outage == order)
    assert before.median is not None
    assert after.median is not None
    assert after.median - before.median > timedelta(hours=1)
    assert after.median - desk.clock() >= timedelta(minutes=230)


def test_another_fault_found_on_site_is_planned(phones: dict[str, Phone], desk: Desk) -> None:
    job, crew = repair_of(desk)
    phones[crew].tap("found", job=job, note="a wire is lying on the road")
    plan(desk)
    words = [word for card in desk.day().cards.values() for word in card.words]
    assert "a wire is lying on the road" in words


@pytest.mark.parametrize("turned_on", [False, True])
def test_a_place_is_kept_only_on_shift_and_if_the_utility_wants_it(
    phones: dict[str, Phone], desk: Desk, client: FlaskClient, turned_on: bool, now: list[Any]
) -> None:
    client.application.config["SHARE_POSITIONS"] = turned_on
    phone = phones["crew-1"]
    assert phone.tap("position", lon=-71.25, lat=-29.9) == ("off_shift" if turned_on else "refused")
    phone.tap("sign_on")
    assert phone.tap("position", lon=-71.25, lat=-29.9) == ("taken" if turned_on else "refused")
    phone.tap("sign_off")
    assert phone.tap("position", lon=-71.0, lat=-29.0) == ("off_shift" if turned_on else "refused")
    phone.tap("sign_on")
    now[0] += timedelta(hours=9)
    assert phone.tap("position", lon=-71.0, lat=-29.0) == ("off_shift" if turned_on else "refused")
    places = {row["id"]: row["lon"] for row in desk.rows("crews")}
    assert places["crew-1"] == (-71.25 if turned_on else None)
    journal = str([event.data for event in desk.store.events_after(0)])
    assert "-71.0" not in journal, "a place that is not kept is not written down anywhere"


def test_a_crew_takes_its_own_route_to_other_programs(client: FlaskClient, desk: Desk) -> None:
    _, crew = repair_of(desk)
    token = bearer(desk, "crew", crew)
    for kind, sign in (("gpx", b"<gpx"), ("ics", b"BEGIN:VCALENDAR"), ("geojson", b"FeatureCollection")):
        answer = client.get(f"/api/v1/phone/route.{kind}", headers=token)
        assert sign in answer.data
        assert answer.headers["Content-Disposition"] == f"attachment; filename={crew}.{kind}"
        assert client.get(f"/crews/{other(crew)}/route.{kind}", headers=token).status_code == 403
        assert client.get(f"/crews/{crew}/route.{kind}", headers=bearer(desk, "viewer")).data == answer.data
    features = client.get("/api/v1/phone/route.geojson", headers=token).get_json(force=True)["features"]
    assert {feature["properties"]["crew"] for feature in features} == {crew}


def test_a_route_shows_nothing_of_other_crews_customers(desk: Desk) -> None:
    routes = {route.crew: [visit.job for visit in route.visits] for route in desk.day().plan.routes}
    for crew in CREWS:
        shown = str(crew_route(desk, crew))
        own = {desk.day().cards[job].customer_name for job in routes.get(crew, ())}
        foreign = {card.customer_name for card in desk.day().cards.values()} - own - {None}
        assert not any(name in shown for name in foreign if name)


def test_a_complaint_that_went_up_a_level_is_closed_where_it_is_shown(
    desk: Desk, client: FlaskClient, now: list[Any]
) -> None:
    heard = desk.calls.log(Entry(words="nobody came", kind="complaint", received_at=desk.clock()), ANA)
    desk.shelf.propose(ANA)
    order = next(row["order_id"] for row in desk.rows("requests") if row["id"] == heard.id)
    now[0] += timedelta(hours=25)
    assert escalate_due(desk) == 1
    client.application.config["WTF_CSRF_ENABLED"] = False
    Accounts(desk.store).add("eva", "dispatcher", "a long enough one")
    client.post("/sign-in", data={"name": "eva", "password": "a long enough one"})
    shown = client.get("/phones").get_data(as_text=True)
    assert "open after 24 h, supervisor told" in shown
    (call,) = open_calls(desk)
    path = f"/phones/calls/{call['seq']}/close"
    assert path in shown
    assert client.post(path, data={"note": "called back"}).status_code == 302
    row = next(row for row in desk.store.stored()["orders"] if row["id"] == order)
    assert (row["state"], row["note"]) == ("closed", "called back")
    assert open_calls(desk) == []
    assert client.post(path).status_code == 404
    assert escalate_due(desk) == 0


@pytest.mark.parametrize("later_h", [0.0, 7.0, 10.0])
def test_a_crew_stays_signed_on_through_overtime_and_gets_a_code_after_its_shift_too(
    client: FlaskClient, desk: Desk, now: list[Any], later_h: float
) -> None:
    shift = desk.case.crew_by_id["crew-1"]
    now[0] += timedelta(hours=later_h)
    Accounts(desk.store).add("ana", "dispatcher", "a long enough one")
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.post("/sign-in", data={"name": "ana", "password": "a long enough one"})
    made = client.post("/phones/crew-1", data={"pin": "4711"}).get_data(as_text=True)
    code = re.search(r"/phone/enter#([\w-]+)", made)
    assert code is not None
    told = client.post(
        "/phone/enter",
        json={"pin": "4711", "device": "a phone of crew one"},
        headers={"Authorization": f"Bearer {code[1]}"},
    )
    assert told.status_code == 200
    lasts = datetime.fromisoformat(told.json["until"]) - datetime.now(UTC)
    overtime_ends = shift.shift_end + timedelta(minutes=shift.overtime_min)
    assert lasts > max(overtime_ends - now[0], timedelta(0)) + timedelta(hours=11)
