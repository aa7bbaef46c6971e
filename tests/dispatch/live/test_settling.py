"""Orders and calls that a newer plan no longer holds: none is left behind where nobody looks."""

from __future__ import annotations

from random import Random

import pytest

from dispatch.ground.case import Case
from dispatch.live import Budget, Desk, Entry, Logged, answer_callback, due_callbacks
from dispatch.live.callbacks import TO_ASK
from dispatch.live.next_steps import NextSteps
from dispatch.store import ENDED, Store
from dispatch.store.tables import orders, requests
from tests.dispatch.live.conftest import ANA, Clock

HOMES = (
    [f"M2a-{n}" for n in range(1, 9)] + [f"M2b-{n}" for n in range(1, 9)] + [f"M3-{n}" for n in range(1, 21)]
)


@pytest.fixture
def clock(street: Case) -> Clock:
    return Clock(street.settings.now)


@pytest.fixture
def desk(street: Case, store: Store, clock: Clock) -> Desk:
    return Desk(street, store, clock, Budget(work=50))


def call(desk: Desk, customer: str, words: str = "no light", minutes_ago: float = 0.0) -> Logged:
    at = desk.clock()
    received = at.fromtimestamp(at.timestamp() - 60 * minutes_ago, at.tzinfo)
    return desk.calls.log(Entry(words=words, received_at=received, customer=customer), ANA)


def publish(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)


def state_of(desk: Desk, order: str) -> str:
    return next(str(row["state"]) for row in desk.store.rows(orders) if row["id"] == order)


def move(desk: Desk, order: str, *road: str) -> None:
    for to in road:
        seen = next(row["version"] for row in desk.rows("orders") if row["id"] == order)
        desk.work.move_order(order, to, ANA, seen=seen)


def many_call(desk: Desk, clock: Clock) -> None:
    for number in range(2, 8):
        call(desk, f"M2a-{number}")
        clock.later(2)


def left_behind(desk: Desk) -> list[str]:
    """Open orders that are in no plan and that nobody is at, open calls that nobody looks after."""
    day = desk.shelf.proposal() or desk.day()
    rows = [row for row in desk.store.rows(orders) if row["state"] not in (*ENDED, "restored")]
    lost = [f"order {row['id']} {row['state']}" for row in rows if row["id"] not in day.order_by_id]
    waiting = [row for row in desk.store.rows(requests) if row["open"]]
    steps = NextSteps(desk, waiting)
    asked = {row["request"] for row in desk.rows("callbacks") if row["state"] in TO_ASK}
    for row in waiting:
        code = steps.of(row).code
        if code in ("orphan", "plan", "closed") or (code == "callback" and row["id"] not in asked):
            lost.append(f"call {row['id']} of {row['customer']}: {code} {row['order_id']}")
    return lost


def test_an_order_whose_calls_went_into_a_larger_one_is_closed(desk: Desk, clock: Clock) -> None:
    first = call(desk, "M2a-1")
    desk.shelf.propose(ANA)
    assert state_of(desk, "O-M2a-1") == "received"
    many_call(desk, clock)
    desk.shelf.propose(ANA)
    held = {row["id"]: row["order_id"] for row in desk.rows("requests")}
    assert held[first.id] == "O-M2a"
    assert state_of(desk, "O-M2a-1") == "closed"
    assert left_behind(desk) == []


def test_an_order_that_routes_in_force_serve_stays_until_another_plan_is_published(
    desk: Desk, clock: Clock
) -> None:
    call(desk, "M2a-1")
    publish(desk)
    many_call(desk, clock)
    desk.shelf.propose(ANA)
    assert state_of(desk, "O-M2a-1") == "dispatched"
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    desk.shelf.propose(ANA)
    assert state_of(desk, "O-M2a-1") == "closed"


def test_a_crew_on_the_way_to_an_order_that_is_gone_is_not_on_the_way_for_ever(
    desk: Desk, clock: Clock
) -> None:
    call(desk, "M2a-1")
    publish(desk)
    move(desk, "O-M2a-1", "on_the_way")
    many_call(desk, clock)
    publish(desk)
    desk.shelf.propose(ANA)
    assert state_of(desk, "O-M2a-1") == "closed"
    assert left_behind(desk) == []


def test_a_crew_at_work_keeps_its_order_whatever_is_thought_meanwhile(desk: Desk, clock: Clock) -> None:
    call(desk, "M2a-1")
    publish(desk)
    crew = next(route.crew for route in desk.day().plan.routes if route.visits)
    desk.work.report("O-M2a-1/repair", "on_site", ANA, crew=crew)
    many_call(desk, clock)
    publish(desk)
    assert {"O-M2a-1", "O-M2a"} <= desk.day().order_by_id.keys()
    route = next(route for route in desk.day().plan.routes if route.crew == crew)
    assert route.visits[0].job == "O-M2a-1/repair"
    assert state_of(desk, "O-M2a-1") == "on_site"


