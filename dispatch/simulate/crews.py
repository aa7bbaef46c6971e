"""How many crews it takes: the smallest size of all groups with which a promise is kept often enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaincinv

from .scenario import Scenario

MOST_FACTOR = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One number of crews that was tried.

    Parameters
    ----------
    share : replications that keep the promise; `low`, `high` its 95 % interval (Clopper and Pearson 1934).
    """

    crews: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAnswer:
    """The fewest crews found, None where even the most tried do not do, and all that was tried."""

    crews: int | None
    trials: tuple[Trial, ...]


def kept_share(hours: Sequence[float], within_h: float) -> tuple[float, float, float]:
    """Share of replications within the time, with its exact binomial interval."""
    kept, count = int(np.sum(np.asarray(hours) <= within_h)), len(hours)
    low = float(betaincinv(kept, count - kept + 1, 0.025)) if kept else 0.0
    high = float(betaincinv(kept + 1, count - kept, 0.975)) if kept < count else 1.0
    return kept / count, low, high


def with_crews(scenario: Scenario, crews: int) -> Scenario:
    """The scenario with `crews` crews in all, its groups in the proportions they had (largest remainder)."""
    counts = np.asarray([group.count for group in scenario.crews], dtype=np.float64)
    shares = counts / max(1.0, counts.sum()) * crews
    whole = np.floor(shares).astype(int)
    order = np.argsort(-(shares - whole), kind="stable")
    whole[order[: crews - int(whole.sum())]] += 1
    groups = tuple(
        group.model_copy(update={"count": int(count)})
        for group, count in zip(scenario.crews, whole, strict=True)
    )
    return scenario.model_copy(update={"crews": groups})


def fewest_crews(
    scenario: Scenario,
    run: Callable[[Scenario], Sequence[Mapping[str, Any]]],
    *,
    figure: str = "h_to_90",
    within_h: float = 24.0,
    certainty: float = 0.9,
) -> CrewAnswer:
    """Search the fewest crews with which `figure` stays within `within_h` with the given certainty.

    Parameters
    ----------
    run : gives the records of a scenario; the same days for every number of crews.

    Notes
    -----
    Doubling up to a number that does, then halving the gap: more crews are taken to be no worse.
    """
    tried: dict[int, Trial] = {}

    def does(crews: int) -> bool:
        if crews not in tried:
            records = run(with_crews(scenario, crews))
            share, low, high = kept_share([float(each[figure]) for each in records], within_h)
            tried[crews] = Trial(crews=crews, share=share, low=low, high=high)
        return tried[crews].share >= certainty

    now = max(1, sum(group.count for group in scenario.crews))
    most = round(now * MOST_FACTOR)
    high = now
    while not does(high) and high < most:
        high = min(most, high * 2)
    if not does(high):
        return CrewAnswer(crews=None, trials=_sorted(tried))
    low = max((crews for crews in tried if not does(crews)), default=0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle, high)
    return CrewAnswer(crews=high, trials=_sorted(tried))


def _sorted(tried: dict[int, Trial]) -> tuple[Trial, ...]:
    return tuple(tried[crews] for crews in sorted(tried))
