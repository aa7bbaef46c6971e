"""New connections: steps after prerequisites, limits in working days without the customer's own time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dispatch.live import Desk, Entry, Refused
from dispatch.live.service.connections import Wanted
from dispatch.store.matters import matter_row
from tests.dispatch.live.conftest import ANA, Clock

DAY = 24 * 60
HIGH = Wanted(kind="new", words="Charging station", customer="C05", voltage_kv=10, sources=1, kw=630)


def row(desk: Desk, id_: str) -> dict[str, Any]:
    found = matter_row(desk.store, id_)
    assert found is not None
    return found


def finish(desk: Desk, id_: str, step: str) -> None:
    desk.service.connections.finish(id_, step, "", ANA, seen=row(desk, id_)["version"])


def due(desk: Desk, id_: str) -> str | None:
    moment: datetime | None = row(desk, id_)["due_at"]
    return None if moment is None else moment.astimezone(desk.case.settings.zone).date().isoformat()


def test_a_low_voltage_connection_has_three_steps_and_a_high_voltage_one_six(desk: Desk) -> None:
    low = desk.service.connections.begin(Wanted(kind="new", customer="C05", voltage_kv=0.22), ANA)
    high = desk.service.connections.begin(HIGH, ANA)
    assert list(row(desk, low)["data"]["steps"]) == ["application", "offer", "commissioning"]
    assert len(row(desk, high)["data"]["steps"]) == 6
    assert row(desk, high)["owner"] == "ana"
    # Tuesday 14 July; one working day.
    assert due(desk, high) == "2026-07-15"
    assert desk.store.differing() == []


def test_a_step_before_its_prerequisite_is_refused(desk: Desk) -> None:
    id_ = desk.service.connections.begin(HIGH, ANA)
    with pytest.raises(Refused, match="commissioning of B-0001 cannot be finished before final_inspection"):
        finish(desk, id_, "commissioning")
    with pytest.raises(Refused, match="offer of B-0001 cannot be finished before application"):
        finish(desk, id_, "offer")
    finish(desk, id_, "application")
    with pytest.raises(Refused, match="finished already"):
        finish(desk, id_, "application")
    with pytest.raises(Refused, match="no step 'dance'"):
        finish(desk, id_, "dance")


def test_limits_run_in_working_days(desk: Desk) -> None:
    id_ = desk.service.connections.begin(HIGH, ANA)
    finish(desk, id_, "application")
    # Ten working days after Tuesday 14 July.
    assert due(desk, id_) == "2026-07-28"


def test_what_the_customer_takes_does_not_count(desk: Desk, clock: Clock) -> None:
    id_ = desk.service.connections.begin(HIGH, ANA)
    finish(desk, id_, "application")
    clock.later(2 * DAY)
    desk.service.connections.wait(id_, "another place for the transformer", ANA, seen=2)
    assert due(desk, id_) is None
    with pytest.raises(Refused, match="the customer's turn"):
        finish(desk, id_, "offer")
    clock.later(30 * DAY)
    desk.service.connections.resume(id_, "plan has come", ANA, seen=3)
    # Two of ten days were used by Thursday 16 July; eight are left on Saturday 15 August.
    assert row(desk, id_)["data"]["steps"]["offer"]["left"] == 8
    assert due(desk, id_) == "2026-08-26"
    with pytest.raises(Refused, match="does not wait"):
        desk.service.connections.resume(id_, "", ANA, seen=4)


def test_the_customer_designs_and_builds_before_the_clock_of_a_review_begins(desk: Desk) -> None:
    id_ = desk.service.connections.begin(HIGH, ANA)
    for step in ("application", "offer"):
        finish(desk, id_, step)
    assert (row(desk, id_)["data"]["turn"], due(desk, id_)) == ("customer", None)
    desk.service.connections.resume(id_, "drawings", ANA, seen=3)
    assert due(desk, id_) == "2026-07-17"
    finish(desk, id_, "design_review")
    for step in ("mid_inspection", "final_inspection"):
        desk.service.connections.resume(id_, "built", ANA, seen=row(desk, id_)["version"])
        finish(desk, id_, step)
    finish(desk, id_, "commissioning")
    assert (row(desk, id_)["state"], row(desk, id_)["ended_at"]) == ("done", desk.clock())
    with pytest.raises(Refused, match="has ended"):
        finish(desk, id_, "commissioning")
    assert desk.store.differing() == []


def test_nonsense_is_refused_with_a_sentence(desk: Desk) -> None:
    begin = desk.service.connections.begin
    with pytest.raises(Refused, match="no kind of connection 'dance'"):
        begin(Wanted(kind="dance"), ANA)
    with pytest.raises(Refused, match="no customer 'C99'"):
        begin(Wanted(kind="new", customer="C99"), ANA)
    with pytest.raises(Refused, match="no request 'R999999'"):
        begin(Wanted(kind="new", request="R999999"), ANA)
    entry = Entry(words="new supply", received_at=desk.clock(), customer="C12", kind="new_connection")
    request = desk.calls.log(entry, ANA).id
    id_ = begin(Wanted(kind="new", request=request), ANA)
    assert row(desk, id_)["customer"] == "C12"
    with pytest.raises(Refused, match=f"{id_} is about {request} already"):
        begin(Wanted(kind="new", request=request), ANA)
    with pytest.raises(Refused, match="say why"):
        desk.service.connections.withdraw(id_, "", ANA, seen=1)
    with pytest.raises(Refused, match="changed B-"):
        desk.service.connections.withdraw(id_, "moved", ANA, seen=7)
    desk.service.connections.withdraw(id_, "moved", ANA, seen=1)
    assert row(desk, id_)["state"] == "withdrawn"


def test_with_its_connection_the_request_ends_and_no_crew_is_sent_any_more(desk: Desk) -> None:
    entry = Entry(words="a new house", received_at=desk.clock(), customer="C05", kind="new_connection")
    request = desk.calls.log(entry, ANA).id
    id_ = desk.service.connections.begin(Wanted(kind="new", request=request, voltage_kv=0.22), ANA)
    desk.shelf.propose(ANA)
    assert desk.row("orders", f"W-{request}") is not None
    for seen, step in enumerate(("application", "offer", "commissioning"), 1):
        desk.service.connections.finish(id_, step, "", ANA, seen=seen)
    asked = {row["id"]: row for row in desk.rows("requests")}
    assert asked[request]["open"] == 0
    order = desk.row("orders", f"W-{request}")
    assert order is not None
    assert order["state"] == "closed"
    assert desk.store.differing() == []
