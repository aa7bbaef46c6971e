"""Supply guarantee: overlaps are named, planned outages refused, crews kept near, closed with a report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.live import Desk, Refused
from dispatch.live.service.guarantees import Event
from dispatch.messages.announcing import announce
from dispatch.store.matters import matter_row
from dispatch.store.request_list import history_of
from tests.dispatch.live.conftest import ANA, Clock


def event(desk: Desk, **other: Any) -> Event:
    begins = desk.clock() + timedelta(days=10)
    told = {"name": "Examination", "place": "School", "begins": begins, "ends": begins + timedelta(hours=6)}
    return Event(**{**told, "level": 1, "feeders": ("BR-1",), "customers": ("C06",), **other})


def row(desk: Desk, id_: str) -> dict[str, Any]:
    found = matter_row(desk.store, id_)
    assert found is not None
    return found


def announced(desk: Desk, id_: str, transformer: str, days: float, **more: Any) -> bool:
    begins = desk.clock() + timedelta(days=days)
    return announce(desk, id_, [transformer], begins, begins + timedelta(hours=2), "poles", ANA, **more)


def test_an_event_has_an_owner_inspections_and_crews_by_the_rules(desk: Desk) -> None:
    found = row(desk, desk.service.guarantees.plan(event(desk), ANA))
    assert (found["owner"], found["state"], found["level"]) == ("ana", "open", 1)
    assert [each["place"] for each in found["data"]["checks"]] == ["BR-1", "C06"]
    assert found["data"]["crews"] == 2
    assert desk.store.differing() == []


def test_an_event_that_overlaps_another_is_named_until_somebody_says_why(desk: Desk) -> None:
    first = desk.service.guarantees.plan(event(desk), ANA)
    with pytest.raises(Refused, match=f"{first} .Examination. guarantees feeder BR-1"):
        desk.service.guarantees.plan(event(desk, name="Concert"), ANA)
    second = desk.service.guarantees.plan(event(desk, name="Concert"), ANA, "both are fed by it")
    assert row(desk, second)["data"]["overlaps"] == [first]
    desk.service.guarantees.plan(event(desk, name="Match", feeders=("BR-2",), customers=()), ANA)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"feeders": ("BR-9",)}, "no feeder 'BR-9'"),
        ({"customers": ("C99",)}, "no customer 'C99'"),
        ({"feeders": (), "customers": ()}, "name a feeder or a customer"),
        ({"level": 7}, "level is 1, 2 or 3"),
        ({"name": " "}, "say what"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(desk: Desk, other: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        desk.service.guarantees.plan(event(desk, **other), ANA)
    late = event(desk, ends=desk.clock())
    with pytest.raises(Refused, match="ends after it begins"):
        desk.service.guarantees.plan(late, ANA)


def test_a_planned_outage_on_a_guaranteed_feeder_needs_a_reason(desk: Desk) -> None:
    id_ = desk.service.guarantees.plan(event(desk), ANA)
    with pytest.raises(Refused, match=f"feeder BR-1 is under guarantee {id_}"):
        announced(desk, "P-1", "T1", 10)
    assert announced(desk, "P-2", "T5", 10)
    assert announced(desk, "P-3", "T1", 12)
    assert announced(desk, "P-1", "T1", 10, despite="the pole would fall")
    assert history_of(desk.store, id_, 9)[0].data["act"] == "outage_allowed"
    desk.service.guarantees.close(id_, "called off", ANA, seen=2, reason="no pupils")
    assert announced(desk, "P-4", "T1", 10)


def test_crews_kept_near_become_work_of_the_plan(desk: Desk, clock: Clock) -> None:
    begins = desk.clock() + timedelta(minutes=90)
    soon = event(desk, begins=begins, ends=begins + timedelta(hours=1), level=2)
    id_ = desk.service.guarantees.plan(soon, ANA)
    desk.service.guarantees.stand_by(id_, ANA, seen=1)
    (request,) = row(desk, id_)["data"]["presence"]
    desk.shelf.propose(ANA)
    desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
    day = desk.day()
    job = day.problem.job_by_id[f"W-{request}/service"]
    assert job.service_s == 2 * 3600
    ((_, crew, at),) = desk.service.guarantees.kept_near(row(desk, id_))
    assert crew is not None
    assert at is not None
    assert at <= begins - timedelta(minutes=30)


def test_findings_stay_open_until_they_are_mended_and_the_end_needs_a_report(
    desk: Desk, clock: Clock
) -> None:
    held = desk.service.guarantees
    id_ = held.plan(event(desk), ANA)
    held.check(id_, 1, "hot connector", ANA, seen=1)
    held.check(id_, 2, "", ANA, seen=2)
    with pytest.raises(Refused, match="no inspection 9"):
        held.check(id_, 9, "", ANA, seen=3)
    with pytest.raises(Refused, match="found nothing"):
        held.mend(id_, 2, "tightened", ANA, seen=3)
    clock.later(11 * 24 * 60)
    with pytest.raises(Refused, match="closed with a report"):
        held.close(id_, " ", ANA, seen=3)
    with pytest.raises(Refused, match=r"open inspections or findings \(1\)"):
        held.close(id_, "no outage", ANA, seen=3)
    held.mend(id_, 1, "tightened", ANA, seen=3)
    held.close(id_, "no outage", ANA, seen=4)
    assert row(desk, id_)["state"] == "closed"
    with pytest.raises(Refused, match="has ended"):
        held.check(id_, 1, "", ANA, seen=5)
    assert desk.store.differing() == []
