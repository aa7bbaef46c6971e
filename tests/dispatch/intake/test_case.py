"""What a sound case folder becomes."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from dispatch.ground.case import Case, Request
from dispatch.ground.errors import InputFaults
from dispatch.intake import load_case, read_requests
from tests.small_case import write_small_case


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case")


def same_tables(one: Case, other: Case) -> bool:
    return (
        one.requests == other.requests
        and one.crews == other.crews
        and one.depots == other.depots
        and one.customers.table.equals(other.customers.table)
    )


def test_the_small_case_is_read_whole(folder: Path) -> None:
    case = load_case(folder)
    assert case.settings.name == "Small town"
    assert case.settings.zone.key == "America/Santiago"
    assert [crew.id for crew in case.crews] == ["crew-1", "crew-2"]
    assert case.crew_by_id["crew-2"].stock["lv_cable_kit"] == 2
    assert case.depot_by_id["D1"].name == "Harbour yard"
    assert len(case.customers) == 12
    assert case.customers.facts("C03")["welfare"]
    assert case.customers.facts("C03")["name"] == "李明"
    assert case.customers.facts("C01")["energy_kwh_year"] is None
    assert list(case.customers.rows_by_transformer["T4"]) == [8, 9]
    assert case.request_by_id["R3"].kind == "outage"
    assert case.request_by_id["R1"].received_at == datetime(2026, 7, 14, 22, 2, tzinfo=UTC)


def test_now_can_be_given_in_place_of_the_settings(folder: Path) -> None:
    now = datetime(2026, 7, 14, 23, 0, tzinfo=UTC)
    assert load_case(folder, now=now).settings.now == now
    with pytest.raises(InputFaults, match="has no offset"):
        load_case(folder, now=datetime(2026, 7, 14, 23, 0))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_encodings_line_ends_and_delimiters_make_no_difference(
    folder: Path, encoding: str, line_end: str, delimiter: str
) -> None:
    plain = load_case(folder)
    for name in ("customers.csv", "requests.csv"):
        text = (folder / name).read_text(encoding="utf-8").replace(",", delimiter).replace("\n", line_end)
        (folder / name).write_bytes(text.encode(encoding))
    assert same_tables(plain, load_case(folder))


def test_semicolons_may_separate_cells(folder: Path) -> None:
    plain = load_case(folder)
    text = (folder / "customers.csv").read_text(encoding="utf-8").replace(",", ";")
    (folder / "customers.csv").write_text(text, encoding="utf-8")
    assert same_tables(plain, load_case(folder))


def test_a_packed_file_reads_like_the_plain_one(folder: Path) -> None:
    plain = load_case(folder)
    for name in ("customers.csv", "requests.csv"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    assert same_tables(plain, load_case(folder))


def test_empty_lines_and_chinese_headers_are_understood(folder: Path) -> None:
    plain = load_case(folder)
    text = (folder / "depots.csv").read_text().replace("id,name,lon,lat", "驻地编号,驻地,经度,纬度")
    (folder / "depots.csv").write_text(text.replace("\nD2", "\n\n,,,\nD2") + "\n\n", encoding="gb18030")
    assert same_tables(plain, load_case(folder))


def to_workbook(path: Path, times: tuple[str, ...] = ()) -> None:
    """Write a CSV file's rows as an Excel file beside it, with real Excel dates, and drop the CSV file."""
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    book = openpyxl.Workbook()
    sheet = book.active
    for number, line in enumerate(lines):
        cells: list[object] = [cell or None for cell in line]
        for position, name in enumerate(lines[0]):
            if number and name in times and line[position]:
                cells[position] = datetime.fromisoformat(line[position]).replace(tzinfo=None)
            elif number and name in ("people", "lon", "lat") and line[position]:
                cells[position] = float(line[position])
        sheet.append(cells)
    book.save(path.with_suffix(".xlsx"))
    path.unlink()


def test_workbooks_read_like_csv_with_excel_dates_in_the_cases_zone(folder: Path) -> None:
    plain = load_case(folder)
    to_workbook(folder / "crews.csv", ("shift_start", "shift_end"))
    to_workbook(folder / "requests.csv", ("received_at", "appointment_from", "appointment_to"))
    assert same_tables(plain, load_case(folder))


def test_formulas_are_not_executed(folder: Path) -> None:
    to_workbook(folder / "crews.csv")
    book = openpyxl.load_workbook(folder / "crews.xlsx")
    book.active["B2"] = '=HYPERLINK("x","y")'
    book.save(folder / "crews.xlsx")
    with pytest.raises(InputFaults, match=r"crews.xlsx: row 2, column 'name': is empty"):
        load_case(folder)


