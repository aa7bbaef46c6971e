from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.errors import GeoError
from geo.roads.network import Roads, load_roads
from geo.roads.speeds import LIMIT_SHARE, OTHER_KMH, SPEED_KMH

NODES = pd.DataFrame(
    [("a", 7.90, 48.45), ("b", 7.91, 48.45), ("c", 7.91, 48.46), ("d", 7.90, 48.46)],
    columns=["id", "lon", "lat"],
)
EDGES = pd.DataFrame(
    [
        ("a", "b", 740, "residential", None, "Mill Lane"),
        ("b", "a", 740, "residential", None, "Mill Lane"),
        ("b", "c", 1120, "primary", 50, "High Street"),
        ("c", "b", 1120, "primary", 50, "High Street"),
        ("c", "d", 740, "residential", None, ""),
        ("d", "a", 1120, "residential", 30, "Oak Road"),
    ],
    columns=["u", "v", "length_m", "highway", "maxspeed_kmh", "name"],
)


def square(nodes: pd.DataFrame = NODES, edges: pd.DataFrame = EDGES) -> Roads:
    return Roads.from_tables(nodes, edges)


def changed(table: pd.DataFrame, row: int, column: str, value: object) -> pd.DataFrame:
    copy = table.astype(object)
    copy.iloc[row, copy.columns.get_loc(column)] = value
    return copy


def faults_of(nodes: pd.DataFrame = NODES, edges: pd.DataFrame = EDGES) -> str:
    with pytest.raises(GeoError) as caught:
        square(nodes, edges)
    return str(caught.value)


def written(folder: Path, nodes: pd.DataFrame = NODES, edges: pd.DataFrame = EDGES) -> Path:
    nodes.to_csv(folder / "roads_nodes.csv", index=False)
    edges.to_csv(folder / "roads_edges.csv.gz", index=False)
    return folder


def lines_frame():
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import LineString

    return geopandas.GeoDataFrame(
        {"highway": ["residential", "primary"], "name": ["Mill Lane", "High Street"], "oneway": ["no", "no"]},
        geometry=[
            LineString([(7.90, 48.45), (7.905, 48.451), (7.91, 48.45)]),
            LineString([(7.91, 48.45), (7.91, 48.46)]),
        ],
        crs=4326,
    )


def test_a_square_of_streets_is_one_part() -> None:
    roads = square()
    assert len(roads) == 4
    assert len(roads.main_nodes) == 4
    assert roads.warnings == ()


def test_a_posted_limit_counts_before_the_class() -> None:
    roads = square()
    assert roads.speed_kmh[2] == pytest.approx(0.85 * 50)
    assert roads.speed_kmh[0] == 25


def test_speeds_of_ones_own_replace_the_defaults() -> None:
    roads = Roads.from_tables(NODES, EDGES, speeds={"residential": 36})
    assert roads.seconds[0] == pytest.approx(74)


def test_a_point_snaps_to_the_nearest_node_in_metres() -> None:
    snap = square().snap([7.9001, 7.9099], [48.4501, 48.4598])
    assert snap.node_idx.tolist() == [0, 2]
    assert snap.distance_m == pytest.approx([13.3, 23.4], abs=0.5)


def test_no_points_snap_to_nothing() -> None:
    assert len(square().snap([], []).node_idx) == 0


def test_a_point_never_snaps_to_a_dead_end_street() -> None:
    nodes = pd.concat([NODES, pd.DataFrame([("e", 7.92, 48.45)], columns=NODES.columns)], ignore_index=True)
    edges = pd.concat(
        [EDGES, pd.DataFrame([("b", "e", 740, "service", None, "")], columns=EDGES.columns)],
        ignore_index=True,
    )
    roads = square(nodes, edges)
    assert roads.snap(7.92, 48.45).node_idx.tolist() == [1]
    assert "2 parts cannot be reached from one another and back (nodes: 4, 1)" in str(roads.warnings[0])


