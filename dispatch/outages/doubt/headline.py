"""How far the customers counted out may be from the truth, over all outages in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...ground.day import Outage


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Customers more (or fewer, negative) than the likeliest devices would put out.

    Parameters
    ----------
    expected : on average. fewest, most : if every outage were as small or as large as it may be; what may
        have opened above several outages counts once.
    """

    expected: float = 0.0
    fewest: int = 0
    most: int = 0


def doubt_of(outages: Iterable[Outage]) -> Doubt:
    """The doubt of several outages together."""
    expected, fewest, singly = 0.0, 0, 0
    above: dict[str, int] = {}
    covered: dict[str, int] = {}
    for outage in outages:
        if not outage.in_doubt or outage.fewest is None or outage.most is None:
            continue
        expected += outage.expected_out - outage.customers_out
        fewest += min(0, outage.fewest - outage.customers_out)
        largest = max(outage.alternatives, key=lambda each: each.customers_out, default=None)
        if largest is None or largest.customers_out < outage.most:
            singly += max(0, outage.most - outage.customers_out)
            continue
        above[largest.place] = largest.customers_out
        covered[largest.place] = covered.get(largest.place, 0) + outage.customers_out
    most = singly + sum(max(0, size - covered[place]) for place, size in above.items())
    return Doubt(expected=expected, fewest=fewest, most=most)
