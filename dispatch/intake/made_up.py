"""Customers, depots and crews made up around a grid. No figure here is taken from anybody's records."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import Grid

METRES_PER_DEGREE = 111_320.0
HOURS_PER_YEAR = 8760
LOAD_SHARE = 0.4
"""Mean load of a transformer as a share of its rating."""
HOUSEHOLD_KWH_YEAR = 3500.0
MOST_TIMES_MEAN = 10
HOUSES_PER_MAIN, MOST_MAINS = 8, 4
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
MOST_DEPOTS = 6

IMPORTANT = (
    ("hospital", "Hospital", "life_support", 2, 8.0),
    ("water", "Waterworks", "continuous", 1, 4.0),
    ("care_home", "Care home", "medical", 1, None),
    ("telecom", "Telephone exchange", "continuous", 2, 6.0),
    ("wastewater", "Wastewater plant", "continuous", 1, 2.0),
    ("chemical", "Chemical plant", "process", 1, None),
)
LINE = ("hv;lv;live_line;switching;tree", 3, "fuse:8;pole:2;mv_joint_kit:1;transformer:1", 1.15)
CABLE = ("hv;lv;cable;switching", 3, "fuse:4;lv_cable_kit:3;mv_joint_kit:2;transformer:1", 1.1)
SERVICE = ("lv;metering", 2, "fuse:6;meter:6;lv_cable_kit:1;generator:1", 1.0)
CREW_KINDS = (LINE, CABLE, SERVICE, LINE, SERVICE)
FEWEST_CREWS, MOST_CREWS, TRANSFORMERS_PER_CREW = 5, 24, 20


def customer_counts(grid: Grid, mean: int) -> NDArray[np.int64]:
    """Customers of each transformer, (t,) int64: by rating, one at least, ten times `mean` at most."""
    rating = grid.transformers.rating_kva
    known = rating > 0
    weight = np.where(known, rating, rating[known].mean() if known.any() else 1.0)
    counts = np.rint(mean * len(rating) * weight / weight.sum())
    return np.asarray(np.clip(counts, 1, MOST_TIMES_MEAN * mean), dtype=np.int64)


def customers(grid: Grid, mean: int, random: np.random.Generator) -> pd.DataFrame:
    """Make customers on a spiral around each transformer; a few large ones are important sites.

    Returns
    -------
    DataFrame
        The columns of `customers` that are filled, a row each.
    """
    counts = customer_counts(grid, mean)
    largest = np.lexsort((np.arange(len(counts)), -grid.transformers.rating_kva))
    few = max(1, min(len(IMPORTANT), len(counts) // 6))
    # Every third of the largest, so that the sites do not all stand side by side.
    sites = dict(zip(largest[::3].tolist() or largest[:1].tolist(), range(few), strict=False))
    rows = [
        row
        for at in range(len(counts))
        for row in _at_transformer(grid, at, int(counts[at]), sites.get(at), random)
    ]
    table = pd.DataFrame(rows)
    table.insert(0, "id", [f"C{number:06d}" for number in range(1, len(table) + 1)])
    return table


def _at_transformer(
    grid: Grid, at: int, count: int, site: int | None, random: np.random.Generator
) -> Iterator[dict[str, object]]:
    stations = grid.transformers
    name = str(stations.ids[at])
    lon, lat = float(stations.lon[at]), float(stations.lat[at])
    kva = float(stations.rating_kva[at])
    mean_kwh = kva * LOAD_SHARE * HOURS_PER_YEAR / count if kva > 0 else HOUSEHOLD_KWH_YEAR
    mains = min(MOST_MAINS, count // HOUSES_PER_MAIN)
    for number in range(1, count + 1):
        turn, reach_m = GOLDEN_ANGLE * number, min(12.0 * math.sqrt(number), 300.0)
        east = reach_m * math.cos(turn) / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
        row: dict[str, object] = {
            "name": f"Customer {name} {number}",
            "address": f"{stations.name[at] or name} house {number}",
            "lon": round(lon + east, 6),
            "lat": round(lat + reach_m * math.sin(turn) / METRES_PER_DEGREE, 6),
            "transformer": name,
            "lv_main": f"{name}-M{(number - 1) * mains // count + 1}" if mains > 1 else None,
            "industry": "shop" if random.random() < 0.05 else "residential",
            "voltage_kv": 0.4,
            "sources": 1,
            "own_generator_h": None,
            "energy_kwh_year": round(mean_kwh * float(random.uniform(0.6, 1.4))),
            "load_type": None,
            "welfare": "yes" if random.random() < 0.01 else "no",
            "phone": None,
        }
        yield row | (_important(grid, at, site) if site is not None and number == 1 else {})


def _important(grid: Grid, at: int, site: int) -> dict[str, object]:
    industry, name, load_type, sources, generator_h = IMPORTANT[site]
    voltage_kv = float(grid.buses.voltage_kv[grid.transformers.bus_idx[at]])
    return {
        "name": name,
        "lv_main": None,
        "industry": industry,
        "voltage_kv": None if math.isnan(voltage_kv) else voltage_kv,
        "sources": sources,
        "own_generator_h": generator_h,
        "load_type": load_type,
        "phone": f"+00 00 2{at:06d}",
    }


def depots(grid: Grid) -> pd.DataFrame:
    """A depot at each substation, six at most."""
    found: dict[tuple[float, float], str] = {}
    for bus in np.flatnonzero(grid.buses.source).tolist():
        place = (round(float(grid.buses.lon[bus]), 5), round(float(grid.buses.lat[bus]), 5))
        found.setdefault(place, str(grid.buses.substation[bus] or grid.buses.ids[bus]))
    rows = [
        (f"D{number}", f"Depot at {name}", *place)
        for number, (place, name) in enumerate(list(found.items())[:MOST_DEPOTS], start=1)
    ]
    return pd.DataFrame(rows, columns=["id", "name", "lon", "lat"])


def crews(depot_ids: list[str], transformers: int, now: datetime) -> pd.DataFrame:
    """Crews with, together, every skill, in turn at the depots; every fourth comes on eight hours later."""
    count = min(MOST_CREWS, max(FEWEST_CREWS, 2 * len(depot_ids), transformers // TRANSFORMERS_PER_CREW))
    rows = []
    for number in range(1, count + 1):
        skills, people, stock, speed_factor = CREW_KINDS[(number - 1) % len(CREW_KINDS)]
        begins = now + timedelta(hours=-1 if number % 4 else 8)
        rest = "/".join((begins + timedelta(hours=hours)).isoformat() for hours in (4, 6))
        rows.append(
            {
                "id": f"crew-{number:02d}",
                "name": f"Crew {number}",
                "depot": depot_ids[(number - 1) % len(depot_ids)],
                "shift_start": begins.isoformat(),
                "shift_end": (begins + timedelta(hours=10)).isoformat(),
                "skills": skills,
                "people": people,
                "overtime_min": 120,
                "vehicle": f"Truck {number}",
                "speed_factor": speed_factor,
                "stock": stock,
                "breaks": f"{rest}/30",
            }
        )
    return pd.DataFrame(rows)
