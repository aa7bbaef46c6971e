"""Read a network out of pandapower's JSON without pandapower (which would force older pandas)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

FOLDER = "pandapower/networks"
MV = f"{FOLDER}/mv_oberrhein.json"
LV = f"{FOLDER}/lv_schutterwald.json"

Row = dict[str, Any]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Network:
    """Tables of a network: rows by their index."""

    tables: dict[str, dict[int, Row]]

    def __getitem__(self, table: str) -> dict[int, Row]:
        return self.tables[table]

    def place(self, bus: int) -> Point:
        """Return where a bus is."""
        return points(self["bus"][bus])[0]


def read_network(content: bytes) -> Network:
    """Read every table of a network."""
    tables = {}
    for name, value in json.loads(content)["_object"].items():
        if isinstance(value, dict) and value.get("_class") == "DataFrame":
            frame = value["_object"]
            frame = json.loads(frame) if isinstance(frame, str) else frame
            rows = (dict(zip(frame["columns"], cells, strict=True)) for cells in frame["data"])
            tables[name] = dict(zip(frame["index"], rows, strict=True))
    return Network(tables)


def points(row: Row) -> list[Point]:
    """Return the points of a bus or line, (lon, lat) to seven decimals."""
    coordinates = json.loads(row["geo"])["coordinates"]
    pairs = coordinates if isinstance(coordinates[0], list) else [coordinates]
    return [(round(lon, 7), round(lat, 7)) for lon, lat in pairs]
