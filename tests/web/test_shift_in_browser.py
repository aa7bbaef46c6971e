"""A whole shift: 60 requests, two dispatchers who get in each other's way, a server killed twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.intake import load_case
from dispatch.store import open_store
from dispatch.store.accounts import Accounts
from tests.small_case import write_small_case
from tests.web.ports import lasting_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
SERVER = Path(__file__).with_name("room_server.py")
SECRET = "a long enough one"
READY = "html[data-ready=complete]"
REQUESTS, ROUNDS, MOST_ROUNDS = 60, 12, 45
KILLED_AFTER = (3, 8)
WORDS = (
    "no light",
    "sparks from the pole",
    "meter shows an error",
    "lights are flickering, voltage is low",
    "the whole street is dark",
)
OFFICE = ("complaint", "enquiry")


class Room:
    """The server's process, its clock, and a program that talks to it with a token."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.case = load_case(write_small_case(folder / "case"))
        self.database = f"sqlite:///{folder}/day.sqlite"
        self.now = self.case.settings.now
        self.later(0)
        store = open_store(self.database)
        book = Accounts(store)
        for name in ("ana", "ben"):
            book.add(name, "dispatcher", SECRET)
        self.token = book.issue_token("call centre", "dispatcher")
        store.close()
        self.port = lasting_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def later(self, minutes: float) -> None:
        """Put the clock on, in one step that a reader never sees half of."""
        self.now += timedelta(minutes=minutes)
        new = self.folder / "clock.new"
        new.write_text(self.now.isoformat())
        new.replace(self.folder / "clock")

    def start(self) -> None:
        """Start the server and wait until it says that it listens."""
        arguments = [str(self.folder / "case"), self.database, str(self.folder / "clock"), str(self.port)]
        root = Path(__file__).resolve().parents[2]
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER), *arguments], stdout=subprocess.PIPE, text=True, cwd=root
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("http")

    def kill(self) -> None:
        """Kill the process, as a power cut would."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, path: str, body: object = None, key: str | None = None) -> dict:
        """Talk to the API as a program; a refusal comes back with its status."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        sent = urllib.request.Request(f"{self.address}/api/v1{path}", data, headers)
        try:
            with urllib.request.urlopen(sent, timeout=400) as answer:
                return json.load(answer) | {"status": answer.status}
        except urllib.error.HTTPError as error:
            return json.load(error) | {"status": error.code}

    def state(self) -> dict:
        return self.ask("/state")


@pytest.fixture
def room(tmp_path):
    made = Room(tmp_path)
    made.start()
    yield made
    made.kill()


def sit_down(room, open_page, name):
    page = open_page(f"{room.address}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", SECRET)
    page.click("form.card button")
    page.wait_for_selector(READY, timeout=60_000)
    return page


def from_page(page, path, body):
    """Send something the way the page itself does, with its session and token."""
    return page.evaluate(
        """async ([path, body]) => {
          const token = document.querySelector("meta[name=csrf-token]").content;
          const answer = await fetch("/api/v1" + path, { method: "POST", body: JSON.stringify(body),
            headers: { "Content-Type": "application/json", "X-CSRFToken": token } });
          return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
        }""",
        [path, body],
    )


