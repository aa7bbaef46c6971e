"""Files that somebody broke, or made to break the reader: every one is refused by name, with status 2."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dispatch.cli import main
from geo import GeoError, GeoFault, load_grid
from geo.readers.cgmes import refuse_hostile
from geo.readers.tables import BIGGEST_BYTES

CSV = {
    "buses": "id,lon,lat,kind,substation\nB0,-71.26,-29.91,source,S\nB1,-71.25,-29.91,,\n"
    "B2,-71.24,-29.91,,\n",
    "lines": "id,from_bus,to_bus,length_m,kind\nL1,B1,B2,100,overhead\n",
    "switches": "id,from_bus,to_bus,kind,control,normal,name\nBR,B0,B1,breaker,remote,closed,Main\n",
    "transformers": "id,bus,rating_kva,name\nT1,B2,100,Elm\n",
}
RDF = (
    '<rdf:RDF xmlns:cim="http://iec.ch/TC57/CIM100#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
)
BREAKER = "<cim:Breaker{}><cim:IdentifiedObject.name>断路器</cim:IdentifiedObject.name></cim:Breaker>"


def write_tables(folder: Path, **changed: str | bytes) -> Path:
    folder.mkdir()
    for name, text in {**CSV, **changed}.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def feature(layer: str, place: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": place}


FEATURES = [
    feature("buses", point(-71.26, -29.91), id="B0", kind="source", substation="S"),
    feature("buses", point(-71.25, -29.91), id="B1"),
    feature("lines", None, id="L1", from_bus="B0", to_bus="B1", length_m=9, kind="cable"),
    feature("transformers", point(-71.25, -29.91), id="T1", bus="B1", rating_kva=100),
]


def write_geojson(path: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> Path:
    data = {"type": "FeatureCollection", "features": deepcopy(FEATURES)}
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command says of a file, once it has been refused."""
    assert main(["grid", str(path)]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert path.name in said.err or path.is_dir()
    return said.err


def test_the_files_that_are_broken_below_are_sound_before(tmp_path: Path) -> None:
    assert len(load_grid(write_tables(tmp_path / "grid")).lines) == 1
    assert len(load_grid(write_geojson(tmp_path / "grid.geojson")).lines) == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"buses": CSV["buses"].encode("utf-16")[:-1]}, "truncated data"),
        ({"buses": bytes(range(256)) * 20}, "is not a table"),
        ({"buses": CSV["buses"] + '"B3,1,2'}, "EOF inside string"),
        ({"buses": ",".join(f"c{at}" for at in range(100_000))}, "100,000 columns"),
        ({"buses": CSV["buses"].replace("substation", "id")}, "unknown column"),
        ({"lines": CSV["lines"] + "L1,B1,B2,5,cable\n"}, "row 3, column 'id': duplicate id 'L1'"),
        ({"lines": CSV["lines"].replace("L1", "")}, "row 2, column 'id': is empty"),
        ({"lines": CSV["lines"].replace(",100,", ",1e308,")}, "must be a number of at most 10,000,000"),
        ({"lines": CSV["lines"].replace(",100,", ',"1,000",')}, "is '1,000'; must be a number"),
        ({"lines": CSV["lines"].replace(",", ";")}, "missing column; found id;from_bus"),
        ({"lines": CSV["lines"].replace("B2", "\x1b[2J")}, r"is '\x1b[2J'; must hold no control characters"),
        ({"buses": CSV["buses"].replace("B1", "B\0")}, r"is 'B\x00'; must hold no control characters"),
        ({"buses": CSV["buses"].replace("-71.25,-29.91", "-7932000,-3494000")}, "from -180 to 180"),
    ],
)
def test_broken_tables_are_refused_with_file_and_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, str | bytes], message: str
) -> None:
    said = refused(write_tables(tmp_path / "grid", **changed), capsys)
    assert message in said
    assert f"{next(iter(changed))}.csv" in said
    assert all(each.isprintable() for each in said.splitlines())


