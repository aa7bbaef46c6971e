"""The Excel form says the same as the YAML form; formulas, macros and odd cells are refused."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rules import PolicyError, load_policy, pack_names, pack_path, policy_from_text
from rules.excel import read_workbook, write_workbook, yaml_in
from rules.loading import build_policy
from rules.merging import merged_text
from rules.yamlfile import read_yaml

SMALL = """\
# The city's policy.
policy: small
title: {en: Small, zh: 小}
sources:
  s: {title: made up, mark: unverified}   # ask the city
facts:
  beds: {type: integer, en: beds, zh: 床位, low: 0, given: [order]}
lists:
  danger: [wire down, 断线, "a, b"]
stages:
  request:
    - table: kind
      rows:
        # danger first
        - {if: {words: has @danger, kind: missing}, then: {kind: hazard}}
        - {if: {words: "/^no (power|light)/"}, then: {kind: outage}, note: "yes: no supply"}
      otherwise: {then: {kind: enquiry}}
  order:
    - table: cost
      title: {en: Cost, zh: 成本}
      source: s
      note: a note
      gaps: meant
      rows:
        - {if: {beds: "> 100", area: not rural}, then: {drop_cost: 5.5, callback: yes}}
        - if: {customers_out: [3, "5..9"], cel: "beds > 3.0"}
          then: {drop_cost: {cel: "beds * 2.0"}, stock: {fuse: 2, pole: 1}, skills: [hv, lv]}
          source: {drop_cost: s}
        - {if: {beds: "= 7"}, then: {duration_min: 3 h}}
"""


def workbook(tmp_path: Path, text: str = SMALL) -> Path:
    path = tmp_path / "small.xlsx"
    write_workbook(read_yaml(text, "small.yaml"), text, path)
    return path


def edited(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


@pytest.mark.parametrize("name", pack_names())
def test_packs_come_back_from_excel_to_the_byte(name: str, tmp_path: Path) -> None:
    path = pack_path(name)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    book = workbook(tmp_path, text)
    root, version = read_workbook(book), load_policy(name).version
    assert build_policy(root, "book.xlsx").version == version
    assert merged_text(yaml_in(book), root) == text
    assert policy_from_text(merged_text(None, root)).version == version


def test_every_kind_of_cell_survives(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    assert load_policy(book).version == policy_from_text(SMALL).version
    assert merged_text(yaml_in(book), read_workbook(book)) == SMALL


def test_an_edit_in_excel_changes_that_cell_and_keeps_the_comments(tmp_path: Path) -> None:
    def raise_cost(book: Any) -> None:
        sheet = book["cost"]
        column = [cell.value for cell in sheet[1]].index("then drop_cost") + 1
        sheet.cell(2, column).value = 9

    book = edited(workbook(tmp_path), raise_cost)
    text = merged_text(yaml_in(book), read_workbook(book))
    for comment in ("# The city's policy.", "# ask the city", "# danger first"):
        assert comment in text
    assert "drop_cost: 9" in text
    assert policy_from_text(text).version == load_policy(book).version != policy_from_text(SMALL).version


def test_a_row_added_in_excel_arrives(tmp_path: Path) -> None:
    def add(book: Any) -> None:
        sheet = book["kind"]
        sheet.insert_rows(3)
        sheet.cell(3, 1).value = "has dialysis"
        column = [cell.value for cell in sheet[1]].index("then kind") + 1
        sheet.cell(3, column).value = "outage"

    book = edited(workbook(tmp_path), add)
    text = merged_text(yaml_in(book), read_workbook(book))
    assert "# danger first" in text
    policy = policy_from_text(text)
    assert policy.decide("request", {"words": "dialysis centre"}).outcome["kind"] == "outage"
    assert policy.version == load_policy(book).version


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("=1+1", "small.xlsx cost!A2: formula =1+1 is refused"),
        ("=HYPERLINK(\"http://x\")", "formula =HYPERLINK"),
        (dt.datetime(2026, 1, 1), "holds a datetime; expected text, a number, yes or no"),
        ("#REF!", "holds the error #REF!"),
        ("manny", "small.xlsx cost!A2: 'manny' is not a number"),
    ],
)  # fmt: skip
def test_odd_cells_are_refused_with_their_place(value: Any, message: str, tmp_path: Path) -> None:
    def put(book: Any) -> None:
        book["cost"]["A2"].value = value
        if value == "#REF!":
            book["cost"]["A2"].data_type = "e"

    with pytest.raises(PolicyError) as caught:
        load_policy(edited(workbook(tmp_path), put))
    assert message in str(caught.value)


def test_an_unknown_column_is_named(tmp_path: Path) -> None:
    def rename(book: Any) -> None:
        book["cost"]["A1"].value = "if bedds"

    with pytest.raises(PolicyError, match=r"small.xlsx cost!A1: unknown fact 'bedds'; did you mean 'beds'"):
        load_policy(edited(workbook(tmp_path), rename))


def test_a_missing_sheet_is_named(tmp_path: Path) -> None:
    def drop(book: Any) -> None:
        del book["cost"]

    with pytest.raises(PolicyError, match="has no sheet 'cost'"):
        load_policy(edited(workbook(tmp_path), drop))


def test_files_that_are_no_plain_workbooks_are_refused(tmp_path: Path) -> None:
    macros = workbook(tmp_path)
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    text = tmp_path / "text.xlsx"
    text.write_text("no zip")
    old = tmp_path / "old.xlsm"
    old.write_bytes(b"PK")
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(macros.read_bytes()[:2000])
    for path, message in [
        (macros, "holds macros"),
        (text, "is no workbook"),
        (old, "only .xlsx is read"),
        (bomb, "unpacks to 60,000,000 bytes"),
        (cut, "is no workbook"),
        (tmp_path / "none.xlsx", "is no workbook"),
    ]:
        with pytest.raises(PolicyError, match=message):
            load_policy(path)
