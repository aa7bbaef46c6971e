"""Events out of the house: in order, signed, sent again, never inside, never with a name; critical sites."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from dispatch.messages.senders import NotSent, signature
from dispatch.messages.sending import MOST_TRIES
from dispatch.outward import posting
from dispatch.outward.catalogue import EVENTS, catalogue, message_schema
from dispatch.outward.guard import EventSettings, Forbidden, is_public, target_of
from dispatch.outward.outbound import Outbound
from dispatch.room import Room
from dispatch.store import Store, open_store
from dispatch.store import outward_rows as rows
from dispatch.store.accounts import Accounts
from dispatch.store.outward_rows import Outgoing, Sent
from tests.web.outward_room import ANA, NAME, PHONE, SECRETS, look, town, trip
from web.app import create_app

INSIDE = EventSettings(inside=True)
AT = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)


class Receiver:
    """A system outside, on loopback; it answers with what `answers` says, then with 204."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int | str] = []
        self.refused: set[str] = set()
        self.let_go = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = outer.answers.pop(0) if outer.answers else 204
                if told == 204 and json.loads(body).get("subject") in outer.refused:
                    told = 500
                if told == "drip":
                    outer.drip(self.wfile)
                    return
                if told == 204:
                    outer.got.append((self.path, dict(self.headers), body))
                self.send_response(int(told))
                if told == 302:
                    self.send_header("Location", f"http://127.0.0.1:{outer.port}/inside")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def drip(self, file: Any) -> None:
        """One letter after the other, and never an end."""
        with suppress(OSError):
            while not self.let_go.wait(0.1):
                file.write(b"H")
                file.flush()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hear"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.got]

    def close(self) -> None:
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Iterator[Room]:
    made = town(store, tmp_path, events=INSIDE)
    look(made, "events")
    yield made
    made.desk.store.close()


@pytest.fixture
def outbound(room: Room) -> Outbound:
    assert room.outbound is not None
    return room.outbound


@pytest.fixture
def client(room: Room) -> FlaskClient:
    app = create_app(room.desk)
    app.extensions["gridcrew_outbound"] = room.outbound
    return app.test_client()


def tell(store: Store, *subjects: str) -> None:
    """Have something to send."""
    told = [
        Outgoing(type="order.changed", subject=each, at=AT, data={"order": each, "n": at})
        for at, each in enumerate(subjects)
    ]
    rows.write(store, told, 0, {}, datetime.now(UTC))


def later(store: Store, hook: str) -> None:
    """Let time pass for what is put off."""
    for row, _ in rows.waiting(store, hook, 1000):
        rows.tell_delivery(store, row["id"], due_at=datetime.now(UTC) - timedelta(seconds=1))


def test_a_day_is_told_as_the_catalogue_says_signed_and_without_names(
    room: Room, outbound: Outbound, receiver: Receiver
) -> None:
    _, secret = outbound.add(receiver.url, (), "root")
    trip(room.desk)
    room.desk.note("order_told", "O-RC-1", {"cause": "tree", "note": f"{NAME} {PHONE}"}, ANA)
    for state in ("on_the_way", "on_site", "restored"):
        room.desk.note("order_moved", "O-RC-1", {"to": state, "note": NAME}, ANA)
        look(room, "events")
    look(room, "webhooks")
    types = {each["type"].removeprefix("org.gridcrew.").removesuffix(".v1") for each in receiver.told}
    assert {"plan.published", "order.changed", "crew.sent", "outage.opened", "outage.closed"} <= types
    for path, headers, body in receiver.got:
        told = json.loads(body)
        name = told["type"].removeprefix("org.gridcrew.").removesuffix(".v1")
        jsonschema.validate(told, message_schema(name))
        assert path == "/hear"
        stamp = headers["X-Gridcrew-Timestamp"]
        assert headers["X-Gridcrew-Signature"] == signature(secret.encode(), stamp, body)
        assert not [each for each in SECRETS if each in body.decode()]
    numbers = [int(each["id"]) for each in receiver.told]
    assert numbers == sorted(numbers) == list(range(1, len(numbers) + 1))


def test_every_type_has_a_schema_that_is_one() -> None:
    told = catalogue("events")
    assert told["asyncapi"] == "3.0.0"
    for name in EVENTS:
        jsonschema.Draft202012Validator.check_schema(told["components"]["schemas"][name])


