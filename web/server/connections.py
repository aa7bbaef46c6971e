"""Connections that cannot starve each other: every one has deadlines, and there are only so many.

waitress reads a question to its end before a thread sees it, so a slow sender costs a
file descriptor and no thread. What it lacks is added here: deadlines for a question that
does not end, limits by address, a clear 503 instead of silence when everything is taken.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

from .limits import Limits

log = logging.getLogger("gridcrew.server")
SAY_AGAIN_S = 10.0
LOOK_S = 1.0
# Before a quiet connection makes room for a new one.
QUIET_S = 2.0


def plain_answer(status: str, text: str) -> bytes:
    """A whole answer for a connection that no thread serves."""
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Retry-After: 5\r\nConnection: close\r\n\r\n".encode() + body


FULL = plain_answer("503 Service Unavailable", "The server has no free connection. Try again in a moment.\n")
MANY = plain_answer("503 Service Unavailable", "Too many connections from this address. Close some.\n")
ENDING = plain_answer("503 Service Unavailable", "The server is being stopped. Try again in a moment.\n")
LATE = plain_answer("408 Request Timeout", "The question did not end in time.\n")


class Overloaded(Error):  # type: ignore[misc]
    """A question that waited too long for a thread."""

    code = 503
    reason = "Service Unavailable"

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """The answer, with when to try again."""
        status, headers, body = super().to_response(ident)
        return status, [*headers, ("Retry-After", "5")], body


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, and since when it has been owing us something."""

    def __init__(self, server: Listener, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:
        self.began_s: float | None = time.monotonic()
        self.quiet_since_s = self.began_s
        self.queued_s = 0.0
        self.bytes_in = 0
        self._held: tuple[float, float] | None = None
        super().__init__(server, sock, addr, adj, map=map)

    @property
    def address(self) -> str:
        """Who is at the other end."""
        return str(self.addr[0]) if self.addr else ""

    @property
    def busy(self) -> bool:
        """Whether a question or an answer is under way."""
        return bool(self.requests or self.request is not None or self.total_outbufs_len)

    def received(self, data: bytes) -> bool:
        """Take bytes in, and keep the time of a question that has not ended."""
        now_s = time.monotonic()
        had, self.quiet_since_s = len(self.requests), now_s
        if self.request is None or self.began_s is None:
            self.began_s, self.bytes_in = self.began_s or now_s, 0
        self.bytes_in += len(data)
        took = bool(super().received(data))
        if len(self.requests) > had:
            self.queued_s = now_s
        if self.request is None:
            self.began_s = None
        return took

    def send_continue(self) -> None:
        """Ask for the body that is announced; a question that is whole without one is answered instead."""
        if self.request.completed:
            self.request.expect_continue = False
        else:
            super().send_continue()

    def service(self) -> None:
        """Answer one question; the last one on this connection when the server is ending."""
        request, server = self.requests[0], self.server
        waited_s = time.monotonic() - self.queued_s
        if waited_s > server.limits.queue_s and request.error is None:
            server.refused["queue"] += 1
            request.error = Overloaded("Every thread is busy. Try again in a moment.")
        if server.draining:
            request.headers["CONNECTION"] = "close"
        server.serving.channel = self
        super().service()
        server.serving.channel = None
        self.quiet_since_s = self.queued_s = time.monotonic()
        if self.began_s is not None:
            # What came meanwhile has its time from now on.
            self.began_s = self.quiet_since_s

    def overdue(self, now_s: float) -> bytes | None:
        """What to say in parting when this connection has had its time; None while it has not."""
        limits: Limits = self.server.limits
        if self._held_s(now_s) > limits.stuck_s:
            return b""
        if self.requests or self.total_outbufs_len:
            return None
        if self.began_s is None:
            return b"" if now_s - self.quiet_since_s > limits.idle_s else None
        spent_s = now_s - self.began_s
        if self.request is not None and self.request.headers_finished:
            return LATE if spent_s > limits.body_s + self.bytes_in / limits.body_b_s else None
        return (LATE if self.bytes_in else b"") if spent_s > limits.head_s else None

    def part(self, words: bytes) -> None:
        """Close, after a last word that the other side may or may not read."""
        if words:
            with suppress(OSError):
                self.socket.send(words)
        self.handle_close()

    def _held_s(self, now_s: float) -> float:
        """How long an answer has been lying here without a byte of it going out."""
        if not self.total_outbufs_len:
            self._held = None
        elif self._held is None or self._held[1] != self.last_activity:
            self._held = (now_s, self.last_activity)
        return now_s - self._held[0] if self._held else 0.0


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """Accepts connections as long as there is room, and tidies up those that say nothing."""

    channel_class = Channel

    def __init__(
        self,
        *given: Any,
        limits: Limits,
        quick: ThreadedTaskDispatcher,
        is_quick: Callable[[str], bool],
        **more: Any,
    ) -> None:
        self.limits = limits
        self._quick, self._is_quick = quick, is_quick
        self.draining = False
        self._looks_at_s = 0.0
        self.refused: Counter[str] = Counter()
        self._said_s = 0.0
        # Of each thread the connection that it serves.
        self.serving = threading.local()
        super().__init__(*given, **more)

    def readable(self) -> bool:
        """Whether to accept."""
        return bool(self.accepting)

    def pull_trigger(self) -> None:
        """Wake the loop, from a thread; what the connection that it serves waits for may have changed."""
        channel = getattr(self.serving, "channel", None)
        if channel is not None:
            self._map.changed(channel._fileno)
        super().pull_trigger()

    def look_after(self) -> None:
        """Tidy up once a second."""
        now_s = time.monotonic()
        if now_s >= self._looks_at_s:
            self._looks_at_s = now_s + LOOK_S
            self.tidy(now_s)

    def handle_accept(self) -> None:
        """Take a connection, or say why not."""
        try:
            accepted = self.accept()
            if accepted is None:
                return
            connection, addr = accepted
            self.set_socket_options(connection)
        except OSError as error:
            # Out of files, or gone before it was accepted: the others go on.
            self._say("a connection could not be accepted: %s", error)
            self._make_room()
            return
        words = self._no_room(str(addr[0]))
        if words is None:
            self.channel_class(self, connection, self.fix_addr(addr), self.adj, map=self._map)
        else:
            refuse(connection, words)

    def add_task(self, task: Channel) -> None:
        """Give a question to a thread: files and signs of life wait behind no long answer."""
        asked = task.requests[0]
        # What is no question has no path, and its answer is a word of refusal.
        if asked.error is not None or self._is_quick(str(asked.path)):
            self._quick.add_task(task)
        else:
            super().add_task(task)

    def tidy(self, now_s: float) -> None:
        """Close what has had its time."""
        for channel in list(self.active_channels.values()):
            words = channel.overdue(now_s)
            if words is not None:
                self.refused["late" if words else "idle"] += 1
                channel.part(words)

    def stop_listening(self) -> None:
        """Take no more connections; those that are open go on."""
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def hang_up(self, *, unfinished: bool) -> None:
        """Close the connections on which nothing is asked; with `unfinished` also half-asked ones."""
        for channel in list(self.active_channels.values()):
            if not channel.busy:
                channel.part(b"")
            elif unfinished and not channel.requests and not channel.total_outbufs_len:
                channel.part(ENDING)

    @property
    def busy(self) -> int:
        """Connections on which a question or an answer is under way."""
        return sum(channel.busy for channel in list(self.active_channels.values()))

    def _no_room(self, address: str) -> bytes | None:
        if address not in self.limits.trusted:
            theirs = sum(1 for channel in self.active_channels.values() if channel.address == address)
            if theirs >= self.limits.per_address:
                self.refused["address"] += 1
                self._say("%s has %d connections; more are refused", address, theirs)
                return MANY
        if len(self.active_channels) >= self.limits.connections and not self._make_room():
            self.refused["full"] += 1
            self._say("%d connections are open; more are refused", len(self.active_channels))
            return FULL
        return None

    def _make_room(self) -> bool:
        """Close the connection that has been quiet for longest, if one has been for a moment."""
        before_s = time.monotonic() - QUIET_S
        quiet = [
            channel
            for channel in self.active_channels.values()
            if not channel.requests and not channel.total_outbufs_len and channel.quiet_since_s < before_s
        ]
        if not quiet:
            return False
        self.refused["idle"] += 1
        min(quiet, key=lambda channel: channel.quiet_since_s).part(b"")
        return True

    def _say(self, words: str, *values: object) -> None:
        """Log a refusal, but not every one of a flood."""
        now_s = time.monotonic()
        if now_s - self._said_s >= SAY_AGAIN_S:
            self._said_s = now_s
            log.warning(words, *values)


def refuse(connection: socket.socket, words: bytes) -> None:
    """Answer a connection that is not taken, and close it."""
    with suppress(OSError):
        connection.setblocking(False)
        connection.send(words)
        connection.shutdown(socket.SHUT_WR)
        # What has come already would turn the goodbye into a reset.
        connection.recv(65536)
    with suppress(OSError):
        connection.close()
