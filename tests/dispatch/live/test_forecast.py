"""What is expected now: the plan in force carried on with what has been reported since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import pytest

from dispatch.live import Desk, Who
from dispatch.live.forecast import Forecast, forecast_of
from dispatch.planning.summary import blocks_back, expected_promises

ANA = Who(name="ana")
MINUTE = timedelta(minutes=1)


class Clock(Protocol):
    """A clock that the test sets."""

    now: datetime


class Room:
    """A desk whose clock can be put forward."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk, self.clock = desk, clock

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self.clock.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.clock.now = moment

    def publish(self) -> None:
        self.desk.shelf.propose(ANA)
        self.desk.shelf.publish(self.desk.plan_number("proposed") or 0, ANA)

    def forecast(self) -> Forecast:
        found = forecast_of(self.desk)
        assert found is not None
        return found

    def first_stop(self) -> tuple[str, str]:
        """The first stop of the crew that has most to do."""
        routes = [route for route in self.desk.day().plan.routes if route.crew.startswith("crew")]
        longest = max(routes, key=lambda route: len(route.visits))
        return longest.crew, longest.visits[0].job

    def repair(self) -> tuple[str, str]:
        """A repair and its crew, which has done all that stands before it."""
        for route in self.desk.day().plan.routes:
            for at, visit in enumerate(route.visits):
                if visit.job.endswith("/repair"):
                    for before in route.visits[:at]:
                        self.desk.work.report(before.job, "done", ANA, crew=route.crew)
                    return route.crew, visit.job
        raise AssertionError("no repair in the plan")


@pytest.fixture
def room(desk: Desk, clock: Clock) -> Room:
    return Room(desk, clock)


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def test_nothing_is_expected_before_there_is_a_plan(room: Room) -> None:
    assert forecast_of(room.desk) is None


def test_a_proposal_alone_tells_who_is_out_and_not_when_they_are_back(room: Room) -> None:
    room.desk.shelf.propose(ANA)
    found = room.forecast()
    assert found.out == room.desk.plan(1).summary.customers_out > 0
    assert found.curve == ()
    assert not found.stays
    assert all(each.back is None for each in found.supplies.values())


def test_while_nothing_has_happened_the_forecast_is_the_plan(room: Room) -> None:
    room.publish()
    day, found = room.desk.day(), room.forecast()
    origin_s = seconds(day.origin)
    for route in day.plan.routes:
        told = [(stay.arrive, stay.start, stay.finish) for stay in found.stays[route.crew]]
        assert told == [
            tuple(origin_s + at for at in (visit.arrival_s, visit.start_s, visit.finish_s))
            for visit in route.visits
        ]
    assert {at for at, _ in found.curve} == {origin_s + at for at in blocks_back(day, day.plan).values()}
    for each in expected_promises(day, day.plan):
        met_at = None if each.met_s is None else origin_s + each.met_s
        assert found.promises[each.order, each.promise.what].at == met_at


def test_a_crew_that_has_not_left_makes_everything_behind_it_later(room: Room) -> None:
    room.publish()
    crew, job = room.first_stop()
    before = room.forecast()
    room.now += 60 * MINUTE
    after = room.forecast()
    late = [b.start - a.start for a, b in zip(before.stays[crew], after.stays[crew], strict=True)]
    assert late[0] == 3600
    assert all(each > 0 for each in late)
    assert after.out == before.out
    # Once it has come, what follows is counted from there.
    room.desk.work.report(job, "on_site", ANA, crew=crew, at=room.now - 40 * MINUTE)
    there = room.forecast()
    assert there.stays[crew][0].here
    assert there.stays[crew][0].arrive == seconds(room.now - 40 * MINUTE)
    assert there.stays[crew][-1].finish < after.stays[crew][-1].finish


def test_a_crew_that_is_called_away_leaves_nothing_to_say(room: Room) -> None:
    room.publish()
    crew, job = room.repair()
    room.desk.work.crew_is(crew, "absent", ANA, reason="ill")
    found = room.forecast()
    ahead = [stay for stay in found.stays[crew] if not stay.done]
    assert {(stay.arrive, stay.finish) for stay in ahead} == {(None, None)}
    outage = job.rsplit("/", 1)[0]
    assert found.supplies[outage].back is None
    assert found.supplies[outage].out > 0


def test_customers_are_back_with_the_report_and_not_with_the_next_plan(room: Room) -> None:
    room.publish()
    crew, job = room.repair()
    outage = job.rsplit("/", 1)[0]
    out = room.forecast().supplies[outage].out
    before = room.forecast().out
    for to in ("on_site", "safe", "restored"):
        room.desk.work.report(job, to, ANA, crew=crew)
    found = room.forecast()
    assert found.out == before - out
    assert found.supplies[outage].out == 0
    assert outage in found.ended


def test_work_that_takes_longer_than_it_should_ends_no_earlier_than_now(room: Room) -> None:
    room.publish()
    crew, job = room.first_stop()
    room.desk.work.report(job, "on_site", ANA, crew=crew)
    room.now += timedelta(hours=9)
    stay = room.forecast().stays[crew][0]
    assert stay.over
    assert stay.finish == seconds(room.now) // 60 * 60
    room.desk.work.report(job, "on_site", ANA, crew=crew, minutes=30)
    told = room.forecast().stays[crew][0]
    assert not told.over
    assert told.finish == seconds(room.now) + 1800


def test_what_no_route_serves_comes_back_at_no_time(room: Room) -> None:
    room.publish()
    room.desk.hands.set_routes({}, ANA, "nobody today")
    day, found = room.desk.day(), room.forecast()
    assert blocks_back(day, day.plan) == {}
    assert found.curve == ()
    assert found.out == day.summary.customers_out
    restored = [each for each in expected_promises(day, day.plan) if each.promise.what == "restore"]
    assert restored
    assert {each.met_s for each in restored} == {None}


def test_a_promise_that_was_met_says_when(room: Room) -> None:
    room.publish()
    crew, job = room.first_stop()
    room.now += 5 * MINUTE
    room.desk.work.report(job, "on_site", ANA, crew=crew)
    order = room.desk.work.order_of(job)
    met = room.forecast().promises.get((order, "arrive"))
    if met is not None:
        assert met.met
        assert met.at == seconds(room.now)


def test_what_a_newer_proposal_knows_counts_even_after_a_change_by_hand(room: Room) -> None:
    room.publish()
    number = room.desk.plan_number("published")
    room.now += MINUTE
    room.desk.shelf.propose(ANA)
    assert room.desk.shelf.newest_plan_number() == (number or 0) + 1
    routes = {route.crew: [v.job for v in route.visits] for route in room.desk.day().plan.routes}
    room.desk.hands.set_routes(routes, ANA, "as it is")
    assert room.desk.shelf.newest_plan_number() == (number or 0) + 1
