"""A grid out of a list of transformers, where nobody has drawn the lines.

Every transformer hangs on its feeder's source by a line of its own: an outage is found at
transformers and feeders, and nothing is known between them. The case says so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from geo.projection import LocalPlane

from ..cells import Parsed, parse
from ..gathering import Gathering
from ..places import Ground, in_degrees
from ..schema import Column, Table, lat_column, lon_column
from .mapping import Mapping
from .source import read_source

TRANSFORMERS = Table(
    name="transformers",
    endings=(".csv", ".xlsx", ".geojson", ".gpkg"),
    meaning="Transformers, where there is no grid.",
    columns=(
        Column(name="id", kind="id", required=True, example="T3", meaning="Unique.", header_zh="变压器"),
        lon_column(True),
        lat_column(True),
        Column(name="name", kind="text", example="Clinic", meaning="As people say it.", header_zh="名称"),
        Column(name="feeder", kind="id", example="F2", meaning="The feeder it hangs on.", header_zh="线路"),
        Column(
            name="rating_kva",
            kind="number",
            unit="kVA",
            least=0,
            default=0.0,
            example="250",
            meaning="Rated power.",
            header_zh="容量",
        ),
    ),
)
ONLY_FEEDER = "feeder"
NOTE = (
    "no lines were given: each of the {count:,} transformers hangs on the source of its feeder "
    "(feeders: {feeders:,}) by a line of its own; sources lie in the middle of their transformers"
)


def grid_of_list(mapping: Mapping, folder: Path, faults: Gathering) -> list[str]:
    """Write a grid around a list of transformers.

    Returns
    -------
    list of str
        What was laid out without anybody stating it.
    """
    source = mapping.transformers
    assert source is not None
    raw = read_source(mapping.path(source.file), TRANSFORMERS, source, faults, None)
    placed = (
        None
        if raw is None
        else in_degrees(raw, Ground(roads=None, grid=None, stated=source.coordinates), faults)
    )
    parsed = None if placed is None else parse(placed, TRANSFORMERS, faults)
    if parsed is None or len(parsed) == 0 or faults.faults:
        if not faults.faults:
            faults.add(source.file, "", "has no transformer")
        return []
    faults.was_read(parsed.file, len(parsed))
    tables = _tables(parsed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    feeders = int((tables["buses"]["kind"] == "source").sum())
    return [NOTE.format(count=len(parsed), feeders=feeders)]


def _tables(parsed: Parsed) -> dict[str, pd.DataFrame]:
    values = parsed.values
    feeder = [str(each or ONLY_FEEDER) for each in values["feeder"].tolist()]
    ids = pd.Series([str(each) for each in values["id"].tolist()], dtype=object)
    listed = pd.DataFrame({"lon": values["lon"], "lat": values["lat"], "feeder": feeder, "bus": "B-" + ids})
    sources = listed.groupby("feeder", sort=True)[["lon", "lat"]].mean().reset_index()
    at = sources.set_index("feeder").loc[feeder]
    plane = LocalPlane.around(values["lon"], values["lat"])
    length_m = plane.apart_m(values["lon"], values["lat"], at["lon"].to_numpy(), at["lat"].to_numpy())
    ends = {"from_bus": "H-" + listed["feeder"], "to_bus": listed["bus"]}
    names = ["" if name is None else str(name) for name in values["name"].tolist()]
    return {
        "buses": _buses(sources, listed),
        "lines": pd.DataFrame(
            {"id": "L-" + ids, **ends, "length_m": np.maximum(np.round(length_m, 1), 1.0), "kind": "overhead"}
        ),
        "switches": _breakers(sources),
        "transformers": pd.DataFrame(
            {"id": ids, "bus": listed["bus"], "rating_kva": values["rating_kva"], "name": names}
        ),
    }


def _buses(sources: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    parts = [
        sources.assign(id="S-" + sources["feeder"], kind="source", substation=sources["feeder"]),
        sources.assign(id="H-" + sources["feeder"], kind="bus", substation=""),
        listed.assign(id=listed["bus"], kind="bus", substation=""),
    ]
    return pd.concat(parts)[["id", "lon", "lat", "kind", "substation", "feeder"]]


def _breakers(sources: pd.DataFrame) -> pd.DataFrame:
    ends = {"from_bus": "S-" + sources["feeder"], "to_bus": "H-" + sources["feeder"]}
    return pd.DataFrame({"id": "BR-" + sources["feeder"], **ends, "kind": "breaker", "normal": "closed"})
