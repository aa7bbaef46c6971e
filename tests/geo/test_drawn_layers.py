"""Grids drawn in a GIS: ends that touch or nearly touch are one node, and every join is listed."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely.geometry import LineString, Point, Polygon

from geo import Grid, load_grid
from geo.errors import GeoError
from geo.readers.layers.proposing import propose_drawing
from tests.geo.asking import dead

# Metres east and north of a corner of UTM zone 32.
EAST, NORTH = 350_000.0, 5_318_000.0
Shape = tuple[Any, dict[str, Any]]


def at(x: float, y: float) -> tuple[float, float]:
    return (EAST + x, NORTH + y)


def line(*points: tuple[float, float], **row: Any) -> Shape:
    return LineString([at(*each) for each in points]), row


def spot(x: float, y: float, **row: Any) -> Shape:
    return Point(at(x, y)), row


# A substation's outline with two feeders; a spur onto the middle of a line; a tie between the ends; a
# gap of half a metre; a station with low voltage of its own; a cable that nothing reaches.
LINES = [
    line((10, 0), (500, 0), CODE="f1", TYPE="UG cable", KV="20"),
    line((500.5, 0), (1000, 0), CODE="f1b", TYPE="OH", KV="20", LEN=640.0),
    line((0, 10), (0, 1000), CODE="f2", TYPE="OH", KV="20"),
    line((0, 1000), (1000, 1000), CODE="f2b", TYPE="OH", KV="20"),
    line((750, 0.3), (750, 300), CODE="spur", TYPE="OH", KV="20"),
    line((1000, 0), (1000, 1000), CODE="link", TYPE="OH", KV="20"),
    line((300, 300), (400, 300), CODE="lonely", TYPE="OH", KV="20"),
    line((750, 300), (800, 300), CODE="street", TYPE="OH", KV="0.4"),
]
SWITCHES = [
    spot(500.2, 0, CODE="S1", STATE="NC", TYPE="Sectionalizer"),
    spot(1000, 500, CODE="tie", STATE="NO", TYPE="Switch"),
    spot(0, 500, CODE="S2", STATE="NC", TYPE="Recloser"),
    spot(200, 700, CODE="far", STATE="NC", TYPE="Fuse"),
]
STATIONS = [
    spot(750, 300, CODE="T-spur", KVA=160),
    spot(1000, 0.4, CODE="T-east", KVA=250),
    spot(0, 800, CODE="T-north", KVA=400),
    spot(300, 0, CODE="T-mid", KVA=100),
]
HOUSE = [(Polygon([at(-15, -15), at(15, -15), at(15, 15), at(-15, 15)]), {"CODE": "Sub"})]
DRAWING = """
tolerance_m: 1.0
lines:
  - file: {lines}
    columns: {{id: CODE, kind: TYPE, voltage_kv: KV, length_m: LEN}}
switches:
  - file: {switches}
    columns: {{id: CODE, normal: STATE, kind: TYPE}}
transformers:
  - file: {transformers}
    columns: {{id: CODE, rating_kva: KVA}}
sources:
  - file: {sources}
    columns: {{id: CODE}}
