"""The kinds of damage: each says which elements break when, from its settings and its own random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from geo.areas import read_area

from ..outages.damage import Storm, ageing, failure_hours, top_loading
from .damage_settings import Attack, Heat, Region, Replay, Wind
from .replays import account_of
from .scenario import Scenario
from .world import COMPONENTS, Elements, World

Floats = NDArray[np.float64]
HOURS_PER_YEAR = 8766.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """An element that breaks.

    Parameters
    ----------
    cause : None to draw it by component.
    on_site_h : recorded time on site; None to draw it.
    law : median (hours) and sigma of the time on site, where it is not the cause's.
    """

    element: int
    at_h: float
    cause: str | None = None
    on_site_h: float | None = None
    law: tuple[float, float] | None = None


def storm_of(wind: Wind) -> Storm:
    """The storm that settings describe, its track shifted."""
    track = wind.track
    storm = Storm(
        hour=np.asarray([point.h for point in track]),
        lon=np.asarray([point.lon for point in track]),
        lat=np.asarray([point.lat for point in track]),
        max_ms=np.asarray([point.max_ms or wind.max_ms for point in track]),
        radius_km=wind.radius_km,
        shape=wind.shape,
        moving_share=wind.moving_share,
        south=wind.south,
    )
    return storm.shifted(*wind.shift_km)


def wind_failures(
    elements: Elements, wind: Wind, random: np.random.Generator, horizon_h: float
) -> list[Strike]:
    """What a storm breaks: each element once the wind there has grown past what it can stand."""
    east, north, strength = random.standard_normal(3)
    storm = storm_of(wind).shifted(east * wind.spread_km, north * wind.spread_km, strength * wind.spread_ms)
    luck = random.random(len(elements.ids))
    curves = [wind.fragility.get(name) for name in COMPONENTS]  # type: ignore[call-overload]
    failed = failure_hours(
        storm,
        elements.lon,
        elements.lat,
        median_ms=np.asarray([c.median_ms if c else 1e9 for c in curves])[elements.component],
        beta=np.asarray([c.beta if c else 1.0 for c in curves])[elements.component],
        exposure=elements.exposure,
        luck=luck,
        horizon_h=horizon_h,
    )
    # Within the step, so that not all come on the quarter of an hour.
    inside = random.random(len(failed)) * 0.25
    return [
        Strike(element=int(at), at_h=float(failed[at] + inside[at]))
        for at in np.flatnonzero(np.isfinite(failed))
    ]


def regions(elements: Elements, areas: Sequence[Region], random: np.random.Generator) -> list[Strike]:
    """What breaks inside areas."""
    found = []
    for region in areas:
        luck, when = random.random(len(elements.ids)), random.random(len(elements.ids))
        share = np.asarray([region.share.get(name, 0.0) for name in COMPONENTS])  # type: ignore[call-overload]
        inside = read_area(region.area).covers(elements.lon, elements.lat)
        for at in np.flatnonzero(inside & (luck < share[elements.component])):
            at_h = region.from_h + float(when[at]) * region.spread_h
            found.append(Strike(element=int(at), at_h=max(0.0, at_h), cause=region.cause))
    return found


def heat_failures(world: World, heat: Heat, scenario: Scenario, random: np.random.Generator) -> list[Strike]:
    """Transformers that fail by ageing under load, cables by temperature: a rate hour by hour."""
    elements = world.elements
    luck = -np.log(1.0 - random.random(len(elements.ids)))
    inside = random.random(len(elements.ids))
    mean_kw, rating = _loads(world)
    transformer = elements.component == COMPONENTS.index("transformer")
    cable = elements.component == COMPONENTS.index("cable")
    hazard, failed = np.zeros(len(luck)), np.full(len(luck), np.inf)
    zone = world.case.settings.zone
    for hour in range(int(np.ceil(scenario.hours))):
        warm = heat.temperature_c[min(hour, len(heat.temperature_c) - 1)]
        profile = heat.load_profile[(scenario.start + timedelta(hours=hour)).astimezone(zone).hour]
        loading = top_loading(mean_kw, rating, profile, warm, heat.per_degree, heat.from_c)
        rate = np.where(transformer, heat.failures_per_year * ageing(loading, warm), 0.0)
        by_heat = 2.0 ** ((warm - heat.from_c) / heat.cable_doubling_k)
        rate = np.where(cable, heat.cable_failures_per_km_year * elements.exposure * by_heat, rate)
        hazard += rate / HOURS_PER_YEAR
        failed = np.where(np.isinf(failed) & (hazard >= luck), hour + inside, failed)
    cause = ("", "cable", "transformer", "")
    return [
        Strike(element=int(at), at_h=float(failed[at]), cause=cause[int(elements.component[at])])
        for at in np.flatnonzero(np.isfinite(failed))
    ]


def _loads(world: World) -> tuple[Floats, Floats]:
    """Mean load and rating of each element that is a transformer, else 0 and 1."""
    table = world.case.grid.transformers
    rating = dict(zip(table.ids.tolist(), table.rating_kva.tolist(), strict=True))
    load = world.case.load_kw
    return (
        np.asarray([load.get(each, 0.0) for each in world.elements.ids]),
        np.asarray([float(rating.get(each, 1.0)) for each in world.elements.ids]),
    )


def attacks(world: World, attack: Attack, random: np.random.Generator) -> list[Strike]:
    """A line at the head of each feeder of a substation."""
    heads = feeder_heads(world, attack.substation)
    hit = random.random(len(heads)) < attack.share
    law = (attack.repair_median_h, attack.repair_sigma)
    return [
        Strike(element=element, at_h=attack.at_h, cause="substation", law=law)
        for element, struck in zip(heads, hit, strict=True)
        if struck
    ]


def feeder_heads(world: World, substation: str) -> list[int]:
    """Positions of the elements next to the breakers of a substation."""
    elements, tree = world.elements, world.tree
    at = {name: number for number, name in enumerate(elements.ids)}
    found = []
    for feeder in world.case.grid.feeders:
        if feeder.substation == substation and feeder.device is not None:
            first = at.get(tree.first_line.get(feeder.device, ""))
            if first is None:
                node = tree.node_by_id.get(feeder.device, -1)
                own = np.flatnonzero(elements.node == node)
                first = int(own[0]) if len(own) else None
            if first is not None:
                found.append(first)
    return found


def replayed(elements: Elements, replay: Replay, hours: float) -> list[Strike]:
    """Recorded outages at their elements; what becomes of the others `replays.account_of` says."""
    return [
        Strike(
            element=each.element,
            at_h=each.record.at_h,
            cause=each.record.cause,
            on_site_h=each.record.on_site_h,
        )
        for each in account_of(elements, replay, hours).fated
        if each.fate == "used" and each.element is not None
    ]