def test_an_address_gets_the_name_of_the_nearest_street_that_has_one() -> None:
    roads = square()
    assert roads.nearest_name(7.905, 48.4499) == "Mill Lane"
    assert roads.nearest_name(7.9101, 48.457) == "High Street"
    assert roads.nearest_names([7.905, 7.8999], [48.4499, 48.455]) == ["Mill Lane", "Oak Road"]


def test_streets_without_names_give_no_name() -> None:
    assert square(edges=EDGES.drop(columns="name")).nearest_name(7.9, 48.45) == ""


def test_a_closed_street_is_driven_around() -> None:
    roads = square()
    assert roads.travel([0, 1]).distances_m[1, 0] == 740
    shut = roads.closed([("b", "a")], both_ways=False)
    assert shut.travel([0, 1]).distances_m.tolist() == [[0, 740], [1120 + 740 + 1120, 0]]
    assert len(roads.tail) == 6


def test_closing_the_only_way_back_is_refused() -> None:
    with pytest.raises(GeoError, match=r"closed roads: 3 parts cannot be reached .* must be >= 80%"):
        square().closed([("a", "b"), ("d", "a")])


def test_closing_an_unknown_street_names_the_nearest_node() -> None:
    nodes = NODES.assign(id=["n100", "n101", "n102", "n103"])
    edges = EDGES.assign(
        u=EDGES["u"].map(dict(zip("abcd", nodes["id"], strict=True))),
        v=EDGES["v"].map(dict(zip("abcd", nodes["id"], strict=True))),
    )
    with pytest.raises(GeoError, match="no node 'm100'; did you mean 'n100'"):
        square(nodes, edges).closed([("m100", "n101")])
    with pytest.raises(GeoError, match="edge n100 - n102: no such edge"):
        square(nodes, edges).closed([("n100", "n102")])


def test_of_parallel_streets_the_quickest_is_driven() -> None:
    slow = pd.DataFrame([("a", "b", 740, "living_street", None, "Slow")], columns=EDGES.columns)
    roads = square(edges=pd.concat([slow, EDGES], ignore_index=True))
    assert [str(roads.name[edge]) for edge in roads.edge_paths([(0, 1)])[0]] == ["Mill Lane"]


def test_a_street_from_a_node_to_itself_is_harmless() -> None:
    loop = pd.DataFrame([("a", "a", 300, "service", None, "Loop")], columns=EDGES.columns)
    roads = square(edges=pd.concat([EDGES, loop], ignore_index=True))
    assert roads.travel([0, 1]).durations_s[0, 0] == 0


def test_every_fault_of_both_tables_is_listed_at_once() -> None:
    nodes = changed(changed(NODES, 1, "id", "a"), 2, "lat", "")
    edges = changed(changed(EDGES, 0, "length_m", -5), 2, "v", "zz")
    text = faults_of(nodes, edges)
    assert "roads_nodes.csv: row 3, column 'id': id 'a' is already in row 2" in text
    assert "roads_nodes.csv: row 4, column 'lat': is empty; expected a number" in text
    assert "roads_edges.csv: row 2, column 'length_m': is -5; must be >= 0" in text
    assert "roads_edges.csv: row 4, column 'v': no node 'zz'" in text


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("length_m", "", "column 'length_m': is empty; expected a number"),
        ("length_m", float("nan"), "column 'length_m': is empty; expected a number"),
        ("length_m", "long", "column 'length_m': 'long' is not a number"),
        ("maxspeed_kmh", -30, "column 'maxspeed_kmh': is -30; must be between 1 and 400"),
        ("maxspeed_kmh", "fast", "column 'maxspeed_kmh': 'fast' is not a number"),
        ("u", "", "column 'u': is empty; expected an id"),
    ],
)
def test_a_bad_cell_of_an_edge_is_named(column: str, value: object, message: str) -> None:
    assert f"roads_edges.csv: row 2, {message}" in faults_of(edges=changed(EDGES, 0, column, value))


