"""What a crew is told of a stop: the device by its plate, where to look, what comes before and after."""

from __future__ import annotations

import pytest

from dispatch.briefing import briefing, briefing_row
from dispatch.ground.day import DayPlan
from dispatch.intake import load_case
from dispatch.planning.main_road import plan_day
from geo.grid.patrol import lines_behind
from tests.small_case import write_small_case


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> DayPlan:
    return plan_day(load_case(write_small_case(tmp_path_factory.mktemp("case"))), work=50)


def test_every_job_names_its_order_and_what_it_concerns(day: DayPlan) -> None:
    for card in day.cards.values():
        told = briefing(day, card.id)
        assert told.order == card.order
        if card.place or card.customer:
            assert told.element is not None, card.id


def test_a_repair_names_the_failed_device_and_who_closes_what_opened(day: DayPlan) -> None:
    outage = next(each for each in day.outages if each.device)
    told = briefing(day, f"{outage.id}/repair")
    assert told.element
    assert told.element.id == outage.fault.place
    assert told.opened
    assert told.opened.id == outage.device
    assert [each.element.id for each in told.after if each.what == "close" and each.element] == [
        outage.device
    ]


def test_a_service_names_the_customer(day: DayPlan) -> None:
    told = briefing_row(day, "W-R5/service")
    assert told["element"] == {"kind": "customer", "id": "C12", "name": "Mia Pino"}
    assert told["feeder"]["id"] == "BR-2"


def test_lines_are_walked_outwards_and_end_at_the_next_protective_device(day: DayPlan) -> None:
    grid = day.case.grid
    assert lines_behind(grid, "BR-1") == ("L1",)
    assert lines_behind(grid, "RC-1") == ("L2",)
    assert lines_behind(grid, "TIE-1") == ()


def test_the_chances_of_an_outage_are_at_most_one_together(day: DayPlan) -> None:
    for outage in day.outages:
        shares = [each.share for each in briefing(day, f"{outage.id}/repair").suspected]
        assert 0 < sum(shares) <= 1.05


def test_every_job_of_an_outage_says_how_many_are_out(day: DayPlan) -> None:
    for card in day.cards.values():
        order = day.order_by_id.get(card.order)
        if order is not None and order.outage is not None:
            assert briefing_row(day, card.id)["out"] == day.outage_by_id[order.outage].customers_out
