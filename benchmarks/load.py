"""A shift's load on one server: dispatchers with open boards and phones that ask, tick and report.

    python benchmarks/load.py --seconds 120
    python benchmarks/load.py --dispatchers 50 --phones 300 --database postgresql
    python benchmarks/load.py --steps 50:300,100:600,200:1000,400:2000      # where the curve bends
    python benchmarks/load.py --steps 50:300:1000,50:300:5000,50:300:20000  # and with so many open orders

Starts `gridcrew serve` on the demo city with a new database, plans and publishes once, and opens one
event stream per dispatcher. Open orders that are there from the start are complaints, which wait in the
office and are not planned. Everything is on this machine's own address, and every run ends by itself.
Each board keeps its state up as a browser does, looks customers up, logs requests and moves orders; each
phone listens for news, asks for its route every two minutes and sends taps (`--phone-s 30 --no-listening`:
as pages of before, that asked every half minute and heard nothing meanwhile). Prints how long each kind of
question took, what failed, how late events came, and what the server and its planner used; ends with status
1 when a goal is missed. The clients run in a process of their own on the same machine: what they use is
taken from the server.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import http.client
import itertools
import json
import math
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from databases import database

from dispatch.demo import demo_case
from dispatch.ground.case import Case
from dispatch.intake import load_case
from dispatch.live import Entry
from dispatch.promises.report import given_data
from dispatch.room import open_room
from dispatch.store import Event, open_store
from dispatch.store.accounts import Accounts
from dispatch.triage.locating import Locator
from dispatch.triage.orders import classify, grade_customers, order_services

EVENT, HELD = "event on another board", "phone: news"
# What must not be missed on two cores that the clients share; p95, from the sending to the last byte.
GOALS_MS = {
    EVENT: 300.0,
    "state, whole": 300.0,
    "state, changes": 300.0,
    "log a request": 300.0,
    "move an order": 300.0,
    "phone: route": 500.0,
    "phone: taps": 500.0,
}
SIT_DOWN_S = 10.0
TAPS_EVERY_S = 100.0  # on the mean, of each phone
GZIP = b"\x1f\x8b"
AT_A_TIME = 500
Step = tuple[int, int, int]
WORDS = ("No light since ten", "没电了", "the whole street is dark", "voltage is low", "meter shows an error")


class Client:
    """One connection that is kept, speaking just enough HTTP."""

    def __init__(self, port: int, token: str, tally: Tally) -> None:
        self.port, self.token, self.tally = port, token, tally
        self._pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, kind: str, path: str) -> None:
        """Read to the last byte, and no more: each board unpacks what it shows on a machine of its own."""
        await self._asked(kind, "GET", path)

    async def ask(self, kind: str, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """Ask, note how long it took, and answer with the JSON."""
        data = await self._asked(kind, method, path, body, key)
        data = gzip.decompress(data) if data[:2] == GZIP else data
        return json.loads(data) if data[:1] in (b"{", b"[") else None

    async def _asked(self, kind: str, method: str, path: str, body: Any = None, key: str = "") -> bytes:
        begun = time.perf_counter()
        try:
            status, data = await asyncio.wait_for(self._exchange(method, path, body, key), 60)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            self._pipe = None
            self.tally.failed[f"{kind}: {type(error).__name__}"] += 1
            return b""
        self.tally.took[kind].append(time.perf_counter() - begun)
        if status >= 400 and status != 409:
            self.tally.failed[f"{kind}: {status}"] += 1
            return b""
        return data

    async def _exchange(self, method: str, path: str, body: Any, key: str) -> tuple[int, bytes]:
        if self._pipe is None or self._pipe[0].at_eof():  # closed meanwhile, as an idle one is
            self._pipe = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._pipe
        writer.write(_message(method, path, self.token, body, key))
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        found = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        if found is None:
            raise ValueError("no length")
        data = await reader.readexactly(int(found[1]))
        if "connection: close" in head.lower():
            writer.close()
            self._pipe = None
        return status, data


def _message(method: str, path: str, token: str, body: Any, key: str = "") -> bytes:
    sent = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    lines += ["Accept-Encoding: gzip"]
    lines += [f"Idempotency-Key: {key}"] if key else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}", "", ""]
    return "\r\n".join(lines).encode() + sent


class Tally:
    """What was measured."""

    def __init__(self) -> None:
        self.took: defaultdict[str, list[float]] = defaultdict(list)
        self.failed: Counter[str] = Counter()
        self.sent_at: dict[str, float] = {}
        self.heard_at: defaultdict[str, list[float]] = defaultdict(list)
        self.ends = 0.0

    @property
    def late(self) -> list[float]:
        """Seconds from the sending of each logged request to its news on each board."""
        return [
            at - self.sent_at[id_]
            for id_, when in self.heard_at.items()
            if id_ in self.sent_at
            for at in when
        ]

    def report(self) -> list[str]:
        """Print a line per kind; returns the goals that were missed."""
        # How long news is held says nothing of the server.
        took = {kind: all_ for kind, all_ in sorted(self.took.items()) if kind != HELD} | {EVENT: self.late}
        missed = []
        print(f"{'kind':<28} {'count':>7} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'goal p95':>9}")
        for kind, seconds in took.items():
            if not seconds:
                continue
            p50, p95, p99 = 1000 * np.percentile(seconds, [50, 95, 99])
            goal = GOALS_MS.get(kind, math.inf)
            print(f"{kind:<28} {len(seconds):>7} {p50:>8.0f} {p95:>8.0f} {p99:>8.0f} {goal:>9.0f}")
            missed += [f"{kind}: p95 {p95:.0f} ms"] if p95 > goal else []
        print("requests:", sum(map(len, self.took.values())), " failed:", dict(self.failed) or "nothing")
        return missed + [f"{what}: {count} failed" for what, count in self.failed.items()]


class Board:
    """A dispatcher's browser: an open stream, the state kept up by it, calls and orders between.

    It asks what `web/static/js` asks: the state once, then the changes out of the stream; the board anew
    when the plan or the proposal is another one, the map's lines when the plan is.
    """

    def __init__(self, client: Client, customers: list[str], chance: random.Random) -> None:
        self.client, self.customers, self.chance = client, customers, chance
        # A browser holds several connections; what follows the news does not wait for a form.
        self.reader = Client(client.port, client.token, client.tally)
        self.state: dict[str, Any] = {}
        self.wake = asyncio.Event()

    async def work(self) -> None:
        """Sit down, and act until the time is over."""
        tally, chance = self.client.tally, self.chance
        await asyncio.sleep(chance.uniform(0, SIT_DOWN_S))
        for path in ("/map/roads", "/map/grid", "/map/drives", "/board"):
            await self.client.get("opening a board", f"/api/v1{path}")
        self.state = await self.client.ask("state, whole", "GET", "/api/v1/state") or {"seq": 0}
        tasks = [asyncio.create_task(self._stream()), asyncio.create_task(self._follow())]
        number = itertools.count()
        while time.monotonic() < tally.ends:
            await asyncio.sleep(min(chance.expovariate(1 / 20), max(0.0, tally.ends - time.monotonic())))
            if time.monotonic() >= tally.ends:
                break
            act = chance.random()
            if act < 0.4:
                sought = f"/api/v1/customers?q={chance.choice(self.customers)}"
                await self.client.ask("customer search", "GET", sought)
            elif act < 0.7:
                await self._log(f"{self.client.token[:6]}-{next(number)}")
            else:
                await self._move()
        for task in tasks:
            # A board that has become deaf hears nothing late.
            if task.done() and not task.cancelled():
                tally.failed[f"a board's ear: {type(task.exception()).__name__}"] += 1
            task.cancel()

    async def _log(self, key: str) -> None:
        said = {"words": self.chance.choice(WORDS), "customer": self.chance.choice(self.customers)}
        sent = time.monotonic()
        logged = await self.client.ask("log a request", "POST", "/api/v1/requests", said, key)
        if logged:
            self.client.tally.sent_at.setdefault(logged["id"], sent)
        await self._refresh()

    async def _move(self) -> None:
        orders = await self.client.ask("work orders", "GET", "/api/v1/work-orders?most=50")
        if not orders or not orders["orders"]:
            return
        order = self.chance.choice(orders["orders"])
        to = ROAD.get(order["state"])
        if to:
            sent = {"to": to, "seen": order["version"]}
            await self.client.ask("move an order", "POST", f"/api/v1/work-orders/{order['id']}/state", sent)
            await self._refresh()

    async def _refresh(self) -> None:
        """Read what is new after an own change, as `act` in `live.js` does."""
        found = await self.client.ask("state, changes", "GET", f"/api/v1/state?since={self.state['seq']}")
        if found and "changes" in found:
            for change in found["changes"]:
                self._take(change)
        elif found:
            self.state = found

    def _take(self, change: dict[str, Any]) -> bool:
        if change["seq"] <= self.state["seq"]:
            return True
        if change.get("from") != self.state["seq"]:
            return False
        if {"plan", "proposal", "dangers"} & change.keys():
            self.wake.set()
        self.state |= {name: value for name, value in change.items() if name != "rows"}
        return True

    async def _follow(self) -> None:
        """Fetch what belongs to another plan or proposal; what comes meanwhile is fetched right after."""
        plan, proposal, dangers = (self.state.get(name) for name in ("plan", "proposal", "dangers"))
        while True:
            await self.wake.wait()
            self.wake.clear()
            if self.state["plan"] == plan:
                await asyncio.sleep(self.chance.uniform(0, self.state["spread_ms"] / 1000))
            state = self.state
            if (state["plan"], state["proposal"]) != (plan, proposal):
                await self.reader.get("board of a new proposal", "/api/v1/board")
            if state["plan"] != plan:
                for path in ("/map/grid", "/map/drives"):
                    await self.reader.get("map of a new plan", f"/api/v1{path}")
            if state["proposal"] not in (proposal, None):
                await self.reader.get("proposal compared", "/api/v1/plans/proposal")
            if state["dangers"] != dangers:
                await self.reader.get("dangers", "/api/v1/urgent")
            plan, proposal, dangers = state["plan"], state["proposal"], state["dangers"]

    async def _stream(self) -> None:
        tally = self.client.tally
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.client.port, limit=2**24)
                path = f"/api/v1/events?as=state&after={self.state['seq']}"
                writer.write(_message("GET", path, self.client.token, None))
                name = b""
                while line := await reader.readline():
                    if line.startswith(b"event: "):
                        name = line[7:].strip()
                    elif line.startswith(b"data: ") and name == b"state":
                        await self._hear(json.loads(line[6:]))
                writer.close()
            except (OSError, ValueError) as error:
                tally.failed[f"stream: {type(error).__name__}"] += 1
                await asyncio.sleep(1)

    async def _hear(self, change: dict[str, Any]) -> None:
        now = time.monotonic()
        for event in change.get("events", ()):
            if event["kind"] == "request_logged":
                self.client.tally.heard_at[event["subject"]].append(now)
        if not self._take(change):
            await self._refresh()


ROAD = {"dispatched": "on_the_way", "on_the_way": "on_site", "on_site": "restored", "restored": "closed"}


async def phone(client: Client, listener: Client, chance: random.Random, args: Any) -> None:
    """A crew's phone with its page open: it listens for news, asks for its route, and now and then taps."""
    await asyncio.sleep(chance.uniform(0, args.phone_s))
    listening = asyncio.create_task(listen(client, listener)) if args.listen else None
    while time.monotonic() < client.tally.ends:
        route = await client.ask("phone: route", "GET", "/api/v1/phone/route")
        if chance.random() < args.phone_s / TAPS_EVERY_S:
            await client.ask("phone: taps", "POST", "/api/v1/phone/taps", _taps(route, chance))
        left_s = client.tally.ends - time.monotonic()
        await asyncio.sleep(min(args.phone_s * chance.uniform(0.8, 1.2), max(0.0, left_s)))
    if listening is not None:
        listening.cancel()


