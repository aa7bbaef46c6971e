"""How long a crew drives: the time that the roads give, times its factor, rounded up to whole seconds.

Whoever times, prices, draws or prints a drive asks here, so that a plan's sums agree with its parts.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What floating point adds to a product that is a whole number of seconds is no second more to drive
# (50 s x 1.1 is 55 s).
TOLERANCE_S = 1e-6

# No road leads there. Routing engines write null, or the largest number of 32 bits (68 years).
IMPASSABLE_S = 2**31 - 1


def driven_s(travel_s: float, factor: float) -> int:
    """Seconds that one drive takes; `IMPASSABLE_S` where there is no road, or it takes as long."""
    if travel_s >= IMPASSABLE_S:
        return IMPASSABLE_S
    return min(IMPASSABLE_S, math.ceil(travel_s * factor - TOLERANCE_S))


def all_driven_s(travel_s: NDArray[Any], factor: float) -> NDArray[np.float64]:
    """The same for every entry of a table."""
    whole: NDArray[np.float64] = np.ceil(travel_s * factor - TOLERANCE_S)
    return np.where(travel_s >= IMPASSABLE_S, float(IMPASSABLE_S), np.minimum(whole, IMPASSABLE_S))
