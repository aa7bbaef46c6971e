"""Connections that say nothing, too little or too much leave the server alive for all the others."""

from __future__ import annotations

import http.client
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from web.serve import is_quick
from web.server.connections import Channel
from web.server.limits import OWN_FILES, Limits, fitting
from web.server.running import Server

IDLE = 1300
LARGE_B = 30_000_000


def answer(environ, start_response):
    """Say hello; `/slow` once it is let go."""
    if environ["PATH_INFO"] == "/slow":
        environ["waits"].wait(20)
    body = b"hello" if environ["PATH_INFO"] != "/large" else bytes(LARGE_B)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Running:
    """A server in a thread."""

    def __init__(self, limits: Limits, threads: int = 4) -> None:
        self.let_go = threading.Event()

        def application(environ, start_response):
            return answer(environ | {"waits": self.let_go}, start_response)

        self.server = Server(
            application,
            "127.0.0.1",
            0,
            threads=threads,
            limits=limits,
            most_body_b=10_000_000,
            is_quick=is_quick,
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        self.held = ExitStack()

    def connect(self, words: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
        """A connection that has said `words`; it is closed at the end."""
        made = socket.create_connection(("127.0.0.1", self.server.port), 5, source_address=(source, 0))
        self.held.callback(made.close)
        made.sendall(words)
        return made

    def ask(self, path: str = "/") -> tuple[int, bytes]:
        """Ask on a new connection."""
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        link.request("GET", path)
        got = link.getresponse()
        found = got.status, got.read()
        link.close()
        return found

    @property
    def open(self) -> int:
        """Connections that the server holds."""
        return len(self.server.listeners[0].active_channels)

    def end(self) -> None:
        """End it, and close what was opened."""
        self.let_go.set()
        self.held.close()
        self.server.end()
        self.thread.join(30)


@pytest.fixture
def running() -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def start(threads: int = 4, **limits: float) -> Running:
        made.append(Running(Limits(**limits), threads))
        return made[-1]

    yield start
    for each in made:
        each.end()


def until(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether something comes true in time."""
    ends = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < ends:
        pause(0.05)
    return held


def pause(seconds: float) -> None:
    """Let time pass where time itself is what is tested."""
    threading.Event().wait(seconds)


def read_all(link: socket.socket) -> bytes:
    """Everything until the other side closes."""
    link.settimeout(20)
    found = b""
    try:
        while part := link.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process holds both ends of every connection."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] < 2 * IDLE + OWN_FILES:
        pytest.skip("too few open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_more_connections_than_select_can_watch_leave_the_server_answering(running, many_files) -> None:
    room = running(head_s=60.0)
    for number in range(IDLE):
        room.connect(b"GET / HTTP/1.1\r\nHost: x\r\nX-a: " if number % 2 else b"")
    assert until(lambda: room.open >= IDLE)
    assert room.ask() == (200, b"hello")


def test_a_question_asks_nothing_of_the_connections_beside_it(running, monkeypatch) -> None:
    room = running(head_s=60.0)
    for _ in range(100):
        room.connect()
    assert until(lambda: room.open >= 100)
    asked: list[Channel] = []
    readable = Channel.readable
    monkeypatch.setattr(Channel, "readable", lambda channel: asked.append(channel) or readable(channel))
    for _ in range(10):
        assert room.ask() == (200, b"hello")
    assert 10 <= len(asked) <= 100


@pytest.mark.parametrize(
    "line",
    [
        b"get / HTTP/1.1",
        b"GET  / HTTP/1.1",
        "GET /?a=\xb2 HTTP/1.1".encode(),
        b"GET\t/ HTTP/1.1",
        b"\x00",
        b"GET /",
    ],
)
def test_what_is_no_question_is_refused_in_words(running, line: bytes) -> None:
    answered = read_all(running(head_s=0.5).connect(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n"))
    assert answered.split(b" ")[1] in (b"200", b"400")
    assert b"\r\n\r\n" in answered


def test_questions_one_behind_another_on_a_connection_are_answered_in_their_order(running) -> None:
    room = running()
    link = room.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 49)
    link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert read_all(link).count(b"200 OK") == 50


def test_an_answer_larger_than_what_the_line_takes_at_once_arrives_whole(running) -> None:
    room = running()
    link = room.connect(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    pause(0.2)
    _, body = read_all(link).split(b"\r\n\r\n", 1)
    assert len(body) == LARGE_B


def test_a_question_that_does_not_end_is_told_so_and_closed(running) -> None:
    room = running(head_s=0.5)
    said = read_all(room.connect(b"GET / HTTP/1.1\r\nHost: x\r\nX-a: "))
    assert said.startswith(b"HTTP/1.1 408 ")


def test_drops_that_come_one_by_one_do_not_keep_a_connection_open(running) -> None:
    room = running(head_s=1.0)
    link = room.connect(b"GET / HTTP/1.1\r\nX-a: ")
    link.settimeout(0.05)
    ends = time.monotonic() + 20
    said = b""
    while not said and time.monotonic() < ends:
        try:
            link.sendall(b"b")
            said = link.recv(100)
        except TimeoutError:
            continue
        except OSError:
            break
    assert until(lambda: room.open == 0)


def test_a_body_that_does_not_come_is_not_waited_for(running) -> None:
    room = running(body_s=0.5)
    said = read_all(room.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nabc"))
    assert said.startswith(b"HTTP/1.1 408 ")


def test_a_question_without_a_body_is_answered_though_it_announces_one(running) -> None:
    room = running(body_s=5.0)
    ask = b" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
    assert read_all(room.connect(b"GET" + ask + b"\r\n")).endswith(b"hello")
    link = room.connect(b"POST" + ask + b"Content-Length: 3\r\n\r\n")
    link.settimeout(5)
    assert link.recv(100).startswith(b"HTTP/1.1 100 ")
    link.sendall(b"abc")
    assert read_all(link).endswith(b"hello")


def test_a_body_that_comes_slowly_is_waited_for(running) -> None:
    room = running(body_s=0.5, body_b_s=100.0)
    link = room.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\nConnection: close\r\n\r\n")
    for _ in range(8):
        link.sendall(b"x" * 100)
        pause(0.25)
    assert read_all(link).endswith(b"hello")


def test_a_connection_without_a_question_is_closed_after_a_time(running) -> None:
    room = running(idle_s=0.5, head_s=0.5)
    silent = room.connect()
    asked = room.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"hello" in read_all(asked)
    assert read_all(silent) == b""


def test_beyond_the_limit_a_newcomer_is_refused_in_words_and_taken_again_later(running) -> None:
    room = running(connections=5)
    for _ in range(5):
        room.connect(b"GET / HTTP/1.1\r\n")
    assert until(lambda: room.open == 5)
    # Those have only just come: who comes now is told.
    assert read_all(room.connect()).startswith(b"HTTP/1.1 503 ")
    # A moment later the quietest of them makes room.
    assert until(lambda: room.ask() == (200, b"hello"))


def test_one_address_cannot_take_every_connection(running) -> None:
    room = running(per_address=3)
    for _ in range(3):
        room.connect(source="127.0.0.5")
    assert until(lambda: room.open == 3)
    assert b"503" in read_all(room.connect(source="127.0.0.5"))
    assert room.ask() == (200, b"hello")


def test_who_waited_too_long_for_a_thread_is_told_and_the_next_is_served(running) -> None:
    room = running(threads=1, queue_s=0.3)
    room.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    waiting = room.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    pause(0.8)
    room.let_go.set()
    said = read_all(waiting)
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5" in said
    assert room.ask() == (200, b"hello")


def test_files_and_the_sign_of_life_are_answered_while_every_thread_is_at_work(running) -> None:
    room = running(threads=1)
    room.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    assert until(lambda: room.server.working == 1)
    waiting = room.connect(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert room.ask("/static/css/base.css") == (200, b"hello")
    assert room.ask("/healthz") == (200, b"hello")
    assert room.ask("/public/index.html") == (200, b"hello")
    assert not room.let_go.is_set()
    room.let_go.set()
    assert read_all(waiting).endswith(b"hello")


def test_the_end_answers_what_is_under_way_and_closes_the_rest(running) -> None:
    room = running()
    quiet = room.connect()
    slow = room.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    assert until(lambda: room.open == 2)
    room.server.end()
    late = room.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert read_all(late).endswith(b"hello")
    assert room.thread.is_alive()
    room.let_go.set()
    assert read_all(slow).endswith(b"hello")
    assert read_all(quiet) == b""
    room.thread.join(20)
    assert not room.thread.is_alive()


def test_limits_fit_into_the_open_files_that_the_system_allows() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        asked = fitting(Limits(connections=hard * 2, per_address=hard * 2))
        assert asked.per_address <= asked.connections <= hard - OWN_FILES
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