async def listen(client: Client, listener: Client) -> None:
    """As `web/static/phone/ringing.js` does: what the crew must hear of is told at once."""
    after = ""
    while True:
        news = await listener.ask(HELD, "GET", f"/api/v1/phone/news{after}")
        if not news:
            await asyncio.sleep(3)
            continue
        after = f"?after={news['seq']}"
        if news["what"]:
            await client.ask("phone: route", "GET", "/api/v1/phone/route")
        await asyncio.sleep(news["again_s"])


def _taps(route: Any, chance: random.Random) -> dict[str, Any]:
    now = datetime.now(UTC)
    taps: list[dict[str, Any]] = [
        {"id": f"tap-{chance.getrandbits(60):x}", "at": now.isoformat(), "kind": "acknowledge", "plan": 1}
    ]
    stops = (route or {}).get("stops") or []
    if stops and "job" in stops[0]:
        mark = f"tap-{chance.getrandbits(60):x}"
        said = {"kind": "told", "job": stops[0]["job"], "note": "gate closed"}
        taps.append({"id": mark, "at": now.isoformat(), **said})
    return {"sent_at": now.isoformat(), "taps": taps}


async def shift(port: int, tokens: dict[str, list[str]], customers: list[str], args: Any) -> Tally:
    """Everybody at once, for as long as it was asked."""
    tally = Tally()
    tally.ends = time.monotonic() + args.seconds
    chance = random.Random(1)
    people = [
        Board(Client(port, token, tally), customers, random.Random(chance.random())).work()
        for token in tokens["boards"]
    ]
    people += [
        phone(Client(port, token, tally), Client(port, token, tally), random.Random(chance.random()), args)
        for token in tokens["phones"]
    ]
    await asyncio.gather(*people)
    return tally


