"""Promises kept and missed: one definition, read out of the journal, added up by area and class.

A promise is what the policy gave when it last looked at an order that was open. It is

kept
    when it was reached by its due time;
missed
    when it was reached later, or is past due and not reached;
lapsed
    when the order ended before the due time and never needed it (supply came back without a visit);
open
    when its due time is still ahead.

The first acceptance, dispatch and arrival count, but the last restoration: a customer who is asked
and says "no" shows that the earlier one did not hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from ..ground.day import WorkOrder
from ..ground.errors import DispatchError
from ..store import Event, Store
from ..store.history import events_between, events_of

Outcome = Literal["kept", "missed", "lapsed", "open"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
# What an order reaches when a promise of each kind is met.
REACHED_BY: Mapping[str, str] = {
    "accept": "accepted",
    "dispatch": "dispatched",
    "arrive": "on_site",
    "restore": "restored",
    "answer": "closed",
}
NOBODY = "–"
# A promise is given when an order is opened and falls due within days; older journals need not be read.
LONGEST = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One promise and its outcome.

    Parameters
    ----------
    what : accept, dispatch, arrive, restore or answer.
    reached : when it was met, None when it was not.
    """

    order: str
    kind: str
    class_: str
    grade: str
    area: str
    what: str
    due: datetime
    reached: datetime | None
    outcome: Outcome

    @property
    def late_min(self) -> float | None:
        """Minutes between due and reached, for what was reached too late."""
        if self.outcome != "missed" or self.reached is None:
            return None
        return (self.reached - self.due).total_seconds() / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Promises of one area, class and kind, counted.

    `late_min` is the median lateness of what was reached too late; None where there is nothing.
    """

    area: str
    class_: str
    what: str
    counts: Mapping[Outcome, int]
    late_min: float | None

    @property
    def share(self) -> float | None:
        """Kept of kept and missed, 0 to 1."""
        return share(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseReport:
    """What fell due in a period: counted by area and class, and every miss by itself."""

    begins: datetime
    ends: datetime
    rows: tuple[Row, ...]
    totals: tuple[Row, ...]
    missed: tuple[Record, ...]
    records: tuple[Record, ...]

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many of each outcome in all."""
        return _counts(self.records)


def outcome_of(due: datetime, reached: datetime | None, ended: datetime | None, as_of: datetime) -> Outcome:
    """Say whether a promise is kept; every screen and report that counts promises asks here."""
    if reached is not None:
        return "kept" if reached <= due else "missed"
    if ended is not None and ended <= due:
        return "lapsed"
    return "missed" if due < as_of else "open"


def share(counts: Mapping[Outcome, int]) -> float | None:
    """Kept of kept and missed, 0 to 1; None when there is neither."""
    settled = counts["kept"] + counts["missed"]
    return counts["kept"] / settled if settled else None


def given_data(order: WorkOrder) -> dict[str, Any]:
    """What an order was promised and when it goes up a level, as the journal keeps it."""
    return {
        "kind": order.kind,
        "class": order.class_,
        "grade": order.grade,
        "area": order.decision.trace.facts.get("area") or NOBODY,
        "due": {promise.what: promise.due.isoformat() for promise in order.promises},
        "escalate_min": order.decision.outcome.get("escalate_after_min"),
    }


