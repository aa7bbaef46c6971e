"""Simulated days of a duty room: callers, dispatchers, crews with phones, kills; then a recount.

Everybody talks to the server as people and phones do: with a session, a token, a key for each
message, and a second try when the server was away.
"""

from __future__ import annotations

import csv
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.acceptance.crews import Crews
from tests.acceptance.heads import Heads
from tests.acceptance.recount import (
    counted_fates,
    journal,
    keys_taken_twice,
    lost_orders,
    lost_requests,
    told_fates,
)
from tests.acceptance.served import Away, NotNow, Served, Staff, until, utc
from tests.acceptance.windows import Windows

Row = dict[str, Any]
LOOKS = 3
# So long the planner may take for its first plan after a start, on a machine that has other work.
PLANNED_S = 300.0
SKILLS = ("hv;lv;switching;tree", "hv;lv;cable;switching", "lv;metering")
STOCK = "fuse:8;pole:2;mv_joint_kit:2;lv_cable_kit:4;transformer:2;meter:8"
SHIFTS = (("07:00", "15:00"), ("15:00", "23:00"), ("23:00", "07:00"))
# What is said, and how often in a hundred calls.
WORDS: tuple[tuple[str, int], ...] = (
    ("no light since an hour", 40),
    ("the whole street is dark", 14),
    ("only my flat has no power", 10),
    ("lights are flickering", 6),
    ("meter shows an error", 6),
    ("a wire is lying on the road, sparks", 3),
    ("家里停电了", 10),
    ("电线掉在路上，很危险", 2),
    ("I want to complain about the bill", 5),
    ("when do you read the meter", 4),
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What happens in which days.

    Parameters
    ----------
    hours : how long it lasts, in the room's time.
    a_day : calls a day; on `storm_day` four times as many between 16:00 and 24:00.
    speed : the room's seconds in a real one.
    kills : how often the server is killed and started again.
    database_restarts : how often the database is, where `Days` can do it.
    upgrades : whether the planner brings another policy half-way.
    phones : crews with a phone; `windows` of them tap on its page in a browser, the others at its API.
    lost : share of calls without customer and place.
    """

    hours: float
    a_day: int = 250
    storm_day: int | None = None
    speed: float = 120.0
    kills: int = 2
    database_restarts: int = 1
    upgrades: bool = True
    crews: int = 9
    phones: int = 6
    windows: int = 0
    lost: float = 0.03
    seed: int = 1


@dataclass
class Told:
    """What went on, counted from outside."""

    calls: dict[str, str] = field(default_factory=dict)
    """Number of each request by the caller's key."""
    published: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    restarts: int = 0
    rounds: int = 0
    away: int = 0


def write_case(demo: Path, folder: Path, plan: Plan) -> Path:
    """The demo city with few open requests, and crews on three shifts that come again by rule."""
    case = folder / "case"
    shutil.copytree(demo, case, ignore=shutil.ignore_patterns("SHA256SUMS", "scenarios", "truth.csv"))
    with (case / "crews.csv").open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))[: plan.crews]
    changed = {"shift_start": "", "shift_end": "", "breaks": "", "stock": STOCK, "overtime_min": "120"}
    skills = [SKILLS[at // len(SHIFTS) % len(SKILLS)] for at in range(len(known))]
    _write(case / "crews.csv", [row | changed | {"skills": skills[at]} for at, row in enumerate(known)])
    _write(case / "roster.csv", [_rule(row["id"], *SHIFTS[at % len(SHIFTS)]) for at, row in enumerate(known)])
    with (case / "requests.csv").open(encoding="utf-8", newline="") as file:
        first = list(csv.DictReader(file))[:20]
    _write(case / "requests.csv", first)
    return case


def _rule(crew: str, start: str, end: str) -> dict[str, str]:
    return {"id": f"{crew}-rule", "crew": crew, "start": start, "end": end, "from": "2026-06-01"}


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def calls_of(plan: Plan, customers: list[str], begins: datetime) -> Iterator[tuple[datetime, str, Row]]:
    """Time, key and body of each call, in order; neighbours call about the same outage."""
    dice = random.Random(plan.seed)
    moment, number = begins, 0
    while moment < begins + timedelta(hours=plan.hours):
        day = int((moment - begins) / timedelta(days=1))
        storm = plan.storm_day == day and moment.hour >= 16
        moment += timedelta(days=1) / plan.a_day * dice.expovariate(1.0) / (4 if storm else 1)
        number += 1
        words = dice.choices([text for text, _ in WORDS], [weight for _, weight in WORDS])[0]
        body: Row = {"words": f"{words} ({number})", "channel": "phone"}
        if dice.random() >= plan.lost:
            body["customer"] = dice.choice(customers)
        yield moment, f"call-{plan.seed}-{number}", body


class Days:
    """A room and its people, through some days.

    Parameters
    ----------
    browser : for boards that stay open and for crews' pages; nobody has a window without.
    restart_database : ends the database and starts it again.
    """

    def __init__(
        self,
        server: Served,
        plan: Plan,
        demo: Path,
        browser: Any = None,
        restart_database: Callable[[], None] | None = None,
    ) -> None:
        self.server, self.plan, self.told = server, plan, Told()
        self.dice = random.Random(plan.seed + 1)
        self.customers = _some_customers(demo, plan.seed)
        staff = Staff(server)
        self.desk = [staff.session(name, "dispatcher") for name in ("ana", "ben")]
        self.head = staff.session("eva", "supervisor")
        planner = staff.session("pia", "planner")
        self.program = staff.program("call centre", "dispatcher")
        self._set_clock()
        crews = [row["id"] for row in self.program.get("/api/v1/crews").data["crews"]]
        in_windows = crews[: plan.windows if browser else 0]
        self.crews = Crews(server, self.desk[0], self.program, plan.phones, frozenset(in_windows), plan.seed)
        self.windows = Windows(browser, server) if browser else None
        if self.windows is not None:
            for person, language in zip(self.desk, ("en", "zh-CN"), strict=True):
                self.windows.open_board(person, language)
            for crew, language in zip(in_windows, ("en", "zh-CN", "en", "zh-CN"), strict=False):
                self.windows.open_phone(self.desk[0], crew, language)
        self.begins = server.now
        upgrade_at = self._after(0.45) if plan.upgrades else None
        self.heads = Heads(server, self.head, planner, plan.hours, upgrade_at)
        self.blows = [(self._after((n + 1) / (plan.kills + 1)), self._kill) for n in range(plan.kills)]
        if restart_database is not None:
            parts = plan.database_restarts + 1
            for n in range(plan.database_restarts):
                self.blows.append((self._after((n + 0.6) / parts), partial(self._restart, restart_database)))
        self.blows.sort(key=lambda blow: blow[0])
        self.waiting: list[tuple[str, Row]] = []

    def _after(self, share: float) -> datetime:
        return self.begins + timedelta(hours=self.plan.hours) * share

    # -- the days ----------------------------------------------------------------

    def live(self) -> Told:
        """Live through the days."""
        coming = calls_of(self.plan, self.customers, self.begins)
        due = next(coming, None)
        acts = (
            self._take_calls,
            self._answer_proposal,
            self._send_to_dangers,
            self._call_back,
            self.crews.work,
            self.heads.work,
            self._look,
        )
        while self.server.now < self._after(1.0):
            while due is not None and due[0] <= self.server.now:
                self.waiting.append((due[1], due[2] | {"received_at": due[0].isoformat()}))
                due = next(coming, None)
            if self.blows and self.server.now >= self.blows[0][0]:
                self.blows.pop(0)[1]()
            for act in acts:
                self._do(act)
            self.told.rounds += 1
            time.sleep(0.1)
        return self.told

    def _do(self, act: Callable[[], None]) -> None:
        """Do it; whom the server does not answer, or asks to come back, tries again in the next round."""
        try:
            act()
        except (Away, NotNow):
            self.told.away += 1
            time.sleep(0.2)

    def _kill(self) -> None:
        self.server.kill()
        self.server.start()
        self._set_clock()
        self.told.kills += 1

    def _set_clock(self) -> None:
        self.server.set_clock(utc(self.program.get("/api/v1/duty").data["at"]))

    def _restart(self, restart: Callable[[], None]) -> None:
        restart()
        self.told.restarts += 1

    def _take_calls(self) -> None:
        while self.waiting:
            key, body = self.waiting[0]
            answer = self.program.post("/api/v1/requests", body, key)
            if answer.status == 503:
                return
            assert answer.status in (200, 201), f"{answer.status} {answer.text[:300]}"
            self.told.calls[key] = answer.data["id"]
            self.waiting.pop(0)

    def _answer_proposal(self) -> None:
        person = self.dice.choice(self.desk)
        found = person.get("/api/v1/plans/proposal").data["proposal"]
        if not found:
            return
        moves = [move["job"] for move in found["moves"]]
        part = {"accepted": moves[::2]} if moves and self.dice.random() < 0.2 else {}
        answer = person.post(f"/api/v1/plans/{found['number']}/publish", part)
        self.told.answers[f"publish {answer.status}"] += 1
        self.told.published += answer.status == 200
        assert answer.status in (200, 409, 503), answer.text

    def _send_to_dangers(self) -> None:
        person = self.dice.choice(self.desk)
        for danger in person.get("/api/v1/urgent").data["dangers"]:
            if danger["crews"]:
                sent = person.post(
                    f"/api/v1/urgent/{quote(danger['subject'], safe='')}/divert",
                    {"crew": danger["crews"][0]["crew"]},
                )
                self.told.answers[f"divert {sent.status}"] += 1
                assert sent.status in (200, 409, 503), sent.text

    def _call_back(self) -> None:
        state = self.desk[0].get("/api/v1/state").data
        for order in [each for each in state["orders"] if each["state"] == "restored"][:5]:
            whole = self.desk[0].get(f"/api/v1/work-orders/{quote(order['id'], safe='')}").data
            for row in whole["callbacks"]:
                if row["state"] in ("due", "unreached"):
                    said = "yes" if self.dice.random() < 0.95 else "no"
                    answer = self.desk[0].post(
                        f"/api/v1/callbacks/{quote(row['request'], safe='')}", {"answer": said}
                    )
                    self.told.answers[f"callback {answer.status}"] += 1

    def _look(self) -> None:
        if self.windows is not None:
            self.windows.work(self.crews.on_shift(), self.desk[0])

    # -- the end -------------------------------------------------------------------

    def recount(self) -> list[str]:
        """What is not as it must be at the end, from outside: nothing of this may be there.

        The server is ended and started again on a clock that runs as clocks do, so that nothing falls due
        between two looks.
        """
        self._do(self._take_calls)
        wrong = [] if self.server.end() == 0 else ["the server did not end in order"]
        self.server.start(speed=1.0)
        self._set_clock()
        self.settle()
        wrong += [f"server: {fault}" for fault in self.server.faults]
        wrong += ["log: a traceback"] if "Traceback (most recent call last)" in self.server.log else []
        wrong += [f"refused: {each}" for each in self.heads.refused]
        wrong += [f"page: {each}" for each in self.windows.complaints] if self.windows else []
        wrong += [f"a call that nobody took: {key}" for key, _ in self.waiting]
        wrong += self._lost()
        wrong += keys_taken_twice(self.program, self.told.calls)
        return wrong + self._promises()

    def _lost(self) -> list[str]:
        """Requests without a next step, orders in no plan; what is new waits for the planner."""
        end = time.monotonic() + PLANNED_S
        while True:
            found = lost_requests(self.desk[0], self.told.calls) or lost_orders(self.desk[0])
            if not found or time.monotonic() > end:
                return found
            time.sleep(10)  # hundreds of questions each time, and who asks too often is refused

    def _promises(self) -> list[str]:
        """The fates of promises as the product tells them against those counted from the journal."""
        zone = self.server.begins.tzinfo
        first = self.begins.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        last = first + timedelta(hours=self.plan.hours + 48)
        ends = last.replace(hour=0) + timedelta(days=1)
        for _ in range(LOOKS):
            told = told_fates(self.head, first, last)
            counted = counted_fates(journal(self.head), first, ends, self.server.now)
            if told == counted:
                self.told.answers["promises"] = told.total()
                return [] if told else ["no promise was given"]
        return [f"promises: told and not counted {told - counted}, counted and not told {counted - told}"]

    def settle(self) -> None:
        """Wait until the planner has answered what came last."""

        def settled() -> bool:
            state = self.program.get("/api/v1/state").data
            return not state.get("planner_gone") and not state.get("troubles")

        until(_patient(settled), 90, "the room is well")


def _patient(ask: Callable[[], bool]) -> Callable[[], bool]:
    def asked() -> bool:
        try:
            return ask()
        except Away:
            return False

    return asked


def _some_customers(demo: Path, seed: int) -> list[str]:
    """Some 40 places of the city where several neighbours call."""
    import gzip

    with gzip.open(demo / "customers.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    dice = random.Random(seed)
    starts = [dice.randrange(len(rows) - 8) for _ in range(40)]
    return [rows[start + n]["id"] for start in starts for n in range(8)]
