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
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.acceptance.served import Away, Served, Staff, Talker, phone, until, utc

Row = dict[str, Any]
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
    lost : share of calls without customer and place.
    """

    hours: float
    a_day: int = 250
    storm_day: int | None = None
    speed: float = 120.0
    kills: int = 2
    crews: int = 9
    phones: int = 6
    lost: float = 0.03
    seed: int = 1


@dataclass
class Told:
    """What went on, counted from outside."""

    calls: dict[str, str] = field(default_factory=dict)
    """Number of each request by the caller's key."""
    published: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    taps: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    worst: list[str] = field(default_factory=list)


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
    """A room and its people, through some days."""

    def __init__(self, server: Served, plan: Plan, demo: Path) -> None:
        self.server, self.plan, self.told = server, plan, Told()
        self.dice = random.Random(plan.seed + 1)
        self.customers = _some_customers(demo, plan.seed)
        staff = Staff(server)
        self.desk = [staff.session(name, "dispatcher") for name in ("ana", "ben")]
        self.head = staff.session("eva", "supervisor")
        self.program = staff.program("call centre", "dispatcher")
        self.crews = [row["id"] for row in self.program.get("/api/v1/crews").data["crews"]]
        self.phones: dict[str, Talker] = {}
        self.waiting: list[tuple[str, Row]] = []
        self.outbox: dict[str, list[Row]] = {crew: [] for crew in self.crews}
        self.taps = 0

    # -- the days ----------------------------------------------------------------

    def live(self) -> Told:
        """Live through the days."""
        begins = self.server.now
        coming = calls_of(self.plan, self.customers, begins)
        due = next(coming, None)
        lasts = timedelta(hours=self.plan.hours)
        kills = [begins + lasts * (n + 1) / (self.plan.kills + 1) for n in range(self.plan.kills)]
        while self.server.now < begins + timedelta(hours=self.plan.hours):
            while due is not None and due[0] <= self.server.now:
                self.waiting.append((due[1], due[2] | {"received_at": due[0].isoformat()}))
                due = next(coming, None)
            if kills and self.server.now >= kills[0]:
                kills.pop(0)
                self.server.kill()
                self.server.start()
                self.told.kills += 1
            for act in (
                self._take_calls,
                self._answer_proposal,
                self._send_to_dangers,
                self._call_back,
                self._crews,
            ):
                try:
                    act()
                except Away:
                    # Killed a moment ago: everybody tries again.
                    time.sleep(0.2)
            time.sleep(0.1)
        return self.told

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
        if answer.status == 200:
            self.told.published += 1
        else:
            self.told.refused[f"publish {answer.status}"] += 1
            assert answer.status in (409, 503), answer.text

    def _send_to_dangers(self) -> None:
        person = self.dice.choice(self.desk)
        answer = person.get("/api/v1/urgent")
        for danger in answer.data["dangers"] if answer.status == 200 else []:
            if danger["crews"]:
                sent = person.post(
                    f"/api/v1/urgent/{quote(danger['subject'], safe='')}/divert",
                    {"crew": danger["crews"][0]["crew"]},
                )
                self.told.refused[f"divert {sent.status}"] += sent.status != 200
                assert sent.status in (200, 409, 503), sent.text

    def _call_back(self) -> None:
        state = self.desk[0].get("/api/v1/state").data
        for order in [each for each in state["orders"] if each["state"] == "restored"][:5]:
            whole = self.desk[0].get(f"/api/v1/work-orders/{quote(order['id'], safe='')}").data
            for row in whole["callbacks"]:
                if row["state"] in ("due", "unreached"):
                    said = "yes" if self.dice.random() < 0.95 else "no"
                    self.desk[0].post(f"/api/v1/callbacks/{quote(row['request'], safe='')}", {"answer": said})

    # -- crews -------------------------------------------------------------------

    def _crews(self) -> None:
        on = {crew for crew in self.crews[: self.plan.phones] if self._on(crew)}
        for crew in sorted(on):
            self._drive(crew)
        # Crews without a phone are spoken for at the desk.
        for crew in self.crews[self.plan.phones :]:
            if self._on(crew):
                self._speak_for(crew)

    def _on(self, crew: str) -> bool:
        start, end = SHIFTS[self.crews.index(crew) % len(SHIFTS)]
        clock = f"{self.server.now.astimezone(self.server.begins.tzinfo):%H:%M}"
        return start <= clock < end if start < end else clock >= start or clock < end

    def _drive(self, crew: str) -> None:
        """A crew does what its phone shows next; what was tapped without signal is sent again, in order."""
        if crew not in self.phones:
            self.phones[crew] = phone(self.desk[0], crew)
            self._tap(crew, "sign_on")
        answer = self.phones[crew].get("/api/v1/phone/route")
        if answer.status == 401:
            del self.phones[crew]
            return
        route = answer.data
        if route["plan"] > route["acknowledged"]:
            self._tap(crew, "acknowledge", plan=route["plan"])
        stop = next((each for each in route["stops"] if each["state"] not in ("done", "cannot")), None)
        if stop is not None and utc(stop["arrive"]) <= self.server.now + timedelta(minutes=30):
            self._work_at(crew, stop)
        self._send(crew)

    def _work_at(self, crew: str, stop: Row) -> None:
        job, state = stop["job"], stop["state"]
        if state is None:
            self._tap(crew, "report", job=job, to="on_the_way")
        elif state == "on_the_way":
            if utc(stop["arrive"]) <= self.server.now:
                self._tap(crew, "report", job=job, to="on_site")
                for step in stop["steps"]:
                    self._tap(crew, "tick", job=job, step=step["id"])
        elif utc(stop["finish"]) <= self.server.now or self.dice.random() < 0.05:
            if self.dice.random() < 0.5:
                self._tap(crew, "told", job=job, cause="tree")
            self._tap(crew, "report", job=job, to="done")

    def _tap(self, crew: str, kind: str, **told: Any) -> None:
        self.taps += 1
        tap = {
            "id": f"tap-{self.plan.seed}-{self.taps:07d}",
            "kind": kind,
            "at": self.server.now.isoformat(),
            **told,
        }
        self.outbox[crew].append(tap)

    def _send(self, crew: str) -> None:
        taps = self.outbox[crew]
        if not taps or crew not in self.phones:
            return
        answer = self.phones[crew].post(
            "/api/v1/phone/taps", {"sent_at": self.server.now.isoformat(), "taps": taps[:100]}
        )
        if answer.status == 200:
            for heard in answer.data["heard"]:
                self.told.taps[
                    heard["status"] if heard["status"] != "conflict" else f"conflict {heard['code']}"
                ] += 1
            del taps[: len(answer.data["heard"])]

    def _speak_for(self, crew: str) -> None:
        found = self.program.get(f"/api/v1/crews/{quote(crew, safe='')}")
        for stop in found.data["stops"][:1] if found.status == 200 else []:
            job = quote(stop["job"], safe="")
            for to in ("on_the_way", "on_site", "safe", "done"):
                self.program.post(f"/api/v1/jobs/{job}/report", {"to": to, "crew": crew})

    # -- the recount ---------------------------------------------------------------

    def recount(self) -> list[str]:
        """What is not as it must be at the end, from outside: nothing of this may be there."""
        wrong = [f"server: {fault}" for fault in self.server.faults]
        wrong += ["log: a traceback"] if "Traceback (most recent call last)" in self.server.log else []
        wrong += self._lost_requests()
        return wrong

    def _lost_requests(self) -> list[str]:
        wrong = []
        for key, id_ in self.told.calls.items():
            found = self.desk[0].get(f"/api/v1/requests/{quote(id_, safe='')}/whole")
            if found.status != 200:
                wrong.append(f"{key}: {id_} is gone ({found.status})")
                continue
            told = found.data
            if not told.get("history"):
                wrong.append(f"{id_} has no history")
            row = told.get("request", told)
            if not (row.get("order") or row.get("order_id") or row.get("next") or told.get("next")):
                wrong.append(f"{id_} has neither an order nor a next step")
        again = [
            self.program.post("/api/v1/requests", {"words": "x", "channel": "phone"}, key)
            for key in list(self.told.calls)[:20]
        ]
        wrong += [
            f"a key was taken twice with another body: {each.status}" for each in again if each.status < 400
        ]
        return wrong

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
