"""An order that nobody has ended goes up a level by the policy's own time, once per level.

The policy's `escalate_after_min` is the time from one level to the next, counted from when
the order was opened: after it the supervisor hears of the order, after twice as long the manager on
duty. Each level is an event under a key of its own, so that no restart and no second server says it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ..promises.report import newest_given
from ..store import ENDED
from ..store.history import events_after
from .book import Who
from .desk import Desk
from .refusals import Refused
from .reminding import note_new

LEVELS = ("supervisor", "duty_manager")
EVER = datetime(1970, 1, 1, tzinfo=UTC)
TIMER = Who(name="escalation", source="timer")


def escalate_due(desk: Desk) -> int:
    """Write down every level that an open order has come to by now; returns how many were new."""
    now = desk.clock()
    known = _known(desk, {row["id"] for row in desk.rows("orders") if row["state"] not in ENDED})
    opened = {row["order_id"]: row["at"] for row in desk.rows("steps") if row["state"] == "received"}
    due = {
        f"escalated/{order}/{since:%Y%m%dT%H%M%S}/{data['level']}": (order, data)
        for order, since in sorted(opened.items())
        for data in _levels(known.given.get(order, {}), since, now)
    }
    new = {key: told for key, told in due.items() if key not in known.written}
    count = note_new(desk, new, TIMER)
    known.written.update(new)
    return count


@dataclass(slots=True)
class _Known:
    """What the journal says of open orders, read up to an event; each event is read once.

    Parameters
    ----------
    given : what was promised last, by order. written : the keys of levels that were written down.
    """

    seq: int
    given: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)


def _known(desk: Desk, orders: Set[str]) -> _Known:
    known = desk.kept("escalated", (), lambda: _Known(desk.store.last_seq()))
    for event in events_after(desk.store, known.seq, ("order_opened", "noted"), EVER):
        known.seq = max(known.seq, event.seq or 0)
        if "given" in event.data:
            known.given[event.subject] = event.data["given"]
    missing = orders - known.given.keys()
    known.given |= {order: {} for order in missing} | newest_given(desk.store, missing)
    return known


def _levels(given: Mapping[str, Any], since: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """What is to be written of the levels that are due."""
    after = given.get("escalate_min")
    if not after:
        return
    for level, role in enumerate(LEVELS, 1):
        if now < since + timedelta(minutes=level * after):
            return
        told = {"what": "escalated", "level": level, "role": role, "since": since.isoformat()}
        yield told | {"after_min": level * after} | {name: given[name] for name in ("kind", "class", "grade")}


def close_answered(desk: Desk, order: str, who: Who, note: str) -> None:
    """End an order that no crew drives for, a complaint or an enquiry: somebody has answered it.

    Raises
    ------
    Refused
        It has ended already, or crews are sent to it.
    Conflict
        Somebody changed it in between.
    """
    row = next((each for each in desk.rows("orders") if each["id"] == order), None)
    if row is None or row["state"] in ENDED:
        raise Refused("state", order=order, state=row["state"] if row else "closed", to="closed")
    told: dict[str, Any] = {"note": note} if note else {}
    desk.work.move_order(order, "closed", who, seen=row["version"], **told)
