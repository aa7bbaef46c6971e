"""A phone in a pocket rings: sealed, signed, for its own crew, where the utility allows it, never twice."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from py_vapid import Vapid02

from dispatch.ground.errors import DispatchError
from dispatch.live import Entry, Who, act_on, answer_call, draft_tickets
from dispatch.push.keys import KEPT_AS, PushKey
from dispatch.push.settings import PushSettings
from dispatch.room import Room, RoomOptions, open_room
from dispatch.store import Store, open_store
from dispatch.store.accounts import Accounts
from dispatch.store.phones import Phones
from dispatch.store.push_rows import MOST_OF_A_CREW, count
from tests.web.push_service import Pocket, PushService, raw_of
from tests.web.test_phone import NOW, PIN, busy_crew, case, enter, send, tap
from tests.web.test_tickets import repair_of
from web.app import create_app
from web.board.seats import Seats
from web.entrance.directory import Directory
from web.phone.listening import Listening

__all__ = ["case"]
OFFICE = Who(name="ana")
ALLOWED = PushSettings(hosts=("127.0.0.1",), contact="mailto:duty@utility.example", inside=True)
PUSH, NEWS = "/api/v1/phone/push", "/api/v1/phone/news"


@pytest.fixture
def service() -> Iterator[PushService]:
    made = PushService()
    yield made
    made.end()


def room_of(case: Any, store: Store, push: PushSettings | None = ALLOWED) -> Room:
    room = open_room(case, store, lambda: case.settings.now, RoomOptions(push=push))
    if room.desk.plan_number("published") is None:
        room.desk.shelf.propose(OFFICE)
        room.desk.shelf.publish(1, OFFICE)
    return room


@pytest.fixture
def room(case: Any, store: Store) -> Room:
    return room_of(case, store)


@pytest.fixture
def clock() -> list[float]:
    return [NOW.timestamp()]


def served(room: Room, clock: list[float]) -> FlaskClient:
    if room.pushing is not None:
        room.pushing._wall = lambda: datetime.fromtimestamp(clock[0], UTC)
    book = Directory(Accounts(room.desk.store))
    app = create_app(room.desk, accounts_book=book, clock=lambda: clock[0])
    app.extensions["gridcrew_pushing"] = room.pushing
    return app.test_client()


@pytest.fixture
def client(room: Room, clock: list[float]) -> FlaskClient:
    return served(room, clock)


def signed_in(client: FlaskClient, room: Room, crew: str) -> dict[str, str]:
    code = Phones(room.desk.store).make_link(crew, PIN, until=NOW + timedelta(hours=5), by="ana", now=NOW)
    return {"Authorization": f"Bearer {enter(client, code).json['token']}"}


@pytest.fixture
def crew(room: Room) -> str:
    return busy_crew(room.desk)


@pytest.fixture
def phone(client: FlaskClient, room: Room, crew: str) -> dict[str, str]:
    return signed_in(client, room, crew)


@pytest.fixture
def pocket(client: FlaskClient, service: PushService, phone: dict[str, str]) -> Pocket:
    made = Pocket(service, "first")
    assert client.put(PUSH, json=made.place, headers=phone).status_code == 200
    return made


def turn(room: Room) -> None:
    """Let the duty look once."""
    assert room.pushing is not None
    room.pushing.look()


def come_home(room: Room) -> None:
    """Every crew's route becomes another one."""
    room.desk.hands.set_routes({}, OFFICE, "everybody comes home")


def test_another_route_rings_its_crew_s_phone_sealed_and_signed(
    room: Room, service: PushService, pocket: Pocket
) -> None:
    turn(room)
    assert service.got == []
    come_home(room)
    turn(room)
    ((path, head, body, _),) = service.got
    assert path == pocket.path
    published = [e.seq for e in room.desk.store.events_after(0) if e.kind == "plan_published"]
    assert pocket.read(body) == {"what": "route", "n": published[-1]}
    assert Vapid02.verify(head["Authorization"])
    claims = json.loads(raw_of(head["Authorization"].split("t=")[1].split(".")[1]))
    assert claims["aud"] == f"http://127.0.0.1:{service.port}"
    assert claims["sub"] == ALLOWED.contact
    assert 0 < claims["exp"] - NOW.timestamp() <= 24 * 3600
    assert (head["Content-Encoding"], head["Urgency"]) == ("aes128gcm", "high")
    turn(room)
    assert len(service.got) == 1


