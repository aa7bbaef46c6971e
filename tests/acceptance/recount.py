"""What is not as it must be at the end of some days, found from outside."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import StringIO
from typing import Any
from urllib.parse import quote

from tests.acceptance.served import Talker, utc

Event = Mapping[str, Any]
PAGE = 500
# What an order comes to when it keeps a promise of each kind; the words of the English file.
REACHED_BY = {
    "accept": "accepted",
    "dispatch": "dispatched",
    "arrive": "on_site",
    "restore": "restored",
    "answer": "closed",
}
IN_FILE = {"on site": "arrive", "restored": "restore"}
FATES = ("kept", "missed", "lapsed", "open")
Fates = Counter[tuple[str, str]]


def lost_requests(desk: Talker, calls: Mapping[str, str]) -> list[str]:
    """Calls that are gone, have no history, or nobody's next step, by the number that was answered."""
    wrong = []
    for key, id_ in calls.items():
        found = desk.get(f"/api/v1/requests/{quote(id_, safe='')}/whole")
        if found.status != 200:
            wrong.append(f"{key}: {id_} is gone ({found.status})")
            continue
        told = found.data
        if not told["history"]:
            wrong.append(f"{id_} has no history")
        if not told["next"]["text"] or told["next"]["code"] == "orphan":
            wrong.append(
                f"nobody is to do anything about {id_}: {told['next']}, {told['order']}, {told['state']}"
            )
    return wrong


def lost_orders(desk: Talker) -> list[str]:
    """Open orders that nobody is at and no plan holds, those under way by nobody."""
    wrong, before = [], ""
    held = {*_orders_in(desk.get("/api/v1/state").data), *_orders_in(desk.get("/api/v1/plans/proposal").data)}
    while True:
        found = desk.get(f"/api/v1/work-orders?which=open&most={PAGE}{before}")
        if found.status != 200:
            return [*wrong, f"work orders are answered {found.status}: {found.text[:200]}"]
        page = found.data
        for row in page["orders"]:
            if row["state"] in ("on_the_way", "on_site", "safe") and not row["crew"]:
                wrong.append(f"{row['id']} is {row['state']} by nobody")
            waits = row["state"] in ("received", "accepted") and row["id"].startswith("O-")
            if waits and row["id"] not in held:
                wrong.append(f"{row['id']} is {row['state']}, and in no plan")
        if page["next"] is None:
            return wrong
        before = f"&before={quote(str(page['next']), safe='')}"


def _orders_in(data: Any) -> Iterator[str]:
    """Every work order that a plan's jobs are of."""
    if isinstance(data, list):
        for each in data:
            yield from _orders_in(each)
    elif isinstance(data, Mapping):
        if isinstance(data.get("order"), str):
            yield data["order"]
        # A proposal names what it would do by the job alone.
        if isinstance(data.get("job"), str):
            yield data["job"].rpartition("/")[0]
        yield from _orders_in(list(data.values()))


def keys_taken_twice(program: Talker, calls: Mapping[str, str]) -> list[str]:
    """Keys of calls that are taken again with another body."""
    again = [
        program.post("/api/v1/requests", {"words": "x", "channel": "phone"}, key) for key in list(calls)[:20]
    ]
    return [f"a key was taken twice with another body: {each.status}" for each in again if each.status < 400]


def journal(head: Talker) -> Iterator[Event]:
    """Every event, oldest first."""
    after = 0
    while after is not None:
        page = head.get(f"/api/v1/journal?most={PAGE}&after={after}").data
        yield from page["events"]
        after = page["next"]


def told_fates(head: Talker, first: datetime, last: datetime) -> Fates:
    """How many promises of each kind were kept, missed, lapsed or are open, as the file of promises says."""
    text = head.get(f"/promises.csv?from={first:%Y-%m-%d}&to={last:%Y-%m-%d}").text
    rows = text.lstrip("\ufeff").split("\r\n\r\n")[0]
    found: Fates = Counter()
    for row in csv.DictReader(StringIO(rows)):
        for fate in FATES:
            found[IN_FILE.get(row["promise"], row["promise"]), fate] += int(row[fate])
    return +found


def counted_fates(events: Iterator[Event], begins: datetime, ends: datetime, now: datetime) -> Fates:
    """The same, counted out of the journal by what docs/operations.md says a promise is."""
    lives: dict[str, list[list[Event]]] = defaultdict(list)
    for event in events:
        if event["kind"] == "order_opened":
            lives[event["subject"]].append([event])
        elif event["kind"] == "order_moved" or (event["kind"] == "noted" and "given" in event["data"]):
            lives[event["subject"]] = lives[event["subject"]] or [[]]
            lives[event["subject"]][-1].append(event)
    found: Fates = Counter()
    for life in (each for all_lives in lives.values() for each in all_lives):
        given = [event["data"]["given"] for event in life if "given" in event["data"]]
        moves = [event for event in life if event["kind"] == "order_moved" and utc(event["at"]) <= now]
        for what, due in (given[-1]["due"] if given else {}).items():
            if begins <= utc(due) < ends:
                found[what, _fate(what, utc(due), moves, now)] += 1
    return found


def _fate(what: str, due: datetime, moves: list[Event], now: datetime) -> str:
    ordered = sorted(moves, key=lambda event: (utc(event["at"]), event["seq"]))
    wanted = [utc(each["at"]) for each in ordered if each["data"]["to"] == REACHED_BY[what]]
    reached = _last(ordered, ("restored",)) if what == "restore" else (wanted[0] if wanted else None)
    if reached is not None:
        return "kept" if reached <= due else "missed"
    ended = _last(ordered, ("restored", "closed"))
    if ended is not None and ended <= due:
        return "lapsed"
    return "missed" if due < now else "open"


def _last(moves: list[Event], states: tuple[str, ...]) -> datetime | None:
    """When an order came to one of these states and stayed; None when it was opened again."""
    at = None
    for each in moves:
        if each["data"]["to"] in states:
            at = utc(each["at"])
        elif each["data"]["to"] == "accepted":
            at = None
    return at
