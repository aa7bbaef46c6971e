"""What happens in one replication: which elements break, when, of what, how long each takes to mend.

All random numbers of a replication come from its seed and what they are for,
never from what crews or planners do, so that alternatives meet the same storm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..damage import CallHabit
from ..repair_times import repair_time
from .scenario import Damage, Discovery
from .world import COMPONENTS, Elements

Floats = NDArray[np.float64]
HAPPENS = 1
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


def sample_hits(
    elements: Elements, damage: Damage, horizon_s: int, seed: int, replication: int
) -> tuple[Hit, ...]:
    """Draw the faults of one replication, in order of time; an element breaks once at most."""
    random = np.random.default_rng([seed, replication, HAPPENS])
    count = int(random.poisson(damage.faults))
    draws = random.random((count, 4))
    z = random.standard_normal(count)
    chance = np.cumsum(element_chance(elements, damage))
    if not count or chance[-1] <= 0:
        return ()
    found: dict[int, Hit] = {}
    for (where, when, why, luck), deviation in zip(draws, z, strict=True):
        element = int(np.searchsorted(chance, where * chance[-1], side="right"))
        hit = _hit(elements, damage, element, float(when), float(why), float(luck), float(deviation))
        before = found.get(element)
        if before is None or hit.at_s < before.at_s:
            found[element] = hit
    return tuple(sorted((h for h in found.values() if h.at_s < horizon_s), key=lambda h: (h.at_s, h.element)))


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


def _hit(
    elements: Elements, damage: Damage, element: int, when: float, why: float, luck: float, deviation: float
) -> Hit:
    component = COMPONENTS[int(elements.component[element])]
    cause = _pick(damage.causes.get(component) or {"under investigation": 1.0}, why)
    fit = repair_time(cause)
    hours = fit.median_h * float(np.exp(fit.sigma * deviation)) * damage.repair_factor
    return Hit(
        element=element,
        at_s=_moment(damage.by_hour, when),
        cause=cause,
        repair_s=max(60, round(hours * 3600)),
        luck=luck,
    )


def _pick(shares: Mapping[str, float], u: float) -> str:
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

    Callers' delays are log-normal (`dispatch.damage.CallHabit`); the first of n
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
