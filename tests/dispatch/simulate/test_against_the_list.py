"""The planner of the board, as it is set, against a sorted list in the storm of the demo city.

A re-plan that is good by itself may be bad four hundred times in a row: this is the place where that shows.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.simulate.dispatchers import ListDispatcher, PlannerDispatcher
from dispatch.simulate.engine import play
from dispatch.simulate.measures import measure
from dispatch.simulate.scenario_file import read_study
from dispatch.simulate.stage import make_stage
from dispatch.simulate.storms import draw_hits
from dispatch.simulate.study import shared_world

STORMS = 3


@pytest.mark.timeout(600)
def test_planning_loses_fewer_customer_minutes_in_a_storm_than_a_sorted_list(coquimbo: Path) -> None:
    asked = read_study(coquimbo / "scenarios" / "storm.yaml")
    scenario, world = asked.alternatives[asked.base], shared_world(asked.case_folder)
    lost = {"list": 0.0, "planner": 0.0}
    for number in range(STORMS):
        stage = make_stage(world, scenario, draw_hits(world, scenario, 1, number))
        for name, dispatcher in (("list", ListDispatcher()), ("planner", PlannerDispatcher(5))):
            lost[name] += measure(stage, play(stage, dispatcher, seed=1))["customer_minutes"]
    assert lost["planner"] < 0.97 * lost["list"]
