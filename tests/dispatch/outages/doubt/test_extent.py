"""How many are out is a range while little is known, and hardens with what is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dispatch.ground.day import Outage
from dispatch.outages import Call, Device, Finding, Sign, SupplyTree, build_tree, infer_on_tree
from dispatch.outages.doubt.headline import doubt_of

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def tree() -> SupplyTree:
    """One breaker over twenty transformers of 40 customers each."""
    transformers = {f"T{n}": "CB" for n in range(20)}
    customers = [(f"T{n}-{c}", f"T{n}", None) for n in range(20) for c in range(40)]
    table = pd.DataFrame(customers, columns=["id", "transformer", "lv_main"]).set_index("id")
    devices = [Device(id="CB", kind="breaker", faults_per_year=0.4)]
    return build_tree(devices, dict(transformers), table)


def heard(tree: SupplyTree, places: Sequence[str], after_min: float, **more: object) -> tuple[Outage, ...]:
    calls = [Call(id=f"R{n}", at=START, place=place) for n, place in enumerate(places)]
    return infer_on_tree(tree, calls, START + timedelta(minutes=after_min), **more)  # type: ignore[arg-type]


def test_one_call_may_be_one_flat_or_the_whole_feeder(tree: SupplyTree) -> None:
    (outage,) = heard(tree, ["T1-1"], 0)
    assert (outage.customers_out, outage.fewest) == (1, 1)
    assert outage.most is not None
    assert outage.most >= 40
    assert 1 < outage.expected_out < outage.most
    assert outage.in_doubt


def test_silence_narrows_the_range(tree: SupplyTree) -> None:
    (first,) = heard(tree, ["T1-1"], 0)
    (later,) = heard(tree, ["T1-1"], 30)
    assert later.expected_out < first.expected_out
    assert later.expected_out == pytest.approx(1, abs=0.2)


def test_calls_from_everywhere_settle_the_feeder(tree: SupplyTree) -> None:
    (outage,) = heard(tree, [f"T{n}-1" for n in range(20)], 5)
    assert (outage.fewest, outage.most, outage.in_doubt) == (800, 800, False)
    assert outage.expected_out == pytest.approx(800, rel=0.01)


def test_what_a_crew_has_found_leaves_no_range(tree: SupplyTree) -> None:
    found = Finding(place="T1", state="fault", at=START)
    (outage,) = heard(tree, ["T1-1"], 1, findings=[found])
    assert (outage.expected_out, outage.in_doubt) == (outage.customers_out, False)


def test_a_neighbour_with_light_lowers_what_is_expected(tree: SupplyTree) -> None:
    on = [Sign(kind="supply_on", place=f"T{n}-2", at=START) for n in (1, 2)]
    (asked,) = heard(tree, ["T1-1"], 0, signs=on)
    (alone,) = heard(tree, ["T1-1"], 0)
    assert asked.expected_out < alone.expected_out / 5


def test_expected_figures_add_up_though_one_feeder_stands_above_both(tree: SupplyTree) -> None:
    outages = heard(tree, ["T1-1", "T9-1"], 0)
    assert sum(each.expected_out for each in outages) <= 800


def test_the_headline_counts_a_common_feeder_once(tree: SupplyTree) -> None:
    outages = [
        replace(each, most=800, fewest=1) for each in heard(tree, ["T1-1", "T9-1"], 20) if each.alternatives
    ]
    doubt = doubt_of(outages)
    assert doubt.most <= 800
    assert doubt.fewest <= 0


def test_nothing_in_doubt_has_no_doubt() -> None:
    assert doubt_of([]).most == 0
