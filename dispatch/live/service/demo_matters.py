"""What a demo city has promised beside repairs at the first start: appointments and more; all made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from ...outages.planned import loses
from ...service.connections import begun, finished, resumed, waits
from ...service.guarantees import checks_for
from ...service.matters import Changed
from ...service.negotiations import begun as talk_begun
from ...store import Event
from ..desk import Desk
from .customers import graded_customers

STAFF = ("王敏", "陈洁")
SYSTEM = "case"


class Agreed(NamedTuple):
    """An appointment: days from today, hour of the day, where it stands."""

    days: int
    hour: int
    state: str


AGREED = (
    Agreed(1, 8, "agreed"),
    Agreed(1, 10, "agreed"),
    Agreed(1, 14, "agreed"),
    Agreed(2, 8, "agreed"),
    Agreed(2, 12, "agreed"),
    Agreed(3, 10, "agreed"),
    Agreed(-1, 10, "missed"),
    Agreed(-1, 14, "kept"),
    Agreed(-2, 8, "kept"),
    Agreed(-2, 12, "cancelled"),
)


class Guaranteed(NamedTuple):
    """An event: what, where, days from today, hours, level, how many inspections were made."""

    name: str
    place: str
    days: int
    hour: int
    hours: int
    level: int
    made: int


GUARANTEED = (
    Guaranteed("高考保电 University entrance examination", "第一中学 First Secondary School", 2, 8, 9, 1, 2),
    Guaranteed("音乐节 Music festival", "海滨广场 Seaside square", 1, 18, 5, 3, 1),
    Guaranteed("市代会 City assembly", "会议中心 Convention centre", -5, 8, 10, 2, 9),
)
ANSWERED: tuple[Mapping[str, Any], ...] = (
    {"answer": "accepts", "option": 1, "way": "phone", "note": "周二可以 Tuesday suits"},
    {"answer": "other_time", "note": "生产线不能停，请改周末 not on a working day", "way": "phone"},
    {"answer": "generator", "option": 1, "way": "visit", "note": "冷库须应急发电车 cold store"},
    {"answer": None},
)
TALKS = (("更换10 kV 断路器 Replace a breaker", 9), ("迁改线路 Move a line for the road", 12))


class Wanted(NamedTuple):
    """A connection: kind, what, kV, sources, kW, days since it began, steps done, whether it waits."""

    kind: str
    words: str
    kv: float
    sources: int
    kw: float
    days: int
    done: int
    waits: str = ""


CONNECTED = (
    Wanted("new", "自建房新装 New house", 0.22, 1, 8, 1, 0),
    Wanted("new", "早餐店新装 Breakfast shop", 0.38, 1, 20, 3, 1),
    Wanted("meter", "移表 Move the meter", 0.22, 1, 6, 6, 1),
    Wanted("new", "充电站新装 Charging station", 10, 1, 630, 14, 1),
    Wanted("capacity", "冷库增容 Cold store, more power", 10, 1, 400, 30, 2),
    Wanted("new", "机械厂新装 Machine works", 10, 1, 1250, 40, 3),
    Wanted("new", "医院双电源 Hospital, second supply", 10, 2, 2000, 20, 1),
    Wanted(
        "temporary", "工地临时用电 Building site", 0.38, 1, 80, 4, 1, "等待用户提交施工许可 permit is missing"
    ),
    Wanted("new", "物流园新装 Logistics park", 10, 1, 800, 60, 4),
    Wanted(
        "capacity", "宾馆增容 Hotel, more power", 10, 1, 315, 9, 1, "用户修改方案 customer changes the plan"
    ),
    Wanted("new", "农田灌溉 Irrigation", 0.38, 1, 30, 12, 1),
    Wanted("new", "数据中心 Data centre", 10, 2, 5000, 75, 4),
)
SHORT_KW = 6000.0
FINDING = "T 接头发热 68 °C，须处理 hot connector, 68 °C"
VISITED = ("metering", "new_connection", "power_quality")


def made_up_matters(desk: Desk) -> Iterator[Event]:
    """Everything that the pages of the customer desk show at a first start."""
    yield from _appointments(desk)
    yield from _guarantees(desk)
    yield from _talks(desk)
    yield from _connections(desk)
    yield _shortage(desk)


def _appointments(desk: Desk) -> Iterator[Event]:
    # One by one: only so many are classified as there are appointments to make up.
    rows = (
        row
        for row in desk.rows("requests")
        if row["open"] and not row["same_as"] and desk.calls.classified(row).kind in VISITED
    )
    crews = [crew.id for crew in desk.case.crews if "metering" in crew.skills] or [desk.case.crews[0].id]
    for at, (agreed, row) in enumerate(zip(AGREED, rows, strict=False)):
        yield from _appointment(desk, at, agreed, row, crews[at % len(crews)])


def _appointment(desk: Desk, at: int, agreed: Agreed, row: Mapping[str, Any], crew: str) -> Iterator[Event]:
    now, id_ = desk.clock(), f"A-{row['id']}"
    begins = at_hour(desk, agreed.days, agreed.hour)
    ends = begins + timedelta(hours=2)
    promised = min(now, begins) - timedelta(hours=30 + at)
    data: dict[str, Any] = {"begins": begins.isoformat(), "ends": ends.isoformat(), "crew": crew, "agreed": 1}
    data |= {"cost": 40.0 + 35 * at, "agreed_at": promised.isoformat()}
    about: dict[str, Any] = {
        **{"kind": "appointment", "state": "agreed", "request": row["id"], "customer": row["customer"]},
        **{"owner": STAFF[at % len(STAFF)], "words": row["words"], "opened_at": promised.isoformat()},
        "place": f"{begins.isoformat(timespec='minutes')}/{crew}/1",
        **{"due_at": ends.isoformat(), "data": data},
    }
    yield happened(id_, "matter_opened", STAFF[at % len(STAFF)], promised, about)
    if agreed.state == "agreed":
        to = {"appointment_from": begins.isoformat(), "appointment_to": ends.isoformat()}
        was = {name: row[name] and row[name].isoformat() for name in to}
        yield happened(row["id"], "request_changed", SYSTEM, now, {"what": "edited", "to": to, "was": was})
    elif agreed.state == "missed":
        missed: dict[str, Any] = {"state": "missed", "due_at": None}
        yield changed(id_, SYSTEM, ends, "missed", missed, {"missed": 1})
    else:
        to = {"state": agreed.state, "ended_at": ends.isoformat()}
        yield changed(id_, SYSTEM, ends, agreed.state, to, {})


def _guarantees(desk: Desk) -> Iterator[Event]:
    """Two events to come and one that is over; on the feeders of the most important customers."""
    head_of = desk.case.grid.feeder_of_transformer
    graded = graded_customers(desk)
    table = desk.case.customers.table
    placed = [each for each in sorted(graded) if head_of.get(str(table["transformer"][each]))]
    for at, (event, customer) in enumerate(zip(GUARANTEED, placed, strict=False)):
        feeder = str(head_of[str(table["transformer"][customer])])
        yield from _guarantee(desk, at, event, customer, feeder)


def _guarantee(desk: Desk, at: int, event: Guaranteed, customer: str, feeder: str) -> Iterator[Event]:
    now, id_, actor = desk.clock(), f"G-{at + 1:04d}", STAFF[at % len(STAFF)]
    begins = at_hour(desk, event.days, event.hour)
    ends = begins + timedelta(hours=event.hours)
    opened = min(now, begins) - timedelta(days=4)
    told = desk.service.guarantees.figures(matter_level=event.level)
    ahead = timedelta(days=float(told.get("ahead_days") or 1))
    checks = checks_for([feeder], [customer], begins, ahead, opened)
    for each in checks[: event.made]:
        each |= {"done_at": (opened + timedelta(days=1)).isoformat(), "by": actor, "finding": None}
    if event.days > 1:
        checks[0] |= {"finding": FINDING, "mended_at": None}
    data: dict[str, Any] = {
        **{"kind": "guarantee", "state": "open", "level": event.level, "owner": actor, "words": event.name},
        **{"place": event.place, "customer": customer, "due_at": begins.isoformat()},
        "opened_at": opened.isoformat(),
        "data": {
            **{"begins": begins.isoformat(), "ends": ends.isoformat(), "feeders": [feeder]},
            **{"customers": [customer], "where": event.place, "lon": None, "lat": None, "checks": checks},
            **{"presence": [], "crews": int(told.get("how_many") or 1), "overlaps": [], "reason": None},
        },
    }
    yield happened(id_, "matter_opened", actor, opened, data)
    if event.days < 0:
        to = {"state": "closed", "ended_at": ends.isoformat()}
        put = {"report": "保电期间供电正常，无停电 No outage during the event.", "outages": 0}
        yield changed(id_, actor, ends, "close", to, put, text=put["report"])


def _talks(desk: Desk) -> Iterator[Event]:
    """Planned outages that important customers are asked about: some have answered, some have not."""
    grid, table, graded = desk.case.grid, desk.case.customers.table, graded_customers(desk)
    heads = [grid.feeder_of_transformer.get(str(table["transformer"][each])) for each in sorted(graded)]
    found = dict.fromkeys(str(each) for each in heads[::-1] if each)
    for at, ((reason, days), head) in enumerate(zip(TALKS, found, strict=False)):
        transformers = loses(grid, (head,), ())
        customers = [each for each in graded if str(table["transformer"][each]) in transformers][:6]
        yield from _talk(desk, at, reason, days, head, transformers, customers)


def _talk(
    desk: Desk,
    at: int,
    reason: str,
    days: int,
    head: str,
    transformers: tuple[str, ...],
    customers: list[str],
) -> Iterator[Event]:
    now, id_, actor = desk.clock(), f"N-{at + 1:04d}", STAFF[at % len(STAFF)]
    times = [(at_hour(desk, each, 9), at_hour(desk, each, 12)) for each in (days, days + 1)]
    opened = now - timedelta(hours=20 + at)
    where = {"opened": [head], "closed": [], "transformers": list(transformers), "feeders": [head]}
    data = talk_begun(customers, times, plan=f"P-2026-{31 + at}", reason=reason, **where)
    for number, customer in enumerate(customers):
        told = dict(ANSWERED[(number + at) % len(ANSWERED)])
        told |= {"at": now.isoformat(), "by": actor} if told["answer"] else {}
        data["customers"][customer] = told
    about: dict[str, Any] = {
        **{"kind": "outage_notice", "state": "asking", "owner": actor, "words": reason, "data": data},
        **{"opened_at": opened.isoformat(), "due_at": (now + timedelta(days=1 + at)).isoformat()},
    }
    yield happened(id_, "matter_opened", actor, opened, about)


def _shortage(desk: Desk) -> Event:
    """A shortage of the evening before: two hours each, over by now."""
    begins, ends = at_hour(desk, -1, 17), at_hour(desk, -1, 21)
    held = desk.service.shortages
    told = held.rota_of(SHORT_KW, begins, ends).to_data()
    told |= {"begins": begins.isoformat(), "ends": ends.isoformat(), "reason": None}
    told |= {"measured_kw": round(0.97 * told["reached_kw"]), "report": "晚峰平稳 The evening peak passed."}
    about: dict[str, Any] = {
        **{"kind": "shedding", "state": "ended", "owner": STAFF[0], "data": told},
        **{"opened_at": begins.isoformat(), "due_at": ends.isoformat(), "ended_at": ends.isoformat()},
    }
    return happened("S-0001", "matter_opened", STAFF[0], begins, about)


def _connections(desk: Desk) -> Iterator[Event]:
    """Connections at every step, some late, some waiting for the customer."""
    index = desk.case.customers.table.index
    for at, wanted in enumerate(CONNECTED):
        yield _connection(desk, at, wanted, str(index[(at * 7919 + 41) % len(index)]))


def _connection(desk: Desk, at: int, wanted: Wanted, customer: str) -> Event:
    held, zone = desk.service.connections, desk.case.settings.zone
    calendar = desk.case_under().policy.calendar
    about = {"voltage_kv": wanted.kv, "sources": wanted.sources, "industry": None}
    rules = held.rules_for(about)
    began = (desk.clock() - timedelta(days=wanted.days, hours=at % 5)).astimezone(zone)
    pace = timedelta(days=wanted.days) / (2 * wanted.done + 2)
    row = _after({}, begun(rules, began, held.due))
    actor, when = STAFF[at % len(STAFF)], began
    for _ in range(wanted.done):
        when += pace
        if row["data"]["turn"] == "customer":
            row = _after(row, resumed(row, when, held.due))
            when += pace
        row = _after(row, finished(row, row["place"], rules, actor, when, held.due))
    if wanted.waits and row["data"]["turn"] == "ours":
        row = _after(row, waits(row, wanted.waits, when + pace, calendar))
    data = {**row["data"], "kind": wanted.kind, "kw": wanted.kw, **about}
    told = {
        **{"kind": "connection", "state": "open", "owner": actor, "customer": customer},
        **{"words": wanted.words, "opened_at": began.isoformat(), "place": row["place"]},
        **{"due_at": row["due_at"], "data": data},
    }
    return happened(f"B-{at + 1:04d}", "matter_opened", actor, began, told)


def _after(row: Mapping[str, Any], change: Changed) -> dict[str, Any]:
    """A matter as an act leaves it."""
    return {**row, **change.to, "data": {**row.get("data", {}), **change.put}}


def at_hour(desk: Desk, days: int, hour: int) -> datetime:
    """An hour of a day counted from today."""
    zone = desk.case.settings.zone
    day = desk.clock().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), zone)


def changed(
    id_: str, actor: str, at: datetime, act: str, to: Mapping[str, Any], put: Mapping[str, Any], **said: Any
) -> Event:
    """An act on a matter."""
    return happened(id_, "matter_changed", actor, at, {"act": act, "to": dict(to), "put": dict(put), **said})


def happened(id_: str, kind: str, actor: str, at: datetime, data: Mapping[str, Any]) -> Event:
    """Something that happened before the first start."""
    return Event(at=at, actor=actor, source="file", kind=kind, subject=id_, data=dict(data))
