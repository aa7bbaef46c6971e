"""Tables as other systems export them: read, repaired where there is one reading, and every repair said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dispatch.ground.case import Case
from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case
from dispatch.intake.spelling.headings import bare
from dispatch.intake.spelling.ids import joined_as
from dispatch.intake.spelling.moments import day_order, read_moment
from dispatch.intake.spelling.numbers import comma_of, read_number
from tests.small_case import write_small_case

HEADER = "id,received_at,words,customer\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case")


def said(case: Case) -> str:
    return "\n".join(line for each in case.brought for line in each.lines())


def requests(folder: Path, text: str, encoding: str = "utf-8") -> Case:
    (folder / "requests.csv").write_text(text, encoding=encoding)
    return load_case(folder)


def workbook(folder: Path, rows: list[list[object]], name: str = "requests") -> Path:
    (folder / f"{name}.csv").unlink(missing_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    path = folder / f"{name}.xlsx"
    book.save(path)
    return path


SPELLINGS = [
    "2026-07-14 18:05",
    "2026/7/14 18:05",
    "2026.7.14 18:05:00",
    "2026年7月14日 18:05",
    "2026年7月14日 下午6点05分",
    "2026年7月14日18时05分",
    "14.07.2026 18:05",
    "14/07/2026 18:05",
    "07/14/2026 6:05 PM",
    "14-Jul-2026 18:05",
    "Jul 14, 2026 6:05 pm",
    "14 de julio de 2026 18:05",
    "20260714180500",
    "46217.753472",
    "2026-07-14T22:05:00Z",
    "2026/7/14 22:05 UTC",
    "2026/07/14 18:05 -0400",
    "1784066700",
    "1784066700000",
    "２０２６/７/１４　１８：０５",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_time_with_one_reading_is_read_in_the_zone_of_the_case(folder: Path, spelling: str) -> None:
    case = requests(folder, HEADER + f'R1,"{spelling}",no power,C01\n')
    assert case.requests[0].received_at == datetime(2026, 7, 14, 18, 5, tzinfo=ZoneInfo("America/Santiago"))
    assert "received_at" in said(case) or "T22:05:00Z" in spelling


@pytest.mark.parametrize("spelling", ["03/04/2026 08:10", "14/07/26 08:10", "31/02/2026 08:10", "2026-07-14"])
def test_a_time_with_two_readings_or_none_is_refused_with_its_place(folder: Path, spelling: str) -> None:
    with pytest.raises(InputFaults, match=r"row 2, column 'received_at'"):
        requests(folder, HEADER + f"R1,{spelling},no power,C01\n")


def test_other_rows_of_the_column_settle_which_number_is_the_day(folder: Path) -> None:
    case = requests(folder, HEADER + "R1,03/04/2026 08:10,no power,C01\nR2,13/04/2026 08:10,no power,C02\n")
    assert [each.received_at.day for each in case.requests] == [3, 13]
    assert "written day first, as other rows of the column show" in said(case)


def test_a_time_that_the_clocks_show_twice_is_not_guessed(folder: Path) -> None:
    with pytest.raises(InputFaults, match="clocks are set back"):
        requests(folder, HEADER + "R1,2026-04-04 23:30,no power,C01\n")


def test_a_column_that_shows_both_orders_is_refused() -> None:
    assert day_order(["13/04/2026", "04/13/2026"]) == "both"
    assert "both orders" in str(read_moment("03/04/2026 10:00", "both"))


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ("1,234.5", ["1,234.5"], 1234.5),
        ("1.234,5", ["1.234,5"], 1234.5),
        ("-29,9045", ["-29,9045"], -29.9045),
        ("1 234 567", ["1 234 567"], 1234567.0),
        ("12,345", ["12,345", "1,234,567"], 12345.0),
        ("12,345", ["12,345", "0,5"], 12.345),
    ],
)
def test_a_comma_means_what_the_column_shows(text: str, column: list[str], value: float) -> None:
    found = read_number(text, comma_of(column))
    assert isinstance(found, tuple)
    assert found[0] == value


def test_a_comma_with_two_readings_is_refused() -> None:
    assert "either 12345 or 12.345" in str(read_number("12,345", comma_of(["12,345"])))


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("交流10kV", "kV", 10.0),
        ("220V", "kV", 0.22),
        ("90 min", "h", 1.5),
        ("31°18'36\"N", "degrees", 31.31),
        ("71°15'36\"W", "degrees", -71.26),
        ("东经121°06′", "degrees", None),
        ("121.5E", "degrees", 121.5),
    ],
)
def test_a_unit_behind_a_number_is_read_with_it(text: str, unit: str, value: float | None) -> None:
    found = read_number(text, "unknown", unit)
    assert (found[0] if isinstance(found, tuple) else None) == (pytest.approx(value) if value else value)


def test_what_programs_do_to_ids_does_not_part_them() -> None:
    assert len({joined_as(each) for each in ("0000000013", "13", "13.0", "１３", " 13 ")}) == 1
    assert joined_as("tr 1") == joined_as("TR1") != joined_as("TR01")
    assert joined_as("000") == joined_as("0")


def test_a_heading_is_the_same_with_its_unit_and_marks() -> None:
    assert bare("电压等级（kV）") == bare("电压等级")
    assert bare("Received_At") == bare("received at")


def test_a_title_a_total_and_a_footer_are_no_rows(folder: Path) -> None:
    header, row = "报修编号,受理时间,报修内容,用户编号", "R1,2026-07-14 18:05,没电,C01"
    text = f"故障报修清单,,,\n{header}\n{row}\n合计,,1,\n制表人：甲,,,\n"
    case = requests(folder, "\n" + text)
    assert [each.id for each in case.requests] == ["R1"]
    report = said(case)
    for part in ("故障报修清单", "合计", "制表人"):
        assert part in report
    assert "requests.csv: 1 rows read, 1 used, 0 set aside" in report


def test_a_header_that_is_repeated_on_each_page_is_no_row(folder: Path) -> None:
    line = "R{0},2026-07-14 18:05,no power,C01\n"
    case = requests(folder, HEADER + line.format(1) + HEADER + line.format(2))
    assert [each.id for each in case.requests] == ["R1", "R2"]
    assert "repeated header" in said(case)


HEADINGS = [
    "户号,户名,用电地址,经度,纬度,所属台区,用电类别,联系电话",
    "Account No,Customer Name,Street Address,Longitude,Latitude,DT ID,Customer Type,Mobile",
    "NIS,Titular,Dirección,Longitud,Latitud,Transformador,Tipo Cliente,Teléfono",
    "UC,Nome Cliente,Endereço,Longitude,Latitude,Trafo,Classe,Telefone",
]


@pytest.mark.parametrize("headings", HEADINGS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_headings_of_four_languages_are_understood(folder: Path, headings: str, encoding: str) -> None:
    if encoding == "gb18030" and "户号" not in headings:
        pytest.skip("a code page of Chinese")
    row = "C01,张三,中山路,-71.255848,-29.90278,T1,residential,100"
    (folder / "customers.csv").write_text(f"{headings}\n{row}\n", encoding=encoding)
    (folder / "requests.csv").write_text(HEADER)
    case = load_case(folder)
    facts = case.customers.facts("C01")
    assert (facts["transformer"], facts["industry"], facts["phone"]) == ("T1", "residential", "100")
    assert "headings read by their meaning" in said(case)


def test_an_export_in_the_code_page_of_the_west_is_read(folder: Path) -> None:
    text = "Reclamo;Fecha;Descripción;Dirección\nR1;14/07/2026 18:05;caída de línea;Calle Ñuñoa 3º\n"
    (request,) = requests(folder, text, "cp1252").requests
    assert (request.words, request.address) == ("caída de línea", "Calle Ñuñoa 3º")


def test_columns_of_programs_are_left_out_and_said(folder: Path) -> None:
    text = (
        ",OBJECTID,Unnamed: 0,id,received_at,words,SHAPE_Length\n0,1,0,R1,2026-07-14T18:05:00Z,no power,3.2\n"
    )
    report = said(requests(folder, text))
    for part in ("column 1 has no name", "'OBJECTID'", "'Unnamed: 0'", "'SHAPE_Length'"):
        assert part in report or "columns not used: 4" in report


def test_a_heading_that_may_be_a_slip_of_the_pen_stays_a_fault(folder: Path) -> None:
    with pytest.raises(InputFaults, match="'custmoer': unknown column; did you mean 'customer'"):
        requests(folder, "id,received_at,words,custmoer\nR1,2026-07-14T18:05:00Z,no power,C01\n")


def test_ids_find_one_another_whatever_a_spreadsheet_did_to_them(folder: Path) -> None:
    path = folder / "customers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("C09,", "00000042,"), encoding="utf-8")
    for written in ("42", "42.0", "４２", " 00000042"):
        case = requests(folder, HEADER + f"R1,2026-07-14T18:05:00Z,no power,{written}\n")
        assert case.requests[0].customer == "00000042"
        assert "R1" in said(case) or "is 00000042" in said(case) or written.strip() == "00000042"


def test_a_number_that_a_spreadsheet_shortened_is_not_joined(folder: Path) -> None:
    with pytest.raises(InputFaults, match=r"its last digits are lost; export it as text"):
        requests(folder, HEADER + "4.20198E+17,2026-07-14T18:05:00Z,no power,C01\n")


def test_excel_numbers_and_texts_of_times_are_read(folder: Path) -> None:
    workbook(
        folder,
        [
            ["报修清单", None, None, None],
            ["报修编号", "受理时间", "报修内容", "用户编号"],
            ["R1", 46217.753472, "没电", "C01"],
            ["R2", "2026/7/14 18:05", "没电", "C02"],
            ["R3", datetime(2026, 7, 14, 18, 5), "没电", "C03"],
        ],
    )
    case = load_case(folder)
    assert {each.received_at.isoformat() for each in case.requests} == {"2026-07-14T18:05:00-04:00"}


def test_the_sheet_that_looks_like_the_table_is_read(folder: Path) -> None:
    path = workbook(folder, [["read me"], ["made on Monday"]])
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("July")
    sheet.append(["id", "received_at", "words"])
    sheet.append(["R1", "2026-07-14T18:05:00Z", "no power"])
    book.save(path)
    case = load_case(folder)
    assert [each.id for each in case.requests] == ["R1"]
    assert "'July'" in said(case)


def many_customers(folder: Path, bad: int, of: int = 60, row: str = "B{0},-71.255848,-29.90278,,\n") -> None:
    good = (f"C{at:02d},-71.255848,-29.90278,T1,\n" for at in range(of - bad))
    rows = [*good, *(row.format(at) for at in range(bad))]
    (folder / "customers.csv").write_text("id,lon,lat,transformer,welfare\n" + "".join(rows))
    (folder / "requests.csv").write_text(HEADER)


def test_a_few_bad_rows_are_set_aside_and_the_rest_is_used(folder: Path) -> None:
    many_customers(folder, bad=3)
    case = load_case(folder)
    (customers,) = (each for each in case.brought if each.file == "customers.csv")
    assert (customers.read, customers.used, len(customers.aside)) == (60, 57, 3)
    assert customers.aside[0].row == 59
    assert customers.aside[0].reasons == ("column 'transformer': is empty; a value is required",)
    assert customers.aside[0].cells["id"] == "B0"


def test_many_bad_rows_refuse_the_file_and_say_how_to_go_on(folder: Path) -> None:
    many_customers(folder, bad=20)
    with pytest.raises(InputFaults, match="20 of 60 rows are bad; up to 5 % are set aside"):
        load_case(folder)
    with (folder / "settings.yaml").open("a") as file:
        file.write("bad_rows_percent: 40\n")
    assert len(load_case(folder).customers) == 40


def test_whoever_depends_on_supply_is_never_set_aside(folder: Path) -> None:
    many_customers(folder, bad=1, row="B{0},-71.255848,-29.90278,,yes\n")
    with pytest.raises(InputFaults, match="column 'transformer': is empty"):
        load_case(folder)


def test_a_call_from_an_unknown_customer_is_kept_without_one(folder: Path) -> None:
    rows = "".join(f"R{at},2026-07-14T18:05:00Z,no power,{name}\n" for at, name in enumerate(("C01", "C99")))
    case = requests(folder, HEADER + rows)
    assert [each.customer for each in case.requests] == ["C01", None]
    assert "there is no customer 'C99'" in said(case)


def test_crews_are_read_whole_or_not_at_all(folder: Path) -> None:
    path = folder / "crews.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2026-07-15T00:00", "midnight", 1))
    with pytest.raises(InputFaults, match=r"crews\.csv: row 2"):
        load_case(folder)


def test_nothing_is_repaired_where_it_was_asked_for(folder: Path) -> None:
    (folder / "requests.csv").write_text(HEADER + "R1,2026-07-14T18:05:00Z,no power,c01\n")
    with pytest.raises(InputFaults, match="there is no customer 'c01'"):
        load_case(folder, strict=True)
    assert load_case(folder).requests[0].customer == "C01"


def test_a_stock_that_nobody_stated_is_not_an_empty_vehicle(folder: Path) -> None:
    path = folder / "crews.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = lines[0].split(",").index("stock")
    rows = [line.split(",") for line in lines]
    rows[1][at], rows[2][at] = "", "nothing"
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    stocks = {each.id: each.stock for each in load_case(folder).crews}
    assert list(stocks.values()) == [None, {}]
