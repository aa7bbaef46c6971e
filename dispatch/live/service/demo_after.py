"""What a demo city has inspected, found, asked and judged before the first start; all made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from ...store import Event
from ..desk import Desk
from .demo_matters import STAFF, happened

# Of so many customers the visit of one is due; the others were seen on some day of their cycle.
ONE_DUE_OF, DUE_WITHIN = 5, 6


class Found(NamedTuple):
    """A hidden danger: days ago, level, whose duty, what, where it stands, days until it is due."""

    days: int
    level: int
    duty: str
    words: str
    state: str
    left: int


FOUND = (
    Found(4, 3, "customer", "自备应急电源无法启动 own generator does not start", "open", -1),
    Found(10, 2, "own", "环网柜凝露 condensation in the ring main unit", "open", 11),
    Found(20, 2, "customer", "变压器渗油 transformer leaks oil", "remedied", 3),
    Found(25, 1, "customer", "配电室堆放杂物 things kept in the switch room", "open", 5),
    Found(6, 2, "customer", "双电源切换装置失灵 changeover of the two supplies fails", "open", 9),
    Found(12, 1, "own", "电缆标识缺失 cable marks missing", "remedied", 18),
    Found(40, 3, "customer", "无自备应急电源 no generator", "closed", 0),
    Found(50, 1, "own", "接地电阻偏大 earth resistance too high", "closed", 0),
)
SCORES = (5, 4, 5, 3, 5, 2, 4, 5, 5, 1, 4, 5, 4, 5, 3, 5, 4, 5, 5, 2, 5, 4, 5, 5)
UNHAPPY = "到得太晚 came too late"
RATED = (("urban", "outage"), ("rural", "outage"), ("urban", "metering"), ("urban", "new_connection"))
JUDGED = (("drawn", ""), ("drawn", ""), ("judged", "late"), ("closed", ""), ("appealed", "record_poor"))


def made_up_after(desk: Desk) -> Iterator[Event]:
    """Everything that the pages of inspections and of quality show at a first start."""
    due = desk.service.inspections.due()
    for at, each in enumerate(due):
        ago = timedelta(days=each.every_days * (0.1 + 0.8 * (at % 7) / 7))
        if at % ONE_DUE_OF == 0:
            # These are due one after the other: yesterday, and on the days to come.
            ago = timedelta(days=each.every_days - at // ONE_DUE_OF % DUE_WITHIN + 1)
        yield _ended(
            desk, f"V-{at + 1:04d}", "inspection", "done", each.customer, ago, "周期检查 periodic visit"
        )
    for at, danger in enumerate(FOUND[: len(due)]):
        yield _danger(desk, at, danger, due[at].customer)
    yield from _rated(desk)
    yield from _samples(desk)


def _ended(desk: Desk, id_: str, kind: str, state: str, customer: str, ago: timedelta, words: str) -> Event:
    at, actor = desk.clock() - ago, STAFF[len(id_ + customer) % len(STAFF)]
    data: dict[str, Any] = {
        **{"kind": kind, "state": state, "customer": customer, "owner": actor, "words": words},
        **{"opened_at": at.isoformat(), "ended_at": at.isoformat(), "data": {"findings": 0}},
    }
    return happened(id_, "matter_opened", actor, at, data)


def _danger(desk: Desk, at: int, danger: Found, customer: str) -> Event:
    now, actor = desk.clock(), STAFF[at % len(STAFF)]
    found = now - timedelta(days=danger.days)
    ended = (now - timedelta(days=2)).isoformat() if danger.state == "closed" else None
    data: dict[str, Any] = {
        **{"kind": "danger", "state": danger.state, "level": danger.level, "customer": customer},
        **{"owner": actor, "words": danger.words, "opened_at": found.isoformat(), "ended_at": ended},
        "due_at": (now + timedelta(days=danger.left)).isoformat(),
        "data": {"duty": danger.duty, "visit": None},
    }
    return happened(f"H-{at + 1:04d}", "matter_opened", actor, found, data)


def _rated(desk: Desk) -> Iterator[Event]:
    crews = [crew.id for crew in desk.case.crews][:4]
    for at, score in enumerate(SCORES):
        when, (area, kind) = desk.clock() - timedelta(hours=7 * at + 3), RATED[at % len(RATED)]
        about = {"area": area, "kind": kind, "crew": crews[at % len(crews)]}
        data: dict[str, Any] = {
            **{"kind": "satisfaction", "state": "told", "level": score, "request": f"D{at + 1:03d}"},
            **{"owner": STAFF[at % len(STAFF)], "words": UNHAPPY if score <= 2 else "", "data": about},
            **{"opened_at": when.isoformat(), "ended_at": when.isoformat()},
        }
        yield happened(f"F-D{at + 1:03d}", "matter_opened", STAFF[at % len(STAFF)], when, data)


def _samples(desk: Desk) -> Iterator[Event]:
    crews = [crew.id for crew in desk.case.crews]
    for at, (state, fault) in enumerate(JUDGED):
        when, owner = desk.clock() - timedelta(days=1, hours=at), STAFF[at % len(STAFF)]
        judge = STAFF[(at + 1) % len(STAFF)] if state != "drawn" else None
        result = None if state == "drawn" else "faults" if fault else "good"
        told = {
            "crew": crews[at % len(crews)],
            "result": result,
            "faults": [fault] if fault else [],
            "judge": judge,
        }
        data: dict[str, Any] = {
            **{"kind": "quality", "state": state, "owner": owner, "order_id": f"W-D{at + 1:03d}"},
            **{"words": "", "opened_at": when.isoformat(), "data": told},
            "ended_at": when.isoformat() if state == "closed" else None,
        }
        yield happened(f"Q-W-D{at + 1:03d}", "matter_opened", owner, when, data)
