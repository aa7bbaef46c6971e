"""Plans and work changed by hand: tried, with what that costs and breaks, then made with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..ground.day import DayPlan, OpenDay
from ..ground.plan import Plan, Route
from ..ground.verdict import Verdict, Violation
from ..judge.check import judge
from ..judge.timing import plan_of, plan_with, score_routes, timed
from ..judge.trials import Scene
from ..planning.main_road import with_plan
from ..store import Conflict, Event, queries
from .archive import Archive
from .book import Book, Who
from .changes import Change, change_of, checked_change
from .field import AT_WORK
from .openings import Openings, running_in
from .orders import Orders
from .proposals import Routes, carried_over, routes_of
from .refusals import ANSWERABLE, Refused, expect_crew
from .shelf import plan_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change made (`data`) or taken back (None)."""

    subject: str
    what: str
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a change by hand would do.

    Parameters
    ----------
    day : the open day with the change.
    routes : the routes that go with it; `visits` are the same with their times.
    cost : plain cost, new less old; `parts` the same by part.
    """

    day: OpenDay
    routes: Routes
    visits: tuple[Route, ...]
    verdict: Verdict
    cost: float
    parts: Mapping[str, float]

    @property
    def broken(self) -> tuple[Violation, ...]:
        """The rules that it breaks."""
        return self.verdict.violations

    @property
    def unsafe(self) -> tuple[Violation, ...]:
        """Of those, the ones that no reason can answer for."""
        return tuple(each for each in self.broken if each.code not in ANSWERABLE)


# Of the plan alone, never kept in the table of changes: a request that the desk sent a crew to at once.
OF_THE_PLAN = frozenset({"request"})


class HandMade:
    """The last word, which is a person's."""

    def __init__(self, book: Book, openings: Openings, archive: Archive, orders: Orders) -> None:
        self._book, self._openings, self._archive, self._orders = book, openings, archive, orders

    def try_routes(self, routes: Routes) -> tuple[Verdict, float]:
        """What routes made by hand break, and what they cost more than those in force."""
        tried = self.try_change(routes, ())
        return tried.verdict, tried.cost

    def try_change(self, routes: Routes | None, edits: Sequence[Edit]) -> Tried:
        """What a change of routes, of work or of both would do; nothing is kept.

        The cost is without tier factors: with them a minute of danger counts for more than
        anything below it, which no person can weigh against a drive. Both sides are timed alike.

        Parameters
        ----------
        routes : job ids by crew; None to fit the work into those in force.
        edits : what is changed of the work.

        Raises
        ------
        Refused
            The change makes no sense.
        """
        day = self._archive.day()
        changed = self.changed_day(day, edits) if edits else day
        after = self._fitted(day, changed, edits) if routes is None else routes
        old = self._price_in_force(day)
        visits = timed(changed.plain, after)
        new = judge(changed.plain, Plan(status="feasible", cost=0, routes=visits))
        parts = {name: new.parts[name] - old.parts.get(name, 0) for name in new.parts}
        return Tried(
            day=changed, routes=after, visits=visits, verdict=new, cost=new.cost - old.cost, parts=parts
        )

    def set_routes(
        self,
        routes: Routes | None,
        who: Who,
        reason: str,
        edits: Sequence[Edit] = (),
        *,
        seen: int | None = None,
        owner: Who | None = None,
        told: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> DayPlan:
        """Publish routes made by hand, with the reason for what they break.

        Parameters
        ----------
        seen : the plan in force that the routes were drawn from; None does not ask.
        owner : the person who answers for what is sent so; `who` without it.
        told : what the journal says with it.
        key : a mark of the sender's: the same key twice is once.

        Raises
        ------
        Conflict
            Another plan came into force since.
        Refused
            They break a rule of safety, or break one without a reason.
        """
        with self._book.lock:
            self._expect_plan(seen)
            tried = self.try_change(routes, edits)
            if tried.unsafe:
                raise Refused("unsafe", broken=tried.unsafe)
            if tried.broken and not reason.strip():
                raise Refused("say_why", broken=tried.broken[:3])
            if any(each.what == "remove" and each.data is not None for each in edits) and not reason.strip():
                raise Refused("reason_missing")
            plan = plan_with(tried.day.problem, tried.visits)
            running = self._archive.basis_running(self._book.plan_number("published"))
            changed = with_plan(tried.day, plan, running, allowed=ANSWERABLE, reasons=False)
            self._write_by_hand(changed, tried.routes, who, reason, edits, told or {}, key)
            self._orders.open(changed, who)
            self._orders.hand_out(changed, who, owner)
            self._orders.state_etrs(changed, self._book.plan_number("published") or 0, running.words, who)
            return changed

    def change_standing(
        self, edit: Edit, who: Who, reason: str, *, key: str | None = None, at: datetime | None = None
    ) -> None:
        """Write down what was found out there (a road closed, a switch stuck, a crew late).

        The plan in force stays as it is; the planner answers with a proposal.

        Parameters
        ----------
        key : the sender's own mark, where it may say the same thing twice.
        at : when it was found, when that was earlier.

        Raises
        ------
        Refused
            There is no such road, switch or crew, or nothing could be reached any more.
        """
        if edit.what == "late":
            expect_crew(self._book.case.crew_by_id, edit.subject)
        if edit.what == "stuck" and edit.subject not in self._book.case.grid.switch_at:
            raise Refused("unknown_device", device=edit.subject)
        if edit.what == "closed" and edit.data is not None:
            shut = {
                (c.data["u"], c.data["v"]) for c in self._openings.standing_changes() if c.what == "closed"
            }
            self._openings.roads_without(frozenset(shut | {(edit.data["u"], edit.data["v"])}))
        self._book.record(
            replace(self._changed_event(edit, who, reason), key=key, at=at or self._book.clock())
        )

    def changed_day(self, day: DayPlan, edits: Sequence[Edit]) -> OpenDay:
        """The open day of the plan in force with some changes; nothing is kept.

        Raises
        ------
        Refused
            No plan is in force, or a change makes no sense.
        """
        number = self._book.plan_number("published")
        if number is None:
            raise Refused("no_plan")
        at_work = [row["id"] for row in self._book.rows("jobs") if row["state"] in AT_WORK]
        for edit in edits:
            if edit.data is not None and edit.what not in OF_THE_PLAN:
                change = Change(subject=edit.subject, what=edit.what, data=edit.data)
                checked_change(day, change, at_work, self._book.clock())
        basis = self._archive.basis(number)
        running = running_in(basis)
        changed = self._openings.changed(
            self._openings.opened(day.origin, basis), self._changes_with(basis, edits), running
        )
        for edit in edits:
            # Nobody may believe that work was added which no crew can be sent to.
            if edit.what == "add" and edit.data is not None and edit.subject not in changed.problem.job_by_id:
                raise Refused("no_place")
        return changed

    # -- inside ----------------------------------------------------------------

    def _expect_plan(self, seen: int | None) -> None:
        found = self._book.plan_number("published") or 0
        if seen is not None and seen != found:
            made = queries.newest_events(self._book.store, "plan_published", 1)
            raise Conflict("plan", seen, found, made[0].actor if made else "")

    def _price_in_force(self, day: DayPlan) -> Verdict:
        """What the plan in force costs, worked out once while it holds."""

        def price() -> Verdict:
            return score_routes(day.plain, routes_of(day.plan))

        number = self._book.plan_number("published")
        return price() if number is None else self._book.kept("price in force", ("plans",), price)

    def _changes_with(self, basis: Mapping[str, Any], edits: Sequence[Edit]) -> list[Change]:
        """The changes of a plan with some more, or without some."""
        gone = {(each.subject, each.what) for each in edits}
        kept = [change_of(each) for each in basis.get("changes", ())]
        kept = [each for each in kept if (each.subject, each.what) not in gone]
        new = [Change(subject=e.subject, what=e.what, data=e.data) for e in edits if e.data is not None]
        return [*kept, *new]

    def _fitted(self, day: DayPlan, changed: OpenDay, edits: Sequence[Edit]) -> dict[str, list[str]]:
        """The routes in force with changed work in them: parts beside each other, what is gone left out."""
        routes = routes_of(day.plan)
        for edit in edits:
            if edit.data is None:
                continue
            if edit.what == "split":
                parts = [f"{edit.subject}.{n}" for n in range(1, len(edit.data["minutes"]))]
                routes = {crew: _with_parts(jobs, edit.subject, parts) for crew, jobs in routes.items()}
            elif edit.what == "remove":
                routes = {crew: [job for job in jobs if job != edit.subject] for crew, jobs in routes.items()}
        routes = carried_over(routes, changed.problem.job_by_id, changed.problem.crew_by_id)
        for edit in edits:
            if edit.data is not None and edit.what in ("time", "add"):
                crew = edit.data.get("crew") or _crew_of(routes, edit.subject)
                routes = _at_its_best(changed, routes, edit.subject, crew)
        return routes

    def _write_by_hand(
        self,
        day: DayPlan,
        routes: Routes,
        who: Who,
        reason: str,
        edits: Sequence[Edit],
        told: Mapping[str, Any],
        key: str | None,
    ) -> None:
        basis = self._archive.basis(self._book.plan_number("published"))
        if edits:
            basis |= {"changes": [each.to_data() for each in self._changes_with(basis, edits)]}
        data = plan_data(day, routes, basis) | {"reason": reason}
        number = self._book.next_plan_number()
        kept = [self._changed_event(each, who, reason) for each in edits if each.what not in OF_THE_PLAN]
        by_hand = {"by_hand": [each.what for each in edits] or ["routes"], **told}
        with self._archive.held(number, day):
            self._book.record(
                *kept,
                self._book.event(who, "plan_made", str(number), data),
                self._book.event(who, "plan_published", str(number), by_hand, key),
            )

    def _changed_event(self, edit: Edit, who: Who, reason: str) -> Event:
        data = None if edit.data is None else dict(edit.data)
        return self._book.event(
            who, "changed", edit.subject, {"what": edit.what, "data": data, "reason": reason}
        )


def _with_parts(jobs: Sequence[str], job: str, parts: Sequence[str]) -> list[str]:
    return [new for each in jobs for new in ((*parts, each) if each == job else (each,))]


def _crew_of(routes: Routes, job: str) -> str | None:
    return next((crew for crew, jobs in routes.items() if job in jobs), None)


def _at_its_best(day: OpenDay, routes: Routes, job: str, crew: str | None) -> dict[str, list[str]]:
    """Routes with a job where it does least harm in a crew's day; as they are without a crew."""
    left = {each: [other for other in jobs if other != job] for each, jobs in routes.items()}
    if crew is None or crew not in day.plain.crew_by_id or job not in day.plain.job_by_id:
        return {each: list(jobs) for each, jobs in routes.items()}
    plan: Plan = plan_of(day.plain, left)
    trial = Scene(day.plain, plan).best_insertion(
        day.plain.job_by_id[job], day.plain.crew_by_id[crew], near=6
    )
    own = left.setdefault(crew, [])
    own.insert(trial.position if trial else len(own), job)
    return left
