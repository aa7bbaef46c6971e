"""Talks about planned outages: times, answers, a deadline; one is announced, changed, cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.ground.errors import InputFaults
from dispatch.live import Desk, Refused
from dispatch.live.service.guarantees import Event
from dispatch.messages.announcing import announced_plans
from dispatch.messages.negotiating import give_up, other_times, reached_of, settle
from dispatch.messages.telling import Teller
from dispatch.messages.templates import load_templates
from dispatch.outages.planned import PlannedOutage
from dispatch.store.matters import matter_row
from dispatch.store.outbox import letters
from tests.dispatch.live.conftest import ANA, Clock

HOUR = timedelta(hours=1)


@pytest.fixture
def heard(desk: Desk) -> Desk:
    desk.store.hearers.append(Teller(desk.case, load_templates("en"), desk.plan, desk.day).hear)
    return desk


def times(desk: Desk, *days: float) -> list[Any]:
    return [
        (desk.clock() + timedelta(days=each), desk.clock() + timedelta(days=each) + 3 * HOUR) for each in days
    ]


def begin(desk: Desk, *days: float, plan: str = "P-1", opened: str = "RC-1") -> str:
    spans = times(desk, *(days or (10, 11)))
    told = PlannedOutage(
        id=plan, start=spans[0][0], end=spans[0][1], open_places=(opened,), reason="new poles"
    )
    return desk.service.negotiations.begin(told, spans, ANA)


def row(desk: Desk, id_: str) -> dict[str, Any]:
    found = matter_row(desk.store, id_)
    assert found is not None
    return found


def answer(desk: Desk, id_: str, seen: int = 1, **told: Any) -> None:
    said = {"answer": "accepts", "option": 1, "way": "phone", **told}
    desk.service.negotiations.answer(id_, "C06", said, ANA, seen=seen)


def kinds(desk: Desk) -> list[str]:
    return [each.key.split("/")[0] for each in letters(desk.store)]


def test_important_customers_are_asked_with_a_deadline_by_rule(heard: Desk) -> None:
    id_ = begin(heard)
    found = row(heard, id_)
    assert list(found["data"]["customers"]) == ["C06"]
    assert found["due_at"].date().isoformat() == "2026-07-16"
    (letter,) = [each for each in letters(heard.store) if each.key.startswith("proposal/")]
    assert "07-24" in letter.text
    assert "07-25" in letter.text
    assert heard.store.differing() == []


def test_a_time_that_all_accept_is_announced_and_its_customers_are_told(heard: Desk) -> None:
    id_ = begin(heard)
    with pytest.raises(Refused, match=r"C06 \(1\) have not agreed"):
        settle(heard, id_, 2, ANA, seen=1)
    answer(heard, id_, option=2)
    settle(heard, id_, 2, ANA, seen=2)
    (plan,) = announced_plans(heard)
    assert (plan.id, plan.start) == ("P-1", heard.clock() + timedelta(days=11))
    assert "planned" in kinds(heard)
    (told,) = reached_of(heard, row(heard, id_))
    assert told.reached
    assert [state for _, state, _ in told.letters] == ["waiting", "waiting"]


def test_another_time_is_worked_out_offered_and_announced_again(heard: Desk) -> None:
    id_ = begin(heard, 10)
    answer(heard, id_)
    settle(heard, id_, 1, ANA, seen=2)
    free = other_times(heard, row(heard, id_))
    assert [each.begins for each in free] == [heard.clock() + timedelta(days=n) for n in (11, 12)]
    assert free[0].customer_minutes == free[0].customers * 180
    heard.service.negotiations.propose(id_, [(free[0].begins, free[0].ends)], ANA, seen=3)
    answer(heard, id_, seen=4, option=2)
    settle(heard, id_, 2, ANA, seen=5)
    assert [plan.id for plan in announced_plans(heard)] == ["P-1-2"]
    assert "planned_cancelled" in kinds(heard)


def test_a_cancelled_outage_is_told_to_whoever_had_notice(heard: Desk) -> None:
    id_ = begin(heard)
    answer(heard, id_)
    settle(heard, id_, 1, ANA, seen=2)
    with pytest.raises(Refused, match="say why"):
        give_up(heard, id_, " ", ANA, seen=3)
    give_up(heard, id_, "no crane", ANA, seen=3)
    assert announced_plans(heard) == ()
    assert kinds(heard).count("planned_cancelled") == kinds(heard).count("planned")
    assert row(heard, id_)["state"] == "cancelled"


def test_who_does_not_answer_in_time_does_not_hold_it_up(heard: Desk, clock: Clock) -> None:
    id_ = begin(heard)
    clock.later(3 * 24 * 60)
    settle(heard, id_, 2, ANA, seen=1)
    assert row(heard, id_)["state"] == "announced"
    clock.later(20 * 24 * 60)
    heard.service.look()
    assert row(heard, id_)["state"] == "done"


def test_a_time_on_a_guaranteed_feeder_is_neither_offered_nor_announced(heard: Desk) -> None:
    id_ = begin(heard, 10)
    begins = heard.clock() + timedelta(days=10)
    event = Event(name="Exam", place="", begins=begins, ends=begins + 30 * HOUR, level=1, feeders=("BR-1",))
    heard.service.guarantees.plan(event, ANA)
    answer(heard, id_)
    with pytest.raises(Refused, match="feeder BR-1 is under guarantee"):
        settle(heard, id_, 1, ANA, seen=2)
    assert other_times(heard, row(heard, id_))[0].begins == begins + timedelta(days=2)
    settle(heard, id_, 1, ANA, seen=2, despite="the pole would fall")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"answer": "maybe"}, "say what the customer answers"),
        ({"way": "dream"}, "say what the customer answers"),
        ({"option": 9}, "no time number 9"),
        ({"answer": "other_time"}, "which other time"),
    ],
)
def test_answers_that_make_no_sense_are_refused(desk: Desk, told: dict[str, Any], said: str) -> None:
    id_ = begin(desk)
    with pytest.raises(Refused, match=said):
        answer(desk, id_, **told)


def test_plans_that_make_no_sense_are_refused(desk: Desk) -> None:
    id_ = begin(desk)
    with pytest.raises(Refused, match=f"{id_} is about P-1 already"):
        begin(desk)
    with pytest.raises(Refused, match="lies ahead"):
        begin(desk, -1, plan="P-2")
    with pytest.raises(Refused, match="between one and 5"):
        begin(desk, 1, 2, 3, 4, 5, 6, plan="P-2")
    with pytest.raises(InputFaults, match="unknown device"):
        begin(desk, plan="P-2", opened="RC-9")
    with pytest.raises(Refused, match="nobody would lose supply"):
        begin(desk, plan="P-2", opened="TIE-1")
    with pytest.raises(Refused, match="C01 is not asked"):
        desk.service.negotiations.told(id_, "C01", "phone", ANA, seen=1)


def test_who_was_reached_by_a_person_counts_as_reached(desk: Desk) -> None:
    id_ = begin(desk)
    assert not reached_of(desk, row(desk, id_))[0].reached
    desk.service.negotiations.told(id_, "C06", "visit", ANA, seen=1)
    assert reached_of(desk, row(desk, id_))[0].way == "visit"
