"""Crews at work: phones driven at their API, and crews without one for whom the desk speaks."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from tests.acceptance.served import Served, Talker, phone, utc

Row = dict[str, Any]
ENDED = ("done", "cannot")
SOON = timedelta(minutes=30)
MOST_TAPS = 100


class Crews:
    """Every crew that is on shift does what its route shows next.

    Parameters
    ----------
    office : a dispatcher who signs phones in; `program` speaks for crews without a phone.
    phones : how many crews have one; those in `elsewhere` are driven by somebody else.
    """

    def __init__(
        self,
        server: Served,
        office: Talker,
        program: Talker,
        phones: int,
        elsewhere: frozenset[str],
        seed: int,
    ) -> None:
        self.server, self.office, self.program = server, office, program
        self.dice = random.Random(seed)
        self.seed, self.made = seed, 0
        self.known = [row["id"] for row in program.get("/api/v1/crews").data["crews"]]
        self.with_phone = frozenset(self.known[:phones]) - elsewhere
        self.elsewhere = elsewhere
        self.phones: dict[str, Talker] = {}
        self.outbox: dict[str, list[Row]] = {crew: [] for crew in self.known}
        self.taps: Counter[str] = Counter()

    def work(self) -> None:
        """Let everybody who is on shift do a step."""
        for crew in sorted(self.on_shift() - self.elsewhere):
            if crew in self.with_phone:
                self._drive(crew)
            else:
                self._speak_for(crew)

    def on_shift(self) -> frozenset[str]:
        """The crews whose shift runs by the roster in force."""
        found = self.program.get("/api/v1/duty")
        return frozenset(row["crew"] for row in found.data["on"]) if found.status == 200 else frozenset()

    def _drive(self, crew: str) -> None:
        """Tap what the phone shows next; what was tapped without signal is sent again, in order."""
        if crew not in self.phones:
            self.phones[crew] = phone(self.office, crew)
        answer = self.phones[crew].get("/api/v1/phone/route")
        if answer.status == 401:
            del self.phones[crew]
        if answer.status != 200:
            return
        route = answer.data
        if not route["on_shift"] and not self._waits(crew, "sign_on"):
            self._tap(crew, "sign_on")
        if route["plan"] > route["acknowledged"] and not self._waits(crew, "acknowledge"):
            self._tap(crew, "acknowledge", plan=route["plan"])
        stop = next((each for each in route["stops"] if each["state"] not in ENDED), None)
        if stop is not None and utc(stop["arrive"]) <= self.server.now + SOON:
            self._work_at(crew, stop)
        self._send(crew)

    def _waits(self, crew: str, kind: str) -> bool:
        return any(tap["kind"] == kind for tap in self.outbox[crew])

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
            self._finish(crew, job)

    def _finish(self, crew: str, job: str) -> None:
        luck = self.dice.random()
        if luck < 0.03:
            self._tap(crew, "report", job=job, to="cannot", reason="no_access")
            return
        if luck < 0.5:
            self._tap(crew, "told", job=job, cause="tree")
        self._tap(crew, "report", job=job, to="done")

    def _tap(self, crew: str, kind: str, **told: Any) -> None:
        self.made += 1
        mark = f"tap-{self.seed}-{self.made:07d}"
        self.outbox[crew].append({"id": mark, "kind": kind, "at": self.server.now.isoformat(), **told})

    def _send(self, crew: str) -> None:
        taps = self.outbox[crew]
        if not taps:
            return
        body = {"sent_at": self.server.now.isoformat(), "taps": taps[:MOST_TAPS]}
        answer = self.phones[crew].post("/api/v1/phone/taps", body)
        if answer.status == 200:
            for heard in answer.data["heard"]:
                refused = heard["status"] == "conflict"
                self.taps[f"conflict {heard['code']}" if refused else heard["status"]] += 1
            del taps[: len(answer.data["heard"])]

    def _speak_for(self, crew: str) -> None:
        found = self.program.get(f"/api/v1/crews/{quote(crew, safe='')}")
        for stop in found.data["stops"][:1] if found.status == 200 else []:
            job = quote(stop["job"], safe="")
            for to in ("on_the_way", "on_site", "safe", "done"):
                self.program.post(f"/api/v1/jobs/{job}/report", {"to": to, "crew": crew})
