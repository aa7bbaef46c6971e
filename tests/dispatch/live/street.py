"""The small case with more people in it: a transformer of two mains, and neighbours enough to ask."""

from __future__ import annotations

from pathlib import Path

from tests.small_case import corner, write_small_case

COLUMNS = "id,name,address,lon,lat,transformer,lv_main,industry,voltage_kv,sources,area,phone"
REQUESTS = "id,received_at,words,channel,customer,address,lon,lat,phone,kind\n"
HOMES = {
    "M1": ("T1", 20, (2, 0)),
    "M2a": ("T2", 8, (3, 0)),
    "M2b": ("T2", 8, (3, 1)),
    "M3": ("T3", 20, (3, 2)),
    "M4": ("T4", 20, (4, 4)),
    "M5": ("T5", 20, (0, 3)),
}


def write_street(folder: Path) -> Path:
    """Write the case; nobody has called yet, and the last home of each main has no telephone."""
    write_small_case(folder)
    rows = [COLUMNS]
    for main, (transformer, homes, (column, row)) in HOMES.items():
        lon, lat = corner(column, row)
        for number in range(1, homes + 1):
            phone = f"+56 51 300 {number:04d}" if number < homes else ""
            rows.append(
                f"{main}-{number},Home {number},{main} street {number},{lon},{lat},{transformer},{main},"
                f"residential,0.22,1,urban,{phone}"
            )
    (folder / "customers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "requests.csv").write_text(REQUESTS, encoding="utf-8")
    return folder
