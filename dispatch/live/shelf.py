"""Plans: proposed, and published in whole or in part."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..etr.records import storm_stretch
from ..ground.case import Case
from ..ground.day import DayPlan
from ..judge.timing import plan_of
from ..outages import kept_tree
from ..planning.reaiming import successors
from ..planning.running import Running
from ..planning.summary import summarize
from ..store import queries
from .archive import Archive
from .book import Book, Who
from .changes import Change
from .field import at_work
from .gains import Gain, Why, gains, reasons_for_many
from .openings import Openings, running_kept
from .orders import Orders
from .parts import part_of
from .planner.task import PlanMaker, PlanTask, plan_task
from .proposals import Comparison, Routes, compare, routes_of
from .refusals import ANSWERABLE, Refused, expect_crew
from .under_way import running_at

# The states of a plan that crews were sent out by.
IN_FORCE = frozenset({"published", "superseded"})


class Shelf:
    """Where plans lie: the one in force, and the proposals.

    Attributes
    ----------
    make_plan : carries out the tasks of `propose`: here, or in a process of its own.
    """

    make_plan: PlanMaker

    def __init__(self, book: Book, openings: Openings, archive: Archive, orders: Orders) -> None:
        self._book, self._openings, self._archive, self._orders = book, openings, archive, orders
        self.make_plan = plan_task
        # By proposal the routes in force that it was held against, and what its parts gain over them.
        self._weighed: dict[int, tuple[Routes, tuple[Gain, ...]]] = {}

    def newest_plan_number(self) -> int | None:
        """Number of the plan, in force or not, that knows most: who is out, what is open.

        A plan changed by hand is of the moment of the plan that it was made of.
        """
        return self._book.kept(
            "plan that knows most", ("plans",), lambda: queries.plan_made_last(self._book.store)
        )

    def proposal(self) -> DayPlan | None:
        """The newest proposal that nobody has answered, if it is newer than the plan in force."""
        number = self._book.plan_number("proposed")
        if number is None or number < (self._book.plan_number("published") or 0):
            return None
        return self._archive.plan(number)

    def propose(
        self,
        who: Who,
        stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Any], None] | None = None,
        *,
        freely: bool = False,
    ) -> DayPlan:
        """Plan what is open now, open an order for what is new, and write the plan down as a proposal.

        Parameters
        ----------
        freely : move any visit for any gain, because a person asks for it.
        """
        # Read first: what is changed while the rest is read may be known or not, and is taken as known.
        heard = self._book.store.last_seq()
        now, changes = self._book.clock(), self._openings.standing_changes()
        in_force = self._archive.in_force()
        running = replace(
            running_at(self._book, in_force, now, changes),
            etr_stretch=storm_stretch(self._book.store, now),
        )
        standing = self._book.standing.turn()
        case = self._openings.case_at(now, changes, standing=standing, staying=at_work(running))
        basis = (
            self._new_basis(case, running, changes, standing)
            | {"heard": heard}
            | ({"freely": True} if freely else {})
        )
        task = PlanTask(
            case=case,
            running=running,
            changes=changes,
            brought=self._openings.brought(changes),
            budget=replace(self._book.budget, move_price=0.0) if freely else self._book.budget,
            in_force=None if in_force is None else routes_of(in_force.plan),
        )
        planned = self.make_plan(task, stop, on_progress)
        with self._book.lock:
            self._openings.keep(basis, now, planned.opened)
            self._orders.open(planned.day, who)
            # Another plan may have been published meanwhile.
            newest = self._archive.in_force()
            self._orders.settle(planned.day, () if newest is None else newest.crew_of_order)
            if planned.gains is not None and task.in_force is not None:
                # At hand before anybody hears of the plan; of earlier proposals nobody asks any more.
                self._weighed = {self._book.next_plan_number(): (task.in_force, planned.gains)}
            self._write_plan(planned.day, routes_of(planned.day.plan), basis, who)
        return planned.day

    def comparison(self, proposed: DayPlan) -> Comparison:
        """What a proposal changes against the plan in force, on the same open day."""
        plan = plan_of(proposed.problem, self._archive.routes_on(proposed))
        return compare(plan, summarize(proposed, plan), proposed, self._in_stead(proposed))

    def _in_stead(self, proposed: DayPlan) -> dict[str, tuple[str, str]]:
        """By job at a device that is named now, the crew and the job in force that it stands for."""
        in_force = self._archive.in_force()
        if in_force is None:
            return {}
        crew_of = {job: crew for crew, jobs in routes_of(in_force.plan).items() for job in jobs}
        tree, known = kept_tree(proposed.case), proposed.problem.job_by_id
        new = successors(crew_of, proposed.outages, tree, known)
        return {job: (crew_of[old], old) for old, job in new.items()}

    def gains(self, number: int) -> tuple[tuple[Gain, ...], tuple[Why, ...]]:
        """What the parts of a proposal gain, and why it moves many visits."""
        proposed, absent = self._archive.plan(number), self._archive.basis_running(number).absent
        current = self._archive.routes_on(proposed)
        plan = plan_of(proposed.problem, current)
        before = summarize(proposed, plan)
        found = compare(plan, before, proposed)
        lost = sorted(
            absent & self._archive.published_routes(self._book.plan_number("published") or 0).keys()
        )
        why = reasons_for_many(proposed, found, lost, freely=bool(self._archive.basis(number).get("freely")))
        weighed, in_force = self._weighed.get(number), self._archive.in_force()
        if weighed is not None and in_force is not None and weighed[0] == routes_of(in_force.plan):
            return weighed[1], why
        return gains(proposed, current, found, before), why

    def publish(self, number: int, who: Who, accepted: Collection[str] | None = None) -> DayPlan:
        """Make a proposal the plan in force, whole or only for the accepted jobs.

        What the accepted jobs cannot do without comes along (`parts.part_of`).

        Raises
        ------
        Refused
            A newer plan is in force, it was declined, or what is left of the proposal cannot be worked.
        """
        with self._book.lock:
            self._expect_open(number)
            day, running = self._archive.plan(number), self._archive.basis_running(number)
            data: dict[str, Any] = {}
            if accepted is not None:
                day, data = self._part(day, accepted, running)
            with self._archive.held(number, day):
                self._book.record(self._book.event(who, "plan_published", str(number), data))
            self._orders.hand_out(day, who)
            self._orders.state_etrs(day, number, running.words, who)
            return day

    def publish_added(
        self, number: int, routes: Routes, who: Who, owner: Who, told: Mapping[str, Any], *, key: str
    ) -> None:
        """Make routes that only add to those in force the plan of a proposal's day, once per key.

        Parameters
        ----------
        routes : of all crews.
        owner : the person who answers for what is sent so.
        told : what the journal says with it.

        Raises
        ------
        Refused
            The proposal was answered or overtaken.
        """
        with self._book.lock:
            self._expect_open(number)
            proposed, running = self._archive.plan(number), self._archive.basis_running(number)
            day = self._archive.timed(proposed, routes, running)
            data = {"routes": {crew: list(jobs) for crew, jobs in routes.items()}, **told}
            with self._archive.held(number, day):
                self._book.record(self._book.event(who, "plan_published", str(number), data, key))
            self.hand_out(day, who, owner)
            self._orders.state_etrs(day, number, running.words, who)

    def hand_out(self, day: DayPlan, who: Who, owner: Who) -> None:
        """Hand out what a plan in force serves; `owner` answers for what nobody does. Twice is once."""
        self._orders.hand_out(day, who, owner)

    def decline(self, number: int, who: Who, reason: str) -> None:
        """Answer a proposal with no.

        Raises
        ------
        Refused
            It was answered or overtaken, or there is none of that number.
        """
        self._expect_open(number)
        self._book.record(self._book.event(who, "plan_declined", str(number), {"reason": reason}))

    def acknowledge(
        self, crew: str, plan: int, who: Who, *, key: str | None = None, at: datetime | None = None
    ) -> bool:
        """A crew has read its route of a plan; False when that was known by its key.

        Raises
        ------
        Refused
            There is no such crew, or no such plan was ever in force.
        """
        expect_crew(self._book.case.crew_by_id, crew)
        if not self._was_in_force(plan):
            raise Refused("unknown_plan", plan=plan)
        return self._book.note("plan_acknowledged", crew, {"plan": plan}, who, key=key, at=at)

    # -- inside ----------------------------------------------------------------

    def _expect_open(self, number: int) -> None:
        """Refuse a proposal that was answered or overtaken."""
        published = self._book.plan_number("published") or 0
        if number == published:
            raise Refused("answered_plan", plan=number)
        if number < published:
            raise Refused("older_plan", plan=number)
        if number > self._book.highest_plan_number():
            raise Refused("unknown_plan", plan=number)
        if self._archive.plan_row(number)["state"] != "proposed":
            raise Refused("answered_plan", plan=number)

    def _part(
        self, proposed: DayPlan, accepted: Collection[str], running: Running
    ) -> tuple[DayPlan, dict[str, Any]]:
        """The day with a part of its proposal, and what the journal says of that."""
        if not accepted:
            raise Refused("nothing_accepted")
        for job in accepted:
            if job not in proposed.problem.job_by_id:
                raise Refused("unknown_job", job=job)
        part = part_of(proposed, self._archive.routes_on(proposed), accepted, ANSWERABLE)
        if part.broken:
            raise Refused("part_unsafe", broken=part.broken)
        data: dict[str, Any] = {"routes": part.routes, "accepted": sorted(accepted)}
        along = sorted(part.jobs - set(accepted))
        day = self._archive.timed(proposed, part.routes, running)
        return day, data | ({"along": along} if along else {})

    def _was_in_force(self, plan: int) -> bool:
        # Compared before the database is asked, which takes no number of any size.
        if not 0 < plan <= (self._book.plan_number("published") or 0):
            return False
        with contextlib.suppress(KeyError):
            return str(queries.plan_row(self._book.store, plan)["state"]) in IN_FORCE
        return False

    def _write_plan(self, day: DayPlan, routes: Routes, basis: Mapping[str, Any], who: Who) -> None:
        number = self._book.next_plan_number()
        with self._archive.held(number, day):
            self._book.record(self._book.event(who, "plan_made", str(number), plan_data(day, routes, basis)))

    def _new_basis(
        self, case: Case, running: Running, changes: Sequence[Change], standing: int
    ) -> dict[str, Any]:
        return {
            "requests": [request.id for request in case.requests],
            "policy": self._book.policies.number_of(case.policy.version),
            "standing": standing,
            "running": running_kept(running),
            "closed": [each.to_data() for each in changes if each.what == "closed"],
            "changes": [each.to_data() for each in changes if each.what != "closed"],
        }


def plan_data(day: DayPlan, routes: Routes, basis: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal keeps of a plan: enough to work it out again."""
    return {
        "made_for": day.origin.isoformat(),
        "routes": {crew: list(jobs) for crew, jobs in routes.items()},
        "basis": basis,
        "cost": day.summary.cost,
        "policy": f"{day.case.policy.name} {day.case.policy.version}"[:80],
    }
