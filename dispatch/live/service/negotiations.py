"""Talks with important customers about planned outages: who is asked, by when, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from ...outages.planned import PlannedOutage, checked_places, feeders_touched, loses
from ...service.matters import IMPORTANT, Changed
from ...service.negotiations import (
    ANNOUNCED,
    ASKING,
    CANCELLED,
    DONE,
    MOST_TIMES,
    Time,
    answered,
    begun,
    expect_settled,
    notice_of,
    proposed,
    reached,
    settled,
)
from ...store.matters import matters_under_way, open_matters
from ...triage.orders import answer_due, customer_rows
from ..book import Who
from ..refusals import Refused
from .matters import Matters

USUAL_DAYS = 2.0
Row = Mapping[str, Any]


class Negotiations(Matters):
    """Planned outages that important customers are asked about before they are announced."""

    kind, prefix = "outage_notice", "N-"

    def begin(self, plan: PlannedOutage, times: Sequence[Time], who: Who, key: str | None = None) -> str:
        """Ask the important customers behind a planned outage about one or several times.

        Raises
        ------
        Refused
            A time has passed or ends before it begins, or the same plan is talked about already.
        InputFaults
            A device, section or line is unknown.
        """
        self._expect_times(times)
        grid = self._book.case.grid
        places = checked_places(grid, plan)
        transformers = loses(grid, places, plan.close_devices)
        if not transformers:
            raise Refused("talk_nobody", subject=plan.id)
        with self._book.lock, self._book.store.writing() as connection:
            if (known := self._begun(connection, key)) is not None:
                return known
            self._expect_new(connection, plan.id)
            data = self._data(plan, times, transformers, places)
            return self._begin(
                connection,
                who,
                key,
                state=ASKING,
                words=plan.reason or plan.id,
                due_at=self._due(list(data["customers"])).isoformat(),
                data=data,
            )

    def answer(self, id_: str, customer: str, told: Mapping[str, Any], who: Who, *, seen: int) -> int:
        """Write down what a customer says to the times."""
        now = self._book.clock()
        said = {name: told.get(name) for name in ("answer", "option", "note")}
        return self.act(
            id_,
            "answer",
            who,
            lambda row, _: answered(row, customer, told, who.name, now),
            seen=seen,
            customer=customer,
            **said,
        )

    def told(self, id_: str, customer: str, way: str, who: Who, *, seen: int) -> int:
        """Write down that somebody reached a customer by telephone, on the spot or with a letter."""
        now = self._book.clock()
        return self.act(
            id_,
            "told",
            who,
            lambda row, _: reached(row, customer, way, who.name, now),
            seen=seen,
            customer=customer,
            answer=way,
        )

    def propose(self, id_: str, times: Sequence[Time], who: Who, *, seen: int) -> int:
        """Offer more times; whoever has not agreed is asked again, with a new deadline."""
        self._expect_times(times)

        def make(row: Row, _: Any) -> Changed:
            return proposed(row, times, self._due(list(row["data"]["customers"])))

        return self.act(id_, "propose", who, make, seen=seen)

    def settle(self, id_: str, option: int, who: Who, *, seen: int, reason: str = "") -> int:
        """Write down that a time is announced; `dispatch.messages.negotiating.settle` announces it."""

        def make(row: Row, _: Any) -> Changed:
            expect_settled(row, option, reason, self._book.clock())
            return settled(row, option, notice_of(row))

        return self.act(id_, "settle", who, make, seen=seen, option=option, reason=reason)

    def cancel(self, id_: str, reason: str, who: Who, *, seen: int) -> int:
        """Give a planned outage up, announced or not."""
        if not reason.strip():
            raise Refused("reason_missing")
        to = {"state": CANCELLED, "ended_at": self._book.clock().isoformat()}
        return self.act(id_, "cancel", who, lambda *_: Changed(to=to), seen=seen, reason=reason)

    def read(self, id_: str, seen: int) -> Row:
        """A talk as it stands, if nobody changed it since version `seen`."""
        with self._book.store.reading() as connection:
            row = self._row(connection, id_)
        if row["version"] != seen:
            raise Refused("matter_changed", subject=id_)
        if row["ended_at"] is not None:
            raise Refused("matter_ended", subject=id_)
        return row

    def look(self) -> None:
        """What was announced and is over has ended."""
        now = self._book.clock()
        for row in open_matters(self._book.store, self.kind):
            if row["state"] != ANNOUNCED:
                continue
            ends = next(each["ends"] for each in row["data"]["times"] if each["n"] == row["data"]["agreed"])
            if datetime.fromisoformat(ends) < now:
                changed = Changed(to={"state": DONE, "ended_at": ends})
                self.noted(row["id"], "done", changed, key=f"done/{row['id']}")

    # -- inside ----------------------------------------------------------------

    def _expect_times(self, times: Sequence[Time]) -> None:
        now = self._book.clock()
        if not times or len(times) > MOST_TIMES:
            raise Refused("talk_times", n=MOST_TIMES)
        if any(begins <= now or ends <= begins for begins, ends in times):
            raise Refused("talk_time_wrong")

    def _data(
        self,
        plan: PlannedOutage,
        times: Sequence[Time],
        transformers: Sequence[str],
        places: Sequence[str],
    ) -> dict[str, Any]:
        return begun(
            self._important(transformers),
            times,
            plan=plan.id,
            reason=plan.reason,
            opened=list(plan.open_places),
            closed=list(plan.close_devices),
            transformers=list(transformers),
            feeders=sorted(feeders_touched(self._book.case.grid, places)),
        )

    def _expect_new(self, connection: Any, plan: str) -> None:
        for row in matters_under_way(connection, self.kind):
            if row["data"]["plan"] == plan:
                raise Refused("talk_known", subject=plan, other=row["id"])

    def _important(self, transformers: Sequence[str]) -> list[str]:
        case, grade = self._book.case, self._grading.grades.grade
        rows = customer_rows(case, transformers)
        return [str(case.customers.table.index[at]) for at in rows[np.isin(grade[rows], IMPORTANT)]]

    def _due(self, customers: Sequence[str]) -> datetime:
        """The latest of their deadlines: whoever has longest counts."""
        limits = [self.figures(grade=grade) for grade in {self.grade_of(each) for each in customers}]
        days = max((float(each.get("limit_workdays") or USUAL_DAYS) for each in limits), default=USUAL_DAYS)
        return answer_due(self._grading.case_under(), self._book.clock(), days)
