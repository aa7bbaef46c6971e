"""`gridcrew serve` on the small case as a process of its own, and a dispatcher's system that asks it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dispatch.store import open_store
from dispatch.store.accounts import Accounts
from tests.small_case import write_small_case


class Served:
    """A server on a database, in a folder of its own.

    Parameters
    ----------
    url : of the database; a SQLite file in the folder without it.
    more : further words of the command line.
    """

    def __init__(self, folder: Path, url: str = "", more: tuple[str, ...] = (), token: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.url = url or f"sqlite:///{folder}/day.sqlite"
        self.token = token or let_in(self.url)
        case = folder / "case"
        if not case.exists():
            write_small_case(case)
        words = ["serve", str(case), "--database", self.url, "--port", "0", "--case-clock", *more]
        self.log = folder / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["env", "--default-signal=INT,TERM", sys.executable, "-m", "dispatch.cli", *words],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        found = re.search(r":(\d+)/", self.process.stdout.readline())
        self.port = int(found[1]) if found else 0

    def ask(self, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """GET, or POST where there is a body: status, and the JSON or text that came back."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {"Content-Type": "application/json"}
        if token != "":
            head["Authorization"] = f"Bearer {token or self.token}"
        data = None if body is None else json.dumps(body)
        link.request("GET" if body is None else "POST", path, data, head)
        got = link.getresponse()
        told = got.read()
        link.close()
        if "json" in (got.getheader("Content-Type") or ""):
            return got.status, json.loads(told)
        return got.status, told.decode()

    def descendants(self) -> list[int]:
        """Every process that the server has started, and theirs."""
        found, new = [], [self.process.pid]
        while new:
            new = [child for each in new for child in children(each)]
            found += new
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


def let_in(url: str) -> str:
    """A dispatcher's token, in a database that may be new."""
    store = open_store(url)
    book = Accounts(store)
    book.add("root", "administrator", "never used here at all")
    token = book.issue_token("ana", "dispatcher")
    store.close()
    return token


def children(pid: int) -> list[int]:
    """The processes that a process has started and that live."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for each in threads for child in (each / "children").read_text().split()]
    except OSError:
        return []


def lives(pid: int) -> bool:
    """Whether a process runs; one that nobody has buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(holds: Callable[[], Any], seconds: float = 30.0, every_s: float = 0.1) -> Any:
    """The first true answer in time, else the last one."""
    ends = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < ends:
        threading.Event().wait(every_s)
    return found
