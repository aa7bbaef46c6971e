"""Units of length as other programs and maps name them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FOOT_M, INCH_M, MILE_M = 0.3048, 0.0254, 1609.344
METRES: Mapping[str, float] = MappingProxyType(
    {"km": 1000.0, "m": 1.0, "cm": 0.01, "mm": 0.001}
    | {"mi": MILE_M, "mile": MILE_M, "kft": 1000 * FOOT_M, "yd": 3 * FOOT_M, "ft": FOOT_M, "in": INCH_M}
)
