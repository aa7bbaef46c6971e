"""Forgets customers of what ended long ago, once a day while the room is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ..store import Store
from ..store.purge import Purged, purge
from .workers import Worker

A_DAY_S = 86_400.0


class Forgetting(Worker):
    """Calls `purge` when it starts and every day after.

    Parameters
    ----------
    keep : how long customers of ended work are kept.
    """

    # A first purge of years of requests takes its time.
    quiet_s = 3600.0

    def __init__(self, store: Store, clock: Callable[[], datetime], keep: timedelta) -> None:
        super().__init__("forgetting", clock)
        self.store, self.clock, self.keep = store, clock, keep

    def turn(self) -> float:
        """Forget what is old enough now."""
        self.forget()
        return A_DAY_S

    def forget(self) -> Purged:
        """Forget what is old enough now; says what that was."""
        now = self.clock()
        return purge(self.store, now - self.keep, now, "forgetting")