def test_what_is_sent_names_nobody_and_no_place(room: Room, service: PushService, pocket: Pocket) -> None:
    room.desk.hands.set_routes({}, OFFICE, "Mrs Soto of 12 Elm Avenue has rung")
    turn(room)
    ((_, head, body, _),) = service.got
    assert set(pocket.read(body)) == {"what", "n"}
    told = json.dumps(head) + str(body)
    assert not [secret for secret in ("Soto", "Elm", "crew-") if secret in told]


def test_a_danger_on_the_new_route_is_said_to_be_one(
    room: Room, client: FlaskClient, service: PushService
) -> None:
    pockets = {each: Pocket(service, each) for each in room.desk.case.crew_by_id}
    for each, made in pockets.items():
        client.put(PUSH, json=made.place, headers=signed_in(client, room, each))
    room.desk.calls.log(
        Entry(words="A wire is down and sparks on the road", received_at=room.desk.clock(), customer="C01"),
        OFFICE,
    )
    before = room.desk.archive.published_routes(1)
    publish_anew(room)
    day = room.desk.day()
    dangerous = {
        route.crew
        for route in day.plan.routes
        for visit in route.visits
        if visit.job not in before.get(route.crew, ()) and day.cards[visit.job].hazard
    }
    assert dangerous
    turn(room)
    told = {path.split("/")[-1]: body for path, _, body, _ in service.got}
    said = {each: pockets[each].read(body)["what"] for each, body in told.items()}
    assert {each for each, what in said.items() if what == "danger"} == dangerous


def publish_anew(room: Room) -> None:
    room.desk.shelf.propose(OFFICE)
    room.desk.shelf.publish(room.desk.plan_number("proposed") or 0, OFFICE)


def test_the_office_s_answer_rings_the_crew_that_called(
    room: Room, client: FlaskClient, service: PushService, phone: dict[str, str], pocket: Pocket
) -> None:
    answered(room, client, phone)
    turn(room)
    assert [pocket.read(body)["what"] for _, _, body, _ in service.got] == ["answer"]


def answered(room: Room, client: FlaskClient, phone: dict[str, str]) -> None:
    """The crew calls for help, and the office answers."""
    send(client, phone, tap(1, "help", reason="medical"))
    call = client.get("/api/v1/phone/route", headers=phone).json["calls"][0]["seq"]
    answer_call(room.desk, call, OFFICE, "an ambulance is on its way")


def test_a_ticket_that_is_issued_rings_its_crew(
    room: Room, service: PushService, pocket: Pocket, crew: str
) -> None:
    number = next(
        n for n in draft_tickets(room.desk, repair_of(room.desk, crew), OFFICE) if n.startswith("W-")
    )
    turn(room)
    assert service.got == []
    act_on(room.desk, number, "issue", OFFICE, second="ben")
    turn(room)
    assert [pocket.read(body)["what"] for _, _, body, _ in service.got] == ["ticket"]


def test_what_one_crew_must_hear_rings_no_other(
    room: Room, client: FlaskClient, service: PushService, phone: dict[str, str], pocket: Pocket, crew: str
) -> None:
    other = next(each for each in room.desk.case.crew_by_id if each != crew)
    theirs = Pocket(service, "theirs")
    assert client.put(PUSH, json=theirs.place, headers=signed_in(client, room, other)).status_code == 200
    answered(room, client, phone)
    turn(room)
    assert [path for path, *_ in service.got] == [pocket.path]


def test_a_phone_that_signs_on_for_another_crew_hears_of_that_crew_alone(
    room: Room, client: FlaskClient, service: PushService, phone: dict[str, str], pocket: Pocket, crew: str
) -> None:
    other = next(each for each in room.desk.case.crew_by_id if each != crew)
    theirs = signed_in(client, room, other)
    assert client.put(PUSH, json=pocket.place, headers=theirs).status_code == 200
    assert count(room.desk.store) == 1
    answered(room, client, phone)
    turn(room)
    assert service.got == []


@pytest.mark.parametrize("ends", ["the office takes the phone back", "the crew goes home", "it says so"])
def test_a_phone_is_rung_until_it_has_signed_off(
    room: Room,
    client: FlaskClient,
    service: PushService,
    phone: dict[str, str],
    crew: str,
    pocket: Pocket,
    ends: str,
) -> None:
    if ends == "the office takes the phone back":
        Phones(room.desk.store).revoke(crew)
    elif ends == "the crew goes home":
        send(client, phone, tap(1, "sign_on"), tap(2, "sign_off"))
    else:
        assert client.delete(PUSH, headers=phone).status_code == 200
    assert count(room.desk.store) == 0
    come_home(room)
    turn(room)
    assert service.got == []


