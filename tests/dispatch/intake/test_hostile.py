"""Damaged, random and hostile files: a case or a list of faults, never anything else."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.ground.case import Case
from dispatch.ground.errors import Fault, InputFaults
from dispatch.intake import load_case, read_requests
from dispatch.intake.gathering import Gathering
from dispatch.intake.reading import read_raw
from dispatch.intake.schema import DEPOTS
from dispatch.intake.times import Zone
from tests.small_case import write_small_case

SHANGHAI = ZoneInfo("Asia/Shanghai")
Read = TypeVar("Read")

FILES = (
    "settings.yaml",
    "customers.csv",
    "crews.csv",
    "depots.csv",
    "requests.csv",
    "roads_nodes.csv",
    "roads_edges.csv",
    "grid/buses.csv",
    "grid/lines.csv",
    "grid/switches.csv",
    "grid/transformers.csv",
)
JUNK = (
    "",
    "\x00",
    "\ufeff",
    '"',
    "''",
    ";",
    "\t",
    "\r",
    "-",
    "nan",
    "1e999",
    "=1+1",
    "{",
    "[" * 400,
    "&a *a",
    "!!x",
    "0" * 400,
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield write_small_case(Path(name) / "case")


def case_or_faults(read: Callable[[], Read]) -> Read | tuple[Fault, ...]:
    try:
        return read()
    except InputFaults as found:
        return found.faults


@settings(max_examples=80, deadline=None)
@given(
    name=st.sampled_from(FILES),
    at=st.floats(min_value=0, max_value=1),
    cut=st.integers(min_value=0, max_value=40),
    junk=st.one_of(
        st.sampled_from(JUNK).map(str.encode), st.binary(max_size=12), st.text(max_size=8).map(str.encode)
    ),
)
def test_a_damaged_file_gives_faults_or_a_case(
    folder: Path, name: str, at: float, cut: int, junk: bytes
) -> None:
    path = folder / name
    sound = path.read_bytes()
    place = int(at * len(sound))
    try:
        path.write_bytes(sound[:place] + junk + sound[place + cut :])
        found = case_or_faults(lambda: load_case(folder))
        assert found
        assert isinstance(found, Case) or all(fault.file and fault.text for fault in found)
    finally:
        path.write_bytes(sound)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([".csv", ".xlsx", ".csv.gz", ".geojson", ".gpkg"]))
def test_any_bytes_as_a_file_give_faults(content: bytes, ending: str) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / f"requests{ending}"
        path.write_bytes(content)
        found = case_or_faults(lambda: read_requests(path, SHANGHAI))
        assert isinstance(found, tuple)


words = st.text(alphabet="abZ 李电;,\"'\n|-é", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(
    st.lists(st.tuples(words, words), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_written_table_is_read_back(
    cells: list[tuple[str, str]], delimiter: str, encoding: str, line_end: str
) -> None:
    rows = [(name, label, "1", "2") for name, label in cells]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([("id", "name", "lon", "lat"), *rows])
    content = text.getvalue().encode(encoding, errors="replace")
    faults = Gathering()
    with TemporaryDirectory() as name:
        path = Path(name) / "depots.csv"
        path.write_bytes(content)
        raw = read_raw(path, DEPOTS, faults)
    assert not faults.faults
    assert raw is not None
    expected = [
        tuple(cell.encode(encoding, errors="replace").decode(encoding).strip() for cell in row)
        for row in rows
    ]
    assert (
        list(zip(*(raw.columns[name].tolist() for name in ("id", "name", "lon", "lat")), strict=True))
        == expected
    )


@pytest.mark.parametrize(
    ("wall", "said"),
    [
        (datetime(2026, 9, 6, 0, 30), "clocks in America/Santiago skip this time"),
        (datetime(2026, 4, 4, 23, 30), "clocks are set back; write it as text with an offset"),
    ],
)
def test_an_excel_date_in_a_skipped_or_doubled_hour_is_a_fault(
    tmp_path: Path, wall: datetime, said: str
) -> None:
    folder = write_small_case(tmp_path / "case")
    book = openpyxl.Workbook()
    book.active.append(["id", "received_at", "words"])
    book.active.append(["R1", wall, "dark"])
    book.save(folder / "requests.xlsx")
    (folder / "requests.csv").unlink()
    with pytest.raises(InputFaults) as caught:
        load_case(folder)
    assert "requests.xlsx: row 2, column 'received_at'" in str(caught.value)
    assert said in str(caught.value)


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "requests.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    with pytest.raises(InputFaults, match="unpacks to more than the limit"):
        read_requests(path, SHANGHAI, max_bytes=1_000_000)


def test_a_workbook_under_the_name_of_a_text_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "requests.csv"
    openpyxl.Workbook().save(path)
    with pytest.raises(InputFaults, match="is a workbook or a zip archive under a wrong name"):
        read_requests(path, SHANGHAI)


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_the_next_wall_time_shows_it_and_is_not_before(start: datetime, hour: int, minute: int) -> None:
    info = ZoneInfo("America/Santiago")
    after = start.replace(tzinfo=ZoneInfo("UTC"))
    found = Zone(info).next_wall(f"{hour:02d}:{minute:02d}", after)
    assert found is not None
    local = found.astimezone(info)
    assert (local.hour, local.minute) == (hour, minute)
    assert found >= after.replace(second=0, microsecond=0)
    assert (found - after).total_seconds() <= 49 * 3600


def test_a_hundred_thousand_wrong_rows_are_counted_quickly(tmp_path: Path) -> None:
    folder = write_small_case(tmp_path / "case")
    rows = [f"C{row},x,y,-71.25,-29.91,T{row % 1000 + 50}" for row in range(100_000)]
    (folder / "customers.csv").write_text("\n".join(["id,name,address,lon,lat,transformer", *rows]))
    (folder / "requests.csv").write_text("id,received_at,words\n")
    with pytest.raises(InputFaults) as caught:
        load_case(folder)
    assert str(caught.value).endswith("100000 faults")
    assert np.char.count(str(caught.value), "\n") == 51
