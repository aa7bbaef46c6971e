"""A shift: who is on and how long they have rested, what is handed over, what it came to."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ..ground.case import CrewShift
from ..ground.day import DayPlan, WorkOrder
from ..planning.main_road import plan_day
from ..planning.running import Running
from ..promises.report import Outcome, promise_report
from ..store import ENDED, Event
from ..store.history import events_between
from ..store.request_list import WAITING, request_counts, request_list
from .book import Who, answers_for
from .desk import Desk
from .forecast import Forecast, forecast_of
from .labour import Labour
from .next_steps import NextStep, NextSteps, pressing
from .standing.terms import broken_terms

DAY = timedelta(days=1)
# What lies further back is rest enough.
REST_KNOWN = timedelta(days=4)
WORKING = {"on_the_way": "drive", "on_site": "work", "safe": "work"}
MOST_NOTES = 100
HANDED_OVER = ("handover", "help", "refused")
MOST_WAITING = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShift:
    """A crew on a shift, and what of the terms it would break.

    Parameters
    ----------
    state : on_shift while it runs, coming, over, or what the crew or the office says: absent, off.
    rest_h : since its last shift, None where that is not known.
    wrong : codes: rest, long_day, week, days, no_break.
    """

    crew: CrewShift
    state: str
    rest_h: float | None
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFigures:
    """What a shift came to.

    Parameters
    ----------
    customer_minutes : without supply within the shift, of what the journal knows.
    drive_min, work_min : crews' own reports: from the way to the site, from there to done.
    overtime_min : work reported after the end of a crew's shift.
    """

    received: int
    restored: int
    closed: int
    customers_back: int
    customer_minutes: float
    promises: Mapping[Outcome, int]
    drive_min: float
    work_min: float
    overtime_min: float

    @property
    def drive_share(self) -> float | None:
        """Drive of drive and work, 0 to 1."""
        whole = self.drive_min + self.work_min
        return self.drive_min / whole if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An order that the next shift takes over."""

    order: str
    class_: str
    kind: str
    address: str
    state: str
    since: datetime
    crew: str | None
    responsible: str
    note: str | None
    expected: datetime | None
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that no work order holds yet, and what is to be done about it."""

    request: str
    received_at: datetime
    words: str
    address: str | None
    next: NextStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What is handed over at a moment, the most urgent first."""

    at: datetime
    orders: tuple[Open, ...]
    notes: tuple[Mapping[str, Any], ...] = field(default=())
    waiting: tuple[Waiting, ...] = ()
    waiting_more: int = 0


def crews_on(
    desk: Desk, begins: datetime, ends: datetime, labour: Labour | None = None
) -> tuple[OnShift, ...]:
    """Whose shifts run between two moments, by the roster in force.

    Parameters
    ----------
    labour : the law that they are held against; None for the terms of the case, as a call-in is.
    """
    states = {row["id"]: row["state"] for row in desk.rows("crews")}
    roster, now = desk.standing.shifts(), desk.clock()
    found = []
    for shift in roster.between(begins, ends):
        before = roster.of(shift.id, shift.shift_start - REST_KNOWN, shift.shift_start)
        rest_h = (shift.shift_start - before[-1].shift_end) / timedelta(hours=1) if before else None
        found.append(
            OnShift(
                crew=shift,
                state=_state(shift, states.get(shift.id, "on_shift"), now),
                rest_h=rest_h,
                wrong=_own_wrong(desk, shift) if labour is None else broken_rests(shift, rest_h, labour),
            )
        )
    return tuple(found)


def _own_wrong(desk: Desk, shift: CrewShift) -> tuple[str, ...]:
    broken = broken_terms(desk.standing.shifts(), shift, (shift,), desk.case.settings)
    return tuple("long_day" if each.term == "shift" else each.term for each in broken)


def _state(shift: CrewShift, said: str, now: datetime) -> str:
    """What is true of a shift now: somebody's word counts while it runs."""
    if now < shift.shift_start:
        return "coming"
    return "over" if now >= shift.shift_end else said