def test_an_outage_that_changes_is_told_again_and_one_that_stays_is_not(room: Room, store: Store) -> None:
    trip(room.desk)
    look(room, "events")
    before = rows.after(store, 0, 500)[2]
    room.desk.note("noted", "somebody", {"what": "note"}, ANA)
    look(room, "events")
    assert rows.after(store, 0, 500)[2] == before
    room.desk.note("order_told", "O-RC-1", {"cause": "tree"}, ANA)
    look(room, "events")
    new = [each.type for each in rows.after(store, before, 500)[0]]
    assert new == ["order.changed", "outage.changed"]


def test_what_fails_waits_longer_and_longer_holds_up_its_own_object_alone_and_is_given_up(
    store: Store, outbound: Outbound, receiver: Receiver
) -> None:
    id_, _ = outbound.add(receiver.url, (), "root")
    tell(store, "A", "B", "A", "B", "C")
    receiver.refused = {"A"}
    outbound.delivering.look()
    assert [each["subject"] for each in receiver.told] == ["B", "B", "C"]
    row = rows.waiting(store, id_, 10)[0][0]
    assert (row["tries"], row["note"]) == (1, "answered 500")
    assert row["due_at"] > datetime.now(UTC)
    outbound.delivering.look()
    assert rows.waiting(store, id_, 10)[0][0]["tries"] == 1
    for _ in range(MOST_TRIES - 1):
        later(store, id_)
        outbound.delivering.look()
    shown = rows.newest_deliveries(store, id_, 10)
    assert [each["state"] for each in shown if each["subject"] == "A"] == ["waiting", "given_up"]
    receiver.refused = set()
    assert rows.send_again(store, id_, datetime.now(UTC)) == 1
    later(store, id_)
    outbound.delivering.look()
    assert [each["data"]["n"] for each in receiver.told if each["subject"] == "A"] == [0, 2]


def test_a_redirect_to_an_inside_address_is_not_followed(
    store: Store, outbound: Outbound, receiver: Receiver
) -> None:
    id_, _ = outbound.add(receiver.url, (), "root")
    tell(store, "A")
    receiver.answers = [302]
    outbound.delivering.look()
    assert receiver.got == []
    assert rows.newest_deliveries(store, id_, 1)[0]["state"] == "given_up"


def test_a_receiver_that_drips_or_hangs_is_cut_off_and_the_others_are_served(
    store: Store, outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TIMEOUT_S", 0.5)
    slow = Receiver()
    slow.answers = ["drip", "drip", "drip"]
    bad, _ = outbound.add(slow.url, (), "root")
    outbound.add(receiver.url, (), "root")
    tell(store, "A", "B", "C")
    outbound.delivering.look()
    slow.close()
    assert len(receiver.got) == 3
    assert {row["state"] for row in rows.newest_deliveries(store, bad, 9)} == {"waiting"}


def test_who_dies_between_sending_and_noting_sends_the_same_event_under_the_same_id(
    room: Room, outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbound.add(receiver.url, (), "root")
    store = room.desk.store
    tell(store, "A", "B")

    def die(*_: Any, **__: Any) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(rows, "tell_delivery", die)
        with pytest.raises(SystemExit):
            outbound.delivering.look()
    # Another process takes over the same database.
    other = open_store(str(store.engine.url))
    outbound.delivering.__class__(
        other, outbound.key, outbound.delivering.source, INSIDE, outbound.wall
    ).look()
    ids = [each["id"] for each in receiver.told]
    assert ids == ["1", "1", "2"]
    other.close()


def test_the_past_is_read_by_number_and_a_gap_is_said(client: FlaskClient, store: Store, room: Room) -> None:
    tell(store, *(f"S{at}" for at in range(7)))
    viewer = {"Authorization": f"Bearer {Accounts(store).issue_token('eyes', 'viewer')}"}
    first = client.get("/api/v1/outward-events?after=0&most=4", headers=viewer).get_json()
    second = client.get(f"/api/v1/outward-events?after={first['next']}", headers=viewer).get_json()
    assert [each["id"] for each in (*first["events"], *second["events"])] == [str(at) for at in range(1, 8)]
    rows.forget(store, AT + timedelta(days=1))
    left = client.get("/api/v1/outward-events?after=0", headers=viewer).get_json()
    assert (left["oldest"], left["newest"]) == (7, 7)
    tell(store, "S8")
    assert rows.after(store, 7, 9)[0][0].seq == 8
    assert client.get("/api/v1/outward-events").status_code == 401


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://user:pass@192.0.2.1/",
        "ftp://192.0.2.1/",
        "file:///etc/passwd",
        "https:///x",
        "https://192.0.2.1:99999/",
        "https://exa mple.org/",
        "https://example.org/\r\nHost: x",
        "https://" + "a" * 600 + ".org/",
        "",
    ],
)
def test_nothing_is_sent_inside_or_in_the_clear(url: str) -> None:
    with pytest.raises(Forbidden):
        target_of(url, EventSettings())


