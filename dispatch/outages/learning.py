"""Beliefs learned from a utility's own outages: how often what failed, who called and when.

Every value is drawn towards the usual one, the more so the less has been seen: a rate as if `PRIOR_FAULTS`
faults at the usual rate had been seen besides, shares and delays as if `PRIOR_CALLS` calls had. Not towards
the one in force: what is learned twice from the same outages would count twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ..ground.beliefs import RANGES, USUAL, Beliefs
from .doubt.calibration import FoundOutage
from .settings import FEW_CALLS, FEWER, USUAL_CALLS
from .tree import PROTECTIVE, Floats, SupplyTree

PRIOR_FAULTS = 5.0
PRIOR_CALLS = 200.0
DAYS_A_YEAR = 365.25
# Of smaller outages the share who called says little; larger ones do not outweigh all others.
LEAST_CUSTOMERS, MOST_CUSTOMERS = 10, 100
# A delay is counted from the first call, which comes soon after the fault only where many call.
LEAST_CALLERS = 5
QUICK_MIN = np.geomspace(2.0, 60.0, 18)
SLOW_MIN = np.geomspace(15.0, 480.0, 16)
SLOW_SHARES = np.linspace(0.0, 0.6, 13)
QUANTILES = (np.arange(1000) + 0.5) / 1000
DELAYS = ("quick_delay_min", "slow_delay_min", "slow_share")
WHAT_FAILED = ("line", "transformer", "lv_main", "service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What outages say about beliefs.

    Parameters
    ----------
    prior, after : what values are drawn towards, and as learned.
    faults : by what failed; lines and cables count together, as a device's trip does not tell them apart.
    expected : faults that `prior` expects in the same time.
    callers : calls that shares and delays were learned from.
    """

    prior: Beliefs
    after: Beliefs
    days: float
    faults: Mapping[str, int]
    expected: Mapping[str, float]
    callers: int


