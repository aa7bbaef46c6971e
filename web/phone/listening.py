"""News of crews for the phones that wait for them: of all who wait one reads the events for the others."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable

from dispatch.live import Desk
from dispatch.push.news import News, gravest, news_of

# A phone that was away for longer reads the events itself.
KEPT = 1000


class Listening:
    """Phones that wait, and what crews were told lately.

    Three hundred phones that each looked at every event would look three hundred times, and
    wake for what concerns one of them.
    """

    def __init__(self, desk: Desk, kept: int = KEPT) -> None:
        self._desk, self._kept = desk, kept
        self._lock = threading.Lock()
        # Whom to wake, and for which crew's sake.
        self._waiting: dict[threading.Event, str] = {}
        self._told: deque[News] = deque()
        # The news of all events after `_since` up to `_until` are among those told.
        self._since: int | None = None
        self._until = 0
        self._is_read = False

    def wait(self, crew: str, after: int, timeout_s: float) -> tuple[int, News | None]:
        """The gravest news of a crew after event number `after`, as soon as there are any.

        Returns
        -------
        tuple
            The number of the event up to which was looked, and the news; None when time is up.
        """
        ends_s = time.monotonic() + timeout_s
        if self._is_long_ago(after):
            return self._looked_up(crew, after)
        looked = False
        while True:
            with self._lock:
                news = [each for each in self._told if each.crew == crew and each.seq > after]
                left_s = ends_s - time.monotonic()
                # Whoever does not wait looks once, unless somebody is at it.
                if news or (left_s <= 0 and (looked or self._is_read)):
                    return max(after, self._until), gravest(news) if news else None
                reads, self._is_read = not self._is_read, True
                ear = threading.Event()
                if not reads:
                    self._waiting[ear] = crew
            if reads:
                self._read(max(0.0, left_s))
                looked = True
            else:
                ear.wait(left_s)
                self._leave(ear)

    @property
    def waiting(self) -> int:
        """Phones that wait, but for the one that reads."""
        return len(self._waiting)

    def _is_long_ago(self, after: int) -> bool:
        with self._lock:
            if self._since is None:
                self._since = self._until = self._desk.store.last_seq()
            return after < self._since

    def _looked_up(self, crew: str, after: int) -> tuple[int, News | None]:
        """Out of the events themselves, as many as are read at once."""
        events = self._desk.wait(after, 0)
        news = [each for each in news_of(self._desk, events) if each.crew == crew]
        return (events[-1].seq or after) if events else after, gravest(news) if news else None

    def _read(self, timeout_s: float) -> None:
        """Wait for events, and wake those whom they concern; then somebody else reads on."""
        try:
            events = self._desk.wait(self._until, timeout_s)
            news = news_of(self._desk, events)
            with self._lock:
                self._take(news)
                self._until = (events[-1].seq or self._until) if events else self._until
                crews = {each.crew for each in news}
                _wake(ear for ear, crew in self._waiting.items() if crew in crews)
        finally:
            with self._lock:
                self._is_read = False
                _wake([*self._waiting][:1])

    def _take(self, news: list[News]) -> None:
        self._told.extend(news)
        while len(self._told) > self._kept:
            self._since = self._told.popleft().seq

    def _leave(self, ear: threading.Event) -> None:
        with self._lock:
            self._waiting.pop(ear, None)
            if not self._is_read:
                _wake([*self._waiting][:1])


def _wake(ears: Iterable[threading.Event]) -> None:
    for ear in ears:
        ear.set()
