"""How customers, meters and devices are taken to behave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..ground.beliefs import USUAL, Beliefs
from .tree import Floats

# Of one outage in seven fewer call: at night, or where nobody doubts that it is known.
USUAL_CALLS, FEW_CALLS = 0.85, 0.15
FEWER = 0.12 / 0.33


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceSettings:
    """How customers, meters and devices are taken to behave.

    Parameters
    ----------
    call_shares : (weight, share) of the customers of an outage who call in the end, shares from 0 to 1,
        weights adding up to 1. Few call at night and about large outages; which share an outage has is
        weighed with everything else.
    delays : (weight, mean minutes) of the exponential parts of a caller's delay; weights add up to 1.
    delay_weight : how far to trust the law of the delays, 0 to 1. At 1 a few very early callers of a
        large outage look like an outage of their own, because nobody's delays follow a law that closely.
    false_call_share : calls of customers with supply, as a share of the calls about single services.
    gasp_odds, ping_odds : how much more likely a last gasp, an answer of a meter or a neighbour is when it is
        true than when it is false.
    gasp_share : share of customers whose meter gasps; heard only where any meter has.
    extent_odds : how much likelier "only my flat" is said about one's own service than about more, and
        "the whole street" about more than about one's own service.
    still_out_odds : how much likelier something beneath a place is out at the moment when supply is restored
        there than at any other.
    signal_spread_min : how far clocks of meters and devices may be off.

    Notes
    -----
    None of the defaults is taken from a source; a utility estimates them from its own calls.
    """

    call_shares: tuple[tuple[float, float], ...] = ((0.85, 0.33), (0.15, 0.12))
    delays: tuple[tuple[float, float], ...] = ((0.8, 15.0), (0.2, 60.0))
    delay_weight: float = 0.3
    service_faults_per_year: float = USUAL.service_faults_per_year
    false_call_share: float = 0.05
    gasp_odds: float = 3000.0
    ping_odds: float = 100.0
    gasp_share: float = 0.3
    extent_odds: float = 20.0
    still_out_odds: float = 1e4
    signal_spread_min: float = 2.0

    @classmethod
    def of(cls, beliefs: Beliefs) -> InferenceSettings:
        """Settings as a utility believes customers to behave."""
        share = beliefs.calling_share
        return cls(
            call_shares=((USUAL_CALLS, share), (FEW_CALLS, share * FEWER)),
            delays=(
                (1 - beliefs.slow_share, beliefs.quick_delay_min),
                (beliefs.slow_share, beliefs.slow_delay_min),
            ),
            service_faults_per_year=beliefs.service_faults_per_year,
            false_call_share=beliefs.false_call_share,
        )

    def density(self, minutes: Floats) -> Floats:
        """Density per minute of a caller's delay; 0 before the start."""
        rising = sum(weight / mean * np.exp(-np.maximum(minutes, 0) / mean) for weight, mean in self.delays)
        return np.where(minutes >= 0, rising, 0.0)

    def called_by(self, minutes: Floats) -> Floats:
        """(shares, k) share of customers without supply who have called after so many minutes."""
        late = sum(weight * np.exp(-np.maximum(minutes, 0) / mean) for weight, mean in self.delays)
        return np.outer(self.shares, 1 - np.asarray(late, dtype=np.float64))

    def calls_due(self, minutes: Floats) -> Floats:
        """(shares, k) calls per minute and silent customer that are due after so many minutes."""
        density = np.outer(self.shares, self.density(minutes))
        return np.asarray(density / (1 - self.called_by(minutes)), dtype=np.float64)

    @property
    def shares(self) -> Floats:
        """(shares,) the shares of customers who call."""
        return np.array([share for _, share in self.call_shares])

    @property
    def log_share_weights(self) -> Floats:
        """(shares,) logarithms of their weights."""
        return np.log([weight for weight, _ in self.call_shares])

    @property
    def mean_delay_min(self) -> float:
        """Minutes from the loss of supply to a caller's call, on average."""
        return sum(weight * mean for weight, mean in self.delays)
