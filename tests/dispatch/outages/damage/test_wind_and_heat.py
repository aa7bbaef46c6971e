"""Wind against what Holland's profile must do; heat against the law of ageing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dispatch.outages.damage import Storm, ageing, chance_of_failure, failure_hours, top_loading, wind_ms


def storm(**changes: object) -> Storm:
    fields = {
        "hour": np.array([0.0, 10.0]),
        "lon": np.array([0.0, 0.0]),
        "lat": np.array([0.0, 0.0]),
        "max_ms": np.array([40.0, 40.0]),
        "radius_km": 30.0,
    }
    return Storm(**{**fields, **changes})  # type: ignore[arg-type]


def east_of_centre(km: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([km / 111.195]), np.array([0.0])


def test_the_wind_is_greatest_at_its_radius_and_none_in_the_centre() -> None:
    at = [float(wind_ms(storm(), 5.0, *east_of_centre(km))[0]) for km in (0.5, 15, 30, 60, 200)]
    assert at[2] == pytest.approx(40.0)
    assert max(at) == at[2]
    assert at[0] < 1
    assert at[3] > at[4] > 0


def test_south_of_the_equator_the_other_side_of_a_moving_storm_is_the_faster() -> None:
    moving = {"lat": np.array([-1.0, 1.0])}  # to the north
    east, west = ((np.array([x / 111.195]), np.array([0.0])) for x in (30.0, -30.0))
    north = storm(**moving)
    south = storm(**moving, south=True)
    assert wind_ms(north, 5.0, *east) > wind_ms(north, 5.0, *west)
    assert wind_ms(south, 5.0, *east) < wind_ms(south, 5.0, *west)


def test_half_of_the_units_fail_at_the_median_and_length_multiplies_units() -> None:
    half = chance_of_failure(np.array([50.0]), np.array([50.0]), np.array([0.3]), np.array([1.0]))
    three = chance_of_failure(np.array([50.0]), np.array([50.0]), np.array([0.3]), np.array([3.0]))
    assert half[0] == pytest.approx(0.5)
    assert three[0] == pytest.approx(1 - 0.5**3)


def test_the_share_that_fails_is_what_the_greatest_wind_says() -> None:
    count = 20_000
    lon, lat = (np.repeat(each, count) for each in east_of_centre(30.0))
    failed = failure_hours(
        storm(),
        lon,
        lat,
        median_ms=np.full(count, 45.0),
        beta=np.full(count, 0.3),
        exposure=np.ones(count),
        luck=np.random.default_rng(1).random(count),
        horizon_h=48,
    )
    expected = float(
        chance_of_failure(np.array([40.0]), np.array([45.0]), np.array([0.3]), np.array([1.0]))[0]
    )
    assert np.isfinite(failed).mean() == pytest.approx(expected, abs=0.01)


@given(some.floats(1, 80), some.floats(1, 80))
def test_more_wind_never_breaks_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    chance = chance_of_failure(np.array([low, high]), np.full(2, 45.0), np.full(2, 0.3), np.full(2, 2.0))
    assert 0 <= chance[0] <= chance[1] <= 1


def test_rated_load_at_twenty_degrees_ages_at_its_normal_speed_and_six_degrees_double_it() -> None:
    assert ageing(np.array([1.0]), 20.0)[0] == pytest.approx(1.0)
    assert ageing(np.array([1.0]), 26.0)[0] == pytest.approx(2.0)


def test_cooling_adds_to_the_load_only_above_its_threshold() -> None:
    def load(temperature: float) -> float:
        return float(top_loading(np.array([50.0]), np.array([100.0]), 2.0, temperature, 0.03, 25.0)[0])

    assert load(10.0) == load(25.0) == pytest.approx(1.0)
    assert load(35.0) == pytest.approx(1.3)
