"""The plan of several days: visits that may wait have a day, are pushed back with a reason, moved by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatch.ground.case import Case
from dispatch.live import Desk, Refused, Who
from dispatch.live.service.connections import Wanted
from dispatch.live.service.days import DaysPlan
from dispatch.live.weather import Told, warn
from dispatch.service.loading import Waiting, chosen
from dispatch.store import Store
from dispatch.store.outbox import letters
from dispatch.store.queries import request_rows
from tests.dispatch.live.conftest import ANA, Clock
from tests.dispatch.live.rostered import asks, rostered_desk

SUP = Who(name="sup")


@pytest.fixture
def desk(rostered: Case, store: Store, clock: Clock) -> Desk:
    return rostered_desk(rostered, store, clock)


def planned(desk: Desk) -> DaysPlan:
    desk.service.days.plan(SUP)
    return desk.service.days.now()


def tomorrow(desk: Desk) -> date:
    return desk.clock().astimezone(desk.case.settings.zone).date() + timedelta(days=1)


def test_inspections_steps_and_meters_get_a_day_a_crew_and_a_time(desk: Desk) -> None:
    meter = asks(desk)
    step = desk.service.connections.begin(Wanted(kind="new", customer="C05", voltage_kv=0.22), ANA)
    desk.service.connections.finish(step, "application", "", ANA, seen=1)
    plan = planned(desk)
    assert {meter, f"{step}.offer"} <= plan.day_of.keys()
    assert any(name.startswith("I-") for name in plan.day_of)
    assert set(plan.day_of) | {each["subject"] for each in plan.left} == set(plan.works)
    assert all(day["used_min"] <= day["room_min"] for day in plan.days)
    assert desk.store.differing() == []


def test_each_evening_it_is_planned_once(desk: Desk, clock: Clock) -> None:
    zone = desk.case.settings.zone
    clock.now = clock.now.astimezone(zone).replace(hour=10)
    desk.service.days.look()
    first = desk.service.days.now().seq
    assert first
    clock.now = clock.now.astimezone(zone).replace(hour=17, minute=1)
    desk.service.days.look()
    desk.service.days.look()
    evening = desk.service.days.now()
    assert evening.seq > first
    clock.later(24 * 60)
    desk.service.days.look()
    assert desk.service.days.now().seq > evening.seq


def test_a_storm_pushes_visits_back_with_the_reason_and_customers_hear_it(desk: Desk) -> None:
    before = planned(desk)
    day, meter = tomorrow(desk), "I-C06"
    assert before.day_of[meter] == day.isoformat()
    assert f"visit/{meter}/{day}" in {each.key for each in letters(desk.store)}
    begins = desk.clock() + timedelta(hours=10)
    warn(desk, Told(kind="storm", begins=begins, ends=begins + timedelta(hours=20)), SUP)
    after = planned(desk)
    assert after.days[0]["shut"]["why"] == "storm"
    pushed = next(each for each in after.pushed if each["subject"] == meter)
    assert (pushed["from"], pushed["why"]) == (day.isoformat(), "storm")
    assert pushed["to"] == after.day_of[meter] > day.isoformat()
    last = next(each for each in letters(desk.store) if each.key.startswith(f"visit_off/{meter}/"))
    assert "a storm is expected" in last.text


def test_a_day_is_kept_free_by_a_person_and_opened_again(desk: Desk) -> None:
    asks(desk)
    before, day = planned(desk), tomorrow(desk)
    with pytest.raises(Refused, match="say why"):
        desk.service.days.close(day, " ", SUP, seen=before.seq)
    desk.service.days.close(day, "all crews to the coast", SUP, seen=before.seq)
    shut = desk.service.days.now()
    assert (shut.days[0]["routes"], shut.days[0]["shut"]["by"]) == ([], "sup")
    with pytest.raises(Refused, match="somebody else"):
        desk.service.days.close(day, "again", SUP, seen=before.seq)
    desk.service.days.close(day, "not needed", SUP, seen=shut.seq, open_again=True)
    assert desk.service.days.now().days[0]["shut"] is None


def test_a_visit_is_moved_by_hand_and_the_others_stay(desk: Desk) -> None:
    asks(desk)
    before, meter = planned(desk), "I-C06"
    to = date.fromisoformat(before.days[1]["day"])
    with pytest.raises(Refused, match="say why"):
        desk.service.days.move(meter, to, "", SUP, seen=before.seq)
    with pytest.raises(Refused, match="no visit"):
        desk.service.days.move("R999999", to, "why", SUP, seen=before.seq)
    with pytest.raises(Refused, match="no day"):
        desk.service.days.move(meter, to + timedelta(days=60), "why", SUP, seen=before.seq)
    desk.service.days.move(meter, to, "customer is away", SUP, seen=before.seq)
    after = desk.service.days.now()
    assert after.day_of[meter] == to.isoformat()
    others = {name: day for name, day in before.day_of.items() if name != meter}
    assert {name: after.day_of.get(name) for name in others} == others
    (pushed,) = after.pushed
    assert (pushed["why"], pushed["reason"]) == ("hand", "customer is away")
    assert planned(desk).day_of[meter] == to.isoformat(), "the next evening keeps it"


def test_what_was_agreed_with_the_customer_stays_on_its_day(desk: Desk) -> None:
    meter = asks(desk)
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    slot = next(
        each for each in desk.service.appointments.offers(meter) if each.begins.date() == tomorrow(desk)
    )
    desk.service.appointments.take(meter, slot.id, ANA)
    plan = planned(desk)
    assert plan.day_of[meter] == tomorrow(desk).isoformat()
    day = date.fromisoformat(plan.days[1]["day"])
    with pytest.raises(Refused, match="promised a time"):
        desk.service.days.move(meter, day, "why", SUP, seen=plan.seq)


def test_in_the_morning_visits_become_work_and_an_ended_one_is_a_visit(desk: Desk, clock: Clock) -> None:
    plan = planned(desk)
    day = tomorrow(desk)
    due = {name for name, at in plan.day_of.items() if at == day.isoformat()}
    assert due
    clock.now = clock.now.astimezone(desk.case.settings.zone).replace(hour=6) + timedelta(days=1)
    said = len(letters(desk.store))
    desk.service.days.look()
    desk.service.days.look()
    taken = desk.service.days.now().taken
    assert set(taken) == {name for name in due if name.startswith("I-")}
    assert len(letters(desk.store)) == said, "nobody is told that we have a request they never made"
    one, request = next(iter(taken.items()))
    desk.note("request_changed", request, {"what": "answered", "to": {"open": 0}, "was": {"open": 1}}, ANA)
    desk.service.days.look()
    customer = one.removeprefix("I-")
    assert next(each for each in desk.service.inspections.due() if each.customer == customer).last is not None
    assert desk.store.differing() == []


def test_what_is_not_due_yet_is_spread_over_the_days() -> None:
    day = date(2026, 7, 15)
    waiting = [Waiting(job=f"j{at}", due=day + timedelta(days=9)) for at in range(10)]
    waiting += [Waiting(job="late", due=day - timedelta(days=1)), Waiting(job="agreed", fixed=day)]
    minutes = {each.job: 30.0 for each in waiting}
    first = chosen(waiting, minutes, day, 4)
    assert [each.job for each in first] == ["agreed", "late", "j0"]
    assert len(chosen(waiting, minutes, day, 1)) == len(waiting)


def test_a_visit_for_a_step_that_is_finished_meanwhile_ends(desk: Desk, clock: Clock) -> None:
    step = desk.service.connections.begin(Wanted(kind="new", customer="C05", voltage_kv=0.22), ANA)
    desk.service.connections.finish(step, "application", "", ANA, seen=1)
    name, plan = f"{step}.offer", planned(desk)
    clock.now = clock.now.astimezone(desk.case.settings.zone).replace(hour=6)
    clock.now += date.fromisoformat(plan.day_of[name]) - clock.now.date()
    desk.service.days.look()
    request = desk.service.days.now().taken[name]
    desk.service.connections.finish(step, "offer", "by telephone", ANA, seen=2)
    desk.service.days.look()
    (asked,) = request_rows(desk.store, [request])
    assert asked["open"] == 0
    assert desk.store.differing() == []


def test_a_visit_that_no_vehicle_has_the_parts_for_says_so(
    rostered: Case, store: Store, clock: Clock
) -> None:
    bare = [replace(crew, stock={**(crew.stock or {}), "meter": 1}) for crew in rostered.crews]
    desk = rostered_desk(replace(rostered, crews=tuple(bare)), store, clock)
    meters = [asks(desk, f"C{at:02d}") for at in range(1, 12)]
    plan = planned(desk)
    left = {each["subject"]: each for each in plan.left if each["subject"] in meters}
    assert left
    assert {(each["why"], *each["parts"]) for each in left.values()} == {("stock", "meter")}
    assert len(set(meters) & plan.day_of.keys()) >= 1
