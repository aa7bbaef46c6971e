"""The index of customers: own weights, changes before they count, and nothing of it in a repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.ground.errors import InputFaults
from dispatch.live import Desk, Entry, Refused
from dispatch.live.service.index import (
    counting_index,
    index_changes,
    let_index_count,
    propose_index,
    waiting_index,
)
from dispatch.planning.main_road import plan_day
from dispatch.service.index import load_weights
from tests.dispatch.live.conftest import ANA, Clock


def test_nothing_counts_before_its_changes_were_read(desk: Desk, clock: Clock) -> None:
    index = propose_index(desk, load_weights(), ANA)
    assert counting_index(desk) is None
    assert index_changes(desk)[0].customer == "C06"
    let_index_count(desk, index.seq, ANA)
    assert waiting_index(desk) is None
    counts = counting_index(desk)
    assert counts is not None
    assert max(counts.listed, key=lambda each: counts.listed[each]) == "C06"
    assert set(counts.areas) == {"urban", "rural"}


def test_calls_of_a_customer_show_as_a_change(desk: Desk) -> None:
    let_index_count(desk, propose_index(desk, load_weights(), ANA).seq, ANA)
    for _ in range(3):
        desk.calls.log(Entry(words="no light", received_at=desk.clock(), customer="C05"), ANA)
    propose_index(desk, load_weights(), ANA)
    (change,) = index_changes(desk)
    assert (change.customer, change.before) == ("C05", None)
    assert change.after is not None


def test_an_index_that_was_worked_out_again_must_be_read_again(desk: Desk) -> None:
    first = propose_index(desk, load_weights(), ANA)
    second = propose_index(desk, load_weights(), ANA)
    with pytest.raises(Refused, match="another one was worked out"):
        let_index_count(desk, first.seq, ANA)
    let_index_count(desk, second.seq, ANA)
    with pytest.raises(Refused, match="no index waits"):
        let_index_count(desk, second.seq, ANA)


def test_the_index_that_counts_is_found_behind_any_number_of_others(desk: Desk) -> None:
    index = propose_index(desk, load_weights(), ANA)
    let_index_count(desk, index.seq, ANA)
    for _ in range(230):
        desk.note("noted", "customer index", {"what": "looked at"}, ANA)
    counts = counting_index(desk)
    assert counts is not None
    assert counts.seq == index.seq + 1


def test_arrears_take_points_off_and_change_no_plan(desk: Desk, tmp_path: Path) -> None:
    table = desk.case.customers.table
    before = plan_day(desk.case, work=200, seed=1, processes=1)
    was = table["arrears"].copy()
    try:
        table["arrears"] = True
        propose_index(desk, load_weights(), ANA)
        waiting = waiting_index(desk)
        assert waiting is not None
        assert waiting.listed.get("C05", 0.0) == 0.0
        after = plan_day(desk.case, work=200, seed=1, processes=1)
    finally:
        table["arrears"] = was
    assert after.plan == before.plan
    assert [order.weight for order in after.orders] == [order.weight for order in before.orders]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("factors: {grad: {weight: 1}}\n", "is unknown"),
        ("factors: {grade: {weight: much}}\n", "must be a number"),
        ("factors: {energy: {weight: 1, full: 0}}\n", "must be above 0"),
        ("factors: {arrears: {weight: -1}}\n", "hold no weight above 0"),
        ("vip_from: 101\nfactors: {grade: {weight: 1}}\n", "at most 100"),
        ("factors: [", "cannot be read"),
    ],
)
def test_every_fault_of_the_weights_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "weights.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults, match=said):
        load_weights(path)
