"""Units that a figure may carry in a cell (``3 h`` for a fact kept in minutes)."""

from __future__ import annotations

import re

from .errors import CellError

# Each unit: what it measures, and how many of the base unit it is.
UNITS: dict[str, tuple[str, float]] = {
    "s": ("time", 1 / 60),
    "min": ("time", 1),
    "h": ("time", 60),
    "d": ("time", 1440),
    "V": ("voltage", 0.001),
    "kV": ("voltage", 1),
    "kWh": ("energy", 1),
    "MWh": ("energy", 1000),
    "GWh": ("energy", 1_000_000),
    "kW": ("power", 1),
    "MW": ("power", 1000),
    "kWh/year": ("energy a year", 1),
    "MWh/year": ("energy a year", 1000),
    "GWh/year": ("energy a year", 1_000_000),
    "workdays": ("working days", 1),
    "cost": ("cost", 1),
    "cost/min": ("cost a minute", 1),
    "customers": ("customers", 1),
    "calls": ("calls", 1),
    "crews": ("crews", 1),
    "people": ("people", 1),
    "%": ("share", 1),
}

_FIGURE = re.compile(r"^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([A-Za-z%][A-Za-z/%]*)?$")
MOST_MAGNITUDE = 1e15


def figure(text: str, unit: str | None) -> float:
    """Read a number, with or without a unit, in the unit that its fact is kept in.

    Parameters
    ----------
    text : such as ``45``, ``45 min``, ``0.75 h``.
    unit : the fact's unit, one of `UNITS`, or None for a plain number.

    Raises
    ------
    CellError : not a number, a unit that does not fit, or beyond 1e15.
    """
    found = _FIGURE.match(text.strip())
    if not found:
        raise CellError(f"'{text.strip()}' is not a number", f"“{text.strip()}”不是数字")
    value = float(found.group(1))
    if found.group(2):
        value *= _factor(found.group(2), unit)
    if abs(value) > MOST_MAGNITUDE:
        raise CellError(f"{text.strip()} is beyond 1e15", f"{text.strip()}超出1e15")
    return round(value, 9)


def _factor(given: str, unit: str | None) -> float:
    if unit is None:
        raise CellError(
            f"unit '{given}' given, but the fact is a plain number", f"该事实没有单位，却写了“{given}”"
        )
    if given == unit:
        return 1.0
    kind = UNITS.get(given)
    wanted = UNITS.get(unit)
    if kind is None or wanted is None or kind[0] != wanted[0]:
        raise CellError(
            f"unit '{given}' does not fit a fact kept in {unit}", f"单位“{given}”与该事实的单位“{unit}”不符"
        )
    return kind[1] / wanted[1]
