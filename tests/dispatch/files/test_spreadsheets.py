"""Tables for spreadsheets: no cell is taken for a formula, and no number for a text."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from dispatch.files.spreadsheets import harmless, table_csv, write_rows

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "|x", "%0A=1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "O-BR-1", "张三", "-3.5", "+4", 7, -7, None, 1.5])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) == cell


def test_a_table_is_harmless_in_heads_and_cells() -> None:
    table = pd.DataFrame({"=grade": ["=1+1", "A"], "minutes": [-3, 4], "share": [0.5, None]})
    assert table_csv(table) == "'=grade,minutes,share\n'=1+1,-3,0.5\nA,4,\n"


def test_rows_are_harmless() -> None:
    out = io.StringIO()
    write_rows(out, [["outage", "since"], ["=HYPERLINK(1)", "2026-01-01"]])
    assert out.getvalue() == "outage,since\n'=HYPERLINK(1),2026-01-01\n"