def used(pid: int) -> tuple[float, float]:
    """CPU seconds and resident megabytes of a process so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        # Something that only helped for a while, as what compiles the solver does.
        return 0.0, 0.0
    cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return cpu_s, int(found[1]) / 1024 if found else 0.0


def planner_of(pid: int) -> int | None:
    """The process that plans for a server: of its children, the one that has used most."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    children = [child for thread in threads for child in (thread / "children").read_text().split()]
    return max(map(int, children), key=lambda child: used(child)[0], default=None)


def main() -> int:
    """Start the server, load it, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dispatchers", type=int, default=50)
    parser.add_argument("--phones", type=int, default=300)
    parser.add_argument(
        "--steps",
        type=steps,
        metavar="BOARDS:PHONES[:ORDERS],...",
        help="a run for each, on a server of its own, and a line for each at the end",
    )
    parser.add_argument("--orders", type=int, default=0, help="open from the start")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--phone-s", type=float, default=120, help="how often a phone asks for its route")
    parser.add_argument("--no-listening", dest="listen", action="store_false", help="phones wait for no news")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    args = parser.parse_args()
    allow_files()
    case = load_case(demo_case())
    missed, curve = [], []
    with database(args.database) as make:
        for number, step in enumerate(args.steps or [(args.dispatchers, args.phones, args.orders)]):
            args.dispatchers, args.phones, args.orders = step
            tally, wrong = run_step(make(f"load{number}"), case, args)
            missed += [f"{step[0]} boards, {step[1]} phones, {step[2]} orders: {each}" for each in wrong]
            curve.append((step, tally))
    if len(curve) > 1:
        show_curve(curve)
    print("missed:", "; ".join(missed) or "nothing")
    return 1 if missed else 0


def steps(text: str) -> list[Step]:
    """Boards, phones and open orders of each step, as `50:300,100:600:5000`."""
    found = [[*map(int, part.split(":")), 0, 0] for part in text.split(",")]
    return [(boards, phones, orders) for boards, phones, orders, *_ in found]


def allow_files() -> None:
    """Let this process hold a connection for each phone and two for each board."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run_step(url: str, case: Case, args: Any) -> tuple[Tally, list[str]]:
    """Load one server with so many boards and phones; what was measured, and the goals that were missed."""
    tokens = let_in(url, case, args)
    begin_with(url, case, args.orders)
    with served(url, args.dispatchers) as (pid, port):
        said = f"{args.dispatchers} boards, {args.phones} phones, {args.orders} orders open from the start"
        print(f"{said}, {args.seconds:.0f} s", flush=True)
        publish(port, tokens["boards"][0])
        tally, missed = measured(pid, port, tokens, case, args)
    again = open_store(url)
    same = again.rebuilt() == again.stored()
    print(f"{again.last_seq()} events; rebuilt equals stored: {same}")
    again.close()
    return tally, missed + ([] if same else ["the rebuilt day differs"])