def test_bends_that_are_no_points_are_named() -> None:
    edges = EDGES.assign(shape=["7.905 48.4501", "", "", "7.9,48.4", "", ""])
    assert "row 5, column 'shape': '7.9,48.4' is not a list of bends" in faults_of(edges=edges)
    edges = EDGES.assign(shape=["7.905 48.4501", *[""] * 5])
    assert square(edges=edges).path(0, 1)[1] == (7.905, 48.4501)


def test_every_default_speed_stands_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "roads.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| (\w+) \| (\d+) \|", text, flags=re.MULTILINE))
    assert {name: float(speed) for name, speed in shown.items()} == SPEED_KMH
    assert f"any other | {OTHER_KMH:g} |" in text
    assert f"driven at {LIMIT_SHARE:.0%}".replace("%", " %") in text


def test_missing_and_unknown_columns_are_named_with_the_nearest() -> None:
    text = faults_of(NODES.rename(columns={"lon": "long"}), EDGES.rename(columns={"highway": "higway"}))
    assert "column 'lon' is missing; did you mean 'long'?" in text
    assert "unknown column 'higway'; did you mean 'highway'?" in text


def test_an_empty_table_is_a_fault() -> None:
    assert "roads_edges.csv: has no rows" in faults_of(edges=EDGES.iloc[:0])


def test_swapped_coordinates_out_of_range_are_recognised() -> None:
    nodes = NODES.assign(lon=[39.9, 39.9, 39.91, 39.91], lat=[116.3, 116.31, 116.31, 116.3])
    assert "lat is 116.3 in row 2: are lon and lat swapped?" in faults_of(nodes)


def test_swapped_coordinates_within_range_show_in_the_lengths_of_streets() -> None:
    assert "are lon and lat swapped?" in faults_of(NODES.rename(columns={"lon": "lat", "lat": "lon"}))


def test_one_misplaced_node_is_named() -> None:
    text = faults_of(changed(changed(NODES, 3, "lon", 48.46), 3, "lat", 7.90))
    assert "roads_edges.csv: row 6, column 'length_m': is 740, but the ends lie" in text


def test_a_network_that_falls_apart_is_refused_with_the_sizes() -> None:
    nodes = pd.concat([NODES, NODES.assign(id=list("efgh"), lon=NODES["lon"] + 1)], ignore_index=True)
    other = EDGES.assign(
        u=EDGES["u"].map(dict(zip("abcd", "efgh", strict=True))),
        v=EDGES["v"].map(dict(zip("abcd", "efgh", strict=True))),
    )
    text = faults_of(nodes, pd.concat([EDGES, other], ignore_index=True))
    assert "(nodes: 4, 4); the largest holds 50.0% of 8 nodes; must be >= 80%" in text


def test_fifty_faults_are_shown_and_all_are_counted() -> None:
    edges = pd.concat([EDGES.assign(length_m="x")] * 20, ignore_index=True)
    text = faults_of(edges=edges)
    assert text.endswith("... and 70 more\n120 faults")


def test_a_folder_of_tables_loads(tmp_path: Path) -> None:
    roads = load_roads(written(tmp_path))
    assert roads.travel([0, 2]).durations_s.tolist() == square().travel([0, 2]).durations_s.tolist()


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    written(tmp_path)
    text = NODES.to_csv(index=False).replace("\n", "\r\n")
    (tmp_path / "roads_nodes.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert len(load_roads(tmp_path)) == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_street_names_are_read_in_the_usual_encodings(tmp_path: Path, encoding: str) -> None:
    written(tmp_path)
    text = EDGES.assign(name="解放路").to_csv(index=False)
    (tmp_path / "roads_edges.csv.gz").write_bytes(gzip.compress(text.encode(encoding)))
    assert load_roads(tmp_path).nearest_name(7.905, 48.45) == "解放路"


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "roads_nodes.csv").write_bytes(b"id,lon,lat\n\xff\xff\xff,7.9,48.4\n")
    with pytest.raises(GeoError, match=r"roads_nodes.csv: is not a table"):
        load_roads(tmp_path)


