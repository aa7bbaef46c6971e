"""The document of the case folder, and the templates, say what the schema says."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from dispatch.ground.case import CrewShift, Request, Settings, Sign
from dispatch.intake.cells import parse
from dispatch.intake.document import case_folder_document
from dispatch.intake.gathering import Gathering
from dispatch.intake.reading import read_raw
from dispatch.intake.schema import CREWS, CUSTOMERS, REQUESTS, SETTINGS, SIGNS, TABLES, Table
from dispatch.intake.settings import read_settings
from dispatch.intake.template import write_excel_template, write_template


def test_the_document_is_what_the_schema_says(root: Path) -> None:
    written = (root / "docs" / "case-folder.md").read_text(encoding="utf-8")
    assert written == case_folder_document(), "python -m dispatch.intake.document > docs/case-folder.md"


@pytest.mark.parametrize(
    ("table", "record"),
    [(SETTINGS, Settings), (REQUESTS, Request), (CREWS, CrewShift), (SIGNS, Sign)],
    ids=lambda item: str(item)[:9],
)
def test_the_schema_has_the_fields_of_the_record(table: Table, record: type) -> None:
    assert set(table.column_by_name) == set(record.__dataclass_fields__)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_example_is_a_sound_value(table: Table, tmp_path: Path) -> None:
    write_template(tmp_path)
    faults = Gathering()
    raw = read_raw(tmp_path / f"{table.name}.csv", table, faults)
    assert raw is not None
    parsed = parse(raw, table, faults)
    assert not faults.faults
    assert len(parsed) == 1
    (record,) = parsed.records()
    assert all(record[column.name] is not None for column in table.columns)


def test_the_template_of_the_settings_can_be_read(tmp_path: Path) -> None:
    write_template(tmp_path)
    faults = Gathering()
    settings = read_settings(tmp_path / "settings.yaml", faults)
    assert not faults.faults
    assert settings is not None
    assert settings.language == "en"


def test_a_template_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "crews.csv").write_text("mine")
    written = write_template(tmp_path)
    assert tmp_path / "crews.csv" not in written
    assert (tmp_path / "crews.csv").read_text() == "mine"


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("table", [REQUESTS, CREWS, CUSTOMERS], ids=lambda table: table.name)
def test_a_filled_in_workbook_template_can_be_read(table: Table, chinese: bool, tmp_path: Path) -> None:
    path = tmp_path / f"{table.name}.xlsx"
    write_excel_template(path, table, chinese=chinese)
    assert openpyxl.load_workbook(path).sheetnames == [table.name]
    faults = Gathering()
    raw = read_raw(path, table, faults)
    assert raw is not None
    assert len(parse(raw, table, faults)) == 1
    assert not faults.faults
