"""Periodic inspections of important customers, and the hidden dangers (隐患) that are found there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from ...ground.case import OWN_CHANNEL
from ...service.figures import figures
from ...service.matters import IMPORTANT, Changed, Impossible
from ...store.matters import matters_under_way
from ...store.persons import managers_of
from ...store.service_figures import last_ended
from ...triage.orders import answer_due
from ..book import Book, Who
from ..calls import Calls
from ..entries import Entry
from ..grading import Grading
from ..refusals import Refused
from .matters import Matters

SUMMER, WINTER = (6, 7, 8), (12, 1, 2)
DUTIES = ("own", "customer")
LEVELS = (1, 2, 3)
OPEN, REMEDIED, CLOSED, DONE = "open", "remedied", "closed", "done"
USUAL_DAYS = 30.0
MOST_FINDINGS = 20
KIND = "inspection"
SUPERVISOR = "supervisor"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A visit that the rules want; `due` is now for a customer whom nobody has visited yet."""

    customer: str
    grade: str
    every_days: float
    last: datetime | None
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A hidden danger: what, how grave (3 the gravest), and whose duty it is to remedy it."""

    words: str
    level: int
    duty: str


class Dangers(Matters):
    """Hidden dangers, from the finding to the re-inspection."""

    kind, prefix = "danger", "H-"
    states: ClassVar[tuple[str, ...]] = (OPEN, REMEDIED, CLOSED)

    def remedy(self, id_: str, note: str, who: Who, *, seen: int) -> int:
        """Whoever has the duty says that it is remedied; a re-inspection says whether that is so."""
        if not note.strip():
            raise Refused("note_missing")

        def make(row: Row, _: Any) -> Changed:
            if row["state"] != OPEN:
                raise Impossible("danger_remedied")
            return Changed(to={"state": REMEDIED}, put={"remedied_at": self._book.clock().isoformat()})

        return self.act(id_, "remedy", who, make, seen=seen, note=note)

    def recheck(self, id_: str, sound: bool, note: str, who: Who, *, seen: int) -> int:
        """Re-inspection: closed, or open again with a new deadline."""

        def make(row: Row, _: Any) -> Changed:
            if row["state"] != REMEDIED:
                raise Impossible("danger_open")
            if sound:
                return Changed(to={"state": CLOSED, "ended_at": self._book.clock().isoformat()})
            if not note.strip():
                raise Impossible("note_missing")
            again = int(row["data"].get("again", 0)) + 1
            return Changed(
                to={"state": OPEN, "due_at": self._due(row["level"]).isoformat()}, put={"again": again}
            )

        return self.act(id_, "sound" if sound else "unsound", who, make, seen=seen, note=note)

    def found(self, connection: Any, finding: Finding, customer: str, visit: str, who: Who) -> str:
        """Write a finding down, inside the transaction of its inspection."""
        return self._begin(
            connection,
            who,
            None,
            state=OPEN,
            level=finding.level,
            customer=customer,
            words=finding.words.strip(),
            due_at=self._due(finding.level).isoformat(),
            data={"duty": finding.duty, "visit": visit},
        )

    def of_visit(self, connection: Any, visit: str) -> list[str]:
        """Those that a visit found and that have not been closed."""
        found = matters_under_way(connection, self.kind)
        return [row["id"] for row in found if row["data"].get("visit") == visit]

    def _due(self, level: int) -> datetime:
        days = float(self.figures(matter_level=level).get("limit_workdays") or USUAL_DAYS)
        return answer_due(self._grading.case_under(), self._book.clock(), days)


class Inspections(Matters):
    """Visits to important customers, due by rule."""

    kind, prefix = KIND, "V-"

    def __init__(self, book: Book, grading: Grading, calls: Calls, dangers: Dangers) -> None:
        super().__init__(book, grading)
        self._calls, self._dangers = calls, dangers

    def due(self) -> list[Due]:
        """Visits of all important customers, the one due first on top."""
        now, zone = self._book.clock(), self._book.case.settings.zone
        season = _season(now.astimezone(zone).month)
        policy, last = self._grading.case_under().policy, last_ended(self._book.store, self.kind)
        every = {
            grade: figures(policy, self.kind, grade=grade, season=season).get("every_days")
            for grade in IMPORTANT
        }
        index, grades = self._book.case.customers.table.index, self._grading.grades.grade
        found = []
        for customer, grade in zip(index, grades, strict=True):
            days = every.get(str(grade))
            if days is None:
                continue
            seen = last.get(str(customer))
            due = now if seen is None else seen + timedelta(days=float(days))
            told = {"customer": str(customer), "grade": str(grade), "every_days": float(days)}
            found.append(Due(**told, last=seen, due=due))  # type: ignore[arg-type]
        return sorted(found, key=lambda each: (each.due, IMPORTANT.index(each.grade), each.customer))

    def visited(
        self, customer: str, findings: Sequence[Finding], note: str, who: Who, key: str | None = None
    ) -> tuple[str, list[str]]:
        """Write a visit down with what it found; returns its number and those of the dangers.

        Raises
        ------
        Refused
            The customer is unknown, or a finding says nothing or names no level or duty.
        """
        if customer not in self._book.case.customers:
            raise Refused("unknown_customer", customer=customer)
        for each in findings:
            if not each.words.strip() or each.level not in LEVELS or each.duty not in DUTIES:
                raise Refused("danger_missing")
        now = self._book.clock().isoformat()
        with self._book.lock, self._book.store.writing() as connection:
            if (known := self._begun(connection, key)) is not None:
                return known, self._dangers.of_visit(connection, known)
            about = {"state": DONE, "customer": customer, "words": note.strip(), "ended_at": now}
            if not who.answers:
                about["owner"] = self._answers_for(customer)
            id_ = self._begin(connection, who, key, data={"findings": len(findings)}, **about)
            dangers = [self._dangers.found(connection, each, customer, id_, who) for each in findings]
        return id_, dangers

    def _answers_for(self, customer: str) -> str:
        """Who answers for a visit that a crew has made: the customer's manager, else the supervisor."""
        found = managers_of(self._book.store, [customer]).get(customer)
        return SUPERVISOR if found is None else str(found["person"])

    def send_crew(self, customer: str, who: Who) -> str:
        """Have a crew visit: optional work of the plan, which a storm pushes back; returns the request."""
        if customer not in self._book.case.customers:
            raise Refused("unknown_customer", customer=customer)
        now = self._book.clock()
        entry = Entry(
            words=f"{KIND} {customer}", received_at=now, channel=OWN_CHANNEL, customer=customer, kind=KIND
        )
        return self._calls.log(entry, who, key=f"visit/{customer}/{now:%Y-%m-%d}").id


def _season(month: int) -> str:
    return "summer" if month in SUMMER else "winter" if month in WINTER else "usual"
