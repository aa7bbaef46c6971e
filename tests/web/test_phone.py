"""A crew's phone over HTTP: signing in, its own route, taps that arrive once, conflicts that stay."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event

from dispatch.live import Budget, Desk, Who
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from dispatch.store.phones import FAILURES_TO_LOCK, LOCKED, Phones
from tests.prepared import small_case
from web.app import create_app
from web.entrance.directory import Directory
from web.phone.page import shell
from web.phone.pictures import NoPicture, clean_picture

PIN = "4711"
DEVICE = "a phone of its own"
NOW = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)
OFFICE = Who(name="ana")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_case()


@pytest.fixture
def desk(case: Any, store: Store) -> Desk:
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    desk.shelf.propose(OFFICE)
    desk.shelf.publish(1, OFFICE)
    return desk


@pytest.fixture
def clock() -> list[float]:
    return [NOW.timestamp()]


@pytest.fixture
def client(desk: Desk, store: Store, clock: list[float]) -> FlaskClient:
    book = Directory(Accounts(store))
    return create_app(desk, accounts_book=book, clock=lambda: clock[0]).test_client()


def link(store: Store, crew: str) -> str:
    return Phones(store).make_link(crew, PIN, until=NOW + timedelta(hours=5), by="ana", now=NOW)


def enter(client: FlaskClient, code: str, pin: str = PIN, device: str = DEVICE) -> Any:
    headers = {"Authorization": f"Bearer {code}"}
    return client.post("/phone/enter", json={"pin": pin, "device": device}, headers=headers)


def busy_crew(desk: Desk) -> str:
    routes = [r for r in desk.day().plan.routes if r.visits and r.crew in desk.case.crew_by_id]
    return max(routes, key=lambda route: len(route.visits)).crew


@pytest.fixture
def crew(desk: Desk) -> str:
    return busy_crew(desk)


@pytest.fixture
def phone(client: FlaskClient, store: Store, crew: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {enter(client, link(store, crew)).json['token']}"}


def send(client: FlaskClient, phone: dict[str, str], *taps: dict[str, Any]) -> list[dict[str, Any]]:
    body = {"sent_at": NOW.isoformat(), "taps": list(taps)}
    answer = client.post("/api/v1/phone/taps", json=body, headers=phone)
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    heard: list[dict[str, Any]] = answer.json["heard"]
    return heard


def tap(nr: int, kind: str, **told: Any) -> dict[str, Any]:
    return {"id": f"tap-number-{nr:04d}", "kind": kind, "at": NOW.isoformat(), **told}


def test_a_code_and_its_pin_sign_one_phone_in_as_long_as_there_is_work(
    client: FlaskClient, store: Store, clock: list[float]
) -> None:
    code = link(store, "crew-1")
    entered = enter(client, code)
    assert entered.status_code == 200
    assert enter(client, code, device="somebody else's phone").status_code == 401
    assert enter(client, code).status_code == 200
    phone = {"Authorization": f"Bearer {entered.json['token']}"}
    assert client.get("/api/v1/phone/route", headers=phone).status_code == 200
    clock[0] += 5 * 3600 + 1
    # The code has ended, the phone that has work has not: it stays as long as it asks within six hours.
    assert enter(client, code).status_code == 401
    assert client.get("/api/v1/phone/route", headers=phone).status_code == 200
    clock[0] += 6 * 3600 + 1
    assert client.get("/api/v1/phone/route", headers=phone).status_code == 401


def test_five_wrong_pins_lock_a_code_and_ten_close_it(
    client: FlaskClient, store: Store, clock: list[float]
) -> None:
    code = link(store, "crew-1")
    for _ in range(FAILURES_TO_LOCK):
        assert enter(client, code, "0000").status_code == 401
    assert enter(client, code).status_code == 401
    clock[0] += LOCKED.total_seconds() + 1
    for _ in range(FAILURES_TO_LOCK):
        assert enter(client, code, "0000").status_code == 401
    clock[0] += LOCKED.total_seconds() + 1
    assert enter(client, code).status_code == 401


def test_a_new_code_closes_the_old_one_and_revoking_signs_out(
    client: FlaskClient, store: Store, phone: dict[str, str], crew: str
) -> None:
    old = link(store, crew)
    new = link(store, crew)
    assert enter(client, old).status_code == 401
    assert enter(client, new).status_code == 200
    Phones(store).revoke(crew)
    assert client.get("/api/v1/phone/route", headers=phone).status_code == 401
    assert enter(client, new).status_code == 401


@pytest.mark.parametrize("pin", ["123", "1234567", "12a4", "１２３４", ""])
def test_a_pin_has_four_to_six_digits(store: Store, pin: str) -> None:
    with pytest.raises(Exception, match="digits"):
        Phones(store).make_link("crew-1", pin, until=NOW + timedelta(hours=1), by="ana", now=NOW)


def test_a_phone_sees_its_own_route_and_no_list(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    route = client.get("/api/v1/phone/route", headers=phone).json
    assert route is not None
    planned = next(each for each in desk.day().plan.routes if each.crew == crew)
    assert [stop["job"] for stop in route["stops"]] == [visit.job for visit in planned.visits]
    assert route["changes"]["first"]
    for path in ("requests", "board", "work-orders", "crew-states", "field"):
        assert client.get(f"/api/v1/{path}", headers=phone).status_code == 403
    other = {"crew-1": "crew-2", "crew-2": "crew-1"}[crew]
    assert client.get(f"/crews/{other}", headers=phone).status_code == 403


def test_a_route_that_stays_the_same_is_not_asked_of_the_database_again(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    def route() -> dict[str, Any]:
        asked.clear()
        told = client.get("/api/v1/phone/route", headers=phone).json
        assert told is not None
        return told

    event.listen(desk.store.engine, "before_cursor_execute", note)
    first = route()
    again = route()
    assert again == first
    # Whose token it is, what else was written meanwhile, and no more.
    assert len(asked) <= 2, asked
    job, order = first["stops"][0]["job"], first["stops"][0]["order"]
    mine = {stop["order"] for stop in first["stops"]}
    others = next(row for row in desk.rows("orders") if row["id"] not in mine)
    desk.note("order_told", others["id"], {"note": "elsewhere"}, OFFICE)
    assert route() == first
    # The news, the row that it touched, and no history of anybody.
    assert not any("subject IN" in each for each in asked), asked
    desk.note("order_told", order, {"note": "gate closed", "crew": "crew-9"}, OFFICE)
    told = route()["stops"][0]
    assert told["note"] == "gate closed"
    assert [each["note"] for each in told["history"]] == ["gate closed"]
    desk.work.crew_is(crew, "on_shift", OFFICE)
    assert route()["on_shift"]
    assert job == told["job"]
    event.remove(desk.store.engine, "before_cursor_execute", note)


def test_a_tap_sent_again_is_known_and_keeps_its_time(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str, store: Store
) -> None:
    job = first_job(desk, crew)
    then = (NOW - timedelta(minutes=12)).isoformat()
    sent = tap(1, "report", job=job, to="on_the_way") | {"at": then}
    assert [heard["status"] for heard in send(client, phone, sent, sent)] == ["taken", "known"]
    before = store.last_seq()
    assert send(client, phone, sent)[0]["status"] == "known"
    assert store.last_seq() == before
    row = next(row for row in desk.rows("jobs") if row["id"] == job)
    assert row["since"] == desk.clock() - timedelta(minutes=12)


def test_what_a_phone_with_a_wrong_clock_did_first_stays_first(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = first_job(desk, crew)

    def say(nr: int, to: str, tapped: datetime, sent_at: datetime) -> None:
        said = tap(nr, "report", job=job, to=to) | {"at": tapped.isoformat()}
        body = {"sent_at": sent_at.isoformat(), "taps": [said]}
        client.post("/api/v1/phone/taps", json=body, headers=phone)

    ahead = desk.clock() + timedelta(hours=3)
    say(1, "on_the_way", ahead - timedelta(seconds=2), ahead - timedelta(seconds=1))
    # The second message takes nine seconds longer: by it alone the crew arrived before it left.
    say(2, "on_site", ahead - timedelta(seconds=1), ahead + timedelta(seconds=9))
    say(3, "on_site", ahead + timedelta(minutes=5), ahead)
    moves = [e for e in desk.store.events_after(0) if e.kind == "job_moved" and e.source == "phone"]
    left, *arrived = [event.at for event in moves]
    assert left == desk.clock() - timedelta(seconds=1)
    assert arrived == [left, desk.clock()], "neither before it left nor in the future"


def first_job(desk: Desk, crew: str) -> str:
    route = next(each for each in desk.day().plan.routes if each.crew == crew)
    return route.visits[0].job


def stop_with_steps(client: FlaskClient, phone: dict[str, str]) -> dict[str, Any]:
    route = client.get("/api/v1/phone/route", headers=phone).json
    assert route is not None
    return next(stop for stop in route["stops"] if len(stop["steps"]) > 1)


def test_safety_steps_are_ticked_in_order_before_a_job_is_safe(
    client: FlaskClient, phone: dict[str, str]
) -> None:
    stop = stop_with_steps(client, phone)
    job, steps = stop["job"], [step["id"] for step in stop["steps"]]
    heard = send(
        client,
        phone,
        tap(1, "report", job=job, to="on_site"),
        tap(2, "report", job=job, to="safe"),
        tap(3, "tick", job=job, step=steps[1]),
        tap(4, "tick", job=job, step=steps[0]),
    )
    assert [each["code"] for each in heard] == [None, "steps", "order", None]
    rest = [tap(10 + nr, "tick", job=job, step=step) for nr, step in enumerate(steps[1:])]
    heard = send(client, phone, *rest, tap(99, "report", job=job, to="safe"))
    assert {each["status"] for each in heard} == {"taken"}


def test_a_conflict_is_answered_written_down_and_stays_a_conflict(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str, store: Store
) -> None:
    job = first_job(desk, crew)
    other = {"crew-1": "crew-2", "crew-2": "crew-1"}[crew]
    routes = {route.crew: [visit.job for visit in route.visits] for route in desk.day().plan.routes}
    routes[crew].remove(job)
    routes[other] = [*routes.get(other, []), job]
    try:
        desk.hands.set_routes(routes, OFFICE, "it is nearer")
    except Exception:
        routes[other].remove(job)
        desk.hands.set_routes(routes, OFFICE, "not today")
    sent = tap(1, "report", job=job, to="on_site")
    first, again = send(client, phone, sent)[0], send(client, phone, sent)[0]
    assert first["status"] == again["status"] == "conflict"
    assert first["code"] == again["code"]
    assert first["code"] in ("moved", "gone")
    office = {"Authorization": f"Bearer {Accounts(store).issue_token('board', 'dispatcher')}"}
    field = client.get("/api/v1/field", headers=office).json
    assert field is not None
    assert [note["what"] for note in field["notes"]] == ["conflict"]
    assert crew in field["unread"]


def test_what_changed_and_why_is_told_until_it_is_understood(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    send(client, phone, tap(1, "acknowledge", plan=1))
    assert client.get("/api/v1/phone/route", headers=phone).json["changes"] is None  # type: ignore[index]
    routes = {route.crew: [visit.job for visit in route.visits] for route in desk.day().plan.routes}
    gone = routes[crew].pop()
    desk.hands.set_routes(routes, OFFICE, "the crew is needed elsewhere")
    changes = client.get("/api/v1/phone/route", headers=phone).json["changes"]  # type: ignore[index]
    assert [job["job"] for job in changes["removed"]] == [gone]
    assert changes["reason"] == "the crew is needed elsewhere"
    send(client, phone, tap(2, "acknowledge", plan=2))
    assert client.get("/api/v1/phone/route", headers=phone).json["changes"] is None  # type: ignore[index]


def test_cause_estimate_help_and_another_fault_reach_the_desk(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job = first_job(desk, crew)
    heard = send(
        client,
        phone,
        tap(1, "sign_on"),
        tap(2, "report", job=job, to="on_site"),
        tap(3, "told", job=job, cause="tree", note="树压断线"),
        tap(4, "report", job=job, to="on_site", minutes=50),
        tap(5, "help", job=job, reason="second_crew"),
        tap(6, "found", job=job, note="a leaning pole"),
    )
    assert {each["status"] for each in heard} == {"taken"}
    order = next(row for row in desk.rows("orders") if row["id"] == desk.work.order_of(job))
    assert (order["cause"], order["note"], order["state"]) == ("tree", "树压断线", "on_site")
    assert next(row for row in desk.rows("jobs") if row["id"] == job)["minutes"] == 50
    assert "a leaning pole" in {row["words"] for row in desk.rows("requests")}
    assert desk.store.differing() == []


def test_a_closed_road_and_a_stuck_switch_are_what_the_board_would_have_said(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    job, switch = first_job(desk, crew), sorted(desk.case.grid.switch_at)[0]
    road = tap(1, "road_closed", job=job, note="a tree across it", lon=-71.2501, lat=-29.9001)
    stuck = tap(2, "switch_stuck", job=job, device=switch)
    heard = send(client, phone, road, stuck, road)
    assert [each["status"] for each in heard] == ["taken", "taken", "known"]
    rows = {row["what"]: row for row in desk.rows("changes")}
    assert set(rows) == {"closed", "stuck"}
    assert (rows["closed"]["reason"], rows["closed"]["actor"]) == ("a tree across it", f"phone {crew}")
    assert len(rows["closed"]["data"]["line"]) >= 2
    assert rows["stuck"]["subject"] == switch
    unknown = send(client, phone, tap(4, "switch_stuck", job=job, device="no such switch"))
    assert unknown[0]["code"] == "refused"
    assert desk.store.differing() == []


def test_what_cannot_be_read_does_not_hold_up_the_rest(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str
) -> None:
    bad = [tap(1, "report", job="x", to="gone fishing"), tap(2, "nonsense"), tap(3, "position", lon=1, lat=1)]
    heard = send(client, phone, *bad, tap(4, "report", job=first_job(desk, crew), to="on_the_way"))
    assert [each["code"] for each in heard] == ["refused", "refused", "refused", None]


def test_a_picture_is_kept_once_and_seen_by_the_office(
    client: FlaskClient, phone: dict[str, str], desk: Desk, crew: str, store: Store
) -> None:
    job = first_job(desk, crew)
    path = "/api/v1/phone/photos/picture-0001"
    query = {"job": job, "at": NOW.isoformat(), "sent_at": NOW.isoformat()}
    body = jpeg()
    answers = [client.put(path, query_string=query, data=body, headers=phone).json for _ in range(2)]
    assert [answer["status"] for answer in answers if answer] == ["taken", "known"]
    for wrong in (b"GIF89a", b"\xff\xd8\xff" + bytes(2000), body[:200], b"<svg/>", b""):
        assert client.put(path, query_string=query, data=wrong, headers=phone).status_code == 400
    assert client.put(path, query_string=query, data=bytes(700_000), headers=phone).status_code == 413
    office = {"Authorization": f"Bearer {Accounts(store).issue_token('board', 'dispatcher')}"}
    assert client.get(f"/api/v1/photos/{crew}.picture-0001", headers=office).data == body
    assert client.get(f"/api/v1/photos/{crew}.picture-0001", headers=phone).status_code == 403


def jpeg(place: bool = False, size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture, with the place and turned by its EXIF if wanted."""
    out, image = io.BytesIO(), Image.new("RGB", size, "orange")
    if not place:
        image.save(out, "JPEG")
        return out.getvalue()
    exif = Image.Exif()
    exif[274] = 6
    exif.get_ifd(0x8825).update({1: "S", 2: (29.0, 54.0, 0.0), 3: "W", 4: (71.0, 15.0, 0.0)})
    image.save(out, "JPEG", exif=exif, comment=b"taken by Ana")
    return out.getvalue()


