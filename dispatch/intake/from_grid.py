"""`gridcrew case from-grid`: a complete case around any grid that can be read.

Only the grid is real. Customers, crews, depots and the day's requests are made up from a seed, and
crews drive along the grid; the case's settings say so, and so does everything that shows the case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from geo import GeoError, Grid, load_grid, write_grid
from geo.grid.corridors import corridor_tables
from geo.grid.layout import PlaceKind, drawn, place_kind

from ..ground.case import Case
from ..outages import supply_tree
from .case import load_case
from .gathering import Gathering
from .made_up import crews, customers, depots
from .made_up_day import made_requests

DEFAULT_NOW = "2026-06-18T07:30:00+00:00"
DEFAULT_CUSTOMERS = 20
MOST_CUSTOMERS = 10_000
CORRIDORS = "Drives follow corridors along the grid, NOT roads"
MADE_UP = (
    "Customers (how many, where and who), crews, depots and requests are made up. {corridors}.{places} "
    "用户、班组、驻地和诉求均为虚构；行车沿电网走廊计算，并非道路。{places_zh}"
)
PLACES: dict[PlaceKind, tuple[str, str]] = {
    "globe": ("", ""),
    "plan": (
        " The grid's plan is to scale, but where on Earth it lies is not known: it is laid out at 0, 0.",
        "电网平面图按比例，实际位置未知，置于经纬度 0, 0。",
    ),
    "nowhere": (
        " The grid has no coordinates: its layout is drawn, lines at their length, at 0, 0.",
        "电网无坐标，布局为程序绘制，置于经纬度 0, 0。",
    ),
}


@dataclass(frozen=True, kw_only=True)
class MadeCase:
    """The case as read back from what was written, and where its coordinates come from."""

    case: Case
    places: PlaceKind


def case_from_grid(
    source: Path,
    folder: Path,
    *,
    seed: int = 1,
    now: datetime | None = None,
    customers_per_transformer: int = DEFAULT_CUSTOMERS,
) -> MadeCase:
    """Write a case folder around a grid and read it back.

    Parameters
    ----------
    source : what `geo.load_grid` reads.
    folder : new or empty.
    now : aware; 18 June 2026, 07:30 UTC without it.
    customers_per_transformer : the mean; a transformer has more the larger its rating.

    Raises
    ------
    InputFaults
        With every fault of the arguments and the grid; nothing is written then.
    """
    now = now or datetime.fromisoformat(DEFAULT_NOW)
    grid = _checked(source, folder, now, customers_per_transformer)
    places = place_kind(grid)
    grid = drawn(grid) if places == "nowhere" else grid
    folder.mkdir(parents=True, exist_ok=True)
    write_grid(grid, folder / "grid")
    for name, table in _tables(grid, np.random.default_rng(seed), now, customers_per_transformer).items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    text = _settings(source, now, seed, places)
    (folder / "settings.yaml").write_text(text, encoding="utf-8", newline="")
    return MadeCase(case=load_case(folder), places=places)


def _checked(source: Path, folder: Path, now: datetime, mean: int) -> Grid:
    """Read the grid; every fault of it and of the arguments at once."""
    faults = Gathering()
    if now.tzinfo is None:
        faults.add("--now", "", f"'{now.isoformat()}' has no offset; expected e.g. {DEFAULT_NOW}")
    if not 1 <= mean <= MOST_CUSTOMERS:
        text = f"{mean} is not between 1 and {MOST_CUSTOMERS:,}"
        faults.add("--customers-per-transformer", "", text)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        what = "is a file" if folder.is_file() else "is not empty"
        faults.add(str(folder), "", f"{what}; a case is made in a new folder")
    try:
        grid = load_grid(source)
        if len(grid.transformers) == 0:
            faults.add(source.name, "", "has no transformer and no load: nobody to supply")
    except GeoError as error:
        faults.add_foreign(error, source)
    except OSError as error:
        faults.add(source.name, "", f"cannot be read: {error.strerror or error}")
    faults.raise_any()
    return grid


def _tables(grid: Grid, random: np.random.Generator, now: datetime, mean: int) -> dict[str, pd.DataFrame]:
    people = customers(grid, mean, random)
    yards = depots(grid)
    by_id = people.set_index("id")
    day = made_requests(supply_tree(grid, by_id), by_id, len(grid.transformers), now, random)
    nodes, edges = corridor_tables(grid)
    return {
        "roads_nodes": nodes,
        "roads_edges": edges,
        "customers": people,
        "depots": yards,
        "crews": crews(yards["id"].tolist(), len(grid.transformers), now),
        "requests": day.requests,
        "truth": day.truth,
    }


def _settings(source: Path, now: datetime, seed: int, places: PlaceKind) -> str:
    english, chinese = PLACES[places]
    synthetic = MADE_UP.format(corridors=CORRIDORS, places=english, places_zh=chinese)
    values = {
        # A folder of tables is called `grid`, whosever grid it is.
        "name": source.resolve().parent.name if source.stem == "grid" else source.stem,
        "time_zone": _zone_name(now),
        "now": now.isoformat(),
        "policy": "cn",
        "max_snap_m": 2000,
        "synthetic": synthetic,
    }
    # A JSON string is a YAML string, whatever is in it.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    thanks = (f"Grid: {source.name}", f"{CORRIDORS}; everything else made up with seed {seed}")
    items = [f"  - {json.dumps(text, ensure_ascii=False)}" for text in thanks]
    return "\n".join([*lines, "attribution:", *items]) + "\n"


def _zone_name(now: datetime) -> str:
    """A zone with the offset of `now` where that is of whole hours, else UTC.

    Names of the `Etc` area count west of Greenwich as positive (IANA time zone database).
    """
    hours, rest = divmod(now.utcoffset() or timedelta(0), timedelta(hours=1))
    if rest or hours == 0 or not -12 <= hours <= 14:
        return "UTC"
    return f"Etc/GMT{-hours:+d}"