def restored_main(desk: Desk, clock: Clock) -> None:
    """Half of a main's homes call, a crew repairs it."""
    for number in range(1, 6):
        call(desk, f"M2a-{number}")
        clock.later(2)
    publish(desk)
    move(desk, "O-M2a", "on_site")
    clock.later(30)
    move(desk, "O-M2a", "restored")


def test_a_call_from_before_the_restoration_that_no_order_held_is_asked(desk: Desk, clock: Clock) -> None:
    restored_main(desk, clock)
    clock.later(1)
    late = call(desk, "M2a-8", "no light", minutes_ago=15)
    assert late.order is None
    desk.shelf.propose(ANA)
    assert late.id in {row["request"] for row in due_callbacks(desk)}
    assert left_behind(desk) == []


def test_who_has_supply_again_ends_the_order_that_asked(desk: Desk, clock: Clock) -> None:
    restored_main(desk, clock)
    clock.later(1)
    late = call(desk, "M2a-8", "no light", minutes_ago=15)
    desk.shelf.propose(ANA)
    answer_callback(desk, late.id, "yes", ANA)
    assert not next(row["open"] for row in desk.store.rows(requests) if row["id"] == late.id)


def test_who_has_none_is_out_again_in_the_next_plan(desk: Desk, clock: Clock) -> None:
    restored_main(desk, clock)
    clock.later(1)
    late = call(desk, "M2a-8", "no light", minutes_ago=15)
    desk.shelf.propose(ANA)
    clock.later(20)
    answer_callback(desk, late.id, "no", ANA)
    day = desk.shelf.propose(ANA)
    (found,) = [outage for outage in day.outages if late.id in outage.requests]
    assert found.fault.place == "M2a-8"
    assert left_behind(desk) == []


def test_who_said_no_on_a_clock_that_is_put_back_since_is_out_in_the_next_plan(
    desk: Desk, clock: Clock
) -> None:
    restored_main(desk, clock)
    clock.later(1)
    late = call(desk, "M2a-8", "no light", minutes_ago=15)
    desk.shelf.propose(ANA)
    clock.later(20)
    answer_callback(desk, late.id, "no", ANA)
    clock.later(-10)
    day = desk.shelf.propose(ANA)
    assert late.id in {request for outage in day.outages for request in outage.requests}


def test_an_order_of_its_own_beneath_a_restored_place_is_asked_with_it(desk: Desk, clock: Clock) -> None:
    alone = call(desk, "M3-7", "only my flat has no power")
    clock.later(300)
    desk.shelf.propose(ANA)
    own = next(row["order_id"] for row in desk.rows("requests") if row["id"] == alone.id)
    for number in range(1, 16):
        if number != 7:
            call(desk, f"M3-{number}")
            clock.later(1)
    publish(desk)
    above = next(order for order in desk.day().order_by_id if order != own)
    clock.later(30)
    move(desk, above, "on_site", "restored")
    clock.later(5)
    # Its crew is on its way until a plan without it is published.
    publish(desk)
    desk.shelf.propose(ANA)
    assert state_of(desk, own) == "restored"
    assert alone.id in {row["request"] for row in due_callbacks(desk)}
    assert left_behind(desk) == []


def test_who_calls_again_after_the_restoration_is_not_asked_about_the_first_call(
    desk: Desk, clock: Clock
) -> None:
    restored_main(desk, clock)
    clock.later(1)
    early = call(desk, "M2a-8", "no light", minutes_ago=15)
    clock.later(5)
    again = call(desk, "M2a-8", "still no light")
    desk.shelf.propose(ANA)
    held = {row["id"]: row["order_id"] for row in desk.rows("requests")}
    assert held[early.id] == held[again.id] == "O-M2a-8"
    assert early.id not in {row["request"] for row in due_callbacks(desk)}


@pytest.mark.parametrize("seed", range(6))
def test_in_a_day_of_calls_repairs_and_answers_nothing_is_left_behind(
    desk: Desk, clock: Clock, seed: int
) -> None:
    random = Random(seed)
    for _ in range(14):
        for _ in range(random.randint(0, 5)):
            words = random.choice(["no light", "only my flat has no power", "the whole street is dark"])
            call(desk, random.choice(HOMES), words, minutes_ago=random.choice([0, 0, 0, 25]))
            clock.later(random.uniform(0.2, 4))
        clock.later(random.uniform(1, 90))
        publish(desk) if random.random() < 0.6 else desk.shelf.propose(ANA)
        at_work = [
            row for row in desk.rows("orders") if row["state"] in ("dispatched", "on_the_way", "on_site")
        ]
        for row in random.sample(at_work, min(len(at_work), random.randint(0, 2))):
            following = {"dispatched": "on_the_way", "on_the_way": "on_site", "on_site": "restored"}
            move(desk, row["id"], following[row["state"]])
        for row in due_callbacks(desk):
            if random.random() < 0.5:
                answer_callback(desk, row["request"], random.choice(["yes", "yes", "no"]), ANA)
    publish(desk)
    clock.later(3)
    desk.shelf.propose(ANA)
    assert left_behind(desk) == []
