"""Grids in other people's formats: CIM, pandapower, CGMES."""

from __future__ import annotations

import importlib.util
import json

import pytest

from geo import Fault, GeoError, Grid, load_grid, restore, write_grid
from geo.placing import on_globe, spread
from geo.readers.loading import grid_tables
from geo.readers.pandapower import read_pandapower, tables_of_net

RDF = (
    '<rdf:RDF xmlns:cim="http://iec.ch/TC57/CIM100#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    "{}</rdf:RDF>"
)


def cim(*objects: str) -> str:
    """Write CIM objects as text: ``class id key=value key->id``."""
    parts = []
    for text in objects:
        kind, name, *properties = text.split()
        inner = "".join(
            f'<cim:{p.split("->")[0]} rdf:resource="#_{p.split("->")[1]}"/>'
            if "->" in p
            else f"<cim:{p.split('=')[0]}>{p.split('=')[1]}</cim:{p.split('=')[0]}>"
            for p in properties
        )
        name_tag = f"<cim:IdentifiedObject.name>{name}</cim:IdentifiedObject.name>"
        parts.append(f'<cim:{kind} rdf:ID="_{name}">{name_tag}{inner}</cim:{kind}>')
    return RDF.format("".join(parts))


def equipment(kind: str, name: str, *nodes: str, more: str = "") -> list[str]:
    terminals = [
        f"Terminal {name}_{k} Terminal.ConductingEquipment->{name} Terminal.ConnectivityNode->{node} "
        f"ACDCTerminal.sequenceNumber={k}"
        for k, node in enumerate(nodes, start=1)
    ]
    return [f"{kind} {name} {more}", *terminals]


def small_cim() -> list[str]:
    mv, lv = "ConductingEquipment.BaseVoltage->MV", "ConductingEquipment.BaseVoltage->LV"
    return [
        "BaseVoltage MV BaseVoltage.nominalVoltage=12470",
        "BaseVoltage LV BaseVoltage.nominalVoltage=240",
        *(f"ConnectivityNode {name}" for name in ("n0", "n1", "n2", "n3", "v3", "house")),
        *equipment("EnergySource", "src", "n0"),
        *equipment("Breaker", "cb", "n0", "n1", more=f"Switch.normalOpen=false {mv} Switch.ratedCurrent=400"),
        *equipment("ACLineSegment", "l1", "n1", "n2", more=f"Conductor.length=120 {mv}"),
        "ACLineSegmentPhase p1 ACLineSegmentPhase.ACLineSegment->l1 "
        "ACLineSegmentPhase.phase->x#SinglePhaseKind.A",
        *equipment(
            "LoadBreakSwitch", "tie", "n2", "n3", more=f"Switch.normalOpen=true Switch.open=false {mv}"
        ),
        *equipment("PowerTransformer", "dt", "n3", "v3"),
        "PowerTransformerEnd e1 PowerTransformerEnd.PowerTransformer->dt TransformerEnd.Terminal->dt_1 "
        "PowerTransformerEnd.ratedU=12470 PowerTransformerEnd.ratedS=50000",
        "PowerTransformerEnd e2 PowerTransformerEnd.PowerTransformer->dt TransformerEnd.Terminal->dt_2 "
        "PowerTransformerEnd.ratedU=240 PowerTransformerEnd.ratedS=50000",
        *equipment("ACLineSegment", "drop", "v3", "house", more=f"Conductor.length=20 {lv}"),
        *equipment("EnergyConsumer", "home", "house", more=lv),
        *equipment(
            "EnergyConsumer", "works", "n2", more=f"EnergyConsumer.p=30000 EnergyConsumer.q=40000 {mv}"
        ),
    ]


def test_cim100_gives_devices_states_ratings_phases_and_low_voltage(tmp_path):
    (tmp_path / "grid.xml").write_text(cim(*small_cim()))
    grid = load_grid(tmp_path / "grid.xml", check=False)
    assert [fault.code for fault in grid.validate()] == ["island"]
    tables = {name: table.set_index("id") for name, table in grid_tables(grid).items()}
    assert tables["switches"].loc["cb", ["kind", "control", "normal"]].tolist() == [
        "breaker",
        "remote",
        "closed",
    ]
    assert tables["switches"].loc["cb", "rating_kw"] == round(3**0.5 * 400 * 12.47)
    assert tables["switches"].loc["tie", ["normal", "present"]].tolist() == ["open", "closed"]
    assert tables["lines"].loc["drop", ["from_bus", "kind"]].tolist() == ["n3", "lv"]
    assert tables["lines"].loc["l1", "phases"] == "A"
    assert tables["transformers"]["rating_kva"].to_dict() == {"dt": 50.0, "works": 50.0}
    assert "v3" not in tables["buses"].index


