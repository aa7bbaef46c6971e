"""Appointments: slots that the plan can keep, taken by one caller, told again, kept or missed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.ground.case import Case
from dispatch.live import Desk, Entry, Refused, Who
from dispatch.store import Store
from dispatch.store.matters import matter_row
from dispatch.store.outbox import letters
from tests.dispatch.live.conftest import ANA, Clock
from tests.dispatch.live.rostered import asks, rostered_desk

BEN = Who(name="ben")


@pytest.fixture
def desk(rostered: Case, store: Store, clock: Clock) -> Desk:
    desk = rostered_desk(rostered, store, clock)
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    return desk


def row(desk: Desk, request: str) -> dict[str, Any]:
    found = matter_row(desk.store, f"A-{request}")
    assert found is not None
    return found


def test_slots_of_the_next_days_come_cheapest_first_with_their_crew(desk: Desk) -> None:
    slots = desk.service.appointments.offers(asks(desk))
    assert slots
    assert [each.cost for each in slots] == sorted(each.cost for each in slots)
    assert {each.begins.date().isoformat() for each in slots} <= {"2026-07-15", "2026-07-16", "2026-07-17"}
    # Meters are crew 2's work: it alone has the skill.
    assert {each.crew for each in slots} == {"crew-2"}
    assert all(each.begins <= each.starts <= each.ends for each in slots)


def test_a_slot_is_taken_by_one_caller_alone(desk: Desk) -> None:
    one, other = asks(desk), asks(desk, "C11")
    mine = desk.service.appointments.offers(one)[0]
    theirs = next(each for each in desk.service.appointments.offers(other) if each.begins == mine.begins)
    assert mine.id == theirs.id
    desk.service.appointments.take(one, mine.id, ANA)
    with pytest.raises(Refused, match="not free any more"):
        desk.service.appointments.take(other, theirs.id, BEN)
    fresh = desk.service.appointments.offers(other)
    assert theirs.id not in {each.id for each in fresh}
    desk.service.appointments.take(other, fresh[0].id, BEN)
    assert row(desk, one)["owner"] == "ana"
    assert desk.store.differing() == []


def test_a_slot_becomes_the_window_of_the_job_in_the_plan(desk: Desk, clock: Clock) -> None:
    request = asks(desk)
    slot = desk.service.appointments.offers(request)[0]
    desk.service.appointments.take(request, slot.id, ANA)
    clock.now = slot.begins - timedelta(hours=1)
    day = desk.shelf.propose(ANA)
    window = day.problem.job_by_id[f"W-{request}/service"].windows
    assert window == (
        (round((slot.begins - day.origin).total_seconds()), round((slot.ends - day.origin).total_seconds())),
    )


def test_another_time_needs_a_reason_and_is_counted(desk: Desk) -> None:
    request = asks(desk)
    first, second = desk.service.appointments.offers(request)[:2]
    desk.service.appointments.take(request, first.id, ANA)
    again = next(each for each in desk.service.appointments.offers(request) if each.begins == second.begins)
    with pytest.raises(Refused, match="say why"):
        desk.service.appointments.take(request, again.id, ANA)
    desk.service.appointments.take(request, again.id, ANA, "at work in the morning")
    assert row(desk, request)["data"]["agreed"] == 2
    assert row(desk, request)["due_at"] == second.ends


def test_the_same_key_takes_once(desk: Desk) -> None:
    request = asks(desk)
    slot = desk.service.appointments.offers(request)[0]
    for _ in range(2):
        assert desk.service.appointments.take(request, slot.id, ANA, key="one") == f"A-{request}"
    assert row(desk, request)["version"] == 1


def test_customers_hear_of_it_at_once_and_again_the_day_before(desk: Desk, clock: Clock) -> None:
    request = asks(desk)
    offers = desk.service.appointments.offers(request)
    slot = next(each for each in offers if each.begins.date().isoformat() == "2026-07-16")
    desk.service.appointments.take(request, slot.id, ANA)
    desk.service.look()
    assert not row(desk, request)["data"].get("reminded_at")
    for hour in (8, 9, 10):
        clock.now = (slot.begins - timedelta(days=1)).replace(hour=hour)
        desk.service.look()
    told = [each.key.split("/")[0] for each in letters(desk.store) if each.key.startswith("appointment")]
    assert told == ["appointment_agreed", "appointment_reminder"]
    clock.now = slot.ends + timedelta(minutes=1)
    desk.service.look()
    assert row(desk, request)["state"] == "missed"
    assert letters(desk.store)[-1].key.startswith("appointment_missed/")
    assert "did not come" in letters(desk.store)[-1].text


def test_a_crew_that_comes_in_time_keeps_it(desk: Desk, clock: Clock) -> None:
    request = asks(desk)
    slot = desk.service.appointments.offers(request)[0]
    desk.service.appointments.take(request, slot.id, ANA)
    clock.now = slot.begins - timedelta(hours=1)
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    clock.now = slot.begins + timedelta(minutes=10)
    desk.work.report(f"W-{request}/service", "on_site", ANA, crew="crew-2")
    desk.service.look()
    assert row(desk, request)["state"] == "kept"
    with pytest.raises(Refused, match="has ended"):
        desk.service.appointments.end(f"A-{request}", "cancelled", ANA, seen=2, reason="late")


def test_what_needs_no_visit_has_no_slots(desk: Desk) -> None:
    entry = Entry(words="no light", received_at=desk.clock(), customer="C05", kind="outage")
    with pytest.raises(Refused, match="needs no visit"):
        desk.service.appointments.offers(desk.calls.log(entry, ANA).id)
    with pytest.raises(Refused, match="no request"):
        desk.service.appointments.offers("R999999")


def test_cancelling_needs_a_reason_and_frees_the_slot(desk: Desk) -> None:
    request = asks(desk)
    slot = desk.service.appointments.offers(request)[0]
    id_ = desk.service.appointments.take(request, slot.id, ANA)
    with pytest.raises(Refused, match="say why"):
        desk.service.appointments.end(id_, "cancelled", ANA, seen=1)
    desk.service.appointments.end(id_, "cancelled", ANA, seen=1, reason="moved away")
    assert slot.id in {each.id for each in desk.service.appointments.offers(asks(desk, "C11"))}


def test_a_crew_has_as_many_slots_as_it_can_keep(desk: Desk) -> None:
    held = []
    for _ in range(40):
        request = asks(desk)
        offers = desk.service.appointments.offers(request)
        if not offers:
            break
        desk.service.appointments.take(request, offers[0].id, ANA)
        held.append(offers[0].id)
    assert len(set(held)) == len(held)
    assert 4 <= len(held) < 40


def test_another_time_is_found_for_what_is_in_the_plan_beside_what_was_promised_since(
    desk: Desk, clock: Clock
) -> None:
    clock.now = clock.now.replace(hour=8, minute=30) + timedelta(days=1)
    one = asks(desk)
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    assert f"W-{one}/service" in desk.day().plain.job_by_id
    begins = clock.now.replace(hour=10, minute=0)
    entry = Entry(
        words="the meter is to be moved",
        received_at=clock.now,
        customer="C11",
        kind="inspection",
        appointment_from=begins,
        appointment_to=begins + timedelta(hours=2),
    )
    other = desk.calls.log(entry, ANA).id
    tried = desk.service.appointments._ahead.today(one, [{"request": other}])
    assert tried is not None
    later = round((begins - tried.day.origin).total_seconds()) + 4 * 3600
    assert tried.fitter.best((later, later + 3600)) is not None


def test_a_crew_that_comes_too_late_ends_the_missed_appointment(desk: Desk, clock: Clock) -> None:
    request = asks(desk)
    slot = desk.service.appointments.offers(request)[0]
    desk.service.appointments.take(request, slot.id, ANA)
    clock.now = slot.ends + timedelta(minutes=1)
    desk.service.look()
    assert row(desk, request)["state"] == "missed"
    desk.note("request_changed", request, {"what": "answered", "to": {"open": 0}, "was": {"open": 1}}, ANA)
    desk.service.look()
    assert (row(desk, request)["state"], row(desk, request)["ended_at"]) == ("missed", clock.now)
