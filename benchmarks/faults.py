"""Break a running duty room at random moments, and see that nobody is left in the dark and nothing is lost.

    python benchmarks/faults.py --faults 200 --database sqlite
    python benchmarks/faults.py --faults 200 --database postgresql
    python benchmarks/faults.py --faults 50 --database postgresql --servers 2 --kinds server_killed
    python benchmarks/faults.py --faults 1000 --rush --kinds planner_killed,server_killed,database_crashed

`gridcrew serve` runs on a small case while three call-takers log requests, two phones tap and a
dispatcher publishes. One fault after the other is drawn:

    planner_killed     kill -9 of the process that plans
    planner_hung       SIGSTOP of it
    server_killed      kill -9 of a server, which is started again
    database_stopped   PostgreSQL is stopped at once and started again; a SQLite file is locked
    database_crashed   kill -9 of one of PostgreSQL's processes; a SQLite file is locked for a moment
    disk_full          not one byte is free on the database's disk (takes the right to mount a small one)

For each it is measured how long boards say nothing of it (`silent`: until the state shows trouble, the
server answers with an error or not at all, or a newer plan is there; 0 where a database's fault did no
harm), how long a board waited for the state at most meanwhile (`looked`), how long until a change is
acknowledged again (`served`), and how long until there is a newer plan once the cause is gone (`planned`).
After every batch all clients are answered, the server is stopped in good order, and what they were told is
held against the journal, the journal's chain against itself and the tables against the journal. Needs Linux;
status 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from breakable import Breakable, breakable
from clients_that_remember import Caller, Client, Memory, Phone, Publisher, compared

from dispatch.store import open_store
from dispatch.store.accounts import Accounts
from tests.small_case import write_small_case

SILENT_S, PLANNED_S, SERVED_S = 10.0, 60.0, 60.0
LOOK_S = 0.2
GIVE_UP_S = 180.0
PER_BATCH = 20
MOVER = "publisher"


class Server:
    """One `gridcrew serve`, started again when it was killed."""

    def __init__(self, case: Path, url: str, log: Path) -> None:
        self._words = ["serve", str(case), "--database", url, "--port", "0", "--case-clock"]
        self._words += ["--time-limit", "1", "--log-level", "warning"]
        self._log = log
        self.process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> None:
        """Start, and wait until it listens; tried again while the database is away."""
        ends_s = time.monotonic() + GIVE_UP_S
        while time.monotonic() < ends_s:
            with self._log.open("ab") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "dispatch.cli", *self._words],
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
            assert process.stdout is not None
            found = re.search(r":(\d+)/", process.stdout.readline())
            if found is not None:
                self.process, self.port = process, int(found[1])
                return
            # As a service manager does it.
            process.wait()
            threading.Event().wait(1.0)
        raise SystemExit(f"the server does not start: {self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it without a word."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it in good order; its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=90)

    def planner(self) -> int | None:
        """The process that plans: the child that has Python's word for a spawned one."""
        assert self.process is not None
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
                for child in (thread / "children").read_text().split():
                    if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                        return int(child)
        return None


@dataclass(slots=True)
class Look:
    """What a board saw at a moment: well, in trouble, an error, or nothing at all."""

    begun_s: float
    at_s: float
    seen: str
    plan: int


class Watcher(threading.Thread):
    """A board that asks for the state again and again."""

    def __init__(self, ports: Callable[[], Sequence[int]], token: str) -> None:
        super().__init__(daemon=True)
        self.looks: list[Look] = []
        self.over = threading.Event()
        self._ports, self._token, self._turn = ports, token, 0

    def run(self) -> None:
        """Look, and look again."""
        while not self.over.wait(LOOK_S):
            begun_s = time.monotonic()
            seen, plan = self._seen()
            self.looks.append(Look(begun_s, time.monotonic(), seen, plan))

    def first(self, holds: Callable[[Look], bool], until_s: float) -> Look | None:
        """The first look of which something is true, waited for."""
        at = 0
        while True:
            while at < len(self.looks):
                if holds(self.looks[at]):
                    return self.looks[at]
                at += 1
            if time.monotonic() > until_s:
                return None
            threading.Event().wait(0.05)

    def _seen(self) -> tuple[str, int]:
        ports = self._ports()
        address = f"http://127.0.0.1:{ports[self._turn % len(ports)]}/api/v1/state"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                state = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return f"error {error.code}", 0
        except (OSError, ValueError):
            self._turn += 1
            return "no answer", 0
        well = not state["troubles"] and state["planner_gone"] is None
        return "well" if well else "trouble", max(state["plan"] or 0, state["proposal"] or 0)


@dataclass(slots=True, kw_only=True)
class Measured:
    """One fault: seconds of silence, for the slowest state, until a change was taken and until a plan."""

    kind: str
    silent_s: float
    looked_s: float
    served_s: float
    planned_s: float


@dataclass(slots=True)
class Room:
    """Servers on one database, and everybody who uses them."""

    servers: list[Server]
    database: Breakable
    watcher: Watcher
    memory: Memory
    clients: list[Client] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def ports(self) -> list[int]:
        """Where servers were last seen."""
        return [server.port for server in self.servers]


