"""The complaint desk: complaints begin by themselves, have an owner and a due time, end as customers say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ...service.complaints import (
    ACTS,
    HIGHEST,
    Act,
    Limits,
    acted,
    level_after,
    opened,
)
from ...service.matters import Impossible
from ...store import ENDED, Event, record
from ...store.matters import known_matters, one_matter
from ...store.request_list import key_is_known, one_order, one_request
from ...triage.orders import answer_due
from ..book import Book, Who
from ..calls import Calls
from ..grading import Grading
from ..refusals import Refused
from .matters import CLOCK
from .owners import Owners

COMPLAINT = "complaint"
PREFIX = "K-"
URGE_ANSWER = timedelta(hours=4)
Row = Mapping[str, Any]


class Complaints:
    """What becomes of complaints."""

    def __init__(self, book: Book, grading: Grading, calls: Calls, owners: Owners) -> None:
        self._book, self._grading, self._calls, self._owners = book, grading, calls, owners

    def take_in(self) -> int:
        """Open a complaint for every open request that is one and has none; returns how many are new."""
        waiting = self._book.kept("complaints", ("requests", "policies"), self._heard)
        if not waiting:
            return 0
        known = known_matters(self._book.store, [row["id"] for row in waiting])
        new = [row for row in waiting if row["id"] not in known]
        for row in new:
            self._open(row)
        return len(new)

    def act(self, id_: str, act: Act, who: Who, *, seen: int, key: str | None = None, **told: Any) -> int:
        """Take a complaint one act further; returns its new version. The same key twice is once.

        Raises
        ------
        Refused
            There is no such complaint or order, somebody changed it since version `seen`, or the act cannot
            follow.
        """
        told = {name: value for name, value in told.items() if value not in (None, "")}
        with self._book.lock, self._book.store.writing() as connection:
            row = self._row(connection, id_, seen, key)
            if key_is_known(connection, key):
                return int(row["version"])
            if act == "link" and one_order(connection, told.get("order", "")) is None:
                raise Refused("unknown_order", order=told.get("order", ""))
            limits = self.limits(level_after(row, act, told), row["customer"], self._book.clock())
            try:
                changed = acted(row, act, told, self._book.clock(), limits)
            except Impossible as error:
                raise Refused(error.code, complaint=id_, **error.values) from error
            data = {"act": act, "to": dict(changed.to), "put": dict(changed.put), **told}
            if row["owner"] is None and who.answers:
                data["to"]["owner"] = who.name
            happened = [self._book.event(who, "matter_changed", id_, data, key)]
            if changed.to.get("ended_at"):
                happened += self._ended(connection, row, who)
            for event in happened:
                record(connection, event)
        return int(row["version"]) + 1

    def hand_over(
        self, id_: str, to: str, who: Who, *, seen: int, reason: str = "", key: str | None = None
    ) -> int:
        """Give a complaint to somebody else, with a reason; returns its new version. The same key is once."""
        self._owners.expect_person(to)
        with self._book.lock, self._book.store.writing() as connection:
            row = self._row(connection, id_, seen, key)
            if key_is_known(connection, key):
                return int(row["version"])
            if row["owner"] is not None and not reason.strip():
                raise Refused("reason_missing")
            data = {"act": "hand_over", "to": {"owner": to}, "was": row["owner"], "reason": reason.strip()}
            record(connection, self._book.event(who, "matter_changed", id_, data, key))
        return int(row["version"]) + 1

    def grade(self, id_: str, level: int, who: Who, *, seen: int, reason: str, key: str | None = None) -> int:
        """Set a complaint's level by hand, with a reason; its due times follow the rules of that level.

        Returns its new version; the same key twice is once.
        """
        if not 1 <= level <= HIGHEST:
            raise Refused("complaint_missing", complaint=id_, name="level")
        if not reason.strip():
            raise Refused("reason_missing")
        with self._book.lock, self._book.store.writing() as connection:
            row = self._row(connection, id_, seen, key)
            if key_is_known(connection, key):
                return int(row["version"])
            limits = self.limits(level, row["customer"], row["opened_at"])
            to = {"level": level, "due_at": limits.answer_due and limits.answer_due.isoformat()}
            data = {"act": "level", "to": to, "was": row["level"], "reason": reason.strip()}
            record(connection, self._book.event(who, "matter_changed", id_, data, key))
        return int(row["version"]) + 1

    # -- inside ----------------------------------------------------------------

    def _heard(self) -> list[Row]:
        asked = [row for row in self._book.rows("requests") if row["open"] and not row["same_as"]]
        return [row for row, (call, _) in self._calls.weighed(asked) if call.kind == COMPLAINT]

    def _open(self, row: Row) -> None:
        call = self._calls.classified(row)
        level = int(call.decision.outcome.get("complaint_level") or 1)
        limits = self.limits(level, call.customer, row["received_at"])
        about = {"request": row["id"], "customer": call.customer, "owner": row["owner"]}
        data = opened(row["words"], limits, opened_at=row["received_at"].isoformat(), **about)
        id_ = f"{PREFIX}{row['id']}"
        self._book.note("matter_opened", id_, data, CLOCK, key=f"matter/{id_}")

    def limits(self, level: int, customer: str | None, since: datetime) -> Limits:
        """What the policy in force says of a complaint of a level."""
        case = self._grading.case_under()
        facts = {"kind": COMPLAINT, "complaint_level": level, "grade": self._grading.grade_of(customer)}
        outcome = case.policy.decide("order", facts).outcome
        days, minutes = outcome.get("promise_answer_workdays"), outcome.get("promise_contact_min")
        rise, urge = outcome.get("escalate_after_min"), outcome.get("urge_answer_min")
        return Limits(
            level=level,
            answer_due=None if days is None else answer_due(case, since, float(days)),
            contact_due=None if minutes is None else since + timedelta(minutes=float(minutes)),
            urge_answer=URGE_ANSWER if urge is None else timedelta(minutes=float(urge)),
            rise_after=None if rise is None else timedelta(minutes=float(rise)),
        )

    def _row(self, connection: Any, id_: str, seen: int, key: str | None) -> Row:
        row = one_matter(connection, id_)
        if row is None or row["kind"] != COMPLAINT:
            raise Refused("unknown_complaint", complaint=id_)
        if row["version"] != seen and not key_is_known(connection, key):
            raise Refused("complaint_changed", complaint=id_)
        return row

    def _ended(self, connection: Any, row: Row, who: Who) -> list[Event]:
        """With its complaint a request ends, and its order in the office."""
        request = one_request(connection, row["request"]) if row["request"] else None
        if request is None or not request["open"]:
            return []
        data = {"what": "answered", "to": {"open": 0}, "was": {"open": 1}}
        happened = [self._book.event(who, "request_changed", request["id"], data)]
        order = one_order(connection, request["order_id"]) if request["order_id"] else None
        if order is not None and request["desk"] and order["state"] not in ENDED:
            happened.append(self._book.event(who, "order_moved", order["id"], {"to": "closed"}))
        return happened


__all__ = ["ACTS", "Complaints"]
