"""Breaks, rest between turns, and stock that runs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from dispatch.ground.problem import Block, Crew, Job, Travel
from dispatch.simulate.dispatchers import Dispatcher, ListDispatcher, PlannerDispatcher
from dispatch.simulate.engine import play
from dispatch.simulate.manning import Duty, duties_of
from dispatch.simulate.scenario import Scenario
from dispatch.simulate.stage import Happening, Stage, make_stage
from dispatch.simulate.storms import draw_hits
from dispatch.simulate.world import World

DISPATCHERS = (PlannerDispatcher(20), ListDispatcher())


def day(
    at_s: Sequence[int],
    service_s: int,
    crews: Sequence[Crew],
    *,
    duties: Mapping[str, Duty] | None = None,
    load: Mapping[str, float] | None = None,
) -> Stage:
    """Repairs at one place, each worth the same, known as soon as they are needed."""
    count = len(at_s)
    return Stage(
        jobs=tuple(
            Job(id=f"F{n}/repair", location=0, service_s=service_s, drop_cost=1e6, load=dict(load or {}))
            for n in range(count)
        ),
        faults=tuple(
            Happening(id=f"F{n}", at_s=at_s[n], repair_s=service_s, call_s=0, jobs=(f"F{n}/repair",))
            for n in range(count)
        ),
        blocks=tuple(
            Block(id=f"B{n}", cost_per_s=1.0, restored_by=((f"F{n}/repair",),)) for n in range(count)
        ),
        block_customers=(1,) * count,
        block_weight=(1.0,) * count,
        crews=tuple(crews),
        travel=Travel(xy=np.zeros((1, 2))),
        horizon_s=200_000,
        duties=duties or {},
    )


def starts(stage: Stage, dispatcher: Dispatcher) -> list[int]:
    return sorted(work.start_s for work in play(stage, dispatcher).works)


@pytest.mark.parametrize("dispatcher", DISPATCHERS)
def test_a_break_that_falls_due_begins_when_the_job_in_hand_is_over(dispatcher: Dispatcher) -> None:
    crew = Crew(id="C/1", start=(0,), shift=(0, 100_000))
    duties = {"C/1": Duty(break_after_s=5000, break_s=1800)}
    assert starts(day([0, 0, 0], 3000, [crew]), dispatcher) == [0, 3000, 6000]
    assert starts(day([0, 0, 0], 3000, [crew], duties=duties), dispatcher) == [0, 3000, 7800]


@pytest.mark.parametrize("dispatcher", DISPATCHERS)
def test_waiting_as_long_as_a_break_lasts_is_one(dispatcher: Dispatcher) -> None:
    crew = Crew(id="C/1", start=(0,), shift=(0, 100_000))
    duties = {"C/1": Duty(break_after_s=5000, break_s=900)}
    assert starts(day([0, 4000, 6000], 3000, [crew], duties=duties), dispatcher) == [0, 4000, 7000]


@pytest.mark.parametrize("dispatcher", DISPATCHERS)
@pytest.mark.parametrize(("service_s", "second"), [(9000, 18_000), (11_000, 19_000)])
def test_the_next_turn_waits_for_the_rest_after_the_last(
    dispatcher: Dispatcher, service_s: int, second: int
) -> None:
    turns = [
        Crew(id="C/1", start=(0,), shift=(0, 10_000), overtime_s=2000),
        Crew(id="C/2", start=(0,), shift=(12_000, 60_000)),
    ]
    duties = {"C/1": Duty(rest_s=8000, next_turn="C/2"), "C/2": Duty(rest_s=8000)}
    found = starts(day([0, 0], service_s, turns, duties=duties), dispatcher)
    assert found == [0, second]


@pytest.mark.parametrize("dispatcher", DISPATCHERS)
def test_stock_runs_out_and_is_there_again_on_the_next_turn(dispatcher: Dispatcher) -> None:
    turns = [
        Crew(id=f"C/{n + 1}", start=(0,), shift=(n * 50_000, n * 50_000 + 40_000), capacity={"pole": 2.0})
        for n in range(2)
    ]
    assert starts(day([0, 0, 0], 3000, turns, load={"pole": 1.0}), dispatcher) == [0, 3000, 50_000]
    assert starts(day([0, 0, 0], 3000, turns, load={"fuse": 1.0}), dispatcher) == [0, 3000, 6000]


def scenario(**more: object) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "x",
            "case": "case",
            "start": "2026-07-14T06:00:00-04:00",
            "hours": 48,
            "damage": {"replay": {"records": [{"at_h": 1, "element": "L1"}]}},
            "crews": [{"count": 2, "turns": [[0, 16], [24, 40]], "break_after_h": 6, "rest_h": 11}],
            **more,
        }
    )


def test_every_crew_of_a_group_has_its_rules_and_knows_its_next_turn() -> None:
    found = duties_of(scenario())
    assert set(found) == {"crew-01/1", "crew-01/2", "crew-02/1", "crew-02/2"}
    assert found["crew-01/1"] == Duty(
        break_after_s=21_600, break_s=1800, rest_s=39_600, next_turn="crew-01/2"
    )
    assert found["crew-01/2"].next_turn is None


def test_a_truck_carries_as_many_generators_as_are_told(small_world: World) -> None:
    given = scenario(generators={"count": 1, "each": 2, "least_customers": 1})
    stage = make_stage(small_world, given, draw_hits(small_world, given, 1, 0))
    truck = next(crew for crew in stage.crews if crew.id.startswith("generator"))
    jobs = [job for job in stage.jobs if stage.kinds[job.id] == "generator"]
    assert truck.capacity == {"generator": 2.0}
    assert jobs
    assert all(job.load == {"generator": 1.0} for job in jobs)
