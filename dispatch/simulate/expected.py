"""What the newest finished study expects of a storm, for the people who will have to live through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from .studies import NoStudy, Studies

# More hours than a night with its morning nobody reads in one row.
MOST_HOURS = 24
LOW, HIGH = 10, 90
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Faults that a study expects, of its base alternative.

    Parameters
    ----------
    study : its id.
    starts : when the scenario begins, by its own clock.
    days : how many simulated days it comes from.
    faults, low, high : the mean, and what 10 and 90 % of the days do not exceed.
    by_hour : mean of each hour from the start; the last one holds what comes later.
    hours_to_90 : mean hours until 90 % of customers are back.
    """

    study: str
    scenario: str
    made_at: datetime | None
    made_by: str
    starts: datetime
    days: int
    faults: float
    low: float
    high: float
    by_hour: tuple[float, ...]
    hours_to_90: float

    def within(self, hours: int) -> float:
        """How many faults are expected within the first hours."""
        return sum(self.by_hour[:hours])


def newest_expected(studies: Studies) -> Expected | None:
    """What the newest study that has ended well expects; None where there is none."""
    for kept in studies.all():
        if kept.state != "done" or kept.order.get("crews_for_h"):
            continue
        try:
            report = studies.report(kept.id, "en")
        except (NoStudy, OSError, ValueError, KeyError):
            continue
        if report is None:
            continue
        records = report.records[report.study.base]
        counts = np.asarray([record["faults"] for record in records], dtype=np.float64)
        low, high = np.percentile(counts, (LOW, HIGH))
        return Expected(
            study=kept.id,
            scenario=report.title,
            made_at=_moment(kept.order.get("at")),
            made_by=str(kept.order.get("by", "")),
            starts=report.study.alternatives[report.study.base].start,
            days=len(records),
            faults=float(counts.mean()),
            low=float(low),
            high=float(high),
            by_hour=_by_hour(records),
            hours_to_90=float(np.mean([record["h_to_90"] for record in records])),
        )
    return None


def _by_hour(records: Sequence[Record]) -> tuple[float, ...]:
    """Mean faults of each hour; of a study that did not count them, those that cost supply."""
    total = np.zeros(MOST_HOURS)
    for record in records:
        hours = record.get("faults_by_h")
        counted = (
            enumerate(hours) if hours is not None else ((int(at // 3600), 1) for at, _ in record["outages"])
        )
        for hour, count in counted:
            total[min(hour, MOST_HOURS - 1)] += count
    last = int(np.flatnonzero(total)[-1]) + 1 if total.any() else 0
    return tuple(float(each) for each in total[:last] / len(records))


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