Fault = Callable[[Room, random.Random], None]


def kill_planner(room: Room, chance: random.Random) -> None:
    """Kill -9 the process that plans."""
    _signal_planner(room, signal.SIGKILL)


def hang_planner(room: Room, chance: random.Random) -> None:
    """Stop the process that plans where it is."""
    _signal_planner(room, signal.SIGSTOP)


def _signal_planner(room: Room, number: int) -> None:
    # Of several servers one plans, the others have an idle process.
    for server in room.servers:
        pid = server.planner()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def kill_server(room: Room, chance: random.Random) -> None:
    """Kill -9 a server and start it again; what plans for it must be gone by then."""
    server = chance.choice(room.servers)
    planner = server.planner()
    server.kill()
    server.start()
    ends_s = time.monotonic() + SERVED_S
    while planner is not None and _lives(planner) and time.monotonic() < ends_s:
        # One that is still being loaded notices when it is; one that was stopped at that has to go on.
        with contextlib.suppress(ProcessLookupError):
            os.kill(planner, signal.SIGCONT)
        threading.Event().wait(0.1)
    if planner is not None and _lives(planner):
        room.wrong.append(f"the planner's process {planner} outlived its server")
        os.kill(planner, signal.SIGKILL)


def stop_database(room: Room, chance: random.Random) -> None:
    """Let nobody use the database for some seconds."""
    room.database.away(chance.uniform(0.5, 12.0))


def crash_database(room: Room, chance: random.Random) -> None:
    """Kill one of the database's processes."""
    room.database.crash(chance)


def fill_disk(room: Room, chance: random.Random) -> None:
    """Leave no room on the database's disk for some seconds."""
    room.database.full(chance.uniform(2.0, 15.0))


KINDS: dict[str, Fault] = {
    "planner_killed": kill_planner,
    "planner_hung": hang_planner,
    "server_killed": kill_server,
    "database_stopped": stop_database,
    "database_crashed": crash_database,
    "disk_full": fill_disk,
}

DATABASE = frozenset({"database_stopped", "database_crashed", "disk_full"})


def inflict(room: Room, kind: str, chance: random.Random, *, rush: bool) -> Measured:
    """One fault, and how the room came through it; in a `rush` only until a change is acknowledged."""
    begun_s = time.monotonic()
    KINDS[kind](room, chance)
    over_s = time.monotonic()
    until_s = over_s + GIVE_UP_S
    known = max((look.plan for look in room.watcher.looks if look.at_s <= over_s), default=0)

    def newer(look: Look) -> bool:
        return look.begun_s >= over_s and look.seen == "well" and look.plan > known

    if rush:
        served = _first_served(room.memory, begun_s, until_s)
        waited_s = served - begun_s if served else float("inf")
        return Measured(kind=kind, silent_s=0.0, looked_s=0.0, served_s=waited_s, planned_s=0.0)
    planned = room.watcher.first(newer, until_s)
    # A database may be away for so short a while that nobody has anything to say.
    harmless = planned is not None and kind in DATABASE
    found = room.watcher.first(
        lambda look: look.at_s > begun_s and (look.seen != "well" or newer(look)), until_s
    )
    said = None if found is None or (harmless and found.seen == "well") else found
    served = _first_served(room.memory, begun_s, until_s)
    forever = float("inf")
    return Measured(
        kind=kind,
        silent_s=said.at_s - begun_s if said else 0.0 if harmless else forever,
        looked_s=max(
            (each.at_s - each.begun_s for each in room.watcher.looks if each.at_s > begun_s), default=0.0
        ),
        served_s=served - begun_s if served else forever,
        planned_s=max(0.0, planned.at_s - over_s) if planned else forever,
    )


def _first_served(memory: Memory, since_s: float, until_s: float) -> float | None:
    while True:
        found = [end for begun, end in list(memory.served) if begun >= since_s]
        if found or time.monotonic() > until_s:
            return min(found, default=None)
        threading.Event().wait(0.1)


def batch(args: Any, database: Breakable, folder: Path, faults: Sequence[str], seed: int) -> Batch:
    """A day with some faults, held against its journal at the end."""
    chance, name = random.Random(seed), f"faults{seed}"
    url = database.new(name)
    case = folder / "case"
    if not case.exists():
        write_small_case(case)
    tokens = _let_in(url)
    logs = args.logs or folder
    logs.mkdir(parents=True, exist_ok=True)
    servers = [Server(case, url, logs / f"log{number}") for number in range(args.servers)]
    for server in servers:
        server.start()
    memory = Memory()
    room = Room(
        servers, database, Watcher(lambda: [each.port for each in servers], tokens["caller-0"]), memory
    )
    room.clients = [
        MAKERS[who](who, token, room.ports, memory, at) for at, (who, token) in enumerate(tokens.items())
    ]
    for each in (room.watcher, *room.clients):
        each.start()
    measured = []
    try:
        room.watcher.first(lambda look: look.plan > 0, time.monotonic() + GIVE_UP_S)
        for kind in faults:
            threading.Event().wait(chance.uniform(0.0, args.pause_s))
            measured.append(inflict(room, kind, chance, rush=args.rush))
            _tell(measured[-1])
        return Batch(measured, memory.told, [*_ended(room), *_differences(url, memory)], memory.statuses)
    finally:
        room.watcher.over.set()
        for server in servers:
            with contextlib.suppress(OSError):
                server.kill()


