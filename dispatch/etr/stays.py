"""How long a stay may take, drawn many times: a mixture of log-normals over the possible causes.

A stay that has lasted a while already is drawn from what is left of its distribution: the longer a
crew has been at it, the likelier it is one of the long ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from .repair_times import cause_shares, possible_times

Floats = NDArray[np.float64]
# The chance that a stay has lasted so long is never taken to be smaller.
LEAST_CHANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A mixture of log-normals.

    Parameters
    ----------
    median_s, sigma, share : (causes,) of each; shares add up to 1, sigma 0 means certain.
    worked_s : how long it has lasted already.
    """

    median_s: Floats
    sigma: Floats
    share: Floats
    worked_s: float = 0.0

    def left_s(self, random: np.random.Generator, draws: int) -> Floats:
        """(draws,) seconds that it takes from now on."""
        share, spread = self.share, np.maximum(self.sigma, 1e-9)
        longer = np.ones(len(share))
        if self.worked_s > 0:
            longer = ndtr(np.log(self.median_s / self.worked_s) / spread)
            share = share * np.maximum(longer, LEAST_CHANCE)
            share = share / share.sum()
        cause = random.choice(len(share), size=draws, p=share)
        # Uniform over the part of the distribution that is longer than what has been worked.
        chance = np.maximum(random.random(draws) * longer[cause], LEAST_CHANCE)
        whole = self.median_s[cause] * np.exp(-ndtri(chance) * spread[cause])
        return np.asarray(np.maximum(whole - self.worked_s, 0.0))


def planned_stay(planned_s: float, sigma: float, worked_s: float = 0.0) -> Stay:
    """A stay whose median is what is planned."""
    return _stay([max(planned_s, 1.0)], [sigma], [1.0], worked_s)


def repair_stay(
    cause: str | None,
    component: str | None,
    *,
    shares: Mapping[str, float] | None = None,
    worked_s: float = 0.0,
) -> Stay:
    """A repair by the records of its cause, or of all that it may be.

    Parameters
    ----------
    shares : how likely each cause is (of those in `repair_times`), where nobody has found it yet.
    """
    times = possible_times(cause, component)
    known = cause_shares(times, None if len(times) == 1 else component, shares)
    return _stay(
        [times[name].median_h * 3600 for name in known],
        [times[name].sigma for name in known],
        list(known.values()),
        worked_s,
    )


def _stay(median_s: list[float], sigma: list[float], share: list[float], worked_s: float) -> Stay:
    return Stay(
        median_s=np.asarray(median_s, dtype=np.float64),
        sigma=np.asarray(sigma, dtype=np.float64),
        share=np.asarray(share, dtype=np.float64),
        worked_s=worked_s,
    )
