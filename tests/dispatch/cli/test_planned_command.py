"""`gridcrew planned` on the small case: effects, notices, conflicts and other ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dispatch.cli import main
from tests.small_case import write_small_case

HEADER = "id,start,end,open,close,live_line,urgent,reason"
SOON, LATER = "2026-07-16T09:00:00-04:00", "2026-07-30T09:00:00-04:00"
END = "2026-07-30T13:00:00-04:00"


def planned(folder: Path, *rows: str) -> Path:
    """The small case with these plans."""
    write_small_case(folder)
    (folder / "planned.csv").write_text("\n".join((HEADER, *rows)) + "\n")
    return folder


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    """Exit status and what was said of each plan."""
    status = main(["planned", str(folder), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_plan_says_who_is_out_who_is_told_and_by_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, (plan,) = told(planned(tmp_path, f"P1,{LATER},{END},BR-2,,no,no,inspection"), capsys)
    assert (status, plan["customers_out"], plan["customer_minutes"]) == (0, 2, 480)
    assert plan["tell_all_by"] == "2026-07-23T09:00:00-04:00"
    assert plan["conflicts"] == []


def test_important_customers_are_named_and_late_notice_is_a_conflict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = planned(tmp_path, f"P1,{SOON},{END},RC-1,,no,no,")
    assert main(["planned", str(folder)]) == 1
    text = capsys.readouterr().out
    assert "tell C06 South Clinic" in text
    assert "LATE" in text
    assert "IN THE WAY     the public had to be told by 2026-07-09T09:00:00-04:00" in text


def test_a_tie_that_can_carry_the_rest_is_proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, (plan,) = told(planned(tmp_path, f"P1,{LATER},{END},L1,,no,no,"), capsys)
    kinds = {each["kind"]: each["text"] for each in plan["instead"]}  # type: ignore[attr-defined]
    assert "TIE-1" in kinds["ties"]
    assert kinds["live_line"].startswith("under voltage: nobody out")
    assert "generator" in kinds


def test_work_under_voltage_puts_nobody_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, (plan,) = told(planned(tmp_path, f"P1,{LATER},{END},L1,,yes,no,"), capsys)
    assert (plan["customers_out"], plan["switching"], plan["tell_all_by"]) == (0, [], None)


def test_closing_a_tie_between_two_live_feeders_is_a_loop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, (plan,) = told(planned(tmp_path, f"P1,{LATER},{END},FU-1,TIE-1,no,no,"), capsys)
    assert "switching" in {each["kind"] for each in plan["conflicts"]}  # type: ignore[attr-defined]


def test_plans_on_the_same_feeder_at_the_same_time_name_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (f"P1,{LATER},{END},RC-1,,no,no,", f"P2,{LATER},{END},FU-1,,no,no,")
    _, plans = told(planned(tmp_path, *rows), capsys)
    others = [{each["other"] for each in plan["conflicts"]} for plan in plans]  # type: ignore[attr-defined]
    assert "P2" in others[0]
    assert "P1" in others[1]


def test_everything_wrong_with_the_plans_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (f"P1,{LATER},{SOON},RC-9,,no,no,", f"P2,{LATER},{END},L3,,yes,no,")
    assert main(["planned", str(planned(tmp_path, *rows))]) == 2
    text = capsys.readouterr().err
    assert "did you mean 'RC-1'?" in text
    assert "must be after its start" in text
    assert "live-line work is done on overhead lines; L3 is none" in text


def test_a_case_without_plans_asks_for_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["planned", str(write_small_case(tmp_path))]) == 2
    assert "has no planned.csv or planned.xlsx; name a file" in capsys.readouterr().err
