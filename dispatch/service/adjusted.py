"""Figures of crews and people beside what anybody would have had with the same work.

Whoever gets the hard work looks worse in a plain table. Here everybody's mean stands beside the mean that
all together have on work of the same kind (indirect standardisation); it differs only where chance alone
would hardly explain it.

References
----------
Indirect standardisation: Breslow and Day, Statistical Methods in Cancer Research II, IARC 1987, 2.3.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from statistics import fmean, pvariance

FEW = 8
# Two standard errors: one in twenty differs so by chance.
ERRORS = 2.0
# Of work that nobody else does, there is nothing to compare with.
MOST_ALONE = 0.5
Item = tuple[str, Hashable, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """How somebody's work went.

    Parameters
    ----------
    mean, expected : of the own work, and what all together have on work of the same kinds.
    few : too little work, or too much that nobody else does, to say anything.
    differs : "better" or "worse" where chance hardly explains it, else "".
    """

    who: str
    count: int
    mean: float
    expected: float
    few: bool
    differs: str


def adjusted(items: Iterable[Item]) -> list[Adjusted]:
    """Everybody's mean beside the expected one, by name; never by rank.

    Parameters
    ----------
    items : who, kind of work, and how it went (higher is better).
    """
    found = list(items)
    strata: dict[Hashable, list[tuple[str, float]]] = {}
    for who, kind, value in found:
        strata.setdefault(kind, []).append((who, value))
    means = {kind: fmean(value for _, value in each) for kind, each in strata.items()}
    spreads = {kind: pvariance([value for _, value in each]) for kind, each in strata.items()}
    alone = {kind for kind, each in strata.items() if len({who for who, _ in each}) == 1}
    own: dict[str, list[tuple[Hashable, float]]] = {}
    for who, kind, value in found:
        own.setdefault(who, []).append((kind, value))
    return [_of(who, own[who], means, spreads, alone) for who in sorted(own)]


def _of(
    who: str,
    work: list[tuple[Hashable, float]],
    means: dict[Hashable, float],
    spreads: dict[Hashable, float],
    alone: set[Hashable],
) -> Adjusted:
    count = len(work)
    mean, expected = fmean(value for _, value in work), fmean(means[kind] for kind, _ in work)
    error = math.sqrt(sum(spreads[kind] for kind, _ in work)) / count
    few = count < FEW or sum(kind in alone for kind, _ in work) > MOST_ALONE * count
    gap = mean - expected
    differs = "" if few or abs(gap) <= ERRORS * error else "better" if gap > 0 else "worse"
    return Adjusted(who=who, count=count, mean=mean, expected=expected, few=few, differs=differs)
