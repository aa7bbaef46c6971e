"""Indices worked by hand; the arithmetic stands beside each figure."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.indices import (
    IndexSettings,
    daily_saidi,
    indices,
    interruption_table,
    major_event_days,
    study,
    threshold,
)

NOON = datetime(2025, 7, 1, 12, 0, tzinfo=UTC)
YEAR_H = 8760.0


def row(name: str, minutes: float, customers: int = 1, **more: Any) -> dict[str, Any]:
    """An interruption, or a step of one, from noon on."""
    off = more.pop("off", NOON)
    return {
        "interruption": name,
        "off_at": off,
        "on_at": off + timedelta(minutes=minutes),
        "customers": customers,
        **more,
    }


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """The rows as read from a file."""
    return interruption_table(pd.DataFrame(list(rows)))


def test_no_interruption_is_a_year_of_supply() -> None:
    none = table(row("A", 10, 5)).iloc[:0]
    found = indices(none, 1000, YEAR_H)
    assert (found.saifi, found.saidi_min, found.caidi_min, found.asai) == (0, 0, None, 1)


def test_one_interruption() -> None:
    found = indices(table(row("A", 90, 200)), 1000, YEAR_H)
    assert found.saifi == 0.2  # 200 / 1000
    assert found.saidi_min == 18  # 200 x 90 / 1000
    assert found.caidi_min == 90
    assert found.asai == 1 - 200 * 1.5 / (1000 * 8760)


def test_steps_of_restoration_count_each_customer_once() -> None:
    """2,000 customers out; 800 back after 90 min, 600 after 180, 600 after 240."""
    found = indices(table(row("A", 90, 800), row("A", 180, 600), row("A", 240, 600)), 2000, YEAR_H)
    assert found.interruptions == 1
    assert found.saifi == 1.0  # (800 + 600 + 600) / 2000
    assert found.customer_minutes == 324_000  # 72,000 + 108,000 + 144,000
    assert found.saidi_min == 162
    assert found.caidi_min == 162


def test_steps_that_are_back_within_five_minutes_are_momentary() -> None:
    """A switch brings 1,200 of 2,000 back after 3 min: they are no part of SAIFI."""
    found = indices(table(row("A", 3, 1200), row("A", 120, 800)), 2000, YEAR_H)
    assert found.saifi == 0.4
    assert found.saidi_min == 48  # 800 x 120 / 2000
    assert found.maifi == found.maifi_e == 0.6


def test_five_minutes_are_momentary_and_more_are_not() -> None:
    found = indices(table(row("A", 5, 10), row("B", 5.01, 10)), 10, YEAR_H)
    assert (found.maifi, found.saifi) == (1.0, 1.0)
    assert indices(table(row("A", 4, 10)), 10, YEAR_H, IndexSettings(momentary_min=3)).saifi == 1.0


def test_each_operation_counts_in_maifi_and_the_event_once_in_maifi_e() -> None:
    """A recloser opens and closes three times with 400 of 1,000 customers behind it."""
    found = indices(table(row("A", 1, 400, operations=3)), 1000, YEAR_H)
    assert (found.maifi, found.maifi_e) == pytest.approx((1.2, 0.4))


def test_a_customer_who_goes_out_again_within_an_interruption_counts_once() -> None:
    """Back after 60 min, off again for 20 min while the tie is opened; 80 min in one interruption."""
    found = indices(
        table(
            row("A", 60, customer="C1"),
            row("A", 20, customer="C1", off=NOON + timedelta(minutes=90)),
            row("A", 2, customer="C1", off=NOON + timedelta(minutes=120)),
        ),
        10,
        YEAR_H,
    )
    assert (found.saifi, found.saidi_min) == (0.1, 8.0)
    assert found.maifi_e == 0.0
    assert found.maifi == 0.1


def test_indices_of_single_customers() -> None:
    """C1: 30 min and 300 min; C2: 500 min; C3: a momentary; C4 to C10: nothing."""
    found = indices(
        table(
            row("A", 30, customer="C1"),
            row("B", 300, customer="C1"),
            row("B", 500, customer="C2"),
            row("C", 2, customer="C3"),
        ),
        10,
        YEAR_H,
        IndexSettings(cemi=(1, 2), celid_h=(4, 8)),
    )
    assert found.cemi == {1: 0.2, 2: 0.1}
    assert found.cemsmi == {1: 0.3, 2: 0.1}
    assert found.celid_s == {4: 0.2, 8: 0.1}  # 300 and 500 min; 500 min
    assert found.celid_t == {4: 0.2, 8: 0.1}  # 330 and 500 min; 500 min
    assert found.caifi == 1.5  # 3 interruptions, 2 customers
    assert found.ctaidi_min == 415  # 830 min, 2 customers


def test_without_customer_names_there_are_no_indices_of_single_customers() -> None:
    found = indices(table(row("A", 30, customer="C1"), row("B", 30, 50)), 100, YEAR_H)
    assert (found.cemi, found.celid_s, found.caifi) == ({}, {}, None)


def test_energy_not_supplied_is_load_times_hours() -> None:
    found = indices(table(row("A", 90, 100, load_kw=200.0), row("A", 30, 50, load_kw=80.0)), 1000, YEAR_H)
    assert found.ens_kwh == 340  # 200 x 1.5 + 80 x 0.5
    assert found.aens_kwh == 0.34
    assert indices(table(row("A", 90, 100)), 1000, YEAR_H).ens_kwh is None


@pytest.mark.parametrize(("customers", "hours"), [(0, 1), (1, 0)])
def test_nobody_served_or_no_time_is_refused(customers: int, hours: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        indices(table(row("A", 30)), customers, hours)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 600), st.integers(1, 99)), min_size=1, max_size=12))
def test_saidi_is_saifi_times_caidi_and_groups_add_up(steps: list[tuple[int, int]]) -> None:
    rows = [row(f"I{n}", minutes, count, feeder=f"F{n % 3}") for n, (minutes, count) in enumerate(steps)]
    found = indices(table(*rows), 5000, YEAR_H)
    if found.caidi_min is not None:
        assert found.saidi_min == pytest.approx(found.saifi * found.caidi_min)
    whole = study(table(*rows), 5000, NOON.date(), NOON.date())
    assert sum(each.saidi_min for each in whole.groups["feeder"].values()) == pytest.approx(found.saidi_min)


def logs(*saidi: float, start: date = date(2020, 1, 1)) -> pd.Series[float]:
    """Daily SAIDI of one day after another."""
    return pd.Series(saidi, index=pd.date_range(start, periods=len(saidi)), dtype=float)


def test_the_threshold_is_worked_from_the_logarithms() -> None:
    """Days of e^0, e^1, e^2: alpha 1, beta 1 (sample), threshold e^3.5 = 33.115."""
    found = threshold(logs(1.0, math.e, math.e**2))
    assert found is not None
    assert (found.alpha, found.beta) == pytest.approx((1.0, 1.0))
    assert found.saidi_min == pytest.approx(33.1155, abs=1e-4)


def test_days_without_an_interruption_have_no_part_in_the_threshold() -> None:
    assert threshold(logs(1.0, 0.0, math.e, 0.0, math.e**2)) == threshold(logs(1.0, math.e, math.e**2))


def test_a_day_above_the_threshold_is_a_major_event_day() -> None:
    random = np.random.default_rng(1)
    usual = np.exp(random.normal(-1.0, 1.0, 1826))
    limit = threshold(logs(*usual))
    assert limit is not None
    # exp(-1 + 2.5 x 1) = 4.48 min, and about 0.6 % of days above it: 11 of 1826.
    assert limit.saidi_min == pytest.approx(4.48, rel=0.1)
    found = major_event_days(logs(*usual), limit)
    assert 4 <= len(found) <= 20
    assert major_event_days(logs(100.0, start=date(2025, 3, 7)), limit) == [date(2025, 3, 7)]


def test_only_the_five_years_before_count() -> None:
    old = logs(*[1000.0] * 20, start=date(2015, 1, 1))
    recent = logs(1.0, math.e, math.e**2, start=date(2022, 1, 1))
    assert threshold(pd.concat([old, recent]), before=date(2025, 1, 1)) == threshold(recent)


def test_an_interruption_belongs_wholly_to_the_day_on_which_it_began() -> None:
    late = NOON.replace(hour=23)
    found = daily_saidi(table(row("A", 600, 100, off=late)), 1000)
    assert found.to_dict() == {pd.Timestamp("2025-07-01"): 60.0}


def test_too_few_days_have_no_threshold() -> None:
    assert threshold(logs(1.0)) is None
    assert threshold(logs()) is None


def test_a_study_sets_major_days_and_planned_interruptions_apart() -> None:
    days = [NOON - timedelta(days=n) for n in range(1, 200)]
    history = table(*(row(f"H{n}", 60, 5 + n % 7, off=day) for n, day in enumerate(days)))
    year = table(
        row("storm", 1000, 900),
        row("small", 60, 10, off=NOON + timedelta(days=1)),
        row("works", 30, 10, off=NOON + timedelta(days=2), planned=True),
    )
    done = study(year, 1000, date(2025, 7, 1), date(2025, 7, 31), history=history)
    assert list(done.major_days) == [date(2025, 7, 1)]
    assert done.whole.saidi_min == pytest.approx(900.9)  # (900,000 + 600 + 300) / 1000
    assert done.usual.saidi_min == pytest.approx(0.9)
    assert done.unplanned.saidi_min == pytest.approx(900.6)
    assert done.whole.hours == 31 * 24


def test_a_group_with_its_own_customers_has_its_own_base() -> None:
    one = table(row("A", 60, 50, feeder="F1"))
    shared = study(one, 1000, NOON.date(), NOON.date())
    own = study(one, 1000, NOON.date(), NOON.date(), served={("feeder", "F1"): 100})
    assert shared.groups["feeder"]["F1"].saifi == 0.05
    assert own.groups["feeder"]["F1"].saifi == 0.5


def test_the_hours_of_a_month_are_its_own() -> None:
    leap = datetime(2024, 2, 10, tzinfo=UTC)
    done = study(table(row("A", 60, 10, off=leap)), 100, date(2024, 1, 1), date(2024, 12, 31))
    assert done.groups["month"]["2024-02"].hours == 29 * 24
    assert done.groups["day"]["2024-02-10"].hours == 24