def show_curve(curve: list[tuple[Step, Tally]]) -> None:
    """A line for each step: where the curve bends."""
    print(f"{'boards':>7} {'phones':>7} {'orders':>7} {'heard':>7} {'p50 ms':>8} {'p95 ms':>8} {'failed':>7}")
    for (boards, phones, orders), tally in curve:
        p50, p95 = 1000 * np.percentile(tally.late or [math.nan], [50, 95])
        failed = sum(tally.failed.values())
        print(f"{boards:>7} {phones:>7} {orders:>7} {len(tally.late):>7} {p50:>8.0f} {p95:>8.0f} {failed:>7}")


def let_in(url: str, case: Case, args: Any) -> dict[str, list[str]]:
    """Give every board and phone a token."""
    store = open_store(url)
    book, until = Accounts(store), datetime.now(UTC) + timedelta(days=1)
    book.add("root", "administrator", "never used here at all")
    crews = [crew.id for crew in case.crews]
    tokens = {
        "boards": [book.issue_token(f"d{n}", "dispatcher") for n in range(args.dispatchers)],
        "phones": [
            book.issue_token(f"phone {n}", "crew", crew=crews[n % len(crews)], until=until)
            for n in range(args.phones)
        ],
    }
    store.close()
    return tokens


def begin_with(url: str, case: Case, count: int) -> None:
    """Write so many complaints with their orders into a journal that holds nothing else yet."""
    if not count:
        return
    store, at = open_store(url), case.settings.now - timedelta(minutes=30)
    desk = open_room(case, store, lambda: case.settings.now).desk
    event = partial(Event, at=at, actor="load", source="api")
    grades, locator = grade_customers(case), Locator(case)
    for first in range(0, count, AT_A_TIME):
        happened: list[Event] = []
        entries = {
            f"complaint-{n}": _complaint(case, n, at) for n in range(first, min(first + AT_A_TIME, count))
        }
        asked = [entry.request(id_) for id_, entry in entries.items()]
        for order in order_services(classify(case, grades, asked, locator), case):
            id_ = order.requests[0]
            # As a plan opens them, so that the first one finds them there.
            data = {"place": None, "given": given_data(order)}
            happened += [
                event(kind="request_logged", subject=id_, data=entries[id_].to_data()),
                event(kind="order_opened", subject=order.id, data=data),
                event(kind="request_joined", subject=id_, data={"order": order.id, "desk": 1}),
            ]
        store.record(*happened)
    desk.store.close()