def test_a_picture_loses_its_place_unless_the_utility_keeps_it() -> None:
    taken = jpeg(place=True)
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(0x8825)
    cleaned = clean_picture(taken)
    image = Image.open(io.BytesIO(cleaned))
    assert not image.getexif()
    assert b"Ana" not in cleaned
    assert image.size == (48, 64), "turned as the camera meant it"
    assert clean_picture(taken, keep_places=True) == taken
    assert clean_picture(jpeg()) == jpeg(), "what tells nothing more is left as it is"


def test_a_picture_of_too_many_pixels_is_not_opened() -> None:
    out = io.BytesIO()
    Image.new("L", (9000, 9000)).save(out, "JPEG", quality=1)
    with pytest.raises(NoPicture):
        clean_picture(out.getvalue())


def test_the_page_is_small_installable_and_strict(client: FlaskClient) -> None:
    zipped = {"Accept-Encoding": "gzip"}
    page = client.get("/phone", headers=zipped)
    csp = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in csp
    assert "unsafe" not in csp
    paths = [
        *shell(),
        "/phone/sw.js",
        "/phone/manifest.webmanifest",
    ]
    size_b = len(page.data) + sum(len(client.get(path, headers=zipped).data) for path in paths)
    assert size_b < 40_000
    manifest = client.get("/phone/manifest.webmanifest").get_json(force=True)
    assert manifest["display"] == "standalone"
    assert client.get("/phone/sw.js").headers["Service-Worker-Allowed"] == "/phone"


