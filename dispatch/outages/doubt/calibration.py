"""What was believed in an outage's first minutes beside what was found there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...ground.day import Outage
from ..evidence import Call
from ..inference import infer_on_tree
from ..settings import InferenceSettings
from ..tree import SupplyTree

AFTER_MIN = (0, 5, 10, 30)
# The logarithm of a chance counts no worse than this one's.
LEAST = 1e-3
BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOutage:
    """An outage that is over: where it was found to be, who called about it, when supply was back."""

    place: str
    calls: tuple[Call, ...]
    restored_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How beliefs so many minutes after the first call held.

    Parameters
    ----------
    chance : given to the right device on average. named : share of outages whose likeliest device was right.
    log : mean logarithm of the chance. brier : mean squared distance of it from 1.
    error : mean distance between a chance and how often it came true, over ten bins.
    """

    after_min: int
    outages: int
    chance: float
    named: float
    log: float
    brier: float
    error: float


def calibrations(
    tree: SupplyTree, found: Sequence[FoundOutage], settings: InferenceSettings | None = None
) -> tuple[Calibration, ...]:
    """Hear each outage's calls again, as far as they were known at each moment, and compare."""
    heard = [each for each in found if each.calls]
    return tuple(_calibration(tree, heard, after, settings) for after in AFTER_MIN if heard)


def _calibration(
    tree: SupplyTree, found: Sequence[FoundOutage], after_min: int, settings: InferenceSettings | None
) -> Calibration:
    right: list[float] = []
    named = 0
    said: list[tuple[float, bool]] = []
    for each in found:
        chances = _believed(tree, each, after_min, settings)
        own = [chance for place, chance in chances.items() if _same(tree, place, each.place)]
        right.append(min(1.0, sum(own)))
        best = max(chances, key=lambda place: chances[place], default="")
        named += bool(best) and _same(tree, best, each.place)
        said += [(chance, _same(tree, place, each.place)) for place, chance in chances.items()]
    n = len(right)
    return Calibration(
        after_min=after_min,
        outages=n,
        chance=sum(right) / n,
        named=named / n,
        log=sum(math.log(max(LEAST, each)) for each in right) / n,
        brier=sum((1 - each) ** 2 for each in right) / n,
        error=_error(said),
    )


def _believed(
    tree: SupplyTree, found: FoundOutage, after_min: int, settings: InferenceSettings | None
) -> Mapping[str, float]:
    now = min(call.at for call in found.calls) + timedelta(minutes=after_min)
    known = [call for call in found.calls if call.at <= now]
    return chances_of(infer_on_tree(tree, known, now, settings=settings))


def chances_of(outages: Iterable[Outage]) -> Mapping[str, float]:
    """The chance of each place that some outages name or may be at."""
    found: dict[str, float] = {}
    for outage in outages:
        pairs = [(outage.device or outage.fault.place, outage.score)]
        pairs += [(other.place, other.score) for other in outage.alternatives]
        for place, chance in pairs:
            found[place] = max(found.get(place, 0.0), chance)
    return found


def _same(tree: SupplyTree, place: str, other: str) -> bool:
    """Whether two places are one, or stand over one another with the very same customers behind them."""
    if place == other:
        return True
    first, second = tree.node_of_place(place), tree.node_of_place(other)
    if first is None or second is None or tree.customers[first] != tree.customers[second]:
        return False
    return first in tree.above(second) or second in tree.above(first)


def _error(said: Sequence[tuple[float, bool]]) -> float:
    bins: dict[int, list[tuple[float, bool]]] = {}
    for chance, true in said:
        bins.setdefault(min(BINS - 1, int(chance * BINS)), []).append((chance, true))
    apart = [abs(sum(chance - true for chance, true in each)) for each in bins.values()]
    return sum(apart) / max(1, len(said))
