"""Roads as osmnx saves them, and lines that nobody has split: ends, limits and one-way streets."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import geopandas
import networkx as nx
import pandas as pd
import pyogrio
import pytest
from pyproj import Geod
from shapely.geometry import LineString, Point

from geo import Roads, load_roads
from geo.errors import GeoError
from geo.roads.osmnx import first_of

PLACES = {"1": (7.0, 48.0), "2": (7.01, 48.0), "3": (7.01, 48.01), "4": (7.0, 48.01)}
# u, v as the export has them; the ends that the line begins and ends at; posted limit, one way
STREETS = [
    ("1", "2", "12", "30", False),
    ("2", "3", "32", "['60', '50']", False),
    ("3", "4", "34", "30 mph", False),
    ("1", "4", "41", None, True),
]


def metres(*corners: str) -> float:
    lon, lat = zip(*(PLACES[name] for name in corners), strict=True)
    return float(Geod(ellps="WGS84").line_length(lon, lat))


def undirected() -> Any:
    """Lines of which some run from `v` to `u`, as osmnx writes them with directed=False."""
    rows = [
        {
            "u": int(u),
            "v": int(v),
            "key": 0,
            "osmid": 9000 + at,
            "highway": "['residential', 'service']",
            "name": "['Mill Lane', 'Mill Yard']",
            "maxspeed": limit,
            "speed_kph": 40.0,
            "oneway": one_way,
            "reversed": False,
            "length": metres(*drawn),
            "geometry": LineString([PLACES[drawn[0]], PLACES[drawn[1]]]),
        }
        for at, (u, v, drawn, limit, one_way) in enumerate(STREETS)
    ]
    return geopandas.GeoDataFrame(rows, crs=4326)


def node_layer() -> Any:
    rows = [{"osmid": int(name), "geometry": Point(place)} for name, place in PLACES.items()]
    return geopandas.GeoDataFrame(rows, crs=4326)


def drive(roads: Roads, start: str, end: str) -> tuple[int, int]:
    lon, lat = zip(PLACES[start], PLACES[end], strict=True)
    at = roads.snap(lon, lat)
    assert at.distance_m.max() < 1
    table = roads.travel(at.node_idx)
    return int(table.durations_s[0, 1]), int(table.distances_m[0, 1])


@pytest.mark.parametrize("with_nodes", [True, False])
def test_an_undirected_export_has_its_nodes_where_they_are(tmp_path: Path, with_nodes: bool) -> None:
    path = tmp_path / "roads.gpkg"
    if with_nodes:
        node_layer().to_file(path, layer="nodes")
    undirected().to_file(path, layer="edges")
    roads = load_roads(path)
    for name, (lon, lat) in PLACES.items():
        at = roads.ids.tolist().index(name)
        assert (roads.lon[at], roads.lat[at]) == pytest.approx((lon, lat), abs=1e-7)
    seconds = metres("1", "2") / (30 * 0.85 / 3.6) + metres("2", "3") / (50 * 0.85 / 3.6)
    assert drive(roads, "1", "3") == (pytest.approx(seconds, abs=1), pytest.approx(metres(*"123"), abs=1))
    assert roads.nearest_name(7.005, 48.0) == "Mill Lane"


def test_a_one_way_street_of_an_undirected_export_is_driven_as_its_line_runs(tmp_path: Path) -> None:
    node_layer().to_file(tmp_path / "roads.gpkg", layer="nodes")
    undirected().to_file(tmp_path / "roads.gpkg", layer="edges")
    roads = load_roads(tmp_path)
    assert drive(roads, "4", "1")[1] == pytest.approx(metres(*"41"), abs=1)
    assert drive(roads, "1", "4")[1] == pytest.approx(metres(*"1234"), abs=1)
    # no limit is posted there: what osmnx worked out counts
    assert drive(roads, "4", "1")[0] == pytest.approx(metres(*"41") / (40 * 0.85 / 3.6), abs=1)


def test_a_directed_export_gives_the_same_drives(tmp_path: Path) -> None:
    once = undirected()
    turned = once[~once["oneway"]].copy()
    turned["geometry"] = turned.geometry.reverse()
    for frame, swap in ((once, False), (turned, True)):
        ends = [(drawn[::-1] if swap else drawn) for _, _, drawn, _, one in STREETS if not (swap and one)]
        frame["u"], frame["v"] = [int(pair[0]) for pair in ends], [int(pair[1]) for pair in ends]
    both = geopandas.GeoDataFrame(geopandas.pd.concat([once, turned], ignore_index=True), crs=4326)
    both.to_file(tmp_path / "roads.gpkg", layer="edges")
    roads = load_roads(tmp_path)
    assert len(roads.tail) == 7
    assert drive(roads, "1", "4")[1] == pytest.approx(metres(*"1234"), abs=1)


def graph(*, directed: bool) -> Any:
    found = nx.MultiDiGraph(crs="epsg:4326") if directed else nx.MultiGraph(crs="epsg:4326")
    for name, (lon, lat) in PLACES.items():
        found.add_node(name, x=str(lon), y=str(lat))
    for _, _, drawn, limit, one_way in STREETS:
        data = {"oneway": str(one_way), "highway": "residential", "length": str(metres(*drawn))}
        data |= {"maxspeed": limit} if limit else {}
        data["geometry"] = LineString([PLACES[drawn[0]], PLACES[drawn[1]]]).wkt
        found.add_edge(drawn[0], drawn[1], **data)
        if directed and not one_way:
            found.add_edge(drawn[1], drawn[0], **data)
    return found


@pytest.mark.parametrize("directed", [True, False])
def test_graphml_gives_the_same_drives(tmp_path: Path, directed: bool) -> None:
    nx.write_graphml(graph(directed=directed), tmp_path / "roads.graphml")
    roads = load_roads(tmp_path)
    assert drive(roads, "1", "4")[1] == pytest.approx(metres(*"1234"), abs=1)
    assert drive(roads, "4", "1")[1] == pytest.approx(metres(*"41"), abs=1)
    seconds = metres("1", "2") / (30 * 0.85 / 3.6)
    assert drive(roads, "1", "2")[0] == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<graphml></graphml>", "is no GraphML of roads"),
        ("", "is no GraphML of roads"),
        ('<!DOCTYPE g [<!ENTITY a "b">]><graphml>&a;</graphml>', "declares a document type"),
    ],
)
def test_what_is_no_graph_is_said(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "roads.graphml").write_text(text)
    with pytest.raises(GeoError, match=message):
        load_roads(tmp_path)


@pytest.mark.parametrize("name", ["roads.shp", "roads.geojson", "roads.gpkg"])
def test_lines_that_cross_at_a_point_of_both_are_joined_there(tmp_path: Path, name: str) -> None:
    across = LineString([(7.0, 48.0), (7.01, 48.0), (7.02, 48.0)])
    along = LineString([(7.01, 47.99), (7.01, 48.0), (7.01, 48.01)])
    rows = {"fclass": ["residential", "primary"], "maxspeed": [0, 60], "oneway": ["B", "B"]}
    geopandas.GeoDataFrame(rows, geometry=[across, along], crs=4326).to_file(tmp_path / name)
    roads = load_roads(tmp_path)
    at = roads.snap([7.0, 7.01], [48.0, 48.01])
    table = roads.travel(at.node_idx)
    expected = 1000 * (0.7454 / (25 / 3.6) + 1.1119 / (60 * 0.85 / 3.6))
    assert table.durations_s[0, 1] == pytest.approx(expected, rel=0.01)


def test_the_first_of_several_values_counts():
    assert first_of("['primary', 'trunk']") == "primary"
    assert first_of(["a", "b"]) == "a"
    assert first_of("[odd") == "[odd"
    assert first_of(None) == first_of(float("nan")) == first_of([]) == ""


SHUT = [
    ({"highway": "footway"}, "walking"),
    ({"highway": "['footway', 'steps']"}, "walking"),
    ({"access": "private"}, "private"),
    ({"access": "['yes', 'no']"}, "private"),
    ({"motor_vehicle": "no"}, "private"),
    ({"maxheight": "2.5"}, "too low"),
    ({"maxweight": "3.5 t"}, "too weak"),
    ({"oneway": "reversible"}, "by the hour"),
    ({"route": "ferry", "highway": None}, "ferries"),
]


@pytest.mark.parametrize(("tags", "why"), SHUT)
@pytest.mark.parametrize("kind", ["gpkg", "graphml", "geojson"])
def test_streets_of_an_export_that_a_truck_may_not_drive_are_left_out_and_counted(
    tmp_path: Path, kind: str, tags: dict[str, Any], why: str
) -> None:
    # a short cut from 2 to 4 besides the streets
    path = tmp_path / f"roads.{kind}"
    line = LineString([PLACES["2"], PLACES["4"]])
    if kind == "graphml":
        whole = graph(directed=False)
        own = {"oneway": "False", "highway": "residential", "geometry": line.wkt} | tags
        whole.add_edge("2", "4", **{key: text for key, text in own.items() if text is not None})
        nx.write_graphml(whole, path)
    else:
        row = {"u": 2, "v": 4, "highway": "residential", "oneway": False, "geometry": line} | tags
        lines = geopandas.pd.concat([undirected(), geopandas.GeoDataFrame([row], crs=4326)])
        lines["oneway"] = lines["oneway"].astype(str)
        lines.to_file(path, **({"layer": "edges"} if kind == "gpkg" else {}))
    roads = load_roads(path)
    assert why in "\n".join(map(str, roads.warnings))
    assert len(roads.tail) == 7
    assert drive(roads, "2", "4")[1] == pytest.approx(metres(*"234"), abs=1)


def test_a_street_of_several_classes_has_the_first_that_is_driven(tmp_path: Path) -> None:
    lines = undirected()
    lines["highway"] = "['footway', 'primary']"
    lines.to_file(tmp_path / "roads.gpkg", layer="edges")
    assert set(load_roads(tmp_path).highway.tolist()) == {"primary"}


def test_classes_of_somebodys_own_are_driven(tmp_path: Path) -> None:
    lines = undirected()
    lines["highway"] = "支路"
    lines.to_file(tmp_path / "ROADS.GPKG", layer="edges")
    assert len(load_roads(tmp_path / "ROADS.GPKG").tail) == 7


def test_a_geopackage_that_lacks_a_column_it_names_is_said(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    lines = [LineString([PLACES["1"], PLACES["2"]]), LineString([PLACES["2"], PLACES["3"]])]
    places = [Point(PLACES["1"]), Point(PLACES["2"])]
    streets = geopandas.GeoDataFrame({"highway": ["residential"] * 2}, geometry=lines, crs=4326)
    streets.to_file(path, layer="edges")
    geopandas.GeoDataFrame({"osmid": ["1", "2"]}, geometry=places, crs=4326).to_file(path, layer="nodes")
    with sqlite3.connect(path) as base:
        base.execute("update gpkg_geometry_columns set column_name = 'x' where table_name = 'nodes'")
    with pytest.raises(GeoError, match="is damaged"):
        load_roads(path)


def test_a_geopackage_whose_streets_have_no_geometry_is_said(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"highway": ["residential"]}), path, layer="edges")
    with pytest.raises(GeoError, match="no geometry"):
        load_roads(path)
