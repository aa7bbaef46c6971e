"""Kill a writing process at random moments, again and again, and look for what it had acknowledged.

    python benchmarks/kills.py --kills 1000 --database sqlite
    python benchmarks/kills.py --kills 1000 --database postgresql

A writer with several threads logs requests, opens orders, moves them on and writes down what crews say. It
acknowledges each change on a pipe once the store has it. It is killed with SIGKILL at a random moment, and
the next writer first sends again what was under way and the last of what was acknowledged, with the same
keys, as a phone or a call centre would. After every kill each acknowledged change must be there once; after
every hundredth the tables rebuilt from the journal must equal the stored ones, and a fresh database is begun.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import select
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from databases import database
from sqlalchemy import select as sql

from dispatch.store import Event, Store, open_store
from dispatch.store.tables import events, jobs, orders, requests

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
THREADS = 3
PER_DATABASE = 100
AGAIN = 5
Change = list[dict[str, Any]]


def story(writer: str, number: int) -> Iterator[Change]:
    """One work order's life, as changes of one or more events each, every event with its sender's key."""
    request, order = f"R-{writer}-{number}", f"O-{writer}-{number}"
    at = NOON + timedelta(seconds=number)
    logged = {"received_at": at.isoformat(), "words": "没电了 no light", "channel": "phone", "customer": "C1"}
    yield [_event("request_logged", request, at, logged)]
    yield [
        _event("order_opened", order, at, {"place": "T1"}),
        _event("request_joined", request, at, {"order": order}),
    ]
    for to in ("accepted", "dispatched", "on_the_way", "on_site", "restored", "closed"):
        change = [_event("order_moved", order, at, {"to": to, "crew": "C1"}, to)]
        if to in ("on_the_way", "on_site"):
            change.append(
                _event("job_moved", f"{order}/repair", at, {"order": order, "crew": "C1", "to": to}, to)
            )
        yield change


def _event(kind: str, subject: str, at: datetime, data: dict[str, Any], mark: str = "") -> dict[str, Any]:
    return {
        "kind": kind,
        "subject": subject,
        "at": at.isoformat(),
        "data": data,
        "key": f"{subject}/{kind}/{mark}",
    }


def events_of(change: Change) -> list[Event]:
    """A change as the store takes it."""
    return [
        Event(**{**each, "at": datetime.fromisoformat(each["at"])}, actor="writer", source="test")
        for each in change
    ]


def write(url: str, writer: str, again: list[Change], pipe: int) -> None:
    """Send the last changes again, then write until killed."""
    store = open_store(url)
    lock = threading.Lock()

    def send(change: Change) -> None:
        with lock:
            os.write(pipe, (json.dumps({"sent": change}) + "\n").encode())
        store.record(*events_of(change))
        with lock:
            os.write(pipe, (json.dumps({"acknowledged": [each["key"] for each in change]}) + "\n").encode())

    def run(thread: int) -> None:
        for change in again if thread == 0 else []:
            send(change)
        for number in itertools.count():
            for change in story(f"{writer}.{thread}", number):
                send(change)

    for thread in range(THREADS):
        threading.Thread(target=run, args=(thread,), daemon=True).start()
    signal.pause()


class Round:
    """One writer's life: what it sent, what it acknowledged."""

    def __init__(self, url: str, name: str, again: list[Change]) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            write(url, name, again, writing)
            os._exit(0)
        os.close(writing)
        self.pipe, self.text = reading, b""

    def kill_within(self, least_s: float, most_s: float, chance: random.Random) -> None:
        """Kill the writer a random time after its first acknowledgement."""
        while b"acknowledged" not in self.text:
            self._read(30.0)
        ends = time.monotonic() + chance.uniform(least_s, most_s)
        while (left_s := ends - time.monotonic()) > 0:
            self._read(left_s)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        while part := os.read(self.pipe, 1 << 16):
            self.text += part
        os.close(self.pipe)

    def _read(self, timeout_s: float) -> None:
        if select.select([self.pipe], [], [], timeout_s)[0]:
            part = os.read(self.pipe, 1 << 16)
            if not part:
                raise SystemExit("the writer died by itself")
            self.text += part

    def told(self) -> tuple[list[Change], list[str]]:
        """Changes sent, and keys acknowledged; a line that was cut by the kill is neither."""
        lines = [json.loads(line) for line in self.text.split(b"\n")[:-1]]
        sent = [line["sent"] for line in lines if "sent" in line]
        return sent, [key for line in lines for key in line.get("acknowledged", [])]


def faults_of(store: Store, keys: set[str]) -> list[str]:
    """What of the acknowledged is missing or there twice, in the journal and in what it adds up to."""
    with store.reading() as connection:
        found = connection.execute(sql(events.c.key, events.c.kind, events.c.subject)).all()
        there = {
            "request_logged": set(connection.scalars(sql(requests.c.id))),
            "order_opened": set(connection.scalars(sql(orders.c.id))),
            "job_moved": set(connection.scalars(sql(jobs.c.id))),
        }
    times = Counter(row.key for row in found)
    wrong = [f"{key}: lost" for key in keys if times[key] == 0]
    wrong += [f"{key}: there {count} times" for key, count in times.items() if count > 1]
    doing = Counter((row.kind, row.subject, row.key) for row in found)
    wrong += [f"{each}: doubled" for each, count in doing.items() if count > 1]
    return wrong + [
        f"{row.kind} {row.subject}: no row"
        for row in found
        if row.kind in there and row.subject not in there[row.kind]
    ]


def run(kind: str, kills: int, seed: int, least_ms: float, most_ms: float) -> int:
    """Kill, look, count; returns the number of faults."""
    chance = random.Random(seed)
    wrong: list[str] = []
    acknowledged = resent = rebuilt = 0
    begun = time.monotonic()
    with database(kind) as make:
        for first in range(0, kills, PER_DATABASE):
            url = make(f"d{first}")
            open_store(url).close()
            known: set[str] = set()
            again: list[Change] = []
            for number in range(first, min(first + PER_DATABASE, kills)):
                one = Round(url, f"w{number}", again)
                one.kill_within(least_ms / 1000, most_ms / 1000, chance)
                sent, keys = one.told()
                known.update(keys)
                acknowledged += len(keys)
                resent += len(again)
                again = _again(sent, set(keys))
                store = open_store(url)
                wrong += faults_of(store, known)
                store.close()
            store = open_store(url)
            if store.rebuilt() != store.stored():
                wrong.append(f"{url}: the journal adds up to something else")
            rebuilt += store.last_seq()
            store.close()
            print(
                f"{kind}: {number + 1} kills, {acknowledged} events acknowledged, "
                f"{resent} changes sent again, {len(wrong)} faults, {time.monotonic() - begun:.0f} s",
                flush=True,
            )
    print(f"{kind}: {rebuilt} events rebuilt")
    for each in wrong[:20]:
        print("FAULT", each)
    return len(wrong)


def _again(sent: list[Change], keys: set[str]) -> list[Change]:
    """What was under way, after the last of what was acknowledged, in the order of sending."""
    under_way = [change for change in sent if change[0]["key"] not in keys]
    done = [change for change in sent if change[0]["key"] in keys]
    return done[-AGAIN:] + under_way


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least-ms", type=float, default=1.0, help="after the first acknowledgement")
    parser.add_argument("--most-ms", type=float, default=150.0)
    args = parser.parse_args()
    return 1 if run(args.database, args.kills, args.seed, args.least_ms, args.most_ms) else 0


if __name__ == "__main__":
    raise SystemExit(main())
