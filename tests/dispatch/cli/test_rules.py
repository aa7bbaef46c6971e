"""What a change of policy does to a day, and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.cli import main
from dispatch.intake import load_case
from dispatch.planning.main_road import plan_day
from dispatch.triage.waiting import waiting
from tests.small_case import write_small_case


def test_everybody_without_supply_stands_in_the_lines_of_waiting(tmp_path: Path) -> None:
    day = plan_day(load_case(write_small_case(tmp_path)), work=200, processes=1)
    lines = waiting(day)
    services = sum(1 for card in day.cards.values() if card.kind == "service")
    assert lines["customers"].sum() == pytest.approx(day.summary.customers_out + services)
    out = lines[lines["promised_min"].notna() | (lines["class"] != "P4")]
    assert (out["wait_min"] > 0).all()


def test_a_heavier_grade_moves_its_customers_forward_in_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = write_small_case(tmp_path / "case")
    mine = tmp_path / "mine.yaml"
    assert main(["rules", "new", "--from", "cn", str(mine)]) == 0
    text = mine.read_text(encoding="utf-8")
    assert "{if: {grade: welfare}, then: {weight: 5}}" in text
    mine.write_text(
        text.replace(
            "{if: {grade: welfare}, then: {weight: 5}}", "{if: {grade: welfare}, then: {weight: 90}}"
        ),
        encoding="utf-8",
    )
    words = ["rules", "diff", "cn", str(mine), "--requests", str(case / "requests.csv"), "--case", str(case)]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "customer-minutes" in shown
    assert "mean minutes" in shown
    assert "\nwelfare " in shown
