"""How many crews each hour asks for, out of simulated days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..simulate.engine import Outcome
from ..simulate.stage import DESK_CREW

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Crews at work by hour, of many days.

    Parameters
    ----------
    busy : (replications, hours) mean number of crews that drive, wait for another or work in each hour.
    first_hour : hour of the day at which the first column begins.
    """

    busy: Floats
    first_hour: int = 0

    def crews(self, share: float) -> NDArray[np.int64]:
        """(hours,) crews with which `share` of the days have enough in an hour."""
        if not len(self.busy):
            return np.zeros(self.busy.shape[1], dtype=np.int64)
        # A tenth of a crew in an hour is six minutes: that one waits for the next who is free.
        return np.ceil(np.quantile(self.busy, share, axis=0, method="inverted_cdf") - 0.1).astype(np.int64)


def hourly_demand(outcomes: Iterable[Outcome], hours: int, first_hour: int = 0) -> Demand:
    """Count who is at work in each hour of lived days."""
    rows = [
        busy_hours([(w.left_s, w.finish_s) for w in o.works if w.crew != DESK_CREW], hours) for o in outcomes
    ]
    return Demand(busy=np.asarray(rows, dtype=np.float64).reshape(len(rows), hours), first_hour=first_hour)


def busy_hours(spans: Sequence[tuple[int, int]], hours: int) -> Floats:
    """(hours,) how many spans (seconds) lie in each hour, in parts of an hour."""
    edges = np.arange(hours + 1) * 3600.0
    found = np.zeros(hours)
    for begin, end in spans:
        found += np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], begin), 0, None) / 3600
    return found