"""
NAMES = {"lines": LINES, "switches": SWITCHES, "transformers": STATIONS, "sources": HOUSE}


def drawn(folder: Path, driver: str = "ESRI Shapefile", text: str = DRAWING, **parts: list[Shape]) -> Path:
    files = {}
    for name, shapes in (NAMES | parts).items():
        frame = geopandas.GeoDataFrame(
            [row for _, row in shapes], geometry=[shape for shape, _ in shapes], crs=25832
        )
        if driver == "ESRI Shapefile":
            files[name] = f"{name}.shp"
            frame.to_file(folder / files[name], driver=driver)
        else:
            files[name] = f"town.gdb\n    layer: {name}"
            frame.to_file(folder / "town.gdb", layer=name, driver=driver)
    path = folder / "grid.yaml"
    path.write_text(text.format(**files), encoding="utf-8")
    return path


def said(grid: Grid, code: str) -> list[str]:
    return [str(note) for note in grid.notes if note.code == code]


@pytest.fixture(params=["ESRI Shapefile", "OpenFileGDB"])
def grid(request, tmp_path) -> Grid:
    return load_grid(drawn(tmp_path, request.param), check=False)


def test_layers_give_devices_stations_and_sources(grid):
    assert [str(fault) for fault in grid.validate() if fault.severity == "error"] == []
    kinds = dict(zip(grid.switches.ids.tolist(), grid.switches.kind.tolist(), strict=True))
    assert kinds == {"S1": "switch", "tie": "switch", "S2": "recloser"}
    assert set(grid.ties) == {"tie"}
    assert sorted(grid.transformers.ids) == ["T-east", "T-mid", "T-north", "T-spur"]
    assert not dead(grid)
    assert set(grid.buses.substation[grid.buses.source].tolist()) == {"Sub"}


def test_every_join_over_a_gap_is_listed_with_its_distance_and_place(grid):
    joined = said(grid, "joined")
    assert len(joined) == 2
    assert any("'f1'" in each and "'f1b'" in each and "0.50 m" in each for each in joined)
    assert any("end of 'spur': joined to 'f1b' over 0.3" in each for each in joined)
    (far,) = said(grid, "not-joined")
    assert re.search(r"'far': stands on no line \(the nearest is (199|200)\.\d m away\); left out", far)
    place = next(note for note in grid.notes if note.code == "joined")
    assert place.lon == pytest.approx(6.99, abs=0.02)


def test_lengths_are_stated_or_drawn_and_follow_a_line_that_is_cut(grid):
    length = dict(zip(grid.lines.ids.tolist(), grid.lines.length_m.tolist(), strict=True))
    assert length["f1 / 1"] == pytest.approx(290, abs=3)
    halves = [value for name, value in length.items() if name.startswith("f1b")]
    assert len(halves) == 2
    assert math.fsum(halves) == pytest.approx(640, abs=0.5)
    assert "street" in length
    assert "7 lines without a stated length" in said(grid, "length")[0]


@pytest.mark.parametrize(
    ("opened", "lost"),
    [("S1", {"T-spur", "T-east"}), ("S2", {"T-north"}), ("tie", set())],
)
def test_what_hangs_behind_an_open_switch_is_dead(tmp_path, opened, lost):
    switches = [
        (shape, row | {"STATE": "NO" if row["CODE"] in (opened, "tie") else "NC"}) for shape, row in SWITCHES
    ]
    assert dead(load_grid(drawn(tmp_path, switches=switches), check=False)) == lost


def test_a_switch_where_three_lines_meet_parts_the_supplying_one_and_says_so(tmp_path):
    switches = [*SWITCHES, spot(750, 0, CODE="S3", STATE="NO", TYPE="Switch")]
    grid = load_grid(drawn(tmp_path, switches=switches), check=False)
    assert dead(grid) == {"T-spur", "T-east"}
    assert "stands where 3 lines meet" in said(grid, "junction")[0]


def test_switches_of_one_station_each_take_a_line_of_their_own(tmp_path):
    switches = [
        spot(0, 1000, CODE="A", STATE="NC", TYPE="Switch"),
        spot(0, 1000, CODE="B", STATE="NO", TYPE="Switch"),
        *SWITCHES,
    ]
    stations = [*STATIONS, spot(500, 1000, CODE="T-far", KVA=10)]
    grid = load_grid(drawn(tmp_path, switches=switches, transformers=stations), check=False)
    assert dead(grid) == {"T-far"}


def test_ends_that_columns_name_need_no_drawing(tmp_path):
    rows = [("a", "SUB", "B1"), ("b", "B1", "B2")]
    lines = [line((0, 0), (5, 5), CODE=name, FROM=one, TO=other, KV="20") for name, one, other in rows]
    switches = [spot(0, 0, CODE="S", STATE="NO", FROM="B2", TO="B3")]
    text = """
lines: {{file: {lines}, columns: {{id: CODE, from_bus: FROM, to_bus: TO}}, fixed: {{voltage_kv: 20}}}}
switches: {{file: {switches}, columns: {{id: CODE, normal: STATE, from_bus: FROM, to_bus: TO}},
            values: {{normal: {{NO: open}}}}}}
