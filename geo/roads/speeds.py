"""How fast a service vehicle gets along where nobody has said so.

The speeds are what a loaded van or bucket truck averages over a whole street with its
junctions, not limits. Streets with a posted limit get `LIMIT_SHARE` of it. All of these
are general knowledge, to be replaced by a utility's own records (`Roads.from_tables(speeds=...)`).

============== ===== ====================================================================
class           km/h  reason
============== ===== ====================================================================
motorway          85  limits of 100-120, heavy vehicles are held to 80-90
trunk             65  limits of 80-100 with junctions at grade near towns
primary           45  urban limit of 50-60, signals every few hundred metres
secondary         40  as primary, more crossings and turning traffic
tertiary          35  collector streets, parking and bus stops
unclassified      30  narrow, often unpaved at the edge of town
residential       25  give-way at every corner, parked cars
service           15  yards, alleys, car parks
living_street     12  walking has priority
track             12  unpaved
============== ===== ====================================================================

A slip road (``motorway_link``) is taken as the class below its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..projection import Floats

SPEED_KMH: Mapping[str, float] = {
    "motorway": 85,
    "trunk": 65,
    "primary": 45,
    "secondary": 40,
    "tertiary": 35,
    "unclassified": 30,
    "residential": 25,
    "service": 15,
    "living_street": 12,
    "track": 12,
    "motorway_link": 65,
    "trunk_link": 45,
    "primary_link": 40,
    "secondary_link": 35,
    "tertiary_link": 30,
}

OTHER_KMH = 25.0
"""Speed on a class that the table does not hold."""

LIMIT_SHARE = 0.85
"""Share of a posted limit that is averaged over a street, junctions included."""


def driving_speed_kmh(
    highway: list[str], maxspeed_kmh: Floats, speeds: Mapping[str, float] | None = None
) -> Floats:
    """Return the driving speed of edges.

    Parameters
    ----------
    highway : road class per edge; ``""`` where unknown.
    maxspeed_kmh : (m,) float64, posted limit; NaN where unknown.
    speeds : speed by class in km/h, instead of or besides `SPEED_KMH`.
    """
    table = {**SPEED_KMH, **(speeds or {})}
    by_class = np.array([table.get(name, OTHER_KMH) for name in highway], dtype=np.float64)
    return np.where(np.isnan(maxspeed_kmh), by_class, maxspeed_kmh * LIMIT_SHARE)
