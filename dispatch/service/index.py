"""The evaluation index of customers: attribute, behaviour and need in one figure, by the utility's weights.

It says whom to look after first. It reaches no work order and no plan: what a repair is worth comes from the
policy alone, so that nobody waits longer because of a bill or a complaint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..ground.errors import Fault, InputFaults, nearest

OWN = Path(__file__).with_name("index.yaml")
FACTORS = ("grade", "energy", "life_support", "process", "calls", "complaints", "arrears")
COUNTED = ("energy", "calls", "complaints")
GRADE_SHARE: Mapping[str, float] = {
    "special": 1.0,
    "first": 0.9,
    "high_hazard": 0.8,
    "temporary": 0.7,
    "second": 0.6,
    "vip": 0.5,
    "welfare": 0.4,
}
LEAST_MOVE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """What one factor counts.

    Parameters
    ----------
    weight : points of the whole; a negative one takes points off.
    full : the value from which on it counts whole; 1 for what is there or is not.
    """

    weight: float
    full: float = 1.0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """All factors, and from which index on a customer is a key account."""

    factors: Mapping[str, Factor]
    vip_from: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A customer whose index is another one now; None where it was or is not listed."""

    customer: str
    before: float | None
    after: float | None


def load_weights(path: Path | None = None) -> Weights:
    """Read the weights of a file, the built-in ones without it.

    Raises
    ------
    InputFaults
        The file cannot be read, a factor is unknown, or a number is none.
    """
    path = path or OWN
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise InputFaults([Fault(file=path.name, place="", text=f"cannot be read: {error}")]) from error
    given = raw if isinstance(raw, dict) else {}
    named = given.get("factors")
    factors: dict[Any, Any] = named if isinstance(named, dict) else {}
    faults: list[Fault] = []
    read = {str(name): _factor(path.name, str(name), each, faults) for name, each in factors.items()}
    if not any(each is not None and each.weight > 0 for each in read.values()) and not faults:
        faults.append(Fault(file=path.name, place="factors", text="hold no weight above 0"))
    vip = given.get("vip_from", 100)
    if not _is_number(vip) or not 0 < vip <= 100:
        faults.append(
            Fault(file=path.name, place="vip_from", text=f"is {vip!r}; must be above 0, at most 100")
        )
    if faults:
        raise InputFaults(faults)
    return Weights(factors={name: each for name, each in read.items() if each}, vip_from=float(vip))


def scores(
    table: pd.DataFrame,
    grade: np.ndarray,
    calls: Mapping[str, int],
    complaints: Mapping[str, int],
    weights: Weights,
) -> pd.Series[float]:
    """The index of every customer, 0 to 100.

    Parameters
    ----------
    table : customers by id, as a case holds them.
    grade : (n,) grade of each.
    calls, complaints : how many of each customer in the last year.
    """
    index = table.index
    counts = {
        "grade": np.array([GRADE_SHARE.get(str(each), 0.0) for each in grade]),
        "energy": table["energy_kwh_year"].fillna(0).to_numpy(dtype=float),
        "life_support": np.asarray(table["load_type"].isin(["life_support", "medical"]), dtype=float),
        "process": np.asarray(table["load_type"].isin(["process", "continuous", "safety"]), dtype=float),
        "calls": index.map(lambda each: calls.get(each, 0)).to_numpy(dtype=float),
        "complaints": index.map(lambda each: complaints.get(each, 0)).to_numpy(dtype=float),
        "arrears": np.asarray(table["arrears"].fillna(False).astype(bool), dtype=float),
    }
    whole = sum(each.weight for each in weights.factors.values() if each.weight > 0)
    points = sum(
        each.weight * np.minimum(1.0, counts[name] / each.full) for name, each in weights.factors.items()
    )
    return pd.Series(np.clip(100.0 * points / whole, 0.0, 100.0).round(1), index=index)


def moved(before: Mapping[str, float], after: Mapping[str, float]) -> list[Moved]:
    """Customers whose index moves by a point or more, enters or leaves the list; the furthest first."""
    found = [
        Moved(customer=customer, before=before.get(customer), after=after.get(customer))
        for customer in {*before, *after}
        if abs((before.get(customer) or 0.0) - (after.get(customer) or 0.0)) >= LEAST_MOVE
    ]
    return sorted(found, key=lambda each: (-abs((each.before or 0) - (each.after or 0)), each.customer))


def _factor(file: str, name: str, given: Any, faults: list[Fault]) -> Factor | None:
    if name not in FACTORS:
        faults.append(Fault(file=file, place=name, text=f"is unknown{nearest(name, FACTORS)}"))
        return None
    told = given if isinstance(given, dict) else {}
    weight, full = told.get("weight"), told.get("full", 1)
    if weight is None or not _is_number(weight):
        faults.append(Fault(file=file, place=f"{name}.weight", text=f"is {weight!r}; must be a number"))
        return None
    if not _is_number(full) or full <= 0:
        faults.append(Fault(file=file, place=f"{name}.full", text=f"is {full!r}; must be above 0"))
        return None
    return Factor(weight=float(weight), full=float(full), source=str(told.get("source", "")))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
