"""The map of an import as one drawing: streets, transformers, customers, and what lies outside."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.intake.mapping.drafts import Tried

WIDTH, HEIGHT = 960, 520
MARGIN = 12
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Places in a drawing of `WIDTH` by `HEIGHT`.

    Parameters
    ----------
    streets : a path of lines.
    outside : places of rows that were set aside; those beyond the edge are drawn at it.
    """

    streets: str
    customers: tuple[tuple[float, float], ...]
    transformers: tuple[tuple[float, float], ...]
    depots: tuple[tuple[float, float], ...]
    outside: tuple[tuple[float, float], ...]
    width: int = WIDTH
    height: int = HEIGHT


def picture_of(tried: Tried) -> Picture:
    """Draw what an import found."""
    known = np.vstack([each for each in (tried.customers, tried.transformers, tried.depots) if len(each)])
    low, high = np.nanmin(known, axis=0), np.nanmax(known, axis=0)
    flat = math.cos(math.radians(float((low[1] + high[1]) / 2)))
    span = max(
        float(high[0] - low[0]) * flat / (WIDTH - 2 * MARGIN), float(high[1] - low[1]) / (HEIGHT - 2 * MARGIN)
    )
    scale = 1 / max(span, 1e-9)
    middle = (low + high) / 2

    def at(points: Floats) -> Floats:
        x = WIDTH / 2 + (points[:, 0] - middle[0]) * flat * scale
        y = HEIGHT / 2 - (points[:, 1] - middle[1]) * scale
        return np.column_stack([x, y]).round(1)

    ends = np.column_stack([at(tried.streets[:, :2]), at(tried.streets[:, 2:])])
    inside = ((ends > -WIDTH) & (ends < 2 * WIDTH)).all(axis=1)
    streets = "".join(f"M{a:g} {b:g}L{c:g} {d:g}" for a, b, c, d in ends[inside].tolist())
    outside = at(_set_aside(tried))
    clipped = np.clip(outside, [4, 4], [WIDTH - 4, HEIGHT - 4])
    return Picture(
        streets=streets,
        customers=_pairs(at(tried.customers)),
        transformers=_pairs(at(tried.transformers)),
        depots=_pairs(at(tried.depots)),
        outside=_pairs(clipped),
    )


def _pairs(points: Floats) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in points.tolist() if math.isfinite(x) and math.isfinite(y))


def _set_aside(tried: Tried) -> Floats:
    """Places of rows that were set aside, as far as they have one."""
    found = []
    for each in tried.brought:
        for row in each.aside[:500]:
            try:
                found.append((float(row.cells.get("lon", "")), float(row.cells.get("lat", ""))))
            except ValueError:
                continue
    return np.array(found, dtype=np.float64).reshape(-1, 2)
