"""New connections and changes of supply (业扩报装): each a process with an owner, limits and an end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules.language.choices import PROCESS_STEPS

from ...service.connections import (
    KINDS,
    OPEN,
    WITHDRAWN,
    StepRule,
    begun,
    finished,
    resumed,
    waits,
)
from ...service.matters import Changed
from ...store import record
from ...store.matters import matters_under_way
from ...store.request_list import one_order, one_request
from ...triage.orders import answer_due
from ..book import Book, Who
from ..refusals import Refused
from .matters import Matters

Row = Mapping[str, Any]
NOT_BEGUN = frozenset({"received", "accepted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a customer wants to have connected or changed.

    Parameters
    ----------
    kind : new, capacity, temporary or meter.
    voltage_kv, sources : of the supply that is wanted; below 1 kV there are fewer steps.
    """

    kind: str
    words: str = ""
    request: str | None = None
    customer: str | None = None
    voltage_kv: float | None = None
    sources: int | None = None
    industry: str | None = None
    kw: float | None = None


class Connections(Matters):
    """Connections under way."""

    kind, prefix = "connection", "B-"

    def begin(self, wanted: Wanted, who: Who, key: str | None = None) -> str:
        """Begin the process of a connection.

        Raises
        ------
        Refused
            The request or customer is unknown, the kind is, or the same request has one already.
        """
        if wanted.kind not in KINDS:
            raise Refused("connection_kind", kind=wanted.kind)
        if wanted.customer is not None and wanted.customer not in self._book.case.customers:
            raise Refused("unknown_customer", customer=wanted.customer)
        with self._book.lock, self._book.store.writing() as connection:
            if (known := self._begun(connection, key)) is not None:
                return known
            asked = self._asked(connection, wanted.request)
            self._expect_new(connection, wanted.request)
            about = {"voltage_kv": wanted.voltage_kv, "sources": wanted.sources, "industry": wanted.industry}
            changed = begun(self.rules_for(about), self._book.clock(), self.due)
            return self._begin(
                connection,
                who,
                key,
                state=OPEN,
                request=wanted.request,
                customer=wanted.customer or (asked["customer"] if asked else None),
                words=wanted.words or (asked["words"] if asked else ""),
                data={"kind": wanted.kind, "kw": wanted.kw, **about, **changed.put},
                **changed.to,
            )

    def finish(self, id_: str, step: str, note: str, who: Who, *, seen: int) -> int:
        """Finish a step; one whose prerequisite is open is refused."""
        now = self._book.clock()

        def make(row: Row, _: Any) -> Changed:
            return finished(row, step, self.rules_for(row["data"]), who.name, now, self.due)

        version = self.act(id_, "finish", who, make, seen=seen, step=step, note=note)
        self._end_request(id_, who)
        return version

    def wait(self, id_: str, why: str, who: Who, *, seen: int) -> int:
        """It is the customer's turn; its time does not count."""
        calendar, now = self._grading.case_under().policy.calendar, self._now()
        return self.act(
            id_, "wait", who, lambda row, _: waits(row, why, now, calendar), seen=seen, reason=why
        )

    def resume(self, id_: str, note: str, who: Who, *, seen: int) -> int:
        """The customer has done its part."""
        now = self._now()
        return self.act(id_, "resume", who, lambda row, _: resumed(row, now, self.due), seen=seen, note=note)

    def withdraw(self, id_: str, reason: str, who: Who, *, seen: int) -> int:
        """The customer does not want it any more."""
        if not reason.strip():
            raise Refused("reason_missing")
        to = {"state": WITHDRAWN, "ended_at": self._book.clock().isoformat(), "due_at": None}
        version = self.act(id_, "withdraw", who, lambda *_: Changed(to=to), seen=seen, reason=reason)
        self._end_request(id_, who)
        return version

    def rules_for(self, about: Mapping[str, Any]) -> dict[str, StepRule]:
        """What the policy in force says of each step of a supply (voltage_kv, sources, industry)."""
        facts = {name: about.get(name) for name in ("voltage_kv", "sources", "industry")}
        told = {step: self.figures(step=step, **facts) for step in PROCESS_STEPS}
        return {
            step: StepRule(limit=float(each.get("limit_workdays") or 0), needs=tuple(each.get("needs") or ()))
            for step, each in told.items()
        }

    def due(self, since: datetime, days: float) -> datetime:
        """The end of so many working days."""
        return answer_due(self._grading.case_under(), since, days)

    # -- inside ----------------------------------------------------------------

    def _end_request(self, id_: str, who: Who) -> None:
        """With its connection a request ends, and its order where no crew has begun."""
        with self._book.lock, self._book.store.writing() as connection:
            row = self._row(connection, id_)
            if row["ended_at"] is not None and row["request"]:
                end_request(self._book, connection, row["request"], who)

    def _asked(self, connection: Any, request: str | None) -> Row | None:
        if request is None:
            return None
        row = one_request(connection, request)
        if row is None:
            raise Refused("unknown_request", request=request)
        return row

    def _expect_new(self, connection: Any, request: str | None) -> None:
        for row in matters_under_way(connection, self.kind):
            if request is not None and row["request"] == request:
                raise Refused("talk_known", subject=request, other=row["id"])

    def _now(self) -> datetime:
        return self._book.clock().astimezone(self._book.case.settings.zone)


def end_request(book: Book, connection: Any, request: str, who: Who) -> None:
    """End a request that nothing is owed for any more, and its order where no crew has begun."""
    asked = one_request(connection, request)
    if asked is None or not asked["open"]:
        return
    data = {"what": "answered", "to": {"open": 0}, "was": {"open": 1}}
    record(connection, book.event(who, "request_changed", request, data))
    order = one_order(connection, asked["order_id"]) if asked["order_id"] else None
    if order is not None and order["state"] in NOT_BEGUN:
        record(connection, book.event(who, "order_moved", order["id"], {"to": "closed"}))