def test_a_token_that_has_ended_and_a_crew_that_is_absent_are_not_rung(
    room: Room, service: PushService, pocket: Pocket, crew: str, clock: list[float]
) -> None:
    room.desk.work.crew_is(crew, "absent", OFFICE)
    come_home(room)
    turn(room)
    room.desk.work.crew_is(crew, "on_shift", OFFICE)
    clock[0] += 30 * 3600
    publish_anew(room)
    turn(room)
    assert service.got == []


def test_a_crew_has_so_many_phones_that_ring_and_no_more(
    room: Room, client: FlaskClient, service: PushService, crew: str
) -> None:
    for _ in range(MOST_OF_A_CREW + 2):
        place = Pocket(service).place
        assert client.put(PUSH, json=place, headers=signed_in(client, room, crew)).status_code == 200
    assert count(room.desk.store) == MOST_OF_A_CREW


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        ("https://push.elsewhere.example/x", 403),
        ("http://localhost:9/x", 403),
        ("https://user:word@127.0.0.1/x", 403),
        ("file:///etc/passwd", 403),
        ("x", 400),
    ],
)
def test_only_push_services_that_are_named_are_rung_through(
    client: FlaskClient, room: Room, phone: dict[str, str], service: PushService, endpoint: str, status: int
) -> None:
    place = Pocket(service).place | {"endpoint": endpoint}
    assert client.put(PUSH, json=place, headers=phone).status_code == status
    assert count(room.desk.store) == 0


def test_a_place_inside_the_house_is_refused_unless_it_is_said_to_be_the_house_s_own(
    case: Any, store: Store, clock: list[float], service: PushService
) -> None:
    room = room_of(case, store, replace(ALLOWED, inside=False))
    client = served(room, clock)
    phone = signed_in(client, room, busy_crew(room.desk))
    place = Pocket(service).place
    for endpoint in (place["endpoint"], place["endpoint"].replace("http:", "https:")):
        assert client.put(PUSH, json=place | {"endpoint": endpoint}, headers=phone).status_code == 403


@pytest.mark.parametrize("keys", [{"p256dh": "A" * 87, "auth": "B" * 22}, {"p256dh": "no", "auth": "no"}, {}])
def test_keys_that_are_none_are_refused(
    client: FlaskClient, phone: dict[str, str], service: PushService, keys: dict[str, str]
) -> None:
    place = Pocket(service).place | {"keys": keys}
    assert client.put(PUSH, json=place, headers=phone).status_code == 400


def test_without_a_named_push_service_nothing_is_asked_of_a_phone(
    case: Any, store: Store, clock: list[float], service: PushService
) -> None:
    room = room_of(case, store, None)
    client = served(room, clock)
    phone = signed_in(client, room, busy_crew(room.desk))
    assert client.put(PUSH, json=Pocket(service).place, headers=phone).status_code == 404
    assert b'data-push=""' in client.get("/phone").data
    assert "push" not in [worker.name for worker in room.workers.workers]


