"""Forgets customers of what ended long ago, once a day while the server runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from ..errors import DispatchError
from ..store import Store
from ..store.purge import Purged, purge

log = logging.getLogger("gridcrew.forgetting")
A_DAY_S = 86_400.0


class Forgetting(threading.Thread):
    """Calls `purge` when it starts and every day after.

    Parameters
    ----------
    keep : how long customers of ended work are kept.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime], keep: timedelta) -> None:
        super().__init__(name="forgetting", daemon=True)
        self.store, self.clock, self.keep = store, clock, keep
        self._ended = threading.Event()

    def run(self) -> None:
        """Forget until `end` is called."""
        while not self._ended.is_set():
            self.forget()
            self._ended.wait(A_DAY_S)

    def forget(self) -> Purged:
        """Forget what is old enough now; nothing where the database cannot be used."""
        now = self.clock()
        try:
            return purge(self.store, now - self.keep, now, "forgetting")
        except DispatchError:
            # Tomorrow is early enough to try again.
            log.exception("customers were not forgotten")
            return Purged()

    def end(self) -> None:
        """Stop after the lot that is being forgotten."""
        self._ended.set()
        self.join(timeout=30)
