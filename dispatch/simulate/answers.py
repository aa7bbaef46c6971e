"""What a study answers: means and bands with confidence intervals, and differences between alternatives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Record = Mapping[str, Any]
Floats = NDArray[np.float64]
BANDS = (10, 50, 90)


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
        None where none would do (the mean difference is 0).
    """

    estimate: Estimate
    share: float
    more: int | None


def estimate(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Mean and Student's t interval of independent replications."""
    data = np.asarray(values, dtype=np.float64)
    mean = float(data.mean()) if len(data) else math.nan
    if len(data) < 2:
        return Estimate(mean=mean, low=math.nan, high=math.nan, deviation=math.nan, count=len(data))
    deviation = float(data.std(ddof=1))
    half = float(stats.t.ppf(0.5 + confidence / 2, len(data) - 1)) * deviation / math.sqrt(len(data))
    return Estimate(mean=mean, low=mean - half, high=mean + half, deviation=deviation, count=len(data))


def values_of(records: Sequence[Record], name: str) -> list[float]:
    """One figure of all replications."""
    return [float(record[name]) for record in records]


def difference(base: Sequence[Record], other: Sequence[Record], name: str) -> Difference:
    """`other` less `base`, replication by replication."""
    first, second = values_of(base, name), values_of(other, name)
    found = estimate([b - a for a, b in zip(first, second, strict=True)])
    mean = float(np.mean(first)) if first else math.nan
    return Difference(estimate=found, share=found.mean / mean if mean else math.nan, more=more_needed(found))


def more_needed(found: Estimate, confidence: float = 0.95) -> int | None:
    """Further replications until the interval of a difference leaves 0, if mean and spread stay."""
    if found.count < 2 or not found.mean:
        return None
    if not found.low <= 0 <= found.high:
        return 0
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    return max(1, math.ceil((z * found.deviation / found.mean) ** 2) - found.count)


def bands(records: Sequence[Record]) -> Floats:
    """(3, m) customers out over time: what 10, 50 and 90 % of the replications do not exceed."""
    curves = np.asarray([record["curve"] for record in records], dtype=np.float64)
    return np.asarray(np.percentile(curves, BANDS, axis=0), dtype=np.float64)
