"""From the publication of a plan to the crew's screen, through a push service and the service worker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.push.settings import PushSettings
from dispatch.store.push_rows import count
from tests.prepared import small_case
from tests.web.phones import OFFICE, PHONE, PIN, DutyRoom, wait_sent
from tests.web.push_service import Pocket, PushService
from tests.web.served import until

ALLOWED = PushSettings(hosts=("127.0.0.1",), contact="mailto:duty@utility.example", inside=True)
NEWS_S = 3.0
# The browser's own push service is on the internet: the one of the test takes its place.
SUBSCRIBES = """(place) => {
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async (options) => {
    window.askedWith = [options.userVisibleOnly, options.applicationServerKey.length];
    return { toJSON: () => place };
  };
}"""
SHOWN = """async () => {
  const told = await (await navigator.serviceWorker.ready).getNotifications();
  return told.map((each) => each.title);
}"""

pytestmark = pytest.mark.browser


@pytest.fixture
def service() -> Iterator[PushService]:
    made = PushService()
    yield made
    made.end()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[DutyRoom]:
    case = small_case()
    room = DutyRoom(case, f"sqlite:///{tmp_path}/day.sqlite", threads=8, push=ALLOWED)
    room.start()
    rings = next(worker for worker in room.room.workers.workers if worker.name == "push")
    rings.leads = lambda: True
    rings.start()
    yield room
    rings.end()
    room.stop()


def signed_on(room: DutyRoom, context: Any, pocket: Pocket) -> Any:
    context.grant_permissions(["notifications"], origin=f"http://127.0.0.1:{room.port}")
    page = context.new_page()
    page.add_init_script(f"({SUBSCRIBES})({pocket.place!r})".replace("'", '"'))
    # Without the question that an open page asks: what comes now comes by the push.
    page.route("**/api/v1/phone/news*", lambda route: route.abort())
    page.goto(room.link())
    page.fill("#pin", PIN)
    page.tap("form .go")
    page.tap("#do-sign-on")
    page.tap("#do-sign-on.armed")
    page.tap("#understood")
    wait_sent(page)
    return page


def worker_of(wire: Any) -> list[str]:
    """The service worker's registration, once the browser has told of it."""
    found: list[str] = []
    wire.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(each["registrationId"] for each in told["registrations"]),
    )
    wire.send("ServiceWorker.enable")
    return found


def test_a_route_that_changes_rings_and_shows_within_three_seconds(
    room: DutyRoom, service: PushService, browser: Any
) -> None:
    pocket = Pocket(service)
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = signed_on(room, context, pocket)
    wire = context.new_cdp_session(page)
    registrations = worker_of(wire)
    # Agreed to beforehand, the phone signs up by itself as soon as its crew is on shift.
    page.locator("#rings").wait_for()
    assert page.evaluate("window.askedWith") == [True, 65]
    assert until(lambda: count(room.desk.store) == 1)
    assert until(lambda: page.evaluate("1") and registrations)

    began = time.monotonic()
    room.desk.hands.set_routes({}, OFFICE, "everybody comes home")
    ((_, _, body, came),) = service.wait(1)
    told = pocket.read(body)
    message = {
        "origin": f"http://127.0.0.1:{room.port}/",
        "registrationId": registrations[-1],
        "data": json.dumps(told),
    }
    wire.send("ServiceWorker.deliverPushMessage", message)
    page.locator(".notice.change", has_text="everybody comes home").wait_for()
    took_s = time.monotonic() - began
    print(f"push service after {came - began:.2f} s, screen after {took_s:.2f} s")
    assert took_s < NEWS_S
    # The open page hears of the route by itself, perhaps before its worker has shown the notification.
    assert until(lambda: page.evaluate(SHOWN) == ["Your route has changed"])
    context.close()
