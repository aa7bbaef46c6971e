"""Heat: how fast a transformer's insulation ages under load, and with it how often it fails.

References
----------
IEC 60076-7: hottest spot 98 degrees Celsius at rated load and 20 degrees; ageing doubles with every 6 K.
The exponent of the load is that of natural cooling. That failures grow as ageing does is an assumption.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RATED_HOT_SPOT_C = 98.0
RATED_RISE_K = 78.0
LOAD_EXPONENT = 1.6
DOUBLING_K = 6.0
MOST_AGEING = 2.0**12


def top_loading(
    mean_kw: Floats,
    rating_kva: Floats,
    profile: float,
    temperature_c: float,
    per_degree: float,
    from_c: float,
) -> Floats:
    """(n,) load as a share of the rating.

    Parameters
    ----------
    profile : load of the hour as a multiple of the mean of the year.
    per_degree : how much more is used for each degree above `from_c`.
    """
    warm = 1.0 + per_degree * max(0.0, temperature_c - from_c)
    return np.asarray(mean_kw * profile * warm / np.maximum(rating_kva, 1e-9))


def ageing(loading: Floats, temperature_c: float) -> Floats:
    """(n,) ageing relative to rated load at 20 degrees: doubles every 6 K of the hottest spot."""
    hot_spot = temperature_c + RATED_RISE_K * loading**LOAD_EXPONENT
    return np.minimum(2.0 ** ((hot_spot - RATED_HOT_SPOT_C) / DOUBLING_K), MOST_AGEING)