def test_only_hosts_that_are_named_are_sent_to_where_any_are() -> None:
    settings = EventSettings(hosts=("127.0.0.1", ".example.org"), inside=True)
    assert target_of("http://127.0.0.1:9/x", settings).address == "127.0.0.1"
    for url in ("http://127.0.0.2/", "http://badexample.org/"):
        with pytest.raises(Forbidden, match="not among"):
            target_of(url, settings)


@pytest.mark.parametrize(
    "address", ["100.64.0.1", "192.168.1.1", "224.0.0.1", "fe80::1", "fc00::1", "::", "2002:7f00:1::"]
)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)
    assert is_public("8.8.8.8")


def test_a_name_that_leads_inside_later_is_not_followed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])

    def looked_up(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    assert target_of("https://turncoat.example/", EventSettings()).address == "8.8.8.8"
    event = Sent(seq=1, type="webhook.test", subject="x", at=AT, data={})
    with pytest.raises(NotSent, match="private"):
        posting.post("https://turncoat.example/", "s", posting.cloud_event(event, "x"), EventSettings(), 0)


# -- the page ------------------------------------------------------------------


def administrator(store: Store) -> dict[str, str]:
    return {"Authorization": f"Bearer {Accounts(store).issue_token('root', 'administrator')}"}


def test_an_administrator_adds_tries_pauses_and_removes_and_sees_the_secret_once(
    client: FlaskClient, store: Store, receiver: Receiver, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    root = administrator(store)
    made = client.post("/webhooks", data={"url": receiver.url, "type": "plan.published"}, headers=root)
    secret = re.search(r"whs_[0-9a-f]{64}", made.text)
    assert secret is not None
    id_ = rows.hooks(store)[0]["id"]
    assert "arrived" in client.post(f"/webhooks/{id_}/test", headers=root).text
    trip(room.desk)
    look(room, "events")
    look(room, "webhooks")
    assert [each["type"] for each in receiver.told[1:]] == ["org.gridcrew.plan.published.v1"]
    client.post(f"/webhooks/{id_}/pause", headers=root)
    assert rows.hooks(store, "active") == []
    new = client.post(f"/webhooks/{id_}/rotate", headers=root).text
    assert secret[0] not in new
    assert "whs_" in new
    page = client.get("/webhooks", headers=root | {"Accept-Language": "zh-CN"}).text
    assert "whs_" not in page
    assert "已暂停" in page
    client.post(f"/webhooks/{id_}/remove", headers=root)
    assert rows.hooks(store) == []
    kept = json.dumps([event.data for event in store.events_after(0)]) + caplog.text
    assert secret[0] not in kept


def test_nobody_but_an_administrator_sees_webhooks_and_all_is_off_until_turned_on(
    client: FlaskClient, store: Store, room: Room
) -> None:
    viewer = {"Authorization": f"Bearer {Accounts(store).issue_token('eyes', 'viewer')}"}
    for path in ("/webhooks", "/sites"):
        assert client.get(path, headers=viewer).status_code == 403
    plain = create_app(room.desk).test_client()
    for path in ("/webhooks", "/sites", "/api/v1/outward-events"):
        assert plain.get(path, headers=administrator(store)).status_code == 404


def test_a_place_where_nothing_may_be_sent_is_refused_in_a_sentence(store: Store, tmp_path: Path) -> None:
    room = town(store, tmp_path, events=EventSettings())
    app = create_app(room.desk)
    app.extensions["gridcrew_outbound"] = room.outbound
    answer = app.test_client().post(
        "/webhooks", data={"url": "https://127.0.0.1/<b>"}, headers=administrator(store)
    )
    assert "leads into a private network" in answer.text
    assert "<b>" not in answer.text.replace("<b>{", "")


# -- critical sites ------------------------------------------------------------


def group(client: FlaskClient, store: Store, name: str, customers: str) -> dict[str, str]:
    answer = client.post("/sites", data={"name": name, "customers": customers}, headers=administrator(store))
    token = re.search(r'class="secret">([^<]+)<', answer.text)
    assert token is not None, answer.text
    return {"Authorization": f"Bearer {token[1]}"}


def test_a_group_asks_for_its_own_sites_and_for_no_others(
    client: FlaskClient, store: Store, room: Room
) -> None:
    clinic, water = group(client, store, "clinics", "C06"), group(client, store, "water", "C11 C12")
    assert client.get("/api/v1/sites/C06", headers=clinic).get_json()["power"] == "uncertain"
    trip(room.desk)
    told = client.get("/api/v1/sites/C06", headers=clinic).get_json()
    assert (told["power"], told["since"]) == ("off", "2026-07-14T22:20:00Z")
    assert {each["power"] for each in client.get("/api/v1/sites", headers=water).get_json()["sites"]} == {
        "on"
    }
    others = [client.get(f"/api/v1/sites/{site}", headers=water) for site in ("C06", "no-such")]
    assert [each.status_code for each in others] == [404, 404]
    assert others[0].get_json() == others[1].get_json()
    assert client.get("/api/v1/work-orders", headers=water).status_code == 403
    assert client.get("/api/v1/sites").status_code == 401


def test_a_group_is_told_when_power_goes_and_comes_back_and_nobody_else_is(
    client: FlaskClient, store: Store, room: Room, receiver: Receiver
) -> None:
    clinic, water = group(client, store, "clinics", "C06"), group(client, store, "water", "C11")
    other = Receiver()
    assert client.post("/api/v1/site-webhooks", json={"url": receiver.url}, headers=clinic).status_code == 201
    assert client.post("/api/v1/site-webhooks", json={"url": other.url}, headers=water).status_code == 201
    room.desk.shelf.propose(ANA)
    look(room, "events")
    trip(room.desk)
    look(room, "events")
    for state in ("on_the_way", "on_site", "restored"):
        room.desk.note("order_moved", "O-RC-1", {"to": state}, ANA)
    look(room, "events")
    look(room, "webhooks")
    other.close()
    assert [(each["subject"], each["data"]["power"]) for each in receiver.told][-2:] == [
        ("C06", "off"),
        ("C06", "on"),
    ]
    assert {each["type"] for each in receiver.told} == {"org.gridcrew.site.supply.v1"}
    assert "C06" not in {each["subject"] for each in other.told}
    told = client.get("/api/v1/sites/C06", headers=clinic).get_json()
    assert told["power"] == "on"
    assert told["since"] is not None


def test_a_group_has_few_webhooks_and_touches_no_others(
    client: FlaskClient, store: Store, receiver: Receiver, outbound: Outbound
) -> None:
    clinic = group(client, store, "clinics", "C06")
    for _ in range(3):
        assert (
            client.post("/api/v1/site-webhooks", json={"url": receiver.url}, headers=clinic).status_code
            == 201
        )
    assert client.post("/api/v1/site-webhooks", json={"url": receiver.url}, headers=clinic).status_code == 400
    foreign, _ = outbound.add(receiver.url, (), "root")
    assert client.delete(f"/api/v1/site-webhooks/{foreign}", headers=clinic).status_code == 404
    client.post("/sites/clinics/remove", headers=administrator(store))
    assert client.get("/api/v1/sites", headers=clinic).status_code == 401
    assert [hook["id"] for hook in rows.hooks(store)] == [foreign]


def test_a_group_of_customers_that_nobody_knows_is_refused(client: FlaskClient, store: Store) -> None:
    root = administrator(store)
    answer = client.post("/sites", data={"name": "x", "customers": "<b>nobody"}, headers=root)
    assert "no customer &#39;&lt;b&gt;nobody&#39;" in answer.text
    assert rows.groups(store) == {}
