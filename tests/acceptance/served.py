"""`gridcrew serve` as a process, and somebody who talks to it: nothing here reaches into the product."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

PASSWORD = "Lamps-are-back-at-7"
READY_S = 300.0
EDGE = "gridcrew-acceptance-edge"
AWAY = (OSError, urllib.error.URLError)


@dataclass(frozen=True)
class Answer:
    """A status and what came with it."""

    status: int
    text: str
    path: str = ""
    """Where it came from, after the ways that the server sent us."""

    @property
    def data(self) -> Any:
        """What was answered.

        Raises
        ------
        NotNow
            The server says that it cannot answer now.
        """
        if self.status == 503:
            raise NotNow(self.text[:200])
        return json.loads(self.text)


class Away(Exception):
    """The server did not answer: it was killed, or is being started."""


class NotNow(Exception):
    """The server said in words that it cannot do it now."""


class Talker:
    """A browser's session (cookies and the page's mark) or a program's token."""

    def __init__(self, server: Served, token: str | None = None) -> None:
        self.server, self.token, self.mark = server, token, ""
        self.cookies = http.cookiejar.CookieJar()
        keeping = urllib.request.HTTPCookieProcessor(self.cookies)
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({}), keeping)

    def ask(self, method: str, path: str, body: bytes | None = None, **head: str) -> Answer:
        """One question; every answer that is the server's own fault is noted."""
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        elif self.mark:
            head["X-CSRFToken"] = self.mark
        told = {name.replace("_", "-"): value for name, value in head.items()}
        sent = urllib.request.Request(self.server.address + path, body, told, method=method)
        try:
            with self._open.open(sent, timeout=90) as got:
                answer = Answer(got.status, got.read().decode("utf-8", "replace"), _path(got.url))
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.read().decode("utf-8", "replace"))
        except AWAY as error:
            raise Away(str(error)) from error
        self.server.note(method, path, answer)
        return answer

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, data: object, key: str | None = None) -> Answer:
        head = {"Idempotency_Key": key} if key else {}
        return self.ask("POST", path, json.dumps(data).encode(), Content_Type="application/json", **head)

    def look_at(self, page: str) -> str:
        """Open a page and keep its mark, which changes go with."""
        text = self.get(page).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', text)
        self.mark = unescape(found[1]) if found else ""
        return text

    def form(self, page: str, action: str, **fields: str) -> Answer:
        """Send a form of a page with the mark that the page carries."""
        self.look_at(page)
        body = urllib.parse.urlencode({**fields, "csrf_token": self.mark}).encode()
        return self.ask("POST", action, body, Content_Type="application/x-www-form-urlencoded")

    def file_form(self, page: str, action: str, files: dict[str, tuple[str, str]], **fields: str) -> Answer:
        """Send a form with files: what each field's file is called and holds."""
        self.look_at(page)
        parts = [(f'name="{name}"', text) for name, text in {**fields, "csrf_token": self.mark}.items()]
        parts += [(f'name="{name}"; filename="{file}"', text) for name, (file, text) in files.items()]
        told = [
            f"--{EDGE}\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts
        ]
        body = "".join([*told, f"--{EDGE}--\r\n"]).encode()
        return self.ask("POST", action, body, Content_Type=f"multipart/form-data; boundary={EDGE}")


@dataclass
class Served:
    """A server on a clock that runs fast, killed and started again as often as one likes."""

    case: Path
    folder: Path
    database: str
    port: int
    begins: datetime
    speed: float = 1.0
    options: tuple[str, ...] = ("--time-limit", "1")
    process: subprocess.Popen[bytes] | None = None
    faults: list[str] = field(default_factory=list)
    began_s: float = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def now(self) -> datetime:
        """The room's time."""
        return self.begins + timedelta(seconds=(time.time() - self.began_s) * self.speed)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def start(self, speed: float | None = None) -> None:
        """Start, or start again where the clock has come to; from now on at `speed`."""
        self.begins = self.now if self.began_s else self.begins
        self.began_s, self.speed = time.time(), speed or self.speed
        words = [
            "serve",
            str(self.case),
            "--database",
            self.database,
            "--port",
            str(self.port),
            *self.options,
        ]
        words += [*self.options, "--clock-from", self.begins.isoformat(), "--clock-speed", str(self.speed)]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dispatch.cli", *words],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
                start_new_session=True,
            )
        until(self._answers, READY_S, "the server answers")

    def set_clock(self, room: datetime) -> None:
        """Follow the server, whose clock begins to run when it has started."""
        self.begins, self.began_s = room.astimezone(self.begins.tzinfo), time.time()

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log[-2000:]
        try:
            return Talker(self).get("/sign-in").status == 200
        except Away:
            return False

    def kill(self) -> None:
        """End it as a power cut would, the planner with it."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        """Ask it to end; its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    def note(self, method: str, path: str, answer: Answer) -> None:
        # 503 is a clear word that it cannot be done now; the sender tries again.
        if answer.status >= 500 and answer.status != 503:
            self.faults.append(f"{answer.status} {method} {path}: {answer.text[:200]}")

    def first_password(self) -> str:
        found = re.findall(r"one-time password (\S+)", self.log)
        return str(found[-1])


class Staff:
    """Accounts, tokens and phones, made the way people make them: on the pages."""

    def __init__(self, server: Served) -> None:
        self.server = server
        self.admin = Talker(server)
        first = server.first_password()
        self.admin.form("/sign-in", "/sign-in", name="administrator", password=first)
        self.admin.form("/password", "/password", old=first, new=PASSWORD, again=PASSWORD)

    def session(self, name: str, role: str, crew: str = "") -> Talker:
        """Somebody who has signed in and chosen a password."""
        made = self.admin.form("/accounts", "/accounts", name=name, role=role, crew=crew)
        first = _secret(made)
        person = Talker(self.server)
        person.form("/sign-in", "/sign-in", name=name, password=first)
        person.form("/password", "/password", old=first, new=PASSWORD, again=PASSWORD)
        person.look_at("/")
        return person

    def program(self, name: str, role: str) -> Talker:
        """A system with a token of its own."""
        return Talker(
            self.server, _secret(self.admin.form("/accounts", "/accounts/tokens", name=name, role=role))
        )


def phone(office: Talker, crew: str, pin: str = "4711") -> Talker:
    """A crew's phone, signed in by the code and the PIN that the office gave it."""
    made = office.form("/phones", f"/phones/{crew}", pin=pin)
    found = re.search(r"/phone/enter#([A-Za-z0-9_-]+)", made.text)
    assert found is not None, made.text[:500]
    told = Talker(office.server, found[1]).post(
        "/phone/enter", {"pin": pin, "device": f"phone-of-{crew:_>12}"}
    )
    assert told.status == 200, told.text
    return Talker(office.server, told.data["token"])


def _path(url: str) -> str:
    return urllib.parse.urlsplit(url).path


def _secret(made: Answer) -> str:
    found = re.search(r'class="secret">([^<]+)<', made.text)
    assert found is not None, made.text[:500]
    return unescape(found[1])


def store_faults(database: str) -> str:
    """What `gridcrew store check` complains of; empty where the day rebuilt equals the stored one."""
    checked = subprocess.run(
        [sys.executable, "-m", "dispatch.cli", "store", "--database", database, "check"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    return "" if checked.returncode == 0 else checked.stdout + checked.stderr or "no word"


def until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true answer; looked for with short pauses, for what is asked lives in another process."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return found


def utc(text: str) -> datetime:
    """A time of an answer."""
    return datetime.fromisoformat(text).astimezone(UTC)
