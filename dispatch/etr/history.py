"""What was estimated when, and how often it held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from ..ground.day import Etr

# Estimates that held as they should, put beside the observed ones, so that few of these change little.
PRIOR = 10
LEAST_STRETCH, MOST_STRETCH = 0.5, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EtrRecord:
    """An estimate, when it was stated, and who said it."""

    etr: Etr
    stated_at: datetime
    by: Literal["plan", "crew"] = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class EtrAccuracy:
    """How estimates compared with what happened.

    Parameters
    ----------
    outages : outages that had an estimate and are restored.
    p90_held : share restored by the 90 % estimate, 0 to 1; `median_held` likewise by the median.
    error_min : median of (restored - median estimate), positive when supply came later.
    error_abs_min : median of its size.
    changes : estimates stated per outage, on average.
    """

    outages: int
    p90_held: float
    median_held: float
    error_min: float
    error_abs_min: float
    changes: float


def with_new(
    history: Sequence[EtrRecord],
    etrs: Iterable[Etr],
    stated_at: datetime,
    by: Literal["plan", "crew"] = "plan",
) -> tuple[EtrRecord, ...]:
    """The history and those of `etrs` that differ from what was said last."""
    last = {record.etr.outage: record.etr for record in history}
    new = [EtrRecord(etr=etr, stated_at=stated_at, by=by) for etr in etrs if last.get(etr.outage) != etr]
    return (*history, *new)


def accuracy(
    history: Sequence[EtrRecord],
    restored: Mapping[str, datetime],
    which: Literal["first", "last"] = "last",
) -> EtrAccuracy | None:
    """Compare estimates with the times at which supply was back.

    Parameters
    ----------
    restored : by outage.
    which : the first estimate of each outage with figures in it, or the last before it was restored.

    Returns
    -------
    EtrAccuracy or None
        None when no restored outage had an estimate.
    """
    stated: dict[str, list[EtrRecord]] = {}
    for record in sorted(history, key=lambda each: each.stated_at):
        outage = record.etr.outage
        known = record.etr.median is not None and record.etr.p90 is not None
        if known and outage in restored and record.stated_at <= restored[outage]:
            stated.setdefault(outage, []).append(record)
    if not stated:
        return None
    chosen = {
        outage: (records[0] if which == "first" else records[-1]).etr for outage, records in stated.items()
    }
    errors = [_minutes(chosen[outage].median, restored[outage]) for outage in chosen]
    late = [_minutes(chosen[outage].p90, restored[outage]) for outage in chosen]
    return EtrAccuracy(
        outages=len(chosen),
        p90_held=sum(each <= 0 for each in late) / len(late),
        median_held=sum(each <= 0 for each in errors) / len(errors),
        error_min=median(errors),
        error_abs_min=median(abs(each) for each in errors),
        changes=sum(len(records) for records in stated.values()) / len(stated),
    )


def _minutes(estimate: datetime | None, restored: datetime) -> float:
    if estimate is None:
        raise ValueError("an estimate without a time cannot be compared")
    return (restored - estimate).total_seconds() / 60


def stretch(
    history: Sequence[EtrRecord],
    restored: Mapping[str, datetime],
    now: datetime,
    which: Literal["first", "last"] = "first",
) -> tuple[float, float]:
    """How much longer it took than was said, as factors for the median and the 90 % estimate.

    What the draws of a plan cannot know (faults that are still to come, orders put before others)
    shows in what became of earlier estimates. Of each outage one counts: the time from then until
    supply was back, as a share of what was said. The factors are the quantiles of these shares
    (split conformal prediction); outages that are still out count once they are overdue.

    Parameters
    ----------
    history : of this storm, or of earlier ones like it.
    restored : by outage.
    which : the first estimate of each outage, or its last.

    Returns
    -------
    tuple of float
        1, 1 where nothing is known; between 0.5 and 6.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani, Wasserman: Distribution-free predictive inference for regression,
    Journal of the American Statistical Association 113 (2018).
    """
    chosen: dict[str, EtrRecord] = {}
    for record in sorted(history, key=lambda each: each.stated_at, reverse=which == "first"):
        if record.etr.median is not None and record.etr.p90 is not None:
            chosen[record.etr.outage] = record
    waits = [
        (restored.get(outage, now) - record.stated_at, record, outage in restored)
        for outage, record in chosen.items()
    ]
    factors = []
    for level, name in ((0.5, "median"), (0.9, "p90")):
        shares = []
        for wait, record, over in waits:
            said = getattr(record.etr, name) - record.stated_at
            share = wait / said if said.total_seconds() > 0 else 1.0
            if over or share > 1:
                shares.append(share)
        factors.append(_factor(shares, level))
    return factors[0], factors[1]


def _factor(shares: Sequence[float], level: float) -> float:
    """Quantile of the shares, with `PRIOR` that lie as an estimate that holds would have them."""
    below = round(PRIOR * level)
    known = sorted([*shares, *[0.5] * (below - 1), *[1.0] * (PRIOR - below + 1)])
    place = min(len(known) - 1, int(level * len(known)))
    return min(MOST_STRETCH, max(LEAST_STRETCH, known[place]))
