"""A clock that is put right, or a change of hours: nothing is lost, nothing planned into the past."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.ground.case import Case
from dispatch.ground.clock import fixed
from dispatch.ground.day import DayPlan
from dispatch.live import Budget, Desk, Entry
from dispatch.live.planner.worker import Planner
from dispatch.live.standing.edits import add_shift
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store
from tests.dispatch.live.conftest import ANA, Clock

CHILE = ZoneInfo("America/Santiago")
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(small: Case, store: Store, clock: Clock) -> Desk:
    return open_room(small, store, clock, RoomOptions(budget=Budget(work=100))).desk


def call(desk: Desk, words: str, customer: str) -> str:
    return desk.calls.log(Entry(words=words, received_at=desk.clock(), customer=customer), ANA).id


def planned(desk: Desk) -> DayPlan:
    """What the planner makes of it by itself, published."""
    planner = Planner(desk)
    while not planner._due:
        planner._hear(1.0)
    planner._one_turn()
    assert planner.failures == 0
    day = desk.shelf.proposal()
    assert day is not None
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    return day


def holds(desk: Desk, logged: set[str], day: DayPlan) -> None:
    """Every call is there, the journal is whole, and no visit begins before now."""
    assert logged <= {row["id"] for row in desk.rows("requests")}
    assert logged <= {request for order in day.orders for request in order.requests}
    assert not desk.store.chain_faults()
    assert desk.store.differing() == []
    visits = [visit for route in day.plan.routes for visit in route.visits]
    assert all(day.origin + timedelta(seconds=visit.start_s) >= desk.clock() for visit in visits)


@pytest.mark.parametrize("moved", [-HOUR, timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_is_put_right_loses_nothing_and_plans_nothing_into_the_past(
    desk: Desk, clock: Clock, moved: timedelta
) -> None:
    logged = {call(desk, "the street is dark", "C11")}
    holds(desk, logged, planned(desk))
    clock.now += moved
    logged.add(call(desk, "sparks from the pole", "C05"))
    holds(desk, logged, planned(desk))


@pytest.mark.parametrize(
    "evening", [datetime(2026, 4, 4, 22, tzinfo=CHILE), datetime(2026, 9, 5, 22, tzinfo=CHILE)]
)
def test_a_night_with_an_hour_more_or_less_is_planned_by_the_hours_that_pass(
    desk: Desk, clock: Clock, evening: datetime
) -> None:
    clock.now = fixed(evening, CHILE)
    ends = fixed(clock.now + 8 * HOUR, CHILE)
    add_shift(desk, "crew-1", clock.now - HOUR, ends, ANA, "night")
    logged = {call(desk, "the street is dark", "C11")}
    day = planned(desk)
    holds(desk, logged, day)
    assert any(route.visits for route in day.plan.routes)
    shift = desk.case.crew_by_id["crew-1"]
    assert (shift.shift_end - shift.shift_start) == 9 * HOUR
    # Through the change of hours.
    clock.now = fixed(clock.now + 3 * HOUR, CHILE)
    logged.add(call(desk, "no light at the bakery", "C05"))
    after = planned(desk)
    holds(desk, logged, after)
    visits = [visit for route in after.plan.routes for visit in route.visits]
    assert all(after.origin + timedelta(seconds=visit.finish_s) <= ends + 2 * HOUR for visit in visits)
