"""The newest events, held once for everybody who waits for them."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from typing import TYPE_CHECKING

from .journal import Event

if TYPE_CHECKING:
    from .store import Store

KEPT = 2000
# Another process may write to the same store: it is looked at so often.
POLL_S = 1.0


class Feed:
    """Lets many connections wait for events, with one of them reading the store for all.

    Fifty open boards that each read the journal for themselves after every
    event would read it fifty times; here whoever wakes first reads it, and the
    others find what is new in memory.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._newest: int | None = None
        self._stale = True
        self._read_at = 0.0

    def tell(self) -> None:
        """Something was written."""
        with self._changed:
            self._stale = True
            self._changed.notify_all()

    def wait(self, after: int, timeout_s: float, most: int) -> list[Event]:
        """Events after number `after`, as soon as there are any, or none when time is up."""
        ends = time.monotonic() + timeout_s
        with self._changed:
            while True:
                self._refresh()
                found = self._after(after, most)
                left_s = ends - time.monotonic()
                if found or left_s <= 0:
                    return found
                self._changed.wait(min(POLL_S, left_s))

    def _refresh(self) -> None:
        if not self._stale and time.monotonic() - self._read_at < POLL_S:
            return
        if self._newest is None:
            self._newest = self._store.last_seq()
            self._store.look_again()
        # Before the reading: who writes meanwhile makes it stale again.
        self._stale = False
        new = self._store.events_after(self._newest)
        self._read_at = time.monotonic()
        if new:
            self._store.look_again()
            self._newest = new[-1].seq or self._newest
            self._events = [*self._events, *new][-KEPT:]
            self._changed.notify_all()

    def _after(self, after: int, most: int) -> list[Event]:
        assert self._newest is not None
        if after >= self._newest:
            return []
        numbers = [event.seq or 0 for event in self._events]
        if not numbers or after < numbers[0] - 1:
            return self._store.events_after(after, most)
        start = bisect_right(numbers, after)
        return self._events[start : start + most]
