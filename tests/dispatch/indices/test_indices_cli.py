from __future__ import annotations

import argparse
import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from dispatch.cli.indices import add_arguments, run
from dispatch.indices.interruptions import INTERRUPTIONS, SERVED
from dispatch.indices.names import FAMILIES, NAMES

GOOD = """\
interruption,off_at,on_at,customers,feeder,cause
A,2025-07-01T14:00:00+08:00,2025-07-01T15:30:00+08:00,800,F1,tree
A,2025-07-01T14:00:00+08:00,2025-07-01T17:00:00+08:00,600,F1,tree
A,2025-07-01T14:00:00+08:00,2025-07-01T18:00:00+08:00,600,F1,tree
B,2025-07-02T14:00:00+08:00,2025-07-02T14:03:00+08:00,500,F2,bird
"""


def indices_of(*words: str | Path) -> int:
    """Run the command with these words; its exit status."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A sound file."""
    path = tmp_path / "year.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_a_file_of_interruptions_becomes_indices(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert indices_of(good, "--customers", 2000) == 0
    text = capsys.readouterr().out
    assert "SAIDI                   162.0 min per customer" in text
    assert "AIHC-1 用户平均停电时间: 2.7000 h/户" in text


def test_json_holds_unrounded_figures(good: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert indices_of(good, "--customers", 2000, "--format", "json", "--out", out) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["all"]["saidi_min"] == 162
    assert found["groups"]["feeder"]["F2"]["maifi"] == 0.25
    assert (found["from"], found["to"]) == ("2025-07-01", "2025-07-02")


def test_csv_has_a_row_per_group_and_index(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert indices_of(good, "--customers", 2000, "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    found = {(row["group"], row["name"], row["IEEE 1366"]): float(row["value"]) for row in rows}
    assert found["", "all", "SAIFI"] == 1.0
    assert found["cause", "tree", "SAIDI"] == 162.0
    assert found["month", "2025-07", "CMI"] == 324_000


def test_excel_gives_the_same_as_csv(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = tmp_path / "year.xlsx"
    pd.read_csv(good).to_excel(book, index=False)
    indices_of(good, "--customers", 2000)
    from_csv = capsys.readouterr().out
    indices_of(book, "--customers", 2000)
    assert capsys.readouterr().out == from_csv


def test_customers_served_by_feeder_are_its_base(good: Path, tmp_path: Path) -> None:
    served = tmp_path / "served.csv"
    served.write_text("group,name,customers\nfeeder,F1,4000\n", encoding="utf-8")
    out = tmp_path / "out.json"
    assert indices_of(good, "--customers", 9000, "--served", served, "--format", "json", "--out", out) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["groups"]["feeder"]["F1"]["saifi"] == 0.5


def test_all_faults_of_a_file_are_listed_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "interruption,off_at,on_at,customers,feder\n"
        "A,2025-07-01T14:00:00+08:00,2025-07-01T13:00:00+08:00,10,F1\n"
        "B,2025-07-01T14:00:00,2025-07-01T15:00:00+08:00,10,F1\n"
        "C,2025-07-01T14:00:00+08:00,2025-07-01T15:00:00+08:00,-3,F1\n"
        ",2025-07-01T14:00:00+08:00,soon,ten,F1\n",
        encoding="utf-8",
    )
    assert indices_of(path, "--customers", 100) == 2
    said = capsys.readouterr()
    assert said.out == ""
    for part in (
        "'feder'",
        "feeder",
        "row 2",
        "cannot be back",
        "row 3",
        "row 4",
        "-3",
        "row 5",
        "ten",
        "soon",
    ):
        assert part in said.err, part


def test_times_without_an_offset_are_those_of_the_given_zone(tmp_path: Path) -> None:
    path = tmp_path / "wall.csv"
    path.write_text(
        "interruption,off_at,on_at,customers\nA,2025-07-01T00:30:00,2025-07-01T01:30:00,10\n",
        encoding="utf-8",
    )
    out = tmp_path / "out.json"
    words = ("--customers", 100, "--format", "json", "--out", out)
    assert indices_of(path, *words) == 2
    assert indices_of(path, *words, "--time-zone", "Asia/Shanghai") == 0
    assert json.loads(out.read_text(encoding="utf-8"))["from"] == "2025-07-01"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--time-zone", "Asia/Nowhere"], "unknown time zone"),
        (["--from", "2025-08-01", "--to", "2025-07-01"], "is before"),
        (["--out", "/nowhere/at/all.txt"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(
    good: Path, capsys: pytest.CaptureFixture[str], words: list[str], part: str
) -> None:
    assert indices_of(good, "--customers", 2000, *words) == 2
    assert part in capsys.readouterr().err


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert indices_of(tmp_path / "none.csv", "--customers", 100) == 2
    assert "none.csv" in capsys.readouterr().err


def test_every_column_and_index_is_documented(root: Path) -> None:
    text = (root / "docs" / "indices.md").read_text(encoding="utf-8")
    for table in (INTERRUPTIONS, SERVED):
        for column in table.columns:
            assert f"`{column.name}`" in text, column.name
    for name in NAMES:
        assert name.ieee in text, name.ieee
    for _, title, _ in FAMILIES:
        assert title.split()[0].rstrip("{}") in text, title
