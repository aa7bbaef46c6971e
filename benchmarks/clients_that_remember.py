"""People and phones that send until they are answered, and remember what they were told."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from dispatch.store import Store
from dispatch.store.tables import events

Ports = Callable[[], Sequence[int]]
CUSTOMERS = [f"C{number:02d}" for number in range(1, 13)]
WORDS = ("No light since ten", "没电了", "the whole street is dark", "sparks from the pole")
ASK_S = 40.0
AGAIN_S = 0.2
OVER_S = 120.0


@dataclass(slots=True)
class Memory:
    """What all clients were told, and when a change was last acknowledged.

    Parameters
    ----------
    calls : ids of requests, by the mark in their words.
    taps : keys in the journal.
    published : numbers of plans.
    moves : orders and the state that they were taken to.
    unsure : the same of changes that were sent and never answered, which may have happened or not.
    served : beginning and end of every change that was acknowledged, in seconds.
    """

    calls: dict[str, str] = field(default_factory=dict)
    taps: set[str] = field(default_factory=set)
    published: list[int] = field(default_factory=list)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    unsure: Counter[object] = field(default_factory=Counter)
    served: list[tuple[float, float]] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def told(self) -> int:
        """How many changes were acknowledged."""
        return len(self.calls) + len(self.taps) + len(self.published) + self.moves.total()


class Client(threading.Thread):
    """Somebody who acts at random until told to end, and then sends on until all is answered.

    Parameters
    ----------
    ports : where servers answer now; a client that gets no answer asks the next one.
    """

    def __init__(self, name: str, token: str, ports: Ports, memory: Memory, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.memory, self.chance = memory, random.Random(seed)
        self.over = threading.Event()
        self._token, self._ports, self._turn = token, ports, seed
        self.wrong: list[str] = []

    def act(self) -> None:
        """Do one thing."""
        raise NotImplementedError

    def run(self) -> None:
        """Act, think, act again."""
        while not self.over.wait(self.chance.expovariate(1.5)):
            try:
                self.act()
            except Exception as error:
                self.wrong.append(f"{self.name}: {type(error).__name__}: {error}")

    def end(self) -> None:
        """Let it finish what it is at."""
        self.over.set()
        self.join(OVER_S)
        if self.is_alive():
            self.wrong.append(f"{self.name}: not answered within {OVER_S:.0f} s")

    def ask(self, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """Ask once; status 0 where there was no answer."""
        ports = self._ports()
        link = http.client.HTTPConnection("127.0.0.1", ports[self._turn % len(ports)], timeout=ASK_S)
        head = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key:
            head["Idempotency-Key"] = key
        try:
            data = None if body is None else json.dumps(body)
            link.request("GET" if body is None else "POST", path, data, head)
            got = link.getresponse()
            told = json.loads(got.read())
        except (OSError, http.client.HTTPException, ValueError):
            self._turn += 1
            return 0, None
        finally:
            link.close()
        self.memory.statuses[str(got.status)] += 1
        return got.status, told

    def ask_until_answered(self, path: str, body: Any, key: str = "") -> tuple[int, Any]:
        """Send again and again until a server has taken it, or refused it for good."""
        ends_s = time.monotonic() + OVER_S
        while time.monotonic() < ends_s:
            begun_s = time.monotonic()
            status, told = self.ask(path, body, key)
            if 200 <= status < 300:
                self.memory.served.append((begun_s, time.monotonic()))
                return status, told
            if status not in (0, 429) and status < 500:
                return status, told
            if status == 500:
                self.wrong.append(f"{self.name}: {path} answered 500")
            threading.Event().wait(AGAIN_S)
        raise TimeoutError(f"{path} was not answered within {OVER_S:.0f} s")


class Caller(Client):
    """Logs requests."""

    number = 0

    def act(self) -> None:
        """Log one request, until it is taken."""
        self.number += 1
        mark = f"mark-{self.name}-{self.number}."
        said = {"words": f"{self.chance.choice(WORDS)} {mark}", "customer": self.chance.choice(CUSTOMERS)}
        status, told = self.ask_until_answered("/api/v1/requests", said, f"key of {mark}")
        if status >= 300:
            self.wrong.append(f"{self.name}: a request was answered {status}: {told}")
        else:
            self.memory.calls[mark] = told["id"]


class Phone(Client):
    """A crew's phone: reads its route, and says once or twice that it did, or that it needs help."""

    crew = "crew-1"

    def act(self) -> None:
        """Read, and send one to three taps until they are taken."""
        status, route = self.ask("/api/v1/phone/route")
        if status != 200 or not route.get("plan"):
            return
        at = datetime.now(UTC).isoformat()
        taps = [self._tap(route["plan"], at) for _ in range(self.chance.randint(1, 3))]
        status, told = self.ask_until_answered("/api/v1/phone/taps", {"sent_at": at, "taps": taps})
        if status >= 300:
            self.wrong.append(f"{self.name}: taps were answered {status}: {told}")
            return
        for heard in told["heard"]:
            if heard["status"] in ("taken", "known"):
                self.memory.taps.add(f"phone/{self.crew}/{heard['id']}")

    def _tap(self, plan: int, at: str) -> dict[str, Any]:
        mark = {"id": f"tap-{self.chance.getrandbits(60):x}", "at": at}
        if self.chance.random() < 0.1:
            return mark | {"kind": "help", "reason": "material"}
        return mark | {"kind": "acknowledge", "plan": plan}


