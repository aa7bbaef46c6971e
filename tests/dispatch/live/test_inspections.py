"""Visits due by rule, hidden dangers, satisfaction, what comes again, checks of closed orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.live import Desk, Entry, Refused, Who
from dispatch.live.service.inspections import Finding
from dispatch.store.matters import matter_list, matter_row
from tests.dispatch.live.conftest import ANA, Clock

BEN = Who(name="ben")
LEAK = Finding(words="leaks oil", level=2, duty="customer")


def row(desk: Desk, id_: str) -> dict[str, Any]:
    found = matter_row(desk.store, id_)
    assert found is not None
    return found


def test_an_important_customer_is_visited_by_the_rules_of_its_grade(desk: Desk) -> None:
    (due,) = desk.service.inspections.due()
    assert (due.customer, due.grade, due.every_days, due.last) == ("C06", "second", 180, None)
    desk.service.inspections.visited("C06", [], "in order", ANA)
    (after,) = desk.service.inspections.due()
    assert after.due == desk.clock() + timedelta(days=180)
    assert desk.store.differing() == []


def test_a_finding_is_remedied_and_looked_at_again_before_it_is_closed(desk: Desk, clock: Clock) -> None:
    _, (id_,) = desk.service.inspections.visited("C06", [LEAK], "", ANA)
    dangers = desk.service.dangers
    assert row(desk, id_)["due_at"].date().isoformat() == "2026-08-04"
    with pytest.raises(Refused, match="has not been remedied"):
        dangers.recheck(id_, True, "", ANA, seen=1)
    dangers.remedy(id_, "new seal", ANA, seen=1)
    with pytest.raises(Refused, match="say what was done"):
        dangers.recheck(id_, False, "", ANA, seen=2)
    clock.later(24 * 60)
    dangers.recheck(id_, False, "still wet", ANA, seen=2)
    assert row(desk, id_)["due_at"].date().isoformat() == "2026-08-05"
    dangers.remedy(id_, "new gasket", ANA, seen=3)
    dangers.recheck(id_, True, "", ANA, seen=4)
    assert (row(desk, id_)["state"], row(desk, id_)["data"]["again"]) == ("closed", 1)
    assert desk.store.differing() == []


def test_nonsense_about_visits_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="no customer 'C99'"):
        desk.service.inspections.visited("C99", [], "", ANA)
    for wrong in (Finding(words=" ", level=2, duty="own"), Finding(words="x", level=9, duty="own")):
        with pytest.raises(Refused, match="a finding says what"):
            desk.service.inspections.visited("C06", [wrong], "", ANA)


def test_a_visit_by_a_crew_is_optional_work_of_the_plan(desk: Desk) -> None:
    request = desk.service.inspections.send_crew("C06", ANA)
    assert desk.service.inspections.send_crew("C06", ANA) == request
    card = desk.shelf.propose(ANA).cards[f"W-{request}/service"]
    assert card.class_ == "P5"


def test_customers_are_asked_once_and_low_marks_need_the_reason(desk: Desk) -> None:
    entry = Entry(words="meter broken", received_at=desk.clock(), customer="C05", kind="metering")
    request = desk.calls.log(entry, ANA).id
    rate = desk.service.satisfaction.rate
    for score in (0, 6, 1):
        with pytest.raises(Refused, match="from 1 to 5"):
            rate(request, score, "", ANA)
    rate(request, 1, "came late", ANA)
    with pytest.raises(Refused, match="asked already"):
        rate(request, 5, "", ANA)
    with pytest.raises(Refused, match="no request"):
        rate("R999999", 5, "", ANA)
    (area, kind) = desk.service.satisfaction.means()
    assert (area.name, kind.name, kind.mean, kind.few) == ("urban", "metering", 1, True)


def test_a_customer_who_complains_twice_is_listed(desk: Desk) -> None:
    for _ in range(2):
        entry = Entry(words="I complain", received_at=desk.clock(), customer="C05", kind="complaint")
        desk.calls.log(entry, ANA)
        desk.service.look()
    (again,) = desk.service.quality.again()
    assert (again.kind, again.whose, len(again.ids)) == ("complaint", "C05", 2)


def closed(desk: Desk, clock: Clock) -> None:
    """Close many orders, so that the policy's share falls on some."""
    for _ in range(60):
        entry = Entry(words="meter broken", received_at=desk.clock(), customer="C12", kind="metering")
        request = desk.calls.log(entry, ANA).id
        data = {"place": None, "responsible": "ana", "requests": [request]}
        desk.note("order_opened", f"W-{request}", data, ANA)
        desk.note("order_moved", f"W-{request}", {"to": "closed"}, ANA)


def test_closed_orders_are_drawn_by_rule_judged_by_others_and_may_be_appealed(
    desk: Desk, clock: Clock
) -> None:
    closed(desk, clock)
    quality = desk.service.quality
    new = quality.draw(BEN)
    assert 0 < new < 30
    assert quality.draw(BEN) == 0
    id_ = matter_list(desk.store, "quality")[0]["id"]
    with pytest.raises(Refused, match="nobody judges their own order"):
        quality.judge(id_, "good", (), "", ANA, seen=1)
    with pytest.raises(Refused, match="which faults"):
        quality.judge(id_, "faults", (), "", BEN, seen=1)
    quality.judge(id_, "faults", ("late",), "", BEN, seen=1)
    with pytest.raises(Refused, match="say why"):
        quality.appeal(id_, " ", ANA, seen=2)
    quality.appeal(id_, "the road was closed", ANA, seen=2)
    quality.judge(id_, "good", (), "true", BEN, seen=3)
    assert row(desk, id_)["state"] == "closed"
    assert desk.store.differing() == []
