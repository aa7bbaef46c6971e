"""Major event days: days so bad that they are told apart, by the 2.5 beta method of IEEE 1366."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from .measures import IndexSettings

BETAS = 2.5
YEARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Daily SAIDI above which a day is a major event day.

    Parameters
    ----------
    alpha, beta : mean and standard deviation of the logarithms of the daily SAIDI in minutes.
    saidi_min : exp(alpha + 2.5 beta).
    days : days with an interruption that it was computed from.
    years : calendar years that they span.
    """

    alpha: float
    beta: float
    saidi_min: float
    days: int
    years: int


def daily_saidi(
    table: pd.DataFrame, customers: int, settings: IndexSettings | None = None
) -> pd.Series[float]:
    """SAIDI of each day with a sustained interruption, in minutes.

    An interruption counts wholly on the day on which it began, however long it lasted.
    """
    settings = settings or IndexSettings()
    lasting = table[table["minutes"] > settings.momentary_min]
    minutes = lasting["minutes"] * lasting["customers"].fillna(1).astype(float)
    return minutes.groupby(lasting["day"]).sum() / customers


def threshold(daily: pd.Series[float], *, before: date | None = None, years: int = YEARS) -> Threshold | None:
    """The threshold from the logs of the days of the last years.

    Parameters
    ----------
    daily : minutes by day, as `daily_saidi` returns it.
    before : only days before this one count; the last `years` years of them.

    Returns
    -------
    Threshold or None
        None with fewer than two days that had an interruption.

    Notes
    -----
    Days without an interruption have no logarithm and are left out. The
    standard deviation is that of a sample (n - 1).
    """
    days = daily[daily > 0]
    if before is not None:
        end = pd.Timestamp(before)
        days = days[(days.index < end) & (days.index >= end - pd.DateOffset(years=years))]
    if len(days) < 2:
        return None
    logs = np.log(days.to_numpy(dtype=np.float64))
    alpha, beta = float(logs.mean()), float(logs.std(ddof=1))
    spanned = sorted({day.year for day in pd.DatetimeIndex(days.index)})
    return Threshold(
        alpha=alpha,
        beta=beta,
        saidi_min=math.exp(alpha + BETAS * beta),
        days=len(days),
        years=spanned[-1] - spanned[0] + 1,
    )


def major_event_days(daily: pd.Series[float], limit: Threshold) -> Sequence[date]:
    """Days whose SAIDI is greater than the threshold, in order."""
    return [day.date() for day in pd.DatetimeIndex(daily[daily > limit.saidi_min].index).sort_values()]
