"""Hostile files cost a child process its life, never the server's time or memory."""

from __future__ import annotations

import io
import resource
import struct
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from PIL import Image

from dispatch.ground.errors import InputFaults
from dispatch.intake.bounded import Bounds, TooMuch, bounded
from dispatch.intake.uploads import Upload, read_upload
from tests.dispatch.intake.children import die, fault, sleep, spin, stumble, swell, talk, twice
from web.phone.pictures import NoPicture, clean_picture

HEADER = "id,received_at,words,customer,lon,lat"
SANTIAGO = ZoneInfo("America/Santiago")
FIRST, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"""


def test_a_child_gives_its_answer_back() -> None:
    assert bounded(twice, 21) == 42


def test_faults_of_the_file_come_back_as_they_are() -> None:
    with pytest.raises(InputFaults, match="row 2: is wrong"):
        bounded(fault)


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (spin, "time"),
        (sleep, "time"),
        (swell, "memory"),
        (talk, "memory"),
        (die, "memory"),
        (stumble, "broken"),
    ],
)
def test_what_takes_too_much_is_ended_and_named(work, reason: str) -> None:
    seconds = 1.0 if reason == "time" else 30.0
    with pytest.raises(TooMuch) as told:
        bounded(work, bounds=Bounds(seconds=seconds, memory_mb=200))
    assert told.value.reason == reason


def test_a_reader_may_refuse_in_its_own_words() -> None:
    with pytest.raises(NoPicture, match="cannot identify"):
        bounded(clean_picture, b"no picture", False, refuses=NoPicture)


def test_a_third_file_waits_for_its_turn_and_is_told_when_none_comes() -> None:
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(bounded, sleep, bounds=Bounds(seconds=1.5)) for _ in range(2)]
        time.sleep(0.5)
        with pytest.raises(TooMuch) as told:
            bounded(twice, 1, bounds=Bounds(wait_s=0.2))
        assert told.value.reason == "busy"
        for each in slow:
            with pytest.raises(TooMuch):
                each.result()
    assert bounded(twice, 1) == 2


# -- hostile files -----------------------------------------------------------------


def workbook(*parts: tuple[str, str]) -> bytes:
    """A small sound workbook with some parts replaced or added."""
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.save(made)
    replaced = dict(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *replaced}:
            new.writestr(name, replaced[name] if name in replaced else old.read(name))
    return out.getvalue()


def sheet(rows: str) -> bytes:
    return workbook((FIRST, SHEET.format(rows=rows)))


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def lying_zip() -> bytes:
    """A part that says it holds 100 bytes and holds 400 million."""
    body = bytearray(workbook((FIRST, " " * 400_000_000)))
    at = body.rfind(b"PK\x01\x02", 0, body.rfind(FIRST.encode()))
    struct.pack_into("<I", body, at + 24, 100)
    return bytes(body)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>'
ROW = "<row>" + "<c/>" * 190 + "</row>"
HOSTILE = {
    "one far cell": (lambda: sheet('<row r="1048576"><c r="XFD1048576"/></row>'), "row 1048576"),
    "one far column": (lambda: sheet('<row r="1"><c r="XFD1"/></row>'), "column 16384"),
    "a far row without cells": (lambda: sheet('<row r="1048576"/>'), "row 1048576"),
    "millions of empty cells": (lambda: sheet(ROW * 19_000), "more than 1000000 cells"),
    "rows without numbers": (lambda: sheet("<row><c/></row>" * 30_000), "row 20002"),
    "entities in a sheet": (lambda: workbook((FIRST, f"{DOCTYPE}<worksheet>&l11;</worksheet>")), "entity"),
    "entities in the texts": (lambda: workbook((TEXTS, f"{DOCTYPE}<sst>&l11;</sst>")), "entity"),
    "a bomb of zeros": (lambda: workbook((FIRST, " " * 400_000_000)), "unpacks to more"),
    "a zip that lies about its size": (lying_zip, "not an Excel workbook"),
    "300,000 columns": (lambda: text(",".join(map(str, range(300_000))), "1"), "300000 columns"),
    "300,000 lines": (lambda: text(HEADER, "\n" * 300_000), "lines"),
    "900,000 quoted lines": (lambda: text(HEADER, '"\n' * 900_000), "900001 lines"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words_within_seconds(name: str, tmp_path: Path) -> None:
    make, said = HOSTILE[name]
    body = make()
    path = tmp_path / ("requests.xlsx" if body[:2] == b"PK" else "requests.csv")
    path.write_bytes(body)
    before = resource.getrusage(resource.RUSAGE_SELF)
    found: Upload = bounded(read_upload, path, SANTIAGO, frozenset({"C1"}))
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert not found.whole
    assert said in found.faults[0].text
    # What it cost was paid by the child.
    assert after.ru_utime - before.ru_utime < 1.0


def scans() -> bytes:
    """A picture of 16 million points whose last layer is sent ten thousand times."""
    made = io.BytesIO()
    Image.new("L", (4000, 4000)).save(made, "JPEG", progressive=True, quality=1)
    body = made.getvalue()
    last = body.rfind(b"\xff\xda")
    return body[:-2] + body[last:-2] * 10_000 + body[-2:]


def test_a_picture_of_ten_thousand_layers_is_given_up() -> None:
    with pytest.raises(TooMuch):
        bounded(clean_picture, scans(), False, bounds=Bounds(seconds=2.0))


def test_a_picture_is_cleaned_in_a_child_as_here() -> None:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(made, "JPEG", comment=b"here")
    assert bounded(clean_picture, made.getvalue(), False) == clean_picture(made.getvalue(), False)
