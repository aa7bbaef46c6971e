"""What is to be done next about a request, so that none is ever out of sight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..ground.day import DayPlan
from ..planning.drafting import OFFICE_KINDS
from ..store import ENDED
from ..store.request_list import Pressing, order_rows
from ..triage.orders import LOSS_OF_SUPPLY, ClassifiedRequest
from .desk import Desk
from .entries import request_of

WORKING = frozenset({"on_the_way", "on_site", "safe"})
# Of very many open requests the newest are looked at: the others have waited for long already.
MOST_LOOKED_AT = 2000
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What is to be done, and by whom.

    Parameters
    ----------
    code : for a person: kind, danger_place, place, far, answer, publish, no_crew, orphan, callback; what
        others do: plan, drive, working, follows; what is over: closed, answered, withdrawn.
    values : what the sentence names: order, request, crew, at, state, by.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


class NextSteps:
    """Answers for some requests at one moment.

    Parameters
    ----------
    rows : of the requests that are asked about.
    """

    def __init__(self, desk: Desk, rows: Iterable[Row]) -> None:
        self._desk = desk
        self._orders = order_rows(desk.store, {row["order_id"] for row in rows if row["order_id"]})
        self._plans: list[tuple[str, DayPlan]] | None = None

    def order_of(self, row: Row) -> Row | None:
        """The work order that a request belongs to."""
        return self._orders.get(row["order_id"])

    def of(self, row: Row) -> NextStep:
        """What is to be done next about a request."""
        order = self.order_of(row)
        if not row["open"]:
            return _ended(row, order)
        if row["same_as"]:
            return NextStep(code="follows", values={"request": row["same_as"]})
        if not row["linked"] and is_undecided(self._desk.calls.classified(row)):
            return NextStep(code="kind")
        if order is None:
            return self._unordered(row)
        if row["desk"]:
            return NextStep(code="answer", values={"by": self._answer_due(order["id"])})
        return self._ordered(order)

    def _unordered(self, row: Row) -> NextStep:
        call = self._desk.calls.classified(row)
        if call.kind in OFFICE_KINDS:
            return NextStep(code="answer")
        if is_lost(call):
            if self._desk.calls.is_danger(row):
                return NextStep(code="danger_place")
            return NextStep(code="far" if is_far(self._desk, row) else "place")
        return NextStep(code="plan")

    def _ordered(self, order: Row) -> NextStep:
        state, crew = order["state"], order["crew"]
        if state in ENDED:
            return NextStep(code="closed", values={"at": order["since"]})
        if state == "restored":
            return NextStep(code="callback", values={"at": order["since"]})
        if state in WORKING:
            return NextStep(code="working", values={"crew": crew, "state": state})
        for name, day in self._days():
            if order["id"] not in day.order_by_id:
                continue
            found = _first_visit(day, order["id"])
            if found is not None:
                code = "drive" if name == "published" else "publish"
                return NextStep(code=code, values={"crew": found[0], "at": found[1]})
        known = any(order["id"] in day.order_by_id for _, day in self._days())
        return NextStep(code="no_crew" if known else "orphan", values={"order": order["id"]})

    def _answer_due(self, order: str) -> datetime | None:
        for _, day in self._days():
            if order in day.order_by_id:
                promises = day.order_by_id[order].promises
                return next((each.due for each in promises if each.what == "answer"), None)
        return None

    def _days(self) -> list[tuple[str, DayPlan]]:
        """The plan in force, then the proposal that waits."""
        if self._plans is None:
            found = [("published", self._desk.day())] if self._desk.plan_number("published") else []
            proposed = self._desk.shelf.proposal()
            self._plans = [*found, *([("proposed", proposed)] if proposed is not None else [])]
        return self._plans


def is_undecided(call: ClassifiedRequest) -> bool:
    """Whether it is left to a person to say what a request is about."""
    return call.unclassified


def likeliest(call: ClassifiedRequest) -> tuple[str, ...]:
    """The two kinds that an undecided request is most likely of, the likeliest first."""
    return tuple(dict.fromkeys((call.heard.kind, call.heard.second)))


def is_lost(call: ClassifiedRequest) -> bool:
    """Whether nobody can tell where a crew should drive to, or whose supply is gone."""
    if call.kind == LOSS_OF_SUPPLY:
        return call.customer is None and call.transformer is None
    return call.place is None


def is_far(desk: Desk, row: Row) -> bool:
    """Whether a request has a place that lies outside."""
    return desk.calls.locator.is_far(request_of(row))


def pressing(desk: Desk) -> Pressing:
    """The open requests that a person must look at: danger without a place, then what is in doubt."""
    dangers: list[str] = []
    undecided: list[str] = []
    doubtful: list[str] = []
    speaking = [row for row in desk.rows("requests") if row["open"] and not row["same_as"]]
    speaking.sort(key=lambda row: (row["received_at"], row["id"]), reverse=True)
    for row, (call, danger) in desk.calls.weighed(speaking[:MOST_LOOKED_AT]):
        is_new = row["order_id"] is None
        if is_new and danger and is_lost(call):
            dangers.append(row["id"])
        elif is_undecided(call) and not row["linked"]:
            (undecided if is_new else doubtful).append(row["id"])
    return Pressing(dangers=tuple(dangers), undecided=tuple(undecided), doubtful=tuple(doubtful))


def _ended(row: Row, order: Row | None) -> NextStep:
    if row["withdrawn"]:
        return NextStep(code="withdrawn")
    if order is None:
        return NextStep(code="answered")
    return NextStep(code="closed", values={"at": order["since"]})


def _first_visit(day: DayPlan, order: str) -> tuple[str, datetime] | None:
    """The crew that is there first, and when."""
    visits = [
        (visit.start_s, route.crew)
        for route in day.plan.routes
        for visit in route.visits
        if order in (day.cards[visit.job].order, *day.cards[visit.job].also)
        and not day.cards[visit.job].remote
    ]
    if not visits:
        return None
    start_s, crew = min(visits)
    return crew, day.origin + timedelta(seconds=start_s)
