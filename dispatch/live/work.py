"""Work as it goes on: what becomes of orders, jobs and crews, and who says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ..permits import in_the_way
from ..planning.looking import is_look
from ..store import Event, may_follow, queries, record
from .archive import Archive
from .book import Book, Who
from .ownership import expect_due, expect_known, expect_own, is_known, order_of
from .refusals import Refused, expect_crew
from .shelf import Shelf
from .stock import taken_for, vehicle_now

PART = re.compile(r"\.\d+$")
FINAL = ("/repair", "/service")
# What a crew says that was sent to look; of a transformer or a main that it has failed, or is sound.
SEEN = {"open": "tripped", "closed": "closed"}


class Work:
    """What people say of orders, jobs and crews, written down where it may be said."""

    def __init__(self, book: Book, archive: Archive, shelf: Shelf) -> None:
        self._book, self._archive, self._shelf = book, archive, shelf

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
        if to == "restored":
            self._expect_no_permit(order)
        with self._book.lock, self._book.store.writing() as connection:
            if self._book.store.order_version(connection, order) == 0:
                raise Refused("unknown_order", order=order)
            self._book.store.expect(connection, order, seen)
            state = self._book.store.order_state(connection, order)
            if not may_follow(state, to):
                raise Refused("state", order=order, state=state, to=to)
            record(connection, self._book.event(who, "order_moved", order, {"to": to, **told}, at=at))
            version = self._book.store.order_version(connection, order)
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
        **told: Any,
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
        known = key is not None and queries.event_with_key(self._book.store, key) is not None
        if not known:
            self._expect_report(job, to, who, crew)
        final = self._is_final(job, to)
        if not known:
            self._expect_free(job, to, final)
        with self._book.lock, self._book.store.writing() as connection:
            data = {"order": self.order_of(job), "crew": crew, "to": to, **told}
            data |= taken_for(self._archive, job, to, crew, told.get("parts"))
            before = self._book.store.newest(connection)
            seq = record(connection, self._book.event(who, "job_moved", job, data, key, at))
            if seq <= before:
                return
            for event in self._following(connection, job, to, who, at, crew=crew, final=final, told=told):
                record(connection, event)

    def order_of(self, job: str) -> str:
        """The work order that a job belongs to."""
        return order_of(self._archive, job)

    def orders_of(self, job: str) -> tuple[str, ...]:
        """Every work order that a job serves: its own, and those that were put into it."""
        card = self._archive.day().cards.get(job)
        return (self.order_of(job), *(card.also if card else ()))

    def crew_is(self, crew: str, state: str, who: Who, **told: object) -> None:
        """A crew is on shift, absent (with a reason) or off; where it is, if it says so.

        Raises
        ------
        Refused
            There is no such crew.
        """
        expect_crew(self._book.case.crew_by_id, crew)
        self._book.record(self._book.event(who, "crew_changed", crew, {"state": state, **told}))

    def restocked(self, crew: str, who: Who, *, key: str | None = None, at: datetime | None = None) -> bool:
        """A crew has filled its vehicle at the depot; False when that was known by its key.

        Raises
        ------
        Refused
            There is no such crew.
        """
        expect_crew(self._book.case.crew_by_id, crew)
        said = {"vehicle": vehicle_now(self._archive, crew)}
        return self._book.note("restocked", crew, said, who, key=key, at=at)

    def wish(self, job: str, crew: str, wish: str | None, who: Who, reason: str) -> None:
        """Pin a job to a crew (`pin`), keep it from one (`forbid`), or take that back (None).

        Raises
        ------
        Refused
            There is no such crew, or no plan knows the job.
        """
        expect_crew(self._book.case.crew_by_id, crew)
        if wish is not None and not self._is_planned(job):
            raise Refused("unknown_job", job=job)
        data = {"crew": crew, "wish": wish, "reason": reason}
        self._book.record(self._book.event(who, "job_wished", job, data))

    def estimate(self, job: str, minutes: float, who: Who, reason: str) -> None:
        """A job takes longer, or less long, than was thought: the planner answers with a proposal.

        Of a job that is being worked on, `minutes` is the whole time since the crew came.

        Raises
        ------
        Refused
            The plan in force does not know the job.
        """
        row = next((each for each in self._book.rows("jobs") if each["id"] == job), None)
        if job not in self._archive.day().cards:
            raise Refused("unknown_job", job=job)
        if row is not None and row["state"] in ("on_site", "safe"):
            data = {"order": row["order_id"], "crew": row["crew"], "to": row["state"], "minutes": minutes}
            self._book.record(
                self._book.event(who, "job_moved", job, data | {"note": reason}, at=row["since"])
            )
        else:
            data = {"what": "minutes", "data": {"minutes": minutes}, "reason": reason}
            self._book.record(self._book.event(who, "changed", job, data))

    # -- inside ----------------------------------------------------------------

    def _expect_report(self, job: str, to: str, who: Who, crew: str) -> None:
        expect_known(self._archive, job, crew)
        if who.crew is not None:
            if who.crew != crew:
                raise Refused("moved", job=job, crew=crew)
            expect_own(self._archive, job, crew)
            expect_due(self._archive, job, crew, to)

    def _expect_free(self, job: str, to: str, final: bool) -> None:
        """Refuse to end work behind whose switch people are at work."""
        for order in self.orders_of(job) if to == "restored" or (to == "done" and final) else ():
            self._expect_no_permit(order)

    def _expect_no_permit(self, order: str) -> None:
        """Refuse to call supply restored while people work behind the switch."""
        permit = in_the_way(self._book.store, self._archive.day(), order)
        if permit is not None:
            raise Refused("permit_open", permit=permit.number, by=permit.number)

    def _is_planned(self, job: str) -> bool:
        """Whether the plan in force, the proposal or a crew knows a job."""
        proposed = self._shelf.proposal()
        return is_known(self._archive, job) or (proposed is not None and job in proposed.cards)

    def _following(
        self,
        connection: Any,
        job: str,
        to: str,
        who: Who,
        at: datetime | None,
        *,
        crew: str,
        final: bool,
        told: Mapping[str, Any],
    ) -> Iterator[Event]:
        """What follows from a report; whoever looks elsewhere is not at the place of the work order."""
        if is_look(job):
            yield from self._seen(job, to, told.get("found"), who, at)
            return
        for order in self.orders_of(job):
            state = self._book.store.order_state(connection, order)
            for following in _order_states(to, state, final):
                yield self._book.event(who, "order_moved", order, {"to": following, "crew": crew}, at=at)

    def _seen(self, job: str, to: str, found: str | None, who: Who, at: datetime | None) -> tuple[Event, ...]:
        """What a crew saw that was sent to look: a sign like any other."""
        day = self._archive.day()
        card = day.cards.get(job)
        if to != "done" or found is None or card is None or not card.is_look or card.place is None:
            return ()
        kind, outage = SEEN[found], day.outage_by_id.get(card.order)
        # What is open has been since supply was lost.
        since = outage.since if outage is not None and kind == "tripped" else at or self._book.clock()
        said = {"kind": kind, "place": card.place, "at": since.isoformat()}
        data = {"signs": [said], "outage": card.order}
        return (self._book.event(who, "signs_heard", card.order, data, at=at),)

    def _is_final(self, job: str, to: str) -> bool:
        """Whether nothing is left of a repair or a service once this is done."""
        whole = PART.sub("", job)
        if not whole.endswith(FINAL):
            return False
        done = {row["id"] for row in self._book.rows("jobs") if row["state"] == "done"} | {job}
        parts = {each for each in self._archive.day().cards if PART.sub("", each) == whole} | {job}
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
