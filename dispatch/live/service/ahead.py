"""The plan of today and of the days after it, as far as customers have been promised a time in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from ...ground.case import Request
from ...ground.day import DayPlan, OpenDay
from ...ground.problem import Problem
from ...planning.main_road import open_day
from ...planning.running import Running
from ...service.slots import Fitter
from ..archive import Archive
from ..book import Book
from ..changes import Change
from ..handmade import Edit, HandMade
from ..openings import Openings
from ..proposals import carried_over, routes_of

Row = Mapping[str, Any]
MORNING = time(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A day that one more job is tried in."""

    day: OpenDay
    fitter: Fitter


class Ahead:
    """Opens the days that appointments are made for."""

    def __init__(self, book: Book, openings: Openings, archive: Archive, hands: HandMade) -> None:
        self._book, self._openings, self._archive, self._hands = book, openings, archive, hands

    def today(self, request: str, promised: Sequence[Row]) -> Tried | None:
        """The plan in force with what was promised since, and a request beside it.

        None where no plan is in force, or nobody need drive anywhere.
        """
        if self._book.plan_number("published") is None:
            return None
        plan = self._archive.day()
        wanted = dict.fromkeys([*(row["request"] for row in promised), request])
        new = [each for each in wanted if f"W-{each}" not in plan.order_by_id]
        edits = [Edit(subject=each, what="request", data={}) for each in new]
        day = self._hands.changed_day(plan, edits) if edits else plan
        routes = carried_over(routes_of(plan.plan), day.plain.job_by_id, day.plain.crew_by_id)
        return self._tried(day, routes, request, [each for each in new if each != request], self._begun(plan))

    def later(self, when: date, request: str, promised: Sequence[Row]) -> Tried | None:
        """A day to come: the crews of its roster, and what has been promised for it."""
        day = self._opened(when)
        wanted = dict.fromkeys([*(row["request"] for row in promised), request])
        changes = [Change(subject=each, what="request") for each in wanted]
        full = self._openings.changed(day, changes, Running())
        return self._tried(full, {}, request, [each for each in wanted if each != request], {})

    def with_work(self, when: date, requests: Sequence[Request]) -> OpenDay:
        """A day to come with some work and nothing else."""
        return open_day(replace(self._opened(when).case, requests=tuple(requests)))

    # -- inside ----------------------------------------------------------------

    def _tried(
        self,
        day: OpenDay,
        routes: Mapping[str, Sequence[str]],
        request: str,
        others: Sequence[str],
        begun: Mapping[str, int],
    ) -> Tried | None:
        job = job_of(request)
        if job not in day.plain.job_by_id:
            return None
        absent = {row["id"] for row in self._book.rows("crews") if row["state"] == "absent"}
        # It may stand in the plan in force already: then another time is looked for.
        routes = {crew: [each for each in jobs if each != job] for crew, jobs in routes.items()}
        for other in others:
            known = day.plain.job_by_id.get(job_of(other))
            if known is None or not known.windows:
                continue
            fitter = Fitter(_without(day, job), routes, known.id, not_before=begun, absent=absent)
            fit = fitter.best(known.windows[0])
            routes = fitter.routes_with(fit) if fit else routes
        fitter = Fitter(day.plain, routes, job, not_before=begun, absent=absent)
        return Tried(day=day, fitter=fitter)

    def _begun(self, plan: DayPlan) -> dict[str, int]:
        """The first position of each route that nobody has begun, by a crew's word or by the clock."""
        now_s = round((self._book.clock() - plan.origin).total_seconds())
        begun = {row["id"] for row in self._book.rows("jobs")}
        found = {}
        for route in plan.plan.routes:
            done = [
                at for at, visit in enumerate(route.visits) if visit.job in begun or visit.start_s <= now_s
            ]
            found[route.crew] = max(done) + 1 if done else 0
        return found

    def _opened(self, when: date) -> OpenDay:
        """A day to come before anything was promised for it, kept while roster and policy stay."""

        def opened() -> OpenDay:
            at = datetime.combine(when, MORNING, self._book.case.settings.zone)
            # What meters say now says nothing of a morning to come.
            return open_day(replace(self._openings.case_at(at, only=()), signs=()))

        return self._book.kept(f"ahead {when.isoformat()}", ("standing", "policies"), opened)


def job_of(request: str) -> str:
    """The job that a request becomes."""
    return f"W-{request}/service"


def _without(day: OpenDay, job: str) -> Problem:
    return replace(day.plain, jobs=tuple(each for each in day.plain.jobs if each.id != job))
