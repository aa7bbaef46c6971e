"""A server of its own with everything that leaves the house turned on, and killed while it sends."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dispatch.store import open_store
from dispatch.store import outward_rows as rows
from tests.web.served import Served, let_in, until


class Killing:
    """Hears events; whoever sends the first one is killed before it has an answer."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.victim: Served | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.ids.append(int(told["id"]))
                victim, outer.victim = outer.victim, None
                if victim is not None:
                    victim.process.send_signal(signal.SIGKILL)
                    return
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def killing() -> Iterator[Killing]:
    made = Killing()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_server_killed_while_it_sends_loses_no_event_and_sends_it_under_the_same_id(
    tmp_path: Path, killing: Killing
) -> None:
    folder = tmp_path / "room"
    folder.mkdir()
    url = f"sqlite:///{folder}/day.sqlite"
    token = let_in(url)
    store = open_store(url)
    told = {"url": f"http://127.0.0.1:{killing.server.server_port}/", "types": [], "sites": None, "salt": "s"}
    rows.add_hook(store, {"id": "one", "made_by": "root", "made_at": datetime.now(UTC), **told})
    more = ("--events", "--webhooks-inside", "--public", str(folder / "public"))
    first = Served(folder, url, more, token)
    killing.victim = first
    # The first proposal makes outages known, and so the first event.
    assert until(lambda: first.process.poll() == -signal.SIGKILL, 120)
    first.end()
    second = Served(folder, url, more, token)
    try:
        assert until(lambda: killing.ids and not rows.waiting(store, "one", 1), 120)
        newest = rows.after(store, 0, 1)[2]
        assert killing.ids[0] in killing.ids[1:]
        assert set(killing.ids) == set(range(1, newest + 1))
        status, page = second.ask("/public/index.html", token="")
        assert status == 200
        assert "Small town" in page
    finally:
        second.end()
        store.close()
