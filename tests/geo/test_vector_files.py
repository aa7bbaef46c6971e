"""Geographic files are opened only where they are what their names say."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo import load_grid, load_roads
from geo.errors import GeoError
from geo.readers.points import read_layer

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
