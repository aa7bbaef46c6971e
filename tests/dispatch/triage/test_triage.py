"""What the policy is told of a request, and what becomes of its decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.ground.case import Case, Request
from dispatch.triage import orders
from dispatch.triage.cautions import calendar_warnings
from dispatch.triage.locating import Locator
from dispatch.triage.orders import (
    classify,
    classify_each,
    grade_customers,
    order_services,
    tiers,
)
from rules import policy_from_text
from tests.prepared import small_case

TOWN = ZoneInfo("America/Santiago")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return small_case()


def request(id_: str, words: str, at: str, customer: str | None = "C04", **more: str) -> Request:
    moment = datetime.fromisoformat(at).replace(tzinfo=TOWN)
    return Request(id=id_, words=words, received_at=moment, channel="phone", customer=customer, **more)


def orders_of(case: Case, *requests: Request):
    calls = classify(case, grade_customers(case), requests, Locator(case))
    return order_services(calls, case)


def test_a_complaint_that_comes_again_rises_and_tells_the_supervisor(case: Case) -> None:
    calls = [request(f"R{n}", "I complain about bad service", f"2026-07-14T0{n}:00:00") for n in range(1, 5)]
    levels = [order.decision.outcome["notify"] for order in orders_of(case, *calls)]
    assert levels == [(), ("supervisor",), ("supervisor",), ("supervisor", "duty_manager", "media_desk")]
    after = [order.decision.outcome["escalate_after_min"] for order in orders_of(case, *calls)]
    assert after == [24 * 60, 8 * 60, 8 * 60, 2 * 60]


def test_a_new_connection_is_promised_by_who_asks(case: Case) -> None:
    words = "please make a new connection"
    for customer, days in (("C04", 5), ("C05", 6), ("C06", 22)):
        (order,) = orders_of(case, request("R1", words, "2026-07-14T10:00:00", customer))
        assert order.decision.outcome["promise_answer_workdays"] == days
        (answer,) = (promise for promise in order.promises if promise.what == "answer")
        wanted = case.policy.calendar.add_working_days(order.received_at, days)
        assert answer.due == wanted
        assert "ten service commitments" in (answer.source or "")


def test_working_days_pass_over_the_holidays_of_the_policys_calendar(case: Case) -> None:
    (order,) = orders_of(case, request("R1", "the meter is wrong", "2026-09-30T10:00:00"))
    (answer,) = (promise for promise in order.promises if promise.what == "answer")
    # 1-7 October is off, Saturday 10 October is worked.
    assert answer.due == datetime(2026, 10, 13, 18, tzinfo=TOWN)


def test_a_year_whose_holidays_nobody_has_announced_is_said_and_can_be_added(case: Case) -> None:
    late = request("R1", "the meter is wrong", "2026-12-30T10:00:00")
    (warning,) = calendar_warnings(case, orders_of(case, late))
    assert "no public holidays of 2027" in warning
    own = (
        "calendar: {from: cn, years: {2027: {mark: verified, source: x, holidays: {01-01..01-03: New Year}}}}"
    )
    policy = policy_from_text(case.policy.text.replace("calendar: cn", own))
    mended = replace(case, policy=policy)
    (order,) = orders_of(mended, late)
    assert calendar_warnings(mended, [order]) == ()
    (answer,) = (promise for promise in order.promises if promise.what == "answer")
    assert answer.due == datetime(2027, 1, 7, 18, tzinfo=TOWN)


def test_arrears_lower_nothing_of_a_work_order(case: Case) -> None:
    table = case.customers.table.assign(arrears=True)
    owing = replace(case, customers=replace(case.customers, table=table))
    call = request("R1", "voltage is low", "2026-07-14T10:00:00")
    (one,), (other,) = orders_of(case, call), orders_of(owing, call)
    assert one.decision.outcome == other.decision.outcome
    assert "arrears" in other.decision.trace.facts


def test_the_policy_hears_the_local_hour(case: Case) -> None:
    call = request("R1", "voltage is low", "2026-07-14T03:00:00")
    moved = replace(call, received_at=call.received_at + timedelta(hours=2))
    (one,), (other,) = orders_of(case, call), orders_of(case, moved)
    assert one.decision.trace.facts["hour"] == 3
    assert other.decision.trace.facts["hour"] == 5


def test_many_requests_are_decided_together_as_each_would_be_alone(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (
        "no light",
        "sparks from the pole",
        "I complain about bad service",
        "没电了",
        "",
        "hm",
        "low voltage",
    )
    called = [
        request(f"R{n:02}", words[n % len(words)], f"2026-07-14T0{n % 10}:00:00", f"C{n % 12 + 1:02}")
        for n in range(28)
    ]
    called += [replace(each, id=f"{each.id}x", kind="complaint", customer=None) for each in called[:5]]

    def told() -> list[tuple[object, ...]]:
        calls = classify(case, grade_customers(case), called, Locator(case))
        orders_ = order_services(calls, case)
        decided = [*(each.decision for each in calls), *(each.decision for each in orders_)]
        outside = [(each.request.id, each.kind, each.unclassified, each.place, each.grade) for each in calls]
        inside = [(each.outcome, dict(each.trace.facts), each.trace.fired) for each in decided]
        return [*outside, *inside, *((each.id, each.tier, each.promises) for each in orders_)]

    together = told()
    monkeypatch.setattr(orders, "LEAST_TOGETHER", len(called) + 1)
    assert together == told()


def test_the_tier_of_a_request_is_that_of_its_order(case: Case) -> None:
    words = [
        "sparks from the pole",
        "a wire is on the road",
        "I complain about bad service",
        "low voltage",
    ] * 4
    called = [
        request(f"R{n:02}", text, "2026-07-14T09:00:00", f"C{n + 1:02}") for n, text in enumerate(words)
    ]
    calls = classify_each(case, grade_customers(case), called, Locator(case))
    service = [call for call in calls if call.kind != "outage"]
    found = tiers(service, case)
    assert found == [order.tier for order in order_services(service, case)]
    assert found[:2] == tiers(service[:2], case)
    assert 0 in found
    assert set(found) != {0}
