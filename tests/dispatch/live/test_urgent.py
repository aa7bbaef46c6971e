"""A danger is offered to the nearest able crews at once, and one of them is sent."""

from __future__ import annotations

from datetime import timedelta

from dispatch.live import Budget, Desk, Entry, Who
from dispatch.live.proposals import routes_of
from tests.dispatch.live.conftest import Clock

ANA = Who(name="ana")
WIRE = "A wire is lying on the road"


def test_a_danger_is_offered_before_anything_is_planned(in_force: Desk, clock: Clock) -> None:
    clock.later(10)
    plans = in_force.plan_number("proposed"), in_force.plan_number("published")
    told = in_force.calls.log(Entry(words=WIRE, received_at=clock(), customer="C11"), ANA)
    assert in_force.calls.dangers() == (told.id,)
    offer = in_force.calls.urgent(told.id)
    assert offer is not None
    assert offer.card.tier == 0
    assert [each.arrive_s for each in offer.crews] == sorted(each.arrive_s for each in offer.crews)
    assert all(each.arrive_s >= 600 + each.drive_s for each in offer.crews)
    assert plans == (in_force.plan_number("proposed"), in_force.plan_number("published"))


def test_who_is_sent_goes_there_next_and_the_order_says_so(in_force: Desk, clock: Clock) -> None:
    clock.later(10)
    told = in_force.calls.log(Entry(words=WIRE, received_at=clock(), customer="C11"), ANA)
    offer = in_force.calls.urgent(told.id)
    assert offer is not None
    first = offer.crews[0]
    in_force.calls.divert(told.id, first.crew, ANA, "danger")
    assert routes_of(in_force.day().plan)[first.crew][first.position] == offer.card.id
    order = next(row for row in in_force.rows("orders") if row["id"] == offer.card.order)
    assert (order["state"], order["crew"]) == ("dispatched", first.crew)
    assert in_force.calls.dangers() == ()
    assert in_force.store.differing() == []
    fresh = Desk(in_force.case, in_force.store, clock, Budget(work=100))
    assert routes_of(fresh.day().plan) == routes_of(in_force.day().plan)
    again = in_force.shelf.propose(ANA)
    assert offer.card.id in again.cards


def test_a_crew_that_is_absent_or_lacks_the_skill_is_not_offered(in_force: Desk, clock: Clock) -> None:
    told = in_force.calls.log(Entry(words=WIRE, received_at=clock(), customer="C11"), ANA)
    offer = in_force.calls.urgent(told.id)
    assert offer is not None
    for each in offer.crews:
        assert offer.card.skills <= in_force.day().problem.crew_by_id[each.crew].skills
    in_force.work.crew_is(offer.crews[0].crew, "absent", ANA)
    less = in_force.calls.urgent(told.id)
    assert less is not None
    assert offer.crews[0].crew not in {each.crew for each in less.crews}


def test_an_enquiry_is_no_danger(in_force: Desk, clock: Clock) -> None:
    in_force.calls.log(Entry(words="How much is a kilowatt-hour?", received_at=clock(), customer="C11"), ANA)
    assert in_force.calls.dangers() == ()


def test_a_crew_is_offered_in_its_overtime_and_not_behind_it(in_force: Desk, clock: Clock) -> None:
    crew = in_force.case.crew_by_id["crew-1"]
    clock.now = crew.shift_end + timedelta(minutes=10)
    told = in_force.calls.log(Entry(words=WIRE, received_at=clock(), customer="C11"), ANA)
    within = in_force.calls.urgent(told.id)
    assert within is not None
    assert "crew-1" in {each.crew for each in within.crews}
    clock.now = crew.shift_end + timedelta(minutes=crew.overtime_min + 1)
    behind = in_force.calls.urgent(told.id)
    assert behind is not None
    assert "crew-1" not in {each.crew for each in behind.crews}
