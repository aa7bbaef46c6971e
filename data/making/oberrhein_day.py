"""The evening of 12 February 2026 in the case of Oberrhein, with crews, depots and settings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from .day import Day, Plan, Speech, write_day
from .faults import Breaker, Damage
from .rosters import write_roster
from .rows import Built
from .tables import write_bytes, write_table
from .words import ENGLISH, GERMAN, both

NOW = datetime.fromisoformat("2026-02-12T18:30:00+01:00")
SPEECH = Speech(
    **both(ENGLISH, GERMAN),
    channels={"phone": 0.7, "app": 0.15, "web": 0.15},
    told=frozenset({1}),
)
PLAN = Plan(
    now=NOW,
    requests=300,
    call_share=0.055,
    shares={
        "hazard": 3,
        "power_quality": 8,
        "metering": 10,
        "new_connection": 6,
        "inspection": 6,
        "complaint": 4,
        "enquiry": 6,
        "street_light": 3,
    },
    appointments_on=datetime.fromisoformat("2026-02-13T08:00:00+01:00"),
)
DAMAGES = (
    Damage("trunk", ("cable",), least=500, most=3600),
    Damage("transformer", ("equipment", "overload")),
    Damage("lv_main", ("cable", "equipment", "vehicle")),
    Damage("service", ("equipment", "equipment", "overload", "equipment")),
)
DEPOTS = (("D1", "West Yard", 7.7650, 48.4390), ("D2", "East Yard", 7.9130, 48.4560))
SHIFT = ("2026-02-12T14:00:00+01:00", "2026-02-12T22:30:00+01:00", "")
NIGHT = ("2026-02-12T18:00:00+01:00", "2026-02-13T04:00:00+01:00", "23:00-01:00/30")
EARLY = ("2026-02-13T06:00:00+01:00", "2026-02-13T15:00:00+01:00", "11:00-13:00/30")
CREWS = (
    ("D1", "hv;lv;cable;switching", 3, "mv_joint_kit:2;lv_cable_kit:2;fuse:4", SHIFT),
    ("D2", "hv;lv;cable;switching", 3, "mv_joint_kit:2;lv_cable_kit:2;fuse:4", NIGHT),
    ("D1", "lv;metering", 2, "fuse:6;meter:4;lv_cable_kit:1", SHIFT),
    ("D2", "hv;lv;switching;tree", 2, "fuse:6;transformer:1;generator:1;pole:1", NIGHT),
    ("D2", "lv;metering", 2, "fuse:6;meter:6;lv_cable_kit:1", EARLY),
    ("D1", "hv;lv;live_line;switching", 3, "fuse:4;transformer:1", EARLY),
)
SETTINGS = """\
name: Oberrhein
time_zone: Europe/Berlin
now: {now}
language: en
policy: cn
max_snap_m: 3000
synthetic: >-
  Grid and the 1,506 households of Schutterwald are real models; customers elsewhere, crews and
  requests are made up. Drives follow corridors along the grid, NOT roads.
  电网和舒特瓦尔德的1506户为真实模型；其他用户、班组和诉求均为虚构。行车沿电网走廊计算，并非道路。
attribution:
  - Grid from mv_oberrhein and lv_schutterwald of pandapower (BSD 3-Clause), doi 10.3390/en13164052
  - Positions of houses and mains © OpenStreetMap contributors, Open Database License (ODbL) 1.0
"""


def write_oberrhein_day(built: Built, folder: Path, seed: int) -> dict[str, int]:
    """Write settings, depots, crews, requests and the truth behind them."""
    write_bytes(folder / "settings.yaml", SETTINGS.format(now=NOW.isoformat()).encode("utf-8"))
    faults = Breaker(built, DAMAGES, seed, NOW, span_min=150).all_faults()

    def corner(lon: float, lat: float) -> str:
        near = min(built.stations, key=lambda station: (station.lon - lon) ** 2 + (station.lat - lat) ** 2)
        return f"near {near.name}"

    day = Day(built=built, faults=faults, speech=SPEECH, plan=PLAN, corner=corner, seed=seed + 1)
    return {
        "depots": write_table(folder / "depots.csv", ["id", "name", "lon", "lat"], DEPOTS),
        "crews": write_table(
            folder / "crews.csv",
            [
                "id",
                "name",
                "depot",
                "shift_start",
                "shift_end",
                "skills",
                "people",
                "overtime_min",
                "stock",
                "breaks",
            ],
            (
                [f"crew-{n}", f"Crew {n}", depot, shift[0], shift[1], skills, people, 90, stock, shift[2]]
                for n, (depot, skills, people, stock, shift) in enumerate(CREWS, start=1)
            ),
        ),
        "roster": write_roster(
            folder,
            NOW.date(),
            ((f"crew-{n}", *shift, 90) for n, (_, _, _, _, shift) in enumerate(CREWS, start=1)),
        ),
    } | write_day(day, folder)
