"""What happens in one replication: which elements break, when, of what, how long each takes to mend.

All random numbers of a replication come from its seed and what they are for,
never from what crews or planners do, so that alternatives meet the same storm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..etr.repair_times import repair_time
from ..outages.damage import CallHabit
from .damage_settings import Damage
from .happenings import Strike, attacks, heat_failures, regions, replayed, wind_failures
from .scenario import Discovery, Scenario
from .world import COMPONENTS, Elements, World

Floats = NDArray[np.float64]
# What random numbers are for.
HAPPENS, WIND, FLOOD, QUAKE, HEAT, ATTACK, REPLAY, MENDING = range(1, 9)
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One broken element.

    Parameters
    ----------
    element : position in the world's elements.
    at_s : seconds from the start.
    repair_s : true time on site.
    luck : uniform in (0, 1): when the first of those who lose supply calls.
    """

    element: int
    at_s: int
    cause: str
    repair_s: int
    luck: float


def draw_hits(world: World, scenario: Scenario, seed: int, replication: int) -> tuple[Hit, ...]:
    """Draw all that breaks in one replication, in order of time; an element breaks once at most."""
    damage, horizon_s = scenario.damage, scenario.horizon_s

    def random(purpose: int) -> np.random.Generator:
        return np.random.default_rng([seed, replication, purpose])

    elements = world.elements
    hits = list(sample_hits(elements, damage, horizon_s, seed, replication))
    strikes: list[Strike] = []
    if damage.wind is not None:
        strikes += wind_failures(elements, damage.wind, random(WIND), scenario.hours)
    for purpose, areas in ((FLOOD, damage.flood), (QUAKE, damage.quake)):
        strikes += regions(elements, areas, random(purpose))
    if damage.heat is not None:
        strikes += heat_failures(world, damage.heat, scenario, random(HEAT))
    for number, attack in enumerate(damage.attack):
        strikes += attacks(world, attack, np.random.default_rng([seed, replication, ATTACK, number]))
    if damage.replay is not None:
        strikes += replayed(elements, damage.replay, scenario.hours)
    hits += _completed(elements, damage, strikes, random(MENDING))
    return _first_of_each(hits, horizon_s)


def _first_of_each(hits: Iterable[Hit], horizon_s: int) -> tuple[Hit, ...]:
    found: dict[int, Hit] = {}
    for hit in hits:
        before = found.get(hit.element)
        if hit.at_s < horizon_s and (before is None or hit.at_s < before.at_s):
            found[hit.element] = hit
    return tuple(sorted(found.values(), key=lambda h: (h.at_s, h.element)))


def _completed(
    elements: Elements, damage: Damage, strikes: Iterable[Strike], random: np.random.Generator
) -> list[Hit]:
    """Give strikes their causes and times on site, the same for an element whatever else breaks."""
    count = len(elements.ids)
    why, luck = random.random(count), random.random(count)
    deviation = random.standard_normal(count)
    found = []
    for strike in strikes:
        at = strike.element
        component = COMPONENTS[int(elements.component[at])]
        cause = strike.cause or _cause(damage, component, float(why[at]))
        found.append(
            Hit(
                element=at,
                at_s=max(0, round(strike.at_h * 3600)),
                cause=cause,
                repair_s=_on_site_s(damage, strike, cause, float(deviation[at])),
                luck=float(luck[at]),
            )
        )
    return found


def _on_site_s(damage: Damage, strike: Strike, cause: str, deviation: float) -> int:
    if strike.on_site_h is not None:
        return max(60, round(strike.on_site_h * 3600))
    return repair_s(damage, cause, deviation, strike.law)


def repair_s(damage: Damage, cause: str, deviation: float, law: tuple[float, float] | None = None) -> int:
    """True time on site: log-normal by cause, at least a minute."""
    fit = repair_time(cause)
    median_h, sigma = law or damage.repair_h.get(cause) or (fit.median_h, fit.sigma)
    return max(60, round(median_h * float(np.exp(sigma * deviation)) * damage.repair_factor * 3600))