def test_equipment_without_nodes_is_named_all_at_once(tmp_path):
    objects = [
        text
        for text in small_cim()
        if not text.startswith(("Terminal l1_2", "Terminal tie_1", "Terminal dt_2"))
    ]
    (tmp_path / "grid.xml").write_text(cim(*objects))
    with pytest.raises(GeoError) as caught:
        load_grid(tmp_path / "grid.xml")
    assert [fault.place for fault in caught.value.faults] == [
        "PowerTransformer 'dt'",
        "ACLineSegment 'l1'",
        "LoadBreakSwitch 'tie'",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>', "declares a document type"),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "declares a document type"),
        ("<html></html>", "is not RDF"),
        (RDF[:60], "is not XML"),
        ("", "is not XML"),
    ],
)
def test_hostile_and_broken_xml_is_refused(tmp_path, text, message):
    (tmp_path / "grid.xml").write_text(text)
    with pytest.raises(GeoError, match=message):
        load_grid(tmp_path / "grid.xml")


def test_ieee123_is_read_whole_and_restored_over_its_ties(shared):
    grid = load_grid(shared / "data" / "grid_cim" / "IEEE123.xml", origin=(-71.25, -29.9))
    assert grid.validate() == ()
    assert (len(grid.lines.ids[grid.lines.kind != "link"]), len(grid.switches)) == (118, 8)
    assert grid.ties == ("sw7", "sw8")
    assert len(grid.transformers) == 92
    assert set(grid.lines.phases) >= {"A", "ABC", "BC"} - {"BC"}
    assert abs(grid.buses.lon - -71.25).max() < 0.02
    middle = next(section for section in grid.sections if {"sw4", "sw5"} <= set(section.devices))
    found = restore(grid, [Fault(id="f", kind="line", place=middle.lines[0])])
    way = frozenset({"open:sw4", "close:sw1", "open:sw5", "close:sw7>300"})
    over_the_tie = next(block for block in found.blocks if way in block.ways)
    assert len(over_the_tie.transformers) == 10


def test_folder_with_one_foreign_file_is_read_from_it(tmp_path):
    (tmp_path / "grid.xml").write_text(cim(*small_cim()))
    assert load_grid(tmp_path, check=False, origin=(7.0, 48.0)).buses.lon.tolist()[0] == pytest.approx(
        7.0, abs=0.1
    )


@pytest.mark.parametrize("name", ["mv_oberrhein", "mv_oberrhein_substations"])
def test_oberrhein_is_read_without_pandapower(shared, name):
    grid = load_grid(shared / "data" / "grid_oberrhein_schutterwald" / f"{name}.json")
    assert grid.validate() == ()
    assert (len(grid.feeders), len(grid.ties), len(grid.transformers)) == (4, 6, 147)
    assert sum(feeder.transformers for feeder in grid.feeders) == 147
    assert 7.7 < grid.buses.lon.min() < grid.buses.lon.max() < 8.0


def test_schutterwald_hangs_its_mains_behind_fourteen_transformers(shared):
    grid = load_grid(shared / "data" / "grid_oberrhein_schutterwald" / "lv_schutterwald.json")
    assert len(grid.transformers) == 14
    assert grid.lines.low_voltage.all()
    assert {fault.code for fault in grid.validate()} == {
        "line-loop",
        "main-without-bus",
        "low-voltage-dead",
        "low-voltage-open",
    }


def test_foreign_grid_round_trips_through_own_format(shared, tmp_path):
    grid = load_grid(shared / "data" / "grid_cim" / "IEEE123.xml")
    for form in ("folder", "grid.gpkg", "grid.geojson"):
        write_grid(grid, tmp_path / form)
        again = load_grid(tmp_path / form)
        for name, table in grid_tables(grid).items():
            assert table.equals(grid_tables(again)[name]), (form, name)


def test_what_is_no_net_is_refused(tmp_path):
    (tmp_path / "net.json").write_text('{"_class": "pandapowerNet"')
    with pytest.raises(GeoError, match="is not a pandapower net"):
        load_grid(tmp_path / "net.json")
    (tmp_path / "net.json").write_text(json.dumps({"_class": "pandapowerNet", "_object": {"bus": 3}}))
    with pytest.raises(GeoError, match="is not a pandapower net"):
        read_pandapower(tmp_path / "net.json")
    with pytest.raises(GeoError, match="no buses with vn_kv"):
        tables_of_net({})


