"""Who is urged, when, what they did; what nobody answers rises."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.live import Desk, Entry, Refused, Who
from dispatch.store.matters import urging_list, urgings_of
from tests.dispatch.live.conftest import ANA, Clock

BEN, SUP = Who(name="ben"), Who(name="sup")


def logged(desk: Desk, words: str = "meter broken", who: Who = BEN, **told: str) -> str:
    told_back = desk.calls.log(Entry(words=words, received_at=desk.clock(), **told), who)  # type: ignore[arg-type]
    desk.service.heard(told_back, words)
    return told_back.id


def test_whoever_answers_for_it_is_urged_and_says_what_was_done(desk: Desk, clock: Clock) -> None:
    id_ = logged(desk, customer="C05")
    desk.service.urging.urge(id_, ANA, "the customer waits")
    (row,) = desk.rows("urgings")
    assert (row["whom"], row["level"], row["way"], row["actor"]) == ("ben", 1, "hand", "ana")
    assert row["due_at"] - clock.now == timedelta(hours=4)
    clock.later(10)
    desk.service.urging.answer(id_, BEN, "a crew goes at five")
    (row,) = urgings_of(desk.store, id_)
    assert (row["answered_by"], row["answer"]) == ("ben", "a crew goes at five")
    assert desk.rows("urgings") == []
    assert desk.store.differing() == []


def test_what_nobody_answers_rises_to_supervisor_and_manager_and_no_further(desk: Desk, clock: Clock) -> None:
    id_ = logged(desk, customer="C05")
    desk.service.urging.urge(id_, ANA, "the customer waits")
    for _ in range(5):
        clock.later(241)
        desk.service.look()
        desk.service.look()
    assert [(row["level"], row["whom"]) for row in urgings_of(desk.store, id_)] == [
        (1, "ben"),
        (2, "supervisor"),
        (3, "duty_manager"),
    ]
    desk.service.urging.answer(id_, SUP, "sent a crew myself")
    assert desk.rows("urgings") == []


def test_without_anybody_responsible_the_supervisor_is_urged(desk: Desk) -> None:
    desk.service.urging.urge("R5", ANA, "nobody has looked at it")
    assert [row["whom"] for row in desk.rows("urgings")] == ["supervisor"]


def test_a_second_call_urges_whoever_has_the_first(desk: Desk) -> None:
    first = logged(desk, customer="C05")
    second = logged(desk, "meter is still broken", ANA, customer="C05")
    (row,) = desk.rows("urgings")
    assert (row["subject"], row["whom"], row["way"], row["words"]) == (
        first,
        "ben",
        "call",
        "meter is still broken",
    )
    assert second != first


def test_a_supervisor_sets_the_limit(desk: Desk, clock: Clock) -> None:
    id_ = logged(desk, customer="C05")
    desk.service.urging.urge(id_, SUP, "by noon", way="supervision", within=timedelta(minutes=30))
    (row,) = desk.rows("urgings")
    assert row["due_at"] == clock.now + timedelta(minutes=30)


def test_what_has_ended_needs_no_answer(desk: Desk, clock: Clock) -> None:
    from dispatch.live.request_changes import change_request

    id_ = logged(desk, customer="C05")
    desk.service.urging.urge(id_, ANA, "the customer waits")
    change_request(desk, id_, {"withdrawn": True}, BEN, seen=1, reason="works again")
    clock.later(300)
    desk.service.look()
    assert desk.rows("urgings") == []
    assert [row["level"] for row in urging_list(desk.store)] == [1]
    with pytest.raises(Refused, match="has ended"):
        desk.service.urging.urge(id_, ANA, "again")


def test_the_same_key_urges_once(desk: Desk) -> None:
    id_ = logged(desk, customer="C05")
    assert desk.service.urging.urge(id_, ANA, "now", key="a")
    assert not desk.service.urging.urge(id_, ANA, "now", key="a")


def test_made_up_subjects_and_empty_words_are_refused(desk: Desk) -> None:
    urging = desk.service.urging
    with pytest.raises(Refused, match="no request, order or complaint 'X1'"):
        urging.urge("X1", ANA, "now")
    with pytest.raises(Refused, match="say what was done or said"):
        urging.urge("R5", ANA, "  ")
    with pytest.raises(Refused, match="nobody waits for an answer about R5"):
        urging.answer("R5", ANA, "done")
