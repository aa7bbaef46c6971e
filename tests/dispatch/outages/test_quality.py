"""Inference on made-up faults: right often enough, and never losing a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.ground.day import Outage
from dispatch.outages import Call, Device, SupplyTree, build_tree, infer_on_tree
from dispatch.outages.damage import MadeFault, make_day, sample_faults

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def town() -> SupplyTree:
    """Six feeders of two reclosers and six fuses, three transformers each with two mains."""
    random = np.random.default_rng(1)
    devices: list[Device] = []
    transformers: dict[str, str | None] = {}
    customers: list[tuple[str, str, str]] = []
    for feeder in range(6):
        names = [f"CB{feeder}", f"R{feeder}.0", f"R{feeder}.1"]
        devices += [Device(id=names[0], kind="breaker", faults_per_year=0.3)]
        devices += [Device(id=names[n], kind="recloser", parent=names[n - 1]) for n in (1, 2)]
        for n in range(6):
            fuse = f"F{feeder}.{n}"
            devices.append(Device(id=fuse, kind="fuse", parent=names[n % 3], faults_per_year=0.08))
            for t in range(3):
                transformer = f"T{feeder}.{n}.{t}"
                transformers[transformer] = fuse
                customers += [
                    (f"{transformer}-{c}", transformer, f"{transformer}-M{c % 2}")
                    for c in range(int(random.integers(40, 70)))
                ]
    table = pd.DataFrame(customers, columns=["id", "transformer", "lv_main"]).set_index("id")
    return build_tree(devices, transformers, table)


def named(tree: SupplyTree, faults: tuple[MadeFault, ...], minutes: float, seed: int) -> tuple[int, int]:
    """How many faults that took supply from anybody are named, and how many there are."""
    day = make_day(tree, faults, START, minutes, np.random.default_rng(seed))
    outages = infer_on_tree(tree, day.calls, START + timedelta(minutes=minutes))
    places = {outage.device or outage.fault.place for outage in outages}
    seen = [fault for fault in faults if len(day.lost_by[fault.id])]
    return sum(fault.place in places for fault in seen), len(seen)


def test_single_faults_are_named_nineteen_times_in_twenty(town: SupplyTree) -> None:
    right = [named(town, sample_faults(town, 1, np.random.default_rng([7, n])), 60, n)[0] for n in range(80)]
    assert np.mean(right) >= 0.95


def test_nested_faults_of_a_storm_are_named_seventeen_times_in_twenty(town: SupplyTree) -> None:
    counts = np.zeros(2)
    for n in range(4):
        faults = sample_faults(town, 25, np.random.default_rng([8, n]), span_min=240, nested_share=0.5)
        counts += named(town, faults, 300, n)
    assert counts[0] / counts[1] >= 0.85


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 12), minutes=st.sampled_from([5, 60, 240]))
def test_every_call_is_in_one_outage_and_no_customer_in_two(
    town: SupplyTree, seed: int, count: int, minutes: int
) -> None:
    random = np.random.default_rng(seed)
    faults = sample_faults(town, count, random, span_min=minutes, nested_share=0.5)
    day = make_day(town, faults, START, minutes, random)
    outages = infer_on_tree(town, day.calls, START + timedelta(minutes=minutes))
    assert sorted(call for each in outages for call in each.requests) == sorted(c.id for c in day.calls)
    assert len({outage.id for outage in outages}) == len(outages)
    transformers = [name for each in outages for name in each.transformers]
    assert len(transformers) == len(set(transformers))
    assert sum(each.customers_out for each in outages) <= len(town.customer_ids)
    assert all(0 <= each.score <= 1 for each in outages)
    assert all(each.since <= last_call(each, day.calls) for each in outages)


def last_call(outage: Outage, calls: tuple[Call, ...]) -> datetime:
    """When the last of an outage's calls came."""
    moments = {call.id: call.at for call in calls}
    return max(moments[each] for each in outage.requests)
