"""Reports of interruptions: what is owed by when, what is missing, what has changed since, nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.live import Desk, Refused, Who
from dispatch.live.service.supply_reports import counts
from dispatch.messages.announcing import announce, cancel
from dispatch.service.supply_reports import Standing, Stop
from tests.dispatch.live.conftest import ANA, Clock

BEN = Who(name="ben")


def line_of(desk: Desk, id_: str) -> tuple[Stop, dict[str, Standing]]:
    stop, stages = next(line for line in desk.service.supply_reports.lines() if line[0].id == id_)
    return stop, {each.stage: each for each in stages}


def fault_of(desk: Desk) -> str:
    return next(stop.id for stop, _ in desk.service.supply_reports.lines() if stop.kind == "fault")


def test_a_fault_is_owed_within_the_limit_of_the_policy_and_says_what_is_missing(
    in_force: Desk, clock: Clock
) -> None:
    id_ = fault_of(in_force)
    stop, stages = line_of(in_force, id_)
    assert stages["stop"].due == stop.known_at + timedelta(minutes=15)
    assert stages["stop"].state in ("due", "missing")
    # Why, nobody knows before somebody was there: that is owed with the return.
    assert stages["stop"].lacks == ()
    assert "return" not in stages
    clock.later(120)
    _, stages = line_of(in_force, id_)
    assert (stages["stop"].state, stages["stop"].late_min > 100) == ("missing", True)


def test_what_a_person_says_fills_what_the_program_does_not_know(in_force: Desk, clock: Clock) -> None:
    id_ = fault_of(in_force)
    held = in_force.service.supply_reports
    back = (clock() + timedelta(minutes=1)).isoformat()
    held.report(id_, "return", ANA, {"restored": back})
    assert line_of(in_force, id_)[1]["return"].lacks == ("cause",)
    held.report(id_, "stop", BEN, {"cause": "a tree on the line"}, key="once")
    held.report(id_, "stop", BEN, {"cause": "a tree on the line"}, key="once")
    stop, stages = line_of(in_force, id_)
    assert len(stop.reports) == 2
    assert (stages["stop"].by, stages["stop"].lacks) == ("ben", ())
    assert counts(held.lines())["complete"] == 1


def test_what_changes_after_the_report_is_said(in_force: Desk, clock: Clock) -> None:
    id_ = fault_of(in_force)
    held = in_force.service.supply_reports
    held.report(id_, "stop", BEN, {"leader": "somebody else"})
    assert "leader" in line_of(in_force, id_)[1]["stop"].differs
    held.report(id_, "stop", BEN, {})
    assert "leader" not in line_of(in_force, id_)[1]["stop"].differs


def test_the_return_is_owed_once_supply_is_back(in_force: Desk, clock: Clock) -> None:
    id_ = fault_of(in_force)
    held = in_force.service.supply_reports
    with pytest.raises(Refused, match="not known to be back"):
        held.report(id_, "return", BEN, {})
    clock.later(30)
    row = in_force.row("orders", id_)
    assert row is not None
    for to in ("on_the_way", "on_site", "restored"):
        version = in_force.row("orders", id_)["version"]  # type: ignore[index]
        in_force.work.move_order(id_, to, ANA, seen=version, crew=row["crew"])
    assert line_of(in_force, id_)[1]["return"].due == clock() + timedelta(minutes=10)
    clock.later(11)
    assert line_of(in_force, id_)[1]["return"].state == "missing"
    held.report(id_, "return", BEN, {"cause": "tree"})
    told = line_of(in_force, id_)[1]["return"]
    assert (told.state, told.late_min, told.lacks) == ("late", 1, ())


def test_planned_and_temporary_outages_have_limits_of_their_own(in_force: Desk, clock: Clock) -> None:
    begins = clock() + timedelta(days=10)
    announce(in_force, "P-1", ["T5"], begins, begins + timedelta(hours=4), "new pole", ANA)
    soon = clock() + timedelta(hours=30)
    announce(in_force, "P-2", ["T5"], soon, soon + timedelta(hours=2), "hot joint", ANA, urgent=True)
    planned, temporary = line_of(in_force, "P-1"), line_of(in_force, "P-2")
    assert (planned[0].kind, temporary[0].kind) == ("planned", "temporary")
    assert planned[1]["stop"].due == begins - timedelta(days=7)
    assert temporary[1]["stop"].due == soon - timedelta(days=1)
    assert planned[1]["stop"].lacks == ()
    assert in_force.service.supply_reports.report_complete(BEN) == 3
    assert in_force.service.supply_reports.report_complete(BEN) == 0
    assert {line_of(in_force, each)[1]["stop"].state for each in ("P-1", "P-2")} == {"in_time"}
    clock.now = begins + timedelta(hours=4, minutes=11)
    assert line_of(in_force, "P-1")[1]["return"].state == "missing"


def test_a_cancelled_outage_owes_nothing_and_an_unknown_one_is_refused(in_force: Desk, clock: Clock) -> None:
    begins = clock() + timedelta(days=10)
    announce(in_force, "P-1", ["T5"], begins, begins + timedelta(hours=4), "new pole", ANA)
    cancel(in_force, "P-1", "rain", ANA)
    with pytest.raises(Refused, match="no interruption 'P-1'"):
        in_force.service.supply_reports.report("P-1", "stop", BEN, {})