class Shift:
    """What happens, round by round."""

    def __init__(self, room, ana, ben):
        self.room, self.ana, self.ben = room, ana, ben
        self.sent = 0
        self.ids = set()
        self.refused = Counter()
        self.partly = 0

    def calls(self, number):
        """Calls come in by program; every fifth is sent twice."""
        for _ in range(number):
            self.sent += 1
            body = {
                "words": WORDS[self.sent % len(WORDS)],
                "customer": f"C{1 + self.sent * 5 % 12:02d}",
                "channel": "api",
            }
            for _ in range(2 if self.sent % 5 == 0 else 1):
                answer = self.room.ask("/requests", body, key=f"hotline/{self.sent}")
                assert answer["status"] in (200, 201), answer
                self.ids.add(answer["id"])

    def answer_proposal(self, turn):
        """Take the proposal: by hand and in part now and then, else whole, by both at once."""
        self.room.ask("/plans/proposal", {})
        number = self.room.state()["proposal"]
        if number is None:
            return
        # Later again where it could not be: nothing was to be moved, or another proposal came in its place.
        if (turn in (1, 6, 10) or (turn > 1 and not self.partly)) and self.by_hand():
            return
        said = [from_page(each, f"/plans/{number}/publish", {}) for each in (self.ana, self.ben)]
        self.refused.update(each["status"] for each in said)

    def by_hand(self):
        """Ana opens the proposal, leaves one move out, publishes the rest."""
        line = self.ana.locator("#strip .proposal")
        try:
            line.wait_for(timeout=15_000)
        except Exception:  # nothing to move this time
            return False
        before = self.room.state()["plan"]
        self.ana.keyboard.press("p")
        # What carries the gain is shown, the rest is folded.
        ticks = self.ana.locator("#detail .proposed input:visible")
        try:
            ticks.first.wait_for(timeout=15_000)
        except Exception:  # only moves in time, all of them folded
            self.ana.keyboard.press("Escape")
            return False
        publish = self.ana.locator("#detail .moves .main")
        if ticks.count() > 1:
            ticks.last.uncheck()
        try:
            # A proposal that came in the place of another may be read before it is answered.
            self.ana.locator("#detail .moves .main:enabled").wait_for(timeout=5_000)
            publish.click(timeout=5_000)
        except Exception:  # what was left out needs all the rest, or the planner has taken it back
            self.ana.keyboard.press("Escape")
            return False
        for _ in range(100):
            if self.room.state()["plan"] != before:
                self.partly += 1
                return True
            self.ana.wait_for_timeout(100)
        return False

    def work(self):
        """Crews report their next two jobs done; the control room does its switching."""
        board = self.room.ask("/board")
        done = {row["id"] for row in self.room.state()["jobs"] if row["state"] == "done"}
        for crew in board["crews"]:
            if not crew["desk"]:
                # Sixty requests take more than two trucks carry.
                filled = self.room.ask(f"/crews/{crew['id']}/restocked", {})
                assert filled["status"] == 200, filled
            for stop in [each for each in crew["stops"] if each["job"] not in done][:3]:
                for to in ("on_site", "done"):
                    said = self.room.ask(
                        f"/jobs/{urllib.request.quote(stop['job'], safe='')}/report",
                        {"to": to, "crew": crew["id"]},
                    )
                    assert said["status"] == 200, said

    def close(self):
        """Both close what is restored, from what each saw: one of them is always second."""
        planned = {job["order"] for job in self.room.ask("/board")["jobs"]}
        for order in self.room.state()["orders"]:
            ready = order["state"] == "restored" or (
                order["state"] in ("received", "accepted") and order["id"] not in planned
            )
            if not ready:
                continue
            path = f"/work-orders/{urllib.request.quote(order['id'], safe='')}/state"
            for each in (self.ana, self.ben):
                said = from_page(each, path, {"to": "closed", "seen": order["version"]})
                self.refused[said["status"]] += 1
        for due in self.room.ask("/callbacks")["callbacks"]:
            self.room.ask(f"/callbacks/{due['request']}", {"answer": "yes"})

    def left(self):
        return self.room.ask("/requests?which=open&most=200")["requests"]


def test_a_shift_of_sixty_requests_two_dispatchers_and_two_power_cuts(room, open_page):
    begun = time.monotonic()
    ana, ben = sit_down(room, open_page, "ana"), sit_down(room, open_page, "ben")
    shift = Shift(room, ana, ben)
    for turn in range(MOST_ROUNDS):
        room.later(12 if turn < ROUNDS else 4)
        if turn < ROUNDS:
            shift.calls(REQUESTS // ROUNDS)
        shift.answer_proposal(turn)
        shift.work()
        shift.close()
        if turn in KILLED_AFTER:
            before = room.state()
            room.kill()
            for page in (ana, ben):
                page.locator("#link.wrong").wait_for(timeout=30_000)
            room.start()
            for page in (ana, ben):
                page.locator("#link:not(.wrong)").wait_for(timeout=60_000)
            after = room.state()
            for name in ("orders", "jobs", "crews", "wishes"):
                assert after[name] == before[name] or after["seq"] > before["seq"]
            assert after["seq"] >= before["seq"]
        if turn >= ROUNDS and not shift.left():
            break
    told = f"{turn + 1} rounds, {time.monotonic() - begun:.0f} s"
    print(told, dict(shift.refused), f"{shift.partly} proposals in part")
    left = [(row["id"], row["order_id"], row["words"]) for row in shift.left()]
    assert left == [], (told, [row for row in room.state()["orders"] if row["id"] in {o for _, o, _ in left}])
    assert shift.partly >= 1
    assert shift.refused[409] >= 5
    room.kill()
    check_the_journal(room, shift)
    room.start()


def check_the_journal(room, shift):
    """Nothing is lost or doubled, the journal tells who did what, and rebuilds the day."""
    store = open_store(room.database)
    events = store.events_after(0)
    logged = [event for event in events if event.kind == "request_logged"]
    assert len(logged) == len({event.subject for event in logged}) == REQUESTS + len(room.case.requests)
    assert shift.ids <= {event.subject for event in logged}
    assert len({event.key for event in logged if event.key}) == REQUESTS
    actors = {event.actor for event in events}
    assert {"ana", "call centre", "planner"} <= actors
    moves = [event for event in events if event.kind == "order_moved"]
    assert {"dispatched", "on_site", "restored", "closed"} <= {event.data["to"] for event in moves}
    assert store.differing() == []
    store.close()
