"""A shift's load on one server: dispatchers with open boards and phones that ask, tick and report.

    python benchmarks/load.py --seconds 120
    python benchmarks/load.py --dispatchers 50 --phones 300 --database postgresql

Starts `gridcrew serve` on the demo city with an empty database, plans and publishes once, and opens one
event stream per dispatcher. Each board reads the state after every event, as a browser does, looks customers
up, logs requests and moves orders; each phone asks for its route and sends taps. Prints how long each kind of
question took, what failed, how late events came, and what the server used. The clients run in a process of
their own on the same machine: what they use is taken from the server.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from databases import database

from dispatch.demo import demo_case
from dispatch.intake import load_case
from dispatch.store import open_store
from dispatch.store.accounts import Accounts

WORDS = ("No light since ten", "没电了", "the whole street is dark", "voltage is low", "meter shows an error")


class Client:
    """One connection that is kept, speaking just enough HTTP."""

    def __init__(self, port: int, token: str, tally: Tally) -> None:
        self.port, self.token, self.tally = port, token, tally
        self._pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, kind: str, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """Ask, note how long it took, and answer with the JSON."""
        begun = time.perf_counter()
        try:
            status, data = await asyncio.wait_for(self._exchange(method, path, body, key), 60)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            self._pipe = None
            self.tally.failed[f"{kind}: {type(error).__name__}"] += 1
            return None
        self.tally.took[kind].append(time.perf_counter() - begun)
        if status >= 400 and status != 409:
            self.tally.failed[f"{kind}: {status}"] += 1
            return None
        return json.loads(data) if data[:1] in (b"{", b"[") else data

    async def _exchange(self, method: str, path: str, body: Any, key: str) -> tuple[int, bytes]:
        if self._pipe is None:
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
    lines += [f"Idempotency-Key: {key}"] if key else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}", "", ""]
    return "\r\n".join(lines).encode() + sent


class Tally:
    """What was measured."""

    def __init__(self) -> None:
        self.took: defaultdict[str, list[float]] = defaultdict(list)
        self.failed: Counter[str] = Counter()
        self.late: list[float] = []
        self.sent_at: dict[str, float] = {}
        self.ends = 0.0

    def report(self) -> None:
        """Print a line per kind."""
        took = dict(sorted(self.took.items())) | {"event on another board": self.late}
        print(f"{'kind':<28} {'count':>7} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
        for kind, seconds in took.items():
            if seconds:
                p50, p95, p99 = 1000 * np.percentile(seconds, [50, 95, 99])
                print(f"{kind:<28} {len(seconds):>7} {p50:>8.0f} {p95:>8.0f} {p99:>8.0f}")
        print("failed:", dict(self.failed) or "nothing")


async def board(client: Client, customers: list[str], chance: random.Random) -> None:
    """A dispatcher: an open stream, the state after each event, calls and orders between."""
    tally = client.tally
    wake = asyncio.Event()
    stream = asyncio.create_task(_stream(client, wake))
    reader = asyncio.create_task(_follow(Client(client.port, client.token, tally), wake))
    await client.ask("board", "GET", "/api/v1/board")
    number = itertools.count()
    while time.monotonic() < tally.ends:
        await asyncio.sleep(chance.expovariate(1 / 20))
        act = chance.random()
        if act < 0.4:
            await client.ask("customer search", "GET", f"/api/v1/customers?q={chance.choice(customers)}")
        elif act < 0.7:
            said = {"words": chance.choice(WORDS), "customer": chance.choice(customers)}
            key = f"{client.token[:6]}-{next(number)}"
            sent = time.monotonic()
            logged = await client.ask("log a request", "POST", "/api/v1/requests", said, key)
            if logged:
                tally.sent_at.setdefault(logged["id"], sent)
        else:
            orders = await client.ask("work orders", "GET", "/api/v1/work-orders?most=50")
            if orders and orders["orders"]:
                await _move(client, chance.choice(orders["orders"]))
    stream.cancel()
    reader.cancel()


ROAD = {"dispatched": "on_the_way", "on_the_way": "on_site", "on_site": "restored", "restored": "closed"}


async def _move(client: Client, order: dict[str, Any]) -> None:
    to = ROAD.get(order["state"])
    if to:
        sent = {"to": to, "seen": order["version"]}
        await client.ask("move an order", "POST", f"/api/v1/work-orders/{order['id']}/state", sent)


async def _follow(client: Client, wake: asyncio.Event) -> None:
    """Read the state after events; what happens meanwhile is one reading more, as in the browser."""
    while True:
        await wake.wait()
        wake.clear()
        await client.ask("state after an event", "GET", "/api/v1/state")


async def _stream(client: Client, wake: asyncio.Event) -> None:
    tally, newest = client.tally, ""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
            path = "/api/v1/events" + (f"?after={newest}" if newest else "")
            writer.write(_message("GET", path, client.token, None))
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    newest = line[4:].decode().strip()
                elif line.startswith(b"data: ") and len(line) > 12:
                    told = json.loads(line[6:])
                    wake.set()
                    if told["kind"] == "request_logged" and told["subject"] in tally.sent_at:
                        tally.late.append(time.monotonic() - tally.sent_at[told["subject"]])
            writer.close()
        except (OSError, ValueError) as error:
            tally.failed[f"stream: {type(error).__name__}"] += 1
            await asyncio.sleep(1)


async def phone(client: Client, chance: random.Random, every_s: float) -> None:
    """A crew's phone: its route every half minute, and now and then taps."""
    await asyncio.sleep(chance.uniform(0, every_s))
    while time.monotonic() < client.tally.ends:
        route = await client.ask("phone: route", "GET", "/api/v1/phone/route")
        if chance.random() < 0.3:
            await client.ask("phone: taps", "POST", "/api/v1/phone/taps", _taps(route, chance))
        await asyncio.sleep(every_s * chance.uniform(0.8, 1.2))


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
        board(Client(port, token, tally), customers, random.Random(chance.random()))
        for token in tokens["boards"]
    ]
    people += [
        phone(Client(port, token, tally), random.Random(chance.random()), args.phone_s)
        for token in tokens["phones"]
    ]
    await asyncio.gather(*people)
    return tally


