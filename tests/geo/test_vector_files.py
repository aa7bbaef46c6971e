"""Geographic files are opened only where they are what their names say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from geo import load_grid, load_roads
from geo.errors import GeoError
from geo.readers.points import read_layer
from geo.vector_files import DRIVERS_LEFT_OUT

OTHER = """<OGRVRTDataSource><OGRVRTLayer name="{name}"><SrcDataSource>{file}</SrcDataSource>
<SrcLayer>secret</SrcLayer><LayerSRS>EPSG:4326</LayerSRS><GeometryType>wkbPoint</GeometryType>
<GeometryField encoding="PointFromColumns" x="x" y="y"/></OGRVRTLayer></OGRVRTDataSource>"""


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".json"])
def test_a_text_that_would_read_another_file_is_not_opened_whatever_it_is_called(tmp_path, suffix):
    secret = tmp_path / "secret.csv"
    secret.write_text("x,y,id\n1,2,password\n")
    path: Path = tmp_path / f"customers{suffix}"
    path.write_text(OTHER.format(name="customers", file=secret))
    for read in (lambda: read_layer(path, "customers"), lambda: load_grid(path), lambda: load_roads(path)):
        with pytest.raises(GeoError) as error:
            read()
        assert "password" not in str(error.value)
    with pytest.raises(GeoError, match="does not begin like one"):
        read_layer(path, "customers")


@pytest.mark.parametrize("before", ["", " " * 9000])
def test_an_order_to_gdal_is_no_geojson_wherever_it_stands_in_the_file(tmp_path, before):
    secret = tmp_path / "secret.geojson"
    point = {"type": "Point", "coordinates": [1.0, 2.0]}
    feature = {"type": "Feature", "properties": {"id": "password"}, "geometry": point}
    secret.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    order = f"gdal vector pipeline ! read {secret} ! reproject --dst-crs=EPSG:4326"
    path = tmp_path / "customers.geojson"
    path.write_text(
        '{"a": "' + before + '", "type": "gdal_streamed_alg", "command_line": ' + json.dumps(order) + "}"
    )
    with pytest.raises(GeoError, match="tells what to do with other files"):
        read_layer(path, "customers")


def test_drivers_that_fetch_run_or_follow_are_left_out_before_gdal_is_loaded():
    told = "import geo, pyogrio; print(*pyogrio.list_drivers())"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    drivers = set(ran.stdout.split())
    assert {"GPKG", "GeoJSON", "OpenFileGDB", "FlatGeobuf"} <= drivers
    assert not drivers & set(DRIVERS_LEFT_OUT)
