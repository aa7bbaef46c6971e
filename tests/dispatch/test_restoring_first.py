"""Restore first, repair later: what is switched, when, and what it saves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.day import DayPlan
from dispatch.intake import load_case
from dispatch.planning import open_day, plan_day
from geo import Grid
from geo.loading import grid_tables


@pytest.fixture(scope="module")
def day(root: Path) -> DayPlan:
    return plan_day(load_case(root / "data" / "oberrhein"), work=40, processes=1)


def test_nothing_is_closed_before_the_patrol_has_found_the_fault(day: DayPlan) -> None:
    finish_s = {visit.job: visit.finish_s for route in day.plan.routes for visit in route.visits}
    start_s = {visit.job: visit.start_s for route in day.plan.routes for visit in route.visits}
    patrol = "O-BR-099/patrol"
    closings = [job for job in start_s if job.startswith("close:")]
    assert closings
    assert all(start_s[job] >= finish_s[patrol] for job in closings)


def test_a_switch_may_be_opened_while_the_patrol_is_on_its_way(day: DayPlan) -> None:
    opened = [job for job in day.problem.jobs if job.id.startswith("open:")]
    assert opened
    assert not any(job.after for job in opened)


def test_without_ties_fewer_ways_lead_back(day: DayPlan) -> None:
    tables = grid_tables(day.case.grid)
    tables["switches"] = tables["switches"][tables["switches"]["normal"] == "closed"]
    bare = open_day(replace(day.case, grid=Grid.from_tables(**tables)))
    assert sum(len(block.restored_by) for block in bare.problem.blocks) < sum(
        len(block.restored_by) for block in day.problem.blocks
    )
    assert sum(card.customers for card in bare.blocks) == day.summary.customers_out