def test_a_file_past_two_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    written(tmp_path)
    with (tmp_path / "roads_nodes.csv").open("r+b") as file:
        file.truncate(2_100_000_000)
    with pytest.raises(
        GeoError, match=r"roads_nodes.csv: has 2,100,000,000 bytes; at most 2,000,000,000 are read"
    ):
        load_roads(tmp_path)


def test_a_torn_archive_is_said(tmp_path: Path) -> None:
    path = written(tmp_path) / "roads_edges.csv.gz"
    path.write_bytes(gzip.compress(EDGES.to_csv(index=False).encode())[:60])
    with pytest.raises(GeoError, match=r"roads_edges.csv.gz: cannot be read"):
        load_roads(tmp_path)


def test_a_file_without_rows_or_header_is_said(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "roads_nodes.csv").write_bytes(b"")
    with pytest.raises(GeoError, match=r"roads_nodes.csv: is not a table"):
        load_roads(tmp_path)


def test_a_directory_instead_of_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "roads.gpkg").mkdir()
    with pytest.raises(GeoError, match=r"roads.gpkg: is a directory; expected a file"):
        load_roads(tmp_path)


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(GeoError, match=r"no roads; expected roads_nodes\.csv"):
        load_roads(tmp_path)
    with pytest.raises(GeoError, match="no such file or folder"):
        load_roads(tmp_path / "nowhere")
    (tmp_path / "roads.txt").write_text("")
    with pytest.raises(GeoError, match="not a road file"):
        load_roads(tmp_path / "roads.txt")


def test_half_a_pair_of_tables_is_said(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "roads_edges.csv.gz").unlink()
    with pytest.raises(GeoError, match=r"roads_edges.csv: missing; its partner is there"):
        load_roads(tmp_path)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_lines_of_a_geographic_file_become_streets_both_ways(tmp_path: Path, suffix: str) -> None:
    lines_frame().to_file(tmp_path / f"roads.{suffix}")
    roads = load_roads(tmp_path)
    assert len(roads) == 3
    assert len(roads.tail) == 4
    assert np.allclose(roads.path(0, 1), [(7.90, 48.45), (7.905, 48.451), (7.91, 48.45)])
    assert roads.travel([0, 2]).distances_m[0, 1] == pytest.approx(769 + 1112, abs=5)


def test_a_one_way_line_is_driven_one_way(tmp_path: Path) -> None:
    frame = lines_frame().assign(oneway=["yes", "-1"])
    frame.to_file(tmp_path / "roads.geojson")
    with pytest.raises(GeoError, match="3 parts cannot be reached"):
        load_roads(tmp_path / "roads.geojson")


def test_a_truncated_geopackage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    lines_frame().to_file(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(GeoError, match=r"roads.gpkg: cannot be read"):
        load_roads(tmp_path)


def test_a_layer_without_lines_is_said(tmp_path: Path) -> None:
    frame = lines_frame()
    frame.geometry = [line.interpolate(0) for line in frame.geometry]
    frame.to_file(tmp_path / "roads.geojson")
    with pytest.raises(GeoError, match="holds no lines"):
        load_roads(tmp_path)


def test_the_streets_of_a_whole_city_load(shared: Path) -> None:
    folder = shared / "data" / "road_coquimbo"
    roads = Roads.from_tables(
        pd.read_csv(folder / "nodes.csv.gz", dtype={"id": str}),
        pd.read_csv(folder / "edges.csv.gz", dtype={"u": str, "v": str}),
    )
    assert (len(roads), len(roads.tail), len(roads.main_nodes)) == (15_591, 34_272, 15_492)


def test_a_network_of_75_000_nodes_in_another_projection_loads(shared: Path) -> None:
    pytest.importorskip("pyarrow", reason="reading GeoParquet needs pyarrow")
    roads = load_roads(shared / "data" / "road_cities" / "liege_1656.parquet")
    # 568 streets are for walking only
    assert len(roads) == 75_076
    assert len(roads.tail) == 2 * (79_907 - 568)
    table = roads.travel(roads.main_nodes[np.arange(0, len(roads.main_nodes), 5_000)])
    assert table.durations_s.max() < 3 * 3600
