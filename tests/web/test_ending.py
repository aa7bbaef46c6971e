"""A server that is told to end answers first; one that is killed leaves nobody behind."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dispatch.store import open_store
from tests.web.served import Served, lives, until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path, more=("--time-limit", "20"))
    yield made
    made.end(signal.SIGKILL)


def test_questions_under_way_are_answered_before_the_server_ends(server: Served) -> None:
    calls = [
        lambda n=n: server.ask("/api/v1/requests", {"words": f"dark {n}", "customer": "C11"})
        for n in range(5)
    ]
    with ThreadPoolExecutor(8) as pool:
        planned = pool.submit(server.ask, "/api/v1/plans/proposal", {})
        logged = [pool.submit(each) for each in calls]
        threading.Event().wait(0.05)
        server.process.send_signal(signal.SIGTERM)
        assert [each.result()[0] for each in logged] == [201] * 5
        # A plan that was not finished may be refused, but not left without a word.
        assert planned.result()[0] in (200, 409, 503)
    assert server.process.wait(30) == 0
    assert "Traceback" not in server.log.read_text()


def test_a_stream_ends_with_the_server(server: Served) -> None:
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    link.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {server.token}"})
    stream = link.getresponse()
    assert b"hello" in stream.read1(4000)
    assert server.end() == 0
    stream.read()
    link.close()


def test_the_database_file_alone_is_the_whole_day_after_the_end(server: Served, tmp_path: Path) -> None:
    status, _ = server.ask("/api/v1/requests", {"words": "no light", "customer": "C11"})
    assert status == 201
    assert server.end() == 0
    copy = tmp_path / "copy.sqlite"
    shutil.copy(tmp_path / "day.sqlite", copy)
    store = open_store(f"sqlite:///{copy}")
    assert any(event.kind == "request_logged" for event in store.events_after(0))
    store.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_its_server(server: Served, number: int) -> None:
    planners = until(server.descendants)
    assert planners
    server.ask("/api/v1/requests", {"words": "no light", "customer": "C11"})
    status = server.end(number)
    assert status == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    # One that is still being loaded notices when it is.
    assert until(lambda: not [each for each in planners if lives(each)], 60)


def test_a_planner_that_was_stopped_does_not_outlive_its_server_either(server: Served) -> None:
    server.ask("/api/v1/requests", {"words": "no light", "customer": "C11"})
    # Once there is a plan, the process has begun to listen for the end of its server.
    assert until(lambda: server.ask("/api/v1/state")[1]["proposal"], 120)
    planners = server.descendants()
    for each in planners:
        os.kill(each, signal.SIGSTOP)
    server.end(signal.SIGKILL)
    for each in planners:
        # What only tracks resources is Python's own, and goes on once it may.
        if b"spawn_main" not in command_of(each):
            os.kill(each, signal.SIGCONT)
    assert until(lambda: not [each for each in planners if lives(each)], 60)


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
