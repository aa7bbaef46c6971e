"""Reading, writing and refusing the grid's own tables."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from geo import GeoError, Grid, load_grid, write_grid
from geo.readers.loading import grid_tables
from geo.readers.tables import read_bytes

BUSES = """\
id,lon,lat,kind,substation
S,7.80,48.40,source,North
a,7.81,48.40,,
b,7.82,48.40,,
c,7.83,48.40,bus,
Z,7.84,48.40,source,South
"""
LINES = """\
id,from_bus,to_bus,length_m,kind,rating_kw
L1,a,b,730,cable,5000
"""
SWITCHES = """\
id,from_bus,to_bus,kind,control,normal
B1,S,a,breaker,remote,closed
F1,b,c,fuse,manual,closed
T1,c,Z,switch,manual,open
"""
TRANSFORMERS = """\
id,bus,rating_kva,name
TA,a,100,Alder
TC,c,50,
"""


@pytest.fixture
def folder(tmp_path):
    for name, text in {
        "buses": BUSES,
        "lines": LINES,
        "switches": SWITCHES,
        "transformers": TRANSFORMERS,
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def faults_of(folder) -> list[str]:
    with pytest.raises(GeoError) as caught:
        load_grid(folder)
    return [str(fault) for fault in caught.value.faults]


def assert_same(one: Grid, other: Grid) -> None:
    for name, table in grid_tables(one).items():
        pd.testing.assert_frame_equal(table, grid_tables(other)[name], check_dtype=False, obj=name)


def test_folder_of_tables_becomes_sections_feeders_and_ties(folder):
    grid = load_grid(folder)
    assert [section.id for section in grid.sections] == ["S", "a", "c", "Z"]
    assert [(feeder.id, feeder.substation, feeder.transformers) for feeder in grid.feeders] == [
        ("B1", "North", 2)
    ]
    assert grid.ties == ("T1",)
    assert grid.validate() == ()
    assert grid.graph.number_of_edges() == 4


@pytest.mark.parametrize("form", ["folder", "grid.gpkg", "grid.geojson"])
def test_written_grid_reads_back_equal(folder, tmp_path, form):
    grid = load_grid(folder)
    place = tmp_path / "again" if form == "folder" else tmp_path / form
    write_grid(grid, place)
    assert_same(grid, load_grid(place))


@pytest.mark.parametrize("form", ["grid.gpkg", "grid.geojson"])
def test_folder_with_one_geographic_file_is_read_from_it(folder, tmp_path, form):
    (tmp_path / "case").mkdir()
    write_grid(load_grid(folder), tmp_path / "case" / form)
    assert_same(load_grid(folder), load_grid(tmp_path / "case"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_other_encodings_and_line_ends_are_read(folder, encoding):
    text = TRANSFORMERS.replace("Alder", "滨海路").replace("\n", "\r\n")
    (folder / "transformers.csv").write_bytes(text.encode(encoding))
    assert load_grid(folder).transformers.name.tolist() == ["滨海路", ""]


def test_gzip_tables_are_read(folder):
    (folder / "buses.csv.gz").write_bytes(gzip.compress((folder / "buses.csv").read_bytes()))
    assert faults_of(folder) == ["buses.csv: both buses.csv and buses.csv.gz are there; keep one"]
    (folder / "buses.csv").unlink()
    assert load_grid(folder).bus_at["c"] == 3
    (folder / "buses.csv.gz").write_bytes((folder / "buses.csv.gz").read_bytes()[:-20])
    assert "buses.csv.gz: cannot be read" in faults_of(folder)[0]


def test_file_that_unpacks_to_too_much_is_refused_unread(tmp_path):
    (tmp_path / "buses.csv.gz").write_bytes(gzip.compress(b"a" * 5_000_000))
    with pytest.raises(GeoError, match="holds more than 1,000,000 bytes"):
        read_bytes(tmp_path / "buses.csv.gz", most=1_000_000)


def test_all_faults_of_all_tables_are_listed_at_once(folder):
    (folder / "buses.csv").write_text(BUSES.replace("7.81,48.40", "48.40,107.81").replace("c,7.83", "c,"))
    (folder / "lines.csv").write_text(LINES.replace("length_m", "lenght_m").replace(",cable", ",kable"))
    (folder / "switches.csv").write_text(SWITCHES.replace("T1,c", "B1,cc"))
    (folder / "transformers.csv").write_text("id,rating_kva\nTA,-4\n,12\n")
    assert sorted(faults_of(folder)) == sorted(
        [
            "buses.csv: row 3, column 'lat': is '107.81'; must be a number from -90 to 90; "
            "are longitude and latitude swapped?",
            "buses.csv: row 5, column 'lon': is empty; must be given",
            "lines.csv: column 'lenght_m': unknown column; did you mean 'length_m'?",
            "lines.csv: row 2, column 'kind': is 'kable'; "
            "must be one of overhead, cable, lv, link; did you mean 'cable'?",
            "switches.csv: row 4, column 'id': duplicate id 'B1'; first used in row 2",
            "transformers.csv: row 3, column 'id': is empty; must be given",
            "transformers.csv: column 'bus': missing column; found id, rating_kva",
            "transformers.csv: row 2, column 'rating_kva': is '-4'; must be a number of at least 0",
            "switches.csv: row 4, column 'from_bus': unknown bus 'cc'; did you mean 'c'?",
        ]
    )


def test_swapped_coordinates_of_one_bus_are_named(folder):
    (folder / "buses.csv").write_text(BUSES.replace("7.82,48.40", "48.40,7.82"))
    assert faults_of(folder) == [
        "buses.csv: row 4, columns 'lon', 'lat': (48.4, 7.82) is far from the other buses (7.8300, 48.4000); "
        "longitude and latitude look swapped"
    ]


def test_a_hundred_faults_show_fifty_and_the_count(folder):
    (folder / "transformers.csv").write_text("id,bus\n" + "".join(f"T{n},nowhere\n" for n in range(100)))
    with pytest.raises(GeoError) as caught:
        load_grid(folder)
    lines = str(caught.value).splitlines()
    assert len(lines) == 52
    assert lines[-2:] == ["... and 50 more", "100 faults"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: f / "nothing", "nothing: not found"),
        (
            lambda f: _written(f / "grid.gpkg", b"SQLite format 3\x00 cut"),
            "grid.gpkg: is cut short or not a GeoPackage",
        ),
        (lambda f: _written(f / "grid.geojson", b"{"), "grid.geojson: is not JSON"),
        (lambda f: _written(f / "grid.geojson", b"[]"), "features: is not a GeoJSON FeatureCollection"),
        (lambda f: _written(f / "grid.xlsx", b""), "grid.xlsx: is a workbook"),
    ],
)
def test_what_is_no_grid_is_refused_by_name(tmp_path, make, message):
    with pytest.raises(GeoError, match=message.replace("(", r"\(")):
        load_grid(make(tmp_path))


def _written(path, data):
    path.write_bytes(data)
    return path


def test_missing_files_are_all_named(tmp_path):
    assert [line.split(":")[0] for line in faults_of(tmp_path)] == [
        "buses.csv",
        "lines.csv",
        "switches.csv",
        "transformers.csv",
    ]


def test_ragged_and_empty_files_are_refused(folder):
    (folder / "lines.csv").write_text("id,from_bus,to_bus\nL1,a,b,c,d\n")
    (folder / "switches.csv").write_text("")
    found = faults_of(folder)
    assert found[0].startswith("lines.csv: row 2: rows have more cells than the header")
    assert found[1].startswith("switches.csv: is not a table")


def test_unwritable_place_is_an_error_and_leaves_nothing(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GeoError, match="cannot be written"):
        write_grid(load_grid(folder), tmp_path / "file" / "grid")


def test_transformer_without_place_takes_its_bus(folder):
    grid = load_grid(folder)
    assert np.allclose(grid.transformers.lon, [7.81, 7.83])
