"""How long repairs take, by cause: log-normal fits to a utility's own outage records.

Source: 33,876 outage records of BC Hydro, October 2023 to January 2025; per
cause a log-normal was fitted to the time from a crew's arrival to supply back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

Z90 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTime:
    """Time on site for one cause: median in hours, sigma of its logarithm, and records behind it."""

    cause: str
    median_h: float
    sigma: float
    records: int

    @property
    def p90_h(self) -> float:
        """Nine of ten repairs take no longer, in hours."""
        return self.median_h * math.exp(Z90 * self.sigma)


def _row(cause: str, median_h: float, sigma: float, records: int) -> tuple[str, RepairTime]:
    return cause, RepairTime(cause=cause, median_h=median_h, sigma=sigma, records=records)


REPAIR_TIMES: Mapping[str, RepairTime] = dict(
    (
        _row("under investigation", 0.93, 0.72, 7715),
        _row("tree", 1.49, 0.78, 3232),
        _row("wind", 1.20, 0.84, 1211),
        _row("equipment", 1.68, 0.74, 1007),
        _row("wire down", 1.87, 0.74, 901),
        _row("bird", 0.62, 0.61, 823),
        _row("animal", 0.86, 0.92, 68),
        _row("vehicle", 2.61, 0.90, 745),
        _row("snow", 1.09, 0.81, 228),
        _row("lightning", 1.22, 0.95, 131),
        _row("cable", 2.62, 0.78, 142),
        _row("substation", 0.80, 0.79, 98),
        _row("fire", 1.79, 0.76, 98),
        _row("pole down", 3.39, 0.83, 43),
        _row("object", 1.05, 0.64, 46),
        _row("customer's equipment", 1.70, 0.95, 37),
        _row("vandalism", 0.90, 0.53, 33),
        _row("transformer", 2.02, 0.55, 34),
    )
)


def pooled(times: Iterable[RepairTime]) -> RepairTime:
    """One log-normal with the mean and variance of the logarithms of several, weighted by their records.

    Of several, the sum is a mixture; this is the log-normal next to it.
    """
    known = list(times)
    records = sum(each.records for each in known)
    mean = sum(each.records * math.log(each.median_h) for each in known) / records
    square = sum(each.records * (each.sigma**2 + (math.log(each.median_h) - mean) ** 2) for each in known)
    return RepairTime(
        cause="unknown", median_h=math.exp(mean), sigma=math.sqrt(square / records), records=records
    )


# Before a crew has been there nobody knows the cause: all causes together.
UNKNOWN = pooled(REPAIR_TIMES.values())
# What a component can fail of, while nobody knows the cause; evenly, as no record says how often.
BY_COMPONENT: Mapping[str, tuple[str, ...]] = {
    "cable": ("cable",),
    "transformer": ("transformer", "equipment"),
    "substation": ("substation",),
}


def repair_time(cause: str | None, component: str | None = None) -> RepairTime:
    """The fit for a cause in a utility's words, else for the component, else for causes unknown.

    >>> repair_time("Tree down across our wires").median_h
    1.49
    """
    known = _by_words(cause)
    if known is not None:
        return known
    possible = list(possible_times(None, component).values())
    return possible[0] if len(possible) == 1 else pooled(possible)


def possible_times(cause: str | None, component: str | None = None) -> Mapping[str, RepairTime]:
    """The causes that are possible by what is known: one, those of the component, else all."""
    known = _by_words(cause)
    if known is not None:
        return {known.cause: known}
    names = BY_COMPONENT.get(component or "", tuple(REPAIR_TIMES))
    return {name: REPAIR_TIMES[name] for name in names}


def cause_shares(
    times: Mapping[str, RepairTime], component: str | None, shares: Mapping[str, float] | None = None
) -> Mapping[str, float]:
    """How likely each possible cause is: by `shares`, else evenly for a component, else by the records."""
    if shares:
        given = {name: shares.get(name, 0.0) for name in times}
        total = sum(given.values())
        if total > 0:
            return {name: each / total for name, each in given.items()}
    if component in BY_COMPONENT:
        return dict.fromkeys(times, 1 / len(times))
    total = sum(each.records for each in times.values())
    return {name: each.records / total for name, each in times.items()}


def _by_words(cause: str | None) -> RepairTime | None:
    words = (cause or "").lower()
    if words in REPAIR_TIMES:
        return REPAIR_TIMES[words]
    # The longer name first: "wire down" before "wire", "pole down" before "object on pole".
    longest_first = sorted(REPAIR_TIMES, key=len, reverse=True)
    return next((REPAIR_TIMES[name] for name in longest_first if words and name in words), None)
