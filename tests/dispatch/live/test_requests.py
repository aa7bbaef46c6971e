"""Every call has an answer to "what next", and what people correct of it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.ground.numbers import number_in
from dispatch.live import Desk, Entry, Refused, Who
from dispatch.live.next_steps import NextSteps, pressing
from dispatch.live.request_changes import change_request
from dispatch.room import RoomOptions, open_room
from dispatch.store import Conflict, Store, queries
from dispatch.store.request_list import Word, request_list, waiting_rows
from rules import Policy
from tests.dispatch.live.conftest import ANA, Clock
from tests.small_case import corner

BEN = Who(name="ben")


def logged(desk: Desk, words: str, **told: Any) -> str:
    return desk.calls.log(Entry(words=words, received_at=desk.clock(), **told), ANA).id


def row_of(desk: Desk, id_: str) -> dict[str, Any]:
    return queries.request_rows(desk.store, [id_])[0]


def change(desk: Desk, id_: str, who: Who = ANA, reason: str = "", **told: Any) -> int:
    return change_request(desk, id_, told, who, seen=row_of(desk, id_)["version"], reason=reason)


def next_of(desk: Desk, id_: str) -> str:
    row = row_of(desk, id_)
    return NextSteps(desk, [row]).of(row).code


def published(desk: Desk) -> None:
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)


def whole(store: Store) -> None:
    assert store.differing() == []


CALLS = {
    "nothing": ({"words": "it is all dark here"}, "place"),
    "words that nobody understands": ({"words": "qwertz 123"}, "kind"),
    "an enquiry": ({"words": "when do you open", "kind": "enquiry"}, "answer"),
    "a complaint without a place": ({"words": "rude people", "kind": "complaint"}, "answer"),
    "a hazard without a place": ({"words": "a wire is down"}, "danger_place"),
    "a meter nobody can find": ({"words": "meter broken", "address": "Nowhere 9"}, "place"),
    "far outside": ({"words": "meter broken", "lon": 8.5, "lat": 47.4}, "far"),
    "an outage far outside": ({"words": "no power", "lon": 8.5, "lat": 47.4}, "far"),
    "a known customer": ({"words": "no power", "customer": "C07"}, "drive"),
    "a place alone": ({"words": "no power", "lon": corner(3, 0)[0], "lat": corner(3, 0)[1]}, "drive"),
    "a service with a place": ({"words": "meter broken", "customer": "C05"}, "drive"),
}


def test_every_kind_of_call_is_listed_and_has_a_next_step(in_force: Desk) -> None:
    ids = {name: logged(in_force, **told) for name, (told, _) in CALLS.items()}
    listed = {row["id"] for row in request_list(in_force.store, most=200).rows}
    assert set(ids.values()) <= listed
    assert all(next_of(in_force, id_) for id_ in ids.values())
    published(in_force)
    found = {name: next_of(in_force, id_) for name, id_ in ids.items()}
    assert found == {name: code for name, (_, code) in CALLS.items()}
    waiting = {row["id"] for row in waiting_rows(in_force.store, 100)}
    asked = {"place", "far", "danger_place"}
    found = pressing(in_force)
    assert found.doubtful == (ids["words that nobody understands"],)
    doubtful = request_list(in_force.store, group="kind", pressing=found).rows
    assert [row["id"] for row in doubtful] == list(found.doubtful)
    assert waiting == {ids[name] for name, (_, code) in CALLS.items() if code in asked}
    to_answer = {row["id"] for row in request_list(in_force.store, group="answer", pressing=found).rows}
    assert to_answer == {ids[name] for name, (_, code) in CALLS.items() if code == "answer"}
    whole(in_force.store)


def test_a_danger_that_nobody_can_find_stands_first(in_force: Desk) -> None:
    danger = logged(in_force, "a wire is down")
    dark = logged(in_force, "it is all dark here")
    unclear = logged(in_force, "grzl brx")
    found = pressing(in_force)
    assert (found.dangers, found.undecided) == ((danger,), (unclear,))
    rows = request_list(in_force.store, group="waiting", pressing=found).rows
    assert [row["id"] for row in rows][:3] == [danger, unclear, dark]
    one = request_list(in_force.store, group="waiting", pressing=found, most=1)
    two = request_list(in_force.store, group="waiting", pressing=found, most=1, after=one.next)
    assert [row["id"] for row in (*one.rows, *two.rows)] == [danger, unclear]
    assert in_force.calls.dangers() == tuple(
        row["id"] for row in in_force.rows("requests") if row["id"] in in_force.calls.dangers()
    )
    assert danger not in in_force.calls.dangers()


def test_words_alone_become_an_order_once_they_have_a_place(in_force: Desk) -> None:
    call = logged(in_force, "it is all dark here")
    in_force.shelf.propose(ANA)
    assert row_of(in_force, call)["order_id"] is None
    lon, lat = corner(3, 2)
    change(in_force, call, lon=lon, lat=lat)
    published(in_force)
    assert row_of(in_force, call)["order_id"]
    assert next_of(in_force, call) == "drive"
    whole(in_force.store)


def test_the_second_of_two_who_correct_a_request_hears_who_was_first(in_force: Desk) -> None:
    call = logged(in_force, "it is all dark here")
    change(in_force, call, BEN, words="dark in the whole house")
    with pytest.raises(Conflict, match="changed by ben"):
        change_request(in_force, call, {"words": "other"}, ANA, seen=1)
    assert row_of(in_force, call)["words"] == "dark in the whole house"


def test_a_plan_that_takes_a_request_up_is_no_reason_to_ask_again(in_force: Desk) -> None:
    call = logged(in_force, "meter broken", customer="C05")
    seen = row_of(in_force, call)["version"]
    published(in_force)
    assert row_of(in_force, call)["order_id"]
    assert change_request(in_force, call, {"phone": "+56 9 1"}, ANA, seen=seen) == seen + 1


def test_the_call_takers_word_overrules_the_classification(in_force: Desk) -> None:
    call = logged(in_force, "when do you open", customer="C05")
    published(in_force)
    assert next_of(in_force, call) == "answer"
    change(in_force, call, kind="metering")
    published(in_force)
    row = row_of(in_force, call)
    assert (row["kind"], row["desk"]) == ("metering", 0)
    assert next_of(in_force, call) == "drive"
    with pytest.raises(Refused, match="no kind"):
        change(in_force, call, kind="nonsense")
    with pytest.raises(Refused, match="no kind"):
        logged(in_force, "hello", kind="nonsense")


def test_a_request_that_turns_out_to_be_an_outage_leaves_its_order(in_force: Desk) -> None:
    call = logged(in_force, "meter broken", customer="C05")
    in_force.shelf.propose(ANA)
    assert row_of(in_force, call)["order_id"] == f"W-{call}"
    change(in_force, call, kind="outage")
    published(in_force)
    assert row_of(in_force, call)["order_id"].startswith("O-")
    states = {row["id"]: row["state"] for row in in_force.rows("orders")}
    assert states[f"W-{call}"] == "closed"
    whole(in_force.store)


def test_a_request_linked_to_an_order_stays_there_whatever_is_planned(in_force: Desk) -> None:
    order = row_of(in_force, "R1")["order_id"]
    call = logged(in_force, "meter broken", customer="C05")
    change(in_force, call, order=order)
    published(in_force)
    row = row_of(in_force, call)
    assert (row["order_id"], row["linked"]) == (order, 1)
    assert next_of(in_force, call) == "drive"
    change(in_force, call, order=None)
    published(in_force)
    assert row_of(in_force, call)["order_id"] == f"W-{call}"
    with pytest.raises(Refused, match="no work order"):
        change(in_force, call, order="O-nowhere")
    whole(in_force.store)


def test_requests_that_say_the_same_go_with_the_first(in_force: Desk) -> None:
    first = logged(in_force, "it is all dark here")
    second, third = logged(in_force, "still dark"), logged(in_force, "dark!")
    change(in_force, third, same_as=second)
    change(in_force, second, same_as=first)
    assert row_of(in_force, third)["same_as"] == first
    assert next_of(in_force, third) == "follows"
    lon, lat = corner(3, 2)
    change(in_force, first, lon=lon, lat=lat)
    published(in_force)
    orders = {row_of(in_force, each)["order_id"] for each in (first, second, third)}
    assert len(orders) == 1
    assert orders != {None}
    change(in_force, second, same_as=None)
    assert row_of(in_force, second)["order_id"] is None
    with pytest.raises(Refused, match="itself"):
        change(in_force, first, same_as=first)
    whole(in_force.store)


def test_a_withdrawn_request_needs_a_reason_and_takes_its_order_along(in_force: Desk) -> None:
    call = logged(in_force, "meter broken", customer="C05")
    other = logged(in_force, "meter broken I said")
    change(in_force, other, same_as=call)
    published(in_force)
    with pytest.raises(Refused, match="why"):
        change(in_force, call, withdrawn=True)
    change(in_force, call, reason="the caller rang off: it works", withdrawn=True)
    states = {row["id"]: row["state"] for row in in_force.rows("orders")}
    assert states[f"W-{call}"] == "closed"
    assert [next_of(in_force, each) for each in (call, other)] == ["withdrawn", "withdrawn"]
    assert f"W-{call}" not in in_force.shelf.propose(ANA).order_by_id
    change(in_force, call, withdrawn=False)
    published(in_force)
    assert next_of(in_force, call) == "drive"
    whole(in_force.store)


def test_a_request_is_not_withdrawn_under_a_crew_that_is_there(in_force: Desk) -> None:
    call = logged(in_force, "meter broken", customer="C05")
    published(in_force)
    order = next(row for row in in_force.rows("orders") if row["id"] == f"W-{call}")
    in_force.work.move_order(order["id"], "on_site", ANA, seen=order["version"])
    with pytest.raises(Refused, match="at work"):
        change(in_force, call, reason="by mistake", withdrawn=True)
    assert row_of(in_force, call)["withdrawn"] == 0


def test_an_enquiry_ends_when_somebody_has_answered(in_force: Desk) -> None:
    early, late = logged(in_force, "when do you open"), logged(in_force, "where do I pay")
    change(in_force, early, answered=True)
    published(in_force)
    change(in_force, late, reason="told the opening hours", answered=True)
    assert [next_of(in_force, each) for each in (early, late)] == ["answered", "closed"]
    with pytest.raises(Refused, match="for a crew"):
        change(in_force, "R5", answered=True)
    whole(in_force.store)


def test_what_is_corrected_does_not_change_the_plan_in_force(
    in_force: Desk, small: Any, store: Store, clock: Clock
) -> None:
    call = logged(in_force, "meter broken", customer="C05")
    published(in_force)
    number = in_force.plan_number("published") or 0
    before = in_force.plan(number).cards[f"W-{call}/service"]
    change(in_force, call, kind="outage", words="no power at all")
    again = open_room(small, store, clock, RoomOptions(budget=in_force.budget)).desk
    assert again.plan(number).cards[f"W-{call}/service"] == before


def test_half_a_place_and_an_appointment_that_ends_before_it_begins_are_refused(in_force: Desk) -> None:
    call, now = logged(in_force, "meter broken"), in_force.clock()
    with pytest.raises(Refused, match="both coordinates"):
        change(in_force, call, lon=1.0)
    late = {"appointment_from": now + timedelta(hours=2), "appointment_to": now + timedelta(hours=1)}
    with pytest.raises(Refused, match="before it begins"):
        change(in_force, call, **late)


def test_a_change_that_is_sent_twice_is_made_once(in_force: Desk) -> None:
    call = logged(in_force, "meter broken")
    told = {"words": "meter shows nothing"}
    first = change_request(in_force, call, told, ANA, seen=1, key="k")
    assert change_request(in_force, call, told, ANA, seen=1, key="k") == first
    assert change_request(in_force, call, told, ANA, seen=first) == first


@pytest.mark.parametrize(
    "asked",
    ["+56 9 1234 5678", "0056912345678", "９１２３４５６７８", "9 1234-5678", "(09) 1234 5678", "2345678"],
)
def test_a_number_is_found_in_any_spelling(in_force: Desk, asked: str) -> None:
    calls = [logged(in_force, "dark", phone=each) for each in ("+56 9 1234 5678", "９１２３４５６７８")]
    logged(in_force, "dark", phone="+56 9 1234 9999")
    found = request_list(in_force.store, words=[Word(text=asked, digits=number_in(asked))]).rows
    assert {row["id"] for row in found} == set(calls)


def test_a_call_from_a_system_whose_clock_is_fast_was_received_now(desk: Desk, clock: Clock) -> None:
    entry = Entry(words="no light", received_at=clock.now + timedelta(hours=2))
    assert row_of(desk, desk.calls.log(entry, ANA).id)["received_at"] == clock.now


def test_after_a_start_all_open_requests_are_weighed_together(
    in_force: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("no light", "sparks from the pole", "rude people", "low voltage")
    for n in range(40):
        logged(in_force, words[n % 4], customer=f"C{n % 12 + 1:02}")
    asked: list[str] = []
    for name in ("decide", "decide_many"):
        own = getattr(Policy, name)

        def counted(self: Policy, *given: Any, own: Any = own, name: str = name) -> Any:
            asked.append(name)
            return own(self, *given)

        monkeypatch.setattr(Policy, name, counted)
    begun = Desk(in_force.case, in_force.store, in_force.clock)
    rows = [row for row in begun.rows("requests") if row["open"]]
    weighed = {row["id"]: found for row, found in begun.calls.weighed(rows)}
    assert len(weighed) >= 40
    # The customers' grades, what is asked for, and how soon: not one decision for each request.
    assert asked.count("decide_many") <= 3
    assert asked.count("decide") == 0
    asked.clear()
    assert {row["id"]: found for row, found in begun.calls.weighed(rows)} == weighed
    assert not asked
    monkeypatch.undo()
    for row, (call, danger) in in_force.calls.weighed(rows):
        assert (call.kind, call.place, danger) == (
            weighed[row["id"]][0].kind,
            weighed[row["id"]][0].place,
            weighed[row["id"]][1],
        )