def test_chinese_names_are_read_in_either_encoding_but_not_in_both_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = CSV["switches"].replace("Main", "沿河路断路器")
    for encoding in ("utf-8", "gb18030"):
        grid = load_grid(write_tables(tmp_path / encoding, switches=named.encode(encoding)))
        assert grid.switches.name.tolist() == ["沿河路断路器"]
    mixed = named.encode("gb18030") + "TIE,B1,B2,switch,manual,open,沿河路\n".encode()
    said = refused(write_tables(tmp_path / "mixed", switches=mixed), capsys)
    assert "line 3 is UTF-8 and others are not" in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["features"][0].update(properties=None), "features[0]: has no property 'layer'"),
        (lambda d: d["features"][0].update(properties="abc"), "features[0]: has no property 'layer'"),
        (lambda d: d["features"][0]["properties"].update(layer={"a": 1}), "features[0]: unknown layer"),
        (lambda d: d["features"][0]["properties"].update(layer=["buses"]), "did you mean 'buses'?"),
        (lambda d: d["features"][0].update(geometry={"type": "Point", "coordinates": 5}), "'lon': is empty"),
        (lambda d: d["features"][0].update(geometry="POINT(1 2)"), "'lon': is empty"),
        (lambda d: d["features"][1]["properties"].update(id=["B1"]), "unknown bus 'B1'"),
        (lambda d: d["features"][1]["properties"].update(id="\ud800"), r"is '\ud800'"),
        (lambda d: d["features"][2]["properties"].update(length_m=10**400), "must be a number"),
        (lambda d: d.update(features=["abc", 5, None]), "features[2]: has no property"),
        (lambda d: d.update(features={}), "is not a GeoJSON FeatureCollection"),
        (
            lambda d: d.update(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}),
            "crs: says its projection is 'urn:ogc:def:crs:EPSG::3857'",
        ),
    ],
)
def test_broken_geojson_is_refused_with_its_place(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], object],
    message: str,
) -> None:
    assert message in refused(write_geojson(tmp_path / "grid.geojson", change), capsys)


@pytest.mark.parametrize("text", ["[" * 1_000_000, '{"a":' * 1_000_000, "", "\x80\x81", "9" * 5000])
@pytest.mark.parametrize("ending", [".geojson", ".json"])
def test_json_without_an_end_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, ending: str
) -> None:
    path = tmp_path / f"grid{ending}"
    path.write_bytes(text.encode("latin-1"))
    refused(path, capsys)


NET: dict[str, dict[str, list[Any]]] = {
    "bus": {"columns": ["name", "vn_kv"], "index": [0, 1], "data": [["a", 20.0], ["b", 20.0]]},
    "line": {"columns": ["from_bus", "to_bus", "length_km"], "index": [0], "data": [[0, 1, 0.5]]},
    "switch": {"columns": ["bus", "element", "et", "closed"], "index": [7], "data": [[0, 0, "l", True]]},
    "ext_grid": {"columns": ["bus"], "index": [0], "data": [[0]]},
}


def write_net(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    tables = deepcopy(NET)
    change(tables)
    objects = {name: {"_object": json.dumps(table)} for name, table in tables.items()}
    path.write_text(json.dumps({"_class": "pandapowerNet", "_object": objects}), encoding="utf-8")
    return path


def test_the_net_that_is_broken_below_is_read_before(tmp_path: Path) -> None:
    assert len(load_grid(write_net(tmp_path / "net.json", lambda _: None), check=False).buses) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n: n["bus"]["data"][0].__setitem__(1, "x"), "bus[0].vn_kv: is 'x'; must be a number"),
        (lambda n: n["bus"]["data"][1].__setitem__(1, None), "bus[1].vn_kv: is 'nan'; must be a number"),
        (lambda n: n["bus"].update(index=[3, 3]), "bus[3]: is there more than once"),
        (lambda n: n["line"]["data"][0].__setitem__(0, {"a": 1}), "line[0].from_bus: is '{'a': 1}'"),
        (lambda n: n["line"]["data"][0].__setitem__(2, 10**400), "is 'inf'; must be a number"),
        (lambda n: n["switch"]["columns"].__setitem__(1, "elment"), "switch: has no column 'element'; did"),
        (lambda n: n["switch"]["data"][0].__setitem__(3, []), "switch[7].closed: is '[]'"),
    ],
)
def test_a_net_whose_cells_cannot_be_is_refused_with_table_row_and_column(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], object],
    message: str,
) -> None:
    assert message in refused(write_net(tmp_path / "net.json", change), capsys)


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0" + bytes(5000), bytes(range(256)) * 20])
def test_what_is_no_geopackage_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    path = tmp_path / "grid.gpkg"
    path.write_bytes(data)
    assert "is cut short or not a GeoPackage" in refused(path, capsys)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{RDF}{'<a>' * 1_000_000}", "is not XML"),
        (f"{RDF}{BREAKER.format('')}</rdf:RDF>", "a Breaker has neither rdf:ID nor rdf:about"),
        (RDF + 2 * BREAKER.format(' rdf:ID="_b"') + "</rdf:RDF>", "has the rdf:ID 'b' of another one"),
        (f'<?xml version="1.0" encoding="klingon"?>{RDF}</rdf:RDF>', "unknown encoding 'klingon'"),
        (f'<?xml version="1.0" encoding="zlib"?>{RDF}</rdf:RDF>', "unknown encoding 'zlib'"),
    ],
)
def test_broken_cim_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    path = tmp_path / "grid.xml"
    path.write_text(text, encoding="utf-8")
    said = refused(path, capsys)
    assert message in said
    assert "line " in said


