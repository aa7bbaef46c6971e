"""Case folders, mappings and lists as sound inputs."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import damage as m
from . import sheets
from .seed import Files, Seed, by, table_as


def case_seeds(label: str, files: Files) -> Iterator[Seed]:
    """A case folder with one of its files damaged, in every format that the file may have."""
    endings = {
        "customers": ("csv", "csv", "xlsx", "geojson", "csv.gz"),
        "requests": ("csv", "csv", "xlsx", "geojson"),
        "crews": ("csv", "xlsx"),
        "depots": ("csv", "xlsx", "geojson"),
        "signs": ("csv",),
        "roster": ("csv", "xlsx"),
    }
    writers = {
        "csv": sheets.as_csv,
        "xlsx": sheets.as_xlsx,
        "geojson": sheets.as_geojson,
        "csv.gz": sheets.as_csv,
    }
    for name, kinds in endings.items():
        sound = f"{name}.csv"
        if sound not in files:
            continue
        for ending in kinds:
            rest = {key: value for key, value in files.items() if key != sound}
            yield Seed(
                group="tables",
                name=f"{label}/{name}.{ending}",
                files={**rest, "\0": files[sound]},
                hit=f"{name}.{ending}",
                command=("case", "check", "{folder}"),
                damage=table_as(writers[ending], ending == "csv.gz"),
                counted="case",
            )
    for name in (
        "settings.yaml",
        "roads_nodes.csv",
        "roads_edges.csv",
        *(key for key in files if key.startswith("grid/")),
    ):
        ways = by(m.text_bytes, m.words) if name.endswith(".yaml") else table_as(sheets.as_csv)
        yield Seed(
            group="folder",
            name=f"{label}/{name}",
            files=files,
            hit=name,
            command=("case", "check", "{folder}"),
            damage=ways,
        )


CHINESE = {
    "id": "户号",
    "lon": "经度",
    "lat": "纬度",
    "transformer": "所属台区",
    "industry": "行业类别",
    "area": "区域",
    "name": "户名",
    "phone": "联系电话",
    "address": "用电地址",
    "voltage_kv": "电压等级",
    "welfare": "生命支持设备",
}
MAPPING = """\
settings: {{name: Town, time_zone: America/Santiago, now: '2026-07-14T18:30:00-04:00', policy: cn}}
grid: grid
roads: roads
tables:
  customers:
    file: {file}
    columns: {{{columns}}}
    values: {{industry: {{医院: hospital}}}}
  depots: {{file: depots.csv, columns: {{id: id, name: name, lon: lon, lat: lat}}}}
  crews:
    file: crews.csv
    columns:
      {{id: id, name: name, depot: depot, shift_start: shift_start, shift_end: shift_end, skills: skills}}
  requests:
    file: requests.csv
    columns: {{id: id, received_at: received_at, words: words, customer: customer}}
    formats: {{received_at: '%Y-%m-%dT%H:%M:%S%z'}}
"""


def mapping_seeds(files: Files) -> Iterator[Seed]:
    """A mapping, damaged; and a Chinese list read by a sound one."""
    lines = files["customers.csv"].decode().splitlines()
    names = lines[0].split(",")
    columns = ", ".join(f"{name}: {CHINESE.get(name, name)}" for name in names)
    chinese = "\n".join([",".join(CHINESE.get(name, name) for name in names), *lines[1:]]).encode()
    base = {f"roads/{key}" if key.startswith("roads_") else key: value for key, value in files.items()}
    del base["customers.csv"]
    for ending, write in (("csv", sheets.as_csv), ("xlsx", sheets.as_xlsx)):
        text = MAPPING.format(file=f"用户.{ending}", columns=columns).encode()
        yield Seed(
            group="tables",
            name=f"import/用户.{ending}",
            files={**base, "mapping.yaml": text, "\0": chinese},
            hit=f"用户.{ending}",
            command=("case", "import", "{folder}/mapping.yaml", "--out", "{out}/case"),
            damage=table_as(write),
            counted="import",
        )
        yield Seed(
            group="new",
            name=f"new/用户.{ending}",
            files={**base, "\0": chinese},
            hit=f"用户.{ending}",
            command=("case", "new", "{folder}", "--out", "{folder}/mapping.yaml"),
            damage=table_as(write),
        )
    text = MAPPING.format(file="用户.csv", columns=columns).encode()
    yield Seed(
        group="mapping",
        name="mapping.yaml",
        files={**base, "用户.csv": chinese, "mapping.yaml": text},
        hit="mapping.yaml",
        command=("case", "import", "{folder}/mapping.yaml", "--out", "{out}/case"),
        damage=by(m.text_bytes, m.words, m.words),
    )


def geopackage(files: Files) -> bytes:
    """The customers of a case as a GeoPackage."""
    import geopandas  # noqa: PLC0415 - once, for one kind of input
    import pandas as pd  # noqa: PLC0415

    table = pd.read_csv(io.BytesIO(files["customers.csv"]), dtype=str)
    place = geopandas.points_from_xy(table.pop("lon").astype(float), table.pop("lat").astype(float))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        geopandas.GeoDataFrame(table, geometry=place, crs="EPSG:4326").to_file(
            path, layer="customers", driver="GPKG"
        )
        return path.read_bytes()
