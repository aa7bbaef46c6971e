"""A duty room's day, from the first call to the callback, through one desk."""

from __future__ import annotations

import pytest

from dispatch.ground.case import Case
from dispatch.live import Budget, Desk, Entry, Refused, Who
from dispatch.live.archive import MOST_KEPT
from dispatch.live.proposals import merged, routes_of
from dispatch.store import Conflict, Store
from dispatch.store.tables import orders, requests
from tests.dispatch.live.conftest import Clock

ANA = Who(name="ana")
BO = Who(name="bo")
QUICK = Budget(work=300)


def order_of(desk: Desk, id_: str) -> dict[str, object]:
    return next(row for row in desk.store.rows(orders) if row["id"] == id_)


def first_published(desk: Desk) -> int:
    desk.shelf.propose(ANA)
    number = desk.plan_number("proposed")
    assert number is not None
    desk.shelf.publish(number, ANA)
    return number


def test_the_cases_own_requests_are_taken_over_once(small: Case, store: Store, clock: Clock) -> None:
    Desk(small, store, clock, QUICK)
    Desk(small, store, clock, QUICK)
    assert len(store.rows(requests)) == len(small.requests)


def test_a_proposal_is_no_plan_until_somebody_publishes_it(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    assert all(not route.visits for route in desk.day().plan.routes)
    assert desk.shelf.proposal() is not None
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    assert any(route.visits for route in desk.day().plan.routes)
    assert desk.shelf.proposal() is None


def test_publishing_hands_out_the_orders(desk: Desk) -> None:
    first_published(desk)
    assert {row["state"] for row in desk.store.rows(orders)} == {"dispatched"}


def test_a_call_from_a_known_outage_joins_it(desk: Desk) -> None:
    first_published(desk)
    told = desk.calls.log(Entry(words="no light here either", received_at=desk.clock(), customer="C10"), BO)
    assert told.kind == "outage"
    assert told.order in {outage.id for outage in desk.day().outages}
    assert told.customer["name"] == "Karin Vera"
    assert "R2" in told.earlier


def test_a_request_sent_twice_with_one_key_is_one_request(desk: Desk) -> None:
    entry = Entry(words="meter broken", received_at=desk.clock(), customer="C05", channel="api")
    first = desk.calls.log(entry, BO, key="web/77")
    again = desk.calls.log(entry, BO, key="web/77")
    assert again.known
    assert again.id == first.id
    assert len([row for row in desk.store.rows(requests) if row["words"] == "meter broken"]) == 1


def test_an_unknown_customer_is_refused_and_nothing_is_written(desk: Desk) -> None:
    before = desk.version
    with pytest.raises(Refused, match="no customer 'C99'"):
        desk.calls.log(Entry(words="no light", received_at=desk.clock(), customer="C99"), BO)
    assert desk.version == before


def test_the_second_of_two_dispatchers_is_told(desk: Desk) -> None:
    first_published(desk)
    order = desk.store.rows(orders)[0]
    desk.work.move_order(order["id"], "on_the_way", ANA, seen=order["version"])
    with pytest.raises(Conflict, match="changed by ana"):
        desk.work.move_order(order["id"], "on_site", BO, seen=order["version"])


def test_a_state_cannot_be_skipped_backwards(desk: Desk) -> None:
    first_published(desk)
    order = desk.store.rows(orders)[0]
    with pytest.raises(Refused, match="cannot go to callback_done"):
        desk.work.move_order(order["id"], "callback_done", ANA, seen=order["version"])


def test_a_job_under_way_stays_with_its_crew_when_the_day_is_planned_again(desk: Desk, clock: Clock) -> None:
    first_published(desk)
    route = next(route for route in desk.day().plan.routes if route.visits and route.crew.startswith("crew"))
    job = route.visits[0].job
    clock.later(20)
    desk.work.report(job, "on_site", Who(name=route.crew, source="phone"), crew=route.crew)
    clock.later(5)
    desk.calls.log(Entry(words="sparks from the pole", received_at=clock(), customer="C11"), BO)
    again = desk.shelf.propose(ANA)
    kept = next(each for each in again.plan.routes if each.crew == route.crew)
    assert kept.visits[0].job == job
    assert kept.visits[0].start_s == 0


def test_an_absent_crew_gets_no_visit(desk: Desk) -> None:
    first_published(desk)
    desk.work.crew_is("crew-2", "absent", ANA, reason="ill")
    again = desk.shelf.propose(ANA)
    assert "crew-2" not in {route.crew for route in again.plan.routes if route.visits}


def test_a_pinned_job_goes_to_its_crew_and_a_forbidden_one_does_not(desk: Desk) -> None:
    first_published(desk)
    hazard = next(card.id for card in desk.day().cards.values() if card.title == "hazard")
    served = next(
        route.crew for route in desk.day().plan.routes for visit in route.visits if visit.job == hazard
    )
    other = "crew-1" if served == "crew-2" else "crew-2"
    desk.book.budget = Budget(work=300, freeze_min=0)
    desk.work.wish(hazard, other, "pin", ANA, "knows the site")
    assert hazard in routes_of(desk.shelf.propose(ANA).plan)[other]
    desk.work.wish(hazard, other, None, ANA, "")
    desk.work.wish(hazard, other, "forbid", ANA, "no truck")
    assert hazard not in routes_of(desk.shelf.propose(ANA).plan)[other]


def test_routes_by_hand_say_what_they_cost_and_what_they_break(desk: Desk) -> None:
    first_published(desk)
    routes = routes_of(desk.day().plan)
    meter = next(card.id for card in desk.day().cards.values() if card.title == "metering")
    moved = {crew: [job for job in jobs if job != meter] for crew, jobs in routes.items()}
    _, more = desk.hands.try_routes(moved)
    assert more > 0
    moved["crew-1"].append(meter)
    verdict, _ = desk.hands.try_routes(moved)
    assert "skills" in {violation.code for violation in verdict.violations}
    with pytest.raises(Refused, match="metering"):
        desk.hands.set_routes(moved, ANA, "please")


def test_a_job_moved_by_hand_hands_its_order_to_the_other_crew(desk: Desk) -> None:
    first_published(desk)
    day = desk.day()
    hazard = next(card for card in day.cards.values() if card.title == "hazard")
    routes = routes_of(day.plan)
    here = next(crew for crew, jobs in routes.items() if hazard.id in jobs)
    there = "crew-1" if here == "crew-2" else "crew-2"
    routes[here].remove(hazard.id)
    routes[there].insert(0, hazard.id)
    desk.hands.set_routes(routes, ANA, "nearer")
    assert order_of(desk, hazard.order)["crew"] == there
    assert desk.store.differing() == []


def test_only_the_accepted_moves_of_a_proposal_are_published() -> None:
    current = {"a": ["1", "2", "3"], "b": ["4"]}
    proposed = {"a": ["1"], "b": ["2", "4", "3"]}
    assert merged(current, proposed, {"3"}) == {"a": ["1", "2"], "b": ["4", "3"]}
    assert merged(current, proposed, {"2", "3"}) == {"a": ["1"], "b": ["2", "4", "3"]}
    assert merged(current, proposed, set()) == current


def test_a_desk_that_starts_again_shows_the_same_plan(small: Case, store: Store, clock: Clock) -> None:
    desk = Desk(small, store, clock, QUICK)
    first_published(desk)
    desk.work.crew_is("crew-1", "on_shift", ANA, lon=-71.2558, lat=-29.9064)
    clock.later(30)
    desk.calls.log(Entry(words="voltage is low", received_at=clock(), customer="C09"), BO)
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    again = Desk(small, store, clock, QUICK)
    assert again.day().plan.routes == desk.day().plan.routes
    assert again.day().summary == desk.day().summary


def test_what_a_job_was_is_known_long_after_its_plan(small: Case, store: Store, clock: Clock) -> None:
    desk = Desk(small, store, clock, QUICK)
    first = desk.shelf.propose(ANA)
    job, was = next(iter(first.cards.items()))
    for _ in range(MOST_KEPT + 1):
        clock.later(1)
        desk.shelf.propose(ANA)
    assert desk.archive.last_card(job, 1) == was
    again = Desk(small, store, clock, QUICK)
    assert again.archive.last_card(job, 1) == was
    assert again.archive.last_card("no such job", 1) is None
    assert again.archive.last_card("no such job", 99) is None


def test_a_whole_shift_ends_with_every_request_closed_and_the_journal_tells_it(
    desk: Desk, clock: Clock
) -> None:
    first_published(desk)
    for _ in range(6):
        for route in desk.day().plan.routes:
            for visit in route.visits:
                crew = Who(name=route.crew, source="phone")
                for step in ("on_the_way", "on_site", "done"):
                    clock.later(10)
                    desk.work.report(visit.job, step, crew, crew=route.crew)
        for row in desk.store.rows(orders):
            if row["state"] == "restored":
                version = desk.work.move_order(row["id"], "closed", ANA, seen=row["version"])
                desk.work.move_order(row["id"], "callback_done", ANA, seen=version)
        desk.shelf.propose(ANA)
        desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
        if not any(row["open"] for row in desk.store.rows(requests)):
            break
    assert not any(row["open"] for row in desk.store.rows(requests))
    assert desk.store.differing() == []
