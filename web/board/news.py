"""The state of the running day for everybody who looks, made once: whole, and as what changed.

Every board shows the same state. It is worked out once after a burst of events; what
differs from the state before goes to every open stream as the same piece of text.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any, cast

from flask import current_app

from dispatch.live import Desk
from dispatch.store import Event

from ..day.board import stamp
from ..entrance.asker import desk
from ..entrance.discretion import discreet_state
from ..server.transfer import Packed, pack_json
from .state import KEYS, state_data, troubles

Data = dict[str, Any]
# News come together when they come at once; the first after a pause goes out at once.
GATHER_S = 0.1
# On a large day or before many boards they come together for longer: for every second that making a state
# takes so many pass before the next, and so much for each board that is told.
REST, EACH_S = 3.0, 0.001
# Boards read a new proposal within this, so that not all ask at the same moment; it grows with their number.
SPREAD_MS, SPREAD_EACH_MS = 500, 15
FORGETS = 0.95
# What a browser that lost its connection for a moment catches up by; after that it reads all.
KEPT = 200
# The clock of a state that is packed is at most so old.
CLOCK_S = 5


@dataclass(frozen=True)
class Step:
    """How one state became the next: numbers of both, and what differs, as JSON."""

    before: int
    seq: int
    text: str

    def told(self, *, discreet: bool) -> str:
        """The text as somebody may see it who sees callers, or does not."""
        return self._discreet if discreet else self.text

    def message(self, *, discreet: bool) -> bytes:
        """The same as a stream sends it; every stream sends the same bytes."""
        return self._discreet_message if discreet else self._message

    @cached_property
    def _discreet(self) -> str:
        return _text(discreet_state(json.loads(self.text)))

    @cached_property
    def _message(self) -> bytes:
        return _message(self.seq, self.text)

    @cached_property
    def _discreet_message(self) -> bytes:
        return _message(self.seq, self._discreet)


class News:
    """The state of a desk's day, and its last changes.

    Parameters
    ----------
    pause : waits for so many seconds.
    """

    def __init__(self, desk: Desk, pause: Callable[[float], None] = time.sleep) -> None:
        self._desk, self._pause = desk, pause
        self._lock = threading.Lock()
        self._state: Data | None = None
        self._packed: dict[bool, tuple[str, Packed]] = {}
        self._steps: deque[Step] = deque(maxlen=KEPT)
        # Of those who wait one looks for events and makes the state; the others wake once for each.
        self._rounds = threading.Condition()
        self._round: int | None = None
        self._round_at_s = self._cost_s = float("-inf")
        self._waiting, self._is_made = 0, False
        # How many waited lately: of those who were just woken most are about to wait again.
        self._boards = 0.0

    def whole(self, *, discreet: bool = False) -> Packed:
        """The state as it is now, packed once per change; `discreet` without callers and customers."""
        with self._lock:
            # The duties of the room are no event: they are looked at each time.
            # So is the clock: in a quiet hour the state may be old, and what reads it counts on from it.
            now = stamp(self._desk.clock()) or 0
            state = self._now() | {"troubles": troubles(self._desk), "now": now}
            key = json.dumps([state["seq"], state["troubles"], now // CLOCK_S])
            if discreet not in self._packed or self._packed[discreet][0] != key:
                self._packed[discreet] = (key, pack_json(discreet_state(state) if discreet else state))
            return self._packed[discreet][1]

    def seq(self) -> int:
        """Number of the state as it is now."""
        with self._lock:
            return int(self._now()["seq"])

    def since(self, seq: int) -> list[Step] | None:
        """The steps from the state numbered `seq` to that of now; None where only the whole state helps."""
        with self._lock:
            self._now()
            return self._known(seq)

    def wait(self, seq: int, timeout_s: float) -> list[Step] | None:
        """The steps after `seq` as soon as there are any; none when time is up."""
        ends_s = time.monotonic() + timeout_s
        while self._round is None or self._round <= seq:
            with self._rounds:
                left_s = ends_s - time.monotonic()
                if self._is_made:
                    if left_s <= 0:
                        return []
                    self._waiting += 1
                    self._rounds.wait(left_s)
                    self._waiting -= 1
                    continue
                self._is_made = True
            if not self._made_round(max(0.0, left_s)):
                return []
        with self._lock:
            # What has happened since comes with the next round: else each who wakes would make a state.
            return self._known(seq)

    @property
    def gathers_s(self) -> float:
        """For how long news come together before those who wait are told."""
        return max(GATHER_S, REST * self._cost_s, EACH_S * self._waiting)

    @property
    def spread_ms(self) -> int:
        """Within how long the boards are to ask for a new proposal, by half seconds."""
        return SPREAD_MS * max(1, ceil(SPREAD_EACH_MS * self._boards / SPREAD_MS))

    def _made_round(self, timeout_s: float) -> bool:
        """Wait for events, and make the state that everybody is told of next; whether there is one."""
        told = self._round
        try:
            if told is not None and self._desk.wait(told, timeout_s):
                left_s = self._round_at_s + self.gathers_s - time.monotonic()
                if left_s > 0:
                    self._pause(left_s)
            self._round = self.seq()
            if self._round != told:
                self._round_at_s = time.monotonic()
        finally:
            with self._rounds:
                self._is_made = False
                # Where nothing is new, one of them looks on.
                self._rounds.notify(1 if self._round == told else self._waiting)
        return self._round != told

    def _known(self, seq: int) -> list[Step] | None:
        if self._state is not None and seq == self._state["seq"]:
            return []
        steps = [each for each in self._steps if each.before >= seq]
        return steps if steps and steps[0].before == seq else None

    def _now(self) -> Data:
        before = self._state
        if before is not None and before["seq"] == self._desk.store.recent_seq():
            return before
        began_s = time.thread_time()
        self._boards = max(self._waiting, FORGETS * self._boards)
        after = self._state = state_data(self._desk) | {"spread_ms": self.spread_ms}
        if before is not None and after["seq"] != before["seq"]:
            happened = self._desk.wait(before["seq"], 0)
            text = _text(difference(before, after) | {"events": [told_of(event) for event in happened]})
            self._steps.append(Step(before["seq"], after["seq"], text))
        self._cost_s = time.thread_time() - began_s
        return after


def _text(told: Data) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _message(seq: int, text: str) -> bytes:
    return f"id: {seq}\nevent: state\ndata: {text}\n\n".encode()


def difference(before: Data, after: Data) -> Data:
    """What of a state differs from the one before: rows by their key, and all else whole.

    `from` is the number of the state that it applies to, `rows` holds of each
    table the rows that are new or changed (`set`) and the keys of those that are gone.
    """
    rows = {name: _rows(before[name], after[name], key) for name, key in KEYS.items()}
    whole = {name: value for name, value in after.items() if name not in KEYS and value != before[name]}
    changed = {name: each for name, each in rows.items() if each["set"] or each["gone"]}
    return {**whole, "from": before["seq"], "seq": after["seq"], "now": after["now"], "rows": changed}


def _rows(before: Sequence[Data], after: Sequence[Data], key: str) -> Data:
    old: Mapping[Any, Data] = {row[key]: row for row in before}
    new = {row[key] for row in after}
    return {
        "set": [row for row in after if not _is_same(old.get(row[key]), row)],
        "gone": [each for each in old if each not in new],
    }


def _is_same(old: Data | None, row: Data) -> bool:
    # Most rows are the very same: of a large day nothing else need be looked at.
    return old is row or old == row


def told_of(event: Event) -> Data:
    """An event without customers' words and numbers: whoever may see those asks for them."""
    return {"kind": event.kind, "subject": event.subject, "actor": event.actor, "at": event.at.isoformat()}


def news() -> News:
    """The state of the running day, made once for everybody who looks."""
    desk()
    return cast(News, current_app.extensions["gridcrew_news"])
