"""Work that may wait for another day: visits asked for, inspections due by rule, steps of connections."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ...ground.case import OWN_CHANNEL, Request
from ...service.loading import local_day
from ...store.matters import open_matters
from ...triage.orders import LOSS_OF_SUPPLY, ClassifiedRequest, order_services
from ..archive import Archive
from ..book import Book
from ..calls import Calls
from ..entries import request_of
from ..grading import Grading
from .ahead import MORNING, job_of
from .inspections import KIND as INSPECTION
from .inspections import Inspections

# Nobody is without supply or in danger by them.
MAY_WAIT = frozenset({"metering", "new_connection", INSPECTION})
# Steps of a connection for which somebody goes there: survey, inspections, meter.
VISITS = frozenset({"offer", "mid_inspection", "final_inspection", "commissioning"})
CONNECTION = "connection"
BOUND = frozenset({"accept", "dispatch"})
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A visit that may wait.

    Parameters
    ----------
    subject : the request; `I-CUSTOMER` for an inspection by rule, `B-0001.offer` for a connection's step.
    request : as the planning road takes it.
    agreed : the day that was agreed on with the customer.
    """

    subject: str
    kind: str
    request: Request
    due: date | None
    agreed: date | None = None

    @property
    def job(self) -> str:
        """Its job."""
        return job_of(self.request.id)


class WaitingWork:
    """Collects what may wait."""

    def __init__(
        self, book: Book, grading: Grading, calls: Calls, archive: Archive, inspections: Inspections
    ) -> None:
        self._book, self._grading, self._calls, self._archive = book, grading, calls, archive
        self._inspections = inspections

    def until(self, last: date, taken: Mapping[str, str]) -> dict[str, Work]:
        """All that may be done up to a day, by subject.

        Parameters
        ----------
        taken : requests that inspections and steps have become already, by subject.
        """
        asked = {each.subject: each for each in self._asked()}
        visited = {row["customer"] for row in self._book.rows("requests") if row["kind"] == INSPECTION}
        ruled = {each.subject: each for each in self._by_rule(last, visited)}
        steps = {each.subject: each for each in self._steps()}
        new = {name: each for name, each in {**ruled, **steps}.items() if name not in taken}
        return {**asked, **new}

    # -- inside ----------------------------------------------------------------

    def _asked(self) -> Iterator[Work]:
        zone = self._book.case.settings.zone
        now = self._book.clock()
        today = now.astimezone(zone).date()
        rows = [row for row in self._book.rows("requests") if row["open"] and not row["same_as"]]
        busy = self._busy()
        for row, (call, _) in self._calls.weighed(rows):
            agreed = local_day(row["appointment_from"], zone)
            if agreed is not None and agreed <= today:
                if (row["appointment_to"] or row["appointment_from"]) > now:
                    continue
                # Nobody came: it waits for another day, whatever is agreed on next.
                agreed = None
            waits = call.kind in MAY_WAIT or (agreed is not None and call.kind != LOSS_OF_SUPPLY)
            if waits and call.place is not None and (agreed is not None or job_of(row["id"]) not in busy):
                due = None if agreed is not None else self._due(call)
                yield Work(subject=row["id"], kind=call.kind, request=request_of(row), due=due, agreed=agreed)

    def _busy(self) -> set[str]:
        """Jobs that a crew has begun, or that the plan in force has begin before tomorrow morning."""
        begun = {row["id"] for row in self._book.rows("jobs")}
        if self._book.plan_number("published") is None:
            return begun
        now, zone = self._book.clock(), self._book.case.settings.zone
        day = self._archive.day()
        morning = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)
        soon = {
            visit.job
            for route in day.plan.routes
            for visit in route.visits
            if now <= day.origin + timedelta(seconds=visit.start_s) < morning
        }
        return begun | soon

    def _due(self, call: ClassifiedRequest) -> date | None:
        case = self._grading.case_under()
        promised = order_services([call], case)[0].promises
        dues = [each.due for each in promised if each.what not in BOUND]
        return local_day(min(dues, default=None), case.settings.zone)

    def _by_rule(self, last: date, visited: Collection[str | None]) -> Iterator[Work]:
        zone, now = self._book.case.settings.zone, self._book.clock()
        for each in self._inspections.due():
            due = each.due.astimezone(zone).date()
            if due > last:
                return
            if each.customer not in visited:
                yield self._work(f"I-{each.customer}", INSPECTION, each.customer, now, due)

    def _steps(self) -> Iterator[Work]:
        zone, now = self._book.case.settings.zone, self._book.clock()
        for row in open_matters(self._book.store, CONNECTION):
            ours = row["data"].get("turn") == "ours" and row["place"] in VISITS
            if ours and row["customer"] in self._book.case.customers:
                due = local_day(row["due_at"], zone)
                yield self._work(f"{row['id']}.{row['place']}", "new_connection", row["customer"], now, due)

    def _work(self, subject: str, kind: str, customer: str, now: datetime, due: date | None) -> Work:
        request = Request(
            id=subject, received_at=now, words=subject, channel=OWN_CHANNEL, customer=customer, kind=kind
        )
        return Work(subject=subject, kind=kind, request=request, due=due)