class Publisher(Client):
    """Publishes what is proposed, and takes orders on; neither is sent twice."""

    def act(self) -> None:
        """Look, and answer what is there."""
        status, state = self.ask("/api/v1/state")
        if status != 200:
            return
        if state["proposal"] is not None and self.chance.random() < 0.3:
            self._publish(state["proposal"])
        movable = [order for order in state["orders"] if order["state"] in ROAD]
        if movable:
            self._move(self.chance.choice(movable))

    def _publish(self, number: int) -> None:
        begun_s = time.monotonic()
        status, _ = self.ask(f"/api/v1/plans/{number}/publish", {})
        if status == 200:
            self.memory.published.append(number)
            self.memory.served.append((begun_s, time.monotonic()))
        elif status == 500:
            self.wrong.append(f"{self.name}: publishing answered 500")

    def _move(self, order: dict[str, Any]) -> None:
        to, sent = ROAD[order["state"]], {"seen": order["version"]}
        begun_s = time.monotonic()
        status, _ = self.ask(f"/api/v1/work-orders/{order['id']}/state", sent | {"to": to})
        if status == 200:
            self.memory.moves[order["id"], to] += 1
            self.memory.served.append((begun_s, time.monotonic()))
        elif status == 0 or status >= 500:
            self.memory.unsure[order["id"], to] += 1
            if status == 500:
                self.wrong.append(f"{self.name}: moving an order answered 500")


ROAD = {"dispatched": "on_the_way", "on_the_way": "on_site", "on_site": "restored", "restored": "closed"}


def compared(memory: Memory, store: Store, mover: str) -> list[str]:
    """What of the acknowledged the journal does not hold, or holds twice.

    Parameters
    ----------
    mover : whose moves of orders were remembered.
    """
    columns = (events.c.kind, events.c.subject, events.c.actor, events.c.key, events.c.data)
    with store.reading() as connection:
        rows = connection.execute(select(*columns)).all()
    logged = Counter(
        word
        for row in rows
        if row.kind == "request_logged"
        for word in row.data["words"].split()
        if word.startswith("mark-")
    )
    ids = {row.subject for row in rows if row.kind == "request_logged"}
    keys = Counter(row.key for row in rows)
    published = Counter(int(row.subject) for row in rows if row.kind == "plan_published")
    moved = Counter(
        (row.subject, row.data["to"])
        for row in rows
        # Publishing a plan takes orders on too, under the same name.
        if row.kind == "order_moved" and row.actor == mover and row.data["to"] in ROAD.values()
    )
    return [
        *_once("request", memory.calls, logged),
        *(f"request {id_}: lost" for id_ in memory.calls.values() if id_ not in ids),
        *_once("tap", memory.taps, keys),
        *_once("publication", memory.published, published),
        *(f"request {mark}: there {count} times" for mark, count in logged.items() if count > 1),
        *(
            f"move {move}: {memory.moves[move]} acknowledged, {count} there"
            for move, count in moved.items()
            if not 0 <= count - memory.moves[move] <= memory.unsure[move]
        ),
        *(f"move {move}: lost" for move in memory.moves if not moved[move]),
    ]


def _once(what: str, told: Any, there: Counter[Any]) -> list[str]:
    return [
        f"{what} {each}: {'lost' if not there[each] else f'there {there[each]} times'}"
        for each in told
        if there[each] != 1
    ]
