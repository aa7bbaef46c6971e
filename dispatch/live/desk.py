"""The desk of a duty room: every change passes here, is written down, and then is true."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime

from ..ground.case import Case
from ..rulebook.policies import Policies
from ..store import Store, may_follow, queries, record
from .calls import Calls
from .entries import Entry
from .journalled import Budget, Who
from .ownership import expect_due, expect_known, expect_own, is_known, order_of
from .planner.task import plan_task
from .refusals import Refused
from .shelf import ANSWERABLE
from .stock import restock, taken_for
from .workers import Trouble

__all__ = ["ANSWERABLE", "Budget", "Desk", "Refused", "Who"]
PART = re.compile(r"\.\d+$")
FINAL = ("/repair", "/service")


class Desk(Calls):
    """The running day of one duty room.

    Parameters
    ----------
    case : customers, crews, roads, grid and policy; its requests are those of before the first start.
    store : where everything is written down.
    clock : says what time it is.

    Attributes
    ----------
    make_plan : carries out the tasks of `propose`: here, or in a process of its own.
    planner_gone : since when there is nobody to plan, None while there is.
    look_after : says which duties of the room are not being done.
    """

    planner_gone: datetime | None
    look_after: Callable[[], tuple[Trouble, ...]]

    def __init__(
        self, case: Case, store: Store, clock: Callable[[], datetime], budget: Budget | None = None
    ) -> None:
        super().__init__(case, store, clock, budget)
        self._classified = {}
        self._days = {}
        self._opened_days = {}
        self._graded = {}
        self._cards = {}
        self._making = threading.RLock()
        self.make_plan = plan_task
        self.planner_gone = None
        self.look_after = tuple
        self.policies = Policies(store, case.policy)
        if store.last_seq() == 0:
            self._take_over()
        self.policies.begin(clock())
        self.standing.begin(clock())

    def move_order(
        self, order: str, to: str, who: Who, *, seen: int, at: datetime | None = None, **told: object
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
            There is no such order, or the state cannot follow the present one.
        """
        with self._lock, self.store.writing() as connection:
            if self.store.order_version(connection, order) == 0:
                raise Refused("unknown_order", order=order)
            self.store.expect(connection, order, seen)
            state = self.store.order_state(connection, order)
            if not may_follow(state, to):
                raise Refused("state", order=order, state=state, to=to)
            record(connection, self._event(who, "order_moved", order, {"to": to, **told}, at=at))
            version = self.store.order_version(connection, order)
        return version

    def report(
        self,
        job: str,
        to: str,
        who: Who,
        *,
        crew: str,
        key: str | None = None,
        at: datetime | None = None,
        **told: object,
    ) -> None:
        """What a crew says of a job (on_the_way, on_site, safe, restored, done, cannot), once per key.

        The orders follow where they can: the crew is in the field, and what it
        says is true whatever the order's state was thought to be. Where a crew speaks for
        itself (`who.crew`), the job has to be its own, and what comes before has to be done.

        Raises
        ------
        Refused
            There is no such crew or job, or the crew may not say that of it.
        """
        known = key is not None and queries.event_with_key(self.store, key) is not None
        if not known:
            self._expect_report(job, to, who, crew)
        final = self._is_final(job, to)
        with self._lock, self.store.writing() as connection:
            data = {"order": self.order_of(job), "crew": crew, "to": to, **told}
            data |= taken_for(self, job, to, crew)
            before = self.store.newest(connection)
            seq = record(connection, self._event(who, "job_moved", job, data, key, at))
            if seq <= before:
                return
            for order in self.orders_of(job):
                state = self.store.order_state(connection, order)
                for following in _order_states(to, state, final):
                    step = {"to": following, "crew": crew}
                    record(connection, self._event(who, "order_moved", order, step, at=at))

    def order_of(self, job: str) -> str:
        """The work order that a job belongs to."""
        return order_of(self, job)

    def orders_of(self, job: str) -> tuple[str, ...]:
        """Every work order that a job serves: its own, and those that were put into it."""
        card = self.day().cards.get(job)
        return (self.order_of(job), *(card.also if card else ()))

    def crew_is(self, crew: str, state: str, who: Who, **told: object) -> None:
        """A crew is on shift, absent (with a reason) or off; where it is, if it says so.

        Raises
        ------
        Refused
            There is no such crew.
        """
        if crew not in self.case.crew_by_id:
            raise Refused("unknown_crew", crew=crew)
        self._record(self._event(who, "crew_changed", crew, {"state": state, **told}))

    def restocked(self, crew: str, who: Who, *, key: str | None = None, at: datetime | None = None) -> bool:
        """A crew has filled its vehicle at the depot; False when that was known by its key.

        Raises
        ------
        Refused
            There is no such crew.
        """
        return restock(self, crew, who, key=key, at=at)

    def wish(self, job: str, crew: str, wish: str | None, who: Who, reason: str) -> None:
        """Pin a job to a crew (`pin`), keep it from one (`forbid`), or take that back (None).

        Raises
        ------
        Refused
            There is no such crew, or no plan knows the job.
        """
        if crew not in self.case.crew_by_id:
            raise Refused("unknown_crew", crew=crew)
        if wish is not None and not self._is_planned(job):
            raise Refused("unknown_job", job=job)
        data = {"crew": crew, "wish": wish, "reason": reason}
        self._record(self._event(who, "job_wished", job, data))

    def estimate(self, job: str, minutes: float, who: Who, reason: str) -> None:
        """A job takes longer, or less long, than was thought: the planner answers with a proposal.

        Of a job that is being worked on, `minutes` is the whole time since the crew came.

        Raises
        ------
        Refused
            The plan in force does not know the job.
        """
        row = next((each for each in self.rows("jobs") if each["id"] == job), None)
        if job not in self.day().cards:
            raise Refused("unknown_job", job=job)
        if row is not None and row["state"] in ("on_site", "safe"):
            data = {"order": row["order_id"], "crew": row["crew"], "to": row["state"], "minutes": minutes}
            self._record(self._event(who, "job_moved", job, data | {"note": reason}, at=row["since"]))
        else:
            data = {"what": "minutes", "data": {"minutes": minutes}, "reason": reason}
            self._record(self._event(who, "changed", job, data))

    def planner_is(self, *, gone: bool, who: Who, why: str = "") -> None:
        """There is nobody to plan, or somebody again: everybody at the desk is told."""
        if gone == (self.planner_gone is not None):
            return
        # Known here at once; the journal hears of it when the database can be written to.
        self.planner_gone = self.clock() if gone else None
        self.note("noted", "planner", {"what": "planner_gone" if gone else "planner_back", "why": why}, who)

    def troubles(self) -> tuple[Trouble, ...]:
        """The duties of the room that are not being done now."""
        return self.look_after()

    # -- inside ----------------------------------------------------------------

    def _take_over(self) -> None:
        """Write the case's own requests into an empty store."""
        who = Who(name="case", source="file")
        happened = []
        for request in self.standing.own.requests:
            names = Entry.__dataclass_fields__
            entry = Entry(**{name: getattr(request, name) for name in names})
            at = request.received_at
            happened.append(self._event(who, "request_logged", request.id, entry.to_data(), at=at))
        self._record(*happened)

    def _expect_report(self, job: str, to: str, who: Who, crew: str) -> None:
        expect_known(self, job, crew)
        if who.crew is not None:
            if who.crew != crew:
                raise Refused("moved", job=job, crew=crew)
            expect_own(self, job, crew)
            expect_due(self, job, crew, to)

    def _is_planned(self, job: str) -> bool:
        """Whether the plan in force, the proposal or a crew knows a job."""
        proposed = self.proposal()
        return is_known(self, job) or (proposed is not None and job in proposed.cards)

    def _is_final(self, job: str, to: str) -> bool:
        """Whether nothing is left of a repair or a service once this is done."""
        whole = PART.sub("", job)
        if not whole.endswith(FINAL):
            return False
        done = {row["id"] for row in self.rows("jobs") if row["state"] == "done"} | {job}
        parts = {each for each in self.day().cards if PART.sub("", each) == whole} | {job}
        return parts <= done or (to == "restored" and job == whole)


def _order_states(to: str, state: str, final: bool) -> tuple[str, ...]:
    """Where an order goes when one of its jobs moves."""
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
