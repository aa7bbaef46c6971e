"""A matter that is begun twice under the same mark of a sender is one, and both hear its number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dispatch.live import Desk, Entry
from dispatch.live.service.connections import Wanted
from dispatch.live.service.guarantees import Event
from dispatch.live.service.inspections import Finding
from dispatch.outages.planned import PlannedOutage
from dispatch.store.matters import count_matters
from tests.dispatch.live.conftest import ANA

Begin = Callable[[Desk], object]


def connection(desk: Desk) -> object:
    wanted = Wanted(kind="new", customer="C05", voltage_kv=0.22)
    return desk.service.connections.begin(wanted, ANA, key="mark")


def guarantee(desk: Desk) -> object:
    begins = desk.clock() + timedelta(days=2)
    event = Event(
        name="Concert", place="", begins=begins, ends=begins + timedelta(hours=4), level=1, feeders=("BR-1",)
    )
    return desk.service.guarantees.plan(event, ANA, key="mark")


def shedding(desk: Desk) -> object:
    begins = desk.clock() + timedelta(hours=1)
    return desk.service.shortages.use(1, begins, begins + timedelta(hours=2), ANA, "cold", key="mark")


def outage_notice(desk: Desk) -> object:
    begins = desk.clock() + timedelta(days=10)
    ends = begins + timedelta(hours=3)
    plan = PlannedOutage(
        id="P-1", start=begins, end=ends, open_places=("RC-1",), close_devices=(), reason="poles"
    )
    return desk.service.negotiations.begin(plan, [(begins, ends)], ANA, key="mark")


def inspection(desk: Desk) -> object:
    found = [Finding(words="oil leaks", level=2, duty="own")]
    return desk.service.inspections.visited("C05", found, "", ANA, key="mark")


@pytest.mark.parametrize("begin", [connection, guarantee, shedding, outage_notice, inspection])
def test_the_same_mark_begins_one_and_tells_its_number_again(desk: Desk, begin: Begin) -> None:
    first = begin(desk)
    assert begin(desk) == first
    with desk.store.reading() as connection:
        assert count_matters(connection, begin.__name__) == 1
    assert desk.store.differing() == []


def test_every_answer_of_a_customer_counts_in_the_means(desk: Desk) -> None:
    for _ in range(201):
        entry = Entry(words="meter broken", received_at=desk.clock(), customer="C05", kind="metering")
        desk.service.satisfaction.rate(desk.calls.log(entry, ANA).id, 5, "", ANA)
    assert {each.count for each in desk.service.satisfaction.means()} == {201}
