"""Ratings, and counts and names as notes of readers say them."""

from __future__ import annotations

import math

# No conductor carries so much for long: larger figures are how programs write "no limit".
NO_LIMIT_A = 20_000.0
NO_LIMIT_KVA = 10_000_000.0


def rating_kw(amps: float, kv: float, parallel: float = 1.0) -> float:
    """What a three-phase line may carry; NaN where there is no limit, or none is known."""
    if not 0 < amps < NO_LIMIT_A or not kv > 0:
        return math.nan
    return math.sqrt(3) * amps * parallel * kv


def rating_kva(kva: float) -> float:
    """Rated power of a transformer; 0 where it is not known."""
    return kva if 0 < kva < NO_LIMIT_KVA else 0.0


def counted(count: int, noun: str, more: str = "s") -> str:
    """A count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{more}"


def listed(names: list[str], most: int = 5) -> str:
    """Names for a sentence: the first few, and how many more."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
