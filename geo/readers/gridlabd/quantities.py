"""Quantities as GridLAB-D writes them: numbers with units, complex numbers, angles."""

from __future__ import annotations

import math
import re

from .syntax import Thing

UNITS = {"m": 1e-3, "k": 1e3, "": 1.0, "M": 1e6, "G": 1e9}
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
QUANTITY = re.compile(rf"^\s*({NUMBER})\s*([A-Za-z]*)")
COMPLEX = re.compile(rf"^\s*({NUMBER})\s*(?:({NUMBER})\s*([jid]))?\s*([A-Za-z]*)", re.IGNORECASE)
POWER = re.compile(r"^(?:constant_power|base_power|power)_(?:[abc]|an|bn|cn|ab|bc|ca|1|2|12)$")
CURRENT = re.compile(r"^(?:constant_)?current_(?:[abc]|1|2|12)$")
IMPEDANCE = re.compile(r"^(?:constant_)?impedance_(?:[abc]|1|2|12)$")


def angle(text: str) -> float:
    """Degrees, plain or as the engine writes them: 47N30:00."""
    if marked := re.fullmatch(r"\s*(\d+)([NSEW])(\d+)(?::(\d+(?:\.\d*)?))?\s*", text):
        found = int(marked[1]) + int(marked[3]) / 60 + float(marked[4] or 0) / 3600
        return -found if marked[2] in "SW" else found
    try:
        return float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return math.nan


def figure(text: str) -> float:
    """A number with or without a unit, in the unit's base; 0 where it is none."""
    found = QUANTITY.match(text)
    if found is None:
        return 0.0
    value = float(found[1]) * (UNITS[found[2][0]] if len(found[2]) > 1 and found[2][0] in UNITS else 1.0)
    return value if math.isfinite(value) else 0.0


def kva_of(configuration: Thing) -> float:
    """Rated power of a transformer: in kVA where the file gives no unit."""
    total = configuration.get("power_rating")
    parts = [configuration.get(f"power{each}_rating") for each in "abc"]
    return _kva(total) or sum(_kva(each) for each in parts)


def _kva(text: str) -> float:
    found = QUANTITY.match(text)
    if found is None:
        return 0.0
    times = {"VA": 1e-3, "MVA": 1e3}.get(found[2].upper(), 1.0)
    return max(float(found[1]), 0.0) * times


def load_kva(thing: Thing) -> float:
    """What a load draws, of all phases: its powers, and currents and impedances at nominal voltage."""
    volts = figure(thing.get("nominal_voltage"))
    total = 0.0
    for name, text in thing.properties.items():
        if POWER.match(name):
            total += _size(text)
        elif CURRENT.match(name):
            total += _size(text) * volts
        elif IMPEDANCE.match(name) and (ohms := _size(text)) > 0:
            total += volts * volts / ohms
    return round(total / 1000, 3)


def _size(text: str) -> float:
    """The size of a complex number such as `1200+300j`, `5.2-31.7d` or `3 kVA`."""
    found = COMPLEX.match(text)
    if found is None:
        return 0.0
    real, imaginary = float(found[1]), float(found[2] or 0)
    polar = (found[3] or "").lower() == "d"
    size = abs(real) if polar else math.hypot(real, imaginary)
    unit = found[4]
    size *= UNITS[unit[0]] if len(unit) > 1 and unit[0] in UNITS else 1.0
    return size if math.isfinite(size) else 0.0
