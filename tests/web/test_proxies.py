"""A proxy in front: whose word on an address counts, and what everybody behind it shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.live import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store.accounts import Accounts
from dispatch.store.security import SecurityLog
from tests.prepared import empty_store, small_case
from web.app import create_app
from web.entrance.limits import GUESSING
from web.entrance.proxies import network

SECRET = "a long enough one"
PROXY = "10.0.0.1"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    case = small_case()
    store = empty_store(tmp_path / "day.sqlite")
    Accounts(store).add("ana", "dispatcher", SECRET)
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=50))).desk
    app = create_app(desk, https=True, proxies=[network("10.0.0.0/24")])
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    store.close()


def sign_in(
    client: FlaskClient, sender: str, password: str = SECRET, *, peer: str = PROXY, name: str = "ana"
) -> int:
    answer = client.post(
        "/sign-in",
        data={"name": name, "password": password},
        headers={"X-Forwarded-For": sender, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "duty.example"},
        environ_base={"REMOTE_ADDR": peer},
    )
    return answer.status_code


def addresses(app: Flask) -> list[str]:
    return [each.address for each in SecurityLog(app.extensions["gridcrew_desk"].store).page(50)]


def test_who_guesses_behind_a_proxy_does_not_lock_the_company_out(app: Flask) -> None:
    client = app.test_client()
    found = [
        sign_in(client, "198.51.100.7", "wrong", name=f"nobody {number}")
        for number in range(GUESSING.burst + 9)
    ]
    assert found.count(429) >= 5
    assert sign_in(client, "203.0.113.9") == 302


@pytest.mark.parametrize(
    ("peer", "told", "sender"),
    [
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (PROXY, "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        (PROXY, "2001:db8::7", "2001:db8::7"),
        (PROXY, "", PROXY),
        (PROXY, "10.0.0.9", "10.0.0.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
    ],
)
def test_the_first_address_that_is_no_proxy_is_the_sender(
    app: Flask, peer: str, told: str, sender: str
) -> None:
    sign_in(app.test_client(), told, "wrong", peer=peer)
    assert addresses(app) == [sender]


def test_links_on_phones_say_how_the_proxy_is_reached(app: Flask) -> None:
    client = app.test_client()
    assert sign_in(client, "198.51.100.7") == 302
    answer = client.post(
        "/phones/crew-1",
        data={"pin": "4711"},
        headers={"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "duty.example"},
        environ_base={"REMOTE_ADDR": PROXY},
        base_url="https://localhost",
    )
    links = re.findall(r"https?://[^\"<\s]*/phone/enter#", answer.text)
    assert links
    assert set(links) == {"https://duty.example/phone/enter#"}


def test_without_tls_a_strangers_word_changes_nothing(tmp_path: Path) -> None:
    case = small_case()
    store = empty_store(tmp_path / "plain.sqlite")
    desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=50))).desk
    client = create_app(desk).test_client()
    answer = client.get("/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.headers["Location"]
    assert "https" not in answer.headers["Location"]
    store.close()