def sample_hits(
    elements: Elements, damage: Damage, horizon_s: int, seed: int, replication: int
) -> tuple[Hit, ...]:
    """Draw the faults that come by rate, in order of time."""
    random = np.random.default_rng([seed, replication, HAPPENS])
    count = int(random.poisson(damage.expected_faults))
    draws = random.random((count, 4))
    z = random.standard_normal(count)
    chance = np.cumsum(element_chance(elements, damage))
    if not count or chance[-1] <= 0:
        return ()
    found = []
    for (where, when, why, luck), deviation in zip(draws, z, strict=True):
        element = int(np.searchsorted(chance, where * chance[-1], side="right"))
        cause = _cause(damage, COMPONENTS[int(elements.component[element])], float(why))
        found.append(
            Hit(
                element=element,
                at_s=_moment(damage.by_hour, float(when)),
                cause=cause,
                repair_s=repair_s(damage, cause, float(deviation)),
                luck=float(luck),
            )
        )
    return _first_of_each(found, horizon_s)


def element_chance(elements: Elements, damage: Damage) -> Floats:
    """(n,) relative rate of each element: its component's share spread by exposure and area."""
    area = np.asarray([damage.by_area.get(each, 1.0) for each in elements.area])
    weight = elements.exposure * area
    chance = np.zeros(len(weight))
    for at, component in enumerate(COMPONENTS):
        own = elements.component == at
        total = float(weight[own].sum())
        if total > 0:
            share = damage.by_component.get(component, 0.0)  # type: ignore[call-overload]
            chance[own] = weight[own] / total * share
    return chance


def _cause(damage: Damage, component: str, u: float) -> str:
    shares: Mapping[str, float] = damage.causes.get(component) or {"under investigation": 1.0}
    names = list(shares)
    total = np.cumsum([shares[name] for name in names])
    return names[min(len(names) - 1, int(np.searchsorted(total, u * total[-1], side="right")))]


def _moment(by_hour: tuple[float, ...], u: float) -> int:
    """The time at which the rate by hour has brought the share `u` of all faults, seconds."""
    edges = np.concatenate([[0.0], np.cumsum(by_hour)])
    if edges[-1] <= 0:
        return 0
    return int(np.interp(u * edges[-1], edges, np.arange(len(edges)) * 3600.0))


def first_call_s(customers: int, luck: float, habit: Discovery) -> int:
    """Seconds until somebody of `customers` who just lost supply calls.

    Callers' delays are log-normal (`dispatch.outages.damage.CallHabit`); the first of n
    independent ones has the distribution 1 - (1 - share x F)^n, which is turned
    around here. Where nobody calls, the fault is noticed after `unnoticed_h`.
    """
    share = CallHabit(
        share_first_hour=habit.share_first_hour, median_min=habit.median_min, sigma=habit.sigma or 1e-9
    ).share
    unnoticed_s = round(habit.unnoticed_h * 3600)
    within = (1.0 - (1.0 - luck) ** (1.0 / max(1, customers))) / share if share > 0 else 1.0
    if within >= 1.0 or within <= 0.0:
        return unnoticed_s if within >= 1.0 else 0
    delay_min = habit.median_min * float(np.exp(habit.sigma * NORMAL.inv_cdf(within)))
    return min(unnoticed_s, round(delay_min * 60))


def patrol_s(at_s: int, phase: float, length_km: float, habit: Discovery) -> int | None:
    """Seconds from a fault until a patrol comes by; None without patrols.

    Teams drive all lines round and round; `phase` in [0, 1) is the fault's place on that way.
    """
    if habit.patrol is None:
        return None
    round_s = max(60.0, length_km / (habit.patrol.teams * habit.patrol.km_per_h) * 3600)
    first = habit.patrol.after_h * 3600 + phase * round_s
    rounds = max(0, math.ceil((at_s - first) / round_s))
    return round(first + rounds * round_s - at_s)