def test_cim_in_a_chinese_encoding_is_read_by_its_declaration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, head = tmp_path / "grid.xml", '<?xml version="1.0" encoding="GB18030"?>'
    document = head + RDF + BREAKER.format(' rdf:ID="_b"') + "</rdf:RDF>"
    path.write_bytes(document.encode("gb18030"))
    assert "Breaker '断路器'" in refused(path, capsys)
    path.write_bytes(document.encode("gb18030").replace("断".encode("gb18030"), b"\xff\xff"))
    assert "is not gb18030 as it says" in refused(path, capsys)


def test_figures_that_are_no_numbers_do_not_stop_the_reader(tmp_path: Path) -> None:
    terminal = (
        '<cim:Terminal rdf:ID="_t"><cim:ACDCTerminal.sequenceNumber>{}</cim:ACDCTerminal.sequenceNumber>'
        '<cim:Terminal.ConductingEquipment rdf:resource="#_b"/></cim:Terminal>'
    )
    for figure in ("first", "nan", "1e999"):
        path = tmp_path / "grid.xml"
        path.write_text(RDF + BREAKER.format(' rdf:ID="_b"') + terminal.format(figure) + "</rdf:RDF>")
        with pytest.raises(GeoError, match="terminals with a connectivity node"):
            load_grid(path)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"EQ.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}, "EQ.xml: declares a document type"),
        ({f"{at}.xml": b"" for at in range(1001)}, "holds 1,001 files"),
    ],
)
def test_a_hostile_zip_is_refused_before_anything_unpacks_it(
    tmp_path: Path, members: dict[str, bytes], message: str
) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    with pytest.raises(GeoError, match=message):
        refuse_hostile(path)


def test_a_zip_that_unpacks_without_an_end_is_left_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.readers.cgmes.BIGGEST_BYTES", 1 << 20)
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("EQ.xml", b"<x>" + b" " * (3 << 20))
    assert path.stat().st_size < BIGGEST_BYTES // 1000
    with pytest.raises(GeoError, match="unpacks to more than"):
        refuse_hostile(path)


def test_a_grid_without_a_source_and_with_loops_islands_and_shared_names_names_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    looped = CSV["switches"] + "S2,B1,B2,switch,manual,closed,\nS3,B0,B2,switch,manual,closed,\n"
    island = CSV["lines"] + "L9,B8,B9,0,cable\nL2,B1,B1,5,overhead\nBR,B1,B2,5,overhead\n"
    far = CSV["buses"] + "B8,-71.2,-29.9,,\nB9,-71.2,-29.9,,\n"
    behind = CSV["transformers"] + "T9,B9,100,Far\n"
    folder = write_tables(tmp_path / "grid", switches=looped, lines=island, buses=far, transformers=behind)
    assert main(["grid", str(folder)]) == 2
    said = capsys.readouterr().out
    for words in (
        "closes a loop in the normal state",
        "an island of 1 section and 1 transformer",
        "begins and ends at bus 'B1'",
        "a line has the same id",
    ):
        assert words in said


def test_what_is_printed_of_a_fault_does_nothing_to_a_terminal() -> None:
    fault = GeoFault(file="a\x1b]0;x\x07.csv", place="row 2", text="is '\u202egnp.exe' " + "x" * 5000)
    shown = str(fault)
    assert shown.isprintable()
    assert len(shown) < 2100
