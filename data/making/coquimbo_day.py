"""The night and morning of 18 June 2026 in the case of La Serena-Coquimbo: a winter storm."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np

from .day import Day, Plan, Speech, write_day
from .faults import Breaker, Damage
from .town import Town
from .words import CHINESE, ENGLISH, both

NOW = datetime.fromisoformat("2026-06-18T07:30:00-04:00")
SPEECH = Speech(**both(ENGLISH, CHINESE), channels={"phone": 0.62, "app": 0.14, "wechat": 0.12, "web": 0.12})
PLAN = Plan(
    now=NOW,
    requests=400,
    shares={
        "hazard": 8,
        "power_quality": 24,
        "metering": 36,
        "new_connection": 20,
        "inspection": 22,
        "complaint": 16,
        "enquiry": 24,
        "street_light": 10,
    },
    appointments_on=NOW,
)
DAMAGES = (
    Damage("trunk", ("tree", "vehicle", "cable"), least=500, most=1300, by_tie=150),
    Damage(
        "lateral",
        ("tree", "wire_down", "equipment", "tree", "wind", "bird", "wire_down", "pole_down"),
        least=40,
        most=150,
    ),
    Damage(
        "transformer",
        ("equipment", "overload", "lightning", "equipment", "burnt", "bird", "equipment", "overload"),
    ),
    Damage(
        "lv_main",
        ("tree", "wire_down", "equipment", "tree", "cable", "vehicle", "wind", "equipment", "tree"),
    ),
    Damage("service", ("equipment", "tree", "wire_down", "equipment", "animal", "equipment", "wind")),
)
SPAN_MIN = 110
"""The storm came with the morning: most faults lie in the last hour."""


def write_coquimbo_day(town: Town, folder: Path, seed: int) -> dict[str, int]:
    """Break the grid, let people call, and write what they say and what is true."""

    def corner(lon: float, lat: float) -> str:
        node = int(np.argmin(np.hypot(town.streets.lon - lon, town.streets.lat - lat)))
        return town.wirer.corner(node, node)

    faults = Breaker(town.built, DAMAGES, seed, NOW, SPAN_MIN).all_faults()
    day = Day(built=town.built, faults=faults, speech=SPEECH, plan=PLAN, corner=corner, seed=seed + 1)
    return write_day(day, folder)
