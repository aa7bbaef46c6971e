"""What a study answers, against figures counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.simulate.answers import by_area, etr_figures, how_near, replay_nearness, shares_kept


def test_promises_kept_are_shared_out_over_all_days() -> None:
    records = [
        {"promises_by_class": {"P1": {"given": 4, "kept": 4}, "P2": {"given": 10, "kept": 5}}},
        {"promises_by_class": {"P2": {"given": 30, "kept": 9}}},
    ]
    found = shares_kept(records, "class")
    assert (found["P1"].given, found["P1"].share) == (2, 1)
    assert found["P2"].share == pytest.approx(14 / 40)
    assert found["P2"].low <= found["P2"].share <= found["P2"].high


def test_the_interval_of_a_share_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    covered = 0
    for _ in range(300):
        given = random.poisson(20, 30)
        records = [
            {"promises_by_area": {"urban": {"given": int(n), "kept": int(random.binomial(n, 0.7))}}}
            for n in given
        ]
        share = shares_kept(records, "area")["urban"]
        covered += share.low <= 0.7 <= share.high
    assert 0.90 <= covered / 300 <= 0.99


def test_an_area_that_a_day_spared_counts_as_nothing_lost() -> None:
    records = [{"by_area": {"rural": {"customer_minutes": 10.0}}}, {"by_area": {}}]
    assert by_area(records, "customer_minutes")["rural"].mean == 5


def test_etr_figures_leave_out_days_without_any() -> None:
    assert etr_figures([{"etr": {}}]) == {}
    assert etr_figures([{"etr": {"met_share": 0.5}}, {"etr": {}}])["met_share"].mean == 0.5


def test_durations_twice_as_long_in_the_same_order_are_told_as_such() -> None:
    near = how_near([2, 4, 6, 8], [1, 2, 3, 4])
    assert (near.median_ratio, near.rank_correlation, near.outages) == (2, pytest.approx(1), 4)


def test_outages_without_a_duration_are_not_compared() -> None:
    with pytest.raises(ValueError, match="two outages"):
        how_near([0, 1], [1, 1])


def test_a_replay_is_compared_outage_by_outage_with_its_record() -> None:
    records = [
        {"outages": [[3600, 2.0], [7200, 5.0], [9000, 1.0]]},
        {"outages": [[3600, 4.0], [7200, 5.0], [9000, 1.0]]},
    ]
    recorded = [(1.0, 4.0), (2.0, 7.0), (2.5, None), (3.0, 9.0)]
    near = replay_nearness(records, recorded)
    assert near.outages == 2
    assert near.median_ratio == pytest.approx(1)
    assert near.rank_correlation == pytest.approx(1)
