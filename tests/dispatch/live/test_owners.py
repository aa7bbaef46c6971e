"""Every request and every important customer has a person; a program answers for nothing."""

from __future__ import annotations

import pytest

from dispatch.live import Desk, Entry, Refused, Who
from dispatch.live.book import PLANNER
from dispatch.live.request_changes import change_request
from dispatch.live.shift import handover
from dispatch.store import queries
from dispatch.store.history import events_of
from dispatch.store.persons import managers_of
from dispatch.store.request_list import request_counts, request_list
from tests.dispatch.live.conftest import ANA

BEN, SYSTEM = Who(name="ben"), Who(name="callcentre", source="api", system=True)


def logged(desk: Desk, words: str, who: Who = ANA, taken_by: str | None = None, **told: object) -> str:
    entry = Entry(words=words, received_at=desk.clock(), **told)
    return desk.calls.log(entry, who, None, taken_by).id


def owner_of(desk: Desk, id_: str) -> str | None:
    owner: str | None = queries.request_rows(desk.store, [id_])[0]["owner"]
    return owner


def responsible(desk: Desk) -> dict[str, str]:
    return {row["id"]: row["responsible"] for row in desk.rows("orders")}


def test_whoever_takes_a_call_answers_for_it(desk: Desk) -> None:
    assert owner_of(desk, logged(desk, "rude people", kind="complaint")) == "ana"


def test_a_system_that_brings_a_request_answers_for_nothing(desk: Desk) -> None:
    assert owner_of(desk, logged(desk, "no power", SYSTEM, customer="C05")) is None


def test_a_system_can_name_who_took_the_call(desk: Desk) -> None:
    assert owner_of(desk, logged(desk, "no power", SYSTEM, "Chen Jie", customer="C05")) == "Chen Jie"


def test_whoever_first_puts_a_hand_on_it_answers_for_it(desk: Desk) -> None:
    id_ = logged(desk, "no power", SYSTEM, customer="C05")
    change_request(desk, id_, {"address": "Elm Avenue 4"}, BEN, seen=1)
    assert owner_of(desk, id_) == "ben"
    change_request(desk, id_, {"address": "Elm Avenue 5"}, ANA, seen=2)
    assert owner_of(desk, id_) == "ben"


def test_planned_work_belongs_to_whoever_published_it_never_to_the_program(desk: Desk) -> None:
    desk.shelf.propose(PLANNER)
    assert set(responsible(desk).values()) == {""}
    desk.shelf.publish(1, BEN)
    assert set(responsible(desk).values()) == {"ben"}
    open_ = [row for row in desk.rows("requests") if row["order_id"] and not row["desk"]]
    assert open_
    assert {row["owner"] for row in open_} == {"ben"}
    assert {each.responsible for each in handover(desk).orders} == {"ben"}
    assert desk.store.differing() == []


def test_an_order_belongs_to_whoever_took_its_first_call(desk: Desk) -> None:
    id_ = logged(desk, "meter broken", ANA, customer="C05")
    desk.shelf.propose(PLANNER)
    desk.shelf.publish(1, BEN)
    assert responsible(desk)[f"W-{id_}"] == "ana"
    assert owner_of(desk, id_) == "ana"


def test_a_request_is_handed_over_with_a_reason_and_its_order_goes_along(desk: Desk) -> None:
    id_ = logged(desk, "meter broken", ANA, customer="C05")
    logged(desk, "hello", BEN)
    desk.shelf.propose(PLANNER)
    with pytest.raises(Refused, match="say why"):
        desk.service.owners.hand_over(id_, "ben", ANA, seen="ana")
    desk.service.owners.hand_over(id_, "ben", ANA, seen="ana", reason="end of shift")
    assert owner_of(desk, id_) == responsible(desk)[f"W-{id_}"] == "ben"
    (event,) = events_of(desk.store, [id_], ["owner_changed"])
    assert event.data["was"] == "ana"
    assert event.data["reason"] == "end of shift"
    assert desk.store.differing() == []


def test_what_nobody_answers_for_is_taken_without_a_reason(desk: Desk) -> None:
    logged(desk, "hello", BEN)
    id_ = logged(desk, "no power", SYSTEM, customer="C05")
    desk.service.owners.hand_over(id_, "ben", BEN, seen=None)
    assert owner_of(desk, id_) == "ben"


def test_two_who_take_the_same_are_told_who_was_first(desk: Desk) -> None:
    logged(desk, "hello", BEN)
    logged(desk, "hello", ANA)
    id_ = logged(desk, "no power", SYSTEM, customer="C05")
    desk.service.owners.hand_over(id_, "ben", BEN, seen=None)
    with pytest.raises(Refused, match="ben answers for"):
        desk.service.owners.hand_over(id_, "ana", ANA, seen=None)


def test_nobody_is_handed_anything_who_is_not_there(desk: Desk) -> None:
    id_ = logged(desk, "no power", ANA, customer="C05")
    with pytest.raises(Refused, match="nobody in the office is called 'planner'"):
        desk.service.owners.hand_over(id_, "planner", ANA, seen="ana", reason="gone home")
    with pytest.raises(Refused, match="no request 'R9'"):
        desk.service.owners.hand_over("R9", "ana", ANA, seen=None)


def test_the_list_is_narrowed_to_one_owner(desk: Desk) -> None:
    mine, other = logged(desk, "no power", ANA, customer="C05"), logged(desk, "no power", BEN, customer="C07")
    nobodys = logged(desk, "no power", SYSTEM, customer="C01")
    found = {
        owner: {row["id"] for row in request_list(desk.store, owner=owner, most=200).rows}
        for owner in ("ana", "ben", "")
    }
    assert found["ana"] == {mine}
    assert found["ben"] == {other}
    assert nobodys in found[""]
    assert sum(request_counts(desk.store, owner="ben").values()) == 1


def test_a_customer_has_one_manager_and_another_only_with_a_reason(desk: Desk) -> None:
    logged(desk, "hello", BEN)
    logged(desk, "hello", ANA)
    owners = desk.service.owners
    owners.look_after("C06", "ana", ANA, seen=None)
    with pytest.raises(Refused, match="ana looks after customer C06"):
        owners.look_after("C06", "ben", BEN, seen=None)
    with pytest.raises(Refused, match="say why"):
        owners.look_after("C06", "ben", BEN, seen="ana")
    owners.look_after("C06", "ben", BEN, seen="ana", reason="leave")
    assert managers_of(desk.store)["C06"]["person"] == "ben"
    with pytest.raises(Refused, match="no customer 'C99'"):
        owners.look_after("C99", "ben", BEN, seen=None)
    assert desk.store.differing() == []


def test_a_list_with_two_managers_for_one_customer_changes_nothing(desk: Desk) -> None:
    logged(desk, "hello", BEN)
    logged(desk, "hello", ANA)
    owners = desk.service.owners
    with pytest.raises(Refused, match="customer C06 stands there with two managers, ana and ben"):
        owners.look_after_all([("C05", "ana"), ("C06", "ana"), ("C06", "ben")], ANA, "new list")
    assert managers_of(desk.store) == {}
    assert owners.look_after_all([("C05", "ana"), ("C06", "ana")], ANA, "new list") == 2
    assert owners.look_after_all([("C05", "ana"), ("C06", "ben")], ANA, "new list") == 1
