"""Storms and places that lie nowhere near the grid: exchanged, mistyped, or of another country."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..outages.damage import wind_ms
from .damage_settings import Wind
from .distances import all_apart_km, apart_km
from .happenings import storm_of
from .plausible import Doubt, Doubts
from .scenario import Scenario
from .world import Elements, World

Floats = NDArray[np.float64]
STEP_H = 0.5
MOST_LOOKED_AT = 300  # elements
FARTHEST_KM = 1000.0
WEAKEST_MS, HARMLESS_MS = 3.0, 15.0
FAST_KMH, FASTEST_KMH = 130.0, 400.0
STAND_KM, STAND_FARTHEST_KM = 60.0, 300.0
TROPIC_LAT = 1.0


def doubts_of_places(world: World, scenario: Scenario) -> Doubts:
    """What is too far from the grid to matter, and a storm that turns the wrong way."""
    if scenario.damage.wind is not None:
        yield from _storm(world.elements, scenario.damage.wind, scenario.hours)
    places = [
        *(
            (f"crews[{at}].starts[{n}]", p)
            for at, g in enumerate(scenario.crews)
            for n, p in enumerate(g.starts)
        ),
        *(
            (f"staging.places[{n}]", p)
            for n, p in enumerate(scenario.staging.places if scenario.staging else ())
        ),
    ]
    for place, (lon, lat) in places:
        yield from _stand(world.elements, place, lon, lat)
    count, faults = len(world.elements.ids), scenario.damage.expected_faults
    if faults > count:
        text = f"is {faults:g}; the grid has {count:,} things that can break, each once"
        yield Doubt("damage.faults", text, True)


def _storm(elements: Elements, wind: Wind, hours: float) -> Doubts:
    lon, lat = _looked_at(elements)
    storm = storm_of(wind)
    moments = np.arange(0.0, hours + STEP_H, STEP_H)
    centres = [
        (float(np.interp(h, storm.hour, storm.lon)), float(np.interp(h, storm.hour, storm.lat)))
        for h in moments
    ]
    near_km = min(float(all_apart_km(centre, lon, lat).min()) for centre in centres)
    most_ms = max(float(wind_ms(storm, float(hour), lon, lat).max()) for hour in moments)
    place = "damage.wind.track"
    grid = f"the grid (lon {lon.mean():.2f}, lat {lat.mean():.2f})"
    if near_km > FARTHEST_KM or most_ms < WEAKEST_MS:
        text = f"comes no nearer than {near_km:,.0f} km to {grid}, where it blows {most_ms:.1f} m/s at most"
        yield Doubt(place, text + _exchanged(centres, lon, lat, near_km), True)
        return
    if most_ms < HARMLESS_MS and wind.spread_km < near_km:
        text = f"blows {most_ms:.1f} m/s at most on {grid}, {near_km:,.0f} km away: it breaks next to nothing"
        yield Doubt(place, text, False)
    yield from _turn(wind, float(lat.mean()))
    yield from _speed(wind)


def _looked_at(elements: Elements) -> tuple[Floats, Floats]:
    step = max(1, len(elements.ids) // MOST_LOOKED_AT)
    return elements.lon[::step], elements.lat[::step]


def _exchanged(centres: Sequence[tuple[float, float]], lon: Floats, lat: Floats, near_km: float) -> str:
    """A hint where the places are near once lon and lat are exchanged, or one has the other sign."""
    others = {
        "lon and lat exchanged": [(y, x) for x, y in centres],
        "the other sign of lon": [(-x, y) for x, y in centres],
        "the other sign of lat": [(x, -y) for x, y in centres],
    }
    for said, changed in others.items():
        other_km = min(float(all_apart_km(centre, lon, lat).min()) for centre in changed)
        if other_km < min(FARTHEST_KM, near_km) / 2:
            return f"; with {said} it would come within {other_km:,.0f} km"
    return ""


def _turn(wind: Wind, lat: float) -> Iterator[Doubt]:
    if abs(lat) > TROPIC_LAT and wind.south != (lat < 0):
        side, turns = ("south", "clockwise") if lat < 0 else ("north", "against the clock")
        meant = str(lat < 0).lower()
        text = f"must be {meant} {side} of the equator (lat {lat:.1f}): a storm turns {turns} there"
        yield Doubt("damage.wind.south", text, True)


def _speed(wind: Wind) -> Iterator[Doubt]:
    for at, (one, other) in enumerate(pairwise(wind.track)):
        speed = apart_km((one.lon, one.lat), (other.lon, other.lat)) / (other.h - one.h)
        if speed > FAST_KMH:
            text = f"moves {speed:,.0f} km/h from hour {one.h:g} to {other.h:g}; storms seldom exceed 100"
            yield Doubt(f"damage.wind.track[{at + 1}]", text, speed > FASTEST_KMH)


def _stand(elements: Elements, place: str, lon: float, lat: float) -> Iterator[Doubt]:
    all_lon, all_lat = _looked_at(elements)
    km = float(all_apart_km((lon, lat), all_lon, all_lat).min())
    if km > STAND_KM:
        text = f"({lon:g}, {lat:g}) lies {km:,.0f} km from the grid"
        hint = _exchanged([(lon, lat)], all_lon, all_lat, km)
        yield Doubt(place, text + hint, km > STAND_FARTHEST_KM)
