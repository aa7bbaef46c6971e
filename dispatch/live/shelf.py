"""Plans: proposed, published in whole or in part, and worked out again from what was kept of them."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from geo import GeoError

from ..etr.records import storm_stretch
from ..ground.case import Case, Request
from ..ground.clock import fixed
from ..ground.day import DayPlan, JobCard, OpenDay
from ..ground.errors import DispatchError
from ..judge.timing import plan_of
from ..outages import Finding, kept_tree
from ..planning.main_road import open_day, with_plan
from ..planning.running import Running
from ..planning.summary import summarize
from ..rulebook.policies import Policies, Policy
from ..store import ENDED, queries
from ..store.request_list import changes_after
from ..triage.orders import Grades, grade_customers
from .changes import Change, change_of, reshaped
from .entries import as_heard, request_of
from .field import at_work, earliest_counting, restored_findings, running_of
from .gains import Gain, Why, gains, reasons_for_many
from .journalled import Who
from .orders import Orders
from .parts import part_of
from .planner.task import PlanMaker, PlanTask
from .proposals import Comparison, Routes, carried_over, compare, routes_of
from .refusals import Refused
from .stock import parts_used

RUNNING = TypeAdapter(Running)
# Broken by a person who says why: late work, long shifts, a truck that must fetch stock, a
# rest put off. What is missing here is a matter of safety and is never allowed.
ANSWERABLE = frozenset(
    {
        "window",
        "shift",
        "capacity",
        "break_missing",
        "break_window",
        "break_overlap",
        "max_crews",
        "committed",
        "start_place",
    }
)
# The states of a plan that crews were sent out by.
IN_FORCE = frozenset({"published", "superseded"})
MOST_KEPT = 12
MOST_ROUTES = 200
MOST_CARDS = 5000
# Of the plan alone, never kept in the table of changes: a request that the desk sent a crew to at once.
OF_THE_PLAN = frozenset({"request"})


class Shelf(Orders):
    """The plans of a running day."""

    _days: dict[int, DayPlan]
    _opened_days: dict[str, OpenDay]
    _graded: dict[tuple[str, int], tuple[object, Grades]]
    _cards: dict[str, JobCard]
    _making: threading.RLock
    make_plan: PlanMaker
    policies: Policies

    @property
    def grades(self) -> Grades:
        """What the policy in force makes of every customer."""
        return self.grades_under(self.policies.in_force())

    def grades_under(self, policy: Policy) -> Grades:
        """What a version of the policy makes of every customer."""
        return self._grades_of(replace(self.case, policy=policy))

    def _grades_of(self, case: Case) -> Grades:
        """Grades of a case's customers under its policy, worked out once for the same of both."""
        key = (case.policy.version, id(case.customers))
        # With the customers held beside them no others can come to the same number.
        if key not in self._graded:
            while len(self._graded) >= MOST_KEPT:
                self._graded.pop(next(iter(self._graded)), None)
            self._graded[key] = (case.customers, grade_customers(case))
        return self._graded[key][1]

    def case_under(self, number: int | None = None) -> Case:
        """The case under a version of its policy; without a number under the one in force."""
        return self._under(self.case, number)

    def _under(self, case: Case, number: int | None) -> Case:
        policy = self.policies.in_force() if number is None else self.policies.policy(number)
        return case if policy is case.policy else replace(case, policy=policy)

    def day(self) -> DayPlan:
        """The plan in force; before the first is published, an empty one for what is open now."""
        number = self.plan_number("published")
        return self._day(number) if number is not None else self._empty()

    def newest_plan_number(self) -> int | None:
        """Number of the plan, in force or not, that knows most: who is out, what is open.

        A plan changed by hand is of the moment of the plan that it was made of.
        """
        return self.kept("plan that knows most", ("plans",), lambda: queries.plan_made_last(self.store))

    def plan(self, number: int) -> DayPlan:
        """A plan by its number, in force or not."""
        return self._day(number)

    def last_card(self, job: str, number: int) -> JobCard | None:
        """What a job was when it was last planned; of plan `number` where no plan since has had it."""
        if job not in self._cards:
            with contextlib.suppress(DispatchError):
                return self._day(number).cards.get(job)
        return self._cards.get(job)

    def published_routes(self, number: int) -> Routes:
        """Job ids by crew of a plan that is or was in force; none for plan 0."""
        kept: dict[int, Routes] = self.__dict__.setdefault("_published_routes", {0: {}})
        if number not in kept:
            while len(kept) > MOST_ROUTES:
                del kept[sorted(kept)[1]]
            try:
                kept[number] = queries.plan_row(self.store, number)["routes"]
            except KeyError:
                # A crew has read a plan that a restored backup does not hold: it has read none of these.
                return {}
        return kept[number]

    def proposal(self) -> DayPlan | None:
        """The newest proposal that nobody has answered, if it is newer than the plan in force."""
        number = self.plan_number("proposed")
        if number is None or number < (self.plan_number("published") or 0):
            return None
        return self._day(number)

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
        heard = self.store.last_seq()
        now, changes = self.clock(), self.standing_changes()
        running = replace(self._running(now, changes), etr_stretch=storm_stretch(self.store, now))
        standing = self.standing.turn()
        case = self._case_at(now, changes, standing=standing, staying=at_work(running))
        basis = (
            self._new_basis(case, running, changes, standing)
            | {"heard": heard}
            | ({"freely": True} if freely else {})
        )
        task = PlanTask(
            case=case,
            running=running,
            changes=changes,
            brought=self._brought(changes),
            budget=replace(self.budget, move_price=0.0) if freely else self.budget,
        )
        planned = self.make_plan(task, stop, on_progress)
        with self._lock:
            self._keep_opened(basis, now, planned.opened)
            self._open_orders(planned.day, who)
            self._write_plan(planned.day, routes_of(planned.day.plan), basis, who)
        return planned.day

    def comparison(self, proposed: DayPlan) -> Comparison:
        """What a proposal changes against the plan in force, on the same open day."""
        plan = plan_of(proposed.problem, self._routes_on(proposed))
        return compare(plan, summarize(proposed, plan), proposed)

    def gains(self, number: int) -> tuple[tuple[Gain, ...], tuple[Why, ...]]:
        """What the parts of a proposal gain, and why it moves many visits."""
        proposed, absent = self._day(number), self._basis_running(number).absent
        current = self._routes_on(proposed)
        plan = plan_of(proposed.problem, current)
        before = summarize(proposed, plan)
        found = compare(plan, before, proposed)
        lost = sorted(absent & self.published_routes(self.plan_number("published") or 0).keys())
        why = reasons_for_many(proposed, found, lost, freely=bool(self._basis(number).get("freely")))
        return gains(proposed, current, found, before), why

    def publish(self, number: int, who: Who, accepted: Collection[str] | None = None) -> DayPlan:
        """Make a proposal the plan in force, whole or only for the accepted jobs.

        What the accepted jobs cannot do without comes along (`parts.part_of`).

        Raises
        ------
        Refused
            A newer plan is in force, it was declined, or what is left of the proposal cannot be worked.
        """
        with self._lock:
            self._expect_open(number)
            day, running = self._day(number), self._basis_running(number)
            data: dict[str, Any] = {}
            if accepted is not None:
                day, data = self._part(day, accepted, running)
            with self._held(number, day):
                self._record(self._event(who, "plan_published", str(number), data))
            self._dispatch_orders(day, who)
            self._state_etrs(day, number, running.words, who)
            return day

    def decline(self, number: int, who: Who, reason: str) -> None:
        """Answer a proposal with no.

        Raises
        ------
        Refused
            It was answered or overtaken, or there is none of that number.
        """
        self._expect_open(number)
        self._record(self._event(who, "plan_declined", str(number), {"reason": reason}))

    def acknowledge(
        self, crew: str, plan: int, who: Who, *, key: str | None = None, at: datetime | None = None
    ) -> bool:
        """A crew has read its route of a plan; False when that was known by its key.

        Raises
        ------
        Refused
            There is no such crew, or no such plan was ever in force.
        """
        if crew not in self.case.crew_by_id:
            raise Refused("unknown_crew", crew=crew)
        if not self._was_in_force(plan):
            raise Refused("unknown_plan", plan=plan)
        return self.note("plan_acknowledged", crew, {"plan": plan}, who, key=key, at=at)

    def standing_changes(self) -> tuple[Change, ...]:
        """What people changed or found, as far as its order is still open."""
        ended = {row["id"] for row in self.rows("orders") if row["state"] in (*ENDED, "restored")}
        found = [change_of(row) for row in self.rows("changes")]
        return tuple(each for each in found if each.subject.rsplit("/", 1)[0] not in ended)

    # -- inside ----------------------------------------------------------------

    def _expect_open(self, number: int) -> None:
        """Refuse a proposal that was answered or overtaken."""
        if number <= (self.plan_number("published") or 0):
            raise Refused("older_plan", plan=number)
        if number > (self._present.plan_number() or 0):
            raise Refused("unknown_plan", plan=number)
        if self._plan_row(number)["state"] != "proposed":
            raise Refused("answered_plan", plan=number)

    def _part(
        self, proposed: DayPlan, accepted: Collection[str], running: Running
    ) -> tuple[DayPlan, dict[str, Any]]:
        """The day with a part of its proposal, and what the journal says of that."""
        part = part_of(proposed, self._routes_on(proposed), accepted, ANSWERABLE)
        if part.broken:
            raise Refused("part_unsafe", broken=part.broken)
        data: dict[str, Any] = {"routes": part.routes, "accepted": sorted(accepted)}
        along = sorted(part.jobs - set(accepted))
        day = self._timed(proposed, part.routes, running)
        return day, data | ({"along": along} if along else {})

    def _was_in_force(self, plan: int) -> bool:
        # Compared before the database is asked, which takes no number of any size.
        if not 0 < plan <= (self.plan_number("published") or 0):
            return False
        with contextlib.suppress(KeyError):
            return str(queries.plan_row(self.store, plan)["state"]) in IN_FORCE
        return False

    @contextlib.contextmanager
    def _held(self, number: int, day: DayPlan) -> Iterator[None]:
        """Have a plan at hand while it is written, so that whoever hears of it finds it.

        When the writing fails, what was at hand before is there again.
        """
        before = self._days.get(number)
        self._days[number] = day
        try:
            yield
        except BaseException:
            self._days.pop(number, None)
            if before is not None:
                self._days[number] = before
            raise
        self._keep(number, day)

    def _reshaped(self, opened: OpenDay, changes: Sequence[Change], running: Running) -> OpenDay:
        if not changes:
            return opened
        grades = self._grades_of(opened.case)
        return reshaped(opened, changes, grades, self._brought(changes), running)

    def _brought(self, changes: Sequence[Change]) -> dict[str, Request]:
        """The requests that changes of kind "request" bring in, by id."""
        wanted = [each.subject for each in changes if each.what == "request"]
        rows = queries.request_rows(self.store, wanted) if wanted else []
        return {row["id"]: request_of(row) for row in rows}

    def _case_at(
        self,
        now: datetime,
        changes: Sequence[Change] = (),
        only: Collection[str] | None = None,
        policy: int | None = None,
        *,
        standing: int | None = None,
        staying: Collection[str] = (),
        heard: int | None = None,
    ) -> Case:
        rows = queries.request_rows(self.store, only)
        if heard is not None:
            rows = as_heard(rows, changes_after(self.store, heard, [row["id"] for row in rows]))
        found = tuple(request_of(row) for row in rows)
        shut = tuple((each.data["u"], each.data["v"]) for each in changes if each.what == "closed")
        return replace(
            self._under(self.standing.case_at(now, standing, staying), policy),
            requests=found,
            settings=replace(self.standing.own.settings, now=now),
            roads=self._roads_without(frozenset(shut)),
        )

    def _roads_without(self, shut: frozenset[tuple[str, str]]) -> Any:
        """The roads without those that are closed, kept while the same are closed.

        Raises
        ------
        Refused
            Too little of the network stays connected.
        """
        if not shut:
            return self.case.roads
        kept: tuple[frozenset[tuple[str, str]], Any] | None = self.__dict__.get("_shut_roads")
        if kept is None or kept[0] != shut:
            try:
                kept = (shut, self.case.roads.closed(sorted(shut)))
            except GeoError as error:
                raise Refused("no_way_left") from error
            self.__dict__["_shut_roads"] = kept
        return kept[1]

    def _running(self, now: datetime, changes: Sequence[Change] = ()) -> Running:
        running = self._field(now)
        # A job of several parts is open until the last part is done.
        split = {each.subject: len(each.data["minutes"]) for each in changes if each.what == "split"}
        unfinished = {
            job
            for job, parts in split.items()
            if not {f"{job}.{part}" for part in range(1, parts)} <= running.done
        }
        return replace(running, done=running.done - unfinished, used=parts_used(self, now))

    def _field(self, now: datetime) -> Running:
        number, restored = self.plan_number("published"), self._restored(now)
        if number is None:
            return running_of(self._open_rows(()), {}, {}, now, timedelta(0), restored)
        day = self._day(number)
        planned = {day.cards[visit.job].order for route in day.plan.routes for visit in route.visits}
        ended = queries.ended_orders(self.store, planned)
        starts = {
            visit.job: day.origin + timedelta(seconds=visit.start_s)
            for route in day.plan.routes
            for visit in route.visits
        }
        routes = {
            crew: [job for job in jobs if day.cards[job].order not in ended]
            for crew, jobs in routes_of(day.plan).items()
        }
        freeze = timedelta(minutes=self.budget.freeze_min)
        return running_of(self._open_rows(ended), routes, starts, now, freeze, restored)

    def _restored(self, now: datetime) -> tuple[Finding, ...]:
        """Where supply was brought back, as far as that still tells who is out."""
        still_open = [row for row in self.rows("orders") if row["state"] not in (*ENDED, "restored")]
        rows = queries.restored_orders(self.store, earliest_counting(still_open, now))
        tree = kept_tree(self.case.grid, self.case.customers.table)
        return restored_findings(rows, still_open, tree, now) if rows else ()

    def _open_rows(self, ended: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """What concerns open orders: an ended one may come again under its name, as new work."""
        rows = {name: self.rows(name) for name in ("jobs", "crews", "wishes", "orders", "signs")}
        over = {row["id"] for row in rows["orders"] if row["state"] in ENDED} | set(ended)
        return rows | {"jobs": [row for row in rows["jobs"] if row["order_id"] not in over]}

    def _write_plan(self, day: DayPlan, routes: Routes, basis: Mapping[str, Any], who: Who) -> None:
        number = self._next_number()
        with self._held(number, day):
            self._record(self._event(who, "plan_made", str(number), self._plan_data(day, routes, basis)))

    def _plan_data(self, day: DayPlan, routes: Routes, basis: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "made_for": day.origin.isoformat(),
            "routes": {crew: list(jobs) for crew, jobs in routes.items()},
            "basis": basis,
            "cost": day.summary.cost,
            "policy": f"{day.case.policy.name} {day.case.policy.version}"[:80],
        }

    def _next_number(self) -> int:
        return 1 + (self._present.plan_number() or 0)

    def _new_basis(
        self, case: Case, running: Running, changes: Sequence[Change], standing: int
    ) -> dict[str, Any]:
        return {
            "requests": [request.id for request in case.requests],
            "policy": self.policies.number_of(case.policy.version),
            "standing": standing,
            "running": RUNNING.dump_python(running, mode="json"),
            "closed": [each.to_data() for each in changes if each.what == "closed"],
            "changes": [each.to_data() for each in changes if each.what != "closed"],
        }

    def _basis(self, number: int | None) -> dict[str, Any]:
        return dict(queries.plan_row(self.store, number)["basis"]) if number else {}

    def _basis_running(self, number: int | None) -> Running:
        """What was under way when a plan was made."""
        basis = self._basis(number)
        found: Running = RUNNING.validate_python(basis["running"]) if basis else Running()
        return found

    def _keep(self, number: int, day: DayPlan) -> None:
        """Hold a plan; of many, the newest and the one in force. Of the others stay what their jobs were."""
        self._days[number] = day
        # What is planned now is the newest, so that it is forgotten last.
        older = ((job, card) for job, card in self._cards.items() if job not in day.cards)
        self._cards = dict([*older, *day.cards.items()][-MOST_CARDS:])
        in_force = self.plan_number("published")
        for old in sorted(self._days)[:-MOST_KEPT]:
            if old != in_force:
                del self._days[old]

    def _day(self, number: int) -> DayPlan:
        """A plan; one out of the store has its open day worked out and its routes timed again, once."""
        found = self._days.get(number)
        if found is not None:
            return found
        with self._making:
            return self._days.get(number) or self._made_again(number)

    def _made_again(self, number: int) -> DayPlan:
        row = self._plan_row(number)
        opened = self._opened(fixed(row["made_for"], self.case.settings.zone), row["basis"])
        changes = [change_of(each) for each in row["basis"].get("changes", ())]
        running = RUNNING.validate_python(row["basis"]["running"])
        day = self._timed(self._reshaped(opened, changes, running), row["routes"], running)
        self._keep(number, day)
        return day

    def _opened(self, made_for: datetime, basis: Mapping[str, Any]) -> OpenDay:
        """The open day of a plan before anybody changed it by hand."""
        name = _name_of(basis, made_for)
        if name not in self._opened_days:
            shut = [change_of(each) for each in basis.get("closed", ())]
            running = RUNNING.validate_python(basis["running"])
            case = self._case_at(
                made_for,
                shut,
                basis["requests"],
                basis["policy"],
                standing=basis.get("standing"),
                staying=at_work(running),
                heard=basis.get("heard"),
            )
            self._keep_opened(basis, made_for, open_day(case, running))
        return self._opened_days[name]

    def _keep_opened(self, basis: Mapping[str, Any], made_for: datetime, opened: OpenDay) -> None:
        while len(self._opened_days) >= MOST_KEPT // 2:
            self._opened_days.pop(next(iter(self._opened_days)))
        self._opened_days[_name_of(basis, made_for)] = opened

    def _plan_row(self, number: int) -> Mapping[str, Any]:
        try:
            return queries.plan_row(self.store, number)
        except KeyError:
            raise Refused("unknown_plan", plan=number) from None

    def _timed(self, day: OpenDay, routes: Routes, running: Running) -> DayPlan:
        kept = carried_over(routes, day.problem.job_by_id, day.problem.crew_by_id)
        return with_plan(day, plan_of(day.problem, kept), running, allowed=ANSWERABLE, reasons=False)

    def _routes_on(self, day: OpenDay) -> dict[str, list[str]]:
        """The routes in force, as far as their jobs and crews are still there on another open day."""
        number = self.plan_number("published")
        routes = routes_of(self._day(number).plan) if number is not None else {}
        return carried_over(routes, day.problem.job_by_id, day.problem.crew_by_id)

    def _empty(self) -> DayPlan:
        """What is open now with no plan, worked out once per event."""
        with self._making:
            seq = self.store.last_seq()
            kept: tuple[int, DayPlan] | None = self.__dict__.get("_kept_empty")
            if kept is None or kept[0] != seq:
                now, changes = self.clock(), self.standing_changes()
                running = self._running(now, changes)
                opened = open_day(self._case_at(now, changes, staying=at_work(running)), running)
                kept = (seq, self._timed(self._reshaped(opened, changes, running), {}, running))
                self.__dict__["_kept_empty"] = kept
            return kept[1]


def _name_of(basis: Mapping[str, Any], made_for: datetime) -> str:
    """What tells one open day from another: all that it was opened with."""
    told = [basis["requests"], basis["policy"], basis["running"], basis.get("closed", [])]
    told += [basis.get("standing"), basis.get("heard")]
    return json.dumps([made_for.timestamp(), *told], sort_keys=True)
