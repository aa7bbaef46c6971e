"""Coordinates in whatever system: converted where things show which it is, else refused in one sentence."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from dispatch.cli import main
from dispatch.ground.case import Case
from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from geo import load_grid
from geo.datum import gcj02_to_bd09, wgs84_to_gcj02
from geo.frames import as_stated, one_way, recognised
from tests.small_case import write_small_case

Turn = Callable[[float, float], tuple[float, float]]
# Where the small case would lie if it stood in Qingpu.
EAST, NORTH = 192.36, 61.21


def projected(code: str, *, swapped: bool = False) -> Turn:
    turn = Transformer.from_crs("EPSG:4326", code, always_xy=True)

    def to(lon: float, lat: float) -> tuple[float, float]:
        x, y = turn.transform(lon, lat)
        return (y, x) if swapped else (x, y)

    return to


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    there = wgs84_to_gcj02(lon, lat)
    return float(there.lon), float(there.lat)


def bd09(lon: float, lat: float) -> tuple[float, float]:
    there = gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    return float(there.lon), float(there.lat)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small case with 20 customers at each transformer, half a block around it."""
    folder = write_small_case(tmp_path / "case")
    (folder / "requests.csv").write_text("id,received_at,words\n")
    return folder


def customers(folder: Path, turn: Turn) -> list[tuple[float, float]]:
    grid = load_grid(folder / "grid")
    random = np.random.default_rng(7)
    rows, places = [], []
    for name, lon, lat in zip(
        grid.transformers.ids, grid.transformers.lon, grid.transformers.lat, strict=True
    ):
        for each in range(20):
            east, north = random.uniform(-0.0006, 0.0006, 2)
            place = (float(lon + east), float(lat + north))
            x, y = turn(*place)
            rows.append(f"{name}-{each},{x:.7f},{y:.7f},{name}")
            places.append(place)
    (folder / "customers.csv").write_text("\n".join(["id,lon,lat,transformer", *rows]))
    return places


def moved_to_china(folder: Path) -> None:
    """Shift every coordinate of the case to Qingpu."""

    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if not rows or "lon" not in rows[0]:
            continue
        for row in rows:
            if row["lon"]:
                row["lon"] = f"{float(row['lon']) + EAST:.7f}"
                row["lat"] = f"{float(row['lat']) + NORTH:.7f}"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    for path in folder.glob("roads_edges.csv"):
        assert "shape" not in path.read_text(encoding="utf-8").partition("\n")[0]


def lie_right(case: Case, places: list[tuple[float, float]]) -> bool:
    table = case.customers.table
    found = np.column_stack([table["lon"], table["lat"]])
    return bool(np.abs(found - np.array(places)).max() < 0.00002)


def report(case: Case) -> str:
    return "\n".join(line for each in case.brought for line in each.lines())


@pytest.mark.parametrize(
    ("turn", "name"),
    [
        (projected("EPSG:32719"), "UTM zone 19S"),
        (projected("EPSG:32719", swapped=True), "northing first"),
        (projected("EPSG:3857"), "Web Mercator"),
        (lambda lon, lat: (lat, lon), "swapped"),
    ],
)
def test_metres_of_a_projection_are_recognised_by_where_they_lie(folder: Path, turn: Turn, name: str) -> None:
    places = customers(folder, turn)
    if name == "swapped":
        with pytest.raises(InputFaults, match="look swapped in all 100 rows"):
            load_case(folder)
        return
    case = load_case(folder)
    assert lie_right(case, places)
    assert name in report(case)


@pytest.mark.parametrize(
    ("turn", "name"),
    [
        (projected("EPSG:4549"), "CM 120E (EPSG:4549)"),
        (projected("EPSG:4528"), "zone before the easting (EPSG:4528)"),
        (projected("EPSG:4549", swapped=True), "northing first"),
        (projected("EPSG:4499"), "6-degree Gauss-Kruger CM 123E"),
        (gcj02, "coordinates read as GCJ-02"),
        (bd09, "coordinates read as BD-09"),
    ],
)
def test_chinese_zones_and_shifted_maps_are_recognised(folder: Path, turn: Turn, name: str) -> None:
    moved_to_china(folder)
    places = customers(folder, turn)
    case = load_case(folder)
    assert name in report(case)
    assert lie_right(case, places)


def test_places_that_are_right_are_left_alone(folder: Path) -> None:
    moved_to_china(folder)
    places = customers(folder, lambda lon, lat: (lon, lat))
    case = load_case(folder)
    assert lie_right(case, places)
    assert "coordinates" not in report(case)


def test_what_the_settings_state_counts(folder: Path) -> None:
    moved_to_china(folder)
    (folder / "settings.yaml").open("a").write("coordinates: gcj02\n")
    text = (folder / "depots.csv").read_text(encoding="utf-8")
    places = customers(folder, gcj02)
    assert lie_right(load_case(folder), places)
    (folder / "depots.csv").write_text(text, encoding="utf-8")
    settings = folder / "settings.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("gcj02", "gjc-02"), encoding="utf-8")
    with pytest.raises(InputFaults, match="'gjc-02' is no coordinate system"):
        load_case(folder)


def test_an_unknown_projection_is_one_fault_that_says_where_to_state_it(folder: Path) -> None:
    customers(folder, lambda lon, lat: (1000 * lon, 100_000 * lat))
    with pytest.raises(InputFaults, match=r"state it in settings\.yaml") as caught:
        load_case(folder)
    assert len(caught.value.faults) == 1


def test_a_shift_shows_only_where_many_things_show_it() -> None:
    lon, lat = np.full(10, 121.1), np.full(10, 31.3)
    assert one_way(lon + 0.005, lat, lon, lat) is None
    assert recognised(np.array([1e12]), np.array([1e12]), lon[:1], lat[:1]) is None
    assert as_stated("CGCS2000")(lon, lat).lon[0] == 121.1


def test_a_value_that_begins_with_a_minus_needs_no_equals_sign(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grid", str(folder / "grid"), "--origin", "-71.25,-29.90", "--json"]) == 0
    assert '"without_supply": 0' in capsys.readouterr().out


def test_a_grid_far_from_its_customers_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    customers(folder, lambda lon, lat: (lat, lon))
    assert main(["grid", str(folder / "grid"), "--customers", str(folder / "customers.csv")]) == 2
    assert "longitude and latitude look swapped" in capsys.readouterr().out