def learned(tree: SupplyTree, found: Sequence[FoundOutage], days: float, prior: Beliefs = USUAL) -> Learned:
    """Learn from outages that are over.

    Parameters
    ----------
    tree : built with `prior`.
    found : every outage of so many days.

    Raises
    ------
    ValueError
        `days` is not above 0.
    """
    if days <= 0:
        raise ValueError(f"days is {days}; expected more than 0")
    years = days / DAYS_A_YEAR
    faults = Counter(_failed(tree, each.place) for each in found)
    expected = {name: years * rate for name, rate in _rates(tree, prior).items()}
    called = [each for each in map(_Called.of, found) if each is not None]
    delays = _delays(called, prior)
    after = replace(prior, **_new_rates(prior, faults, expected), **delays)
    after = replace(after, calling_share=_calling_share(tree, called, after, prior.calling_share))
    return Learned(
        prior=prior,
        after=_within(after),
        days=days,
        faults={name: faults[name] for name in WHAT_FAILED},
        expected=expected,
        callers=sum(len(each.minutes) for each in called),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Called:
    """An outage's callers: minutes after the first call, and minutes until supply was back."""

    place: str
    minutes: Floats
    lasted_min: float

    @classmethod
    def of(cls, found: FoundOutage) -> _Called | None:
        """The calls while supply was gone, each customer once; None where nobody knows how long that was."""
        if found.restored_at is None or not found.calls:
            return None
        begins = min(call.at for call in found.calls)
        first: dict[str, float] = {}
        for call in sorted(found.calls, key=lambda each: each.at):
            first.setdefault(call.place or call.id, (call.at - begins).total_seconds() / 60)
        lasted_min = (found.restored_at - begins).total_seconds() / 60
        if lasted_min <= 0:
            return None
        minutes = np.array([each for each in first.values() if each <= lasted_min])
        return cls(place=found.place, minutes=minutes, lasted_min=lasted_min)


def _failed(tree: SupplyTree, place: str) -> str:
    node = tree.node_of_place(place)
    if node is None:
        return "service" if tree.row_of_customer(place) is not None else "elsewhere"
    kind = tree.kinds[node]
    return "line" if kind in PROTECTIVE else kind


def _rates(tree: SupplyTree, beliefs: Beliefs) -> dict[str, float]:
    """Faults a year that beliefs expect, by what fails."""
    kinds = np.array(tree.kinds, dtype=object)
    found = {name: float(tree.faults_per_year[kinds == name].sum()) for name in ("transformer", "lv_main")}
    found["line"] = float(tree.faults_per_year[np.isin(kinds, PROTECTIVE)].sum())
    found["service"] = beliefs.service_faults_per_year * len(tree.customer_ids)
    return found


def _new_rates(
    beliefs: Beliefs, faults: Mapping[str, int], expected: Mapping[str, float]
) -> dict[str, float]:
    """Gamma's conjugate mean: a rate times what was seen over what was expected, both raised by the prior."""
    times = {
        name: (PRIOR_FAULTS + faults.get(name, 0)) / (PRIOR_FAULTS + expected[name]) for name in expected
    }
    return {
        "line_faults_per_km_year": beliefs.line_faults_per_km_year * times["line"],
        "cable_faults_per_km_year": beliefs.cable_faults_per_km_year * times["line"],
        "transformer_faults_per_year": beliefs.transformer_faults_per_year * times["transformer"],
        "lv_main_faults_per_year": beliefs.lv_main_faults_per_year * times["lv_main"],
        "service_faults_per_year": beliefs.service_faults_per_year * times["service"],
    }


def _calling_share(tree: SupplyTree, called: Iterable[_Called], beliefs: Beliefs, before: float) -> float:
    """Callers over customers who could have called by the time that supply was back."""
    usual = USUAL_CALLS + FEW_CALLS * FEWER
    callers, asked = PRIOR_CALLS * before * usual, PRIOR_CALLS
    for each in called:
        node = tree.node_of_place(each.place)
        customers = int(tree.customers[node]) if node is not None else 0
        if customers >= LEAST_CUSTOMERS:
            weight = min(customers, MOST_CUSTOMERS)
            callers += weight * min(1.0, len(each.minutes) / customers)
            asked += weight * _called_by(each.lasted_min, beliefs)
    return callers / asked / usual


def _called_by(minutes: float, beliefs: Beliefs) -> float:
    """Share of those who call at all who have called after so many minutes."""
    return float(
        1
        - (1 - beliefs.slow_share) * np.exp(-minutes / beliefs.quick_delay_min)
        - beliefs.slow_share * np.exp(-minutes / beliefs.slow_delay_min)
    )


def _delays(called: Iterable[_Called], beliefs: Beliefs) -> dict[str, float]:
    """Of a grid of laws the likeliest for the calls that came before supply was back, and for the prior's."""
    many = [each for each in called if len(each.minutes) >= LEAST_CALLERS]
    minutes = np.concatenate([np.sort(each.minutes)[1:] for each in many] or [np.empty(0)])
    until = np.concatenate(
        [np.full(len(each.minutes) - 1, each.lasted_min) for each in many] or [np.empty(0)]
    )
    prior = _quantiles(beliefs)
    own = (beliefs.quick_delay_min, beliefs.slow_delay_min, beliefs.slow_share)
    if not len(minutes):
        return dict(zip(DELAYS, own, strict=True))
    laws = [own, *((float(a), float(b), float(c)) for a, b, c in product(QUICK_MIN, SLOW_MIN, SLOW_SHARES))]

    def likely(law: tuple[float, float, float]) -> float:
        seen = _log_density(minutes, law) - np.log(np.maximum(_share_by(until, law), 1e-12))
        return float(seen.sum() + PRIOR_CALLS * _log_density(prior, law).mean())

    best = max((law for law in laws if law[1] >= law[0]), key=likely)
    return dict(zip(DELAYS, best, strict=True))


def _quantiles(beliefs: Beliefs) -> Floats:
    """Delays that stand for the law in force."""
    law = (beliefs.quick_delay_min, beliefs.slow_delay_min, beliefs.slow_share)
    at = np.geomspace(0.01, 20 * beliefs.slow_delay_min, 4000)
    return np.interp(QUANTILES, _share_by(at, law), at)


def _log_density(minutes: Floats, law: tuple[float, float, float]) -> Floats:
    quick, slow, share = law
    density = (1 - share) / quick * np.exp(-minutes / quick) + share / slow * np.exp(-minutes / slow)
    return np.log(np.maximum(density, 1e-12))


def _share_by(minutes: Floats, law: tuple[float, float, float]) -> Floats:
    quick, slow, share = law
    return 1 - (1 - share) * np.exp(-minutes / quick) - share * np.exp(-minutes / slow)


def _within(beliefs: Beliefs) -> Beliefs:
    """The same, no value beyond what a file may hold; four digits are all that outages can tell."""
    held = {
        name: float(f"{min(max(value, RANGES[name][0]), RANGES[name][1]):.4g}")
        for name, value in beliefs.by_name().items()
    }
    return Beliefs(**held)
