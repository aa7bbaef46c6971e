"""How great each setting of a scenario may be: the impossible is refused, the rare is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .damage_settings import Damage, Heat, Wind
from .scenario import CrewGroup, Scenario

NO_STORM = (
    "the strongest on record blew some 95 m/s; is it in knots ({knots:.0f} m/s) or km/h ({kmh:.0f} m/s)?"
)


class Doubt(NamedTuple):
    """A setting that cannot be meant (`refused`), or is rare enough to be asked about."""

    place: str
    text: str
    refused: bool


class Range(NamedTuple):
    """A value with what is usual and what is possible.

    Parameters
    ----------
    usual, possible : least and greatest value.
    why : what a reader needs to mend it.
    """

    place: str
    value: float | None
    usual: tuple[float, float]
    possible: tuple[float, float]
    why: str = ""


Doubts = Iterator[Doubt]
Ranges = Iterator[Range]


def doubts_of_values(scenario: Scenario) -> Doubts:
    """Every setting whose value is hard to believe, whatever the case is."""
    for each in _ranges(scenario):
        if each.value is None or each.usual[0] <= each.value <= each.usual[1]:
            continue
        refused = not each.possible[0] <= each.value <= each.possible[1]
        low, high = each.possible if refused else each.usual
        bound = f"below {low:g}" if each.value < low else f"above {high:g}"
        word = "cannot be" if refused else "is rare"
        why = f": {each.why}" if each.why else ""
        yield Doubt(each.place, f"is {each.value:g}; {bound} {word}{why}", refused)
    yield from _after_the_end(scenario)
    yield from _crews(scenario)


def _ranges(scenario: Scenario) -> Ranges:
    yield Range(
        "drive_factor", scenario.drive_factor, (0.5, 5), (0.1, 20), "all drives take so many times as long"
    )
    yield Range("start", scenario.start.year, (1950, 2100), (1800, 2300), "the year")
    yield Range("plan.every_min", scenario.plan.every_min, (0, 240), (0, 2880), "minutes between two plans")
    yield from _of_damage(scenario.damage)
    yield from _of_discovery(scenario)
    for at, group in enumerate(scenario.crews):
        yield from _of_group(f"crews[{at}]", group)
    for at, road in enumerate(scenario.roads):
        yield Range(f"roads[{at}].slower", road.slower, (1, 10), (1, 100), "times as long")
    if (trucks := scenario.generators) is not None:
        yield Range("generators.setup_min", trucks.setup_min, (5, 240), (1, 1440), "minutes")
        yield Range("generators.most_kw", trucks.most_kw, (5, 2000), (1, 20_000), "kilowatts")


def _of_damage(damage: Damage) -> Ranges:
    yield Range("damage.repair_factor", damage.repair_factor, (0.2, 5), (0.02, 50), "times as long on site")
    for cause, (median_h, sigma) in damage.repair_h.items():
        yield Range(
            f"damage.repair_h.{cause}", median_h, (0.1, 72), (0.02, 1000), "hours, the median on site"
        )
        yield Range(f"damage.repair_h.{cause}", sigma, (0, 2), (0, 5), "sigma of the logarithm")
    for kind in ("flood", "quake"):
        for at, region in enumerate(getattr(damage, kind)):
            yield Range(f"damage.{kind}[{at}].spread_h", region.spread_h, (0, 72), (0, 720), "hours")
    for at, attack in enumerate(damage.attack):
        place = f"damage.attack[{at}]"
        yield Range(
            f"{place}.repair_median_h", attack.repair_median_h, (0.5, 72), (0.1, 1000), "hours on site"
        )
        yield Range(f"{place}.repair_sigma", attack.repair_sigma, (0, 2), (0, 5), "sigma of the logarithm")
    if damage.wind is not None:
        yield from _of_wind(damage.wind)
    if damage.heat is not None:
        yield from _of_heat(damage.heat)


def _of_wind(wind: Wind) -> Ranges:
    speeds = [("damage.wind.max_ms", wind.max_ms)]
    speeds += [
        (f"damage.wind.track[{at}].max_ms", point.max_ms)
        for at, point in enumerate(wind.track)
        if point.max_ms
    ]
    for place, speed in speeds:
        yield Range(place, speed, (10, 70), (1, 100), NO_STORM.format(knots=speed * 0.514, kmh=speed / 3.6))
    place = "damage.wind"
    yield Range(
        f"{place}.radius_km", wind.radius_km, (5, 200), (0.5, 1000), "km from the centre to the greatest wind"
    )
    yield Range(f"{place}.spread_km", wind.spread_km, (0, 300), (0, 2000), "km, a forecast's error")
    yield Range(f"{place}.spread_ms", wind.spread_ms, (0, 20), (0, 60), "m/s, a forecast's error")
    for name, curve in wind.fragility.items():
        own = f"{place}.fragility.{name}"
        yield Range(
            f"{own}.median_ms", curve.median_ms, (20, 150), (5, 500), "m/s at which half of the units fail"
        )
        yield Range(f"{own}.beta", curve.beta, (0.05, 1), (0.01, 5), "sigma of the logarithm")


def _of_heat(heat: Heat) -> Ranges:
    place = "damage.heat"
    for at, degrees in enumerate(heat.temperature_c):
        why = f"degrees Celsius; {degrees:g} °F is {(degrees - 32) / 1.8:.0f} °C"
        yield Range(f"{place}.temperature_c[{at}]", degrees, (-20, 50), (-90, 60), why)
    for at, load in enumerate(heat.load_profile):
        yield Range(f"{place}.load_profile[{at}]", load, (0, 6), (0, 50), "multiples of the mean load")
    yield Range(f"{place}.from_c", heat.from_c, (0, 40), (-50, 60), "degrees Celsius")
    yield Range(f"{place}.per_degree", heat.per_degree, (0, 0.2), (0, 2), "share of the load, such as 0.03")
    yield Range(f"{place}.failures_per_year", heat.failures_per_year, (0, 1), (0, 1000), "of one transformer")
    rate = heat.cable_failures_per_km_year
    yield Range(f"{place}.cable_failures_per_km_year", rate, (0, 5), (0, 1000), "of one kilometre")
    yield Range(f"{place}.cable_doubling_k", heat.cable_doubling_k, (2, 50), (0.2, 500), "degrees")


def _of_discovery(scenario: Scenario) -> Ranges:
    habit = scenario.discovery
    yield Range(
        "discovery.median_min", habit.median_min, (1, 240), (0.01, 2880), "minutes until somebody calls"
    )
    yield Range("discovery.sigma", habit.sigma, (0, 3), (0, 8), "sigma of the logarithm")
    yield Range("discovery.unnoticed_h", habit.unnoticed_h, (0.1, 72), (0.01, 1000), "hours")
    if habit.patrol is not None:
        yield Range(
            "discovery.patrol.km_per_h",
            habit.patrol.km_per_h,
            (0.5, 60),
            (0.05, 300),
            "km of line in an hour",
        )


def _of_group(place: str, group: CrewGroup) -> Ranges:
    for at, (begin, end) in enumerate(group.turns):
        yield Range(
            f"{place}.turns[{at}]", end - begin, (0, 16), (0, 36), "hours that a crew works without rest"
        )
    yield Range(f"{place}.overtime_min", group.overtime_min, (0, 300), (0, 1440), "minutes after a turn")
    yield Range(
        f"{place}.speed_factor",
        group.speed_factor,
        (0.5, 3),
        (0.1, 20),
        "its drives take so many times as long",
    )
    yield Range(f"{place}.break_after_h", group.break_after_h, (1, 12), (0.1, 36), "hours")
    yield Range(f"{place}.break_min", group.break_min, (5, 120), (1, 720), "minutes")
    yield Range(f"{place}.rest_h", group.rest_h, (0, 24), (0, 240), "hours between two turns")


def _after_the_end(scenario: Scenario) -> Doubts:
    """What is to happen after the last hour never happens."""
    damage, end_h = scenario.damage, scenario.hours
    begins: list[tuple[str, float]] = [
        *((f"damage.attack[{at}].at_h", each.at_h) for at, each in enumerate(damage.attack)),
        *((f"damage.flood[{at}].from_h", each.from_h) for at, each in enumerate(damage.flood)),
        *((f"damage.quake[{at}].from_h", each.from_h) for at, each in enumerate(damage.quake)),
        *((f"roads[{at}].from_h", each.from_h) for at, each in enumerate(scenario.roads)),
        *((f"crews[{at}].arrives_h", each.arrives_h) for at, each in enumerate(scenario.crews)),
    ]
    if scenario.generators is not None:
        begins.append(("generators.from_h", scenario.generators.from_h))
    if scenario.discovery.patrol is not None:
        begins.append(("discovery.patrol.after_h", scenario.discovery.patrol.after_h))
    if damage.wind is not None:
        begins.append(("damage.wind.track", damage.wind.track[0].h))
        if damage.wind.track[-1].h < 0 < len(damage.wind.track) - 1:
            last = damage.wind.track[-1].h
            yield Doubt("damage.wind.track", f"ends at hour {last:g}, before the scenario begins", True)
    for place, hour in begins:
        if hour >= end_h:
            yield Doubt(place, f"is hour {hour:g}; the scenario ends after {end_h:g} h: it never comes", True)
    if len(damage.by_hour) > 1 and any(damage.by_hour[round(end_h) + 1 :]):
        yield Doubt(
            "damage.by_hour",
            f"has {len(damage.by_hour)} hours; what comes after {end_h:g} h never comes",
            False,
        )


def _crews(scenario: Scenario) -> Doubts:
    if not sum(group.count for group in scenario.crews):
        yield Doubt("crews", "count nobody: who should repair?", True)
        return
    end_h = scenario.hours
    for at, group in enumerate(scenario.crews):
        if group.count and not any(begin < end_h for begin, _ in group.worked_turns):
            text = f"lie before it arrives or after the end ({end_h:g} h): it never works"
            yield Doubt(f"crews[{at}].turns", text, True)
    if sum(group.count for group in scenario.crews) > 2000:
        yield Doubt("crews", "count more than 2,000", False)
    damage = scenario.damage
    if damage.expected_faults and not any(damage.by_component.values()):
        yield Doubt("damage.by_component", "has no share above 0: nothing breaks by rate", True)
    if damage.expected_faults and not any(damage.by_hour):
        yield Doubt("damage.by_hour", "has no hour above 0: nothing breaks by rate", True)
