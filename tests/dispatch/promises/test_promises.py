"""Promises kept and missed: one definition, from the journal alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.live import Budget, Desk, Who
from dispatch.promises.report import newest_given, newest_week, outcome_of, promise_report
from dispatch.store import Event, Store
from tests.prepared import empty_store, small_case

DAY = datetime(2026, 7, 13, tzinfo=UTC)
DUE = DAY + timedelta(hours=10)
WEEK = (DAY, DAY + timedelta(days=7))
MIN = timedelta(minutes=1)
ANA = Who(name="ana")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return empty_store(tmp_path / "day.sqlite")


def opened(store: Store, order: str, what: str = "arrive", class_: str = "P2", area: str = "urban") -> None:
    due = {what: DUE.isoformat()}
    given = {"kind": "outage", "class": class_, "grade": "ordinary", "area": area, "due": due}
    event(store, "order_opened", order, DUE - timedelta(hours=1), place=None, given=given)


def event(store: Store, kind: str, subject: str, at: datetime, **data: Any) -> None:
    store.record(Event(at=at, actor="test", source="board", kind=kind, subject=subject, data=data))


def moved(store: Store, order: str, to: str, at: datetime) -> None:
    event(store, "order_moved", order, at, to=to)


def outcomes(store: Store, as_of: datetime = WEEK[1]) -> dict[str, str]:
    return {record.order: record.outcome for record in promise_report(store, *WEEK, as_of).records}


@pytest.mark.parametrize(
    ("reached", "ended", "now", "expected"),
    [
        (DUE, None, DUE + MIN, "kept"),
        (DUE + MIN, None, DUE + MIN, "missed"),
        (None, None, DUE + MIN, "missed"),
        (None, None, DUE, "open"),
        (None, DUE, DUE + MIN, "lapsed"),
        (None, DUE + MIN, DUE + 2 * MIN, "missed"),
    ],
)
def test_a_promise_is_kept_missed_lapsed_or_open(
    reached: datetime | None, ended: datetime | None, now: datetime, expected: str
) -> None:
    assert outcome_of(DUE, reached, ended, now) == expected


def test_the_first_arrival_counts_and_a_visit_that_nobody_needed_does_not(store: Store) -> None:
    for order in ("early", "late", "never", "by-switch"):
        opened(store, order)
    moved(store, "early", "on_site", DUE - MIN)
    moved(store, "early", "accepted", DUE + MIN)
    moved(store, "early", "on_site", DUE + 2 * MIN)
    moved(store, "late", "on_site", DUE + 5 * MIN)
    moved(store, "by-switch", "restored", DUE - 10 * MIN)
    expected = {"early": "kept", "late": "missed", "never": "missed", "by-switch": "lapsed"}
    assert outcomes(store) == expected
    assert promise_report(store, *WEEK, DUE - 2 * MIN).counts["open"] == 3


def test_supply_that_did_not_last_was_not_restored(store: Store) -> None:
    for order in ("no", "no-then-yes", "late-word"):
        opened(store, order, "restore")
    moved(store, "no", "restored", DUE - 9 * MIN)
    moved(store, "no", "accepted", DUE - 5 * MIN)
    moved(store, "no-then-yes", "restored", DUE - 9 * MIN)
    moved(store, "no-then-yes", "accepted", DUE - 5 * MIN)
    moved(store, "no-then-yes", "restored", DUE - MIN)
    # A phone without signal says later what happened earlier.
    moved(store, "late-word", "closed", DUE + MIN)
    moved(store, "late-word", "restored", DUE - MIN)
    assert outcomes(store) == {"no": "missed", "no-then-yes": "kept", "late-word": "kept"}


def test_a_second_outage_at_the_same_place_is_judged_by_itself(store: Store) -> None:
    opened(store, "O-T1")
    moved(store, "O-T1", "on_site", DUE - MIN)
    moved(store, "O-T1", "closed", DUE)
    opened(store, "O-T1")
    moved(store, "O-T1", "on_site", DUE + MIN)
    records = promise_report(store, *WEEK, WEEK[1]).records
    assert [record.outcome for record in records] == ["kept", "missed"]


def test_rows_add_up_by_area_and_class(store: Store) -> None:
    for nr in range(3):
        opened(store, f"a{nr}", class_="P1")
        opened(store, f"b{nr}", area="rural")
        moved(store, f"a{nr}", "on_site", DUE + nr * 10 * MIN)
    report = promise_report(store, *WEEK, WEEK[1])
    assert [(row.area, row.class_, row.share, row.late_min) for row in report.rows] == [
        ("rural", "P2", 0.0, None),
        ("urban", "P1", 1 / 3, 15.0),
    ]
    assert sum(report.counts.values()) == len(report.records) == 6
    assert {name: sum(row.counts[name] for row in report.rows) for name in report.counts} == report.counts
    assert report.totals[0].counts == report.counts


def test_only_what_falls_due_in_the_period_is_reported(store: Store) -> None:
    opened(store, "x")
    assert promise_report(store, DUE, DUE + MIN, WEEK[1]).records
    assert not promise_report(store, DUE + MIN, DUE + 2 * MIN, WEEK[1]).records
    assert not promise_report(store, DUE - MIN, DUE, WEEK[1]).records


def test_the_page_opens_on_the_newest_week_in_which_anything_fell_due(store: Store) -> None:
    zone = ZoneInfo("UTC")
    last = (WEEK[0] - timedelta(days=7), WEEK[0])
    assert newest_week(store, zone, DUE) == WEEK, "nothing was ever promised: this week, not an older one"
    opened(store, "x")
    assert newest_week(store, zone, DUE - MIN) == WEEK
    assert newest_week(store, zone, DUE) == WEEK
    assert newest_week(store, zone, DUE + timedelta(days=30)) == WEEK
    assert newest_week(store, zone, DUE - timedelta(days=7)) == last


def test_the_desk_writes_down_what_it_promises_and_what_it_changes(store: Store, tmp_path: Path) -> None:
    case = small_case()
    now: Callable[[], datetime] = lambda: case.settings.now  # noqa: E731
    desk = Desk(case, store, now, Budget(work=100))
    desk.shelf.propose(ANA)
    seq = store.last_seq()
    orders = {order.id: order for order in desk.plan(1).orders}
    given = newest_given(store, orders)
    assert {id_: set(data["due"].values()) for id_, data in given.items()} == {
        id_: {promise.due.isoformat() for promise in order.promises} for id_, order in orders.items()
    }
    desk.shelf.propose(ANA)
    assert [each.kind for each in store.events_after(seq)] == ["plan_made"], "nothing new was promised"
    # A later decision replaces what was said first.
    order = next(id_ for id_, data in given.items() if data["due"])
    event(store, "noted", order, now(), what="promised", given={**given[order], "class": "P9"})
    desk.shelf.propose(ANA)
    assert newest_given(store, [order])[order]["class"] == given[order]["class"]
