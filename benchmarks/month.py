"""Fill a store with a month of 2,000 requests a day and time what a duty room asks of it.

    python benchmarks/month.py --database sqlite
    python benchmarks/month.py --database postgresql

Each order takes four requests and lives through all states to the callback; a day's plans are kept as the
board keeps them. Each question is asked many times on the full store; p50 and p95 are printed. Then the
store is backed up and rebuilt. Ends with status 1 where a p95 misses the goal or the rebuilt day differs.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from databases import database

from dispatch.demo import demo_case
from dispatch.ground.case import Case
from dispatch.intake import load_case
from dispatch.live import Desk, Entry, Who
from dispatch.live.book import Budget
from dispatch.room import RoomOptions, open_room
from dispatch.store import Event, Store, open_store, pages, queries, record
from dispatch.store.backup import back_up
from dispatch.store.present import Present
from web.board.news import News
from web.board.state import state_data

PER_ORDER = 4
PLANS_A_DAY = 48
BATCH = 400
GOAL_MS = 300.0
ROAD = ("accepted", "dispatched", "on_the_way", "on_site", "safe", "restored", "closed", "callback_done")


def month(case: Case, days: int, per_day: int, chance: random.Random) -> Iterator[Event]:
    """Every event of a month that ends at the case's `now`, the last hours still open."""
    customers = [str(each) for each in case.customers.table.index]
    begins = case.settings.now - timedelta(days=days)
    crews = [crew.id for crew in case.crews]
    gap = timedelta(days=1) / (per_day / PER_ORDER)
    plan = 0
    for number in range(days * per_day // PER_ORDER):
        at = begins + number * gap
        yield from _order(number, at, case.settings.now - at < timedelta(hours=1), customers, crews, chance)
        if number % max(1, per_day // PER_ORDER // PLANS_A_DAY) == 0:
            plan += 1
            yield from _plan(plan, at, number, crews)


def _order(
    number: int, at: datetime, is_open: bool, customers: list[str], crews: list[str], chance: random.Random
) -> Iterator[Event]:
    order, crew = f"O-{number}", crews[number % len(crews)]
    yield _event("order_opened", order, at, place=f"T{number}")
    for part in range(PER_ORDER):
        request = f"M{number * PER_ORDER + part:06d}"
        customer = chance.choice(customers)
        logged = {"words": "No light since ten. 家里停电了", "channel": "phone", "phone": "+56 51 200 0009"}
        yield _event("request_logged", request, at, received_at=at.isoformat(), customer=customer, **logged)
        yield _event("request_joined", request, at, order=order)
    for step, to in enumerate(ROAD[:2] if is_open else ROAD, 1):
        then = at + timedelta(minutes=12 * step)
        yield _event("order_moved", order, then, to=to, crew=crew)
        if to in ("on_the_way", "on_site", "safe"):
            yield _event("job_moved", f"{order}/repair", then, order=order, crew=crew, to=to)
        if to == "restored":
            yield _event("job_moved", f"{order}/repair", then, order=order, crew=crew, to="done")
    if not is_open:
        for part in range(PER_ORDER):
            request = f"M{number * PER_ORDER + part:06d}"
            yield _event("callback_answered", request, at + timedelta(hours=2), answer="yes", order=order)


def _plan(plan: int, at: datetime, number: int, crews: list[str]) -> Iterator[Event]:
    routes = {
        crew: [f"O-{number - back}/repair" for back in range(first, 200, 40)]
        for first, crew in enumerate(crews)
    }
    basis = {"requests": [f"M{number * PER_ORDER - back:06d}" for back in range(400)], "running": {}}
    told: dict[str, object] = {"made_for": at.isoformat(), "routes": routes, "basis": basis}
    yield _event("plan_made", str(plan), at, cost=1.0, policy="cn", **told)
    yield _event("plan_declined", str(plan), at)


def _event(kind: str, subject: str, at: datetime, **data: object) -> Event:
    return Event(at=at, actor="ana", source="board", kind=kind, subject=subject, data=data)


def fill(store: Store, happened: Iterator[Event]) -> int:
    """Write events in batches; returns how many."""
    count = 0
    while True:
        batch = [event for _, event in zip(range(BATCH), happened, strict=False)]
        if not batch:
            return count
        with store.writing() as connection:
            for event in batch:
                record(connection, event)
        count += len(batch)


def timed(name: str, ask: Callable[[], object], times: int) -> bool:
    """Ask many times and print how long it took; whether that was quick."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        took.append(1000 * (time.perf_counter() - begun))
    p50, p95 = np.percentile(took, [50, 95])
    print(f"  {name:<58} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms   ({times})", flush=True)
    return bool(p95 <= GOAL_MS)


def questions(desk: Desk, chance: random.Random) -> Iterator[tuple[str, Callable[[], object], int]]:
    """What a duty room asks of the store, and how often it is asked here."""
    store, who = desk.store, Who(name="ana")
    customers = [str(each) for each in desk.case.customers.table.index]

    def somebody() -> str:
        return chance.choice(customers)

    def log() -> object:
        entry = Entry(words="No light", received_at=desk.clock(), customer=somebody())
        return desk.calls.log(entry, who, key=f"m/{chance.random()}")

    def cold(table: str) -> object:
        return Present(store, desk.clock).rows(table)

    news = News(desk)
    yield "state of the board, all read anew", partial(_state_cold, desk), 30
    yield "change of the state after a crew's position", partial(_after_position, desk, news, who), 30
    yield "change of the state after an order was told more", partial(_after_order, desk, news, who), 30
    yield "change of the state after a call", lambda: (log(), news.seq()), 30
    yield "state of the board, nothing new", partial(state_data, desk), 100
    for table in ("orders", "steps", "requests", "jobs", "callbacks"):
        yield f"rows of today: {table}", partial(cold, table), 20
    yield "earlier open calls of a customer", lambda: queries.open_requests_of(store, somebody()), 200
    yield "all earlier calls of a customer", lambda: _calls_of(store, somebody()), 200
    yield "100 newest requests", lambda: pages.requests_page(store, open_=None), 100
    yield (
        "100 newest requests that hold a word",
        lambda: pages.requests_page(store, open_=None, words="light"),
        50,
    )
    yield (
        "requests that hold a word nobody said",
        lambda: pages.requests_page(store, open_=None, words="zzz"),
        20,
    )
    yield "one order with all that hangs on it", lambda: pages.order_whole(store, "O-777"), 100
    yield "journal, newest 200", lambda: queries.journal_page(store, most=200), 50
    yield "journal of one order", lambda: queries.journal_page(store, most=200, subject="O-777"), 20
    yield "an event by its key", lambda: queries.event_with_key(store, "nobody's"), 200
    yield "log a request at the desk", log, 40


def _state_cold(desk: Desk) -> object:
    desk.book._present = Present(desk.store, desk.clock)
    return state_data(desk)


def _after_position(desk: Desk, news: News, who: Who) -> object:
    desk.note("crew_changed", desk.case.crews[0].id, {"lon": -71.2, "lat": -29.9}, who)
    return news.seq()


def _after_order(desk: Desk, news: News, who: Who) -> object:
    desk.note("order_told", desk.rows("orders")[0]["id"], {"note": "gate closed"}, who)
    return news.seq()


def _calls_of(store: Store, customer: str) -> object:
    return pages.requests_page(store, open_=None, equal={"customer": customer})


def main() -> int:
    """Fill, ask, rebuild."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--per-day", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    case = load_case(demo_case())
    with database(args.database) as make:
        store = open_store(make("month"))
        begun = time.perf_counter()
        count = fill(store, month(case, args.days, args.per_day, chance))
        print(f"{args.database}: {count} events written in {time.perf_counter() - begun:.0f} s", flush=True)
        desk = open_room(case, store, lambda: case.settings.now, RoomOptions(budget=Budget(work=50))).desk
        planner = Who(name="planner", source="solver")
        desk.shelf.propose(planner)
        desk.shelf.publish(desk.plan_number("proposed") or 0, planner)
        slow = [name for name, ask, times in questions(desk, chance) if not timed(name, ask, times)]
        same = _kept(store, case)
        store.close()
    print("missed:", "; ".join(slow) or "nothing")
    return 0 if same and not slow else 1


def _kept(store: Store, case: Case) -> bool:
    """Back the store up and rebuild it; whether it is the same."""
    with tempfile.TemporaryDirectory() as folder:
        begun, copy = time.perf_counter(), Path(folder) / "month.jsonl.gz"
        rows = back_up(store, copy, case.settings.now)
        took_s, mb = time.perf_counter() - begun, copy.stat().st_size / 1e6
        print(f"  backed up in {took_s:.0f} s: {rows} rows, {mb:.0f} MB", flush=True)
    begun = time.perf_counter()
    same = store.rebuilt() == store.stored()
    print(f"  rebuilt from the journal in {time.perf_counter() - begun:.0f} s, equal: {same}", flush=True)
    return same


if __name__ == "__main__":
    raise SystemExit(main())
