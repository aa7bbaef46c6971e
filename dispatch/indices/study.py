"""All indices of a period: in all, without major event days, and by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from .days import Threshold, daily_saidi, major_event_days, threshold
from .interruptions import GROUPS, Served
from .measures import IndexSettings, Indices, indices

PERIODS = ("month", "day")
LEAST_DAYS = 30
"""Days with an interruption below which their logarithms show no spread worth a threshold."""
LONG_YEAR_DAYS = 366
YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The indices of a period.

    Parameters
    ----------
    first, last : days of the period, both inclusive.
    whole : everything. unplanned : without planned interruptions. usual : without major event days.
    major_days : with the SAIDI of each in minutes.
    groups : by what is grouped, by name.
    days_known : days with an interruption that a threshold could be taken from.
    own_base : what is grouped by with the group's own customers served; the others are shares of the system.
    """

    first: date
    last: date
    whole: Indices
    unplanned: Indices
    usual: Indices
    limit: Threshold | None
    major_days: Mapping[date, float]
    groups: Mapping[str, Mapping[str, Indices]] = field(default_factory=dict)
    own_base: frozenset[str] = frozenset()
    days_known: int = 0

    @property
    def days(self) -> int:
        """Days of the period."""
        return (self.last - self.first).days + 1

    @property
    def years(self) -> float | None:
        """Years of a period that is longer than one; the sums are divided by them to be those of a year."""
        return self.days / YEAR_DAYS if self.days > LONG_YEAR_DAYS else None


def study(
    table: pd.DataFrame,
    customers: int,
    first: date,
    last: date,
    *,
    history: pd.DataFrame | None = None,
    served: Served | None = None,
    settings: IndexSettings | None = None,
) -> Study:
    """Compute the indices of the interruptions that began from `first` to `last`.

    Parameters
    ----------
    history : interruptions of the years before, for the threshold of major event days; where it holds fewer
        than `LEAST_DAYS` days before `first`, the days of `table` are taken too; below that none is given.
    served : customers of each group.
    """
    settings, served = settings or IndexSettings(), served or {}
    inside = table[(table["day"] >= pd.Timestamp(first)) & (table["day"] <= pd.Timestamp(last))]
    hours = ((last - first).days + 1) * 24.0
    daily = daily_saidi(inside, customers, settings)
    limit = _limit(daily, history if history is not None else table, customers, first, settings)
    major = (
        {}
        if limit is None
        else {day: float(daily[pd.Timestamp(day)]) for day in major_event_days(daily, limit)}
    )
    usual = inside[~inside["day"].isin([pd.Timestamp(day) for day in major])]
    groups = {
        name: _by_name(inside, name, customers, hours, served, settings)
        for name in GROUPS
        if inside[name].notna().any()
    }
    return Study(
        first=first,
        last=last,
        whole=indices(inside, customers, hours, settings),
        unplanned=indices(inside[~inside["planned"].astype(bool)], customers, hours, settings),
        usual=indices(usual, customers, hours, settings),
        limit=limit,
        major_days=major,
        groups={**groups, **{name: _by_period(inside, name, customers, settings) for name in PERIODS}},
        own_base=frozenset(group for group, _ in served),
        days_known=len(daily[daily > 0]),
    )


def _limit(
    daily: pd.Series[float],
    history: pd.DataFrame,
    customers: int,
    first: date,
    settings: IndexSettings,
) -> Threshold | None:
    """The threshold from the years before, else from all days there are; a few days show no spread."""
    past = daily_saidi(history, customers, settings)
    before = threshold(past, before=first)
    if before is not None and before.days >= LEAST_DAYS:
        return before
    early = past[past.index < pd.Timestamp(first)]
    found = threshold(pd.concat([early, daily]))
    return found if found is not None and found.days >= LEAST_DAYS else None


def _by_name(
    table: pd.DataFrame,
    group: str,
    customers: int,
    hours: float,
    served: Served,
    settings: IndexSettings,
) -> dict[str, Indices]:
    named = table[table[group].notna()]
    return {
        str(name): indices(rows, served.get((group, str(name)), customers), hours, settings)
        for name, rows in named.groupby(group, sort=True)
    }


def _by_period(
    table: pd.DataFrame, period: str, customers: int, settings: IndexSettings
) -> dict[str, Indices]:
    found = {}
    for name, rows in table.groupby(period, sort=True):
        label = name.date().isoformat() if isinstance(name, pd.Timestamp) else str(name)
        found[label] = indices(rows, customers, _hours(label), settings)
    return found


def _hours(label: str) -> float:
    """Hours of a day (2025-07-01) or month (2025-07)."""
    if len(label) > len("2025-07"):
        return 24.0
    year, month = (int(part) for part in label.split("-"))
    following = date(year + month // 12, month % 12 + 1, 1)
    return ((following - timedelta(days=1)).day) * 24.0
