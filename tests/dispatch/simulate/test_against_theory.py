"""The engine against what is known without it: queues, Smith's rule, a day known in full."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dispatch.ground.problem import After, Block, Crew, Job, Travel
from dispatch.simulate.answers import estimate
from dispatch.simulate.dispatchers import FirstComeDispatcher, ListDispatcher, PlannerDispatcher
from dispatch.simulate.engine import Outcome, play
from dispatch.simulate.stage import Happening, Stage


def stage_of(
    at_s: list[int],
    service_s: list[int],
    *,
    crews: int,
    weights: list[float] | None = None,
    xy: list[tuple[float, float]] | None = None,
    expected_s: list[int] | None = None,
) -> Stage:
    """Faults with one repair each, at one place or at `xy`, known at once."""
    count = len(at_s)
    thought = expected_s or service_s
    points = xy or [(0.0, 0.0)] * count
    return Stage(
        jobs=tuple(
            Job(id=f"F{n}/repair", location=n + 1, service_s=thought[n], drop_cost=1e6) for n in range(count)
        ),
        faults=tuple(
            Happening(id=f"F{n}", at_s=at_s[n], repair_s=service_s[n], call_s=0, jobs=(f"F{n}/repair",))
            for n in range(count)
        ),
        blocks=tuple(
            Block(id=f"B{n}", cost_per_s=weight, restored_by=((f"F{n}/repair",),))
            for n, weight in enumerate(weights or [])
        ),
        block_customers=tuple(1 for _ in weights or []),
        block_weight=tuple(weights or []),
        crews=tuple(Crew(id=f"C{n}", start=(0,)) for n in range(crews)),
        travel=Travel(xy=np.asarray([(0.0, 0.0), *points]), scale=1),
        horizon_s=10**8,
    )


def weighted_s(stage: Stage, outcome: Outcome) -> float:
    return sum(stage.block_weight[i.block] * (i.to_s - i.from_s) for i in outcome.interruptions)


def erlang_c_wait(arrivals: float, service: float, crews: int) -> float:
    """Mean wait in an M/M/c queue (Erlang 1917), in the unit of the rates."""
    load = arrivals / service
    terms = [load**k / math.factorial(k) for k in range(crews)]
    last = load**crews / math.factorial(crews) * crews / (crews - load)
    return last / (sum(terms) + last) / (crews * service - arrivals)


def waits_of_queue(seed: int, jobs: int = 700, crews: int = 3, rho: float = 0.6) -> float:
    random = np.random.default_rng(seed)
    mean_s = 100_000.0
    at = np.cumsum(random.exponential(mean_s / (rho * crews), jobs))
    service = random.exponential(mean_s, jobs)
    stage = stage_of([round(t) for t in at], [max(1, round(s)) for s in service], crews=crews)
    outcome = play(stage_with_horizon(stage, 10**10), FirstComeDispatcher())
    began = {work.job: work.start_s for work in outcome.works}
    waits = [began[f"F{n}/repair"] - stage.faults[n].at_s for n in range(100, jobs)]
    return float(np.mean(waits)) / mean_s


def stage_with_horizon(stage: Stage, horizon_s: int) -> Stage:
    return Stage(**{**{n: getattr(stage, n) for n in stage.__dataclass_fields__}, "horizon_s": horizon_s})


def test_first_come_first_served_without_driving_waits_as_erlang_says() -> None:
    found = estimate([waits_of_queue(seed) for seed in range(16)], confidence=0.99)
    assert found.low <= erlang_c_wait(1.8, 1.0, 3) <= found.high
    assert found.half < 0.2


def test_twice_the_replications_shrink_the_interval_by_about_the_root_of_two() -> None:
    random = np.random.default_rng(3)
    ratios = []
    for _ in range(50):
        values = random.lognormal(size=800).tolist()
        ratios.append(estimate(values[:400]).half / estimate(values).half)
    assert np.mean(ratios) == pytest.approx(math.sqrt(2), rel=0.1)


@pytest.mark.parametrize("dispatcher", [PlannerDispatcher(300), ListDispatcher()])
def test_one_crew_that_knows_all_and_need_not_drive_works_by_smiths_rule(
    dispatcher: PlannerDispatcher | ListDispatcher,
) -> None:
    random = np.random.default_rng(5)
    service = random.integers(600, 9000, 9).tolist()
    weights = random.integers(1, 500, 9).astype(float).tolist()
    stage = stage_of([0] * 9, service, crews=1, weights=weights)
    outcome = play(stage, dispatcher)
    best, clock = 0.0, 0
    for at in sorted(range(9), key=lambda n: -weights[n] / service[n]):
        clock += service[at]
        best += weights[at] * clock
    assert weighted_s(stage, outcome) == pytest.approx(best)


def test_a_day_known_in_full_is_lived_as_it_was_planned() -> None:
    random = np.random.default_rng(7)
    spots = [(float(x), float(y)) for x, y in random.integers(0, 2000, (20, 2))]
    stage = stage_of(
        [0] * 20,
        random.integers(600, 9000, 20).tolist(),
        crews=4,
        weights=random.integers(1, 500, 20).astype(float).tolist(),
        xy=spots,
    )
    costs: list[float] = []

    class Watched(PlannerDispatcher):
        def routes(self, view, before, idle, seed):  # type: ignore[no-untyped-def]
            from dispatch.solver import solve

            plan = solve(view.problem, work=self.work, seed=seed, processes=1)
            costs.append(plan.parts["block_time"])
            return {route.crew: [visit.job for visit in route.visits] for route in plan.routes}

    outcome = play(stage, Watched(100))
    assert len(costs) == 1
    assert weighted_s(stage, outcome) == pytest.approx(costs[0])


def test_a_crew_learns_the_true_repair_time_on_site_and_the_rest_is_planned_again() -> None:
    stage = stage_of([0, 0], [36_000, 600], crews=1, weights=[100.0, 50.0], expected_s=[600, 600])
    outcome = play(stage, PlannerDispatcher(20))
    assert outcome.replans >= 2
    assert outcome.mended_s == {0: 36_000, 1: 36_600}


def test_a_fault_where_all_is_dark_is_heard_of_when_the_one_above_is_mended() -> None:
    plain = stage_of([0, 10], [600, 600], crews=1, weights=[1.0, 1.0])
    below = Happening(id="F1", at_s=10, repair_s=600, call_s=60, jobs=("F1/repair",), above=(0,))
    stage = Stage(
        **{
            **{n: getattr(plain, n) for n in plain.__dataclass_fields__},
            "faults": (plain.faults[0], below),
            "blocks": (
                plain.blocks[0],
                Block(id="B1", cost_per_s=1, restored_by=(("F0/repair", "F1/repair"),)),
            ),
        }
    )
    outcome = play(stage, PlannerDispatcher(20))
    assert outcome.known_s == {0: 0, 1: 660}
    assert [(i.block, i.from_s, i.to_s) for i in outcome.interruptions] == [(0, 0, 600), (1, 0, 1260)]


def test_customers_come_back_by_switching_long_before_the_repair() -> None:
    stage = Stage(
        jobs=(
            Job(id="F0/repair", location=1, service_s=7200, drop_cost=1e5),
            Job(id="open", location=1, service_s=600, drop_cost=0),
            Job(id="close", location=1, service_s=600, drop_cost=0, after=(After(job="open"),)),
        ),
        faults=(Happening(id="F0", at_s=0, repair_s=7200, call_s=0, jobs=("F0/repair",)),),
        blocks=(Block(id="B", cost_per_s=10, restored_by=(("F0/repair",), ("open", "close"))),),
        block_customers=(100,),
        block_weight=(100.0,),
        crews=(Crew(id="A", start=(0,)),),
        travel=Travel(xy=np.asarray([(0.0, 0.0), (100.0, 0.0)]), scale=1),
        horizon_s=10**6,
    )
    outcome = play(stage, ListDispatcher())
    assert [i.to_s for i in outcome.interruptions] == [100 + 1200]
    assert outcome.mended_s == {0: 100 + 1200 + 7200}
