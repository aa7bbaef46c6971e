"""Unattended sending (自动派单): clear single cases go out by the rules, while a supervisor has it on.

It takes the newest proposal's day and adds clear cases to the ends of routes; nobody's visit moves. Each
sending is a published plan under a key of its own, so that no second server and no new start sends twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ...ground.case import OWN_CHANNEL
from ...ground.day import DayPlan, WorkOrder
from ...service.figures import figures
from ...service.unattended import Added, Sending, added, why_not_clear
from ...store import ENDED, Event, queries
from ...store.history import events_between, keys_known
from ...store.present import noted
from ..archive import Archive
from ..book import Book, Who
from ..calls import UNTOUCHED, Calls
from ..grading import Grading
from ..handmade import Edit, HandMade
from ..proposals import routes_of
from ..refusals import Refused
from ..shelf import Shelf

SUBJECT, ON, OFF, LEFT = "unattended", "unattended_on", "unattended_off", "unattended_left"
RULES = Who(name="unattended", source="timer")
# A supervisor of a shift answers for it: it ends by itself with the longest one.
USUAL_H, LONGEST_H = 12.0, 24.0
# Where the policy names no time to accept and send.
USUAL_MIN = 3.0
NO_CREW, LATER, PLAN_FIRST = "no_crew", "next_turn", "plan_first"
MOST_AT_ONCE = 60
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Whether it is switched on: by whom, why, from when to when; `by` of one that is off switched it off."""

    on: bool
    by: str = ""
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """An order that nobody was sent to, and why the rules do not.

    Parameters
    ----------
    why : a word; None where it goes out with the next turn.
    due : accepted and sent by then.
    """

    order: str
    kind: str
    since: datetime
    requests: tuple[str, ...]
    why: str | None
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An order that went out by the rules, accepted and sent by `due` at the latest where all went well."""

    order: str
    crew: str
    at: datetime
    received_at: datetime
    due: datetime
    requests: tuple[str, ...]
    plan: int

    @property
    def in_time(self) -> bool:
        """Whether it was sent in time."""
        return self.at <= self.due


class Unattended:
    """Sends clear cases while it is on."""

    def __init__(
        self, book: Book, grading: Grading, calls: Calls, archive: Archive, shelf: Shelf, hands: HandMade
    ) -> None:
        self._book, self._grading, self._calls = book, grading, calls
        self._archive, self._shelf, self._hands = archive, shelf, hands

    def state(self) -> State:
        """Whether it is on."""
        told: State = self._book.kept("unattended", (noted(ON), noted(OFF)), self._read)
        if told.on and told.until is not None and told.until <= self._book.clock():
            return State(on=False, by=RULES.name, since=told.until)
        return told

    def switch_on(self, reason: str, who: Who, hours: float = USUAL_H) -> None:
        """Let the rules send from now on, at most so many hours.

        Raises
        ------
        Refused
            No reason is given, the time is too long, or no plan is in force.
        """
        if not reason.strip():
            raise Refused("reason_missing")
        if not 0 < hours <= LONGEST_H:
            raise Refused("unattended_hours", most=LONGEST_H)
        if self._book.plan_number("published") is None:
            raise Refused("no_plan")
        until = self._book.clock() + timedelta(hours=hours)
        data = {"what": ON, "reason": reason.strip(), "until": until.isoformat()}
        self._book.note("noted", SUBJECT, data, who)

    def switch_off(self, who: Who, reason: str = "") -> None:
        """Stop it at once; what has gone out stays."""
        # Under the lock: no sending that has begun is written down after this.
        with self._book.lock:
            self._book.note("noted", SUBJECT, {"what": OFF, "reason": reason.strip()}, who)

    def look(self) -> int:
        """Send what is clear, and write down why the rest is not; how many went out."""
        if not self.state().on:
            return 0
        self._finish()
        number = self._book.plan_number("proposed")
        day = self._shelf.proposal()
        if day is None or number is None:
            return 0
        found = self.waiting(day)
        self._note_left(found)
        clear = [each for each in found if each.why is None][:MOST_AT_ONCE]
        if clear:
            return self._send(number, day, clear)
        # Beside a plan that somebody has to answer first, what is no outage goes into the one in force.
        own = [each for each in found if each.why == PLAN_FIRST and each.order == f"W-{each.requests[0]}"]
        return self._send_beside(own[:MOST_AT_ONCE]) if own else 0

    def waiting(self, day: DayPlan | None = None) -> list[Waits]:
        """Orders that nobody was sent to, the oldest first, each with why the rules do not send it.

        Parameters
        ----------
        day : the proposal; the newest, or the plan in force, without it.
        """
        day = day or self._shelf.proposal() or self._archive.day()
        planned = self._archive.day().crew_of_order
        untouched = {row["id"] for row in self._book.rows("orders") if row["state"] in UNTOUCHED}
        jobs: dict[str, list[str]] = {}
        for card in day.cards.values():
            jobs.setdefault(card.order, []).append(card.id)
        requests = {row["id"]: row for row in self._book.rows("requests")}
        held = self._held(day)
        found = []
        for order in sorted(day.orders, key=lambda each: (each.received_at, each.id)):
            asked = [requests[each] for each in order.requests if each in requests and requests[each]["open"]]
            if order.id not in untouched or order.id in planned or order.id not in jobs:
                continue
            if not any(row["channel"] != OWN_CHANNEL for row in asked):
                continue
            why, limit = self._why(day, order, jobs[order.id], asked)
            since = min(row["received_at"] for row in asked)
            found.append(
                Waits(
                    order=order.id,
                    kind=order.kind,
                    since=since,
                    requests=tuple(row["id"] for row in asked),
                    why=why or held,
                    due=since + limit,
                )
            )
        return found

    def listed(self) -> list[Waits]:
        """The same for people: what found no crew says so, all else that is clear waits for the next turn."""
        found = self.waiting()
        tried = keys_known(
            self._book.store, [f"{LEFT}/{each.order}/{NO_CREW}" for each in found if each.why is None]
        )
        found += self._unheard({id_ for each in found for id_ in each.requests})
        return [
            replace(each, why=each.why or (NO_CREW if f"{LEFT}/{each.order}/{NO_CREW}" in tried else LATER))
            for each in found
        ]

    def sent(self, since: datetime) -> list[Sent]:
        """What went out by the rules since a time, the newest first."""
        until = self._book.clock() + timedelta(seconds=1)
        found = []
        for event in events_between(self._book.store, since, until, ("plan_published",)):
            found += [_sent(event, each) for each in event.data.get("unattended", ())]
        return found[::-1]

    # -- inside ----------------------------------------------------------------

    def _unheard(self, known: set[str]) -> list[Waits]:
        """Calls that no order can hold yet, because nobody knows what or where."""
        rows = [
            row
            for row in self._book.rows("requests")
            if row["open"] and row["same_as"] is None and not row["linked"] and row["id"] not in known
        ]
        limit = timedelta(minutes=USUAL_MIN)
        return [
            Waits(
                order="–",
                kind=call.kind,
                since=row["received_at"],
                requests=(row["id"],),
                why="in_doubt",
                due=row["received_at"] + limit,
            )
            for row, (call, _) in self._calls.weighed(rows)
            if call.unclassified and row["channel"] != OWN_CHANNEL
        ]

    def _read(self) -> State:
        newest = queries.newest_events(self._book.store, "noted", 1, SUBJECT)
        if not newest or newest[0].data["what"] == OFF:
            return State(on=False) if not newest else _off(newest[0])
        event = newest[0]
        until = datetime.fromisoformat(event.data["until"])
        return State(on=True, by=event.actor, reason=event.data["reason"], since=event.at, until=until)

    def _held(self, day: DayPlan) -> str | None:
        """Why nothing goes out at all: a person has to answer something first."""
        if self._calls.dangers():
            return "danger_first"
        over = {row["id"] for row in self._book.rows("jobs") if row["state"] in ("done", "cannot")}
        ended = {row["id"] for row in self._book.rows("orders") if row["state"] in ENDED}
        cards, kept = self._archive.day().cards, day.problem.job_by_id
        planned = {job for jobs in routes_of(self._archive.day().plan).values() for job in jobs} - over
        # Where the proposal holds other work in its place, somebody would be left without a word.
        lost = any(job not in kept and cards[job].order not in ended for job in planned)
        return PLAN_FIRST if lost else None

    def _why(
        self, day: DayPlan, order: WorkOrder, jobs: Sequence[str], asked: Sequence[Row]
    ) -> tuple[str | None, timedelta]:
        """Why a person has to decide, None where nobody has to, and the time to accept and send."""
        facts = self._book.case.customers.facts(order.customer) if order.customer else {}
        about = {name: facts.get(name) or None for name in ("industry", "load_type")}
        policy = self._grading.case_under().policy
        told = figures(policy, SUBJECT, kind=order.kind, grade=order.grade, **about)
        minutes = told.get("span_min")
        limit = timedelta(minutes=USUAL_MIN if minutes is None else float(minutes))
        if any(call.unclassified for _, (call, _) in self._calls.weighed(asked)):
            return "in_doubt", limit
        return why_not_clear(day, order, jobs, told.get("how_many")), limit

    def _send(self, number: int, day: DayPlan, clear: list[Waits]) -> int:
        job_of = {card.order: card.id for card in day.cards.values()}
        absent = {row["id"] for row in self._book.rows("crews") if row["state"] in ("absent", "off")}
        with self._book.lock:
            # Read anew, and not out of what is kept: it may have been stopped on another server.
            state = self._read()
            if not state.on:
                return 0
            wanted = [(each.order, job_of[each.order]) for each in clear]
            plan = added(day.plain, self._archive.routes_on(day), wanted, absent)
            self._left(plan.without, NO_CREW)
            if plan.sent:
                self._publish(number, plan, {each.order: each for each in clear}, state)
        return len(plan.sent)

    def _publish(self, number: int, plan: Added, waits: Mapping[str, Waits], state: State) -> None:
        rows = [_told(each, waits[each.order]) for each in plan.sent]
        told = {"accepted": sorted(each.job for each in plan.sent), SUBJECT: rows, "on": state.by}
        # Somebody may have answered the proposal meanwhile: the next one holds the same work.
        with suppress(Refused):
            self._shelf.publish_added(
                number, plan.routes, RULES, Who(name=state.by), told, key=f"{SUBJECT}/{number}"
            )

    def _send_beside(self, clear: list[Waits]) -> int:
        """Put services into the plan in force as it is: nothing that it holds is lost."""
        absent = {row["id"] for row in self._book.rows("crews") if row["state"] in ("absent", "off")}
        with self._book.lock:
            state, number = self._read(), self._book.plan_number("published")
            if not state.on or number is None:
                return 0
            edits = {each.order: Edit(subject=each.requests[0], what="request", data={}) for each in clear}
            day = self._hands.changed_day(self._archive.day(), list(edits.values()))
            job_of = {card.order: card.id for card in day.cards.values()}
            wanted = [(each.order, job_of[each.order]) for each in clear if each.order in job_of]
            plan = added(day.plain, routes_of(self._archive.day().plan), wanted, absent)
            self._left(plan.without, NO_CREW)
            if not plan.sent:
                return 0
            waits = {each.order: each for each in clear}
            told = {SUBJECT: [_told(each, waits[each.order]) for each in plan.sent], "on": state.by}
            self._hands.set_routes(
                plan.routes,
                RULES,
                state.reason,
                [edits[each.order] for each in plan.sent],
                seen=number,
                owner=Who(name=state.by),
                told=told,
                key=f"{SUBJECT}/beside/{number}",
            )
        return len(plan.sent)

    def _finish(self) -> None:
        """Hand out what a sending before a sudden end left open."""
        number = self._book.plan_number("published")
        newest = queries.newest_events(self._book.store, "plan_published", 1, str(number or 0))
        if not newest or SUBJECT not in newest[0].data:
            return
        waiting = {row["id"] for row in self._book.rows("orders") if row["state"] in UNTOUCHED}
        if waiting & {each["order"] for each in newest[0].data[SUBJECT]}:
            self._shelf.hand_out(self._archive.day(), RULES, Who(name=newest[0].data["on"]))

    def _note_left(self, found: list[Waits]) -> None:
        for each in found:
            if each.why is not None:
                self._left([each.order], each.why)

    def _left(self, orders: Any, why: str) -> None:
        """Write down once why an order does not go out by the rules."""
        known: set[tuple[str, str]] = self._book.kept("unattended left", ("policies",), set)
        for order in orders:
            if (order, why) not in known:
                known.add((order, why))
                self._book.note(
                    "noted", order, {"what": LEFT, "why": why}, RULES, key=f"{LEFT}/{order}/{why}"
                )


def _off(event: Event) -> State:
    return State(on=False, by=event.actor, reason=event.data.get("reason", ""), since=event.at)


def _told(each: Sending, waits: Waits) -> dict[str, Any]:
    told = {"order": each.order, "job": each.job, "crew": each.crew, "requests": list(waits.requests)}
    return told | {"received_at": waits.since.isoformat(), "due": waits.due.isoformat()}


def _sent(event: Event, row: Row) -> Sent:
    return Sent(
        order=row["order"],
        crew=row["crew"],
        at=event.at,
        received_at=datetime.fromisoformat(row["received_at"]),
        due=datetime.fromisoformat(row["due"]),
        requests=tuple(row["requests"]),
        plan=int(event.subject),
    )
