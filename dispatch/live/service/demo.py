"""What the customer desk of a demo city has on its hands at the first start; all of it is made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ...service.index import load_weights
from ...store import Event
from ..book import Who
from ..desk import Desk
from .customers import graded_customers, rank_of
from .demo_after import made_up_after
from .demo_matters import made_up_matters
from .index import let_index_count, propose_index

DEMO = Who(name="case", source="file")
DESK_STAFF = ("王敏", "陈洁")
MANAGERS = ("李强", "张伟", "Carmen Rojas")
MANAGED = 20
# The last two complaints come from customers who complained before.
COMPLAINERS = 18


class Told(NamedTuple):
    """A complaint of the last weeks: when, how grave, what, where it stands."""

    days: float
    level: int
    words: str
    state: str
    category: str
    cause: str
    upheld: str


TOLD = (
    Told(1, 1, "抢修师傅态度不好，催了两次才上门", "open", "service", "crew", "yes"),
    Told(2, 2, "上个月停电三次，每次都说是设备故障", "open", "quality", "equipment", "yes"),
    Told(2, 1, "Nobody told us about the planned outage on Tuesday", "open", "supply", "notice", "yes"),
    Told(3, 3, "停电影响透析，再不答复我就找12398和记者", "open", "supply", "repair_time", "partly"),
    Told(3, 1, "电费比上月多了一倍，怀疑电表有问题", "answered", "business", "billing", "no"),
    Told(4, 1, "The crew left mud all over the yard", "answered", "service", "crew", "yes"),
    Told(4, 2, "施工队挖断了我家的水管，没人处理", "answered", "construction", "construction", "yes"),
    Told(5, 1, "约好上午装表，等了一天没人来", "answered", "service", "desk", "yes"),
    Told(6, 2, "Lights flicker every evening since March", "open", "quality", "equipment", "yes"),
    Told(7, 1, "营业厅排队一个小时只开一个窗口", "closed", "service", "desk", "partly"),
    Told(8, 1, "The bill was sent to the old address again", "closed", "business", "billing", "yes"),
    Told(8, 1, "说好两小时来电，结果等了六小时", "closed", "supply", "repair_time", "yes"),
    Told(9, 1, "电话打了十几次都占线", "closed", "service", "desk", "yes"),
    Told(10, 2, "Food in our freezer spoiled after the outage", "closed", "supply", "equipment", "no"),
    Told(11, 1, "新装用电资料交了两次还说不齐", "closed", "business", "desk", "partly"),
    Told(12, 1, "树枝压在电线上报了三天没人修剪", "closed", "quality", "others", "no"),
    Told(13, 1, "Noise of the transformer keeps us awake", "closed", "quality", "equipment", "partly"),
    Told(14, 1, "抄表员没来就估了度数", "closed", "business", "billing", "yes"),
    Told(16, 1, "The street was dug up twice within a month", "closed", "construction", "construction", "no"),
    Told(18, 3, "欠费停电没有提前通知，家里有病人", "closed", "supply", "notice", "yes"),
)
URGED = (
    ("call", "用户再次来电，要求今天给答复", ""),
    ("supervision", "Ring the customer before noon", "Rang at nine; the crew comes on Friday 已电话联系"),
)
ANSWER = (
    "We looked into it with those who were there; what was wrong has been put right. 已核实并整改，向您致歉。"
)


def begin_demo(desk: Desk) -> None:
    """Give the important customers their managers, and the complaint desk the complaints of some weeks."""
    # By grade alone: whose supply is off, nobody has worked out yet at a first start.
    graded = graded_customers(desk)
    customers = sorted(graded, key=lambda each: (rank_of(graded[each]), each))[:MANAGED]
    now = desk.clock()
    managed = [
        desk.book.event(DEMO, "manager_changed", customer, {"to": MANAGERS[at % len(MANAGERS)], "was": None})
        for at, customer in enumerate(customers)
    ]
    table = desk.case.customers.table.index
    told = [
        event
        for at, each in enumerate(TOLD)
        for event in _complaint(desk, at, each, str(table[(at % COMPLAINERS * 6151 + 17) % len(table)]), now)
    ]
    desk.book.record(*managed, *told, *_urged(now), *made_up_matters(desk), *made_up_after(desk))
    let_index_count(desk, propose_index(desk, load_weights(), DEMO).seq, DEMO)


def _urged(now: datetime) -> Iterator[Event]:
    """Two who were urged: the time of one is nearly over, the other has answered."""
    for at, (way, words, answered) in enumerate(URGED):
        id_, urged = f"K-D{at + 1:03d}", now - timedelta(minutes=200 - 60 * at)
        data: dict[str, Any] = {"id": f"{id_}!1", "whom": DESK_STAFF[at], "level": 1, "way": way}
        data |= {"words": words, "due_at": (urged + timedelta(hours=4)).isoformat()}
        yield _event(id_, "urged", DEMO.name, urged, data)
        if answered:
            done = {"answer": answered}
            yield _event(id_, "urging_answered", DESK_STAFF[at], urged + timedelta(minutes=30), done)


def _complaint(desk: Desk, at: int, told: Told, customer: str, now: datetime) -> Iterator[Event]:
    began = now - timedelta(days=told.days, minutes=37 * at)
    limits = desk.service.complaints.limits(told.level, customer, began)
    id_, owner = f"K-D{at + 1:03d}", DESK_STAFF[at % len(DESK_STAFF)]
    data: dict[str, Any] = {
        "kind": "complaint",
        "state": "open",
        "level": told.level,
        "words": told.words,
        "customer": customer,
        "owner": owner,
        "opened_at": began.isoformat(),
        "due_at": limits.answer_due and limits.answer_due.isoformat(),
        "data": {"contact_due": limits.contact_due and limits.contact_due.isoformat(), "orders": []},
    }
    yield _event(id_, "matter_opened", DEMO.name, began, data)
    if at % 5 != 3:
        rang = began + timedelta(hours=2)
        put = {"contacted_at": rang.isoformat()}
        note = {"act": "contact", "note": "rang and listened 已电话联系", "put": put}
        yield _event(id_, "matter_changed", owner, rang, note)
    if told.state != "open":
        yield from _answered(id_, told, owner, began)


def _answered(id_: str, told: Told, owner: str, began: datetime) -> Iterator[Event]:
    answered = began + timedelta(days=min(2.0, told.days / 2))
    put = {"category": told.category, "cause": told.cause, "upheld": told.upheld, "answer": ANSWER}
    to = {"act": "answer", "to": {"state": "answered"}, "put": put, "text": ANSWER}
    yield _event(id_, "matter_changed", owner, answered, to)
    if told.state == "closed":
        ended = answered + timedelta(hours=20)
        word: dict[str, Any] = {"act": "word", "word": "satisfied", "put": {"word": "satisfied"}}
        word["to"] = {"state": "closed", "ended_at": ended.isoformat()}
        yield _event(id_, "matter_changed", owner, ended, word)


def _event(id_: str, kind: str, actor: str, at: datetime, data: dict[str, Any]) -> Event:
    return Event(at=at, actor=actor, source="file", kind=kind, subject=id_, data=data)
