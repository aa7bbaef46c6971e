"""PyPSA folders: buses, lines and transformers as PyPSA writes them; what feeds nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo import load_grid
from geo.errors import GeoError
from tests.geo.asking import dead, said

TOWN = {
    "network": "name,pypsa_version,srid\ntown,1.0,4326\n",
    "buses": "name,v_nom,x,y,carrier\nup,110,7,48,AC\nmv,20,7,48,AC\na,20,7.01,48,AC\nb,20,7,48.01,\n"
    "low,0.4,7.01,48,AC\nheat,1,,,heat\n",
    "lines": "name,bus0,bus1,length,s_nom,active\nto a,mv,a,0.8,5,True\nto b,mv,b,1.2,5,True\n"
    "a to b,a,b,2.0,5,False\n",
    "transformers": "name,bus0,bus1,s_nom\nT1,up,mv,25\nT2,a,low,0.4\n",
    "loads": "name,bus,p_set\nhomes,low,0.2\nmill,b,0.5\nboiler,heat,1\n",
    "generators": "name,bus,control,p_nom\nupper grid,up,Slack,1000\nsun,low,PQ,0.1\n",
    "links": "name,bus0,bus1\nheat pump,low,heat\n",
}


def written(folder: Path, **parts: str) -> Path:
    folder = folder / "town"
    folder.mkdir(exist_ok=True)
    for name, text in (TOWN | parts).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_network_gives_stations_lengths_and_a_tie_where_a_line_is_not_active(tmp_path):
    grid = load_grid(written(tmp_path))
    assert not [fault for fault in grid.validate() if fault.severity == "error"]
    assert sorted(grid.transformers.ids) == ["T2", "mill"]
    assert set(grid.ties) == {"a to b (out of service)"}
    assert dict(zip(grid.lines.ids.tolist(), grid.lines.length_m.tolist(), strict=True))["to b"] == 1200
    assert "1 bus of the carrier 'heat' left out" in said(grid)
    assert "links.csv: 1 not read" in said(grid)


def test_what_hangs_on_a_line_that_is_not_active_is_dead(tmp_path):
    lines = TOWN["lines"].replace("1.2,5,True", "1.2,5,False")
    assert dead(load_grid(written(tmp_path, lines=lines), check=False)) == {"mill"}


def test_without_a_slack_the_first_generator_feeds_and_that_is_said(tmp_path):
    generators = TOWN["generators"].replace("Slack", "PQ")
    grid = load_grid(written(tmp_path, generators=generators))
    assert not dead(grid)
    assert "without a slack" in said(grid)


def test_coordinates_are_in_the_system_that_the_network_states(tmp_path):
    network = TOWN["network"].replace("4326", "25832")
    buses = TOWN["buses"].replace(",7,48,", ",350900,5318000,").replace(",7.01,48,", ",351650,5318000,")
    grid = load_grid(written(tmp_path, network=network, buses=buses.replace(",7,48.01,", ",350900,5319100,")))
    assert grid.buses.lon.tolist() == pytest.approx([7.0] * len(grid.buses.lon), abs=0.02)


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        (
            {"lines": "name,bus0,bus1\nx,mv,aa\n"},
            "lines.csv: row 2, column 'bus1': 'aa' is no bus; did you mean 'a'?",
        ),
        ({"loads": "name,buss\nx,a\n"}, "loads.csv: has no column 'bus'; did you mean 'buss'?"),
        ({"buses": "name,v_nom\na,much\n"}, "buses.csv: row 2, column 'v_nom': 'much' is no number"),
        (
            {"network": "name,pypsa_version,srid\nx,1,4;\n"},
            "network.csv: column 'srid': 'EPSG:4;' is no coordinate",
        ),
        ({"buses": "name,v_nom\na,20\na,20\n"}, "buses.csv: row 3: 'a' is there twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, parts, fault):
    with pytest.raises(GeoError) as error:
        load_grid(written(tmp_path, **parts))
    assert fault in str(error.value)
