"""All sockets of a server, and the turn that sees to those that are ready.

waitress asks every connection before each turn whether it wants to read or write, so a request cost more the
more others were open: at 1,150 connections a third of all the server's time. Here a connection is asked when
something happened to it, and the operating system is told what it waits for.
"""

from __future__ import annotations

import selectors
from collections import deque
from contextlib import suppress
from typing import Any

from waitress import wasyncore


class Sockets(dict[int, Any]):
    """waitress' connections by their descriptor: watched from when one is put in to when it is taken out."""

    def __init__(self) -> None:
        super().__init__()
        self._watched = selectors.DefaultSelector()
        # Threads append to it while the loop takes out: a deque does either as one step.
        self._changed: deque[int] = deque()

    def __setitem__(self, descriptor: int, connection: Any) -> None:
        super().__setitem__(descriptor, connection)
        self._changed.append(descriptor)

    def __delitem__(self, descriptor: int) -> None:
        super().__delitem__(descriptor)
        self._watch(descriptor, 0)

    def changed(self, descriptor: int | None) -> None:
        """A connection may wait for something else now; from any thread, before the loop is woken."""
        if descriptor is not None:
            self._changed.append(descriptor)

    def turn(self, timeout_s: float) -> None:
        """Wait until a socket is ready, and see to each that is."""
        self._look_at_changed()
        for key, ready in self._watched.select(timeout_s):
            connection = self.get(key.fd)
            if connection is None:
                continue
            if ready & selectors.EVENT_READ:
                wasyncore.read(connection)
            if ready & selectors.EVENT_WRITE and self.get(key.fd) is connection:
                wasyncore.write(connection)
            self._changed.append(key.fd)

    def close(self) -> None:
        """Close whatever is still open."""
        wasyncore.close_all(self, ignore_all=True)
        self._watched.close()

    def _look_at_changed(self) -> None:
        while self._changed:
            descriptor = self._changed.popleft()
            connection = self.get(descriptor)
            if connection is not None:
                self._watch(descriptor, _wanted(connection))

    def _watch(self, descriptor: int, wanted: int) -> None:
        """Tell the system what a socket waits for; it may have been closed meanwhile."""
        known = self._watched.get_map()
        with suppress(KeyError, ValueError, OSError):
            if known is None:
                return
            if descriptor not in known:
                if wanted:
                    self._watched.register(descriptor, wanted)
            elif not wanted:
                self._watched.unregister(descriptor)
            elif known[descriptor].events != wanted:
                self._watched.modify(descriptor, wanted)


def _wanted(connection: Any) -> int:
    """What a connection waits for; one that accepts others never writes."""
    wanted = selectors.EVENT_READ if connection.readable() else 0
    if not connection.accepting and connection.writable():
        wanted |= selectors.EVENT_WRITE
    return wanted
