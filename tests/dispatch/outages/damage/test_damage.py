from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from dispatch.outages import Device, SupplyTree, build_tree
from dispatch.outages.damage import CallHabit, make_day, sample_faults, service_fault, who_loses

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


def city(transformers: int = 20, size: int = 100) -> SupplyTree:
    """Two fuses under a breaker, with transformers in turn."""
    customers = [(f"T{t}-{n}", f"T{t}") for t in range(transformers) for n in range(size)]
    return build_tree(
        [
            Device(id="CB", kind="breaker"),
            Device(id="F0", kind="fuse", parent="CB"),
            Device(id="F1", kind="fuse", parent="CB"),
        ],
        {f"T{t}": f"F{t % 2}" for t in range(transformers)},
        pd.DataFrame(customers, columns=["id", "transformer"]).set_index("id"),
    )


def test_the_same_seed_makes_the_same_day() -> None:
    tree = city()
    days = []
    for _ in range(2):
        random = np.random.default_rng(3)
        faults = sample_faults(tree, 5, random, span_min=60, nested_share=0.5)
        days.append(make_day(tree, faults, START, 120, random))
    assert days[0].faults == days[1].faults
    assert days[0].calls == days[1].calls


def test_three_in_ten_call_within_the_hour() -> None:
    tree = city(transformers=40, size=500)
    random = np.random.default_rng(1)
    faults = sample_faults(tree, 1, random, kinds=frozenset({"breaker"}))
    day = make_day(tree, faults, START, 60, random, CallHabit(repeat_share=0, false_per_hour=0))
    assert abs(len(day.calls) / 20_000 - 0.3) < 0.01


def test_nobody_loses_supply_twice() -> None:
    tree = city()
    random = np.random.default_rng(2)
    faults = sample_faults(tree, 12, random, span_min=240, nested_share=0.8)
    lost = np.concatenate(list(who_loses(tree, faults).values()))
    assert len(lost) == len(set(lost.tolist()))


def test_faults_lie_on_different_nodes_and_inside_the_span() -> None:
    faults = sample_faults(city(), 23, np.random.default_rng(4), span_min=100)
    assert len({fault.node for fault in faults}) == len(faults) == 23
    assert all(0 <= fault.at_min <= 100 for fault in faults)


def test_more_faults_than_nodes_is_as_many_as_there_are() -> None:
    assert len(sample_faults(city(transformers=2), 99, np.random.default_rng(1))) == 5


def test_a_service_fault_takes_one_customer_out() -> None:
    tree = city()
    fault = service_fault(tree, np.random.default_rng(1))
    assert len(who_loses(tree, [fault])[fault.id]) == 1
