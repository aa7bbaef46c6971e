"""What was estimated when, and how often it held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from .day import Etr


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
