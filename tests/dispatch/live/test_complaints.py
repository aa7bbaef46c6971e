"""A complaint has a level by rule, an owner and a due time, and ends by the customer's word alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.live import Desk, Entry, Refused, Who
from dispatch.store import queries
from dispatch.store.history import events_of
from dispatch.store.matters import matter_counts, matter_list, matter_row
from dispatch.store.purge import purge
from tests.dispatch.live.conftest import ANA, Clock

BEN = Who(name="ben")
ANSWER = {"text": "The crew was late; we are sorry.", "category": "supply", "cause": "repair_time"}


def complain(desk: Desk, words: str = "I complain about the crew", **told: Any) -> str:
    entry = Entry(words=words, received_at=desk.clock(), kind="complaint", **told)
    id_ = desk.calls.log(entry, ANA).id
    desk.service.look()
    return f"K-{id_}"


def row(desk: Desk, id_: str) -> dict[str, Any]:
    found = matter_row(desk.store, id_)
    assert found is not None
    return found


def act(desk: Desk, id_: str, what: Any, who: Who = ANA, **told: Any) -> dict[str, Any]:
    desk.service.complaints.act(id_, what, who, seen=row(desk, id_)["version"], **told)
    return row(desk, id_)


def whole(desk: Desk) -> None:
    assert desk.store.differing() == []


def test_a_complaint_begins_with_level_owner_and_due_times_of_the_rules(desk: Desk) -> None:
    id_ = complain(desk, customer="C05")
    found = row(desk, id_)
    assert (found["state"], found["level"], found["owner"], found["customer"]) == ("open", 1, "ana", "C05")
    # Tuesday 18:30; five working days: Tuesday of the week after.
    assert found["due_at"].astimezone(desk.case.settings.zone).date().isoformat() == "2026-07-21"
    assert datetime.fromisoformat(found["data"]["contact_due"]) == desk.clock() + timedelta(hours=24)
    whole(desk)


def test_words_of_press_and_law_make_it_grave_and_due_sooner(desk: Desk) -> None:
    id_ = complain(desk, "I complain and will tell the newspaper")
    assert row(desk, id_)["level"] == 3
    assert row(desk, id_)["due_at"] - desk.clock() < timedelta(days=2)


def test_what_came_by_file_is_taken_in_once(desk: Desk) -> None:
    complain(desk)
    before = len(matter_list(desk.store, "complaint", most=200))
    assert desk.service.complaints.take_in() == 0
    assert len(matter_list(desk.store, "complaint", most=200)) == before


def test_the_road_of_a_complaint_ends_with_a_satisfied_customer(desk: Desk, clock: Clock) -> None:
    id_ = complain(desk, customer="C05")
    request = row(desk, id_)["request"]
    clock.later(30)
    assert act(desk, id_, "contact", note="rang at once")["data"]["contacted_at"]
    with pytest.raises(Refused, match="no answer yet"):
        act(desk, id_, "word", word="satisfied")
    assert act(desk, id_, "answer", upheld="yes", **ANSWER)["state"] == "answered"
    assert act(desk, id_, "word", word="unreached")["state"] == "answered"
    closed = act(desk, id_, "word", word="satisfied")
    assert (closed["state"], closed["ended_at"]) == ("closed", desk.clock())
    assert not queries.request_rows(desk.store, [request])[0]["open"]
    with pytest.raises(Refused, match="closed by the customer's word"):
        act(desk, id_, "note", note="one more")
    whole(desk)


def test_who_is_not_satisfied_opens_it_again_a_level_higher(desk: Desk) -> None:
    id_ = complain(desk)
    act(desk, id_, "answer", upheld="no", **ANSWER)
    found = act(desk, id_, "word", word="dissatisfied", note="nobody listened")
    assert (found["state"], found["level"], found["data"]["reopened"]) == ("open", 2, 1)
    act(desk, id_, "answer", upheld="partly", **ANSWER)
    assert act(desk, id_, "word", word="dissatisfied")["level"] == 3
    whole(desk)


@pytest.mark.parametrize("missing", ["text", "category", "cause", "upheld"])
def test_an_answer_names_what_it_was_about_and_whose_it_was(desk: Desk, missing: str) -> None:
    id_ = complain(desk)
    told = {**ANSWER, "upheld": "yes"}
    del told[missing]
    with pytest.raises(Refused, match=f"lacks its {missing}"):
        act(desk, id_, "answer", **told)


def test_a_customer_takes_it_back_and_somebody_writes_down_why(desk: Desk) -> None:
    id_ = complain(desk)
    with pytest.raises(Refused, match="say what was done or said"):
        act(desk, id_, "word", word="withdrawn")
    assert act(desk, id_, "word", word="withdrawn", note="it was another company")["state"] == "closed"


def test_two_at_one_complaint_are_told(desk: Desk) -> None:
    id_ = complain(desk)
    desk.service.complaints.act(id_, "contact", ANA, seen=1, note="rang")
    with pytest.raises(Refused, match="somebody else has changed"):
        desk.service.complaints.act(id_, "contact", BEN, seen=1, note="rang too")


def test_it_is_handed_over_and_its_level_set_with_a_reason(desk: Desk) -> None:
    id_ = complain(desk)
    desk.calls.log(Entry(words="hello", received_at=desk.clock()), BEN)
    complaints = desk.service.complaints
    with pytest.raises(Refused, match="say why"):
        complaints.hand_over(id_, "ben", ANA, seen=1)
    complaints.hand_over(id_, "ben", ANA, seen=1, reason="his crew")
    complaints.grade(id_, 2, BEN, seen=2, reason="third time")
    assert (row(desk, id_)["owner"], row(desk, id_)["level"]) == ("ben", 2)
    assert [event.data["reason"] for event in events_of(desk.store, [id_], ["matter_changed"])] == [
        "his crew",
        "third time",
    ]
    whole(desk)


def test_the_list_is_searched_and_counted(desk: Desk, clock: Clock) -> None:
    mine = complain(desk, "the voltage is a scandal, I complain")
    other = complain(desk, "rude on the telephone")
    ids = [found["id"] for found in matter_list(desk.store, "complaint", words=[("scandal", ())])]
    assert ids == [mine]
    act(desk, other, "answer", upheld="no", **ANSWER)
    counts = matter_counts(desk.store, "complaint")
    assert counts["answered"] == 1
    clock.later(60 * 24 * 30)
    late = {found["id"] for found in matter_list(desk.store, "complaint", late_at=desk.clock())}
    assert {mine, other} <= late


def test_an_order_must_exist_to_be_linked(in_force: Desk, clock: Clock) -> None:
    id_ = complain(in_force, customer="C12")
    with pytest.raises(Refused, match="no work order 'O-nowhere'"):
        act(in_force, id_, "link", order="O-nowhere")
    order = next(each["id"] for each in in_force.rows("orders"))
    assert act(in_force, id_, "link", order=order)["data"]["orders"] == [order]
    assert act(in_force, id_, "unlink", order=order)["data"]["orders"] == []


def test_whose_complaint_it_was_is_forgotten_long_after_its_end(desk: Desk, clock: Clock) -> None:
    id_ = complain(desk, "the newspaper will hear of Mister Wang", customer="C05")
    act(desk, id_, "answer", upheld="yes", **ANSWER)
    act(desk, id_, "word", word="satisfied", note="thanked")
    clock.later(60 * 24 * 400)
    purge(desk.store, desk.clock() - timedelta(days=90), desk.clock(), "admin")
    found = row(desk, id_)
    assert (found["customer"], found["words"], found["data"]) == (None, "", {})
    said = str([event.data for event in events_of(desk.store, [id_], ["matter_opened", "matter_changed"])])
    assert "Wang" not in said
    assert "C05" not in said
    assert "late; we are" not in said
    whole(desk)
    assert desk.store.chain_faults() == []


def test_a_hand_over_or_a_level_that_is_sent_twice_tells_the_version_that_there_is(desk: Desk) -> None:
    id_ = complain(desk)
    desk.calls.log(Entry(words="hello", received_at=desk.clock()), BEN)
    acts = desk.service.complaints
    first = acts.grade(id_, 2, ANA, seen=1, reason="press", key="k1")
    assert acts.grade(id_, 2, ANA, seen=1, reason="press", key="k1") == first == 2
    assert row(desk, id_)["version"] == first
    second = acts.hand_over(id_, "ben", ANA, seen=2, reason="knows it", key="k2")
    assert acts.hand_over(id_, "ben", ANA, seen=2, reason="knows it", key="k2") == second == 3
    assert row(desk, id_)["version"] == second
