"""A server from its first connection to its last answer."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from .connections import Listener
from .limits import Limits
from .sockets import Sockets

log = logging.getLogger("gridcrew.server")
TURN_S = 1.0
DRAINING_TURN_S = 0.1
# Connections go on being taken so long after the word to end: who was already calling is answered,
# and a proxy in front has time to see that this server is not ready any more.
GRACE_S = 1.0
# What is under way has so long; below the time after which systemd kills (its unit says 40 s).
LONGEST_S = 25.0
# Who is still sending a question has so long; a half-sent one has changed nothing.
UNFINISHED_S = 5.0
QUICK_THREADS = 2
MOST_HEAD_B = 64 * 1024


class Server:
    """Sockets, threads and the loop between them.

    Parameters
    ----------
    application : what answers, a WSGI application.
    is_quick : whether what lies at a path is answered in no time: threads of their own answer it, so that
        pages can be loaded and a watchdog is answered while all others are at work.
    on_end : called once when the word to end has come, before the last answers are waited for;
        must not wait itself.

    Raises
    ------
    OSError
        When the port is taken or not allowed.
    """

    def __init__(
        self,
        application: Any,
        host: str,
        port: int,
        *,
        threads: int,
        limits: Limits,
        most_body_b: int,
        is_quick: Callable[[str], bool] = lambda path: False,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        adjustments = Adjustments(
            host=host,
            port=port,
            ident="gridcrew",
            connection_limit=limits.connections,
            max_request_header_size=MOST_HEAD_B,
            max_request_body_size=most_body_b,
        )
        self._sockets = Sockets()
        self._on_end = on_end
        self._asked = 0
        self.threads, self.quick = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self.listeners = [
            Listener(
                application,
                self._sockets,
                dispatcher=self.threads,
                adj=adjustments,
                sockinfo=each,
                limits=limits,
                quick=self.quick,
                is_quick=is_quick,
            )
            for each in adjustments.listen
        ]
        self.threads.set_thread_count(threads)
        self.quick.set_thread_count(QUICK_THREADS)

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return sum(len(listener.active_channels) for listener in self.listeners)

    @property
    def waiting(self) -> int:
        """Questions that wait for a thread."""
        return len(self.threads.queue)

    @property
    def working(self) -> int:
        """Threads that are at a question."""
        return int(self.threads.active_count)

    @property
    def refused(self) -> Counter[str]:
        """Connections and questions that were refused or closed, by reason."""
        return sum((listener.refused for listener in self.listeners), Counter())

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listeners[0].effective_port)

    def end(self, *_: Any) -> None:
        """Answer what is under way, then return from `run`; asked twice, return at once.

        Safe in a signal handler and from any thread.
        """
        self._asked += 1
        with suppress(OSError):
            # It may have ended by itself.
            self.listeners[0].pull_trigger()

    def run(self) -> None:
        """Serve until `end` is called, by SIGTERM or Ctrl-C where this is the main thread."""
        before = self._hear_signals()
        try:
            while not self._asked:
                self._turn(TURN_S)
            self._drain()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.close()

    def close(self) -> None:
        """Drop whatever is still open."""
        for listener in self.listeners:
            listener.trigger.close()
        self._sockets.close()

    def _hear_signals(self) -> dict[int, Any]:
        if threading.current_thread() is not threading.main_thread():
            return {}
        return {number: signal.signal(number, self.end) for number in (signal.SIGTERM, signal.SIGINT)}

    def _turn(self, timeout_s: float) -> None:
        for listener in self.listeners:
            listener.look_after()
        self._sockets.turn(timeout_s)

    def _drain(self) -> None:
        began_s = time.monotonic()
        for listener in self.listeners:
            listener.draining = True
        self._on_end()
        self._turns_until(began_s + GRACE_S, lambda: False)
        for listener in self.listeners:
            listener.stop_listening()
        self._turns_until(began_s + LONGEST_S, lambda: self._quiet(began_s))
        left = sum(listener.busy for listener in self.listeners)
        if left:
            log.warning("%d questions were not answered before the end", left)
        self.threads.shutdown(timeout=1)
        self.quick.shutdown(timeout=1)

    def _quiet(self, began_s: float) -> bool:
        """Whether nobody waits for anything; says goodbye to those who only keep a line open."""
        now_s = time.monotonic()
        for listener in self.listeners:
            listener.tidy(now_s)
            listener.hang_up(unfinished=now_s - began_s > UNFINISHED_S)
        return not any(listener.busy for listener in self.listeners)

    def _turns_until(self, ends_s: float, over: Callable[[], bool]) -> None:
        while time.monotonic() < ends_s and self._asked < 2 and not over():
            self._turn(DRAINING_TURN_S)