def _complaint(case: Case, number: int, at: datetime) -> Entry:
    customer = str(case.customers.table.index[number % len(case.customers)])
    return Entry(
        received_at=at, words="a complaint about a bill", channel="phone", kind="complaint", customer=customer
    )


@contextmanager
def served(url: str, boards: int) -> Iterator[tuple[int, int]]:
    """A server on a database that lets so many boards hear news: its process and its port."""
    words = ["serve", "--database", url, "--port", "0", "--case-clock", "--time-limit", "3"]
    words += ["--streams", str(max(200, boards + 20)), "--log-level", "warning"]
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "dispatch.cli", *words], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert server.stdout is not None
            found = re.search(r":(\d+)/", server.stdout.readline())
            if found is None:
                log.seek(0)
                raise SystemExit(log.read())
            yield server.pid, int(found[1])
        finally:
            server.terminate()
            server.wait(timeout=60)
            log.seek(0)
            print("".join(line for line in log if "First start" not in line)[-3000:], end="")


def measured(
    pid: int, port: int, tokens: dict[str, list[str]], case: Case, args: Any
) -> tuple[Tally, list[str]]:
    """Load the server and print what it took; what was measured, and the goals that were missed."""
    planner = planner_of(pid)
    watched = {"server": pid} | ({"planner": planner} if planner else {})
    before = {name: used(each)[0] for name, each in watched.items()}
    begun = time.monotonic()
    customers = [str(each) for each in case.customers.table.index[:5000]]
    tally = asyncio.run(shift(port, tokens, customers, args))
    missed, over_s = tally.report(), time.monotonic() - begun
    for name, each in watched.items():
        cpu_s, mb = used(each)
        print(f"{name}: {cpu_s - before[name]:.1f} s of CPU in {over_s:.0f} s, {mb:.0f} MB")
    spent_s = used(pid)[0] - before["server"]
    print(f"server: {1000 * spent_s / max(1, sum(map(len, tally.took.values()))):.1f} ms of CPU a request")
    print(f"clients: {time.process_time():.1f} s of CPU, beside it on the same cores")
    return tally, missed


def publish(port: int, token: str) -> None:
    """Plan and publish, so that there are routes."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    who = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for path in ("/api/v1/plans/proposal", "/api/v1/plans/{}/publish"):
        number = None
        if "{}" in path:
            link.request("GET", "/api/v1/state", headers=who)
            number = json.loads(link.getresponse().read())["proposal"]
        link.request("POST", path.format(number), body="{}", headers=who)
        answer = link.getresponse()
        answer.read()
        print(f"{path.format(number)}: {answer.status}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
