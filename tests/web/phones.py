"""A duty room that crews' phones and dispatchers' browsers talk to, and what people press there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from waitress import create_server, wasyncore

from dispatch.live import Budget, Who
from dispatch.push.settings import PushSettings
from dispatch.room import RoomOptions, open_room
from dispatch.store import open_store
from dispatch.store.phones import Phones
from tests.web.ports import lasting_port
from web.app import create_app

PHONE = {"width": 390, "height": 844}
PIN = "4711"
SECRET = "a long enough one"
OFFICE = Who(name="ana")
# What a crew presses next, the first that is there.
ROAD = ("on_the_way", "on_site", "safe", "restored", "done")


@dataclass
class DutyRoom:
    """A server that can be stopped and started again on its port, over one database.

    `later` moves its clocks on: the room's own, which stands otherwise, and the one by which tokens end.
    """

    case: Any
    url: str
    port: int = field(default_factory=lasting_port)
    threads: int = 4
    servers: list[Any] = field(default_factory=list)
    later: timedelta = timedelta(0)
    push: PushSettings | None = None

    def start(self) -> None:
        store = open_store(self.url)
        options = RoomOptions(budget=Budget(work=100), push=self.push)
        self.room = open_room(self.case, store, lambda: self.case.settings.now + self.later, options)
        self.desk = self.room.desk
        if self.desk.plan_number("published") is None:
            self.desk.shelf.propose(OFFICE)
            self.desk.shelf.publish(1, OFFICE)
        app = create_app(self.desk, clock=lambda: time.time() + self.later.total_seconds())
        app.extensions["gridcrew_pushing"] = self.room.pushing
        server = create_server(app, host="127.0.0.1", port=self.port, threads=self.threads)
        threading.Thread(target=server.run, daemon=True).start()
        self.servers.append(server)

    def stop(self) -> None:
        # As when the process ends: open connections are cut too.
        wasyncore.close_all(self.servers[-1]._map)
        self.desk.store.close()

    @property
    def crew(self) -> str:
        routes = [r for r in self.desk.day().plan.routes if r.crew in self.case.crew_by_id]
        return max(routes, key=lambda route: len(route.visits)).crew

    def link(self, crew: str = "", hours: float = 8) -> str:
        now = datetime.now(UTC) + self.later
        code = Phones(self.desk.store).make_link(
            crew or self.crew, PIN, until=now + timedelta(hours=hours), by="ana", now=now
        )
        return f"http://127.0.0.1:{self.port}/phone/enter#{code}"


@contextmanager
def windows(browser: Any) -> Iterator[Callable[..., Any]]:
    """Windows of a browser, each with cookies of its own; all are closed at the end."""
    contexts = []

    def visit(address: str, **options: Any) -> Any:
        contexts.append(browser.new_context(**options))
        return watched(contexts[-1], address)

    yield visit
    for context in contexts:
        context.close()


def watched(context: Any, address: str) -> Any:
    """A page that notes its own errors."""
    page = context.new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.goto(address)
    return page


def sent(room: DutyRoom) -> list[Any]:
    return [event for event in room.desk.store.events_after(0) if event.source == "phone"]


def wait_sent(page: Any) -> None:
    """Touch the queue's button until all is sent, as somebody does who has signal again."""
    for _ in range(120):
        if page.query_selector("#queue[data-waiting='0']"):
            return
        page.tap("#queue")
        page.wait_for_timeout(500)
    raise AssertionError(page.inner_text("#queue"))


def sign_in_dispatcher(room: DutyRoom, opened: Any, name: str) -> Any:
    page = opened(f"http://127.0.0.1:{room.port}/sign-in", viewport={"width": 1366, "height": 768})
    page.fill("[name=name]", name)
    page.fill("[name=password]", SECRET)
    page.click("form.card button")
    page.wait_for_selector("#jobs tr")
    return page


def press(page: Any, state: str) -> None:
    page.tap(f"#do-{state}")
    page.tap(f"#do-{state}.armed")
    page.wait_for_selector(f"#do-{state}.armed", state="detached")


def step_on(page: Any) -> bool:
    """Do what comes next on this phone: a box, a state; False when there is nothing more."""
    box = page.locator(".box:not(.done):not(:disabled)")
    if box.count():
        left = box.first.text_content()
        box.first.tap()
        page.locator(".box.done", has_text=left).first.wait_for()
        return True
    for state in ROAD:
        if page.query_selector(f"#do-{state}"):
            press(page, state)
            return True
    return False