def broken_rests(crew: CrewShift, rest_h: float | None, labour: Labour) -> tuple[str, ...]:
    """Codes of what a shift breaks: too little rest before it, too long a day, no break in it."""
    length_h = (crew.shift_end - crew.shift_start) / timedelta(hours=1)
    wrong = []
    if rest_h is not None and rest_h < labour.rest_h:
        wrong.append("rest")
    if length_h + crew.overtime_min / 60 > labour.day_h:
        wrong.append("long_day")
    if length_h > labour.break_after_h and not crew.breaks:
        wrong.append("no_break")
    return tuple(wrong)


def plan_ahead(desk: Desk, begins: datetime, ends: datetime, *, work: int | None = None) -> DayPlan:
    """A study of a later shift: what the plan in force leaves open by then, planned for who is on then.

    Nothing is written down: calls will still come.
    """
    day = desk.day()
    by_s = (begins - day.origin).total_seconds()
    done = {visit.job for route in day.plan.routes for visit in route.visits if visit.finish_s <= by_s} | {
        row["id"] for row in desk.rows("jobs") if row["state"] == "done"
    }
    served = {request for order in day.orders for request in order.requests if _all_done(day, order.id, done)}
    # Whoever is absent now may be back by then.
    on = tuple({each.crew.id: each.crew for each in reversed(crews_on(desk, begins, ends))}.values())
    case = replace(
        day.case,
        crews=on,
        requests=tuple(each for each in day.case.requests if each.id not in served),
        settings=replace(day.case.settings, now=begins),
    )
    budget = desk.budget
    return plan_day(
        case,
        time_limit_s=None if work or budget.work else min(3.0, budget.time_limit_s or 3.0),
        work=work or budget.work,
        processes=1,
        running=Running(done=frozenset(done)),
    )


def _all_done(day: DayPlan, order: str, done: set[str]) -> bool:
    jobs = [card.id for card in day.cards_of_order.get(order, ()) if card.kind != "switching"]
    return bool(jobs) and all(job in done for job in jobs)


def handover(desk: Desk) -> Handover:
    """What is open now: where it stands, who answers for it, what will be late, what was noted."""
    day, now = desk.day(), desk.clock()
    proposed = desk.shelf.proposal()
    expected = forecast_of(desk)
    orders = []
    for row in desk.rows("orders"):
        if row["state"] in ENDED:
            continue
        order = day.order_by_id.get(row["id"])
        if order is None:
            orders.append(_unplanned(row, proposed))
            continue
        cards = [card for card in day.cards_of_order.get(order.id, ()) if card.kind != "switching"]
        orders.append(
            Open(
                order=order.id,
                class_=order.class_,
                kind=order.kind,
                address=cards[0].address if cards else "",
                state=row["state"],
                since=row["since"],
                crew=row["crew"],
                responsible=answers_for(row),
                note=row["note"],
                expected=_expected_end(expected, day, order.id, [card.id for card in cards]),
                late=_late(expected, order, now),
            )
        )
    return Handover(
        at=now,
        orders=tuple(sorted(orders, key=lambda each: (each.class_, each.since))),
        notes=_notes(desk, now),
        **_waiting(desk),
    )


def _unplanned(row: Mapping[str, Any], proposed: DayPlan | None) -> Open:
    """An open order that the plan in force does not know: new since, or left by what it stood on."""
    known = proposed.order_by_id.get(row["id"]) if proposed is not None else None
    cards = proposed.cards_of_order.get(row["id"], ()) if proposed is not None else ()
    return Open(
        order=row["id"],
        class_=known.class_ if known is not None else "",
        kind=known.kind if known is not None else "",
        address=cards[0].address if cards else "",
        **{name: row[name] for name in ("state", "since", "crew", "note")},
        responsible=answers_for(row),
        expected=None,
    )


def _waiting(desk: Desk) -> dict[str, Any]:
    """The requests that no order holds yet, the most pressing on top, and how many more there are."""
    found = pressing(desk)
    rows = request_list(desk.store, group=WAITING, pressing=found, most=MOST_WAITING).rows
    steps = NextSteps(desk, rows)
    told = tuple(
        Waiting(
            request=row["id"],
            received_at=row["received_at"],
            words=row["words"],
            address=row["address"],
            next=steps.of(row),
        )
        for row in rows
    )
    return {"waiting": told, "waiting_more": request_counts(desk.store, found)[WAITING] - len(told)}


