"""Reliability indices of IEEE 1366 from a table of interruptions.

    customers      step 1: 800 back after 90 min
    2000 off   ->  step 2: 600 back after 180 min      one interruption, three steps:
                   step 3: 600 back after 240 min      SAIFI counts each customer once

References
----------
IEEE Std 1366, Guide for Electric Power Distribution Reliability Indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

MOMENTARY_MIN = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """How interruptions are counted.

    Parameters
    ----------
    momentary_min : interruptions no longer than this are momentary and apart.
    cemi : for each n, the share of customers with n or more sustained interruptions.
    celid_h : for each s, the share of customers with an interruption of s hours or more, and in total.
    """

    momentary_min: float = MOMENTARY_MIN
    cemi: tuple[int, ...] = (1, 3, 5)
    celid_h: tuple[float, ...] = (4, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """The indices of a period; None where the interruptions do not hold what an index needs.

    Parameters
    ----------
    customers : served. hours : of the period.
    customer_interruptions, customer_minutes : sustained, the sums behind SAIFI and SAIDI.
    saifi, maifi, maifi_e : interruptions per customer served. saidi_min, caidi_min : minutes.
    asai : share of customer-hours with supply, 0 to 1.
    ens_kwh, aens_kwh : energy not supplied, in all and per customer served.
    caifi, ctaidi_min : per customer who was interrupted at all.
    cemi, cemsmi : by n. celid_s, celid_t : by hours; single interruptions, and all together.
    """

    customers: int
    hours: float
    interruptions: int
    customer_interruptions: float
    customer_minutes: float
    saifi: float
    saidi_min: float
    caidi_min: float | None
    asai: float
    maifi: float
    maifi_e: float
    ens_kwh: float | None = None
    aens_kwh: float | None = None
    caifi: float | None = None
    ctaidi_min: float | None = None
    cemi: Mapping[int, float] = field(default_factory=dict)
    cemsmi: Mapping[int, float] = field(default_factory=dict)
    celid_s: Mapping[float, float] = field(default_factory=dict)
    celid_t: Mapping[float, float] = field(default_factory=dict)


def indices(
    table: pd.DataFrame, customers: int, hours: float, settings: IndexSettings | None = None
) -> Indices:
    """Compute the indices of a table of interruptions.

    Parameters
    ----------
    table : as `read_interruptions` returns it.
    customers : served, >= 1.
    hours : length of the period, > 0.

    Notes
    -----
    Rows of one interruption that name the same customer are steps of one
    interruption of that customer: their sustained minutes add up, and the
    interruption counts once. Rows that name nobody are taken as different
    customers.

    Raises
    ------
    ValueError
        `customers` or `hours` is not positive.
    """
    if customers < 1 or hours <= 0:
        raise ValueError(f"{customers} customers in {hours} hours; both must be positive")
    settings = settings or IndexSettings()
    steps = _steps(table, settings)
    sustained = steps[steps["sustained_min"] > 0]
    short = steps[steps["momentary"] > 0]
    interrupted = float(sustained["customers"].sum())
    minutes = float((sustained["customers"] * sustained["sustained_min"]).sum())
    energy = _energy(table, settings)
    return Indices(
        customers=customers,
        hours=hours,
        interruptions=int(sustained["interruption"].nunique()),
        customer_interruptions=interrupted,
        customer_minutes=minutes,
        saifi=interrupted / customers,
        saidi_min=minutes / customers,
        caidi_min=minutes / interrupted if interrupted else None,
        asai=1 - minutes / 60 / (customers * hours),
        maifi=float((short["customers"] * short["momentary"]).sum()) / customers,
        # A momentary stage of an interruption that lasts is no event of its own.
        maifi_e=float(short.loc[short["sustained_min"] == 0, "customers"].sum()) / customers,
        ens_kwh=energy,
        aens_kwh=None if energy is None else energy / customers,
        **_of_single_customers(steps, customers, settings),
    )


def _steps(table: pd.DataFrame, settings: IndexSettings) -> pd.DataFrame:
    """One row per interruption and group of customers: sustained minutes, momentary operations."""
    lasting = table["minutes"] > settings.momentary_min
    rows = pd.DataFrame(
        {
            "interruption": table["interruption"].to_numpy(),
            "who": _who(table),
            "named": table["customer"].notna().to_numpy(),
            "customers": table["customers"].fillna(1).astype(float).to_numpy(),
            "sustained_min": np.where(lasting, table["minutes"], 0.0),
            "momentary": np.where(lasting, 0, table["operations"].fillna(1).astype(float)),
        }
    )
    return rows.groupby(["interruption", "who"], sort=False, as_index=False).agg(
        {"named": "first", "customers": "first", "sustained_min": "sum", "momentary": "sum"}
    )


def _who(table: pd.DataFrame) -> list[str]:
    """The customer of a row, or a name of the row's own for a group that names nobody."""
    return [
        f"customer {name}" if isinstance(name, str) else f"row {row}"
        for row, name in enumerate(table["customer"])
    ]


def _energy(table: pd.DataFrame, settings: IndexSettings) -> float | None:
    lasting = table[table["minutes"] > settings.momentary_min]
    load = pd.to_numeric(lasting["load_kw"])
    if not len(lasting) or load.isna().any():
        return None
    return float((load * lasting["minutes"] / 60).sum())


def _of_single_customers(steps: pd.DataFrame, customers: int, settings: IndexSettings) -> dict[str, Any]:
    """Indices that need to know who was out; nothing when some rows do not say."""
    if not steps["named"].all() or not len(steps):
        return {}
    lasting = (steps["sustained_min"] > 0).astype(int)
    events = ((steps["sustained_min"] == 0) & (steps["momentary"] > 0)).astype(int)
    by_customer = pd.DataFrame(
        {
            "who": steps["who"],
            "times": lasting,
            "any": lasting + events,
            "longest": steps["sustained_min"],
            "total": steps["sustained_min"],
        }
    )
    each = by_customer.groupby("who").agg({"times": "sum", "any": "sum", "longest": "max", "total": "sum"})
    affected = int((each["times"] > 0).sum())
    return {
        "caifi": float(each["times"].sum()) / affected if affected else None,
        "ctaidi_min": float(each["total"].sum()) / affected if affected else None,
        "cemi": {n: float((each["times"] >= n).sum()) / customers for n in settings.cemi},
        "cemsmi": {n: float((each["any"] >= n).sum()) / customers for n in settings.cemi},
        "celid_s": {h: float((each["longest"] >= 60 * h).sum()) / customers for h in settings.celid_h},
        "celid_t": {h: float((each["total"] >= 60 * h).sum()) / customers for h in settings.celid_h},
    }
