"""Records of interruptions as systems export them: left out, merged or refused, and always counted."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from dispatch.cli.indices import add_arguments, run

HEAD = "interruption,off_at,on_at,customers\n"
NAMED = "interruption,off_at,on_at,customer\n"


@pytest.fixture
def said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command on a text; its exit status, the figures and what it said."""

    def ask(text: str, *words: str, customers: int = 100) -> tuple[int, Any, str]:
        path = tmp_path / "records.csv"
        path.write_text(text, encoding="utf-8")
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        given = [str(path), "--customers", str(customers), "--time-zone", "Asia/Shanghai", "--format", "json"]
        status = run(parser.parse_args([*given, *words]))
        heard = capsys.readouterr()
        return status, json.loads(heard.out) if status == 0 else None, heard.err

    return ask


def test_records_in_other_words_are_read(said: Any) -> None:
    head = "停电事件编号,停电起始时间,停电终止时间,影响户数\n"
    text = head + 'A,2026/1/5 10:00,2026年1月5日 12:00,"1,000"\n合计,,,1000\n'
    status, figures, heard = said(text, customers=2000)
    assert (status, figures["all"]["customer_minutes"]) == (0, 120_000)
    for part in (
        "'影响户数' is customers",
        "row of totals left out",
        "'1,000' is 1000",
        "read in Asia/Shanghai",
    ):
        assert part in heard


def test_a_customer_is_out_once_at_a_time(said: Any) -> None:
    text = NAMED + (
        "A,2026-01-05 10:00,2026-01-05 12:00,C1\n"
        "B,2026-01-05 11:00,2026-01-05 14:00,C1\n"
        "D,2026-01-05 11:30,2026-01-05 11:45,C1\n"
        "E,2026-01-05 15:00,2026-01-05 16:00,C1\n"
        "B,2026-01-05 11:00,2026-01-05 14:00,C2\n"
    )
    _, figures, heard = said(text)
    assert figures["all"]["customer_minutes"] == 240 + 60 + 180
    assert figures["all"]["customer_interruptions"] == 3
    assert "counted as one interruption: 2" in heard


def test_a_row_that_came_twice_counts_once(said: Any) -> None:
    row = "A,2026-01-05 10:00,2026-01-05 12:00,60\n"
    _, figures, heard = said(HEAD + row + row)
    assert figures["all"]["customer_minutes"] == 7200
    assert "row 3: repeats row 2" in heard


def test_steps_of_more_customers_than_there_are_are_named(said: Any) -> None:
    text = HEAD + "A,2026-01-05 10:00,2026-01-05 12:00,60\nA,2026-01-05 10:00,2026-01-05 13:00,60\n"
    _, _, heard = said(text)
    assert "'A': 120 of 100" in heard


def test_what_has_no_end_yet_is_left_out_however_much_it_is(said: Any) -> None:
    rows = "".join(f"O{at},2026-01-05 10:00,,5\n" for at in range(30))
    status, figures, heard = said(HEAD + rows + "A,2026-01-05 10:00,2026-01-05 12:00,12\n")
    assert (status, figures["all"]["customer_minutes"]) == (0, 1440)
    assert "31 rows read, 1 used, 30 set aside" in heard


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("X,2026-01-05 10:00,2026-01-05 09:00,5", "supply cannot be back before it was lost"),
        ("X,2026-01-05 10:00,2026-01-05 12:00,5000", "5,000, more than the 100 customers served"),
        ("X,2026-01-05 10:00,2027-01-05 12:00,5", "makes an interruption of 365 days"),
        ("X,2026-01-05 10:00,2026-01-05 12:00,-5", "must be at least 0"),
        ("X,03/04/2026 10:00,03/04/2026 12:00,5", "either day 3 of month 4"),
    ],
)
def test_an_impossible_record_is_set_aside_or_refused_where_it_is_all_there_is(
    said: Any, row: str, why: str
) -> None:
    status, _, heard = said(HEAD + row + "\n")
    assert status == 2
    assert "row 2" in heard
    assert why in heard
    status, figures, heard = said(HEAD + row + "\nA,2026-01-05 10:00,2026-01-05 12:00,12\n")
    assert (status, figures["all"]["customer_minutes"]) == (0, 1440)
    assert why in heard


def days(count: int, first: int = 1, month: int = 1) -> str:
    return "".join(
        f"{month}-{at},2026-{month:02d}-{at:02d} 10:00,2026-{month:02d}-{at:02d} 1{at % 7 + 1}:00,10\n"
        for at in range(first, first + count)
    )


def test_a_few_days_make_no_threshold(said: Any) -> None:
    _, figures, _ = said(HEAD + days(5))
    assert figures["major_event_days"]["threshold_saidi_min"] is None
    _, figures, _ = said(HEAD + days(5) + days(28, month=2), "--from", "2026-02-01")
    assert figures["major_event_days"]["days_used"] == 33


def test_a_period_longer_than_a_year_gives_the_figures_of_a_year_too(said: Any) -> None:
    text = HEAD + days(5)
    _, figures, _ = said(text, "--from", "2025-01-01", "--to", "2026-02-28")
    assert figures["days"] == 424
    assert figures["per_year"]["saidi_min"] == pytest.approx(figures["all"]["saidi_min"] * 365.25 / 424)
    _, figures, _ = said(text)
    assert figures["per_year"] is None