def used(pid: int) -> tuple[float, float]:
    """CPU seconds and resident megabytes of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return cpu_s, int(found[1]) / 1024 if found else 0.0


def main() -> int:
    """Start the server, load it, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dispatchers", type=int, default=50)
    parser.add_argument("--phones", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--phone-s", type=float, default=30, help="how often a phone asks for its route")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    args = parser.parse_args()
    case = load_case(demo_case())
    with database(args.database) as make, tempfile.TemporaryDirectory() as folder:
        url = make("load")
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
        words = ["serve", "--database", url, "--port", "0", "--case-clock", "--time-limit", "3"]
        log = (Path(folder) / "log").open("w")
        server = subprocess.Popen(
            [sys.executable, "-m", "dispatch.cli", *words], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert server.stdout is not None
            found = re.search(r":(\d+)/", server.stdout.readline())
            if found is None:
                raise SystemExit((Path(folder) / "log").read_text())
            port = int(found[1])
            print(
                f"served after start; {args.dispatchers} boards, {args.phones} phones, {args.seconds:.0f} s"
            )
            publish(port, tokens["boards"][0])
            before_s, _ = used(server.pid)
            begun = time.monotonic()
            customers = [str(each) for each in case.customers.table.index[:5000]]
            tally = asyncio.run(shift(port, tokens, customers, args))
            cpu_s, mb = used(server.pid)
            tally.report()
            share = (cpu_s - before_s) / (time.monotonic() - begun)
            print(f"server: {mb:.0f} MB, {share:.2f} cores; clients {time.process_time():.0f} s of CPU")
        finally:
            server.terminate()
            server.wait(timeout=60)
        again = open_store(url)
        print(f"{again.last_seq()} events; rebuilt equals stored: {again.rebuilt() == again.stored()}")
        again.close()
    return 1 if tally.failed else 0


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