def newest_given(store: Store, orders: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """What was last promised for each of some orders."""
    found: dict[str, Mapping[str, Any]] = {}
    for event in events_of(store, orders, ("order_opened", "noted")):
        if "given" in event.data:
            found[event.subject] = event.data["given"]
    return found


def period(first: date | None, last: date | None, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Return the start of the first day and the end of the last; last week, Monday to Sunday, without any.

    Raises
    ------
    DispatchError
        The last day is before the first.
    """
    if first is None:
        today = now.astimezone(zone).date()
        first = (
            today - timedelta(days=today.weekday()) - timedelta(days=7)
            if last is None
            else last - timedelta(days=6)
        )
    last = first + timedelta(days=6) if last is None else last
    if last < first:
        raise DispatchError(f"the last day, {last}, is before the first, {first}")
    return _midnight(first, zone), _midnight(last + timedelta(days=1), zone)


def this_week(zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Return the week that runs, Monday to Sunday."""
    today = now.astimezone(zone).date()
    return period(today - timedelta(days=today.weekday()), None, zone, now)


def newest_week(store: Store, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Return the newest week in which anything has fallen due; this week where nothing has."""
    begins, _ = running = this_week(zone, now)
    past = [
        due
        for event in events_between(store, begins - LONGEST, now + LONGEST, GIVING)
        for due in map(datetime.fromisoformat, event.data.get("given", {}).get("due", {}).values())
        if due <= now
    ]
    if not past or max(past) >= begins:
        return running
    day = max(past).astimezone(zone).date()
    return period(day - timedelta(days=day.weekday()), None, zone, now)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def promise_report(store: Store, begins: datetime, ends: datetime, as_of: datetime) -> PromiseReport:
    """Report every promise that falls due from `begins` to before `ends`.

    Parameters
    ----------
    as_of : what is not reached by then and past due is missed.
    """
    records = sorted(promise_records(store, begins, ends, as_of), key=lambda each: (each.due, each.order))
    groups: defaultdict[tuple[str, str, str], list[Record]] = defaultdict(list)
    kinds: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[record.area, record.class_, record.what].append(record)
        kinds[record.what].append(record)
    return PromiseReport(
        begins=begins,
        ends=ends,
        rows=tuple(_row(*key, groups[key]) for key in sorted(groups, key=_reading_order)),
        totals=tuple(_row("", "", what, kinds[what]) for what in REACHED_BY if what in kinds),
        missed=tuple(record for record in records if record.outcome == "missed"),
        records=tuple(records),
    )


def promise_records(store: Store, begins: datetime, ends: datetime, as_of: datetime) -> Iterator[Record]:
    """Every promise that falls due in a period, in no order."""
    given = events_between(store, begins - LONGEST, ends, GIVING)
    wanted = {event.subject for event in given if "given" in event.data and _dues(event, begins, ends)}
    lives: defaultdict[str, list[list[Event]]] = defaultdict(list)
    for event in events_of(store, wanted, (*GIVING, "order_moved")):
        # What comes after an order has ended at the same place is new work under the old name.
        if event.kind == "order_opened" or not lives[event.subject]:
            lives[event.subject].append([])
        lives[event.subject][-1].append(event)
    for order in sorted(lives):
        for life in lives[order]:
            yield from _records(order, life, begins, ends, as_of)


GIVING = ("order_opened", "noted")


def _records(
    order: str, life: Sequence[Event], begins: datetime, ends: datetime, as_of: datetime
) -> Iterator[Record]:
    given = [event for event in life if "given" in event.data]
    moves = [event for event in life if event.kind == "order_moved" and event.at <= as_of]
    if given:
        for what, due in _dues(given[-1], begins, ends).items():
            yield _record(order, given[-1].data["given"], what, due, moves, as_of)


def _dues(event: Event, begins: datetime, ends: datetime) -> dict[str, datetime]:
    dues = {what: datetime.fromisoformat(due) for what, due in event.data["given"]["due"].items()}
    return {what: due for what, due in dues.items() if begins <= due < ends}


def _record(
    order: str, data: Mapping[str, Any], what: str, due: datetime, moves: Sequence[Event], as_of: datetime
) -> Record:
    reached = _reached(what, moves)
    ended = _last(moves, ("restored", "closed"))
    return Record(
        order=order,
        kind=data["kind"],
        class_=data["class"],
        grade=data["grade"],
        area=data["area"],
        what=what,
        due=due,
        reached=reached,
        outcome=outcome_of(due, reached, ended, as_of),
    )


def _reached(what: str, moves: Sequence[Event]) -> datetime | None:
    if what == "restore":
        return _last(moves, (REACHED_BY[what],))
    return min((each.at for each in moves if each.data["to"] == REACHED_BY[what]), default=None)


def _last(moves: Sequence[Event], states: Collection[str]) -> datetime | None:
    """When an order came to one of these states for the last time; None when it was opened again since."""
    last: datetime | None = None
    for each in sorted(moves, key=lambda event: (event.at, event.seq or 0)):
        if each.data["to"] in states:
            last = each.at
        elif each.data["to"] == "accepted":
            last = None
    return last


def _row(area: str, class_: str, what: str, records: Sequence[Record]) -> Row:
    late = [record.late_min for record in records if record.late_min is not None]
    return Row(
        area=area, class_=class_, what=what, counts=_counts(records), late_min=median(late) if late else None
    )


def _counts(records: Iterable[Record]) -> Mapping[Outcome, int]:
    counts: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
    for record in records:
        counts[record.outcome] += 1
    return counts


def _reading_order(key: tuple[str, str, str]) -> tuple[str, str, int]:
    area, class_, what = key
    return area, class_, list(REACHED_BY).index(what)
