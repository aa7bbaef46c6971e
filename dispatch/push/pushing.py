"""Ring phones: sealed, signed, through the push service that each phone has chosen, where that is allowed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ..live import Desk
from ..messages.senders import TRY_AGAIN, NotSent
from ..messages.sending import pause
from ..outward.guard import Forbidden, target_of
from ..outward.posting import ask
from ..store import push_rows as rows
from .keys import PushKey, sealed
from .news import News, gravest, news_of
from .settings import PushSettings

log = logging.getLogger("gridcrew.push")
WAIT_S = 1.0
# What a phone that was off did not get in this time it learns when it looks.
LIVES_S = 4 * 3600
# A phone that missed more than this learns of it when it looks.
MOST_EVENTS = 2000
SIDE_BY_SIDE = 8
LONGEST_PAUSE = timedelta(minutes=5)
# The push service no longer knows the phone.
GONE = frozenset({404, 410})


class Pushing:
    """Looks what happened, and rings the phones of the crews that it concerns.

    Each phone has a number up to which it was told: what was written while a push service was away, or
    while the room was closed, goes out afterwards as one message.

    Parameters
    ----------
    wall : the machine's clock, by which signatures end.
    """

    def __init__(
        self, desk: Desk, key: PushKey, settings: PushSettings, wall: Callable[[], datetime]
    ) -> None:
        self._desk, self.key, self.settings, self._wall = desk, key, settings, wall
        # Up to where nothing concerned a phone: kept in memory, for it costs little to look again.
        self._seen: dict[str, int] = {}
        # Push services that did not answer in this look: nobody waits for them again and again.
        self._away: set[str] = set()

    def look(self) -> None:
        """Wait a moment for something to happen, then ring whoever must hear of it."""
        store = self._desk.store
        newest = store.last_seq()
        phones = [each for each in rows.ringing(store, self._wall()) if self._read(each, newest) < newest]
        if not phones:
            store.feed.wait(newest, WAIT_S, 1)
            return
        since = min(self._read(each, newest) for each in phones)
        news = news_of(self._desk, store.events_after(since, MOST_EVENTS))
        self._away.clear()
        with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(phones))) as pool:
            list(pool.map(lambda each: self._ring(each, news, newest), phones))

    def _read(self, phone: Mapping[str, Any], newest: int) -> int:
        told: int = phone["told"]
        return max(told, self._seen.get(phone["id"], 0), newest - MOST_EVENTS)

    def _ring(self, phone: Mapping[str, Any], news: Sequence[News], newest: int) -> None:
        since = self._read(phone, newest)
        waiting = [each for each in news if each.crew == phone["crew"] and each.seq > since]
        row = self._desk.row("crews", phone["crew"])
        if not waiting or (row is not None and row["state"] != "on_shift"):
            self._seen[phone["id"]] = newest
            return
        host = urlsplit(phone["endpoint"]).netloc
        if host in self._away:
            return
        try:
            status = self.send(phone, gravest(waiting).told)
        except NotSent as error:
            self._away.add(host)
            self._failed(phone, str(error))
            return
        if 200 <= status < 300:
            rows.change(self._desk.store, phone["id"], told=newest, failures=0, due_at=None)
        elif status in GONE or (400 <= status < 500 and status not in TRY_AGAIN | {401, 403}):
            rows.drop(self._desk.store, phone["id"])
            log.info("a phone of %s is rung no longer: its push service answers %d", phone["crew"], status)
        else:
            self._failed(phone, f"its push service answers {status}")

    def send(self, phone: Mapping[str, Any], told: Mapping[str, Any]) -> int:
        """Send one message to one phone; the status that its push service answers with.

        Raises
        ------
        NotSent
            Nothing may be sent there, or nobody answers.
        """
        try:
            target = target_of(phone["endpoint"], self.settings.guard)
        except Forbidden as error:
            raise NotSent(str(error)) from error
        keys = {"p256dh": phone["p256dh"], "auth": phone["auth"]}
        headers = {
            "Authorization": self.key.signed(target, self.settings.contact, self._wall()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(LIVES_S),
            "Urgency": "high",
            "User-Agent": "gridcrew",
            "Connection": "close",
        }
        return ask(target, sealed(json.dumps(dict(told)).encode(), keys), headers)

    def _failed(self, phone: Mapping[str, Any], why: str) -> None:
        failures = phone["failures"] + 1
        due_at = self._wall() + min(pause(phone["failures"]), LONGEST_PAUSE)
        rows.change(self._desk.store, phone["id"], failures=failures, due_at=due_at)
        # Without the address: whoever has it can ring the phone.
        log.warning("a phone of %s cannot be rung: %s", phone["crew"], why)
