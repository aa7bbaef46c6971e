"""From a utility's own files to a case: proposed once, imported every night, every row accounted for."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from dispatch.cli import main
from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from dispatch.intake.mapping import import_case, propose, read_mapping, write_mapping
from tests.small_case import write_small_case


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The small case as somebody else's files: other names, other headings, a workbook, a title, a total."""
    case = write_small_case(tmp_path / "own")
    files = tmp_path / "files"
    files.mkdir()
    shutil.copytree(case / "grid", files / "grid")
    for name in ("roads_nodes.csv", "roads_edges.csv"):
        shutil.copyfile(case / name, files / name)
    with (case / "customers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["用户台账"])
    sheet.append(["序号", "户号", "户名", "经度", "纬度", "挂接", "用电类别", "状态"])
    for at, row in enumerate(rows):
        place = [float(row["lon"]), float(row["lat"])]
        sheet.append([at + 1, row["id"], "某户", *place, row["transformer"], "居民", "在用"])
    sheet.append([90, "C90", "某户", -71.2558, -29.9027, "T1", "居民", "销户"])
    sheet.append(["合计", len(rows) + 1])
    book.save(files / "用户台账.xlsx")
    (files / "cuadrillas.csv").write_text(
        "Cuadrilla;Nombre;Base;Inicio;Fin;Habilidades\n"
        "K1;Uno;D1;14/07/2026 08:00;14/07/2026 20:00;MT, BT\n"
        "K2;Dos;D2;14/07/2026 08:00;14/07/2026 20:00;BT\n",
        encoding="latin-1",
    )
    shutil.copyfile(case / "depots.csv", files / "bases.csv")
    (files / "reclamos.csv").write_text(
        "Reclamo,Fecha Hora,Descripción,NIS\n"
        "R1,14/07/2026 18:05,sin luz,C01\n"
        "R2,14/07/2026 18:06,sin luz,C99\n",
        encoding="utf-8",
    )
    return files


def proposed(files: Path) -> Path:
    path = files / "mapping.yaml"
    arguments = [str(each) for each in sorted(files.iterdir())]
    assert main(["case", "new", *arguments, "--out", str(path), "--time-zone", "America/Santiago"]) == 0
    return path


def test_a_mapping_is_proposed_by_names_and_by_what_joins(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = read_mapping(proposed(files))
    assert (mapping.grid, mapping.roads) == ("grid", ".")
    assert set(mapping.tables) == {"customers", "crews", "depots", "requests"}
    customers = mapping.tables["customers"]
    # No heading says that 挂接 is the transformer: its cells do.
    assert customers.columns["transformer"] == "挂接"
    assert customers.columns["id"] == "户号"
    assert mapping.tables["crews"].columns["shift_start"] == "Inicio"
    assert "because 100% of its cells are transformers" in capsys.readouterr().out


def test_an_import_is_a_sound_case_with_every_row_accounted_for(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = proposed(files)
    capsys.readouterr()
    assert main(["case", "import", str(path), "--out", str(tmp_path / "case")]) == 0
    said = capsys.readouterr().out
    assert "用户台账.xlsx: 13 rows read, 13 used, 0 set aside" in said
    assert "row of totals left out: 1 (row 16: '合计')" in said
    assert "there is no customer 'C99'" in said
    case = load_case(tmp_path / "case", strict=True)
    assert len(case.customers) == 13
    assert [each.customer for each in case.requests] == ["C01", None]
    assert case.crews[0].skills == {"hv", "lv"}
    assert case.crews[0].shift_start.isoformat() == "2026-07-14T08:00:00-04:00"


def test_what_the_mapping_states_is_done_and_counted(files: Path, tmp_path: Path) -> None:
    path = proposed(files)
    text = path.read_text(encoding="utf-8").replace(
        "    file: 用户台账.xlsx\n",
        "    file: 用户台账.xlsx\n"
        "    where: {状态: 在用}\n"
        "    values: {industry: {居民: residential}}\n"
        "    fixed: {area: rural}\n"
        "    header_row: 2\n",
    )
    path.write_text(text, encoding="utf-8")
    made = import_case(read_mapping(path), tmp_path / "case")
    (customers,) = (each for each in made.brought if each.file == "用户台账.xlsx")
    assert customers.read == customers.used == 12
    said = "\n".join(customers.lines())
    assert "rows not taken, because '状态' is not 在用: 1" in said
    assert "words read as the mapping says: 12" in said
    assert set(made.case.customers.table["industry"]) == {"residential"}
    assert set(made.case.customers.table["area"]) == {"rural"}


def test_an_import_is_repeated_every_night_and_is_the_same(files: Path, tmp_path: Path) -> None:
    path, out = proposed(files), tmp_path / "case"
    import_case(read_mapping(path), out)
    first = {each.name: each.read_bytes() for each in out.rglob("*.*") if each.is_file()}
    import_case(read_mapping(path), out)
    assert {each.name: each.read_bytes() for each in out.rglob("*.*") if each.is_file()} == first


def test_a_failing_import_leaves_the_case_of_yesterday(files: Path, tmp_path: Path) -> None:
    path, out = proposed(files), tmp_path / "case"
    import_case(read_mapping(path), out)
    before = (out / "customers.csv").read_bytes()
    (files / "用户台账.xlsx").write_bytes(b"PK\x03\x04cut")
    with pytest.raises(InputFaults, match="is cut short"):
        import_case(read_mapping(path), out)
    assert (out / "customers.csv").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_folder_that_no_import_made_is_not_replaced(files: Path, tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "mine.txt").write_text("mine")
    with pytest.raises(InputFaults, match="was not made by an import"):
        import_case(read_mapping(proposed(files)), tmp_path / "case")


def test_rows_set_aside_are_in_a_file_that_can_be_brought_in_again(files: Path, tmp_path: Path) -> None:
    path = proposed(files)
    book = openpyxl.load_workbook(files / "用户台账.xlsx")
    sheet = book.active
    assert sheet is not None
    sheet.cell(row=4, column=6).value = "T77"
    book.save(files / "用户台账.xlsx")
    made = import_case(read_mapping(path), tmp_path / "case")
    (aside,) = (each for each in made.aside if "用户台账" in each.name)
    with aside.open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["transformer"], row["source_row"]) == ("T77", "4")
    assert "there is no transformer 'T77'" in row["what_is_wrong"]
    report = json.loads((tmp_path / "case" / "imported.json").read_text(encoding="utf-8"))
    (customers,) = (each for each in report["files"] if each["file"] == "用户台账.xlsx")
    assert (customers["read"], customers["used"], customers["set_aside"][0]["row"]) == (13, 12, 4)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("grid: grid", "gird: grid", "key 'gird': is unknown; did you mean 'grid'?"),
        ("    file: bases.csv", "    file: bases.csv\n    encoding: utf-99", "'utf-99' is no encoding"),
        (
            "    file: bases.csv",
            "    file: bases.csv\n    coordinates: mars",
            "'mars' is no coordinate system",
        ),
        ("    file: bases.csv", "    fil: bases.csv", "key 'fil': is unknown; did you mean 'file'?"),
        ("tables:\n", "tables: [\n", "is not sound YAML"),
        ("  depots:", "  depot:", "tables: 'depot': is unknown; did you mean 'depots'?"),
        ("      depot: Base", "      depto: Base", "'depto': is unknown; did you mean 'depot'?"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said(files: Path, old: str, new: str, said: str) -> None:
    path = proposed(files)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        read_mapping(path)
    assert said in str(caught.value)


def test_a_heading_that_tonight_s_export_lacks_is_said(files: Path, tmp_path: Path) -> None:
    path = proposed(files)
    text = (files / "reclamos.csv").read_text(encoding="utf-8")
    (files / "reclamos.csv").write_text(text.replace("NIS", "Suministro"), encoding="utf-8")
    with pytest.raises(InputFaults, match="column 'NIS': is not in the file; it has Reclamo"):
        import_case(read_mapping(path), tmp_path / "case")


def test_a_list_of_transformers_will_do_where_nobody_drew_the_grid(files: Path, tmp_path: Path) -> None:
    with (files / "grid" / "transformers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = [f"{row['id']},{row['lon']},{row['lat']},F1,{row['rating_kva']}" for row in rows]
    (files / "配变清单.csv").write_text(
        "\n".join(["配变编号,经度,纬度,所属线路,容量", *lines]), encoding="gb18030"
    )
    shutil.rmtree(files / "grid")
    path = proposed(files)
    made = import_case(read_mapping(path), tmp_path / "case")
    assert len(made.case.grid.transformers) == 5
    assert "hangs on the source of its feeder" in made.notes[0]
    assert len(load_case(tmp_path / "case", strict=True).customers) == 13


def test_without_roads_drives_follow_the_grid_and_that_is_said(files: Path, tmp_path: Path) -> None:
    for path in files.glob("roads_*"):
        path.unlink()
    made = import_case(read_mapping(proposed(files)), tmp_path / "case")
    assert made.notes == ("no roads were given: drives follow the lines of the grid, NOT roads",)


def test_nothing_that_can_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputFaults, match="no grid and no list of transformers"):
        propose([tmp_path], tmp_path)


def test_a_mapping_is_read_back_as_it_was_written(files: Path) -> None:
    path = proposed(files)
    mapping = read_mapping(path)
    write_mapping(files / "again.yaml", mapping, {})
    again = read_mapping(files / "again.yaml")
    assert again.tables == mapping.tables
    assert again.settings == mapping.settings


def test_a_model_of_another_program_is_known_by_its_content_and_its_parts_stay_out(tmp_path: Path) -> None:
    model = 'object node { name a; bustype SWING; nominal_voltage 7200; }\n#include "loads.glm"\n'
    (tmp_path / "model.glm").write_text(model)
    (tmp_path / "loads.glm").write_text("object load { name b; parent a; constant_power_A 1000; }\n")
    (tmp_path / "customers.csv").write_text("id,lon,lat,transformer\nc1,0,0,a\n")
    found = propose([tmp_path], tmp_path, time_zone="UTC")
    assert found.mapping.grid == "model.glm"
    assert list(found.mapping.tables) == ["customers"]
    (tmp_path / "model.glm").rename(tmp_path / "town.txt")
    (tmp_path / "loads.glm").unlink()
    assert propose([tmp_path], tmp_path, time_zone="UTC").mapping.grid == "town.txt"
