"""What the best possible day would be, from above and from below, and what the control room may wait for."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from dispatch.ground.problem import After, Block, Crew, Job, Travel
from dispatch.simulate.dispatchers import ListDispatcher, PlannerDispatcher
from dispatch.simulate.engine import play
from dispatch.simulate.hindsight import OrderDispatcher, hindsight, lost_min
from dispatch.simulate.lower_bound import lower_bound
from dispatch.simulate.stage import DESK_CREW, Happening, Stage


def tiny_day(seed: int, faults: int = 5, crews: int = 2, *, hidden: bool = False) -> Stage:
    """A few faults on a plain; some wait for two repairs, some hide behind another."""
    random = np.random.default_rng(seed)
    at_s = np.sort(random.integers(0, 7200, faults))
    jobs, happenings, blocks = [], [], []
    for n in range(faults):
        name, after = f"F{n}/repair", ()
        if random.random() < 0.4:
            jobs.append(Job(id=f"F{n}/patrol", location=n + 1, service_s=900))
            after = (After(job=f"F{n}/patrol"),)
        jobs.append(Job(id=name, location=n + 1, service_s=3600, drop_cost=1e6, after=after))
        own = tuple(job.id for job in jobs if job.id.startswith(f"F{n}/"))
        happenings.append(
            Happening(
                id=f"F{n}", at_s=int(at_s[n]), repair_s=int(random.integers(600, 9000)), call_s=120, jobs=own,
                above=(0,) if hidden and n else (),
            )
        )  # fmt: skip
        also = (f"F{int(random.integers(n))}/repair",) if n and random.random() < 0.4 else ()
        blocks.append(Block(id=f"B{n}", cost_per_s=1.0, restored_by=((name, *also),)))
    size = tuple(int(each) for each in random.integers(1, 400, faults))
    return Stage(
        jobs=tuple(jobs),
        faults=tuple(happenings),
        blocks=tuple(blocks),
        block_customers=size,
        block_weight=tuple(float(each) for each in size),
        crews=tuple(Crew(id=f"C{n}", start=(0,), shift=(0, 12 * 3600)) for n in range(crews)),
        travel=Travel(xy=np.concatenate([np.zeros((1, 2)), random.random((faults, 2)) * 900]), scale=1),
        horizon_s=20 * 3600,
    )


def best_by_brute_force(stage: Stage) -> float:
    """Every order of the jobs lived through."""
    jobs = [job.id for job in stage.jobs if job.id.endswith("/repair")]
    before = {job.id: [each.job for each in job.after] for job in stage.jobs}
    orders = ([each for job in order for each in (*before[job], job)] for order in permutations(jobs))
    return min(lost_min(stage, play(stage, OrderDispatcher(stage, order))) for order in orders)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_a_tiny_day_is_below_the_lower_bound(seed: int, hidden: bool) -> None:
    stage = tiny_day(seed, crews=1 + seed % 2, hidden=hidden)
    bound = lower_bound(stage, 300)
    least = best_by_brute_force(stage)
    assert 0.5 * least < bound <= least * (1 + 1e-9)


def test_the_bound_holds_where_the_day_ends_before_the_work() -> None:
    stage = replace(tiny_day(3, faults=5, crews=1, hidden=True), horizon_s=3 * 3600)
    assert lower_bound(stage, 300) <= best_by_brute_force(stage) * (1 + 1e-9)


def test_with_a_repair_for_each_at_one_place_the_bound_is_nearly_smiths_rule() -> None:
    stage = tiny_day(1)
    count = len(stage.faults)
    alike = replace(
        stage,
        jobs=tuple(Job(id=f"F{n}/repair", location=0, service_s=3600) for n in range(count)),
        faults=tuple(
            replace(fault, at_s=0, call_s=0, jobs=(fault.jobs[-1],), repair_s=1800 * (n + 1))
            for n, fault in enumerate(stage.faults)
        ),
        blocks=tuple(
            Block(id=f"B{n}", cost_per_s=1.0, restored_by=((f"F{n}/repair",),)) for n in range(count)
        ),
        crews=(Crew(id="C0", start=(0,)),),
    )
    order = sorted(range(count), key=lambda n: 1800 * (n + 1) / alike.block_customers[n])
    ends = np.cumsum([1800 * (n + 1) / 60 for n in order])
    smith = float(sum(alike.block_customers[n] * end for n, end in zip(order, ends, strict=True)))
    # Work counts as done at the beginning of its bin: a minute for each customer at most.
    assert smith - sum(alike.block_customers) * 60 / 60 <= lower_bound(alike, 60) <= smith * (1 + 1e-9)


@pytest.mark.parametrize("dispatcher", [ListDispatcher(), PlannerDispatcher(5)])
def test_hindsight_is_no_worse_than_who_does_not_know_and_no_better_than_the_bound(
    dispatcher: ListDispatcher | PlannerDispatcher,
) -> None:
    stage = tiny_day(2, faults=7)
    found = hindsight(stage, tries=60)
    lived = lost_min(stage, play(stage, dispatcher))
    assert lower_bound(stage, 300) <= found.customer_minutes <= lived
    assert hindsight(stage, tries=60).customer_minutes == found.customer_minutes


def behind_a_switch(way: tuple[str, ...]) -> Stage:
    """Two faults; the second is hidden behind the first. Closing the tie waits for both to be looked at."""
    looks = (After(job="A/patrol"), After(job="B/patrol"))
    return Stage(
        jobs=(
            Job(id="A/patrol", location=1, service_s=600),
            Job(id="A/repair", location=1, service_s=40_000, after=(After(job="A/patrol"),)),
            Job(id="B/patrol", location=2, service_s=600),
            Job(id="B/repair", location=2, service_s=600, after=(After(job="B/patrol"),)),
            Job(id="close:T/switching", location=0, service_s=180, skills=frozenset({"desk"}), after=looks),
        ),
        faults=(
            Happening(id="A", at_s=0, repair_s=40_000, call_s=60, jobs=("A/patrol", "A/repair")),
            Happening(id="B", at_s=10, repair_s=600, call_s=60, jobs=("B/patrol", "B/repair"), above=(0,)),
        ),
        blocks=(Block(id="X", cost_per_s=1.0, restored_by=(("A/repair",), way)),),
        block_customers=(100,),
        block_weight=(100.0,),
        crews=(
            Crew(id="C", start=(0,)),
            Crew(id="D", start=(0,)),
            Crew(id=DESK_CREW, start=(0,), skills=frozenset({"desk"})),
        ),
        travel=Travel(xy=np.asarray([(0.0, 0.0), (60.0, 0.0), (120.0, 0.0)]), scale=1),
        horizon_s=10**6,
    )


@pytest.mark.parametrize("dispatcher", [ListDispatcher(), PlannerDispatcher(5)])
def test_nobody_waits_for_a_fault_that_nobody_knows_of(
    dispatcher: ListDispatcher | PlannerDispatcher,
) -> None:
    outcome = play(behind_a_switch(("close:T/switching",)), dispatcher)
    (back,) = (each.to_s for each in outcome.interruptions)
    # Call, drive, patrol, and the tie is closed; the repair would take eleven hours.
    assert back == 60 + 60 + 600 + 180


def test_switching_in_a_section_with_a_hidden_fault_trips_and_finds_it() -> None:
    stage = behind_a_switch(("close:T/switching", "B/repair"))
    outcome = play(stage, PlannerDispatcher(5))
    tripped = 60 + 60 + 600 + 180
    assert outcome.known_s[1] == tripped
    (back,) = (each.to_s for each in outcome.interruptions)
    assert tripped < back < tripped + 3600
