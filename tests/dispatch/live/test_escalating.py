"""An order that waits goes up a level by the policy's time, once per level, through restarts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.ground.case import Case
from dispatch.live import Budget, Desk, Entry, open_calls
from dispatch.live.escalating import escalate_due
from dispatch.live.field_calls import answer_call
from dispatch.messages.telling import Teller
from dispatch.messages.templates import load_templates
from dispatch.store import Store
from dispatch.store.outbox import letters
from tests.dispatch.live.conftest import ANA, Clock

CONTACTS = {"supervisor": ("boss@utility.example",), "duty_manager": ("+56 51 7",)}


def complain(desk: Desk) -> str:
    """A complaint of the lowest level: the policy's next level hears of it after a day."""
    entry = Entry(
        words="I complain about the electrician's manners", kind="complaint", received_at=desk.clock()
    )
    request = desk.calls.log(entry, ANA).id
    desk.shelf.propose(ANA)
    (order,) = (row["order_id"] for row in desk.rows("requests") if row["id"] == request)
    return str(order)


def told(desk: Desk) -> list[tuple[str, int, str]]:
    events = [e for e in desk.store.events_after(0) if e.data.get("what") == "escalated"]
    return [(event.subject, event.data["level"], event.data["role"]) for event in events]


def test_each_level_is_told_once_when_its_time_has_come(desk: Desk, clock: Clock) -> None:
    order = complain(desk)
    assert escalate_due(desk) == 0
    clock.later(24 * 60 - 1)
    assert escalate_due(desk) == 0
    clock.later(1)
    assert escalate_due(desk) == 1
    assert escalate_due(desk) == 0
    clock.later(24 * 60)
    assert escalate_due(desk) == 1
    assert told(desk) == [(order, 1, "supervisor"), (order, 2, "duty_manager")]
    assert desk.store.differing() == []


def test_a_restart_says_nothing_again_and_catches_up(
    desk: Desk, clock: Clock, small: Case, store: Store
) -> None:
    order = complain(desk)
    clock.later(24 * 60)
    assert escalate_due(desk) == 1
    clock.later(10 * 24 * 60)
    again = Desk(small, store, clock, Budget(work=300))
    assert escalate_due(again) == 1
    assert escalate_due(again) == escalate_due(desk) == 0
    assert told(again) == [(order, 1, "supervisor"), (order, 2, "duty_manager")]


def test_what_was_said_already_takes_no_writers_turn(
    desk: Desk, clock: Clock, small: Case, store: Store
) -> None:
    complain(desk)
    clock.later(24 * 60)
    assert escalate_due(desk) == 1
    again = Desk(small, store, clock, Budget(work=300))
    with store.aside():
        assert escalate_due(desk) == 0
        assert escalate_due(again) == 0


def test_an_ended_order_goes_no_further(desk: Desk, clock: Clock) -> None:
    order = complain(desk)
    version = next(row["version"] for row in desk.rows("orders") if row["id"] == order)
    desk.work.move_order(order, "closed", ANA, seen=version)
    clock.later(30 * 24 * 60)
    assert escalate_due(desk) == 0


def test_orders_without_a_time_in_the_policy_are_left_alone(in_force: Desk, clock: Clock) -> None:
    clock.later(30 * 24 * 60)
    assert escalate_due(in_force) == 0


@pytest.mark.parametrize(
    ("language", "subject"),
    [("en", "{} has waited 24 h: complaint, P4"), ("zh", "{}已超24小时未办结：投诉，P4")],
)
def test_the_next_level_gets_one_message_in_the_house_s_language(
    desk: Desk, clock: Clock, language: str, subject: str
) -> None:
    teller = Teller(desk.case, load_templates(language), desk.plan, desk.day, contacts=CONTACTS)
    desk.store.hearers.append(teller.hear)
    order = complain(desk)
    for _ in range(3):
        clock.later(24 * 60)
        escalate_due(desk)
    found = [letter for letter in letters(desk.store) if letter.key.startswith("escalated/")]
    assert [letter.recipient for letter in found] == ["boss@utility.example", "+56 51 7"]
    assert found[0].subject == subject.format(order)
    assert "manners" in found[0].text


def test_the_office_sees_it_until_somebody_has_seen_to_it(desk: Desk, clock: Clock) -> None:
    order = complain(desk)
    clock.later(24 * 60)
    escalate_due(desk)
    (call,) = open_calls(desk)
    assert (call["what"], call["order"], call["role"]) == ("escalated", order, "supervisor")
    assert call["at"] == clock.now
    assert timedelta(minutes=call["after_min"]) == timedelta(days=1)
    answer_call(desk, call["seq"], ANA)
    assert open_calls(desk) == []
