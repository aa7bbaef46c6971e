# ruff: noqa: E501 (a message a line)
"""Every way in which a case folder can be wrong, and what is said about it."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from tests.small_case import write_small_case


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case")


def faults_of(folder: Path, **options: int) -> str:
    with pytest.raises(InputFaults) as caught:
        load_case(folder, strict=True, **options)
    return str(caught.value)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


CELLS = [
    ("customers.csv", "id,name", "id,nmae", "customers.csv: column 'nmae': unknown column; did you mean 'name'?"),
    ("customers.csv", ",transformer,", ",trafo,", "customers.csv: column 'transformer': missing column"),
    ("customers.csv", "id,name,address", "id,name,name", "customers.csv: column 'name': stands here twice"),
    ("customers.csv", "-71.255848", "west", "customers.csv: row 2, column 'lon': 'west' is not a number"),
    ("customers.csv", "-71.255848", "NaN", "row 2, column 'lon': 'NaN' is not a number; leave the cell empty"),
    ("customers.csv", "-71.255848", "", "customers.csv: row 2, column 'lon': is empty; a value is required"),
    ("customers.csv", "-71.255848", "inf", "row 2, column 'lon': 'inf' is not a number"),
    ("customers.csv", "C02,", "C01,", "customers.csv: row 3, column 'id': 'C01' is already the id of row 2"),
    ("customers.csv", ",T1,", ",T9,", "customers.csv: row 2, column 'transformer': there is no transformer 'T9'"),
    ("customers.csv", ",T1,", ",,", "customers.csv: row 2, column 'transformer': is empty; a value is required"),
    ("customers.csv", ",0.22,1,", ",0.22,-1,", "row 2, column 'sources': is -1; must be at least 0"),
    ("customers.csv", ",0.22,1,", ",0.22,1.5,", "row 2, column 'sources': is 1.5; must be a whole number"),
    ("customers.csv", ",no,urban,", ",maybe,urban,", "row 2, column 'welfare': 'maybe' is neither yes nor no"),
    ("customers.csv", ",no,urban,", ",no,ruban,", "'ruban' is unknown; did you mean 'urban'?"),
    ("customers.csv", ",0.22,1,", ",0.22,1,9,9,", "customers.csv: row 2: has 16 cells; the header has 14"),
    ("crews.csv", "D1,2026", "D7,2026", "crews.csv: row 2, column 'depot': there is no depot 'D7'; known: D1, D2"),
    ("crews.csv", ";tree,", ";tre,", "crews.csv: row 2, column 'skills': 'tre' is unknown; did you mean 'tree'?"),
    ("crews.csv", ",120,", ",-120,", "crews.csv: row 2, column 'overtime_min': is -120; must be at least 0 min"),
    ("crews.csv", "fuse:4", "fuse:-4", "crews.csv: row 2, column 'stock': 'fuse:-4': quantity is -4; must be at least 0"),
    ("crews.csv", "fuse:4", "fuse:four", "'fuse:four' is no stock; expected what:quantity"),
    ("crews.csv", "2026-07-15T00:00", "2026-07-14T08:00", "row 2, column 'shift_end': 2026-07-14T08:00:00-04:00 is not after"),
    ("crews.csv", "2026-07-15T00:00", "2026-08-15T00:00", "column 'shift_end': makes a shift of 752 h"),
    ("crews.csv", "21:00-22:30/30", "noon", "row 3, column 'breaks': 'noon': is no break; expected FROM-TO/MINUTES"),
    ("crews.csv", "21:00-22:30/30", "21:00-22:30/-5", "'21:00-22:30/-5': lasts '-5'; expected minutes above 0"),
    ("crews.csv", "21:00-22:30/30", "22:30-21:00/30", "'22:30-21:00/30': does not lie within the shift"),
    ("crews.csv", "21:00-22:30/30", "13:00-14:00/30", "'13:00-14:00/30': does not lie within the shift"),
    ("depots.csv", "-71.26,-29.91", "-71.36,-29.91", "depots.csv: row 2, columns 'lon' and 'lat': -71.36, -29.91 is"),
    ("depots.csv", "-71.26,-29.91", "-29.91,-71.26", "is far from the roads; lon and lat look swapped"),
    ("depots.csv", "-71.26,-29.91", "-29.91,104.06", "column 'lat': is 104.06; must be at most 90 degrees; are lon and lat swapped?"),
    ("requests.csv", ",C09,", ",C99,", "requests.csv: row 2, column 'customer': there is no customer 'C99'; did you mean 'C09'?"),
    ("requests.csv", "2026-07-14T18:02:00-04:00", "yesterday", "row 2, column 'received_at': 'yesterday' is not a time"),
    ("requests.csv", "2026-07-14T21:00", "2026-07-14T17:00", "row 6, column 'appointment_to': 2026-07-14T17:00:00-04:00 is before 2026-07-14T19:00:00-04:00: the window closes before it opens"),
    ("requests.csv", "-71.255848,-29.90278", "-71.255848,", "row 5, column 'lat': is empty though the other coordinate is given"),
    ("requests.csv", ",outage,", ",outrage,", "'outrage' is unknown; did you mean 'outage'?"),
    ("requests.csv", "2026-07-14T18:02", "0026-07-14T18:02", "is not a likely year"),
    ("settings.yaml", "language: en", "langauge: en", "settings.yaml: line 4, key 'langauge': unknown key; did you mean 'language'?"),
    ("settings.yaml", "language: en", "language: fr", "key 'language': 'fr' is unknown; expected one of en, zh"),
    ("settings.yaml", "time_zone: America/Santiago\n", "", "settings.yaml: key 'time_zone': missing; a value is required"),
    ("settings.yaml", "America/Santiago", "America/Santiego", "is no time zone; expected an IANA name such as Asia/Shanghai; did you mean 'America/Santiago'?"),
    ("settings.yaml", "language: en", "unserved_after_h: -2", "key 'unserved_after_h': is -2; must be above 0 h"),
    ("settings.yaml", "language: en", "name: twice", "line 4, key 'name': stands already in line 1"),
    ("settings.yaml", "language: en", "language: [en, zh]", "key 'language': holds several values; expected one"),
    ("settings.yaml", "language: en", "language: 'en", "is not sound YAML"),
    ("settings.yaml", "language: en", "language: " + "[" * 3000, "settings.yaml:"),
    ("settings.yaml", "policy: cn", "policy: chn", "key 'policy': there is no built-in policy 'chn'"),
    ("settings.yaml", "policy: cn", "policy: own.yaml", "key 'policy': there is no file 'own.yaml' here"),
    ("settings.yaml", "policy: cn", "policy: ../own.yaml", "'../own.yaml' is a path; expected a file name of this folder"),
    ("grid/lines.csv", "L1,B1,B2", "L1,B1,B99", "B99"),
    ("roads_edges.csv", "n00,n10,200", "n00,n10,-200", "-200"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "said"), CELLS, ids=[said[:60] for *_, said in CELLS])
def test_a_wrong_cell_is_named_with_its_place_and_what_was_expected(
    folder: Path, name: str, old: str, new: str, said: str
) -> None:
    edit(folder / name, old, new)
    assert said in faults_of(folder)


def test_faults_of_all_files_are_listed_at_once(folder: Path) -> None:
    edit(folder / "settings.yaml", "language: en", "language: fr")
    edit(folder / "customers.csv", "-71.255848", "west")
    edit(folder / "crews.csv", "D1,2026", "D7,2026")
    edit(folder / "requests.csv", ",C09,", ",C99,")
    edit(folder / "roads_edges.csv", "n00,n10,200", "n00,n10,-200")
    message = faults_of(folder)
    for file in ("settings.yaml", "customers.csv", "crews.csv", "requests.csv", "roads_edges.csv"):
        assert file in message
    assert message.endswith("5 faults")


def test_the_first_fifty_faults_are_shown_with_the_count(folder: Path) -> None:
    header, *_ = (folder / "customers.csv").read_text(encoding="utf-8").splitlines()
    width = header.count(",")
    rows = [f"C{row},a,b,-71.25,-29.91,T1" + "," * (width - 5) for row in range(300)]
    rows = [row.replace("T1", "T77") if int(row[1:].split(",")[0]) % 2 else row for row in rows]
    (folder / "customers.csv").write_text("\n".join([header, *rows]))
    (folder / "requests.csv").write_text("id,received_at,words\n")
    message = faults_of(folder)
    assert message.count("there is no transformer 'T77'") == 50
    assert message.endswith("... and 100 more\n150 faults")


def test_columns_swapped_in_every_row_are_one_fault(folder: Path) -> None:
    edit(folder / "customers.csv", "id,name,address,lon,lat", "id,name,address,lat,lon")
    message = faults_of(folder)
    assert "customers.csv: columns 'lon' and 'lat': look swapped in all 12 rows that have them" in message
    assert message.endswith("1 fault")


def test_a_crew_that_starts_off_the_network_is_a_fault(folder: Path) -> None:
    path = folder / "crews.csv"
    lines = path.read_text().splitlines()
    lines = [lines[0] + ",lon,lat", lines[1] + ",-70.9,-29.91", lines[2] + ",,"]
    path.write_text("\n".join(lines))
    said = "crews.csv: row 2, columns 'lon' and 'lat': -70.9, -29.91 is 34 km from the nearest road; at most 2,000 m"
    assert said in faults_of(folder)


def make_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(2 * 2**30)


def make_cyrillic(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").replace("Ana Rojas", "ЖЮЪ").encode("cp1251", "replace"))


FILES: list[tuple[str, Callable[[Path], None], str]] = [
    ("customers.csv", make_directory, "customers.csv: is a directory; a file was expected"),
    ("settings.yaml", make_directory, "settings.yaml: is a directory; a file was expected"),
    ("customers.csv", make_huge, "customers.csv: has 2 GB; the limit is 512 MB"),
    ("roads_edges.csv", make_huge, "roads_edges.csv: has 2 GB; the limit is 512 MB"),
    ("grid/lines.csv", make_huge, "lines.csv: has 2 GB; the limit is 512 MB"),
    ("customers.csv", lambda path: path.write_bytes(b""), "customers.csv: is empty"),
    ("customers.csv", lambda path: path.write_bytes(b"\xff\xfe\x00\xd8\x00\x41"), "neither UTF-8, UTF-16 nor GB18030"),
    ("customers.csv", make_cyrillic, "customers.csv: is neither UTF-8, UTF-16 nor GB18030 text (line 2); save it as UTF-8"),
    ("customers.csv", lambda path: path.write_text("id\n"), "column 'lon': missing column; the only column found is 'id'"),
    ("depots.csv", lambda path: path.write_text("id,name,lon,lat\n"), "depots.csv: has a header but no row"),
    ("depots.csv", lambda path: path.rename(path.with_name("depot.csv")), "depots: missing; expected depots.csv or depots.xlsx"),
    ("depots.csv", lambda path: path.rename(path.with_name("depot.csv")), "is 'depot.csv' meant?"),
    ("roads_nodes.csv", lambda path: path.rename(path.with_name("road.csv")), "roads: missing; expected roads_nodes.csv"),
    ("depots.csv", lambda path: path.with_suffix(".xlsx").write_bytes(b"x"), "depots.csv and depots.xlsx are both there"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "damage", "said"), FILES, ids=[said[:60] for *_, said in FILES])
def test_a_file_that_cannot_be_used_says_why(
    folder: Path, name: str, damage: Callable[[Path], None], said: str
) -> None:
    damage(folder / name)
    assert said in faults_of(folder)


def test_a_truncated_gzip_is_a_fault_and_not_half_a_file(folder: Path) -> None:
    path = folder / "customers.csv"
    packed = gzip.compress(path.read_bytes())
    path.unlink()
    (folder / "customers.csv.gz").write_bytes(packed[: len(packed) // 2])
    assert "customers.csv.gz: is cut short or not a gzip file" in faults_of(folder)


def test_a_gzip_that_unpacks_past_the_limit_is_refused(folder: Path) -> None:
    (folder / "customers.csv").unlink()
    (folder / "customers.csv.gz").write_bytes(gzip.compress(b"0" * 3_000_000))
    message = faults_of(folder, max_bytes=1_000_000)
    assert "customers.csv.gz: unpacks to more than 976.6 kB, the limit" in message


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_truncated_workbook_is_a_fault(folder: Path, share: float) -> None:
    path = folder / "crews.xlsx"
    (folder / "crews.csv").unlink()
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "crews.xlsx: is cut short or not an Excel workbook" in faults_of(folder)


def test_a_truncated_geopackage_is_a_fault(folder: Path) -> None:
    geopandas = pytest.importorskip("geopandas")
    (folder / "depots.csv").unlink()
    path = folder / "depots.gpkg"
    frame = geopandas.GeoDataFrame(
        {"id": ["D1"], "name": ["x"]}, geometry=geopandas.points_from_xy([-71.26], [-29.91]), crs=4326
    )
    frame.to_file(path, layer="depots")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    assert "depots.gpkg: is cut short or not a sound geographic file" in faults_of(folder)


def test_a_truncated_grid_geopackage_is_a_fault(folder: Path) -> None:
    for part in (folder / "grid").iterdir():
        part.unlink()
    (folder / "grid").rmdir()
    (folder / "grid.gpkg").write_bytes(b"SQLite format 3\x00 and no more")
    assert "grid.gpkg" in faults_of(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_fault(folder: Path) -> None:
    (folder / "customers.csv").chmod(0)
    assert "customers.csv: cannot be read: permission denied" in faults_of(folder)


def test_a_case_that_is_a_file_or_absent_is_a_fault(folder: Path) -> None:
    assert "is a file; a case is a folder" in faults_of(folder / "customers.csv")
    assert "does not exist" in faults_of(folder / "nowhere")


def test_an_island_without_a_source_is_listed_with_the_other_faults(folder: Path) -> None:
    with (folder / "grid" / "buses.csv").open("a") as file:
        file.write("B20,-71.2579,-29.909,bus,,,13.2\nB21,-71.2579,-29.908,bus,,,13.2\n")
    with (folder / "grid" / "lines.csv").open("a") as file:
        file.write("L20,B20,B21,100,overhead,\n")
    with (folder / "grid" / "transformers.csv").open("a") as file:
        file.write("T20,B21,100,Lost,-71.2579,-29.908\n")
    edit(folder / "requests.csv", ",C09,", ",C99,")
    message = faults_of(folder)
    assert "C99" in message
    assert "B20" in message or "T20" in message or "L20" in message


def test_a_loop_in_the_grid_is_listed(folder: Path) -> None:
    edit(
        folder / "grid" / "switches.csv", "TIE-1,B8,B4,switch,manual,open", "TIE-1,B8,B4,switch,manual,closed"
    )
    assert faults_of(folder)


def test_roads_in_two_large_pieces_are_a_fault(folder: Path) -> None:
    path = folder / "roads_edges.csv"
    crossing = [("n2", "n3"), ("n3", "n2")]
    kept = [
        line
        for line in path.read_text().splitlines()
        if not any(line.startswith(a) and f",{b}" in line for a, b in crossing)
    ]
    path.write_text("\n".join(kept))
    assert "roads_nodes.csv" in faults_of(folder)


def test_a_disk_that_fails_while_reading_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(path: Path, **_: object) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr("dispatch.intake.case.load_roads", failing)
    assert "cannot be read: Input/output error" in faults_of(folder)
