"""A head-end is asked over HTTP: only the one named, in bounded time; only what was asked counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from dispatch.outages.meters import HttpMeters, MeterSettings, MetersFailed


class HeadEnd(ThreadingHTTPServer):
    """Answers as it is told; keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body: Any = {"answers": []}
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.silent = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/meters"


class _Answering(BaseHTTPRequestHandler):
    server: HeadEnd

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), json.loads(text)))
        if self.server.silent.is_set():
            self.server.silent.wait()
            Event().wait(3)
            return
        body = (
            self.server.body if isinstance(self.server.body, bytes) else json.dumps(self.server.body).encode()
        )
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Tests say what they have to say themselves."""


@contextmanager
def serving() -> Iterator[HeadEnd]:
    server = HeadEnd()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def head_end() -> Iterator[HeadEnd]:
    with serving() as server:
        yield server


def meters(head_end: HeadEnd, **more: Any) -> HttpMeters:
    return HttpMeters(MeterSettings(url=head_end.url, token="secret-token", **more))


def test_meters_say_whether_they_have_supply(head_end: HeadEnd) -> None:
    head_end.body = {"answers": [{"place": "C1", "supply": "off"}, {"place": "C2", "supply": "on"}]}
    assert meters(head_end).ask(["C1", "C2", "C3"]) == {"C1": "off", "C2": "on"}
    path, headers, body = head_end.asked[0]
    assert (path, body) == ("/meters", {"places": ["C1", "C2", "C3"]})
    assert headers["Authorization"] == "Bearer secret-token"


def test_an_answer_for_a_place_that_was_not_asked_does_not_count(head_end: HeadEnd) -> None:
    head_end.body = {
        "answers": [
            {"place": "C9", "supply": "off"},
            {"place": "C1", "supply": "maybe"},
            "C1",
            {"place": ["C1"]},
        ]
    }
    assert meters(head_end).ask(["C1"]) == {}


def test_a_redirect_is_not_followed(head_end: HeadEnd) -> None:
    with serving() as other:
        head_end.status, head_end.headers = 302, {"Location": other.url}
        with pytest.raises(MetersFailed, match="302"):
            meters(head_end).ask(["C1"])
        assert other.asked == []


def test_a_proxy_of_the_environment_is_not_used(head_end: HeadEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        meters(head_end).ask(["C1"])
        assert proxy.asked == []
    assert len(head_end.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"answers": 5}', b"x" * 70_000, b"[" * 60_000])
def test_what_is_no_answer_is_refused(head_end: HeadEnd, body: bytes) -> None:
    head_end.body = body
    with pytest.raises(MetersFailed):
        meters(head_end).ask(["C1"])


def test_a_head_end_that_is_silent_is_given_up_in_time(head_end: HeadEnd) -> None:
    head_end.silent.set()
    with pytest.raises(MetersFailed, match="TimeoutError"):
        meters(head_end, timeout_s=0.2).ask(["C1"])


def test_at_most_so_many_meters_are_asked_at_once(head_end: HeadEnd) -> None:
    meters(head_end, at_once=2).ask(["C1", "C2", "C3"])
    assert head_end.asked[0][2] == {"places": ["C1", "C2"]}


def test_nobody_is_asked_for_nothing(head_end: HeadEnd) -> None:
    assert meters(head_end).ask([]) == {}
    assert head_end.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://h/x",
        "http://",
        "http://user:pass@host/",
        "http://host/#x",
        "http://h/\r\nX: 1",
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="meters"):
        MeterSettings(url=url)


def test_the_token_is_in_no_text_of_the_settings() -> None:
    assert "hush" not in repr(MeterSettings(url="https://head-end.example/ask", token="hush"))
