"""What a study answers: means and bands with confidence intervals, and differences between alternatives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Record = Mapping[str, Any]
Floats = NDArray[np.float64]
BANDS = (10, 50, 90)
# More replications than this decide nothing that a study could answer.
MOST_MORE = 10**7
# What floating point leaves of two equal figures is no difference.
NOISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean with its confidence interval and the spread behind it."""

    mean: float
    low: float
    high: float
    deviation: float
    count: int

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An alternative against the base, on common random numbers.

    Parameters
    ----------
    share : the difference of the means as a share of the base's; NaN where that is 0.
    more : further replications until the interval no longer holds 0; 0 where it does not now,
        None where none would do (the mean difference is 0, or as good as 0).
    chance : of a difference as large where there is none (Student's t, two-sided); NaN without one.
    """

    estimate: Estimate
    share: float
    more: int | None
    chance: float = math.nan


def estimate(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Mean and Student's t interval of independent replications."""
    data = np.asarray(values, dtype=np.float64)
    with np.errstate(all="ignore"):
        mean = float(data.mean()) if len(data) else math.nan
        deviation = float(data.std(ddof=1)) if len(data) > 1 else math.nan
    if len(data) < 2:
        return Estimate(mean=mean, low=math.nan, high=math.nan, deviation=math.nan, count=len(data))
    half = float(stdtrit(len(data) - 1, 0.5 + confidence / 2)) * deviation / math.sqrt(len(data))
    return Estimate(mean=mean, low=mean - half, high=mean + half, deviation=deviation, count=len(data))


def level(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """The same for a figure that cannot be negative, such as minutes or a count.

    Notes
    -----
    Where Student's interval would reach below 0, its lower end is taken on a log scale instead:
    mean x exp(-half / mean), by the delta method. The upper end stays.
    """
    found = estimate(values, confidence)
    if not found.low < 0 or min(values) < 0:
        return found
    low = found.mean * math.exp(-found.half / found.mean) if found.mean > 0 else 0.0
    return replace(found, low=low)


def values_of(records: Sequence[Record], name: str) -> list[float]:
    """One figure of all replications."""
    return [float(record[name]) for record in records]


def difference(base: Sequence[Record], other: Sequence[Record], name: str) -> Difference:
    """`other` less `base`, replication by replication."""
    first, second = values_of(base, name), values_of(other, name)
    found = estimate([b - a for a, b in zip(first, second, strict=True)])
    mean = float(np.mean(first)) if first else math.nan
    size = max((abs(value) for value in (*first, *second)), default=0.0)
    return Difference(
        estimate=found,
        share=found.mean / mean if mean else math.nan,
        more=None if abs(found.mean) <= NOISE * size else more_needed(found),
        chance=chance_of(found),
    )


def chance_of(found: Estimate) -> float:
    """How likely a mean as far from 0 is where the truth is 0; NaN where one replication says nothing."""
    if found.count < 2 or math.isnan(found.mean):
        return math.nan
    if found.deviation == 0:
        return 1.0 if found.mean == 0 else 0.0
    distance = abs(found.mean) / found.deviation * math.sqrt(found.count)
    return float(2 * stdtr(found.count - 1, -distance))


def hold_together(chances: Sequence[float], error: float = 0.05) -> list[bool]:
    """Which of several differences hold all at once: Holm's step-down test (Holm 1979).

    Parameters
    ----------
    chances : as `chance_of` gives them; NaN never holds.
    error : chance that any of those that hold is none.
    """
    known = sorted((chance, at) for at, chance in enumerate(chances) if not math.isnan(chance))
    holds = [False] * len(chances)
    for rank, (chance, at) in enumerate(known):
        if chance > error / (len(known) - rank):
            break
        holds[at] = True
    return holds


def more_needed(found: Estimate, confidence: float = 0.95) -> int | None:
    """Further replications until the interval of a difference leaves 0, if mean and spread stay.

    Parameters
    ----------
    found : a difference.
    confidence : of the interval.

    Returns
    -------
    int or None
        0 where it leaves 0 now; None where more than `MOST_MORE` would be needed.
    """
    if found.count < 2 or not found.mean or not math.isfinite(found.mean):
        return None
    if not found.low <= 0 <= found.high:
        return 0
    total = found.count + 1
    while total <= MOST_MORE:
        # Student's t at that many: few replications say little about the spread.
        wide = float(stdtrit(total - 1, 0.5 + confidence / 2)) * found.deviation / abs(found.mean)
        if wide < math.sqrt(total):
            return total - found.count
        total = max(total + 1, math.ceil(min(2.0 * total, wide**2)))
    return None


def bands(records: Sequence[Record], name: str = "curve") -> Floats:
    """(3, m) customers out (or crews `busy`) over time: what 10, 50 and 90 % of the days do not exceed."""
    curves = np.asarray([record[name] for record in records], dtype=np.float64)
    return np.asarray(np.percentile(curves, BANDS, axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of what was promised was kept over all replications, with its 95 % interval.

    Parameters
    ----------
    given, kept : mean per replication.
    """

    given: float
    kept: float
    share: float
    low: float
    high: float


def shares_kept(records: Sequence[Record], group: str) -> dict[str, Share]:
    """Promises kept by `class`, `grade` or `area`.

    Notes
    -----
    The interval is that of a ratio of two means over independent replications (delta method;
    Cochran, Sampling Techniques, 1977, section 2.11); it takes days, not promises, as independent.
    """
    tables = [record[f"promises_by_{group}"] for record in records]
    found = {}
    for name in sorted({each for table in tables for each in table}):
        given = np.array([table.get(name, {}).get("given", 0) for table in tables], dtype=np.float64)
        kept = np.array([table.get(name, {}).get("kept", 0) for table in tables], dtype=np.float64)
        share, half = float(kept.sum() / max(1.0, given.sum())), math.nan
        if len(tables) > 1 and given.sum():
            spread = float((kept - share * given).std(ddof=1))
            half = float(stdtrit(len(tables) - 1, 0.975)) * spread / math.sqrt(len(tables)) / given.mean()
        found[name] = Share(
            given=float(given.mean()),
            kept=float(kept.mean()),
            share=share,
            low=max(0.0, share - half),
            high=min(1.0, share + half),
        )
    return found


def by_area(records: Sequence[Record], name: str) -> dict[str, Estimate]:
    """A figure of `by_area` (customer_minutes, customer_interruptions, energy_not_supplied_kwh) by area."""
    tables = [record["by_area"] for record in records]
    areas = sorted({area for table in tables for area in table})
    return {area: level([table.get(area, {}).get(name, 0.0) for table in tables]) for area in areas}


def etr_figures(records: Sequence[Record]) -> dict[str, Estimate]:
    """How near the first restoration times told came; empty where no times were told."""
    told = [record["etr"] for record in records if record.get("etr")]
    return {name: level([each[name] for each in told if name in each]) for name in (told[0] if told else ())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How near simulated durations of a replayed record come to the recorded ones.

    Parameters
    ----------
    median_ratio : of recorded to simulated; 1 where the middle outage is met.
    low_ratio, high_ratio : what 10 and 90 % of the ratios do not exceed.
    rank_correlation : Spearman's; whether the same outages are long.
    """

    outages: int
    median_ratio: float
    low_ratio: float
    high_ratio: float
    rank_correlation: float


def how_near(recorded_h: Sequence[float], simulated_h: Sequence[float]) -> Nearness:
    """Compare durations outage by outage.

    Raises
    ------
    ValueError
        The two differ in length, or fewer than two outages have both durations above 0.
    """
    pairs = np.array(list(zip(recorded_h, simulated_h, strict=True)), dtype=np.float64).reshape(-1, 2)
    pairs = pairs[(pairs > 0).all(axis=1)]
    if len(pairs) < 2:
        raise ValueError("needs two outages or more that have both durations")
    low, middle, high = np.percentile(pairs[:, 0] / pairs[:, 1], (10, 50, 90))
    return Nearness(
        outages=len(pairs),
        median_ratio=float(middle),
        low_ratio=float(low),
        high_ratio=float(high),
        rank_correlation=_rank_correlation(pairs),
    )


def _rank_correlation(pairs: Floats) -> float:
    """Spearman's; NaN where all durations on one side are the same."""
    if (np.ptp(pairs, axis=0) == 0).any():
        return math.nan
    return float(pd.DataFrame(pairs).corr(method="spearman").iloc[0, 1])


def replay_nearness(records: Sequence[Record], recorded_h: Sequence[tuple[float, float | None]]) -> Nearness:
    """How near a replay comes to its record.

    Parameters
    ----------
    recorded_h : of each recorded outage its begin and when supply was back (None where not recorded),
        hours from the scenario's start; two that begin in the same second are left out.

    Raises
    ------
    ValueError
        Fewer than two outages can be compared.
    """
    begins = [round(at_h * 3600) for at_h, _ in recorded_h]
    simulated: dict[int, list[float]] = {}
    for record in records:
        for at_s, hours in record["outages"]:
            simulated.setdefault(at_s, []).append(hours)
    pairs = [
        (back_h - at_h, float(np.median(simulated[at_s])))
        for at_s, (at_h, back_h) in zip(begins, recorded_h, strict=True)
        if back_h is not None and at_s in simulated and begins.count(at_s) == 1
    ]
    return how_near([pair[0] for pair in pairs], [pair[1] for pair in pairs])
