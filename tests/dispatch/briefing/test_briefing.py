"""What a crew is told of a stop: the device by its plate, where to look, what comes before and after."""

from __future__ import annotations

import pytest

from dispatch.briefing import briefing, briefing_row
from dispatch.briefing.one_line import one_line
from dispatch.briefing.said import what_was_said
from dispatch.ground.day import DayPlan
from dispatch.planning.main_road import plan_day
from geo.grid.patrol import lines_behind
from tests.prepared import small_case


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> DayPlan:
    return plan_day(small_case(), work=50)


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


def test_a_section_is_told_as_a_line_with_what_feeds_it_and_where_it_stands_open(day: DayPlan) -> None:
    line = one_line(day.case.grid, "B3", opened="RC-1")
    assert line is not None
    assert line.feed is not None
    assert (line.feed.element.id, line.feed.open) == ("RC-1", True)
    assert [(each.element.id, each.open, each.beyond) for each in line.edges] == [
        ("TIE-1", True, "Harbour 2"),
        ("FU-1", False, ""),
    ]
    assert [each.id for each in line.transformers] == ["T2", "T3"]
    assert one_line(day.case.grid, "B4") is None
    assert one_line(day.case.grid, "nowhere") is None


def test_what_was_said_is_told_in_the_reader_s_language_too(day: DayPlan) -> None:
    chinese, english = what_was_said(
        ["家里停电了", "a wire is down, it sparks", "家里停电了"], day.case.policy.lexicon
    )
    assert chinese.meant("en") == "no supply"
    assert chinese.meant("zh-CN") == ""
    assert english.meant("en") == ""
    assert "火花" in english.meant("zh-CN")
    assert what_was_said(["qwx zzy"], day.case.policy.lexicon)[0].meant("en") == ""