def test_the_office_makes_a_code_shows_it_once_and_prints_it(
    client: FlaskClient, store: Store, crew: str
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    Accounts(store).add("eva", "dispatcher", "a long enough one")
    client.post("/sign-in", data={"name": "eva", "password": "a long enough one"})
    made = client.post(f"/phones/{crew}", data={"pin": PIN})
    found = re.search(r'name="link" value="([^"]+)#([^"]+)"', made.get_data(as_text=True))
    assert found is not None
    assert enter(client, found[2]).status_code == 200
    assert found[2] not in client.get("/phones").get_data(as_text=True)
    assert client.post(f"/phones/{crew}", data={"pin": "1"}).status_code == 400
    assert client.post(f"/phones/{crew}/revoke").status_code == 302
    sheet = client.post(f"/phones/{crew}/sheet.pdf", data={"link": "http://elsewhere/phone/enter#x"})
    assert sheet.status_code == 400


def test_the_printed_sheet_leads_to_the_page(client: FlaskClient, store: Store, crew: str) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    Accounts(store).add("eva", "dispatcher", "a long enough one")
    client.post("/sign-in", data={"name": "eva", "password": "a long enough one"})
    sheet = client.get(f"/crews/{crew}/sheet").get_data(as_text=True)
    assert "this route on the phone" in sheet
    assert client.get("/crews").get_data(as_text=True).count("/phones") == 1


def test_who_called_is_asked_over_the_api(client: FlaskClient, store: Store, desk: Desk) -> None:
    office = {"Authorization": f"Bearer {Accounts(store).issue_token('calls', 'dispatcher')}"}
    order = next(each for each in desk.day().orders if each.outage and each.requests)
    desk.work.report(f"{order.id}/repair", "on_site", OFFICE, crew="crew-1")
    desk.work.report(f"{order.id}/repair", "done", OFFICE, crew="crew-1")
    asked = client.get("/api/v1/callbacks", headers=office).json
    assert asked is not None
    first = asked["callbacks"][0]
    path = f"/api/v1/callbacks/{first['request']}"
    assert client.post(path, json={"answer": "perhaps"}, headers=office).status_code == 400
    assert client.post(path, json={"answer": "no"}, headers=office).status_code == 200
    assert client.post("/api/v1/callbacks/R-none", json={"answer": "no"}, headers=office).status_code == 409
    state = next(row["state"] for row in desk.rows("orders") if row["id"] == first["order_id"])
    assert state == "accepted"
    soon = {"id": "W-1", "transformers": ["T1"], "reason": "new pole"}
    soon |= {"begins": "2026-07-16T08:00:00-04:00", "ends": "2026-07-16T10:00:00-04:00"}
    assert client.post("/api/v1/planned-outages", json=soon, headers=office).status_code == 409
    outbox = client.get("/api/v1/outbox", headers=office).json
    assert outbox is not None
    assert set(outbox["states"]) == {"waiting"}, "what customers are told waits for a sender"
