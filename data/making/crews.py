"""Depots, crews and settings of the case of La Serena-Coquimbo."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from .rosters import write_roster
from .streets import Streets
from .tables import write_bytes, write_table

DEPOTS = (
    ("D1", "La Serena Yard 拉塞雷纳站", -71.2480, -29.9070),
    ("D2", "Las Compañías Yard 北区站", -71.2430, -29.8760),
    ("D3", "Peñuelas Yard 中区站", -71.2700, -29.9550),
    ("D4", "Coquimbo Yard 科金博站", -71.3360, -29.9610),
    ("D5", "Tierras Blancas Yard 南区站", -71.2520, -29.9880),
)
LINE = ("hv;lv;switching;tree", 3, "fuse:8;pole:1;mv_joint_kit:1;transformer:1", 1.15)
CABLE = ("hv;lv;cable;switching", 3, "fuse:4;lv_cable_kit:3;mv_joint_kit:2", 1.1)
SERVICE = ("lv;metering", 2, "fuse:6;meter:6;lv_cable_kit:1", 1.0)
LIVE = ("hv;lv;live_line;switching", 3, "fuse:6;mv_joint_kit:1;transformer:1", 1.15)
TREE = ("lv;tree", 2, "fuse:2", 1.1)
SWITCHER = ("switching;lv", 2, "fuse:6;generator:1", 1.0)
DAY = ("2026-06-18T07:00:00-04:00", "2026-06-18T16:00:00-04:00", "12:00-14:00/45", 120)
LATE_DAY = ("2026-06-18T08:00:00-04:00", "2026-06-18T17:00:00-04:00", "12:30-14:30/45", 120)
LATE = ("2026-06-18T15:00:00-04:00", "2026-06-18T23:30:00-04:00", "19:00-21:00/30", 120)
NIGHT_BEFORE = ("2026-06-17T23:00:00-04:00", "2026-06-18T09:00:00-04:00", "", 120)
NIGHT = ("2026-06-18T22:00:00-04:00", "2026-06-19T06:00:00-04:00", "01:00-03:00/30", 60)
CREWS = (
    ("D1", LINE, NIGHT_BEFORE),
    ("D3", CABLE, NIGHT_BEFORE),
    ("D4", LINE, NIGHT_BEFORE),
    ("D2", SERVICE, NIGHT_BEFORE),
    ("D1", LINE, DAY),
    ("D1", CABLE, DAY),
    ("D2", LINE, DAY),
    ("D2", SERVICE, DAY),
    ("D3", LINE, DAY),
    ("D3", CABLE, DAY),
    ("D3", SWITCHER, DAY),
    ("D4", LINE, DAY),
    ("D4", LIVE, DAY),
    ("D4", SERVICE, DAY),
    ("D5", LINE, DAY),
    ("D5", SERVICE, LATE_DAY),
    ("D1", SERVICE, LATE_DAY),
    ("D1", TREE, LATE_DAY),
    ("D5", LIVE, LATE_DAY),
    ("D1", LINE, LATE),
    ("D3", CABLE, LATE),
    ("D4", SERVICE, LATE),
    ("D2", LINE, NIGHT),
    ("D4", CABLE, NIGHT),
)
SETTINGS = """\
name: La Serena - Coquimbo
time_zone: America/Santiago
now: {now}
language: en
policy: cn
unserved_after_h: 48
operator_min: 3
travel_cost_per_min: 1
overtime_cost_per_min: 60
change_cost: 500
max_snap_m: 2000
synthetic: >-
  Streets and numbers of people are real. The grid is grown on the streets by a program;
  customers, crews and the day's requests are made up.
  街道和各区人口为真实数据；电网由程序沿街道生成，用户、班组和当日诉求均为虚构。
attribution:
  - Streets © OpenStreetMap contributors, Open Database License (ODbL) 1.0
  - Street network and population by zone from the example model "coquimbo" of the software AequilibraE
"""


def write_crews(streets: Streets, folder: Path, now: str) -> dict[str, int]:
    """Write settings, depots (at the nearest corner to where they should be) and crews."""
    write_bytes(folder / "settings.yaml", SETTINGS.format(now=now).encode("utf-8"))
    depots = []
    for name, label, lon, lat in DEPOTS:
        node = int(((streets.lon - lon) ** 2 + (streets.lat - lat) ** 2).argmin())
        depots.append([name, label, f"{streets.lon[node]:.6f}", f"{streets.lat[node]:.6f}"])
    return {
        "depots": write_table(folder / "depots.csv", ["id", "name", "lon", "lat"], depots),
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
                "vehicle",
                "speed_factor",
                "stock",
                "breaks",
                "phone",
            ],
            (_crew(number, *crew) for number, crew in enumerate(CREWS, start=1)),
        ),
        "roster": write_roster(
            folder,
            datetime.fromisoformat(now).date(),
            ((f"crew-{number:02d}", *shift) for number, (_, _, shift) in enumerate(CREWS, start=1)),
        ),
    }


def _crew(
    number: int, depot: str, kind: tuple[str, int, str, float], shift: tuple[str, str, str, int]
) -> list[object]:
    skills, people, stock, speed_factor = kind
    start, end, breaks, overtime_min = shift
    name = f"crew-{number:02d}"
    phone = f"+56 00 2{number:06d}"
    return [
        name,
        f"Crew {number}",
        depot,
        start,
        end,
        skills,
        people,
        overtime_min,
        f"Truck {number + 10}",
        speed_factor,
        stock,
        breaks,
        phone,
    ]
