"""The watch page's rows, the fast lane, who answers: everything owed is seen before it breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.live import Desk, Entry, Refused, Who
from dispatch.live.request_changes import change_request
from dispatch.live.service.connections import Wanted
from dispatch.live.service.watch import tally, watched
from dispatch.messages.telling import Teller
from dispatch.messages.templates import load_templates
from dispatch.store.matters import matter_row
from dispatch.store.outbox import letters
from tests.dispatch.live.conftest import ANA, Clock
from tests.dispatch.live.test_guarantees import event

BEN = Who(name="ben")


def logged(desk: Desk, customer: str, kind: str, who: Who = BEN) -> str:
    entry = Entry(words=f"about {kind}", received_at=desk.clock(), customer=customer, kind=kind)
    told = desk.calls.log(entry, who)
    desk.service.heard(told, entry.words)
    return told.id


def test_what_is_owed_stands_there_by_due_time_with_its_owner(desk: Desk, clock: Clock) -> None:
    complaint = f"K-{logged(desk, 'C05', 'complaint')}"
    step = desk.service.connections.begin(Wanted(kind="new", customer="C05", voltage_kv=0.22), ANA)
    found = {(each.subject, each.what): each for each in watched(desk)}
    assert found[complaint, "contact"].owner == "ben"
    assert found[step, "application"].owner == "ana"
    assert found[step, "application"].due is not None
    clock.now += timedelta(days=30)
    late = {each.subject for each in watched(desk) if each.state == "late"}
    assert {complaint, step} <= late
    sums = tally(desk)
    assert (sums.late >= 2, sums.nobodys) == (True, 0)


def test_what_nobody_answers_for_is_counted(desk: Desk) -> None:
    other = Who(name="hotline", source="api", system=True)
    logged(desk, "C05", "complaint", other)
    assert tally(desk).nobodys >= 1
    assert any(each.owner is None and each.kind == "complaint" for each in watched(desk))


def test_a_matter_is_handed_over_with_a_reason(desk: Desk) -> None:
    id_ = desk.service.connections.begin(Wanted(kind="new", customer="C05", voltage_kv=0.22), ANA)
    logged(desk, "C05", "enquiry")
    with pytest.raises(Refused, match="say why"):
        desk.service.connections.hand_over(id_, "ben", ANA, seen=1, reason=" ")
    with pytest.raises(Refused, match="nobody in the office"):
        desk.service.connections.hand_over(id_, "nobody", ANA, seen=1, reason="leave")
    desk.service.connections.hand_over(id_, "ben", ANA, seen=1, reason="on leave")
    row = matter_row(desk.store, id_)
    assert row is not None
    assert row["owner"] == "ben"
    assert desk.store.differing() == []


def test_a_hospital_is_in_the_fast_lane_and_supervised_from_the_start(desk: Desk, clock: Clock) -> None:
    fast, usual = logged(desk, "C06", "new_connection"), logged(desk, "C05", "new_connection")
    desk.calls.log(Entry(words="no light", received_at=desk.clock(), customer="C06", kind="outage"), BEN)
    desk.service.look()
    desk.service.look()
    (row,) = desk.rows("urgings")
    assert (row["subject"], row["way"], row["whom"]) == (fast, "fast_lane", "ben")
    assert row["due_at"] - clock.now == timedelta(minutes=30)
    lane = desk.service.fast_lane
    asked = {each["id"]: each for each in desk.rows("requests")}
    assert (lane.span(asked[usual]), lane.span(asked[fast])) == (None, timedelta(minutes=30))


def test_a_request_enters_the_fast_lane_when_somebody_finds_out_whose_it_is(desk: Desk) -> None:
    id_ = logged(desk, "C05", "new_connection")
    desk.service.look()
    assert desk.rows("urgings") == []
    (row,) = (each for each in desk.rows("requests") if each["id"] == id_)
    change_request(desk, id_, {"customer": "C06"}, BEN, seen=row["version"])
    desk.service.look()
    assert [row["subject"] for row in desk.rows("urgings")] == [id_]


def test_nobody_is_told_that_we_have_a_request_which_the_utility_made_itself(desk: Desk) -> None:
    desk.store.hearers.append(Teller(desk.case, load_templates("en"), desk.plan, desk.day).hear)
    id_ = desk.service.guarantees.plan(event(desk), ANA)
    desk.service.guarantees.stand_by(id_, ANA, seen=1)
    desk.service.inspections.send_crew("C06", ANA)
    assert [each.key for each in letters(desk.store) if each.key.startswith(("received/", "repeated/"))] == []
    logged(desk, "C06", "enquiry")
    assert len([each for each in letters(desk.store) if each.key.startswith("received/")]) == 1
