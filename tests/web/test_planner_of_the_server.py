"""A server plans in a process of its own; when that dies, boards are told, and it comes back."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.store import open_store
from dispatch.store.accounts import Accounts
from tests.small_case import write_small_case


class Server:
    """A `gridcrew serve` on the small case, and one dispatcher who asks."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/day.sqlite"
        self.store = open_store(url)
        book = Accounts(self.store)
        book.add("root", "administrator", "never used here at all")
        self.head = {"Authorization": f"Bearer {book.issue_token('ana', 'dispatcher')}"}
        case = write_small_case(folder / "case")
        words = ["serve", str(case), "--database", url, "--port", "0", "--case-clock", "--time-limit", "1"]
        self.process = subprocess.Popen(
            # Whoever started the tests in the background may have the interrupt ignored.
            ["env", "--default-signal=INT", sys.executable, "-m", "dispatch.cli", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        found = re.search(r":(\d+)/", self.process.stdout.readline())
        assert found is not None
        self.port = found[1]

    def ask(self, path: str, body: Any = None) -> Any:
        """GET, or POST where there is a body."""
        data = None if body is None else json.dumps(body).encode()
        head = self.head | {"Content-Type": "application/json"}
        sent = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", data=data, headers=head)
        with urllib.request.urlopen(sent, timeout=60) as answer:
            return json.loads(answer.read())

    def state_when(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first state of which something is true, out of the stream that boards hear."""
        for _ in range(60):
            state: dict[str, Any] = self.ask("/state")
            if holds(state):
                return state
            self.store.feed.wait(state["seq"], 2.0, 1)
        raise AssertionError("never true")

    def kill_planner(self) -> bool:
        """Kill whoever plans, at whatever it is; False, for nobody has been told yet."""
        planner = self.planner()
        if planner is not None:
            os.kill(planner, signal.SIGKILL)
        return False

    def planner(self) -> int | None:
        """The process that plans: the server's child that has Python's word for a spawned one."""
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.process.send_signal(signal.SIGINT)
    assert made.process.wait(timeout=60) in (0, -signal.SIGINT, 130)
    made.store.close()


def test_the_planner_dies_boards_are_told_and_it_comes_back(server: Server) -> None:
    first = server.state_when(lambda state: state["proposal"] is not None)["proposal"]
    server.ask(f"/plans/{first}/publish", {})
    server.ask("/requests", {"words": "sparks from the pole", "customer": "C11"})
    gone = server.state_when(lambda state: state["planner_gone"] is not None or server.kill_planner())
    assert gone["plan"] == first
    back = server.state_when(lambda state: (state["proposal"] or 0) > first and not state["planner_gone"])
    assert back["plan"] == first
    told = [event.data["what"] for event in server.store.events_after(0) if event.subject == "planner"]
    assert told == ["planner_gone", "planner_back"]
    planner = server.planner()
    assert planner is not None
    assert os.getpriority(os.PRIO_PROCESS, planner) > os.getpriority(os.PRIO_PROCESS, server.process.pid)
