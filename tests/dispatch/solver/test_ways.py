"""Ways of several steps: none of them is worth its time alone, all of them together are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dispatch.ground.problem import After, Block, Crew, Job, Problem, Travel
from dispatch.intake import load_case
from dispatch.judge.check import judge
from dispatch.planning.main_road import plan_day
from dispatch.solver import solve

SWITCHING, HV, DESK = frozenset({"switching"}), frozenset({"hv"}), frozenset({"control_room"})


def feeder(*, customers: float = 800, remote_tie: bool = True, repair_s: int = 7200) -> Problem:
    """A block that a long repair brings back, or a switch opened and a tie closed near another crew."""
    return Problem(
        travel=Travel(xy=np.array([[0, 0], [10, 0], [0, 6], [0, 8]]), scale=60),
        jobs=(
            Job(id="repair", location=1, service_s=repair_s, skills=HV, drop_cost=1e6),
            Job(id="open", location=2, service_s=600, skills=SWITCHING, drop_cost=0.0),
            Job(
                id="close",
                location=3,
                service_s=180,
                skills=DESK if remote_tie else SWITCHING,
                drop_cost=0.0,
                after=(After(job="open"),),
            ),
            Job(id="other", location=0, service_s=1800, cost_per_s=0.1, skills=SWITCHING),
        ),
        crews=(
            Crew(id="line", start=(0,), skills=HV),
            Crew(id="switcher", start=(0,), skills=SWITCHING),
            Crew(id="desk", start=(0,), skills=DESK),
        ),
        blocks=(
            Block(
                id="B", cost_per_s=customers / 60, since_s=-600, restored_by=(("repair",), ("close", "open"))
            ),
        ),
        unserved_at_s=172_800,
    )


@pytest.mark.parametrize("remote_tie", [True, False])
def test_two_steps_that_only_together_bring_customers_back_are_found(remote_tie: bool) -> None:
    problem = feeder(remote_tie=remote_tie)
    plan = solve(problem, work=100, processes=1)
    planned = {visit.job for route in plan.routes for visit in route.visits}
    verdict = judge(problem, plan)
    assert {"open", "close", "repair", "other"} <= planned
    assert not verdict.violations
    assert verdict.blocks[0].restored_s < 2400


def test_switching_that_is_slower_than_the_repair_stays_out() -> None:
    problem = feeder(remote_tie=False, repair_s=60)
    plan = solve(problem, work=100, processes=1)
    planned = [visit.job for route in plan.routes for visit in route.visits]
    assert sorted(planned) == ["other", "repair"]


def test_ties_of_a_real_grid_are_closed_before_the_repair(root: Path) -> None:
    day = plan_day(load_case(root / "data" / "oberrhein"), work=160, processes=1)
    assert day.summary.minutes_ahead_of_repair > 0.2 * day.summary.customer_minutes