def test_a_push_service_that_is_away_gets_one_message_when_it_is_back(
    room: Room, service: PushService, pocket: Pocket, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    service.answers = [503]
    come_home(room)
    with caplog.at_level(logging.DEBUG):
        turn(room)
    assert service.got == []
    assert pocket.path not in caplog.text
    clock[0] += 3600
    turn(room)
    turn(room)
    assert len(service.got) == 1


def test_what_was_told_is_not_told_again_after_a_restart_and_what_was_not_is(
    case: Any, room: Room, service: PushService, pocket: Pocket, clock: list[float], tmp_path: Path
) -> None:
    come_home(room)
    turn(room)
    again = room_of(case, open_store(f"sqlite:///{tmp_path}/day.sqlite"))
    served(again, clock)
    turn(again)
    assert len(service.got) == 1
    publish_anew(again)
    third = room_of(case, open_store(f"sqlite:///{tmp_path}/day.sqlite"))
    served(third, clock)
    turn(third)
    assert len(service.got) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_phone_that_its_push_service_does_not_know_is_forgotten(
    room: Room, service: PushService, pocket: Pocket, status: int
) -> None:
    service.answers = [status]
    come_home(room)
    turn(room)
    assert count(room.desk.store) == 0


def test_the_key_is_made_once_and_shown_to_nobody(
    store: Store, client: FlaskClient, phone: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    book = Accounts(store)
    with caplog.at_level(logging.DEBUG):
        one, two = PushKey.kept(book), PushKey.kept(book)
    secret = book.keepsake(KEPT_AS)
    assert one.public == two.public
    assert secret.startswith("-----BEGIN PRIVATE KEY")
    lines = [line for line in secret.splitlines() if not line.startswith("-")]
    seen = caplog.text + repr(one) + client.get("/phone").text + client.get("/phone/sw.js").text
    assert not any(line in seen for line in lines)
    assert f'data-push="{one.public}"' in client.get("/phone").text


@pytest.mark.parametrize("contact", ["", "duty@utility.example", "mailto:", "mailto:a b@c"])
def test_a_push_service_must_know_whom_to_write_to(contact: str) -> None:
    with pytest.raises(DispatchError, match="mailto:duty@utility"):
        PushSettings(hosts=("fcm.googleapis.com",), contact=contact)


def test_an_open_page_hears_of_another_route_within_three_seconds(
    room: Room, client: FlaskClient, phone: dict[str, str]
) -> None:
    begun = client.get(NEWS, headers=phone).json
    assert begun["what"] is None
    heard: list[tuple[float, Any]] = []

    def ask() -> None:
        answer = client.application.test_client().get(f"{NEWS}?after={begun['seq']}", headers=phone)
        heard.append((time.monotonic(), answer.json))

    asking = threading.Thread(target=ask)
    asking.start()
    threading.Event().wait(0.3)
    come_home(room)
    told_at = time.monotonic()
    asking.join(timeout=30)
    ((at, answer),) = heard
    assert answer["what"] == "route"
    assert at - told_at < 3.0


def test_of_many_phones_that_wait_each_hears_what_concerns_its_crew(
    room: Room, client: FlaskClient, phone: dict[str, str], crew: str
) -> None:
    listening, heard = Listening(room.desk), {}
    began = room.desk.store.last_seq()
    crews = [crew, *(each for each in room.desk.case.crew_by_id if each != crew)] * 4

    def listen(number: int, of: str) -> None:
        after, news, ends = began, None, time.monotonic() + 5.0
        while news is None and time.monotonic() < ends:
            after, news = listening.wait(of, after, 0.5)
        heard[number] = news and news.what

    waiting = [threading.Thread(target=listen, args=each) for each in enumerate(crews)]
    for thread in waiting:
        thread.start()
    ends = time.monotonic() + 20
    while listening.waiting < len(crews) - 1 and time.monotonic() < ends:
        threading.Event().wait(0.01)
    answered(room, client, phone)
    for thread in waiting:
        thread.join(timeout=30)
    assert {number: what for number, what in heard.items() if what} == {
        number: "answer" for number, each in enumerate(crews) if each == crew
    }
    assert listening.waiting == 0


def test_a_phone_that_was_away_for_long_hears_what_it_missed(
    room: Room, client: FlaskClient, phone: dict[str, str], crew: str
) -> None:
    before = room.desk.store.last_seq()
    answered(room, client, phone)
    listening = Listening(room.desk)
    seq, news = listening.wait(crew, before, 0.0)
    assert (news is not None and news.what, seq) == ("answer", room.desk.store.last_seq())
    assert listening.wait(crew, seq, 0.0) == (seq, None)


def test_a_phone_that_listens_takes_no_seat_from_a_board(
    room: Room, client: FlaskClient, phone: dict[str, str]
) -> None:
    client.application.extensions["gridcrew_seats"] = Seats(0)
    begun = client.get(NEWS, headers=phone).json["seq"]
    answered(room, client, phone)
    told = client.get(f"{NEWS}?after={begun}", headers=phone).json
    assert (told["what"], told["again_s"]) == ("answer", 0)


def test_news_is_for_crews_alone_and_of_their_own(
    room: Room, client: FlaskClient, phone: dict[str, str], crew: str
) -> None:
    other = next(each for each in room.desk.case.crew_by_id if each != crew)
    theirs = signed_in(client, room, other)
    begun = client.get(NEWS, headers=theirs).json["seq"]
    answered(room, client, phone)
    client.application.extensions["gridcrew_phone_seats"] = Seats(0)
    quiet = client.get(f"{NEWS}?after={begun}", headers=theirs).json
    assert (quiet["what"], quiet["again_s"] > 0) == (None, True)
    assert client.get(f"{NEWS}?after={begun}", headers=phone).json["what"] == "answer"
    assert client.get(NEWS).status_code == 401


def test_an_unchanged_route_is_not_sent_again(client: FlaskClient, phone: dict[str, str]) -> None:
    first = client.get("/api/v1/phone/route", headers=phone)
    again = client.get("/api/v1/phone/route", headers=phone | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