@dataclass(slots=True)
class Batch:
    """What came out of some faults: seconds, how much was acknowledged, and what was wrong."""

    measured: list[Measured]
    told: int
    wrong: list[str]
    statuses: Counter[str]


MAKERS: dict[str, Callable[..., Client]] = {
    **{f"caller-{number}": Caller for number in range(3)},
    "phone-1": Phone,
    "phone-2": Phone,
    MOVER: Publisher,
}


def _let_in(url: str) -> dict[str, str]:
    store = open_store(url)
    book = Accounts(store)
    book.add("root", "administrator", "never used here at all")
    tokens = {
        name: book.issue_token(name, "crew", crew=Phone.crew)
        if maker is Phone
        else book.issue_token(name, "dispatcher")
        for name, maker in MAKERS.items()
    }
    store.close()
    return tokens


def _ended(room: Room) -> list[str]:
    """Let everybody finish, and end the servers in good order."""
    for client in room.clients:
        client.end()
    wrong = room.wrong + [each for client in room.clients for each in client.wrong]
    room.watcher.over.set()
    statuses = [server.stop() for server in room.servers]
    return wrong + [f"a server ended with status {status}" for status in statuses if status]


def _differences(url: str, memory: Memory) -> list[str]:
    store = open_store(url)
    try:
        wrong = compared(memory, store, MOVER) + [f"chain: {each}" for each in store.chain_faults()]
        if store.rebuilt() != store.stored():
            wrong.append("the journal adds up to something else than the tables")
        return wrong
    finally:
        store.close()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _tell(one: Measured) -> None:
    print(
        f"{one.kind:>17}: silent {one.silent_s:5.1f} s, looked {one.looked_s:5.1f} s, "
        f"served {one.served_s:5.1f} s, planned {one.planned_s:5.1f} s",
        flush=True,
    )


def show(measured: Sequence[Measured]) -> list[str]:
    """A line for each kind; returns the goals that were missed."""
    kinds: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        kinds[one.kind].append(one)
    print(
        f"{'fault':>17} {'times':>5}  silent s median, most   served s median, most   planned s median, most"
    )
    missed = []
    for kind, found in kinds.items():
        cells = []
        for name, goal in (("silent_s", SILENT_S), ("served_s", SERVED_S), ("planned_s", PLANNED_S)):
            values = [getattr(one, name) for one in found]
            cells.append(f"{statistics.median(values):>14.1f} {max(values):>8.1f}")
            missed += [f"{kind}: {name} {value:.1f}" for value in values if value > goal]
        print(f"{kind:>17} {len(found):>5}{''.join(cells)}")
    return missed


def main() -> int:
    """Draw the faults, inflict them batch by batch, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--servers", type=int, default=1, help="on one PostgreSQL database")
    parser.add_argument("--kinds", default=",".join(KINDS), help="default all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause-s", type=float, default=3.0, help="at most, between two faults")
    parser.add_argument(
        "--rush",
        action="store_true",
        help="the next fault as soon as a change is acknowledged, planned or not",
    )
    parser.add_argument("--logs", type=Path, help="a folder where the servers' logs are kept")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no batch after")
    args = parser.parse_args()
    chance, kinds = random.Random(args.seed), args.kinds.split(",")
    drawn = [chance.choice(kinds) for _ in range(args.faults)]
    ends_s = time.monotonic() + 60 * args.minutes
    done: list[Batch] = []
    # Ended from outside, it still ends its servers and gives its disk back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (
        breakable(args.database, small_disk="disk_full" in kinds) as database,
        tempfile.TemporaryDirectory(prefix="gridcrew-") as folder,
    ):
        for first in range(0, args.faults, PER_BATCH):
            if time.monotonic() > ends_s:
                break
            part = drawn[first : first + PER_BATCH]
            done.append(batch(args, database, Path(folder), part, 1000 * args.seed + first))
            told, wrong = sum(each.told for each in done), sum(len(each.wrong) for each in done)
            so_far = sum(len(each.measured) for each in done)
            print(f"{args.database}: {so_far} faults, {told} changes acknowledged, {wrong} wrong", flush=True)
            for each in done[-1].wrong[:20]:
                print("WRONG", each, flush=True)
    missed = show([one for each in done for one in each.measured])
    print(f"load of the machine at the end: {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors")
    print("answers:", dict(sum((each.statuses for each in done), Counter())))
    for line in missed:
        print("MISSED", line)
    return 1 if missed or any(each.wrong for each in done) else 0


if __name__ == "__main__":
    raise SystemExit(main())
