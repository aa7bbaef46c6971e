"""Neighbours asked, meters heard, supply restored: what they do to the outages of the running day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.etr.records import etr_report
from dispatch.ground.case import Case, Sign
from dispatch.ground.day import DayPlan
from dispatch.ground.errors import InputFaults
from dispatch.live import (
    Budget,
    Desk,
    Entry,
    Logged,
    Neighbour,
    Refused,
    Who,
    answered,
    hear_signs,
    neighbours,
)
from dispatch.live.calibration import belief_report
from dispatch.store import Event, Store
from tests.dispatch.live.conftest import ANA, Clock

METERS = Who(name="head-end", source="api")


@pytest.fixture
def clock(street: Case) -> Clock:
    return Clock(street.settings.now)


@pytest.fixture
def desk(street: Case, store: Store, clock: Clock) -> Desk:
    return Desk(street, store, clock, Budget(work=100))


@pytest.fixture
def called(desk: Desk, clock: Clock) -> Desk:
    """Four homes of one main have called, of the other none."""
    for number in (1, 2, 3, 4):
        call(desk, f"M2a-{number}")
        clock.later(5)
    return desk


@pytest.fixture
def in_force(called: Desk) -> Desk:
    """The same with a plan in force."""
    called.shelf.propose(ANA)
    called.shelf.publish(called.plan_number("proposed") or 0, ANA)
    return called


def call(desk: Desk, customer: str, words: str = "no light") -> Logged:
    return desk.calls.log(Entry(words=words, received_at=desk.clock(), customer=customer), ANA)


def named(day: DayPlan) -> set[str]:
    return {each.device or each.fault.place for each in day.outages}


def restore(desk: Desk, order: str) -> None:
    for to in ("on_site", "restored"):
        version = next(each["version"] for each in desk.rows("orders") if each["id"] == order)
        desk.work.move_order(order, to, ANA, seen=version)


def test_a_neighbour_without_light_moves_the_outage_up(called: Desk) -> None:
    assert named(called.shelf.propose(ANA)) == {"M2a"}
    asked = neighbours(called, "O-M2a")
    assert [each.customer for each in asked] == ["M2b-1", "M2b-2"]
    assert asked[0] == Neighbour(
        customer="M2b-1",
        name="Home 1",
        address="M2b street 1",
        phone="+56 51 300 0001",
        named="M2a",
        above="T2",
    )
    answered(called, "O-M2a", "M2b-1", "off", ANA)
    assert named(called.shelf.propose(ANA)) == {"T2"}


def test_a_neighbour_with_light_makes_the_named_place_sure(called: Desk) -> None:
    called.shelf.propose(ANA)
    for each in neighbours(called, "O-M2a"):
        answered(called, "O-M2a", each.customer, "on", ANA)
    (outage,) = called.shelf.propose(ANA).outages
    assert (outage.id, outage.score > 0.99) == ("O-M2a", True)
    said = neighbours(called, "O-M2a")
    assert [(each.answer, each.by) for each in said] == [("on", "ana"), ("on", "ana")]


def test_who_is_not_reached_is_not_asked_again_and_says_nothing(called: Desk) -> None:
    (before,) = called.shelf.propose(ANA).outages
    answered(called, "O-M2a", "M2b-1", "unreached", ANA)
    ask = [each.customer for each in neighbours(called, "O-M2a") if each.answer is None]
    assert ask == ["M2b-2", "M2b-3"]
    assert called.shelf.propose(ANA).outages == (before,)


def test_nobody_without_a_telephone_is_to_be_phoned(called: Desk) -> None:
    called.shelf.propose(ANA)
    for number in range(1, 8):
        assert neighbours(called, "O-M2a")[0].customer == f"M2b-{number}"
        answered(called, "O-M2a", f"M2b-{number}", "unreached", ANA)
    assert all(each.answer for each in neighbours(called, "O-M2a"))


def test_an_answer_is_in_the_journal_once_and_survives_a_rebuild(
    called: Desk, store: Store, clock: Clock
) -> None:
    called.shelf.propose(ANA)
    assert answered(called, "O-M2a", "M2b-1", "off", ANA, key="ana/1")
    assert not answered(called, "O-M2a", "M2b-1", "off", ANA, key="ana/1")
    assert store.rebuilt()["signs"] == store.stored()["signs"]
    (event,) = [each for each in store.events_after(0) if each.kind == "signs_heard"]
    assert (event.actor, event.subject, event.at) == ("ana", "O-M2a", clock())


def test_a_plan_made_with_answers_comes_out_of_the_store_as_it_was(
    called: Desk, store: Store, clock: Clock, street: Case
) -> None:
    called.shelf.propose(ANA)
    answered(called, "O-M2a", "M2b-1", "off", ANA)
    made = called.shelf.propose(ANA)
    again = Desk(street, store, clock, Budget(work=100)).plan(called.plan_number("proposed") or 0)
    assert (again.outages, again.etrs) == (made.outages, made.etrs)


def test_a_breakers_trip_is_an_outage_before_anybody_calls(desk: Desk, clock: Clock) -> None:
    hear_signs(desk, [Sign(kind="tripped", place="BR-2", at=clock())], METERS)
    assert named(desk.day()) == {"BR-2"}
    clock.later(40)
    assert named(desk.shelf.propose(ANA)) == {"BR-2"}
    hear_signs(desk, [Sign(kind="closed", place="BR-2", at=clock())], METERS)
    assert named(desk.shelf.propose(ANA)) == set()


def test_last_gasps_are_an_outage_until_the_meters_say_that_supply_is_back(desk: Desk, clock: Clock) -> None:
    gasps = [Sign(kind="last_gasp", place=f"M2b-{number}", at=clock()) for number in range(1, 5)]
    hear_signs(desk, gasps, METERS)
    clock.later(5)
    assert named(desk.shelf.propose(ANA)) == {"M2b"}
    clock.later(10)
    hear_signs(desk, [Sign(kind="supply_on", place=each.place, at=clock()) for each in gasps], METERS)
    assert named(desk.shelf.propose(ANA)) == set()


def test_every_wrong_sign_is_named_and_none_is_heard(desk: Desk, clock: Clock) -> None:
    wrong = [
        Sign(kind="last_gasp", place="H99", at=clock()),
        Sign(kind="tripped", place="M1-1", at=clock()),
        Sign(kind="supply_on", place="M1-1", at=clock() + timedelta(hours=1)),
        Sign(kind="supply_on", place="M1-2", at=clock() - timedelta(days=9)),
        Sign(kind="supply_on", place="M1-3", at=clock()),
    ]
    with pytest.raises(InputFaults) as caught:
        hear_signs(desk, wrong, METERS)
    assert [each.place for each in caught.value.faults] == [
        "signs[0].place",
        "signs[1].place",
        "signs[2].at",
        "signs[3].at",
    ]
    assert desk.rows("signs") == []


def test_nobody_is_asked_about_an_outage_that_nobody_knows(called: Desk) -> None:
    with pytest.raises(Refused, match="no outage 'O-X'"):
        neighbours(called, "O-X")
    called.shelf.propose(ANA)
    with pytest.raises(Refused, match="no customer 'H99'"):
        answered(called, "O-M2a", "H99", "on", ANA)


def test_who_calls_after_supply_was_restored_is_still_out(in_force: Desk, clock: Clock) -> None:
    restore(in_force, "O-M2a")
    back_at = clock()
    clock.later(20)
    assert named(in_force.shelf.propose(ANA)) == set()
    logged = call(in_force, "M2a-3", "still no light")
    assert (logged.order, logged.still_out) == (None, "O-M2a")
    (found,) = in_force.shelf.propose(ANA).outages
    assert (found.fault.place, found.still_out, found.requests) == ("M2a-3", back_at, (logged.id,))


def test_a_place_that_fails_again_is_an_order_of_its_own_with_a_number(in_force: Desk, clock: Clock) -> None:
    restore(in_force, "O-M2a")
    clock.later(20)
    for number in range(1, 6):
        call(in_force, f"M2a-{number}")
        clock.later(4)
    in_force.shelf.propose(ANA)
    states = {row["id"]: row["state"] for row in in_force.rows("orders")}
    assert states == {"O-M2a": "restored", "O-M2a-2": "received"}
    clock.later(80 * 60)
    # Of the first nobody thinks any more; what is open keeps its name.
    assert "O-M2a-2" in in_force.shelf.propose(ANA).outage_by_id


def test_an_order_taken_back_from_restored_brings_its_calls_back(in_force: Desk, clock: Clock) -> None:
    restore(in_force, "O-M2a")
    clock.later(20)
    seen = next(row["version"] for row in in_force.rows("orders") if row["id"] == "O-M2a")
    in_force.work.move_order("O-M2a", "accepted", ANA, seen=seen)
    assert named(in_force.shelf.propose(ANA)) == {"M2a"}


def test_a_restored_order_answers_gasps_from_before(in_force: Desk, clock: Clock) -> None:
    hear_signs(in_force, [Sign(kind="last_gasp", place="M2a-7", at=clock() - timedelta(minutes=15))], METERS)
    restore(in_force, "O-M2a")
    clock.later(5)
    assert named(in_force.shelf.propose(ANA)) == set()


def test_estimates_are_kept_as_they_are_published_and_compared_afterwards(
    in_force: Desk, store: Store, clock: Clock
) -> None:
    stated = next(each for each in in_force.day().etrs)
    in_force.shelf.propose(ANA)
    in_force.shelf.publish(in_force.plan_number("proposed") or 0, ANA)
    (event, *_) = [each for each in store.events_after(0) if each.kind == "etrs_stated"]
    assert event.data["etrs"]["O-M2a"]["p90"] == stated.p90.isoformat()
    clock.later(30)
    restore(in_force, "O-M2a")
    report = etr_report(store, clock() - timedelta(days=1), clock() + timedelta(seconds=1))
    assert report.first is not None
    assert (report.first.outages, report.first.p90_held) == (1, 1.0)


def test_estimates_are_stretched_once_twenty_outages_of_a_storm_are_back(
    in_force: Desk, store: Store, clock: Clock
) -> None:
    def lived(number: int) -> None:
        order, stated_at = f"O-S{number}", clock() - timedelta(hours=6)
        soon = {"median": stated_at + timedelta(hours=1), "p90": stated_at + timedelta(hours=2)}
        told = {name: at.isoformat() for name, at in soon.items()} | {"status": "assessed", "by": "plan"}
        store.record(
            Event(
                at=stated_at,
                actor="a",
                source="board",
                kind="order_opened",
                subject=order,
                data={"place": order},
            ),
            Event(
                at=stated_at,
                actor="a",
                source="board",
                kind="etrs_stated",
                subject="1",
                data={"etrs": {order: told}},
            ),
            Event(
                at=stated_at + timedelta(hours=4),
                actor="a",
                source="board",
                kind="order_moved",
                subject=order,
                data={"to": "restored"},
            ),
        )

    for number in range(19):
        lived(number)
    plain = next(each for each in in_force.shelf.propose(ANA).etrs if each.outage == "O-M2a")
    assert in_force.archive.basis_running(in_force.plan_number("proposed")).etr_stretch == (1.0, 1.0)
    lived(19)
    stretched = next(each for each in in_force.shelf.propose(ANA).etrs if each.outage == "O-M2a")
    assert in_force.archive.basis_running(in_force.plan_number("proposed")).etr_stretch == (4.0, 2.0)
    assert stretched.p90 > plain.p90


def test_what_was_believed_of_a_restored_outage_is_compared_with_what_was_found(
    in_force: Desk, clock: Clock
) -> None:
    restore(in_force, "O-M2a")
    report = belief_report(in_force, clock() - timedelta(days=1), clock() + timedelta(seconds=1))
    assert [each.after_min for each in report.moments] == [0, 5, 10, 30]
    assert {each.outages for each in report.moments} == {1}
    assert report.moments[-1].chance > report.moments[0].chance
    assert (report.in_vain, report.visited) == (0, 1)
