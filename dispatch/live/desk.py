"""The desk of a duty room: every change passes here, is written down, and then is true."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from ..check import Verdict, judge
from ..day import DayPlan, OpenDay
from ..errors import DispatchError
from ..locating import Locator
from ..model import Case
from ..planning import open_day, plan_day, with_plan
from ..promises import given_data, newest_given
from ..running import Running
from ..store import Event, Store, may_follow, queries, record
from ..store.tables import metadata
from ..summary import summarize
from ..timing import plan_of
from ..triage import LOSS_OF_SUPPLY, classify, grade_customers
from .entries import Entry, Logged, request_of
from .field import running_of
from .proposals import Comparison, Routes, carried_over, compare, merged, routes_of

RUNNING = TypeAdapter(Running)
MOST_EVENTS = 500
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


class Refused(DispatchError):
    """A change that cannot be made, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who makes a change, and from where: board, phone, api, file or solver."""

    name: str
    source: str = "board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the planner may spend and keep.

    Parameters
    ----------
    time_limit_s, work : of the solver, for one proposal.
    freeze_min : visits that begin within so many minutes stay as they are published.
    """

    time_limit_s: float | None = 5.0
    work: int | None = None
    processes: int = 1
    seed: int = 1
    freeze_min: float = 15.0


class Desk:
    """The running day of one duty room.

    Parameters
    ----------
    case : customers, crews, roads, grid and policy; its requests are those of before the first start.
    store : where everything is written down.
    clock : says what time it is.
    """

    def __init__(
        self, case: Case, store: Store, clock: Callable[[], datetime], budget: Budget | None = None
    ) -> None:
        self.case = case
        self.store = store
        self.clock = clock
        self.budget = budget or Budget()
        self._lock = threading.RLock()
        self._grades = grade_customers(case)
        self._days: dict[int, DayPlan] = {}
        self._changed = threading.Condition()
        if store.last_seq() == 0:
            self._take_over()

    # -- reading ---------------------------------------------------------------

    @property
    def version(self) -> str:
        """Changes whenever anything does."""
        return str(self.store.last_seq())

    def wait(self, after: int, timeout_s: float) -> list[Event]:
        """Events after number `after`, as soon as there are any, or none when time is up.

        Another process may write to the same store, so it is looked at once a second too.
        """
        ends = time.monotonic() + timeout_s
        while True:
            found = self.store.events_after(after, MOST_EVENTS)
            left_s = ends - time.monotonic()
            if found or left_s <= 0:
                return found
            with self._changed:
                self._changed.wait(min(1.0, left_s))

    def day(self) -> DayPlan:
        """The plan in force; before the first is published, an empty one for what is open now."""
        number = self.plan_number("published")
        return self._day(number) if number is not None else self._empty()

    def plan(self, number: int) -> DayPlan:
        """A plan by its number, in force or not."""
        return self._day(number)

    def plan_number(self, state: str) -> int | None:
        """Number of the newest plan in a state (proposed, published), or None."""
        return queries.newest_plan(self.store, state)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What is stored of requests, orders, steps, jobs, wishes, crews or plans."""
        return self.store.rows(metadata.tables[table])

    def proposal(self) -> DayPlan | None:
        """The newest proposal that nobody has answered, if it is newer than the plan in force."""
        number = self.plan_number("proposed")
        if number is None or number < (self.plan_number("published") or 0):
            return None
        return self._day(number)

    # -- requests --------------------------------------------------------------

    def log(self, entry: Entry, who: Who, key: str | None = None) -> Logged:
        """Write a request down; the same key twice is the same request.

        Raises
        ------
        Refused
            The customer is unknown.
        """
        if entry.customer is not None and entry.customer not in self.case.customers:
            raise Refused(f"no customer '{entry.customer}'")
        with self._lock, self.store.writing() as connection:
            before = queries.count_requests(connection)
            id_ = f"R{before + 1:06d}"
            happened = self._event(who, "request_logged", id_, entry.to_data(), key)
            seq = record(connection, happened)
            known = queries.count_requests(connection) == before
        if known:
            return self._known(seq)
        self._tell()
        return self._told(entry, id_, who)

    def _known(self, seq: int) -> Logged:
        subject = next(iter(self.store.events_after(seq - 1, 1))).subject
        return Logged(id=subject, kind="", order=None, customer={}, earlier=(), known=True)

    def _told(self, entry: Entry, id_: str, who: Who) -> Logged:
        locator = Locator(self.case)
        call = classify(self.case, self._grades, [entry.request(id_)], locator)[0]
        order = None
        if call.kind == LOSS_OF_SUPPLY and call.transformer is not None:
            order = self._outage_at(call.transformer, call.customer)
            if order is not None:
                self._record(self._event(who, "request_joined", id_, {"order": order}))
        earlier = self._earlier(call.customer, id_)
        known = self.case.customers.facts(call.customer) if call.customer else {}
        return Logged(id=id_, kind=call.kind, order=order, customer=known, earlier=earlier)

    def _outage_at(self, transformer: str, customer: str | None) -> str | None:
        for outage in self.day().outages:
            if outage.customers is not None:
                if customer in outage.customers:
                    return outage.id
            elif transformer in outage.transformers:
                return outage.id
        return None

    def _earlier(self, customer: str | None, but: str) -> tuple[str, ...]:
        if customer is None:
            return ()
        return tuple(each for each in queries.open_requests_of(self.store, customer) if each != but)

    # -- work ------------------------------------------------------------------

    def move_order(
        self, order: str, to: str, who: Who, *, seen: int, at: datetime | None = None, **told: Any
    ) -> int:
        """Take a work order to its next state; returns its new version.

        Parameters
        ----------
        seen : the version that whoever decides has seen.
        at : when it happened, when that was earlier.
        told : crew, cause, note, estimate_min.

        Raises
        ------
        Conflict
            Somebody changed it in between.
        Refused
            The state cannot follow the present one.
        """
        with self._lock, self.store.writing() as connection:
            self.store.expect(connection, order, seen)
            state = self.store.order_state(connection, order)
            if not may_follow(state, to):
                raise Refused(f"{order} is {state}; it cannot go to {to}")
            record(connection, self._event(who, "order_moved", order, {"to": to, **told}, at=at))
            version = self.store.order_version(connection, order)
        self._tell()
        return version

    def report(self, job: str, to: str, who: Who, *, crew: str, key: str | None = None, **told: Any) -> None:
        """What a crew says of a job (on_the_way, on_site, safe, restored, done, cannot), once per key.

        The order follows where it can: the crew is in the field, and what it
        says is true whatever the order's state was thought to be.
        """
        at = told.pop("at", None)
        order = self.order_of(job)
        with self._lock, self.store.writing() as connection:
            data = {"order": order, "crew": crew, "to": to, **told}
            before = self.store.newest(connection)
            seq = record(connection, self._event(who, "job_moved", job, data, key, at))
            if seq <= before:
                return
            state = self.store.order_state(connection, order)
            for following in _order_states(job, to, state):
                step = {"to": following, "crew": crew}
                record(connection, self._event(who, "order_moved", order, step, at=at))
        self._tell()

    def order_of(self, job: str) -> str:
        """The work order that a job belongs to."""
        cards = self.day().cards
        return cards[job].order if job in cards else job.rsplit("/", 1)[0]

    def note(
        self,
        kind: str,
        subject: str,
        data: Mapping[str, Any],
        who: Who,
        *,
        key: str | None = None,
        at: datetime | None = None,
        also: Callable[[Any], None] | None = None,
    ) -> bool:
        """Write one event down, once per key; False when it was known.

        Parameters
        ----------
        also : what else is to be written in the same transaction.
        """
        with self._lock, self.store.writing() as connection:
            before = self.store.newest(connection)
            new = record(connection, self._event(who, kind, subject, data, key, at)) > before
            if new and also is not None:
                also(connection)
        self._tell()
        return new

    def crew_is(self, crew: str, state: str, who: Who, **told: Any) -> None:
        """A crew is on shift, absent (with a reason) or off; where it is, if it says so.

        Raises
        ------
        Refused
            There is no such crew.
        """
        if crew not in self.case.crew_by_id:
            raise Refused(f"no crew '{crew}'")
        self._record(self._event(who, "crew_changed", crew, {"state": state, **told}))

    def wish(self, job: str, crew: str, wish: str | None, who: Who, reason: str) -> None:
        """Pin a job to a crew (`pin`), keep it from one (`forbid`), or take that back (None)."""
        data = {"crew": crew, "wish": wish, "reason": reason}
        self._record(self._event(who, "job_wished", job, data))

    # -- plans -----------------------------------------------------------------

    def propose(
        self,
        who: Who,
        stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Any], None] | None = None,
    ) -> DayPlan:
        """Plan what is open now, open an order for what is new, and write the plan down as a proposal."""
        now = self.clock()
        running = self._running(now)
        case = self._case_at(now)
        budget = self.budget
        day = plan_day(
            case,
            time_limit_s=budget.time_limit_s if budget.work is None else None,
            work=budget.work,
            seed=budget.seed,
            processes=budget.processes,
            on_progress=on_progress,
            stop=stop,
            running=running,
        )
        with self._lock:
            self._open_orders(day, who)
            self._write_plan(day, routes_of(day.plan), running, who)
        return day

    def comparison(self, proposed: DayPlan) -> Comparison:
        """What a proposal changes against the plan in force, on the same open day."""
        plan = plan_of(proposed.problem, self._routes_on(proposed))
        return compare(plan, summarize(proposed, plan), proposed)

    def publish(self, number: int, who: Who, accepted: Collection[str] | None = None) -> DayPlan:
        """Make a proposal the plan in force, whole or only for the accepted jobs.

        Raises
        ------
        Refused
            A newer plan is in force, or what is left of the proposal cannot be worked.
        """
        with self._lock:
            if number <= (self.plan_number("published") or 0):
                raise Refused(f"plan {number} is older than the one in force")
            proposed = self._day(number)
            data: dict[str, Any] = {}
            if accepted is not None:
                routes = merged(self._routes_on(proposed), routes_of(proposed.plan), accepted)
                self._days[number] = self._timed(proposed, routes)
                data = {"routes": routes, "accepted": sorted(accepted)}
            self._record(self._event(who, "plan_published", str(number), data))
            self._dispatch_orders(self._day(number), who)
            return self._day(number)

    def decline(self, number: int, who: Who, reason: str) -> None:
        """Answer a proposal with no."""
        self._record(self._event(who, "plan_declined", str(number), {"reason": reason}))

    def try_routes(self, routes: Routes) -> tuple[Verdict, float]:
        """What routes made by hand break, and what they cost more than those in force.

        The cost is without tier factors: with them a minute of danger counts for more than
        anything below it, which no person can weigh against a drive. Both sides are timed alike.
        """
        day = self.day()
        before, verdict = (
            judge(day.plain, plan_of(day.plain, each)) for each in (routes_of(day.plan), routes)
        )
        return verdict, verdict.cost - before.cost

    def set_routes(self, routes: Routes, who: Who, reason: str) -> DayPlan:
        """Publish routes made by hand, with the reason for what they break.

        Raises
        ------
        Refused
            They break a rule of safety, or break one without a reason.
        """
        with self._lock:
            verdict, _ = self.try_routes(routes)
            if unsafe := [v.text for v in verdict.violations if v.code not in ANSWERABLE]:
                raise Refused("; ".join(unsafe))
            if verdict.violations and not reason.strip():
                raise Refused("say why: " + "; ".join(v.text for v in verdict.violations[:3]))
            day = self.day()
            changed = with_plan(day, plan_of(day.problem, routes), allowed=ANSWERABLE)
            basis = self._basis(self.plan_number("published"))
            data = self._plan_data(changed, routes, basis) | {"reason": reason}
            new = self._next_number()
            self._days[new] = changed
            self._record(
                self._event(who, "plan_made", str(new), data),
                self._event(who, "plan_published", str(new), {}),
            )
            self._dispatch_orders(changed, who)
            return changed

    def acknowledge(self, crew: str, plan: int, who: Who) -> None:
        """A crew has read its route of a plan."""
        self._record(self._event(who, "plan_acknowledged", crew, {"plan": plan}))

    # -- inside ----------------------------------------------------------------

    def _take_over(self) -> None:
        """Write the case's own requests into an empty store."""
        who = Who(name="case", source="file")
        happened = []
        for request in self.case.requests:
            names = Entry.__dataclass_fields__
            entry = Entry(**{name: getattr(request, name) for name in names})
            at = request.received_at
            happened.append(self._event(who, "request_logged", request.id, entry.to_data(), at=at))
        self._record(*happened)

    def _record(self, *happened: Event) -> None:
        self.store.record(*happened)
        self._tell()

    def _tell(self) -> None:
        """Wake whoever waits for events."""
        with self._changed:
            self._changed.notify_all()

    def _event(
        self,
        who: Who,
        kind: str,
        subject: str,
        data: Mapping[str, Any],
        key: str | None = None,
        at: datetime | None = None,
    ) -> Event:
        when = at or self.clock()
        return Event(
            at=when, actor=who.name, source=who.source, kind=kind, subject=subject, data=data, key=key
        )

    def _case_at(self, now: datetime, only: Collection[str] | None = None) -> Case:
        rows = queries.request_rows(self.store, only)
        found = tuple(request_of(row) for row in rows)
        return replace(self.case, requests=found, settings=replace(self.case.settings, now=now))

    def _running(self, now: datetime) -> Running:
        number = self.plan_number("published")
        if number is None:
            return running_of(self.store.stored(), {}, {}, now, timedelta(0))
        day = self._day(number)
        starts = {
            visit.job: day.origin + timedelta(seconds=visit.start_s)
            for route in day.plan.routes
            for visit in route.visits
        }
        freeze = timedelta(minutes=self.budget.freeze_min)
        return running_of(self.store.stored(), routes_of(day.plan), starts, now, freeze)

    def _open_orders(self, day: OpenDay, who: Who) -> None:
        known = {row["id"]: row for row in self.store.stored()["orders"]}
        joined = {row["id"]: row["order_id"] for row in self.store.stored()["requests"]}
        promised = newest_given(self.store, known.keys() & {order.id for order in day.orders})
        happened = []
        for order in day.orders:
            given = given_data(order)
            if order.id not in known:
                place = day.outage_by_id[order.outage].fault.place if order.outage else None
                data = {"place": place, "given": given}
                at = order.received_at
                happened.append(self._event(who, "order_opened", order.id, data, at=at))
            elif promised.get(order.id) != given:
                data = {"what": "promised", "given": given}
                happened.append(self._event(who, "noted", order.id, data))
            happened += [
                self._event(who, "request_joined", each, {"order": order.id})
                for each in order.requests
                if joined.get(each) != order.id
            ]
        self._record(*happened)

    def _dispatch_orders(self, day: DayPlan, who: Who) -> None:
        """Accept and hand out every order that a published route serves, to the crew that has it now."""
        rows = self.rows("orders")
        states = {row["id"]: row["state"] for row in rows}
        crew_now = {row["id"]: row["crew"] for row in rows}
        crew_of = {
            day.cards[visit.job].order: route.crew for route in day.plan.routes for visit in route.visits
        }
        happened = []
        for order, crew in sorted(crew_of.items()):
            if states.get(order) == "received":
                happened.append(self._event(who, "order_moved", order, {"to": "accepted"}))
                states[order] = "accepted"
            if states.get(order) == "accepted":
                happened.append(self._event(who, "order_moved", order, {"to": "dispatched", "crew": crew}))
            elif states.get(order) == "dispatched" and crew_now[order] != crew:
                happened.append(self._event(who, "order_told", order, {"crew": crew}))
        self._record(*happened)

    def _write_plan(self, day: DayPlan, routes: Routes, running: Running, who: Who) -> None:
        basis = {
            "requests": [request.id for request in day.case.requests],
            "running": RUNNING.dump_python(running, mode="json"),
        }
        number = self._next_number()
        data = self._plan_data(day, routes, basis)
        self._record(self._event(who, "plan_made", str(number), data))
        self._days[number] = day

    def _plan_data(self, day: DayPlan, routes: Routes, basis: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "made_for": day.origin.isoformat(),
            "routes": {crew: list(jobs) for crew, jobs in routes.items()},
            "basis": basis,
            "cost": day.summary.cost,
            "policy": f"{day.case.policy.name} {day.case.policy.version}"[:80],
        }

    def _next_number(self) -> int:
        return 1 + (queries.newest_plan(self.store) or 0)

    def _basis(self, number: int | None) -> Mapping[str, Any]:
        found: Mapping[str, Any] = queries.plan_row(self.store, number)["basis"] if number else {}
        return found

    def _day(self, number: int) -> DayPlan:
        """A plan out of the store: its open day is worked out again, its routes are timed again."""
        if number not in self._days:
            row = self._plan_row(number)
            case = self._case_at(
                row["made_for"].astimezone(self.case.settings.zone), row["basis"]["requests"]
            )
            opened = open_day(case, RUNNING.validate_python(row["basis"]["running"]))
            self._days[number] = self._timed(opened, row["routes"])
        return self._days[number]

    def _plan_row(self, number: int) -> Mapping[str, Any]:
        try:
            return queries.plan_row(self.store, number)
        except KeyError:
            raise Refused(f"there is no plan {number}") from None

    def _timed(self, day: OpenDay, routes: Routes) -> DayPlan:
        kept = carried_over(routes, day.problem.job_by_id, day.problem.crew_by_id)
        return with_plan(day, plan_of(day.problem, kept), allowed=ANSWERABLE)

    def _routes_on(self, day: OpenDay) -> dict[str, list[str]]:
        """The routes in force, as far as their jobs and crews are still there on another open day."""
        number = self.plan_number("published")
        routes = routes_of(self._day(number).plan) if number is not None else {}
        return carried_over(routes, day.problem.job_by_id, day.problem.crew_by_id)

    def _empty(self) -> DayPlan:
        return self._timed(open_day(self._case_at(self.clock())), {})


def _order_states(job: str, to: str, state: str) -> tuple[str, ...]:
    """Where an order goes when one of its jobs moves."""
    final = job.endswith(("/repair", "/service"))
    road = {
        "on_the_way": ("dispatched", "on_the_way"),
        "on_site": ("dispatched", "on_site"),
        "safe": ("safe",),
        "restored": ("restored",) if final else (),
        "done": ("restored",) if final else (),
        "cannot": ("accepted",),
    }[to]
    steps = []
    for following in road:
        if may_follow(state, following):
            steps.append(following)
            state = following
    return tuple(steps)