transformers: {{file: {transformers}, columns: {{id: CODE, bus: BUS}}}}
sources: {{file: {sources}, columns: {{id: CODE, bus: BUS}}}}
"""
    stations = [spot(900, 900, CODE="T2", BUS="B2"), spot(900, 900, CODE="T3", BUS="B3")]
    path = drawn(
        tmp_path, text=text, lines=lines, switches=switches, transformers=stations,
        sources=[spot(5, 5, CODE="Sub", BUS="SUB")],
    )  # fmt: skip
    grid = load_grid(path, check=False)
    assert dead(grid) == {"T3"}
    assert set(grid.buses.ids.tolist()) == {"SUB", "B1", "B2", "B3"}


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("id: CODE, kind", "id: CODES, kind", "has no column 'CODES' for 'id'; did you mean 'CODE'?"),
        ("kind: TYPE, v", "kinds: TYPE, v", "lines[0].columns: 'kinds' is unknown; did you mean 'kind'?"),
        ("lines.shp", "line.shp", "lines[0].file: 'line.shp' is not there; did you mean 'lines.shp'?"),
        ("lines.shp", "../lines.shp", "lies outside the folder of this file"),
        ("tolerance_m: 1.0", "tolerance_m: 1e9", "expected 0 to 100 m"),
        ("normal: STATE", "normal: TYPE", "'Sectionalizer' is neither open nor closed; say which it is"),
        ("length_m: LEN", "length_m: TYPE", "row 1, 'f1', column 'length_m': 'UG cable' is no number"),
        ("sources:", "source:", "source: is unknown; did you mean 'sources'?"),
        ("lines:\n", "lines: [\n", "is not sound YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_drawing_is_said_with_its_place(tmp_path, before, after, fault):
    path = drawn(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    with pytest.raises(GeoError) as error:
        load_grid(path)
    assert fault in str(error.value)


def test_a_shape_that_lies_nowhere_on_the_globe_is_named(tmp_path):
    far = [*LINES, line((1e9, 0), (2e9, 5), CODE="away", TYPE="OH", KV="20")]
    with pytest.raises(GeoError, match="row 9, 'away': lies nowhere on the globe"):
        load_grid(drawn(tmp_path, lines=far))


def test_without_a_source_near_a_line_nothing_is_read(tmp_path):
    with pytest.raises(GeoError, match="no source stands within 1 m of a line"):
        load_grid(drawn(tmp_path, sources=[spot(5000, 5000, CODE="Sub")]))


def test_layers_are_proposed_by_names_shapes_and_what_stands_in_them(tmp_path):
    folder = tmp_path / "red"
    folder.mkdir()
    lines = [
        (shape, {"CODIGO": row["CODE"], "TENSION": 20000, "LONGITUD": round(shape.length / 1000, 3)})
        for shape, row in LINES[:6]
    ]
    switches = [(shape, row | {"STATE": "ZU"}) for shape, row in SWITCHES]
    drawn(folder, lines=lines, switches=switches).unlink()
    for name, new in (("lines", "tramos_mt"), ("transformers", "trafos"), ("sources", "subestaciones")):
        for each in folder.glob(f"{name}.*"):
            each.rename(folder / f"{new}{each.suffix}")
    found = propose_drawing(sorted(folder.iterdir()), tmp_path)
    assert found is not None
    assert len(found[1]) == 4
    text = found[0].read_text(encoding="utf-8")
    assert '{"id": "CODIGO", "length_m": "LONGITUD", "voltage_kv": "TENSION"}' in text
    assert '"length_m": 1000.0' in text
    assert '"voltage_kv": 0.001' in text
    assert "# ? STATE holds zu: say under 'values' which is open" in text
    with pytest.raises(GeoError, match="'ZU' is neither open nor closed"):
        load_grid(found[0])
    text = text.replace(
        '    columns: {"id": "CODE", "kind"',
        '    values: {normal: {ZU: closed}}\n    columns: {"id": "CODE", "kind"',
    )
    found[0].write_text(text, encoding="utf-8")
    grid = load_grid(found[0])
    assert sorted(grid.transformers.ids) == ["T-east", "T-mid", "T-north", "T-spur"]


def test_streets_and_points_alone_are_no_grid(tmp_path):
    drawn(tmp_path, lines=[(shape, {"highway": "primary", "name": "x"}) for shape, _ in LINES]).unlink()
    assert propose_drawing(sorted(tmp_path.iterdir()), tmp_path) is None
    assert not (tmp_path / "grid.yaml").exists()
