"""The running day over HTTP, by a program with a token and by people with a session."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.live import Budget, Who
from dispatch.live.handmade import Edit
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from dispatch.store.accounts import Accounts
from dispatch.store.sessions import Sessions
from tests.prepared import small_case
from web.app import create_app
from web.board.seats import Seats

ANA = Who(name="ana")


@pytest.fixture
def client(store: Store, tmp_path: Path) -> FlaskClient:
    case = small_case()
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=100))).desk
    return create_app(desk).test_client()


@pytest.fixture
def dispatcher(store: Store) -> dict[str, str]:
    return bearer(store, "call centre", "dispatcher")


def bearer(store: Store, name: str, role: str, crew: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {Accounts(store).issue_token(name, role, crew=crew)}"}


def test_a_request_is_logged_once_for_one_key(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    sent = {"words": "no light", "customer": "C05"}
    headers = dispatcher | {"Idempotency-Key": "hotline/1"}
    first = client.post("/api/v1/requests", json=sent, headers=headers)
    again = client.post("/api/v1/requests", json=sent, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json is not None
    assert again.json is not None
    assert first.json["id"] == again.json["id"]
    assert first.json["customer"]["name"] == "Elm Bakery"


def test_all_faults_of_a_body_are_answered_at_once(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    sent = {"words": "", "lat": 95, "custmer": "C05", "received_at": "2026-07-14T18:00:00"}
    answer = client.post("/api/v1/requests", json=sent, headers=dispatcher)
    assert answer.status_code == 400
    assert answer.json is not None
    faults = " ".join(answer.json["error"]["faults"])
    for word in ("words", "lat", "did you mean 'customer'", "received_at"):
        assert word in faults


def test_nobody_gets_in_without_a_token_or_a_session(client: FlaskClient) -> None:
    assert client.get("/api/v1/work-orders").status_code == 401
    wrong = {"Authorization": "Bearer nonsense"}
    assert client.get("/api/v1/work-orders", headers=wrong).status_code == 401


def test_a_session_without_the_pages_token_changes_nothing(client: FlaskClient, store: Store) -> None:
    Accounts(store).add("ana", "dispatcher", "a long enough one")
    ana = Accounts(store).find("ana")
    assert ana is not None
    with client.session_transaction() as session:
        session["account"], session["stamp"] = "ana", ana.stamp
        session["mark"] = Sessions(store).begin("ana", "127.0.0.1", datetime.now(UTC))
    assert client.post("/api/v1/requests", json={"words": "no light"}).status_code == 400


def test_a_crew_speaks_for_itself_only_and_sees_no_list(client: FlaskClient, store: Store) -> None:
    crew = bearer(store, "phone 1", "crew", "crew-1")
    assert client.get("/api/v1/requests", headers=crew).status_code == 403
    said = {"to": "on_site", "crew": "crew-2"}
    assert client.post("/api/v1/jobs/X/repair/report", json=said, headers=crew).status_code == 403


def test_a_job_that_was_just_taken_back_is_still_told_with_a_mark(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    desk = client.application.extensions["gridcrew_desk"]
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed"), ANA)
    work = {"words": "check the pole", "kind": "inspection", "customer": "C05", "minutes": 25, "skills": []}
    data = work | {"at": desk.clock().isoformat(), "crew": "crew-1"}
    desk.hands.set_routes(None, ANA, "seen", [Edit(subject="W-H1/service", what="add", data=data)])
    there = client.get("/api/v1/jobs/W-H1/service", headers=dispatcher)
    assert there.status_code == 200
    assert there.json is not None
    assert there.json["gone"] is False
    client.get("/api/v1/board", headers=dispatcher)
    desk.hands.set_routes(None, ANA, "no", [Edit(subject="W-H1/service", what="add", data=None)])
    gone = client.get("/api/v1/jobs/W-H1/service", headers=dispatcher)
    assert gone.json is not None
    assert gone.json["gone"] is True
    assert gone.json["job"] == there.json["job"]
    assert client.get("/api/v1/jobs/W-H2/service", headers=dispatcher).status_code == 404


def test_a_proposal_is_compared_published_and_worked(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    proposed = client.post("/api/v1/plans/proposal", headers=dispatcher).json
    assert proposed is not None
    number = proposed["proposal"]["number"]
    assert proposed["proposal"]["moves"]
    assert client.post(f"/api/v1/plans/{number}/publish", json={}, headers=dispatcher).status_code == 200
    orders = client.get("/api/v1/work-orders", headers=dispatcher).json
    assert orders is not None
    order = orders["orders"][0]
    move = {"to": "on_the_way", "seen": order["version"]}
    path = f"/api/v1/work-orders/{order['id']}/state"
    assert client.post(path, json=move, headers=dispatcher).status_code == 200
    late = client.post(path, json=move, headers=dispatcher)
    assert late.status_code == 409
    assert late.json is not None
    assert late.json["error"]["by"] == "call centre"


def test_a_proposal_that_changes_nothing_is_not_to_be_read(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    client.post("/api/v1/plans/proposal", headers=dispatcher)
    client.post("/api/v1/plans/1/publish", json={}, headers=dispatcher)
    assert client.post("/api/v1/plans/proposal", headers=dispatcher).json == {"proposal": None}
    assert client.get("/api/v1/state", headers=dispatcher).json["proposal"] == 2


def test_a_proposal_says_what_each_part_gains_and_what_kind_each_move_is(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    found = client.post("/api/v1/plans/proposal", json={"free": True}, headers=dispatcher).json["proposal"]
    assert {move["kind"] for move in found["moves"]} == {"new"}
    assert {job for part in found["gains"] for job in part["jobs"]} == {
        move["job"] for move in found["moves"]
    }
    assert found["why"] == []


def test_how_to_plan_is_checked(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    answer = client.post("/api/v1/plans/proposal", json={"freely": True}, headers=dispatcher)
    assert answer.status_code == 400
    assert "free" in str(answer.json)


def test_a_vehicle_is_filled_by_its_own_crew_or_the_office(
    client: FlaskClient, dispatcher: dict[str, str], store: Store
) -> None:
    crew = bearer(store, "phone 1", "crew", "crew-1")
    assert client.post("/api/v1/crews/crew-2/restocked", headers=crew).status_code == 403
    assert client.post("/api/v1/crews/crew-1/restocked", headers=crew).status_code == 200
    assert client.post("/api/v1/crews/crew-2/restocked", json={}, headers=dispatcher).status_code == 200
    assert client.post("/api/v1/crews/crew-9/restocked", json={}, headers=dispatcher).status_code == 409


def test_an_unknown_plan_is_refused_in_words(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    answer = client.post("/api/v1/plans/77/publish", json={}, headers=dispatcher)
    assert answer.status_code == 409
    assert answer.json is not None
    assert "no plan 77" in answer.json["error"]["text"]


def test_routes_by_hand_are_tried_without_a_trace(
    client: FlaskClient, dispatcher: dict[str, str], store: Store
) -> None:
    client.post("/api/v1/plans/proposal", headers=dispatcher)
    client.post("/api/v1/plans/1/publish", json={}, headers=dispatcher)
    before = store.last_seq()
    tried = client.post("/api/v1/plans/try", json={"routes": {}}, headers=dispatcher).json
    assert tried is not None
    assert tried["cost"] > 0
    assert store.last_seq() == before


def test_events_come_as_they_happen_without_words_of_customers(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    client.post("/api/v1/requests", json={"words": "secret words", "customer": "C05"}, headers=dispatcher)
    stream = client.get("/api/v1/events?after=0", headers=dispatcher)
    text = b""
    for part in stream.response:
        text += part if isinstance(part, bytes) else part.encode()
        if b"request_logged" in text:
            break
    stream.close()
    assert b"event: change" in text
    assert b"secret words" not in text


def test_a_stream_does_not_end_however_much_it_has_told(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    seq = client.get("/api/v1/state", headers=dispatcher).json["seq"]  # type: ignore[index]
    stream = client.get(f"/api/v1/events?as=state&after={seq}", headers=dispatcher)
    parts = (part if isinstance(part, str) else part.decode() for part in stream.response)
    for number in range(12):
        given = {"words": f"no light {number}", "customer": "C05"}
        logged = client.post("/api/v1/requests", json=given, headers=dispatcher).json["id"]  # type: ignore[index]
        assert any(logged in part for part in parts)
    stream.close()


def test_who_finds_no_seat_for_a_stream_is_told_what_is_new_and_asked_to_come_again(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    client.application.extensions["gridcrew_seats"] = Seats(1)
    first = client.get("/api/v1/events?as=state&after=0", headers=dispatcher)
    assert b"retry: 1000" in next(iter(first.response))
    second = client.get("/api/v1/events?as=state&after=0", headers=dispatcher)
    text = second.get_data()
    assert b"retry: 3000" in text
    assert b"event: state" in text
    first.close()
    third = client.get("/api/v1/events?as=state&after=0", headers=dispatcher)
    assert b"retry: 1000" in next(iter(third.response))
    third.close()


def test_a_wall_of_boards_under_one_account_makes_room_for_others() -> None:
    seats = Seats(4)
    wall = [seats.take("wall") for _ in range(4)]
    assert all(wall)
    assert seats.take("wall") is None
    for number, name in enumerate(("ana", "ben"), 1):
        assert seats.take(name) is not None
        assert [each is not None and each.given_up.is_set() for each in wall] == [
            at < number for at in range(4)
        ]
    # Two for the wall, one each for the others: nobody has more to give.
    assert seats.take("ana") is None
    assert seats.take("eva") is not None
    assert seats.take("fay") is None
    last = wall[3]
    assert last is not None
    seats.leave(last)
    assert seats.take("fay") is not None


def publish(client: FlaskClient, dispatcher: dict[str, str]) -> int:
    client.post("/api/v1/plans/proposal", headers=dispatcher)
    state = client.get("/api/v1/state", headers=dispatcher).json
    assert state is not None
    number = int(state["proposal"])
    assert client.post(f"/api/v1/plans/{number}/publish", json={}, headers=dispatcher).status_code == 200
    return number


def test_the_state_names_plans_orders_and_crews_that_have_not_read(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    number = publish(client, dispatcher)
    client.post(f"/api/v1/crews/crew-1/acknowledge/{number}", headers=dispatcher)
    state = client.get("/api/v1/state", headers=dispatcher).json
    assert state is not None
    assert (state["plan"], state["proposal"]) == (number, None)
    assert state["published"]["by"] == "call centre"
    assert state["unread"] == ["crew-2"]
    assert {order["state"] for order in state["orders"]} == {"dispatched"}


def test_routes_made_from_an_older_plan_are_a_conflict(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    publish(client, dispatcher)
    sent = {"routes": {}, "reason": "x", "seen": 0}
    answer = client.post("/api/v1/plans/routes", json=sent, headers=dispatcher)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"]["by"] == "call centre"


def test_new_work_is_on_the_board_before_it_is_given_to_anybody(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    publish(client, dispatcher)
    said = {"words": "A wire is lying on the road", "customer": "C11"}
    client.post("/api/v1/requests", json=said, headers=dispatcher)
    client.post("/api/v1/plans/proposal", headers=dispatcher)
    board = client.get("/api/v1/board", headers=dispatcher).json
    assert board is not None
    fresh = [job for job in board["jobs"] if job.get("fresh") and job["cls"] == "P1"]
    assert [job["crews"] for job in fresh] == [[]]
    job = fresh[0]["id"]
    crews = client.get(f"/api/v1/jobs/{job}/crews", headers=dispatcher).json
    assert crews is not None
    assert {each["crew"] for each in crews["crews"]} <= {"crew-1", "crew-2"}
    assert crews["crews"][0]["violations"] == []
    sent = client.post(f"/api/v1/urgent/{job}/divert", json={"crew": "crew-1"}, headers=dispatcher)
    assert sent.status_code == 200
    board = client.get("/api/v1/board", headers=dispatcher).json
    assert board is not None
    assert next(each["crews"] for each in board["jobs"] if each["id"] == job) == ["crew-1"]


def test_customers_are_found_by_any_of_their_words(client: FlaskClient, dispatcher: dict[str, str]) -> None:
    for text in ("c05", "elm bakery", "avenue 4", "+56512000005"):
        found = client.get("/api/v1/customers", query_string={"q": text}, headers=dispatcher).json
        assert found is not None
        assert "C05" in {each["id"] for each in found["customers"]}, text
    assert client.get("/api/v1/customers?q=", headers=dispatcher).json == {"customers": [], "callers": []}
    assert client.get("/api/v1/customers/C99", headers=dispatcher).status_code == 404


def test_only_those_who_take_calls_look_customers_up(client: FlaskClient, store: Store) -> None:
    for name, role, crew in (("wall", "viewer", None), ("phone 9", "crew", "crew-1")):
        assert client.get("/api/v1/customers?q=a", headers=bearer(store, name, role, crew)).status_code == 403


def test_what_a_crew_is_offered_for_costs_what_trying_the_move_says(
    client: FlaskClient, dispatcher: dict[str, str]
) -> None:
    publish(client, dispatcher)
    board = client.get("/api/v1/board", headers=dispatcher).json
    assert board is not None
    routes = {crew["id"]: [stop["job"] for stop in crew["stops"]] for crew in board["crews"]}
    own, job = next((crew, jobs[0]) for crew, jobs in routes.items() if jobs and crew.startswith("crew"))
    offered = client.get(f"/api/v1/jobs/{job}/crews", headers=dispatcher).json
    assert offered is not None
    assert offered["crews"]
    for each in offered["crews"]:
        moved = {
            crew: [other for other in jobs if other != job] if crew in (own, each["crew"]) else jobs
            for crew, jobs in routes.items()
        }
        moved[each["crew"]].insert(each["position"], job)
        body = {"routes": {crew: jobs for crew, jobs in moved.items() if jobs}}
        tried = client.post("/api/v1/plans/try", json=body, headers=dispatcher).json
        assert tried is not None
        assert each["cost"] == pytest.approx(tried["cost"])
