"""The supervisor and the planner: a roster that changes, a policy that is upgraded, handovers, reports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.acceptance.served import Answer, Served, Talker, utc

SHIFTS_BEGIN = (7, 15, 23)
READ_BY_SUPERVISOR = (
    *("/", "/outages", "/crews", "/requests", "/callbacks", "/shift", "/shift/handover", "/planned"),
    *("/promises", "/promises.csv", "/fairness", "/fairness.csv", "/audit", "/phones", "/rulebook"),
    *("/standing/crews", "/standing/roster", "/standing/depots", "/standing/customers", "/standing/switches"),
)
READ_BY_PLANNER = (
    "/",
    "/shift",
    "/promises",
    "/rulebook",
    "/rulebook/corrections",
    "/rulebook/versions",
    "/scenarios",
    "/planned",
)
VERSIONS = "/rulebook/versions"
HOUR = timedelta(hours=1)


class Heads:
    """What a supervisor and a planner do in which days, each once its time has come.

    Parameters
    ----------
    upgrade_at : when the planner brings a policy that the supervisor puts in force; None for never.
    """

    def __init__(
        self, server: Served, head: Talker, planner: Talker, hours: float, upgrade_at: datetime | None
    ) -> None:
        self.server, self.head, self.planner = server, head, planner
        self.done: Counter[str] = Counter()
        self.refused: list[str] = []
        begins, zone = server.now, server.begins.tzinfo
        ends = begins + timedelta(hours=hours)
        self.due: list[tuple[datetime, str, Callable[[], None]]] = []
        for day in range(int(hours // 24) + 1):
            midnight = begins.astimezone(zone).replace(hour=0, minute=0) + timedelta(days=day)
            for hour in SHIFTS_BEGIN:
                self.due.append((midnight + hour * HOUR, "handover", self._hand_over))
            self.due.append((midnight + 10 * HOUR, "roster", lambda day=day: self._change_roster(day)))
            self.due.append((midnight + 12 * HOUR, "reading", self._read))
        if upgrade_at is not None:
            self.due.append((upgrade_at, "policy", self._upgrade))
        self.due = sorted((each for each in self.due if begins < each[0] < ends), key=lambda each: each[0])

    def work(self) -> None:
        """Do what is due, in order; what the server was away for is done again."""
        while self.due and self.due[0][0] <= self.server.now:
            _, what, act = self.due[0]
            act()
            self.due.pop(0)
            self.done[what] += 1

    def _expect(self, answer: Answer, what: str) -> bool:
        if answer.status >= 400:
            self.refused.append(f"{what}: {answer.status} {answer.text[:200]}")
        return answer.status < 400

    def _hand_over(self) -> None:
        note = f"Handed over at {self.server.now:%d %H:%M}: see the open orders."
        self._expect(
            self.head.form("/shift/handover", "/shift/handover", note=note), "a note for the handover"
        )
        self._expect(self.head.get("/shift"), "the shift")

    def _read(self) -> None:
        for page in READ_BY_SUPERVISOR:
            self._expect(self.head.get(page), page)
        for page in READ_BY_PLANNER:
            self._expect(self.planner.get(page), f"planner: {page}")

    # -- the roster ---------------------------------------------------------------

    def _change_roster(self, day: int) -> None:
        """Another way each day: a shift more, a longer one, a crew called in, a file, facts, a shift less."""
        ways = (self._add, self._lengthen, self._call_in, self._send_file, self._state_facts, self._cancel)
        ways[day % len(ways)]()

    def _shifts(self) -> list[dict[str, Any]]:
        return list(self.head.get("/api/v1/shifts").data["shifts"])

    def _later(self) -> dict[str, Any]:
        """A shift that has not begun."""
        return next(each for each in self._shifts() if utc(each["start"]) > self.server.now + 2 * HOUR)

    def _add(self) -> None:
        """Three hours more for the crew whose next shift is the latest."""
        firsts: dict[str, dict[str, Any]] = {}
        for each in self._shifts():
            firsts.setdefault(each["crew"], each)
        crew = max(firsts, key=lambda each: utc(firsts[each]["start"]))
        start = self.server.now + HOUR
        body = {
            "crew": crew,
            "start": start.isoformat(),
            "end": (start + 3 * HOUR).isoformat(),
            "note": "busy",
        }
        if self._expect(self.head.post("/api/v1/shifts", body), "a shift more"):
            self._expect_shift(crew, start)

    def _lengthen(self) -> None:
        each = self._later()
        end = utc(each["end"]) + HOUR
        body = {"crew": each["crew"], "start": each["start"], "new_end": end.isoformat(), "note": "longer"}
        if self._expect(self.head.post("/api/v1/shifts/change", body), "a longer shift"):
            self._expect_shift(each["crew"], utc(each["start"]), end)

    def _call_in(self) -> None:
        each = self._later()
        path = f"/api/v1/crews/{quote(each['crew'], safe='')}/call-in"
        at = max(self.server.now + HOUR / 2, utc(each["start"]) - 2 * HOUR)
        body = {"at": at.isoformat(), "note": "storm", "anyway": True}
        if self._expect(self.head.post(path, body), "a crew called in"):
            self._expect_shift(each["crew"], at)

    def _send_file(self) -> None:
        """The roster as it is, with the first rule's reason changed, sent back as a file."""
        text = self.head.get("/api/v1/standing/roster.csv").text
        lines = text.splitlines()
        rule = re.sub(r"07:00", "07:15", lines[1], count=1)
        rule = rule if rule != lines[1] else re.sub(r"15:00", "15:15", lines[1], count=1)
        sent = "\n".join([lines[0], rule, *lines[2:]]) + "\n"
        answer = self.head.ask(
            "POST", "/api/v1/standing/roster?at_once=true", sent.encode(), Content_Type="text/csv"
        )
        self._expect(answer, "a roster as a file")

    def _state_facts(self) -> None:
        crew = self._later()["crew"]
        path = f"/api/v1/crews/{quote(crew, safe='')}/facts"
        self._expect(self.head.post(path, {"people": 3, "note": "a trainee comes along"}), "facts of a crew")

    def _cancel(self) -> None:
        each = self._later()
        body = {"crew": each["crew"], "start": each["start"], "note": "ill"}
        self._expect(self.head.post("/api/v1/shifts/cancel", body), "a shift less")

    def _expect_shift(self, crew: str, start: datetime, end: datetime | None = None) -> None:
        """What was answered with yes is in the roster."""
        near = timedelta(minutes=1)
        found = [
            each
            for each in self._shifts()
            if each["crew"] == crew
            and abs(utc(each["start"]) - start) < near
            and (end is None or abs(utc(each["end"]) - end) < near)
        ]
        if not found:
            self.refused.append(f"{crew} has no shift from {start} in the roster that was changed")

    # -- the policy ---------------------------------------------------------------

    def _upgrade(self) -> None:
        """The planner brings a version with another duration; the supervisor puts it in force."""
        listed = self.planner.look_at("/rulebook/versions")
        newest = max(map(int, re.findall(r"/rulebook/versions/(\d+)", listed)), default=1)
        text = self.planner.get(f"/rulebook/versions/{newest}/policy.yaml").text
        changed = re.sub(r"duration_min: (\d+)", lambda at: f"duration_min: {int(at[1]) + 5}", text, count=1)
        if changed == text:
            self.refused.append("the policy names no duration to change")
        sent = self.planner.file_form(
            "/rulebook/versions",
            "/rulebook/versions",
            {"policy": ("mine.yaml", changed)},
            note="longer visits",
        )
        if not self._expect(sent, "a version of the policy"):
            return
        version = re.search(r"/rulebook/versions/(\d+)", sent.path)
        assert version is not None, sent.path
        page = f"/rulebook/versions/{version[1]}"
        base = re.search(r'name="base" value="(\d+)"', self.head.get(page).text)
        told = {"base": base[1]} if base else {}
        self._expect(self.head.form(page, f"{page}/activate", note="agreed", **told), "activating a policy")
