"""Tables as people lay them out: sheets, merged cells, units in headings, open quotes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dispatch.ground.case import Case
from dispatch.ground.errors import InputFaults
from dispatch.indices import read_records
from dispatch.intake import load_case
from dispatch.intake.spelling.moments import Moment, read_moment
from tests.small_case import write_small_case

Rows = list[list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case")


def said(case: Case) -> str:
    return "\n".join(line for each in case.brought for line in each.lines())


def customers(folder: Path) -> tuple[list[str], Rows]:
    with (folder / "customers.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def few(folder: Path, *names: str) -> tuple[list[str], Rows]:
    """Some columns of the customers."""
    header, rows = customers(folder)
    at = [header.index(name) for name in names]
    return list(names), [[row[each] for each in at] for row in rows]


def put(folder: Path, header: list[str], rows: Rows, mark: str = ",") -> Case:
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=mark).writerows([header, *rows])
    return load_case(folder)


def book(folder: Path, change: Callable[[Any, Any], None], rows: list[Any]) -> Case:
    (folder / "customers.csv").unlink()
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "台账"
    for row in rows:
        sheet.append(row)
    change(made, sheet)
    made.save(folder / "customers.xlsx")
    return load_case(folder)


NAMES = ("id", "lon", "lat", "transformer")


def test_a_merged_cell_counts_for_each_of_its_rows(folder: Path) -> None:
    header, rows = few(folder, *NAMES)
    rows.sort(key=lambda row: row[3])
    sound = {row[0]: row[3] for row in rows}

    def merge(_: Any, sheet: Any) -> None:
        starts = [at for at, row in enumerate(rows) if at == 0 or row[3] != rows[at - 1][3]]
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            if end - start > 1:
                sheet.merge_cells(start_row=start + 2, end_row=end + 1, start_column=4, end_column=4)

    case = book(folder, merge, [header, *rows])
    assert case.customers.table["transformer"].to_dict() == sound
    assert "merged cells read in each of their rows" in said(case)


def test_a_hidden_sheet_is_not_read_in_place_of_the_one_that_people_see(folder: Path) -> None:
    header, rows = few(folder, *NAMES)

    def hide(made: Any, _: Any) -> None:
        old = made.create_sheet("old", 0)
        for row in [header, *rows[:3]]:
            old.append(row)
        old.sheet_state = "hidden"

    case = book(folder, hide, [header, *rows])
    assert len(case.customers) == len(rows)
    assert "hidden sheets not read: 1 ('old')" in said(case)


def test_sheets_with_the_same_headings_are_one_table(folder: Path) -> None:
    header, rows = few(folder, *NAMES)

    def second(made: Any, _: Any) -> None:
        more = made.create_sheet("二所")
        for row in [header, *rows[5:]]:
            more.append(row)

    case = book(folder, second, [header, *rows[:5]])
    assert len(case.customers) == len(rows)
    assert "sheets with the same headings read as one table" in said(case)


def test_formulas_that_nobody_has_reckoned_are_named(folder: Path) -> None:
    header, rows = few(folder, *NAMES)
    rows = [[*row[:3], f'="{row[3]}"'] for row in rows]
    with pytest.raises(InputFaults, match="Formulas that were never reckoned"):
        book(folder, lambda *_: None, [header, *rows[:6], *few(folder, *NAMES)[1][6:]])


@pytest.mark.parametrize(
    ("heading", "written", "expected"),
    [
        ("电压(V)", "380", 0.38),
        ("voltage [kV]", "0.38", 0.38),
        ("voltage", "380", 0.38),
        ("电压（伏）", "10000", 10.0),
        ("voltage_kv", "13.2", 13.2),
    ],
)
def test_voltages_are_read_in_the_unit_that_their_heading_states(
    folder: Path, heading: str, written: str, expected: float
) -> None:
    header, rows = few(folder, *NAMES)
    case = put(folder, [*header, heading], [[*row, written] for row in rows])
    assert set(case.customers.table["voltage_kv"]) == {expected}


@pytest.mark.parametrize(
    ("heading", "factor"), [("年用电量(万千瓦时)", 10_000), ("annual energy [MWh]", 1000)]
)
def test_energy_is_read_in_the_unit_that_its_heading_states(
    folder: Path, heading: str, factor: float
) -> None:
    header, rows = few(folder, *NAMES)
    case = put(folder, [*header, heading], [[*row, "0.5"] for row in rows])
    assert set(case.customers.table["energy_kwh_year"]) == {0.5 * factor}


def test_a_row_of_units_and_a_second_row_of_headings_are_no_customers(folder: Path) -> None:
    header, rows = few(folder, *NAMES)
    case = put(folder, [*header, "电压"], [["", "(度)", "(度)", "", "(V)"], *([*row, "380"] for row in rows)])
    assert set(case.customers.table["voltage_kv"]) == {0.38}
    assert not any(each.aside for each in case.brought)
    case = put(folder, ["户号", "经度", "纬度", "台区"], [header, *rows])
    assert len(case.customers) == len(rows)
    assert not any(each.aside for each in case.brought)


@pytest.mark.parametrize(
    ("heading", "form"),
    [
        ("坐标", "{lon},{lat}"),
        ("latlng", "{lat}, {lon}"),
        ("geom", "POINT ({lon} {lat})"),
        ("经纬度", "({lon} {lat})"),
    ],
)
def test_coordinates_in_one_column_are_parted(folder: Path, heading: str, form: str) -> None:
    sound = load_case(folder).customers.lonlat
    _header, rows = few(folder, *NAMES)
    rows = [[row[0], form.format(lon=row[1], lat=row[2]), row[3]] for row in rows]
    case = put(folder, ["id", heading, "transformer"], rows)
    assert abs(case.customers.lonlat - sound).max() < 1e-6


def test_degrees_minutes_and_seconds_apart_by_spaces_are_read(folder: Path) -> None:
    sound = load_case(folder).customers.lonlat
    header, rows = few(folder, *NAMES)

    def parts(text: str) -> str:
        value = abs(float(text))
        minutes = value % 1 * 60
        return f"-{int(value)} {int(minutes)} {minutes % 1 * 60:.4f}"

    case = put(folder, header, [[row[0], parts(row[1]), parts(row[2]), row[3]] for row in rows])
    assert abs(case.customers.lonlat - sound).max() < 1e-6


def test_marks_that_force_text_are_no_part_of_an_id(folder: Path) -> None:
    sound = list(load_case(folder).customers.table.index)
    header, rows = few(folder, *NAMES)
    forced = put(folder, header, [[f'="{row[0]}"', *(f"'{cell}" for cell in row[1:])] for row in rows])
    assert list(forced.customers.table.index) == sound


def test_a_quote_that_is_never_closed_swallows_no_row(folder: Path) -> None:
    header, rows = few(folder, *NAMES, "name")
    lines = [",".join(row) for row in [header, *rows]]
    lines[4] = lines[4].rpartition(",")[0] + ',"Ana'
    (folder / "customers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    case = load_case(folder)
    assert len(case.customers) == len(rows)
    assert "quotes that are opened and never closed taken off: 1 (line 5" in said(case)


def test_an_address_of_two_lines_is_one_cell(folder: Path) -> None:
    header, rows = few(folder, *NAMES, "address")
    case = put(folder, header, [[*row[:4], f"{row[4]}\nsecond floor"] for row in rows])
    assert len(case.customers) == len(rows)


def test_rows_of_nothing_but_null_are_empty_rows(folder: Path) -> None:
    header, rows = few(folder, *NAMES)
    case = put(folder, header, [*rows, *[["NULL", "nan", "", "None"]] * 300])
    assert len(case.customers) == len(rows)
    assert "rows in which every cell is empty left out: 300" in said(case)


def test_a_file_that_holds_everything_twice_is_read_once(folder: Path) -> None:
    header, rows = few(folder, *NAMES)
    case = put(folder, header, [*rows, *rows])
    assert len(case.customers) == len(rows)
    assert f"set aside: row {len(rows) + 2}: is the same in every cell as row 2" in said(case)


def test_one_broken_character_does_not_stop_a_file(folder: Path) -> None:
    header, rows = few(folder, *NAMES, "name")
    text = "\n".join(",".join(row) for row in [header, *([*row[:4], "幸福大街十号院"] for row in rows)])
    broken = text.encode().replace("幸".encode(), b"\xe5\xb9", 1)
    (folder / "customers.csv").write_bytes(broken + b"\n\x1a")
    case = load_case(folder)
    assert len(case.customers) == len(rows)
    assert "characters that nobody can read: 1" in said(case)


def test_a_transformer_may_be_named_by_its_name(folder: Path) -> None:
    header, rows = few(folder, *NAMES)
    names = {"T1": "Cedar", "T2": "Elm", "T3": "Clinic", "T4": "Hazel", "T5": "Alder"}
    case = put(folder, header, [[*row[:3], names[row[3]].upper()] for row in rows])
    assert case.customers.table["transformer"].tolist() == [row[3] for row in rows]


def test_a_request_from_another_decade_is_set_aside(folder: Path) -> None:
    (folder / "requests.csv").write_text(
        "id,received_at,words\nR1,2026-07-14 18:00,no power\nR2,2062-07-14 18:00,no power\n", encoding="utf-8"
    )
    case = load_case(folder)
    assert [each.id for each in case.requests] == ["R1"]
    assert "days after the case's now" in said(case)


def test_a_day_and_a_time_in_two_columns_are_one_moment(folder: Path) -> None:
    (folder / "requests.csv").write_text(
        "工单编号,日期,时间,内容\nR1,2026/7/14,8:05,停电\nR2,2026/7/14,9:10,停电\n", encoding="utf-8"
    )
    case = load_case(folder)
    assert [f"{each.received_at:%Y-%m-%d %H:%M}" for each in case.requests] == [
        "2026-07-14 08:05",
        "2026-07-14 09:10",
    ]


def test_one_depot_in_metres_is_read_as_the_customers_are(folder: Path) -> None:
    from pyproj import Transformer

    turn = Transformer.from_crs("EPSG:4326", "EPSG:32719", always_xy=True)
    header, rows = few(folder, *NAMES)
    sound = load_case(folder)
    metres = [
        [row[0], *(f"{value:.2f}" for value in turn.transform(float(row[1]), float(row[2]))), row[3]]
        for row in rows
    ]
    depots = "id,name,lon,lat\n" + "".join(
        "{},{},{:.2f},{:.2f}\n".format(each.id, each.name, *turn.transform(each.lon, each.lat))
        for each in sound.depots
    )
    (folder / "depots.csv").write_text(depots, encoding="utf-8")
    case = put(folder, header, metres)
    for found, expected in zip(case.depots, sound.depots, strict=True):
        assert abs(found.lon - expected.lon) < 1e-5
        assert abs(found.lat - expected.lat) < 1e-5
    (folder / "customers.csv").unlink()
    write_small_case(folder)
    (folder / "depots.csv").write_text(depots, encoding="utf-8")
    with pytest.raises(InputFaults, match="metres of a projection, and too few to tell which"):
        load_case(folder)


@pytest.mark.parametrize(
    "cell",
    [
        "14-JUL-26 06.05.00 PM",
        "2026-07-14-18.05.00",
        "14.07.26 18:05",
        "Tue Jul 14 18:05:00 2026",
        "14 Jul 26 18:05",
    ],
)
def test_times_as_databases_write_them_have_one_reading(cell: str) -> None:
    found = read_moment(cell)
    assert isinstance(found, Moment)
    assert f"{found.at:%Y-%m-%d %H:%M}" == "2026-07-14 18:05"


def test_letters_of_a_zone_count_only_where_they_are_the_zones_own(folder: Path) -> None:
    (folder / "requests.csv").write_text(
        "id,received_at,words\nR1,Tue Jul 14 18:00:00 CST 2026,no power\n", encoding="utf-8"
    )
    with pytest.raises(InputFaults, match="states the zone CST, which is not America/Santiago's"):
        load_case(folder)


def records(path: Path, text: str) -> Any:
    path.write_text(text, encoding="utf-8")
    return read_records(path, ZoneInfo("Asia/Shanghai"), 100)


def test_an_end_is_reckoned_from_a_length_with_its_unit(tmp_path: Path) -> None:
    text = "停电编号,停电时间,停电时长(分钟),停电户数\nA,2026-01-05 10:00,90,5\n"
    assert records(tmp_path / "i.csv", text).table["minutes"].tolist() == [90]
    text = "停电编号,停电时间,停电时长,停电户数\nA,2026-01-05 10:00,1小时30分,5\n"
    assert records(tmp_path / "j.csv", text).table["minutes"].tolist() == [90]
    with pytest.raises(InputFaults, match="on_at"):
        records(tmp_path / "k.csv", "停电编号,停电时间,停电时长,停电户数\nA,2026-01-05 10:00,90,5\n")


def test_more_customers_out_at_once_than_are_served_is_said(tmp_path: Path) -> None:
    text = (
        "interruption,off_at,on_at,customers\nA,2026-01-05 10:00,2026-01-05 12:00,80\n"
        "B,2026-01-05 11:00,2026-01-05 13:00,80\nC,2026-01-05 13:00,2026-01-05 14:00,80\n"
    )
    said = "\n".join(records(tmp_path / "i.csv", text).brought.lines())
    assert "more customers out at once than are served" in said
    assert "160 of 100" in said


def test_planned_is_told_by_the_words_of_a_utility(tmp_path: Path) -> None:
    text = (
        "停电编号,停电时间,送电时间,停电户数,是否计划停电\nA,2026-01-05 10:00,2026-01-05 12:00,5,计划停电\n"
        "B,2026-01-06 10:00,2026-01-06 12:00,5,故障停电\n"
    )
    assert records(tmp_path / "i.csv", text).table["planned"].tolist() == [True, False]


def test_streets_are_driven_that_the_truck_of_the_settings_fits(folder: Path) -> None:
    nodes = {row["id"]: row for row in csv.DictReader((folder / "roads_nodes.csv").open(encoding="utf-8"))}
    edges = list(csv.DictReader((folder / "roads_edges.csv").open(encoding="utf-8")))
    features = [
        {
            "type": "Feature",
            "properties": {"u": each["u"], "v": each["v"], "maxheight": "3.0" if at in (8, 9) else None},
            "geometry": {
                "type": "LineString",
                "coordinates": [[float(nodes[each[end]][name]) for name in ("lon", "lat")] for end in "uv"],
            },
        }
        for at, each in enumerate(edges)
    ]
    (folder / "roads.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "roads_nodes.csv").unlink()
    (folder / "roads_edges.csv").unlink()
    assert "2 ways too low for the vehicle" in str(load_case(folder).roads.warnings)
    with (folder / "settings.yaml").open("a", encoding="utf-8") as file:
        file.write("truck_height_m: 2.8\n")
    assert "too low" not in str(load_case(folder).roads.warnings)
