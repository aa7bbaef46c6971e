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
# What a browser that lost its connection for a moment catches up by; after that it reads all.
KEPT = 200
# The clock of a state that is packed is at most so old.
CLOCK_S = 5


@dataclass(frozen=True, slots=True)
class Step:
    """How one state became the next: numbers of both, and what differs, as JSON."""

    before: int
    seq: int
    text: str

    def told(self, *, discreet: bool) -> str:
        """The text as somebody may see it who sees callers, or does not."""
        return _text(discreet_state(json.loads(self.text))) if discreet else self.text


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
        self._made_at_s = float("-inf")
        self._steps: deque[Step] = deque(maxlen=KEPT)

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
            if seq == self._now()["seq"]:
                return []
            steps = [each for each in self._steps if each.before >= seq]
            return steps if steps and steps[0].before == seq else None

    def wait(self, seq: int, timeout_s: float) -> list[Step] | None:
        """The steps after `seq` as soon as there are any; none when time is up."""
        if not self._desk.wait(seq, timeout_s):
            return []
        known = self._state
        left_s = self._made_at_s + GATHER_S - time.monotonic()
        if known is not None and known["seq"] <= seq and left_s > 0:
            self._pause(left_s)
        return self.since(seq)

    def _now(self) -> Data:
        before = self._state
        if before is not None and before["seq"] == self._desk.store.recent_seq():
            return before
        after = self._state = state_data(self._desk)
        self._made_at_s = time.monotonic()
        if before is not None and after["seq"] != before["seq"]:
            happened = self._desk.wait(before["seq"], 0)
            text = _text(difference(before, after) | {"events": [told_of(event) for event in happened]})
            self._steps.append(Step(before["seq"], after["seq"], text))
        return after


def _text(told: Data) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


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
        "set": [row for row in after if old.get(row[key]) != row],
        "gone": [each for each in old if each not in new],
    }


def told_of(event: Event) -> Data:
    """An event without customers' words and numbers: whoever may see those asks for them."""
    return {"kind": event.kind, "subject": event.subject, "actor": event.actor, "at": event.at.isoformat()}


def news() -> News:
    """The state of the running day, made once for everybody who looks."""
    desk()
    return cast(News, current_app.extensions["gridcrew_news"])
