"""Beliefs are learned from outages, the less the fewer there are, and help to name devices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from dispatch.ground.beliefs import RANGES, USUAL, Beliefs
from dispatch.outages import Call, Device, InferenceSettings, SupplyTree, build_tree
from dispatch.outages.doubt.calibration import FoundOutage
from dispatch.outages.learning import learned

START = datetime(2026, 7, 14, 18, 0, tzinfo=UTC)
MAINS, ON_MAIN = 3, 40


def made_tree(beliefs: Beliefs = USUAL) -> SupplyTree:
    """Four fuses, five transformers each, three mains each, forty customers each: 2,400 customers."""
    rows = [
        (f"C-{fuse}-{at}-{main}-{n}", f"T-{fuse}-{at}", f"M-{fuse}-{at}-{main}")
        for fuse in range(4)
        for at in range(5)
        for main in range(MAINS)
        for n in range(ON_MAIN)
    ]
    table = pd.DataFrame(rows, columns=["id", "transformer", "lv_main"]).set_index("id")
    devices = [Device(id=f"F-{fuse}", kind="fuse", faults_per_year=0.5) for fuse in range(4)]
    under: dict[str, str | None] = {f"T-{fuse}-{at}": f"F-{fuse}" for fuse in range(4) for at in range(5)}
    return build_tree(devices, under, table, beliefs=beliefs)


def outage(
    tree: SupplyTree,
    place: str,
    law: Beliefs,
    random: np.random.Generator,
    at: datetime,
    lasted_min: float = 240,
) -> FoundOutage:
    """An outage with callers by a law."""
    node = tree.node_of_place(place)
    rows = tree.customer_rows_beneath(node) if node is not None else [tree.row_of_customer(place)]
    calls = []
    for row in rows:
        if node is None or random.random() < law.calling_share:
            mean = law.slow_delay_min if random.random() < law.slow_share else law.quick_delay_min
            delay = float(random.exponential(mean))
            if delay < lasted_min:
                who = str(tree.customer_ids[row])
                calls.append(Call(id=f"{place}-{row}-{at}", at=at + timedelta(minutes=delay), place=who))
    return FoundOutage(place=place, calls=tuple(calls), restored_at=at + timedelta(minutes=lasted_min))


def days_of(law: Beliefs, places: list[str], seed: int = 1) -> list[FoundOutage]:
    """One outage a day."""
    tree, random = made_tree(), np.random.default_rng(seed)
    made = [outage(tree, place, law, random, START + timedelta(days=n)) for n, place in enumerate(places)]
    return [each for each in made if each.calls]


def test_nothing_seen_changes_rates_only_as_far_as_the_time_without_faults_tells() -> None:
    told = learned(made_tree(), [], days=1)
    for name, value in told.after.by_name().items():
        assert value == pytest.approx(USUAL.by_name()[name], rel=0.02), name


def test_many_outages_lead_to_the_law_by_which_they_were_made() -> None:
    law = replace(USUAL, calling_share=0.2, quick_delay_min=6.0, slow_delay_min=90.0, slow_share=0.3)
    places = [f"T-{n % 4}-{n % 5}" for n in range(120)]
    told = learned(made_tree(), days_of(law, places), days=120)
    assert told.after.calling_share * 0.9045 == pytest.approx(0.2, rel=0.15)
    assert told.after.quick_delay_min == pytest.approx(6.0, rel=0.35)
    assert told.after.slow_delay_min == pytest.approx(90.0, rel=0.5)
    assert told.callers > 1000


def test_a_restoration_that_cuts_calls_off_does_not_make_callers_look_quick() -> None:
    places = [f"T-{n % 4}-{n % 5}" for n in range(100)]
    tree, random = made_tree(), np.random.default_rng(3)
    found = [
        outage(tree, place, USUAL, random, START + timedelta(days=n), lasted_min=25)
        for n, place in enumerate(places)
    ]
    told = learned(tree, [each for each in found if each.calls], days=100).after
    assert told.quick_delay_min == pytest.approx(USUAL.quick_delay_min, rel=0.35)
    assert told.calling_share * 0.9045 == pytest.approx(USUAL.calling_share, rel=0.25)


def test_what_fails_more_often_than_expected_is_believed_to_fail_more_often() -> None:
    tree = made_tree()
    mains = [f"M-{n % 4}-{n % 5}-{n % MAINS}" for n in range(60)]
    told = learned(tree, days_of(USUAL, mains), days=365.25)
    assert told.faults == {"line": 0, "transformer": 0, "lv_main": 60, "service": 0}
    assert told.expected["lv_main"] == pytest.approx(60 * USUAL.lv_main_faults_per_year)
    times = (5 + 60) / (5 + told.expected["lv_main"])
    assert told.after.lv_main_faults_per_year == pytest.approx(
        times * USUAL.lv_main_faults_per_year, rel=1e-3
    )
    assert told.after.line_faults_per_km_year < USUAL.line_faults_per_km_year


def test_services_and_lines_are_counted_for_what_they_are_and_strangers_for_nothing() -> None:
    tree = made_tree()
    found = days_of(USUAL, ["F-1", "T-0-0", "C-0-0-0-1", "M-1-1-1"])
    stranger = FoundOutage(place="nobody knows", calls=(), restored_at=START)
    told = learned(tree, [*found, stranger], days=30)
    assert told.faults == {"line": 1, "transformer": 1, "lv_main": 1, "service": 1}


def test_no_journal_however_odd_leads_beyond_what_a_file_may_hold() -> None:
    tree = made_tree()
    call = Call(id="1", at=START, place="C-0-0-0-1")
    odd = [
        FoundOutage(place="T-0-0", calls=(call,), restored_at=START - timedelta(days=3)),
        FoundOutage(place="T-0-0", calls=(call, call), restored_at=None),
        *[FoundOutage(place="C-0-0-0-1", calls=(call,), restored_at=START + timedelta(days=9000))] * 5000,
    ]
    told = learned(tree, odd, days=0.01)
    for name, value in told.after.by_name().items():
        least, most = RANGES[name]
        assert least <= value <= most, name
    assert InferenceSettings.of(told.after).shares.max() <= 0.95
    with pytest.raises(ValueError, match="days is 0"):
        learned(tree, odd, days=0)
