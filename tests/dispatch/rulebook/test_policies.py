"""Versions of the policy: two people put one in force, plans keep theirs, the journal keeps all."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from dispatch.live import Budget, Desk, Who
from dispatch.rulebook.effects import change_counts, change_rows, plan_effect, triage_effect
from dispatch.rulebook.policies import Checked, Policies, PolicyRefused
from dispatch.store import Store
from rules import policy_from_text
from tests.prepared import empty_store, small_case

ANA = Who(name="ana")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return empty_store(tmp_path / "day.sqlite")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    case = small_case()
    return Desk(case, store, lambda: case.settings.now, Budget(work=100))


def sent(desk: Desk, old: str, new: str) -> Checked:
    """What the rulebook's check says of the case's policy with one thing changed."""
    text = desk.case.policy.text.replace(old, new)
    assert text != desk.case.policy.text
    policy = policy_from_text(text)
    return Checked(name=policy.name, version=policy.version, text=text)


def upload(desk: Desk, old: str = "weight: 5}", new: str = "weight: 7}", who: str = "ana") -> int:
    return desk.policies.upload(sent(desk, old, new), "mine.yaml", "", "why not", who, desk.clock())


def test_the_policy_of_the_case_is_the_first_version_and_in_force(desk: Desk) -> None:
    (first,) = desk.policies.versions()
    assert (first.id, first.state, first.made_by) == (1, "active", "case")
    assert desk.policies.in_force() is desk.case.policy
    assert desk.policies.cases_of(1).startswith("#") or "cases:" in desk.policies.cases_of(1)


def test_a_second_person_puts_a_version_in_force(desk: Desk) -> None:
    number = upload(desk)
    with pytest.raises(PolicyRefused, match="second person"):
        desk.policies.activate(number, "ana", "", desk.clock())
    desk.policies.activate(number, "ben", "agreed", desk.clock())
    assert {each.id: each.state for each in desk.policies.versions()} == {1: "former", 2: "active"}
    assert desk.policies.in_force().version == desk.policies.version(2).version
    told = [(event.kind, event.actor, event.data["note"]) for event in desk.policies.history()]
    assert told[:2] == [("policy_activated", "ben", "agreed"), ("policy_uploaded", "ana", "why not")]


def test_of_two_who_decide_at_the_same_moment_the_second_sees_a_conflict(desk: Desk) -> None:
    first, second = upload(desk), upload(desk, new="weight: 8}")
    desk.policies.activate(first, "ben", "", desk.clock(), seen=1)
    with pytest.raises(PolicyRefused, match=f"version {first} came into force") as refused:
        desk.policies.activate(second, "eva", "", desk.clock(), seen=1)
    assert refused.value.code == "conflict"
    assert desk.policies.number_in_force() == first
    desk.policies.activate(second, "eva", "looked again", desk.clock(), seen=first)
    assert desk.policies.number_in_force() == second


def test_of_many_at_once_one_decides(desk: Desk) -> None:
    numbers = [upload(desk, new=f"weight: {weight}}}") for weight in range(7, 13)]
    ready, codes = threading.Barrier(len(numbers)), []

    def decide(number: int) -> None:
        ready.wait()
        try:
            desk.policies.activate(number, "ben", "", desk.clock(), seen=1)
            codes.append("done")
        except PolicyRefused as refused:
            codes.append(refused.code)

    people = [threading.Thread(target=decide, args=(number,)) for number in numbers]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(codes) == ["conflict"] * (len(numbers) - 1) + ["done"]
    assert [event.kind for event in desk.policies.history()].count("policy_activated") == 2


def test_whoever_decides_may_go_back_to_what_was_in_force(desk: Desk) -> None:
    number = upload(desk)
    desk.policies.activate(number, "ben", "", desk.clock())
    desk.policies.activate(1, "ben", "too many calls", desk.clock())
    desk.policies.activate(number, "ana", "after all", desk.clock())
    assert desk.policies.number_in_force() == number


def test_what_is_declined_known_or_unfit_cannot_come_into_force(desk: Desk) -> None:
    number = upload(desk)
    with pytest.raises(PolicyRefused) as known:
        upload(desk)
    assert known.value.code == "known"
    desk.policies.decline(number, "ben", "no", desk.clock())
    for again in (desk.policies.activate, desk.policies.decline):
        with pytest.raises(PolicyRefused) as declined:
            again(number, "ben", "", desk.clock())
        assert declined.value.code == "declined"
    with pytest.raises(PolicyRefused):
        desk.policies.upload(Checked(), "x.yaml", "", "", "ana", desk.clock())
    with pytest.raises(KeyError):
        desk.policies.activate(99, "ben", "", desk.clock())


def test_a_plan_keeps_the_policy_under_which_it_was_made(desk: Desk, store: Store) -> None:
    desk.shelf.propose(ANA)
    first = desk.plan_number("proposed")
    before = {order.id: order.decision.trace.to_dict() for order in desk.plan(first).orders}
    number = upload(desk, "promise_arrive_min: 30 min", "promise_arrive_min: 25 min")
    desk.policies.activate(number, "ben", "", desk.clock())
    desk.shelf.propose(ANA)
    second = desk.plan_number("proposed")
    again = Desk(desk.case, store, desk.clock, desk.budget)
    old, new = again.plan(first), again.plan(second)
    assert {order.id: order.decision.trace.to_dict() for order in old.orders} == before
    assert old.case.policy.version != new.case.policy.version == desk.policies.in_force().version
    arrive = [order.decision.outcome["promise_arrive_min"] for order in new.orders if order.outage]
    assert 25 in arrive
    assert store.differing() == []


def test_a_call_after_the_change_is_heard_under_the_new_policy(desk: Desk) -> None:
    assert desk.grading.grades.weight.max() < 300
    number = upload(
        desk,
        "{grade: second, own_generator_h: 4..}, then: {weight: 20}",
        "{grade: second, own_generator_h: 4..}, then: {weight: 30}",
    )
    desk.policies.activate(number, "ben", "", desk.clock())
    assert desk.case_under().policy.version == desk.policies.version(number).version
    assert desk.grading.grades is desk.grading.grades_under(desk.policies.in_force())


def test_a_changed_file_follows_only_where_the_case_keeps_the_policy(desk: Desk, store: Store) -> None:
    changed = policy_from_text(desk.case.policy.text.replace("weight: 5}", "weight: 6}"))
    Policies(store, changed).begin(desk.clock())
    assert desk.policies.version(2).state == "active"
    number = upload(desk, "weight: 5}", "weight: 7}")
    desk.policies.activate(number, "ben", "", desk.clock())
    third = policy_from_text(desk.case.policy.text.replace("weight: 5}", "weight: 8}"))
    Policies(store, third).begin(desk.clock())
    assert desk.policies.version(4).state == "waiting"
    assert desk.policies.number_in_force() == number


def test_the_effect_on_the_requests_of_the_day_is_told_in_words(desk: Desk) -> None:
    day = desk.shelf.propose(ANA)
    policy = policy_from_text(
        day.case.policy.text.replace("promise_arrive_min: 45 min", "promise_arrive_min: 20 min")
    )
    found = triage_effect(day, policy)
    assert found.changes
    assert found.regraded == 0
    assert ("promised arrival", "45 min", "20 min") in change_rows(found, policy, "en")[0]["changes"]
    assert change_counts(found, policy, "zh") == [("到达时限", len(found.changes))]
    assert triage_effect(day, day.case.policy).changes == ()


def test_the_effect_on_the_plan_has_promises_kept_by_grade(desk: Desk) -> None:
    case = replace(desk.case, settings=desk.case.settings)
    found = plan_effect(case, case.policy, case.policy, work=100)
    assert found.figures["customer_minutes"][0] == found.figures["customer_minutes"][1] > 0
    assert {each.grade for each in found.grades} >= {"ordinary"}
    assert all(each.mean_min[0] == each.mean_min[1] for each in found.grades)


def test_a_year_without_holidays_is_said(desk: Desk) -> None:
    late = desk.clock().date() + timedelta(days=300)
    assert late > date(2027, 1, 1)
    assert "2027" in (desk.case.policy.calendar.without_year(late) or "")


def test_the_database_is_not_asked_which_policy_is_in_force_for_every_row(desk: Desk) -> None:
    asked: list[str] = []
    known = desk.policies.number_in_force()
    event.listen(desk.store.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    for _ in range(100):
        assert desk.policies.number_in_force() == known
    assert not [words for words in asked if "policies" in words]