def test_an_excel_error_is_a_fault(folder: Path) -> None:
    to_workbook(folder / "crews.csv")
    book = openpyxl.load_workbook(folder / "crews.xlsx")
    book.active["B2"].value = "#N/A"
    book.save(folder / "crews.xlsx")
    with pytest.raises(InputFaults, match="holds the Excel error #N/A"):
        load_case(folder)


@pytest.mark.parametrize(("ending", "driver"), [("gpkg", "GPKG"), ("geojson", "GeoJSON")])
@pytest.mark.parametrize("crs", [4326, 32719])
def test_geographic_files_give_the_coordinates(folder: Path, ending: str, driver: str, crs: int) -> None:
    geopandas = pytest.importorskip("geopandas")
    import pandas as pd

    if ending == "geojson" and crs != 4326:
        pytest.skip("GeoJSON is WGS 84")
    plain = load_case(folder)
    for name in ("depots", "customers"):
        table = pd.read_csv(folder / f"{name}.csv")
        points = geopandas.points_from_xy(table.pop("lon"), table.pop("lat"))
        frame = geopandas.GeoDataFrame(table, geometry=points, crs=4326).to_crs(crs)
        frame.to_file(folder / f"{name}.{ending}", driver=driver, layer=name)
        (folder / f"{name}.csv").unlink()
    case = load_case(folder)
    assert [depot.id for depot in case.depots] == [depot.id for depot in plain.depots]
    assert case.depots[0].lon == pytest.approx(plain.depots[0].lon, abs=1e-6)
    drop = ["lon", "lat"]
    assert case.customers.table.drop(columns=drop).equals(plain.customers.table.drop(columns=drop))


def test_a_shift_over_midnight_is_sound_and_breaks_follow_its_start(folder: Path) -> None:
    path = folder / "crews.csv"
    text = path.read_text().replace(
        "21:00-22:30/30", "00:30-01:30/20; 2026-07-14T20:00-04:00/2026-07-14T20:30-04:00/10"
    )
    path.write_text(text)
    crew = load_case(folder).crew_by_id["crew-2"]
    first, second = crew.breaks
    assert (first.earliest.hour, first.duration_min) == (20, 10)
    assert second.earliest == datetime(2026, 7, 15, 4, 30, tzinfo=UTC)
    assert second.latest - second.earliest == timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        # Clocks in Santiago go forward on 6 September 2026 at 00:00 and back on 5 April at 00:00.
        ("2026-09-05T20:00:00-04:00", "2026-09-06T05:00:00-03:00", 8),
        ("2026-04-04T20:00:00-03:00", "2026-04-05T03:00:00-04:00", 8),
    ],
)
def test_a_shift_over_a_daylight_saving_change_has_its_true_length(
    folder: Path, start: str, end: str, hours: int
) -> None:
    path = folder / "crews.csv"
    text = (
        path.read_text().replace("2026-07-14T16:00:00-04:00", start).replace("2026-07-15T00:00:00-04:00", end)
    )
    path.write_text(text)
    crew = load_case(folder).crew_by_id["crew-1"]
    assert crew.shift_end - crew.shift_start == timedelta(hours=hours)


def test_times_without_offset_in_a_skipped_or_doubled_hour_say_so(folder: Path) -> None:
    path = folder / "requests.csv"
    text = path.read_text(encoding="utf-8")
    text = text.replace("2026-07-14T18:02:00-04:00", "2026-09-06T00:30:00")
    text = text.replace("2026-07-14T18:04:00-04:00", "2026-04-04T23:30:00")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        load_case(folder)
    assert "has no offset; clocks in America/Santiago skip this time" in str(caught.value)
    assert "2026-04-04T23:30:00-03:00 or 2026-04-04T23:30:00-04:00: clocks are set back" in str(caught.value)


def test_requests_can_be_read_alone(folder: Path) -> None:
    case = load_case(folder)
    assert read_requests(folder / "requests.csv", case.settings.zone) == case.requests
    (folder / "requests.csv").write_text("id,received_at,words\nR1,03/04/2026 18:00,dark\n")
    with pytest.raises(InputFaults, match="either day 3 of month 4"):
        read_requests(folder / "requests.csv", case.settings.zone)


def test_a_file_of_requests_may_be_empty(folder: Path) -> None:
    (folder / "requests.csv").write_text("id,received_at,words\n")
    assert load_case(folder).requests == ()


def test_quoted_cells_may_hold_delimiters_and_line_ends(folder: Path) -> None:
    (folder / "requests.csv").write_text(
        'id,received_at,words\nR1,2026-07-14T18:00:00Z,"dark, all\nof it"\nR2,2026-07-14T18:00:00Z,more\n'
    )
    first, second = load_case(folder).requests
    assert isinstance(first, Request)
    assert first.words == "dark, all\nof it"
    assert second.words == "more"