def _expected_end(
    expected: Forecast | None, day: DayPlan, order: str, jobs: Sequence[str]
) -> datetime | None:
    """When the last job of an order is expected to be done, None where nobody can say."""
    found = [expected.finish[job] for job in jobs if job in expected.finish] if expected else []
    if not found or len(found) < len(jobs):
        return None
    return datetime.fromtimestamp(max(found), day.origin.tzinfo)


def _late(expected: Forecast | None, order: WorkOrder, now: datetime) -> tuple[str, ...]:
    """What was promised and is not kept: too late, or overdue while nobody can say when."""
    if expected is None:
        return ()
    late = []
    for promise in order.promises:
        met, due_s = expected.promises.get((order.id, promise.what)), promise.due.timestamp()
        if met is not None and (now.timestamp() if met.at is None else met.at) > due_s:
            late.append(promise.what)
    return tuple(late)


def note_for_handover(desk: Desk, text: str, who: Who) -> None:
    """Leave a note for the next shift."""
    desk.note("noted", "handover", {"what": "handover", "note": text}, who)


def _notes(desk: Desk, now: datetime) -> tuple[Mapping[str, Any], ...]:
    found = [
        {"at": event.at, "actor": event.actor, "subject": event.subject, **event.data}
        for event in events_between(desk.store, now - DAY, now + DAY, ("noted",), about=HANDED_OVER)
    ]
    return tuple(found[-MOST_NOTES:])


def shift_figures(desk: Desk, begins: datetime, ends: datetime) -> ShiftFigures:
    """Add up a shift out of the journal."""
    until = min(ends, desk.clock())
    happened = list(events_between(desk.store, begins - DAY, until, FIGURES))
    inside = [event for event in happened if begins <= event.at < until]
    moves = [event for event in inside if event.kind == "order_moved"]
    restored = {event.subject for event in moves if event.data["to"] == "restored"}
    out = _customers_out(happened)
    ended = {each.id: each.shift_end for each in desk.standing.shifts().between(begins, until)}
    drive_min, work_min, overtime_min = _crew_minutes(inside, ended)
    report = promise_report(desk.store, begins, until, until)
    return ShiftFigures(
        received=sum(event.kind == "request_logged" for event in inside),
        restored=len(restored),
        closed=len({event.subject for event in moves if event.data["to"] == "closed"}),
        customers_back=sum(out[each][1] for each in restored if each in out),
        customer_minutes=_customer_minutes(out, happened, begins, until),
        promises=report.counts,
        drive_min=drive_min,
        work_min=work_min,
        overtime_min=overtime_min,
    )


FIGURES = ("request_logged", "order_opened", "order_moved", "job_moved")


def _customers_out(happened: Iterable[Event]) -> dict[str, tuple[datetime, int]]:
    """Since when and how many customers each order's outage has out."""
    return {
        event.subject: (datetime.fromisoformat(event.data["since"]), int(event.data["customers"]))
        for event in happened
        if event.kind == "order_opened" and event.data.get("customers")
    }


def _customer_minutes(
    out: Mapping[str, tuple[datetime, int]], happened: Iterable[Event], begins: datetime, until: datetime
) -> float:
    back = {
        event.subject: event.at
        for event in happened
        if event.kind == "order_moved" and event.data["to"] in ("restored", "closed")
    }
    total = 0.0
    for order, (since, customers) in out.items():
        ended = min(back.get(order, until), until)
        total += customers * max(0.0, (ended - max(since, begins)) / timedelta(minutes=1))
    return total


def _crew_minutes(inside: Sequence[Event], ended: Mapping[str, datetime]) -> tuple[float, float, float]:
    """Minutes on the road, at work, and after the end of the crew's last shift, by crews' own reports."""
    told: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in inside:
        if event.kind == "job_moved":
            told[event.data["crew"], event.subject].append(event)
    minutes = {"drive": 0.0, "work": 0.0}
    last: dict[str, datetime] = {}
    for (crew, _), reports in told.items():
        reports.sort(key=lambda event: (event.at, event.seq or 0))
        for one, next_ in itertools.pairwise(reports):
            if one.data["to"] in WORKING:
                minutes[WORKING[one.data["to"]]] += (next_.at - one.at) / timedelta(minutes=1)
        last[crew] = max(last.get(crew, reports[-1].at), reports[-1].at)
    over = sum(
        max(0.0, (at - ended[crew]) / timedelta(minutes=1)) for crew, at in last.items() if crew in ended
    )
    return minutes["drive"], minutes["work"], over
