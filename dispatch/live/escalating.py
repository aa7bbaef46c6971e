"""An order that nobody has ended goes up a level by the policy's own time, once per level.

The policy's `escalate_after_min` is the time from one level to the next, counted from when
the order was opened: after it the supervisor hears of the order, after twice as long the manager on
duty. Each level is an event under a key of its own, so that no restart and no second server says it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..promises.report import newest_given
from ..store import ENDED
from .book import Who
from .desk import Desk
from .refusals import Refused
from .workers import Worker

LEVELS = ("supervisor", "duty_manager")
LOOK_S = 30.0
TIMER = Who(name="escalation", source="timer")


def escalate_due(desk: Desk) -> int:
    """Write down every level that an open order has come to by now; returns how many were new."""
    now = desk.clock()
    rows = [row for row in desk.rows("orders") if row["state"] not in ENDED]
    given = newest_given(desk.store, {row["id"] for row in rows})
    opened = {row["order_id"]: row["at"] for row in desk.rows("steps") if row["state"] == "received"}
    return sum(
        desk.note("noted", order, data, TIMER, key=f"escalated/{order}/{since:%Y%m%dT%H%M%S}/{data['level']}")
        for order, since in sorted(opened.items())
        for data in _levels(given.get(order, {}), since, now)
    )


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


class Escalation(Worker):
    """Calls `escalate_due` while the room is open."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("escalation", desk.clock)
        self.desk = desk

    def turn(self) -> float:
        """Look once."""
        escalate_due(self.desk)
        return LOOK_S
