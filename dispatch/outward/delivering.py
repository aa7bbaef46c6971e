"""Carry events to webhooks: in the order of each object, with growing pauses, given up and shown.

A delivery is marked once the receiver has taken the event. Where the process dies in between, it goes out
again under the same id: never lost, and recognisable as the same one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from ..messages.senders import NotSent
from ..messages.sending import MOST_TRIES, pause
from ..store import Store
from ..store import outward_rows as rows
from ..store.outward_rows import Sent
from .guard import EventSettings
from .posting import cloud_event, post, secret_of

MOST_WAITING = 1000
AT_ONCE = 50
# One webhook's turn; then the next have theirs.
TURN_S = 15.0
# After so many failures in a row the receiver is left alone until the next turn.
FAILURES = 2
SIDE_BY_SIDE = 6


class Delivering:
    """Takes a turn for every webhook that is not paused.

    Parameters
    ----------
    key : the room's own, of which every webhook's secret is derived.
    source : names this room in every event.
    wall : the machine's clock.
    """

    def __init__(
        self,
        store: Store,
        key: str,
        source: str,
        settings: EventSettings,
        wall: Callable[[], datetime],
    ) -> None:
        self._store, self._key, self.source = store, key, source
        self._settings, self._wall = settings, wall

    def look(self) -> None:
        """Send what is due, several webhooks side by side, so that one that hangs holds up nobody."""
        hooks = rows.hooks(self._store, "active")
        if hooks:
            with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(hooks))) as pool:
                list(pool.map(self._turn, hooks))

    def _turn(self, hook: Mapping[str, Any]) -> None:
        ends_s, failed, held = time.monotonic() + TURN_S, 0, set[str]()
        sent = 0
        for row, event in rows.waiting(self._store, hook["id"], MOST_WAITING):
            if failed >= FAILURES or sent >= AT_ONCE or time.monotonic() > ends_s:
                return
            if row["subject"] in held or row["due_at"] > self._wall():
                # What comes later of the same object waits for it.
                held.add(row["subject"])
                continue
            sent += 1
            if self._send(hook, row, event):
                failed = 0
            else:
                failed += 1
                held.add(row["subject"])

    def _send(self, hook: Mapping[str, Any], row: Mapping[str, Any], event: Sent) -> bool:
        try:
            self.deliver(hook, event)
        except NotSent as error:
            self._failed(hook, row, error)
            return False
        rows.tell_delivery(self._store, row["id"], state="sent", at=self._wall(), note=None)
        if hook["failures"]:
            rows.change_hook(self._store, hook["id"], failures=0, note=None)
        return True

    def deliver(self, hook: Mapping[str, Any], event: Sent) -> None:
        """Send one event to one webhook, once.

        Raises
        ------
        NotSent
            It did not get there.
        """
        told = cloud_event(event, self.source)
        at_s = int(self._wall().timestamp())
        post(hook["url"], secret_of(self._key, hook), told, self._settings, at_s)

    def _failed(self, hook: Mapping[str, Any], row: Mapping[str, Any], error: NotSent) -> None:
        tries, text = row["tries"] + 1, str(error)[:300]
        if error.final or tries >= MOST_TRIES:
            changed: dict[str, Any] = {"state": "given_up", "at": self._wall()}
        else:
            changed = {"due_at": self._wall() + pause(row["tries"])}
        rows.tell_delivery(self._store, row["id"], tries=tries, note=text, **changed)
        rows.change_hook(self._store, hook["id"], failures=hook["failures"] + 1, note=text)