def test_places_come_from_neighbours_or_a_schematic():
    places = spread(["a", "b", "c", "d"], [("a", "b"), ("c", "d")], {"a": (7.0, 48.0)}, (1.0, 2.0))
    assert places["b"] == (7.0, 48.0)
    assert places["c"] == (1.0, 2.0)
    assert places["d"][1] < 2.0
    globe = on_globe({"a": (0.0, 0.0), "b": (1000.0, 0.0)}, (10.0, 60.0), 1.0)
    assert globe["b"][0] - globe["a"][0] == pytest.approx(1000 / 111_320 / 0.5)


needs_pandapower = pytest.mark.skipif(
    importlib.util.find_spec("pandapower") is None or importlib.util.find_spec("lxml") is None,
    reason="pandapower and lxml are not installed",
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "transformers", "feeders", "ties"),
    [("cgmes_example_multivoltage", 9, 2, 1), ("cgmes_simbench_1-HVMV-mixed", 96, 8, 6)],
)
def test_cgmes_zip_is_read_and_can_be_run(shared, name, transformers, feeders, ties):
    grid: Grid = load_grid(shared / "data" / "grid_cim" / f"{name}.zip")
    assert (len(grid.transformers), len(grid.ties)) == (transformers, ties)
    assert len(grid.feeders) == feeders
    assert not [fault for fault in grid.validate() if fault.severity == "error"]


def test_broken_zip_is_refused(tmp_path):
    (tmp_path / "grid.zip").write_bytes(b"PK cut")
    with pytest.raises(GeoError, match="cannot be unpacked"):
        load_grid(tmp_path / "grid.zip")


@needs_pandapower
def test_net_in_memory_is_the_same_grid_as_its_json(tmp_path):
    import pandapower
    from pandapower import networks

    net = networks.mv_oberrhein()
    pandapower.to_json(net, tmp_path / "net.json")
    from geo.readers.pandapower import grid_of_net

    ours, theirs = load_grid(tmp_path / "net.json"), grid_of_net(net)
    for name, table in grid_tables(ours).items():
        assert table["id"].tolist() == grid_tables(theirs)[name]["id"].tolist()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("net.shp", "one layer of a shapefile"),
        ("net.gdb", "Esri File Geodatabase"),
        ("net.nc", "export_to_csv_folder"),
        ("net.msgpack", "save it as JSON"),
        ("roads.osm", "read as roads"),
        ("net.dgs", "export it as CGMES"),
        ("net.m", "MATPOWER"),
        ("net.xlsx", "workbook"),
        ("net.txt", "is no file of a grid that can be read; expected a folder of CSV tables"),
    ],
)
def test_of_a_format_that_is_not_read_it_is_said_what_it_is_and_what_to_do(tmp_path, name, said):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(GeoError, match=said):
        load_grid(tmp_path / name)


def test_of_folders_that_are_not_read_it_is_said_what_they_are(tmp_path):
    for name in ("Node.csv", "Line.csv", "ExternalNet.csv"):
        (tmp_path / name).write_text("id;node\n")
    with pytest.raises(GeoError, match="is a SimBench net; simbench reads it"):
        load_grid(tmp_path)
    layers = tmp_path / "layers"
    layers.mkdir()
    (layers / "lines.shp").write_bytes(b"x")
    with pytest.raises(GeoError, match="is a folder of layers of a GIS; describe its layers"):
        load_grid(layers)


def test_a_geodatabase_is_a_folder_and_named_all_the_same(tmp_path):
    (tmp_path / "net.gdb").mkdir()
    with pytest.raises(GeoError, match="Esri File Geodatabase"):
        load_grid(tmp_path / "net.gdb")


def test_one_profile_of_a_cgmes_model_is_told_from_a_whole_model(tmp_path):
    text = RDF.format("").replace("CIM100#", "2013/CIM-schema-cim16#")
    (tmp_path / "net_EQ.xml").write_text(text)
    with pytest.raises(GeoError, match="one profile of a CGMES model"):
        load_grid(tmp_path / "net_EQ.xml")


@pytest.mark.filterwarnings("ignore")
def test_a_folder_of_cgmes_profiles_is_read_like_their_zip(shared, tmp_path):
    import zipfile

    packed = shared / "data" / "grid_cim" / "cgmes_example_multivoltage.zip"
    with zipfile.ZipFile(packed) as file:
        file.extractall(tmp_path)
    grid, whole = load_grid(tmp_path), load_grid(packed)
    assert sorted(grid.transformers.ids) == sorted(whole.transformers.ids)
